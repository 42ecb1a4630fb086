//! The pacer in virtual time: what it promises, between all pairs of instants.

use std::collections::VecDeque;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::random::{SeededRandom, draw};

const SECOND: u64 = 1_000_000_000;
const MEGABYTE: u64 = 1_000_000;

fn rate(octets_per_second: u64) -> Rate {
    Rate::new(octets_per_second).expect("a rate")
}

fn ns(nanos: u64) -> Duration {
    Duration::from_nanos(nanos)
}

/// A source of data, what is asked of it, and how punctual its timer is.
#[derive(Debug, Clone)]
struct Schedule {
    burst: u64,
    first: u64,
    /// Instant in ns, the rate from then on.
    changes: Vec<(u64, u64)>,
    /// Instant in ns, octets; in the order of the instants.
    messages: Vec<(u64, u64)>,
    /// How much too late the timer may be, in ns; it is also too early now and then.
    lateness: u64,
    announce: bool,
    until: u64,
    seed: u64,
}

/// A second in which a message waited all the time: nano-octets that were sent and that the rates
/// brought, and the lowest and the highest rate in it.
#[derive(Debug)]
struct Second {
    sent: i128,
    brought: i128,
    slowest: u64,
    fastest: u64,
}

/// What was seen, in ns and octets.
#[derive(Debug, Default)]
struct Trace {
    frames: Vec<(u64, u64)>,
    /// The rate in force, from each instant on.
    rates: Vec<(u64, u64)>,
    /// The rate that EFFECTIVE told, or what it was before the first one.
    told: Vec<(u64, u64)>,
    /// From when to when no message waited.
    idle: Vec<(u64, u64)>,
    /// Octets of each message, as its frames add up.
    messages: Vec<u64>,
}

impl Schedule {
    /// Enough messages of all sizes to keep the sender busy to the end.
    fn saturated(mut self) -> Self {
        let mut random = SeededRandom(self.seed ^ 1);
        let highest = self.changes.iter().map(|change| change.1).fold(self.first, u64::max);
        let mut wanted = self.burst + highest * (self.until / SECOND + 1);
        while wanted > 0 {
            let most = [3, 300, highest / 10, highest * 3][self.messages.len() % 4];
            let octets = u64::from_be_bytes(draw(&mut random)) % (most + 1);
            // Short ones alone would make too many frames.
            let octets = if self.messages.len() < 2000 { octets } else { wanted };
            self.messages.push((0, octets));
            wanted = wanted.saturating_sub(octets);
        }
        self
    }

    fn run(&self) -> Trace {
        let mut random = SeededRandom(self.seed);
        let mut pacer = Pacer::new(self.burst, rate(self.first), ns(0));
        let mut trace = Trace::default();
        trace.told.push((0, self.first));
        let mut changes = VecDeque::from(self.changes.clone());
        let mut arrivals = VecDeque::from(self.messages.clone());
        let mut queue = VecDeque::new();
        let (mut now, mut asked, mut sent, mut begun) = (0, self.first, 0, false);
        while now < self.until {
            while let Some((_, next)) = changes.pop_front_if(|(instant, _)| *instant <= now) {
                pacer.aim(rate(next), self.announce, ns(now));
                asked = next;
            }
            while let Some((_, octets)) = arrivals.pop_front_if(|(instant, _)| *instant <= now) {
                queue.push_back(octets);
            }
            let step = pacer.next(queue.front().copied(), ns(now));
            let in_force = pacer.rate().octets_per_second().unwrap_or(u64::MAX);
            if trace.rates.last().is_none_or(|last| last.1 != in_force) {
                trace.rates.push((now, in_force));
            }
            let mut wake = u64::MAX;
            match step {
                Step::Effective(told) => {
                    assert!(!begun, "EFFECTIVE between the frames of a message");
                    trace.told.push((now, told.octets_per_second().unwrap_or(u64::MAX)));
                    continue;
                }
                Step::Frame { octets, fin } => {
                    let left = queue.pop_front().expect("a frame of a message");
                    assert!(octets > 0 || left == 0, "an empty frame");
                    assert_eq!(fin, octets == left);
                    assert!(octets >= left.min(SHORTEST_FRAME), "a short frame");
                    let told = trace.told.last().map(|told| told.1);
                    assert!(begun || !self.announce || told == Some(asked), "not answered");
                    trace.frames.push((now, octets));
                    sent += octets;
                    begun = !fin;
                    if fin {
                        trace.messages.push(std::mem::take(&mut sent));
                    } else {
                        queue.push_front(left - octets);
                    }
                    continue;
                }
                Step::Until(instant) => {
                    let wait = u64::try_from(instant.as_nanos()).expect("soon") - now;
                    assert!(wait > 0, "asked again at once");
                    let drawn = u64::from_be_bytes(draw(&mut random));
                    wake = match drawn % 4 {
                        0 => now + 1 + drawn / 4 % wait,
                        1 => now + wait,
                        _ => now + wait + drawn / 4 % (self.lateness + 1),
                    };
                }
                Step::Rest => {}
            }
            let change = changes.front().map_or(u64::MAX, |change| change.0);
            let arrival = arrivals.front().map_or(u64::MAX, |arrival| arrival.0);
            let woken = wake.min(change).min(arrival).min(self.until);
            if queue.is_empty() {
                trace.idle.push((now, woken));
            }
            now = woken;
        }
        trace
    }
}

/// Nano-octets that rates bring up to an instant, for questions in ascending order of instants.
struct Integral<'a> {
    rates: std::iter::Peekable<std::slice::Iter<'a, (u64, u64)>>,
    since: u64,
    rate: u64,
    sum: i128,
}

impl<'a> Integral<'a> {
    fn new(rates: &'a [(u64, u64)]) -> Self {
        Self { rates: rates.iter().peekable(), since: 0, rate: 0, sum: 0 }
    }

    fn at(&mut self, instant: u64) -> i128 {
        while let Some((next, rate)) = self.rates.next_if(|(next, _)| *next <= instant) {
            self.sum += i128::from(self.rate) * i128::from(next - self.since);
            (self.since, self.rate) = (*next, *rate);
        }
        self.sum += i128::from(self.rate) * i128::from(instant - self.since);
        self.since = instant;
        self.sum
    }
}

impl Trace {
    /// The most, in nano-octets, by which any run of frames exceeds what these rates bring from
    /// its first instant to its last. Frames at an unlimited rate are beside the point.
    fn excess(&self, rates: &[(u64, u64)]) -> i128 {
        let mut integral = Integral::new(rates);
        let (mut sent, mut least, mut excess) = (0i128, i128::MAX, 0);
        for (instant, octets) in &self.frames {
            let brought = integral.at(*instant);
            if integral.rate == u64::MAX {
                continue;
            }
            least = least.min(sent - brought);
            sent += i128::from(*octets) * i128::from(SECOND);
            excess = excess.max(sent - brought - least);
        }
        excess
    }

    /// The seconds in which a message waited all the time: those that begin right behind a frame,
    /// and those that end right before one. No other second has less in it.
    fn busy_seconds(&self, until: u64) -> Vec<Second> {
        // Octets sent up to an instant, without or with what was sent at it.
        let mut sums = vec![0i128];
        for (_, octets) in &self.frames {
            sums.push(sums[sums.len() - 1] + i128::from(*octets) * i128::from(SECOND));
        }
        let before = |instant| sums[self.frames.partition_point(|frame| frame.0 < instant)];
        let through = |instant| sums[self.frames.partition_point(|frame| frame.0 <= instant)];
        let ends = self.frames.iter().map(|frame| frame.0).chain([until]);
        let behind = self.frames.iter().map(|frame| frame.0).chain([0]);
        let mut windows: Vec<(u64, u64, bool)> = behind
            .map(|from| (from, from + SECOND, true))
            .chain(ends.filter(|to| *to >= SECOND).map(|to| (to - SECOND, to, false)))
            .filter(|(from, to, _)| {
                *to <= until && !self.idle.iter().any(|gap| gap.0 < *to && *from < gap.1)
            })
            .collect();
        windows.sort_unstable();
        let (mut low, mut high) = (Integral::new(&self.rates), Integral::new(&self.rates));
        let second = |(from, to, behind)| {
            let sent = if behind { through(to) - through(from) } else { before(to) - before(from) };
            let first = self.rates.partition_point(|rate| rate.0 <= from).saturating_sub(1);
            let last = self.rates.partition_point(|rate| rate.0 < to);
            let rates = self.rates[first..last].iter().map(|rate| rate.1);
            let (slowest, fastest) = (rates.clone().min().unwrap_or(0), rates.max().unwrap_or(0));
            Second { sent, brought: high.at(to) - low.at(from), slowest, fastest }
        };
        windows.into_iter().map(second).collect()
    }

    fn check(&self, schedule: &Schedule) -> Result<(), TestCaseError> {
        let burst = i128::from(schedule.burst) * i128::from(SECOND);
        let excess = self.excess(&self.rates);
        prop_assert!(excess <= burst, "{excess} nano-octets at once, but {burst} is the burst");
        if schedule.announce {
            let excess = self.excess(&self.told);
            prop_assert!(excess <= burst, "by what EFFECTIVE told: {excess}, but {burst}");
            for pause in self.told.windows(2).filter(|pair| pair[0].1 == 0) {
                let (from, to) = (pause[0].0, pause[1].0);
                let late = self.frames.iter().find(|frame| from < frame.0 && frame.0 < to);
                prop_assert_eq!(late, None, "a frame in the pause from {} to {}", from, to);
            }
        }
        let sizes = schedule.messages.iter().map(|message| message.1);
        for (sent, queued) in self.messages.iter().zip(sizes) {
            prop_assert_eq!(*sent, queued);
        }
        for second in self.busy_seconds(schedule.until) {
            let Second { sent, brought, slowest, fastest } = second;
            if fastest == u64::MAX {
                continue;
            }
            // A late timer is paid for by 5 % as well, unless the rate has risen just now. In a
            // second that is mostly a pause, one frame that waits may be most of it.
            let late = i128::from(fastest) * i128::from(schedule.lateness);
            let frame = i128::from((fastest / FRAMES_A_SECOND).max(SHORTEST_FRAME));
            let allowed = match slowest {
                0..1000 => frame * i128::from(SECOND) + late,
                _ if slowest < fastest => late,
                _ => 0,
            };
            prop_assert!((sent + allowed) * 100 >= brought * 95, "{second:?}");
        }
        Ok(())
    }
}

/// 1 KB/s to 100 MB/s, all orders of magnitude alike.
fn paced_rate() -> impl Strategy<Value = u64> {
    (3u32..8, 1000u64..=10_000).prop_map(|(power, digits)| 10u64.pow(power) * digits / 1000)
}

fn schedule() -> impl Strategy<Value = Schedule> {
    let rates = prop_oneof![9 => paced_rate(), 1 => Just(0)];
    let changes = prop::collection::btree_map(1..3 * SECOND, rates, 0..8);
    (256u64..=1 << 24, paced_rate(), changes, any::<bool>(), any::<u64>()).prop_map(
        |(burst, first, changes, announce, seed)| {
            let changes: Vec<_> = changes.into_iter().collect();
            let highest = changes.iter().map(|change| change.1).fold(first, u64::max);
            // A bucket that a late timer does not let overflow, and not too many frames to look at.
            let burst = burst.max(highest / 1000);
            let lateness = (5 * SECOND / 1000).min(burst * SECOND / highest / 2);
            let (messages, until) = (Vec::new(), 3 * SECOND);
            Schedule { burst, first, changes, messages, lateness, announce, until, seed }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_busy_sender_keeps_its_promise_and_uses_its_rate(schedule in schedule()) {
        let schedule = schedule.saturated();
        let trace = schedule.run();
        trace.check(&schedule)?;
        prop_assert!(!trace.busy_seconds(schedule.until).is_empty(), "nothing was checked");
    }

    #[test]
    fn a_sender_with_idle_times_keeps_its_promise(
        schedule in schedule(),
        messages in prop::collection::vec((0..3 * SECOND, 0..3 * MEGABYTE), 0..60),
        unlimited in prop::option::of(0..3 * SECOND),
    ) {
        let mut schedule = Schedule { messages, ..schedule };
        schedule.messages.sort_unstable();
        schedule.changes.extend(unlimited.map(|instant| (instant, u64::MAX)));
        schedule.changes.sort_unstable();
        schedule.run().check(&schedule)?;
    }
}

#[test]
fn every_rate_with_every_burst() {
    for first in [1000, 20_000, MEGABYTE, 50 * MEGABYTE, 100 * MEGABYTE] {
        for burst in [256, 4096, 65536, 1 << 24] {
            let mut schedule = Schedule {
                burst,
                first,
                changes: Vec::new(),
                messages: Vec::new(),
                lateness: 0,
                announce: false,
                until: SECOND * 11 / 10,
                seed: 7,
            };
            schedule.messages = vec![(0, 3), (0, 2000), (0, burst + 2 * first)];
            let trace = schedule.run();
            trace.check(&schedule).expect("kept");
            assert!(!trace.busy_seconds(schedule.until).is_empty(), "nothing was checked");
        }
    }
}

/// RATE, then what the sender may send before and after its EFFECTIVE.
#[test]
fn a_higher_rate_counts_from_its_effective_on() {
    let mut pacer = Pacer::new(256, rate(1000), ns(0));
    assert_eq!(pacer.next(Some(256), ns(0)), Step::Frame { octets: 256, fin: true });
    pacer.aim(rate(MEGABYTE), true, ns(0));
    assert_eq!(pacer.rate(), rate(1000));
    let late = ns(SECOND / 10);
    assert_eq!(pacer.next(Some(256), late), Step::Effective(rate(MEGABYTE)));
    assert_eq!(pacer.next(Some(256), late), Step::Frame { octets: 100, fin: false });
}

#[test]
fn a_lower_rate_counts_at_once_and_a_pause_from_the_end_of_the_message() {
    let mut pacer = Pacer::new(256, rate(10_000), ns(0));
    assert_eq!(pacer.next(Some(276), ns(0)), Step::Frame { octets: 256, fin: false });
    pacer.aim(rate(1000), true, ns(0));
    assert_eq!(pacer.next(Some(20), ns(0)), Step::Until(ns(SECOND / 50)));
    pacer.aim(Rate::PAUSE, true, ns(0));
    assert_eq!(pacer.rate(), rate(1000));
    assert_eq!(pacer.next(Some(20), ns(SECOND)), Step::Frame { octets: 20, fin: true });
    assert_eq!(pacer.next(Some(1), ns(SECOND)), Step::Effective(Rate::PAUSE), "the newest alone");
    assert_eq!(pacer.next(Some(1), ns(9 * SECOND)), Step::Rest);
    pacer.aim(rate(1), true, ns(9 * SECOND));
    assert_eq!(pacer.next(Some(1), ns(9 * SECOND)), Step::Effective(rate(1)));
    assert_eq!(pacer.next(Some(1), ns(9 * SECOND)), Step::Frame { octets: 1, fin: true });
}

/// A request that is taken back before it could be answered was never more than the old rate.
#[test]
fn a_message_in_progress_may_go_as_fast_as_it_began() {
    let mut pacer = Pacer::new(256, rate(10_000), ns(0));
    assert_eq!(pacer.next(Some(1000), ns(0)), Step::Frame { octets: 256, fin: false });
    for (asked, used) in [(500, 500), (90_000, 10_000), (0, 10_000), (7000, 7000)] {
        pacer.aim(rate(asked), true, ns(0));
        assert_eq!(pacer.rate(), rate(used));
    }
}

#[test]
fn what_is_not_announced_counts_from_the_end_of_the_message() {
    let mut pacer = Pacer::new(256, rate(1000), ns(0));
    assert_eq!(pacer.next(Some(257), ns(0)), Step::Frame { octets: 256, fin: false });
    pacer.aim(Rate::UNLIMITED, false, ns(0));
    assert_eq!(pacer.next(Some(1), ns(SECOND)), Step::Frame { octets: 1, fin: true });
    assert_eq!(pacer.next(Some(1 << 40), ns(SECOND)), Step::Frame { octets: 1 << 40, fin: true });
    assert_eq!(pacer.next(None, ns(SECOND)), Step::Rest);
}

#[test]
fn it_begins_anew_with_a_full_bucket_and_nothing_to_say() {
    let mut pacer = Pacer::new(256, rate(1000), ns(0));
    assert_eq!(pacer.next(Some(300), ns(0)), Step::Frame { octets: 256, fin: false });
    pacer.aim(Rate::PAUSE, true, ns(0));
    pacer.reset(rate(1000), ns(0));
    assert_eq!(pacer.next(Some(44), ns(0)), Step::Frame { octets: 44, fin: true });
    assert_eq!(pacer.next(Some(300), ns(0)), Step::Frame { octets: 212, fin: false });
}

#[test]
fn an_empty_message_needs_nothing_but_waits_in_a_pause() {
    let mut pacer = Pacer::new(256, rate(1), ns(0));
    assert_eq!(pacer.next(Some(256), ns(0)), Step::Frame { octets: 256, fin: true });
    assert_eq!(pacer.next(Some(0), ns(0)), Step::Frame { octets: 0, fin: true });
    pacer.aim(Rate::PAUSE, false, ns(0));
    assert_eq!(pacer.next(Some(0), ns(0)), Step::Rest);
}

#[test]
fn a_slow_sender_waits_for_a_sensible_frame() {
    let mut pacer = Pacer::new(256, rate(1), ns(0));
    assert_eq!(pacer.next(Some(300), ns(0)), Step::Frame { octets: 256, fin: false });
    assert_eq!(pacer.next(Some(44), ns(0)), Step::Until(ns(16 * SECOND)));
    assert_eq!(pacer.next(Some(3), ns(0)), Step::Until(ns(3 * SECOND)), "less is left");
}
