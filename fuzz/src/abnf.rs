//! The grammar engine with any grammar: it ends, never panics, and agrees with itself.
//!
//! An input is the text of a grammar; what stands behind its first NUL is octets to match, or the
//! tape that steers a sentence. The first rule of the text is the one that counts.

use wsconform_abnf::draw::{Pen, boxes, railroad};
use wsconform_abnf::generate::{Generator, Limits, Tape};
use wsconform_abnf::program::{Given, Options, Program, Unit};
use wsconform_abnf::recognise::{Matcher, Outcome, Status, Verdict};
use wsconform_abnf::{CheckOptions, Diagnostic, Grammar, GrammarBuilder, Source, analyse, read};

/// So many steps are enough for any small input, and few enough for fuzzing.
const STEPS: u64 = 200_000;

/// Reads rules; what is printed of them reads back as the same.
pub fn reads(input: &[u8]) {
    let (text, _) = parts(input);
    let source = Source::new("fuzz.abnf", &*text);
    let reading = read(&source, 0..text.len());
    draw(&reading.diagnostics, &text);
    let printed: String = reading.rules.iter().map(|rule| format!("{rule}\n")).collect();
    let source = Source::new("printed.abnf", &*printed);
    let again = read(&source, 0..printed.len());
    assert!(again.diagnostics.is_empty(), "{printed}\n{:?}", again.diagnostics);
    let twice: String = again.rules.iter().map(|rule| format!("{rule}\n")).collect();
    assert_eq!(printed, twice);
}

/// Checks a grammar, draws it, and prints it whole.
pub fn checks(input: &[u8]) {
    let (text, _) = parts(input);
    let source = Source::new("fuzz.abnf", &*text);
    let mut builder = GrammarBuilder::new();
    builder.add(&source, 0..text.len());
    let (grammar, diagnostics) = builder.check(&CheckOptions::default());
    draw(&diagnostics, &text);
    let Some(grammar) = grammar else { return };
    for unit in [Unit::Octet, Unit::Utf8, Unit::Bits(8)] {
        for pure in [false, true] {
            match Program::new(&grammar, Options { unit, pure }) {
                Ok(program) => draw(&analyse(&program), &text),
                Err(mistakes) => {
                    assert!(!mistakes.is_empty(), "refused without a reason");
                    draw(&mistakes, &text);
                }
            }
        }
    }
    for rule in grammar.rules().take(4) {
        let pen = Pen { link: &|_| None, style: false };
        assert!(railroad(rule, &pen).starts_with("<svg"));
        boxes(&grammar, rule, &pen);
    }
    let printed = grammar.to_abnf();
    let again = Grammar::read(&Source::new("printed.abnf", &*printed));
    let again = again.unwrap_or_else(|mistakes| panic!("{printed}\n{mistakes:?}"));
    assert_eq!(printed, again.to_abnf());
}

/// Matches octets: whole, one by one, compiled, and without directives.
pub fn recognises(input: &[u8]) {
    let (text, octets) = parts(input);
    let Some((grammar, entry)) = sound(&text) else { return };
    let Ok(program) = Program::new(&grammar, Options::default()) else { return };
    let Some(matcher) = Matcher::new(&program, &entry) else { panic!("no rule {entry}") };
    let matcher = matcher.step_limit(STEPS);
    let given = Given::default();
    assert!(matcher.steps(octets, &given) <= STEPS + 1);
    let whole = matcher.recognise(octets, &given);

    let mut recognition = matcher.start(given.clone());
    for octet in octets {
        recognition.push(&[*octet]);
        recognition.status();
    }
    let status = recognition.status();
    let agrees = match (&whole, status) {
        (Verdict::Match(_), Status::Match { .. }) => true,
        (Verdict::Mismatch(_), Status::Mismatch) => true,
        (Verdict::Incomplete, Status::Incomplete) => true,
        // One by one takes more steps.
        (_, Status::Undecided) | (Verdict::Undecided(_), _) => true,
        _ => false,
    };
    assert!(agrees, "whole {whole:?}, one by one {status:?}");
    if let (Verdict::Mismatch(one), Verdict::Mismatch(other)) = (&whole, recognition.finish()) {
        assert_eq!((one.offset, one.fail()), (other.offset, other.fail()));
    }
    if let Some(compiled) = matcher.compile() {
        let outcome = compiled.outcome(octets);
        let agrees = match (&whole, outcome) {
            (Verdict::Match(_), Outcome::Match) => true,
            (Verdict::Mismatch(mismatch), Outcome::Mismatch { offset }) => {
                mismatch.offset == offset
            }
            (Verdict::Incomplete, Outcome::Incomplete) => true,
            (Verdict::Undecided(_), _) => true,
            _ => false,
        };
        assert!(agrees, "{whole:?}, but compiled {outcome:?}");
    }
    if let Verdict::Match(_) = whole {
        for ambiguity in matcher.ambiguities(octets, &given) {
            assert_ne!(ambiguity.readings[0], ambiguity.readings[1]);
        }
        let options = Options { pure: true, ..Options::default() };
        let pure = Program::new(&grammar, options).expect("it has less that could be wrong");
        let Some(matcher) = Matcher::new(&pure, &entry) else { panic!("no rule {entry}") };
        let wide = matcher.step_limit(STEPS).recognise(octets, &given);
        let is_wider = matches!(wide, Verdict::Match(_) | Verdict::Undecided(_));
        assert!(is_wider, "without directives {wide:?}");
    }
}

/// Makes a sentence, which has to match.
pub fn generates(input: &[u8]) {
    let (text, tape) = parts(input);
    let Some((grammar, entry)) = sound(&text) else { return };
    let Ok(program) = Program::new(&grammar, Options::default()) else { return };
    let given = Given::default();
    let generator = Generator::new(&program, &given);
    let Some(reference) = program.entry(&entry) else { panic!("no rule {entry}") };
    let limits = Limits { octets: 256, depth: 30, conflicts: 100, ..Limits::default() };
    let Ok(sentence) = generator.sentence(reference, Tape::new(tape), limits) else { return };
    if sentence.len() > 4096 {
        return; // The grammar leaves no choice, and matching it is another target's matter.
    }
    let Some(matcher) = Matcher::new(&program, &entry) else { panic!("no rule {entry}") };
    let verdict = matcher.step_limit(STEPS).recognise(&sentence, &given);
    let is_right = matches!(verdict, Verdict::Match(_) | Verdict::Undecided(_));
    assert!(is_right, "made {sentence:02X?}, but {verdict:?}");
}

/// The text of the grammar, and what follows it.
fn parts(input: &[u8]) -> (String, &[u8]) {
    let end = input.iter().position(|octet| *octet == 0);
    let (text, rest) = match end.and_then(|end| input.split_at_checked(end)) {
        Some((text, rest)) => (text, rest.get(1..).unwrap_or_default()),
        None => (input, &[][..]),
    };
    (String::from_utf8_lossy(text).into_owned(), rest)
}

/// The grammar and its first rule, if there is nothing wrong with it.
fn sound(text: &str) -> Option<(Grammar, String)> {
    let grammar = Grammar::read(&Source::new("fuzz.abnf", text)).ok()?;
    let entry = grammar.rules().next()?.name().to_owned();
    Some((grammar, entry))
}

/// Draws the first few diagnostics, each of which has to point into its source.
fn draw(diagnostics: &[Diagnostic], text: &str) {
    for diagnostic in diagnostics {
        let (span, source) = (diagnostic.span(), diagnostic.source().text());
        assert!(span.start <= span.end && span.end <= source.len(), "{span:?} is not in {text}");
        assert!(source.is_char_boundary(span.start) && source.is_char_boundary(span.end));
    }
    for diagnostic in diagnostics.iter().take(4) {
        assert!(!diagnostic.render(false).is_empty());
    }
}
