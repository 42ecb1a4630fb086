//! The form of request targets and of the hosts in them and in Host.

/// Origin form, or absolute form of a scheme that leads here; without a fragment.
pub(crate) fn is_target(target: &str) -> bool {
    let absolute = target.split_once("://").is_some_and(|(scheme, rest)| {
        let known = ["http", "https", "ws", "wss"].iter().any(|s| scheme.eq_ignore_ascii_case(s));
        known && rest.split(['/', '?']).next().is_some_and(|host| !host.is_empty() && is_host(host))
    });
    (target.starts_with('/') || absolute) && !target.contains('#')
}

/// The characters of `uri-host [":" port]` (RFC 9110, 7.2).
pub(crate) fn is_host(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port),
        _ => (host, ""),
    };
    port.bytes().all(|octet| octet.is_ascii_digit()) && is_host_name(name)
}

/// An address in brackets, or characters and octets of a name (RFC 3986, 3.2.2).
fn is_host_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=".contains(c);
    let Some(literal) = name.strip_prefix('[') else {
        let mut parts = name.split('%');
        let first = parts.next().unwrap_or_default();
        let escaped = |part: &str| {
            let hexadecimal = |octet: &u8| octet.is_ascii_hexdigit();
            part.len() >= 2
                && part.bytes().take(2).all(|octet| hexadecimal(&octet))
                && part.chars().skip(2).all(plain)
        };
        return !name.is_empty() && first.chars().all(plain) && parts.all(escaped);
    };
    let Some(address) = literal.strip_suffix(']') else { return false };
    if let Some((version, rest)) =
        address.strip_prefix(['v', 'V']).and_then(|future| future.split_once('.'))
    {
        let is_hexadecimal = |text: &str| text.bytes().all(|octet| octet.is_ascii_hexdigit());
        return !version.is_empty()
            && is_hexadecimal(version)
            && !rest.is_empty()
            && rest.chars().all(|c| plain(c) || c == ':');
    }
    address.parse::<std::net::Ipv6Addr>().is_ok()
}
