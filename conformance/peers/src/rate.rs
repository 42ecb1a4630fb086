//! The sender of data under `rate-control` (US 9,331,890, FIG. 8): what a request makes of its
//! rate, and the token bucket by which it keeps to that.

use std::time::Duration;

use crate::capability::kind::{DECREASE, INCREASE, RATE};
use crate::deviations::Deviations;
use crate::messages::number;
use crate::negotiation::fastest;
use crate::terms::Terms;

/// Octets are counted in billionths, so that a rate times nanoseconds is exact.
const FRACTIONS: u128 = 1_000_000_000;

/// How fast this side may send data, and how much at once.
#[derive(Clone, Debug)]
pub(crate) struct Pacer {
    deviations: Deviations,
    /// Whether requests have to be followed.
    pub(crate) strict: bool,
    /// Octets a second.
    pub(crate) maximum: u64,
    step: u64,
    burst: u64,
    /// The rate in force, in octets a second; nothing was promised before the first EFFECTIVE.
    rate: Option<u64>,
    /// The rate of a request that waits for the end of the message in progress.
    deferred: Option<u64>,
    /// The last rate that was not 0.
    before_pause: u64,
    /// Whether a request stands: what the other side reports counts only without one.
    requested: bool,
    /// When the pause began that is in force.
    paused_at: Duration,
    /// What is in the bucket, in billionths of an octet.
    fill: u128,
    filled_at: Duration,
}

impl Pacer {
    /// As at activation.
    pub(crate) fn new(terms: &Terms, deviations: &Deviations) -> Pacer {
        let maximum = fastest(terms.burst, deviations);
        Pacer {
            deviations: deviations.clone(),
            strict: terms.strict,
            maximum,
            step: terms.step,
            burst: terms.burst,
            rate: None,
            deferred: None,
            before_pause: maximum,
            requested: false,
            paused_at: Duration::ZERO,
            fill: 0,
            filled_at: Duration::ZERO,
        }
    }

    /// The rate to go to when this request comes.
    pub(crate) fn target(&mut self, code: u8, body: &[u8]) -> u64 {
        let switches = &self.deviations.rate;
        let now = self.deferred.or(self.rate).unwrap_or(self.maximum);
        let percent = if switches.doubles_step { self.step * 2 } else { self.step };
        let part = u128::from(now) * u128::from(percent) / 100;
        let part = u64::try_from(part).unwrap_or(u64::MAX);
        let asked = if code == RATE { number(body) } else { None };
        self.requested =
            matches!(code, INCREASE | DECREASE) || asked.is_some_and(|r| r != u64::MAX);
        match (code, asked) {
            (RATE, Some(100_001..=TERA)) if switches.follows_no_fast_rate => now,
            (RATE, Some(rate @ 0..=LARGE)) => self.achieve(rate),
            (INCREASE, _) if now == 0 && switches.increase_forgets_rate => 3000,
            (INCREASE, _) if now == 0 => self.before_pause,
            (INCREASE, _) if switches.ignores_increase => now,
            (INCREASE, _) => self.achieve_above(now, part.max(1)),
            (DECREASE, _) if now == 0 && switches.decrease_ends_pause => self.before_pause,
            (DECREASE, _) if now == 0 || switches.ignores_decrease => now,
            (DECREASE, _) if now == 1 && switches.decreases_to_pause => 0,
            (DECREASE, _) if switches.rounds_step_to_nothing => now.saturating_sub(part),
            (DECREASE, _) => self.achieve_below(now, part.max(1)),
            _ if switches.ignores_full && now != 0 => now,
            _ if switches.ignores_full => self.before_pause,
            _ => self.maximum,
        }
    }

    /// The nearest rate that can be achieved: all up to the maximum, unless this endpoint is odd.
    fn achieve(&self, rate: u64) -> u64 {
        let rate = rate.min(self.maximum);
        if self.deviations.rate.rounds_to_tens && rate > 10 && rate < self.maximum {
            return ((rate + 5) / 10 * 10).min(self.maximum);
        }
        rate
    }

    fn achieve_above(&self, rate: u64, part: u64) -> u64 {
        let faster = rate.saturating_add(part);
        if self.deviations.rate.rounds_to_tens && faster > 10 {
            return faster.next_multiple_of(10).min(self.maximum);
        }
        faster.min(self.maximum)
    }

    fn achieve_below(&self, rate: u64, part: u64) -> u64 {
        let slower = rate.saturating_sub(part).max(1);
        if self.deviations.rate.rounds_to_tens && slower > 10 { slower / 10 * 10 } else { slower }
    }

    /// The rate to go to for what the other side reported, if that counts.
    pub(crate) fn suggested(&self, rate: u64) -> Option<u64> {
        (!self.requested).then(|| self.achieve(rate.max(1000)))
    }

    /// EFFECTIVE was sent: the bucket is full at the first one; later ones change its rate alone.
    pub(crate) fn put_in_force(&mut self, rate: u64, now: Duration) {
        if self.rate.is_none() || self.deviations.rate.refills_at_effective {
            self.fill = self.capacity();
            self.filled_at = now;
        }
        self.refill(now);
        self.rate = Some(rate);
        match rate {
            0 => self.paused_at = now,
            rate => self.before_pause = rate,
        }
    }

    /// A request has to wait for its EFFECTIVE: slows down at once; going faster, and pausing, wait.
    pub(crate) fn defer(&mut self, rate: u64, now: Duration) {
        self.refill(now);
        self.deferred = Some(rate);
        if rate != 0 {
            self.before_pause = rate;
            self.rate = self.rate.map(|current| current.min(rate));
        }
    }

    /// The rate of the request that waited.
    pub(crate) fn take_deferred(&mut self) -> Option<u64> {
        self.deferred.take()
    }

    /// Whether there is anything to keep to.
    pub(crate) fn paces(&self) -> bool {
        let unpaced = self.deviations.rate.sends_unpaced && !self.is_paused();
        self.rate.is_some() && !unpaced
    }

    /// Whether a rate of 0 is in force.
    pub(crate) fn is_paused(&self) -> bool {
        self.rate == Some(0)
    }

    /// The rate in force.
    pub(crate) fn rate(&self) -> Option<u64> {
        self.rate
    }

    /// Octets that are sent in one frame at most.
    pub(crate) fn piece(&self) -> usize {
        usize::try_from(self.burst / 2).unwrap_or(usize::MAX)
    }

    /// Takes so many octets out of the bucket, if they are there.
    pub(crate) fn take(&mut self, octets: usize, now: Duration) -> bool {
        self.refill(now);
        if self.leaks_at().is_some_and(|leak| leak <= now) {
            return true;
        }
        let wanted = (octets as u128).saturating_mul(FRACTIONS);
        if self.speed() == 0 || self.fill < wanted {
            return false;
        }
        self.fill -= wanted;
        true
    }

    /// When so many octets will be there; never, in a pause.
    pub(crate) fn ready_at(&self, octets: usize) -> Option<Duration> {
        if let Some(leak) = self.leaks_at() {
            return Some(leak);
        }
        let missing = (octets as u128).saturating_mul(FRACTIONS).saturating_sub(self.fill);
        let speed = u128::from(self.speed());
        (speed > 0).then(|| {
            let wait = u64::try_from(missing.div_ceil(speed)).unwrap_or(u64::MAX);
            self.filled_at.saturating_add(Duration::from_nanos(wait))
        })
    }

    /// A misbehaviour: when a pause no longer holds anything back.
    fn leaks_at(&self) -> Option<Duration> {
        let leaks = self.deviations.rate.leaks_in_pause && self.is_paused();
        leaks.then(|| self.paused_at.saturating_add(Duration::from_millis(200)))
    }

    fn refill(&mut self, now: Duration) {
        let elapsed = now.saturating_sub(self.filled_at).as_nanos();
        let more = elapsed.saturating_mul(u128::from(self.speed()));
        self.fill = self.fill.saturating_add(more).min(self.capacity());
        self.filled_at = self.filled_at.max(now);
    }

    fn capacity(&self) -> u128 {
        let burst = u128::from(self.burst) * FRACTIONS;
        if self.deviations.rate.saves_up_idle_time { burst * 10 } else { burst }
    }

    /// The rate by which the bucket is filled.
    fn speed(&self) -> u64 {
        let switches = &self.deviations.rate;
        match self.rate.unwrap_or(0) {
            rate if switches.sends_a_fifth_more => rate + rate / 5,
            rate @ 15_000..=50_000 if switches.sends_half => rate / 2,
            rate => rate,
        }
    }
}

/// The largest rate that is a number, and not "unlimited".
const LARGE: u64 = u64::MAX - 1;

/// Beyond every rate that is in use.
const TERA: u64 = 1 << 40;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capability::Capability;
    use crate::capability::kind::FULL;

    fn pacer(burst: u64) -> Pacer {
        let terms = Terms { strict: true, burst, ..Terms::defaults(Capability::RateControl) };
        Pacer::new(&terms, &Deviations::default())
    }

    fn ask(pacer: &mut Pacer, code: u8, rate: Option<u64>) -> u64 {
        let body = rate.map(u64::to_be_bytes);
        let target = pacer.target(code, body.as_ref().map_or(&[], |body| body));
        pacer.put_in_force(target, Duration::ZERO);
        target
    }

    #[test]
    fn requests_lead_to_the_nearest_rate() {
        let mut pacer = pacer(65_536);
        let most = 32_768_000;
        for (code, rate, expected) in [
            (DECREASE, None, most - most / 10),
            (FULL, None, most),
            (INCREASE, None, most),
            (RATE, Some(1000), 1000),
            (INCREASE, None, 1100),
            (DECREASE, None, 990),
            (RATE, Some(5), 5),
            (DECREASE, None, 4),
            (INCREASE, None, 5),
            (RATE, Some(1), 1),
            (DECREASE, None, 1),
            (RATE, Some(0), 0),
            (DECREASE, None, 0),
            (INCREASE, None, 1),
            (RATE, Some(1 << 52), most),
            (RATE, Some(7), 7),
            (RATE, Some(u64::MAX), most),
        ] {
            assert_eq!(ask(&mut pacer, code, rate), expected, "{code:02X} {rate:?}");
        }
    }

    #[test]
    fn the_bucket_never_gives_more_than_rate_times_time_and_burst() {
        let mut pacer = pacer(4096);
        let mut sent = 0_u64;
        let mut allowed = 4096_u64; // what the rates so far and the burst allow
        for second in 0..20_u64 {
            // The rate changes each second, and each fifth second nothing is asked for.
            let rate = 1000 * (second % 7);
            let start = Duration::from_secs(second);
            pacer.put_in_force(rate, start);
            for tenth in 0..10 {
                let now = start + Duration::from_millis(100 * tenth);
                while second % 5 != 4 && pacer.take(100, now) {
                    sent += 100;
                }
                assert!(sent <= allowed + rate * tenth / 10, "{now:?}");
            }
            allowed += rate;
        }
        assert!(sent > 40_000, "{sent}");
    }

    #[test]
    fn what_is_missing_comes_in_time_and_a_pause_has_no_end() {
        let mut pacer = pacer(4096);
        pacer.put_in_force(1000, Duration::ZERO);
        assert!(pacer.take(4096, Duration::ZERO));
        assert_eq!(pacer.ready_at(1), Some(Duration::from_millis(1)));
        assert!(!pacer.take(500, Duration::from_millis(499)));
        assert!(pacer.take(500, Duration::from_millis(500)));
        pacer.put_in_force(0, Duration::from_secs(1));
        assert_eq!(pacer.ready_at(0), None);
        assert!(!pacer.take(0, Duration::from_secs(100)));
        // A pause fills nothing: half a second was left over when it began.
        pacer.put_in_force(1000, Duration::from_secs(100));
        assert!(pacer.take(500, Duration::from_secs(100)));
        assert!(!pacer.take(1, Duration::from_secs(100)));
    }

    #[test]
    fn slower_is_at_once_and_faster_is_not() {
        let mut pacer = pacer(4096);
        pacer.put_in_force(1000, Duration::ZERO);
        for (target, rate) in [(2000, 1000), (500, 500), (0, 500)] {
            pacer.defer(target, Duration::ZERO);
            assert_eq!(pacer.rate(), Some(rate));
        }
        assert_eq!(ask(&mut pacer, INCREASE, None), 500, "from the pause that waited");
    }
}
