//! The gate: what the grammar of the book can say, the vectors say; and each directive is broken.

#![cfg(feature = "generator")]
// A failed expectation is a failed test.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use wsconform_abnf::cover::{Coverage, Point, Points, members, near_misses};
use wsconform_abnf::generate::Generator;
use wsconform_abnf::program::{Given, Options, Program};
use wsconform_abnf::recognise::{Detail, Matcher, Verdict};
use wsconform_spec::Book;
use wsconform_spec::example::{ActiveSequence, Reader};
use wsconform_spec::grammar::{ENTRIES, Entry, Setting, Setup, StreamReader, entry};
use wsconform_vectors::{Event, Role, Sequence, SetUp, Topic, Vector};

#[test]
fn every_choice_that_can_be_made_is_made() {
    let book = Book::embedded().unwrap();
    let program = Program::new(book.grammar(), Options::default()).unwrap();
    let entries = || ENTRIES.iter().filter(|entry| entry.rule != SCENARIOS);
    let rules: Vec<_> = entries().map(|one| program.rule_id(one.rule).unwrap()).collect();
    let points = Points::new(&program, &rules);
    let mut coverage = Coverage::new(&points);
    vectors(&program, &mut coverage);
    let reachable = reachable(&program, entries(), &points);
    assert!(reachable.len() > 400, "{} of {}", reachable.len(), points.len());
    complete(&coverage, &points, |number, _| reachable.contains(&number));
}

/// The grammar of scenarios is shown by scenarios; how words and blanks look is left to the tests of
/// their parser.
#[test]
fn every_choice_of_the_scenario_language_is_made() {
    const LEXIS: [&str; 18] = [
        "beyond",
        "blank",
        "capitals",
        "character",
        "colon",
        "comma",
        "comment",
        "field",
        "line-end",
        "lower",
        "message-name",
        "name",
        "next-row",
        "part",
        "path",
        "pattern",
        "text",
        "word",
    ];
    let book = Book::embedded().unwrap();
    let program = Program::new(book.grammar(), Options::default()).unwrap();
    let points = Points::new(&program, &[program.rule_id(SCENARIOS).unwrap()]);
    let mut coverage = Coverage::new(&points);
    scenarios(&book, &program, &mut coverage);
    let entries = ENTRIES.iter().filter(|entry| entry.rule == SCENARIOS);
    let reachable = reachable(&program, entries, &points);
    complete(&coverage, &points, |number, rule| {
        let syntax = rule.strip_prefix("scenario-").is_some_and(|rule| !LEXIS.contains(&rule));
        reachable.contains(&number) && syntax
    });
}

/// The rule that a block of scenarios is.
const SCENARIOS: &str = "scenario-block";

/// The choices that a sentence of some entry can make.
fn reachable<'e>(
    program: &Program,
    entries: impl Iterator<Item = &'e Entry>,
    points: &Points<'_>,
) -> BTreeSet<usize> {
    let mut reachable = BTreeSet::new();
    for entry in entries {
        let given = Given::read(program, entry.context.iter().copied()).unwrap();
        let found = members(&Generator::new(program, &given), entry.rule, points, &[]).unwrap();
        reachable.extend(found.sentences.into_iter().flat_map(|sentence| sentence.takes));
    }
    reachable
}

/// Fails with a list of the wanted choices, by number and rule, that nothing has made.
fn complete(coverage: &Coverage<'_>, points: &Points<'_>, wanted: impl Fn(usize, &str) -> bool) {
    let rule = |point: &Point| points.program().rule(point.rule).name.clone();
    let missing: Vec<String> = coverage
        .missing()
        .filter(|(number, point)| wanted(*number, &rule(point)))
        .map(|(_, point)| format!("{}: {}", points.location(point), points.describe(point)))
        .collect();
    let list = missing.join("\n");
    assert!(missing.is_empty(), "{} choices are not made:\n{list}", missing.len());
}

/// What the text of the scenarios shows of their language.
fn scenarios(book: &Book, program: &Program, coverage: &mut Coverage<'_>) {
    let matcher = Matcher::new(program, "scenario-block").unwrap().detail(Detail::Everything);
    // An empty block, and what the scenarios of the book have no use for.
    let worked = format!(
        "```scenario\n{}```scenario\n```scenario\n{}```",
        include_str!("../../spec/tests/scenario/worked.scenario"),
        include_str!("../../spec/tests/scenario/spelling.scenario")
    );
    let chapters = book.chapters().iter().map(|chapter| chapter.source().text());
    for text in chapters.chain([worked.as_str()]) {
        for block in text.split("```scenario\n").skip(1) {
            let block = block.split("```").next().unwrap_or_default().as_bytes();
            match matcher.recognise(block, &Given::default()) {
                Verdict::Match(tree) => coverage.add(&tree, block),
                verdict => panic!("{verdict:?}"),
            }
        }
    }
}

fn vectors(program: &Program, coverage: &mut Coverage<'_>) {
    let frames = StreamReader::new(program).unwrap().detailed();
    let text = Matcher::new(program, "utf8-text").unwrap().detail(Detail::Everything);
    let mut matchers: BTreeMap<String, Matcher<'_>> = BTreeMap::new();
    for vector in Topic::all().into_iter().flat_map(|topic| topic.load().unwrap().cases) {
        match &vector.context.rule {
            None => stream(&frames, &text, &vector, coverage),
            Some(name) => {
                let entry = entry(name).unwrap();
                let matcher = matchers.entry(name.clone()).or_insert_with(|| {
                    Matcher::new(program, entry.rule).unwrap().detail(Detail::Everything)
                });
                sentence(program, entry, matcher, &vector.octets(), coverage);
            }
        }
    }
}

fn stream(
    frames: &StreamReader<'_>,
    text: &Matcher<'_>,
    vector: &Vector,
    coverage: &mut Coverage<'_>,
) {
    let reader = match vector.context.role {
        Role::Client => Reader::Client,
        Role::Server => Reader::Server,
    };
    let active = vector
        .context
        .sequences
        .iter()
        .map(|(name, sequence)| ActiveSequence { capability: name.clone(), sequence: sequence.0 });
    let setup = match &vector.context.setup {
        None => Setup::None,
        Some(SetUp::Offered(_)) => Setup::Offered,
        Some(SetUp::Accepted(agreed)) => {
            let sequence = |(name, sequence): (&String, &Sequence)| ActiveSequence {
                capability: name.clone(),
                sequence: sequence.0,
            };
            Setup::Answered(agreed.iter().map(sequence).collect())
        }
    };
    let setting = Setting { reader, active: active.collect(), setup };
    for event in &vector.events {
        if let Event::Text { payload } = event
            && let Verdict::Match(tree) = text.recognise(&payload.0, &Given::default())
        {
            coverage.add(&tree, &payload.0);
        }
    }
    frames.observed(&setting, &vector.octets(), &mut |tree, octets| {
        coverage.add(tree, octets);
    });
}

fn sentence(
    program: &Program,
    entry: &Entry,
    matcher: &Matcher<'_>,
    octets: &[u8],
    coverage: &mut Coverage<'_>,
) {
    for judged in ["sent", "received"] {
        let context = entry.context.iter().map(|(name, value)| match *name {
            "judged-as" => (*name, judged),
            _ => (*name, *value),
        });
        let given = Given::read(program, context).unwrap();
        if let Verdict::Match(tree) = matcher.recognise(octets, &given) {
            return coverage.add(&tree, octets);
        }
    }
}

/// Directives that no sentence breaks alone, and the reason.
const UNBROKEN: [(&str, &str); 20] = [
    ("scenario: where present(scenario-roles)", AT_THE_END),
    ("other-upgrade: where not other-upgrade in {\"websocket\"}", ANOTHER_READING),
    ("other-option: where not other-option in {\"upgrade\"}", ANOTHER_READING),
    ("rate-offer: where not present(control-parameter)", AT_THE_END),
    ("rate-answer: where present(control-parameter)", AT_THE_END),
    (
        "rate-answer: where not present(pace-value) or pace-value = \"advisory\" or not \
         present(sender-value) or sender-value = \"both\"",
        AT_THE_END,
    ),
    ("idle-offer: where not present(control-parameter)", AT_THE_END),
    ("idle-answer: where present(control-parameter)", AT_THE_END),
    ("heartbeat-offer: where not present(control-parameter)", AT_THE_END),
    ("heartbeat-answer: where present(control-parameter)", AT_THE_END),
    ("setup-offer: where not present(control-parameter)", AT_THE_END),
    ("setup-answer: where present(control-parameter)", AT_THE_END),
    ("control-message: where length(control-message) <= 4096", AT_THE_END),
    ("control-message: when resumption : control-sequence in suspended", ANOTHER_READING),
    (
        "control-sequence: where not control-sequence in armed and (control-sequence in \
         rate-sequences or control-sequence in idle-sequences or control-sequence in \
         heartbeat-sequences or control-sequence in setup-sequences)",
        ANOTHER_READING,
    ),
    ("offer-type: where setup-turn = none or setup-turn = offered", BY_CONTEXT),
    ("answer-type: where setup-turn = offered or setup-turn = crossed", BY_CONTEXT),
    ("confirm-type: where setup-turn = answered", BY_CONTEXT),
    (
        "control-sequence: where not present(payload-length) or payload-length <= 4096",
        "no entry has both a frame and a sequence",
    ),
    ("status-value: when status-percent : entry-id in {0x02, 0x06, 0x20..0x22}", ANOTHER_READING),
];
/// Whether more octets are to come is not known to who reads a value octet by octet.
const AT_THE_END: &str = "what breaks it may go on and be right";
/// Alternatives exclude one another, so what one refuses is another's.
const ANOTHER_READING: &str = "what breaks it is read in another way";
/// It holds or not whatever is written; the families that are written break it.
const BY_CONTEXT: &str = "the context alone decides";

#[test]
fn every_directive_is_broken() {
    let book = Book::embedded().unwrap();
    let program = Program::new(book.grammar(), Options::default()).unwrap();
    let mut directives: BTreeMap<String, bool> = BTreeMap::new();
    for entry in ENTRIES {
        let given = Given::read(&program, entry.context.iter().copied()).unwrap();
        let found = near_misses(&Generator::new(&program, &given), entry.rule).unwrap();
        for directive in found.directives {
            let rule = &program.rule(directive.rule).name;
            let name = format!("{}: {rule}: {}", directive.location, directive.text);
            *directives.entry(name).or_default() |= directive.unbroken.is_none();
        }
    }
    assert!(directives.len() > 80, "{}", directives.len());
    let mut unbroken: Vec<&str> = directives
        .iter()
        .filter(|(_, is_broken)| !**is_broken)
        .map(|(name, _)| name.as_str())
        .collect();
    for (directive, why) in UNBROKEN {
        let count = unbroken.len();
        unbroken.retain(|name| !name.ends_with(directive));
        assert!(unbroken.len() < count, "`{directive}` is broken now, although {why}");
    }
    assert!(unbroken.is_empty(), "no near-miss breaks\n{}", unbroken.join("\n"));
}
