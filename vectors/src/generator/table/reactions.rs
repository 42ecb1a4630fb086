//! Cases of what a sender of data makes of requests (FIG. 8, 804), and of the spacing of ACKs (802).

use super::Draft;
use crate::table::{Ack, Manner, PolicyGiven, Rate, Step};
use Step::{Decrease, Full, Increase, Limit, Resume, Suggest};

const FOLLOWS: &[&str] = &["rate.strict.follows", "rate.strict.answered"];
const MAXIMUM: &[&str] = &["rate.maximum", "rate.strict.follows"];
const SLOWER: &[&str] = &["rate.strict.slower", "rate.strict.step"];
const FASTER: &[&str] = &["rate.strict.faster", "rate.strict.step"];
const PAUSE: &[&str] = &["rate.strict.pauses", "rate.strict.pause-kept", "rate.strict.restores"];
const FULL: &[&str] = &["rate.strict.full"];
const DERIVES: &[&str] = &["rate.derives", "rate.explicit"];
const ADVISORY: &[&str] = &["rate.advisory.ignores", "rate.advisory.tells"];

const LARGEST: u64 = (1 << 53) - 1;
const STRICT: Manner = Manner::Strict(10);

/// A name, what is special, what it shows; how requests are taken, achievable rates, maximum, steps.
type Row<'a> = (
    &'static str,
    &'static str,
    &'static [&'static str],
    (Manner, Option<&'a [u64]>, Rate),
    &'a [Step],
);

pub(super) fn drafts() -> Vec<Draft<PolicyGiven>> {
    let limited = Rate::Limited;
    let maximum = limited(100_000);
    let any = (STRICT, None, maximum);
    let unlimited = (STRICT, None, Rate::UNLIMITED);
    let steps: &[u64] = &[10_000, 20_000, 40_000, 80_000];
    let few = (STRICT, Some(steps), maximum);
    let ask = |rate| Step::Rate(limited(rate));
    let rows: &[Row<'_>] = &[
        (
            "number",
            "a rate that can be achieved",
            FOLLOWS,
            any,
            &[ask(25_000), ask(15_000), ask(1)],
        ),
        ("clamped", "not above the maximum", MAXIMUM, any, &[ask(100_001), ask(LARGEST)]),
        (
            "unlimited",
            "which is the same as FULL",
            FULL,
            any,
            &[ask(25_000), Step::Rate(Rate::UNLIMITED), ask(25_000), Full],
        ),
        (
            "decrease",
            "by ten percent, rounded down",
            SLOWER,
            any,
            &[Decrease(0), Decrease(0), ask(11), Decrease(0)],
        ),
        (
            "decrease-small",
            "by 1 at least, and never to 0",
            SLOWER,
            any,
            &[ask(3), Decrease(0), Decrease(0), Decrease(0)],
        ),
        (
            "decrease-unlimited",
            "from what was measured",
            SLOWER,
            unlimited,
            &[Decrease(50_000), Full, Decrease(0), Full, Decrease(LARGEST)],
        ),
        (
            "increase",
            "by ten percent, rounded down",
            FASTER,
            any,
            &[ask(25_000), Increase, Increase, ask(5), Increase],
        ),
        ("increase-maximum", "up to the maximum", FASTER, any, &[ask(95_000), Increase, Increase]),
        (
            "increase-unlimited",
            "faster than without limit there is not",
            FASTER,
            unlimited,
            &[Increase],
        ),
        (
            "increase-largest",
            "up to the largest rate that is counted",
            FASTER,
            unlimited,
            &[ask(LARGEST - 5), Increase, Increase],
        ),
        (
            "step",
            "by the step that was agreed",
            FASTER,
            (Manner::Strict(90), None, maximum),
            &[ask(1000), Increase, Decrease(0)],
        ),
        (
            "pause",
            "lasts through DECREASE, and INCREASE ends it",
            PAUSE,
            any,
            &[ask(40_000), ask(0), Decrease(0), Increase],
        ),
        (
            "pause-first",
            "back to the rate before, which was the maximum",
            PAUSE,
            any,
            &[ask(0), Increase],
        ),
        (
            "pause-twice",
            "the last rate that was not 0",
            PAUSE,
            any,
            &[ask(40_000), ask(0), ask(0), Increase, ask(0), ask(7), ask(0), Increase],
        ),
        ("pause-full", "FULL ends it too", FULL, any, &[ask(40_000), ask(0), Full]),
        (
            "nearest",
            "of the rates that can be achieved",
            FOLLOWS,
            few,
            &[ask(14_999), ask(15_000), ask(15_001), ask(30_000), ask(70_000)],
        ),
        ("nearest-lowest", "a pause is none of them", FOLLOWS, few, &[ask(1), ask(0)]),
        (
            "nearest-maximum",
            "within the maximum",
            MAXIMUM,
            (STRICT, Some(steps), limited(70_000)),
            &[ask(75_000), Full],
        ),
        (
            "nearest-none",
            "none is within the maximum: the maximum itself",
            MAXIMUM,
            (STRICT, Some(steps), limited(5000)),
            &[ask(3000), Increase, Decrease(0)],
        ),
        (
            "nearest-step",
            "a step to the next one at least",
            FASTER,
            few,
            &[
                ask(20_000),
                Increase,
                Increase,
                Increase,
                Decrease(0),
                Decrease(0),
                Decrease(0),
                Decrease(0),
            ],
        ),
        (
            "limit",
            "a lower maximum lowers the rate, a higher one does not raise what was asked for",
            MAXIMUM,
            any,
            &[
                ask(50_000),
                Limit(limited(30_000)),
                ask(50_000),
                Limit(limited(90_000)),
                ask(95_000),
                Full,
            ],
        ),
        (
            "limit-unasked",
            "where nothing was asked for it does",
            MAXIMUM,
            any,
            &[Limit(limited(30_000)), Limit(limited(200_000)), Limit(Rate::UNLIMITED)],
        ),
        (
            "limit-pause",
            "a pause is below every maximum",
            MAXIMUM,
            any,
            &[ask(0), Limit(limited(30_000)), Increase],
        ),
        (
            "suggested",
            "while nothing is asked for",
            DERIVES,
            any,
            &[
                Suggest(limited(60_000)),
                Suggest(limited(60_000)),
                Suggest(limited(300_000)),
                Suggest(Rate::UNLIMITED),
            ],
        ),
        (
            "suggested-asked",
            "what is asked for counts more, until FULL",
            DERIVES,
            any,
            &[
                ask(50_000),
                Suggest(limited(20_000)),
                Full,
                Suggest(limited(20_000)),
                ask(50_000),
                Suggest(limited(10_000)),
            ],
        ),
        ("suggested-pause", "only a request causes a pause", DERIVES, any, &[Suggest(limited(0))]),
        (
            "resumed",
            "as at activation",
            &["suspend.fresh"],
            any,
            &[ask(50_000), Limit(limited(60_000)), Resume, Increase],
        ),
        (
            "advisory-octets",
            "an amount of its own",
            &["rate.advisory.tells"],
            (Manner::Octets(5000), None, maximum),
            &[ask(50_000), Increase, Decrease(0), Decrease(0)],
        ),
        (
            "advisory-octets-small",
            "never to 0",
            &["rate.advisory.tells"],
            (Manner::Octets(5000), None, maximum),
            &[ask(6000), Decrease(0), Decrease(0)],
        ),
        (
            "advisory-ignores",
            "and tells its rate",
            ADVISORY,
            (Manner::Ignores(true), None, maximum),
            &[ask(50_000), Increase, Decrease(0), ask(0), Full],
        ),
        (
            "advisory-silent",
            "for it may not send EFFECTIVE",
            ADVISORY,
            (Manner::Ignores(false), None, maximum),
            &[ask(50_000), Limit(limited(30_000))],
        ),
    ];
    let draft = |(name, comment, covers, (manner, achievable, maximum), steps): &Row<'_>| {
        let achievable = achievable.map(<[u64]>::to_vec);
        let given = PolicyGiven::React {
            manner: *manner,
            achievable,
            maximum: *maximum,
            steps: steps.to_vec(),
        };
        Draft::new(format!("react/{name}"), *comment, covers, given)
    };
    rows.iter().map(draft).chain(acks()).collect()
}

fn acks() -> Vec<Draft<PolicyGiven>> {
    let spaced = |name: &str, comment: &str, acks: Vec<Ack>| {
        let given = PolicyGiven::Acks { every: 1500, acks };
        Draft::new(format!("acks/{name}"), comment, &["rate.derives"], given)
    };
    let ack = |at_ms, processed, sent| Ack { at_ms, processed, sent };
    let patent = (1..=20).map(|n| ack(100 * n, 1500 * n, 2500 * n));
    let level = (1..=12).map(|n| ack(100 * n, 1500 * n, 1500 * n + 800));
    let relieved = (1..=8).map(|n| ack(100 * n, 1500 * n, 4000 * n));
    let relieved = relieved.chain((9..=16).map(|n| ack(100 * n, 1500 * n, 32_000.max(1500 * n))));
    let recovered = (1..=4).map(|n| ack(100 * n, 1500 * n, 5000 * n));
    let recovered = recovered.chain((14..=40).map(|n| ack(100 * n, 1500 * n, 1500 * n + 3500)));
    let at_once = [ack(0, 1500, 9000), ack(0, 3000, 9000), ack(100, 4500, 20_000)];
    vec![
        spaced(
            "patent",
            "25 KB/s are sent, 15 processed: the rate of the ACKs, less what is piled up by ten seconds",
            patent.collect(),
        ),
        spaced("level", "what is on its way is no pile: nothing is suggested", level.collect()),
        spaced("relieved", "the pile shrinks", relieved.collect()),
        spaced(
            "recovered",
            "faster by an eighth with each ACK, when nothing is piled up",
            recovered.collect(),
        ),
        spaced("at-once", "no time went by: no rate", at_once.to_vec()),
    ]
}
