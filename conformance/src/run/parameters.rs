//! The parameters of the capabilities: their values, and how an answer may differ from its offer
//! (chapter "Negotiation").

use std::collections::BTreeMap;

use crate::wire::ExtensionItem;

/// The parameters of an offer or answer by name, unquoted, `control` left out.
pub(crate) type Given = BTreeMap<String, String>;

/// The values that a parameter may have.
enum Values {
    Words(&'static [&'static str]),
    Numbers(u64, u64),
    /// Zero, or a number in this range.
    ZeroOr(u64, u64),
}

/// How an answer may differ from its offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Narrowing {
    /// `both` may become either; the others stay.
    Sender,
    /// The same, or this word.
    SameOr(&'static str),
    /// The same or smaller.
    Smaller,
    /// 0, or not below the offer; 0 for 0.
    ZeroOrNotBelow,
    /// Its own.
    Any,
}

/// A parameter of a capability.
pub(super) struct Parameter {
    /// Its name.
    pub name: &'static str,
    values: Values,
    /// What it is where it is absent.
    pub default: &'static str,
    /// What an answer may make of it.
    pub narrowing: Narrowing,
}

/// The largest integer that scripts count exactly, 2^53 - 1.
pub(super) const MOST: u64 = (1 << 53) - 1;

const SENDER: Parameter = Parameter {
    name: "sender",
    values: Values::Words(&["client", "server", "both"]),
    default: "both",
    narrowing: Narrowing::Sender,
};

/// That of a capability whose messages need replies.
const SENDERS: Parameter = Parameter { values: Values::Words(&["both"]), ..SENDER };

const RATE_CONTROL: &[Parameter] = &[
    SENDER,
    Parameter {
        name: "max-rate",
        values: Values::Numbers(1, MOST),
        // Unlimited, as a rate in a message.
        default: "18446744073709551615",
        narrowing: Narrowing::Any,
    },
    Parameter {
        name: "pace",
        values: Values::Words(&["advisory", "strict"]),
        default: "advisory",
        narrowing: Narrowing::SameOr("advisory"),
    },
    Parameter {
        name: "burst",
        values: Values::Numbers(256, 16_777_216),
        default: "65536",
        narrowing: Narrowing::Smaller,
    },
    Parameter {
        name: "step",
        values: Values::Numbers(1, 90),
        default: "10",
        narrowing: Narrowing::Any,
    },
    Parameter {
        name: "ack",
        values: Values::ZeroOr(1024, MOST),
        default: "0",
        narrowing: Narrowing::ZeroOrNotBelow,
    },
];

const IDLE_TIMEOUT: &[Parameter] = &[
    SENDER,
    Parameter {
        name: "timeout",
        values: Values::Numbers(100, 86_400_000),
        default: "60000",
        narrowing: Narrowing::Smaller,
    },
];

const HEARTBEAT: &[Parameter] = &[
    SENDERS,
    Parameter {
        name: "interval",
        values: Values::ZeroOr(100, 3_600_000),
        default: "0",
        narrowing: Narrowing::ZeroOrNotBelow,
    },
];

/// The parameters of a capability; none if it is unknown.
pub(super) fn parameters(capability: &str) -> &'static [Parameter] {
    match capability {
        "rate-control" => RATE_CONTROL,
        "idle-timeout" => IDLE_TIMEOUT,
        "heartbeat" => HEARTBEAT,
        "control-setup" => &[SENDERS],
        _ => &[],
    }
}

fn parameter(capability: &str, name: &str) -> Option<&'static Parameter> {
    parameters(capability).iter().find(|parameter| parameter.name == name)
}

/// The value of an absent parameter.
pub(super) fn default_of(capability: &str, name: &str) -> Option<&'static str> {
    parameter(capability, name).map(|parameter| parameter.default)
}

/// The parameters of an item but `control`.
pub(super) fn given(item: &ExtensionItem) -> Given {
    let pairs = item.parameters.iter().filter(|parameter| parameter.name != "control");
    pairs
        .map(|parameter| (parameter.name.clone(), parameter.value.clone().unwrap_or_default()))
        .collect()
}

/// The first parameter of an offer or an answer that is repeated, unknown or out of range.
pub(super) fn faulty(capability: &str, item: &ExtensionItem, answer: bool) -> Option<String> {
    for (index, given) in item.parameters.iter().enumerate() {
        if item.parameters[..index].iter().any(|earlier| earlier.name == given.name) {
            return Some(format!("`{}` twice", given.name));
        }
        if given.name == "control" {
            if !answer {
                continue;
            }
        } else {
            let Some(known) = parameter(capability, &given.name) else {
                return Some(format!("an unknown parameter `{}`", given.name));
            };
            let value = given.value.as_deref().unwrap_or_default();
            if !known.values.contain(value) {
                return Some(format!("`{}={value}`", given.name));
            }
        }
    }
    None
}

impl Values {
    fn contain(&self, value: &str) -> bool {
        match self {
            Self::Words(words) => words.contains(&value),
            Self::Numbers(low, high) => {
                decimal(value).is_some_and(|number| (*low..=*high).contains(&number))
            }
            Self::ZeroOr(low, high) => {
                decimal(value).is_some_and(|number| number == 0 || (*low..=*high).contains(&number))
            }
        }
    }
}

/// A number without leading zeros.
pub(super) fn decimal(text: &str) -> Option<u64> {
    let plain =
        text.bytes().all(|digit| digit.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

impl Parameter {
    /// Its value among those given, its default included.
    pub(super) fn of<'g>(&self, given: &'g Given) -> &'g str {
        given.get(self.name).map_or(self.default, String::as_str)
    }

    /// Whether an answer may say `answered` where `offered` was offered. What is no value of the
    /// parameter is not for this to judge.
    pub(super) fn allows(&self, offered: &str, answered: &str) -> bool {
        match (self.narrowing, decimal(offered), decimal(answered)) {
            (Narrowing::Any, ..) => true,
            (Narrowing::Sender, ..) => answered == offered || offered == "both",
            (Narrowing::SameOr(word), ..) => answered == offered || answered == word,
            (Narrowing::Smaller, Some(offered), Some(answered)) => answered <= offered,
            (Narrowing::ZeroOrNotBelow, Some(offered), Some(answered)) => {
                answered == 0 || offered != 0 && answered >= offered
            }
            _ => true,
        }
    }
}

/// What `answer` widens of `offer`, both with defaults for what they do not say.
pub(super) fn widened(capability: &str, offer: &Given, answer: &Given) -> Option<String> {
    for parameter in parameters(capability) {
        let (offered, answered) = (parameter.of(offer), parameter.of(answer));
        if !parameter.allows(offered, answered) {
            return Some(format!("`{}={answered}` for `{offered}`", parameter.name));
        }
    }
    unspoken_pace(answer).then(|| "`pace=strict` without `sender=both`".to_owned())
}

/// Whether a strict pace is agreed on, but not that both can speak of it.
pub(super) fn unspoken_pace(given: &Given) -> bool {
    let strict = given.get("pace").is_some_and(|pace| pace == "strict");
    strict && given.get("sender").is_some_and(|sender| sender != "both")
}
