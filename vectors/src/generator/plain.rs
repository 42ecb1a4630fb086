//! A reading of values that none of the endpoints reads: URIs, origins, lists of versions. It knows
//! nothing of the grammar (RFC 3986; RFC 6454, 7; RFC 6455, 3 and 4.3).

use std::net::Ipv6Addr;

/// Whether the octets are a URI of one of these schemes, without a fragment.
pub(super) fn is_uri(octets: &[u8], schemes: &[&str]) -> bool {
    let Ok(text) = std::str::from_utf8(octets) else { return false };
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let (authority, resource) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (path, query) = resource.split_once('?').unwrap_or((resource, ""));
    schemes.iter().any(|one| one.eq_ignore_ascii_case(scheme))
        && is_authority(authority)
        && is_made_of(path, ":@/")
        && is_made_of(query, ":@/?")
}

/// Whether the octets are the value of Origin.
pub(super) fn is_origin(octets: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(octets) else { return false };
    text == "null" || text.split(' ').all(is_one_origin)
}

/// Whether the octets are a list of versions, 0 to 255.
pub(super) fn is_versions(octets: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(octets) else { return false };
    let trimmed = |one: &str| one.trim_matches([' ', '\t']).to_owned();
    let versions: Vec<String> =
        text.split(',').map(trimmed).filter(|one| !one.is_empty()).collect();
    let is_version =
        |one: &String| one.parse::<u8>().is_ok_and(|number| number.to_string() == *one);
    !versions.is_empty()
        && versions.iter().all(is_version)
        && text.trim_matches([' ', '\t']) == text
}

/// Whether the octets are the base64 form of 20 octets (RFC 4648, 4).
pub(super) fn is_digest(octets: &[u8]) -> bool {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |octet: &u8| DIGITS.iter().position(|digit| digit == octet);
    match octets.strip_suffix(b"=") {
        Some(digits @ [.., last]) if digits.len() == 27 => {
            digits.iter().all(|octet| digit(octet).is_some())
                && digit(last).is_some_and(|value| value.is_multiple_of(4))
        }
        _ => false,
    }
}

/// Whether the octets are a subprotocol that sets up `control-setup`.
pub(super) fn is_control_subprotocol(octets: &[u8]) -> bool {
    let Some(rest) = octets.strip_prefix(b"control.") else { return false };
    let Some((digits, rest)) = rest.split_at_checked(8) else { return false };
    let is_sign = |octet: &u8| octet.is_ascii_graphic() && !b"\"(),/:;<=>?@[\\]{}".contains(octet);
    digits.iter().all(u8::is_ascii_hexdigit)
        && match rest {
            [] => true,
            [b'.', application @ ..] => !application.is_empty() && application.iter().all(is_sign),
            _ => false,
        }
}

fn is_one_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else { return false };
    let rest = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.chars().all(rest)
        && is_authority(authority)
}

/// A host and perhaps a port.
fn is_authority(text: &str) -> bool {
    let end = text.rfind(']').map_or(0, |bracket| bracket + 1);
    let colon = text.get(end..).and_then(|rest| rest.find(':')).map(|at| end + at);
    let (host, port) = match colon {
        Some(colon) => (text.get(..colon), text.get(colon + 1..)),
        None => (Some(text), Some("")),
    };
    let (Some(host), Some(port)) = (host, port) else { return false };
    let literal = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let host = literal.map_or_else(|| is_made_of(host, ""), is_literal);
    host && port.bytes().all(|digit| digit.is_ascii_digit())
}

fn is_literal(text: &str) -> bool {
    match text.strip_prefix(['v', 'V']).and_then(|future| future.split_once('.')) {
        Some((version, address)) => {
            let digits = version.bytes().all(|digit| digit.is_ascii_hexdigit());
            let is_plain = !address.contains('%') && is_made_of(address, ":");
            digits && !version.is_empty() && !address.is_empty() && is_plain
        }
        None => text.parse::<Ipv6Addr>().is_ok(),
    }
}

/// Whether a part of a URI is made of octets in hexadecimal and characters that stand for themselves.
fn is_made_of(text: &str, others: &str) -> bool {
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let is_plain = character.is_ascii_alphanumeric()
            || "-._~!$&'()*+,;=".contains(character)
            || others.contains(character);
        let mut digit = || characters.next().is_some_and(|digit| digit.is_ascii_hexdigit());
        if !(is_plain || character == '%' && digit() && digit()) {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_told_from_what_is_none() {
        for right in
            ["ws://[2001:db8::7]/chat", "WS://a", "ws://a:1/%7E?x=/?", "ws://", "ws://1.2.3.4:"]
        {
            assert!(is_uri(right.as_bytes(), &["ws"]), "{right}");
        }
        for wrong in
            ["wss://a", "ws:/a", "ws://a#b", "ws://a/%7", "ws://[::g]", "ws://a:b", "ws://[::1"]
        {
            assert!(!is_uri(wrong.as_bytes(), &["ws"]), "{wrong}");
        }
        assert!(is_digest(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        assert!(!is_digest(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOp=") && !is_digest(b"AAAA"));
        assert!(is_control_subprotocol(b"control.F080000a.a.b"));
        for wrong in [
            &b"control.F080000"[..],
            b"control.F080000a.",
            b"Control.F080000a",
            b"control.F080000ax",
        ] {
            assert!(!is_control_subprotocol(wrong), "{}", wrong.escape_ascii());
        }
        assert!(is_origin(b"null") && is_origin(b"http://a https://b:1"));
        assert!(
            !is_origin(b"NULL") && !is_origin(b"http://a/") && !is_origin(b"http://a  http://b")
        );
        assert!(
            is_versions(b"13, 8,")
                && !is_versions(b",")
                && !is_versions(b"013")
                && !is_versions(b"256")
        );
    }
}
