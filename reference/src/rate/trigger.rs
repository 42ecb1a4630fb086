//! When a receiver asks (US 9,331,890, FIG. 7: "executed periodically, dynamically, and/or on a
//! predetermined basis").

use std::time::Duration;

use super::Request;
use crate::control::Rate;

/// Lets desires through to the sender, few enough that neither party chatters.
///
/// ```
/// use std::time::Duration;
/// use wsconform_reference::Rate;
/// use wsconform_reference::rate::{Request, Trigger};
///
/// let at = Duration::from_millis;
/// let ask = |octets_per_second| Rate::new(octets_per_second).map(Request::Rate);
/// let mut trigger = Trigger::on_change();
/// assert_eq!(trigger.pass(ask(15_000), at(0)), ask(15_000));
/// assert_eq!(trigger.pass(ask(14_900), at(500)), None, "hardly a change");
/// assert_eq!(trigger.pass(ask(9000), at(600)), ask(9000), "slower is urgent");
/// assert_eq!(trigger.pass(ask(15_000), at(700)), None, "faster is not");
/// assert_eq!(trigger.pass(ask(15_000), at(1600)), ask(15_000));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    basis: Basis,
    last: Option<(Duration, Request)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Basis {
    Periodic(Duration),
    OnChange { deadband: u64, slower_after: Duration, faster_after: Duration },
}

impl Trigger {
    /// Passes what is desired at the first look after each period, and nothing between.
    pub fn periodic(period: Duration) -> Self {
        Self { basis: Basis::Periodic(period), last: None }
    }

    /// Passes changes as they come: of more than 5 percent, 100 ms after the last request if it is to
    /// go slower, a second after it if faster.
    pub fn on_change() -> Self {
        Self::on_change_of(5, Duration::from_millis(100), Duration::from_secs(1))
    }

    /// Passes changes of a rate by more than `deadband` percent, and directions: `slower_after` or
    /// `faster_after` the last request. From and to a pause every change counts.
    pub fn on_change_of(deadband: u64, slower_after: Duration, faster_after: Duration) -> Self {
        Self { basis: Basis::OnChange { deadband, slower_after, faster_after }, last: None }
    }

    /// Looks at what is desired now; returns what to ask the sender for.
    pub fn pass(&mut self, desired: Option<Request>, now: Duration) -> Option<Request> {
        let request = desired?;
        if let Some((asked_at, asked)) = self.last {
            let since = now.saturating_sub(asked_at);
            let wait = match self.basis {
                Basis::Periodic(period) => period,
                Basis::OnChange { deadband, slower_after, faster_after } => {
                    match change(asked, request) {
                        Change::By(percent) if percent <= deadband => return None,
                        _ if is_slower(asked, request) => slower_after,
                        _ => faster_after,
                    }
                }
            };
            if since < wait {
                return None;
            }
        }
        self.last = Some((now, request));
        Some(request)
    }
}

enum Change {
    /// In percent of the rate that was asked for before, rounded up.
    By(u64),
    /// Not a matter of numbers.
    Other,
}

fn change(asked: Request, request: Request) -> Change {
    match (asked, request) {
        (Request::Full, Request::Full) => Change::By(0),
        (Request::Rate(before), Request::Rate(after)) if before == after => Change::By(0),
        (Request::Rate(before), Request::Rate(after)) if before.min(after) > Rate::PAUSE => {
            let number = |rate: Rate| u128::from(rate.octets_per_second().unwrap_or(u64::MAX));
            let difference = number(before).abs_diff(number(after)) * 100;
            Change::By(u64::try_from(difference.div_ceil(number(before))).unwrap_or(u64::MAX))
        }
        _ => Change::Other,
    }
}

fn is_slower(asked: Request, request: Request) -> bool {
    match (asked, request) {
        (_, Request::Decrease) => true,
        (Request::Rate(before), Request::Rate(after)) => after < before,
        // The rate that a direction led to is not known here.
        (_, Request::Rate(_)) => true,
        (_, Request::Increase | Request::Full) => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ask(octets_per_second: u64) -> Option<Request> {
        Rate::new(octets_per_second).map(Request::Rate)
    }

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_periodic_look_is_one_a_period() {
        let mut trigger = Trigger::periodic(at(1000));
        let passed = (0..50).filter(|n| trigger.pass(ask(*n), at(n * 100)).is_some());
        assert_eq!(passed.collect::<Vec<_>>(), [0, 10, 20, 30, 40]);
    }

    #[test]
    fn to_and_from_a_pause_every_change_counts() {
        let mut trigger = Trigger::on_change_of(90, at(100), at(1000));
        for (desired, now, passes) in
            [(1, 0, true), (0, 50, false), (0, 100, true), (0, 5000, false), (1, 5000, true)]
        {
            assert_eq!(trigger.pass(ask(desired), at(now)).is_some(), passes, "{desired} at {now}");
        }
    }

    #[test]
    fn directions_are_repeated_while_they_are_wanted() {
        let mut trigger = Trigger::on_change();
        let passed = |trigger: &mut Trigger, request, times: std::ops::Range<u64>| {
            times.filter(|n| trigger.pass(Some(request), at(n * 50)).is_some()).count()
        };
        assert_eq!(passed(&mut trigger, Request::Decrease, 0..40), 20);
        assert_eq!(passed(&mut trigger, Request::Increase, 40..120), 4);
        assert_eq!(passed(&mut trigger, Request::Full, 120..200), 1, "FULL says all");
    }

    proptest! {
        /// However what is desired jumps, requests keep their distance, and noise within the deadband
        /// passes once.
        #[test]
        fn nobody_chatters(
            desired in prop::collection::vec(0u64..100_000, 1..300),
            noise in prop::collection::vec(10_000u64..=10_400, 1..300),
        ) {
            let mut trigger = Trigger::on_change();
            let mut asked: Option<(u64, u64)> = None;
            for (octets, now) in desired.into_iter().zip((0..).step_by(10)) {
                if trigger.pass(ask(octets), at(now)).is_some() {
                    if let Some((before, since)) = asked {
                        let distance = if octets < before { 100 } else { 1000 };
                        prop_assert!(now - since >= distance, "{before}, {octets} at {now}");
                    }
                    asked = Some((octets, now));
                }
            }
            let mut trigger = Trigger::on_change();
            let passed = noise.into_iter().zip((0..).step_by(10))
                .filter(|(octets, now)| trigger.pass(ask(*octets), at(*now)).is_some());
            prop_assert_eq!(passed.count(), 1);
        }
    }
}
