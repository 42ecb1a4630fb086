//! Any four octets can be a sequence (US 9,331,890, FIG. 4, 404; claims 8 and 17).

use crate::generator::draft::{Draft, Frame};

const SEQUENCES: [(&str, &str, [u8; 4]); 14] = [
    ("zeros", "not for none", [0, 0, 0, 0]),
    ("ones", "all bits set", [0xFF, 0xFF, 0xFF, 0xFF]),
    ("high-bit", "no negative number", [0x80, 0x00, 0x00, 0x00]),
    ("low-bit", "a small number", [0x00, 0x00, 0x00, 0x01]),
    ("get", "the start of a request", *b"GET "),
    ("letters", "one letter four times", *b"AAAA"),
    ("printable", "letters that data may begin with", *b"VALI"),
    ("utf8-three-octets", "UTF-8 text", *b"\xE2\x82\xAC\n"),
    ("utf8-four-octets", "a single character of UTF-8", *b"\xF0\x9F\x98\x80"),
    ("almost-utf8", "what UTF-8 never begins with", [0xF5, 0xA2, 0x8E, 0x28]),
    ("control-characters", "valid UTF-8, but not printable", [0x01, 0x01, 0x01, 0x02]),
    ("frame", "the head of a frame", [0x82, 0x04, 0x82, 0x04]),
    ("newline", "line ends", *b"\r\n\r\n"),
    ("assigned", "as a server should choose it", [0xF7, 0xC0, 0x12, 0x30]),
];

pub(super) fn drafts() -> Vec<Draft> {
    let mut drafts: Vec<_> = SEQUENCES.into_iter().map(sequence).collect();
    drafts.extend([overlap(), shifted()]);
    drafts
}

fn sequence((name, comment, octets): (&str, &str, [u8; 4])) -> Draft {
    let [.., last] = octets;
    let mut near = octets;
    near[3] = last ^ 0x01;
    let increase = [&octets[..], &[0x02]].concat();
    Draft::client(format!("escape/sequences/{name}"), comment)
        .active("rate-control", octets)
        .flags(["sequence-value", "near-miss"])
        .covers(["sequence.any", "escape.receiver.arms", "escape.receiver.delivers"])
        .frames([Frame::binary(octets), Frame::binary(&increase), Frame::binary(&increase)])
        .frames([Frame::binary(near), Frame::binary(octets), Frame::binary(octets)])
        .binary(&increase)
        .control(0x02, &[])
        .binary(near)
        .binary(octets)
}

fn overlap() -> Draft {
    Draft::client("escape/sequences/overlap", "a sequence of equal octets, found at the beginning")
        .active("rate-control", *b"AAAA")
        .flags(["sequence-value", "short"])
        .covers(["sequence.any", "filter.short", "filter.beginning"])
        .frames([Frame::binary("AAA"), Frame::binary("BAAAA"), Frame::binary("AAAA")])
        .frames([Frame::binary("AAAAAAAA"), Frame::binary("AAAA\u{4}")])
        .binary("AAA")
        .binary("BAAAA")
        .binary("AAAAAAAA")
        .control(0x04, &[])
}

fn shifted() -> Draft {
    Draft::client("escape/sequences/shifted", "leading zeros count: one more makes it other data")
        .active("rate-control", [0, 0, 0, 1])
        .flags(["sequence-value", "beginning"])
        .covers(["sequence.any", "filter.beginning"])
        .frames([
            Frame::binary([0, 0, 0, 0, 1]),
            Frame::binary([0, 0, 1]),
            Frame::binary([0, 0, 0, 1, 4]),
        ])
        .binary([0, 0, 0, 0, 1])
        .binary([0, 0, 1])
        .control(0x04, &[])
}
