//! Heads of HTTP messages to be written, right or wrong.

use std::fmt;
use std::str::FromStr;

/// A request to be written.
///
/// ```
/// # use wsconform::wire::RequestSpec;
/// let mut request = RequestSpec::opening("localhost:9001", "/", "dGhlIHNhbXBsZSBub25jZQ==");
/// request.fields.remove("Upgrade");
/// request.fields.set("sec-websocket-version", "12");
/// request.fields.append("Origin", "null");
/// assert_eq!(
///     String::from_utf8(request.encode()).unwrap(),
///     "GET / HTTP/1.1\r\n\
///      Host: localhost:9001\r\n\
///      Connection: Upgrade\r\n\
///      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
///      sec-websocket-version: 12\r\n\
///      Origin: null\r\n\
///      \r\n"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestSpec {
    /// `GET` by default.
    pub method: String,
    /// Such as `/chat?x=1`.
    pub target: String,
    /// `HTTP/1.1` by default.
    pub version: String,
    /// The field lines.
    pub fields: FieldLines,
    /// How the field lines are written.
    pub style: Style,
}

impl RequestSpec {
    /// A right opening handshake (RFC 6455, 4.1) without origin, subprotocols and extensions.
    pub fn opening(host: &str, target: &str, key: &str) -> RequestSpec {
        let mut fields = FieldLines::new();
        fields.append("Host", host);
        fields.append("Upgrade", "websocket");
        fields.append("Connection", "Upgrade");
        fields.append("Sec-WebSocket-Key", key);
        fields.append("Sec-WebSocket-Version", "13");
        let (method, version) = ("GET".to_string(), "HTTP/1.1".to_string());
        RequestSpec { method, target: target.to_string(), version, fields, style: Style::AsIs }
    }

    /// Its octets, up to and with the empty line.
    pub fn encode(&self) -> Vec<u8> {
        let line = format!("{} {} {}", self.method, self.target, self.version);
        encode(&line, &self.fields, self.style)
    }
}

/// A response to be written.
///
/// ```
/// # use wsconform::wire::{ResponseSpec, Style};
/// let mut response = ResponseSpec::switching("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
/// response.style = Style::LowerCase;
/// assert!(response.encode().starts_with(
///     b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
/// ));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseSpec {
    /// `HTTP/1.1` by default.
    pub version: String,
    /// The status, a text so that it may be none.
    pub status: String,
    /// Text for people, may be empty.
    pub reason: String,
    /// The field lines.
    pub fields: FieldLines,
    /// How the field lines are written.
    pub style: Style,
    /// What follows the head.
    pub body: Vec<u8>,
}

impl ResponseSpec {
    /// A right answer to an opening handshake (RFC 6455, 4.2.2) without subprotocol and
    /// extensions.
    pub fn switching(accept: &str) -> ResponseSpec {
        let mut response = ResponseSpec::new("101", "Switching Protocols");
        response.fields.append("Upgrade", "websocket");
        response.fields.append("Connection", "Upgrade");
        response.fields.append("Sec-WebSocket-Accept", accept);
        response
    }

    /// A right refusal without content, such as `400 Bad Request`, after which the connection
    /// closes.
    pub fn refusing(status: u16, reason: &str) -> ResponseSpec {
        let mut response = ResponseSpec::new(&status.to_string(), reason);
        response.fields.append("Content-Length", "0");
        response.fields.append("Connection", "close");
        response
    }

    /// A response of this status line alone.
    pub fn new(status: &str, reason: &str) -> ResponseSpec {
        ResponseSpec {
            version: "HTTP/1.1".to_string(),
            status: status.to_string(),
            reason: reason.to_string(),
            fields: FieldLines::new(),
            style: Style::AsIs,
            body: Vec::new(),
        }
    }

    /// Its octets: the head with its empty line, and the body.
    pub fn encode(&self) -> Vec<u8> {
        let line = format!("{} {} {}", self.version, self.status, self.reason);
        let mut octets = encode(&line, &self.fields, self.style);
        octets.extend_from_slice(&self.body);
        octets
    }
}

/// Field lines to be written, in order. Names and values may be any octets; names are compared
/// without regard to the case of their letters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldLines(Vec<(Vec<u8>, Vec<u8>)>);

impl FieldLines {
    /// No lines.
    pub fn new() -> FieldLines {
        FieldLines::default()
    }

    /// Gives the first line of this name another value and the name as it is written here, and
    /// removes its other lines; appends one if there is none.
    pub fn set(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        let (name, value) = (name.as_ref(), value.as_ref());
        match self.0.iter().position(|(other, _)| other.eq_ignore_ascii_case(name)) {
            None => self.append(name, value),
            Some(first) => {
                let mut index = 0;
                self.0.retain(|(other, _)| {
                    index += 1;
                    index - 1 == first || !other.eq_ignore_ascii_case(name)
                });
                if let Some(line) = self.0.get_mut(first) {
                    *line = (name.to_vec(), value.to_vec());
                }
            }
        }
    }

    /// Adds a line at the end, also if there is one of this name.
    pub fn append(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        self.0.push((name.as_ref().to_vec(), value.as_ref().to_vec()));
    }

    /// Removes all lines of this name and tells how many there were.
    pub fn remove(&mut self, name: impl AsRef<[u8]>) -> usize {
        let before = self.0.len();
        self.0.retain(|(other, _)| !other.eq_ignore_ascii_case(name.as_ref()));
        before - self.0.len()
    }

    /// The value of the first line of this name.
    pub fn get(&self, name: impl AsRef<[u8]>) -> Option<&[u8]> {
        self.iter().find(|(n, _)| n.eq_ignore_ascii_case(name.as_ref())).map(|(_, value)| value)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&[u8], &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_slice(), value.as_slice()))
    }

    /// The lines from the last to the first, but those of one name in their order, which has a
    /// meaning (RFC 9110, 5.3).
    fn reversed(&self) -> Vec<(&[u8], &[u8])> {
        let mut rest: Vec<_> = self.iter().collect();
        let mut lines = Vec::with_capacity(rest.len());
        for (name, _) in self.iter().rev() {
            if let Some(at) = rest.iter().position(|(n, _)| n.eq_ignore_ascii_case(name)) {
                lines.push(rest.remove(at));
            }
        }
        lines
    }
}

/// How field lines are written. All styles mean the same (RFC 9110, 5.1 and 5.3; RFC 9112, 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Style {
    /// `Name: value`, in the order given.
    #[default]
    AsIs,
    /// From the last to the first, those of one name in their order.
    Reversed,
    /// `name: value`.
    LowerCase,
    /// `NAME: value`.
    UpperCase,
    /// `Name:value`.
    NoSpace,
    /// White space of tabs and spaces on both sides of the value.
    Wide,
}

impl Style {
    /// All of them.
    pub const ALL: [Style; 6] = [
        Style::AsIs,
        Style::Reversed,
        Style::LowerCase,
        Style::UpperCase,
        Style::NoSpace,
        Style::Wide,
    ];

    /// `as-is`, `reversed`, `lower-case`, `upper-case`, `no-space` or `wide`.
    pub fn name(self) -> &'static str {
        match self {
            Style::AsIs => "as-is",
            Style::Reversed => "reversed",
            Style::LowerCase => "lower-case",
            Style::UpperCase => "upper-case",
            Style::NoSpace => "no-space",
            Style::Wide => "wide",
        }
    }
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Style {
    type Err = StyleError;

    fn from_str(text: &str) -> Result<Self, StyleError> {
        let named = Style::ALL.into_iter().find(|style| style.name() == text);
        named.ok_or_else(|| StyleError { found: text.to_string() })
    }
}

/// A text that names no style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StyleError {
    /// What was given.
    pub found: String,
}

impl fmt::Display for StyleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Style::ALL.map(Style::name).join(", ");
        write!(f, "{:?} is no style; write one of {names}", self.found)
    }
}

impl std::error::Error for StyleError {}

fn encode(start_line: &str, fields: &FieldLines, style: Style) -> Vec<u8> {
    let lines = match style {
        Style::Reversed => fields.reversed(),
        _ => fields.iter().collect(),
    };
    let (before, behind): (&[u8], &[u8]) = match style {
        Style::NoSpace => (b":", b""),
        Style::Wide => (b":\t  ", b" \t "),
        _ => (b": ", b""),
    };
    let mut octets = start_line.as_bytes().to_vec();
    octets.extend_from_slice(b"\r\n");
    for (name, value) in lines {
        let name = match style {
            Style::LowerCase => name.to_ascii_lowercase(),
            Style::UpperCase => name.to_ascii_uppercase(),
            _ => name.to_vec(),
        };
        for part in [&name, before, value, behind, b"\r\n"] {
            octets.extend_from_slice(part);
        }
    }
    octets.extend_from_slice(b"\r\n");
    octets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{HttpHead, HttpReader, StartLine};
    use proptest::prelude::*;

    fn read(octets: &[u8]) -> HttpHead {
        let mut input = octets;
        let head = HttpReader::new().take(&mut input).unwrap();
        assert!(input.is_empty());
        head
    }

    #[test]
    fn the_defaults_are_regular() {
        let request = read(&RequestSpec::opening("h", "/x", "k").encode());
        assert_eq!(request.irregularities, []);
        assert_eq!(request.field_values("sec-websocket-version"), ["13"]);
        let response = read(&ResponseSpec::switching("a").encode());
        assert_eq!((response.status(), response.irregularities.len()), (Some(101), 0));
        let refusal = read(&ResponseSpec::refusing(400, "Bad Request").encode());
        assert_eq!((refusal.status(), refusal.irregularities.len()), (Some(400), 0));
    }

    #[test]
    fn set_keeps_the_place_and_removes_the_rest() {
        let mut fields = FieldLines::new();
        for (name, value) in [("a", "1"), ("b", "2"), ("A", "3"), ("c", "4")] {
            fields.append(name, value);
        }
        fields.set("A", "5");
        fields.set("d", "6");
        assert_eq!(fields.get("a"), Some(&b"5"[..]));
        assert_eq!(fields.remove("C"), 1);
        assert_eq!(fields.remove("x"), 0);
        let lines: Vec<_> = fields.iter().map(|(n, v)| [n, b"=", v].concat()).collect();
        assert_eq!(lines, [b"A=5", b"b=2", b"d=6"]);
    }

    #[test]
    fn reversed_keeps_the_order_within_a_name() {
        let mut request = RequestSpec::opening("h", "/", "k");
        request.fields = FieldLines::new();
        for (name, value) in [("a", "1"), ("b", "2"), ("A", "3")] {
            request.fields.append(name, value);
        }
        request.style = Style::Reversed;
        let text = String::from_utf8(request.encode()).unwrap();
        assert_eq!(text, "GET / HTTP/1.1\r\na: 1\r\nb: 2\r\nA: 3\r\n\r\n");
        request.fields.append("c", "4");
        let text = String::from_utf8(request.encode()).unwrap();
        assert_eq!(text, "GET / HTTP/1.1\r\nc: 4\r\na: 1\r\nb: 2\r\nA: 3\r\n\r\n");
    }

    #[test]
    fn anything_can_be_written() {
        let mut response = ResponseSpec::new("1O1", "");
        response.version = "HTTP/1.0".to_string();
        response.fields.append(" spaced ", [0xFF, b'\n']);
        response.body = b"body".to_vec();
        assert_eq!(response.encode(), b"HTTP/1.0 1O1 \r\n spaced : \xFF\n\r\n\r\nbody");
    }

    #[test]
    fn styles_are_read_by_name() {
        for style in Style::ALL {
            assert_eq!(style.to_string().parse(), Ok(style));
        }
        let message = "tall".parse::<Style>().unwrap_err().to_string();
        assert_eq!(
            message,
            "\"tall\" is no style; write one of as-is, reversed, lower-case, upper-case, \
             no-space, wide"
        );
    }

    proptest! {
        #[test]
        fn every_style_means_the_same(
            lines in prop::collection::vec(("[a-cA-C]{1,2}", "[!-~]([ -~]{0,9}[!-~])?|"), 0..8),
            status in 100u16..600,
            reason in "[ -~]{0,9}",
        ) {
            let mut spec = ResponseSpec::new(&status.to_string(), reason.trim());
            for (name, value) in &lines {
                spec.fields.append(name, value);
            }
            for style in Style::ALL {
                spec.style = style;
                let head = read(&spec.encode());
                prop_assert_eq!(&head.irregularities, &[]);
                prop_assert_eq!(&head.start_line, &Ok(StartLine::Response {
                    version: "HTTP/1.1".to_string(),
                    status,
                    reason: reason.trim().to_string(),
                }));
                prop_assert_eq!(head.fields.len(), lines.len());
                for (name, _) in &lines {
                    let same = lines.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
                    let values: Vec<&str> = same.map(|(_, value)| value.as_str()).collect();
                    prop_assert_eq!(head.field_values(name), values);
                }
            }
        }
    }
}
