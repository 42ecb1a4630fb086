//! HTTP/1.1 message heads: where one ends, its first line, its fields (RFC 9112, 2 to 5).
//!
//! Strict where HTTP is strict (no white space before the colon, no folded lines), liberal in what
//! never changes the meaning: order and case of field names, white space around values, lists
//! over several lines.

/// Octets of a head that are read at most.
pub(crate) const HEAD_LIMIT: usize = 16 * 1024;

/// The octets are no message head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// A request head.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    /// Minor version of HTTP/1.x; `None` for any other version.
    pub(crate) minor: Option<u8>,
    pub(crate) fields: Fields,
}

/// A response head.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) minor: Option<u8>,
    pub(crate) status: u16,
    pub(crate) fields: Fields,
}

/// Header fields in their order, names as they were written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields {
    fields: Vec<Field>,
    /// A misbehaviour: names are compared octet by octet.
    pub(crate) case_sensitive: bool,
}

#[derive(Clone, Debug)]
struct Field {
    name: String,
    value: String,
    /// There was more around the value than one space in front; only a misbehaviour asks.
    wide: bool,
}

/// The number of octets up to and including the empty line, if it is there.
pub(crate) fn head_length(octets: &[u8]) -> Option<usize> {
    octets.windows(4).position(|window| window == b"\r\n\r\n").map(|start| start + 4)
}

impl Request {
    /// Reads a head that ends with its empty line; empty lines before it are skipped
    /// (RFC 9112, 2.2).
    pub(crate) fn parse(head: &[u8]) -> Result<Request, Malformed> {
        let text = latin_1(head);
        let (line, fields) = first_line(text.trim_start_matches("\r\n"))?;
        let mut words = line.split(' ');
        let (Some(method), Some(target), Some(version), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(Malformed);
        };
        if !is_token(method) || target.is_empty() || !target.chars().all(|c| c.is_ascii_graphic()) {
            return Err(Malformed);
        }
        let minor = minor_version(version)?;
        let fields = Fields::parse(fields)?;
        Ok(Request { method: method.to_owned(), target: target.to_owned(), minor, fields })
    }
}

impl Response {
    /// Reads a head that ends with its empty line.
    pub(crate) fn parse(head: &[u8]) -> Result<Response, Malformed> {
        let text = latin_1(head);
        let (line, fields) = first_line(&text)?;
        let mut words = line.splitn(3, ' ');
        let (Some(version), Some(status)) = (words.next(), words.next()) else {
            return Err(Malformed);
        };
        let minor = minor_version(version)?;
        if status.len() != 3 || !status.bytes().all(|octet| octet.is_ascii_digit()) {
            return Err(Malformed);
        }
        let status = status.parse().map_err(|_| Malformed)?;
        Ok(Response { minor, status, fields: Fields::parse(fields)? })
    }
}

impl Fields {
    fn parse(lines: &str) -> Result<Fields, Malformed> {
        let mut fields = Fields::default();
        for line in lines.split("\r\n").filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').ok_or(Malformed)?;
            let inner = value.strip_prefix(' ').unwrap_or(value);
            let value = value.trim_matches(is_white);
            if !is_token(name) || value.chars().any(|c| c != '\t' && (c < ' ' || c == '\x7F')) {
                return Err(Malformed);
            }
            let (name, value, wide) = (name.to_owned(), value.to_owned(), inner != value);
            fields.fields.push(Field { name, value, wide });
        }
        Ok(fields)
    }

    /// The values of all lines of that name, in order, without the white space around them.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let same = |written: &str| {
            if self.case_sensitive { written == name } else { written.eq_ignore_ascii_case(name) }
        };
        let lines = self.fields.iter().filter(|field| same(&field.name));
        lines.map(|field| field.value.as_str()).collect()
    }

    /// Takes all lines of that name away, and gives their values.
    pub(crate) fn take(&mut self, name: &str) -> Vec<String> {
        let is_other = |field: &Field| !field.name.eq_ignore_ascii_case(name);
        let (others, taken) = self.fields.drain(..).partition(is_other);
        self.fields = others;
        taken.into_iter().map(|field: Field| field.value).collect()
    }

    /// The names of all fields, as they were written.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.name.as_str())
    }

    /// The values of all fields, without the white space around them.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.value.as_str())
    }

    /// Whether one field stands in front of another; true if one is missing.
    pub(crate) fn stand_in_order(&self, first: &str, second: &str) -> bool {
        let position = |name: &str| self.names().position(|n| n.eq_ignore_ascii_case(name));
        match (position(first), position(second)) {
            (Some(first), Some(second)) => first < second,
            _ => true,
        }
    }

    /// Whether a value has more white space around it than the usual single space.
    pub(crate) fn is_wide(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.wide && field.name.eq_ignore_ascii_case(name))
    }

    /// The value of a field that is no list: `None` when it is missing or repeated.
    pub(crate) fn single(&self, name: &str) -> Option<&str> {
        match self.all(name).as_slice() {
            [value] => Some(value),
            _ => None,
        }
    }

    /// The elements of a list field over all of its lines, empty ones left out
    /// (RFC 9110, 5.6.1).
    pub(crate) fn elements(&self, name: &str) -> Vec<&str> {
        let values = self.all(name).into_iter();
        let elements = values.flat_map(|value| value.split(','));
        elements.map(|e| e.trim_matches(is_white)).filter(|e| !e.is_empty()).collect()
    }

    /// Whether a list field has an element, in any case of its letters.
    pub(crate) fn lists(&self, name: &str, element: &str) -> bool {
        self.elements(name).iter().any(|e| e.eq_ignore_ascii_case(element))
    }
}

/// Whether the text is a token (RFC 9110, 5.6.2).
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_token_character)
}

/// Whether a character may stand in a token.
pub(crate) fn is_token_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}

/// Optional white space (RFC 9110, 5.6.3).
pub(crate) fn is_white(character: char) -> bool {
    character == ' ' || character == '\t'
}

fn first_line(head: &str) -> Result<(&str, &str), Malformed> {
    // A carriage return or line feed on its own would let two readers see different lines.
    let bare = head.replace("\r\n", "");
    if bare.contains(['\r', '\n', '\0']) {
        return Err(Malformed);
    }
    head.split_once("\r\n").ok_or(Malformed)
}

fn minor_version(version: &str) -> Result<Option<u8>, Malformed> {
    match version.strip_prefix("HTTP/").map(str::as_bytes) {
        Some([b'1', b'.', minor @ b'0'..=b'9']) => Ok(Some(minor - b'0')),
        Some([b'0'..=b'9', b'.', b'0'..=b'9']) => Ok(None),
        _ => Err(Malformed),
    }
}

fn latin_1(octets: &[u8]) -> String {
    octets.iter().map(|&octet| char::from(octet)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_may_stretch_over_lines_and_hold_empty_elements() {
        let head = b"GET / HTTP/1.1\r\nCONNECTION: , keep-alive,\r\nconnection:\tUpgrade \r\n\r\n";
        let request = Request::parse(head).unwrap();
        assert_eq!(request.fields.elements("Connection"), ["keep-alive", "Upgrade"]);
        assert!(request.fields.lists("Connection", "upgrade"));
        assert_eq!(request.fields.single("Connection"), None);
    }

    #[test]
    fn what_http_forbids_is_malformed() {
        for head in [
            "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost\r\n\r\n",
            "GET / HTTP/1.1\nHost: a\r\n\r\n",
            "GET  / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n",
        ] {
            assert!(Request::parse(head.as_bytes()).is_err(), "{head:?}");
        }
    }

    #[test]
    fn a_reason_phrase_is_optional() {
        assert_eq!(Response::parse(b"HTTP/1.1 101\r\n\r\n").unwrap().status, 101);
        assert_eq!(Response::parse(b"HTTP/1.1 404 Not Found\r\n\r\n").unwrap().status, 404);
        assert!(Response::parse(b"HTTP/1.1 1010 X\r\n\r\n").is_err());
    }
}
