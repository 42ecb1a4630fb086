//! Decisions about rates: those of the reference.

use std::time::Duration;

use wsconform_reference as reference;
use wsconform_reference::rate;

use super::{Draft, Way, desires, reactions, weighing};
use crate::table::{Ack, Decided, Facts, Manner, Policy, PolicyGiven, Rate, Reaction, Step};

pub(super) const WAYS: [Way<PolicyGiven>; 2] =
    [("reference", by_reference), ("plain", weighing::decided)];

pub(super) fn drafts() -> Vec<Draft<PolicyGiven>> {
    [desires::drafts(), reactions::drafts()].into_iter().flatten().collect()
}

fn by_reference(given: &PolicyGiven) -> Option<Decided> {
    Some(match given {
        PolicyGiven::Desire { policy, observed, similar, rate, maximum } => {
            let observation = rate::Observation {
                facts: theirs(observed)?,
                similar: similar.iter().map(theirs).collect::<Option<_>>()?,
                rate: rate_of(*rate)?,
                maximum: rate_of(*maximum)?,
            };
            asked(rate::desire(&observation, &policy_of(policy)?))
        }
        PolicyGiven::React { manner, achievable, maximum, steps } => Decided::Reacted {
            reactions: reacted(*manner, achievable.as_deref(), *maximum, steps)?,
        },
        PolicyGiven::Status { policy, told: facts, sending } => {
            let suggested = rate::from_status(&theirs(facts)?, *sending, &policy_of(policy)?);
            let suggested = suggested.map_or(Rate::UNLIMITED, |(rate, _)| told(rate));
            Decided::Suggested { suggested: vec![suggested] }
        }
        PolicyGiven::Acks { every, acks } => {
            let mut spacing = rate::AckSpacing::new(*every, Duration::ZERO);
            let suggest = |Ack { at_ms, processed, sent }: &Ack| {
                spacing.acknowledge(*processed, *sent, Duration::from_millis(*at_ms));
                told(spacing.suggestion())
            };
            Decided::Suggested { suggested: acks.iter().map(suggest).collect() }
        }
    })
}

fn asked(desire: Option<rate::Desire>) -> Decided {
    use rate::Request;

    let (asks, rate) = match desire.map(|desire| desire.request) {
        None => ("nothing", None),
        Some(Request::Rate(rate)) => ("rate", Some(told(rate))),
        Some(Request::Increase) => ("increase", None),
        Some(Request::Decrease) => ("decrease", None),
        Some(Request::Full) => ("full", None),
    };
    let because = desire.map(|desire| input(desire.because).to_owned());
    Decided::Asked { asks: asks.to_owned(), rate, because }
}

fn input(input: rate::Input) -> &'static str {
    use rate::Input;

    match input {
        Input::Arrival => "arrival",
        Input::Backlog => "backlog",
        Input::Processor => "processor",
        Input::Memory => "memory",
        Input::Storage => "storage",
        Input::ProcessorPower => "processor-power",
        Input::Scheme => "scheme",
        Input::Battery => "battery",
        Input::BatteryHistory => "battery-history",
        Input::PowerHistory => "power-history",
        Input::Device => "device",
        Input::Link => "link",
        Input::Quota => "quota",
        Input::CaughtUp => "caught-up",
        Input::Plenty => "plenty",
    }
}

fn reacted(
    manner: Manner,
    achievable: Option<&[u64]>,
    maximum: Rate,
    steps: &[Step],
) -> Option<Vec<Reaction>> {
    use rate::Request;

    let (manner, speaks) = match manner {
        Manner::Strict(step) => (rate::Manner::Strict(step), true),
        Manner::Octets(octets) => (rate::Manner::Follow(rate::Amount::Octets(octets)), true),
        Manner::Ignores(speaks) => (rate::Manner::Ignore, speaks),
    };
    let achievable = match achievable {
        None => rate::Achievable::Any,
        Some(rates) => rate::Achievable::of(rates.iter().copied().filter_map(reference::Rate::new)),
    };
    let mut state = rate::RateState::new(manner, speaks, achievable, rate_of(maximum)?);
    let reaction = |step: &Step| {
        let reaction = match *step {
            Step::Rate(rate) => state.react(Request::Rate(rate_of(rate)?), 0),
            Step::Increase => state.react(Request::Increase, 0),
            Step::Decrease(measured) => state.react(Request::Decrease, measured),
            Step::Full => state.react(Request::Full, 0),
            Step::Limit(maximum) => state.limit(rate_of(maximum)?)?,
            Step::Suggest(rate) => state.suggest(rate_of(rate)?),
            Step::Resume => {
                state.reset();
                rate::Reaction { rate: state.in_force(), announce: false }
            }
        };
        Some(Reaction { rate: told(reaction.rate), effective: reaction.announce })
    };
    steps.iter().map(reaction).collect()
}

fn rate_of(rate: Rate) -> Option<reference::Rate> {
    reference::Rate::new(rate.limit().unwrap_or(u64::MAX))
}

fn told(rate: reference::Rate) -> Rate {
    Rate::from(rate.octets_per_second())
}

fn policy_of(policy: &Policy) -> Option<rate::Policy> {
    let percent = rate::Percent::new;
    Some(rate::Policy {
        usual: policy.usual,
        backlog_high: policy.backlog_high,
        backlog_low: policy.backlog_low,
        horizon: Duration::from_millis(policy.horizon_ms),
        high_use: percent(policy.high_use)?,
        saving: percent(policy.saving)?,
        low_battery: percent(policy.low_battery)?,
        empty_battery: percent(policy.empty_battery)?,
        high_power_state: percent(policy.high_power_state)?,
        endurance: Duration::from_secs(policy.endurance_s),
        cellular: percent(policy.cellular)?,
        satellite: percent(policy.satellite)?,
        small_device: percent(policy.small_device)?,
        step: policy.step,
    })
}

/// The facts as STATUS carries them, so that its form is exercised too.
fn theirs(facts: &Facts) -> Option<rate::Facts> {
    let code = |name: &Option<String>, names: &[&str]| {
        name.as_ref()
            .map(|name| names.iter().position(|one| one == name).map_or(0, |at| at as u8 + 1))
    };
    let octet = |octet: Option<u8>| octet.map(|octet| vec![octet]);
    let number = |number: Option<u64>| number.map(|number| number.to_be_bytes().to_vec());
    let seconds = |seconds: u32| seconds.to_be_bytes();
    let power: Vec<u8> = facts
        .power_history
        .iter()
        .flat_map(|(ago, milliwatts)| [seconds(*ago), seconds(*milliwatts)].concat())
        .collect();
    let battery: Vec<u8> = facts
        .battery_history
        .iter()
        .flat_map(|(ago, level)| [&seconds(*ago)[..], &[*level]].concat())
        .collect();
    let kept = |history: Vec<u8>| (!history.is_empty()).then_some(history);
    let devices = ["server", "desktop", "laptop", "tablet", "phone", "wearable", "embedded"];
    let values = [
        (0x01, octet(code(&facts.device, &devices))),
        (0x02, octet(facts.processor_power)),
        (0x03, octet(code(&facts.scheme, &["saving", "balanced", "performance"]))),
        (0x04, octet(facts.on_battery.map(|battery| if battery { 1 } else { 2 }))),
        (0x05, octet(facts.external_power.map(|external| if external { 3 } else { 1 }))),
        (0x06, octet(facts.battery_level)),
        (0x07, octet(code(&facts.battery_type, &["lithium", "nickel", "lead", "other"]))),
        (0x08, octet(facts.discharging.map(|discharging| if discharging { 1 } else { 2 }))),
        (0x09, kept(power)),
        (0x0A, kept(battery)),
        (0x10, octet(code(&facts.link, &["wired", "wifi", "cellular", "satellite", "other"]))),
        (0x11, number(facts.quota)),
        (0x12, number(facts.quota_used)),
        (0x13, facts.quota_seconds.map(|left| seconds(left).to_vec())),
        (0x20, octet(facts.processor)),
        (0x21, octet(facts.memory)),
        (0x22, octet(facts.storage)),
        (0x23, number(facts.backlog)),
        (0x24, number(facts.processing)),
        (0x25, number(facts.arrival)),
    ];
    let mut status = vec![0x81];
    for (id, value) in values {
        let Some(value) = value else { continue };
        status.extend([id, u8::try_from(value.len()).ok()?]);
        status.extend(value);
    }
    let parsed = reference::ControlMessage::parse(reference::Capability::RateControl, &status);
    let Ok(Some(reference::ControlMessage::Rate(reference::RateMessage::Status(entries)))) = parsed
    else {
        return None;
    };
    let mut told = rate::Facts::default();
    told.update(&entries);
    Some(told)
}
