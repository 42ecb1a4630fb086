//! Two connections, joined by pipes that delay, in virtual time.

mod examples;
mod promise;
mod walk;

use std::collections::VecDeque;

use super::*;
use crate::SeededRandom;
use crate::control::{
    Capability, HeartbeatMessage, HeartbeatParameters, IdleParameters, Pace, Parameters,
    RateMessage, RateParameters, Sequence, SetupMessage, Suspendable,
};

fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// Parameters of each capability that make all of it happen soon.
fn busy(capability: Capability) -> Parameters {
    match capability {
        Capability::RateControl => Parameters::RateControl(RateParameters {
            pace: Pace::Strict,
            ack: 1024,
            burst: 256,
            ..RateParameters::default()
        }),
        Capability::IdleTimeout => {
            let timeout = 86_400_000;
            Parameters::IdleTimeout(IdleParameters { timeout, ..IdleParameters::default() })
        }
        Capability::Heartbeat => Parameters::Heartbeat(HeartbeatParameters { interval: 100 }),
        Capability::ControlSetup => Parameters::ControlSetup,
    }
}

/// Agreements on these, in one block of sequences.
fn agreed(parameters: &[Parameters]) -> Vec<Agreement> {
    (0x10..)
        .zip(parameters)
        .map(|(low, parameters)| Agreement {
            sequence: Sequence([0xF0, 0x80, 0, low]),
            parameters: parameters.clone(),
            offerer_max_rate: None,
        })
        .collect()
}

/// A client, a server, and what is under way to each of them.
struct Pair {
    now: Duration,
    ends: [Connection<SeededRandom>; 2],
    /// Octets on their way to each end, and when they arrive.
    pipes: [VecDeque<(Duration, Vec<u8>)>; 2],
    delays: [Duration; 2],
    /// Octets in a piece that arrives, at most.
    cut: usize,
    events: [Vec<Event>; 2],
}

const CLIENT: usize = 0;
const SERVER: usize = 1;

impl Pair {
    fn new(parameters: &[Parameters], delays: [u64; 2]) -> Self {
        let agreed = agreed(parameters);
        let ends = [Role::Client, Role::Server]
            .map(|role| Connection::new(role, &agreed, Limits::default(), SeededRandom(7)));
        let (now, pipes, events) = (Duration::ZERO, Default::default(), Default::default());
        Self { now, ends, pipes, delays: delays.map(ms), cut: usize::MAX, events }
    }

    /// Carries what was sent, until this instant.
    fn run_until(&mut self, end: Duration) {
        loop {
            self.flush();
            let arrivals = self.pipes.iter().filter_map(|pipe| pipe.front().map(|(at, _)| *at));
            let deadlines = self.ends.iter().filter_map(Connection::deadline);
            let next = arrivals.chain(deadlines).min().filter(|next| *next <= end);
            let Some(next) = next else { break };
            self.now = self.now.max(next);
            for index in [CLIENT, SERVER] {
                while self.pipes[index].front().is_some_and(|(at, _)| *at <= self.now) {
                    let Some((_, octets)) = self.pipes[index].pop_front() else { break };
                    for piece in octets.chunks(self.cut) {
                        self.ends[index].receive(piece, self.now);
                    }
                }
                self.ends[index].advance(self.now);
            }
        }
        self.now = end;
        self.ends.iter_mut().for_each(|connection| connection.advance(end));
        self.flush();
    }

    fn run_for(&mut self, time: u64) {
        self.run_until(self.now + ms(time));
    }

    fn flush(&mut self) {
        for index in [CLIENT, SERVER] {
            let connection = &mut self.ends[index];
            self.events[index].extend(std::iter::from_fn(|| connection.poll_event()));
            let octets = connection.take_output();
            if !octets.is_empty() {
                let arrives = self.now + self.delays[1 - index];
                self.pipes[1 - index].push_back((arrives, octets));
            }
            self.events[index].extend(std::iter::from_fn(|| connection.poll_event()));
        }
    }

    /// The events of an end since the last call, as short words.
    fn told(&mut self, index: usize) -> String {
        let events = std::mem::take(&mut self.events[index]);
        events.iter().map(word).collect::<Vec<_>>().join(" ")
    }
}

fn word(event: &Event) -> String {
    match event {
        Event::Text(text) => text.clone(),
        Event::Binary(octets) => format!("[{}]", octets.len()),
        Event::Control(ControlMessage::Rate(message)) => match message {
            RateMessage::Effective(rate) => format!("EFFECTIVE={}", number(*rate)),
            RateMessage::Rate(rate) => format!("RATE={}", number(*rate)),
            RateMessage::Limit(rate) => format!("LIMIT={}", number(*rate)),
            RateMessage::Ack(octets) => format!("ACK={octets}"),
            other => format!("{other:?}").to_uppercase(),
        },
        Event::Control(ControlMessage::Heartbeat(message)) => match message {
            HeartbeatMessage::Beat(body) => format!("BEAT{body:?}"),
            HeartbeatMessage::Echo(body) => format!("ECHO{body:?}"),
        },
        Event::Control(ControlMessage::Setup(message)) => match message {
            SetupMessage::Offer(list) => format!("OFFER({list})"),
            SetupMessage::Answer(None) => "ANSWER()".to_owned(),
            SetupMessage::Answer(Some(list)) => format!("ANSWER({list})"),
            SetupMessage::Confirm => "CONFIRM".to_owned(),
        },
        Event::Control(ControlMessage::Suspend(_)) => "SUSPEND".to_owned(),
        Event::Control(ControlMessage::Resume(_)) => "RESUME".to_owned(),
        Event::Rate(rate) => format!("rate={}", number(*rate)),
        Event::Negotiated(agreed) => {
            let tokens: Vec<_> = agreed.iter().map(|one| one.capability().token()).collect();
            format!("negotiated({})", tokens.join(","))
        }
        Event::Close(close) => format!("close={:?}", close.as_ref().map(|close| close.code.0)),
        Event::Failed(failure) => format!("failed: {}", failure.violation),
        other => format!("{other:?}"),
    }
}

fn number(rate: Rate) -> String {
    rate.octets_per_second().map_or("unlimited".to_owned(), |rate| rate.to_string())
}

fn rate(octets_per_second: u64) -> ControlMessage {
    ControlMessage::Rate(RateMessage::Rate(Rate::new(octets_per_second).unwrap()))
}

fn idle(timeout: u64) -> Parameters {
    Parameters::IdleTimeout(IdleParameters { timeout, ..IdleParameters::default() })
}

fn beats(interval: u64) -> Parameters {
    Parameters::Heartbeat(HeartbeatParameters { interval })
}
