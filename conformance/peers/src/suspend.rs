//! Whether a capability works or rests (US 9,331,890, FIG. 4, 404: "selectively activated and
//! deactivated"), and whose turn it is to say so.

use crate::capability::kind::{RESUME, SUSPEND};

/// How a capability stands between the two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// It works.
    Active,
    /// This side sent SUSPEND; the answer has not come.
    Suspending,
    /// It rests: nothing but RESUME may come.
    Suspended,
    /// This side sent RESUME; the answer has not come.
    Resuming,
}

/// What a message means in this state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It is for the capability.
    Work,
    /// It was under way when this side suspended the capability.
    Ignore,
    /// The capability rests from here on; `asked` if the other side began.
    Suspends { asked: bool },
    /// The capability works again; `asked` if the other side began.
    Resumes { asked: bool },
}

impl Rest {
    /// Takes a message of the capability; an error means to fail the connection with 1002.
    pub(crate) fn take(&mut self, code: u8) -> Result<Turn, &'static str> {
        let (next, turn) = match (*self, code) {
            (Rest::Active, SUSPEND) => (Rest::Suspended, Turn::Suspends { asked: true }),
            (Rest::Active, RESUME) => return Err("a capability resumed that was not suspended"),
            (Rest::Active, _) => (Rest::Active, Turn::Work),
            // Two that cross answer each other.
            (Rest::Suspending, SUSPEND) => (Rest::Suspended, Turn::Suspends { asked: false }),
            (Rest::Suspending, _) => (Rest::Suspending, Turn::Ignore),
            (Rest::Suspended, RESUME) => (Rest::Active, Turn::Resumes { asked: true }),
            (Rest::Resuming, RESUME) => (Rest::Active, Turn::Resumes { asked: false }),
            (Rest::Suspended | Rest::Resuming, _) => {
                return Err("a message of a suspended capability");
            }
        };
        *self = next;
        Ok(turn)
    }

    pub(crate) fn is_active(self) -> bool {
        self == Rest::Active
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_has_its_turn() {
        use Rest::{Active, Resuming, Suspended, Suspending};
        for (rest, code, expected) in [
            (Active, 1, Some((Active, Turn::Work))),
            (Active, SUSPEND, Some((Suspended, Turn::Suspends { asked: true }))),
            (Active, RESUME, None),
            (Suspending, 1, Some((Suspending, Turn::Ignore))),
            (Suspending, SUSPEND, Some((Suspended, Turn::Suspends { asked: false }))),
            (Suspending, RESUME, Some((Suspending, Turn::Ignore))),
            (Suspended, 1, None),
            (Suspended, SUSPEND, None),
            (Suspended, RESUME, Some((Active, Turn::Resumes { asked: true }))),
            (Resuming, SUSPEND, None),
            (Resuming, RESUME, Some((Active, Turn::Resumes { asked: false }))),
        ] {
            let mut taken = rest;
            let turn = taken.take(code).ok();
            assert_eq!(turn.map(|turn| (taken, turn)), expected, "{rest:?} {code:02X}");
        }
    }
}
