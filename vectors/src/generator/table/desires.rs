//! Cases of what a receiver of data asks for (FIG. 7), and of what STATUS suggests to a sender (FIG. 8,
//! 802).

use super::Draft;
use crate::table::{Facts, Policy, PolicyGiven, Rate};

const DESIRED: &[&str] = &["rate.desired", "rate.asks"];
const WITHIN: &[&str] = &["rate.desired", "rate.asks-within"];
const DERIVED: &[&str] = &["rate.derives"];

pub(super) fn drafts() -> Vec<Draft<PolicyGiven>> {
    [the_patent(), load(), power(), link(), together(), faster(), status()]
        .into_iter()
        .flatten()
        .collect()
}

/// What the reference takes for an application that wants 100 KB/s; the patent's example bears a
/// backlog of 5 KB.
fn policy() -> Policy {
    Policy {
        usual: 100_000,
        backlog_high: 5000,
        backlog_low: 1000,
        horizon_ms: 10_000,
        high_use: 90,
        saving: 50,
        low_battery: 25,
        empty_battery: 5,
        high_power_state: 75,
        endurance_s: 7200,
        cellular: 25,
        satellite: 10,
        small_device: 10,
        step: 10,
    }
}

fn desire(
    name: &str,
    comment: &str,
    covers: &[&str],
    observed: Facts,
    (rate, maximum): (Rate, Rate),
) -> Draft<PolicyGiven> {
    let (policy, similar) = (policy(), Vec::new());
    let given = PolicyGiven::Desire { policy, observed, similar, rate, maximum };
    Draft::new(format!("desire/{name}"), comment, covers, given)
}

/// With a sender that nothing holds back.
fn unhindered(name: &str, comment: &str, observed: Facts) -> Draft<PolicyGiven> {
    desire(name, comment, DESIRED, observed, (Rate::UNLIMITED, Rate::UNLIMITED))
}

fn among_similar(
    name: &str,
    comment: &str,
    observed: Facts,
    similar: Vec<Facts>,
) -> Draft<PolicyGiven> {
    let (rate, maximum) = (Rate::UNLIMITED, Rate::UNLIMITED);
    let given = PolicyGiven::Desire { policy: policy(), observed, similar, rate, maximum };
    Draft::new(format!("desire/{name}"), comment, DESIRED, given)
}

fn loaded(arrival: u64, processing: u64, backlog: u64) -> Facts {
    let [arrival, processing, backlog] = [arrival, processing, backlog].map(Some);
    Facts { arrival, processing, backlog, ..Facts::default() }
}

/// US 9,331,890, FIG. 7, 704: 25 KB/s arrive, 15 can be processed, 14 work off what waits.
fn the_patent() -> Vec<Draft<PolicyGiven>> {
    let at = |rate| (Rate::Limited(rate), Rate::UNLIMITED);
    vec![
        desire(
            "patent-arrival",
            "25 KB/s arrive, and 15 can be processed",
            DESIRED,
            loaded(25_000, 15_000, 0),
            at(25_000),
        ),
        desire(
            "patent-backlog",
            "meanwhile 10 KB wait: 14 KB/s work them off",
            DESIRED,
            loaded(25_000, 15_000, 10_000),
            at(25_000),
        ),
        desire(
            "patent-still",
            "14 KB/s arrive, and some wait still",
            DESIRED,
            loaded(14_000, 15_000, 4000),
            at(14_000),
        ),
        desire(
            "patent-done",
            "nothing waits any more: 15 KB/s again",
            DESIRED,
            loaded(14_000, 15_000, 0),
            at(14_000),
        ),
        desire(
            "patent-right",
            "15 KB/s arrive and are processed: nothing is to be asked for",
            DESIRED,
            Facts { backlog: Some(2000), ..loaded(15_000, 15_000, 0) },
            at(15_000),
        ),
    ]
}

fn load() -> Vec<Draft<PolicyGiven>> {
    let facts = Facts::default;
    vec![
        unhindered(
            "backlog-threshold",
            "a backlog at the threshold is none",
            Facts { backlog: Some(5000), processing: Some(20_000), ..facts() },
        ),
        unhindered(
            "backlog-above",
            "one octet more is: what processing leaves when it is worked off in ten seconds",
            Facts { backlog: Some(5001), processing: Some(20_000), ..facts() },
        ),
        unhindered(
            "backlog-large",
            "at least half of what is processed goes on coming",
            Facts { backlog: Some(1_000_000), processing: Some(20_000), ..facts() },
        ),
        unhindered(
            "backlog-unknown-processing",
            "slower, and it cannot be told by how much",
            Facts { backlog: Some(10_000), ..facts() },
        ),
        unhindered(
            "backlog-stuck",
            "nothing is processed at all: 1 octet/s, for 0 would be a pause",
            Facts { backlog: Some(10_000), processing: Some(0), ..facts() },
        ),
        unhindered(
            "processor",
            "at the level: what arrives may go on",
            Facts { processor: Some(90), arrival: Some(50_000), ..facts() },
        ),
        unhindered(
            "processor-full",
            "what arrives shrinks as the use has to",
            Facts { processor: Some(100), arrival: Some(50_000), ..facts() },
        ),
        unhindered(
            "processor-below",
            "below the level",
            Facts { processor: Some(89), arrival: Some(50_000), ..facts() },
        ),
        unhindered(
            "processor-unknown-arrival",
            "slower, by nobody knows how much",
            Facts { processor: Some(99), ..facts() },
        ),
        unhindered("memory", "half of the room is left", Facts { memory: Some(95), ..facts() }),
        unhindered(
            "memory-level",
            "at the level: the usual rate",
            Facts { memory: Some(90), ..facts() },
        ),
        unhindered(
            "memory-full",
            "no room at all is a pause",
            Facts { memory: Some(100), ..facts() },
        ),
        unhindered("storage", "as with memory", Facts { storage: Some(99), ..facts() }),
        unhindered(
            "storage-full",
            "no room at all is a pause",
            Facts { storage: Some(100), arrival: Some(9), processing: Some(1), ..facts() },
        ),
    ]
}

fn power() -> Vec<Draft<PolicyGiven>> {
    let battery =
        |level| Facts { on_battery: Some(true), battery_level: Some(level), ..Facts::default() };
    let kind = |level, kind: &str| Facts { battery_type: Some(kind.to_owned()), ..battery(level) };
    let history =
        |history: &[(u32, u8)]| Facts { battery_history: history.to_vec(), ..battery(50) };
    let drawn = |history: &[(u32, u32)]| Facts { power_history: history.to_vec(), ..battery(90) };
    vec![
        unhindered(
            "processor-power",
            "on battery, a constant lower rate for a lower state",
            Facts { processor_power: Some(100), arrival: Some(40_000), ..battery(90) },
        ),
        unhindered(
            "processor-power-external",
            "on external power it is no matter",
            Facts {
                processor_power: Some(100),
                arrival: Some(40_000),
                on_battery: Some(false),
                ..Facts::default()
            },
        ),
        unhindered(
            "scheme-saving",
            "the power scheme saves",
            Facts { scheme: Some("saving".into()), ..Facts::default() },
        ),
        unhindered(
            "scheme-balanced",
            "it does not",
            Facts { scheme: Some("balanced".into()), ..Facts::default() },
        ),
        unhindered("battery-reserve", "a fifth is the reserve", battery(20)),
        unhindered("battery-above-reserve", "more than that", battery(21)),
        unhindered("battery-empty", "a quarter of the reserve", battery(5)),
        unhindered("battery-lead", "lead wears out early: half is its reserve", kind(50, "lead")),
        unhindered("battery-nickel", "30 percent of nickel", kind(30, "nickel")),
        unhindered("battery-lithium", "30 percent of lithium are enough", kind(30, "lithium")),
        unhindered(
            "battery-external",
            "power from outside could be used",
            Facts { external_power: Some(true), ..battery(5) },
        ),
        unhindered(
            "battery-not-in-use",
            "the battery is not in use",
            Facts { on_battery: Some(false), ..battery(5) },
        ),
        unhindered(
            "battery-discharging",
            "what is discharged is in use, if nothing else is known",
            Facts { discharging: Some(true), on_battery: None, ..battery(5) },
        ),
        unhindered(
            "battery-history",
            "ten percent in half an hour: an hour and a half too short",
            history(&[(0, 10), (1800, 20), (3600, 30)]),
        ),
        unhindered("battery-history-slow", "it lasts", history(&[(0, 50), (36_000, 51)])),
        unhindered(
            "battery-history-charged",
            "what was before it was charged does not count",
            history(&[(0, 49), (600, 50), (1200, 20), (1800, 90)]),
        ),
        among_similar(
            "battery-similar",
            "the mean of devices like this one",
            battery(25),
            vec![
                Facts { battery_history: vec![(0, 40), (1000, 50)], ..Facts::default() },
                Facts { battery_history: vec![(0, 70), (1000, 90)], ..Facts::default() },
                Facts { battery_history: vec![(0, 90)], ..Facts::default() },
            ],
        ),
        unhindered(
            "power-history",
            "twice as much as before",
            drawn(&[(0, 2000), (60, 1000), (120, 1000)]),
        ),
        unhindered(
            "power-history-usual",
            "a quarter more is borne",
            drawn(&[(0, 1250), (60, 1000)]),
        ),
        among_similar(
            "power-similar",
            "more than devices like this one",
            drawn(&[(0, 3000), (60, 3000)]),
            vec![
                Facts { power_history: vec![(0, 1000), (60, 2000)], ..Facts::default() },
                Facts { power_history: vec![(0, 500)], ..Facts::default() },
            ],
        ),
    ]
}

fn link() -> Vec<Draft<PolicyGiven>> {
    let linked = |link: &str| Facts { link: Some(link.into()), ..Facts::default() };
    let device = |device: &str| Facts { device: Some(device.into()), ..Facts::default() };
    let quota = |quota, used, seconds| Facts {
        quota: Some(quota),
        quota_used: Some(used),
        quota_seconds: Some(seconds),
        ..Facts::default()
    };
    vec![
        unhindered("link-cellular", "a quarter of the usual rate", linked("cellular")),
        unhindered("link-satellite", "a tenth", linked("satellite")),
        unhindered("link-wifi", "no limit", linked("wifi")),
        unhindered("device-wearable", "a tenth", device("wearable")),
        unhindered("device-embedded", "a tenth", device("embedded")),
        unhindered("device-phone", "no limit", device("phone")),
        unhindered(
            "quota",
            "what is left, spread over the time that is left",
            quota(1_000_000_000, 400_000_000, 86_400),
        ),
        unhindered("quota-used-up", "nothing is left: a pause", quota(1000, 1000, 60)),
        unhindered("quota-exceeded", "less than nothing is nothing", quota(1000, 2000, 60)),
        unhindered("quota-little", "less than an octet a second is one", quota(1000, 990, 60)),
        unhindered("quota-over", "the period is over", quota(1000, 1000, 0)),
    ]
}

fn together() -> Vec<Draft<PolicyGiven>> {
    let many = || Facts {
        link: Some("cellular".into()),
        scheme: Some("saving".into()),
        memory: Some(97),
        ..loaded(60_000, 40_000, 10_000)
    };
    let limited = |rate, maximum| (Rate::Limited(rate), Rate::Limited(maximum));
    vec![
        unhindered("least", "the least of all limits", many()),
        unhindered(
            "first-of-equals",
            "of two that allow the same, the first in the order of the inputs",
            Facts { memory: Some(95), scheme: Some("saving".into()), ..Facts::default() },
        ),
        unhindered(
            "number-before-direction",
            "a number says more than a direction",
            Facts { processor: Some(99), link: Some("satellite".into()), ..Facts::default() },
        ),
        desire(
            "already",
            "what is in force is right",
            DESIRED,
            Facts { link: Some("cellular".into()), ..Facts::default() },
            limited(25_000, 100_000),
        ),
        desire(
            "direction-again",
            "it is still too fast",
            DESIRED,
            Facts { processor: Some(99), ..Facts::default() },
            limited(5000, 100_000),
        ),
        desire(
            "direction-in-pause",
            "slower than nothing there is not",
            DESIRED,
            Facts { processor: Some(99), ..Facts::default() },
            limited(0, 100_000),
        ),
    ]
}

fn faster() -> Vec<Draft<PolicyGiven>> {
    let waits = |backlog| Facts { backlog: Some(backlog), ..Facts::default() };
    let limited = |rate, maximum| (Rate::Limited(rate), Rate::Limited(maximum));
    vec![
        desire(
            "nothing-limits",
            "and nothing is known to wait: as fast as the sender may",
            WITHIN,
            Facts::default(),
            limited(1000, 50_000),
        ),
        desire("at-the-maximum", "faster it cannot go", WITHIN, waits(0), limited(50_000, 50_000)),
        desire(
            "up-to-the-limit",
            "as fast as what limits allows",
            WITHIN,
            Facts { link: Some("cellular".into()), ..Facts::default() },
            limited(1000, 50_000),
        ),
        desire(
            "limit-beyond-maximum",
            "a limit above the maximum limits nothing",
            WITHIN,
            Facts { link: Some("cellular".into()), ..Facts::default() },
            limited(1000, 20_000),
        ),
        desire("waits", "not while enough waits", DESIRED, waits(1001), limited(1000, 50_000)),
        desire(
            "feels-its-way",
            "by a step, where it is not known how much is processed",
            DESIRED,
            Facts { arrival: Some(1000), ..waits(1000) },
            limited(1000, 50_000),
        ),
        desire(
            "last-step",
            "what is left is less than a step",
            WITHIN,
            Facts { arrival: Some(48_000), ..waits(0) },
            limited(48_000, 50_000),
        ),
        desire(
            "unused",
            "not while the sender does not use what it has",
            DESIRED,
            Facts { arrival: Some(899), ..waits(0) },
            limited(1000, 50_000),
        ),
        desire(
            "used",
            "nine tenths are use",
            DESIRED,
            Facts { arrival: Some(900), ..waits(0) },
            limited(1000, 50_000),
        ),
        desire(
            "processing-known",
            "at once to what can be processed",
            DESIRED,
            loaded(1000, 30_000, 0),
            limited(1000, 50_000),
        ),
        desire(
            "processing-beyond-maximum",
            "or to the maximum",
            WITHIN,
            loaded(1000, 80_000, 0),
            limited(1000, 50_000),
        ),
        desire(
            "out-of-a-pause",
            "by INCREASE, if nothing is known",
            DESIRED,
            waits(0),
            limited(0, 50_000),
        ),
    ]
}

fn status() -> Vec<Draft<PolicyGiven>> {
    let suggested = |name: &str, comment: &str, told: Facts, sending| {
        let given = PolicyGiven::Status { policy: policy(), told, sending };
        Draft::new(format!("status/{name}"), comment, DERIVED, given)
    };
    vec![
        suggested("nothing", "nothing is told, nothing is suggested", Facts::default(), 50_000),
        suggested(
            "link",
            "the type of the link alone",
            Facts { link: Some("satellite".into()), ..Facts::default() },
            50_000,
        ),
        suggested(
            "sending",
            "where no arrival is told, it is what is sent",
            Facts { processor: Some(100), ..Facts::default() },
            50_000,
        ),
        suggested(
            "arrival",
            "what is told counts more",
            Facts { processor: Some(100), arrival: Some(40_000), ..Facts::default() },
            50_000,
        ),
        suggested(
            "patent",
            "25 KB/s against 15",
            Facts { arrival: None, ..loaded(0, 15_000, 10_000) },
            25_000,
        ),
        suggested(
            "vague",
            "slower is no number",
            Facts { backlog: Some(10_000), ..Facts::default() },
            25_000,
        ),
    ]
}
