//! Which sequences are active in a connection that has just been opened, and for which it escapes.

use crate::deviations::{Deviations, OpenSequences};
use crate::negotiation::{Agreement, RATE_CONTROL};
use crate::role::{Role, Sequence};

/// The sequence that some misbehaviours know without having negotiated it.
const UNNEGOTIATED: [u8; 4] = [0xF0, 0x80, 0x00, 0x01];

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
        list.first().copied().unwrap_or(right)
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

/// The sequences towards this endpoint, and those away from it: a sequence is active in the
/// directions in which `sender` allows its control messages (US 9,331,890, claim 20).
pub(crate) fn sequences(
    role: Role,
    agreement: Option<Agreement>,
    deviations: &Deviations,
) -> (Vec<Sequence>, Vec<Sequence>) {
    let named = |sequence| vec![(RATE_CONTROL.to_owned(), sequence)];
    let only_if = |active: bool, sequence| if active { named(sequence) } else { Vec::new() };
    let Some(Agreement { sequence, sender }) = agreement else {
        let receiving = only_if(deviations.inspects_when_declined, UNNEGOTIATED);
        let sending = only_if(deviations.escapes_when_declined, UNNEGOTIATED);
        return (receiving, sending);
    };
    let (from_client, from_server) = (sender.allows_client(), sender.allows_server());
    let (towards, away) = match role {
        Role::Server => (from_client, from_server),
        Role::Client => (from_server, from_client),
    };
    let receiving = only_if(towards || deviations.inspects_inactive_direction, sequence);
    let sending = only_if(away, sequence);
    (receiving, sending)
}
