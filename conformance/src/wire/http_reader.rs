//! Cuts heads of HTTP messages out of a stream of octets.

use super::http::{HttpHead, IrregularityKind};

/// Octets of a head that an [`HttpReader`] reads unless told otherwise: 64 KiB.
pub const HEAD_LIMIT: usize = 64 * 1024;

/// Reads one head after another, each up to its empty line.
///
/// A head that does not end within the limit is given as far as it goes, with
/// [`IrregularityKind::TooLong`]. What stands behind a head stays in the input.
///
/// ```
/// # use wsconform::wire::HttpReader;
/// let mut input = b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x00".as_slice();
/// let head = HttpReader::new().take(&mut input).unwrap();
/// assert_eq!((head.status(), input), (Some(101), &b"\x81\x00"[..]));
/// ```
#[derive(Debug, Clone)]
pub struct HttpReader {
    limit: usize,
    start: u64,
    octets: Vec<u8>,
    line: Line,
    behind_start_line: bool,
}

/// What is read of the current line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Empty,
    Cr,
    Filled,
}

impl HttpReader {
    /// A reader whose first octet has offset 0 and whose limit is [`HEAD_LIMIT`].
    pub fn new() -> HttpReader {
        HttpReader {
            limit: HEAD_LIMIT,
            start: 0,
            octets: Vec::new(),
            line: Line::Empty,
            behind_start_line: false,
        }
    }

    /// The same, with this offset of its first octet in the stream.
    pub fn starting_at(self, position: u64) -> HttpReader {
        HttpReader { start: position, ..self }
    }

    /// Reads at most this many octets of a head, at least one.
    pub fn limited_to(self, limit: usize) -> HttpReader {
        HttpReader { limit: limit.max(1), ..self }
    }

    /// Offset in the stream of the next octet to come.
    pub fn position(&self) -> u64 {
        self.start + self.octets.len() as u64
    }

    /// Consumes octets from the front of `input` until one head is whole, or at its limit, and
    /// leaves the rest. `None`: all were consumed, and the head is not whole yet.
    pub fn take(&mut self, input: &mut &[u8]) -> Option<HttpHead> {
        while let Some((octet, rest)) = input.split_first() {
            *input = rest;
            self.octets.push(*octet);
            if self.ends_with(*octet) {
                return Some(self.finish(None));
            }
            if self.octets.len() >= self.limit {
                return Some(self.finish(Some(IrregularityKind::TooLong)));
            }
        }
        None
    }

    /// What is read of a head that is not whole, with [`IrregularityKind::Unfinished`]; `None`
    /// between two heads.
    pub fn half_read(&self) -> Option<HttpHead> {
        let cut = Some(IrregularityKind::Unfinished);
        (!self.octets.is_empty()).then(|| HttpHead::read(self.octets.clone(), self.start, cut))
    }

    /// The octets read of a head that is not whole; empty between two heads.
    pub fn half_octets(&self) -> &[u8] {
        &self.octets
    }

    /// Whether the head ends with this octet: with an empty line behind the start line.
    fn ends_with(&mut self, octet: u8) -> bool {
        let line_was = self.line;
        self.line = match (line_was, octet) {
            (_, b'\n') => Line::Empty,
            (Line::Empty, b'\r') => Line::Cr,
            _ => Line::Filled,
        };
        if octet == b'\n' && line_was == Line::Filled {
            self.behind_start_line = true;
            return false;
        }
        octet == b'\n' && self.behind_start_line
    }

    fn finish(&mut self, cut: Option<IrregularityKind>) -> HttpHead {
        let octets = std::mem::take(&mut self.octets);
        let start = self.start;
        self.start += octets.len() as u64;
        self.line = Line::Empty;
        self.behind_start_line = false;
        HttpHead::read(octets, start, cut)
    }
}

impl Default for HttpReader {
    fn default() -> Self {
        HttpReader::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn heads_follow_each_other() {
        let mut reader = HttpReader::new();
        let mut input = b"HTTP/1.1 100 \r\n\r\n\r\nHTTP/1.1 101 x\na: b\n\nrest".as_slice();
        let first = reader.take(&mut input).unwrap();
        let second = reader.take(&mut input).unwrap();
        assert_eq!((first.status(), first.end()), (Some(100), 17));
        assert_eq!((second.status(), second.start), (Some(101), 17));
        assert!(second.has(IrregularityKind::EmptyLineBefore));
        assert!(second.has(IrregularityKind::BareLf) && second.is_whole());
        assert_eq!((input, reader.position()), (&b"rest"[..], second.end()));
    }

    #[test]
    fn a_head_without_end_stops_at_the_limit() {
        let flood = vec![b'a'; HEAD_LIMIT + 10];
        let mut input = flood.as_slice();
        let head = HttpReader::new().take(&mut input).unwrap();
        assert_eq!((head.raw.len(), input.len()), (HEAD_LIMIT, 10));
        assert!(head.has(IrregularityKind::TooLong) && !head.is_whole());
        assert!(head.start_line.is_err());
    }

    #[test]
    fn a_head_of_exactly_the_limit_is_whole() {
        let text = b"HTTP/1.1 101 x\r\n\r\n";
        let reader = HttpReader::new().limited_to(text.len());
        assert!(reader.clone().take(&mut text.as_slice()).unwrap().is_whole());
        assert_eq!(HttpReader::new().limited_to(0).take(&mut &b"x"[..]).unwrap().raw, b"x");
    }

    #[test]
    fn a_cut_head_tells_what_there_is() {
        let mut reader = HttpReader::new();
        assert_eq!(reader.half_read(), None);
        assert_eq!(reader.take(&mut &b"HTTP/1.1 101 x\r\nUpgrade: web"[..]), None);
        let head = reader.half_read().unwrap();
        assert_eq!((head.status(), head.field_values("upgrade")), (Some(101), vec!["web"]));
        assert_eq!(reader.position(), 28);
        assert_eq!(reader.take(&mut &b"socket\r\nConn"[..]), None);
        assert_eq!(reader.take(&mut &b"ection: x\r\n\r"[..]), None);
        let kinds =
            reader.half_read().unwrap().irregularities.iter().map(|i| i.kind).collect::<Vec<_>>();
        assert_eq!(kinds, [IrregularityKind::Unfinished]);
    }

    proptest! {
        #[test]
        fn any_octets_give_the_same_heads_for_any_cut(
            text in "(GET / HTTP/1.1\r\n|HTTP/1.1 101 x\r\n|[a:\r\n\t é\0]|\r\n){0,40}",
            sizes in prop::collection::vec(1usize..9, 1..9),
            limit in 1usize..200,
        ) {
            let read = |sizes: &[usize]| {
                let mut reader = HttpReader::new().limited_to(limit);
                let mut heads = Vec::new();
                let mut rest = text.as_bytes();
                for size in sizes.iter().cycle() {
                    let (mut part, behind) = rest.split_at((*size).min(rest.len()));
                    heads.extend(std::iter::from_fn(|| reader.take(&mut part)));
                    rest = behind;
                    if rest.is_empty() {
                        break;
                    }
                }
                (heads, reader.half_read())
            };
            let (heads, half) = read(&sizes);
            prop_assert_eq!((&heads, &half), (&read(&[usize::MAX]).0, &read(&[usize::MAX]).1));
            // Every octet belongs to exactly one head.
            let all: Vec<u8> = heads.iter().chain(&half).flat_map(|h| h.raw.clone()).collect();
            prop_assert_eq!(all, text.as_bytes());
            prop_assert!(heads.iter().all(|head| head.raw.len() <= limit));
        }

        #[test]
        fn arbitrary_octets_never_panic(octets: Vec<u8>) {
            let mut reader = HttpReader::new();
            let mut input = octets.as_slice();
            while let Some(head) = reader.take(&mut input) {
                let _ = (head.extensions(), head.list("a"));
            }
            let _ = reader.half_read();
        }
    }
}
