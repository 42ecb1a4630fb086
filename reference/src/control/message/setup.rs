//! The messages of `control-setup`.

use std::fmt;

use super::no_body;
use crate::control::AgreementFault;
use crate::error::Violation;
use crate::handshake::{Extension, parse_extensions, write_extensions};

/// A message of `control-setup`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetupMessage {
    /// What its sender would like: 0x01.
    Offer(ExtensionList),
    /// What is accepted of it, if anything: 0x02.
    Answer(Option<ExtensionList>),
    /// The end of a negotiation that accepted something: 0x03.
    Confirm,
}

/// Extensions as text, in the syntax of Sec-WebSocket-Extensions; one at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionList {
    text: String,
    extensions: Vec<Extension>,
}

impl ExtensionList {
    /// A list of these; `None` if there are none.
    pub fn new(extensions: Vec<Extension>) -> Option<Self> {
        let text = write_extensions(&extensions);
        (!extensions.is_empty()).then_some(Self { text, extensions })
    }

    /// The extensions, in order.
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    fn parse(body: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        let extensions = parse_extensions(text).ok()?;
        Some(Self { text: text.to_owned(), extensions })
    }
}

/// The text as it came, or as it goes.
impl fmt::Display for ExtensionList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl SetupMessage {
    pub(super) fn parse(kind: u8, body: &[u8]) -> Result<Option<Self>, Violation> {
        let text = || String::from_utf8_lossy(body).into_owned();
        let message = match (kind, body) {
            (0x01, _) => ExtensionList::parse(body)
                .map(Self::Offer)
                .ok_or_else(|| Violation::MalformedOffer(text()))?,
            (0x02, []) => Self::Answer(None),
            (0x02, _) => ExtensionList::parse(body)
                .map(|list| Self::Answer(Some(list)))
                .ok_or_else(|| Violation::RefusedAnswer(AgreementFault::Malformed(text())))?,
            (0x03, _) => no_body(kind, body).map(|()| Self::Confirm)?,
            _ => return Ok(None),
        };
        Ok(Some(message))
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Offer(list) => [b"\x01", list.text.as_bytes()].concat(),
            Self::Answer(None) => vec![0x02],
            Self::Answer(Some(list)) => [b"\x02", list.text.as_bytes()].concat(),
            Self::Confirm => vec![0x03],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_keeps_its_spelling() {
        let octets = b"\x01, heartbeat ;interval=\"500\",";
        let Ok(Some(offer)) = SetupMessage::parse(octets[0], &octets[1..]) else {
            panic!("this is an OFFER")
        };
        assert_eq!(offer.encode(), octets);
        let SetupMessage::Offer(list) = offer else { panic!("{offer:?}") };
        assert_eq!(write_extensions(list.extensions()), "heartbeat; interval=500");
    }

    #[test]
    fn what_breaks_the_grammar_is_told_as_text() {
        for body in [&b""[..], b",", b"heartbeat;", b"heartbeat\xFF"] {
            let text = String::from_utf8_lossy(body).into_owned();
            let offer = SetupMessage::parse(1, body);
            assert_eq!(offer, Err(Violation::MalformedOffer(text.clone())));
            if !body.is_empty() {
                let fault = Violation::RefusedAnswer(AgreementFault::Malformed(text));
                assert_eq!(SetupMessage::parse(2, body), Err(fault));
            }
        }
        assert_eq!(SetupMessage::parse(3, b" "), Err(Violation::TrailingOctets(3)));
        assert_eq!(ExtensionList::new(Vec::new()), None);
    }
}
