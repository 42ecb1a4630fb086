//! A negotiation on an open connection that is under way: when new sequences begin to count
//! (US 9,331,890, FIG. 4, 402; claims 12 and 16).

use std::collections::BTreeMap;

use super::SEQUENCE as S;
use crate::generator::draft::{Draft, Frame};
use crate::model::{Role, SetUp};
use crate::octets::Sequence;

/// What an answerer assigns first: the lowest free number in the block.
const NEXT: [u8; 4] = [0xF0, 0x80, 0x00, 0x11];
const ANSWER: &[u8] = b"heartbeat; control=F0800011";

pub(super) fn drafts() -> Vec<Draft> {
    let mut drafts = Vec::new();
    for role in [Role::Client, Role::Server] {
        drafts.extend([from_answer(role), from_confirm(role)]);
    }
    drafts.extend([
        two(),
        declined(),
        escaped_at_once(),
        answer_in_fragments(),
        answer_twice(),
        confirm_for_answer(),
        crossed_client(),
        crossed_server(),
        crossed_twice(),
        spelled(),
        offer_again(),
        answer_for_confirm(),
        confirm_twice(),
        confirm_with_body(),
        armed_before(),
        offered_later(),
    ]);
    drafts.extend(MALFORMED.map(malformed));
    drafts
}

fn negotiating(role: Role, name: &str, comment: &str) -> Draft {
    let id = format!("control/negotiating/{name}");
    let draft = match role {
        Role::Client => Draft::client(id, comment),
        Role::Server => Draft::server(id, comment),
    };
    draft.active("control-setup", S).flags(["set-up"])
}

/// The reader has offered this.
fn offered(role: Role, name: &str, comment: &str) -> Draft {
    let list = "heartbeat, idle-timeout".to_owned();
    negotiating(role, name, comment).setup(SetUp::Offered(list))
}

/// The reader has accepted `heartbeat`.
fn accepted(role: Role, name: &str, comment: &str) -> Draft {
    let agreed = BTreeMap::from([("heartbeat".to_owned(), Sequence(NEXT))]);
    negotiating(role, name, comment).setup(SetUp::Accepted(agreed))
}

fn message(kind: u8, body: &[u8]) -> Frame {
    Frame::binary([&S[..], &[kind], body].concat())
}

fn of_next(octets: &[u8]) -> Vec<u8> {
    [&NEXT[..], octets].concat()
}

fn answer(draft: Draft, body: &[u8]) -> Draft {
    draft.frames([message(0x02, body)]).control_of("control-setup", 0x02, body)
}

fn confirm(draft: Draft) -> Draft {
    draft.frames([message(0x03, b"")]).control_of("control-setup", 0x03, b"")
}

fn name_for(role: Role, name: &str) -> String {
    format!("{name}-to-{role}")
}

fn from_answer(role: Role) -> Draft {
    let data = of_next(&[0x02]);
    let name = name_for(role, "from-answer");
    let draft = offered(role, &name, "data before the ANSWER, a message behind it")
        .covers(["setup.offerer.inspects"])
        .frames([Frame::binary(&data), Frame::binary(NEXT)])
        .binary(&data)
        .binary(NEXT);
    answer(draft, ANSWER)
        .frames([Frame::binary(&data), Frame::binary(NEXT), Frame::binary(&data)])
        .control_of("heartbeat", 0x02, b"")
        .binary(&data)
}

fn from_confirm(role: Role) -> Draft {
    let data = of_next(&[0x02]);
    let name = name_for(role, "from-confirm");
    let draft =
        accepted(role, &name, "data before CONFIRM, which was under way, a message behind it")
            .covers(["setup.before-confirm", "setup.from-confirm"])
            .frames([Frame::binary(&data), Frame::binary(NEXT), Frame::text("text")])
            .binary(&data)
            .binary(NEXT)
            .text("text");
    confirm(draft)
        .frames([Frame::binary(&data), Frame::binary(NEXT), Frame::binary(&data)])
        .control_of("heartbeat", 0x02, b"")
        .binary(&data)
}

fn two() -> Draft {
    let list = b"idle-timeout; control=F0800020, heartbeat; control=00000000";
    let draft = offered(Role::Client, "two", "two capabilities, with any sequences")
        .covers(["setup.offerer.inspects", "sequence.any"]);
    answer(draft, list)
        .frames([Frame::binary([0, 0, 0, 0, 0x02]), Frame::binary([0xF0, 0x80, 0, 0x20, 0x7E])])
        .control_of("heartbeat", 0x02, b"")
        .control_of("idle-timeout", 0x7E, b"")
}

fn declined() -> Draft {
    let data = of_next(&[0x02]);
    let draft = offered(Role::Client, "declined", "an empty ANSWER, and nothing counts")
        .covers(["setup.declines"]);
    answer(draft, b"").frames([Frame::binary(&data)]).binary(data)
}

fn escaped_at_once() -> Draft {
    let data = of_next(&[0x02]);
    let draft =
        offered(Role::Server, "escaped-at-once", "data of the answerer right behind its ANSWER")
            .covers(["setup.offerer.inspects", "escape.receiver.arms"]);
    answer(draft, ANSWER).frames([Frame::binary(NEXT), Frame::binary(&data)]).binary(data)
}

fn answer_in_fragments() -> Draft {
    let whole = [&S[..], &[0x02], ANSWER].concat();
    offered(Role::Client, "answer-in-fragments", "an ANSWER is the same however it was cut")
        .covers(["filter.message"])
        .frames(Frame::fragments(0x2, [&whole[..2], &whole[2..20], &whole[20..]]))
        .frames([Frame::binary(of_next(&[0x02]))])
        .control_of("control-setup", 0x02, ANSWER)
        .control_of("heartbeat", 0x02, b"")
}

fn answer_twice() -> Draft {
    let draft = offered(Role::Client, "answer-twice", "an ANSWER to what was answered");
    answer(draft, ANSWER).frames([message(0x02, b"")]).rejected(1002, "setup.turn")
}

fn confirm_for_answer() -> Draft {
    offered(Role::Server, "confirm-for-answer", "a CONFIRM where an ANSWER is due")
        .frames([message(0x03, b"")])
        .rejected(1002, "setup.turn")
}

fn crossed_client() -> Draft {
    offered(Role::Client, "crossed-client", "the OFFER of the server makes that of the client void")
        .covers(["setup.crossed.client"])
        .frames([message(0x01, b"heartbeat"), message(0x02, ANSWER)])
        .control_of("control-setup", 0x01, b"heartbeat")
        .rejected(1002, "setup.turn")
}

fn crossed_server() -> Draft {
    let draft = offered(Role::Server, "crossed-server", "the server drops the OFFER of the client")
        .covers(["setup.crossed.server"])
        .frames([message(0x01, b"heartbeat")])
        .control_of("control-setup", 0x01, b"heartbeat");
    answer(draft, ANSWER).frames([Frame::binary(of_next(&[0x02]))]).control_of(
        "heartbeat",
        0x02,
        b"",
    )
}

fn crossed_twice() -> Draft {
    offered(Role::Server, "crossed-twice", "only one OFFER can have crossed")
        .frames([message(0x01, b"heartbeat"), message(0x01, b"heartbeat")])
        .control_of("control-setup", 0x01, b"heartbeat")
        .rejected(1002, "setup.turn")
}

fn spelled() -> Draft {
    let list = b" \t, heartbeat ; control = \"f08\\00011\" ;interval=0,, ";
    let draft = offered(Role::Client, "spelled", "an ANSWER as a field may be spelled")
        .covers(["setup.offerer.inspects"]);
    answer(draft, list).frames([Frame::binary(of_next(&[0x02]))]).control_of("heartbeat", 0x02, b"")
}

fn offer_again() -> Draft {
    accepted(Role::Server, "offer-again", "a second OFFER before CONFIRM")
        .frames([message(0x01, b"idle-timeout")])
        .rejected(1002, "setup.turn")
}

fn answer_for_confirm() -> Draft {
    accepted(Role::Client, "answer-for-confirm", "an ANSWER where CONFIRM is due")
        .frames([message(0x02, b"")])
        .rejected(1002, "setup.turn")
}

fn confirm_twice() -> Draft {
    let draft = accepted(Role::Client, "confirm-twice", "CONFIRM of what was confirmed");
    confirm(draft).frames([message(0x03, b"")]).rejected(1002, "setup.turn")
}

fn confirm_with_body() -> Draft {
    accepted(Role::Client, "confirm-with-body", "CONFIRM has no body")
        .frames([message(0x03, b"x")])
        .rejected(1002, "message.malformed")
}

/// What looks like an escape before CONFIRM arms nothing.
fn armed_before() -> Draft {
    let draft =
        accepted(Role::Server, "armed-before", "new sequences are not armed by what came before")
            .covers(["setup.before-confirm", "setup.from-confirm"])
            .frames([Frame::binary(NEXT)])
            .binary(NEXT);
    confirm(draft).frames([Frame::binary(of_next(&[0x02]))]).control_of("heartbeat", 0x02, b"")
}

fn offered_later() -> Draft {
    let draft = offered(Role::Server, "offered-later", "the other party offers when that is done")
        .covers(["setup.offers"]);
    answer(draft, ANSWER)
        .frames([message(0x01, b"x-other"), Frame::binary("end")])
        .control_of("control-setup", 0x01, b"x-other")
        .binary("end")
}

const MALFORMED: [(&str, &str, &[u8]); 5] = [
    ("comma", "no element", b","),
    ("white-space", "white space is no list, and not nothing", b" "),
    ("separator", "no comma", b"heartbeat; control=F0800011 idle-timeout; control=F0800012"),
    ("end", "nothing behind the semicolon", b"heartbeat; control=F0800011;"),
    ("quote", "a quote that is not closed", b"heartbeat; control=\"F0800011"),
];

fn malformed((name, comment, list): (&str, &str, &[u8])) -> Draft {
    offered(Role::Client, &format!("malformed-{name}"), comment)
        .frames([message(0x02, list)])
        .rejected(1002, "setup.answer.refused")
}
