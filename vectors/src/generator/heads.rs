//! The independent readings of sentences that are no frames: heads of the opening handshake.

use wsconform_abnf::directive::Fail;
use wsconform_abnf::program::Given;
use wsconform_abnf::recognise::{Matcher, Verdict};
use wsconform_peers as peers;
use wsconform_reference::{
    Allocator, Bootstrap, ClientHandshake, HeadFault, HeadReader, Opening, Random, Refusal,
    Sequence, Support, accept_answer, negotiate, parse_extensions,
};
use wsconform_spec::grammar::entry;

use super::plain;
use super::program::PROGRAM;
use super::reading::{Failure, Reader, Reading, Unreadable};
use super::table::negotiated;
use crate::model::{Context, Request};
use crate::table::{Negotiated, NegotiationGiven};

/// What the request says that the answers of the book's entry belong to (RFC 6455, 1.3).
pub(super) fn request() -> Request {
    Request {
        key: "dGhlIHNhbXBsZSBub25jZQ==".to_owned(),
        protocols: vec!["chat".to_owned()],
        extensions: vec!["rate-control".to_owned()],
    }
}

/// Reads a sentence of the rule that the context names.
pub(super) fn read(
    reader: Reader,
    rule: &str,
    context: &Context,
    pieces: &[&[u8]],
) -> Result<Reading, Unreadable> {
    let octets = pieces.concat();
    let failure = match (reader, rule, &context.request) {
        (Reader::Grammar, _, _) => {
            let reading = by_grammar(rule, &octets);
            let due = reading.failure;
            reading.is_mismatch.then(|| Failure {
                close: due.as_ref().map_or(0, |due| due.code),
                requirement: due.map(|due| due.requirement),
            })
        }
        (Reader::Reference, "opening-request", _) => request_by_reference(pieces),
        (Reader::Reference, "opening-response", Some(request)) => {
            answer_by_reference(request, pieces)
        }
        // The plain endpoint judges nothing before a head has come to its end.
        (Reader::Peers, "opening-request", _) => {
            let status = peers::status_of(&octets);
            let status = status.ok_or_else(|| Unreadable::Rule(rule.to_owned()))?;
            (status != 101).then_some(Failure { close: status, requirement: None })
        }
        // The plain client offers no subprotocol.
        (Reader::Peers, "opening-response", Some(request)) if !names_protocol(&octets) => {
            let taken = peers::takes_answer(&octets, &request.key);
            let taken = taken.ok_or_else(|| Unreadable::Rule(rule.to_owned()))?;
            (!taken).then_some(Failure { close: 1002, requirement: None })
        }
        (Reader::Reference | Reader::Plain, _, _) if rule.ends_with("-offer") => match reader {
            Reader::Reference => refused(is_accepted_offer(&octets), 101),
            _ => refused(is_taken(&octets, None), 101),
        },
        (Reader::Reference | Reader::Plain, _, _) if rule.ends_with("-answer") => match reader {
            Reader::Reference => refused(is_accepted_answer(&octets), 1002),
            _ => refused(is_taken(&octets, Some(WIDEST)), 1002),
        },
        (Reader::Reference, "control-subprotocol", _) => {
            let text = std::str::from_utf8(&octets).ok();
            let bootstrap = text.and_then(Bootstrap::parse);
            refused(bootstrap.is_some(), 101)
        }
        (Reader::Plain, "control-subprotocol", _) => {
            refused(plain::is_control_subprotocol(&octets), 101)
        }
        (Reader::Plain, "ws-uri" | "wss-uri", _) => {
            refused(plain::is_uri(&octets, &[rule.trim_end_matches("-uri")]), 0)
        }
        (Reader::Plain, "sec-websocket-accept", _) => refused(plain::is_digest(&octets), 0),
        (Reader::Plain, "origin", _) => refused(plain::is_origin(&octets), 0),
        (Reader::Plain, "sec-websocket-versions", _) => refused(plain::is_versions(&octets), 0),
        _ => return Err(Unreadable::Rule(rule.to_owned())),
    };
    Ok(Reading { events: Vec::new(), failure })
}

fn refused(is_taken: bool, close: u16) -> Option<Failure> {
    (!is_taken).then_some(Failure { close, requirement: None })
}

/// Offers that no answer widens.
const WIDEST: &str = "rate-control; pace=strict; burst=16777216; ack=1024, \
    idle-timeout; timeout=86400000, heartbeat; interval=100, control-setup";

/// The same by hand: whether a server accepts an offer, or a client an answer to these offers.
fn is_taken(octets: &[u8], offers: Option<&str>) -> bool {
    let Ok(text) = std::str::from_utf8(octets) else { return false };
    let offered = vec![offers.unwrap_or(text).to_owned()];
    let answer = offers.map(|_| vec![text.to_owned()]);
    match negotiated(&NegotiationGiven { offers: offered, answer }) {
        Some(Negotiated::Offered { accepts }) => !accepts.is_empty(),
        Some(Negotiated::Agreed { .. }) => true,
        Some(Negotiated::Refused { .. }) | None => false,
    }
}

/// Whether a server accepts the capability on these terms.
fn is_accepted_offer(octets: &[u8]) -> bool {
    let mut allocator = Allocator::new(Sequence([0xF0, 0x80, 0, 0]));
    std::str::from_utf8(octets)
        .ok()
        .and_then(|text| parse_extensions(text).ok())
        .is_some_and(|offers| !negotiate(&offers, &Support::all(), &mut allocator).is_empty())
}

/// Whether a client takes these terms, if it offered the widest.
fn is_accepted_answer(octets: &[u8]) -> bool {
    let widest = parse_extensions(WIDEST).unwrap_or_default();
    std::str::from_utf8(octets)
        .ok()
        .and_then(|text| parse_extensions(text).ok())
        .and_then(|answer| accept_answer(&widest, &answer).ok())
        .is_some_and(|agreements| !agreements.is_empty())
}

fn names_protocol(octets: &[u8]) -> bool {
    octets.to_ascii_lowercase().windows(22).any(|part| part == b"sec-websocket-protocol")
}

/// A sentence by the grammar, as a receiver has to judge it.
#[derive(Debug, Default)]
pub(super) struct ByGrammar {
    /// Whether the octets are none, and cannot become one.
    pub(super) is_mismatch: bool,
    /// What is due then, if the book says so.
    pub(super) failure: Option<Fail>,
    /// How many octets the sentence has, if it is one and whole.
    pub(super) taken: Option<usize>,
}

/// Reads a sentence of an entry of the book; what comes behind it does not matter.
pub(super) fn by_grammar(entry_name: &str, octets: &[u8]) -> ByGrammar {
    let read = || {
        let (program, entry) = (PROGRAM.as_ref()?, entry(entry_name)?);
        let context = entry.context.iter().map(|(name, value)| match *name {
            "judged-as" => (*name, "received"),
            _ => (*name, *value),
        });
        let given = Given::read(program, context).ok()?;
        let matcher = Matcher::prefixes(program, entry.rule)?;
        let mut recognition = matcher.start(given);
        recognition.push(octets);
        let taken = recognition.accepted();
        Some(match (taken, recognition.finish()) {
            (None, Verdict::Mismatch(mismatch)) => {
                ByGrammar { is_mismatch: true, failure: mismatch.fail().cloned(), taken }
            }
            _ => ByGrammar { taken, ..ByGrammar::default() },
        })
    };
    read().unwrap_or_default()
}

fn request_by_reference(pieces: &[&[u8]]) -> Option<Failure> {
    let mut reader = HeadReader::request();
    for piece in pieces {
        let refusal = match reader.push(piece) {
            Ok(None) => continue,
            Ok(Some((head, _))) => Opening::from_request(&head).err(),
            Err(fault) => Some(Refusal::Malformed(fault)),
        };
        return refusal.map(|refusal| Failure {
            close: refusal.status(),
            requirement: Some(refusal.requirement().to_owned()),
        });
    }
    None
}

fn answer_by_reference(request: &Request, pieces: &[&[u8]]) -> Option<Failure> {
    let offers = parse_extensions(&request.extensions.join(", ")).unwrap_or_default();
    let handshake = ClientHandshake::new("h", "/", offers, &mut SampleNonce)
        .with_subprotocols(request.protocols.clone());
    let mut reader = HeadReader::response();
    for piece in pieces {
        let fault = match reader.push(piece) {
            Ok(None) => continue,
            Ok(Some((head, _))) => handshake.judge(&head).err(),
            Err(fault) => Some(malformed(fault)),
        };
        return fault.map(|fault| Failure {
            close: fault.close_code().0,
            requirement: Some(fault.requirement().to_owned()),
        });
    }
    None
}

fn malformed(fault: HeadFault) -> wsconform_reference::AnswerFault {
    wsconform_reference::AnswerFault::Malformed(fault)
}

/// Draws the nonce of RFC 6455, 1.3.
struct SampleNonce;

impl Random for SampleNonce {
    fn fill(&mut self, octets: &mut [u8]) {
        octets.iter_mut().zip(b"the sample nonce").for_each(|(octet, sample)| *octet = *sample);
    }
}
