//! Every defined opcode, for both roles (RFC 6455, 5.2 and 11.8).

use crate::generator::draft::{Draft, Frame};
use crate::model::Role;

pub(super) fn drafts() -> Vec<Draft> {
    [Role::Client, Role::Server].into_iter().flat_map(of_role).collect()
}

fn of_role(role: Role) -> [Draft; 6] {
    let draft = |name: &str, comment: &str| {
        let id = format!("frames/opcodes/{name}-to-{role}");
        let draft = match role {
            Role::Client => Draft::client(id, comment),
            Role::Server => Draft::server(id, comment).covers(["masking.server.read"]),
        };
        draft.flags(["opcode"]).covers(["frame.length.read"])
    };
    [
        draft("text", "text, then an empty one")
            .frames([Frame::text("Hello"), Frame::text("")])
            .text("Hello")
            .text(""),
        draft("binary", "octets that are no text, then none at all")
            .frames([Frame::binary([0x00, 0xFF, 0x80]), Frame::binary("")])
            .binary([0x00, 0xFF, 0x80])
            .binary(""),
        draft("continuation", "a message of each type in two frames")
            .covers(["fragments.reassembled"])
            .frames(Frame::fragments(0x1, ["Hel", "lo"]))
            .frames(Frame::fragments(0x2, [[0xFF], [0x00]]))
            .text("Hello")
            .binary([0xFF, 0x00]),
        draft("ping", "payloads of a Ping are any octets, or none")
            .covers(["ping.any-time"])
            .frames([Frame::ping([0x00, 0xFF]), Frame::ping("")])
            .ping([0x00, 0xFF])
            .ping(""),
        draft("pong", "nobody asked for these")
            .covers(["pong.unasked", "pong.ignored"])
            .frames([Frame::pong([0x00, 0xFF]), Frame::pong(""), Frame::text("next")])
            .pong([0x00, 0xFF])
            .pong("")
            .text("next"),
        draft("close", "a Close without a payload says nothing and is complete")
            .covers(["close.length"])
            .frames([Frame::text("last"), Frame::close("")])
            .text("last")
            .close(None, ""),
    ]
}
