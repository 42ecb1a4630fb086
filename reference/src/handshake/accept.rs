//! Sec-WebSocket-Key and Sec-WebSocket-Accept (RFC 6455, 4.1 and 4.2.2).

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use sha1::{Digest, Sha1};

use crate::random::{Random, draw};

const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The example key of RFC 6455, 4.1 ends in `EC==`, which has bits set that no octet takes up.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// The Sec-WebSocket-Accept that fits a Sec-WebSocket-Key.
///
/// ```
/// use wsconform_reference::accept_of;
///
/// assert_eq!(accept_of("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
/// ```
pub fn accept_of(key: &str) -> String {
    BASE64.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize())
}

/// Whether this is the base64 form of 16 octets.
pub fn is_key(key: &str) -> bool {
    BASE64.decode(key).is_ok_and(|nonce| nonce.len() == 16)
}

/// A new Sec-WebSocket-Key.
pub fn make_key(random: &mut (impl Random + ?Sized)) -> String {
    BASE64.encode(draw::<16>(random))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandom;

    #[test]
    fn a_key_is_sixteen_octets() {
        assert!(is_key(&make_key(&mut SeededRandom(1))));
        assert!(is_key("AQIDBAUGBwgJCgsMDQ4PEC=="), "the example of RFC 6455, 4.1");
        for wrong in [
            "",
            "AAAA",
            "AAAAAAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAAA==\n",
            "not base64 at all!!",
        ] {
            assert!(!is_key(wrong), "{wrong:?}");
        }
    }
}
