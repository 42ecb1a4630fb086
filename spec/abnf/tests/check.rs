//! Each check, as people see what it finds.
#![allow(clippy::unwrap_used)]

use wsconform_abnf::{CheckOptions, Diagnostic, Grammar, GrammarBuilder, Level, Source, check};

#[test]
fn left_recursion() {
    insta::assert_snapshot!(
        found(
            "sum = sum \"+\" 1*DIGIT / 1*DIGIT\n\
             call = name / member\nname = 1*ALPHA\nmember = ( index / call ) \".\" name\n\
             index = [ *SP ] call \"[\" sum \"]\"\n\
             list = [sign] *SP 0\"x\" list \",\" / name\nsign = \"\" / \"-\"\n"
        ),
        @r#"
        warning: left recursion
         --> test.abnf:1:7
          |
        1 | sum = sum "+" 1*DIGIT / 1*DIGIT
          |       ^^^ `sum` begins with itself
          |
          = help: many tools do not end here; write a loop: `a = b *("+" b)` for `a = a "+" b / b`

        warning: unused rule
         --> test.abnf:2:1
          |
        2 | call = name / member
          | ^^^^ only rules that lead to each other refer to it
          |
          = help: refer to it, or remove it

        warning: left recursion
         --> test.abnf:2:15
          |
        2 | call = name / member
          |               ^^^^^^ `call` begins with itself: `call`, `member`, `call`
          |
          = help: many tools do not end here; write a loop: `a = b *("+" b)` for `a = a "+" b / b`

        warning: unused rule
         --> test.abnf:4:1
          |
        4 | member = ( index / call ) "." name
          | ^^^^^^ only rules that lead to each other refer to it
          |
          = help: refer to it, or remove it

        warning: unused rule
         --> test.abnf:5:1
          |
        5 | index = [ *SP ] call "[" sum "]"
          | ^^^^^ only rules that lead to each other refer to it
          |
          = help: refer to it, or remove it

        warning: left recursion
         --> test.abnf:6:24
          |
        6 | list = [sign] *SP 0"x" list "," / name
          |                        ^^^^ `list` begins with itself
          |
          = help: `0"x"` before it can be empty
          = help: many tools do not end here; write a loop: `a = b *("+" b)` for `a = a "+" b / b`
        "#
    );
}

#[test]
fn left_recursion_only_before_the_first_octet() {
    assert_eq!(
        found("nested = \"(\" *nested \")\" / 0nested \"x\"\nright = \"r\" / \"q\" right\n"),
        ""
    );
}

#[test]
fn rules_without_end() {
    insta::assert_snapshot!(
        found(
            "loop = \"x\" loop\nstart = ping / \"ok\"\nping = \"i\" pong\npong = \"o\" 1*ping\n\
             above = \"a\" loop\nfine = \"f\" [fine]\n"
        ),
        @r#"
        error: rule without end
         --> test.abnf:1:1
          |
        1 | loop = "x" loop
          | ^^^^ `loop` always needs itself once more
          |
          = help: no finite input matches it; give it an alternative that ends

        error: rule without end
         --> test.abnf:3:1
          |
        3 | ping = "i" pong
          | ^^^^ `ping` always needs itself once more: `ping`, `pong`, `ping`
          |
          = help: no finite input matches it; give it an alternative that ends
        "#
    );
}

#[test]
fn unused_rules() {
    let text = "first = \"a\" used\nused = ALPHA\nother = DIGIT *self\nself = \"s\" / \"t\" self\n\
                left = \"l\" [right]\nright = \"r\" [left]\n\
                text = *OCTET ;@ transform text : utf8 as points\npoints = *%x20-7E\n";
    insta::assert_snapshot!(found(text), @r#"
    warning: unused rule
     --> test.abnf:5:1
      |
    5 | left = "l" [right]
      | ^^^^ only rules that lead to each other refer to it
      |
      = help: refer to it, or remove it

    warning: unused rule
     --> test.abnf:6:1
      |
    6 | right = "r" [left]
      | ^^^^^ only rules that lead to each other refer to it
      |
      = help: refer to it, or remove it
    "#);
    let options = CheckOptions {
        roots: vec!["TEXT".into(), "left".into(), "rigth".into()],
        ..CheckOptions::default()
    };
    insta::assert_snapshot!(found_with(text, &options), @r#"
    error: unknown root
     --> roots:1:1
      |
    1 | rigth
      | ^^^^^ no rule is called `rigth`
      |
      = help: did you mean `right`?

    warning: unused rule
     --> test.abnf:1:1
      |
    1 | first = "a" used
      | ^^^^^ nothing leads to it from the roots
      |
      = help: refer to it, remove it, or name it as a root

    warning: unused rule
     --> test.abnf:2:1
      |
    2 | used = ALPHA
      | ^^^^ nothing leads to it from the roots
      |
      = help: refer to it, remove it, or name it as a root

    warning: unused rule
     --> test.abnf:3:1
      |
    3 | other = DIGIT *self
      | ^^^^^ nothing leads to it from the roots
      |
      = help: refer to it, remove it, or name it as a root

    warning: unused rule
     --> test.abnf:4:1
      |
    4 | self = "s" / "t" self
      | ^^^^ nothing leads to it from the roots
      |
      = help: refer to it, remove it, or name it as a root
    "#);
}

#[test]
fn unreachable_alternatives() {
    insta::assert_snapshot!(
        found(
            "method = \"GET\" / %s\"Get\" / \"PUT\" / %i\"get\"\n\
             mark = \"!\" / %s\"!\" / %x21\n\
             crlf = CR LF / [ cr lf ] / cr lf\n\
             set = 1*(%x0D.0A / %d13.10 / %b00001101.00001010 / %x0D.0a)\n\
             group = (\"a\" [\"b\"]) / (\"A\" [\"B\"])\ngroup =/ 1(\"a\" [\"b\"])\n\
             differs = %x0D / %x000D / 1*DIGIT / 2*DIGIT / (\"a\" / \"b\") / (\"b\" / \"a\")\n"
        ),
        @r#"
        warning: unreachable alternative
         --> test.abnf:2:14
          |
        2 | mark = "!" / %s"!" / %x21
          |              ^^^^^ an alternative before it says the same
          |
          = help: the other is at test.abnf:2:8; remove one of them

        warning: unreachable alternative
         --> test.abnf:3:28
          |
        3 | crlf = CR LF / [ cr lf ] / cr lf
          |                            ^^^^^ an alternative before it says the same
          |
          = help: the other is at test.abnf:3:8; remove one of them

        warning: unreachable alternative
         --> test.abnf:4:20
          |
        4 | set = 1*(%x0D.0A / %d13.10 / %b00001101.00001010 / %x0D.0a)
          |                    ^^^^^^^ an alternative before it says the same
          |
          = help: the other is at test.abnf:4:10; remove one of them

        warning: unreachable alternative
         --> test.abnf:4:30
          |
        4 | set = 1*(%x0D.0A / %d13.10 / %b00001101.00001010 / %x0D.0a)
          |                              ^^^^^^^^^^^^^^^^^^^ an alternative before it says the same
          |
          = help: the other is at test.abnf:4:20; remove one of them

        warning: unreachable alternative
         --> test.abnf:4:52
          |
        4 | set = 1*(%x0D.0A / %d13.10 / %b00001101.00001010 / %x0D.0a)
          |                                                    ^^^^^^^ an alternative before it says the same
          |
          = help: the other is at test.abnf:4:30; remove one of them

        warning: unreachable alternative
         --> test.abnf:5:23
          |
        5 | group = ("a" ["b"]) / ("A" ["B"])
          |                       ^^^^^^^^^^^ an alternative before it says the same
          |
          = help: the other is at test.abnf:5:9; remove one of them

        warning: unreachable alternative
         --> test.abnf:6:10
          |
        6 | group =/ 1("a" ["b"])
          |          ^^^^^^^^^^^^ an alternative before it says the same
          |
          = help: the other is at test.abnf:5:23; remove one of them
        "#
    );
}

#[test]
fn empty_loops() {
    insta::assert_snapshot!(
        found(
            "spaces = *[ SP ] \"a\" 1*(*SP)\nfields = *field \"b\" *LWSP\nfield = *ALPHA [ \"x\" ]\n\
             harmless = *( 1*SP ) 3[ SP ] *4[ SP ] [ *SP ] *\"x\"\nempty = 1*\"\" \"c\"\n"
        ),
        @r#"
        warning: empty loop
         --> test.abnf:1:10
          |
        1 | spaces = *[ SP ] "a" 1*(*SP)
          |          ^^^^^^^ goes round without end, and what it repeats can be empty
          |
          = help: write `*( )` instead of `*[ ]`

        warning: empty loop
         --> test.abnf:1:22
          |
        1 | spaces = *[ SP ] "a" 1*(*SP)
          |                      ^^^^^^^ goes round without end, and what it repeats can be empty
          |
          = help: let each round match an octet at least; `*` outside already allows none

        warning: empty loop
         --> test.abnf:2:10
          |
        2 | fields = *field "b" *LWSP
          |          ^^^^^^ goes round without end, and what it repeats can be empty
          |
          = help: let each round match an octet at least; `*` outside already allows none

        warning: empty loop
         --> test.abnf:2:21
          |
        2 | fields = *field "b" *LWSP
          |                     ^^^^^ goes round without end, and what it repeats can be empty
          |
          = help: let each round match an octet at least; `*` outside already allows none

        warning: empty loop
         --> test.abnf:5:9
          |
        5 | empty = 1*"" "c"
          |         ^^^^ goes round without end, and what it repeats can be empty
          |
          = help: let each round match an octet at least; `*` outside already allows none
        "#
    );
}

#[test]
fn values_repeats_and_prose() {
    insta::assert_snapshot!(
        found(
            "ucs = %xA0-D7FF / %x00A0-D7FF / %x0-F / %d0-1000 / %b1-100000000\n\
             long = 99999999999999999999\"x\" 2*99999999999999999999\"y\"\n\
             mailbox = <mailbox, see RFC 5322> / 0<nothing>\n"
        ),
        @r#"
        warning: range of uneven width
         --> test.abnf:1:7
          |
        1 | ucs = %xA0-D7FF / %x00A0-D7FF / %x0-F / %d0-1000 / %b1-100000000
          |       ^^^^^^^^^ its ends differ in their number of octets
          |
          = help: write both ends of octets with equally many digits, such as `%x0000-FFFF`; between characters it does no harm

        warning: range of uneven width
         --> test.abnf:1:41
          |
        1 | ucs = %xA0-D7FF / %x00A0-D7FF / %x0-F / %d0-1000 / %b1-100000000
          |                                         ^^^^^^^^ its ends differ in their number of octets
          |
          = help: write both ends of octets with equally many digits, such as `%x0000-FFFF`; between characters it does no harm

        warning: range of uneven width
         --> test.abnf:1:52
          |
        1 | ucs = %xA0-D7FF / %x00A0-D7FF / %x0-F / %d0-1000 / %b1-100000000
          |                                                    ^^^^^^^^^^^^^ its ends differ in their number of octets
          |
          = help: write both ends of octets with equally many digits, such as `%x0000-FFFF`; between characters it does no harm

        warning: repeat out of reach
         --> test.abnf:2:8
          |
        2 | long = 99999999999999999999"x" 2*99999999999999999999"y"
          |        ^^^^^^^^^^^^^^^^^^^^ no input is that long
          |
          = help: a repeat of more than 2^64 never matches; only as a greatest number it does no harm

        note: prose
         --> test.abnf:3:11
          |
        3 | mailbox = <mailbox, see RFC 5322> / 0<nothing>
          |           ^^^^^^^^^^^^^^^^^^^^^^^ only people can match this
          |
          = help: define it, or refer to another RFC's rule: `;@ import rfc3986 as uri` gives `uri-host`
        "#
    );
}

#[test]
fn everything_at_once() {
    let text = "a = b\n9 = x\nb = missing *[ SP ]\nb = c\nc = c \"c\"\nd =/ e\n";
    let source = Source::new("test.abnf", text);
    let mut builder = GrammarBuilder::new();
    builder.add(&source, 0..text.len());
    let (grammar, diagnostics) = builder.check(&CheckOptions::default());
    assert_eq!(grammar, None);
    let lines: Vec<_> = diagnostics.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    test.abnf:2:1: malformed rule: expected a rule name, found `9`
    test.abnf:4:1: rule defined twice: `b` has a definition already
    test.abnf:6:1: incremental alternative without a base: no rule `d` is defined before this
    test.abnf:3:5: undefined rule: no rule is called `missing`
    test.abnf:3:13: warning: empty loop: goes round without end, and what it repeats can be empty
    test.abnf:5:1: rule without end: `c` always needs itself once more
    test.abnf:5:5: warning: left recursion: `c` begins with itself
    "#);
    assert!(diagnostics.iter().any(|diagnostic| diagnostic.level() == Level::Warning));
}

#[test]
fn what_is_imported_is_looked_through_but_not_reported() {
    let text = ";@ import rfc9110 as http\n;@ import rfc3986 as uri\n\
                list = *http-OWS http-Content-Language / *uri-path-abempty\n";
    insta::assert_snapshot!(found(text), @r#"
    warning: empty loop
     --> test.abnf:3:8
      |
    3 | list = *http-OWS http-Content-Language / *uri-path-abempty
      |        ^^^^^^^^^ goes round without end, and what it repeats can be empty
      |
      = help: let each round match an octet at least; `*` outside already allows none

    warning: empty loop
     --> test.abnf:3:42
      |
    3 | list = *http-OWS http-Content-Language / *uri-path-abempty
      |                                          ^^^^^^^^^^^^^^^^^ goes round without end, and what it repeats can be empty
      |
      = help: let each round match an octet at least; `*` outside already allows none
    "#);
}

#[test]
fn rules_of_rfcs_are_fine() {
    for name in wsconform_abnf::known_names() {
        let grammar = wsconform_abnf::known(name).unwrap();
        let diagnostics = check(&grammar, &CheckOptions::default());
        let diagnostics = diagnostics.iter().filter(|found| found.level() != Level::Note);
        assert_eq!(diagnostics.map(ToString::to_string).collect::<Vec<_>>(), [""; 0], "{name}");
    }
}

#[test]
fn large_grammars_are_checked_in_bounded_time_and_stack() {
    let mut chain = String::new();
    for rule in 0..50_000 {
        chain.push_str(&format!("r{rule} = r{} / r0 r{rule} / r0 r{rule}\n", (rule + 1) % 50_000));
    }
    let found = diagnostics(&chain, &CheckOptions::default());
    assert_eq!(found.len(), 1_001);
    assert_eq!(found[1_000].label(), "49002 more were found from here on");
    let wide = format!("a = {}b\nb = *a", "[b] a / ".repeat(50_000));
    assert_eq!(diagnostics(&wide, &CheckOptions::default()).len(), 1_001);
    let open = format!("a = {}[a]{}\n", "*( ".repeat(99), ")".repeat(99));
    assert_eq!(diagnostics(&open, &CheckOptions::default()).len(), 100);
}

fn diagnostics(text: &str, options: &CheckOptions) -> Vec<Diagnostic> {
    check(&Grammar::read(&Source::new("test.abnf", text)).unwrap(), options)
}

fn found(text: &str) -> String {
    found_with(text, &CheckOptions::default())
}

fn found_with(text: &str, options: &CheckOptions) -> String {
    let rendered: Vec<_> =
        diagnostics(text, options).iter().map(|diagnostic| diagnostic.render(false)).collect();
    rendered.join("\n\n")
}
