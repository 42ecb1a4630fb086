//! Directives that can hardly be meant are found, and others are left in peace.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use wsconform_abnf::program::{Given, Options, Program};
use wsconform_abnf::recognise::{Matcher, Verdict};
use wsconform_abnf::{Diagnostic, Grammar, Source, analyse};

fn analysed(text: &str) -> Vec<Diagnostic> {
    let source = Source::new("test.abnf", text);
    let grammar = Grammar::read(&source).unwrap();
    analyse(&Program::new(&grammar, Options::default()).unwrap())
}

fn rendered(text: &str) -> String {
    let all: Vec<_> = analysed(text).iter().map(|one| one.render(false)).collect();
    all.join("\n\n")
}

#[test]
fn conditions_that_never_hold() {
    insta::assert_snapshot!(rendered(
        "\
message = head body [tail] [third]
        ;@ context sender : client / server
        ;@ where sender = client and sender = server
head    = OCTET
        ;@ bits version:4 count:4
        ;@ where version + count > 1
tail    = OCTET
        ;@ bits low:4 high:4
        ;@ where low = 16
        ;@ where low + high > 30
        ;@ where high in {20..30}
        ;@ where 2 * high = 7
third   = OCTET
        ;@ bits a:4 b:4
        ;@ where a in {1, 2}
        ;@ where b < 8
        ;@ where a > 1 and b + a > 9
body    = text / other / pace
        ;@ when text : version + count = 1
        ;@ when other : length(text) > 0
        ;@ when pace : speed = \"medium\"
text    = *ALPHA
other   = *OCTET
pace    = speed
speed   = \"slow\" / \"fast\"
",
    ));
}

#[test]
fn conditions_that_always_hold() {
    insta::assert_snapshot!(rendered(
        "\
message = head [body]
        ;@ where count <= 15
        ;@ where length(word) > 0
        ;@ where present(head) or present(body)
        ;@ when body : count < 16 and not count = 20
head    = OCTET
        ;@ bits version:4 count:4
        ;@ where version * 2 + count < 46
body    = 2OCTET [word]
word    = 1*ALPHA
",
    ));
}

#[test]
fn alternatives_that_are_open_together() {
    insta::assert_snapshot!(rendered(
        "\
frame   = head payload
        ;@ context mode : plain / packed
head    = OCTET
        ;@ bits fin:1 rsv:3 opcode:4
        ;@ where opcode < 0x8 or fin = 1
payload = fragment / text / close / dense / list
        ;@ when fragment : opcode = 0x0 or fin = 0
        ;@ when text : opcode in {0x0..0x1} and fin = 1
        ;@ when close : opcode = 0x8
        ;@ when dense : mode = packed and opcode >= 0xA and opcode < 0xC
        ;@ when list : opcode = 0xB
fragment = *OCTET
text    = *OCTET
close   = *OCTET
dense   = *OCTET
list    = *(first / second)
        ;@ when first : not present(first)
        ;@ when second : not present(second)
first   = \"a\"
second  = \"ab\"
",
    ));
}

#[test]
fn sizes_and_forms() {
    insta::assert_snapshot!(rendered(
        "\
message = early length total data rest packed veiled masked
        ;@ context unused : list
        ;@ size early : count
        ;@ size data : count - 4
        ;@ size rest : total + count
        ;@ transform packed : inflate as text
        ;@ transform veiled : xor key as text
length  = OCTET
        ;@ uint count : be
total   = 8OCTET
        ;@ uint total : be
early   = *OCTET
data    = *OCTET
rest    = *OCTET
packed  = *OCTET
veiled  = *OCTET
masked  = *OCTET
        ;@ transform masked : xor late as text
text    = *ALPHA [flags] [tiny] [long] [late] [key]
flags   = *OCTET
        ;@ bits a:4 b:12
tiny    = OCTET
        ;@ bits c:16
long    = 9OCTET
        ;@ uint long : be
late    = *OCTET
key     = [4OCTET]
",
    ));
}

#[test]
fn sound_directives_are_left_in_peace() {
    let text = "\
frame   = head [key] body
        ;@ context sender : client / server
        ;@ size body : count
        ;@ transform body : xor key as payload
        ;@ when key : mask = 1
head    = first second [long]
        ;@ when long : second in {<7E>, <FE>}
first   = OCTET
        ;@ bits fin:1 rsv:3 opcode:4
        ;@ where rsv = 0
        ;@ where opcode < 0x8 or fin = 1
second  = OCTET
        ;@ bits mask:1 count:7
        ;@ where sender = server or mask = 1
        ;@ where sender = client or mask = 0
long    = 2OCTET
        ;@ uint count : be
        ;@ where count > 125
key     = 4OCTET
body    = *OCTET
payload = fragment / text / control
        ;@ when fragment : opcode = 0x0 or fin = 0
        ;@ when text : opcode in {1, 2} and fin = 1
        ;@ when control : opcode >= 0x8 and (count < 126 or not present(key))
fragment = *OCTET
text    = *OCTET
control = *OCTET
        ;@ where not present(code) or code-value in {1000..4999}
code    = 2OCTET
        ;@ uint code-value : be
";
    // `code` is nowhere used in `control`, so it is never set and the condition always holds.
    let found: Vec<_> = analysed(text).iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        ["test.abnf:28:12: warning: condition that always holds: whatever the values, \
             `where not present(code) or code-value in {1000..4999}` holds"]
    );
}

fn number() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("a".to_owned()),
        Just("b".to_owned()),
        Just("c".to_owned()),
        (0..10u32).prop_map(|number| number.to_string()),
    ];
    leaf.prop_recursive(2, 4, 2, |inner| {
        let sign = prop_oneof![Just("+"), Just("-"), Just("*")];
        (inner.clone(), sign, inner)
            .prop_map(|(left, sign, right)| format!("({left} {sign} {right})"))
    })
}

fn condition() -> impl Strategy<Value = String> {
    let comparison =
        prop_oneof![Just("="), Just("!="), Just("<"), Just("<="), Just(">"), Just(">="),];
    let leaf = prop_oneof![
        (number(), comparison, number())
            .prop_map(|(left, comparison, right)| format!("{left} {comparison} {right}")),
        (number(), 0..6u32, 0..4u32)
            .prop_map(|(one, first, more)| format!("{one} in {{{first}..{}, 9}}", first + more)),
        Just("head in {<00>, <03>, <A1>}".to_owned()),
        Just("present(b)".to_owned()),
        Just("present(never)".to_owned()),
        Just("length(head) = 1".to_owned()),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| format!("not ({one})")),
            (inner.clone(), inner.clone())
                .prop_map(|(left, right)| format!("({left}) and ({right})")),
            (inner.clone(), inner).prop_map(|(left, right)| format!("({left}) or ({right})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// What is said to be never or always so is so for all octets.
    #[test]
    fn nothing_is_claimed_that_is_not_so(first in condition(), second in condition()) {
        let text = format!(
            "whole = head end\n  ;@ where {second}\nend = \"\"\nhead = OCTET\n  ;@ bits a:2 b:3 c:3\n  \
             ;@ where {first}\nnever = OCTET\n"
        );
        let found = analysed(&text);
        let grammar = Grammar::read(&Source::new("test.abnf", text.as_str())).unwrap();
        let program = Program::new(&grammar, Options::default()).unwrap();
        let matching = |rule| {
            let matcher = Matcher::new(&program, rule).unwrap();
            let matches = move |octet: &u8| {
                matches!(matcher.recognise(&[*octet], &Given::default()), Verdict::Match(_))
            };
            (0..=255).filter(matches).count()
        };
        let (octets, wholes) = (matching("head"), matching("whole"));
        for one in &found {
            let is_first = one.location().line == 6;
            match one.title() {
                "condition that never holds" if is_first => prop_assert_eq!(octets, 0),
                "condition that never holds" => prop_assert_eq!(wholes, 0),
                "condition that always holds" if is_first => prop_assert_eq!(octets, 256),
                "condition that always holds" if one.label().starts_with("whatever") => {
                    prop_assert_eq!(wholes, octets);
                }
                _ => {}
            }
        }
    }
}
