//! Writing frames (RFC 6455, 5.2).

use super::{Head, MaskingKey, Opcode, append_masked};

/// Appends a head to `output`, its length in the shortest form.
pub fn encode_head(head: &Head, output: &mut Vec<u8>) {
    let mask_bit = if head.mask.is_some() { 0x80 } else { 0 };
    let first = u8::from(head.fin) << 7 | head.opcode.bits();
    if head.length <= 125 {
        output.extend_from_slice(&[first, mask_bit | head.length as u8]);
    } else if let Ok(length) = u16::try_from(head.length) {
        let [high, low] = length.to_be_bytes();
        output.extend_from_slice(&[first, mask_bit | 126, high, low]);
    } else {
        output.extend_from_slice(&[first, mask_bit | 127]);
        output.extend_from_slice(&head.length.to_be_bytes());
    }
    if let Some(key) = head.mask {
        output.extend_from_slice(&key.octets());
    }
}

/// Appends a whole frame to `output`, masked if there is a key.
///
/// ```
/// use wsconform_reference::{MaskingKey, Opcode, encode_frame};
///
/// let (key, mut output) = (MaskingKey::from([0x37, 0xFA, 0x21, 0x3D]), Vec::new());
/// encode_frame(true, Opcode::Text, Some(key), b"Hello", &mut output);
/// assert_eq!(output, b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"); // RFC 6455, 5.7
/// ```
pub fn encode_frame(
    fin: bool,
    opcode: Opcode,
    mask: Option<MaskingKey>,
    payload: &[u8],
    output: &mut Vec<u8>,
) {
    encode_head(&Head { fin, opcode, mask, length: payload.len() as u64 }, output);
    match mask {
        Some(key) => append_masked(key, 0, payload, output),
        None => output.extend_from_slice(payload),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Role, parse_head};

    proptest! {
        #[test]
        fn what_is_encoded_is_parsed(
            fin: bool, mask: Option<[u8; 4]>, bits in 0u32..63, low: u64, text: bool,
        ) {
            let length = low & ((1 << bits) - 1);
            let opcode = if text { Opcode::Text } else { Opcode::Continuation };
            let mask = mask.map(MaskingKey::from);
            let head = Head { fin, opcode, mask, length };
            let mut octets = Vec::new();
            encode_head(&head, &mut octets);
            let sender = if mask.is_some() { Role::Client } else { Role::Server };
            prop_assert_eq!(parse_head(&octets, sender), Ok(Some((head, octets.len()))));
        }
    }
}
