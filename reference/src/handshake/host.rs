//! The value of Host: `uri-host [":" port]` (RFC 9112, 3.2; RFC 3986, 3.2.2 and 3.2.3).

use std::net::Ipv6Addr;

/// Whether `text` is a host that is not empty, with or without a port.
pub(super) fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((literal, port)) => (is_ip_literal(literal), port),
            None => return false,
        },
        None => {
            let (name, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            (!name.is_empty() && is_registered_name(name), port)
        }
    };
    let digits = |port: &str| port.bytes().all(|octet| octet.is_ascii_digit());
    host && (port.is_empty() || port.strip_prefix(':').is_some_and(digits))
}

/// What stands in brackets. An IPv6 address has no zone here.
fn is_ip_literal(literal: &str) -> bool {
    let Some(future) = literal.strip_prefix(['v', 'V']) else {
        return literal.parse::<Ipv6Addr>().is_ok();
    };
    future.split_once('.').is_some_and(|(version, address)| {
        let version = !version.is_empty() && version.bytes().all(|one| one.is_ascii_hexdigit());
        let octet = |one: u8| one == b':' || is_name_octet(one);
        version && !address.is_empty() && address.bytes().all(octet)
    })
}

fn is_registered_name(name: &str) -> bool {
    let mut octets = name.bytes();
    while let Some(octet) = octets.next() {
        let mut digit = || octets.next().is_some_and(|digit| digit.is_ascii_hexdigit());
        let fits = if octet == b'%' { digit() && digit() } else { is_name_octet(octet) };
        if !fits {
            return false;
        }
    }
    true
}

fn is_name_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&octet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_from_what_is_none() {
        for host in [
            "example.com",
            "h:",
            "h:9001",
            "1.2.3.4:80",
            "1.2.3.4.5",
            "a%2Fb",
            "a,b",
            "[::1]",
            "[2001:db8::7]:443",
            "[::ffff:1.2.3.4]",
            "[v1.a:b]",
        ] {
            assert!(is_host(host), "{host}");
        }
        for wrong in [
            "",
            ":80",
            "a b",
            "a/b",
            "a@b",
            "a:b",
            "a:1:2",
            "[::1",
            "[::1]80",
            "[1::2::3]",
            "[]",
            "[fe80::1%eth0]",
            "[v.a]",
            "[v1.]",
            "a%2",
            "a%zz",
            "a[b]",
            "\u{FFFD}",
        ] {
            assert!(!is_host(wrong), "{wrong}");
        }
    }
}
