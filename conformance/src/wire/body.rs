//! Skips the body of an HTTP response, so that the next head can be read (RFC 9112, 6).

use super::http::HttpHead;

/// How far the body of a response has been skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodySkipper(State);

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// So many octets are left.
    Left(u64),
    /// A line that gives the size of a chunk, as far as it has come.
    Size(Vec<u8>),
    /// So many octets of a chunk are left, its line end included.
    Chunk(u64),
    /// A line of the trailer; whether it has anything but its end.
    Trailer(bool),
    /// It ends with the stream.
    UntilEnd,
}

/// Octets of a line that gives the size of a chunk; of more, nothing is understood.
const LONGEST_LINE: usize = 1024;

impl BodySkipper {
    /// The body behind a response head.
    pub fn behind(head: &HttpHead) -> BodySkipper {
        let lengths = head.list("Content-Length");
        BodySkipper(match (head.status(), lengths.first()) {
            (Some(100..=199 | 204 | 304), _) => State::Left(0),
            _ if head.lists("Transfer-Encoding", "chunked") => State::Size(Vec::new()),
            (_, Some(length)) => length.parse().map_or(State::UntilEnd, State::Left),
            (_, None) => State::UntilEnd,
        })
    }

    /// Whether nothing but the end of the stream ends it.
    pub fn ends_with_the_stream(&self) -> bool {
        self.0 == State::UntilEnd
    }

    /// Consumes octets from the front of `input` as far as the body reaches; whether that is over.
    ///
    /// ```
    /// # use wsconform::wire::{BodySkipper, HttpReader};
    /// let mut input = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nnoHTTP".as_slice();
    /// let head = HttpReader::new().take(&mut input).unwrap();
    /// assert!(BodySkipper::behind(&head).skip(&mut input));
    /// assert_eq!(input, b"HTTP");
    /// ```
    pub fn skip(&mut self, input: &mut &[u8]) -> bool {
        loop {
            match &mut self.0 {
                State::UntilEnd => {
                    *input = &[];
                    return false;
                }
                State::Left(left) => {
                    advance(input, left);
                    return *left == 0;
                }
                State::Chunk(left) => {
                    advance(input, left);
                    if *left > 0 {
                        return false;
                    }
                    self.0 = State::Size(Vec::new());
                }
                State::Size(line) => {
                    let Some((first, rest)) = input.split_first() else { return false };
                    *input = rest;
                    if *first != b'\n' {
                        line.push(*first);
                        if line.len() > LONGEST_LINE {
                            self.0 = State::UntilEnd;
                        }
                        continue;
                    }
                    self.0 = match size(line) {
                        Some(0) => State::Trailer(false),
                        Some(size) => State::Chunk(size.saturating_add(2)),
                        None => State::UntilEnd,
                    };
                }
                State::Trailer(filled) => {
                    let Some((first, rest)) = input.split_first() else { return false };
                    *input = rest;
                    match (*first, *filled) {
                        (b'\n', false) => {
                            self.0 = State::Left(0);
                            return true;
                        }
                        (b'\n', true) => *filled = false,
                        (b'\r', _) => {}
                        _ => *filled = true,
                    }
                }
            }
        }
    }
}

/// The size of a chunk; extensions behind a semicolon mean nothing here.
fn size(line: &[u8]) -> Option<u64> {
    let line = std::str::from_utf8(line).ok()?;
    u64::from_str_radix(line.split(';').next()?.trim(), 16).ok()
}

fn advance(input: &mut &[u8], left: &mut u64) {
    let count = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
    *input = &input[count..];
    *left -= count as u64;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::HttpReader;

    /// What is left behind the body, with the octets cut at each place.
    fn left(response: &str) -> Option<String> {
        let mut found = None;
        for cut in 0..=response.len() {
            let (first, second) = response.as_bytes().split_at(cut);
            let (mut reader, mut body) = (HttpReader::new(), None);
            let mut rest = None;
            for mut part in [first, second] {
                if body.is_none() {
                    body = reader.take(&mut part).map(|head| BodySkipper::behind(&head));
                }
                if let Some(body) = &mut body
                    && (rest.is_some() || body.skip(&mut part))
                {
                    rest.get_or_insert_with(String::new)
                        .push_str(std::str::from_utf8(part).unwrap());
                }
            }
            if cut == 0 {
                found = rest;
            } else {
                assert_eq!(rest, found, "cut at {cut}");
            }
        }
        found
    }

    #[test]
    fn bodies_end() {
        let head = |fields: &str| format!("HTTP/1.1 400 No\r\n{fields}\r\n\r\n");
        for (response, rest) in [
            (head("Content-Length: 3") + "abcHTTP", Some("HTTP")),
            (head("Content-Length: 0") + "HTTP", Some("HTTP")),
            (head("Content-Length: x") + "HTTP", None),
            (head("Date: now") + "HTTP", None),
            (
                head("Transfer-Encoding: chunked")
                    + "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\nHTTP",
                Some("HTTP"),
            ),
            (head("Transfer-Encoding: chunked") + "0\r\nA: b\r\nC: d\r\n\r\nHTTP", Some("HTTP")),
            (head("Transfer-Encoding: chunked") + "zz\r\nHTTP", None),
            ("HTTP/1.1 204 No Content\r\n\r\nHTTP".to_owned(), Some("HTTP")),
        ] {
            assert_eq!(left(&response).as_deref(), rest, "{response}");
        }
    }
}
