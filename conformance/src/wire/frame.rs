//! Frames as they were observed.

use std::fmt;

use super::cycle::Departures;
use super::hex;
use super::opcode::Opcode;

/// Which of its three forms a length was written in (RFC 6455, 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LengthForm {
    /// 7 bits, for 0 to 125.
    Seven,
    /// 16 bits behind the value 126.
    Sixteen,
    /// 64 bits behind the value 127.
    SixtyFour,
}

impl LengthForm {
    /// The shortest form that holds a length, the only one that is allowed.
    pub fn shortest(length: u64) -> LengthForm {
        match length {
            0..=125 => LengthForm::Seven,
            126..=0xFFFF => LengthForm::Sixteen,
            _ => LengthForm::SixtyFour,
        }
    }

    /// Octets behind the first two: 0, 2 or 8.
    pub fn extra_octets(self) -> usize {
        match self {
            LengthForm::Seven => 0,
            LengthForm::Sixteen => 2,
            LengthForm::SixtyFour => 8,
        }
    }

    /// 7, 16 or 64.
    pub fn bits(self) -> u32 {
        match self {
            LengthForm::Seven => 7,
            LengthForm::Sixteen => 16,
            LengthForm::SixtyFour => 64,
        }
    }
}

/// The facts of one frame. A whole one has `payload_total == length`; one of which the end is
/// still missing ([`FrameReader::half_read`](super::FrameReader::half_read)) has less.
///
/// Its `Display` is one line for people: `binary F0 80 00 01`, `text fin=0 "Hel"`,
/// `close 1002 "reason"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Offset of its first octet in the stream.
    pub start: u64,
    /// Whether it ends its message.
    pub fin: bool,
    /// First reserved bit.
    pub rsv1: bool,
    /// Second reserved bit.
    pub rsv2: bool,
    /// Third reserved bit.
    pub rsv3: bool,
    /// What it is.
    pub opcode: Opcode,
    /// The masking key, if the mask bit is set.
    pub masking_key: Option<[u8; 4]>,
    /// The payload's length in octets, as claimed: up to 2^64-1.
    pub length: u64,
    /// The form in which it was claimed.
    pub length_form: LengthForm,
    /// The payload, unmasked; of a long one the beginning.
    pub payload: Vec<u8>,
    /// Octets of the payload that arrived, those that were not kept included.
    pub payload_total: u64,
    /// Where the message that it belongs to, up to its end, is no longer a cycle, as far as its own
    /// octets tell.
    pub departures: Departures,
}

impl Frame {
    /// Whether the mask bit is set.
    pub fn masked(&self) -> bool {
        self.masking_key.is_some()
    }

    /// Whether the length stands in its shortest form.
    pub fn minimal(&self) -> bool {
        self.length_form == LengthForm::shortest(self.length)
    }

    /// Whether the claimed length has its top bit set, which RFC 6455, 5.2 forbids.
    pub fn length_has_top_bit(&self) -> bool {
        self.length >> 63 == 1
    }

    /// Whether all octets of the payload that were claimed have arrived.
    pub fn is_whole(&self) -> bool {
        self.payload_total == self.length
    }

    /// Whether `payload` holds all octets that arrived.
    pub fn is_kept(&self) -> bool {
        self.payload.len() as u64 == self.payload_total
    }

    /// Octets in front of the payload, 2 to 14.
    pub fn head_len(&self) -> usize {
        2 + self.length_form.extra_octets() + if self.masked() { 4 } else { 0 }
    }

    /// Offset in the stream behind the last octet that arrived.
    pub fn end(&self) -> u64 {
        self.start.saturating_add(self.head_len() as u64).saturating_add(self.payload_total)
    }

    /// The code in the first two octets of the payload; `None` unless it is a close frame that has
    /// them.
    pub fn close_code(&self) -> Option<u16> {
        match (self.opcode, self.payload.as_slice()) {
            (Opcode::CLOSE, [high, low, ..]) => Some(u16::from_be_bytes([*high, *low])),
            _ => None,
        }
    }

    /// What stands behind the code of a close frame; `None` if [`Frame::close_code`] is.
    pub fn close_reason(&self) -> Option<&[u8]> {
        self.close_code().and_then(|_| self.payload.get(2..))
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.opcode)?;
        if !self.fin {
            write!(f, " fin=0")?;
        }
        for (name, set) in [("rsv1", self.rsv1), ("rsv2", self.rsv2), ("rsv3", self.rsv3)] {
            if set {
                write!(f, " {name}=1")?;
            }
        }
        if !self.is_whole() {
            write!(f, " ({} of {} octets)", self.payload_total, self.length)?;
        }
        match (self.close_code(), self.close_reason()) {
            (Some(code), Some([])) => write!(f, " {code}"),
            (Some(code), Some(reason)) => match std::str::from_utf8(reason) {
                Ok(text) if self.is_kept() => write!(f, " {code} {}", hex::quote(text)),
                _ => {
                    let total = self.payload_total.saturating_sub(2);
                    write!(f, " {code} {}", hex::excerpt(reason, total))
                }
            },
            _ if self.payload_total == 0 => Ok(()),
            _ => write!(f, " {}", payload_for_people(self)),
        }
    }
}

/// The payload in quotes where people expect text, else in hexadecimal.
pub(super) fn payload_for_people(frame: &Frame) -> String {
    let text = match frame.opcode {
        _ if !frame.is_kept() => None,
        Opcode::TEXT => std::str::from_utf8(&frame.payload).ok(),
        Opcode::CONTINUATION | Opcode::PING | Opcode::PONG => std::str::from_utf8(&frame.payload)
            .ok()
            .filter(|text| text.bytes().all(|octet| matches!(octet, b' '..=b'~'))),
        _ => None,
    };
    match text {
        Some(text) => hex::quote(text),
        None => hex::excerpt(&frame.payload, frame.payload_total),
    }
}

/// Octets masked or unmasked, which is the same (RFC 6455, 5.3); `offset` is the place of the
/// first of them in the payload.
pub fn masked(octets: &[u8], key: [u8; 4], offset: u64) -> impl Iterator<Item = u8> {
    let phase = (offset % 4) as usize;
    octets.iter().zip(key.into_iter().cycle().skip(phase)).map(|(octet, key)| octet ^ key)
}

/// Masks or unmasks octets in place, as [`masked`] does, many at a time.
pub fn apply_mask(octets: &mut [u8], key: [u8; 4], offset: u64) {
    let mut key = key;
    key.rotate_left((offset % 4) as usize);
    let wide = u64::from_ne_bytes([key[0], key[1], key[2], key[3], key[0], key[1], key[2], key[3]]);
    let (words, rest) = octets.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (octet, key) in rest.iter_mut().zip(key.iter().cycle()) {
        *octet ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::FrameReader;

    fn one(octets: &[u8]) -> Frame {
        FrameReader::new().take(&mut &octets[..]).unwrap()
    }

    #[test]
    fn a_close_frame_tells_its_code_and_reason() {
        let full = one(b"\x88\x05\x03\xEAbad");
        assert_eq!((full.close_code(), full.close_reason()), (Some(1002), Some(&b"bad"[..])));
        assert_eq!(full.to_string(), "close 1002 \"bad\"");
        assert_eq!(one(b"\x88\x02\x03\xE8").to_string(), "close 1000");
        assert_eq!(one(b"\x88\x00").to_string(), "close");
        assert_eq!(one(b"\x88\x01\x03").to_string(), "close 03");
        assert_eq!(one(b"\x82\x02\x03\xE8").close_code(), None);
    }

    #[test]
    fn text_is_shown_as_text_where_it_is_expected() {
        assert_eq!(one(b"\x81\x02\xC3\xA9").to_string(), "text \"\u{e9}\"");
        assert_eq!(one(b"\x81\x01\xC3").to_string(), "text C3");
        assert_eq!(one(b"\x89\x01p").to_string(), "ping \"p\"");
        assert_eq!(one(b"\x89\x02\xC3\xA9").to_string(), "ping C3 A9");
        assert_eq!(one(b"\x82\x01p").to_string(), "binary 70");
    }

    #[test]
    fn the_mask_goes_on_from_its_offset() {
        let whole: Vec<u8> = masked(b"Hello", [1, 2, 3, 4], 0).collect();
        let rest: Vec<u8> = masked(b"llo", [1, 2, 3, 4], 2).collect();
        assert_eq!(whole[2..], rest);
        for offset in 0..9 {
            let mut octets: Vec<u8> = (0..29).collect();
            let wanted: Vec<u8> = masked(&octets, [1, 2, 3, 4], offset).collect();
            apply_mask(&mut octets, [1, 2, 3, 4], offset);
            assert_eq!(octets, wanted);
        }
        assert_eq!(masked(b"l", [1, 2, 3, 4], u64::MAX).collect::<Vec<_>>(), [b'l' ^ 4]);
    }
}
