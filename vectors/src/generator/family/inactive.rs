//! No sequence is active towards the reader: the capability was declined, or was never offered, or
//! `sender` gives the other party no voice. Nothing is inspected then.

use super::SEQUENCE as S;
use crate::generator::draft::{Draft, Frame, pattern};

pub(super) fn drafts() -> Vec<Draft> {
    let bare = inactive(Draft::client("escape/inactive/bare", "what elsewhere is an escape"))
        .frames([Frame::binary(S), Frame::binary(S)])
        .binary(S)
        .binary(S);
    let long = [&S[..], &pattern(4093)].concat();
    vec![
        bare,
        data("control", "what elsewhere is a control message", &[0x02]),
        data("critical", "what elsewhere fails the connection", &[0x41]),
        data("malformed", "what elsewhere fails the connection", &[0x01, 0]),
        data("ignorable", "what elsewhere is dropped", &[0x90]),
        inactive(Draft::client("escape/inactive/long", "what elsewhere is too long"))
            .frames([Frame::binary(&long)])
            .binary(&long),
        inactive(Draft::server("escape/inactive/to-server", "a client may not send them here"))
            .frames([Frame::binary(S), Frame::binary([&S[..], &[0x01]].concat())])
            .frames([Frame::binary([0, 0, 0, 0]), Frame::binary([0, 0, 0, 0, 0])])
            .binary(S)
            .binary([&S[..], &[0x01]].concat())
            .binary([0, 0, 0, 0])
            .binary([0, 0, 0, 0, 0]),
    ]
}

fn inactive(draft: Draft) -> Draft {
    draft.flags(["inactive"]).covers(["filter.direction", "negotiation.declined"])
}

fn data(name: &str, comment: &str, rest: &[u8]) -> Draft {
    let payload = [&S[..], rest].concat();
    inactive(Draft::client(format!("escape/inactive/{name}"), comment))
        .frames([Frame::binary(&payload), Frame::binary("end")])
        .binary(&payload)
        .binary("end")
}
