//! BEAT and ECHO.

use super::SEQUENCE as S;
use crate::generator::draft::{Draft, Frame, pattern};

pub(super) fn drafts() -> Vec<Draft> {
    let mut drafts = Vec::new();
    for length in [0, 1, 124, 125] {
        drafts.extend([body(0x01, "beat", length), body(0x02, "echo", length)]);
    }
    for length in [126, 127, 4091] {
        drafts.extend([too_long(0x01, "beat", length), too_long(0x02, "echo", length)]);
    }
    drafts.extend([0x00, 0x03, 0x6F, 0x70].map(critical));
    drafts.push(beyond_all());
    drafts
}

fn heartbeat(name: &str, comment: &str) -> Draft {
    Draft::client(format!("control/heartbeat/{name}"), comment)
        .active("heartbeat", S)
        .flags(["message-type"])
}

fn message(kind: u8, length: usize) -> Frame {
    Frame::binary([&S[..], &[kind], &pattern(length)].concat())
}

fn body(kind: u8, name: &str, length: usize) -> Draft {
    heartbeat(&format!("{name}-{length}"), "0 to 125 octets of any kind")
        .covers(["heartbeat.body", "message.not-forwarded"])
        .frames([message(kind, length), Frame::binary("end")])
        .control_of("heartbeat", kind, &pattern(length))
        .binary("end")
}

fn too_long(kind: u8, name: &str, length: usize) -> Draft {
    heartbeat(&format!("{name}-{length}"), "more than 125 octets")
        .frames([Frame::text("before"), message(kind, length)])
        .text("before")
        .rejected(1002, "heartbeat.body")
}

fn critical(kind: u8) -> Draft {
    heartbeat(&format!("critical-{kind:02x}"), "a type below 80 that is none of heartbeat")
        .frames([message(kind, 0)])
        .rejected(1002, "message.critical")
}

fn beyond_all() -> Draft {
    heartbeat("beyond-4096", "what is too long for any control message is not looked at")
        .frames([message(0x01, 4092)])
        .rejected(1009, "filter.limit")
}
