//! The head of a frame (RFC 6455, 5.2), read with nom.

use nom::combinator::{cond, map_res};
use nom::error::{ErrorKind, FromExternalError, ParseError};
use nom::{IResult, Needed, Parser};

use super::MaskingKey;
use crate::error::Violation;
use crate::role::Role;

/// What kind of frame it is (RFC 6455, 5.2 and 11.8).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Opcode {
    /// Continues the message in progress.
    #[default]
    Continuation = 0x0,
    /// Begins a text message.
    Text = 0x1,
    /// Begins a binary message.
    Binary = 0x2,
    /// Closes.
    Close = 0x8,
    /// Asks for a pong.
    Ping = 0x9,
    /// Answers a ping, or comes unasked.
    Pong = 0xA,
}

impl Opcode {
    /// The four bits on the wire.
    #[inline]
    pub fn bits(self) -> u8 {
        self as u8
    }

    /// Whether this is a native control frame, which may come between the frames of a message.
    #[inline]
    pub fn is_control(self) -> bool {
        self.bits() & 0x8 != 0
    }

    fn from_bits(bits: u8) -> Result<Self, Violation> {
        match bits {
            0x0 => Ok(Self::Continuation),
            0x1 => Ok(Self::Text),
            0x2 => Ok(Self::Binary),
            0x8 => Ok(Self::Close),
            0x9 => Ok(Self::Ping),
            0xA => Ok(Self::Pong),
            0x3..=0x7 => Err(Violation::ReservedDataOpcode(bits)),
            _ => Err(Violation::ReservedControlOpcode(bits)),
        }
    }
}

/// The head of a frame. There is none with a reserved bit or a reserved opcode.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Head {
    /// Whether this is the last frame of its message.
    pub fin: bool,
    /// The kind of frame.
    pub opcode: Opcode,
    /// The masking key, if the payload is masked.
    pub mask: Option<MaskingKey>,
    /// Octets of payload that follow, at most 2^63-1.
    pub length: u64,
}

/// Reads the head at the start of `octets`, as `sender` must have written it.
///
/// `Ok(None)` means that the head is still incomplete and that nothing is wrong with it so far;
/// `Ok(Some((head, size)))` that it took `size` octets, 2 to 14.
///
/// ```
/// use wsconform_reference::{Opcode, Role, parse_head};
///
/// let (head, size) = parse_head(&[0x81, 0x05, b'H'], Role::Server)?.ok_or("incomplete")?;
/// assert_eq!((head.opcode, head.length, size), (Opcode::Text, 5, 2));
/// assert!(parse_head(&[0x83], Role::Server).is_err(), "0x3 is reserved: known after one octet");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The first violation in the order of the octets.
pub fn parse_head(octets: &[u8], sender: Role) -> Result<Option<(Head, usize)>, Violation> {
    let mut parsed = Head::default();
    let size = parse_head_into(&mut parsed, octets, sender)?;
    Ok(size.map(|size| (parsed, size)))
}

/// Like [`parse_head`], but writes the head, if it is complete, where it is to stay. What goes up
/// through results instead is moved from one place in memory to the next: written field by field,
/// read again word by word, for which a processor has to wait longer than all of a head takes.
#[inline(always)]
pub(super) fn parse_head_into(
    parsed: &mut Head,
    octets: &[u8],
    sender: Role,
) -> Result<Option<usize>, Violation> {
    match head(parsed, octets, sender) {
        Ok((rest, ())) => Ok(Some(octets.len() - rest.len())),
        Err(
            nom::Err::Error(Fault(Some(violation))) | nom::Err::Failure(Fault(Some(violation))),
        ) => Err(violation),
        // The parsers below fail by a violation alone; all else is a lack of octets.
        Err(_) => Ok(None),
    }
}

/// Why a parser stopped: `None` is nom's own reason, which no parser here gives.
#[derive(Debug, PartialEq)]
struct Fault(Option<Violation>);

impl ParseError<&[u8]> for Fault {
    fn from_error_kind(_: &[u8], _: ErrorKind) -> Self {
        Self(None)
    }

    fn append(_: &[u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

impl FromExternalError<&[u8], Violation> for Fault {
    fn from_external_error(_: &[u8], _: ErrorKind, violation: Violation) -> Self {
        Self(Some(violation))
    }
}

type Parsed<'a, T> = IResult<&'a [u8], T, Fault>;

/// The whole head. Each parser judges what it has read before the next one looks further.
#[inline(always)]
fn head<'a>(parsed: &mut Head, input: &'a [u8], sender: Role) -> Parsed<'a, ()> {
    let (input, (fin, opcode)) = map_res(octet, first_octet).parse(input)?;
    let second_octet = |octet| second_octet(octet, sender);
    let (input, (masked, short)) = map_res(octet, second_octet).parse(input)?;
    let (input, length) = match short {
        126 => field.map(u16::from_be_bytes).map(u64::from).parse(input),
        127 => map_res(field.map(u64::from_be_bytes), long_length).parse(input),
        _ => Ok((input, short.into())),
    }?;
    if opcode.is_control() && length > 125 {
        return Err(nom::Err::Failure(Fault(Some(Violation::LongControl(opcode.bits())))));
    }
    let (input, mask) = cond(masked, field.map(MaskingKey::from)).parse(input)?;
    *parsed = Head { fin, opcode, mask, length };
    Ok((input, ()))
}

fn first_octet(octet: u8) -> Result<(bool, Opcode), Violation> {
    let (fin, reserved) = (octet & 0x80 != 0, octet >> 4 & 0x7);
    if reserved != 0 {
        return Err(Violation::ReservedBits(reserved));
    }
    let opcode = Opcode::from_bits(octet & 0x0F)?;
    if opcode.is_control() && !fin {
        return Err(Violation::FragmentedControl(opcode.bits()));
    }
    Ok((fin, opcode))
}

fn second_octet(octet: u8, sender: Role) -> Result<(bool, u8), Violation> {
    let (masked, short) = (octet & 0x80 != 0, octet & 0x7F);
    match (sender, masked) {
        (Role::Client, false) => Err(Violation::UnmaskedByClient),
        (Role::Server, true) => Err(Violation::MaskedByServer),
        _ => Ok((masked, short)),
    }
}

/// A longer form than needed is the sender's mistake, but nothing tells a receiver to refuse it.
fn long_length(length: u64) -> Result<u64, Violation> {
    if length >> 63 == 0 { Ok(length) } else { Err(Violation::LengthTopBit(length)) }
}

fn octet(input: &[u8]) -> Parsed<'_, u8> {
    field.map(u8::from_be_bytes).parse(input)
}

/// The next `N` octets. nom's own parsers of numbers would do, but what they call inside of nom is
/// not inlined, and that takes more time than all the rest of a head.
fn field<const N: usize>(input: &[u8]) -> Parsed<'_, [u8; N]> {
    match input.split_first_chunk() {
        Some((octets, rest)) => Ok((rest, *octets)),
        None => Err(nom::Err::Incomplete(Needed::new(N - input.len()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(octets: &[u8], sender: Role) -> Violation {
        parse_head(octets, sender).unwrap_err()
    }

    #[test]
    fn every_length_form_is_read() {
        for (octets, length) in [
            (&[0x82, 0x00][..], 0),
            (&[0x82, 125], 125),
            (&[0x82, 126, 0, 126], 126),
            (&[0x82, 126, 0xFF, 0xFF], 65535),
            (&[0x82, 126, 0, 1], 1),
            (&[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0], 65536),
            (&[0x82, 127, 0x7F, 255, 255, 255, 255, 255, 255, 255], i64::MAX as u64),
        ] {
            let (head, size) = parse_head(octets, Role::Server).unwrap().unwrap();
            assert_eq!((head.length, size), (length, octets.len()));
            assert_eq!(parse_head(&octets[..octets.len() - 1], Role::Server), Ok(None));
        }
    }

    #[test]
    fn a_violation_is_known_with_the_octet_that_makes_it() {
        assert_eq!(fault(&[0xC1], Role::Server), Violation::ReservedBits(4));
        assert_eq!(fault(&[0x83], Role::Server), Violation::ReservedDataOpcode(3));
        assert_eq!(fault(&[0x8B], Role::Server), Violation::ReservedControlOpcode(0xB));
        assert_eq!(fault(&[0x09], Role::Server), Violation::FragmentedControl(0x9));
        assert_eq!(fault(&[0x88, 126, 0, 126], Role::Server), Violation::LongControl(0x8));
        // Longer than it need be written, but not longer than 125 octets.
        let (head, _) = parse_head(&[0x89, 126, 0, 1], Role::Server).unwrap().unwrap();
        assert_eq!(head.length, 1);
        assert_eq!(fault(&[0x81, 0x80], Role::Server), Violation::MaskedByServer);
        assert_eq!(fault(&[0x81, 0x00], Role::Client), Violation::UnmaskedByClient);
        assert_eq!(
            fault(&[0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0], Role::Server),
            Violation::LengthTopBit(1 << 63)
        );
    }
}
