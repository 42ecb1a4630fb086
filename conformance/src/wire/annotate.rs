//! Octets with their meaning beside them.

use std::fmt;

use super::frame::{Frame, LengthForm, payload_for_people};
use super::frame_spec::FrameSpec;
use super::hex;
use super::http::{HttpHead, StartLine};
use super::list::is_token;

/// Fields of a head that are annotated one by one.
const FIELDS: usize = 64;
/// Octets a line in a dump of a frame, and in one of a head.
const FRAME_LINE: usize = 8;
const HEAD_LINE: usize = 16;
/// Lines of octets that a dump shows whole for one annotation.
const WHOLE_LINES: usize = 4;
/// Lines that it shows of the beginning of more octets; it shows one of the end.
const HEAD_LINES: usize = 2;

/// What some octets mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// Offset of the first octet, from the beginning of what is annotated.
    pub start: u64,
    /// Offset behind the last octet.
    pub end: u64,
    /// Their meaning, one line.
    pub text: String,
}

/// Octets and what they mean: annotations in order that cover all octets without overlap.
///
/// Its `Display` is a dump, each line with an offset in the stream, some octets, and beside the
/// first of them their meaning:
///
/// ```
/// # use wsconform::wire::{Annotated, FrameReader};
/// let frame = FrameReader::new().push(&[0x82, 0x04, 0xF0, 0x80, 0x00, 0x01]).remove(0);
/// assert_eq!(
///     Annotated::frame(&frame).to_string(),
///     "0x0000 | 82 04                   | head: fin=1 opcode=binary masked=0 length=4\n\
///      0x0002 | F0 80 00 01             | payload: F0 80 00 01\n"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotated {
    /// Offset of the first octet in the stream.
    pub start: u64,
    /// The octets, as far as they were kept: from the first on.
    pub octets: Vec<u8>,
    /// What they mean.
    pub annotations: Vec<Annotation>,
    /// Octets a line in the dump.
    line: usize,
}

impl Annotated {
    /// A frame, whole or half-read: head, extended length, masking key, payload; of a close frame
    /// code and reason.
    pub fn frame(frame: &Frame) -> Annotated {
        let octets = FrameSpec::from(frame).encode(None);
        let mut annotated = Annotated::new(frame.start, octets, FRAME_LINE);
        annotated.annotate(2, head_text(frame));
        let extra = frame.length_form.extra_octets() as u64;
        if extra > 0 {
            annotated.annotate(extra, length_text(frame));
        }
        if let Some(key) = frame.masking_key {
            annotated.annotate(4, format!("masking key: {}", hex::print(&key)));
        }
        annotated.annotate_payload(frame);
        annotated
    }

    /// A head, whole or half-read: start line, fields, the empty line, and beside each what is
    /// irregular in it.
    pub fn head(head: &HttpHead) -> Annotated {
        let mut annotated = Annotated::new(head.start, head.raw.clone(), HEAD_LINE);
        let line = &head.start_line_span;
        annotated.annotate_to(head, line.start, "before the start line".to_string());
        annotated.annotate_to(head, line.end, start_line_text(head));
        for field in head.fields.iter().take(FIELDS) {
            annotated.annotate_to(head, field.offset, "no field".to_string());
            let name = match is_token(&field.name) && field.name.len() <= 80 {
                true => field.name.clone(),
                false => hex::quote(&field.name),
            };
            let text = format!("field {name}: {}", hex::quote(&field.value));
            annotated.annotate_to(head, field.span().end, text);
        }
        if let Some(field) = head.fields.get(FIELDS..).and_then(<[_]>::last) {
            let text = format!("{} fields more", head.fields.len() - FIELDS);
            annotated.annotate_to(head, field.span().end, text);
        }
        let empty_line = match () {
            _ if !head.is_whole() => 0,
            _ if head.raw.ends_with(b"\r\n") => 2,
            _ => 1,
        };
        annotated.annotate_to(head, head.raw.len() - empty_line, "no field".to_string());
        annotated.annotate_to(head, head.raw.len(), "end of the head".to_string());
        annotated
    }

    /// Octets that stand for one thing, such as a half-read head of a frame.
    pub fn octets(start: u64, octets: &[u8], text: &str) -> Annotated {
        let mut annotated = Annotated::new(start, octets.to_vec(), FRAME_LINE);
        annotated.annotate(octets.len() as u64, text.to_string());
        annotated
    }

    fn new(start: u64, octets: Vec<u8>, line: usize) -> Annotated {
        Annotated { start, octets, annotations: Vec::new(), line }
    }

    /// Offset behind the last annotation.
    fn end(&self) -> u64 {
        self.annotations.last().map_or(0, |annotation| annotation.end)
    }

    /// Says what the next octets mean; nothing of none.
    fn annotate(&mut self, count: u64, text: String) {
        let start = self.end();
        let end = start.saturating_add(count);
        if end > start {
            self.annotations.push(Annotation { start, end, text });
        }
    }

    /// Says what the octets of a head mean up to an offset, and what is irregular in them.
    fn annotate_to(&mut self, head: &HttpHead, end: usize, mut text: String) {
        let (start, end) = (self.end(), end as u64);
        let is_last = end == head.raw.len() as u64;
        let mut kinds = Vec::new();
        for irregularity in &head.irregularities {
            let at = irregularity.at as u64;
            let inside = (start..end).contains(&at) || (is_last && at == end);
            if inside && !kinds.contains(&irregularity.kind) {
                kinds.push(irregularity.kind);
            }
        }
        for kind in kinds {
            text.push_str(&format!("; irregular: {kind}"));
        }
        self.annotate(end.saturating_sub(start), text);
    }

    fn annotate_payload(&mut self, frame: &Frame) {
        let whole = match frame.is_whole() {
            true => String::new(),
            false => format!(", {} of {} octets", frame.payload_total, frame.length),
        };
        let unmasked = if frame.masked() { ", unmasked" } else { "" };
        match (frame.close_code(), frame.close_reason()) {
            (Some(code), Some(reason)) => {
                let total = frame.payload_total.saturating_sub(2);
                let shown = match std::str::from_utf8(reason) {
                    Ok(text) if frame.is_kept() => hex::quote(text),
                    _ => hex::excerpt(reason, total),
                };
                self.annotate(2, format!("close code{unmasked}: {code}"));
                self.annotate(total, format!("close reason{unmasked}{whole}: {shown}"));
            }
            _ => {
                let text = format!("payload{unmasked}{whole}: {}", payload_for_people(frame));
                self.annotate(frame.payload_total, text);
            }
        }
    }
}

fn head_text(frame: &Frame) -> String {
    let mut text = format!("head: fin={}", u8::from(frame.fin));
    for (name, set) in [("rsv1", frame.rsv1), ("rsv2", frame.rsv2), ("rsv3", frame.rsv3)] {
        if set {
            text.push_str(&format!(" {name}=1"));
        }
    }
    let (opcode, masked) = (frame.opcode, u8::from(frame.masked()));
    text.push_str(&format!(" opcode={opcode} masked={masked}"));
    match frame.length_form {
        LengthForm::Seven => text.push_str(&format!(" length={}", frame.length)),
        LengthForm::Sixteen => text.push_str(" length in 16 bits"),
        LengthForm::SixtyFour => text.push_str(" length in 64 bits"),
    }
    text
}

fn length_text(frame: &Frame) -> String {
    let mut text = format!("length: {}", frame.length);
    if !frame.minimal() {
        let bits = LengthForm::shortest(frame.length).bits();
        text.push_str(&format!(", not the shortest form ({bits} bits)"));
    }
    if frame.length_has_top_bit() {
        text.push_str(", top bit set");
    }
    text
}

fn start_line_text(head: &HttpHead) -> String {
    let octets = head.raw.get(head.start_line_span.clone()).unwrap_or_default();
    let written = String::from_utf8_lossy(octets);
    let written = hex::quote(written.trim_end_matches(['\r', '\n']));
    match &head.start_line {
        Ok(StartLine::Request { .. }) => format!("request line: {written}"),
        Ok(StartLine::Response { .. }) => format!("status line: {written}"),
        Err(fault) => format!("{fault}: {written}"),
    }
}

impl fmt::Display for Annotated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for annotation in &self.annotations {
            self.write_annotation(f, annotation)?;
        }
        Ok(())
    }
}

impl Annotated {
    /// Lines of octets with the text beside the first; of many octets the beginning, how many are
    /// left out, and the end if it was kept.
    fn write_annotation(&self, f: &mut fmt::Formatter<'_>, note: &Annotation) -> fmt::Result {
        let place = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
        let kept_end = place(note.end).min(self.octets.len());
        let kept = self.octets.get(place(note.start)..kept_end).unwrap_or_default();
        let count = note.end - note.start;
        let all_kept = kept.len() as u64 == count;
        let is_short = all_kept && kept.len() <= WHOLE_LINES * self.line;

        let head = match is_short {
            true => kept,
            false => kept.get(..HEAD_LINES * self.line).unwrap_or(kept),
        };
        let tail = match kept.len().checked_sub(self.line).and_then(|from| kept.get(from..)) {
            Some(tail) if all_kept && !is_short => tail,
            _ => &[],
        };
        let mut text = Some(note.text.as_str());
        let mut offset = note.start;
        for part in head.chunks(self.line) {
            self.write_line(f, offset, &hex::print(part), text.take())?;
            offset = offset.saturating_add(part.len() as u64);
        }
        if !is_short {
            let left_out = count - (head.len() + tail.len()) as u64;
            self.write_line(f, offset, &format!(".. {left_out} more .."), text.take())?;
        }
        if !tail.is_empty() {
            let offset = note.end - tail.len() as u64;
            self.write_line(f, offset, &hex::print(tail), None)?;
        }
        Ok(())
    }

    fn write_line(
        &self,
        f: &mut fmt::Formatter<'_>,
        offset: u64,
        octets: &str,
        text: Option<&str>,
    ) -> fmt::Result {
        let at = self.start.saturating_add(offset);
        let width = self.line * 3 - 1;
        match text {
            Some(text) => writeln!(f, "0x{at:04X} | {octets:width$} | {text}"),
            None => writeln!(f, "0x{at:04X} | {octets:width$} |"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{FrameReader, HttpReader, Masking, Opcode, RequestSpec};
    use insta::assert_snapshot;
    use proptest::prelude::*;

    fn shown(octets: &[u8]) -> String {
        let mut reader = FrameReader::starting_at(0x80);
        let frames = reader.push(octets);
        frames.iter().chain(reader.half_read()).map(|f| Annotated::frame(f).to_string()).collect()
    }

    fn head(octets: &[u8]) -> String {
        let mut reader = HttpReader::new();
        let head = reader.take(&mut &octets[..]).or(reader.half_read()).unwrap();
        Annotated::head(&head).to_string()
    }

    #[test]
    fn spans_are_counted_from_the_frame() {
        let mut reader = FrameReader::starting_at(1000);
        let frame = reader.push(b"\x82\x06\xF0\x80\x00\x01AB").remove(0);
        let spans = Annotated::frame(&frame).annotations;
        let spans: Vec<_> = spans.iter().map(|a| (a.start, a.end, a.text.as_str())).collect();
        assert_eq!(
            spans,
            [
                (0, 2, "head: fin=1 opcode=binary masked=0 length=6"),
                (2, 8, "payload: F0 80 00 01 41 42"),
            ]
        );
    }

    #[test]
    fn frames() {
        let key = Some([0x37, 0xFA, 0x21, 0x3D]);
        assert_snapshot!(shown(&FrameSpec::text("Hello").encode(key)), @r#"
        0x0080 | 81 85                   | head: fin=1 opcode=text masked=1 length=5
        0x0082 | 37 FA 21 3D             | masking key: 37 FA 21 3D
        0x0086 | 7F 9F 4D 51 58          | payload, unmasked: "Hello"
        "#);
        assert_snapshot!(shown(&FrameSpec::close(1002, "bad opcode").encode(None)), @r#"
        0x0080 | 88 0C                   | head: fin=1 opcode=close masked=0 length=12
        0x0082 | 03 EA                   | close code: 1002
        0x0084 | 62 61 64 20 6F 70 63 6F | close reason: "bad opcode"
        0x008C | 64 65                   |
        "#);
        assert_snapshot!(shown(&FrameSpec::binary((0..=255).collect::<Vec<u8>>()).encode(None)), @r"
        0x0080 | 82 7E                   | head: fin=1 opcode=binary masked=0 length in 16 bits
        0x0082 | 01 00                   | length: 256
        0x0084 | 00 01 02 03 04 05 06 07 | payload: 00 01 02 03 04 05 06 07 08 09 0A 0B .. FC FD FE FF (256 octets)
        0x008C | 08 09 0A 0B 0C 0D 0E 0F |
        0x0094 | .. 232 more ..          |
        0x017C | F8 F9 FA FB FC FD FE FF |
        ");
        assert_snapshot!(shown(&FrameSpec { fin: false, ..FrameSpec::ping("") }.encode(None)), @"0x0080 | 09 00                   | head: fin=0 opcode=ping masked=0 length=0");
    }

    #[test]
    fn wrong_frames() {
        let wasteful = FrameSpec {
            rsv2: true,
            length_form: Some(LengthForm::SixtyFour),
            masking: Masking::Key([0; 4]),
            ..FrameSpec::new(Opcode::of_first_octet(3), "x")
        };
        assert_snapshot!(shown(&wasteful.encode(None)), @r"
        0x0080 | A3 FF                   | head: fin=1 rsv2=1 opcode=reserved-3 masked=1 length in 64 bits
        0x0082 | 00 00 00 00 00 00 00 01 | length: 1, not the shortest form (7 bits)
        0x008A | 00 00 00 00             | masking key: 00 00 00 00
        0x008E | 78                      | payload, unmasked: 78
        ");
        let endless = FrameSpec { length: Some(u64::MAX), ..FrameSpec::text("what is there") };
        assert_snapshot!(shown(&endless.encode(None)), @r#"
        0x0080 | 81 7F                   | head: fin=1 opcode=text masked=0 length in 64 bits
        0x0082 | FF FF FF FF FF FF FF FF | length: 18446744073709551615, top bit set
        0x008A | 77 68 61 74 20 69 73 20 | payload, 13 of 18446744073709551615 octets: "what is there"
        0x0092 | 74 68 65 72 65          |
        "#);
        let half_a_code = FrameSpec::new(Opcode::CLOSE, vec![3]);
        assert_snapshot!(shown(&half_a_code.encode(None)), @r"
        0x0080 | 88 01                   | head: fin=1 opcode=close masked=0 length=1
        0x0082 | 03                      | payload: 03
        ");
        assert_snapshot!(Annotated::octets(7, &[0x81], "head: 1 of 2 octets"), @"0x0007 | 81                      | head: 1 of 2 octets");
    }

    #[test]
    fn what_was_not_kept_is_counted() {
        let octets = FrameSpec::binary(vec![0xAB; 200]).encode(None);
        let frame = FrameReader::new().keeping(20).push(&octets).remove(0);
        assert_snapshot!(Annotated::frame(&frame), @r"
        0x0000 | 82 7E                   | head: fin=1 opcode=binary masked=0 length in 16 bits
        0x0002 | 00 C8                   | length: 200
        0x0004 | AB AB AB AB AB AB AB AB | payload: AB AB AB AB AB AB AB AB AB AB AB AB .. (200 octets)
        0x000C | AB AB AB AB AB AB AB AB |
        0x0014 | .. 184 more ..          |
        ");
    }

    #[test]
    fn heads() {
        let request = RequestSpec::opening("localhost", "/", "dGhlIHNhbXBsZSBub25jZQ==");
        assert_snapshot!(head(&request.encode()), @r#"
        0x0000 | 47 45 54 20 2F 20 48 54 54 50 2F 31 2E 31 0D 0A | request line: "GET / HTTP/1.1"
        0x0010 | 48 6F 73 74 3A 20 6C 6F 63 61 6C 68 6F 73 74 0D | field Host: "localhost"
        0x0020 | 0A                                              |
        0x0021 | 55 70 67 72 61 64 65 3A 20 77 65 62 73 6F 63 6B | field Upgrade: "websocket"
        0x0031 | 65 74 0D 0A                                     |
        0x0035 | 43 6F 6E 6E 65 63 74 69 6F 6E 3A 20 55 70 67 72 | field Connection: "Upgrade"
        0x0045 | 61 64 65 0D 0A                                  |
        0x004A | 53 65 63 2D 57 65 62 53 6F 63 6B 65 74 2D 4B 65 | field Sec-WebSocket-Key: "dGhlIHNhbXBsZSBub25jZQ=="
        0x005A | 79 3A 20 64 47 68 6C 49 48 4E 68 62 58 42 73 5A |
        0x006A | 53 42 75 62 32 35 6A 5A 51 3D 3D 0D 0A          |
        0x0077 | 53 65 63 2D 57 65 62 53 6F 63 6B 65 74 2D 56 65 | field Sec-WebSocket-Version: "13"
        0x0087 | 72 73 69 6F 6E 3A 20 31 33 0D 0A                |
        0x0092 | 0D 0A                                           | end of the head
        "#);
        let odd = b"\r\nHTTP/1.1 101\r\nUpgrade : websocket\nwhat\r\nA: 1\r\n 2\r\nlast\r\n\n";
        assert_snapshot!(head(odd), @r#"
        0x0000 | 0D 0A                                           | before the start line; irregular: empty line before the start line
        0x0002 | 48 54 54 50 2F 31 2E 31 20 31 30 31 0D 0A       | status line: "HTTP/1.1 101"; irregular: white space of the start line
        0x0010 | 55 70 67 72 61 64 65 20 3A 20 77 65 62 73 6F 63 | field Upgrade: "websocket"; irregular: LF without CR; irregular: white space before the colon
        0x0020 | 6B 65 74 0A                                     |
        0x0024 | 77 68 61 74 0D 0A                               | no field; irregular: no colon
        0x002A | 41 3A 20 31 0D 0A 20 32 0D 0A                   | field A: "1 2"; irregular: field continued on the next line
        0x0034 | 6C 61 73 74 0D 0A                               | no field; irregular: no colon
        0x003A | 0A                                              | end of the head; irregular: LF without CR
        "#);
        assert_snapshot!(head(b"SSH-2.0-x\r\n"), @r#"0x0000 | 53 53 48 2D 32 2E 30 2D 78 0D 0A                | no start line of HTTP: no HTTP/ version at its end: "SSH-2.0-x"; irregular: head did not end"#);
    }

    fn covers(annotated: &Annotated) -> bool {
        let ends = annotated.annotations.iter().map(|a| a.end);
        let starts = annotated.annotations.iter().map(|a| a.start);
        std::iter::once(0).chain(ends).zip(starts).all(|(end, start)| end == start)
            && annotated.annotations.iter().all(|a| a.start < a.end && !a.text.contains('\n'))
    }

    proptest! {
        #[test]
        fn frames_are_covered_and_keep_their_octets(
            octets in prop::collection::vec(any::<u8>(), 0..300),
            kept in 0usize..60,
        ) {
            let mut reader = FrameReader::new().keeping(kept);
            let frames = reader.push(&octets);
            for frame in frames.iter().chain(reader.half_read()) {
                let annotated = Annotated::frame(frame);
                prop_assert!(covers(&annotated));
                prop_assert_eq!(annotated.start + annotated.end(), frame.end());
                let from = frame.start as usize;
                prop_assert!(octets[from..].starts_with(&annotated.octets));
                let _ = annotated.to_string();
            }
        }

        #[test]
        fn heads_are_covered(
            text in "(GET / HTTP/1.1\r\n|HTTP/1.1 101 x\r\n|[a:\r\n\t é\0]|\r\n){0,40}",
        ) {
            let mut reader = HttpReader::new();
            let mut input = text.as_bytes();
            let mut heads: Vec<_> = std::iter::from_fn(|| reader.take(&mut input)).collect();
            heads.extend(reader.half_read());
            for head in heads {
                let annotated = Annotated::head(&head);
                prop_assert!(covers(&annotated));
                prop_assert_eq!(annotated.end(), head.raw.len() as u64);
                let _ = annotated.to_string();
            }
        }
    }
}
