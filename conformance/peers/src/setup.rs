//! Negotiation on an open connection, by `control-setup` (US 9,331,890, FIG. 4, 402; claim 16):
//! OFFER, ANSWER, CONFIRM, and whose turn it is.

use crate::capability::Capability;
use crate::capability::kind::{ANSWER, OFFER};
use crate::deviations::Deviations;
use crate::extension::{self, Extension};
use crate::negotiation::{self, Agreement};
use crate::random::Random;
use crate::role::Role;
use crate::sequences::Sequences;
use crate::terms::{Terms, hexadecimal};

/// Where the one negotiation stands that may be under way.
#[derive(Clone, Debug, Default)]
enum Stage {
    /// There is none.
    #[default]
    Quiet,
    /// This side has sent OFFER.
    Offered {
        offered: Vec<Extension>,
        /// The offer of the other side crossed, and was dropped.
        dropped: bool,
    },
    /// This side has answered, and waits for CONFIRM.
    Answered { accepted: Vec<Agreement> },
}

/// The negotiation of one connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Setup {
    stage: Stage,
}

/// What has to happen for a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Nothing,
    /// Send ANSWER with this text; the new sequences count in this direction from there.
    Answer {
        text: String,
        accepted: Vec<Agreement>,
    },
    /// Send CONFIRM; the new sequences count both ways.
    Confirm {
        accepted: Vec<Agreement>,
    },
    /// The new sequences count in the other direction too.
    Confirmed {
        accepted: Vec<Agreement>,
    },
}

/// What the rest of the connection knows.
pub(crate) struct Surroundings<'a> {
    pub(crate) role: Role,
    /// What was accepted so far, and whether it is suspended.
    pub(crate) accepted: Vec<(Capability, [u8; 4], bool)>,
    pub(crate) sequences: &'a mut Sequences,
    pub(crate) random: &'a mut Random,
    pub(crate) deviations: &'a Deviations,
}

impl Setup {
    /// Whether an OFFER may be sent.
    pub(crate) fn may_offer(&self) -> bool {
        matches!(self.stage, Stage::Quiet)
    }

    /// An OFFER with this list was sent.
    pub(crate) fn offer(&mut self, text: &str) {
        let offered = extension::parse(&[text]).unwrap_or_default();
        self.stage = Stage::Offered { offered, dropped: false };
    }

    /// Takes a message that is well-formed but for its list; an error means to fail the
    /// connection with 1002.
    pub(crate) fn take(
        &mut self,
        code: u8,
        body: &[u8],
        around: &mut Surroundings<'_>,
    ) -> Result<Step, &'static str> {
        let switches = &around.deviations.setup;
        match (code, std::mem::take(&mut self.stage)) {
            (OFFER, Stage::Quiet) => self.answer(body, around),
            (OFFER, Stage::Offered { offered, dropped: false }) => match around.role {
                Role::Server if switches.answers_crossing => self.answer(body, around),
                Role::Client if !switches.drops_crossing => self.answer(body, around),
                Role::Server | Role::Client => {
                    self.stage = Stage::Offered { offered, dropped: true };
                    Ok(Step::Nothing)
                }
            },
            (ANSWER, Stage::Offered { offered, .. }) => match check(body, &offered, around) {
                Ok(accepted) if accepted.is_empty() => Ok(Step::Nothing),
                Ok(accepted) => Ok(Step::Confirm { accepted }),
                Err(_) if switches.takes_any_answer => Ok(Step::Nothing),
                Err(why) => Err(why),
            },
            (OFFER | ANSWER, stage) => {
                self.stage = stage;
                out_of_turn(around)
            }
            (_, Stage::Answered { accepted }) => Ok(Step::Confirmed { accepted }),
            (_, stage) => {
                self.stage = stage;
                out_of_turn(around)
            }
        }
    }

    fn answer(&mut self, body: &[u8], around: &mut Surroundings<'_>) -> Result<Step, &'static str> {
        let deviations = around.deviations;
        let switches = &deviations.setup;
        let offers = match parse(body) {
            Ok(offers) => offers,
            Err(_) if switches.declines_malformed => Vec::new(),
            Err(why) => return Err(why),
        };
        let mut excluded: Vec<Capability> =
            around.accepted.iter().map(|(capability, ..)| *capability).collect();
        if switches.accepts_again {
            excluded = vec![Capability::ControlSetup];
        }
        if switches.accepts_setup {
            excluded.retain(|capability| *capability != Capability::ControlSetup);
        } else if !excluded.contains(&Capability::ControlSetup) {
            excluded.push(Capability::ControlSetup);
        }
        let offers_to_take: &[Extension] = if switches.declines_offers { &[] } else { &offers };
        let mut accepted = negotiation::answer(
            offers_to_take,
            &excluded,
            around.sequences,
            &deviations.in_band(),
            around.random,
        );
        let used = |suspended: bool| {
            let mut used = around.accepted.iter().filter(|(_, _, rests)| *rests || !suspended);
            used.next().map(|(_, sequence, _)| *sequence)
        };
        let reused = match () {
            () if switches.assigns_used_sequence => used(false),
            () if switches.assigns_suspended_sequence => used(true),
            () => None,
        };
        for agreement in &mut accepted {
            agreement.sequence = reused.unwrap_or(agreement.sequence);
            if switches.widens_answer {
                agreement.terms.burst = Terms::defaults(agreement.terms.capability).burst;
            }
        }
        let mut text = negotiation::write(&accepted, &deviations.in_band());
        if switches.answers_in_lower_case {
            for Agreement { sequence, .. } in &accepted {
                let digits = hexadecimal(*sequence);
                text = text.replace(&digits, &digits.to_lowercase());
            }
        }
        let deflate = |offer: &Extension| offer.token == "permessage-deflate";
        if switches.accepts_deflate && offers.iter().any(deflate) {
            let comma = if text.is_empty() { "" } else { ", " };
            text += &format!("{comma}permessage-deflate");
        }
        let idle = |offer: &Extension| offer.token == Capability::IdleTimeout.token();
        if switches.leaves_idle_unanswered && offers.iter().all(idle) {
            return Ok(Step::Nothing);
        }
        if !accepted.is_empty() {
            self.stage = Stage::Answered { accepted: accepted.clone() };
        }
        Ok(Step::Answer { text, accepted })
    }
}

/// Holds an ANSWER against what was offered; an empty one accepts nothing.
fn check(
    body: &[u8],
    offered: &[Extension],
    around: &mut Surroundings<'_>,
) -> Result<Vec<Agreement>, &'static str> {
    if body.is_empty() {
        return Ok(Vec::new());
    }
    let answers = parse(body)?;
    let taken = |answer: &Extension| {
        let capability = Capability::named(&answer.token);
        around.accepted.iter().any(|(accepted, ..)| Some(*accepted) == capability)
    };
    if answers.iter().any(taken) {
        return Err("a capability that was accepted before");
    }
    negotiation::check(&answers, offered, around.sequences, &around.deviations.in_band())
}

fn parse(body: &[u8]) -> Result<Vec<Extension>, &'static str> {
    let text = std::str::from_utf8(body).map_err(|_| "a list that is no text")?;
    extension::parse(&[text]).map_err(|_| "a list that breaks the grammar")
}

fn out_of_turn(around: &Surroundings<'_>) -> Result<Step, &'static str> {
    if around.deviations.setup.ignores_turns {
        Ok(Step::Nothing)
    } else {
        Err("a message out of turn")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capability::kind::CONFIRM;

    const OLD: [u8; 4] = [0xF0, 0x40, 0, 0x20];
    const NEW: [u8; 4] = [0xF0, 0x40, 0, 0x21];

    /// The steps that a side takes, in short; the last one may be an error.
    fn steps(role: Role, offer: Option<&str>, messages: &[(u8, &str)]) -> Vec<&'static str> {
        let mut sequences = Sequences::default();
        sequences.add(OLD);
        let (mut random, deviations) = (Random::new(0), Deviations::default());
        let mut around = Surroundings {
            role,
            accepted: vec![(Capability::ControlSetup, OLD, false)],
            sequences: &mut sequences,
            random: &mut random,
            deviations: &deviations,
        };
        let mut setup = Setup::default();
        if let Some(offer) = offer {
            setup.offer(offer);
        }
        let step = |(code, body): &(u8, &str)| match setup.take(*code, body.as_bytes(), &mut around)
        {
            Ok(Step::Nothing) => "nothing",
            Ok(Step::Answer { text, .. }) if text.is_empty() => "decline",
            Ok(Step::Answer { accepted, .. }) if accepted[0].sequence == NEW => "accept",
            Ok(Step::Answer { .. }) => "accept with a sequence in use",
            Ok(Step::Confirm { .. }) => "confirm",
            Ok(Step::Confirmed { .. }) => "confirmed",
            Err(_) => "fail",
        };
        messages.iter().map(step).collect()
    }

    #[test]
    fn an_offer_is_answered_and_confirmed() {
        let offer = (OFFER, "x, heartbeat, control-setup");
        let confirm = (CONFIRM, "");
        let both = [offer, confirm, (OFFER, "rate-control; burst=1"), offer, confirm];
        assert_eq!(steps(Role::Server, None, &both)[..3], ["accept", "confirmed", "decline"]);
        assert_eq!(steps(Role::Client, None, &[offer, offer]), ["accept", "fail"]);
        assert_eq!(steps(Role::Client, None, &[confirm]), ["fail"]);
        assert_eq!(steps(Role::Client, None, &[(ANSWER, "")]), ["fail"]);
        for malformed in ["", ",", "heartbeat;", "é"] {
            assert_eq!(steps(Role::Client, None, &[(OFFER, malformed)]), ["fail"], "{malformed}");
        }
    }

    #[test]
    fn an_answer_is_checked() {
        for (answer, step) in [
            ("heartbeat; control=F0400021", "confirm"),
            ("", "nothing"),
            ("heartbeat; control=F0400020", "fail"),
            ("heartbeat", "fail"),
            ("idle-timeout; control=F0400021", "fail"),
            ("control-setup; control=F0400021", "fail"),
            ("heartbeat; control=F0400021; interval=100", "fail"),
            ("heartbeat;", "fail"),
        ] {
            let found = steps(Role::Client, Some("heartbeat"), &[(ANSWER, answer)]);
            assert_eq!(found, [step], "{answer}");
        }
    }

    #[test]
    fn of_two_offers_that_cross_the_one_of_the_server_counts() {
        let offer = (OFFER, "heartbeat");
        let answer = (ANSWER, "heartbeat; control=F0400021");
        let server = steps(Role::Server, Some("heartbeat"), &[offer, answer]);
        assert_eq!(server, ["nothing", "confirm"]);
        assert_eq!(steps(Role::Server, Some("heartbeat"), &[offer, offer]), ["nothing", "fail"]);
        let client = steps(Role::Client, Some("heartbeat"), &[offer, (CONFIRM, "")]);
        assert_eq!(client, ["accept", "confirmed"]);
        assert_eq!(steps(Role::Client, Some("heartbeat"), &[offer, answer]), ["accept", "fail"]);
    }
}
