//! The head of a frame (RFC 6455, 5.2), read with nom.

use nom::Parser;
use nom::combinator::{cond, map_res};
use nom::error::{ErrorKind, FromExternalError, ParseError};
use nom::number::streaming::{be_u8, be_u16, be_u64};
use nom::{IResult, bytes::streaming::take};

use super::MaskingKey;
use crate::error::Violation;
use crate::role::Role;

/// What kind of frame it is (RFC 6455, 5.2 and 11.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opcode {
    /// 0x0: continues the message in progress.
    Continuation,
    /// 0x1: begins a text message.
    Text,
    /// 0x2: begins a binary message.
    Binary,
    /// 0x8: closes.
    Close,
    /// 0x9: asks for a pong.
    Ping,
    /// 0xA: answers a ping, or comes unasked.
    Pong,
}

impl Opcode {
    /// The four bits on the wire.
    pub fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0x0,
            Self::Text => 0x1,
            Self::Binary => 0x2,
            Self::Close => 0x8,
            Self::Ping => 0x9,
            Self::Pong => 0xA,
        }
    }

    /// Whether this is a native control frame, which may come between the frames of a message.
    pub fn is_control(self) -> bool {
        self.bits() & 0x8 != 0
    }

    fn from_bits(bits: u8) -> Result<Self, Violation> {
        [Self::Continuation, Self::Text, Self::Binary, Self::Close, Self::Ping, Self::Pong]
            .into_iter()
            .find(|opcode| opcode.bits() == bits)
            .ok_or(if bits & 0x8 == 0 {
                Violation::ReservedDataOpcode(bits)
            } else {
                Violation::ReservedControlOpcode(bits)
            })
    }
}

/// The head of a frame. There is none with a reserved bit or a reserved opcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    match head(sender).parse(octets) {
        Ok((rest, head)) => Ok(Some((head, octets.len() - rest.len()))),
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

fn head<'a>(sender: Role) -> impl Parser<&'a [u8], Output = Head, Error = Fault> {
    move |input| {
        let (input, (fin, opcode)) = first_octet(input)?;
        let (input, (masked, short)) =
            map_res(be_u8, |octet| second_octet(octet, sender)).parse(input)?;
        let (input, length) = length(short, input)?;
        if opcode.is_control() && length > 125 {
            return Err(nom::Err::Failure(Fault(Some(Violation::LongControl(opcode.bits())))));
        }
        let (input, mask) = cond(masked, masking_key).parse(input)?;
        Ok((input, Head { fin, opcode, mask, length }))
    }
}

fn first_octet(input: &[u8]) -> Parsed<'_, (bool, Opcode)> {
    map_res(be_u8, |octet: u8| {
        let (fin, reserved) = (octet & 0x80 != 0, octet >> 4 & 0x7);
        if reserved != 0 {
            return Err(Violation::ReservedBits(reserved));
        }
        let opcode = Opcode::from_bits(octet & 0x0F)?;
        if opcode.is_control() && !fin {
            return Err(Violation::FragmentedControl(opcode.bits()));
        }
        Ok((fin, opcode))
    })
    .parse(input)
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
fn length(short: u8, input: &[u8]) -> Parsed<'_, u64> {
    match short {
        126 => be_u16.map(u64::from).parse(input),
        127 => map_res(be_u64, |length| match length >> 63 {
            0 => Ok(length),
            _ => Err(Violation::LengthTopBit(length)),
        })
        .parse(input),
        _ => Ok((input, short.into())),
    }
}

fn masking_key(input: &[u8]) -> Parsed<'_, MaskingKey> {
    map_res(take(4usize), |key: &[u8]| key.try_into().map_err(|_| Violation::UnmaskedByClient))
        .parse(input)
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
