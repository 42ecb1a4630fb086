//! Frames to be written, right or wrong.

use super::frame::{Frame, LengthForm, masked};
use super::opcode::Opcode;

/// Whether and how a frame is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Masking {
    /// As the role wants: masked by a client, bare by a server.
    #[default]
    ByRole,
    /// Bare, whatever the role.
    Off,
    /// Masked with this key, whatever the role.
    Key([u8; 4]),
}

/// A frame to be written. What the constructors give is right; any field may be set to what is
/// wrong.
///
/// ```
/// # use wsconform::wire::{FrameSpec, LengthForm, hex};
/// let right = FrameSpec::text("Hi");
/// assert_eq!(hex::print(&right.encode(None)), "81 02 48 69");
/// assert_eq!(hex::print(&right.encode(Some([0, 0, 0, 1]))), "81 82 00 00 00 01 48 69");
///
/// let wrong = FrameSpec { rsv1: true, length_form: Some(LengthForm::Sixteen), ..right };
/// assert_eq!(hex::print(&wrong.encode(None)), "C1 7E 00 02 48 69");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameSpec {
    /// Whether it ends its message; set by default.
    pub fin: bool,
    /// First reserved bit.
    pub rsv1: bool,
    /// Second reserved bit.
    pub rsv2: bool,
    /// Third reserved bit.
    pub rsv3: bool,
    /// What it is.
    pub opcode: Opcode,
    /// Whether and how it is masked; by role by default.
    pub masking: Masking,
    /// The length to claim, in octets; that of the payload by default.
    pub length: Option<u64>,
    /// The form to claim it in; the shortest by default. Of a length that is too long for its form
    /// the low bits are written: of 300 in 7 bits, 44.
    pub length_form: Option<LengthForm>,
    /// The payload, not masked yet.
    pub payload: Vec<u8>,
}

impl FrameSpec {
    /// A right frame of any opcode.
    pub fn new(opcode: Opcode, payload: impl Into<Vec<u8>>) -> FrameSpec {
        FrameSpec {
            fin: true,
            rsv1: false,
            rsv2: false,
            rsv3: false,
            opcode,
            masking: Masking::ByRole,
            length: None,
            length_form: None,
            payload: payload.into(),
        }
    }

    /// A whole text message.
    pub fn text(text: &str) -> FrameSpec {
        FrameSpec::new(Opcode::TEXT, text)
    }

    /// A whole binary message.
    pub fn binary(payload: impl Into<Vec<u8>>) -> FrameSpec {
        FrameSpec::new(Opcode::BINARY, payload)
    }

    /// The last piece of a message.
    pub fn continuation(payload: impl Into<Vec<u8>>) -> FrameSpec {
        FrameSpec::new(Opcode::CONTINUATION, payload)
    }

    /// A ping.
    pub fn ping(payload: impl Into<Vec<u8>>) -> FrameSpec {
        FrameSpec::new(Opcode::PING, payload)
    }

    /// A pong.
    pub fn pong(payload: impl Into<Vec<u8>>) -> FrameSpec {
        FrameSpec::new(Opcode::PONG, payload)
    }

    /// A close frame with a code and a reason. For one without a code, or with half of one, use
    /// [`FrameSpec::new`].
    pub fn close(code: u16, reason: &str) -> FrameSpec {
        let payload = [code.to_be_bytes().as_slice(), reason.as_bytes()].concat();
        FrameSpec::new(Opcode::CLOSE, payload)
    }

    /// The key it is masked with, if at all; `default_mask` is as for [`FrameSpec::encode`].
    pub fn masking_key(&self, default_mask: Option<[u8; 4]>) -> Option<[u8; 4]> {
        match self.masking {
            Masking::ByRole => default_mask,
            Masking::Off => None,
            Masking::Key(key) => Some(key),
        }
    }

    /// Its octets. `default_mask` tells the role: a fresh key from a client, `None` from a server.
    pub fn encode(&self, default_mask: Option<[u8; 4]>) -> Vec<u8> {
        let mut octets = self.encode_head(default_mask);
        octets.reserve(self.payload.len());
        match self.masking_key(default_mask) {
            None => octets.extend_from_slice(&self.payload),
            Some(key) => octets.extend(masked(&self.payload, key, 0)),
        }
        octets
    }

    /// The octets in front of the payload, for a payload that is generated as it is sent: claim its
    /// length in `length`, and mask each piece with [`masked`].
    pub fn encode_head(&self, default_mask: Option<[u8; 4]>) -> Vec<u8> {
        let key = self.masking_key(default_mask);
        let length = self.length.unwrap_or(self.payload.len() as u64);
        let form = self.length_form.unwrap_or(LengthForm::shortest(length));
        let flags = [(self.fin, 0x80), (self.rsv1, 0x40), (self.rsv2, 0x20), (self.rsv3, 0x10)];
        let flags: u8 = flags.iter().filter(|(set, _)| *set).map(|(_, bit)| bit).sum();
        let mask_bit = if key.is_some() { 0x80 } else { 0 };

        let mut head = vec![flags | self.opcode.number()];
        match form {
            LengthForm::Seven => head.push(mask_bit | (length & 0x7F) as u8),
            LengthForm::Sixteen => {
                head.push(mask_bit | 126);
                head.extend_from_slice(&(length as u16).to_be_bytes());
            }
            LengthForm::SixtyFour => {
                head.push(mask_bit | 127);
                head.extend_from_slice(&length.to_be_bytes());
            }
        }
        head.extend(key.into_iter().flatten());
        head
    }
}

/// What writes a frame again as it was observed, as far as its payload was kept.
impl From<&Frame> for FrameSpec {
    fn from(frame: &Frame) -> FrameSpec {
        FrameSpec {
            fin: frame.fin,
            rsv1: frame.rsv1,
            rsv2: frame.rsv2,
            rsv3: frame.rsv3,
            opcode: frame.opcode,
            masking: frame.masking_key.map_or(Masking::Off, Masking::Key),
            length: Some(frame.length),
            length_form: Some(frame.length_form),
            payload: frame.payload.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{FrameReader, hex};
    use proptest::prelude::*;

    #[test]
    fn the_examples_of_rfc_6455_5_7() {
        let key = Some([0x37, 0xFA, 0x21, 0x3D]);
        let octets = FrameSpec::text("Hello").encode(key);
        assert_eq!(hex::print(&octets), "81 85 37 FA 21 3D 7F 9F 4D 51 58");
        assert_eq!(FrameSpec::binary(vec![0; 256]).encode(None)[..4], [0x82, 0x7E, 0x01, 0x00]);
        assert_eq!(
            FrameSpec::binary(vec![0; 65536]).encode(None)[..10],
            [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0]
        );
    }

    #[test]
    fn lengths_take_their_shortest_form_at_each_border() {
        for (length, head) in [(125, 2), (126, 4), (65535, 4), (65536, 10)] {
            assert_eq!(FrameSpec::binary(vec![0; length]).encode_head(None).len(), head);
        }
    }

    #[test]
    fn the_mask_follows_the_role_unless_it_is_set() {
        let (role, own) = ([1; 4], [2; 4]);
        let with = |masking| FrameSpec { masking, ..FrameSpec::ping("") };
        assert_eq!(with(Masking::ByRole).masking_key(Some(role)), Some(role));
        assert_eq!(with(Masking::ByRole).masking_key(None), None);
        assert_eq!(with(Masking::Off).encode(Some(role)), [0x89, 0x00]);
        assert_eq!(with(Masking::Key(own)).encode(None), [0x89, 0x80, 2, 2, 2, 2]);
    }

    #[test]
    fn lengths_may_lie() {
        let claims = FrameSpec { length: Some(u64::MAX), ..FrameSpec::binary("x") };
        assert_eq!(hex::print(&claims.encode(None)), "82 7F FF FF FF FF FF FF FF FF 78");
        let cut = FrameSpec { length: Some(300), length_form: Some(LengthForm::Seven), ..claims };
        assert_eq!(hex::print(&cut.encode(None)), "82 2C 78");
        assert_eq!(hex::print(&FrameSpec::close(1002, "no").encode(None)), "88 04 03 EA 6E 6F");
    }

    prop_compose! {
        fn any_spec()(
            bits: [bool; 4],
            opcode in 0u8..16,
            masking in prop_oneof![
                Just(Masking::ByRole),
                Just(Masking::Off),
                any::<[u8; 4]>().prop_map(Masking::Key),
            ],
            form in 0usize..4,
            payload in prop_oneof![
                4 => prop::collection::vec(any::<u8>(), 0..20),
                1 => prop::collection::vec(any::<u8>(), 120..140),
                1 => (65530usize..65540).prop_map(|length| vec![0x5A; length]),
            ],
        ) -> FrameSpec {
            let shortest = LengthForm::shortest(payload.len() as u64);
            let forms = [LengthForm::Seven, LengthForm::Sixteen, LengthForm::SixtyFour];
            FrameSpec {
                fin: bits[0],
                rsv1: bits[1],
                rsv2: bits[2],
                rsv3: bits[3],
                opcode: Opcode::of_first_octet(opcode),
                masking,
                length: None,
                length_form: forms.get(form).copied().filter(|form| *form >= shortest),
                payload,
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_for_any_cut(
            specs in prop::collection::vec(any_spec(), 1..5),
            default_mask: Option<[u8; 4]>,
            cut: prop::sample::Index,
            piece in 1usize..3000,
        ) {
            let octets: Vec<u8> = specs.iter().flat_map(|spec| spec.encode(default_mask)).collect();
            let (first, second) = octets.split_at(cut.index(octets.len()));
            let mut reader = FrameReader::new();
            let mut frames = reader.push(first);
            for part in second.chunks(piece) {
                frames.extend(reader.push(part));
            }
            prop_assert_eq!(reader.pending(), None);
            prop_assert_eq!(frames.len(), specs.len());
            let mut start = 0;
            for (frame, spec) in frames.iter().zip(&specs) {
                prop_assert_eq!(frame.start, start);
                prop_assert_eq!(frame.masking_key, spec.masking_key(default_mask));
                prop_assert_eq!(&frame.payload, &spec.payload);
                prop_assert_eq!(frame.minimal(), spec.length_form.is_none_or(|form| {
                    form == LengthForm::shortest(spec.payload.len() as u64)
                }));
                let again = FrameSpec::from(frame);
                prop_assert_eq!(
                    (again.fin, again.rsv1, again.rsv2, again.rsv3, again.opcode),
                    (spec.fin, spec.rsv1, spec.rsv2, spec.rsv3, spec.opcode)
                );
                prop_assert_eq!(again.encode(None), spec.encode(default_mask));
                start = frame.end();
            }
            prop_assert_eq!(start, octets.len() as u64);
        }
    }
}
