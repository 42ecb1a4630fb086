//! Random grammars, on the left recursive and ambiguous ones too, against the definition of ABNF
//! worked out by brute force: which rule matches which part of the input, until nothing is added.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use wsconform_abnf::ast::{Alternation, ElementKind, Repetition};
use wsconform_abnf::program::{Given, Options, Program};
use wsconform_abnf::recognise::{Matcher, Node, Outcome, Status, Verdict};
use wsconform_abnf::{Grammar, Source};

const RULES: usize = 4;

/// A grammar over `a` and `b`.
fn grammar() -> impl Strategy<Value = String> {
    prop::collection::vec(body(0), RULES).prop_map(|bodies| written(&bodies))
}

/// A grammar whose rules refer to later ones only.
fn tree_grammar() -> impl Strategy<Value = String> {
    (body(1), body(2), body(3), body(RULES)).prop_map(|(a, b, c, d)| written(&[a, b, c, d]))
}

fn written(bodies: &[String]) -> String {
    bodies.iter().enumerate().map(|(rule, body)| format!("r{rule} = {body}\n")).collect()
}

/// What a rule may stand for that refers to no rule before `first`.
fn body(first: usize) -> impl Strategy<Value = String> {
    let reference = (first..RULES.max(first + 1))
        .prop_map(|rule| if rule < RULES { format!("r{rule}") } else { "*\"a\"".to_owned() });
    let leaf = prop_oneof![
        Just("\"a\"".to_owned()),
        Just("\"b\"".to_owned()),
        Just("\"ab\"".to_owned()),
        Just("\"\"".to_owned()),
        Just("%x61-62".to_owned()),
        reference.clone(),
        reference,
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|all| format!("({})", all.join(" / "))),
            prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|all| format!("({})", all.join(" "))),
            inner.clone().prop_map(|one| format!("[{one}]")),
            (inner, 0..3u8, 0..3u8).prop_map(|(one, min, more)| match more {
                0 => format!("{min}*({one})"),
                more => format!("{min}*{}({one})", min + more),
            }),
        ]
    })
}

/// For each rule and start, where it may end.
struct Table<'g> {
    grammar: &'g Grammar,
    input: &'g [u8],
    ends: Vec<Vec<BTreeSet<usize>>>,
}

impl<'g> Table<'g> {
    fn new(grammar: &'g Grammar, input: &'g [u8]) -> Self {
        let ends = vec![vec![BTreeSet::new(); input.len() + 1]; RULES];
        let mut table = Self { grammar, input, ends };
        loop {
            let mut changed = false;
            for rule in 0..RULES {
                for start in 0..=input.len() {
                    let found = table.alternation(table.body(rule), start);
                    for end in found {
                        changed |= table.ends[rule][start].insert(end);
                    }
                }
            }
            if !changed {
                return table;
            }
        }
    }

    fn body(&self, rule: usize) -> &'g Alternation {
        &self.grammar.rule(&format!("r{rule}")).unwrap().definition().alternation
    }

    fn alternation(&self, alternation: &Alternation, start: usize) -> BTreeSet<usize> {
        let branches = alternation.branches.iter();
        branches.flat_map(|branch| self.parts(&branch.parts, start)).collect()
    }

    fn parts(&self, parts: &[Repetition], start: usize) -> BTreeSet<usize> {
        let mut at = BTreeSet::from([start]);
        for part in parts {
            at = at.into_iter().flat_map(|start| self.repetition(part, start)).collect();
        }
        at
    }

    fn repetition(&self, part: &Repetition, start: usize) -> BTreeSet<usize> {
        let (min, max) = (part.repeat.min(), part.repeat.max());
        let mut found = BTreeSet::new();
        let mut at = BTreeSet::from([start]);
        for count in 0.. {
            if count >= min {
                let before = found.len();
                found.extend(&at);
                if max == Some(count) || (count > min && found.len() == before) {
                    break;
                }
            }
            at = at.into_iter().flat_map(|start| self.element(&part.element.kind, start)).collect();
            if at.is_empty() {
                break;
            }
        }
        found
    }

    fn element(&self, element: &ElementKind, start: usize) -> BTreeSet<usize> {
        let rest = &self.input[start..];
        match element {
            ElementKind::Reference(name) => {
                let rule: usize = name.text[1..].parse().unwrap();
                self.ends[rule][start].clone()
            }
            ElementKind::Group(inner) => self.alternation(inner, start),
            ElementKind::Option(inner) => {
                let mut found = self.alternation(inner, start);
                found.insert(start);
                found
            }
            ElementKind::Text { text, .. } => {
                let matches = rest.to_ascii_lowercase().starts_with(text.as_bytes());
                matches.then_some(start + text.len()).into_iter().collect()
            }
            ElementKind::Range { .. } => rest.first().map(|_| start + 1).into_iter().collect(),
            ElementKind::Values { .. } | ElementKind::Prose(_) => unreachable!(),
        }
    }
}

/// Whether the children of each node are what its rule may consist of, in this order.
fn is_derivation(table: &Table<'_>, program: &Program, node: Node<'_>) -> bool {
    let children: Vec<Node<'_>> = node.children().collect();
    let name = &program.rule(node.rule()).name;
    let rule: usize = name[1..].parse().unwrap();
    let start = BTreeSet::from([(node.span().start, 0)]);
    let found = derive_alternation(table, program, table.body(rule), &start, &children);
    found.contains(&(node.span().end, children.len()))
        && children.into_iter().all(|child| is_derivation(table, program, child))
}

type Places = BTreeSet<(usize, usize)>;

fn derive_alternation(
    table: &Table<'_>,
    program: &Program,
    alternation: &Alternation,
    from: &Places,
    children: &[Node<'_>],
) -> Places {
    let mut found = Places::new();
    for branch in &alternation.branches {
        let mut at = from.clone();
        for part in &branch.parts {
            at = derive_repetition(table, program, part, &at, children);
        }
        found.extend(at);
    }
    found
}

fn derive_repetition(
    table: &Table<'_>,
    program: &Program,
    part: &Repetition,
    from: &Places,
    children: &[Node<'_>],
) -> Places {
    let (min, max) = (part.repeat.min(), part.repeat.max());
    let mut found = Places::new();
    let mut at = from.clone();
    for count in 0..=max.unwrap_or(min + 20) {
        if count >= min {
            found.extend(&at);
        }
        let mut next = Places::new();
        for (start, child) in at {
            match &part.element.kind {
                ElementKind::Reference(name) => {
                    if let Some(node) = children.get(child)
                        && program.rule(node.rule()).name == name.text
                        && node.span().start == start
                    {
                        next.insert((node.span().end, child + 1));
                    }
                }
                ElementKind::Group(inner) => {
                    let one = Places::from([(start, child)]);
                    next.extend(derive_alternation(table, program, inner, &one, children));
                }
                ElementKind::Option(inner) => {
                    let one = Places::from([(start, child)]);
                    next.extend(derive_alternation(table, program, inner, &one, children));
                    next.insert((start, child));
                }
                other => {
                    next.extend(table.element(other, start).into_iter().map(|end| (end, child)));
                }
            }
        }
        at = next;
    }
    found
}

/// Rules with the octets that they take.
type Uses = Vec<(usize, usize, usize)>;

/// Goes on behind a part; whether that led to a match.
type Then<'t> = dyn FnMut(usize, &mut Uses) -> bool + 't;

/// The uses of rules directly in a rule, in the first order that leads from `start` to `end`.
fn first_uses(table: &Table<'_>, rule: usize, start: usize, end: usize) -> Option<Uses> {
    let mut found = None;
    first_alternation(table, table.body(rule), start, &mut Vec::new(), &mut |at, uses| {
        let ends = at == end;
        if ends {
            found = Some(uses.clone());
        }
        ends
    });
    found
}

fn first_alternation(
    table: &Table<'_>,
    alternation: &Alternation,
    at: usize,
    uses: &mut Uses,
    then: &mut Then<'_>,
) -> bool {
    let mut branches = alternation.branches.iter();
    branches.any(|branch| first_parts(table, &branch.parts, at, uses, then))
}

fn first_parts(
    table: &Table<'_>,
    parts: &[Repetition],
    at: usize,
    uses: &mut Uses,
    then: &mut Then<'_>,
) -> bool {
    match parts.split_first() {
        None => then(at, uses),
        Some((part, rest)) => first_repetition(table, part, 0, at, uses, &mut |at, uses| {
            first_parts(table, rest, at, uses, then)
        }),
    }
}

fn first_repetition(
    table: &Table<'_>,
    part: &Repetition,
    count: u64,
    at: usize,
    uses: &mut Uses,
    then: &mut Then<'_>,
) -> bool {
    let (min, max) = (part.repeat.min(), part.repeat.max());
    let once_more = max.is_none_or(|max| count < max)
        && first_element(table, &part.element.kind, at, uses, &mut |next, uses| {
            let in_vain = max.is_none() && count >= min && next == at;
            !in_vain && first_repetition(table, part, count + 1, next, uses, then)
        });
    once_more || (count >= min && then(at, uses))
}

fn first_element(
    table: &Table<'_>,
    element: &ElementKind,
    at: usize,
    uses: &mut Uses,
    then: &mut Then<'_>,
) -> bool {
    match element {
        ElementKind::Reference(name) => {
            let rule: usize = name.text[1..].parse().unwrap();
            let ends = table.ends[rule][at].clone();
            ends.into_iter().rev().any(|end| {
                uses.push((rule, at, end));
                let found = then(end, uses);
                uses.pop();
                found
            })
        }
        ElementKind::Group(inner) => first_alternation(table, inner, at, uses, then),
        ElementKind::Option(inner) => {
            first_alternation(table, inner, at, uses, then) || then(at, uses)
        }
        other => table.element(other, at).into_iter().any(|end| then(end, uses)),
    }
}

/// Whether the children of each node are those of the first tree. How often something is repeated
/// that takes no octets is left open.
fn is_first(table: &Table<'_>, program: &Program, node: Node<'_>) -> bool {
    let number = |node: &Node<'_>| program.rule(node.rule()).name[1..].parse::<usize>().unwrap();
    let takes_octets = |(_, start, end): &(usize, usize, usize)| start < end;
    let children = node.children();
    let uses = children.map(|child| (number(&child), child.span().start, child.span().end));
    let uses: Uses = uses.filter(takes_octets).collect();
    let first = first_uses(table, number(&node), node.span().start, node.span().end);
    first.map(|uses| uses.into_iter().filter(takes_octets).collect()) == Some(uses)
        && node.children().all(|child| is_first(table, program, child))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn answers_are_those_of_the_definition(
        text in grammar(),
        input in prop::collection::vec(prop::sample::select(b"ab".as_slice()), 0..7),
    ) {
        let grammar = Grammar::read(&Source::new("random.abnf", text.as_str())).unwrap();
        let program = Program::new(&grammar, Options::default()).unwrap();
        let matcher = Matcher::new(&program, "r0").unwrap();
        // Rules of one octet have no node of their own unless everything is asked for.
        let matcher = matcher.detail(wsconform_abnf::recognise::Detail::Everything);
        let given = Given::default();
        let table = Table::new(&grammar, &input);
        let compiled = matcher.compile();
        let mut recognition = matcher.start(given.clone());
        for length in 0..=input.len() {
            let part = &input[..length];
            let expected = table.ends[0][0].contains(&length);
            let verdict = matcher.recognise(part, &given);
            let status = recognition.status();
            prop_assert_eq!(matches!(&verdict, Verdict::Match(_)), expected);
            prop_assert_eq!(matches!(status, Status::Match { .. }), expected);
            match &verdict {
                Verdict::Match(tree) => {
                    prop_assert!(is_derivation(&table, &program, tree.root()));
                }
                Verdict::Mismatch(_) => prop_assert_eq!(status, Status::Mismatch),
                Verdict::Incomplete => prop_assert_eq!(status, Status::Incomplete),
                Verdict::Undecided(undecided) => prop_assert!(false, "{}", undecided),
            }
            let may_go_on = match status {
                Status::Match { may_go_on } => may_go_on,
                status => status == Status::Incomplete,
            };
            // What may go on has a longer match, and the other way round, as far as one looks.
            let longer = (length + 1..=input.len()).any(|longer| table.ends[0][0].contains(&longer));
            prop_assert!(may_go_on || !longer, "{}", length);
            if let Some(compiled) = &compiled {
                let expected = match &verdict {
                    Verdict::Match(_) => Outcome::Match,
                    Verdict::Mismatch(mismatch) => Outcome::Mismatch { offset: mismatch.offset },
                    Verdict::Incomplete | Verdict::Undecided(_) => Outcome::Incomplete,
                };
                prop_assert_eq!(compiled.outcome(part), expected);
            }
            if length < input.len() {
                recognition.push(&input[length..=length]);
            }
        }
    }

    #[test]
    fn the_tree_is_the_first(
        text in tree_grammar(),
        input in prop::collection::vec(prop::sample::select(b"ab".as_slice()), 0..6),
    ) {
        let grammar = Grammar::read(&Source::new("random.abnf", text.as_str())).unwrap();
        let program = Program::new(&grammar, Options::default()).unwrap();
        let matcher = Matcher::new(&program, "r0").unwrap();
        let matcher = matcher.detail(wsconform_abnf::recognise::Detail::Everything);
        let table = Table::new(&grammar, &input);
        if let Verdict::Match(tree) = matcher.recognise(&input, &Given::default()) {
            prop_assert!(is_first(&table, &program, tree.root()), "{:?}", tree.nodes().map(|n| (n.rule(), n.span())).collect::<Vec<_>>());
        }
    }
}
