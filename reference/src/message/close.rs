//! The payload of a Close (RFC 6455, 5.5.1 and 7.4).

use crate::close_code::CloseCode;
use crate::error::Violation;

/// What a Close says; a Close without a payload says nothing and is `None` where this is optional.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// Why, as a number.
    pub code: CloseCode,
    /// Why, in words; at most 123 octets.
    pub reason: String,
}

impl Close {
    /// Longest reason, in octets: a native control frame less the code.
    pub const LONGEST_REASON: usize = 123;

    /// Reads the payload of a Close.
    ///
    /// # Errors
    ///
    /// A single octet, a code that may not be sent, a reason that is not UTF-8.
    pub fn parse(payload: &[u8]) -> Result<Option<Self>, Violation> {
        let (code, reason) = match payload {
            [] => return Ok(None),
            [_] => return Err(Violation::CloseTooShort),
            [high, low, reason @ ..] => (CloseCode(u16::from_be_bytes([*high, *low])), reason),
        };
        if !code.may_be_sent() {
            return Err(Violation::ReservedCloseCode(code.0));
        }
        let reason =
            std::str::from_utf8(reason).map_err(|_| Violation::CloseReasonNotUtf8)?.to_owned();
        Ok(Some(Self { code, reason }))
    }

    /// The payload that says `code` and `reason`.
    pub fn encode(code: CloseCode, reason: &str) -> Vec<u8> {
        [&code.0.to_be_bytes(), reason.as_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_was_encoded() {
        let said = Close { code: CloseCode::NORMAL, reason: "bye".to_owned() };
        assert_eq!(Close::parse(&Close::encode(said.code, &said.reason)), Ok(Some(said)));
        assert_eq!(Close::parse(&[]), Ok(None));
    }

    #[test]
    fn refuses_what_says_nothing() {
        assert_eq!(Close::parse(&[3]), Err(Violation::CloseTooShort));
        assert_eq!(Close::parse(b"\x03\xE8\xFF"), Err(Violation::CloseReasonNotUtf8));
    }

    #[test]
    fn knows_every_code() {
        let sendable: Vec<u16> =
            (0..=u16::MAX).filter(|code| CloseCode(*code).may_be_sent()).collect();
        let expected: Vec<u16> = (1000..1004).chain(1007..1015).chain(3000..5000).collect();
        assert_eq!(sendable, expected);
        for code in [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535] {
            let payload = Close::encode(CloseCode(code), "");
            assert_eq!(Close::parse(&payload), Err(Violation::ReservedCloseCode(code)));
        }
    }
}
