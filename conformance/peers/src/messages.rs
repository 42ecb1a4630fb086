//! The form of control messages: which types a capability has, and what their bodies are like.
//! Whose turn it is, and what a message does, is for others.

use crate::capability::{Capability, kind};
use crate::deviations::Deviations;

/// Octets of the longest body of BEAT and ECHO, as of a ping (RFC 6455, 5.5).
const BEAT_LIMIT: usize = 125;

/// Checks type and body; an error means to fail the connection with 1002.
pub(crate) fn check(
    capability: Capability,
    code: u8,
    body: &[u8],
    deviations: &Deviations,
) -> Result<(), &'static str> {
    use kind::*;
    let any_body = deviations.takes_malformed_bodies;
    let empty = if body.is_empty() || any_body { Ok(()) } else { Err("a body where none belongs") };
    match (capability, code) {
        (Capability::ControlSetup, OFFER | ANSWER) => Ok(()),
        (Capability::ControlSetup, CONFIRM) => empty,
        (Capability::ControlSetup, SUSPEND | RESUME) => Err("an unknown critical type"),
        (_, SUSPEND | RESUME) => empty,
        (Capability::RateControl, LIMIT)
            if deviations.rate.refuses_unlimited_limit && number(body) == Some(u64::MAX) =>
        {
            Err("a limit out of range")
        }
        (Capability::RateControl, RATE | EFFECTIVE | LIMIT) if any_body => Ok(()),
        (Capability::RateControl, RATE | EFFECTIVE | LIMIT) => rate(code, body),
        (Capability::RateControl, INCREASE | DECREASE | FULL) => empty,
        (Capability::RateControl, ACK) if body.len() == 8 => Ok(()),
        (Capability::RateControl, ACK) => Err("an acknowledgement that is not 8 octets"),
        (Capability::RateControl, STATUS) if deviations.rate.takes_malformed_status => Ok(()),
        (Capability::RateControl, STATUS) => status(body, deviations).map(drop),
        (Capability::Heartbeat, BEAT | ECHO)
            if body.len() > BEAT_LIMIT && !deviations.timers.takes_long_beats =>
        {
            Err("a beat of more than 125 octets")
        }
        (Capability::Heartbeat, BEAT | ECHO) => Ok(()),
        (_, 0x91 | 0xEF) if deviations.refuses_ignorable_types => Err("an unknown type"),
        (_, IGNORABLE..) => Ok(()),
        _ if deviations.takes_unknown_types => Ok(()),
        _ => Err("an unknown critical type"),
    }
}

fn rate(code: u8, body: &[u8]) -> Result<(), &'static str> {
    match number(body) {
        Some(0) if code == kind::LIMIT => Err("a limit of 0"),
        // 2^64 - 1 is the unlimited rate.
        Some(rate) if rate < 1 << 53 || rate == u64::MAX => Ok(()),
        Some(_) => Err("a rate out of range"),
        None => Err("a rate that is not 8 octets"),
    }
}

/// The number that eight octets are.
pub(crate) fn number(body: &[u8]) -> Option<u64> {
    <[u8; 8]>::try_from(body).ok().map(u64::from_be_bytes)
}

/// The processing rate that the other side reported, in octets a second.
pub(crate) fn processing_rate(body: &[u8]) -> Option<u64> {
    let entries = status(body, &Deviations::default()).ok()?;
    entries.into_iter().find(|(id, _)| *id == 0x24).and_then(|(_, value)| number(value))
}

/// Reads the entries of STATUS.
fn status<'a>(
    mut body: &'a [u8],
    deviations: &Deviations,
) -> Result<Vec<(u8, &'a [u8])>, &'static str> {
    let mut entries: Vec<(u8, &[u8])> = Vec::new();
    while let [id, length, rest @ ..] = body {
        let Some((value, rest)) = rest.split_at_checked(usize::from(*length)) else {
            return Err("an entry that is cut");
        };
        if entries.iter().any(|(other, _)| other == id) {
            return Err("an entry twice");
        }
        entry(*id, value, deviations)?;
        entries.push((*id, value));
        body = rest;
    }
    if body.is_empty() { Ok(entries) } else { Err("an entry that is cut") }
}

/// One entry: ids that nobody knows are passed over, values of enumerations are what they are.
fn entry(id: u8, value: &[u8], deviations: &Deviations) -> Result<(), &'static str> {
    let percent = |octet: &u8| *octet <= 100;
    let right = match (id, value) {
        (0x01, [1..=7]) | (0x03 | 0x08, [1..=3]) | (0x07, [1..=4]) | (0x10, [1..=5]) => true,
        (0x01 | 0x03..=0x05 | 0x07 | 0x08 | 0x10, [_]) => {
            return if deviations.rate.refuses_unknown_status_value && !matches!(id, 0x04 | 0x05) {
                Err("a value that nobody knows")
            } else {
                Ok(())
            };
        }
        (0x02 | 0x06 | 0x20..=0x22, [octet]) => percent(octet),
        (0x11 | 0x12 | 0x23..=0x25, value) => value.len() == 8,
        (0x13, value) => value.len() == 4,
        (0x09, value) => value.len() % 8 == 0,
        (0x0A, value) => {
            value.len() % 5 == 0 && value.chunks(5).all(|one| one.last().is_none_or(percent))
        }
        (0x01..=0x08 | 0x10 | 0x20..=0x22, _) => false,
        _ if deviations.rate.refuses_unknown_status => return Err("an entry that nobody knows"),
        _ => true,
    };
    if right { Ok(()) } else { Err("an entry that is malformed") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_right(capability: Capability, code: u8, body: &[u8]) -> bool {
        check(capability, code, body, &Deviations::default()).is_ok()
    }

    #[test]
    fn bodies_of_rates_are_checked() {
        let right = |code, body: &[u8]| is_right(Capability::RateControl, code, body);
        assert!(right(kind::RATE, &1000_u64.to_be_bytes()));
        assert!(right(kind::RATE, &u64::MAX.to_be_bytes()));
        assert!(!right(kind::RATE, &(1_u64 << 53).to_be_bytes()));
        assert!(!right(kind::RATE, &[0; 7]));
        assert!(!right(kind::RATE, &[0; 9]));
        assert!(right(kind::EFFECTIVE, &[0; 8]));
        assert!(!right(kind::LIMIT, &[0; 8]));
        assert!(right(kind::FULL, &[]));
        assert!(!right(kind::FULL, &[0]));
        assert!(right(kind::ACK, &[0xFF; 8]));
        assert!(!right(kind::ACK, &[0; 4]));
        assert!(!right(0x00, &[]));
        assert!(!right(0x7D, &[]));
        assert!(right(0xFF, b"private"));
    }

    #[test]
    fn each_capability_has_types_of_its_own() {
        use Capability::{ControlSetup, Heartbeat, IdleTimeout};
        for (capability, code, body, right) in [
            (Heartbeat, kind::BEAT, &[0; 125][..], true),
            (Heartbeat, kind::ECHO, &[0; 126], false),
            (Heartbeat, kind::DECREASE, &[], false),
            (Heartbeat, kind::RESUME, &[], true),
            (IdleTimeout, kind::SUSPEND, &[], true),
            (IdleTimeout, kind::SUSPEND, &[0], false),
            (IdleTimeout, kind::BEAT, &[], false),
            (IdleTimeout, kind::ACK, &[], true),
            (ControlSetup, kind::SUSPEND, &[], false),
            (ControlSetup, kind::CONFIRM, &[], true),
            (ControlSetup, kind::CONFIRM, b"x", false),
            (ControlSetup, 0x04, &[], false),
        ] {
            assert_eq!(is_right(capability, code, body), right, "{capability:?} {code:02X}");
        }
    }

    #[test]
    fn status_is_a_list_of_entries() {
        let right = |body: &[u8]| is_right(Capability::RateControl, kind::STATUS, body);
        assert!(right(&[]));
        assert!(right(&[0x01, 1, 200, 0x06, 1, 100, 0x0B, 2, 0, 0, 0xFF, 0]));
        assert!(right(&[0x09, 8, 0, 0, 0, 1, 0, 0, 0, 2, 0x0A, 5, 0, 0, 0, 1, 100]));
        for wrong in [
            &[0x01][..],
            &[0x0B, 2, 0],
            &[0x06, 1, 101],
            &[0x06, 2, 0, 0],
            &[0x01, 0],
            &[0x01, 1, 1, 0x01, 1, 1],
            &[0x0B, 0, 0x0B, 0],
            &[0x13, 8, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x23, 4, 0, 0, 0, 0],
            &[0x09, 4, 0, 0, 0, 0],
            &[0x0A, 5, 0, 0, 0, 1, 101],
        ] {
            assert!(!right(wrong), "{wrong:02X?}");
        }
        let body = [&[0x20, 1, 5, 0x24, 8][..], &15_000_u64.to_be_bytes()].concat();
        assert_eq!(processing_rate(&body), Some(15_000));
        assert_eq!(processing_rate(&[]), None);
    }
}
