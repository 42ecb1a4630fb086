//! `control-setup` by subprotocol, for pages that cannot set Sec-WebSocket-Extensions: the client
//! chooses the sequence and offers `control.XXXXXXXX` or `control.XXXXXXXX.APP`.

use crate::capability::Capability;
use crate::deviations::Deviations;
use crate::http::is_token;
use crate::negotiation::Agreement;
use crate::random::Random;
use crate::sequences::Sequences;
use crate::terms::{self, Terms};

/// The first label of such a subprotocol.
const LABEL: &str = "control";

/// The sequence in a subprotocol of this kind; `None` if it is any other one.
pub(crate) fn sequence_in(subprotocol: &str, deviations: &Deviations) -> Option<[u8; 4]> {
    let (label, rest) = subprotocol.split_once('.')?;
    let (digits, application) = match rest.split_once('.') {
        Some((digits, application)) => (digits, Some(application)),
        None => (rest, None),
    };
    if label != LABEL || application.is_some_and(|application| !is_token(application)) {
        return None;
    }
    if deviations.setup.takes_any_digits {
        return Some(terms::digits(digits));
    }
    terms::sequence(digits)
}

/// What is agreed on when such a subprotocol is selected.
pub(crate) fn agreement(sequence: [u8; 4]) -> Agreement {
    let terms = Terms::defaults(Capability::ControlSetup);
    Agreement { sequence, terms, their_maximum: None }
}

/// The subprotocol that a client of this crate offers.
pub(crate) fn offer(deviations: &Deviations, random: &mut Random) -> String {
    let digits = terms::hexadecimal(Sequences::default().assign(deviations, random));
    let most = if deviations.setup.writes_seven_digits { 7 } else { 8 };
    format!("{LABEL}.{}", digits.get(..most).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_digits_and_perhaps_a_name() {
        for (subprotocol, sequence) in [
            ("control.F0800010", Some([0xF0, 0x80, 0, 0x10])),
            ("control.f0800010.chat", Some([0xF0, 0x80, 0, 0x10])),
            ("control.00000000.a.b", Some([0; 4])),
            ("control.F080001", None),
            ("control.F08000100", None),
            ("control.F080001G", None),
            ("control.+F080001", None),
            ("control.F0800010.", None),
            ("Control.F0800010", None),
            ("control", None),
            ("chat", None),
        ] {
            assert_eq!(sequence_in(subprotocol, &Deviations::default()), sequence, "{subprotocol}");
        }
    }

    #[test]
    fn what_a_client_offers_is_one() {
        let offered = offer(&Deviations::default(), &mut Random::new(1));
        assert!(sequence_in(&offered, &Deviations::default()).is_some(), "{offered}");
    }
}
