//! SUSPEND and RESUME (US 9,331,890, FIG. 4, 404).

use super::SEQUENCE as S;
use crate::generator::draft::{Draft, Frame};

const CAPABILITIES: [&str; 3] = ["rate-control", "idle-timeout", "heartbeat"];

pub(super) fn drafts() -> Vec<Draft> {
    let mut drafts = Vec::new();
    for capability in CAPABILITIES {
        drafts.extend([
            again(capability),
            twice(capability),
            unasked(capability),
            bodies(capability),
        ]);
        drafts.push(bodies_of_resume(capability));
    }
    drafts.extend(OUT_OF_TURN.map(out_of_turn));
    drafts.extend([inspected(), armed(), not_at_all(), others()]);
    drafts
}

fn rests(capability: &str, name: &str, comment: &str) -> Draft {
    Draft::client(format!("control/rests/{capability}-{name}"), comment)
        .active(capability, S)
        .flags(["rests"])
}

fn control(octets: &[u8]) -> Frame {
    Frame::binary([&S[..], octets].concat())
}

fn again(capability: &str) -> Draft {
    rests(capability, "again", "as often as anybody likes")
        .covers(["suspend.resumed", "message.not-forwarded"])
        .frames([control(&[0x7E]), Frame::binary("1"), control(&[0x7F]), Frame::binary("2")])
        .frames([control(&[0x7E]), control(&[0x7F])])
        .control_of(capability, 0x7E, &[])
        .binary("1")
        .control_of(capability, 0x7F, &[])
        .binary("2")
        .control_of(capability, 0x7E, &[])
        .control_of(capability, 0x7F, &[])
}

fn twice(capability: &str) -> Draft {
    rests(capability, "twice", "SUSPEND of what rests")
        .frames([control(&[0x7E]), control(&[0x7E])])
        .control_of(capability, 0x7E, &[])
        .rejected(1002, "suspend.turn")
}

fn unasked(capability: &str) -> Draft {
    rests(capability, "unasked", "RESUME of what does not rest")
        .frames([Frame::binary("before"), control(&[0x7F])])
        .binary("before")
        .rejected(1002, "suspend.turn")
}

fn bodies(capability: &str) -> Draft {
    rests(capability, "body", "SUSPEND has no body")
        .frames([control(&[0x7E, 0])])
        .rejected(1002, "message.malformed")
}

fn bodies_of_resume(capability: &str) -> Draft {
    rests(capability, "resume-body", "RESUME has no body")
        .frames([control(&[0x7E]), control(&[0x7F, 1])])
        .control_of(capability, 0x7E, &[])
        .rejected(1002, "message.malformed")
}

const OUT_OF_TURN: [(&str, &str, &[u8]); 7] = [
    ("rate-control", "rate", &[0x01, 0, 0, 0, 0, 0, 0, 3, 0xE8]),
    ("rate-control", "increase", &[0x02]),
    ("rate-control", "effective", &[0x05, 0, 0, 0, 0, 0, 0, 3, 0xE8]),
    ("heartbeat", "beat", &[0x01, 1, 2]),
    ("heartbeat", "echo", &[0x02]),
    ("idle-timeout", "critical", &[0x41]),
    ("heartbeat", "ignorable", &[0x90]),
];

fn out_of_turn((capability, name, octets): (&str, &str, &[u8])) -> Draft {
    rests(capability, &format!("turn-{name}"), "what rests says nothing but RESUME")
        .frames([control(&[0x7E]), control(octets)])
        .control_of(capability, 0x7E, &[])
        .rejected(1002, "suspend.turn")
}

fn inspected() -> Draft {
    rests("rate-control", "inspected", "escapes count on, and what is escaped is data")
        .covers(["suspend.inspects"])
        .frames([control(&[0x7E]), Frame::binary(S), control(&[0x02]), Frame::binary(S)])
        .frames([Frame::binary(S), control(&[0x7F]), Frame::binary("end")])
        .control(0x7E, &[])
        .binary([&S[..], &[0x02]].concat())
        .binary(S)
        .control(0x7F, &[])
        .binary("end")
}

fn armed() -> Draft {
    rests("rate-control", "armed", "while a sequence is armed, SUSPEND and RESUME of it are data")
        .covers(["suspend.inspects", "escape.receiver.arms"])
        .frames([Frame::binary(S), control(&[0x7E]), control(&[0x02])])
        .frames([control(&[0x7E]), Frame::binary(S), control(&[0x7F]), control(&[0x7F])])
        .binary([&S[..], &[0x7E]].concat())
        .control(0x02, &[])
        .control(0x7E, &[])
        .binary([&S[..], &[0x7F]].concat())
        .control(0x7F, &[])
}

fn not_at_all() -> Draft {
    Draft::client("control/rests/control-setup", "control-setup alone never rests")
        .active("control-setup", S)
        .flags(["rests"])
        .frames([control(&[0x7E])])
        .rejected(1002, "message.critical")
}

fn others() -> Draft {
    let other = [0xF0, 0x80, 0x00, 0x11];
    let of_other = |kind: u8| Frame::binary([&other[..], &[kind]].concat());
    Draft::server("control/rests/others", "what one does changes nothing for another")
        .active("rate-control", S)
        .active("heartbeat", other)
        .flags(["rests", "others"])
        .covers(["suspend.others"])
        .frames([control(&[0x7E]), of_other(0x02), of_other(0x7E), control(&[0x7F])])
        .frames([control(&[0x04]), of_other(0x7F), of_other(0x02)])
        .control(0x7E, &[])
        .control_of("heartbeat", 0x02, &[])
        .control_of("heartbeat", 0x7E, &[])
        .control(0x7F, &[])
        .control(0x04, &[])
        .control_of("heartbeat", 0x7F, &[])
        .control_of("heartbeat", 0x02, &[])
}
