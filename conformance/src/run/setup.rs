//! The negotiation on an open connection, as far as both sides have come (chapter "Set-up on an
//! open connection").

use std::sync::Arc;

use wsconform_spec::scenario::Role;

use super::agreement::{Agreement, Answer, SETUP, Sequence, Wrong, judge_answer};
use super::parameters::given;
use super::sequences::judge_sequences;
use crate::wire::ExtensionList;

/// The capability whose messages these are.
pub(super) const TOKEN: &str = "control-setup";
/// The types of its messages.
pub(super) const OFFER: u8 = 0x01;
pub(super) const ANSWER: u8 = 0x02;
pub(super) const CONFIRM: u8 = 0x03;

/// The requirements that a negotiation which the harness offers holds against an endpoint.
pub const JUDGED_IN_BAND: &[&str] = &[
    "setup.answered",
    "setup.answer.valid",
    "setup.answer.upper-case",
    "setup.answer.distinct",
    "setup.answer.declined",
];

/// How far a negotiation has come.
#[derive(Debug, Default)]
pub(super) struct Setup {
    /// The OFFER of the harness that was not answered.
    offered: Option<String>,
    /// The OFFER of the endpoint that was not answered.
    asked: Option<String>,
    /// Whether an OFFER of the endpoint made that of the harness void.
    void: bool,
    /// Whether the endpoint accepted something, and the harness has not confirmed it.
    unconfirmed: bool,
    /// What the harness accepted: it counts for the endpoint from its CONFIRM.
    accepted: Vec<Arc<Agreement>>,
    /// The last ANSWER.
    pub answered: Option<Answered>,
}

/// An ANSWER, and what it was about.
#[derive(Clone, Debug)]
pub(super) struct Answered {
    /// Whether the endpoint under test wrote it.
    pub by_endpoint: bool,
    /// What was offered.
    pub offer: ExtensionList,
    /// What was answered.
    pub answer: ExtensionList,
    /// The capabilities that were accepted before.
    before: Vec<Arc<Agreement>>,
}

/// What a message of the endpoint makes of the connection.
pub(super) enum Effect {
    /// Nothing.
    None,
    /// These capabilities are agreed on, and active in the direction of the endpoint.
    Agreed(Vec<Arc<Agreement>>),
    /// These are active in the direction of the endpoint.
    Active(Vec<Arc<Agreement>>),
}

impl Setup {
    /// The endpoint, of this role, sent a message; `known` was agreed on before.
    pub(super) fn received(
        &mut self,
        role: Role,
        kind: u8,
        body: &[u8],
        known: &[Arc<Agreement>],
    ) -> Effect {
        let list = String::from_utf8_lossy(body);
        match kind {
            OFFER if self.offered.is_some() && role == Role::Client => Effect::None,
            OFFER => {
                // Where offers cross, that of the client is void.
                self.void = self.offered.take().is_some();
                self.asked = Some(list.into_owned());
                Effect::None
            }
            ANSWER => {
                let Some(offer) = self.offered.take() else { return Effect::None };
                let answer = ExtensionList::read(&list);
                let agreed = agreements(&answer);
                self.unconfirmed = !answer.items.is_empty();
                self.answered = Some(Answered {
                    by_endpoint: true,
                    offer: ExtensionList::read(&offer),
                    answer,
                    before: known.to_vec(),
                });
                Effect::Agreed(agreed)
            }
            CONFIRM => Effect::Active(std::mem::take(&mut self.accepted)),
            _ => Effect::None,
        }
    }

    /// The harness sends a message to an endpoint of this role; gives what it agrees on by that.
    pub(super) fn sent(
        &mut self,
        role: Role,
        kind: u8,
        body: &[u8],
        known: &[Arc<Agreement>],
    ) -> Vec<Arc<Agreement>> {
        let list = String::from_utf8_lossy(body);
        match kind {
            // Where offers cross, that of the client is void.
            OFFER if self.asked.is_some() && role != Role::Client => {
                self.void = true;
                Vec::new()
            }
            OFFER => {
                self.asked = None;
                self.void = false;
                self.offered = Some(list.into_owned());
                Vec::new()
            }
            ANSWER => {
                let answer = ExtensionList::read(&list);
                let offer = ExtensionList::read(&self.asked.take().unwrap_or_default());
                self.accepted = accepted(&offer, &answer);
                self.answered =
                    Some(Answered { by_endpoint: false, offer, answer, before: known.to_vec() });
                self.accepted.clone()
            }
            CONFIRM => {
                self.unconfirmed = false;
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Whether an OFFER of the endpoint waits for its ANSWER.
    pub(super) fn owes_answer(&self) -> bool {
        self.asked.is_some()
    }

    /// Whether an OFFER of the endpoint made the last one of the harness void.
    pub(super) fn is_void(&self) -> bool {
        self.void
    }

    /// Whether the next message that the harness begins has to be CONFIRM.
    pub(super) fn owes_confirm(&self) -> bool {
        self.unconfirmed
    }
}

/// What the items of an answer agree on, as far as they have a sequence.
fn agreements(answer: &ExtensionList) -> Vec<Arc<Agreement>> {
    answer.items.iter().filter_map(Agreement::of).map(Arc::new).collect()
}

/// The same, where the endpoint under test made the offer.
fn accepted(offer: &ExtensionList, answer: &ExtensionList) -> Vec<Arc<Agreement>> {
    let made = answer.items.iter().filter_map(Agreement::of).map(|agreement| {
        let offered = offer.items.iter().find(|item| item.name == agreement.capability);
        agreement.offered(&offered.map(given).unwrap_or_default())
    });
    made.map(Arc::new).collect()
}

impl Answered {
    /// What is wrong with the ANSWER.
    pub(super) fn judge(&self) -> Vec<Wrong> {
        let valid = "setup.answer.valid";
        let mut wrong = Vec::new();
        if !self.answer.has_empty_elements_alone() && !self.answer.items.is_empty() {
            let observed = format!("`{}`", self.answer);
            wrong.push(Wrong::new(valid, "a list of extensions, or nothing", observed));
        }
        let mut seen: Vec<&str> = Vec::new();
        for item in &self.answer.items {
            let name = item.name.as_str();
            let accepted_before = self.before.iter().any(|one| one.capability == name);
            if accepted_before || name == TOKEN {
                let expected = "no capability that was accepted before";
                wrong.push(Wrong::new("setup.answer.declined", expected, format!("`{item}`")));
            } else if !self.offer.items.iter().any(|offer| offer.name == name) {
                let expected = format!("nothing but of `{}`", self.offer);
                wrong.push(Wrong::new(valid, &expected, format!("`{item}`")));
            } else if !seen.contains(&name) {
                seen.push(name);
                let found = judge_answer(&SETUP, name, &self.offer, Some(&self.answer));
                if let Answer::Accepted(_, more) | Answer::Unusable(more) = found {
                    wrong.extend(more);
                }
            }
        }
        let used: Vec<Sequence> = self.before.iter().map(|one| one.sequence).collect();
        let new: Vec<Sequence> =
            self.answer.items.iter().filter_map(Agreement::of).map(|one| one.sequence).collect();
        wrong.extend(judge_sequences(&SETUP, &used, &new));
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<Arc<Agreement>> {
        let list = "control-setup; control=F0800010, rate-control; control=F0800011";
        agreements(&ExtensionList::read(list))
    }

    fn blamed(offer: &str, answer: &str) -> Vec<&'static str> {
        let mut setup = Setup::default();
        setup.sent(Role::Server, OFFER, offer.as_bytes(), &known());
        setup.received(Role::Server, ANSWER, answer.as_bytes(), &known());
        let answered = setup.answered.expect("it was answered");
        answered.judge().into_iter().map(|wrong| wrong.requirement).collect()
    }

    #[test]
    fn judges_answers() {
        let none: [&str; 0] = [];
        for (answer, wanted) in [
            ("", &none[..]),
            ("heartbeat; control=F0800012", &none),
            ("heartbeat; control=f0800012", &["setup.answer.upper-case"]),
            ("heartbeat; control=F0800011", &["setup.answer.distinct"]),
            ("heartbeat; control=F0800013", &["sequence.block"]),
            ("heartbeat", &["setup.answer.valid"]),
            ("heartbeat; control=F0800012; interval=300", &["setup.answer.valid"]),
            ("heartbeat; control=F0800012;", &["setup.answer.valid", "setup.answer.valid"]),
            ("idle-timeout; control=F0800012", &["setup.answer.valid"]),
            ("rate-control; control=F0800012", &["setup.answer.declined"]),
            ("control-setup; control=F0800012", &["setup.answer.declined"]),
        ] {
            assert_eq!(blamed("heartbeat, rate-control", answer), wanted, "{answer}");
        }
    }

    #[test]
    fn what_counts_when() {
        let mut setup = Setup::default();
        let answer = b"heartbeat; control=F0800012";
        let unasked = setup.received(Role::Server, ANSWER, answer, &known());
        assert!(matches!(unasked, Effect::None));
        setup.sent(Role::Server, OFFER, b"heartbeat", &known());
        let effect = setup.received(Role::Server, ANSWER, answer, &known());
        assert!(matches!(effect, Effect::Agreed(agreed) if agreed.len() == 1));
        setup.received(Role::Server, OFFER, b"heartbeat", &known());
        assert!(setup.owes_answer());
        assert_eq!(setup.sent(Role::Server, ANSWER, answer, &known()).len(), 1);
        assert!(!setup.owes_answer());
        let effect = setup.received(Role::Server, CONFIRM, b"", &known());
        assert!(matches!(effect, Effect::Active(active) if active.len() == 1));
        assert!(matches!(setup.received(Role::Server, CONFIRM, b"", &known()),
            Effect::Active(active) if active.is_empty()));
    }

    #[test]
    fn of_offers_that_cross_that_of_the_server_counts() {
        let mut setup = Setup::default();
        setup.sent(Role::Client, OFFER, b"heartbeat", &[]);
        setup.received(Role::Client, OFFER, b"heartbeat", &[]);
        assert!(setup.offered.is_some() && !setup.owes_answer());
        let mut setup = Setup::default();
        setup.sent(Role::Server, OFFER, b"heartbeat", &[]);
        setup.received(Role::Server, OFFER, b"heartbeat", &[]);
        assert!(setup.offered.is_none() && setup.owes_answer());
        // The harness may act as if it had not read the other one yet.
        setup.sent(Role::Server, OFFER, b"rate-control", &[]);
        assert!(setup.offered.is_none() && setup.owes_answer());
        let mut setup = Setup::default();
        setup.received(Role::Client, OFFER, b"heartbeat", &[]);
        setup.sent(Role::Client, OFFER, b"rate-control", &[]);
        assert!(setup.offered.is_some() && !setup.owes_answer());
    }
}
