//! The messages of `heartbeat`.

use crate::error::Violation;

/// A message of `heartbeat`; bodies have at most 125 octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeartbeatMessage {
    /// Are you there? 0x01.
    Beat(Vec<u8>),
    /// Yes, with the body of the BEAT that it answers: 0x02.
    Echo(Vec<u8>),
}

/// Longest body of BEAT and ECHO, in octets.
pub const LONGEST_BEAT: usize = 125;

impl HeartbeatMessage {
    pub(super) fn parse(kind: u8, body: &[u8]) -> Result<Option<Self>, Violation> {
        let message = match kind {
            0x01 => Self::Beat,
            0x02 => Self::Echo,
            _ => return Ok(None),
        };
        if body.len() > LONGEST_BEAT {
            return Err(Violation::LongBeat(body.len()));
        }
        Ok(Some(message(body.to_vec())))
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Beat(body) => [&[0x01], &body[..]].concat(),
            Self::Echo(body) => [&[0x02], &body[..]].concat(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_at_most_that_of_a_native_control_frame() {
        for kind in [1, 2] {
            assert!(matches!(HeartbeatMessage::parse(kind, &[7; 125]), Ok(Some(_))));
            let refused = HeartbeatMessage::parse(kind, &[7; 126]);
            assert_eq!(refused, Err(Violation::LongBeat(126)));
        }
    }
}
