//! Reading frames without I/O: what a stream of octets means to the plain endpoint.

use crate::capability::Capability;
use crate::core::{Core, Event, State};
use crate::deviations::Deviations;
use crate::negotiation::Agreement;
use crate::role::Role;
use crate::sequences::Sequences;
use crate::terms::Terms;

/// What is known before the first frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The role of the reader: a server reads masked frames, a client unmasked ones.
    pub role: Role,
    /// Capabilities and their sequences, active in both directions, with all parameters at their
    /// defaults. One that this endpoint does not know is passed over.
    pub sequences: Vec<(String, [u8; 4])>,
}

/// What the octets meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Messages, native control frames and control messages in order. Escapes are none of them.
    pub events: Vec<Event>,
    /// The code with which the reader fails the connection, if it does.
    pub close: Option<u16>,
}

/// Reads the octets of an open connection in the pieces in which they come. What follows a Close
/// or a failure is not read. The reader has sent nothing that an ACK could be held against, and
/// no time passes.
///
/// ```
/// use wsconform_peers::{Context, Event, Role, read};
///
/// let context = Context { role: Role::Client, sequences: Vec::new() };
/// let reading = read(&context, &[b"\x01\x03Hel", b"\x80\x02lo", b"\x83\x00"]);
/// assert_eq!(reading.events, [Event::Text(b"Hello".to_vec())]);
/// assert_eq!(reading.close, Some(1002));
/// ```
pub fn read(context: &Context, chunks: &[&[u8]]) -> Reading {
    let agreements: Vec<Agreement> = context
        .sequences
        .iter()
        .filter_map(|(name, sequence)| {
            let terms = Terms::defaults(Capability::named(name)?);
            Some(Agreement { sequence: *sequence, terms, their_maximum: None })
        })
        .collect();
    let mut sequences = Sequences::default();
    agreements.iter().for_each(|agreement| sequences.add(agreement.sequence));
    let mut core = Core::new(context.role, &agreements, sequences, &Deviations::default(), 0);
    core.forget_what_was_sent();
    let mut events = Vec::new();
    for chunk in chunks {
        core.push(chunk);
        events.extend(std::iter::from_fn(|| core.next()));
    }
    let close = match core.state() {
        State::Failed(code) => Some(code),
        _ => None,
    };
    Reading { events, close }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: [u8; 4] = [0xF0, 0x80, 0, 1];

    fn read_all(octets: &[u8]) -> Reading {
        let context =
            Context { role: Role::Client, sequences: vec![("rate-control".to_owned(), S)] };
        let whole = read(&context, &[octets]);
        let single: Vec<&[u8]> = octets.chunks(1).collect();
        assert_eq!(read(&context, &single), whole, "octet by octet");
        for cut in 0..octets.len() {
            let (front, back) = octets.split_at(cut);
            assert_eq!(read(&context, &[front, back]), whole, "cut at {cut}");
        }
        whole
    }

    #[test]
    fn an_escape_makes_the_next_message_data() {
        let octets =
            b"\x82\x04\xF0\x80\0\x01\x89\x01p\x82\x05\xF0\x80\0\x01A\x82\x05\xF0\x80\0\x01\x02";
        let control = Event::Control { capability: "rate-control".into(), kind: 2, body: vec![] };
        let data = Event::Binary(b"\xF0\x80\0\x01A".to_vec());
        let events = vec![Event::Ping(b"p".to_vec()), data, control];
        assert_eq!(read_all(octets), Reading { events, close: None });
    }

    #[test]
    fn nothing_is_read_behind_a_close_or_a_failure() {
        let close = Event::Close { code: Some(1000), reason: "bye".into() };
        let reading = read_all(b"\x88\x05\x03\xE8bye\x83\x00");
        assert_eq!(reading, Reading { events: vec![close], close: None });
        let reading = read_all(b"\x81\x01\xFF\x81\x01a");
        assert_eq!(reading, Reading { events: vec![], close: Some(1007) });
        assert_eq!(read_all(b"\x82\x05\xF0\x80\0\x01\x41").close, Some(1002));
    }

    #[test]
    fn a_close_while_armed_is_no_error() {
        let reading = read_all(b"\x82\x04\xF0\x80\0\x01\x88\x00");
        let close = Event::Close { code: None, reason: String::new() };
        assert_eq!(reading, Reading { events: vec![close], close: None });
    }
}
