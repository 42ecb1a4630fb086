//! Agreeing on capabilities (US 9,331,890, FIG. 3 and 4): what an answerer makes of offers, and what
//! an offerer checks in an answer. In the opening handshake the client offers; later either may.

use crate::capability::Capability;
use crate::deviations::Deviations;
use crate::extension::Extension;
use crate::random::Random;
use crate::sequences::Sequences;
use crate::terms::{Lenience, Sender, Terms, hexadecimal};

/// Octets a second that this endpoint can keep to when it paces.
const FASTEST: u64 = 100_000_000;

/// Octets a second of an endpoint with a small maximum.
const SLOW: u64 = 1_500_000;

/// It wakes up every millisecond or two, and each time sends half of a burst at most.
const HALF_BURSTS_PER_SECOND: u64 = 500;

/// What both sides know of a capability that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Agreement {
    pub(crate) sequence: [u8; 4],
    /// The parameters of the answer.
    pub(crate) terms: Terms,
    /// The maximum that the other side stated for what it sends.
    pub(crate) their_maximum: Option<u64>,
}

/// The rate up to which an endpoint with this burst can pace.
pub(crate) fn fastest(burst: u64, deviations: &Deviations) -> u64 {
    if deviations.rate.states_small_maximum {
        return SLOW.min(burst.saturating_mul(HALF_BURSTS_PER_SECOND));
    }
    FASTEST.min(burst.saturating_mul(HALF_BURSTS_PER_SECOND))
}

/// Accepts for each capability the first acceptable alternative, but none of `excluded`.
pub(crate) fn answer(
    offers: &[Extension],
    excluded: &[Capability],
    sequences: &mut Sequences,
    deviations: &Deviations,
    random: &mut Random,
) -> Vec<Agreement> {
    if deviations.declines_extensions {
        return Vec::new();
    }
    let single = offers.iter().all(|offer| Some(&offer.token) == offers.first().map(|o| &o.token));
    let low_bits = deviations.assigns_low_bits && single;
    let deviations = &Deviations { assigns_low_bits: low_bits, ..deviations.clone() };
    let mut accepted: Vec<Agreement> = Vec::new();
    for offer in offers {
        let Some(capability) = Capability::named(&offer.token) else { continue };
        let seen = accepted.iter().any(|agreement| agreement.terms.capability == capability);
        if seen || excluded.contains(&capability) {
            continue;
        }
        let Some(offered) = acceptable(offers, capability, deviations) else {
            if deviations.several.declines_all_for_one {
                return Vec::new();
            }
            continue;
        };
        let terms = answering(offered, deviations);
        let sequence = sequences.assign(deviations, random);
        accepted.push(Agreement { sequence, terms, their_maximum: offered.max_rate });
    }
    accepted
}

/// The first alternative of a capability that is acceptable.
fn acceptable(
    offers: &[Extension],
    capability: Capability,
    deviations: &Deviations,
) -> Option<Terms> {
    let strict = Lenience {
        any_number: deviations.accepts_any_number,
        repeated: deviations.accepts_repeated_parameters,
        ..Lenience::default()
    };
    let lenient = Lenience { unknown: deviations.accepts_unknown_parameters, ..strict };
    let choose = |lenience: Lenience| {
        let ours = offers.iter().filter(|offer| offer.token == capability.token());
        let mut acceptable = ours.filter_map(move |offer| {
            let quoted = offer.parameters.iter().any(|parameter| parameter.quoted);
            let terms = Terms::read(capability, &offer.parameters, lenience)?;
            let fits = terms.control.is_none() || deviations.accepts_proposed_control;
            (fits && !(quoted && deviations.declines_quoted_values)).then_some(terms)
        });
        let first = acceptable.next();
        if deviations.prefers_last_alternative { acceptable.next_back().or(first) } else { first }
    };
    choose(strict).or_else(|| choose(lenient))
}

/// What is answered to an acceptable offer: the same, but for the maximum, which is the answerer's.
fn answering(offered: Terms, deviations: &Deviations) -> Terms {
    let mut terms = Terms { control: None, max_rate: None, ..offered };
    let one_sided = matches!(terms.capability, Capability::RateControl | Capability::IdleTimeout);
    match terms.sender {
        Sender::Client if deviations.widens_sender => terms.sender = Sender::Both,
        Sender::Both if deviations.narrows_sender && one_sided => terms.sender = Sender::Client,
        _ => {}
    }
    // Who may not speak cannot tell its rate, so it cannot promise one.
    terms.strict &= terms.sender == Sender::Both;
    if terms.strict {
        terms.max_rate = Some(fastest(terms.burst, deviations));
    }
    if deviations.widens_burst {
        terms.burst = terms.burst.max(300);
    }
    terms
}

/// The text of an answer; nothing was accepted if it is empty.
pub(crate) fn write(accepted: &[Agreement], deviations: &Deviations) -> String {
    let mut elements = Vec::new();
    for Agreement { sequence, terms, .. } in accepted {
        let token = terms.capability.token();
        let mut digits = hexadecimal(*sequence);
        if deviations.sends_lower_case_control {
            digits = digits.to_lowercase();
        }
        let control =
            if deviations.omits_control { String::new() } else { format!("; control={digits}") };
        let unknown = if deviations.answers_unknown_parameter { "; colour=green" } else { "" };
        elements.push(format!("{token}{control}{}{unknown}", terms.write()));
        if deviations.answers_twice {
            let other = (u32::from_be_bytes(*sequence) ^ 0x10).to_be_bytes();
            elements.push(format!("{token}; control={}", hexadecimal(other)));
        }
    }
    elements.join(", ")
}

/// What the client of this crate offers in its handshake: all that it can do, as widely as it can.
pub(crate) fn offer(deviations: &Deviations) -> Option<String> {
    if deviations.declines_extensions {
        return None;
    }
    let control = if deviations.proposes_control { "; control=F0800000" } else { "" };
    let unknown = if deviations.offers_unknown_parameter { "; colour=green" } else { "" };
    let maximum = if deviations.rate.states_small_maximum { SLOW } else { FASTEST };
    Some(format!(
        "rate-control{control}; pace=strict; max-rate={maximum}; ack=1024{unknown}, idle-timeout, \
         heartbeat; interval=100, control-setup"
    ))
}

/// Checks an answer against what was offered; an error means to fail the connection. The
/// sequences that are accepted join those in use.
pub(crate) fn check(
    answers: &[Extension],
    offered: &[Extension],
    sequences: &mut Sequences,
    deviations: &Deviations,
) -> Result<Vec<Agreement>, &'static str> {
    let mut accepted: Vec<Agreement> = Vec::new();
    for answer in answers {
        let mut offers = offered.iter().filter(|offer| offer.token == answer.token).peekable();
        let capability = Capability::named(&answer.token).filter(|_| offers.peek().is_some());
        let Some(capability) = capability else {
            if deviations.takes_unoffered_extensions {
                continue;
            }
            return Err("an extension that was not offered");
        };
        let agreement = check_one(capability, answer, offers, deviations)?;
        if let Some(index) = accepted.iter().position(|one| one.terms.capability == capability) {
            if !deviations.takes_repeated_capability {
                return Err("a capability twice");
            }
            accepted.remove(index);
        }
        let shared = accepted.iter().any(|other| other.sequence == agreement.sequence);
        let used = sequences.used().contains(&agreement.sequence);
        if shared && !deviations.several.takes_shared_sequences || used {
            return Err("a sequence that another capability has");
        }
        accepted.push(agreement);
    }
    for agreement in &accepted {
        sequences.add(agreement.sequence);
    }
    Ok(accepted)
}

fn check_one<'a>(
    capability: Capability,
    answer: &Extension,
    mut offers: impl Iterator<Item = &'a Extension>,
    deviations: &Deviations,
) -> Result<Agreement, &'static str> {
    let quoted = answer.parameters.iter().any(|parameter| parameter.quoted);
    let value = |name| answer.parameters.iter().find(|p| p.name == name)?.value.as_deref();
    let lower = value("control").is_some_and(|digits| digits.contains(|c: char| c.is_lowercase()));
    if quoted && deviations.refuses_quoted_values || lower && deviations.refuses_lower_case_control
    {
        return Err("a spelling that this client does not know");
    }
    let lenience = Lenience {
        unknown: deviations.takes_unknown_parameters,
        any_control: deviations.takes_any_control,
        ..Lenience::default()
    };
    let Some(terms) = Terms::read(capability, &answer.parameters, lenience) else {
        return Err("a parameter that is unknown, repeated or out of range");
    };
    let sequence = match terms.control {
        Some(sequence) => sequence,
        None if deviations.takes_missing_control => [0; 4],
        None => return Err("no control sequence"),
    };
    let known = Lenience { unknown: true, ..Lenience::default() };
    let fits = offers.any(|offer| {
        let offered = Terms::read(capability, &offer.parameters, known);
        offered.is_some_and(|offered| !terms.widens(&offered))
    });
    if !fits && !deviations.takes_widened_values {
        return Err("more than was offered");
    }
    Ok(Agreement { sequence, terms, their_maximum: terms.max_rate })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::parse;

    fn answered(offer: &str) -> String {
        let (offers, deviations) = (parse(&[offer]).unwrap(), Deviations::default());
        let mut sequences = Sequences::default();
        let accepted = answer(&offers, &[], &mut sequences, &deviations, &mut Random::new(1));
        let mut text = write(&accepted, &deviations);
        for (agreement, name) in accepted.iter().zip(["S", "T", "U", "V"]) {
            text = text.replace(&hexadecimal(agreement.sequence), name);
        }
        text
    }

    #[test]
    fn the_first_acceptable_alternative_is_answered() {
        for (offer, answer) in [
            ("rate-control", "rate-control; control=S"),
            ("x, rate-control; sender=client", "rate-control; control=S; sender=client"),
            ("rate-control; sender=\"server\"", "rate-control; control=S; sender=server"),
            (
                "rate-control; colour=red, rate-control; burst=4096",
                "rate-control; control=S; burst=4096",
            ),
            (
                "rate-control; pace=strict; max-rate=1000; ack=1024",
                "rate-control; control=S; max-rate=32768000; pace=strict; ack=1024",
            ),
            ("rate-control; pace=strict; sender=client", "rate-control; control=S; sender=client"),
        ] {
            assert_eq!(answered(offer), answer, "{offer}");
        }
    }

    #[test]
    fn each_capability_is_answered_once_and_by_itself() {
        assert_eq!(
            answered(
                "heartbeat; interval=5, idle-timeout; timeout=200, rate-control, idle-timeout, \
                 control-setup, heartbeat"
            ),
            "heartbeat; control=S, idle-timeout; control=T; timeout=200, rate-control; control=U, \
             control-setup; control=V"
        );
    }

    #[test]
    fn what_is_out_of_range_is_declined() {
        for parameter in [
            "control=F0000000",
            "max-rate=0",
            "max-rate=01",
            "max-rate",
            "max-rate=9007199254740992",
            "sender=all",
            "sender=Both",
            "burst=255",
            "step=91",
            "ack=5",
            "pace=slow",
            "Sender=both",
            "sender=both; sender=both",
        ] {
            assert_eq!(answered(&format!("rate-control; {parameter}")), "", "{parameter}");
        }
        assert_eq!(answered("Rate-Control"), "");
    }

    fn checked(answer: &str) -> Result<Vec<Agreement>, &'static str> {
        let deviations = Deviations::default();
        let offered = parse(&[&offer(&deviations).unwrap()]).unwrap();
        let mut sequences = Sequences::default();
        sequences.add([0xF0, 0x0A, 0, 0x99]);
        check(&parse(&[answer]).unwrap(), &offered, &mut sequences, &deviations)
    }

    #[test]
    fn a_client_checks_the_answer() {
        let terms = Terms::defaults(Capability::RateControl);
        let sequence = [0xF0, 0x0A, 0, 0x10];
        let terms = Terms { control: Some(sequence), ..terms };
        let agreed = Agreement { sequence, terms, their_maximum: None };
        assert_eq!(checked("rate-control; control=f00A0010"), Ok(vec![agreed]));
        let all = "heartbeat; control=00000001, idle-timeout; control=00000002; timeout=100, \
            rate-control; control=FFFFFFFF; pace=strict; ack=1024, control-setup; control=00000003";
        assert_eq!(checked(all).map(|all| all.len()), Ok(4));
        for wrong in [
            "rate-control",
            "rate-control; control=F00A001",
            "rate-control; control=F00A0010; colour=red",
            "rate-control; control=F00A0010; control=F00A0010",
            "other",
            "rate-control; control=F00A0010, rate-control; control=F00A0020",
            "rate-control; control=F00A0010; burst=65537",
            "rate-control; control=F00A0010; pace=strict; sender=client",
            "rate-control; control=F00A0010; ack=1023",
            "rate-control; control=\"+00A0010\"",
            "rate-control; control=F00A0010, heartbeat; control=F00A0010",
            "rate-control; control=F00A0099",
            "idle-timeout; control=F00A0010; timeout=60001",
        ] {
            assert!(checked(wrong).is_err(), "{wrong}");
        }
    }
}
