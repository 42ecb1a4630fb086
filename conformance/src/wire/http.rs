//! Heads of HTTP messages as they were observed.

use std::fmt;
use std::ops::Range;

use super::extensions::ExtensionList;
use super::list::{is_token, is_white, split};

/// The facts of one head: its octets, what could be read in them, and what is irregular.
///
/// Nothing is refused: a head that is not HTTP at all has a `start_line` that says why, and the
/// irregularities of its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpHead {
    /// Offset of its first octet in the stream.
    pub start: u64,
    /// Its octets, the empty line at its end included.
    pub raw: Vec<u8>,
    /// Where its start line stands in `raw`, its line end included.
    pub start_line_span: Range<usize>,
    /// The start line, or why it is none.
    pub start_line: Result<StartLine, StartLineFault>,
    /// The fields, in order; one name may come on several lines.
    pub fields: Vec<Field>,
    /// What breaks RFC 9112, in the order of `at`.
    pub irregularities: Vec<Irregularity>,
}

/// What a head begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartLine {
    /// A request line.
    Request {
        /// Such as `GET`.
        method: String,
        /// Such as `/chat`; white space in it is kept.
        target: String,
        /// Such as `HTTP/1.1`.
        version: String,
    },
    /// A status line.
    Response {
        /// Such as `HTTP/1.1`.
        version: String,
        /// Three digits, 0 to 999.
        status: u16,
        /// Text for people, often empty.
        reason: String,
    },
}

/// Why a line is no start line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartLineFault {
    /// There is none: the head ended, or was cut, before it.
    Missing,
    /// It does not end in a version (as in HTTP/0.9, or in what is no HTTP).
    NoVersion,
    /// It has a version, but not a method and a target in front of it.
    NoTarget,
    /// It begins with a version, but no status of three digits follows.
    NoStatus,
}

/// A field line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name as written; white space between it and the colon is removed.
    pub name: String,
    /// The value, white space around it removed; octets that are not UTF-8 read as U+FFFD.
    pub value: String,
    /// The line's octets, its line end and lines that continue it included.
    pub raw: Vec<u8>,
    /// Where it begins in the head.
    pub offset: usize,
}

impl Field {
    /// Where it stands in the head.
    pub fn span(&self) -> Range<usize> {
        self.offset..self.offset + self.raw.len()
    }
}

/// Something in a head that breaks RFC 9112.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Irregularity {
    /// Offset in the head: of the line that has it, or of the octet.
    pub at: usize,
    /// What it is.
    pub kind: IrregularityKind,
}

/// What may be irregular in a head. Of one kind one is told a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IrregularityKind {
    /// An empty line in front of the start line (RFC 9112, 2.2).
    EmptyLineBefore,
    /// The start line has white space where it should not, or lacks it (RFC 9112, 3 and 4).
    StartLineSpacing,
    /// A line ends in LF without CR (RFC 9112, 2.2).
    BareLf,
    /// A CR that does not end a line (RFC 9112, 2.2).
    BareCr,
    /// A control character other than a tab (RFC 9110, 5.5).
    ControlCharacter,
    /// An octet above 0x7F (obsolete, RFC 9110, 5.5).
    NonAscii,
    /// White space between the start line and the first field (RFC 9112, 2.2).
    SpaceBeforeFields,
    /// A field goes on in the next line (obsolete, RFC 9112, 5.2).
    ObsFold,
    /// A line without a colon; it is no field.
    NoColon,
    /// White space between name and colon (RFC 9112, 5.1).
    SpaceBeforeColon,
    /// A name that is no token (RFC 9110, 5.1), such as an empty one.
    NameNotToken,
    /// The head did not end within the reader's limit; the rest was not read.
    TooLong,
    /// The stream ended, or the reading, before the head did.
    Unfinished,
}

impl HttpHead {
    /// Reads the octets of a head, as far as they go.
    pub(super) fn read(raw: Vec<u8>, start: u64, cut: Option<IrregularityKind>) -> HttpHead {
        let mut head = HttpHead {
            start,
            start_line_span: 0..0,
            start_line: Err(StartLineFault::Missing),
            fields: Vec::new(),
            irregularities: Vec::new(),
            raw: Vec::new(),
        };
        let mut offset = 0;
        let mut behind_start_line = false;
        for line in raw.split_inclusive(|octet| *octet == b'\n') {
            let content = head.note_octets(offset, line);
            let is_empty = content.is_empty();
            match (behind_start_line, is_empty) {
                (false, true) => head.note(offset, IrregularityKind::EmptyLineBefore),
                (false, false) => {
                    behind_start_line = true;
                    head.read_start_line(offset, line, &content);
                }
                (true, true) => {}
                (true, false) => head.read_field_line(offset, line, &content),
            }
            offset += line.len();
        }
        if let Some(kind) = cut {
            head.note(raw.len(), kind);
        }
        head.raw = raw;
        head
    }

    /// The status, if it is a response.
    pub fn status(&self) -> Option<u16> {
        match &self.start_line {
            Ok(StartLine::Response { status, .. }) => Some(*status),
            _ => None,
        }
    }

    /// Offset in the stream behind its last octet.
    pub fn end(&self) -> u64 {
        self.start.saturating_add(self.raw.len() as u64)
    }

    /// Whether all of it was read: it ended, and within the limit.
    pub fn is_whole(&self) -> bool {
        !self.has(IrregularityKind::TooLong) && !self.has(IrregularityKind::Unfinished)
    }

    /// Whether it has an irregularity of this kind.
    pub fn has(&self, kind: IrregularityKind) -> bool {
        self.irregularities.iter().any(|irregularity| irregularity.kind == kind)
    }

    /// The values of all lines with this name, in any case of its letters, in order.
    pub fn field_values(&self, name: &str) -> Vec<&str> {
        let named = self.fields.iter().filter(|field| field.name.eq_ignore_ascii_case(name));
        named.map(|field| field.value.as_str()).collect()
    }

    /// The elements of a field whose value is a list, of all its lines, in order: what stands
    /// between commas that are not in quotes, empty elements left out (RFC 9110, 5.6.1.2).
    pub fn list(&self, name: &str) -> Vec<&str> {
        let lines = self.field_values(name).into_iter();
        let elements = lines.flat_map(|value| split(value, ',')).map(|(_, element)| element);
        elements.filter(|element| !element.is_empty()).collect()
    }

    /// Whether the list in a field has this element, in any case of its letters.
    pub fn lists(&self, name: &str, element: &str) -> bool {
        self.list(name).iter().any(|found| found.eq_ignore_ascii_case(element))
    }

    /// What all lines of `Sec-WebSocket-Extensions` list together; `None` without such a line.
    pub fn extensions(&self) -> Option<ExtensionList> {
        match self.field_values("Sec-WebSocket-Extensions") {
            values if values.is_empty() => None,
            values => Some(ExtensionList::read(&values.join(", "))),
        }
    }

    fn note(&mut self, at: usize, kind: IrregularityKind) {
        self.irregularities.push(Irregularity { at, kind });
    }

    /// Notes irregular octets of a line and gives its content without its line end.
    fn note_octets(&mut self, offset: usize, line: &[u8]) -> String {
        let content = match line.strip_suffix(b"\r\n") {
            Some(content) => content,
            None => match line.strip_suffix(b"\n") {
                Some(content) => {
                    self.note(offset, IrregularityKind::BareLf);
                    content
                }
                // The reading stopped in this line, perhaps in the middle of its end.
                None => line.strip_suffix(b"\r").unwrap_or(line),
            },
        };
        let is_control = |octet: &u8| octet.is_ascii_control() && !matches!(octet, b'\t' | b'\r');
        if content.contains(&b'\r') {
            self.note(offset, IrregularityKind::BareCr);
        }
        if content.iter().any(is_control) {
            self.note(offset, IrregularityKind::ControlCharacter);
        }
        if !content.is_ascii() {
            self.note(offset, IrregularityKind::NonAscii);
        }
        String::from_utf8_lossy(content).into_owned()
    }

    fn read_start_line(&mut self, offset: usize, line: &[u8], content: &str) {
        self.start_line_span = offset..offset + line.len();
        self.start_line = StartLine::read(content);
        let regular = match &self.start_line {
            Err(_) => true,
            Ok(start_line) => {
                start_line.to_string() == *content
                    && !matches!(start_line, StartLine::Request { target, .. }
                        if target.contains(is_white))
            }
        };
        if !regular {
            self.note(offset, IrregularityKind::StartLineSpacing);
        }
    }

    fn read_field_line(&mut self, offset: usize, line: &[u8], content: &str) {
        if content.starts_with(is_white) {
            match self.fields.last_mut() {
                // What continues a line without a colon continues nothing.
                Some(field) if field.span().end == offset => {
                    field.raw.extend_from_slice(line);
                    let more = content.trim_matches(is_white);
                    if !field.value.is_empty() && !more.is_empty() {
                        field.value.push(' ');
                    }
                    field.value.push_str(more);
                    return self.note(offset, IrregularityKind::ObsFold);
                }
                Some(_) => {}
                None => self.note(offset, IrregularityKind::SpaceBeforeFields),
            }
        }
        let Some((written, value)) = content.split_once(':') else {
            if line.ends_with(b"\n") {
                self.note(offset, IrregularityKind::NoColon);
            }
            return;
        };
        let name = written.trim_end_matches(is_white);
        if name.len() != written.len() {
            self.note(offset, IrregularityKind::SpaceBeforeColon);
        }
        if !is_token(name) {
            self.note(offset, IrregularityKind::NameNotToken);
        }
        let (name, value) = (name.to_string(), value.trim_matches(is_white).to_string());
        self.fields.push(Field { name, value, raw: line.to_vec(), offset });
    }
}

impl StartLine {
    /// Reads a line without its line end. White space between the parts may be more than one
    /// space, and missing behind a status.
    ///
    /// # Errors
    /// [`StartLineFault`] says which part is missing.
    pub fn read(line: &str) -> Result<StartLine, StartLineFault> {
        let line = line.trim_matches(is_white);
        if line.is_empty() {
            return Err(StartLineFault::Missing);
        }
        if line.starts_with("HTTP/") {
            let (version, rest) = line.split_once(is_white).ok_or(StartLineFault::NoStatus)?;
            let rest = rest.trim_start_matches(is_white);
            let (status, reason) = rest.split_once(is_white).unwrap_or((rest, ""));
            if status.len() != 3 || !status.bytes().all(|octet| octet.is_ascii_digit()) {
                return Err(StartLineFault::NoStatus);
            }
            let status = status.parse().map_err(|_| StartLineFault::NoStatus)?;
            let (version, reason) = (version.to_string(), reason.to_string());
            return Ok(StartLine::Response { version, status, reason });
        }
        let (rest, version) = line.rsplit_once(is_white).ok_or(StartLineFault::NoVersion)?;
        if !version.starts_with("HTTP/") {
            return Err(StartLineFault::NoVersion);
        }
        let (method, target) = rest.split_once(is_white).ok_or(StartLineFault::NoTarget)?;
        let target = target.trim_matches(is_white);
        if target.is_empty() {
            return Err(StartLineFault::NoTarget);
        }
        let (method, target) = (method.to_string(), target.to_string());
        Ok(StartLine::Request { method, target, version: version.to_string() })
    }
}

/// The line as it should be written, without its line end.
impl fmt::Display for StartLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartLine::Request { method, target, version } => {
                write!(f, "{method} {target} {version}")
            }
            StartLine::Response { version, status, reason } => {
                write!(f, "{version} {status:03} {reason}")
            }
        }
    }
}

impl fmt::Display for StartLineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StartLineFault::Missing => "no start line",
            StartLineFault::NoVersion => "no start line of HTTP: no HTTP/ version at its end",
            StartLineFault::NoTarget => "no request line: no method and target before the version",
            StartLineFault::NoStatus => "no status line: no status of three digits",
        })
    }
}

impl std::error::Error for StartLineFault {}

impl fmt::Display for IrregularityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            IrregularityKind::EmptyLineBefore => "empty line before the start line",
            IrregularityKind::StartLineSpacing => "white space of the start line",
            IrregularityKind::BareLf => "LF without CR",
            IrregularityKind::BareCr => "CR inside a line",
            IrregularityKind::ControlCharacter => "control character",
            IrregularityKind::NonAscii => "octet above 7F",
            IrregularityKind::SpaceBeforeFields => "white space before the first field",
            IrregularityKind::ObsFold => "field continued on the next line",
            IrregularityKind::NoColon => "no colon",
            IrregularityKind::SpaceBeforeColon => "white space before the colon",
            IrregularityKind::NameNotToken => "name is no token",
            IrregularityKind::TooLong => "head did not end within the limit",
            IrregularityKind::Unfinished => "head did not end",
        })
    }
}

impl fmt::Display for Irregularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at octet {}", self.kind, self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> HttpHead {
        HttpHead::read(text.as_bytes().to_vec(), 0, None)
    }

    fn irregularities(text: &str) -> Vec<String> {
        read(text).irregularities.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_right_request_has_nothing_irregular() {
        let head = read(
            "GET /chat HTTP/1.1\r\nHost: example.com\r\nConnection: keep-alive, Upgrade\r\n\
             connection:\t\"a,b\" , ,x \r\nEmpty:\r\n\r\n",
        );
        assert_eq!(head.irregularities, []);
        assert_eq!(head.start_line.as_ref().unwrap().to_string(), "GET /chat HTTP/1.1");
        assert_eq!(head.field_values("HOST"), ["example.com"]);
        assert_eq!(head.list("Connection"), ["keep-alive", "Upgrade", "\"a,b\"", "x"]);
        assert!(head.lists("connection", "upgrade") && !head.lists("connection", "b"));
        assert_eq!(head.field_values("empty"), [""]);
        assert_eq!(head.extensions(), None);
        let whole: Vec<u8> = head.fields.iter().flat_map(|field| field.raw.clone()).collect();
        assert_eq!(head.raw[head.start_line_span.end..], [&whole[..], b"\r\n"].concat());
        for field in &head.fields {
            assert_eq!(head.raw[field.span()], field.raw);
        }
    }

    #[test]
    fn start_lines_are_read_leniently() {
        let shown = |line| StartLine::read(line).map(|line| line.to_string());
        assert_eq!(shown("HTTP/1.1 101"), Ok("HTTP/1.1 101 ".to_string()));
        assert_eq!(shown("HTTP/1.0 404 Not Found"), Ok("HTTP/1.0 404 Not Found".to_string()));
        assert_eq!(shown("GET  /a b  HTTP/2.7"), Ok("GET /a b HTTP/2.7".to_string()));
        assert_eq!(shown("HTTP/1.1 1O1 x"), Err(StartLineFault::NoStatus));
        assert_eq!(shown("HTTP/1.1 1010 x"), Err(StartLineFault::NoStatus));
        assert_eq!(shown("HTTP/1.1"), Err(StartLineFault::NoStatus));
        assert_eq!(shown("GET /"), Err(StartLineFault::NoVersion));
        assert_eq!(shown("GET HTTP/1.1"), Err(StartLineFault::NoTarget));
        assert_eq!(shown("SSH-2.0-OpenSSH"), Err(StartLineFault::NoVersion));
        assert_eq!(shown(" "), Err(StartLineFault::Missing));
    }

    #[test]
    fn each_irregularity_is_told_with_its_place() {
        assert_eq!(
            irregularities("\r\nHTTP/1.1 101 x\r\n\r\n"),
            ["empty line before the start line at octet 0"]
        );
        assert_eq!(
            irregularities("HTTP/1.1 101\r\n\r\n"),
            ["white space of the start line at octet 0"]
        );
        assert_eq!(
            irregularities("GET /a b HTTP/1.1\r\n\r\n"),
            ["white space of the start line at octet 0"]
        );
        let with = |line: &str| irregularities(&format!("HTTP/1.1 200 x\r\n{line}\r\n\r\n"));
        assert_eq!(with("a: 1\nb: 2"), ["LF without CR at octet 16"]);
        assert_eq!(with("a: 1\rb: 2"), ["CR inside a line at octet 16"]);
        assert_eq!(with("a: \0"), ["control character at octet 16"]);
        assert_eq!(with("a: é"), ["octet above 7F at octet 16"]);
        assert_eq!(
            with(" a: 1"),
            ["white space before the first field at octet 16", "name is no token at octet 16"]
        );
        assert_eq!(with("a: 1\r\n 2"), ["field continued on the next line at octet 22"]);
        assert_eq!(with("a"), ["no colon at octet 16"]);
        assert_eq!(with("a : 1"), ["white space before the colon at octet 16"]);
        assert_eq!(with(": 1"), ["name is no token at octet 16"]);
    }

    #[test]
    fn a_folded_value_is_one_value() {
        let head = read("HTTP/1.1 200 x\r\na:\r\n 1\r\n\t2\r\nnot a field\r\n 3\r\nb: 4\r\n\r\n");
        assert_eq!(head.field_values("a"), ["1 2"]);
        assert_eq!(head.fields[0].raw, b"a:\r\n 1\r\n\t2\r\n");
        assert_eq!(head.fields.len(), 2);
    }

    #[test]
    fn extensions_of_all_lines_are_one_list() {
        let head = read(
            "HTTP/1.1 101 x\r\nSec-WebSocket-Extensions: a; x=1\r\n\
             sec-websocket-extensions: b\r\n\r\n",
        );
        assert_eq!(head.extensions().unwrap().to_string(), "a; x=1, b");
    }
}
