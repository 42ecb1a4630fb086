//! Octets of an open connection: however they are cut, and whoever reads them, they mean the same.

use wsconform_reference as reference;
use wsconform_vectors::generator::{Failure, Reader, Reading};
use wsconform_vectors::{Context, Role, Sequence, SetUp};

/// A capability and its sequence.
type Active = (&'static str, [u8; 4]);

/// What is active of which an input chooses: nothing, one capability, several in one block, several
/// that share nothing.
const ACTIVE: [&[Active]; 8] = [
    &[],
    &[("rate-control", [0xF0, 0x80, 0x00, 0x10])],
    &[("rate-control", [0, 0, 0, 0])],
    &[("heartbeat", *b"ABCD")],
    &[
        ("rate-control", [0xF0, 0x80, 0x00, 0x10]),
        ("idle-timeout", [0xF0, 0x80, 0x00, 0x11]),
        ("heartbeat", [0xF0, 0x80, 0x00, 0x12]),
        ("control-setup", [0xF0, 0x80, 0x00, 0x13]),
    ],
    &[
        ("rate-control", [0, 0, 0, 0]),
        ("idle-timeout", *b"ABCD"),
        ("heartbeat", [0xFF, 0xFF, 0xFF, 0xFF]),
        ("control-setup", [0xF0, 0x80, 0x00, 0x10]),
    ],
    &[("control-setup", [0xF0, 0x80, 0x00, 0x10])],
    &[("control-setup", [0xF0, 0x80, 0x00, 0x10])],
];

/// The one of [`ACTIVE`] where the reader has offered something.
const OFFERED: usize = 6;
/// The one where it has accepted something.
const ACCEPTED: usize = 7;

/// The first octet of an input: who reads (bit 0), which of [`ACTIVE`] (bits 1 to 3), and into pieces
/// of how many octets, 1 to 16, the rest is cut (bits 4 to 7).
fn choice(server: bool, active: usize, size: u8) -> u8 {
    u8::from(server) | (active as u8 & 7) << 1 | (size.clamp(1, 16) - 1) << 4
}

/// The first octet of an input that is read in this context, or one that is like it.
pub fn choice_for(context: &Context, size: u8) -> u8 {
    let is_same = |active: usize| self::context((active as u8) << 1).sequences == context.sequences;
    let active = match &context.setup {
        Some(SetUp::Offered(_)) => OFFERED,
        Some(SetUp::Accepted(_)) => ACCEPTED,
        None => {
            (0..OFFERED).find(|active| is_same(*active)).unwrap_or(match context.sequences.len() {
                1 => 1,
                _ => 4,
            })
        }
    };
    choice(context.role == Role::Server, active, size)
}

/// Reads the input as its first octet says.
pub fn run(input: &[u8]) {
    let Some((choice, octets)) = input.split_first() else { return };
    let context = context(*choice);
    let size = usize::from(choice >> 4) + 1;

    let [peers, reference] = [Reader::Peers, Reader::Reference].map(|reader| {
        let read = |pieces: &[&[u8]]| reader.read(&context, pieces).ok();
        let whole = read(&[octets])?;
        let half = octets.len() * size / 17;
        for pieces in [
            octets.split_at_checked(half).map_or(vec![octets], |(front, back)| vec![front, back]),
            octets.chunks(size).collect(),
            octets.chunks(1).collect(),
        ] {
            let cut = read(&pieces)?;
            assert!(cut == whole, "{reader} reads uncut\n{whole}\nbut in pieces\n{cut}");
        }
        Some(whole)
    });
    let reference = reference.expect("the reference knows all capabilities");
    match peers {
        Some(peers) => compare(&context, octets, &peers, &reference),
        None => assert!(context.setup.is_some(), "the peers know all capabilities"),
    }
}

/// Reads the input as [`run`] does, but by the grammar of the book and by the reference.
pub fn run_grammar(input: &[u8]) {
    let Some((choice, octets)) = input.split_first() else { return };
    let context = context(*choice);
    let reference =
        Reader::Reference.read(&context, &[octets]).expect("all capabilities are known");
    compare_with_grammar(&context, octets, &reference);
}

fn context(choice: u8) -> Context {
    let role = if choice & 1 == 1 { Role::Server } else { Role::Client };
    let active = usize::from(choice >> 1 & 7);
    let named = |(name, octets): &Active| ((*name).to_owned(), Sequence(*octets));
    let setup = match active {
        OFFERED => Some(SetUp::Offered("heartbeat, idle-timeout".to_owned())),
        ACCEPTED => Some(SetUp::Accepted([named(&("heartbeat", [0xF0, 0x80, 0x00, 0x11]))].into())),
        _ => None,
    };
    let sequences = ACTIVE[active].iter().map(named).collect();
    Context { role, sequences, setup, rule: None, request: None }
}

/// What the reference reads is what the grammar says, up to what no grammar can say and to what it
/// can tell only later.
fn compare_with_grammar(context: &Context, octets: &[u8], reference: &Reading) {
    let read = |octets: &[u8]| {
        Reader::Grammar.read(context, &[octets]).expect("the grammar knows every capability")
    };
    let grammar = read(octets);
    let told = || format!("the grammar reads\n{grammar}\nbut the reference\n{reference}");
    match (&grammar.failure, &reference.failure) {
        (None, None) => assert!(grammar.events == reference.events, "{}", told()),
        (_, Some(failure)) if is_beyond_grammar(failure) => {
            assert!(grammar.events.starts_with(&reference.events), "{}", told());
        }
        // The grammar judges with the octet that is wrong. The reference looks at the turn of a
        // message when the head is whole, and may find something else in it before; at a Close and
        // at a control message when they are whole.
        (Some(failure), judged) if judged.is_none() || is_out_of_turn(failure) => {
            let later = Reader::Reference.read(context, &[octets, &[0; 8192]]);
            let later = later.expect("all capabilities are known");
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
        (_, Some(failure)) => match failure.requirement.as_deref() {
            // In a fragment that is still to be completed.
            Some("text.utf8" | "filter.limit") if grammar.failure.is_none() => {
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
            let later = Reader::Peers.read(context, &pieces).expect("all capabilities are known");
            let close = later.failure.as_ref().map(|failure| failure.close);
            assert!(close == Some(failure.close), "{}\nand later\n{later}", told());
            assert!(later.events == reference.events, "{}\nand later\n{later}", told());
        }
        _ => panic!("{}", told()),
    }
}

/// Whether it is a limit of the endpoint, what it has sent or offered, an id that came before, or how
/// many messages there were: no grammar can say that, and may find something wrong later.
fn is_beyond_grammar(failure: &Failure) -> bool {
    matches!(
        failure.requirement.as_deref(),
        Some(
            "frame.length.bounded"
                | "rate.ack.impossible"
                | "rate.status.malformed"
                | "setup.answer.refused"
                | "message.flood"
        )
    )
}

/// Whether something came when it was not its turn; who looks at it when it is whole may find something
/// else in it before.
fn is_out_of_turn(failure: &Failure) -> bool {
    matches!(
        failure.requirement.as_deref(),
        Some("fragments.orphan" | "fragments.interleaved" | "suspend.turn" | "setup.turn")
    )
}

/// Whether the reference fails the connection where others may go on: when control messages are too
/// many, and at a native control frame whose length is short enough but written in a longer form than
/// it needs.
fn is_free(context: &Context, octets: &[u8], failure: &Failure) -> bool {
    match failure.requirement.as_deref() {
        Some("message.flood") => true,
        Some("native.length") => match frame_to_blame(context, octets) {
            Some([_, length, high, low, ..]) if length & 0x7F == 126 => {
                u16::from_be_bytes([*high, *low]) <= 125
            }
            Some([_, length, rest @ ..]) if length & 0x7F == 127 => {
                rest.first_chunk().is_none_or(|length| u64::from_be_bytes(*length) <= 125)
            }
            _ => true,
        },
        _ => false,
    }
}

/// The octets from the frame on for which the reference fails the connection.
fn frame_to_blame<'o>(context: &Context, octets: &'o [u8]) -> Option<&'o [u8]> {
    use reference::{Agreement, Capability, Connection, Event, Limits, SeededRandom};

    let role = match context.role {
        Role::Client => reference::Role::Client,
        Role::Server => reference::Role::Server,
    };
    let agreement = |(name, sequence): (&String, &Sequence)| {
        let capability = Capability::from_token(name)?;
        Some(Agreement::of(capability, reference::Sequence(sequence.0)))
    };
    let agreements: Vec<_> = context.sequences.iter().filter_map(agreement).collect();
    let mut connection = Connection::new(role, &agreements, Limits::default(), SeededRandom(0));
    connection.receive(octets, std::time::Duration::ZERO);
    let at = std::iter::from_fn(|| connection.poll_event()).find_map(|event| match event {
        Event::Failed(failure) => Some(failure.at),
        _ => None,
    })?;
    octets.get(usize::try_from(at).ok()?..)
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
        let context = context(0);
        let accepted = Reading { events: Vec::new(), failure: None };
        let failed = Failure { close: 1002, requirement: Some("frame.rsv".to_owned()) };
        let failed = Reading { events: Vec::new(), failure: Some(failed) };
        compare(&context, b"", &failed, &accepted);
    }
}
