//! How long a control message may be: 4096 octets, its sequence included.

use super::SEQUENCE as S;
use crate::generator::draft::{Draft, Frame, pattern};

/// Of a type that may be ignored, and is unknown.
fn message(length: usize) -> Vec<u8> {
    [&S[..], &[0x90], &pattern(length - 5)].concat()
}

pub(super) fn drafts() -> Vec<Draft> {
    let (longest, longer) = (message(4096), message(4097));
    let fragments = |payload: &[u8], at: usize| {
        let (first, second) = payload.split_at(at);
        Frame::fragments(0x2, [first, second])
    };
    vec![
        limit("longest", "as long as it may be; its type is ignored")
            .covers(["message.ignorable"])
            .frames([Frame::binary(&longest), Frame::binary("end")])
            .binary("end"),
        limit("one-more", "one octet too long")
            .frames([Frame::text("before"), Frame::binary(&longer)])
            .text("before")
            .rejected(1009, "filter.limit"),
        limit("one-more-in-fragments", "too long as a message, though no frame is")
            .flags(["frames"])
            .covers(["filter.message"])
            .frames(fragments(&longer, 3000))
            .rejected(1009, "filter.limit"),
        limit("sequence-first", "the sequence alone in the first frame, the rest in a long one")
            .flags(["frames"])
            .covers(["filter.message"])
            .frames(fragments(&longer, 4))
            .rejected(1009, "filter.limit"),
        limit("longest-in-fragments", "as long as it may be, in fragments")
            .flags(["frames"])
            .covers(["filter.message", "message.ignorable"])
            .frames(fragments(&longest, 2))
            .frames([Frame::binary("end")])
            .binary("end"),
        limit("other-data", "data may be longer")
            .frames([Frame::binary(pattern(5000)), Frame::binary("end")])
            .binary(pattern(5000))
            .binary("end"),
        limit("claimed", "too long by its head, though little of it has come: fail now or later")
            .frames([Frame::binary(message(8)).claiming(5000)])
            .either(),
        Draft::client("escape/limit/text", "text that begins with the sequence may be longer")
            .active("rate-control", *b"ABCD")
            .flags(["limit", "text-inspected"])
            .covers(["filter.text"])
            .frames([Frame::text("ABCD".repeat(1100))])
            .text("ABCD".repeat(1100)),
    ]
}

fn limit(name: &str, comment: &str) -> Draft {
    Draft::client(format!("escape/limit/{name}"), comment)
        .active("rate-control", S)
        .flags(["limit"])
        .covers(["filter.limit"])
}
