//! Limits: an endpoint may refuse a message for its length (chapter "Limits and loads").

use wsconform_spec::scenario::Step;

use super::case::{Played, Running, Stop};
use super::event::Event;
use crate::wire::Opcode;

/// The codes that tell of a limit: too big, or against a policy (RFC 6455, 7.4.1).
const TELLING: [u16; 2] = [1009, 1008];
/// The code of an endpoint that judged what the payload says, not how long it is.
const OF_CONTENT: u16 = 1007;

impl Running<'_> {
    /// Instead of what the case expects, which is about a long message, this came: if it refuses the
    /// message, the case does not apply. What is recommended then is that a Close says so; none is
    /// missed, for octets that are unread when an endpoint closes become a reset, which may destroy it
    /// on its way.
    pub(super) fn beyond_limit(&mut self, step: &Step, event: &Event) -> Played<()> {
        let Some(octets) = self.case.limit() else { return Ok(()) };
        match event {
            Event::Native(frame) if frame.opcode == Opcode::CLOSE => match frame.close_code() {
                Some(code) if TELLING.contains(&code) => {}
                Some(OF_CONTENT) => return Ok(()),
                _ => self.recommend(step, "failing.code", "close 1009 or 1008".to_owned(), event),
            },
            Event::End(ending) if ending.flood || ending.unfinished.is_some() => return Ok(()),
            Event::End(_) => {}
            _ => return Ok(()),
        }
        self.limit = Some(octets);
        Err(Stop::Skip(refused(octets)))
    }
}

/// Why a case does not apply to an endpoint that takes no messages of so many octets.
pub(crate) fn refused(octets: u64) -> String {
    format!("the endpoint takes no messages of {octets} octets")
}
