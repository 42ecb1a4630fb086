//! The escape as its receiver sees it (US 9,331,890, FIG. 6, 606 to 612).

use super::SEQUENCE as S;
use crate::generator::draft::{Draft, Frame, pattern};

pub(super) fn drafts() -> Vec<Draft> {
    [between(), how_often(), armed_control()].concat()
}

fn arming(name: &str, comment: &str) -> Draft {
    Draft::client(format!("escape/arming/{name}"), comment).active("rate-control", S)
}

/// The sequence and what follows it.
fn sequence_and(rest: &[u8]) -> Vec<u8> {
    [&S[..], rest].concat()
}

fn escape() -> Frame {
    Frame::binary(S)
}

/// What may come between an escape and its data: anything, and it changes nothing.
fn between() -> Vec<Draft> {
    let armed = |name: &str, comment: &str| {
        arming(name, comment).flags(["disarms"]).covers(["escape.receiver.stays-armed"])
    };
    let native = |name: &str, comment: &str| {
        arming(name, comment).flags(["disarms"]).covers(["escape.receiver.native-between"])
    };
    let data = sequence_and(&[0x02]);
    vec![
        armed("text-between", "text is not inspected and leaves it armed")
            .frames([escape(), Frame::text("text"), Frame::binary(&data)])
            .text("text")
            .binary(&data),
        armed("short-between", "so does data shorter than a sequence")
            .flags(["short"])
            .frames([escape(), Frame::binary(&S[..3]), Frame::binary(&data)])
            .binary(&S[..3])
            .binary(&data),
        armed("empty-between", "and data without an octet")
            .flags(["short"])
            .frames([escape(), Frame::binary(""), Frame::binary(&data)])
            .binary("")
            .binary(&data),
        armed("near-miss-between", "and data that almost begins with the sequence")
            .frames([escape(), Frame::binary([0xF0, 0x80, 0x00, 0x11, 0x02]), Frame::binary(&data)])
            .binary([0xF0, 0x80, 0x00, 0x11, 0x02])
            .binary(&data),
        armed("fragments-between", "and data in fragments")
            .frames([escape()])
            .frames(Frame::fragments(0x2, ["other", "data"]))
            .frames([Frame::binary(&data)])
            .binary("otherdata")
            .binary(&data),
        armed("much-between", "however many they are")
            .frames([escape(), Frame::text("1"), Frame::binary("2"), Frame::text("3")])
            .frames([Frame::binary("4"), Frame::text("5"), Frame::binary(&data)])
            .text("1")
            .binary("2")
            .text("3")
            .binary("4")
            .text("5")
            .binary(&data),
        native("pong-between", "a Pong that nobody asked for")
            .frames([escape(), Frame::pong("unasked"), Frame::binary(&data)])
            .pong("unasked")
            .binary(&data),
        native("natives-between", "several, one of which begins with the sequence")
            .flags(["native-inspected"])
            .covers(["filter.native"])
            .frames([escape(), Frame::ping(""), Frame::ping(&data), Frame::pong(S)])
            .frames([Frame::binary(&data)])
            .ping("")
            .ping(&data)
            .pong(S)
            .binary(&data),
        Draft::server("escape/arming/ping-between-masked", "the same from a client, masked")
            .active("rate-control", S)
            .flags(["disarms"])
            .covers(["escape.receiver.native-between"])
            .frames([escape(), Frame::ping("p"), Frame::binary(&data)])
            .ping("p")
            .binary(&data),
        native("native-inside-data", "a Ping between the fragments of the escaped message")
            .covers(["filter.message"])
            .frames([escape(), Frame::binary(S).open(), Frame::ping("p"), Frame::continuation([2])])
            .ping("p")
            .binary(&data),
        arming("close-while-armed", "the escape is forgotten")
            .flags(["closes-armed"])
            .covers(["escape.receiver.close-armed"])
            .frames([escape(), Frame::close([0x03, 0xE8])])
            .close(1000, ""),
        arming("empty-close-while-armed", "the escape is forgotten")
            .flags(["closes-armed"])
            .covers(["escape.receiver.close-armed"])
            .frames([escape(), Frame::text("last"), Frame::close("")])
            .text("last")
            .close(None, ""),
        arming("end-while-armed", "nothing has come that means anything")
            .flags(["closes-armed", "forwarded"])
            .covers(["escape.receiver.delivers"])
            .frames([escape()]),
    ]
}

/// One escape is for one message.
fn how_often() -> Vec<Draft> {
    let increase = sequence_and(&[0x02]);
    let (one, two) = (sequence_and(b"one"), sequence_and(b"two"));
    vec![
        arming("data-whole", "delivered with its first four octets")
            .flags(["stripped", "escape-lost"])
            .covers(["escape.receiver.delivers", "escape.receiver.arms"])
            .frames([escape(), Frame::binary(&one)])
            .binary(&one),
        arming("two-escaped-messages", "each with an escape of its own")
            .flags(["escape-lost", "stays-armed"])
            .covers(["escape.receiver.arms", "escape.receiver.disarms"])
            .frames([escape(), Frame::binary(&one), escape(), Frame::binary(&two)])
            .binary(&one)
            .binary(&two),
        arming("control-behind-equal-data", "the second bare sequence was data, and disarmed")
            .flags(["second-bare", "stays-armed"])
            .covers(["escape.receiver.arms", "escape.receiver.disarms"])
            .frames([escape(), escape(), Frame::binary(&increase)])
            .binary(S)
            .control(0x02, &[]),
        arming("three-bare", "an escape, data that equals it, an escape")
            .flags(["second-bare"])
            .covers(["escape.receiver.arms", "escape.receiver.disarms"])
            .frames([escape(), escape(), escape(), Frame::binary(&one)])
            .binary(S)
            .binary(&one),
        arming("four-bare", "two escapes and two messages that equal them")
            .flags(["second-bare"])
            .covers(["escape.receiver.arms", "escape.receiver.disarms"])
            .frames([escape(), escape(), escape(), escape()])
            .binary(S)
            .binary(S),
        arming("ordinary-data-behind", "nothing is left of the escape")
            .flags(["stays-armed"])
            .covers(["escape.receiver.disarms"])
            .frames([escape(), Frame::binary(&one), Frame::binary("AB"), Frame::binary(&increase)])
            .binary(&one)
            .binary("AB")
            .control(0x02, &[]),
        arming("control-before", "control messages arm nothing")
            .flags(["escape-lost"])
            .covers(["escape.receiver.arms"])
            .frames([Frame::binary(&increase), escape(), Frame::binary(&increase)])
            .frames([Frame::binary(&increase)])
            .control(0x02, &[])
            .binary(&increase)
            .control(0x02, &[]),
        arming("long-data", "escaped data may be longer than any control message")
            .flags(["limit"])
            .covers(["escape.receiver.delivers", "filter.limit"])
            .frames([escape(), Frame::binary(sequence_and(&pattern(4093)))])
            .binary(sequence_and(&pattern(4093))),
    ]
}

/// While armed, what would be a control message is data, whatever it would say.
fn armed_control() -> Vec<Draft> {
    [
        ("forged-rate", "it would stop the sender", &[0x01, 0, 0, 0, 0, 0, 0, 0, 0][..]),
        ("suspend-escaped", "it would suspend the capability", &[0x7E]),
        ("critical-escaped", "bare, it would fail the connection", &[0x41]),
        ("malformed-escaped", "bare, it would fail the connection", &[0x02, 0x00]),
        ("ignorable-escaped", "bare, it would be dropped", &[0x90, 0x01]),
    ]
    .into_iter()
    .map(|(name, comment, rest)| {
        let data = sequence_and(rest);
        arming(name, comment)
            .flags(["escape-lost"])
            .covers(["escape.receiver.arms", "escape.receiver.delivers"])
            .frames([escape(), Frame::binary(&data), Frame::binary("end")])
            .binary(&data)
            .binary("end")
    })
    .collect()
}
