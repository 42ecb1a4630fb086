//! Random grammars with directives against their meaning worked out by brute force: every reading
//! followed to its end on its own, with all that it ever learnt of fields.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use wsconform_abnf::program::{
    Condition, FieldId, Fields, Given, NodeId, NodeKind, Options, Program, Reference, RuleId, View,
};
use wsconform_abnf::recognise::{Matcher, Status, Verdict};
use wsconform_abnf::{Grammar, Source};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Number(u64),
    Octets(Vec<u8>),
}

type Known = BTreeMap<usize, Value>;

struct KnownFields<'k>(&'k Known);

impl Fields for KnownFields<'_> {
    fn number(&self, field: FieldId) -> Option<u64> {
        match self.0.get(&field.index())? {
            Value::Number(number) => Some(*number),
            Value::Octets(_) => None,
        }
    }

    fn octets(&self, field: FieldId) -> Option<&[u8]> {
        match self.0.get(&field.index())? {
            Value::Octets(octets) => Some(octets),
            Value::Number(_) => None,
        }
    }
}

/// Where a reading is, and what it knows.
type Place = (usize, Known);

struct Brute<'p> {
    program: &'p Program,
    binds: BTreeMap<RuleId, BTreeSet<usize>>,
}

impl<'p> Brute<'p> {
    fn new(program: &'p Program) -> Self {
        let binds = program.rules().map(|(id, _)| (id, binds(program, id))).collect();
        Self { program, binds }
    }

    fn reference(&self, one: &Reference, at: &Place, input: &[u8]) -> BTreeSet<Place> {
        let (start, known) = at;
        if let Some(when) = &one.when
            && when.condition.evaluate(&KnownFields(known)) != Some(true)
        {
            return BTreeSet::new();
        }
        let mut end = input.len();
        if let Some(size) = &one.size {
            let size = size
                .octets
                .evaluate(&KnownFields(known))
                .and_then(|size| usize::try_from(size).ok());
            match size.and_then(|size| start.checked_add(size)) {
                Some(wanted) if wanted <= end => end = wanted,
                _ => return BTreeSet::new(),
            }
        }
        let mut seen = input[..end].to_vec();
        if let View::Xor(field) = one.view
            && let Some(key) = KnownFields(known).octets(field).filter(|key| !key.is_empty())
        {
            for (index, octet) in seen[*start..].iter_mut().enumerate() {
                *octet ^= key[index % key.len()];
            }
        }
        let bound = &self.binds[&one.rule];
        let inside: Known = known
            .iter()
            .filter(|(field, _)| !bound.contains(field))
            .map(|(f, v)| (*f, v.clone()))
            .collect();
        let mut found = BTreeSet::new();
        for (stop, inner) in self.rule(one.rule, &(*start, inside), &seen) {
            if one.size.is_some() && stop != end {
                continue;
            }
            let outer = known.iter().filter(|(field, _)| !bound.contains(field));
            let inner = inner.iter().filter(|(field, _)| bound.contains(field));
            found.insert((stop, outer.chain(inner).map(|(f, v)| (*f, v.clone())).collect()));
        }
        found
    }

    fn rule(&self, id: RuleId, at: &Place, input: &[u8]) -> BTreeSet<Place> {
        let rule = self.program.rule(id);
        let mut found = BTreeSet::new();
        'places: for (stop, mut known) in self.node(rule.body, at, input) {
            let octets = &input[at.0..stop];
            let width: u32 = rule.bits.iter().map(|(_, width)| width).sum();
            if octets.len() < width as usize / 8 {
                continue;
            }
            let mut left = width;
            for (field, width) in &rule.bits {
                left -= width;
                let all =
                    octets.iter().take(8).fold(0u128, |all, octet| all << 8 | u128::from(*octet));
                let beyond =
                    octets.len().min(8) as u32 * 8 - rule.bits.iter().map(|(_, w)| w).sum::<u32>();
                let value = (all >> beyond >> left) as u64 & (u64::MAX >> (64 - width));
                known.insert(field.index(), Value::Number(value));
            }
            if let Some((field, encoding)) = rule.uint {
                match encoding.read(octets) {
                    Some(number) => known.insert(field.index(), Value::Number(number)),
                    None => continue 'places,
                };
            }
            if let Some(field) = rule.octets {
                known.insert(field.index(), Value::Octets(octets.to_vec()));
            }
            if rule
                .wheres
                .iter()
                .all(|one| one.condition.evaluate(&KnownFields(&known)) == Some(true))
            {
                found.insert((stop, known));
            }
        }
        found
    }

    fn node(&self, node: NodeId, at: &Place, input: &[u8]) -> BTreeSet<Place> {
        match &self.program.node(node).kind {
            NodeKind::Alternation(branches) => {
                branches.iter().flat_map(|branch| self.node(*branch, at, input)).collect()
            }
            NodeKind::Sequence(parts) => {
                parts.iter().fold(BTreeSet::from([at.clone()]), |places, part| {
                    places.iter().flat_map(|place| self.node(*part, place, input)).collect()
                })
            }
            NodeKind::Repetition { min, max, body } => {
                let mut found = BTreeSet::new();
                let mut places = BTreeSet::from([at.clone()]);
                for count in 0..=max.unwrap_or(u64::MAX).min(min + input.len() as u64 + 2) {
                    let must_stand = count == 0
                        && self
                            .presence(*body)
                            .is_some_and(|one| one.evaluate(&KnownFields(&at.1)) != Some(false));
                    if count >= *min && !must_stand {
                        found.extend(places.iter().cloned());
                    }
                    places =
                        places.iter().flat_map(|place| self.node(*body, place, input)).collect();
                }
                found
            }
            NodeKind::Terminal(terminal) => {
                let rest = &input[at.0..];
                let fits = |string: &&Vec<_>| {
                    let mut pairs = string.iter().zip(rest);
                    string.len() <= rest.len()
                        && pairs.all(|(set, octet): (&wsconform_abnf::program::OctetSet, _)| {
                            set.contains(*octet)
                        })
                };
                let strings = terminal.strings.iter().filter(fits);
                strings.map(|string| (at.0 + string.len(), at.1.clone())).collect()
            }
            NodeKind::Reference(reference) => self.reference(reference, at, input),
            NodeKind::Prose(_) => BTreeSet::new(),
        }
    }

    fn presence(&self, node: NodeId) -> Option<Condition> {
        match &self.program.node(node).kind {
            NodeKind::Reference(one) => one.when.as_ref().map(|when| when.condition.clone()),
            NodeKind::Sequence(parts) => self.presence(parts[0]),
            NodeKind::Alternation(branches) => {
                let all: Option<Vec<_>> = branches.iter().map(|one| self.presence(*one)).collect();
                all?.into_iter().reduce(|a, b| Condition::Or(Box::new(a), Box::new(b)))
            }
            _ => None,
        }
    }
}

/// The fields that a rule, or one below it, may set.
fn binds(program: &Program, start: RuleId) -> BTreeSet<usize> {
    let mut bound = BTreeSet::new();
    let mut rules = vec![start];
    let mut next = 0;
    while let Some(id) = rules.get(next).copied() {
        next += 1;
        let rule = program.rule(id);
        bound.extend(rule.bits.iter().map(|(field, _)| field.index()));
        bound.extend(rule.uint.map(|(field, _)| field.index()));
        bound.extend(rule.octets.map(FieldId::index));
        let mut nodes = vec![rule.body];
        while let Some(node) = nodes.pop() {
            match &program.node(node).kind {
                NodeKind::Alternation(all) | NodeKind::Sequence(all) => nodes.extend(all),
                NodeKind::Repetition { body, .. } => nodes.push(*body),
                NodeKind::Reference(one) if !rules.contains(&one.rule) => rules.push(one.rule),
                _ => {}
            }
        }
    }
    bound
}

/// A rule that calls later rules only: `top`, then `mid`, which is called in several places, then
/// leaves that bind fields.
fn grammar() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "head",
        "[tail]",
        "tail",
        "*(item)",
        "1*2item",
        "(item / tail)",
        "any",
        "[any]",
        "%x00-02",
        "mid",
        "[mid]",
        "*mid",
        "2key",
        "[head]",
    ]);
    let condition = prop::sample::select(vec![
        "flag = 1",
        "flag = 0",
        "count > 1",
        "present(item)",
        "not present(tail)",
        "item = <01>",
        "length(any) = count",
        "flag = 0 or count = 2",
        "not (flag = 1 and count < 2)",
        "key != <00>",
        "count in {0, 2..3}",
        "number = count",
        "length(item) + count <= 2",
    ]);
    let directive = (
        prop::sample::select(vec![
            "where",
            "when tail :",
            "when any :",
            "when item :",
            "when mid :",
        ]),
        condition,
    )
        .prop_map(|(verb, condition)| format!("{verb} {condition}"));
    let size = prop::sample::select(vec![
        "size any : count",
        "size any : count - 1",
        "size tail : number",
        "size mid : count + 1",
        "transform any : xor key",
        "size any : count ; fail 1002 a.b",
    ])
    .prop_map(str::to_owned);
    let body = prop::collection::vec(part, 1..4);
    let directives = prop::collection::vec(prop_oneof![2 => directive, 1 => size], 0..3);
    (body.clone(), directives.clone(), body, directives).prop_map(|(top, of_top, mid, of_mid)| {
        let mid: Vec<_> = mid.into_iter().filter(|part| !part.contains("mid")).collect();
        let mut text = rule("top", &top, &of_top);
        text += &rule("mid", if mid.is_empty() { &["head"] } else { &mid }, &of_mid);
        text += "head = %x00-03 / %x80-83\n  ;@ bits flag:1 count:7\n\
                 tail = 1*%x00-03\n  ;@ uint number : be\n\
                 item = %x01 / %x02.03\nkey = %x00-01\nany = *OCTET\n";
        text
    })
}

/// A rule with those of the directives that speak of its parts, but for the second of a kind.
fn rule(name: &str, parts: &[&str], directives: &[String]) -> String {
    let body = parts.join(" ");
    let mut text = format!("{name} = {body}\n");
    let mut said = BTreeSet::new();
    for directive in directives {
        let part = directive.split(' ').nth(1).unwrap();
        let is_where = directive.starts_with("where");
        let kind = directive.split(' ').next().unwrap();
        if is_where || body.contains(part) && said.insert((kind, part)) {
            text += &format!("  ;@ {directive}\n");
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn answers_are_those_of_the_directives(
        text in grammar(),
        input in prop::collection::vec(prop::sample::select([0, 1, 2, 3, 0x81, 0x82].as_slice()), 0..6),
    ) {
        let grammar = Grammar::read(&Source::new("random.abnf", text.as_str())).unwrap();
        let program = Program::new(&grammar, Options::default()).unwrap();
        let pure = Program::new(&grammar, Options { pure: true, ..Options::default() }).unwrap();
        let given = Given::default();
        let matcher = Matcher::new(&program, "top").unwrap();
        let widened = Matcher::new(&pure, "top").unwrap();
        let brute = Brute::new(&program);
        let entry = program.entry("top").unwrap();
        let mut recognition = matcher.start(given.clone());
        for length in 0..=input.len() {
            let part = &input[..length];
            let places = brute.reference(entry, &(0, Known::new()), part);
            let expected = places.iter().any(|(stop, _)| *stop == length);
            let verdict = matcher.recognise(part, &given);
            prop_assert_eq!(matches!(verdict, Verdict::Match(_)), expected, "{:?}", verdict);
            let status = recognition.status();
            prop_assert_eq!(matches!(status, Status::Match { .. }), expected);
            prop_assert!(status != Status::Mismatch || matches!(verdict, Verdict::Mismatch(_)));
            // Without its directives the language is at least as large.
            let is_wider = matches!(widened.recognise(part, &given), Verdict::Match(_));
            prop_assert!(!expected || is_wider);
            if length < input.len() {
                recognition.push(&input[length..=length]);
            }
        }
        // What was called impossible stayed so.
        if let Verdict::Mismatch(mismatch) = matcher.recognise(&input, &given) {
            prop_assert!(mismatch.offset <= input.len());
        }
    }
}
