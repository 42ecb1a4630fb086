//! Whether a control message may be sent as it is (chapters 40 to 48: the types and their bodies).

use wsconform_spec::scenario::{ControlBody, control_message_of_kind};

use super::parameters::MOST;
use crate::wire::ExtensionList;

/// The types of the messages that every capability but one has.
pub(super) const SUSPEND: u8 = 0x7E;
pub(super) const RESUME: u8 = 0x7F;

/// The longest control message, its sequence left out.
const LONGEST: usize = 4096 - 4;
/// The longest body of a BEAT.
const LONGEST_BEAT: usize = 125;
/// Types that nobody assigns.
const PRIVATE: u8 = 0xF0;

/// Whether the octets behind the sequence are a control message of `capability` as it may be sent:
/// of an assigned or private type, with a body that fits.
pub(super) fn may_be_sent(capability: &str, octets: &[u8]) -> bool {
    let Some((kind, body)) = octets.split_first() else { return false };
    if octets.len() > LONGEST {
        return false;
    }
    let Some(message) = control_message_of_kind(capability, *kind) else {
        return *kind >= PRIVATE;
    };
    let integer = || <[u8; 8]>::try_from(body).ok().map(u64::from_be_bytes);
    match (message.body, message.name) {
        (ControlBody::Empty, _) => body.is_empty(),
        (ControlBody::Integer, "ACK") => integer().is_some(),
        (ControlBody::Integer, "LIMIT") => integer().is_some_and(|rate| rate > 0 && is_rate(rate)),
        (ControlBody::Integer, _) => integer().is_some_and(is_rate),
        (ControlBody::Octets, "STATUS") => is_status(body),
        (ControlBody::Octets, _) => body.len() <= LONGEST_BEAT,
        (ControlBody::Text, "ANSWER") if body.is_empty() => true,
        (ControlBody::Text, _) => std::str::from_utf8(body).is_ok_and(|list| {
            let list = ExtensionList::read(list);
            !list.items.is_empty() && list.has_empty_elements_alone()
        }),
    }
}

/// Up to 2^53 - 1 octets/s, or unlimited.
fn is_rate(rate: u64) -> bool {
    rate <= MOST || rate == u64::MAX
}

fn is_status(mut entries: &[u8]) -> bool {
    let mut ids = Vec::new();
    while let Some((head, rest)) = entries.split_first_chunk::<2>() {
        let [id, length] = *head;
        let Some((value, behind)) = rest.split_at_checked(usize::from(length)) else {
            return false;
        };
        if ids.contains(&id) || !is_status_value(id, value) {
            return false;
        }
        ids.push(id);
        entries = behind;
    }
    entries.is_empty()
}

fn is_status_value(id: u8, value: &[u8]) -> bool {
    match id {
        0x01 | 0x03..=0x05 | 0x07 | 0x08 | 0x10 => value.len() == 1,
        0x02 | 0x06 | 0x20..=0x22 => matches!(value, [0..=100]),
        0x11 | 0x12 | 0x23..=0x25 => value.len() == 8,
        0x13 => value.len() == 4,
        0x09 => value.len().is_multiple_of(8),
        0x0A => value.len().is_multiple_of(5) && value.chunks(5).all(|entry| entry[4] <= 100),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::hex;

    #[test]
    fn types_and_bodies() {
        for (capability, octets, may) in [
            ("rate-control", "", false),
            ("rate-control", "00", false),
            ("rate-control", "02", true),
            ("rate-control", "02 00", false),
            ("rate-control", "05 00 1F FF FF FF FF FF FF", true),
            ("rate-control", "05 00 20 00 00 00 00 00 00", false),
            ("rate-control", "05 FF FF FF FF FF FF FF FF", true),
            ("rate-control", "06 00 00 00 00 00 00 00 00", false),
            ("rate-control", "06 00 00 00 00 00 00 00 01", true),
            ("rate-control", "80 00 00 00 00 00 00 00", false),
            ("rate-control", "80 FF FF FF FF FF FF FF FE", true),
            ("rate-control", "82", false),
            ("rate-control", "EF", false),
            ("rate-control", "F0 01 02", true),
            ("rate-control", "81", true),
            ("rate-control", "81 06 01 64", true),
            ("rate-control", "81 06 01 65", false),
            ("rate-control", "81 06 01", false),
            ("rate-control", "81 06", false),
            ("rate-control", "81 06 01 10 06 01 10", false),
            ("rate-control", "81 30 02 AA BB 13 04 00 00 00 01", true),
            ("rate-control", "81 0A 05 00 00 00 01 65", false),
            ("idle-timeout", "7E", true),
            ("idle-timeout", "01", false),
            ("heartbeat", "01", true),
            ("heartbeat", "02 61", true),
            ("heartbeat", "03", false),
            ("control-setup", "7E", false),
            ("control-setup", "01", false),
            ("control-setup", "02", true),
            ("control-setup", "03", true),
            ("control-setup", "01 61 3B 62 3D 63", true),
            ("control-setup", "01 61 3B", false),
            ("control-setup", "01 FF", false),
        ] {
            let octets = hex::parse(octets).unwrap();
            assert_eq!(may_be_sent(capability, &octets), may, "{capability} {octets:02X?}");
        }
        assert!(may_be_sent("heartbeat", &[&[1][..], &[0; 125]].concat()));
        assert!(!may_be_sent("heartbeat", &[&[1][..], &[0; 126]].concat()));
        assert!(!may_be_sent("rate-control", &[0xF0; 4093]));
    }
}
