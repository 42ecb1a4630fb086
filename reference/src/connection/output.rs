//! Octets on their way out.

/// Room that is kept when a long message is written, in octets.
const KEPT: usize = 64 * 1024;

/// A queue of octets that are appended at the back and written from the front.
#[derive(Debug, Default)]
pub(super) struct Output {
    octets: Vec<u8>,
    written: usize,
}

impl Output {
    /// Where to append.
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.octets
    }

    pub(super) fn unwritten(&self) -> &[u8] {
        self.octets.get(self.written..).unwrap_or_default()
    }

    /// Forgets the next `count` octets.
    pub(super) fn consume(&mut self, count: usize) {
        self.written = self.octets.len().min(self.written + count);
        // Each octet is moved at most once on average, however little is written at a time.
        if self.written >= self.octets.len() - self.written {
            self.octets.drain(..self.written);
            self.written = 0;
            self.octets.shrink_to(KEPT.max(2 * self.octets.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_appended_is_written_once() {
        let mut output = Output::default();
        let mut written = Vec::new();
        for octet in 0..100u8 {
            output.buffer().extend([octet, octet]);
            let count = usize::from(octet % 4).min(output.unwritten().len());
            written.extend_from_slice(&output.unwritten()[..count]);
            output.consume(count);
        }
        written.extend_from_slice(output.unwritten());
        assert_eq!(written, (0..100).flat_map(|octet| [octet, octet]).collect::<Vec<u8>>());
    }
}
