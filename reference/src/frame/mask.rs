//! Masking (RFC 6455, 5.3): XOR with a key of four octets, over and over.

use super::MaskingKey;

/// Masks or unmasks `octets` in place, eight at a step.
///
/// `offset` is the place of the first octet in its payload, so that a payload may be unmasked
/// piece by piece.
///
/// ```
/// let mut octets = *b"\x7f\x9f\x4d\x51\x58";
/// wsconform_reference::apply_mask([0x37, 0xFA, 0x21, 0x3D], 0, &mut octets);
/// assert_eq!(&octets, b"Hello");
/// ```
pub fn apply_mask(key: MaskingKey, offset: u64, octets: &mut [u8]) {
    let mut key = key;
    key.rotate_left((offset % 4) as usize);
    let [a, b, c, d] = key;
    let step = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);

    let (words, rest) = octets.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ step).to_ne_bytes();
    }
    for (octet, key) in rest.iter_mut().zip(step.to_ne_bytes()) {
        *octet ^= key;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn equals_the_definition_wherever_it_is_cut(
            key: [u8; 4], octets: Vec<u8>, cut in any::<prop::sample::Index>(),
        ) {
            let plain: Vec<u8> = octets.iter().enumerate().map(|(i, o)| o ^ key[i % 4]).collect();
            let cut = cut.index(octets.len() + 1);
            let mut pieces = octets.clone();
            let (head, tail) = pieces.split_at_mut(cut);
            apply_mask(key, 0, head);
            apply_mask(key, cut as u64, tail);
            prop_assert_eq!(pieces, plain);
        }
    }
}
