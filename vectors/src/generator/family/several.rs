//! Several capabilities at once (US 9,331,890, FIG. 4, 404; FIG. 6, 604 to 612; claims 5 and 10).

use crate::generator::draft::{Draft, Frame};
use crate::model::Role;

/// Four capabilities in the order of their sequences in a block.
const CAPABILITIES: [&str; 4] = ["rate-control", "idle-timeout", "heartbeat", "control-setup"];

pub(super) fn drafts() -> Vec<Draft> {
    let mut drafts = vec![neighbours(Role::Client), neighbours(Role::Server)];
    drafts.extend(BLOCKS.map(found));
    drafts.extend([
        armed_each(),
        armed_all(),
        crossed(),
        half(),
        same_type(),
        in_fragments(),
        order(),
    ]);
    drafts
}

/// Where the sequences of four capabilities are.
const BLOCKS: [(&str, &str, [[u8; 4]; 4]); 5] = [
    (
        "one-block",
        "28 bits are shared",
        [
            [0xF0, 0x80, 0, 0x10],
            [0xF0, 0x80, 0, 0x11],
            [0xF0, 0x80, 0, 0x12],
            [0xF0, 0x80, 0, 0x13],
        ],
    ),
    (
        "block-end",
        "the last of a block, and the first of the next",
        [
            [0xF0, 0x80, 0, 0x1E],
            [0xF0, 0x80, 0, 0x1F],
            [0xF0, 0x80, 0, 0x20],
            [0xF0, 0x80, 0, 0x21],
        ],
    ),
    (
        "nothing-shared",
        "no bit is shared",
        [
            [0, 0, 0, 0],
            [0xFF, 0xFF, 0xFF, 0xFF],
            [0xAA, 0x55, 0xAA, 0x55],
            [0x55, 0xAA, 0x55, 0xAA],
        ],
    ),
    (
        "first-octet",
        "they differ in the first octet",
        [[0x10, 1, 2, 3], [0x11, 1, 2, 3], [0x12, 1, 2, 3], [0x13, 1, 2, 3]],
    ),
    (
        "high-bit",
        "they differ in one high bit each",
        [[0x00, 0, 0, 1], [0x80, 0, 0, 1], [0x00, 0x80, 0, 1], [0x00, 0, 0x80, 1]],
    ),
];

fn several(role: Role, name: &str, comment: &str, sequences: [[u8; 4]; 4]) -> Draft {
    let id = format!("control/several/{name}");
    let draft = match role {
        Role::Client => Draft::client(id, comment),
        Role::Server => Draft::server(id, comment),
    };
    let each = CAPABILITIES.into_iter().zip(sequences);
    each.fold(draft, |draft, (capability, sequence)| draft.active(capability, sequence))
}

fn in_a_block(name: &str, comment: &str) -> Draft {
    several(Role::Client, name, comment, BLOCKS[0].2)
}

fn with(sequence: [u8; 4], rest: &[u8]) -> Vec<u8> {
    [&sequence[..], rest].concat()
}

/// A message that every capability but `control-setup` has, and one of that.
fn message_of(capability: &str) -> &'static [u8] {
    match capability {
        "rate-control" => &[0x02],
        "idle-timeout" => &[0x7E],
        "heartbeat" => &[0x02, 7],
        _ => &[0x90],
    }
}

fn means(draft: Draft, capability: &str) -> Draft {
    match message_of(capability).split_first() {
        Some((kind @ ..0x80, body)) => draft.control_of(capability, *kind, body),
        _ => draft,
    }
}

/// Each is found, with those before it in the list active as well.
fn found((name, comment, sequences): (&str, &str, [[u8; 4]; 4])) -> Draft {
    let mut draft = several(Role::Client, name, comment, sequences).flags(["others"]).covers([
        "filter.several",
        "message.capability",
        "sequence.any",
    ]);
    for (capability, sequence) in CAPABILITIES.into_iter().zip(sequences) {
        let message = with(sequence, message_of(capability));
        let data = with(sequence, &[0x02]);
        let escaped = [Frame::binary(sequence), Frame::binary(&data)];
        draft = draft.frames([Frame::binary(message)]).frames(escaped);
        draft = means(draft, capability).binary(data);
    }
    draft.frames([Frame::binary("end")]).binary("end")
}

/// The other sequences of a block are nobody's, and those beside it.
fn neighbours(role: Role) -> Draft {
    let name = match role {
        Role::Client => "neighbours",
        Role::Server => "neighbours-to-server",
    };
    let mut draft =
        several(role, name, "what shares many bits with sequences is data", BLOCKS[0].2)
            .flags(["near-miss"])
            .covers(["filter.exact", "filter.several"]);
    for last in (0x0E..0x10).chain(0x14..0x22).chain([0x30, 0x51, 0x90]) {
        let data = with([0xF0, 0x80, 0x00, last], &[0x02]);
        draft = draft.frames([Frame::binary(&data)]).binary(data);
    }
    for high in [0xF1, 0x70, 0xE0] {
        let data = with([high, 0x80, 0x00, 0x11], &[0x7E]);
        draft = draft.frames([Frame::binary(&data)]).binary(data);
    }
    draft
}

/// Each sequence is armed for itself, one after the other.
fn armed_each() -> Draft {
    let mut draft =
        in_a_block("armed-each", "an escape, a message of each other capability, the data")
            .flags(["disarms"])
            .covers(["escape.sequence-of-its-own", "escape.receiver.stays-armed"]);
    for (own, sequence) in CAPABILITIES.into_iter().zip(BLOCKS[0].2) {
        if own == "idle-timeout" {
            continue;
        }
        draft = draft.frames([Frame::binary(sequence)]);
        for (other, beside) in CAPABILITIES.into_iter().zip(BLOCKS[0].2) {
            if other != own && other != "idle-timeout" {
                draft = draft.frames([Frame::binary(with(beside, message_of(other)))]);
                draft = means(draft, other);
            }
        }
        let data = with(sequence, &[0x00]);
        draft = draft.frames([Frame::binary(&data)]).binary(data);
    }
    draft
}

/// All are armed at once, and spent in another order.
fn armed_all() -> Draft {
    let mut draft = in_a_block("armed-all", "four escapes, then the data in the other order")
        .flags(["disarms"])
        .covers(["escape.sequence-of-its-own", "escape.receiver.delivers"])
        .frames(BLOCKS[0].2.map(Frame::binary));
    for sequence in BLOCKS[0].2.into_iter().rev() {
        let data = with(sequence, b"data");
        draft = draft.frames([Frame::binary(&data)]).binary(data);
    }
    let [rate, ..] = BLOCKS[0].2;
    draft.frames([Frame::binary(with(rate, &[0x03]))]).control(0x03, &[])
}

/// The bare sequence of one while another is armed is an escape.
fn crossed() -> Draft {
    let [rate, _, heartbeat, _] = BLOCKS[0].2;
    in_a_block("crossed", "an escape between an escape and its data")
        .flags(["disarms"])
        .covers(["escape.sequence-of-its-own"])
        .frames([Frame::binary(rate), Frame::binary(heartbeat), Frame::binary(rate)])
        .frames([Frame::binary(heartbeat), Frame::binary(with(rate, &[0x02]))])
        .binary(rate)
        .binary(heartbeat)
        .control(0x02, &[])
}

/// What is active towards the reader counts, and nothing else.
fn half() -> Draft {
    let [rate, idle, heartbeat, _] = BLOCKS[0].2;
    Draft::server(
        "control/several/one-direction",
        "the others are active in the other direction alone",
    )
    .active("heartbeat", heartbeat)
    .flags(["direction"])
    .covers(["filter.direction"])
    .frames([Frame::binary(rate), Frame::binary(with(idle, &[0x7E]))])
    .frames([Frame::binary(with(heartbeat, &[0x02])), Frame::binary(with(rate, &[0x00]))])
    .binary(rate)
    .binary(with(idle, &[0x7E]))
    .control_of("heartbeat", 0x02, &[])
    .binary(with(rate, &[0x00]))
}

/// The type 02 is INCREASE, ECHO, or nothing.
fn same_type() -> Draft {
    let [rate, idle, heartbeat, _] = BLOCKS[0].2;
    in_a_block("same-type", "one type, and another message by its capability")
        .flags(["others"])
        .covers(["message.capability"])
        .frames([rate, heartbeat, idle].map(|one| Frame::binary(with(one, &[0x02]))))
        .control(0x02, &[])
        .control_of("heartbeat", 0x02, &[])
        .rejected(1002, "message.critical")
}

fn in_fragments() -> Draft {
    let [_, _, heartbeat, setup] = BLOCKS[0].2;
    let beat = with(heartbeat, b"\x02fragments");
    in_a_block(
        "in-fragments",
        "the last octet of the sequence decides, and comes in a frame of its own",
    )
    .flags(["others"])
    .covers(["filter.several", "filter.message"])
    .frames(Frame::fragments(0x2, [&beat[..3], &beat[3..4], &beat[4..]]))
    .frames(Frame::fragments(0x2, [&setup[..3], &setup[3..]]))
    .frames(Frame::fragments(0x2, [&setup[..2], &setup[2..], b"data"]))
    .control_of("heartbeat", 0x02, b"fragments")
    .binary(with(setup, b"data"))
}

fn order() -> Draft {
    let [rate, idle, heartbeat, _] = BLOCKS[0].2;
    in_a_block("order", "data and messages of all capabilities keep their order")
        .flags(["forwarded"])
        .covers(["message.order", "message.not-forwarded"])
        .frames([Frame::text("1"), Frame::binary(with(heartbeat, &[0x02])), Frame::binary("2")])
        .frames([Frame::binary(with(idle, &[0x7E])), Frame::binary(with(rate, &[0x04]))])
        .frames([Frame::ping("3"), Frame::binary(with(idle, &[0x7F])), Frame::text("4")])
        .text("1")
        .control_of("heartbeat", 0x02, &[])
        .binary("2")
        .control_of("idle-timeout", 0x7E, &[])
        .control(0x04, &[])
        .ping("3")
        .control_of("idle-timeout", 0x7F, &[])
        .text("4")
}
