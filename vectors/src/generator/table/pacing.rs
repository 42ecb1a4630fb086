//! Pacing: the pacer of the reference, and the definition of the promise.

use std::time::Duration;

use wsconform_reference as reference;
use wsconform_reference::rate::{Pacer, Step};

use super::{Draft, Way, instants};
use crate::table::{Change, Message, Paced, PacingGiven, Rate};

pub(super) const WAYS: [Way<PacingGiven>; 2] =
    [("reference", by_reference), ("plain", instants::paced)];

const SECOND: u64 = 1_000_000_000;
const MILLISECOND: u64 = 1_000_000;

const BOUND: &str = "rate.strict.bound";
const DELIVERS: &str = "rate.strict.delivers";
const ANSWERED: &str = "rate.strict.answered";
const PAUSES: &str = "rate.strict.pauses";
const LIFTED: &str = "rate.pause.lifted";

/// A name, what is special, what it shows; burst and first rate, changes, messages.
type Row = (
    &'static str,
    &'static str,
    &'static [&'static str],
    (u64, Option<u64>),
    &'static [(u64, Option<u64>)],
    &'static [(u64, u64)],
);

const ROWS: [Row; 28] = [
    (
        "burst/at-once",
        "the bucket is full at first",
        &[DELIVERS],
        (4096, Some(20_000)),
        &[],
        &[(0, 4096)],
    ),
    (
        "burst/one-more",
        "and holds no octet more",
        &[BOUND],
        (4096, Some(20_000)),
        &[],
        &[(0, 4097)],
    ),
    (
        "burst/smallest",
        "256 octets at once, then one a second",
        &[BOUND],
        (256, Some(1)),
        &[],
        &[(0, 256), (0, 3)],
    ),
    (
        "burst/default",
        "the burst that is agreed on by silence",
        &[BOUND, DELIVERS],
        (65536, Some(1_000_000)),
        &[],
        &[(0, 65536), (0, 1_000_000)],
    ),
    (
        "rate/one-kilobyte",
        "a second behind the burst",
        &[BOUND, DELIVERS],
        (256, Some(1000)),
        &[],
        &[(0, 1256)],
    ),
    (
        "rate/fast",
        "100 MB/s",
        &[BOUND, DELIVERS],
        (65536, Some(100_000_000)),
        &[],
        &[(0, 1_065_536)],
    ),
    (
        "rate/thirds",
        "three octets a second: instants are rounded up",
        &[BOUND],
        (256, Some(3)),
        &[],
        &[(0, 256), (0, 1), (0, 1), (0, 1)],
    ),
    (
        "rate/messages",
        "where messages are cut changes nothing",
        &[BOUND, DELIVERS],
        (1000, Some(5000)),
        &[],
        &[(0, 1), (0, 998), (0, 2), (0, 4999), (0, 1), (0, 999)],
    ),
    (
        "rate/unlimited",
        "no limit, no wait",
        &[DELIVERS],
        (256, None),
        &[],
        &[(0, 100_000), (7, 100_000)],
    ),
    (
        "idle/partly",
        "a tenth of a second brings a tenth of the rate",
        &[BOUND],
        (4096, Some(20_000)),
        &[],
        &[(0, 4096), (100 * MILLISECOND, 2000), (100 * MILLISECOND, 2000)],
    ),
    (
        "idle/full",
        "idle time saves up no more than the burst",
        &[BOUND],
        (4096, Some(20_000)),
        &[],
        &[(0, 4096), (3600 * SECOND, 8192)],
    ),
    (
        "idle/before",
        "neither does the time before the first message",
        &[BOUND],
        (4096, Some(20_000)),
        &[],
        &[(60 * SECOND, 8192)],
    ),
    (
        "change/slower-at-once",
        "also inside of a message",
        &[BOUND, ANSWERED],
        (1000, Some(10_000)),
        &[(500 * MILLISECOND, Some(1000))],
        &[(0, 8000), (0, 1000)],
    ),
    (
        "change/faster-at-the-end",
        "of the message in progress, for EFFECTIVE has to come first",
        &[BOUND, ANSWERED],
        (1000, Some(1000)),
        &[(500 * MILLISECOND, Some(10_000))],
        &[(0, 3000), (0, 10_000)],
    ),
    (
        "change/faster-when-idle",
        "at once",
        &[ANSWERED, DELIVERS],
        (1000, Some(1000)),
        &[(SECOND, Some(10_000))],
        &[(0, 1000), (2 * SECOND, 11_000)],
    ),
    (
        "change/no-refill",
        "EFFECTIVE fills no bucket",
        &[BOUND],
        (1000, Some(1000)),
        &[(SECOND / 2, Some(1000)), (SECOND, Some(1000)), (SECOND + SECOND / 2, Some(1000))],
        &[(0, 1000), (2 * SECOND, 2000)],
    ),
    (
        "change/newest",
        "one EFFECTIVE for what was asked during a message",
        &[ANSWERED, BOUND],
        (1000, Some(2000)),
        &[
            (100 * MILLISECOND, Some(1000)),
            (200 * MILLISECOND, Some(500)),
            (300 * MILLISECOND, Some(4000)),
        ],
        &[(0, 3000), (0, 4000)],
    ),
    (
        "change/back",
        "slower and as fast as before, inside of a message",
        &[BOUND, ANSWERED],
        (1000, Some(4000)),
        &[(250 * MILLISECOND, Some(1000)), (750 * MILLISECOND, Some(9000))],
        &[(0, 5000), (0, 9000)],
    ),
    (
        "change/rising",
        "step by step",
        &[BOUND, DELIVERS, ANSWERED],
        (512, Some(1000)),
        &[(SECOND, Some(2000)), (2 * SECOND, Some(4000)), (3 * SECOND, Some(8000))],
        &[(0, 512), (0, 500), (0, 500), (0, 500), (0, 500), (0, 500), (0, 500), (0, 8000)],
    ),
    (
        "change/falling",
        "step by step",
        &[BOUND, DELIVERS, ANSWERED],
        (512, Some(8000)),
        &[(SECOND, Some(4000)), (2 * SECOND, Some(2000)), (3 * SECOND, Some(1000))],
        &[(0, 20_000)],
    ),
    (
        "change/from-unlimited",
        "the bucket is full then, whatever was sent",
        &[BOUND],
        (1000, None),
        &[(SECOND, Some(1000))],
        &[(0, 50_000), (SECOND, 3000)],
    ),
    (
        "change/to-unlimited",
        "from the end of the message on",
        &[ANSWERED, DELIVERS],
        (1000, Some(1000)),
        &[(SECOND, None)],
        &[(0, 4000), (0, 100_000)],
    ),
    (
        "change/unlimited-between",
        "it fills the bucket",
        &[BOUND],
        (1000, Some(1000)),
        &[(100 * MILLISECOND, None), (200 * MILLISECOND, Some(1000))],
        &[(0, 1000), (300 * MILLISECOND, 1500)],
    ),
    (
        "pause/at-the-end",
        "the message in progress goes on at its rate",
        &[PAUSES, LIFTED, ANSWERED],
        (1000, Some(1000)),
        &[(SECOND, Some(0)), (10 * SECOND, Some(1000))],
        &[(0, 5000), (0, 1000)],
    ),
    (
        "pause/when-idle",
        "at once; what was saved up stays, and nothing comes to it",
        &[PAUSES, LIFTED, BOUND],
        (1000, Some(1000)),
        &[(200 * MILLISECOND, Some(0)), (10 * SECOND, Some(500))],
        &[(0, 1000), (SECOND, 700)],
    ),
    (
        "pause/slower-first",
        "a pause behind a lower rate, inside of a message",
        &[PAUSES, BOUND],
        (1000, Some(2000)),
        &[(500 * MILLISECOND, Some(1000)), (600 * MILLISECOND, Some(0)), (9 * SECOND, Some(2000))],
        &[(0, 4000), (0, 100)],
    ),
    (
        "pause/from-the-start",
        "with a full bucket",
        &[PAUSES, LIFTED],
        (4096, Some(0)),
        &[(SECOND, Some(20_000))],
        &[(0, 4096), (0, 20_000)],
    ),
    (
        "pause/forever",
        "what waits is never sent",
        &[PAUSES],
        (4096, Some(20_000)),
        &[(100 * MILLISECOND, Some(0))],
        &[(0, 10), (200 * MILLISECOND, 10), (300 * MILLISECOND, 1)],
    ),
];

pub(super) fn drafts() -> Vec<Draft<PacingGiven>> {
    let draft = |(name, comment, covers, (burst, rate), changes, messages): Row| {
        let change = |&(at, rate): &(u64, Option<u64>)| Change { at, rate: Rate::from(rate) };
        let message = |&(at, octets): &(u64, u64)| Message { at, octets };
        let given = PacingGiven {
            burst,
            rate: Rate::from(rate),
            changes: changes.iter().map(change).collect(),
            messages: messages.iter().map(message).collect(),
        };
        Draft::new(name, comment, covers, given)
    };
    ROWS.into_iter().map(draft).collect()
}

/// Runs the pacer of the reference in virtual time.
fn by_reference(given: &PacingGiven) -> Option<Paced> {
    let rate = |rate: Rate| reference::Rate::new(rate.limit().unwrap_or(u64::MAX));
    let mut now = 0;
    let mut pacer = Pacer::new(given.burst, rate(given.rate)?, Duration::ZERO);
    let mut changes = given.changes.iter().peekable();
    let mut left: Vec<u64> = given.messages.iter().map(|message| message.octets).collect();
    let mut paced = Paced { effective: Vec::new(), ends: Vec::new() };
    loop {
        while let Some(change) = changes.next_if(|change| change.at <= now) {
            pacer.aim(rate(change.rate)?, true, Duration::from_nanos(now));
        }
        let front = paced.ends.len();
        let arrival = given.messages.get(front).map(|message| message.at);
        let waiting = left.get_mut(front).filter(|_| arrival.is_some_and(|at| at <= now));
        let step = pacer.next(waiting.as_deref().copied(), Duration::from_nanos(now));
        let later = [changes.peek().map(|change| change.at), arrival.filter(|at| *at > now)];
        let later = later.into_iter().flatten().min();
        match step {
            Step::Effective(told) => {
                let rate = Rate::from(told.octets_per_second());
                paced.effective.push(Change { at: now, rate });
            }
            Step::Frame { octets, fin } => {
                *waiting? -= octets;
                if fin {
                    paced.ends.push(Some(now));
                }
            }
            Step::Until(instant) => {
                let instant = u64::try_from(instant.as_nanos()).ok()?;
                now = later.map_or(instant, |later| later.min(instant));
            }
            Step::Rest => match later {
                Some(later) => now = later,
                None => break,
            },
        }
    }
    paced.ends.resize(given.messages.len(), None);
    Some(paced)
}
