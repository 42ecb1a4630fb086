//! What a frame is: the four bits of its opcode and their names.

use std::fmt;
use std::str::FromStr;

/// An opcode, 0 to 15 (RFC 6455, 5.2).
///
/// ```
/// use wsconform::wire::Opcode;
/// assert_eq!("binary".parse(), Ok(Opcode::BINARY));
/// assert_eq!("0xB".parse::<Opcode>().unwrap().to_string(), "reserved-11");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Opcode(u8);

const NAMES: [&str; 16] = [
    "continuation",
    "text",
    "binary",
    "reserved-3",
    "reserved-4",
    "reserved-5",
    "reserved-6",
    "reserved-7",
    "close",
    "ping",
    "pong",
    "reserved-11",
    "reserved-12",
    "reserved-13",
    "reserved-14",
    "reserved-15",
];

impl Opcode {
    /// Continues a fragmented message.
    pub const CONTINUATION: Opcode = Opcode(0);
    /// Begins a text message.
    pub const TEXT: Opcode = Opcode(1);
    /// Begins a binary message.
    pub const BINARY: Opcode = Opcode(2);
    /// Closes the connection.
    pub const CLOSE: Opcode = Opcode(8);
    /// Asks for a pong.
    pub const PING: Opcode = Opcode(9);
    /// Answers a ping, or comes unasked.
    pub const PONG: Opcode = Opcode(10);

    /// The opcode in the low four bits of a frame's first octet.
    pub fn of_first_octet(octet: u8) -> Opcode {
        Opcode(octet & 0x0F)
    }

    /// Its number, 0 to 15.
    pub fn number(self) -> u8 {
        self.0
    }

    /// `continuation`, `text`, `binary`, `close`, `ping`, `pong`, or `reserved-` and its number in
    /// decimal.
    pub fn name(self) -> &'static str {
        NAMES.get(usize::from(self.0)).copied().unwrap_or("reserved")
    }

    /// Whether its top bit is set: close, ping, pong and the reserved 11 to 15 (RFC 6455, 5.5).
    pub fn is_control(self) -> bool {
        self.0 & 0x08 != 0
    }

    /// Whether RFC 6455 gives it no meaning: 3 to 7 and 11 to 15.
    pub fn is_reserved(self) -> bool {
        matches!(self.0, 3..=7 | 11..=15)
    }
}

impl TryFrom<u64> for Opcode {
    type Error = OpcodeError;

    fn try_from(number: u64) -> Result<Self, OpcodeError> {
        match u8::try_from(number) {
            Ok(small @ 0..=15) => Ok(Opcode(small)),
            _ => Err(OpcodeError { found: number.to_string() }),
        }
    }
}

impl FromStr for Opcode {
    type Err = OpcodeError;

    /// Reads a name, a decimal number or a hexadecimal one (`0xB`).
    fn from_str(text: &str) -> Result<Self, OpcodeError> {
        if let Some(named) = (0u8..).zip(NAMES).find(|(_, name)| *name == text) {
            return Ok(Opcode(named.0));
        }
        let number = match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        };
        number
            .and_then(|number| Opcode::try_from(number).ok())
            .ok_or_else(|| OpcodeError { found: text.to_string() })
    }
}

impl fmt::Display for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opcode({})", self.name())
    }
}

/// A text or number that names no opcode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpcodeError {
    /// What was given.
    pub found: String,
}

impl fmt::Display for OpcodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no opcode; write continuation, text, binary, close, ping, pong, reserved-3 to \
             reserved-7, reserved-11 to reserved-15, or a number from 0 to 15",
            self.found
        )
    }
}

impl std::error::Error for OpcodeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_opcode_is_read_back_from_its_name_and_number() {
        for number in 0..16u64 {
            let opcode = Opcode::try_from(number).unwrap();
            assert_eq!(u64::from(opcode.number()), number);
            assert_eq!(opcode.name().parse(), Ok(opcode));
            assert_eq!(number.to_string().parse(), Ok(opcode));
            assert_eq!(format!("0x{number:X}").parse(), Ok(opcode));
            assert_eq!(opcode.name().starts_with("reserved"), opcode.is_reserved());
        }
    }

    #[test]
    fn sixteen_and_nonsense_are_none() {
        for text in ["16", "0x10", "", "Text", "reserved-8", "-1", "256"] {
            assert!(text.parse::<Opcode>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn control_is_the_top_bit() {
        let control: Vec<u8> =
            (0..16).map(Opcode::of_first_octet).filter(|o| o.is_control()).map(|o| o.0).collect();
        assert_eq!(control, (8..16).collect::<Vec<u8>>());
    }
}
