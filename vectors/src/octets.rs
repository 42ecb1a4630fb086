//! Octets in JSON: hexadecimal digits.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// Octets of any number: pairs of upper-case hexadecimal digits. Spaces between pairs mean nothing;
/// short ones are written with them, long ones without.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Octets(
    /// The octets.
    pub Vec<u8>,
);

/// From how many octets on there are no spaces between them.
const LONG: usize = 128;

impl TryFrom<String> for Octets {
    type Error = MalformedOctets;

    fn try_from(text: String) -> Result<Self, MalformedOctets> {
        let malformed = || MalformedOctets(text.clone());
        let digits: Vec<u8> = text
            .bytes()
            .filter(|octet| *octet != b' ')
            .map(|digit| hex_digit(digit).ok_or_else(malformed))
            .collect::<Result<_, _>>()?;
        let pairs = digits.chunks_exact(2);
        if !pairs.remainder().is_empty() {
            return Err(malformed());
        }
        Ok(Self(pairs.map(|pair| pair.iter().fold(0, |octet, digit| octet << 4 | digit)).collect()))
    }
}

impl From<Octets> for String {
    fn from(octets: Octets) -> Self {
        octets.to_string()
    }
}

impl fmt::Display for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if self.0.len() < LONG { " " } else { "" };
        for (index, octet) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { separator };
            write!(f, "{separator}{octet:02X}")?;
        }
        Ok(())
    }
}

impl JsonSchema for Octets {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Octets".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^([0-9A-F]{2} ?)*$",
            "description": "Octets as pairs of hexadecimal digits; spaces mean nothing."
        })
    }
}

/// A control sequence: 8 upper-case hexadecimal digits, as in the parameter `control`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sequence(
    /// The octets in the order of the wire.
    pub [u8; 4],
);

impl TryFrom<String> for Sequence {
    type Error = MalformedOctets;

    fn try_from(text: String) -> Result<Self, MalformedOctets> {
        let octets = Octets::try_from(text.clone())?;
        octets.0.try_into().map(Self).map_err(|_| MalformedOctets(text))
    }
}

impl From<Sequence> for String {
    fn from(sequence: Sequence) -> Self {
        sequence.to_string()
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08X}", u32::from_be_bytes(self.0))
    }
}

impl JsonSchema for Sequence {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Sequence".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[0-9A-F]{8}$",
            "description": "The four octets of a control sequence."
        })
    }
}

/// A text that is no octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MalformedOctets(String);

impl fmt::Display for MalformedOctets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not octets: write each as two upper-case hexadecimal digits", self.0)
    }
}

impl std::error::Error for MalformedOctets {}

fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn octets(text: &str) -> Option<Vec<u8>> {
        Octets::try_from(text.to_owned()).ok().map(|octets| octets.0)
    }

    #[test]
    fn spaces_mean_nothing() {
        assert_eq!(octets("82 0A"), Some(vec![0x82, 0x0A]));
        assert_eq!(octets("820A"), Some(vec![0x82, 0x0A]));
        assert_eq!(octets(""), Some(vec![]));
    }

    #[test]
    fn what_is_no_octets_is_refused() {
        for text in ["8", "82 0", "0g", "ff", "0x82", "é"] {
            assert_eq!(octets(text), None, "{text}");
        }
        assert!(Sequence::try_from("F08000".to_owned()).is_err());
    }

    #[test]
    fn long_ones_are_written_without_spaces() {
        assert_eq!(Octets(vec![0x82, 0x0A]).to_string(), "82 0A");
        assert_eq!(Octets(vec![0xAB; LONG]).to_string(), "AB".repeat(LONG));
        assert_eq!(Sequence([0, 1, 2, 0xFF]).to_string(), "000102FF");
    }
}
