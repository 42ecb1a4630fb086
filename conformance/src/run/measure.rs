//! The step `measure`: data counts behind an EFFECTIVE, against what its sender promised.

use std::time::Duration;

use tokio::time::Instant;
use wsconform_spec::scenario::{Bound, BoundKind, Item, Step, Target, Value, Verb};

use super::anchor::Anchor;
use super::case::{Played, Running, Stop};
use super::connection::Arrival;
use super::datum::Datum;
use super::encode::values;
use super::event::Event;
use super::flow::Allowed;
use super::freedom::Freedom;
use crate::wire::{Annotated, FrameSpec, Opcode};

/// The close code of a sender that cannot hold back more.
const STARVED: u16 = 1008;
/// What the calculation leaves uncertain, in octets.
const TOLERANCE: f64 = 1e-3;
/// The part of the time during which the way may have been shut without any doubt.
const TENTH: f64 = 0.1;

/// The most that was ever beyond a bound, while so many promises were known.
#[derive(Clone, Copy, Debug)]
struct Excess {
    octets: u64,
    promises: usize,
    at: Instant,
    by: f64,
}

/// What is measured.
struct Measurement<'s> {
    step: &'s Step,
    bounds: &'s [Bound],
    anchor: Anchor,
    /// Octets of data before the anchor.
    before: u64,
    /// For each bound, what was beyond it: each time as much as while so many promises were known.
    beyond: Vec<Vec<Excess>>,
    /// The longest time in which nothing arrived.
    gap: Duration,
}

impl Running<'_> {
    /// Remembers the place of an EFFECTIVE whose rate was captured.
    pub(super) fn anchor(&mut self, connection: usize, item: &Item, event: &Event) {
        let Event::Message(message) = event else { return };
        if let (Verb::Control, Some(Value::Variable(variable, None)), Some(promise)) =
            (item.verb, values(item).nth(2), message.promise)
        {
            self.anchors.push(Anchor { variable: variable.clone(), connection, promise });
        }
    }

    pub(super) async fn measure(
        &mut self,
        step: &Step,
        since: Option<&str>,
        milliseconds: u64,
        bounds: &[Bound],
    ) -> Played<()> {
        let index = self.connection(step)?;
        let mut known = self.anchors.iter().rev().filter(|anchor| anchor.connection == index);
        let Some(anchor) = known.find(|one| since.is_none_or(|name| one.variable == name)).cloned()
        else {
            let why = "there is no EFFECTIVE to measure from on this connection";
            return Err(Stop::Inconclusive(why.into()));
        };
        let flow = self.connections[index].flow();
        let before = flow.promise(anchor.promise).map_or(0, |promise| promise.before);
        let measurement = Measurement {
            step,
            bounds,
            anchor,
            before,
            beyond: vec![Vec::new(); bounds.len()],
            gap: Duration::ZERO,
        };
        self.connections[index].measured = true;
        let played = self.measure_until(index, milliseconds, measurement).await;
        self.connections[index].measured = false;
        played
    }

    async fn measure_until(
        &mut self,
        index: usize,
        milliseconds: u64,
        mut measurement: Measurement<'_>,
    ) -> Played<()> {
        let end = Instant::now() + Duration::from_millis(milliseconds);
        let mut last = Instant::now();
        loop {
            if let Some(event) = self.take_measured(&measurement, index, None, end).await? {
                return self.ended_early(&measurement, index, end, &event);
            }
            self.judge_most(&mut measurement, index)?;
            if self.end_of_pause(&measurement, index).is_some() {
                return self.judge_all_most(&measurement, index);
            }
            if !self.connections[index].read_more(end, &mut self.transcript).await {
                break;
            }
            let arrived = self.connections[index].arrived;
            measurement.gap = measurement.gap.max(arrived.saturating_duration_since(last));
            last = arrived;
        }
        measurement.gap = measurement.gap.max(end.saturating_duration_since(last));
        self.judge_all_most(&measurement, index)?;
        self.judge_least(&measurement, index, end).await
    }

    /// Takes what has arrived; gives what ends the measurement, or the answer to the ping `token`.
    async fn take_measured(
        &mut self,
        measurement: &Measurement<'_>,
        index: usize,
        token: Option<&[u8]>,
        deadline: Instant,
    ) -> Played<Option<Event>> {
        let freedom = Freedom { data: true, ..Freedom::default() };
        while let Some(arrival) = self.connections[index].waiting().pop_front() {
            let event = match arrival {
                Arrival::Event(event) => event,
                Arrival::Violation(violation) => {
                    self.blame(measurement.step, violation);
                    return Err(Stop::Violated);
                }
            };
            let ours = matches!(&event, Event::Native(frame)
                if frame.opcode == Opcode::PONG && Some(frame.payload.as_slice()) == token);
            if ours {
                return Ok(Some(event));
            }
            if self.pass_over(index, &event, freedom, deadline).await {
                continue;
            }
            if let Event::Message(_) = &event {
                let target = Target::Requirement("message.sent".into());
                let expected = "data, or control messages as they may be sent".to_owned();
                let (observed, octets) = (event.to_string(), event.octets());
                self.violated(measurement.step, &target, expected, observed, octets)?;
            }
            return Ok(Some(event));
        }
        Ok(None)
    }

    /// The number of the promise that ends the pause, if the anchor states one.
    fn end_of_pause(&self, measurement: &Measurement<'_>, index: usize) -> Option<usize> {
        self.connections[index].flow().end_of_pause(measurement.anchor.promise)
    }

    /// What has come behind the anchor by now; of a pause, as long as that lasts.
    fn measured(&self, measurement: &Measurement<'_>, index: usize) -> Excess {
        let connection = &self.connections[index];
        let flow = connection.flow();
        let (octets, promises, at) = match self.end_of_pause(measurement, index) {
            Some(end) => flow.promise(end).map_or((0, end, connection.arrived), |promise| {
                (promise.before, end, promise.arrived)
            }),
            None => (connection.octets_of_data(), flow.promises(), connection.arrived),
        };
        Excess { octets: octets.saturating_sub(measurement.before), promises, at, by: 0.0 }
    }

    /// Holds what has come by now against the upper bounds. What is beyond them whatever the sender
    /// knew when is blamed at once; the rest is kept until all is known.
    fn judge_most(&mut self, measurement: &mut Measurement<'_>, index: usize) -> Played<()> {
        for (number, bound) in measurement.bounds.iter().enumerate() {
            if bound.kind != BoundKind::AtMost {
                continue;
            }
            let mut excess = self.measured(measurement, index);
            excess.by =
                excess.octets as f64 - self.most(measurement, index, bound, excess, false)?;
            if excess.by <= TOLERANCE {
                continue;
            }
            let surely = self.most(measurement, index, bound, excess, true)?;
            if excess.octets as f64 > surely + TOLERANCE {
                return self.exceeded(measurement, index, bound, excess, surely);
            }
            let Some(kept) = measurement.beyond.get_mut(number) else { continue };
            match kept.last_mut().filter(|last| last.promises == excess.promises) {
                Some(last) if last.by < excess.by => *last = excess,
                Some(_) => {}
                None => kept.push(excess),
            }
        }
        Ok(())
    }

    /// Judges what was beyond the upper bounds, now that it is known what answered what.
    fn judge_all_most(&mut self, measurement: &Measurement<'_>, index: usize) -> Played<()> {
        for (bound, kept) in measurement.bounds.iter().zip(&measurement.beyond) {
            for excess in kept {
                let most = self.most(measurement, index, bound, *excess, false)?;
                if excess.octets as f64 <= most + TOLERANCE {
                    continue;
                }
                if self.connections[index].flow().awaits_answer() {
                    let why =
                        "a request is not answered, so it is not known what was promised when";
                    return Err(Stop::Inconclusive(why.into()));
                }
                return self.exceeded(measurement, index, bound, *excess, most);
            }
        }
        Ok(())
    }

    fn exceeded(
        &mut self,
        measurement: &Measurement<'_>,
        index: usize,
        bound: &Bound,
        excess: Excess,
        most: f64,
    ) -> Played<()> {
        let seconds = self.since_anchor(measurement, index, excess.at);
        let expected = format!("at most {most:.0} octets of data in {seconds:.3} s");
        let observed = format!("{} octets", excess.octets);
        let octets = self.connections[index].unfinished().into_iter().collect();
        self.beyond(measurement.step, bound, expected, observed, octets)
    }

    /// The upper bound, at the instant and with the promises of `excess`.
    fn most(
        &mut self,
        measurement: &Measurement<'_>,
        index: usize,
        bound: &Bound,
        excess: Excess,
        surely: bool,
    ) -> Played<f64> {
        let flow = self.connections[index].flow();
        let number = measurement.anchor.promise;
        let allowed = flow.most(number, excess.promises, excess.at, surely);
        self.bound(measurement, index, bound, allowed)
    }

    /// What a bound comes to, where `$t` and the rate of the anchor stand for what is allowed.
    fn bound(
        &mut self,
        measurement: &Measurement<'_>,
        index: usize,
        bound: &Bound,
        allowed: Allowed,
    ) -> Played<f64> {
        let anchor = &measurement.anchor;
        let flow = self.connections[index].flow();
        let stated = flow.promise(anchor.promise).map_or(0.0, |promise| promise.most);
        let rate = match allowed.seconds > 0.0 {
            true => allowed.octets / allowed.seconds,
            false => stated,
        };
        let meaning = [("t", allowed.seconds), (anchor.variable.as_str(), rate)];
        let meaning = meaning.map(|(name, number)| (name, Datum::Real(number)));
        let sum = self.environment.meanwhile(meaning, |environment| environment.sum(&bound.sum))?;
        Ok(match (sum.real(), bound.kind) {
            // No time at an unlimited rate: nothing is forbidden, and nothing owed.
            (sum, BoundKind::AtMost) if sum.is_nan() => f64::INFINITY,
            (sum, BoundKind::AtLeast) if sum.is_nan() => 0.0,
            (sum, _) => sum,
        })
    }

    /// Holds what has come against the lower bounds. All that was sent before the end has arrived
    /// once a ping behind that is answered.
    async fn judge_least(
        &mut self,
        measurement: &Measurement<'_>,
        index: usize,
        end: Instant,
    ) -> Played<()> {
        if measurement.bounds.iter().all(|bound| bound.kind != BoundKind::AtLeast) {
            return Ok(());
        }
        let token = format!("measured {:08X}", self.environment.random.draw() >> 32).into_bytes();
        let (asked, deadline) = (Instant::now(), self.deadline());
        self.write_frame(index, &FrameSpec::ping(token.clone()), deadline).await;
        while self.take_measured(measurement, index, Some(&token), deadline).await?.is_none() {
            if !self.connections[index].read_more(deadline, &mut self.transcript).await {
                break;
            }
        }
        let shut = measurement.gap.max(asked.elapsed());
        let octets = self.measured(measurement, index).octets;
        let least = self.connections[index].flow().least(measurement.anchor.promise, end);
        for bound in measurement.bounds {
            if bound.kind != BoundKind::AtLeast {
                continue;
            }
            let owed = self.bound(measurement, index, bound, least)?;
            if octets as f64 + TOLERANCE >= owed {
                continue;
            }
            if shut.as_secs_f64() > TENTH * least.seconds {
                return Err(Stop::Inconclusive(format!(
                    "nothing came for {} ms, which may have been the way's doing",
                    shut.as_millis()
                )));
            }
            // A machine that was busy with others may have held it up.
            self.missed_deadline = true;
            let expected = format!("at least {owed:.0} octets of data in {:.3} s", least.seconds);
            self.beyond(measurement.step, bound, expected, format!("{octets} octets"), Vec::new())?;
        }
        Ok(())
    }

    /// The endpoint ended the connection before the measurement was over, so it does not send what
    /// it owes; unless it says that it was starved, which it may.
    fn ended_early(
        &mut self,
        measurement: &Measurement<'_>,
        index: usize,
        end: Instant,
        event: &Event,
    ) -> Played<()> {
        self.judge_all_most(measurement, index)?;
        self.doubtful = matches!(event, Event::End(_));
        let starved = matches!(event, Event::Native(frame) if frame.close_code() == Some(STARVED));
        let octets = self.measured(measurement, index).octets;
        let least = self.connections[index].flow().least(measurement.anchor.promise, end);
        for bound in measurement.bounds {
            if starved || bound.kind != BoundKind::AtLeast {
                continue;
            }
            let owed = self.bound(measurement, index, bound, least)?;
            if (octets as f64) < owed {
                let expected = format!("at least {owed:.0} octets of data");
                let observed = format!("{octets} octets, then {event}");
                self.beyond(measurement.step, bound, expected, observed, event.octets())?;
                return Err(Stop::Violated);
            }
        }
        Err(Stop::Inconclusive(format!("the measurement came to an early end: {event}")))
    }

    fn since_anchor(&self, measurement: &Measurement<'_>, index: usize, at: Instant) -> f64 {
        let promise = self.connections[index].flow().promise(measurement.anchor.promise);
        promise.map_or(0.0, |one| at.saturating_duration_since(one.earliest).as_secs_f64())
    }

    /// A bound is not kept: that stops the case unless it is a recommendation.
    fn beyond(
        &mut self,
        step: &Step,
        bound: &Bound,
        expected: String,
        observed: String,
        octets: Vec<Annotated>,
    ) -> Played<()> {
        let requirement = self.requirement(&bound.target)?;
        let recommended = self.is_recommendation(&requirement);
        let stop = self.violated(step, &bound.target, expected, observed, octets);
        if recommended { Ok(()) } else { stop }
    }
}
