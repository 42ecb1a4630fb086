//! Frames as octets: reading a head, masking, and writing a frame (RFC 6455, 5.2 and 5.3).

use crate::deviations::Deviations;

/// Opcodes of RFC 6455, 11.8.
pub(crate) mod opcode {
    pub(crate) const CONTINUATION: u8 = 0x0;
    pub(crate) const TEXT: u8 = 0x1;
    pub(crate) const BINARY: u8 = 0x2;
    pub(crate) const CLOSE: u8 = 0x8;
    pub(crate) const PING: u8 = 0x9;
    pub(crate) const PONG: u8 = 0xA;
}

/// Everything before the payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) fin: bool,
    /// The three reserved bits, RSV1 the highest: 0 to 7.
    pub(crate) reserved: u8,
    pub(crate) opcode: u8,
    pub(crate) mask: Option<[u8; 4]>,
    /// Octets of payload; may be more than RFC 6455 allows (2^63 and above).
    pub(crate) length: u64,
}

impl Head {
    /// Close, ping, pong, and the reserved opcodes 0xB to 0xF.
    pub(crate) fn is_native_control(&self) -> bool {
        self.opcode & 0x8 != 0
    }

    /// How many octets it takes with its length in the shortest form.
    pub(crate) fn size(&self) -> usize {
        let length = match self.length {
            0..=125 => 0,
            126..=0xFFFF => 2,
            _ => 8,
        };
        2 + length + if self.mask.is_some() { 4 } else { 0 }
    }
}

/// Reads a head and says how many octets it took; `None` when octets are missing.
pub(crate) fn read_head(octets: &[u8], deviations: &Deviations) -> Option<(Head, usize)> {
    let (&[first, second], rest) = octets.split_first_chunk::<2>()?;
    let (length, rest) = match second & 0x7F {
        126 => {
            let (&length, rest) = rest.split_first_chunk::<2>()?;
            if deviations.reads_16_bits_signed {
                (i64::from(i16::from_be_bytes(length)).max(0).cast_unsigned(), rest)
            } else {
                (u64::from(u16::from_be_bytes(length)), rest)
            }
        }
        127 if deviations.reads_64_bits_as_32 => {
            let (&length, rest) = rest.split_first_chunk::<4>()?;
            (u64::from(u32::from_be_bytes(length)), rest)
        }
        127 => {
            let (&length, rest) = rest.split_first_chunk::<8>()?;
            (u64::from_be_bytes(length), rest)
        }
        short => (u64::from(short), rest),
    };
    let (mask, rest) = if second & 0x80 == 0 {
        (None, rest)
    } else {
        let (&key, rest) = rest.split_first_chunk::<4>()?;
        (Some(key), rest)
    };
    let head = Head {
        fin: first & 0x80 != 0,
        reserved: (first >> 4) & 0x7,
        opcode: first & 0xF,
        mask,
        length,
    };
    Some((head, octets.len() - rest.len()))
}

/// Masks or unmasks in place; `offset` is the position of `octets` in the whole payload
/// (RFC 6455, 5.3).
pub(crate) fn apply_mask(octets: &mut [u8], key: [u8; 4], offset: u64) {
    let start = (offset % 4) as usize;
    for (octet, key) in octets.iter_mut().zip(key.iter().cycle().skip(start)) {
        *octet ^= key;
    }
}

/// Appends one frame with the length in its shortest form.
pub(crate) fn write_frame(
    output: &mut Vec<u8>,
    fin: bool,
    opcode: u8,
    payload: &[u8],
    mask: Option<[u8; 4]>,
    deviations: &Deviations,
) {
    let data = opcode & 0x8 == 0;
    let framing = &deviations.framing;
    let reserved = match opcode {
        opcode::PONG if framing.sets_reserved_bit_in_pongs => 0x10,
        _ if deviations.sets_reserved_bit && data => 0x40,
        _ => 0,
    };
    output.push(if fin { 0x80 } else { 0 } | reserved | opcode);
    let masked = if mask.is_some() { 0x80 } else { 0 };
    let length = payload.len();
    let wasteful = deviations.sends_long_lengths && data
        || framing.sends_long_lengths_of_pongs && opcode == opcode::PONG;
    let top_bit = if framing.sets_top_bit && data { 1 << 63 } else { 0 };
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(octet), _) if octet <= 125 && !wasteful => output.push(masked | octet),
        (_, Ok(pair)) if !(framing.sends_64_bit_lengths && data) => {
            output.push(masked | 126);
            output.extend_from_slice(&pair.to_be_bytes());
        }
        _ => {
            output.push(masked | 127);
            output.extend_from_slice(&(length as u64 | top_bit).to_be_bytes());
        }
    }
    let Some(key) = mask else {
        output.extend_from_slice(payload);
        return;
    };
    output.extend_from_slice(&key);
    output.extend(payload.iter().zip(key.iter().cycle()).map(|(octet, key)| octet ^ key));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(length: usize) -> Vec<u8> {
        let mut output = Vec::new();
        let payload = vec![0x61; length];
        write_frame(&mut output, true, opcode::BINARY, &payload, None, &Deviations::default());
        output
    }

    #[test]
    fn lengths_take_their_shortest_form() {
        assert_eq!(written(125)[..2], [0x82, 125]);
        assert_eq!(written(126)[..4], [0x82, 126, 0, 126]);
        assert_eq!(written(65535)[..4], [0x82, 126, 0xFF, 0xFF]);
        assert_eq!(written(65536)[..10], [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn a_head_is_read_only_when_it_is_whole() {
        let deviations = Deviations::default();
        let octets = [0x01, 0xFE, 0x01, 0x00, 1, 2, 3, 4, 0x55];
        for cut in 0..8 {
            assert_eq!(read_head(&octets[..cut], &deviations), None);
        }
        let head =
            Head { fin: false, reserved: 0, opcode: 1, mask: Some([1, 2, 3, 4]), length: 256 };
        assert_eq!(read_head(&octets, &deviations), Some((head, 8)));
    }

    #[test]
    fn masking_in_two_pieces_equals_masking_at_once() {
        let mut whole = *b"Hello, world";
        apply_mask(&mut whole, [1, 2, 3, 4], 0);
        let mut pieces = *b"Hello, world";
        let (front, back) = pieces.split_at_mut(5);
        apply_mask(front, [1, 2, 3, 4], 0);
        apply_mask(back, [1, 2, 3, 4], 5);
        assert_eq!(whole, pieces);
    }

    #[test]
    fn the_masked_hello_of_the_rfc() {
        // RFC 6455, 5.7: a single-frame masked text message.
        let mut output = Vec::new();
        let key = Some([0x37, 0xFA, 0x21, 0x3D]);
        write_frame(&mut output, true, opcode::TEXT, b"Hello", key, &Deviations::default());
        let expected = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58];
        assert_eq!(output, expected);
    }
}
