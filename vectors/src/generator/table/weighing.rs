//! Decisions about rates by hand: a list of limits, the least of which counts; a sender as a few
//! numbers. Rates are numbers here, and no limit is more than any.

use crate::table::{Ack, Decided, Facts, Manner, Policy, PolicyGiven, Rate, Reaction, Step};

/// More than any rate that is counted.
const NO_LIMIT: u64 = u64::MAX;

/// The largest rate that is counted.
const LARGEST: u64 = (1 << 53) - 1;

/// What is decided.
pub(super) fn decided(given: &PolicyGiven) -> Option<Decided> {
    Some(match given {
        PolicyGiven::Desire { policy, observed, similar, rate, maximum } => {
            let limits = limits(policy, observed, similar);
            let (asks, rate, because) =
                asked(policy, observed, &limits, number(*rate), number(*maximum));
            Decided::Asked {
                asks: asks.to_owned(),
                rate: rate.map(told),
                because: because.map(str::to_owned),
            }
        }
        PolicyGiven::React { manner, achievable, maximum, steps } => {
            let mut sender = Sender::new(*manner, achievable.as_deref(), number(*maximum));
            Decided::Reacted { reactions: steps.iter().map(|step| sender.step(*step)).collect() }
        }
        PolicyGiven::Status { policy, told: facts, sending } => {
            let facts = Facts { arrival: facts.arrival.or(Some(*sending)), ..facts.clone() };
            let least =
                limits(policy, &facts, &[]).into_iter().filter_map(|(_, limit)| limit).min();
            Decided::Suggested { suggested: vec![told(least.unwrap_or(NO_LIMIT))] }
        }
        PolicyGiven::Acks { every, acks } => {
            Decided::Suggested { suggested: suggested(*every, acks) }
        }
    })
}

fn number(rate: Rate) -> u64 {
    rate.limit().unwrap_or(NO_LIMIT)
}

fn told(number: u64) -> Rate {
    Rate::from((number != NO_LIMIT).then_some(number))
}

/// An input, and the rate up to which it lets data come; none is just slower than now.
type Limit = (&'static str, Option<u64>);

/// What limits.
fn limits(policy: &Policy, facts: &Facts, similar: &[Facts]) -> Vec<Limit> {
    let share = |percent: u8| (policy.usual as u128 * u128::from(percent) / 100) as u64;
    let on_battery = facts.on_battery.or(facts.discharging).unwrap_or(false);
    let mut limits: Vec<Limit> = Vec::new();
    let mut limit = |input, applies: bool, rate: Option<u64>| {
        if applies {
            limits.push((input, rate.map(|rate| rate.max(1))));
        }
    };
    if let (Some(arrival), Some(processing)) = (facts.arrival, facts.processing) {
        limit("arrival", arrival > processing, Some(processing));
    }
    if let Some(backlog) = facts.backlog {
        let rate =
            facts.processing.map(|processing| caught_up(processing, backlog, policy.horizon_ms));
        limit("backlog", backlog > policy.backlog_high, rate);
    }
    let proportional = |wanted: u8, used: u8| {
        facts
            .arrival
            .filter(|arrival| *arrival > 0)
            .map(|arrival| arrival * u64::from(wanted) / u64::from(used))
    };
    if let Some(used) = facts.processor {
        limit("processor", used >= policy.high_use, proportional(policy.high_use, used.max(1)));
    }
    let mut full = Vec::new();
    for (input, used) in [("memory", facts.memory), ("storage", facts.storage)] {
        let Some(used) = used else { continue };
        if used == 100 {
            full.push((input, Some(0)));
        } else if used >= policy.high_use {
            let rate = policy.usual * u64::from(100 - used) / u64::from(100 - policy.high_use);
            limit(input, true, Some(rate));
        }
    }
    if let Some(state) = facts.processor_power {
        let high = state > policy.high_power_state && on_battery;
        limit("processor-power", high, proportional(policy.high_power_state, state.max(1)));
    }
    limit("scheme", facts.scheme.as_deref() == Some("saving"), Some(share(policy.saving)));
    if let Some(level) =
        facts.battery_level.filter(|_| on_battery && facts.external_power != Some(true))
    {
        let reserve = match facts.battery_type.as_deref() {
            Some("lead") => 50,
            Some("nickel") => 30,
            _ => 20,
        };
        let percent = if level <= reserve / 4 { policy.empty_battery } else { policy.low_battery };
        limit("battery", level <= reserve, Some(share(percent)));
    }
    if let Some(seconds) = lasts(facts, similar).filter(|_| on_battery) {
        let rate = (u128::from(policy.usual) * u128::from(seconds))
            / u128::from(policy.endurance_s.max(1));
        limit("battery-history", seconds < policy.endurance_s, Some(rate as u64));
    }
    if let Some((own, usual)) = draws(facts, similar).filter(|_| on_battery) {
        let rate = u128::from(policy.usual) * u128::from(usual) / u128::from(own.max(1));
        limit("power-history", own * 4 > usual * 5, Some(rate as u64));
    }
    let small = matches!(facts.device.as_deref(), Some("wearable" | "embedded"));
    limit("device", small, Some(share(policy.small_device)));
    let link = facts.link.as_deref();
    limit("link", link == Some("cellular"), Some(share(policy.cellular)));
    limit("link", link == Some("satellite"), Some(share(policy.satellite)));
    if let (Some(quota), Some(used), Some(seconds @ 1..)) =
        (facts.quota, facts.quota_used, facts.quota_seconds)
    {
        if quota <= used {
            full.push(("quota", Some(0)));
        } else {
            limit("quota", true, Some((quota - used) / u64::from(seconds)));
        }
    }
    full.into_iter().chain(limits).collect()
}

/// What is left of the processing rate when the backlog is to be gone in this time, half at least.
fn caught_up(processing: u64, backlog: u64, horizon_ms: u64) -> u64 {
    let share = (u128::from(backlog) * 1000).div_ceil(u128::from(horizon_ms.max(1)));
    let rest = i128::from(processing) - share.min(1 << 64) as i128;
    rest.max(i128::from(processing / 2)) as u64
}

/// For how many seconds the battery lasts, by the history of this device, or of others.
fn lasts(facts: &Facts, similar: &[Facts]) -> Option<u64> {
    let level = facts.battery_level.or(facts.battery_history.first().map(|sample| sample.1))?;
    let others: Vec<u64> = similar.iter().filter_map(drained).collect();
    let mean = (!others.is_empty()).then(|| others.iter().sum::<u64>() / others.len() as u64);
    let drained = drained(facts).or(mean)?;
    Some(u64::from(level) * 1_000_000 / drained.max(1))
}

/// Millionths of a percent a second that the battery lost since it was last charged.
fn drained(facts: &Facts) -> Option<u64> {
    let newest = facts.battery_history.first()?;
    let mut oldest = newest;
    for sample in &facts.battery_history[1..] {
        if sample.1 < oldest.1 || sample.0 <= oldest.0 {
            break;
        }
        oldest = sample;
    }
    let (seconds, lost) = (u64::from(oldest.0 - newest.0), u64::from(oldest.1 - newest.1));
    (lost * 1_000_000).checked_div(seconds).filter(|drained| *drained > 0)
}

/// What the device draws, and what is usual: what others draw, or it did before.
fn draws(facts: &Facts, similar: &[Facts]) -> Option<(u64, u64)> {
    let mean = |numbers: Vec<u64>| numbers.iter().sum::<u64>().checked_div(numbers.len() as u64);
    let of =
        |history: &[(u32, u32)]| mean(history.iter().map(|sample| u64::from(sample.1)).collect());
    let (newest, before) = facts.power_history.split_first()?;
    match mean(similar.iter().filter_map(|one| of(&one.power_history)).collect()) {
        Some(usual) => Some((of(&facts.power_history)?, usual)),
        None => Some((u64::from(newest.1), of(before)?)),
    }
}

/// The order in which inputs count that allow the same.
const ORDER: [&str; 13] = [
    "arrival",
    "backlog",
    "processor",
    "memory",
    "storage",
    "processor-power",
    "scheme",
    "battery",
    "battery-history",
    "power-history",
    "device",
    "link",
    "quota",
];

type Asked = (&'static str, Option<u64>, Option<&'static str>);

fn asked(policy: &Policy, facts: &Facts, limits: &[Limit], rate: u64, maximum: u64) -> Asked {
    let rank = |input: &str| ORDER.iter().position(|one| *one == input);
    let least =
        limits.iter().filter_map(|(input, limit)| Some(((*limit)?, rank(input), *input))).min();
    let rate = rate.min(maximum);
    match least {
        Some((limit, _, because)) if limit < rate => return ("rate", Some(limit), Some(because)),
        _ => {}
    }
    let vague = limits.iter().filter(|limit| limit.1.is_none()).min_by_key(|limit| rank(limit.0));
    if let (Some((because, _)), 1..) = (vague, rate) {
        return ("decrease", None, Some(because));
    }
    let (goal, why) = match least {
        Some((limit, _, because)) if limit < maximum => (limit, because),
        _ => (maximum, "plenty"),
    };
    let up_to = |goal: u64, why| match goal >= maximum {
        true => ("full", None, Some(why)),
        false => ("rate", Some(goal), Some(why)),
    };
    let nothing = ("nothing", None, None);
    if goal <= rate {
        return nothing;
    }
    let Some(backlog) = facts.backlog else { return up_to(goal, why) };
    if backlog > policy.backlog_low {
        return nothing;
    }
    if let Some(processing) = facts.processing.filter(|processing| *processing > rate) {
        return if processing < goal { up_to(processing, "caught-up") } else { up_to(goal, why) };
    }
    if facts.arrival.is_some_and(|arrival| u128::from(arrival) * 10 < u128::from(rate) * 9) {
        return nothing;
    }
    let raised = u128::from(rate) + u128::from(rate) * u128::from(policy.step) / 100;
    if rate > 0 && goal != NO_LIMIT && u128::from(goal) <= raised {
        return up_to(goal, why);
    }
    ("increase", None, Some("caught-up"))
}

/// A sender of data.
struct Sender<'a> {
    manner: Manner,
    achievable: Option<&'a [u64]>,
    agreed: u64,
    maximum: u64,
    rate: u64,
    /// The last rate that was no pause.
    last: u64,
    /// Whether a request stands.
    stands: bool,
    suggested: u64,
}

impl<'a> Sender<'a> {
    fn new(manner: Manner, achievable: Option<&'a [u64]>, maximum: u64) -> Self {
        let mut sender = Self {
            manner,
            achievable,
            agreed: maximum,
            maximum,
            rate: 0,
            last: 0,
            stands: false,
            suggested: NO_LIMIT,
        };
        sender.go_at(maximum);
        sender
    }

    fn step(&mut self, step: Step) -> Reaction {
        let before = self.rate;
        let ignores = matches!(self.manner, Manner::Ignores(_));
        let speaks = !matches!(self.manner, Manner::Ignores(false));
        let is_request = !matches!(step, Step::Limit(_) | Step::Suggest(_) | Step::Resume);
        if is_request && !ignores {
            self.stands = !matches!(step, Step::Full | Step::Rate(Rate::UNLIMITED));
            self.suggested = NO_LIMIT;
        }
        match step {
            _ if is_request && ignores => {}
            Step::Rate(rate) => self.go_at(number(rate)),
            Step::Full => self.go_at(NO_LIMIT),
            Step::Increase if self.rate == 0 => self.go_at(self.last),
            Step::Increase if self.rate == NO_LIMIT => {}
            Step::Increase => {
                let wanted = (self.rate + self.amount(self.rate)).min(LARGEST);
                let next = match self.achievable {
                    // Beyond what is counted there is no limit alone.
                    None => (self.rate == LARGEST).then_some(self.maximum),
                    Some(_) => {
                        self.all_up_to(self.maximum).into_iter().filter(|one| *one > before).min()
                    }
                };
                self.go_at(wanted);
                if self.rate <= before {
                    self.set(next.unwrap_or(before));
                }
            }
            Step::Decrease(_) if self.rate == 0 => {}
            Step::Decrease(measured) => {
                let from = if self.rate == NO_LIMIT { measured } else { self.rate };
                let wanted = from.saturating_sub(self.amount(from)).max(1);
                let next =
                    self.all_up_to(self.maximum).into_iter().filter(|one| *one < before).max();
                self.go_at(wanted);
                if self.rate >= before {
                    self.set(next.unwrap_or(before));
                }
            }
            Step::Limit(maximum) => {
                self.maximum = number(maximum);
                self.go_at(if self.stands { self.rate } else { self.suggested });
            }
            Step::Suggest(_) if self.stands => {}
            Step::Suggest(rate) => {
                self.suggested = number(rate).max(1);
                self.go_at(self.suggested);
            }
            Step::Resume => *self = Self::new(self.manner, self.achievable, self.agreed),
        }
        let answers =
            is_request || matches!(step, Step::Limit(_) | Step::Suggest(_)) && self.rate != before;
        Reaction { rate: told(self.rate), effective: speaks && answers }
    }

    fn amount(&self, rate: u64) -> u64 {
        let amount = match self.manner {
            Manner::Strict(percent) => (u128::from(rate) * u128::from(percent) / 100) as u64,
            Manner::Octets(octets) => octets,
            Manner::Ignores(_) => 0,
        };
        amount.max(1)
    }

    /// The achievable rates up to a maximum, where they can be counted.
    fn all_up_to(&self, maximum: u64) -> Vec<u64> {
        let all = self.achievable.unwrap_or_default().iter().copied();
        all.filter(|one| (1..=maximum).contains(one)).collect()
    }

    /// At the achievable rate that is nearest, the lower one of two; at the maximum if there is none.
    fn go_at(&mut self, wanted: u64) {
        let wanted = wanted.min(self.maximum);
        let nearest = match self.achievable {
            None => Some(wanted),
            Some(_) if wanted == 0 => Some(0),
            Some(_) => self
                .all_up_to(self.maximum)
                .into_iter()
                .min_by_key(|one| (one.abs_diff(wanted), *one)),
        };
        self.set(nearest.unwrap_or(self.maximum));
    }

    fn set(&mut self, rate: u64) {
        self.rate = rate;
        if rate > 0 {
            self.last = rate;
        }
    }
}

/// What each ACK suggests: the rate of the last eight, less what is piled up by ten seconds; or an eighth
/// more than before, if nothing is piled up, until that is eight times what is processed.
fn suggested(every: u64, acks: &[Ack]) -> Vec<Rate> {
    let mut before = NO_LIMIT;
    let mut least_open = NO_LIMIT;
    let mut rates = Vec::new();
    for (index, ack) in acks.iter().enumerate() {
        let from = index.checked_sub(8).and_then(|at| acks.get(at)).copied();
        let from = from.unwrap_or(Ack { at_ms: 0, processed: 0, sent: 0 });
        let open = ack.sent - ack.processed;
        least_open = least_open.min(open);
        if ack.at_ms > from.at_ms {
            let rate = (ack.processed - from.processed) * 1000 / (ack.at_ms - from.at_ms);
            if open - least_open > every {
                before = caught_up(rate, open - least_open, 10_000).max(1);
            } else if before != NO_LIMIT {
                let more = before + (before / 8).max(1);
                before = if more < rate * 8 { more } else { NO_LIMIT };
            }
        }
        rates.push(told(before));
    }
    rates
}
