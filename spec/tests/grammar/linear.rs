//! Matching takes time in proportion to the octets, for every rule of the book: when the input is
//! doubled, so are the steps. Steps are counted, for clocks are no witnesses.

use std::collections::{BTreeMap, BTreeSet};

use wsconform_abnf::generate::{Generator, Limits, Tape};
use wsconform_abnf::program::{Given, NodeKind, Options, Program, RuleId};
use wsconform_abnf::recognise::Matcher;
use wsconform_abnf::{Grammar, Source};
use wsconform_spec::grammar::ENTRIES;

/// What grows by more than this when the input is doubled does not grow in proportion.
const PROPORTION: f64 = 2.1;

#[test]
fn twice_the_octets_take_twice_the_steps() {
    let book = super::book();
    let program = super::program(&book);
    let mut grown = BTreeMap::new();
    let mut measured = 0;
    for (rule, context) in rules_with_contexts(&program) {
        let name = &program.rule(rule).name;
        let given = Given::read(&program, context.iter().copied())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let matcher = Matcher::new(&program, name).unwrap_or_else(|| panic!("no rule {name}"));
        for unit in units(&program, rule, &given) {
            let steps = steps(&matcher, &unit, &given);
            measured += usize::from(steps[2] > 2048);
            if !is_proportional(steps) {
                let shown = String::from_utf8_lossy(&unit).into_owned();
                grown.entry(name.clone()).or_insert((shown, steps));
            }
        }
    }
    assert!(measured > 500, "only {measured} inputs were read to their end");
    assert!(grown.is_empty(), "{grown:#?}");
}

/// A grammar whose readings do multiply is found out.
#[test]
fn what_grows_faster_is_noticed() {
    let source = Source::new("test.abnf", "all = *word\nword = 1*\"x\"\n");
    let grammar = Grammar::read(&source).unwrap_or_else(|found| panic!("{found:?}"));
    let program =
        Program::new(&grammar, Options::default()).unwrap_or_else(|found| panic!("{found:?}"));
    let matcher = Matcher::new(&program, "all").unwrap_or_else(|| panic!("no rule"));
    assert!(!is_proportional(steps(&matcher, b"x", &Given::default())));
}

/// The steps for 512, 1024 and 2048 octets of a repeated unit.
fn steps(matcher: &Matcher<'_>, unit: &[u8], given: &Given) -> [u64; 3] {
    [512, 1024, 2048].map(|octets| {
        let input: Vec<u8> = unit.iter().copied().cycle().take(octets).collect();
        matcher.steps(&input, given)
    })
}

fn is_proportional([short, middle, long]: [u64; 3]) -> bool {
    let (first, second) = ((middle - short) as f64, (long - middle) as f64);
    second <= first * PROPORTION + 64.0
}

/// Each rule that an entry leads to, with the context of the first that does.
fn rules_with_contexts(
    program: &Program,
) -> Vec<(RuleId, &'static [(&'static str, &'static str)])> {
    let mut rules = BTreeMap::new();
    for entry in ENTRIES {
        let start = program.rule_id(entry.rule).unwrap_or_else(|| panic!("no {}", entry.rule));
        for rule in super::reachable(program, start) {
            // A rule that is only a view of another has no name of its own.
            let known = program.rule_id(&program.rule(rule).name);
            rules.entry(known.unwrap_or(rule)).or_insert(entry.context);
        }
    }
    rules
        .into_iter()
        .filter(|(rule, _)| program.rule_id(&program.rule(*rule).name).is_some())
        .collect()
}

/// What is repeated to make inputs: single octets, what the rule's own terminals are, and sentences
/// of the rule and of those that it refers to.
fn units(program: &Program, rule: RuleId, given: &Given) -> BTreeSet<Vec<u8>> {
    let mut units: BTreeSet<Vec<u8>> =
        [b"a", b"0", b" ", b",", b";", b"(", b"\"", b"\n", b"\x81", b"\0"]
            .map(|one| one.to_vec())
            .into();
    let mut names = vec![program.rule(rule).name.clone()];
    super::each_node(program, rule, &mut |node| match &program.node(node).kind {
        NodeKind::Reference(reference) => names.push(program.rule(reference.rule).name.clone()),
        NodeKind::Terminal(terminal) => {
            for string in terminal.strings.iter().take(3) {
                units.insert(string.iter().filter_map(|set| set.nth(0)).collect());
            }
        }
        _ => {}
    });
    let generator = Generator::new(program, given);
    for name in names.iter().take(8) {
        let Some(entry) = program.entry(name) else { continue };
        for seed in 0..3 {
            let limits = Limits { octets: 64, ..Limits::default() };
            if let Ok(sentence) = generator.sentence(entry, Tape::seeded(seed), limits) {
                units.insert(sentence);
            }
        }
    }
    units.remove(&Vec::new());
    units
}
