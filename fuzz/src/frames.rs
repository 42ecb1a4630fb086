//! Octets of an open connection: however they are cut, and whoever reads them, they mean the same.

use std::collections::BTreeMap;

use wsconform_reference as reference;
use wsconform_vectors::generator::{Failure, Reader, Reading};
use wsconform_vectors::{Context, Role, Sequence};

/// Sequences of which an input chooses one, or none.
pub const SEQUENCES: [Option<[u8; 4]>; 4] =
    [None, Some([0xF0, 0x80, 0x00, 0x10]), Some([0, 0, 0, 0]), Some(*b"ABCD")];

/// The first octet of an input: who reads (bit 0), which of [`SEQUENCES`] is active (bits 1 and 2),
/// and into pieces of how many octets, 1 to 32, the rest is cut (bits 3 to 7).
pub fn choice(server: bool, sequence: usize, size: u8) -> u8 {
    u8::from(server) | (sequence as u8 & 3) << 1 | (size.clamp(1, 32) - 1) << 3
}

/// Reads the input as its first octet says.
pub fn run(input: &[u8]) {
    let Some((choice, octets)) = input.split_first() else { return };
    let context = context(*choice);
    let size = usize::from(choice >> 3) + 1;

    let [peers, reference] = [Reader::Peers, Reader::Reference].map(|reader| {
        let read = |pieces: &[&[u8]]| reader.read(&context, pieces).expect("rate-control is known");
        let whole = read(&[octets]);
        let half = octets.len() * size / 33;
        for pieces in [
            octets.split_at_checked(half).map_or(vec![octets], |(front, back)| vec![front, back]),
            octets.chunks(size).collect(),
            octets.chunks(1).collect(),
        ] {
            let cut = read(&pieces);
            assert!(cut == whole, "{reader} reads uncut\n{whole}\nbut in pieces\n{cut}");
        }
        whole
    });
    compare(&context, octets, &peers, &reference);
}

/// Reads the input as [`run`] does, but by the grammar of the book and by the reference.
pub fn run_grammar(input: &[u8]) {
    let Some((choice, octets)) = input.split_first() else { return };
    let context = context(*choice);
    let reference = Reader::Reference.read(&context, &[octets]).expect("rate-control is known");
    compare_with_grammar(&context, octets, &reference);
}

fn context(choice: u8) -> Context {
    let role = if choice & 1 == 1 { Role::Server } else { Role::Client };
    let mut sequences = BTreeMap::new();
    if let Some(octets) = SEQUENCES[usize::from(choice >> 1 & 3)] {
        sequences.insert("rate-control".to_owned(), Sequence(octets));
    }
    Context { role, sequences, setup: None, rule: None, request: None }
}

/// What the reference reads is what the grammar says, up to what no grammar can say and to what it
/// can tell only later.
fn compare_with_grammar(context: &Context, octets: &[u8], reference: &Reading) {
    use reference::Violation;

    let read = |octets: &[u8]| {
        Reader::Grammar.read(context, &[octets]).expect("the grammar knows every capability")
    };
    let grammar = read(octets);
    let told = || format!("the grammar reads\n{grammar}\nbut the reference\n{reference}");
    match (&grammar.failure, &reference.failure) {
        (None, None) => assert!(grammar.events == reference.events, "{}", told()),
        // The grammar judges with the octet that is wrong. The reference looks at the turn of a
        // message when the head is whole, and may find something else in it before; at a Close and
        // at a control message when they are whole.
        (Some(failure), judged) if judged.is_none() || is_out_of_turn(failure) => {
            let later = Reader::Reference.read(context, &[octets, &[0; 8192]]);
            let later = later.expect("rate-control is known");
            let judged = judged.as_ref().or(later.failure.as_ref());
            let close = judged.map(|judged| judged.close);
            assert!(close == Some(failure.close), "{}\nand later\n{later}", told());
            let same = judged.is_some_and(|judged| judged.requirement == failure.requirement);
            assert!(same || is_out_of_turn(failure), "{}\nand later\n{later}", told());
            assert!(grammar.events == later.events, "{}", told());
        }
        (Some(one), Some(other)) if one == other => {
            assert!(grammar.events == reference.events, "{}", told());
        }
        (_, Some(failure)) => match violation(context, octets) {
            // A limit of the endpoint, what it has sent, and an id that came before.
            Some((
                Violation::MessageTooLong(_)
                | Violation::ImpossibleAck(_)
                | Violation::RepeatedStatus(_),
                _,
            )) => assert!(grammar.events.starts_with(&reference.events), "{}", told()),
            // In a fragment that is still to be completed.
            Some((Violation::TextNotUtf8(_) | Violation::ControlTooLong(_), _))
                if grammar.failure.is_none() =>
            {
                let later = read(&[octets, &[0; 8192]].concat());
                let same = later.failure.as_ref().is_none_or(|later| later == failure);
                assert!(same, "{}\nand later\n{later}", told());
                assert!(later.events == reference.events, "{}\nand later\n{later}", told());
            }
            _ => panic!("{}", told()),
        },
        (Some(_), None) => unreachable!("see above"),
    }
}

/// Two readings are the same, but for what the protocol leaves open.
fn compare(context: &Context, octets: &[u8], peers: &Reading, reference: &Reading) {
    let told = || format!("peers read\n{peers}\nbut the reference\n{reference}");
    match (&peers.failure, &reference.failure) {
        (_, Some(failure)) if is_free(context, octets, failure) => {
            assert!(peers.events.starts_with(&reference.events), "{}", told());
        }
        (None, None) => assert!(peers.events == reference.events, "{}", told()),
        (Some(one), Some(other)) if one.close == other.close => {
            assert!(peers.events == reference.events, "{}", told());
        }
        // The reference tells a violation with the first octet that makes one; the peers wait for
        // the whole head, or until a control message has become too long. So give them more.
        (None, Some(failure)) => {
            assert!(peers.events == reference.events, "{}", told());
            let pieces: [&[u8]; 2] = [octets, &[0; 8192]];
            let later = Reader::Peers.read(context, &pieces).expect("rate-control is known");
            let close = later.failure.as_ref().map(|failure| failure.close);
            assert!(close == Some(failure.close), "{}\nand later\n{later}", told());
            assert!(later.events == reference.events, "{}\nand later\n{later}", told());
        }
        _ => panic!("{}", told()),
    }
}

fn is_out_of_turn(failure: &Failure) -> bool {
    let requirement = failure.requirement.as_deref();
    matches!(requirement, Some("fragments.orphan" | "fragments.interleaved"))
}

/// Whether the reference fails the connection where others may go on: at ACK and STATUS, which the
/// peers do not know and may ignore, and at a native control frame whose length is short enough but
/// written in a longer form than it needs.
fn is_free(context: &Context, octets: &[u8], failure: &Failure) -> bool {
    let Some((violation, at)) = violation(context, octets) else { return false };
    match violation {
        reference::Violation::CutControl(0x80..)
        | reference::Violation::TrailingOctets(0x80..)
        | reference::Violation::CutStatus
        | reference::Violation::RepeatedStatus(_)
        | reference::Violation::StatusLength(_)
        | reference::Violation::StatusOutOfRange(_)
        | reference::Violation::ImpossibleAck(_) => failure.close == 1002,
        reference::Violation::LongControl(_) => {
            let frame = usize::try_from(at).ok().and_then(|at| octets.get(at..));
            let frame = frame.unwrap_or_default();
            match frame {
                [_, length, high, low, ..] if length & 0x7F == 126 => {
                    u16::from_be_bytes([*high, *low]) <= 125
                }
                [_, length, rest @ ..] if length & 0x7F == 127 => {
                    rest.first_chunk().is_none_or(|length| u64::from_be_bytes(*length) <= 125)
                }
                _ => true,
            }
        }
        _ => false,
    }
}

/// What the reference fails the connection for, and where the frame begins that is to blame.
fn violation(context: &Context, octets: &[u8]) -> Option<(reference::Violation, u64)> {
    use reference::{Agreement, Capability, Connection, Event, Limits, SeededRandom};

    let role = match context.role {
        Role::Client => reference::Role::Client,
        Role::Server => reference::Role::Server,
    };
    let agreements: Vec<_> = context
        .sequences
        .values()
        .map(|sequence| Agreement::of(Capability::RateControl, reference::Sequence(sequence.0)))
        .collect();
    let mut connection = Connection::new(role, &agreements, Limits::default(), SeededRandom(0));
    connection.receive(octets, std::time::Duration::ZERO);
    std::iter::from_fn(|| connection.poll_event()).find_map(|event| match event {
        Event::Failed(failure) => Some((failure.violation, failure.at)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_free_is_no_finding() {
        let read = |octets: &[u8]| run(&[&[choice(false, 1, 3)], octets].concat());
        read(b"\x89\x7E\x00\x01p\x81\x01a"); // a Ping of one octet, in 16 bits
        read(b"\x89\x7E");
        read(b"\x82\x0D\xF0\x80\x00\x10\x80\x00\x00\x00\x00\x00\x00\x00\x01"); // ACK of too much
        read(b"\x83"); // an opcode that is told before its head is whole
        read(b"\x82\x7E\x10\x01\xF0\x80\x00\x10\x90"); // a control message that will be too long
    }

    #[test]
    #[should_panic(expected = "peers read")]
    fn what_is_not_the_same_is_a_finding() {
        let context = Context {
            role: Role::Client,
            sequences: BTreeMap::new(),
            setup: None,
            rule: None,
            request: None,
        };
        let accepted = Reading { events: Vec::new(), failure: None };
        let failed = Failure { close: 1002, requirement: Some("frame.rsv".to_owned()) };
        let failed = Reading { events: Vec::new(), failure: Some(failed) };
        compare(&context, b"", &failed, &accepted);
    }
}
