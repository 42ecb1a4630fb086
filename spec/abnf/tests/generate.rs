//! What is generated matches.

use wsconform_abnf::generate::{GenerateError, Generator, Limits, Tape};
use wsconform_abnf::program::{Given, Options, Program};
use wsconform_abnf::recognise::{Matcher, Verdict};
use wsconform_abnf::{Grammar, Source};

const FRAME: &str = "\
frame           = frame-head frame-payload
                ;@ context sender : client / server
                ;@ size frame-payload : payload-length
                ;@ transform frame-payload : xor masking-key as payload
frame-head      = frame-flags frame-length [masking-key]
                ;@ when masking-key : mask = 1
frame-flags     = OCTET
                ;@ bits fin:1 rsv:3 opcode:4
                ;@ where rsv = 0 ; fail 1002 frame.rsv
                ;@ where opcode in {0x0..0x2, 0x8..0xA} ; fail 1002 frame.opcode
                ;@ where opcode < 0x8 or fin = 1
frame-length    = length-octet [length-16] [length-64]
                ;@ when length-16 : length-octet in {<7E>, <FE>}
                ;@ when length-64 : length-octet in {<7F>, <FF>}
                ;@ where opcode < 0x8 or payload-length <= 125 ; fail 1002 native.length
length-octet    = OCTET
                ;@ bits mask:1 payload-length:7
                ;@ where sender = server or mask = 1 ; fail 1002 masking.server.required
                ;@ where sender = client or mask = 0 ; fail 1002 masking.client.refused
length-16       = 2OCTET
                ;@ uint payload-length : be
                ;@ where payload-length > 125 ; fail 1002 frame.length.minimal
length-64       = 8OCTET
                ;@ uint payload-length : be
                ;@ where payload-length < 2^63 ; fail 1002 frame.length.top-bit
                ;@ where payload-length > 65535 ; fail 1002 frame.length.minimal
masking-key     = 4OCTET
frame-payload   = *OCTET
payload         = fragment / text-message / binary-message / ping-payload / close-payload
                ;@ when fragment : opcode = 0x0 or fin = 0
                ;@ when text-message : opcode = 0x1 and fin = 1
                ;@ when binary-message : opcode = 0x2 and fin = 1
                ;@ when close-payload : opcode = 0x8
                ;@ when ping-payload : opcode in {0x9, 0xA}
fragment        = *OCTET
binary-message  = *OCTET
text-message    = *OCTET
                ;@ transform text-message : utf8 ; fail 1007 text.utf8
ping-payload    = *125OCTET
close-payload   = [close-code close-reason]
close-code      = 2OCTET
                ;@ uint code : be
                ;@ where code in {1000..1003, 1007..1014, 3000..4999} ; fail 1002 close.code
close-reason    = *OCTET
                ;@ transform close-reason : utf8
";

fn program(text: &str) -> Program {
    let grammar = Grammar::read(&Source::new("test.abnf", text)).unwrap();
    Program::new(&grammar, Options::default()).unwrap()
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().join(" ")
}

/// Sentences from many tapes, each confirmed.
fn sentences(program: &Program, entry: &str, given: &Given, limits: Limits) -> Vec<Vec<u8>> {
    let generator = Generator::new(program, given);
    let matcher = Matcher::new(program, entry).unwrap();
    let reference = program.entry(entry).unwrap();
    let mut all = Vec::new();
    let empty = std::iter::once(Tape::new(&[]));
    for tape in empty.chain((0..400).map(Tape::seeded)) {
        let sentence = generator
            .sentence(reference, tape, limits)
            .unwrap_or_else(|error| panic!("{entry} {}: {error}", all.len()));
        match matcher.recognise(&sentence, given) {
            Verdict::Match(_) => all.push(sentence),
            verdict => panic!("{entry} {}: {} is {verdict:?}", all.len(), hex(&sentence)),
        }
    }
    all
}

#[test]
fn frames_have_the_right_length_and_mask() {
    let program = program(FRAME);
    for sender in ["client", "server"] {
        let given = Given::read(&program, [("sender", sender)]).unwrap();
        let limits = Limits { octets: 70_000, ..Limits::default() };
        let all = sentences(&program, "frame", &given, limits);
        let form = |octet: u8| all.iter().filter(|one| one[1] & 0x7F == octet).count();
        assert!(form(126) > 40 && form(127) > 0, "{} {}", form(126), form(127));
        let opcode = |opcode: u8| all.iter().filter(|one| one[0] & 0x0F == opcode).count();
        assert!([0, 1, 2, 8, 9, 10].into_iter().all(|one| opcode(one) > 20));
        let masked = u8::from(sender == "client");
        assert!(all.iter().all(|one| one[1] >> 7 == masked));
        assert_eq!(all[0].len(), if masked == 1 { 6 } else { 2 });
    }
}

#[test]
fn errors_name_what_is_in_the_way() {
    let cases = [
        ("a = \"x\" a\n", "no sentence of `a` comes to an end"),
        ("a = \"x\" b\nb = <a word>\n", "<a word>"),
        ("a = OCTET\n  ;@ bits m:8\n  ;@ where m > 5 and m < 5\n", "`where m > 5 and m < 5`"),
    ];
    for (text, expected) in cases {
        let program = program(text);
        let given = Given::default();
        let generator = Generator::new(&program, &given);
        let entry = program.entry("a").unwrap();
        let error = generator.sentence(entry, Tape::new(&[]), Limits::default()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
    let _: Option<GenerateError> = None;
}
