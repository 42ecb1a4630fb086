//! The policies' decisions, as a table.

use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::rate::{
    BatterySample, BatteryType, Charging, Device, Link, Power, PowerSample, PowerScheme,
    PowerSources,
};

const KB: u64 = 1000;

fn percent(percent: u8) -> Option<Percent> {
    Percent::new(percent)
}

fn rate(octets_per_second: u64) -> Rate {
    Rate::new(octets_per_second).expect("a rate")
}

/// Levels of a battery, newest first, an hour apart.
fn hourly(levels: &[u8]) -> Option<Vec<BatterySample>> {
    let sample = |(hours, level): (u32, &u8)| BatterySample {
        seconds_ago: hours * 3600,
        level: Percent::new(*level).expect("a percentage"),
    };
    Some((0..).zip(levels).map(sample).collect())
}

/// What was drawn, newest first, a minute apart.
fn minutely(milliwatts: &[u32]) -> Option<Vec<PowerSample>> {
    let sample = |(minutes, milliwatts): (u32, &u32)| PowerSample {
        seconds_ago: minutes * 60,
        milliwatts: *milliwatts,
    };
    Some((0..).zip(milliwatts).map(sample).collect())
}

fn on_battery() -> Facts {
    Facts { power_in_use: Some(Power::Battery), arrival: Some(80 * KB), ..Facts::default() }
}

fn battery(level: u8, battery_type: BatteryType) -> Facts {
    Facts { battery_level: percent(level), battery_type: Some(battery_type), ..on_battery() }
}

fn flow(arrival: u64, processing: u64, backlog: u64) -> Facts {
    let (arrival, processing, backlog) = (Some(arrival), Some(processing), Some(backlog));
    Facts { arrival, processing, backlog, ..Facts::default() }
}

/// A name, what was observed, and the rate in force in octets/s.
fn observations() -> Vec<(&'static str, Observation)> {
    let unlimited = |name, facts| (name, Observation::of(facts));
    let at = |name, octets_per_second, facts| {
        (name, Observation { rate: rate(octets_per_second), ..Observation::of(facts) })
    };
    let within = |name, octets_per_second, maximum, facts| {
        let (rate, maximum) = (rate(octets_per_second), rate(maximum));
        (name, Observation { rate, maximum, ..Observation::of(facts) })
    };
    let with = |name, facts, similar: Vec<Facts>| {
        (name, Observation { similar, ..Observation::of(facts) })
    };
    let none = Facts::default;
    vec![
        unlimited("nothing is known", none()),
        unlimited("25 KB/s arrive, 15 are processed", flow(25 * KB, 15 * KB, 0)),
        unlimited("and 10 KB wait", flow(25 * KB, 15 * KB, 10 * KB)),
        unlimited("and 1 MB waits", flow(25 * KB, 15 * KB, 1000 * KB)),
        at("14 KB/s, 3 KB still wait", 14 * KB, flow(14 * KB, 15 * KB, 3 * KB)),
        at("14 KB/s, a little waits", 14 * KB, flow(14 * KB, 15 * KB, 400)),
        at("15 KB/s, nothing waits", 15 * KB, flow(15 * KB, 15 * KB, 0)),
        at("15 KB/s, half of it used", 15 * KB, flow(7 * KB, 15 * KB, 0)),
        unlimited("10 KB wait, no rate known", Facts { backlog: Some(10 * KB), ..none() }),
        at("a pause, nothing waits", 0, Facts { backlog: Some(0), ..none() }),
        at("a pause, 10 KB wait", 0, Facts { backlog: Some(10 * KB), ..none() }),
        within("within the maximum", 14 * KB, 20 * KB, flow(14 * KB, 50 * KB, 0)),
        within("at the maximum", 20 * KB, 20 * KB, flow(20 * KB, 50 * KB, 0)),
        at("nothing limits what was limited", 14 * KB, none()),
        unlimited("processor at 89 %", Facts { processor: percent(89), ..on_battery() }),
        unlimited("processor at 100 %", Facts { processor: percent(100), ..on_battery() }),
        unlimited("processor at 95 %, no rate known", Facts { processor: percent(95), ..none() }),
        unlimited("memory at 90 %", Facts { memory: percent(90), ..none() }),
        unlimited("memory at 97 %", Facts { memory: percent(97), ..none() }),
        unlimited("storage full", Facts { storage: percent(100), ..none() }),
        at("storage at 99 %, paused", 0, Facts { storage: percent(99), ..none() }),
        unlimited("high power state", Facts { processor_power: percent(100), ..on_battery() }),
        unlimited(
            "high power state, plugged in",
            Facts { power_in_use: Some(Power::External), processor_power: percent(100), ..none() },
        ),
        unlimited("saving power", Facts { scheme: Some(PowerScheme::Saving), ..none() }),
        unlimited("performance", Facts { scheme: Some(PowerScheme::Performance), ..none() }),
        unlimited("lithium battery at 21 %", battery(21, BatteryType::Lithium)),
        unlimited("lithium battery at 20 %", battery(20, BatteryType::Lithium)),
        unlimited("lithium battery at 5 %", battery(5, BatteryType::Lithium)),
        unlimited("nickel battery at 30 %", battery(30, BatteryType::Nickel)),
        unlimited("lead battery at 50 %", battery(50, BatteryType::Lead)),
        unlimited(
            "discharging at 10 %",
            Facts { charging: Some(Charging::Discharging), battery_level: percent(10), ..none() },
        ),
        unlimited(
            "charging at 10 %",
            Facts { charging: Some(Charging::Charging), battery_level: percent(10), ..none() },
        ),
        unlimited(
            "at 10 %, but power is at hand",
            Facts {
                power_available: Some(PowerSources { battery: true, external: true }),
                ..battery(10, BatteryType::Lithium)
            },
        ),
        at(
            "plugged in again",
            5 * KB,
            Facts {
                power_in_use: Some(Power::External),
                battery_level: percent(5),
                charging: Some(Charging::Charging),
                ..none()
            },
        ),
        unlimited(
            "40 % lost in an hour, 40 left",
            Facts { battery_history: hourly(&[40, 80]), ..on_battery() },
        ),
        unlimited(
            "10 % lost in an hour, 40 left",
            Facts { battery_history: hourly(&[40, 50]), ..on_battery() },
        ),
        unlimited(
            "40 % lost since it was charged",
            Facts { battery_history: hourly(&[40, 80, 20]), ..on_battery() },
        ),
        with(
            "similar devices lost 60 and 20 % an hour",
            Facts { battery_level: percent(40), ..on_battery() },
            vec![
                Facts { battery_history: hourly(&[30, 90]), ..none() },
                Facts { battery_history: hourly(&[60, 80]), ..none() },
            ],
        ),
        unlimited(
            "3 W, 1.5 before",
            Facts { power_history: minutely(&[3000, 1500, 1500]), ..on_battery() },
        ),
        unlimited(
            "1.8 W, 1.5 before",
            Facts { power_history: minutely(&[1800, 1500, 1500]), ..on_battery() },
        ),
        with(
            "3 W, similar devices 1.2",
            Facts { power_history: minutely(&[3000, 3000]), ..on_battery() },
            vec![Facts { power_history: minutely(&[1200]), ..none() }],
        ),
        unlimited("a watch", Facts { device: Some(Device::Wearable), ..none() }),
        unlimited("a phone", Facts { device: Some(Device::Phone), ..none() }),
        unlimited("cellular", Facts { link: Some(Link::Cellular), ..none() }),
        unlimited("satellite", Facts { link: Some(Link::Satellite), ..none() }),
        at("from cellular to Wi-Fi", 25 * KB, Facts { link: Some(Link::WiFi), ..none() }),
        unlimited(
            "36 MB left for an hour",
            Facts {
                quota: Some(100_000 * KB),
                quota_used: Some(64_000 * KB),
                quota_seconds: Some(3600),
                ..none()
            },
        ),
        unlimited(
            "nothing left of the quota",
            Facts { quota: Some(1), quota_used: Some(2), quota_seconds: Some(60), ..none() },
        ),
        unlimited(
            "the quota's period is over",
            Facts { quota: Some(1), quota_used: Some(2), quota_seconds: Some(0), ..none() },
        ),
        unlimited(
            "cellular, saving, 15 KB/s processed",
            Facts {
                link: Some(Link::Cellular),
                scheme: Some(PowerScheme::Saving),
                ..flow(25 * KB, 15 * KB, 0)
            },
        ),
        at(
            "too fast by a number and by none",
            80 * KB,
            Facts { processor: percent(100), link: Some(Link::Cellular), ..none() },
        ),
        at(
            "too fast by none, below the number",
            20 * KB,
            Facts { processor: percent(100), link: Some(Link::Cellular), ..none() },
        ),
        at(
            "a step below what the link allows",
            24 * KB,
            Facts { link: Some(Link::Cellular), backlog: Some(0), ..none() },
        ),
    ]
}

fn policy() -> Policy {
    Policy { backlog_high: 5000, backlog_low: 500, ..Policy::new(100 * KB) }
}

fn shown(rate: Rate) -> String {
    rate.octets_per_second().map_or("unlimited".to_owned(), |rate| rate.to_string())
}

#[test]
fn decisions() {
    let mut table = String::new();
    for (name, observation) in observations() {
        let asked = match desire(&observation, &policy()) {
            None => "nothing".to_owned(),
            Some(Desire { request: Request::Rate(rate), because }) => {
                format!("RATE {}, {because:?}", shown(rate))
            }
            Some(Desire { request, because }) => {
                format!("{}, {because:?}", format!("{request:?}").to_uppercase())
            }
        };
        let in_force = shown(observation.rate);
        writeln!(table, "{name:<42} {in_force:>9}  {asked}").expect("written");
    }
    insta::assert_snapshot!(table);
}

/// What each input says by itself, of all observations about which it says something.
#[test]
fn verdicts() {
    let mut table = String::new();
    for (input, judge) in INPUTS {
        writeln!(table, "{input:?}").expect("written");
        for (name, observation) in observations() {
            let said = match judge(&observation, &policy()) {
                None => continue,
                Some(Verdict::AtMost(rate)) => format!("at most {}", shown(rate)),
                Some(Verdict::TooFast) => "too fast".to_owned(),
            };
            writeln!(table, "  {name:<42} {said}").expect("written");
        }
    }
    insta::assert_snapshot!(table);
}

fn facts() -> impl Strategy<Value = Facts> {
    let octets = || prop::option::of(0u64..1 << 20);
    let percent =
        || prop::option::of((0u8..=100).prop_map(|p| Percent::new(p).unwrap_or_default()));
    (
        (octets(), octets(), octets(), octets(), octets(), prop::option::of(0u32..10_000)),
        (percent(), percent(), percent(), percent(), percent()),
        prop::option::of(prop::sample::select(Link::ALL)),
        prop::option::of(prop::sample::select(Power::ALL)),
        prop::collection::vec(0u8..=100, 0..4),
        prop::collection::vec(any::<u32>(), 0..4),
    )
        .prop_map(|(octets, percents, link, power_in_use, levels, milliwatts)| {
            let (arrival, processing, backlog, quota, quota_used, quota_seconds) = octets;
            let (processor, memory, storage, battery_level, processor_power) = percents;
            Facts {
                arrival,
                processing,
                backlog,
                quota,
                quota_used,
                quota_seconds,
                processor,
                memory,
                storage,
                battery_level,
                processor_power,
                link,
                power_in_use,
                battery_history: hourly(&levels),
                power_history: minutely(&milliwatts),
                ..Facts::default()
            }
        })
}

proptest! {
    /// Whatever is observed, what is asked for changes something, is within the sender's maximum, and
    /// goes up only if no input objects.
    #[test]
    fn a_desire_makes_sense(
        facts in facts(),
        similar in prop::collection::vec(facts(), 0..3),
        in_force in prop_oneof![(0u64..1 << 20).prop_map(rate), Just(Rate::UNLIMITED)],
        maximum in prop_oneof![(1u64..1 << 20).prop_map(rate), Just(Rate::UNLIMITED)],
    ) {
        let observation = Observation { facts, similar, rate: in_force, maximum };
        let in_force = in_force.min(maximum);
        let said = INPUTS.map(|(_, judge)| judge(&observation, &policy()));
        let too_fast = said.contains(&Some(Verdict::TooFast));
        let limit = least(&observation, &policy()).map_or(Rate::UNLIMITED, |least| least.0);
        match desire(&observation, &policy()).map(|desire| desire.request) {
            None => prop_assert!(limit >= in_force, "too fast, but nothing is asked for"),
            Some(Request::Rate(wanted)) => {
                prop_assert!(wanted != in_force && wanted < maximum && wanted <= limit);
                prop_assert!(wanted < in_force || !too_fast || in_force == Rate::PAUSE);
            }
            Some(Request::Decrease) => prop_assert!(too_fast && in_force > Rate::PAUSE),
            Some(Request::Increase | Request::Full) => {
                prop_assert!(in_force < limit.min(maximum));
                prop_assert!(!too_fast || in_force == Rate::PAUSE);
            }
        }
    }
}
