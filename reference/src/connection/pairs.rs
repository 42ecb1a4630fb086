//! Two connections, joined by pipes that delay, in virtual time.

use std::collections::VecDeque;

use super::*;
use crate::control::{
    Capability, HeartbeatMessage, HeartbeatParameters, IdleParameters, Pace, Parameters,
    RateMessage, RateParameters, Sequence, SetupMessage, Suspendable,
};
use crate::{LocalError, SeededRandom};

pub(super) fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// Parameters of each capability that make all of it happen soon.
pub(super) fn busy(capability: Capability) -> Parameters {
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
pub(super) fn agreed(parameters: &[Parameters]) -> Vec<Agreement> {
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
pub(super) struct Pair {
    pub(super) now: Duration,
    pub(super) ends: [Connection<SeededRandom>; 2],
    /// Octets on their way to each end, and when they arrive.
    pipes: [VecDeque<(Duration, Vec<u8>)>; 2],
    delays: [Duration; 2],
    /// Octets in a piece that arrives, at most.
    cut: usize,
    pub(super) events: [Vec<Event>; 2],
}

pub(super) const CLIENT: usize = 0;
pub(super) const SERVER: usize = 1;

impl Pair {
    pub(super) fn new(parameters: &[Parameters], delays: [u64; 2]) -> Self {
        let agreed = agreed(parameters);
        let ends = [Role::Client, Role::Server]
            .map(|role| Connection::new(role, &agreed, Limits::default(), SeededRandom(7)));
        let (now, pipes, events) = (Duration::ZERO, Default::default(), Default::default());
        Self { now, ends, pipes, delays: delays.map(ms), cut: usize::MAX, events }
    }

    /// Carries what was sent, until this instant.
    pub(super) fn run_until(&mut self, end: Duration) {
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

    pub(super) fn run_for(&mut self, time: u64) {
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
    pub(super) fn told(&mut self, index: usize) -> String {
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

#[test]
fn a_server_closes_an_idle_connection_and_nothing_but_data_keeps_it() {
    let mut pair =
        Pair::new(&[idle(1000), beats(0), Parameters::of(Capability::RateControl)], [10, 10]);
    pair.run_for(500);
    pair.ends[CLIENT].send_text("data").unwrap();
    pair.run_for(400);
    pair.ends[CLIENT].send_ping(b"").unwrap();
    let beat = ControlMessage::Heartbeat(HeartbeatMessage::Beat(vec![1]));
    pair.ends[CLIENT].send_control(&beat).unwrap();
    pair.run_until(ms(1509));
    assert_eq!(pair.ends[SERVER].state(), State::Open);
    pair.run_until(ms(1510));
    assert_eq!(pair.ends[SERVER].state(), State::Closing);
    pair.ends[CLIENT].send_text("too late, but delivered").unwrap();
    pair.run_for(100);
    assert_eq!(pair.told(CLIENT), "Pong([]) ECHO[1] close=Some(1000)");
    let told = pair.told(SERVER);
    assert_eq!(told, "data Ping([]) BEAT[1] too late, but delivered close=Some(1000)");
}

#[test]
fn an_idle_timer_stands_still_in_a_pause_and_in_suspension() {
    let mut pair = Pair::new(&[idle(1000), Parameters::widest(Capability::RateControl)], [0, 0]);
    pair.ends[CLIENT].send_control(&rate(0)).unwrap();
    pair.run_for(5000);
    assert_eq!(pair.ends[SERVER].state(), State::Open, "the server may not send");
    pair.ends[CLIENT].send_control(&ControlMessage::Rate(RateMessage::Full)).unwrap();
    pair.run_for(900);
    pair.ends[CLIENT].send_control(&ControlMessage::Suspend(Suspendable::IdleTimeout)).unwrap();
    pair.run_for(5000);
    assert_eq!(pair.ends[SERVER].state(), State::Open);
    pair.ends[SERVER].send_control(&ControlMessage::Resume(Suspendable::IdleTimeout)).unwrap();
    pair.run_for(999);
    assert_eq!(pair.ends[SERVER].state(), State::Open);
    pair.run_for(1);
    assert_eq!(pair.ends[SERVER].state(), State::Closed);
}

#[test]
fn beats_break_the_silence_and_tell_of_a_dead_peer() {
    let mut pair = Pair::new(&[beats(100)], [10, 10]);
    pair.run_for(105);
    assert_eq!((pair.told(CLIENT), pair.told(SERVER)), (String::new(), String::new()));
    pair.run_for(20);
    assert_eq!(
        (pair.told(CLIENT).as_str(), pair.told(SERVER).as_str()),
        ("BEAT[] ECHO[]", "BEAT[] ECHO[]")
    );

    let client = &mut pair.ends[CLIENT];
    client.advance(ms(10_000));
    client.advance(ms(10_099));
    assert_eq!(client.poll_event(), None, "a BEAT has a whole interval to be answered");
    client.advance(ms(10_100));
    assert_eq!(client.poll_event(), Some(Event::Silent));
    assert_eq!(client.state(), State::Open, "the application decides");
}

#[test]
fn suspensions_that_cross_answer_each_other() {
    let mut pair = Pair::new(&[beats(0)], [10, 10]);
    let suspend = ControlMessage::Suspend(Suspendable::Heartbeat);
    let resume = ControlMessage::Resume(Suspendable::Heartbeat);
    let beat = ControlMessage::Heartbeat(HeartbeatMessage::Beat(vec![]));
    pair.ends[CLIENT].send_control(&beat).unwrap();
    pair.ends[CLIENT].send_control(&suspend).unwrap();
    pair.ends[SERVER].send_control(&beat).unwrap();
    pair.ends[SERVER].send_control(&suspend).unwrap();
    assert_eq!(pair.ends[CLIENT].send_control(&beat), Err(LocalError::OutOfTurn("heartbeat")));
    assert_eq!(pair.ends[CLIENT].send_control(&resume), Err(LocalError::OutOfTurn("heartbeat")));
    pair.run_for(100);
    assert_eq!((pair.told(CLIENT), pair.told(SERVER)), ("SUSPEND".into(), "SUSPEND".into()));
    for end in &mut pair.ends {
        end.send_control(&resume).unwrap();
    }
    pair.run_for(100);
    assert_eq!((pair.told(CLIENT), pair.told(SERVER)), ("RESUME".into(), "RESUME".into()));
    pair.ends[SERVER].send_control(&beat).unwrap();
    pair.run_for(100);
    assert_eq!((pair.told(CLIENT).as_str(), pair.told(SERVER).as_str()), ("BEAT[]", "ECHO[]"));
}
