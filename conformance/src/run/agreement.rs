//! What is offered and agreed on a capability, judged (chapters "Negotiation" and "Set-up on an
//! open connection").

use wsconform_spec::scenario::{Role, capabilities};

use super::parameters::{
    Given, Narrowing, default_of, faulty, given, parameters, unspoken_pace, widened,
};
use crate::wire::{ExtensionItem, ExtensionList, hex};

/// Four octets that mark control messages.
pub(crate) type Sequence = [u8; 4];

/// What was agreed on a capability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Agreement {
    /// Its extension token.
    pub capability: String,
    /// Its control sequence.
    pub sequence: Sequence,
    /// The parameters of the answer, unquoted.
    given: Given,
    /// The `max-rate` that the endpoint under test states of itself.
    maximum: Option<String>,
}

impl Agreement {
    /// An agreement on `given` parameters.
    pub(crate) fn new(capability: &str, sequence: Sequence, given: Given) -> Self {
        let maximum = given.get("max-rate").cloned();
        Self { capability: capability.to_owned(), sequence, given, maximum }
    }

    /// The same, where the endpoint under test states its maximum in an offer.
    pub(super) fn offered(self, offer: &Given) -> Self {
        Self { maximum: offer.get("max-rate").cloned(), ..self }
    }

    /// The one that an item of an answer makes, if it has a sequence.
    pub(crate) fn of(item: &ExtensionItem) -> Option<Self> {
        let sequence = sequence_of(item.value("control")?)?;
        Some(Self::new(&item.name, sequence, given(item)))
    }

    /// The value of a parameter, its default included. Of `max-rate`, that of the endpoint under
    /// test.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let given = match name {
            "max-rate" => self.maximum.as_deref(),
            name => self.given.get(name).map(String::as_str),
        };
        given.or_else(|| default_of(&self.capability, name))
    }

    /// Whether `role` may send control messages of the capability.
    pub(crate) fn may_send(&self, role: Role) -> bool {
        let role = if role == Role::Client { "client" } else { "server" };
        self.parameter("sender").is_some_and(|sender| sender == "both" || sender == role)
    }

    /// Whether it is on the same capability, with the same sequence and parameters.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let said = |one: &Self| (one.capability.clone(), one.sequence, one.given.clone());
        said(self) == said(other)
    }

    /// Whether it is as narrow as the parameters `offer`, `sender=client; burst=256`.
    pub(crate) fn narrows(&self, offer: &str) -> Result<bool, String> {
        let list = ExtensionList::read(&format!("{}; {offer}", self.capability));
        let offer = list.items.first().ok_or("no parameters")?;
        Ok(widened(&self.capability, &given(offer), &self.given).is_none())
    }

    /// What keeps it from being what was asked for, if something does: words have to be as asked,
    /// and what was asked to be on must not be off.
    pub(crate) fn departs(&self, asked: &Given) -> Option<String> {
        for parameter in parameters(&self.capability) {
            let (asked, agreed) = (parameter.of(asked), parameter.of(&self.given));
            let departs = match parameter.narrowing {
                Narrowing::Sender | Narrowing::SameOr(_) => agreed != asked,
                Narrowing::ZeroOrNotBelow => agreed == "0" && asked != "0",
                Narrowing::Smaller | Narrowing::Any => false,
            };
            if departs {
                return Some(format!("{}={agreed}", parameter.name));
            }
        }
        None
    }

    /// The item of an answer that says it.
    pub(crate) fn item(&self) -> ExtensionItem {
        let digits = hex::print(&self.sequence).replace(' ', "");
        let item = ExtensionItem::new(&self.capability).with("control", Some(&digits));
        self.given.iter().fold(item, |item, (name, value)| item.with(name, Some(value)))
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
    pub(super) fn new(requirement: &'static str, expected: &str, observed: impl ToString) -> Self {
        Self { requirement, expected: expected.to_owned(), observed: observed.to_string() }
    }
}

/// The requirements that an answer is held to.
#[derive(Debug)]
pub(crate) struct Rules {
    once: &'static str,
    control: &'static str,
    upper_case: &'static str,
    parameters: &'static str,
    not_widened: &'static str,
    /// Each capability has a sequence of its own.
    pub(super) distinct: &'static str,
}

/// Those of an answer in the opening handshake.
pub(crate) const OPENING: Rules = Rules {
    once: "negotiation.server.once",
    control: "negotiation.server.control",
    upper_case: "negotiation.server.upper-case",
    parameters: "negotiation.server.parameters",
    not_widened: "negotiation.server.not-widened",
    distinct: "sequence.distinct",
};

/// Those of an ANSWER on an open connection.
pub(super) const SETUP: Rules = Rules {
    once: "setup.answer.valid",
    control: "setup.answer.valid",
    upper_case: "setup.answer.upper-case",
    parameters: "setup.answer.valid",
    not_widened: "setup.answer.valid",
    distinct: "setup.answer.distinct",
};

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

/// Judges what an answer says of one of the capabilities that were offered. Its sequence is judged
/// together with the others of the connection, by [`judge_sequences`](super::sequences).
pub(crate) fn judge_answer(
    rules: &Rules,
    capability: &str,
    offers: &ExtensionList,
    answer: Option<&ExtensionList>,
) -> Answer {
    let Some(answer) = answer else { return Answer::Declined };
    let items: Vec<&ExtensionItem> =
        answer.items.iter().filter(|item| item.name == capability).collect();
    let Some(item) = items.first() else { return Answer::Declined };
    let mut wrong = Vec::new();
    if items.len() > 1 {
        let observed = format!("`{answer}`");
        wrong.push(Wrong::new(rules.once, &format!("`{capability}` once"), observed));
    }
    if !answer.has_empty_elements_alone() {
        wrong.push(Wrong::new(rules.parameters, "a list of extensions", format!("`{answer}`")));
    }
    let control = item.value("control").unwrap_or_default();
    let agreement = Agreement::of(item);
    if agreement.is_none() {
        let expected = "`control=` and 8 hexadecimal digits";
        wrong.push(Wrong::new(rules.control, expected, format!("`{item}`")));
    } else if control.chars().any(|digit| digit.is_ascii_lowercase()) {
        wrong.push(Wrong::new(rules.upper_case, "upper case", format!("`control={control}`")));
    }
    if let Some(fault) = faulty(capability, item, true) {
        let expected = "parameters that are known, in range, and given once";
        wrong.push(Wrong::new(rules.parameters, expected, fault));
    }
    // The answer has to fit one of the alternatives as a whole.
    let answered = given(item);
    let alternatives = offers.items.iter().filter(|offer| offer.name == capability);
    let faults: Vec<Option<String>> =
        alternatives.map(|offer| widened(capability, &given(offer), &answered)).collect();
    if let Some(Some(fault)) = faults.first()
        && faults.iter().all(Option::is_some)
    {
        let expected = format!("nothing wider than `{offers}`");
        wrong.push(Wrong::new(rules.not_widened, &expected, fault));
    }
    match agreement {
        None => Answer::Unusable(wrong),
        Some(agreement) => Answer::Accepted(agreement, wrong),
    }
}

/// Judges what a client offers.
pub(super) fn judge_offers(offers: &ExtensionList) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    for offer in &offers.items {
        if !capabilities().any(|token| token == offer.name) {
            continue;
        }
        if offer.has("control") {
            let rule = "negotiation.client.no-sequence";
            wrong.push(Wrong::new(rule, "an offer without `control`", format!("`{offer}`")));
        }
        if let Some(fault) = faulty(&offer.name, offer, false) {
            let expected = "parameters that are known, in range, and given once";
            wrong.push(Wrong::new("negotiation.client.parameters", expected, fault));
        }
    }
    wrong
}

/// What the harness answers to the first alternative that allows what the scenario asks for: as
/// plain as that one allows, with this sequence.
///
/// # Errors
///
/// Why there is none.
pub(crate) fn accept(
    capability: &str,
    sequence: Sequence,
    asked: &Given,
    offers: &ExtensionList,
) -> Result<Agreement, String> {
    let mut named = false;
    for offer in offers.items.iter().filter(|offer| offer.name == capability) {
        named = true;
        if offer.has("control") || faulty(capability, offer, false).is_some() {
            continue;
        }
        let offered = given(offer);
        if let Some(answer) = answer_to(capability, asked, &offered) {
            return Ok(Agreement::new(capability, sequence, answer).offered(&offered));
        }
    }
    let settings: Vec<String> =
        asked.iter().map(|(name, value)| format!("{name}={value}")).collect();
    Err(match (named, settings.as_slice()) {
        (false, _) => format!("the endpoint does not offer {capability}"),
        (true, []) => format!("the endpoint does not offer {capability} to both parties"),
        (true, settings) => {
            format!("the endpoint offers no {capability} that allows {}", settings.join(" "))
        }
    })
}

fn answer_to(capability: &str, asked: &Given, offered: &Given) -> Option<Given> {
    let mut answer = Given::new();
    for parameter in parameters(capability) {
        let (wish, offer) = (asked.get(parameter.name), parameter.of(offered));
        let default = parameter.default;
        let value = match (wish.map(String::as_str), parameter.narrowing) {
            (Some(asked), _) if parameter.allows(offer, asked) => asked,
            (Some(_), Narrowing::Smaller) => offer,
            (None, Narrowing::Smaller) if !parameter.allows(offer, default) => offer,
            (Some(_), _) => return None,
            // As most scenarios want it.
            (None, Narrowing::Sender) if offer == "both" => "both",
            (None, Narrowing::Sender) => return None,
            (None, _) => default,
        };
        if value != default {
            answer.insert(parameter.name.to_owned(), value.to_owned());
        }
    }
    (!unspoken_pace(&answer)).then_some(answer)
}

/// The sequence that eight hexadecimal digits stand for.
pub(super) fn sequence_of(digits: &str) -> Option<Sequence> {
    let hexadecimal = digits.len() == 8 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    hexadecimal.then(|| u32::from_str_radix(digits, 16).ok().map(u32::to_be_bytes)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blamed(offers: &str, answer: &str) -> Vec<&'static str> {
        let offers = ExtensionList::read(offers);
        let answer = ExtensionList::read(answer);
        match judge_answer(&OPENING, &offers.items[0].name, &offers, Some(&answer)) {
            Answer::Declined => vec!["declined"],
            Answer::Accepted(_, wrong) | Answer::Unusable(wrong) => {
                wrong.into_iter().map(|wrong| wrong.requirement).collect()
            }
        }
    }

    #[test]
    fn judges_answers() {
        let none: [&str; 0] = [];
        let not_widened = &["negotiation.server.not-widened"][..];
        let out_of_range = &["negotiation.server.parameters"][..];
        for (offers, answer, wanted) in [
            ("rate-control; sender=both", "rate-control; control=F0800010", &none[..]),
            ("rate-control", "x", &["declined"]),
            ("rate-control", "rate-control", &["negotiation.server.control"]),
            ("rate-control", "rate-control; control=f0800010", &["negotiation.server.upper-case"]),
            ("rate-control", "rate-control; control=F0800010; a=1", out_of_range),
            (
                "rate-control; sender=client",
                "rate-control; control=F0800010; sender=both",
                not_widened,
            ),
            ("rate-control; sender=client", "rate-control; control=F0800010", not_widened),
            ("rate-control; burst=256", "rate-control; control=F0800010", not_widened),
            ("rate-control; burst=256, rate-control", "rate-control; control=F0800010", &none),
            ("idle-timeout; timeout=300", "idle-timeout; control=F0800010", not_widened),
            ("idle-timeout", "idle-timeout; control=F0800010; timeout=99", out_of_range),
            ("heartbeat", "heartbeat; control=F0800010; interval=100", not_widened),
            ("heartbeat; interval=200", "heartbeat; control=F0800010; interval=100", not_widened),
            ("heartbeat; interval=200", "heartbeat; control=F0800010; interval=300", &none),
            ("heartbeat; interval=200", "heartbeat; control=F0800010", &none),
            ("heartbeat", "heartbeat; control=F0800010; sender=client", out_of_range),
        ] {
            assert_eq!(blamed(offers, answer), wanted, "{offers} | {answer}");
        }
    }

    #[test]
    fn answers_as_the_scenario_asks() {
        let asked = |text: &str| given(&ExtensionList::read(&format!("x; {text}")).items[0]);
        for (capability, settings, offers, wanted) in [
            ("rate-control", "", "heartbeat", None),
            ("rate-control", "", "rate-control; pace=strict; ack=1024; max-rate=5", Some("")),
            ("rate-control", "", "rate-control; sender=client", None),
            ("rate-control", "", "rate-control; burst=256", Some("burst=256")),
            ("rate-control", "burst=4096", "rate-control", Some("burst=4096")),
            ("rate-control", "burst=4096", "rate-control; burst=300", Some("burst=300")),
            ("rate-control", "pace=strict", "rate-control", None),
            ("rate-control", "pace=strict", "rate-control; pace=strict", Some("pace=strict")),
            (
                "rate-control",
                "pace=strict",
                "rate-control; colour=red; pace=strict, rate-control; burst=256; pace=strict",
                Some("burst=256; pace=strict"),
            ),
            ("rate-control", "sender=client", "rate-control", Some("sender=client")),
            ("rate-control", "sender=client; pace=strict", "rate-control; pace=strict", None),
            ("rate-control", "max-rate=5; step=20", "rate-control", Some("max-rate=5; step=20")),
            ("rate-control", "ack=2048", "rate-control; ack=1024", Some("ack=2048")),
            ("rate-control", "ack=2048", "rate-control; ack=4096", None),
            ("idle-timeout", "timeout=300", "idle-timeout", Some("timeout=300")),
            ("heartbeat", "interval=200", "heartbeat; interval=100", Some("interval=200")),
            ("heartbeat", "interval=200", "heartbeat", None),
            ("heartbeat", "", "heartbeat; interval=100", Some("")),
            ("control-setup", "", "control-setup; sender=both", Some("")),
        ] {
            let offers = ExtensionList::read(offers);
            let answer = accept(capability, [0; 4], &asked(settings), &offers);
            let answer = answer.map(|agreement| agreement.given);
            let wanted = wanted.map(|wanted| match wanted {
                "" => Given::new(),
                wanted => asked(wanted),
            });
            assert_eq!(answer.ok(), wanted, "{capability} {settings} | {offers}");
        }
    }

    #[test]
    fn what_is_not_as_asked_is_told() {
        let agreed = |text: &str| {
            Agreement::of(&ExtensionList::read(text).items[0]).expect("it has a sequence")
        };
        let asked = |text: &str| given(&ExtensionList::read(&format!("x; {text}")).items[0]);
        let strict = agreed("rate-control; control=F0800010; pace=strict; burst=256");
        assert_eq!(strict.departs(&asked("pace=strict; burst=4096")), None);
        assert_eq!(
            strict.item().to_string(),
            "rate-control; control=F0800010; burst=256; pace=strict"
        );
        let plain = agreed("rate-control; control=F0800010; sender=server");
        assert_eq!(plain.departs(&asked("sender=server")), None);
        assert_eq!(plain.departs(&asked("pace=strict")).as_deref(), Some("sender=server"));
        assert_eq!(plain.parameter("max-rate"), Some("18446744073709551615"));
        let offers = ExtensionList::read("rate-control; max-rate=7");
        let own = accept("rate-control", [0; 4], &asked("max-rate=5"), &offers).unwrap();
        assert_eq!(own.parameter("max-rate"), Some("7"), "that of the endpoint");
        assert_eq!(own.item().value("max-rate"), Some("5"), "that of the harness");
        let beat = agreed("heartbeat; control=F0800010");
        assert_eq!(beat.departs(&asked("interval=200")).as_deref(), Some("interval=0"));
    }
}
