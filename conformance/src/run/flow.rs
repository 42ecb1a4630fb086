//! The data that arrives on a connection, and the rates that its sender promised meanwhile (chapter
//! "Rate control").
//!
//! A strict sender promises that between any two instants it sends no more than its rate allows,
//! plus a burst. Nobody but the sender knows when a rate came into force: the observer knows that
//! it was sent after the request that it answers, and before it arrived. So at each instant one of
//! several rates may have been in force, and the integral of the highest of them is never less than
//! what the sender had to keep to: who exceeds it, broke the promise, whatever delayed or bunched
//! what it sent. The integral of the lowest is what it owed at least.

use std::time::Duration;

use tokio::time::Instant;

/// What arrives, and what was promised.
pub(super) struct Flow {
    opened: Instant,
    /// Octets of data so far.
    pub octets: u64,
    /// When the earliest request was sent that no promise has answered.
    asked: Option<Instant>,
    last_asked: Option<Instant>,
    promises: Vec<Promise>,
}

/// A rate that the sender stated.
#[derive(Clone, Debug)]
pub(super) struct Promise {
    /// The most that it may send, in octets/s; infinite if it is not bounded.
    pub most: f64,
    /// The least that it owes, in octets/s.
    pub least: f64,
    /// Before this it was not sent.
    pub earliest: Instant,
    /// When it arrived.
    pub arrived: Instant,
    /// Octets of data that came before it.
    pub before: u64,
}

/// Promises that are followed; nobody states more in the time that a case takes.
const MOST_PROMISES: usize = 4096;

impl Flow {
    /// Of a connection that is opened now.
    pub(super) fn new() -> Self {
        Self {
            opened: Instant::now(),
            octets: 0,
            asked: None,
            last_asked: None,
            promises: Vec::new(),
        }
    }

    /// A request goes out now.
    pub(super) fn ask(&mut self) {
        self.asked.get_or_insert_with(Instant::now);
    }

    /// An EFFECTIVE arrived; gives its number.
    ///
    /// It answers the earliest request that was not answered before. Where there is none, one of
    /// those that seemed to answer a request did not: it was sent unasked, and crossed the request.
    /// Nobody knows which one, so each may answer the request before.
    pub(super) fn effective(&mut self, rate: u64, arrived: Instant) -> Option<usize> {
        let earliest = match self.asked.take() {
            Some(asked) => {
                self.last_asked = Some(asked);
                asked
            }
            None => {
                let mut before = self.opened;
                for promise in &mut self.promises {
                    std::mem::swap(&mut before, &mut promise.earliest);
                }
                self.last_asked.unwrap_or(self.opened)
            }
        };
        let (most, least) = match rate {
            u64::MAX => (f64::INFINITY, 0.0),
            rate => (rate as f64, rate as f64),
        };
        self.push(most, least, earliest, arrived)
    }

    /// A LIMIT arrived, which lowers the rate in force if need be.
    pub(super) fn limit(&mut self, rate: u64, arrived: Instant) {
        let limit = rate as f64;
        let (most, least, earliest) = match self.promises.last() {
            Some(last) => (last.most.min(limit), last.least.min(limit), last.earliest),
            None => (limit, 0.0, self.opened),
        };
        self.push(most, least, earliest, arrived);
    }

    /// From now on nothing is promised.
    pub(super) fn rest(&mut self) {
        let now = Instant::now();
        self.asked = None;
        self.push(f64::INFINITY, 0.0, now, now);
    }

    fn push(
        &mut self,
        most: f64,
        least: f64,
        earliest: Instant,
        arrived: Instant,
    ) -> Option<usize> {
        if self.promises.len() == MOST_PROMISES {
            return None;
        }
        let before = self.octets;
        let earliest = self.promises.last().map_or(earliest, |last| earliest.max(last.earliest));
        self.promises.push(Promise { most, least, earliest, arrived, before });
        Some(self.promises.len() - 1)
    }

    /// Whether a request was sent that no promise has answered.
    pub(super) fn awaits_answer(&self) -> bool {
        self.asked.is_some()
    }

    /// A promise, by its number.
    pub(super) fn promise(&self, number: usize) -> Option<&Promise> {
        self.promises.get(number)
    }

    /// How many promises there are.
    pub(super) fn promises(&self) -> usize {
        self.promises.len()
    }

    /// The number of the promise that ends the pause which the promise `number` states, if that is
    /// one.
    pub(super) fn end_of_pause(&self, number: usize) -> Option<usize> {
        self.promise(number).filter(|promise| promise.most == 0.0)?;
        let mut later = self.promises.iter().enumerate().skip(number + 1);
        later.find(|(_, promise)| promise.most > 0.0).map(|(number, _)| number)
    }

    /// The most that the first `count` promises allow since the promise `number` up to `now`:
    /// seconds, and octets. With `surely`, even if each of them was sent as early as can be.
    pub(super) fn most(&self, number: usize, count: usize, now: Instant, surely: bool) -> Allowed {
        let pieces: Vec<Piece> = self
            .window(number, count, now)
            .map(|(promise, end)| Piece {
                start: if surely { self.opened } else { promise.earliest },
                end,
                rate: promise.most,
            })
            .collect();
        integral(&pieces, f64::max)
    }

    /// The least that is owed since the promise `number` arrived up to `now`. A request that is not
    /// answered may have slowed the sender down already.
    pub(super) fn least(&self, number: usize, now: Instant) -> Allowed {
        let arrived = self.promises.get(number).map_or(now, |promise| promise.arrived);
        let mut pieces: Vec<Piece> = self
            .window(number, self.promises.len(), now)
            .map(|(promise, end)| Piece {
                start: promise.earliest.max(arrived),
                end,
                rate: promise.least,
            })
            .collect();
        pieces.extend(self.asked.map(|asked| Piece {
            start: asked.max(arrived),
            end: now,
            rate: 0.0,
        }));
        integral(&pieces, f64::min)
    }

    /// The promises from `number` on, each with the instant at which the next one arrived.
    fn window(
        &self,
        number: usize,
        count: usize,
        now: Instant,
    ) -> impl Iterator<Item = (&Promise, Instant)> {
        let promises = self.promises.get(number..count).unwrap_or_default();
        promises.iter().enumerate().map(move |(index, promise)| {
            (promise, promises.get(index + 1).map_or(now, |next| next.arrived))
        })
    }
}

/// What a promise comes to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowed {
    /// Seconds since it.
    pub seconds: f64,
    /// Octets.
    pub octets: f64,
}

/// A rate that may have been in force from `start` to `end`.
struct Piece {
    start: Instant,
    end: Instant,
    rate: f64,
}

/// The integral of what `pick` picks of the rates that may have been in force at each instant, from
/// the first start to the last end. Starts and ends never go back.
fn integral(pieces: &[Piece], pick: fn(f64, f64) -> f64) -> Allowed {
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
        return Allowed { seconds: 0.0, octets: 0.0 };
    };
    let mut instants: Vec<Instant> =
        pieces.iter().flat_map(|piece| [piece.start, piece.end]).collect();
    instants.sort_unstable();
    let mut octets = 0.0;
    let mut passed = 0;
    for pair in instants.windows(2) {
        let [from, to] = [pair[0], pair[1]];
        let span = to.saturating_duration_since(from);
        if span == Duration::ZERO {
            continue;
        }
        while pieces.get(passed).is_some_and(|piece| piece.end < to) {
            passed += 1;
        }
        let there = pieces.iter().skip(passed).take_while(|piece| piece.start <= from);
        let rate = there.map(|piece| piece.rate).reduce(pick);
        octets += rate.map_or(0.0, |rate| rate * span.as_secs_f64());
    }
    let seconds = last.end.saturating_duration_since(first.start).as_secs_f64();
    Allowed { seconds, octets }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap()
    }

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[tokio::test(start_paused = true)]
    async fn one_rate() {
        let mut flow = Flow::new();
        let opened = Instant::now();
        flow.ask();
        let number = flow.effective(1000, opened + MS(100)).unwrap();
        let most = flow.most(number, 1, opened + MS(600), false);
        assert_eq!((most.seconds, most.octets), (0.6, 600.0));
        let least = flow.least(number, opened + MS(600));
        assert_eq!((least.seconds, least.octets), (0.5, 500.0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_counts_from_its_request_or_from_its_arrival() {
        let mut flow = Flow::new();
        let opened = Instant::now();
        flow.ask();
        let number = flow.effective(1000, opened).unwrap();
        tokio::time::advance(MS(1000)).await;
        flow.ask();
        // Faster: from the request on at most, from the arrival on at least.
        flow.effective(3000, opened + MS(1200)).unwrap();
        let most = flow.most(number, 2, opened + MS(2000), false);
        assert!((most.octets - 4000.0).abs() < 1e-6, "{most:?}");
        let least = flow.least(number, opened + MS(2000));
        assert!((least.octets - (1200.0 + 2400.0)).abs() < 1e-6, "{least:?}");
        // What arrived before the second one was sent under the first.
        let most = flow.most(number, 1, opened + MS(1100), false);
        assert!((most.octets - 1100.0).abs() < 1e-6, "{most:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_came_unasked_leaves_doubt() {
        let mut flow = Flow::new();
        let opened = Instant::now();
        tokio::time::advance(MS(1000)).await;
        flow.ask();
        let crossed = flow.effective(1000, opened + MS(1100)).unwrap();
        let seconds = |flow: &Flow, number| flow.most(number, 2, opened + MS(2000), false).seconds;
        assert_eq!(flow.most(crossed, 1, opened + MS(2000), false).seconds, 1.0);
        let answer = flow.effective(1000, opened + MS(1200)).unwrap();
        assert_eq!((seconds(&flow, crossed), seconds(&flow, answer)), (2.0, 1.0));
        assert_eq!(flow.most(answer, 2, opened + MS(2000), true).seconds, 2.0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_bounded() {
        let mut flow = Flow::new();
        let now = Instant::now();
        flow.ask();
        let number = flow.effective(u64::MAX, now).unwrap();
        assert_eq!(flow.most(number, 1, now + MS(1000), false).octets, f64::INFINITY);
        assert_eq!(flow.least(number, now + MS(1000)).octets, 0.0);
        flow.limit(500, now + MS(1000));
        assert_eq!(flow.promise(1).map(|limit| limit.most), Some(500.0));
        flow.ask();
        let number = flow.effective(0, now + MS(1000)).unwrap();
        flow.octets = 7;
        assert_eq!(flow.end_of_pause(number), None);
        flow.limit(5, now + MS(1000));
        assert_eq!(flow.end_of_pause(number), None);
        flow.rest();
        assert_eq!(flow.end_of_pause(number), Some(number + 2));
        assert_eq!(flow.promise(number + 2).map(|rest| rest.before), Some(7));
        assert_eq!(flow.end_of_pause(0), None);
    }

    /// What a sender does: it gets requests after a delay, states rates, some of them unasked, and
    /// sends as much as it may; all of that arrives after another delay, in order.
    #[derive(Clone, Debug)]
    struct Act {
        /// Milliseconds until it.
        pause: u64,
        /// How long the observer's request was under way, if it is an answer.
        asked: Option<u64>,
        rate: u64,
        /// How long the statement is under way, beyond what came before.
        delay: u64,
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let act = (1..300u64, proptest::option::of(0..300u64), 0..5000u64, 0..300u64)
            .prop_map(|(pause, asked, rate, delay)| Act { pause, asked, rate, delay });
        proptest::collection::vec(act, 1..12)
    }

    proptest! {
        /// A sender that sends as much as its rates allow never exceeds what the observer works
        /// out, and one that sends as little as it owes never falls short, whatever the delays.
        #[test]
        fn a_promise_that_is_kept_is_never_exceeded(acts in acts(), quiet in 0..500u64) {
            runtime().block_on(async {
                let opened = Instant::now();
                // On the sender's side: when each rate was stated.
                let mut at = 300;
                let stated: Vec<u64> = acts.iter().map(|act| { at += act.pause; at }).collect();
                // On the observer's: requests go out and statements arrive, in the order of time.
                let mut observed = Vec::new();
                let (mut arrives, mut asks) = (0, 0);
                for (act, stated) in acts.iter().zip(&stated) {
                    if let Some(under_way) = act.asked {
                        asks = asks.max(stated - under_way);
                        observed.push((asks, None));
                    }
                    arrives = arrives.max(stated + act.delay);
                    observed.push((arrives, Some(act.rate)));
                }
                observed.sort_by_key(|(at, _)| *at);
                let mut flow = Flow::new();
                for (at, rate) in observed {
                    tokio::time::advance(opened + MS(at) - Instant::now()).await;
                    match rate {
                        None => flow.ask(),
                        Some(rate) => drop(flow.effective(rate, Instant::now())),
                    }
                }
                let now = opened + MS(arrives + quiet);
                // What really was allowed since each statement, up to now.
                for number in 0..acts.len() {
                    let real: f64 = (number..acts.len())
                        .map(|index| {
                            let end = stated.get(index + 1).copied().unwrap_or(arrives + quiet);
                            acts[index].rate as f64 * (end - stated[index]) as f64 / 1000.0
                        })
                        .sum();
                    let most = flow.most(number, acts.len(), now, false).octets;
                    let surely = flow.most(number, acts.len(), now, true).octets;
                    let least = flow.least(number, now).octets;
                    assert!(real <= most + 1e-6, "{number}: {real} of {most}");
                    assert!(most <= surely + 1e-6, "{number}: {most} of {surely}");
                    assert!(least <= real + 1e-6, "{number}: {least} of {real}");
                }
            });
        }
    }
}
