//! Reserved bits and opcodes (RFC 6455, 5.2).

use crate::generator::draft::{Draft, Frame};

pub(super) fn drafts() -> Vec<Draft> {
    let bits = [
        bit("rsv1-text", 0b100, Frame::text("reserved")),
        bit("rsv2-text", 0b010, Frame::text("reserved")),
        bit("rsv3-text", 0b001, Frame::text("reserved")),
        bit("all-bits-binary", 0b111, Frame::binary("reserved")),
        bit("rsv1-empty", 0b100, Frame::binary("")),
        bit("rsv1-ping", 0b100, Frame::ping("reserved")),
        bit("rsv3-pong", 0b001, Frame::pong("reserved")),
        bit("rsv2-close", 0b010, Frame::close([0x03, 0xE8])),
        on_continuation(),
        masked_bit(),
    ];
    let opcodes = [0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF].map(opcode);
    bits.into_iter().chain(opcodes).chain([inside_message(), behind()]).collect()
}

fn bit(name: &str, bits: u8, frame: Frame) -> Draft {
    Draft::client(format!("frames/reserved/{name}"), "no extension gave the bit a meaning")
        .flags(["reserved"])
        .frames([Frame::text("before"), frame.reserved(bits)])
        .text("before")
        .rejected(1002, "frame.rsv")
}

fn on_continuation() -> Draft {
    let comment = "also on a frame that continues a message";
    Draft::client("frames/reserved/rsv1-continuation", comment)
        .flags(["reserved"])
        .frames([Frame::text("res").open(), Frame::continuation("erved").reserved(0b100)])
        .rejected(1002, "frame.rsv")
}

fn masked_bit() -> Draft {
    Draft::server("frames/reserved/rsv1-to-server", "no extension gave the bit a meaning")
        .flags(["reserved"])
        .frames([Frame::text("before"), Frame::text("reserved").reserved(0b100)])
        .text("before")
        .rejected(1002, "frame.rsv")
}

fn opcode(opcode: u8) -> Draft {
    let id = format!("frames/reserved/opcode-{opcode:x}");
    let draft = if opcode.is_multiple_of(2) {
        Draft::client(id, "not defined, though the payload may look like one that is")
    } else {
        Draft::server(id, "not defined, though the payload may look like one that is")
    };
    draft
        .flags(["reserved"])
        .frames([Frame::text("before"), Frame::of(opcode, "Hello")])
        .text("before")
        .rejected(1002, "frame.opcode")
}

fn inside_message() -> Draft {
    let comment = "not defined between fragments either";
    Draft::client("frames/reserved/opcode-b-between-fragments", comment)
        .flags(["reserved"])
        .frames([Frame::text("Hel").open(), Frame::of(0xB, "p"), Frame::continuation("lo")])
        .rejected(1002, "frame.opcode")
}

fn behind() -> Draft {
    Draft::client("frames/reserved/goes-on", "what comes behind a violation is not read")
        .flags(["goes-on"])
        .covers(["failing.silent"])
        .frames([Frame::of(0x3, "undefined"), Frame::text("behind"), Frame::close([0x03, 0xE8])])
        .rejected(1002, "frame.opcode")
}
