//! Pacing by its definition: between any two instants at most rate times time, plus the burst. No
//! bucket is kept; each octet is held against all before it.

use crate::table::{Change, Message, Paced, PacingGiven, Rate};

/// A thousand millionths: what a rate of one octet a second brings in a nanosecond.
const NANO: u128 = 1_000_000_000;

/// When the last octet of each message leaves at the earliest, and EFFECTIVE with it.
pub(super) fn paced(given: &PacingGiven) -> Option<Paced> {
    let mut sender = Sender {
        burst: u128::from(given.burst) * NANO,
        rate: given.rate,
        meant: given.rate,
        ceiling: given.rate,
        owed: false,
        now: 0,
        brought: 0,
        sent: 0,
        worst: 0,
        paced: Paced { effective: Vec::new(), ends: Vec::new() },
    };
    let mut changes = given.changes.iter().copied().peekable();
    for Message { at, octets } in &given.messages {
        while let Some(change) = changes.next_if(|change| change.at <= (*at).max(sender.now)) {
            sender.change(change, false);
        }
        sender.wait_until((*at).max(sender.now));
        let mut left = *octets;
        while left > 0 {
            let next = sender.next_octet();
            match changes.peek().copied() {
                // What is asked at the very instant counts already.
                Some(change) if next.is_none_or(|next| change.at <= next) => {
                    changes.next();
                    sender.change(change, left < *octets);
                }
                _ => {
                    let Some(next) = next else { break };
                    sender.leave(next);
                    left -= 1;
                }
            }
        }
        if left > 0 {
            sender.paced.ends.push(None);
            continue;
        }
        sender.paced.ends.push(Some(sender.now));
        sender.message_ends();
    }
    changes.for_each(|change| sender.change(change, false));
    Some(sender.paced)
}

struct Sender {
    /// In nano-octets, as all amounts here.
    burst: u128,
    /// In force.
    rate: Rate,
    /// What it will be from the next end of a message on.
    meant: Rate,
    /// What was in force when the message in progress began.
    ceiling: Rate,
    /// Whether a change was not announced yet.
    owed: bool,
    now: u64,
    /// What the rates have brought until now.
    brought: u128,
    sent: u128,
    /// The largest lead so far: of all instants, what was brought less what was sent before it.
    worst: u128,
    paced: Paced,
}

impl Sender {
    fn wait_until(&mut self, instant: u64) {
        let time = u128::from(instant.saturating_sub(self.now));
        self.brought += time * u128::from(self.rate.limit().unwrap_or(0));
        self.now = self.now.max(instant);
    }

    /// When the next octet may leave, at the present rate. For each instant before, the octets from
    /// there on must not exceed what is brought from there on, and the burst. So the instant counts
    /// that has brought least for what was sent since.
    fn next_octet(&self) -> Option<u64> {
        let Some(rate) = self.rate.limit() else { return Some(self.now) };
        let lead = self.lead();
        let needed = (self.sent + NANO + lead).saturating_sub(self.burst);
        match needed.checked_sub(self.brought) {
            _ if rate == 0 => None,
            None | Some(0) => Some(self.now),
            Some(missing) => {
                let wait = missing.div_ceil(u128::from(rate));
                self.now.checked_add(u64::try_from(wait).ok()?)
            }
        }
    }

    fn lead(&self) -> u128 {
        self.worst.max(self.brought.saturating_sub(self.sent))
    }

    fn leave(&mut self, instant: u64) {
        self.wait_until(instant);
        if self.rate == Rate::UNLIMITED {
            return;
        }
        self.worst = self.lead();
        self.sent += NANO;
    }

    /// What the sender means to keep to. Slower counts at once, a pause and faster from the end of
    /// the message in progress.
    fn change(&mut self, change: Change, in_message: bool) {
        self.wait_until(change.at);
        (self.meant, self.owed) = (change.rate, true);
        match in_message {
            true if change.rate == Rate::Limited(0) => {}
            true => self.keep_to(change.rate.min(self.ceiling)),
            false => self.message_ends(),
        }
    }

    fn message_ends(&mut self) {
        if std::mem::take(&mut self.owed) {
            self.paced.effective.push(Change { at: self.now, rate: self.meant });
        }
        self.ceiling = self.meant;
        self.keep_to(self.meant);
    }

    fn keep_to(&mut self, rate: Rate) {
        // Without limit, nothing that was sent is ever too much; so the past counts no more.
        if self.rate == Rate::UNLIMITED || rate == Rate::UNLIMITED {
            (self.brought, self.sent, self.worst) = (0, 0, 0);
        }
        self.rate = rate;
    }
}
