//! Grammars become programs, or say why not.

use wsconform_abnf::program::{FieldKind, NodeKind, Options, Program, Unit, View};
use wsconform_abnf::{Grammar, Source};

const FRAME: &str = "\
frame           = frame-head frame-payload
                ;@ context sender : client / server
                ;@ size frame-payload : payload-length
                ;@ transform frame-payload : xor masking-key as content
frame-head      = frame-flags frame-length [masking-key]
                ;@ when masking-key : mask = 1
frame-flags     = OCTET
                ;@ bits fin:1 rsv:3 opcode:4
                ;@ where rsv = 0 ; fail 1002 frame.rsv
frame-length    = length-7 / length-16
                ;@ where sender = server or mask = 1 ; fail 1002 masking.server.required
length-7        = %x00-7D / %x80-FD
                ;@ bits mask:1 payload-length:7
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
binary          = *OCTET
";

fn program(text: &str, options: Options) -> Result<Program, String> {
    let source = Source::new("test.abnf", text);
    let rendered = |diagnostics: Vec<wsconform_abnf::Diagnostic>| {
        let all: Vec<_> = diagnostics.iter().map(|one| one.render(false)).collect();
        all.join("\n\n")
    };
    let grammar = Grammar::read(&source).map_err(rendered)?;
    Program::new(&grammar, options).map_err(rendered)
}

#[test]
fn directives_find_their_places() {
    let program = program(FRAME, Options::default()).unwrap();
    let frame = program.rule(program.rule_id("FRAME").unwrap());
    let NodeKind::Sequence(parts) = &program.node(frame.body).kind else { panic!() };
    let NodeKind::Reference(payload) = &program.node(parts[1]).kind else { panic!() };
    assert!(payload.size.is_some());
    assert_eq!(payload.view, View::Xor(program.field_id("masking-key").unwrap()));
    // The raw rule is `*OCTET`; in its place stands what it becomes.
    let raw = program.rule(payload.rule);
    assert_eq!(raw.name, "frame-payload");
    let NodeKind::Reference(content) = &program.node(raw.body).kind else { panic!() };
    assert_eq!(program.rule(content.rule).name, "content");

    let length = program.field(program.field_id("payload-length").unwrap());
    assert_eq!(length.kind, FieldKind::Number { bits: 64 });
    assert!(length.is_read);
    assert!(!program.field(program.field_id("fin").unwrap()).is_read);
    let flags = program.rule(program.rule_id("frame-flags").unwrap());
    assert_eq!(flags.wheres[0].fail.as_ref().unwrap().requirement, "frame.rsv");
    assert_eq!(program.contexts()[0].name, "sender");
}

#[test]
fn without_directives_only_abnf_is_left() {
    let program = program(FRAME, Options { pure: true, ..Options::default() }).unwrap();
    assert!(program.fields().is_empty());
    assert!(program.rules().all(|(_, rule)| rule.wheres.is_empty() && rule.bits.is_empty()));
}

#[test]
fn characters_are_asked_for() {
    let text = "unescaped = %x20-21 / %x23-5B / %x5D-10FFFF\n";
    assert!(program(text, Options::default()).unwrap_err().contains("utf-8"));
    assert!(program(text, Options { unit: Unit::Utf8, ..Options::default() }).is_ok());
}

#[test]
fn mistakes_are_explained() {
    let mistakes = [
        "a = b\n  ;@ size c : 1\nb = *OCTET\n",
        "a = b\n  ;@ size b : lenght\nlength = OCTET\nb = *OCTET\n",
        "a = b\n  ;@ size b : b\nb = *OCTET\n",
        "a = OCTET\n  ;@ bits m:1 n:7\n  ;@ where m\n",
        "a = OCTET\n  ;@ context role : client / server\n  ;@ where role = clint\n",
        "a = OCTET\n  ;@ context role : client / server\n  ;@ where role < client\n",
        "a = OCTET\n  ;@ bits m:8\n  ;@ where a = m\n",
        "a = OCTET\n  ;@ bits m:8\n  ;@ where m in {<01>}\n",
        "a = OCTET\n  ;@ where a in {1}\n",
        "a = \"x\"\n  ;@ transform a : utf8\n",
        "a = *OCTET\n  ;@ transform a : xor a as nobody\n",
        "a = OCTET\n  ;@ context c : uint\nb = a\n  ;@ context c : list\n",
        "a = OCTET\n  ;@ where a in b\nb = a\n",
        "a = p\n  ;@ size p : 2\np = *OCTET\n  ;@ size p : 3\n",
        "a = OCTET\n  ;@ bits x:4 X:4\n",
    ];
    let rendered: Vec<_> =
        mistakes.iter().map(|text| program(text, Options::default()).unwrap_err()).collect();
    insta::assert_snapshot!(rendered.join("\n\n"));
}
