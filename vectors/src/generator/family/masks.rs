//! Masks: keys, offsets, and who has to use them (RFC 6455, 5.1 and 5.3).

use crate::generator::draft::{Draft, Frame, pattern};
use crate::model::Role;

pub(super) fn drafts() -> Vec<Draft> {
    let mut drafts = vec![
        key("zeros", "a key of zeros leaves the octets as they are", [0x00; 4]),
        key("ones", "a key of ones is a key like any other", [0xFF; 4]),
        key("different", "four different octets: their order counts", [0x01, 0x20, 0x40, 0x80]),
        key("high-bit", "the high bit is no sign", [0x80, 0x00, 0x00, 0x00]),
        key("ascii", "a key that is text, and so would be the masked octets", *b"mask"),
        each_its_own(),
        fragments(),
        remainders(),
        native(),
        hidden_head(),
    ];
    drafts.extend([
        wrong(Role::Server, "text-bare", Frame::text("bare")),
        wrong(Role::Server, "ping-bare", Frame::ping("bare")),
        wrong(Role::Server, "empty-bare", Frame::binary("")),
        wrong(Role::Server, "close-bare", Frame::close([0x03, 0xE8])),
        wrong(Role::Client, "text-masked", Frame::text("masked")),
        wrong(Role::Client, "ping-masked", Frame::ping("masked")),
        wrong(Role::Client, "empty-masked", Frame::binary("")),
        wrong(Role::Client, "close-masked", Frame::close([0x03, 0xE8])),
        wrong_continuation(),
    ]);
    drafts.push(
        Draft::client("frames/masks/zeros-to-client", "a key of zeros is still a mask")
            .flags(["mask-role"])
            .frames([Frame::text("masked").masked_with([0; 4])])
            .rejected(1002, "masking.client.refused"),
    );
    drafts
}

fn masked(name: &str, comment: &str) -> Draft {
    Draft::server(format!("frames/masks/{name}"), comment)
        .flags(["mask"])
        .covers(["masking.server.read"])
}

fn key(name: &str, comment: &str, key: [u8; 4]) -> Draft {
    masked(&format!("key-{name}"), comment)
        .frames([Frame::text("masked with this key").masked_with(key)])
        .text("masked with this key")
}

fn each_its_own() -> Draft {
    masked("each-its-own", "each frame has its own key")
        .frames([
            Frame::text("one").masked_with([1, 2, 3, 4]),
            Frame::text("two").masked_with([5, 6, 7, 8]),
            Frame::text("three").masked_with([1, 2, 3, 4]),
        ])
        .text("one")
        .text("two")
        .text("three")
}

fn fragments() -> Draft {
    masked("fragments", "each fragment begins again with the first octet of its own key")
        .covers(["fragments.reassembled"])
        .frames(Frame::fragments(0x2, [&b"abc"[..], b"de", b"", b"fghijk"]))
        .binary("abcdefghijk")
}

fn remainders() -> Draft {
    (1..=9)
        .fold(masked("remainders", "payloads that are no multiple of the key"), |draft, length| {
            draft.frames([Frame::binary(pattern(length))]).binary(pattern(length))
        })
}

fn native() -> Draft {
    masked("native", "native control frames are masked like all others")
        .frames([Frame::ping(pattern(125)), Frame::pong("pong"), Frame::close(*b"\x03\xE8bye")])
        .ping(pattern(125))
        .pong("pong")
        .close(1000, "bye")
}

fn hidden_head() -> Draft {
    masked("looks-like-frames", "masked, the payload looks like a Ping and a Close")
        .frames([Frame::binary(*b"\x89\x80\x88\x80").masked_with([0x00, 0x00, 0x01, 0x00])])
        .binary(*b"\x89\x80\x88\x80")
}

fn wrong(reader: Role, name: &str, frame: Frame) -> Draft {
    let id = format!("frames/masks/{name}");
    let before = Frame::text("before");
    let (draft, requirement) = match reader {
        Role::Server => {
            (Draft::server(id, "a client masks every frame"), "masking.server.required")
        }
        Role::Client => (Draft::client(id, "a server masks no frame"), "masking.client.refused"),
    };
    draft
        .flags(["mask-role"])
        .frames([before, frame.masked_wrongly()])
        .text("before")
        .rejected(1002, requirement)
}

fn wrong_continuation() -> Draft {
    let [first, second] = [Frame::text("mas").open(), Frame::continuation("ked").masked_wrongly()];
    Draft::server("frames/masks/continuation-bare", "the first fragment is masked, the second not")
        .flags(["mask-role"])
        .frames([first, second])
        .rejected(1002, "masking.server.required")
}
