//! `control-setup`: a negotiation on an open connection (US 9,331,890, FIG. 4, 402; claims 12 and
//! 16).
//!
//! What arrives, and what this endpoint does about it:
//!
//! | state | OFFER | ANSWER | CONFIRM |
//! |---|---|---|---|
//! | Quiet | ANSWER; Answered, or Quiet if nothing was accepted | violation | violation |
//! | Offered, a server | dropped, once: Offered | as below | violation |
//! | Offered, a client | its own is void; as in Quiet | as below | violation |
//! | Offered | | CONFIRM unless it is empty; Quiet | |
//! | Answered | violation | violation | Quiet |
//!
//! A sequence counts from the message that its sender sent: from ANSWER in the direction of who
//! answered, from CONFIRM in that of who offered. So
//!
//! | | this endpoint escapes | this endpoint inspects |
//! |---|---|---|
//! | it answered | behind its ANSWER | behind the CONFIRM of its peer |
//! | it offered | behind its CONFIRM | behind the ANSWER of its peer |

use crate::control::{
    Agreement, Allocator, Capability, ExtensionList, Sequence, SetupMessage, Support, accept_setup,
    negotiate,
};
use crate::error::Violation;
use crate::role::Role;

/// Where the negotiation stands.
#[derive(Debug)]
pub(super) struct Setup {
    role: Role,
    state: State,
}

#[derive(Debug)]
enum State {
    Quiet,
    /// This endpoint has offered; a server may have dropped an offer that crossed its own.
    Offered {
        offer: ExtensionList,
        dropped: bool,
    },
    /// This endpoint has accepted these, and waits for CONFIRM.
    Answered(Vec<Agreement>),
}

/// What has to be done about a message of `control-setup`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Nothing: an offer that crossed that of a server.
    Drop,
    /// Send an ANSWER that accepts these, in place of an offer of its own if that is still to go
    /// out. From there on they are sent and escaped.
    Answer(Vec<Agreement>),
    /// Inspect for these from here on, and send CONFIRM next; from there on they are sent and
    /// escaped.
    Confirm(Vec<Agreement>),
    /// Nothing of the offer was accepted.
    Declined,
    /// Inspect for these from here on.
    Confirmed(Vec<Agreement>),
}

impl Setup {
    pub(super) fn new(role: Role) -> Self {
        Self { role, state: State::Quiet }
    }

    /// This endpoint offers; false while a negotiation is under way.
    #[must_use]
    pub(super) fn offer(&mut self, offer: ExtensionList) -> bool {
        let quiet = matches!(self.state, State::Quiet);
        if quiet {
            self.state = State::Offered { offer, dropped: false };
        }
        quiet
    }

    /// A message has arrived; `agreements` are those in force, suspended or not.
    pub(super) fn receive(
        &mut self,
        message: &SetupMessage,
        agreements: &[Agreement],
        support: &Support,
    ) -> Result<Act, Violation> {
        match (std::mem::replace(&mut self.state, State::Quiet), message) {
            (State::Offered { offer, dropped: false }, SetupMessage::Offer(_))
                if self.role == Role::Server =>
            {
                self.state = State::Offered { offer, dropped: true };
                Ok(Act::Drop)
            }
            (State::Quiet, SetupMessage::Offer(list)) => Ok(self.answer(list, agreements, support)),
            (State::Offered { .. }, SetupMessage::Offer(list)) if self.role == Role::Client => {
                Ok(self.answer(list, agreements, support))
            }
            (State::Offered { .. }, SetupMessage::Answer(None)) => Ok(Act::Declined),
            (State::Offered { offer, .. }, SetupMessage::Answer(Some(answer))) => {
                let in_use: Vec<Sequence> = agreements.iter().map(|one| one.sequence).collect();
                accept_setup(offer.extensions(), answer.extensions(), &in_use)
                    .map(Act::Confirm)
                    .map_err(Violation::RefusedAnswer)
            }
            (State::Answered(accepted), SetupMessage::Confirm) => Ok(Act::Confirmed(accepted)),
            (_, SetupMessage::Offer(_)) => Err(Violation::SetupOutOfTurn("OFFER")),
            (_, SetupMessage::Answer(_)) => Err(Violation::SetupOutOfTurn("ANSWER")),
            (_, SetupMessage::Confirm) => Err(Violation::SetupOutOfTurn("CONFIRM")),
        }
    }

    fn answer(&mut self, offer: &ExtensionList, agreed: &[Agreement], support: &Support) -> Act {
        let accepted = answer(offer, agreed, support);
        if !accepted.is_empty() {
            self.state = State::Answered(accepted.clone());
        }
        Act::Answer(accepted)
    }
}

/// What is accepted of an offer on a connection in which these agreements are in force: nothing
/// that was accepted before, and sequences that nobody uses.
fn answer(offer: &ExtensionList, agreed: &[Agreement], support: &Support) -> Vec<Agreement> {
    // Sequences stay in the block of the connection's first one.
    let Some(first) = agreed.first() else { return Vec::new() };
    let mut allocator = Allocator::new(first.sequence);
    let mut support = support.clone().without(Capability::ControlSetup);
    for agreement in agreed {
        allocator.reserve(agreement.sequence);
        support = support.without(agreement.capability());
    }
    negotiate(offer.extensions(), &support, &mut allocator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Parameters;

    const SETUP: [u8; 4] = [0xF0, 0x80, 0, 0x10];

    fn agreed() -> Vec<Agreement> {
        vec![Agreement::of(Capability::ControlSetup, Sequence(SETUP))]
    }

    fn list(capabilities: &[Capability]) -> ExtensionList {
        let offers = capabilities.iter().map(|one| Parameters::of(*one).to_offer());
        ExtensionList::new(offers.collect()).unwrap()
    }

    fn offer() -> SetupMessage {
        SetupMessage::Offer(list(&[Capability::Heartbeat]))
    }

    fn answer_of(sequence: [u8; 4]) -> SetupMessage {
        let agreement = Agreement::of(Capability::Heartbeat, Sequence(sequence));
        SetupMessage::Answer(ExtensionList::new(vec![agreement.to_extension()]))
    }

    fn in_state(role: Role, state: &str) -> Setup {
        let mut setup = Setup::new(role);
        match state {
            "Quiet" => {}
            "Offered" => assert!(setup.offer(list(&[Capability::Heartbeat]))),
            "Dropped" => {
                assert!(setup.offer(list(&[Capability::Heartbeat])));
                assert_eq!(setup.receive(&offer(), &agreed(), &Support::all()), Ok(Act::Drop));
            }
            _ => {
                let act = setup.receive(&offer(), &agreed(), &Support::all());
                assert!(matches!(act, Ok(Act::Answer(accepted)) if accepted.len() == 1));
            }
        }
        setup
    }

    #[test]
    fn what_arrives_is_judged_by_the_table() {
        let messages = [
            ("OFFER", offer()),
            ("ANSWER", answer_of([0xF0, 0x80, 0, 0x11])),
            ("ANSWER empty", SetupMessage::Answer(None)),
            ("ANSWER twice", answer_of(SETUP)),
            ("CONFIRM", SetupMessage::Confirm),
        ];
        let mut table = String::new();
        for (role, state) in [
            (Role::Client, "Quiet"),
            (Role::Client, "Offered"),
            (Role::Server, "Offered"),
            (Role::Server, "Dropped"),
            (Role::Client, "Answered"),
        ] {
            for (name, message) in &messages {
                let mut setup = in_state(role, state);
                let told = match setup.receive(message, &agreed(), &Support::all()) {
                    Ok(act) => {
                        let act = format!("{act:?}");
                        let act = act.split('(').next().unwrap_or_default().to_owned();
                        let state = format!("{:?}", setup.state);
                        let state = state.split([' ', '(']).next().unwrap_or_default().to_owned();
                        format!("{act}; {state}")
                    }
                    Err(violation) => violation.requirement().to_owned(),
                };
                table.push_str(&format!("{role:?} {state:8} {name:12} {told}\n"));
            }
        }
        insta::assert_snapshot!(table, @r"
        Client Quiet    OFFER        Answer; Answered
        Client Quiet    ANSWER       setup.turn
        Client Quiet    ANSWER empty setup.turn
        Client Quiet    ANSWER twice setup.turn
        Client Quiet    CONFIRM      setup.turn
        Client Offered  OFFER        Answer; Answered
        Client Offered  ANSWER       Confirm; Quiet
        Client Offered  ANSWER empty Declined; Quiet
        Client Offered  ANSWER twice setup.answer.refused
        Client Offered  CONFIRM      setup.turn
        Server Offered  OFFER        Drop; Offered
        Server Offered  ANSWER       Confirm; Quiet
        Server Offered  ANSWER empty Declined; Quiet
        Server Offered  ANSWER twice setup.answer.refused
        Server Offered  CONFIRM      setup.turn
        Server Dropped  OFFER        setup.turn
        Server Dropped  ANSWER       Confirm; Quiet
        Server Dropped  ANSWER empty Declined; Quiet
        Server Dropped  ANSWER twice setup.answer.refused
        Server Dropped  CONFIRM      setup.turn
        Client Answered OFFER        setup.turn
        Client Answered ANSWER       setup.turn
        Client Answered ANSWER empty setup.turn
        Client Answered ANSWER twice setup.turn
        Client Answered CONFIRM      Confirmed; Quiet
        ");
    }

    #[test]
    fn what_is_in_force_is_neither_accepted_nor_assigned_again() {
        let mut agreed = agreed();
        let taken = Sequence([0xF0, 0x80, 0, 0x11]);
        agreed.push(Agreement::of(Capability::RateControl, taken));
        let accepted = answer(&list(&Capability::ALL), &agreed, &Support::all());
        let accepted: Vec<String> =
            accepted.iter().map(|one| one.to_extension().to_string()).collect();
        assert_eq!(
            accepted,
            [
                "idle-timeout; control=F0800012; sender=both; timeout=60000",
                "heartbeat; control=F0800013; interval=0"
            ]
        );
        assert_eq!(answer(&list(&Capability::ALL), &agreed, &Support::none()), []);
    }

    #[test]
    fn one_negotiation_at_a_time() {
        for state in ["Offered", "Answered"] {
            let mut setup = in_state(Role::Client, state);
            assert!(!setup.offer(list(&[Capability::IdleTimeout])), "{state}");
        }
    }
}
