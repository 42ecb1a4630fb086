//! A message is judged, not its frames (US 9,331,890, FIG. 6, 604; RFC 6455, 5.4).

use super::SEQUENCE as S;
use crate::generator::draft::{Draft, Frame};

pub(super) fn drafts() -> Vec<Draft> {
    let mut drafts = Vec::new();
    drafts.extend((0..=5).map(control));
    drafts.extend((0..=4).map(escape));
    drafts.extend((0..=6).map(data));
    drafts.extend([
        octet_by_octet(),
        ping_inside_control(),
        ping_inside_escape(),
        sequence_behind_data(),
        near_miss_in_two(),
        fragmented_text(),
        all_masked(),
    ]);
    drafts
}

fn cut(name: impl AsRef<str>, comment: &str) -> Draft {
    Draft::client(format!("escape/cuts/{}", name.as_ref()), comment)
        .active("rate-control", S)
        .flags(["frames"])
        .covers(["filter.message"])
}

fn increase() -> Vec<u8> {
    [&S[..], &[0x02]].concat()
}

fn in_two(payload: &[u8], at: usize) -> Vec<Frame> {
    let (first, second) = payload.split_at(at);
    Frame::fragments(0x2, [first, second])
}

fn control(at: usize) -> Draft {
    cut(format!("control-at-{at}"), "INCREASE in two fragments")
        .frames(in_two(&increase(), at))
        .frames([Frame::binary("end")])
        .control(0x02, &[])
        .binary("end")
}

fn escape(at: usize) -> Draft {
    let comment = match at {
        4 => "a first frame that equals the sequence, and nothing behind it: an escape",
        _ => "an escape in two fragments",
    };
    cut(format!("escape-at-{at}"), comment)
        .flags(["escape-lost"])
        .frames(in_two(&S, at))
        .frames([Frame::binary(increase())])
        .binary(increase())
}

fn data(at: usize) -> Draft {
    let payload = [&S[..], b"AB"].concat();
    let comment = match at {
        4 => "a first frame that equals the sequence, while armed: it begins the data",
        _ => "escaped data in two fragments",
    };
    cut(format!("data-at-{at}"), comment)
        .flags(["stripped"])
        .covers(["escape.receiver.delivers"])
        .frames([Frame::binary(S)])
        .frames(in_two(&payload, at))
        .frames([Frame::binary(increase())])
        .binary(&payload)
        .control(0x02, &[])
}

fn octet_by_octet() -> Draft {
    let single = |payload: &[u8]| Frame::fragments(0x2, payload.iter().map(|octet| [*octet]));
    cut("octet-by-octet", "escape, data and control message, a frame for each octet")
        .frames(single(&S))
        .frames(single(&increase()))
        .frames(single(&increase()))
        .binary(increase())
        .control(0x02, &[])
}

fn ping_inside_control() -> Draft {
    cut("ping-inside-control", "native control frames may come inside of a control message")
        .covers(["message.order"])
        .frames([Frame::binary(&S[..2]).open(), Frame::ping("p")])
        .frames([Frame::continuation(&increase()[2..])])
        .ping("p")
        .control(0x02, &[])
}

fn ping_inside_escape() -> Draft {
    cut("ping-inside-escape", "and inside of an escape")
        .covers(["escape.receiver.native-between"])
        .frames([Frame::binary(S).open(), Frame::ping("p"), Frame::continuation("")])
        .frames([Frame::binary(increase())])
        .ping("p")
        .binary(increase())
}

fn sequence_behind_data() -> Draft {
    cut("sequence-in-continuation", "a continuation that begins with the sequence is no beginning")
        .flags(["beginning"])
        .covers(["filter.beginning"])
        .frames(Frame::fragments(0x2, [&b"AB"[..], &increase()]))
        .binary([b"AB", &increase()[..]].concat())
}

fn near_miss_in_two() -> Draft {
    cut("near-miss", "two octets of the sequence, then others")
        .flags(["near-miss"])
        .covers(["filter.beginning"])
        .frames(Frame::fragments(0x2, [[0xF0, 0x80], [0x00, 0x12]]))
        .binary([0xF0, 0x80, 0x00, 0x12])
}

fn fragmented_text() -> Draft {
    Draft::client("escape/cuts/text", "text that begins with the sequence, cut behind it")
        .active("rate-control", *b"ABCD")
        .flags(["text-inspected"])
        .covers(["filter.text"])
        .frames(Frame::fragments(0x1, ["ABCD", "E"]))
        .text("ABCDE")
}

fn all_masked() -> Draft {
    Draft::server("escape/cuts/masked", "the unmasked octets are judged, whatever the keys are")
        .active("rate-control", S)
        .flags(["frames"])
        .covers(["filter.message"])
        .frames(in_two(&S, 1))
        .frames(in_two(&increase(), 3))
        .frames(in_two(&increase(), 2))
        .binary(increase())
        .control(0x02, &[])
}
