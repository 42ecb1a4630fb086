//! Messages in several frames (RFC 6455, 5.4).

use crate::generator::draft::{Draft, Frame, pattern};

pub(super) fn drafts() -> Vec<Draft> {
    let mut drafts = vec![
        joined("three", "in the order in which they came", 0x1, &["Hel", "l", "o"]),
        joined("empty-first", "an empty frame begins the message", 0x1, &["", "Hello"]),
        joined("empty-middle", "an empty frame in the middle", 0x1, &["Hel", "", "lo"]),
        joined("empty-last", "an empty frame ends the message", 0x1, &["Hello", ""]),
        joined("empty-all", "a message without an octet, in three frames", 0x1, &["", "", ""]),
        joined("octet-by-octet", "a frame for each octet", 0x2, &["H", "e", "l", "l", "o"]),
    ];
    drafts.extend([
        ping_between(),
        all_between(),
        close_between(),
        two_messages(),
        lengths(),
        unfinished(),
        orphan("orphan", true),
        orphan("orphan-not-final", false),
        orphan_behind_message(),
        orphan_behind_fragments(),
        interleaved("text-in-text", 0x1, 0x1),
        interleaved("binary-in-text", 0x1, 0x2),
        interleaved("text-in-binary", 0x2, 0x1),
        interleaved("binary-in-binary", 0x2, 0x2),
        interleaved_not_final(),
        interleaved_empty(),
    ]);
    drafts
}

fn fragments(name: &str, comment: &str) -> Draft {
    Draft::client(format!("frames/fragments/{name}"), comment)
}

fn joined(name: &str, comment: &str, opcode: u8, payloads: &[&str]) -> Draft {
    let draft = fragments(name, comment)
        .flags(["reassembly"])
        .covers(["fragments.reassembled", "fragments.freely"])
        .frames(Frame::fragments(opcode, payloads));
    let whole = payloads.concat();
    if opcode == 0x1 { draft.text(whole) } else { draft.binary(whole) }
}

fn ping_between() -> Draft {
    fragments("ping-between", "native control frames may come between the frames of a message")
        .flags(["reassembly"])
        .covers(["fragments.native-between", "fragments.reassembled", "ping.any-time"])
        .frames([Frame::text("Hel").open(), Frame::ping("p"), Frame::continuation("lo")])
        .ping("p")
        .text("Hello")
}

fn all_between() -> Draft {
    fragments("natives-between", "several, at every place, empty ones too")
        .flags(["reassembly"])
        .covers(["fragments.native-between", "fragments.reassembled", "pong.unasked"])
        .frames([
            Frame::binary("A").open(),
            Frame::ping(""),
            Frame::pong("x"),
            Frame::continuation("B").open(),
            Frame::ping("y"),
            Frame::continuation("C"),
        ])
        .ping("")
        .pong("x")
        .ping("y")
        .binary("ABC")
}

fn close_between() -> Draft {
    fragments("close-between", "a Close may end an unfinished message, which then is lost")
        .flags(["reassembly"])
        .covers(["fragments.native-between", "close.code"])
        .frames([Frame::text("Hel").open(), Frame::close([0x03, 0xE8])])
        .close(1000, "")
}

fn two_messages() -> Draft {
    fragments("two-messages", "the second begins where the first ended")
        .flags(["reassembly", "fragment-order"])
        .covers(["fragments.reassembled"])
        .frames(Frame::fragments(0x1, ["one", "two"]))
        .frames(Frame::fragments(0x2, ["three", "four"]))
        .text("onetwo")
        .binary("threefour")
}

fn lengths() -> Draft {
    let whole = pattern(125 + 126 + 300);
    let (first, rest) = whole.split_at(125);
    let (second, third) = rest.split_at(126);
    fragments("lengths", "each frame has its own form of length")
        .flags(["reassembly", "length"])
        .covers(["fragments.reassembled", "frame.length.read"])
        .frames(Frame::fragments(0x2, [first, second, third]))
        .binary(&whole)
}

fn unfinished() -> Draft {
    fragments("unfinished", "no message yet: its last frame has not come")
        .flags(["reassembly"])
        .covers(["fragments.reassembled"])
        .frames([Frame::text("Hel").open(), Frame::continuation("lo").open(), Frame::ping("p")])
        .ping("p")
}

fn orphan(name: &str, fin: bool) -> Draft {
    let frame = Frame::continuation("orphan");
    fragments(name, "there is no message to continue")
        .flags(["fragment-order"])
        .frames([if fin { frame } else { frame.open() }])
        .rejected(1002, "fragments.orphan")
}

fn orphan_behind_message() -> Draft {
    fragments("orphan-behind-message", "the message before was final")
        .flags(["fragment-order"])
        .frames([Frame::text("whole"), Frame::continuation("")])
        .text("whole")
        .rejected(1002, "fragments.orphan")
}

fn orphan_behind_fragments() -> Draft {
    fragments("orphan-behind-fragments", "the message before had ended")
        .flags(["fragment-order"])
        .frames(Frame::fragments(0x2, ["AB", "CD"]))
        .frames([Frame::ping("p"), Frame::continuation("EF")])
        .binary("ABCD")
        .ping("p")
        .rejected(1002, "fragments.orphan")
}

fn interleaved(name: &str, first: u8, second: u8) -> Draft {
    fragments(name, "the first message has not ended")
        .flags(["fragment-order"])
        .frames([Frame::of(first, "first").open(), Frame::of(second, "second")])
        .rejected(1002, "fragments.interleaved")
}

fn interleaved_not_final() -> Draft {
    Draft::server("frames/fragments/repeated-opcode", "the opcode is repeated in each fragment")
        .flags(["fragment-order"])
        .frames([Frame::text("Hel").open(), Frame::text("l").open(), Frame::text("o")])
        .rejected(1002, "fragments.interleaved")
}

fn interleaved_empty() -> Draft {
    fragments("interleaved-behind-empty", "an empty frame has begun a message all the same")
        .flags(["fragment-order"])
        .frames([Frame::text("").open(), Frame::text("Hello")])
        .rejected(1002, "fragments.interleaved")
}
