//! Frames joined to messages (RFC 6455, 5.4).

use super::Utf8Validator;
use crate::error::Violation;
use crate::frame::{Head, Opcode, Piece};

/// A whole data message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Opcode 0x1.
    Text(String),
    /// Opcode 0x2.
    Binary(Vec<u8>),
}

/// Joins the data frames of one direction. Holds the octets that have arrived of the message in
/// progress, never room for those that a head merely claims.
#[derive(Debug)]
pub struct Assembly {
    limit: u64,
    progress: Option<Progress>,
}

#[derive(Debug)]
struct Progress {
    octets: Vec<u8>,
    /// Octets up to the end of the frame in progress.
    announced: u64,
    /// Judges the text; binary messages have none.
    text: Option<Utf8Validator>,
}

impl Assembly {
    /// An assembly of messages of at most `limit` octets.
    pub fn new(limit: u64) -> Self {
        Self { limit, progress: None }
    }

    /// A data frame begins.
    ///
    /// # Errors
    ///
    /// It does not fit the message in progress, or makes it longer than the limit.
    pub fn begin_frame(&mut self, head: &Head) -> Result<(), Violation> {
        let continues = head.opcode == Opcode::Continuation;
        let progress = match &mut self.progress {
            None if continues => return Err(Violation::OrphanContinuation),
            Some(_) if !continues => return Err(Violation::InterleavedMessage(head.opcode.bits())),
            Some(progress) => progress,
            none => none.insert(Progress {
                octets: Vec::new(),
                announced: 0,
                text: (head.opcode == Opcode::Text).then(Utf8Validator::default),
            }),
        };
        progress.announced = progress.announced.saturating_add(head.length);
        if progress.announced > self.limit {
            return Err(Violation::MessageTooLong(progress.announced));
        }
        Ok(())
    }

    /// Some octets of the data frame in progress.
    ///
    /// # Errors
    ///
    /// No text can go on like this.
    pub fn push(&mut self, piece: &Piece<'_>) -> Result<(), Violation> {
        let Some(progress) = &mut self.progress else { return Ok(()) };
        let start = progress.octets.len();
        piece.append_to(&mut progress.octets);
        match &mut progress.text {
            Some(text) => text
                .push(progress.octets.get(start..).unwrap_or_default())
                .map_err(Violation::TextNotUtf8),
            None => Ok(()),
        }
    }

    /// The data frame in progress is complete; gives the message if this was its last one.
    ///
    /// # Errors
    ///
    /// A text ends inside a character.
    pub fn end_frame(&mut self, fin: bool) -> Result<Option<Message>, Violation> {
        if !fin {
            return Ok(None);
        }
        let Some(progress) = self.progress.take() else { return Ok(None) };
        let Some(text) = progress.text else { return Ok(Some(Message::Binary(progress.octets))) };
        text.finish().map_err(Violation::TextNotUtf8)?;
        match String::from_utf8(progress.octets) {
            Ok(text) => Ok(Some(Message::Text(text))),
            Err(error) => Err(Violation::TextNotUtf8(error.utf8_error().valid_up_to() as u64)),
        }
    }

    /// Of a binary message in progress whose first four octets have arrived: these, and the
    /// least length that the message will have.
    pub fn binary_prefix(&self) -> Option<([u8; 4], u64)> {
        let progress = self.progress.as_ref().filter(|progress| progress.text.is_none())?;
        Some((*progress.octets.first_chunk()?, progress.announced))
    }
}
