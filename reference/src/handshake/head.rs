//! The head of an HTTP/1.1 message (RFC 9112, 2 to 5), read line by line.

use std::fmt;

use nom::bytes::streaming::{tag, take, take_while, take_while1};
use nom::character::streaming::char;
use nom::combinator::{map, map_opt, recognize, value, verify};
use nom::multi::many0_count;
use nom::sequence::{preceded, separated_pair, terminated};
use nom::{IResult, Parser};

/// A start line and its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head<Line> {
    /// The first line.
    pub start: Line,
    /// What follows it.
    pub fields: Fields,
}

/// The first line of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestLine {
    /// Such as `GET`.
    pub method: String,
    /// As it was sent.
    pub target: String,
    /// Major and minor version of HTTP.
    pub version: (u8, u8),
}

/// The first line of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusLine {
    /// Major and minor version of HTTP.
    pub version: (u8, u8),
    /// Three digits.
    pub status: u16,
}

/// The fields of a head, in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The values of all lines with this name, whatever its letter case.
    pub fn lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = |(one, _): &&(String, String)| one.eq_ignore_ascii_case(name);
        self.0.iter().filter(named).map(|(_, value)| value.as_str())
    }

    /// The value of a field that is a list: its lines joined by commas (RFC 9110, 5.3).
    pub fn joined(&self, name: &str) -> Option<String> {
        let lines: Vec<&str> = self.lines(name).collect();
        (!lines.is_empty()).then(|| lines.join(", "))
    }

    /// Whether a list has this element, whatever its letter case.
    pub fn list_has(&self, name: &str, element: &str) -> bool {
        self.lines(name)
            .flat_map(|line| line.split(','))
            .any(|one| one.trim_matches([' ', '\t']).eq_ignore_ascii_case(element))
    }
}

/// A head, and the octets that came behind it.
pub type HeadAndRest<Line> = (Head<Line>, Vec<u8>);

/// What is wrong with a head as a piece of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadFault {
    /// The first line is none of HTTP.
    StartLine,
    /// A line does not begin with a field name and a colon (RFC 9112, 5.1).
    FieldName,
    /// A field value has octets that none may have, or its line does not end in CR LF.
    FieldValue,
    /// A field value goes on in a second line (RFC 9112, 5.2).
    Folded,
    /// More than [`HeadReader::LARGEST`] octets.
    TooLarge,
}

impl fmt::Display for HeadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StartLine => "the first line is none of HTTP/1.1",
            Self::FieldName => "a line does not begin with a field name and a colon",
            Self::FieldValue => "a field value has an octet that none may have",
            Self::Folded => "a field value is folded over two lines",
            Self::TooLarge => "the head is larger than 16 KiB",
        })
    }
}

impl std::error::Error for HeadFault {}

/// Reads a head that arrives in any pieces.
///
/// ```
/// use wsconform_reference::HeadReader;
///
/// let mut reader = HeadReader::request();
/// assert!(reader.push(b"GET /chat HTTP/1.1\r\nHo")?.is_none());
/// let (head, rest) = reader.push(b"st: example.com\r\n\r\n\x81")?.ok_or("incomplete")?;
/// assert_eq!(head.start.target, "/chat");
/// assert_eq!(head.fields.lines("HOST").next(), Some("example.com"));
/// assert_eq!(rest, b"\x81", "what followed the head");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct HeadReader<Line> {
    start_line: fn(&[u8]) -> Parsed<'_, Line>,
    start: Option<Line>,
    fields: Fields,
    /// What has arrived of the line in progress.
    line: Vec<u8>,
    size: usize,
}

type Parsed<'a, T> = IResult<&'a [u8], T, HeadFault>;
type Untyped<'a, T> = IResult<&'a [u8], T, ()>;

impl HeadReader<RequestLine> {
    /// A reader of requests.
    pub fn request() -> Self {
        Self::new(request_line)
    }
}

impl HeadReader<StatusLine> {
    /// A reader of responses.
    pub fn response() -> Self {
        Self::new(status_line)
    }
}

impl<Line> HeadReader<Line> {
    /// The largest head that is read, in octets.
    pub const LARGEST: usize = 16 * 1024;

    fn new(start_line: fn(&[u8]) -> Parsed<'_, Line>) -> Self {
        Self { start_line, start: None, fields: Fields::default(), line: Vec::new(), size: 0 }
    }

    /// Takes the next octets; gives the head once it is complete, with the octets behind it.
    ///
    /// # Errors
    ///
    /// The head is none of HTTP. The reader is not to be used any more.
    pub fn push(&mut self, octets: &[u8]) -> Result<Option<HeadAndRest<Line>>, HeadFault> {
        self.line.extend_from_slice(octets);
        loop {
            let before = self.line.len();
            let Some(complete) = self.next_line()? else { break };
            self.size += before - self.line.len();
            if self.size > Self::LARGEST {
                return Err(HeadFault::TooLarge);
            }
            if complete && let Some(start) = self.start.take() {
                let fields = std::mem::take(&mut self.fields);
                return Ok(Some((Head { start, fields }, std::mem::take(&mut self.line))));
            }
        }
        if self.size + self.line.len() > Self::LARGEST {
            return Err(HeadFault::TooLarge);
        }
        Ok(None)
    }

    /// Takes a line; `Some(true)` if it was the empty one that ends the head, `None` if there is
    /// no complete line yet.
    fn next_line(&mut self) -> Result<Option<bool>, HeadFault> {
        let parsed = if self.start.is_none() {
            (self.start_line)(&self.line).map(|(rest, start)| {
                self.start = Some(start);
                (rest.len(), false)
            })
        } else {
            field_line(&self.line).map(|(rest, field)| {
                let complete = field.is_none();
                self.fields.0.extend(field);
                (rest.len(), complete)
            })
        };
        match parsed {
            Ok((rest, complete)) => {
                self.line.drain(..self.line.len() - rest);
                Ok(Some(complete))
            }
            Err(nom::Err::Incomplete(_)) => Ok(None),
            Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => Err(fault),
        }
    }
}

/// Whether a text is a token: one octet at least.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_octet)
}

/// Whether an octet may stand in a token (RFC 9110, 5.6.2).
pub(super) fn is_token_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet)
}

/// Empty lines before a request are passed over (RFC 9112, 2.2).
fn request_line(input: &[u8]) -> Parsed<'_, RequestLine> {
    let (input, _) = typed(many0_count(end_of_line), HeadFault::StartLine, input)?;
    let target = map(take_while1(|octet: u8| octet.is_ascii_graphic()), text);
    let line = (terminated(token, char(' ')), terminated(target, char(' ')), version);
    let line = map(terminated(line, end_of_line), |(method, target, version)| RequestLine {
        method,
        target,
        version,
    });
    typed(line, HeadFault::StartLine, input)
}

fn status_line(input: &[u8]) -> Parsed<'_, StatusLine> {
    let status = map_opt(take(3usize), |digits: &[u8]| {
        let text = std::str::from_utf8(digits).ok()?;
        text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok())?
    });
    let line = separated_pair(version, char(' '), status);
    // The space before the reason stays away in the answers of some servers.
    let reason = take_while(|octet| octet == b'\t' || octet >= b' ' && octet != 0x7F);
    let line =
        terminated(line, (verify(reason, |r: &[u8]| matches!(r, [] | [b' ', ..])), end_of_line));
    let line = map(line, |(version, status)| StatusLine { version, status });
    typed(line, HeadFault::StartLine, input)
}

/// A field, or `None` for the empty line that ends a head.
fn field_line(input: &[u8]) -> Parsed<'_, Option<(String, String)>> {
    match input {
        [b'\r', ..] => typed(value(None, end_of_line), HeadFault::FieldName, input),
        [b' ' | b'\t', ..] => Err(nom::Err::Failure(HeadFault::Folded)),
        _ => {
            let name = terminated(token, char(':'));
            let (input, name) = typed(name, HeadFault::FieldName, input)?;
            let octets = take_while(|octet| octet == b'\t' || octet >= b' ' && octet != 0x7F);
            let value = terminated(octets, end_of_line);
            let (input, value) = typed(value, HeadFault::FieldValue, input)?;
            let value = text(value.trim_ascii());
            Ok((input, Some((name, value))))
        }
    }
}

fn token(input: &[u8]) -> Untyped<'_, String> {
    map(take_while1(is_token_octet), text).parse(input)
}

fn version(input: &[u8]) -> Untyped<'_, (u8, u8)> {
    let digit = |input| {
        verify(take(1usize), |digit: &[u8]| digit.iter().all(u8::is_ascii_digit)).parse(input)
    };
    let digits = recognize((digit, char('.'), digit));
    map_opt(preceded(tag("HTTP/"), digits), |digits: &[u8]| match digits {
        [major, _, minor] => Some((major - b'0', minor - b'0')),
        _ => None,
    })
    .parse(input)
}

fn end_of_line(input: &[u8]) -> Untyped<'_, &[u8]> {
    tag("\r\n").parse(input)
}

/// Runs a parser that tells no reason, and gives it one.
fn typed<'a, T>(
    mut parser: impl Parser<&'a [u8], Output = T, Error = ()>,
    fault: HeadFault,
    input: &'a [u8],
) -> Parsed<'a, T> {
    parser.parse(input).map_err(|error| error.map(|()| fault))
}

/// Octets beyond ASCII mean nothing here, so what they stand for may get lost.
fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REQUEST: &[u8] =
        b"\r\nGET /a?b HTTP/1.1\r\nHost: h\r\nX-Empty:\r\nConnection:\t keep-alive \
        \r\nconnection:Upgrade\r\nX: a\tb \xFF\r\n\r\n\x89\x80";

    #[test]
    fn reads_the_same_in_any_pieces() {
        let whole = HeadReader::request().push(REQUEST).unwrap().unwrap();
        assert_eq!(whole.1, b"\x89\x80");
        assert!(whole.0.fields.list_has("Connection", "upgrade"));
        assert_eq!(whole.0.fields.lines("x-empty").collect::<Vec<_>>(), [""]);

        let mut reader = HeadReader::request();
        let (end, before) = REQUEST[..REQUEST.len() - 2].split_last().unwrap();
        before.iter().for_each(|octet| assert_eq!(reader.push(&[*octet]), Ok(None)));
        assert_eq!(reader.push(&[*end]), Ok(Some((whole.0, Vec::new()))));
    }

    #[test]
    fn tells_what_is_wrong_as_soon_as_it_is() {
        for (head, fault) in [
            (&b"GET /a b HTTP/1.1"[..], HeadFault::StartLine),
            (b"\x16\x03", HeadFault::StartLine),
            (b"GET / HTTQ", HeadFault::StartLine),
            (b"GET / HTTP/1.1\nHost", HeadFault::StartLine),
            (b"GET / HTTP/1.1\r\nHost : ", HeadFault::FieldName),
            (b"GET / HTTP/1.1\r\n: v", HeadFault::FieldName),
            (b"GET / HTTP/1.1\r\nHost: h\n", HeadFault::FieldValue),
            (b"GET / HTTP/1.1\r\nHost: \0", HeadFault::FieldValue),
            (b"GET / HTTP/1.1\r\nHost: h\r\n ", HeadFault::Folded),
        ] {
            assert_eq!(HeadReader::request().push(head), Err(fault), "{}", text(head));
        }
    }

    #[test]
    fn never_holds_more_than_its_limit() {
        let mut reader = HeadReader::request();
        assert_eq!(reader.push(&[b'A'; 16 * 1024]), Ok(None));
        assert_eq!(reader.push(b"A"), Err(HeadFault::TooLarge));
        let mut many = b"GET / HTTP/1.1\r\n".to_vec();
        many.extend(b"A: b\r\n".repeat(4000));
        assert_eq!(HeadReader::request().push(&many), Err(HeadFault::TooLarge));
    }

    #[test]
    fn reads_status_lines() {
        for (line, status) in [
            (&b"HTTP/1.1 101 Switching Protocols\r\n\r\n"[..], 101),
            (b"HTTP/1.1 101 \r\n\r\n", 101),
            (b"HTTP/1.0 404\r\n\r\n", 404),
        ] {
            let (head, _) = HeadReader::response().push(line).unwrap().unwrap();
            assert_eq!(head.start.status, status);
        }
        for line in [&b"HTTP/1.1 +10 \r\n"[..], b"HTTP/1.1 1010\r\n", b"HTTP 101 \r\n"] {
            assert_eq!(HeadReader::response().push(line), Err(HeadFault::StartLine));
        }
    }

    proptest! {
        #[test]
        fn garbage_does_not_panic(pieces: Vec<Vec<u8>>) {
            let mut reader = HeadReader::request();
            let _ = pieces.iter().try_for_each(|piece| reader.push(piece).map(drop));
        }
    }
}
