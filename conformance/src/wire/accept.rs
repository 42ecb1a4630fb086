//! The proof of the opening handshake: a key and its answer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The value of `Sec-WebSocket-Accept` that answers a key as it stands in the request
/// (RFC 6455, 4.2.2): base64 of SHA-1 of the key's text and the GUID. The key need not be a valid
/// one.
///
/// ```
/// # use wsconform::wire::accept_of;
/// assert_eq!(accept_of("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
/// ```
pub fn accept_of(key: &str) -> String {
    STANDARD.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize())
}

/// The value of `Sec-WebSocket-Key` for a nonce, base64 of it (RFC 6455, 4.1).
pub fn key_of(nonce: [u8; 16]) -> String {
    STANDARD.encode(nonce)
}

/// The octets that a key stands for, or `None` if it is not base64 with its padding. A right key
/// stands for 16.
pub fn key_octets(key: &str) -> Option<Vec<u8>> {
    STANDARD.decode(key).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc() {
        let key = key_of(*b"the sample nonce");
        assert_eq!(key, "dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(accept_of(&key), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(key_octets(&key).as_deref(), Some(b"the sample nonce".as_slice()));
    }

    #[test]
    fn a_wrong_key_has_an_answer_all_the_same() {
        assert_eq!(accept_of("").len(), 28);
        assert_eq!(key_octets("dGhlIHNhbXBsZSBub25jZQ"), None);
        assert_eq!(key_octets("c2hvcnQ=").map(|octets| octets.len()), Some(5));
    }
}
