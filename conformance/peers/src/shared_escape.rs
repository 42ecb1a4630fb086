//! What only a misbehaving endpoint has: sequences that outlive their connection.

use crate::deviations::{Deviations, OpenSequences};

/// A connection's entry in the list that only a misbehaving endpoint keeps: the sequences that its
/// open connections have escaped for, oldest first. The entry goes with the connection.
#[derive(Default)]
pub(crate) struct SharedEscape {
    list: Option<OpenSequences>,
    entered: Option<[u8; 4]>,
}

impl SharedEscape {
    pub(crate) fn new(deviations: &Deviations) -> SharedEscape {
        SharedEscape { list: deviations.escapes_for_oldest.clone(), entered: None }
    }

    /// The sequence to escape for, given the one that is right.
    pub(crate) fn choose(&mut self, right: [u8; 4]) -> [u8; 4] {
        let Some(Ok(mut list)) = self.list.as_ref().map(|list| list.lock()) else {
            return right;
        };
        if self.entered.is_none() {
            list.push(right);
            self.entered = Some(right);
        }
        // A connection has several sequences: only the one that it entered is mistaken.
        let mistaken = self.entered == Some(right);
        list.first().copied().filter(|_| mistaken).unwrap_or(right)
    }
}

impl Drop for SharedEscape {
    fn drop(&mut self) {
        if let Some(Ok(mut list)) = self.list.as_ref().map(|list| list.lock())
            && let Some(position) = list.iter().position(|s| Some(*s) == self.entered)
        {
            list.remove(position);
        }
    }
}
