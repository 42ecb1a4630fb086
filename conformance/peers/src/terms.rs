//! The parameters of a capability: read with their ranges and defaults, compared, and written.

use std::fmt::Write as _;

use crate::capability::Capability;
use crate::extension::Parameter;
use crate::role::Role;

/// Octets of `burst` when the parameter is absent.
const DEFAULT_BURST: u64 = 65_536;

/// Percent of `step` when the parameter is absent.
const DEFAULT_STEP: u64 = 10;

/// Milliseconds of `timeout` when the parameter is absent.
const DEFAULT_TIMEOUT: u64 = 60_000;

/// The largest number that scripts count exactly: 2^53 - 1.
pub(crate) const LARGEST: u64 = (1 << 53) - 1;

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

    pub(crate) fn allows(self, role: Role) -> bool {
        match role {
            Role::Client => self != Sender::Server,
            Role::Server => self != Sender::Client,
        }
    }
}

/// The parameters of one alternative or of one answer, defaults filled in. A parameter that the
/// capability does not have keeps its default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) capability: Capability,
    pub(crate) control: Option<[u8; 4]>,
    pub(crate) sender: Sender,
    /// Octets a second; absent is unlimited. It speaks for the party that writes it.
    pub(crate) max_rate: Option<u64>,
    pub(crate) strict: bool,
    /// Octets.
    pub(crate) burst: u64,
    /// Percent.
    pub(crate) step: u64,
    /// Octets; 0 is never.
    pub(crate) ack: u64,
    /// Milliseconds.
    pub(crate) timeout: u64,
    /// Milliseconds; 0 is never.
    pub(crate) interval: u64,
}

/// What a reader of parameters lets pass: nothing, if it is well-behaved.
#[derive(Clone, Copy, Default)]
pub(crate) struct Lenience {
    pub(crate) unknown: bool,
    pub(crate) any_number: bool,
    pub(crate) repeated: bool,
    pub(crate) any_control: bool,
}

impl Terms {
    /// What an extension means that has no parameters.
    pub(crate) fn defaults(capability: Capability) -> Terms {
        Terms {
            capability,
            control: None,
            sender: Sender::Both,
            max_rate: None,
            strict: false,
            burst: DEFAULT_BURST,
            step: DEFAULT_STEP,
            ack: 0,
            timeout: DEFAULT_TIMEOUT,
            interval: 0,
        }
    }

    /// Reads parameters; `None` when one is unknown, repeated, or out of range.
    pub(crate) fn read(
        capability: Capability,
        parameters: &[Parameter],
        lenience: Lenience,
    ) -> Option<Terms> {
        use Capability::{Heartbeat, IdleTimeout, RateControl};
        let mut terms = Terms::defaults(capability);
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
            match (parameter.name.as_str(), capability) {
                ("control", _) if lenience.any_control => {
                    terms.control = Some(digits(value.unwrap_or("")));
                }
                ("control", _) => terms.control = Some(sequence(value?)?),
                ("sender", RateControl | IdleTimeout) => terms.sender = Sender::read(value?)?,
                // Messages that need a reply need both.
                ("sender", _) if value == Some("both") => {}
                ("max-rate", RateControl) => terms.max_rate = Some(number(value, 1, LARGEST)?),
                ("pace", RateControl) if value == Some("strict") => terms.strict = true,
                ("pace", RateControl) if value == Some("advisory") => terms.strict = false,
                ("burst", RateControl) => terms.burst = number(value, 256, 16_777_216)?,
                ("step", RateControl) => terms.step = number(value, 1, 90)?,
                ("ack", RateControl) if value == Some("0") => terms.ack = 0,
                ("ack", RateControl) => terms.ack = number(value, 1024, LARGEST)?,
                ("timeout", IdleTimeout) => terms.timeout = number(value, 100, 86_400_000)?,
                ("interval", Heartbeat) if value == Some("0") => terms.interval = 0,
                ("interval", Heartbeat) => terms.interval = number(value, 100, 3_600_000)?,
                _ if lenience.unknown => {}
                _ => return None,
            }
        }
        Some(terms)
    }

    /// Whether an answer of these terms asks for more than `offer` did.
    pub(crate) fn widens(&self, offer: &Terms) -> bool {
        let rarer = |answered, offered| answered == 0 || offered != 0 && answered >= offered;
        self.sender != offer.sender && offer.sender != Sender::Both
            || self.strict && (!offer.strict || self.sender != Sender::Both)
            || self.burst > offer.burst
            || !rarer(self.ack, offer.ack)
            || self.timeout > offer.timeout
            || !rarer(self.interval, offer.interval)
    }

    /// The parameters that are not at their defaults, each with its semicolon. An answer never
    /// means "as offered" by silence, so this is all that has to be said.
    pub(crate) fn write(&self) -> String {
        let usual = Terms::defaults(self.capability);
        let mut text = String::new();
        let mut add = |name: &str, value: &str| {
            // Writing to a string cannot fail.
            let _ = write!(text, "; {name}={value}");
        };
        if self.sender != usual.sender {
            add("sender", self.sender.word());
        }
        if let Some(rate) = self.max_rate {
            add("max-rate", &rate.to_string());
        }
        if self.strict {
            add("pace", "strict");
        }
        for (name, value, usual) in [
            ("burst", self.burst, usual.burst),
            ("step", self.step, usual.step),
            ("ack", self.ack, usual.ack),
            ("timeout", self.timeout, usual.timeout),
            ("interval", self.interval, usual.interval),
        ] {
            if value != usual {
                add(name, &value.to_string());
            }
        }
        text
    }
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
pub(crate) fn sequence(text: &str) -> Option<[u8; 4]> {
    if text.len() != 8 || !text.bytes().all(|octet| octet.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(text, 16).ok().map(u32::to_be_bytes)
}

/// A misbehaviour: whatever digits there are make a sequence.
pub(crate) fn digits(text: &str) -> [u8; 4] {
    let digits = text.chars().filter_map(|character| character.to_digit(16));
    digits.take(8).fold(0_u32, |number, digit| (number << 4) | digit).to_be_bytes()
}

/// Eight digits in upper case.
pub(crate) fn hexadecimal(octets: [u8; 4]) -> String {
    format!("{:08X}", u32::from_be_bytes(octets))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::parse;

    fn read(text: &str) -> Option<Terms> {
        let list = parse(&[text]).unwrap();
        let capability = Capability::named(&list[0].token).unwrap();
        Terms::read(capability, &list[0].parameters, Lenience::default())
    }

    #[test]
    fn what_is_written_is_read_again() {
        for text in [
            "rate-control",
            "rate-control; sender=client; max-rate=1; burst=256; step=90; ack=1024",
            "rate-control; pace=strict",
            "idle-timeout; sender=server; timeout=100",
            "heartbeat; interval=3600000",
        ] {
            let terms = read(text).unwrap();
            assert_eq!(terms.capability.token().to_owned() + &terms.write(), text);
        }
        assert_eq!(read("heartbeat; interval=0; sender=both").unwrap().write(), "");
        assert_eq!(hexadecimal([0xF0, 0x0A, 0, 1]), "F00A0001");
    }

    #[test]
    fn each_capability_has_parameters_and_ranges_of_its_own() {
        for text in [
            "rate-control; timeout=1000",
            "rate-control; interval=1000",
            "rate-control; burst=0400",
            "idle-timeout; timeout=99",
            "idle-timeout; timeout=86400001",
            "idle-timeout; interval=100",
            "heartbeat; interval=99",
            "heartbeat; interval=3600001",
            "heartbeat; sender=client",
            "control-setup; sender=server",
            "control-setup; burst=300",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn answers_may_narrow_and_not_widen() {
        for (offer, answer, widens) in [
            ("rate-control; pace=strict", "rate-control; pace=strict", false),
            ("rate-control; pace=strict", "rate-control", false),
            ("rate-control", "rate-control; pace=strict", true),
            ("rate-control; pace=strict", "rate-control; pace=strict; sender=client", true),
            ("rate-control; sender=client", "rate-control", true),
            ("rate-control", "rate-control; sender=client", false),
            ("rate-control; burst=300", "rate-control; burst=300", false),
            ("rate-control; burst=300", "rate-control", true),
            ("rate-control; ack=2048", "rate-control; ack=4096", false),
            ("rate-control; ack=2048", "rate-control; ack=1024", true),
            ("rate-control; ack=2048", "rate-control", false),
            ("rate-control", "rate-control; ack=1024", true),
            ("rate-control; step=20", "rate-control; step=1; max-rate=5", false),
            ("idle-timeout; timeout=200", "idle-timeout", true),
            ("idle-timeout", "idle-timeout; timeout=200", false),
            ("heartbeat; interval=200", "heartbeat", false),
            ("heartbeat", "heartbeat; interval=200", true),
        ] {
            assert_eq!(read(answer).unwrap().widens(&read(offer).unwrap()), widens, "{answer}");
        }
    }
}
