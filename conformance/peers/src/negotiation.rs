//! Agreeing on `rate-control` in the opening handshake (US 9,331,890, FIG. 3 and 4): what a server
//! answers to an offer, and what a client checks in an answer.

use std::fmt::Write as _;

use crate::deviations::Deviations;
use crate::extension::{Extension, Parameter};
use crate::random::Random;

/// The one capability of these endpoints.
pub(crate) const RATE_CONTROL: &str = "rate-control";

/// Octets of `burst` when the parameter is absent.
const DEFAULT_BURST: u64 = 65_536;

/// The largest number that scripts count exactly: 2^53 - 1.
const LARGEST: u64 = (1 << 53) - 1;

/// What both sides know after the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Agreement {
    pub(crate) sequence: [u8; 4],
    pub(crate) sender: Sender,
}

/// Which party may send control messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    Client,
    Server,
    Both,
}

impl Sender {
    fn read(word: &str) -> Option<Sender> {
        match word {
            "client" => Some(Sender::Client),
            "server" => Some(Sender::Server),
            "both" => Some(Sender::Both),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Sender::Client => "client",
            Sender::Server => "server",
            Sender::Both => "both",
        }
    }

    pub(crate) fn allows_client(self) -> bool {
        self != Sender::Server
    }

    pub(crate) fn allows_server(self) -> bool {
        self != Sender::Client
    }
}

/// The parameters of one alternative or of one answer, defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Terms {
    control: Option<[u8; 4]>,
    sender: Sender,
    strict: bool,
    burst: u64,
    acknowledged: u64,
}

/// What a reader of parameters lets pass: nothing, if it is well-behaved.
#[derive(Clone, Copy, Default)]
struct Lenience {
    unknown: bool,
    any_number: bool,
    repeated: bool,
    any_control: bool,
}

/// Chooses the first acceptable alternative and gives the value of the answering field with what
/// was agreed; `None` declines.
pub(crate) fn answer(
    offers: &[Extension],
    deviations: &Deviations,
    random: &mut Random,
) -> Option<(String, Agreement)> {
    if deviations.declines_extensions {
        return None;
    }
    let strict = Lenience {
        any_number: deviations.accepts_any_number,
        repeated: deviations.accepts_repeated_parameters,
        ..Lenience::default()
    };
    let lenient = Lenience { unknown: deviations.accepts_unknown_parameters, ..strict };
    let acceptable = |lenience: Lenience| {
        let ours = offers.iter().filter(|offer| offer.token == RATE_CONTROL);
        let mut acceptable = ours.filter_map(move |offer| {
            let quoted = offer.parameters.iter().any(|parameter| parameter.quoted);
            let terms = read(&offer.parameters, lenience)?;
            let fits = terms.control.is_none() || deviations.accepts_proposed_control;
            (fits && !(quoted && deviations.declines_quoted_values)).then_some(terms)
        });
        let first = acceptable.next();
        if deviations.prefers_last_alternative { acceptable.next_back().or(first) } else { first }
    };
    let terms = acceptable(strict).or_else(|| acceptable(lenient))?;

    let sequence = choose_sequence(deviations, random);
    let sender = match terms.sender {
        Sender::Client if deviations.widens_sender => Sender::Both,
        Sender::Both if deviations.narrows_sender => Sender::Client,
        offered => offered,
    };
    let mut digits = hexadecimal(sequence);
    if deviations.sends_lower_case_control {
        digits = digits.to_lowercase();
    }
    let mut text = RATE_CONTROL.to_owned();
    if !deviations.omits_control {
        text += &format!("; control={digits}");
    }
    if sender != Sender::Both {
        text += &format!("; sender={}", sender.word());
    }
    // An answer never means "as offered" by silence: a smaller burst has to be repeated.
    if terms.burst < DEFAULT_BURST {
        let least = if deviations.widens_burst { 300 } else { 256 };
        text += &format!("; burst={}", terms.burst.max(least));
    }
    if deviations.answers_unknown_parameter {
        text += "; colour=green";
    }
    if deviations.answers_twice {
        let other = (u32::from_be_bytes(sequence) ^ 0x10).to_be_bytes();
        text += &format!(", {RATE_CONTROL}; control={}", hexadecimal(other));
    }
    Some((text, Agreement { sequence, sender }))
}

/// What the client of this crate offers.
pub(crate) fn offer(deviations: &Deviations) -> Option<String> {
    if deviations.declines_extensions {
        return None;
    }
    let mut text = RATE_CONTROL.to_owned();
    if deviations.proposes_control {
        text += "; control=F0800000";
    }
    if deviations.offers_unknown_parameter {
        text += "; colour=green";
    }
    Some(text)
}

/// Checks an answer against [`offer`]; an error means that the client has to fail the connection.
pub(crate) fn check(
    answers: &[Extension],
    deviations: &Deviations,
) -> Result<Option<Agreement>, &'static str> {
    let (ours, others): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.token == RATE_CONTROL);
    let unoffered = !others.is_empty() || deviations.declines_extensions && !ours.is_empty();
    if unoffered && !deviations.takes_unoffered_extensions {
        return Err("an extension that was not offered");
    }
    let Some(answer) = ours.last() else {
        return Ok(None);
    };
    if ours.len() > 1 && !deviations.takes_repeated_capability {
        return Err("the capability twice");
    }
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
    let Some(terms) = read(&answer.parameters, lenience) else {
        return Err("a parameter that is unknown, repeated or out of range");
    };
    let sequence = match terms.control {
        Some(sequence) => sequence,
        None if deviations.takes_missing_control => [0; 4],
        None => return Err("no control sequence"),
    };
    let wider = terms.strict || terms.burst > DEFAULT_BURST || terms.acknowledged != 0;
    if wider && !deviations.takes_widened_values {
        return Err("more than was offered");
    }
    Ok(Some(Agreement { sequence, sender: terms.sender }))
}

/// Reads parameters; `None` when one is unknown, repeated, or out of range.
fn read(parameters: &[Parameter], lenience: Lenience) -> Option<Terms> {
    let mut terms = Terms {
        control: None,
        sender: Sender::Both,
        strict: false,
        burst: DEFAULT_BURST,
        acknowledged: 0,
    };
    let number = |text: Option<&str>, least, most| {
        let loose = || text?.parse().ok().filter(|_| lenience.any_number);
        number(text?, least, most).or_else(loose)
    };
    for (position, parameter) in parameters.iter().enumerate() {
        let repeated = parameters.iter().take(position).any(|p| p.name == parameter.name);
        if repeated && !lenience.repeated {
            return None;
        }
        let value = parameter.value.as_deref();
        match parameter.name.as_str() {
            "control" if lenience.any_control => terms.control = Some(digits(value.unwrap_or(""))),
            "control" => terms.control = Some(sequence(value?)?),
            "sender" => terms.sender = Sender::read(value?)?,
            "max-rate" => drop(number(value, 1, LARGEST)?),
            "pace" if value == Some("strict") => terms.strict = true,
            "pace" if value == Some("advisory") => terms.strict = false,
            "burst" => terms.burst = number(value, 256, 16_777_216)?,
            "step" => drop(number(value, 1, 90)?),
            "ack" if value == Some("0") => terms.acknowledged = 0,
            "ack" => terms.acknowledged = number(value, 1024, LARGEST)?,
            _ if lenience.unknown => {}
            _ => return None,
        }
    }
    Some(terms)
}

/// Decimal, without leading zeros, within the bounds.
fn number(text: &str, least: u64, most: u64) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    if !digits || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    text.parse().ok().filter(|number| (least..=most).contains(number))
}

/// Exactly eight hexadecimal digits of either case.
fn sequence(text: &str) -> Option<[u8; 4]> {
    if text.len() != 8 || !text.bytes().all(|octet| octet.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(text, 16).ok().map(u32::to_be_bytes)
}

/// A misbehaviour: whatever digits there are make a sequence.
fn digits(text: &str) -> [u8; 4] {
    let digits = text.chars().filter_map(|character| character.to_digit(16));
    digits.take(8).fold(0_u32, |number, digit| (number << 4) | digit).to_be_bytes()
}

fn hexadecimal(octets: [u8; 4]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{octet:02X}");
        text
    })
}

/// Four octets that cannot begin UTF-8 text, the low four bits zero (US 9,331,890, claim 17).
fn choose_sequence(deviations: &Deviations, random: &mut Random) -> [u8; 4] {
    let [first, second, third, fourth] = random.four();
    if deviations.assigns_text {
        return [first, second, third, 0].map(|octet| b'`' | (octet & 0x0F));
    }
    let low = if deviations.assigns_low_bits { (fourth & 0x0F) | 0x01 } else { 0 };
    // The highest bit of the second octet is clear, so it is no continuation octet.
    [0xF0 | (first & 0x07), second & 0x7F, third, (fourth & 0xF0) | low]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::parse;

    fn answered(offer: &str) -> Option<String> {
        let offers = parse(&[offer]).unwrap();
        let answer = answer(&offers, &Deviations::default(), &mut Random::new(1));
        answer.map(|(text, agreement)| text.replace(&hexadecimal(agreement.sequence), "S"))
    }

    #[test]
    fn the_first_acceptable_alternative_is_answered() {
        let s = |text: &str| Some(format!("rate-control; control=S{text}"));
        assert_eq!(answered("rate-control"), s(""));
        assert_eq!(answered("x, rate-control; sender=client"), s("; sender=client"));
        assert_eq!(answered("rate-control; sender=\"server\""), s("; sender=server"));
        assert_eq!(
            answered("rate-control; colour=red, rate-control; burst=4096"),
            s("; burst=4096")
        );
        assert_eq!(answered("rate-control; pace=strict; max-rate=1000; ack=1024"), s(""));
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
            assert_eq!(answered(&format!("rate-control; {parameter}")), None, "{parameter}");
        }
        assert_eq!(answered("Rate-Control"), None);
    }

    #[test]
    fn sequences_cannot_begin_text_and_end_in_four_zero_bits() {
        let mut random = Random::new(3);
        for _ in 0..1000 {
            let sequence = choose_sequence(&Deviations::default(), &mut random);
            assert!(std::str::from_utf8(&sequence).is_err());
            assert_eq!((sequence[0] >> 3, sequence[3] & 0x0F), (0b11110, 0));
        }
    }

    #[test]
    fn a_client_checks_the_answer() {
        let checked = |answer: &str| check(&parse(&[answer]).unwrap(), &Deviations::default());
        let agreed = Agreement { sequence: [0xF0, 0x0A, 0, 0x10], sender: Sender::Both };
        assert_eq!(checked("rate-control; control=f00A0010"), Ok(Some(agreed)));
        for wrong in [
            "rate-control",
            "rate-control; control=F00A001",
            "rate-control; control=F00A0010; colour=red",
            "rate-control; control=F00A0010; control=F00A0010",
            "other",
            "rate-control; control=F00A0010, rate-control; control=F00A0020",
            "rate-control; control=F00A0010; burst=65537",
            "rate-control; control=F00A0010; pace=strict",
            "rate-control; control=F00A0010; ack=4096",
            "rate-control; control=\"+00A0010\"",
        ] {
            assert!(checked(wrong).is_err(), "{wrong}");
        }
    }
}
