//! The client's side: a request, and its answer judged (RFC 6455, 4.1).

use super::extension::{Extension, parse_extensions, write_extensions};
use super::head::{Head, HeadFault, StatusLine};
use super::{accept_of, make_key};
use crate::catalogue::catalogue;
use crate::close_code::CloseCode;
use crate::random::Random;

/// A request, and what is needed to judge its answer.
#[derive(Debug, Clone)]
pub struct ClientHandshake {
    host: String,
    resource: String,
    key: String,
    offers: Vec<Extension>,
    subprotocols: Vec<String>,
}

/// An answer that opens the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The extensions that the server accepted; all of them were offered.
    pub extensions: Vec<Extension>,
    /// The subprotocol that the server selected; it was offered.
    pub subprotocol: Option<String>,
}

catalogue! {
    /// Why a client fails the connection when it reads the answer.
    pub enum AnswerFault: CloseCode {
        /// The head is none of HTTP.
        Malformed(fault: HeadFault) => "opening.client.status", CloseCode::PROTOCOL_ERROR,
            "{fault}";
        /// The status is not 101.
        Status(status: u16) => "opening.client.status", CloseCode::PROTOCOL_ERROR,
            "the server answered {status}, not 101";
        /// The version of HTTP is below 1.1, or of another kind.
        HttpVersion(version: String) => "opening.client.status", CloseCode::PROTOCOL_ERROR,
            "the server answered in HTTP/{version}, which has no 101";
        /// Upgrade is missing, or is not `websocket`.
        Upgrade => "opening.client.response-upgrade", CloseCode::PROTOCOL_ERROR,
            "the answer has no Upgrade field of the value websocket";
        /// There is no `Upgrade` in Connection.
        Connection => "opening.client.response-connection", CloseCode::PROTOCOL_ERROR,
            "the answer has no Connection field with the token Upgrade";
        /// There is no Sec-WebSocket-Accept.
        NoAccept => "opening.client.accept", CloseCode::PROTOCOL_ERROR,
            "the answer has no Sec-WebSocket-Accept field";
        /// It does not fit the key, or there are several.
        Accept(value: String) => "opening.client.accept", CloseCode::PROTOCOL_ERROR,
            "{value:?} in Sec-WebSocket-Accept does not fit the key";
        /// A subprotocol that was not offered.
        Subprotocol(value: String) => "opening.client.protocol", CloseCode::PROTOCOL_ERROR,
            "the subprotocol {value:?} was not offered";
        /// Sec-WebSocket-Extensions breaks its grammar.
        Extensions(value: String) => "negotiation.client.malformed", CloseCode::PROTOCOL_ERROR,
            "{value:?} is no list of extensions";
        /// An extension that was not offered.
        Unoffered(token: String) => "opening.client.extensions", CloseCode::PROTOCOL_ERROR,
            "the extension {token} was not offered";
    }
}

impl AnswerFault {
    /// The close code of a Close frame, which is optional here: the connection was never open.
    pub fn close_code(&self) -> CloseCode {
        self.code()
    }
}

impl ClientHandshake {
    /// A handshake with a fresh key. `host` is the value of Host, with the port unless that is the
    /// default one; `resource` is path and query of the URL.
    pub fn new(
        host: &str,
        resource: &str,
        offers: Vec<Extension>,
        random: &mut (impl Random + ?Sized),
    ) -> Self {
        let resource = if resource.starts_with('/') { resource } else { &format!("/{resource}") };
        let key = make_key(random);
        let (host, resource) = (host.to_owned(), resource.to_owned());
        Self { host, resource, key, offers, subprotocols: Vec::new() }
    }

    /// The same, with these subprotocols on offer.
    #[must_use]
    pub fn with_subprotocols(self, subprotocols: Vec<String>) -> Self {
        Self { subprotocols, ..self }
    }

    /// The extensions on offer.
    pub fn offers(&self) -> &[Extension] {
        &self.offers
    }

    /// The octets of the request.
    pub fn request(&self) -> Vec<u8> {
        let mut request = format!(
            "GET {} HTTP/1.1\r\n\
             Host: {}\r\n\
             Upgrade: websocket\r\n\
             Connection: Upgrade\r\n\
             Sec-WebSocket-Key: {}\r\n\
             Sec-WebSocket-Version: 13\r\n",
            self.resource, self.host, self.key
        );
        if !self.subprotocols.is_empty() {
            let list = self.subprotocols.join(", ");
            request.push_str(&format!("Sec-WebSocket-Protocol: {list}\r\n"));
        }
        if !self.offers.is_empty() {
            let list = write_extensions(&self.offers);
            request.push_str(&format!("Sec-WebSocket-Extensions: {list}\r\n"));
        }
        request.push_str("\r\n");
        request.into_bytes()
    }

    /// Judges the answer.
    ///
    /// # Errors
    ///
    /// The first reason to fail the connection.
    pub fn judge(&self, head: &Head<StatusLine>) -> Result<Answer, AnswerFault> {
        let Head { start: StatusLine { version: (major, minor), status }, fields } = head;
        if *status != 101 {
            return Err(AnswerFault::Status(*status));
        }
        if *major != 1 || *minor == 0 {
            return Err(AnswerFault::HttpVersion(format!("{major}.{minor}")));
        }
        let upgrade = fields.joined("Upgrade");
        if !upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket")) {
            return Err(AnswerFault::Upgrade);
        }
        if !fields.list_has("Connection", "Upgrade") {
            return Err(AnswerFault::Connection);
        }
        let accept = fields.joined("Sec-WebSocket-Accept").ok_or(AnswerFault::NoAccept)?;
        if accept != accept_of(&self.key) {
            return Err(AnswerFault::Accept(accept));
        }
        let subprotocol = fields.joined("Sec-WebSocket-Protocol");
        if let Some(selected) = &subprotocol
            && !self.subprotocols.contains(selected)
        {
            return Err(AnswerFault::Subprotocol(selected.clone()));
        }
        let extensions = match fields.joined("Sec-WebSocket-Extensions") {
            None => Vec::new(),
            Some(value) => {
                parse_extensions(&value).map_err(|error| AnswerFault::Extensions(error.value))?
            }
        };
        let offered = |one: &&Extension| self.offers.iter().any(|offer| offer.token == one.token);
        if let Some(unoffered) = extensions.iter().find(|one| !offered(one)) {
            return Err(AnswerFault::Unoffered(unoffered.token.clone()));
        }
        Ok(Answer { extensions, subprotocol })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HeadReader, Opening, SeededRandom};

    fn handshake() -> ClientHandshake {
        let offers = parse_extensions("rate-control; burst=4096").unwrap();
        ClientHandshake::new("example.com", "/a?b", offers, &mut SeededRandom(1))
    }

    fn judge(
        handshake: &ClientHandshake,
        status: &str,
        fields: &str,
    ) -> Result<Answer, AnswerFault> {
        let answer = format!("HTTP/{status}\n{fields}\n\n").replace('\n', "\r\n");
        let (head, _) = HeadReader::response().push(answer.as_bytes()).unwrap().unwrap();
        handshake.judge(&head)
    }

    #[test]
    fn the_request_is_what_a_server_takes() {
        let handshake = handshake();
        let (head, rest) = HeadReader::request().push(&handshake.request()).unwrap().unwrap();
        let opening = Opening::from_request(&head).unwrap();
        assert_eq!((opening.resource.as_str(), rest.len()), ("/a?b", 0));
        assert_eq!(opening.offers, handshake.offers());

        let (head, _) = HeadReader::response().push(&opening.answer(&[], None)).unwrap().unwrap();
        assert_eq!(
            handshake.judge(&head),
            Ok(Answer { extensions: Vec::new(), subprotocol: None })
        );
    }

    #[test]
    fn lists_may_take_several_lines_in_an_answer() {
        let handshake = handshake();
        let accept = accept_of(&handshake.key);
        let fields = format!(
            "sec-websocket-accept:{accept}\nCONNECTION: a\nUpgrade: WebSocket\n\
             connection: UPGRADE\n\
             Sec-WebSocket-Extensions: rate-control; control=F0800001\n\
             Sec-WebSocket-Extensions:"
        );
        let answer = judge(&handshake, "1.1 101 OK", &fields).unwrap();
        assert_eq!(write_extensions(&answer.extensions), "rate-control; control=F0800001");
    }

    #[test]
    fn every_fault_says_why() {
        let handshake = handshake();
        let accept = accept_of(&handshake.key);
        let good =
            format!("Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Accept: {accept}");
        let mut said = String::new();
        let mut tell = |status: &str, fields: &str| {
            let fault = judge(&handshake, status, fields).unwrap_err();
            said.push_str(&format!("{fault}\n"));
        };
        tell("1.1 200 OK", &good);
        tell("1.0 101 OK", &good);
        let ok = "1.1 101 Switching Protocols";
        tell(ok, "A: b");
        tell(ok, &good.replace("websocket", "websocket, h2c"));
        tell(ok, &good.replace("Connection: Upgrade", "Connection: close"));
        tell(ok, "Upgrade: websocket\nConnection: Upgrade");
        tell(ok, &good.replace(&accept, &accept.to_uppercase()));
        tell(ok, &format!("{good}\nSec-WebSocket-Accept: {accept}"));
        tell(ok, &format!("{good}\nSec-WebSocket-Protocol: chat"));
        tell(ok, &format!("{good}\nSec-WebSocket-Extensions: rate-control; control=F0800001;"));
        tell(ok, &format!("{good}\nSec-WebSocket-Extensions: x-wsconform-unasked"));
        insta::assert_snapshot!(said, @r#"
        the server answered 200, not 101 [opening.client.status]
        the server answered in HTTP/1.0, which has no 101 [opening.client.status]
        the answer has no Upgrade field of the value websocket [opening.client.response-upgrade]
        the answer has no Upgrade field of the value websocket [opening.client.response-upgrade]
        the answer has no Connection field with the token Upgrade [opening.client.response-connection]
        the answer has no Sec-WebSocket-Accept field [opening.client.accept]
        "N5NKR3YXRMAHPTM+L7IZTUEFAAO=" in Sec-WebSocket-Accept does not fit the key [opening.client.accept]
        "N5nKR3YXrMAhPTm+l7izTUefAAo=, N5nKR3YXrMAhPTm+l7izTUefAAo=" in Sec-WebSocket-Accept does not fit the key [opening.client.accept]
        the subprotocol "chat" was not offered [opening.client.protocol]
        "rate-control; control=F0800001;" is no list of extensions [negotiation.client.malformed]
        the extension x-wsconform-unasked was not offered [opening.client.extensions]
        "#);
    }
}
