//! Looks for sentences with two trees.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use super::values::Definition;
use crate::cover::{Points, members};
use crate::diagnostic::Diagnostic;
use crate::generate::{Generator, Limits, Tape};
use crate::program::{Given, NodeId, NodeKind, OctetSet, Program, Reference, RuleId};
use crate::recognise::{Ambiguity, Matcher, Part, PartKind};

/// So many sentences are made at random for each entry, if the steps allow it.
const RANDOM: u64 = 200;

/// So many steps must be there for each choice, if sentences that make every choice are looked for.
const STEPS_FOR_CHOICE: u64 = 40;

/// Sentences at random are about so long.
const OCTETS: u64 = 48;

/// Sentences that are looked for octet by octet are no longer than this.
const SHORT: usize = 8;

/// More of them are not kept.
const KEPT: usize = 4096;

/// A reading is told by no more parts than this.
const SHOWN: usize = 4;

/// What a search for ambiguities has found. That it found nothing does not say that there is
/// nothing.
#[derive(Clone, Debug, Default)]
pub struct Ambiguities {
    /// A warning for each ambiguous rule, with a sentence that shows it.
    pub found: Vec<Diagnostic>,
    /// How many sentences were looked at.
    pub sentences: u64,
    /// The octets of the longest of them.
    pub longest: usize,
}

impl fmt::Display for Ambiguities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.found.len() {
            0 => f.write_str("no ambiguity found")?,
            1 => f.write_str("1 ambiguous rule found")?,
            count => write!(f, "{count} ambiguous rules found")?,
        }
        let Self { sentences, longest, .. } = self;
        write!(f, " among {sentences} sentences of up to {longest} octets")
    }
}

/// Looks for sentences of the rules `entries` that have two trees, for about `steps` steps of the
/// recogniser in all, shared equally. The same call always finds the same.
///
/// Sentences come from three sources: those that make every choice of an entry, if the steps are
/// enough for so many, some at random, and short ones, octet by octet, with one octet of each kind
/// that the grammar tells apart. Names that
/// are no rules are passed over.
///
/// ```
/// use wsconform_abnf::program::{Given, Options, Program};
/// use wsconform_abnf::{Grammar, Source, ambiguities};
///
/// let text = "host = address / name\naddress = 1*DIGIT\nname = 1*(ALPHA / DIGIT)\n";
/// let grammar = Grammar::read(&Source::new("host.abnf", text)).unwrap();
/// let program = Program::new(&grammar, Options::default()).unwrap();
/// let ambiguities = ambiguities(&program, ["host", "name"], &Given::default(), 100_000);
/// assert_eq!(
///     ambiguities.found[0].to_string(),
///     "host.abnf:1:1: warning: ambiguous rule: \"0\" is `address` or `name`"
/// );
/// ```
pub fn ambiguities<'e>(
    program: &Program,
    entries: impl IntoIterator<Item = &'e str>,
    given: &Given,
    steps: u64,
) -> Ambiguities {
    let entries: Vec<(&str, &Reference)> =
        entries.into_iter().filter_map(|name| Some((name, program.entry(name)?))).collect();
    let generator = Generator::new(program, given);
    let mut found = Found { program, rules: BTreeMap::new(), ambiguities: Ambiguities::default() };
    for (index, (name, entry)) in entries.iter().enumerate() {
        let share =
            steps / entries.len() as u64 + u64::from(index == 0) * (steps % entries.len() as u64);
        let Some(matcher) = Matcher::new(program, name) else { continue };
        let mut search = Search {
            matcher: matcher.step_limit(share),
            given,
            left: share,
            seen: BTreeSet::new(),
            found: &mut found,
        };
        let half = share / 2;
        search.made(&generator, name, entry, half);
        search.short(program, entry.rule);
    }
    let Found { mut ambiguities, rules, .. } = found;
    ambiguities.found = rules.into_values().collect();
    ambiguities
}

/// The sentences of one entry.
struct Search<'s, 'p> {
    matcher: Matcher<'p>,
    given: &'s Given,
    left: u64,
    seen: BTreeSet<Vec<u8>>,
    found: &'s mut Found<'p>,
}

struct Found<'p> {
    program: &'p Program,
    /// By the first variant of each rule, so in the order of the grammar.
    rules: BTreeMap<RuleId, Diagnostic>,
    ambiguities: Ambiguities,
}

impl Search<'_, '_> {
    /// Looks at sentences that a generator makes, until only `keep` steps are left.
    fn made(&mut self, generator: &Generator<'_>, name: &str, entry: &Reference, keep: u64) {
        let points = Points::new(generator.program(), &[entry.rule]);
        let is_affordable = points.len() as u64 * STEPS_FOR_CHOICE <= self.left;
        let members = is_affordable.then(|| members(generator, name, &points, &[])).flatten();
        let sentences = members.into_iter().flat_map(|members| members.sentences);
        for sentence in sentences {
            if self.left <= keep {
                return;
            }
            self.look(&sentence.octets);
        }
        for seed in 0..RANDOM {
            let limits = Limits { octets: OCTETS, repetitions: 2, ..Limits::default() };
            let Ok(octets) = generator.sentence(entry, Tape::seeded(seed), limits) else { return };
            if self.left <= keep {
                return;
            }
            self.look(&octets);
        }
    }

    /// Looks at the short ones.
    fn short(&mut self, program: &Program, rule: RuleId) {
        let octets = kinds(program, rule);
        let mut waiting = VecDeque::from([Vec::new()]);
        while let Some(beginning) = waiting.pop_front() {
            for octet in &octets {
                if self.left == 0 {
                    return;
                }
                let mut longer = beginning.clone();
                longer.push(*octet);
                if self.look(&longer) && longer.len() < SHORT && waiting.len() < KEPT {
                    waiting.push_back(longer);
                }
            }
        }
    }

    /// Looks at one; whether something longer that begins with it might match.
    fn look(&mut self, octets: &[u8]) -> bool {
        if !self.seen.insert(octets.to_vec()) {
            return true;
        }
        let sight = self.matcher.look(octets, self.given);
        // What is not followed takes its time too.
        self.left = self.left.saturating_sub(sight.steps.max(1));
        if sight.is_match {
            let ambiguities = &mut self.found.ambiguities;
            ambiguities.sentences += 1;
            ambiguities.longest = ambiguities.longest.max(octets.len());
        }
        for one in &sight.ambiguities {
            self.found.add(one, octets);
        }
        sight.may_go_on
    }
}

impl Found<'_> {
    fn add(&mut self, ambiguity: &Ambiguity, sentence: &[u8]) {
        let program = self.program;
        let rule = program.rule(ambiguity.rule);
        let definition = Definition::of(rule);
        let mut variants = program.rules().filter(|(_, one)| Definition::of(one) == definition);
        let place = variants.next().map_or(ambiguity.rule, |(id, _)| id);
        if self.rules.contains_key(&place) {
            return;
        }
        let octets = sentence.get(ambiguity.octets.clone()).unwrap_or_default();
        let [first, second] = &ambiguity.readings;
        let tell = |parts: &[Part]| reading(program, parts, sentence);
        let label = format!("{} is {} or {}", shown(octets), tell(first), tell(second));
        let diagnostic = Diagnostic::new(&rule.source, rule.span.clone(), "ambiguous rule", label);
        let whole = format!("the whole sentence: {}", shown(sentence));
        let way = "if only one reading is meant, let the other exclude it: by a narrower form or by \
                   `;@ where`";
        let diagnostic = diagnostic.warning();
        let diagnostic =
            if octets.len() == sentence.len() { diagnostic } else { diagnostic.help(whole) };
        self.rules.insert(place, diagnostic.help(way));
    }
}

/// A reading in a few words.
fn reading(program: &Program, parts: &[Part], sentence: &[u8]) -> String {
    let alone = parts.len() == 1;
    let mut told: Vec<String> = parts
        .iter()
        .take(SHOWN)
        .map(|part| {
            let name = match part.kind {
                PartKind::Rule(rule) => program.rule(rule).name.clone(),
                PartKind::Node(node) => text(program, node, alone),
            };
            let octets = sentence.get(part.octets.clone()).unwrap_or_default();
            if alone { format!("`{name}`") } else { format!("`{name}` {}", shown(octets)) }
        })
        .collect();
    if parts.len() > SHOWN {
        told.push("…".to_owned());
    }
    told.join(", ")
}

/// A node as it is written, with its place if that is asked for.
fn text(program: &Program, node: NodeId, with_place: bool) -> String {
    let source = program.node_source(node);
    let text = source.text().get(program.node(node).span.clone()).unwrap_or_default();
    if !with_place {
        return text.trim().to_owned();
    }
    let location = program.node_location(node);
    format!("{} ({}:{})", text.trim(), location.line, location.column)
}

/// Octets as text if most of them are, otherwise in hexadecimal.
fn shown(octets: &[u8]) -> String {
    const LIMIT: usize = 60;
    let beginning = &octets[..octets.len().min(LIMIT)];
    let more = if octets.len() > LIMIT { " …" } else { "" };
    let printable = beginning.iter().filter(|octet| matches!(octet, b' '..=b'~')).count();
    if printable * 2 >= beginning.len() {
        return format!("\"{}\"{more}", beginning.escape_ascii());
    }
    let octets: Vec<_> = beginning.iter().map(|octet| format!("{octet:02X}")).collect();
    format!("<{}>{more}", octets.join(" "))
}

/// One octet of each kind that a rule, or one below it, tells apart.
fn kinds(program: &Program, rule: RuleId) -> Vec<u8> {
    let mut sets: BTreeSet<OctetSet> = BTreeSet::new();
    let mut seen = BTreeSet::from([rule]);
    let mut waiting = vec![program.rule(rule).body];
    while let Some(node) = waiting.pop() {
        match &program.node(node).kind {
            NodeKind::Alternation(nodes) | NodeKind::Sequence(nodes) => waiting.extend(nodes),
            NodeKind::Repetition { body, .. } => waiting.push(*body),
            NodeKind::Terminal(terminal) => sets.extend(terminal.strings.iter().flatten()),
            NodeKind::Reference(reference) => {
                if seen.insert(reference.rule) {
                    waiting.push(program.rule(reference.rule).body);
                }
            }
            NodeKind::Prose(_) => {}
        }
    }
    let mut kinds: Vec<OctetSet> = vec![OctetSet::ALL];
    for set in &sets {
        let parts = kinds
            .iter()
            .flat_map(|kind| [kind.intersection(*set), kind.intersection(set.complement())]);
        kinds = parts.filter(|kind| !kind.is_empty()).collect();
    }
    let is_used = |kind: &&OctetSet| sets.iter().any(|set| !set.intersection(**kind).is_empty());
    kinds.iter().filter(is_used).filter_map(|kind| kind.nth(0)).collect()
}
