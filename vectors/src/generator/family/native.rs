//! The limits of native control frames (RFC 6455, 5.5).

use crate::generator::draft::{Draft, Frame, pattern};

pub(super) fn drafts() -> Vec<Draft> {
    let mut drafts = vec![
        native("ping-125", "the longest Ping")
            .covers(["ping.payload"])
            .frames([Frame::ping(pattern(125))])
            .ping(pattern(125)),
        native("pong-125", "the longest Pong")
            .covers(["pong.unasked"])
            .frames([Frame::pong(pattern(125))])
            .pong(pattern(125)),
        native("close-125", "the longest Close: a reason of 123 octets")
            .covers(["close.reason"])
            .frames([Frame::close(longest_close())])
            .close(1000, &"r".repeat(123)),
        native("several", "each is an event of its own")
            .covers(["ping.answered", "ping.latest"])
            .frames([Frame::ping("1"), Frame::ping("2"), Frame::pong("3"), Frame::ping("1")])
            .ping("1")
            .ping("2")
            .pong("3")
            .ping("1"),
    ];
    for (name, opcode) in [("close", 0x8), ("ping", 0x9), ("pong", 0xA)] {
        // A valid code, so that nothing else is wrong with a Close.
        let payload = [&[0x03, 0xE8][..], &[b'r'; 124]].concat();
        let long = Frame::of(opcode, &payload);
        drafts.push(
            native(&format!("{name}-126"), "one octet too long")
                .frames([Frame::text("before"), long])
                .text("before")
                .rejected(1002, "native.length"),
        );
        let fragment = Frame::of(opcode, [0x03, 0xE8]).open();
        drafts.push(
            native(&format!("{name}-not-final"), "never fragmented")
                .frames([Frame::text("before"), fragment])
                .text("before")
                .rejected(1002, "native.fragmented"),
        );
    }
    drafts.extend([
        native("ping-65536", "far too long")
            .frames([Frame::ping([b'p'; 1]).claiming(65_536)])
            .rejected(1002, "native.length"),
        native("ping-fragments", "a Ping in two frames")
            .frames([Frame::ping("pi").open(), Frame::continuation("ng")])
            .rejected(1002, "native.fragmented"),
        native("ping-126-between-fragments", "too long between fragments as well")
            .frames([
                Frame::text("Hel").open(),
                Frame::ping(pattern(126)),
                Frame::continuation("lo"),
            ])
            .rejected(1002, "native.length"),
        Draft::server("frames/native/ping-126-to-server", "one octet too long")
            .flags(["native"])
            .frames([Frame::ping(pattern(126))])
            .rejected(1002, "native.length"),
        Draft::server("frames/native/pong-not-final-to-server", "never fragmented")
            .flags(["native"])
            .frames([Frame::pong("").open()])
            .rejected(1002, "native.fragmented"),
    ]);
    drafts
}

fn native(name: &str, comment: &str) -> Draft {
    Draft::client(format!("frames/native/{name}"), comment).flags(["native"])
}

fn longest_close() -> Vec<u8> {
    [&[0x03, 0xE8][..], &[b'r'; 123]].concat()
}
