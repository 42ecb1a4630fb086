//! What is recognised, what is not, and why.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use wsconform_abnf::program::{Given, Options, Program, Unit};
use wsconform_abnf::recognise::{Matcher, Node, Status, Undecided, Verdict};
use wsconform_abnf::{Grammar, Source};

const FRAME: &str = "\
frame           = frame-head frame-payload
                ;@ context sender : client / server
                ;@ size frame-payload : payload-length ; fail 1002 frame.payload
                ;@ transform frame-payload : xor masking-key as content
frame-head      = frame-flags frame-length [masking-key]
                ;@ when masking-key : mask = 1
frame-flags     = OCTET
                ;@ bits fin:1 rsv:3 opcode:4
                ;@ where rsv = 0 ; fail 1002 frame.rsv
frame-length    = length-7 / length-16
length-7        = %x00-7D / %x80-FD
                ;@ bits mask:1 payload-length:7
                ;@ where sender = server or mask = 1 ; fail 1002 masking.server.required
length-16       = length-16-flag extended-16
length-16-flag  = %x7E / %xFE
                ;@ bits mask:1 length-code:7
extended-16     = 2OCTET
                ;@ uint payload-length : be
                ;@ where payload-length > 125 ; fail 1002 frame.length.minimal
masking-key     = 4OCTET
frame-payload   = *OCTET
content         = text / binary
                ;@ when text : opcode = 1
                ;@ when binary : opcode = 2
text            = *OCTET
                ;@ transform text : utf8
                ;@ fail 1007 text.utf8
binary          = *OCTET
frames          = *frame
";

fn program(text: &str, unit: Unit) -> Program {
    let source = Source::new("test.abnf", text);
    let grammar = Grammar::read(&source).unwrap();
    Program::new(&grammar, Options { unit, pure: false }).unwrap()
}

fn given(program: &Program, sender: &str) -> Given {
    Given::read(program, [("sender", sender)]).unwrap()
}

/// The answer in a line.
fn answer(program: &Program, entry: &str, input: &[u8], given: &Given) -> String {
    let matcher = Matcher::new(program, entry).unwrap();
    let whole = matcher.recognise(input, given);
    let text = match &whole {
        Verdict::Match(_) => "match".to_owned(),
        Verdict::Mismatch(mismatch) => {
            let fail = mismatch.fail().map_or(String::new(), |fail| format!(" [{fail}]"));
            format!("{}{fail}", mismatch.describe(program))
        }
        Verdict::Incomplete => "incomplete".to_owned(),
        Verdict::Undecided(undecided) => undecided.to_string(),
    };
    // Octet by octet, asked after each, the answer is the same.
    let mut recognition = matcher.start(given.clone());
    for octet in input {
        recognition.push(&[*octet]);
        recognition.status();
    }
    let status = recognition.status();
    let agrees = match &whole {
        Verdict::Match(_) => matches!(status, Status::Match { .. }),
        Verdict::Mismatch(_) => status == Status::Mismatch,
        Verdict::Incomplete => status == Status::Incomplete,
        Verdict::Undecided(_) => status == Status::Undecided,
    };
    assert!(agrees, "{input:02X?}: {text}, but octet by octet {status:?}");
    if let (Verdict::Mismatch(mismatch), Verdict::Mismatch(stepwise)) =
        (&whole, &recognition.finish())
    {
        assert_eq!(mismatch.offset, stepwise.offset, "{input:02X?}: {text}");
        assert_eq!(mismatch.fail(), stepwise.fail(), "{input:02X?}: {text}");
    }
    text
}

fn tree(program: &Program, node: Node<'_>, input: &[u8]) -> String {
    let mut text = String::new();
    let mut waiting = vec![(0, node)];
    while let Some((depth, node)) = waiting.pop() {
        let span = node.span();
        let name = &program.rule(node.rule()).name;
        let fields: String = node
            .fields(program, input)
            .iter()
            .map(|(name, value)| format!(" {name}={value}"))
            .collect();
        let indent = "  ".repeat(depth);
        text.push_str(&format!("{indent}{name} {}..{}{fields}\n", span.start, span.end));
        waiting.extend(node.children().rev().map(|child| (depth + 1, child)));
    }
    text
}

#[test]
fn frames_are_read_with_their_lengths_and_masks() {
    let program = program(FRAME, Unit::Octet);
    let client = given(&program, "client");
    let input = *b"\x81\x85\x37\xFA\x21\x3D\x7F\x9F\x4D\x51\x58";
    let matcher = Matcher::new(&program, "frame").unwrap();
    let Verdict::Match(found) = matcher.recognise(&input, &client) else { panic!() };
    insta::assert_snapshot!(tree(&program, found.root(), &input), @r"
    frame 0..11
      frame-head 0..6
        frame-flags 0..1 fin=1 rsv=0 opcode=1
        frame-length 1..2
          length-7 1..2 mask=1 payload-length=5
        masking-key 2..6
      frame-payload 6..11
        content 6..11
          text 6..11
            UTF-8 6..11
    ");
    let text = found.root().find(&program, "text").unwrap();
    assert_eq!(text.octets(&input), b"Hello");
    assert_eq!(found.root().number(&program, &input, "payload-length"), Some(5));

    let mut long = vec![0x82, 0x7E, 0x01, 0x00];
    long.extend([0xFF; 256]);
    assert_eq!(answer(&program, "frame", &long, &given(&program, "server")), "match");
}

#[test]
fn a_mismatch_says_where_and_what_is_due() {
    let program = program(FRAME, Unit::Octet);
    let server = given(&program, "server");
    let cases: [(&[u8], &str); 10] = [
        (b"\x81\x02\xC3\xA9", "match"),
        (b"\x81\x02\xC3", "incomplete"),
        (b"\x81", "incomplete"),
        (b"", "incomplete"),
        (b"\xC1", "octets 0 to 1 do not keep `where rsv = 0` of frame-flags [1002 frame.rsv]"),
        (
            b"\x82\x7E\x00\x7D",
            "octets 2 to 4 do not keep `where payload-length > 125` of extended-16 \
             [1002 frame.length.minimal]",
        ),
        (b"\x81\x02\xC0\x80", "at octet 2: expected 00-7F C2-F4 (UTF-8) [1007 text.utf8]"),
        (
            b"\x81\x01\xC3",
            "octets 2 to 3 do not keep `size frame-payload : payload-length` of UTF-8 \
             [1007 text.utf8]",
        ),
        (b"\x82\x02ABC", "nothing may follow at octet 4"),
        (b"\x83\x00", "octets 2 to 2 do not keep `when binary : opcode = 2` of binary"),
    ];
    for (input, expected) in cases {
        assert_eq!(answer(&program, "frame", input, &server), expected, "{input:02X?}");
    }
    assert_eq!(
        answer(&program, "frame", b"\x81\x02", &given(&program, "client")),
        "octets 1 to 2 do not keep `where sender = server or mask = 1` of length-7 \
         [1002 masking.server.required]"
    );
}

#[test]
fn frames_follow_each_other() {
    let program = program(FRAME, Unit::Octet);
    let server = given(&program, "server");
    let input = b"\x81\x01A\x82\x00\x82\x02\xFF\xFE";
    assert_eq!(answer(&program, "frames", input, &server), "match");
    let matcher = Matcher::prefixes(&program, "frame").unwrap();
    let mut recognition = matcher.start(server);
    recognition.push(input);
    assert_eq!(recognition.status(), Status::Mismatch);
    assert_eq!(recognition.accepted(), Some(3));
    let Verdict::Match(first) = recognition.finish() else { panic!() };
    assert_eq!(first.root().span(), 0..3);
}

#[test]
fn a_large_payload_is_passed_over_at_once() {
    let program = program(FRAME, Unit::Octet);
    let matcher = Matcher::new(&program, "frame").unwrap();
    let steps = |size: u16| {
        let mut input = vec![0x82, 0x7E];
        input.extend(size.to_be_bytes());
        input.resize(usize::from(size) + 4, 0);
        matcher.steps(&input, &given(&program, "server"))
    };
    assert_eq!(steps(30_000), steps(60_000));
}

/// Alternatives are unordered, and each has to be followed to its end.
#[test]
fn alternatives_hide_nothing() {
    let text = "\
        uri = scheme \"://\" host [\":\" *DIGIT] path\nscheme = ALPHA *(ALPHA / DIGIT)\n\
        host = ip-literal / ipv4 / name\nip-literal = \"[\" 1*(HEXDIG / \":\") \"]\"\n\
        ipv4 = 1*3DIGIT \".\" 1*3DIGIT \".\" 1*3DIGIT \".\" 1*3DIGIT\n\
        name = *(ALPHA / DIGIT / \".\" / \"-\")\npath = *(\"/\" *(ALPHA / DIGIT))\n\
        greedy = *\"a\" \"a\"\nshort = (\"a\" / \"ab\") (\"bc\" / \"c\")\n";
    let program = program(text, Unit::Octet);
    for uri in ["ws://[2001:db8::7]/chat", "http://1.2.3.4.5/", "http://1.2.3.4/", "x://"] {
        assert_eq!(answer(&program, "uri", uri.as_bytes(), &Given::default()), "match", "{uri}");
    }
    for greedy in ["a", "aaaa"] {
        assert_eq!(answer(&program, "greedy", greedy.as_bytes(), &Given::default()), "match");
    }
    for short in ["abc", "ac", "abbc"] {
        assert_eq!(answer(&program, "short", short.as_bytes(), &Given::default()), "match");
    }
}

#[test]
fn letters_match_in_us_ascii_only() {
    let program = program("k = \"k\"\ns = %s\"k\"\n", Unit::Utf8);
    for (entry, input, matches) in
        [("k", "k", true), ("k", "K", true), ("s", "K", false), ("k", "\u{212A}", false)]
    {
        let is_match = answer(&program, entry, input.as_bytes(), &Given::default()) == "match";
        assert_eq!(is_match, matches, "{entry} {input}");
    }
}

#[test]
fn rules_may_call_themselves_on_the_left_too() {
    let text = "sum = sum \"+\" product / product\nproduct = product \"*\" atom / atom\n\
                atom = 1*DIGIT / \"(\" sum \")\"\nloop = loop / \"x\"\n\
                hidden = [\"-\"] hidden \"!\" / \"y\"\nright = \"a\" right / \"a\"\n";
    let program = program(text, Unit::Octet);
    let matcher = Matcher::new(&program, "sum").unwrap();
    let input = b"1+2*(3+4)+5";
    let Verdict::Match(found) = matcher.recognise(input, &Given::default()) else { panic!() };
    let root = found.root();
    assert_eq!(root.children().map(|child| child.span()).collect::<Vec<_>>(), [0..9, 10..11]);
    assert_eq!(answer(&program, "loop", b"x", &Given::default()), "match");
    assert_eq!(answer(&program, "hidden", b"--y!!", &Given::default()), "match");
    assert_eq!(answer(&program, "hidden", b"--y!", &Given::default()), "incomplete");
    let deep = [b"(".repeat(50_000), b"1".to_vec(), b")".repeat(50_000)].concat();
    assert_eq!(answer(&program, "sum", &deep, &Given::default()), "match");
}

#[test]
fn repetitions_of_any_size_are_counted() {
    let text = "many = 2*99999999999999999999\"a\"\nexact = 1000\"ab\"\nrange = 600*1200(\"a\" / \"b\")\n\
                nothing = *(*\"a\")\nempty = 3*5[\"a\"]\nnone = 0\"a\"\n";
    let program = program(text, Unit::Octet);
    let check = |entry, input: &[u8], expected| {
        let found = answer(&program, entry, input, &Given::default());
        assert_eq!(found.split(':').next().unwrap(), expected, "{entry} {}", input.len());
    };
    check("many", b"a", "incomplete");
    check("many", b"aa", "match");
    check("many", &b"a".repeat(10_000), "match");
    check("exact", &b"ab".repeat(1000), "match");
    check("exact", &b"ab".repeat(999), "incomplete");
    check("exact", &b"ab".repeat(1001), "nothing may follow at octet 2000");
    check("range", &b"ab".repeat(300), "match");
    check("range", &b"ab".repeat(600), "match");
    check("range", &b"ab".repeat(601), "nothing may follow at octet 1200");
    check("nothing", b"", "match");
    check("nothing", b"aaa", "match");
    check("empty", b"", "match");
    check("empty", b"aaaaa", "match");
    check("empty", b"aaaaaa", "nothing may follow at octet 5");
    check("none", b"", "match");
    check("none", b"a", "nothing may follow at octet 0");
}

#[test]
fn what_cannot_be_told_is_not_told() {
    let program = program("a = \"x\" / <something>\nb = *(*\"a\") \"b\"\n", Unit::Octet);
    assert_eq!(answer(&program, "a", b"x", &Given::default()), "match");
    let prose = "only people know what the prose-val at test.abnf:1:11 stands for";
    assert_eq!(answer(&program, "a", b"y", &Given::default()), prose);
    let matcher = Matcher::new(&program, "b").unwrap().step_limit(10);
    let verdict = matcher.recognise(&b"a".repeat(100), &Given::default());
    assert!(matches!(verdict, Verdict::Undecided(Undecided::Steps(10))));
}

#[test]
fn hooks_decode_parts() {
    let text = "a = length body\n  ;@ size body : length\n  ;@ transform body : reverse as word\n\
                length = OCTET\n  ;@ uint length : be\nbody = *OCTET\nword = \"abc\"\n";
    let program = program(text, Unit::Octet);
    let reverse = |octets: &[u8], _| Some(octets.iter().rev().copied().collect());
    let matcher =
        Matcher::new(&program, "a").unwrap().hook("reverse", std::sync::Arc::new(reverse));
    assert!(matches!(matcher.recognise(b"\x03cba", &Given::default()), Verdict::Match(_)));
    assert!(matches!(matcher.recognise(b"\x03cb", &Given::default()), Verdict::Incomplete));
    assert!(matches!(matcher.recognise(b"\x03abc", &Given::default()), Verdict::Mismatch(_)));
}

#[test]
fn the_tree_is_the_first_in_the_order_of_the_text() {
    let text = "a = b c\nb = *\"x\"\nc = *\"x\"\nd = e / f\ne = 2f\nf = *\"y\"\n\
                g = [h] [i]\nh = \"z\"\ni = \"z\"\n";
    let program = program(text, Unit::Octet);
    let shape = |entry: &str, input: &[u8]| {
        let matcher = Matcher::new(&program, entry).unwrap();
        let Verdict::Match(found) = matcher.recognise(input, &Given::default()) else { panic!() };
        tree(&program, found.root(), input)
    };
    assert_eq!(shape("a", b"xxx"), "a 0..3\n  b 0..3\n  c 3..3\n");
    // The second alternative is known to fit before the first is.
    assert_eq!(shape("d", b"y"), "d 0..1\n  e 0..1\n    f 0..1\n    f 1..1\n");
    assert_eq!(shape("g", b"z"), "g 0..1\n");
}

#[test]
fn what_is_no_integer_has_its_own_consequence() {
    let text =
        "n = 1*DIGIT\n  ;@ uint n : decimal ; fail 400 number.size\n  ;@ fail 400 number.form\n";
    let program = program(text, Unit::Octet);
    let said = |input: &[u8]| answer(&program, "n", input, &Given::default());
    assert_eq!(said(b"18446744073709551616"), "incomplete");
    assert!(said(b"18446744073709551616x").ends_with("[400 number.size]"));
    assert!(said(b"x").ends_with("[400 number.form]"));
}

/// Grammars that would take very long or very much when treated carelessly.
#[test]
fn large_grammars_are_answered_for() {
    let optional: String = (0..1000).map(|part| format!("[\"{part};\"] ")).collect();
    let program_ = program(&format!("a = {optional}\n"), Unit::Octet);
    assert_eq!(answer(&program_, "a", b"7;8;999;", &Given::default()), "match");
    assert!(answer(&program_, "a", b"8;7;", &Given::default()).starts_with("at octet 3"));

    let branches: Vec<String> = (0..3000).map(|branch| format!("\"{branch};\"")).collect();
    let program_ = program(&format!("a = *({})\n", branches.join(" / ")), Unit::Octet);
    assert_eq!(answer(&program_, "a", b"8;7;2999;", &Given::default()), "match");

    let count = 10_000;
    let downwards: String = (0..count).map(|rule| format!("r{rule} = r{}\n", rule + 1)).collect();
    let program_ = program(&format!("{downwards}r{count} = [\"x\"]\n"), Unit::Octet);
    assert_eq!(answer(&program_, "r0", b"x", &Given::default()), "match");
    let upwards: String = (0..count).map(|rule| format!("r{} = r{rule}\n", rule + 1)).collect();
    let program_ = program(&format!("{upwards}r0 = [\"x\"]\n"), Unit::Octet);
    assert_eq!(answer(&program_, &format!("r{count}"), b"x", &Given::default()), "match");

    let nested = "100*200(100*200(100*200(\"a\" / \"b\" *\"c\")))";
    let program_ = program(&format!("a = {nested}\n"), Unit::Octet);
    assert_eq!(answer(&program_, "a", &b"a".repeat(1000), &Given::default()), "incomplete");

    let many = "512\"a\" ".repeat(1000);
    let program_ = program(&format!("a = {many}\n"), Unit::Octet);
    let undecided = "the grammar has more than 262144 steps when written out";
    assert_eq!(answer(&program_, "a", b"a", &Given::default()), undecided);
}
