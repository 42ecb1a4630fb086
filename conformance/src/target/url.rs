//! WebSocket addresses: `ws://host:port/path?query` (RFC 6455, 3).

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use super::error::TargetError;

/// The port of a `ws` address that names none (RFC 6455, 3).
const DEFAULT_PORT: u16 = 80;

/// A `ws` address without fragment and user information.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WebSocketUrl {
    /// A name, an IPv4 address, or an IPv6 address in brackets.
    host: String,
    port: u16,
    /// Begins with a slash.
    path: String,
    query: Option<String>,
}

impl WebSocketUrl {
    /// Reads an address that begins with `ws://` in any case.
    pub(super) fn parse(typed: &str) -> Result<Self, TargetError> {
        let wrong = |wrong: String, instead: String| Err(TargetError::new(typed, wrong, instead));
        let Some(rest) = strip_scheme(typed, "ws") else {
            return wrong(
                "a WebSocket address begins with ws://".into(),
                "type it as `ws://host:port/`".into(),
            );
        };
        if let Some((before, _)) = typed.split_once('#') {
            return wrong(
                "a WebSocket address has no fragment (RFC 6455, 3)".into(),
                format!("type `{before}`, or %23 for a # that belongs to the path"),
            );
        }
        let (authority, path_and_query) = match rest.find(['/', '?']) {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        if let Some((_, after)) = authority.rsplit_once('@') {
            return wrong(
                "a WebSocket address names no user (RFC 6455, 3)".into(),
                format!("type `ws://{after}{path_and_query}`"),
            );
        }
        let Some((host, port)) = split_authority(authority) else {
            return wrong(
                format!("`{authority}` is not of the form host:port"),
                format!("an IPv6 address stands in brackets, such as `ws://[::1]:9001{SLASH}`"),
            );
        };
        let port_typed = if port.is_empty() { String::new() } else { format!(":{port}") };
        if host.is_empty() {
            return wrong(
                "the host is missing".into(),
                format!("type `ws://127.0.0.1{port_typed}{}`", or_slash(path_and_query)),
            );
        }
        if let Some(why) = bad_host(host) {
            return wrong(why, "type the host's name in ASCII, or its address".into());
        }
        let port = match port {
            "" => DEFAULT_PORT,
            _ => match read_port(port) {
                Some(port) => port,
                None => {
                    return wrong(
                        format!("`{port}` is no port: ports are numbers from 1 to 65535"),
                        format!("type `ws://{host}:9001{}`", or_slash(path_and_query)),
                    );
                }
            },
        };
        if let Some(bad) = first_bad_octet(path_and_query) {
            return wrong(
                format!("`{}` cannot stand in an address as it is", bad.escape_default()),
                format!("write it as {}", percent_encoded(bad)),
            );
        }
        let (path, query) = match path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (path_and_query, None),
        };
        Ok(Self { host: host.to_owned(), port, path: or_slash(path).to_owned(), query })
    }

    /// The host as a resolver takes it: an IPv6 address without its brackets.
    pub(super) fn host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// What the Host field holds: the port only if it is not the default (RFC 6455, 4.1).
    pub(super) fn authority(&self) -> String {
        match self.port {
            DEFAULT_PORT => self.host.clone(),
            port => format!("{}:{port}", self.host),
        }
    }

    /// The request target for the application `app`, which becomes the last segment of the path
    /// unless it is empty.
    pub(super) fn target(&self, app: &str) -> String {
        let mut target = self.path.clone();
        if !app.is_empty() {
            if !target.ends_with('/') {
                target.push('/');
            }
            target.push_str(app);
        }
        if let Some(query) = &self.query {
            target.push('?');
            target.push_str(query);
        }
        target
    }
}

impl From<SocketAddr> for WebSocketUrl {
    fn from(address: SocketAddr) -> Self {
        let host = match address.ip() {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        Self { host, port: address.port(), path: SLASH.to_owned(), query: None }
    }
}

impl fmt::Display for WebSocketUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ws://{}{}", self.authority(), self.target(""))
    }
}

const SLASH: &str = "/";

/// What follows `scheme://`, if `text` begins so; the case of the scheme means nothing
/// (RFC 3986, 3.1).
pub(super) fn strip_scheme<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let (before, after) = text.split_once("://")?;
    before.eq_ignore_ascii_case(scheme).then_some(after)
}

/// A port that one can connect to.
pub(super) fn read_port(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    if digits { text.parse().ok().filter(|port| *port != 0) } else { None }
}

/// Host (with its brackets) and port (empty if there is none).
fn split_authority(authority: &str) -> Option<(&str, &str)> {
    if authority.starts_with('[') {
        let (host, port) = authority.split_at(authority.find(']')? + 1);
        return match port {
            "" => Some((host, "")),
            _ => Some((host, port.strip_prefix(':')?)),
        };
    }
    match authority.split_once(':') {
        None => Some((authority, "")),
        Some((_, port)) if port.contains(':') => None,
        Some(parts) => Some(parts),
    }
}

fn bad_host(host: &str) -> Option<String> {
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        let good = address.parse::<Ipv6Addr>().is_ok();
        return (!good).then(|| format!("`{address}` is no IPv6 address"));
    }
    host.chars()
        .find(|character| !character.is_ascii_alphanumeric() && !"-._".contains(*character))
        .map(|bad| format!("`{}` cannot stand in a host name", bad.escape_debug()))
}

fn or_slash(path: &str) -> &str {
    if path.is_empty() { SLASH } else { path }
}

/// The first character that RFC 3986, 3.3 and 3.4 have no place for.
fn first_bad_octet(path_and_query: &str) -> Option<char> {
    let mut characters = path_and_query.chars();
    while let Some(character) = characters.next() {
        let good = match character {
            '%' => {
                let digits = [characters.next(), characters.next()];
                digits.iter().all(|digit| digit.is_some_and(|digit| digit.is_ascii_hexdigit()))
            }
            _ => character.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/?".contains(character),
        };
        if !good {
            return Some(character);
        }
    }
    None
}

fn percent_encoded(character: char) -> String {
    let mut octets = [0; 4];
    character.encode_utf8(&mut octets).bytes().map(|octet| format!("%{octet:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> WebSocketUrl {
        WebSocketUrl::parse(text).unwrap()
    }

    #[test]
    fn the_application_becomes_the_last_segment() {
        assert_eq!(url("ws://host:9001").target(""), "/");
        assert_eq!(url("ws://host:9001/").target("close"), "/close");
        assert_eq!(url("ws://host:9001/chat").target("close"), "/chat/close");
        assert_eq!(url("ws://host:9001/chat/").target("close"), "/chat/close");
        assert_eq!(url("ws://host:9001/chat?a=/b").target("close"), "/chat/close?a=/b");
        assert_eq!(url("ws://host:9001?a").target(""), "/?a");
    }

    #[test]
    fn the_host_field_omits_only_the_default_port() {
        assert_eq!(url("ws://host/").authority(), "host");
        assert_eq!(url("WS://host:80/").authority(), "host");
        assert_eq!(url("ws://host:443/").authority(), "host:443");
        assert_eq!(url("ws://[::1]:9001/").authority(), "[::1]:9001");
        assert_eq!(url("ws://[::1]:9001/").host(), "::1");
    }

    #[test]
    fn shows_itself_as_it_can_be_read_again() {
        for text in ["ws://host/", "ws://host:9001/a/b?c=%20d", "ws://[::1]:9001/"] {
            assert_eq!(url(text).to_string(), text);
        }
    }
}
