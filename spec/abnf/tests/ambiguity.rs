//! Sentences with two trees are found, and others not.

#![allow(clippy::unwrap_used)]

use wsconform_abnf::program::{Given, Options, Program};
use wsconform_abnf::{Ambiguities, Grammar, Source, ambiguities, known};

const STEPS: u64 = 300_000;

fn searched(text: &str, steps: u64) -> Ambiguities {
    let grammar = Grammar::read(&Source::new("test.abnf", text)).unwrap();
    let program = Program::new(&grammar, Options::default()).unwrap();
    let names = grammar.rules().map(|rule| rule.name());
    ambiguities(&program, names, &Given::default(), steps)
}

fn rendered(text: &str) -> String {
    let found = searched(text, STEPS).found;
    let all: Vec<_> = found.iter().map(|one| one.render(false)).collect();
    all.join("\n\n")
}

#[test]
fn readings_are_told() {
    insta::assert_snapshot!(rendered(
        "\
host    = address / name
address = 1*3DIGIT \".\" 1*3DIGIT
name    = *(ALPHA / DIGIT / \".\")
octet   = %x00-7F / %x7F-FF
spaces  = *SP \"x\" *SP *HTAB *SP
sum     = sum \"+\" sum / DIGIT
twins   = \"a\" / %s\"A\"
either  = (DIGIT / HEXDIG) octets
octets  = *DIGIT *2VCHAR
digit-or = class
class   = DIGIT / %x39-41
",
    ));
}

#[test]
fn one_reading_is_not_ambiguous() {
    let text = "\
frame   = head [key] body
        ;@ size body : count
        ;@ when key : mask = 1
head    = first second [long]
        ;@ when long : count = 126
first   = OCTET
        ;@ bits fin:1 rsv:3 opcode:4
second  = OCTET
        ;@ bits mask:1 count:7
        ;@ where count != 127
long    = 2OCTET
        ;@ uint count : be
key     = 4OCTET
body    = *OCTET
list    = *(\",\" OWS) item *(OWS \",\" [OWS item])
item    = 1*ALPHA
OWS     = *(SP / HTAB)
sum     = sum \"+\" DIGIT / DIGIT
";
    let found = searched(text, STEPS);
    assert_eq!(found.found, []);
    assert!(found.sentences > 1000 && found.longest > 10, "{found}");
    assert!(found.to_string().starts_with("no ambiguity found among "), "{found}");
}

#[test]
fn erasing_conditions_may_make_ambiguous() {
    let text = "\
message = kind body
kind    = OCTET
        ;@ uint kind : be
body    = text / data
        ;@ when text : kind = 1
        ;@ when data : kind != 1
text    = *ALPHA
data    = *OCTET
";
    let titles = |options| {
        let grammar = Grammar::read(&Source::new("test.abnf", text)).unwrap();
        let program = Program::new(&grammar, options).unwrap();
        let found = ambiguities(&program, ["message"], &Given::default(), STEPS).found;
        found.iter().map(|one| one.location().to_string()).collect::<Vec<_>>()
    };
    assert!(titles(Options::default()).is_empty());
    let pure = Options { pure: true, ..Options::default() };
    assert_eq!(titles(pure), ["test.abnf:4:1"]);
}

#[test]
fn rfc_3986_says_so_itself() {
    // RFC 3986, 3.2.2: "If host matches the rule for IPv4address, then it should be considered an
    // IPv4 address literal and not a reg-name."
    let grammar = known("rfc3986").unwrap();
    let program = Program::new(&grammar, Options::default()).unwrap();
    let names = grammar.rules().map(|rule| rule.name());
    let found = ambiguities(&program, names, &Given::default(), 2_000_000).found;
    let places: Vec<_> = found.iter().map(|one| one.location().to_string()).collect();
    // `host`, and `path`, whose alternatives its comments tell apart.
    assert_eq!(places, ["rfc3986.abnf:28:1", "rfc3986.abnf:57:1"]);
    assert!(found[0].label().ends_with("is `IPv4address` or `reg-name`"), "{}", found[0]);
}

#[test]
fn the_same_search_finds_the_same() {
    let text = "a = *(b / c)\nb = \"x\" [\"y\"]\nc = \"yx\" / \"y\"\n";
    let labels = |steps| {
        let found = searched(text, steps).found;
        found.iter().map(|one| one.label().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(labels(10_000), labels(10_000));
    assert_eq!(labels(10_000).len(), 1);
    // A search that is cut short claims nothing.
    assert!(labels(4).is_empty());
}
