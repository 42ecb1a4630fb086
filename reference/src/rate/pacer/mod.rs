//! How data leaves at a rate (US 9,331,890, FIG. 8, 804): frame by frame, out of a token bucket.

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::TokenBucket;
use crate::control::Rate;

/// Decides when each frame of data may leave, and how long it is.
///
/// A connection keeps its data messages in a queue and asks [`Pacer::next`] what to do: after a
/// message was queued, after a control message was taken, when the instant of [`Step::Until`] has
/// come, and again after each step that it has carried out, as long as the transport takes octets.
/// Early, late and idle questions do no harm; late ones cost no rate while the bucket can hold what
/// the delay brings, that is `burst / 2` octets at least.
///
/// - Messages are cut where the bucket ends. What may be sent is sent, but nothing smaller than the
///   [quantum](Pacer::quantum), unless less is left.
/// - A lower rate counts at once. A pause and a higher rate count from the next end of a message:
///   only there can EFFECTIVE say so, since no control message may stand between the frames of
///   another message. So octets behind an EFFECTIVE always keep to it, and to what came before.
/// - No frame is shorter than 16 octets, unless its message is. So the first one holds the four octets
///   by which a message is judged, and an escape may go out right before it: there is a step for a
///   message only when it may follow at once.
///
/// ```
/// use std::time::Duration;
/// use wsconform_reference::Rate;
/// use wsconform_reference::rate::{Pacer, Step};
///
/// let at = Duration::from_millis;
/// let mut pacer = Pacer::new(256, Rate::UNLIMITED, at(0));
/// pacer.aim(Rate::new(1000).ok_or("out of range")?, true, at(0));
///
/// let mut queue = vec![300]; // octets of one message
/// let mut now = at(0);
/// let mut log = Vec::new();
/// loop {
///     match pacer.next(queue.first().copied(), now) {
///         Step::Effective(rate) => log.push(format!("EFFECTIVE {:?}", rate.octets_per_second())),
///         Step::Frame { octets, fin } => {
///             // Here the escape goes out, if the message begins and needs one, then this frame.
///             log.push(format!("{octets} octets, fin {fin}"));
///             queue[0] -= octets;
///             queue.retain(|_| !fin);
///         }
///         Step::Until(instant) => now = instant, // a real endpoint sleeps, or does other things
///         Step::Rest => break,
///     }
/// }
/// assert_eq!(log[0], "EFFECTIVE Some(1000)");
/// assert_eq!(log[1], "256 octets, fin false");
/// assert_eq!(log[2], "20 octets, fin false"); // 20 ms later
/// assert_eq!(log[4], "4 octets, fin true");
/// assert_eq!(now, at(44));
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pacer {
    bucket: TokenBucket,
    /// What the bucket's rate will be from the next end of a message on.
    target: Rate,
    /// The rate that was in force when the message in progress began: the most it may go at.
    ceiling: Rate,
    owes_effective: bool,
    in_message: bool,
    quantum: u64,
}

/// What to do next. The pacer has counted it already: it has to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Send EFFECTIVE with this rate. No message is in progress.
    Effective(Rate),
    /// Send the next octets of the message in front, in one frame.
    Frame {
        /// How many.
        octets: u64,
        /// Whether they end the message.
        fin: bool,
    },
    /// Nothing may be sent before this instant, unless something changes.
    Until(Duration),
    /// Nothing may be sent until something changes: no message waits, or there is a pause.
    Rest,
}

/// Frames in a second at most, where the burst allows so few. What waits for the next one is then
/// 2 % of a second's octets, and a timer may be 30 ms late before 5 % are missing.
const FRAMES_A_SECOND: u64 = 50;

/// Frames are no shorter, unless their message is: a head costs 2 to 8 octets. A burst has 256 or
/// more.
const SHORTEST_FRAME: u64 = 16;

impl Pacer {
    /// A pacer with a full bucket, `burst` octets deep, at the rate of a sender of whom nothing was
    /// asked yet: its own maximum. That no EFFECTIVE was sent yet leaves the bucket as it is; the
    /// promise that starts with the first one holds before it too.
    pub fn new(burst: u64, rate: Rate, now: Duration) -> Self {
        let bucket = TokenBucket::new(burst, rate, now);
        let mut pacer = Self {
            bucket,
            target: rate,
            ceiling: rate,
            owes_effective: false,
            in_message: false,
            quantum: 0,
        };
        pacer.quantum = pacer.full_quantum();
        pacer
    }

    /// From now on, or from the next end of a message, data leaves at this rate. With `announce`
    /// there is a [`Step::Effective`] before that; several of them that wait become one, with the
    /// newest rate. A strict sender announces each change and answers each request; others may.
    pub fn aim(&mut self, rate: Rate, announce: bool, now: Duration) {
        self.target = rate;
        self.owes_effective |= announce;
        if !self.in_message {
            self.at_boundary(now);
        } else if rate != Rate::PAUSE {
            self.set_rate(rate.min(self.ceiling), now);
        }
    }

    /// Begins anew, as at activation: a full bucket, and nothing to announce. For SUSPEND, with an
    /// unlimited rate, and for RESUME, with the sender's maximum.
    pub fn reset(&mut self, rate: Rate, now: Duration) {
        self.bucket.reset(rate, now);
        (self.target, self.ceiling, self.owes_effective) = (rate, rate, false);
        self.quantum = self.full_quantum();
    }

    /// The rate at which data leaves now. [`Rate::PAUSE`] only where a message has ended.
    pub fn rate(&self) -> Rate {
        self.bucket.rate()
    }

    /// Octets that a frame holds at least, unless less is left of its message.
    ///
    /// It is 20 ms of the rate: the shortest sensible frame at low rates, half a burst at high ones.
    /// After a rise of the rate it grows by 2 % of what is sent. So the octets that wait for the next
    /// frame are few beside those of the last second, whatever the rates were in it.
    pub fn quantum(&self) -> u64 {
        self.quantum
    }

    /// What to do now: so many octets are left of the message in front of the queue, or the queue is
    /// empty.
    pub fn next(&mut self, left: Option<u64>, now: Duration) -> Step {
        if !self.in_message {
            if std::mem::take(&mut self.owes_effective) {
                self.at_boundary(now);
                return Step::Effective(self.target);
            }
            self.at_boundary(now);
        }
        let Some(left) = left else { return Step::Rest };
        let least = self.quantum.min(left);
        let octets = left.min(self.bucket.available(now));
        if octets < least || !self.bucket.take(octets, now) {
            return self.bucket.when(least, now).map_or(Step::Rest, Step::Until);
        }
        let fin = octets == left;
        self.in_message = !fin;
        self.quantum = self.full_quantum().min(self.quantum + (octets / FRAMES_A_SECOND).max(1));
        Step::Frame { octets, fin }
    }

    /// Between messages the target counts, unless it has to be announced before: then it counts
    /// as far as it is slower.
    fn at_boundary(&mut self, now: Duration) {
        let rate = if self.owes_effective { self.target.min(self.rate()) } else { self.target };
        self.ceiling = rate;
        self.set_rate(rate, now);
    }

    fn set_rate(&mut self, rate: Rate, now: Duration) {
        self.bucket.set_rate(rate, now);
        self.quantum = self.quantum.min(self.full_quantum());
    }

    /// What the quantum is once a rate has been in force for a while; a pause sets none.
    fn full_quantum(&self) -> u64 {
        let rate = self.rate().octets_per_second().filter(|rate| *rate > 0);
        let share = rate.map_or(u64::MAX, |rate| rate / FRAMES_A_SECOND);
        share.max(SHORTEST_FRAME).min((self.bucket.burst() / 2).max(1))
    }
}
