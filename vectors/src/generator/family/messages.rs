//! Control messages of `rate-control`: types, bodies, and their place among the data.

use super::SEQUENCE as S;
use crate::generator::draft::{Draft, Frame};

/// Name and body of what is well-formed.
const WELL_FORMED: [(&str, &[u8]); 14] = [
    ("rate-pause", &[0x01, 0, 0, 0, 0, 0, 0, 0, 0]),
    ("rate-one", &[0x01, 0, 0, 0, 0, 0, 0, 0, 1]),
    ("rate-order", &[0x01, 0, 1, 2, 3, 4, 5, 6, 7]),
    ("rate-largest", &[0x01, 0, 0x1F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
    ("rate-unlimited", &[0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
    ("increase", &[0x02]),
    ("decrease", &[0x03]),
    ("full", &[0x04]),
    ("effective", &[0x05, 0, 0, 0, 0, 0, 0x0F, 0x42, 0x40]),
    ("effective-pause", &[0x05, 0, 0, 0, 0, 0, 0, 0, 0]),
    ("effective-unlimited", &[0x05, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
    ("limit", &[0x06, 0, 0, 0, 0, 0, 0, 0, 1]),
    ("limit-unlimited", &[0x06, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
    ("suspend", &[0x7E]),
];

/// Name, what is wrong, type and body.
const MALFORMED: [(&str, &str, &[u8]); 13] = [
    ("rate-empty", "a rate is 8 octets", &[0x01]),
    ("rate-short", "a rate is 8 octets", &[0x01, 0, 0, 0, 0, 0, 3, 0xE8]),
    ("rate-long", "a rate is 8 octets", &[0x01, 0, 0, 0, 0, 0, 0, 3, 0xE8, 0]),
    ("rate-beyond", "2^53 is no rate", &[0x01, 0, 0x20, 0, 0, 0, 0, 0, 0]),
    (
        "rate-almost-unlimited",
        "2^64-2 is no rate",
        &[0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE],
    ),
    ("increase-body", "INCREASE has no body", &[0x02, 0]),
    ("decrease-body", "DECREASE has no body", &[0x03, 1]),
    ("full-body", "FULL has no body", &[0x04, 0xFF]),
    ("effective-short", "a rate is 8 octets", &[0x05, 0, 0, 0]),
    ("effective-beyond", "2^63 is no rate", &[0x05, 0x80, 0, 0, 0, 0, 0, 0, 0]),
    ("limit-zero", "a limit is not 0", &[0x06, 0, 0, 0, 0, 0, 0, 0, 0]),
    ("limit-long", "a rate is 8 octets", &[0x06, 0, 0, 0, 0, 0, 0, 0, 1, 0]),
    ("suspend-body", "SUSPEND has no body", &[0x7E, 0]),
];

pub(super) fn drafts() -> Vec<Draft> {
    let mut drafts = Vec::new();
    drafts.extend(WELL_FORMED.into_iter().map(well_formed));
    drafts.extend(MALFORMED.into_iter().map(malformed));
    drafts.extend([0x00, 0x07, 0x41, 0x6F, 0x70, 0x7D].map(critical));
    drafts.extend([0x90, 0xEF, 0xF0, 0xFF].map(ignorable));
    drafts.extend([
        order(),
        in_one_write(),
        requests_in_a_row(),
        ignorable_in_order(),
        sequence_twice(),
        to_server(),
        critical_to_server(),
        behind_violation(),
        behind_close(),
    ]);
    drafts
}

fn message(name: &str, comment: &str) -> Draft {
    Draft::client(format!("escape/messages/{name}"), comment).active("rate-control", S)
}

fn control(octets: &[u8]) -> Frame {
    Frame::binary([&S[..], octets].concat())
}

fn means(draft: Draft, octets: &[u8]) -> Draft {
    match octets.split_first() {
        Some((kind, body)) => draft.control(*kind, body),
        None => draft,
    }
}

fn well_formed((name, octets): (&str, &[u8])) -> Draft {
    let requirement = match octets.first() {
        Some(0x01..=0x04) => "rate.requests",
        Some(0x05) => "rate.effective.unasked",
        _ => "message.critical",
    };
    let draft = message(name, "a control message, and nothing for the application")
        .flags(["message-type", "forwarded"])
        .covers([requirement, "message.not-forwarded", "message.order"])
        .frames([Frame::binary("before"), control(octets), Frame::binary("end")])
        .binary("before");
    means(draft, octets).binary("end")
}

fn malformed((name, comment, octets): (&str, &str, &[u8])) -> Draft {
    message(name, comment)
        .flags(["message-type"])
        .frames([Frame::binary("before"), control(octets), Frame::binary("end")])
        .binary("before")
        .rejected(1002, "message.malformed")
}

fn critical(kind: u8) -> Draft {
    message(&format!("critical-{kind:02x}"), "a type below 80 that nobody assigned")
        .flags(["message-type"])
        .frames([Frame::binary("before"), control(&[kind]), Frame::binary("end")])
        .binary("before")
        .rejected(1002, "message.critical")
}

fn ignorable(kind: u8) -> Draft {
    message(&format!("ignorable-{kind:02x}"), "a type from 80 on that nobody assigned: dropped")
        .flags(["message-type", "forwarded"])
        .covers(["message.ignorable", "message.not-forwarded"])
        .frames([control(&[kind]), control(&[kind, 1, 2, 3]), Frame::binary("end")])
        .binary("end")
}

fn order() -> Draft {
    message("order", "data and control messages keep their order")
        .flags(["forwarded"])
        .covers(["message.order"])
        .frames([Frame::binary("1"), control(&[0x02]), Frame::text("2"), control(&[0x03])])
        .frames([Frame::ping("3"), control(&[0x04]), Frame::binary("4")])
        .binary("1")
        .control(0x02, &[])
        .text("2")
        .control(0x03, &[])
        .ping("3")
        .control(0x04, &[])
        .binary("4")
}

fn in_one_write() -> Draft {
    message("one-write", "an escape, its data and a control message that came together")
        .flags(["escape-lost", "stays-armed"])
        .covers(["escape.receiver.disarms", "frame.segments"])
        .octets(b"\x82\x04\xF0\x80\x00\x10\x82\x05\xF0\x80\x00\x10\x02\x82\x05\xF0\x80\x00\x10\x02")
        .binary(b"\xF0\x80\x00\x10\x02")
        .control(0x02, &[])
}

fn requests_in_a_row() -> Draft {
    message("requests-in-a-row", "each is a message of its own")
        .flags(["message-type"])
        .covers(["rate.requests"])
        .frames([control(&[0x02]), control(&[0x02]), control(&[0x03]), control(&[0x04])])
        .control(0x02, &[])
        .control(0x02, &[])
        .control(0x03, &[])
        .control(0x04, &[])
}

fn ignorable_in_order() -> Draft {
    message("ignorable-while-data", "what is dropped arms nothing and disarms nothing")
        .flags(["message-type", "stays-armed"])
        .covers(["message.ignorable", "escape.receiver.disarms"])
        .frames([control(&[0xF0]), control(&[0x02]), control(&[0xFF, 0]), Frame::binary(S)])
        .frames([control(&[0xF0]), control(&[0x03])])
        .control(0x02, &[])
        .binary([&S[..], &[0xF0]].concat())
        .control(0x03, &[])
}

fn sequence_twice() -> Draft {
    message("sequence-twice", "a message of type F0: the second sequence is its type and body")
        .flags(["message-type"])
        .covers(["message.ignorable"])
        .frames([control(&S), control(&[0x02])])
        .control(0x02, &[])
}

fn to_server() -> Draft {
    Draft::server("escape/messages/to-server", "a client may send them as well, masked")
        .active("rate-control", S)
        .flags(["message-type", "forwarded"])
        .covers(["rate.requests", "message.not-forwarded", "masking.server.read"])
        .frames([control(&[0x01, 0, 0, 0, 0, 0, 0, 3, 0xE8]), Frame::binary("end")])
        .control(0x01, &[0, 0, 0, 0, 0, 0, 3, 0xE8])
        .binary("end")
}

fn critical_to_server() -> Draft {
    Draft::server("escape/messages/critical-to-server", "a type below 80 that nobody assigned")
        .active("rate-control", S)
        .flags(["message-type"])
        .frames([control(&[0x41, 1, 2]), Frame::binary("end")])
        .rejected(1002, "message.critical")
}

fn behind_violation() -> Draft {
    message("behind-violation", "nothing behind a violation is read")
        .flags(["message-type"])
        .covers(["failing.silent"])
        .frames([control(&[0x02, 0]), control(&[0x02]), Frame::text("behind")])
        .rejected(1002, "message.malformed")
}

fn behind_close() -> Draft {
    message("behind-close", "nothing behind a Close is read")
        .flags(["forwarded"])
        .covers(["message.not-forwarded"])
        .frames([Frame::close([0x03, 0xE8]), control(&[0x02]), control(&[0x41])])
        .close(1000, "")
}
