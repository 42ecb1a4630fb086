//! The escape as its receiver sees it (US 9,331,890, FIG. 6, 606 to 612).

use super::{Capability, Filter, LONGEST_CONTROL_MESSAGE, Sequence};
use crate::error::Violation;

/// Tells control messages, escapes and data apart, in one direction.
///
/// An escape arms its sequence. The next binary message that begins with an armed sequence is data
/// and disarms it; whatever else comes between leaves it armed.
///
/// ```
/// use wsconform_reference::{Capability, Filter, Inspector, Reading, Sequence};
///
/// let sequence = Sequence(*b"\xF0\x80\x00\x01");
/// let mut inspector = Inspector::new(Filter::new([(Capability::RateControl, sequence)]));
/// assert_eq!(inspector.read(b"\xF0\x80\x00\x01"), Reading::Escape);
/// assert_eq!(inspector.read(b"between"), Reading::Data);
/// assert_eq!(inspector.read(b"\xF0\x80\x00\x01\x02"), Reading::Data);
/// let reading = inspector.read(b"\xF0\x80\x00\x01\x02");
/// assert_eq!(reading, Reading::Control { capability: Capability::RateControl, body: &[2] });
/// ```
#[derive(Debug, Clone, Default)]
pub struct Inspector {
    filter: Filter,
    /// One flag for each sequence of the filter.
    armed: Vec<bool>,
}

/// What a binary message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading<'a> {
    /// For the application, whole.
    Data,
    /// For nobody: it has armed its sequence.
    Escape,
    /// For the capability: what follows the sequence, at least one octet.
    Control {
        /// Whose sequence it began with.
        capability: Capability,
        /// Type and body.
        body: &'a [u8],
    },
}

impl Inspector {
    /// An inspector of a direction in which these sequences are active, all unarmed.
    pub fn new(filter: Filter) -> Self {
        Self { armed: vec![false; filter.len()], filter }
    }

    /// Makes one more sequence active, unarmed.
    pub fn insert(&mut self, capability: Capability, sequence: Sequence) {
        self.filter.insert(capability, sequence);
        self.armed.push(false);
    }

    /// Judges a whole binary message.
    #[inline]
    pub fn read<'a>(&mut self, message: &'a [u8]) -> Reading<'a> {
        let prefix = message.first_chunk();
        match prefix.and_then(|prefix| self.filter.find(*prefix)) {
            Some(index) => self.read_marked(index, message),
            None => Reading::Data,
        }
    }

    /// Judges a message that begins with the sequence of this index.
    #[cold]
    fn read_marked<'a>(&mut self, index: usize, message: &'a [u8]) -> Reading<'a> {
        let (flag, capability) = (self.armed.get_mut(index), self.filter.capability(index));
        let (Some(armed), Some(capability)) = (flag, capability) else { return Reading::Data };
        if std::mem::take(armed) {
            return Reading::Data;
        }
        match message.get(4..) {
            Some(body @ [_, ..]) => Reading::Control { capability, body },
            _ => {
                *armed = true;
                Reading::Escape
            }
        }
    }

    /// Judges a binary message that has only begun: its first four octets, and the least length
    /// that it will have. So nobody ever holds a control message that is too long.
    ///
    /// # Errors
    ///
    /// It is a control message, and too long for one.
    #[inline]
    pub fn foresee(&self, prefix: [u8; 4], length: u64) -> Result<(), Violation> {
        let unarmed =
            || self.filter.find(prefix).and_then(|index| self.armed.get(index)) == Some(&false);
        if length > LONGEST_CONTROL_MESSAGE && unarmed() {
            return Err(Violation::ControlTooLong(length));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [u8; 4] = [0xF0, 0x80, 0x00, 0x01];
    const B: [u8; 4] = [0xF0, 0x80, 0x00, 0x02];

    fn inspector() -> Inspector {
        Inspector::new(Filter::new([A, B].map(|s| (Capability::RateControl, Sequence(s)))))
    }

    #[test]
    fn each_sequence_is_armed_by_itself() {
        let mut inspector = inspector();
        let readings = [&A[..], &B, &A, &B, &A].map(|message| inspector.read(message));
        let (escape, data) = (Reading::Escape, Reading::Data);
        assert_eq!(readings, [escape, escape, data, data, escape]);
    }

    #[test]
    fn what_is_shorter_than_a_sequence_is_data_and_disarms_nothing() {
        let mut inspector = inspector();
        assert_eq!(inspector.read(&A), Reading::Escape);
        assert_eq!(inspector.read(&A[..3]), Reading::Data);
        assert_eq!(inspector.read(&[]), Reading::Data);
        assert_eq!(inspector.read(&[A[0], A[1], A[2], A[3], 9]), Reading::Data);
    }

    #[test]
    fn a_sequence_that_is_inserted_is_unarmed_and_leaves_the_others_armed() {
        let mut inspector = Inspector::new(Filter::new([(Capability::RateControl, Sequence(A))]));
        let control = [&B[..], b"\x01"].concat();
        assert_eq!(inspector.read(&A), Reading::Escape);
        assert_eq!(inspector.read(&control), Reading::Data);
        inspector.insert(Capability::Heartbeat, Sequence(B));
        let capability = Capability::Heartbeat;
        assert_eq!(inspector.read(&control), Reading::Control { capability, body: &[1] });
        assert_eq!(inspector.read(&A), Reading::Data);
    }

    #[test]
    fn only_a_bare_control_message_is_too_long() {
        let mut inspector = inspector();
        assert_eq!(inspector.foresee(A, 4096), Ok(()));
        assert_eq!(inspector.foresee(A, 4097), Err(Violation::ControlTooLong(4097)));
        assert_eq!(inspector.foresee(*b"data", 4097), Ok(()));
        inspector.read(&A);
        assert_eq!(inspector.foresee(A, 4097), Ok(()), "escaped");
    }
}
