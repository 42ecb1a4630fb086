//! Messages of `control-setup` whose turn it is, or is not, before anything was offered by the reader.

use super::SEQUENCE as S;
use crate::generator::draft::{Draft, Frame};

pub(super) fn drafts() -> Vec<Draft> {
    let mut drafts: Vec<_> = OFFERS.into_iter().map(offer).collect();
    drafts.extend(MALFORMED.into_iter().map(malformed));
    drafts.extend([answer(), answer_of_nothing(), confirm(), unknown(), ignorable()]);
    drafts
}

fn setup(name: &str, comment: &str) -> Draft {
    Draft::client(format!("control/set-up/{name}"), comment)
        .active("control-setup", S)
        .flags(["set-up"])
}

fn message(kind: u8, body: &[u8]) -> Frame {
    Frame::binary([&S[..], &[kind], body].concat())
}

const OFFERS: [(&str, &str, &[u8]); 8] = [
    ("one", "one capability", b"heartbeat"),
    ("parameters", "with parameters", b"heartbeat; interval=1000"),
    ("alternatives", "alternatives of it", b"rate-control; pace=strict, rate-control"),
    ("unknown", "what nobody knows is declined", b"x-other; a=1"),
    ("control", "so is what proposes a sequence", b"heartbeat; control=F0800022"),
    ("itself", "and control-setup itself", b"control-setup"),
    ("quoted", "quotes", b"heartbeat; interval=\"1\\000\""),
    ("white-space", "white space where a field may have it", b" \t, heartbeat ,, "),
];

fn offer((name, comment, list): (&str, &str, &[u8])) -> Draft {
    setup(&format!("offer-{name}"), comment)
        .covers(["setup.offers", "setup.malformed"])
        .frames([message(0x01, list)])
        .control_of("control-setup", 0x01, list)
}

const MALFORMED: [(&str, &str, &[u8]); 8] = [
    ("empty", "nothing is no list", b""),
    ("comma", "no element", b", ,"),
    ("separator", "no comma", b"heartbeat idle-timeout"),
    ("end", "nothing behind the semicolon", b"heartbeat;"),
    ("value", "nothing behind the sign", b"heartbeat; interval="),
    ("quote", "a quote that is not closed", b"heartbeat; interval=\"100"),
    ("line-end", "a line end is no white space here", b"heartbeat\r\n"),
    ("utf-8", "tokens are of US-ASCII", b"h\xC3\xA9artbeat"),
];

fn malformed((name, comment, list): (&str, &str, &[u8])) -> Draft {
    setup(&format!("malformed-{name}"), comment)
        .frames([message(0x01, list)])
        .rejected(1002, "setup.malformed")
}

fn answer() -> Draft {
    setup("answer", "an ANSWER to nothing")
        .frames([message(0x02, b"heartbeat; control=F0800011")])
        .rejected(1002, "setup.turn")
}

fn answer_of_nothing() -> Draft {
    setup("answer-empty", "an empty ANSWER to nothing")
        .frames([message(0x02, b"")])
        .rejected(1002, "setup.turn")
}

fn confirm() -> Draft {
    setup("confirm", "a CONFIRM of nothing")
        .frames([message(0x03, b"")])
        .rejected(1002, "setup.turn")
}

fn unknown() -> Draft {
    setup("critical", "a type below 80 that is none of control-setup")
        .frames([message(0x04, b"")])
        .rejected(1002, "message.critical")
}

fn ignorable() -> Draft {
    setup("ignorable", "a type from 80 on: dropped")
        .covers(["message.ignorable"])
        .frames([message(0x80, b""), message(0xFF, b"abc"), Frame::binary("end")])
        .binary("end")
}
