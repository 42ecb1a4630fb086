//! SUSPEND and RESUME: a capability rests, and works again (US 9,331,890, FIG. 4, 404:
//! "selectively activated and deactivated").
//!
//! What arrives of the capability, and what this endpoint does about it; "answer" only if it may
//! send control messages of the capability.
//!
//! | state | SUSPEND | RESUME | anything else |
//! |---|---|---|---|
//! | Active | answer: Suspended | violation | taken |
//! | Suspending, since it sent SUSPEND | Suspended | ignored | ignored |
//! | Suspended | violation | answer: Active | violation |
//! | Resuming, since it sent RESUME | violation | Active | violation |
//!
//! Two that cross answer each other: each is what the other waits for. A party that may not speak
//! never answers, so nobody waits for it: SUSPEND leads to Suspended at once, RESUME to Active.
//! Inspection and escaping go on in every state.

/// Where the suspension of a capability stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Suspension {
    #[default]
    Active,
    Suspending,
    Suspended,
    Resuming,
}

/// A message of the capability, as far as suspensions are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    Suspend,
    Resume,
    Other,
}

/// What is to be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reaction {
    /// Act on it.
    Take,
    /// Act on it, and answer by the same.
    Answer,
    /// It was sent before its sender knew; it is void.
    Ignore,
    /// It is out of turn.
    Violation,
}

impl Suspension {
    /// Whether the capability works.
    pub(super) fn is_active(self) -> bool {
        self == Self::Active
    }

    /// This endpoint sends SUSPEND; false if it is not its turn.
    #[must_use]
    pub(super) fn suspend(&mut self, is_answered: bool) -> bool {
        let follows = if is_answered { Self::Suspending } else { Self::Suspended };
        self.step(Self::Active, follows)
    }

    /// This endpoint sends RESUME; false if it is not its turn.
    #[must_use]
    pub(super) fn resume(&mut self, is_answered: bool) -> bool {
        let follows = if is_answered { Self::Resuming } else { Self::Active };
        self.step(Self::Suspended, follows)
    }

    /// A message of the capability has arrived.
    pub(super) fn receive(&mut self, arrival: Arrival) -> Reaction {
        let (reaction, follows) = match (*self, arrival) {
            (Self::Active, Arrival::Suspend) => (Reaction::Answer, Self::Suspended),
            (Self::Active, Arrival::Other) => (Reaction::Take, Self::Active),
            (Self::Suspending, Arrival::Suspend) => (Reaction::Take, Self::Suspended),
            (Self::Suspending, _) => (Reaction::Ignore, Self::Suspending),
            (Self::Suspended, Arrival::Resume) => (Reaction::Answer, Self::Active),
            (Self::Resuming, Arrival::Resume) => (Reaction::Take, Self::Active),
            (state, _) => (Reaction::Violation, state),
        };
        *self = follows;
        reaction
    }

    fn step(&mut self, from: Self, to: Self) -> bool {
        let its_turn = *self == from;
        if its_turn {
            *self = to;
        }
        its_turn
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_arrives_is_judged_by_the_table() {
        let mut table = String::new();
        for state in [
            Suspension::Active,
            Suspension::Suspending,
            Suspension::Suspended,
            Suspension::Resuming,
        ] {
            table.push_str(&format!("{state:?}"));
            for arrival in [Arrival::Suspend, Arrival::Resume, Arrival::Other] {
                let mut suspension = state;
                let reaction = suspension.receive(arrival);
                table.push_str(&format!(" | {arrival:?}: {reaction:?}, {suspension:?}"));
            }
            table.push('\n');
        }
        insta::assert_snapshot!(table, @r"
        Active | Suspend: Answer, Suspended | Resume: Violation, Active | Other: Take, Active
        Suspending | Suspend: Take, Suspended | Resume: Ignore, Suspending | Other: Ignore, Suspending
        Suspended | Suspend: Violation, Suspended | Resume: Answer, Active | Other: Violation, Suspended
        Resuming | Suspend: Violation, Resuming | Resume: Take, Active | Other: Violation, Resuming
        ");
    }

    #[test]
    fn nobody_waits_for_who_may_not_answer() {
        let mut suspension = Suspension::Active;
        assert!(suspension.suspend(false) && suspension == Suspension::Suspended);
        assert!(!suspension.suspend(false), "suspended already");
        assert!(suspension.resume(false) && suspension.is_active());
        assert!(!suspension.resume(false), "not suspended");
    }

    /// Two parties with a pipe from each to the other.
    #[derive(Default)]
    struct Pair {
        states: [Suspension; 2],
        pipes: [VecDeque<Arrival>; 2],
    }

    impl Pair {
        fn act(&mut self, party: usize, act: u8) {
            let state = &mut self.states[party];
            let sent = match act {
                0 if state.suspend(true) => Arrival::Suspend,
                1 if state.resume(true) => Arrival::Resume,
                2 if state.is_active() => Arrival::Other,
                _ => return,
            };
            self.pipes[1 - party].push_back(sent);
        }

        fn deliver(&mut self, party: usize) -> Result<(), TestCaseError> {
            let Some(arrival) = self.pipes[party].pop_front() else { return Ok(()) };
            let reaction = self.states[party].receive(arrival);
            prop_assert_ne!(reaction, Reaction::Violation, "{:?} at {}", arrival, party);
            if reaction == Reaction::Answer {
                self.pipes[1 - party].push_back(arrival);
            }
            Ok(())
        }
    }

    proptest! {
        #[test]
        fn two_that_keep_to_it_never_blame_each_other(
            steps in prop::collection::vec((0usize..2, 0u8..5), 0..60),
        ) {
            let mut pair = Pair::default();
            for (party, act) in steps {
                if act < 3 { pair.act(party, act) } else { pair.deliver(party)? }
            }
            while pair.pipes.iter().any(|pipe| !pipe.is_empty()) {
                pair.deliver(0)?;
                pair.deliver(1)?;
            }
            prop_assert_eq!(pair.states[0], pair.states[1]);
            let rests = matches!(pair.states[0], Suspension::Active | Suspension::Suspended);
            prop_assert!(rests, "{:?}", pair.states[0]);
        }
    }
}
