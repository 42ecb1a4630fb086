//! What is offered and agreed on a capability, judged (chapter "The control extension").

use std::collections::BTreeMap;

use wsconform_spec::scenario::Role;

use crate::wire::{ExtensionFault, ExtensionItem, ExtensionList};

/// The values that a parameter may have.
enum Values {
    Words(&'static [&'static str]),
    Numbers(u64, u64),
    /// Zero, or a number in this range.
    ZeroOr(u64, u64),
}

/// How an answer may differ from its offer.
#[derive(Clone, Copy, PartialEq)]
enum Narrowing {
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

struct Parameter {
    name: &'static str,
    values: Values,
    default: Option<&'static str>,
    narrowing: Narrowing,
}

/// The largest integer that scripts count exactly, 2^53 - 1.
const MOST: u64 = (1 << 53) - 1;

const RATE_CONTROL: &[Parameter] = &[
    Parameter {
        name: "sender",
        values: Values::Words(&["client", "server", "both"]),
        default: Some("both"),
        narrowing: Narrowing::Sender,
    },
    Parameter {
        name: "max-rate",
        values: Values::Numbers(1, MOST),
        default: None,
        narrowing: Narrowing::Any,
    },
    Parameter {
        name: "pace",
        values: Values::Words(&["advisory", "strict"]),
        default: Some("advisory"),
        narrowing: Narrowing::SameOr("advisory"),
    },
    Parameter {
        name: "burst",
        values: Values::Numbers(256, 16_777_216),
        default: Some("65536"),
        narrowing: Narrowing::Smaller,
    },
    Parameter {
        name: "step",
        values: Values::Numbers(1, 90),
        default: Some("10"),
        narrowing: Narrowing::Any,
    },
    Parameter {
        name: "ack",
        values: Values::ZeroOr(1024, MOST),
        default: Some("0"),
        narrowing: Narrowing::ZeroOrNotBelow,
    },
];

fn parameters(capability: &str) -> &'static [Parameter] {
    if capability == "rate-control" { RATE_CONTROL } else { &[] }
}

fn parameter(capability: &str, name: &str) -> Option<&'static Parameter> {
    parameters(capability).iter().find(|parameter| parameter.name == name)
}

/// The value of an absent parameter.
pub(super) fn default_of(capability: &str, name: &str) -> Option<&'static str> {
    parameter(capability, name)?.default
}

/// What was agreed on a capability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Agreement {
    /// Its extension token.
    pub capability: String,
    /// Its control sequence.
    pub sequence: [u8; 4],
    /// The parameters of the answer, unquoted.
    given: BTreeMap<String, String>,
}

impl Agreement {
    /// An agreement on `given` parameters.
    pub(crate) fn new(
        capability: &str,
        sequence: [u8; 4],
        given: BTreeMap<String, String>,
    ) -> Self {
        Self { capability: capability.to_owned(), sequence, given }
    }

    /// The value of a parameter, its default included.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let given = self.given.get(name).map(String::as_str);
        given.or_else(|| default_of(&self.capability, name))
    }

    /// Whether `role` may send control messages of the capability.
    pub(crate) fn may_send(&self, role: Role) -> bool {
        let role = if role == Role::Client { "client" } else { "server" };
        self.parameter("sender").is_some_and(|sender| sender == "both" || sender == role)
    }

    /// Whether both parties may send control messages, as most scenarios want.
    pub(crate) fn is_symmetric(&self) -> bool {
        self.parameter("sender") == Some("both")
    }

    /// Whether it is as narrow as the parameters `offer`, `sender=client; burst=256`.
    pub(crate) fn narrows(&self, offer: &str) -> Result<bool, String> {
        let list = ExtensionList::read(&format!("{}; {offer}", self.capability));
        let offer = list.items.first().ok_or("no parameters")?;
        Ok(widened(&self.capability, &unquoted(offer), &self.given).is_none())
    }
}

/// What is wrong with an offer or an answer, and the requirement that it violates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The requirement.
    pub requirement: &'static str,
    /// What would have been right.
    pub expected: String,
    /// What stands there.
    pub observed: String,
}

impl Wrong {
    fn new(requirement: &'static str, expected: &str, observed: impl ToString) -> Self {
        Self { requirement, expected: expected.to_owned(), observed: observed.to_string() }
    }
}

/// What an answer says to the offer of one capability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It does not name the capability.
    Declined,
    /// It accepts it; what is wrong about that, recommendations included.
    Accepted(Agreement, Vec<Wrong>),
    /// It names it, in a way that leaves nothing agreed.
    Unusable(Vec<Wrong>),
}

/// Judges the answer of a server to the offer `capability; offer`.
pub(crate) fn judge_answer(
    capability: &str,
    offer: &str,
    answer: Option<&ExtensionList>,
) -> Answer {
    let Some(answer) = answer else { return Answer::Declined };
    let items: Vec<&ExtensionItem> =
        answer.items.iter().filter(|item| item.name == capability).collect();
    let Some(item) = items.first() else { return Answer::Declined };
    let mut wrong = Vec::new();
    if items.len() > 1 {
        let observed = format!("`{answer}`");
        let rule = "negotiation.server.once";
        wrong.push(Wrong::new(rule, &format!("`{capability}` once"), observed));
    }
    let empty = |fault: &ExtensionFault| matches!(fault, ExtensionFault::EmptyElement { .. });
    if !answer.faults.iter().all(empty) {
        let rule = "negotiation.server.parameters";
        wrong.push(Wrong::new(rule, "a list of extensions", format!("`{answer}`")));
    }
    let control = item.value("control").unwrap_or_default();
    let sequence = sequence_of(control);
    if sequence.is_none() {
        let rule = "negotiation.server.control";
        wrong.push(Wrong::new(rule, "`control=` and 8 hexadecimal digits", format!("`{item}`")));
    } else if control.chars().any(|digit| digit.is_ascii_lowercase()) {
        let rule = "negotiation.server.upper-case";
        wrong.push(Wrong::new(rule, "upper case", format!("`control={control}`")));
    }
    if let Some(fault) = faulty_parameter(capability, item, true) {
        let rule = "negotiation.server.parameters";
        wrong.push(Wrong::new(rule, "parameters that are known, in range, and given once", fault));
    }
    let given = unquoted(item);
    let list = ExtensionList::read(&format!("{capability}; {offer}"));
    let offered = list.items.first().map(unquoted).unwrap_or_default();
    if let Some(fault) = widened(capability, &offered, &given) {
        let expected = format!("nothing wider than `{capability}; {offer}`");
        wrong.push(Wrong::new("negotiation.server.not-widened", &expected, fault));
    }
    let Some(sequence) = sequence else { return Answer::Unusable(wrong) };
    if !is_unambiguous(sequence) {
        let expected = "11110xxx, an octet that is not 10xxxxxx, and four low bits of zero";
        let observed = format!("`control={control}`");
        wrong.push(Wrong::new("sequence.unambiguous", expected, observed));
    }
    Answer::Accepted(Agreement::new(capability, sequence, given), wrong)
}

/// Judges what a client offers; `None` where it does not name the capability.
pub(super) fn judge_offer(capability: &str, offers: Option<&ExtensionList>) -> Option<Vec<Wrong>> {
    let offers: Vec<&ExtensionItem> =
        offers?.items.iter().filter(|item| item.name == capability).collect();
    offers.first()?;
    let mut wrong = Vec::new();
    for offer in offers {
        if offer.has("control") {
            let rule = "negotiation.client.no-sequence";
            wrong.push(Wrong::new(rule, "an offer without `control`", format!("`{offer}`")));
        }
        if let Some(fault) = faulty_parameter(capability, offer, false) {
            let expected = "parameters that are known, in range, and given once";
            wrong.push(Wrong::new("negotiation.client.parameters", expected, fault));
        }
    }
    Some(wrong)
}

/// The parameters that the harness answers to the first offer of a client: all as narrow as they
/// can be said by silence, `sender` as offered.
pub(super) fn agreed_parameters(
    capability: &str,
    offers: &ExtensionList,
) -> BTreeMap<String, String> {
    let Some(offer) = offers.items.iter().find(|item| item.name == capability) else {
        return BTreeMap::new();
    };
    let offered = unquoted(offer);
    let mut agreed = BTreeMap::new();
    for name in ["sender", "burst"] {
        if let Some(value) = offered.get(name)
            && Some(value.as_str()) != default_of(capability, name)
        {
            agreed.insert(name.to_owned(), value.clone());
        }
    }
    agreed
}

/// The sequence that eight hexadecimal digits stand for.
fn sequence_of(digits: &str) -> Option<[u8; 4]> {
    let hexadecimal = digits.len() == 8 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    hexadecimal.then(|| u32::from_str_radix(digits, 16).ok().map(u32::to_be_bytes)).flatten()
}

/// RFC 3629, 3: what begins with 11110xxx goes on with three octets 10xxxxxx, or is no UTF-8.
fn is_unambiguous(sequence: [u8; 4]) -> bool {
    let continues = |octet: u8| octet & 0xC0 == 0x80;
    sequence[0] & 0xF8 == 0xF0
        && !sequence[1..].iter().all(|octet| continues(*octet))
        && sequence[3] & 0x0F == 0
}

fn unquoted(item: &ExtensionItem) -> BTreeMap<String, String> {
    let pairs = item.parameters.iter().filter(|parameter| parameter.name != "control");
    pairs
        .map(|parameter| (parameter.name.clone(), parameter.value.clone().unwrap_or_default()))
        .collect()
}

fn faulty_parameter(capability: &str, item: &ExtensionItem, answer: bool) -> Option<String> {
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
fn decimal(text: &str) -> Option<u64> {
    let plain =
        text.bytes().all(|digit| digit.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

/// What `answer` widens of `offer`, both with defaults for what they do not say.
fn widened(
    capability: &str,
    offer: &BTreeMap<String, String>,
    answer: &BTreeMap<String, String>,
) -> Option<String> {
    let value = |given: &BTreeMap<String, String>, parameter: &Parameter| {
        given.get(parameter.name).cloned().or_else(|| parameter.default.map(str::to_owned))
    };
    for parameter in parameters(capability) {
        let (Some(offered), Some(answered)) = (value(offer, parameter), value(answer, parameter))
        else {
            continue;
        };
        let numbers = (decimal(&offered), decimal(&answered));
        let fits = match (parameter.narrowing, numbers) {
            (Narrowing::Any, _) => true,
            (Narrowing::Sender, _) => answered == offered || offered == "both",
            (Narrowing::SameOr(word), _) => answered == offered || answered == word,
            (Narrowing::Smaller, (Some(offered), Some(answered))) => answered <= offered,
            (Narrowing::ZeroOrNotBelow, (Some(0), Some(answered))) => answered == 0,
            (Narrowing::ZeroOrNotBelow, (Some(offered), Some(answered))) => {
                answered == 0 || answered >= offered
            }
            _ => true,
        };
        if !fits {
            return Some(format!("`{}={answered}` for `{offered}`", parameter.name));
        }
    }
    let strict = answer.get("pace").is_some_and(|pace| pace == "strict");
    let one_sided = answer.get("sender").is_some_and(|sender| sender != "both");
    (strict && one_sided).then(|| "`pace=strict` without `sender=both`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blamed(offer: &str, answer: &str) -> Vec<&'static str> {
        match judge_answer("rate-control", offer, Some(&ExtensionList::read(answer))) {
            Answer::Declined => vec!["declined"],
            Answer::Accepted(_, wrong) | Answer::Unusable(wrong) => {
                wrong.into_iter().map(|wrong| wrong.requirement).collect()
            }
        }
    }

    #[test]
    fn judges_answers() {
        let none: [&str; 0] = [];
        for (offer, answer, wanted) in [
            ("sender=both", "rate-control; control=F0800010", &none[..]),
            ("", "x", &["declined"]),
            ("", "rate-control", &["negotiation.server.control"]),
            ("", "rate-control; control=f0800010", &["negotiation.server.upper-case"]),
            ("", "rate-control; control=F0808080", &["sequence.unambiguous"]),
            ("", "rate-control; control=F0800010; a=1", &["negotiation.server.parameters"]),
            (
                "sender=client",
                "rate-control; control=F0800010; sender=both",
                &["negotiation.server.not-widened"],
            ),
            (
                "sender=client",
                "rate-control; control=F0800010",
                &["negotiation.server.not-widened"],
            ),
            ("burst=256", "rate-control; control=F0800010", &["negotiation.server.not-widened"]),
        ] {
            assert_eq!(blamed(offer, answer), wanted, "{offer} | {answer}");
        }
    }
}
