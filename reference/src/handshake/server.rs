//! The server's side: a request judged, and its answer (RFC 6455, 4.2).

use super::extension::{Extension, parse_extensions, write_extensions};
use super::head::{Fields, Head, HeadFault, RequestLine, is_token_octet};
use super::host::is_host;
use super::{accept_of, is_key};
use crate::catalogue::catalogue;

/// A request that asks for a WebSocket connection and is in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Path and query that were asked for, from `/` on.
    pub resource: String,
    /// The Sec-WebSocket-Key.
    pub key: String,
    /// The extensions on offer, in the client's order.
    pub offers: Vec<Extension>,
    /// The subprotocols on offer, in the client's order.
    pub subprotocols: Vec<String>,
}

catalogue! {
    /// Why a server refuses a request. The request is to blame for each of them.
    pub enum Refusal: u16 {
        /// The head is none of HTTP.
        Malformed(fault: HeadFault) => "opening.server.error-response", 400, "{fault}";
        /// The version of HTTP is below 1.1, or of another kind.
        HttpVersion(version: String) => "opening.server.http-version", 505,
            "HTTP/{version} can't carry this handshake; use HTTP/1.1";
        /// The method is not GET.
        Method(method: String) => "opening.server.method", 405,
            "the method is {method}; the handshake is a GET";
        /// The target has neither origin form nor absolute form.
        Target(target: String) => "opening.server.error-response", 400,
            "{target:?} is neither a path nor an http URI";
        /// There is no Host.
        NoHost => "opening.server.host", 400, "there is no Host field";
        /// There are several.
        SeveralHosts => "opening.server.host", 400, "there are several Host fields";
        /// It names no host.
        Host(value: String) => "opening.server.host", 400, "{value:?} in Host is no authority";
        /// There is no `websocket` in Upgrade.
        NoUpgrade => "opening.server.upgrade", 426,
            "no Upgrade field asks for websocket; nothing else is served here";
        /// There is no `Upgrade` in Connection.
        NoConnection => "opening.server.connection", 426,
            "no Connection field has the token Upgrade, so Upgrade was not meant for this server";
        /// There is no Sec-WebSocket-Version.
        NoVersion => "opening.server.version", 426, "there is no Sec-WebSocket-Version field";
        /// It is not 13, or there are several.
        Version(value: String) => "opening.server.version", 426,
            "version {value:?} is not spoken here; 13 is";
        /// There is no Sec-WebSocket-Key.
        NoKey => "opening.server.key", 400, "there is no Sec-WebSocket-Key field";
        /// There are several.
        SeveralKeys => "opening.server.key", 400, "there are several Sec-WebSocket-Key fields";
        /// It is not the base64 form of 16 octets.
        Key(value: String) => "opening.server.key-length", 400,
            "the key {value:?} is not the base64 form of 16 octets";
        /// Sec-WebSocket-Protocol is no list of distinct tokens.
        Subprotocols(value: String) => "opening.server.protocol-malformed", 400,
            "{value:?} is no list of distinct subprotocols";
        /// Sec-WebSocket-Extensions breaks its grammar.
        Extensions(value: String) => "negotiation.server.malformed", 400,
            "{value:?} is no list of extensions";
    }
}

impl Opening {
    /// Judges a request.
    ///
    /// # Errors
    ///
    /// The first reason to refuse it.
    pub fn from_request(head: &Head<RequestLine>) -> Result<Self, Refusal> {
        let Head { start: RequestLine { method, target, version: (major, minor) }, fields } = head;
        if *major != 1 || *minor == 0 {
            return Err(Refusal::HttpVersion(format!("{major}.{minor}")));
        }
        if method != "GET" {
            return Err(Refusal::Method(method.clone()));
        }
        let resource = resource(target).ok_or_else(|| Refusal::Target(target.clone()))?;
        host(fields)?;
        if !fields.list_has("Upgrade", "websocket") {
            return Err(Refusal::NoUpgrade);
        }
        if !fields.list_has("Connection", "Upgrade") {
            return Err(Refusal::NoConnection);
        }
        match fields.joined("Sec-WebSocket-Version") {
            None => return Err(Refusal::NoVersion),
            Some(version) if version != "13" => return Err(Refusal::Version(version)),
            Some(_) => {}
        }
        let key = key(fields)?;
        let subprotocols = subprotocols(fields)?;
        let offers = match fields.joined("Sec-WebSocket-Extensions") {
            None => Vec::new(),
            Some(value) => {
                parse_extensions(&value).map_err(|error| Refusal::Extensions(error.value))?
            }
        };
        Ok(Self { resource, key, offers, subprotocols })
    }

    /// The last segment of the path: it names the application that the client wants.
    pub fn last_segment(&self) -> &str {
        let path = self.resource.split('?').next().unwrap_or_default();
        path.rsplit('/').next().unwrap_or_default()
    }

    /// The answer that accepts the connection with these extensions, in one line
    /// (RFC 6455, 11.3.2), and with a subprotocol out of those on offer.
    pub fn answer(&self, extensions: &[Extension], subprotocol: Option<&str>) -> Vec<u8> {
        let mut answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\n\
             Upgrade: websocket\r\n\
             Connection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\n",
            accept_of(&self.key)
        );
        if let Some(subprotocol) = subprotocol {
            answer.push_str(&format!("Sec-WebSocket-Protocol: {subprotocol}\r\n"));
        }
        if !extensions.is_empty() {
            let list = write_extensions(extensions);
            answer.push_str(&format!("Sec-WebSocket-Extensions: {list}\r\n"));
        }
        answer.push_str("\r\n");
        answer.into_bytes()
    }
}

impl Refusal {
    /// The status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed(HeadFault::TooLarge) => 431,
            _ => self.code(),
        }
    }

    /// Whether the connection may go on with another request: after an ordinary request, which
    /// asks for no WebSocket connection (RFC 9112, 9.3).
    pub fn leaves_open(&self, head: &Head<RequestLine>) -> bool {
        let has_body = head.fields.lines("Transfer-Encoding").next().is_some()
            || head.fields.lines("Content-Length").any(|length| length != "0");
        matches!(self, Self::NoUpgrade | Self::NoConnection)
            && !has_body
            && !head.fields.list_has("Connection", "close")
    }

    /// The answer that refuses; its body says why, unless the request was a HEAD.
    pub fn answer(&self, head: Option<&Head<RequestLine>>) -> Vec<u8> {
        let reason = match self.status() {
            405 => "Method Not Allowed",
            426 => "Upgrade Required",
            431 => "Request Header Fields Too Large",
            505 => "HTTP Version Not Supported",
            _ => "Bad Request",
        };
        let body = format!("{self}\n");
        let mut answer = format!(
            "HTTP/1.1 {} {reason}\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\
             Content-Length: {}\r\n",
            self.status(),
            body.len()
        );
        let mut connection = Vec::new();
        match self.status() {
            405 => answer.push_str("Allow: GET\r\n"),
            426 => {
                connection.push("Upgrade");
                answer.push_str("Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
            }
            _ => {}
        }
        if !head.is_some_and(|head| self.leaves_open(head)) {
            connection.push("close");
        }
        if !connection.is_empty() {
            answer.push_str(&format!("Connection: {}\r\n", connection.join(", ")));
        }
        answer.push_str("\r\n");
        if head.is_none_or(|head| head.start.method != "HEAD") {
            answer.push_str(&body);
        }
        answer.into_bytes()
    }
}

/// Path and query of a target in origin form or absolute form. Fragments have no place in either
/// (RFC 6455, 3).
fn resource(target: &str) -> Option<String> {
    if target.contains('#') {
        return None;
    }
    if target.starts_with('/') {
        return Some(target.to_owned());
    }
    let (scheme, rest) = target.split_once("://")?;
    let known = ["http", "https", "ws", "wss"].iter().any(|one| scheme.eq_ignore_ascii_case(one));
    let (authority, resource) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let slash = if resource.starts_with('/') { "" } else { "/" };
    (known && !authority.is_empty()).then(|| format!("{slash}{resource}"))
}

fn host(fields: &Fields) -> Result<(), Refusal> {
    let mut hosts = fields.lines("Host");
    let host = hosts.next().ok_or(Refusal::NoHost)?;
    if hosts.next().is_some() {
        return Err(Refusal::SeveralHosts);
    }
    if !is_host(host) {
        return Err(Refusal::Host(host.to_owned()));
    }
    Ok(())
}

fn key(fields: &Fields) -> Result<String, Refusal> {
    let mut keys = fields.lines("Sec-WebSocket-Key");
    let key = keys.next().ok_or(Refusal::NoKey)?;
    if keys.next().is_some() {
        return Err(Refusal::SeveralKeys);
    }
    if !is_key(key) {
        return Err(Refusal::Key(key.to_owned()));
    }
    Ok(key.to_owned())
}

fn subprotocols(fields: &Fields) -> Result<Vec<String>, Refusal> {
    let Some(value) = fields.joined("Sec-WebSocket-Protocol") else { return Ok(Vec::new()) };
    let elements = value.split(',').map(|element| element.trim_matches([' ', '\t']));
    let mut subprotocols: Vec<String> = Vec::new();
    for element in elements.filter(|element| !element.is_empty()) {
        if !element.bytes().all(is_token_octet) || subprotocols.iter().any(|one| one == element) {
            return Err(Refusal::Subprotocols(value));
        }
        subprotocols.push(element.to_owned());
    }
    if subprotocols.is_empty() { Err(Refusal::Subprotocols(value)) } else { Ok(subprotocols) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HeadReader;

    const FIELDS: [&str; 5] = [
        "Host: example.com:9001",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    ];

    fn judge(start: &str, fields: &[&str]) -> (Head<RequestLine>, Result<Opening, Refusal>) {
        let text = format!("{start}\r\n{}\r\n\r\n", fields.join("\r\n"));
        let (head, _) = HeadReader::request().push(text.as_bytes()).unwrap().unwrap();
        let judged = Opening::from_request(&head);
        (head, judged)
    }

    /// The fields of a good request with those of the same name replaced, or taken out.
    fn with(changed: &[&str]) -> Vec<String> {
        let name = |field: &str| field.split(':').next().unwrap_or_default().to_lowercase();
        let replaced = |field: &&&str| !changed.iter().any(|one| name(one) == name(field));
        let kept = FIELDS.iter().filter(replaced).copied();
        let added = changed.iter().filter(|field| field.contains(':')).copied();
        kept.chain(added).map(str::to_owned).collect()
    }

    #[test]
    fn the_answer_is_that_of_the_rfc() {
        let (_, opening) = judge("GET /chat HTTP/1.1", &FIELDS);
        let answer = opening.unwrap().answer(&[], None);
        insta::assert_snapshot!(String::from_utf8(answer).unwrap().replace("\r\n", "\n"), @r"
        HTTP/1.1 101 Switching Protocols
        Upgrade: websocket
        Connection: Upgrade
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
        ");
    }

    #[test]
    fn what_means_the_same_is_judged_the_same() {
        let expected = judge("GET /a?b HTTP/1.1", &FIELDS).1.unwrap();
        for changed in [
            &["connection: keep-alive, UPGRADE"][..],
            &["Connection:keep-alive", "Connection: , upgrade ,"],
            &["UPGRADE: foo/2, WebSocket"],
            &["host:\t example.com:9001 \t"],
            &["Cookie: a=b", "X-Empty:", "Origin: null"],
        ] {
            let fields = with(changed);
            let mut fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            assert_eq!(judge("GET /a?b HTTP/1.1", &fields).1, Ok(expected.clone()), "{changed:?}");
            fields.reverse();
            let target = "GET HTTP://example.com:9001/a?b HTTP/1.1";
            assert_eq!(judge(target, &fields).1, Ok(expected.clone()), "{changed:?} absolute");
        }
    }

    #[test]
    fn the_application_is_the_last_segment() {
        for (target, segment) in [
            ("/", ""),
            ("/source", "source"),
            ("/a/b/close?sink", "close"),
            ("http://h", ""),
            ("http://h?x/sink", ""),
            ("https://h:1/sink", "sink"),
        ] {
            let opening = judge(&format!("GET {target} HTTP/1.1"), &FIELDS).1.unwrap();
            assert_eq!(opening.last_segment(), segment, "{target}");
        }
    }

    #[test]
    fn every_refusal_says_why() {
        let mut said = String::new();
        let mut tell = |start: &str, changed: &[&str]| {
            let fields = with(changed);
            let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            let (head, judged) = judge(start, &fields);
            let refusal = judged.unwrap_err();
            let stays = if refusal.leaves_open(&head) { "stays" } else { "close" };
            said.push_str(&format!("{} {stays} {refusal}\n", refusal.status()));
        };
        let get = "GET / HTTP/1.1";
        tell("GET / HTTP/1.0", &[]);
        tell("POST / HTTP/1.1", &[]);
        tell("GET * HTTP/1.1", &[]);
        tell("GET /#a HTTP/1.1", &[]);
        tell(get, &["Host"]);
        tell(get, &["Host: a", "Host: a"]);
        tell(get, &["Host: a, b"]);
        tell(get, &["Upgrade"]);
        tell(get, &["Upgrade: websockets"]);
        tell(get, &["Connection: keep-alive"]);
        tell(get, &["Upgrade", "Connection: close"]);
        tell(get, &["Sec-WebSocket-Version"]);
        tell(get, &["Sec-WebSocket-Version: 12"]);
        tell(get, &["Sec-WebSocket-Key"]);
        tell(get, &["Sec-WebSocket-Key: AAAA"]);
        tell(get, &["Sec-WebSocket-Protocol: a, b, a"]);
        tell(get, &["Sec-WebSocket-Extensions: ,"]);
        insta::assert_snapshot!(said, @r#"
        505 close HTTP/1.0 can't carry this handshake; use HTTP/1.1 [opening.server.http-version]
        405 close the method is POST; the handshake is a GET [opening.server.method]
        400 close "*" is neither a path nor an http URI [opening.server.error-response]
        400 close "/#a" is neither a path nor an http URI [opening.server.error-response]
        400 close there is no Host field [opening.server.host]
        400 close there are several Host fields [opening.server.host]
        400 close "a, b" in Host is no authority [opening.server.host]
        426 stays no Upgrade field asks for websocket; nothing else is served here [opening.server.upgrade]
        426 stays no Upgrade field asks for websocket; nothing else is served here [opening.server.upgrade]
        426 stays no Connection field has the token Upgrade, so Upgrade was not meant for this server [opening.server.connection]
        426 close no Upgrade field asks for websocket; nothing else is served here [opening.server.upgrade]
        426 close there is no Sec-WebSocket-Version field [opening.server.version]
        426 close version "12" is not spoken here; 13 is [opening.server.version]
        400 close there is no Sec-WebSocket-Key field [opening.server.key]
        400 close the key "AAAA" is not the base64 form of 16 octets [opening.server.key-length]
        400 close "a, b, a" is no list of distinct subprotocols [opening.server.protocol-malformed]
        400 close "," is no list of extensions [negotiation.server.malformed]
        "#);
    }

    #[test]
    fn the_answer_to_a_head_has_no_body() {
        let (head, judged) = judge("HEAD / HTTP/1.1", &FIELDS);
        let answer = String::from_utf8(judged.unwrap_err().answer(Some(&head))).unwrap();
        assert!(answer.starts_with("HTTP/1.1 405 ") && answer.ends_with("\r\n\r\n"), "{answer}");
    }

    #[test]
    fn a_refused_version_is_told_the_right_one() {
        let fields = with(&["Sec-WebSocket-Version: 12"]);
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let (head, judged) = judge("GET / HTTP/1.1", &fields);
        let answer = String::from_utf8(judged.unwrap_err().answer(Some(&head))).unwrap();
        insta::assert_snapshot!(answer.replace("\r\n", "\n"), @r#"
        HTTP/1.1 426 Upgrade Required
        Content-Type: text/plain; charset=utf-8
        Content-Length: 64
        Upgrade: websocket
        Sec-WebSocket-Version: 13
        Connection: Upgrade, close

        version "12" is not spoken here; 13 is [opening.server.version]
        "#);
    }
}
