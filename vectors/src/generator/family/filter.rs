//! What is inspected, and where (US 9,331,890, FIG. 6, 604; claim 19).

use super::SEQUENCE as S;
use crate::generator::draft::{Draft, Frame};

pub(super) fn drafts() -> Vec<Draft> {
    let mut drafts = vec![
        text("text-equal", "text that equals the sequence", "ABCD"),
        text("text-begins", "text that begins with the sequence", "ABCD\u{2}"),
        text_armed(),
        data("one-octet-before", "one octet before the sequence", &[0, 0xF0, 0x80, 0, 0x10, 2]),
        data("at-the-end", "the sequence at the end", b"AB\xF0\x80\x00\x10"),
        data(
            "twice-behind",
            "the sequence twice, but not first",
            b"A\xF0\x80\x00\x10\xF0\x80\x00\x10",
        ),
        data("repeated-start", "its first octet twice", &[0xF0, 0xF0, 0x80, 0x00, 0x10]),
    ];
    drafts.extend((0..=3).map(short));
    drafts.extend([
        near_miss("low-bit", [0xF0, 0x80, 0x00, 0x11]),
        near_miss("high-bit", [0x70, 0x80, 0x00, 0x10]),
        near_miss("second-octet", [0xF0, 0x81, 0x00, 0x10]),
        near_miss("third-octet", [0xF0, 0x80, 0x01, 0x10]),
        near_miss("reversed", [0x10, 0x00, 0x80, 0xF0]),
        near_miss("next-in-block", [0xF0, 0x80, 0x00, 0x1F]),
        native("ping", Frame::ping),
        native("pong", Frame::pong),
        close_reason(),
        ping_arms_nothing(),
        masked(),
    ]);
    drafts
}

fn filter(name: &str, comment: &str) -> Draft {
    Draft::client(format!("escape/filter/{name}"), comment).active("rate-control", S)
}

fn text(name: &str, comment: &str, text: &str) -> Draft {
    Draft::client(format!("escape/filter/{name}"), comment)
        .active("rate-control", *b"ABCD")
        .flags(["text-inspected"])
        .covers(["filter.text"])
        .frames([Frame::text(text), Frame::binary("end")])
        .text(text)
        .binary("end")
}

fn text_armed() -> Draft {
    let comment = "text that equals the sequence takes no part, armed or not";
    Draft::client("escape/filter/text-while-armed", comment)
        .active("rate-control", *b"ABCD")
        .flags(["text-inspected", "disarms"])
        .covers(["filter.text", "escape.receiver.stays-armed"])
        .frames([Frame::text("ABCD"), Frame::binary("ABCD"), Frame::text("ABCD")])
        .frames([Frame::binary("ABCDE"), Frame::binary("ABCD\u{2}")])
        .text("ABCD")
        .text("ABCD")
        .binary("ABCDE")
        .control(0x02, &[])
}

fn data(name: &str, comment: &str, payload: &[u8]) -> Draft {
    filter(name, comment)
        .flags(["beginning"])
        .covers(["filter.beginning"])
        .frames([Frame::binary(payload), Frame::binary("end")])
        .binary(payload)
        .binary("end")
}

fn short(length: usize) -> Draft {
    let payload = &S[..length.min(S.len())];
    filter(&format!("short-{length}"), "data, though all of it is the start of the sequence")
        .flags(["short"])
        .covers(["filter.short"])
        .frames([Frame::binary(payload), Frame::binary([&S[..], &[0x02]].concat())])
        .binary(payload)
        .control(0x02, &[])
}

fn near_miss(name: &str, start: [u8; 4]) -> Draft {
    let longer = [&start[..], &[0x02]].concat();
    filter(&format!("near-miss-{name}"), "data: all four octets have to be right")
        .flags(["near-miss"])
        .covers(["filter.beginning"])
        .frames([Frame::binary(start), Frame::binary(&longer)])
        .binary(start)
        .binary(&longer)
}

fn native(name: &str, frame: fn(Vec<u8>) -> Frame) -> Draft {
    let (equal, longer) = (S.to_vec(), [&S[..], &[0x41]].concat());
    let draft = filter(name, "its payload is never a control message")
        .flags(["native-inspected"])
        .covers(["filter.native"])
        .frames([frame(equal.clone()), frame(longer.clone())]);
    if name == "ping" { draft.ping(equal).ping(longer) } else { draft.pong(equal).pong(longer) }
}

fn close_reason() -> Draft {
    let comment = "nor is that of a Close, though it begins with the sequence";
    Draft::client("escape/filter/close", comment)
        .active("rate-control", [0x03, 0xE8, 0x02, 0x02])
        .flags(["native-inspected"])
        .covers(["filter.native"])
        .frames([Frame::close([0x03, 0xE8, 0x02, 0x02])])
        .close(1000, "\u{2}\u{2}")
}

fn ping_arms_nothing() -> Draft {
    filter("ping-arms-nothing", "a Ping that equals the sequence is no escape")
        .flags(["native-inspected"])
        .covers(["filter.native"])
        .frames([Frame::ping(S), Frame::binary([&S[..], &[0x03]].concat())])
        .ping(S)
        .control(0x03, &[])
}

fn masked() -> Draft {
    let comment =
        "masked with the sequence itself, so that zeros stand on the wire, and vice versa";
    Draft::server("escape/filter/masked", comment)
        .active("rate-control", S)
        .flags(["near-miss"])
        .covers(["masking.server.read", "filter.beginning"])
        .frames([
            Frame::binary([&S[..], &[0x02]].concat()).masked_with(S),
            Frame::binary([0, 0, 0, 0, 2]).masked_with(S),
        ])
        .control(0x02, &[])
        .binary([0, 0, 0, 0, 2])
}
