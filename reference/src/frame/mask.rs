//! Masking (RFC 6455, 5.3): XOR with a key of four octets, over and over, eight octets at a step.

/// A masking key (RFC 6455, 5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaskingKey(
    /// Its octets as a number, the first one most significant: it turns and moves in a register.
    u32,
);

impl From<[u8; 4]> for MaskingKey {
    /// The key of these octets, in the order of the wire.
    #[inline]
    fn from(octets: [u8; 4]) -> Self {
        Self(u32::from_be_bytes(octets))
    }
}

impl MaskingKey {
    /// The octets in the order of the wire.
    #[inline]
    pub fn octets(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }

    /// The key twice, as it stands at this place of a payload.
    #[inline]
    fn word(self, offset: u64) -> Word {
        let turned = u64::from(self.0.rotate_left(8 * (offset % 4) as u32));
        (turned << 32 | turned).to_be_bytes()
    }
}

/// As many octets as are masked at a step.
type Word = [u8; 8];

/// Masks or unmasks `octets` in place. Twice with the same key is not at all.
///
/// `offset` is the place of the first octet in its payload, so that a payload may be unmasked
/// piece by piece.
///
/// ```
/// use wsconform_reference::{MaskingKey, apply_mask};
///
/// let mut octets = *b"\x7f\x9f\x4d\x51\x58";
/// apply_mask(MaskingKey::from([0x37, 0xFA, 0x21, 0x3D]), 0, &mut octets);
/// assert_eq!(&octets, b"Hello");
/// ```
#[inline]
pub fn apply_mask(key: MaskingKey, offset: u64, octets: &mut [u8]) {
    let (start, rest) = octets.split_at_mut(uneven(octets.as_ptr(), octets.len(), 256));
    mask_in_steps(key.word(offset), start);
    mask_in_steps(key.word(offset + start.len() as u64), rest);
}

/// How many of the octets that are written to this place come before the first even one, if they
/// are `many` at least.
///
/// Writing over the border of a cache line takes twice as long. Steps from an even place never do;
/// in a short payload they save less than the way there costs.
#[inline]
fn uneven(place: *const u8, length: usize, many: usize) -> usize {
    if length < many { 0 } else { place.align_offset(EVEN).min(length) }
}

/// An even place is a multiple of this many octets, the most that common processors surely write
/// at once.
const EVEN: usize = 16;

fn mask_in_steps(key: Word, octets: &mut [u8]) {
    let (blocks, octets) = octets.as_chunks_mut();
    for block in blocks {
        mask_block(key, block);
    }
    let (words, octets) = octets.as_chunks_mut();
    for word in words {
        *word = masked(*word, key);
    }
    for (octet, key) in octets.iter_mut().zip(key) {
        *octet ^= key;
    }
}

/// Appends `octets` to `output`, masked or unmasked, in one pass: what is written is not read
/// again. `offset` is as in [`apply_mask`].
///
/// ```
/// use wsconform_reference::{MaskingKey, append_masked};
///
/// let mut output = Vec::new();
/// append_masked(MaskingKey::from([0x37, 0xFA, 0x21, 0x3D]), 0, b"Hello", &mut output);
/// assert_eq!(output, b"\x7f\x9f\x4d\x51\x58");
/// ```
pub fn append_masked(key: MaskingKey, offset: u64, octets: &[u8], output: &mut Vec<u8>) {
    output.reserve(octets.len());
    let end = output.as_ptr().wrapping_add(output.len());
    let (start, rest) = octets.split_at(uneven(end, octets.len(), 4096));
    append_in_steps(key.word(offset), start, output);
    append_in_steps(key.word(offset + start.len() as u64), rest, output);
}

/// The iterators know their length beforehand, so no room is asked for step by step. Those that
/// are empty are passed over, as most are in short payloads.
fn append_in_steps(key: Word, octets: &[u8], output: &mut Vec<u8>) {
    let (blocks, octets) = octets.as_chunks();
    if !blocks.is_empty() {
        output.extend(blocks.iter().flat_map(|block| {
            let mut block = *block;
            mask_block(key, &mut block);
            block
        }));
    }
    let (words, octets) = octets.as_chunks();
    if !words.is_empty() {
        output.extend(words.iter().flat_map(|word| masked(*word, key)));
    }
    if !octets.is_empty() {
        output.extend(octets.iter().zip(key).map(|(octet, key)| octet ^ key));
    }
}

/// Of words in blocks of a known size a compiler makes few and wide instructions.
fn mask_block(key: Word, block: &mut [u8; 64]) {
    for word in block.as_chunks_mut().0 {
        *word = masked(*word, key);
    }
}

fn masked(word: Word, key: Word) -> Word {
    (u64::from_ne_bytes(word) ^ u64::from_ne_bytes(key)).to_ne_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Lengths about those from which on something is done otherwise.
    fn lengths() -> impl Strategy<Value = usize> {
        prop_oneof![0usize..300, 4080usize..4200]
    }

    proptest! {
        #[test]
        fn equals_the_definition_wherever_it_lies_and_is_cut(
            key: [u8; 4], length in lengths(), place in 0usize..70, cut: prop::sample::Index,
        ) {
            let octets: Vec<u8> = (0..length).map(|i| (i * 31 % 251) as u8).collect();
            let plain: Vec<u8> = octets.iter().enumerate().map(|(i, o)| o ^ key[i % 4]).collect();
            let key = MaskingKey::from(key);
            let cut = cut.index(length + 1);
            let before = vec![0xEE; place];

            let mut appended = before.clone();
            append_masked(key, 0, &octets[..cut], &mut appended);
            append_masked(key, cut as u64, &octets[cut..], &mut appended);
            prop_assert_eq!(&appended, &[&before[..], &plain].concat());

            let mut pieces = [&before[..], &octets].concat();
            let (head, tail) = pieces[place..].split_at_mut(cut);
            apply_mask(key, 0, head);
            apply_mask(key, cut as u64, tail);
            prop_assert_eq!(&pieces, &[&before[..], &plain].concat());
        }
    }
}
