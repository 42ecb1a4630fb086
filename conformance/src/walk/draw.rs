//! Draws walks: an opening, then steps that the tables allow, and sometimes one at the end that they
//! do not.

use wsconform_spec::scenario::Role;

use super::judge::Judge;
use super::step::{BadFrame, Content, Control, Step};
use crate::run::Random;

/// What is negotiated in the opening handshake: each capability with its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Opening(pub(crate) Vec<(String, Vec<(&'static str, &'static str)>)>);

/// Draws a walk, a step at a time.
pub(crate) struct Drawer {
    random: Random,
    /// What the endpoint knows.
    known: Vec<String>,
    left: u64,
    /// Whether it ends with something that fails the connection.
    fails: bool,
    ended: bool,
    /// The number of what was drawn, so that no two payloads are the same.
    serial: u64,
}

const SHORTEST: u64 = 6;
const LONGEST: u64 = 24;
/// How often something that the tables allow, or do not, is looked for.
const TRIES: usize = 64;

impl Drawer {
    /// The drawer of the walk of this id in a run with `seed`, for an endpoint that knows these
    /// capabilities.
    pub(crate) fn new(seed: u64, id: &str, known: &[String]) -> Self {
        let mut random = Random::of_case(seed, &format!("{id} steps"));
        let left = SHORTEST + random.draw() % (LONGEST - SHORTEST + 1);
        let fails = random.draw().is_multiple_of(3);
        Self { random, known: known.to_vec(), left, fails, ended: false, serial: 0 }
    }

    /// The opening, for an endpoint of this role.
    pub(crate) fn opening(&mut self, role: Role) -> Opening {
        let mut chosen: Vec<String> = Vec::new();
        for token in self.known.clone() {
            if self.one_in(3) || (token != "control-setup" && self.one_in(2)) {
                continue;
            }
            let at = self.below(chosen.len() + 1);
            chosen.insert(at, token);
        }
        let parameters = |token: &str, drawn: usize| -> Vec<(&'static str, &'static str)> {
            match (token, drawn) {
                ("rate-control", 0..=3) => vec![("pace", "strict")],
                ("rate-control", 4) => vec![("pace", "strict"), ("burst", "4096")],
                ("rate-control", 5) if role == Role::Server => vec![("sender", "server")],
                ("rate-control", 6) if role == Role::Server => vec![("sender", "client")],
                ("rate-control", 5) => vec![("burst", "300")],
                ("idle-timeout", 0..=2) => vec![("timeout", "30000")],
                ("idle-timeout", 3) => vec![("sender", "server")],
                ("idle-timeout", 4) => vec![("sender", "client")],
                ("heartbeat", 0..=1) => vec![("interval", "60000")],
                _ => Vec::new(),
            }
        };
        let with_parameters = |token: String| {
            let drawn = self.below(8);
            let parameters = parameters(&token, drawn);
            (token, parameters)
        };
        Opening(chosen.into_iter().map(with_parameters).collect())
    }

    /// The next step, and whether to ask for an echo behind it; `None` at the end.
    pub(crate) fn next(&mut self, judge: &Judge<'_>) -> Option<(Step, bool)> {
        if self.ended {
            return None;
        }
        if let Some(left) = self.left.checked_sub(1) {
            self.left = left;
            let step = self.look_for(judge, false);
            return Some((step, self.one_in(3)));
        }
        if self.fails {
            self.ended = true;
            return Some((self.look_for(judge, true), false));
        }
        // What was begun and what was held back comes to its end.
        if judge.inside() {
            return Some((Step::Last, false));
        }
        if let Some(at) = judge.pausing() {
            return Some((
                self.whole(at, "FULL", Some("rate-control"), "FULL".into(), vec![0x04]),
                true,
            ));
        }
        self.ended = true;
        Some((Step::Close, false))
    }

    /// A step that fails the connection, or does not.
    fn look_for(&mut self, judge: &Judge<'_>, fails: bool) -> Step {
        for _ in 0..TRIES {
            let step = self.any(judge);
            if judge.refuses(&step) == fails {
                return step;
            }
        }
        match fails {
            true => Step::Bad(BadFrame::ReservedBit),
            false => Step::Ping(self.token()),
        }
    }

    fn any(&mut self, judge: &Judge<'_>) -> Step {
        let token = self.token();
        match self.below(24) {
            0 => Step::Ping(token),
            1 => Step::Pong(token),
            2..=3 => match self.place(judge) {
                Some(at) => Step::Native(at, token),
                None => Step::Ping(token),
            },
            4 => match self.below(3) {
                0 => Step::Bad(BadFrame::ReservedBit),
                // Inside a message, text is wrong in two ways.
                1 => Step::Bad(BadFrame::ReservedOpcode),
                _ if judge.inside() => Step::Bad(BadFrame::ReservedBit),
                _ => Step::Bad(BadFrame::NotUtf8),
            },
            5..=12 if judge.inside() => match self.below(2) {
                0 => Step::Continue(self.below(5)),
                _ => Step::Last,
            },
            13..=15 => {
                let content = self.content(judge);
                Step::Begin(content, self.below(7))
            }
            _ => Step::Whole(self.content(judge)),
        }
    }

    fn content(&mut self, judge: &Judge<'_>) -> Content {
        let token = self.token();
        let Some(at) = self.place(judge) else {
            return match self.below(2) {
                0 => Content::Text(String::from_utf8_lossy(&token).into_owned()),
                _ => Content::Other(token),
            };
        };
        match self.below(20) {
            0 => Content::Text(format!("text {}", String::from_utf8_lossy(&token))),
            1 => Content::Other(token),
            2 => Content::Short(at, self.below(4)),
            3 => Content::Near(at, u32::try_from(self.below(32)).unwrap_or(0), token),
            4 => Content::Inner(at, token),
            5..=9 => Content::Escape(at),
            10 => Content::Long(at),
            _ => self.control(judge, at),
        }
    }

    fn control(&mut self, judge: &Judge<'_>, at: usize) -> Content {
        let token = self.token();
        let capability = judge.capability(at);
        let any = |name: &'static str, said: &str, octets: &[u8]| {
            (name, None, said.to_owned(), octets.to_vec())
        };
        let setup = capability == "control-setup";
        let (name, of, said, octets) = match self.below(if setup { 4 } else { 8 }) {
            0 => any("critical", "of a critical type, 50", &[0x50]),
            1 => any("ignorable", "of a type to be ignored, A0", &[0xA0, 0x01]),
            2 | 3 if setup => self.setup(judge),
            2 => any("malformed", "SUSPEND with a body", &[0x7E, 0x00]),
            3 => any("RESUME", "RESUME", &[0x7F]),
            4 => any("SUSPEND", "SUSPEND", &[0x7E]),
            _ => match capability {
                "rate-control" => self.rate(),
                "heartbeat" => {
                    let body = [&b"beat "[..], &token].concat();
                    match self.below(6) {
                        0 => of("heartbeat", "ECHO", "ECHO", 0x02, &body),
                        1 => of("heartbeat", "too-long", "BEAT of 126 octets", 0x01, &[0x62; 126]),
                        _ => of("heartbeat", "BEAT", "BEAT", 0x01, &body),
                    }
                }
                _ => any("SUSPEND", "SUSPEND", &[0x7E]),
            },
        };
        let name = if setup && matches!(name, "SUSPEND" | "RESUME") { "critical" } else { name };
        Content::Marked(at, Control { name, capability: of, said, octets })
    }

    fn rate(&mut self) -> Drawn {
        const FAST: u64 = 1_000_000_000_000;
        const UNLIMITED: u64 = u64::MAX;
        let rate =
            |name, said: &str, kind, rate: u64| of(RATE, name, said, kind, &rate.to_be_bytes());
        match self.below(16) {
            0..=2 => rate("pause", "RATE 0", 0x01, 0),
            3..=4 => rate("rate", "RATE 1000000000000", 0x01, FAST),
            5 => rate("rate", "RATE unlimited", 0x01, UNLIMITED),
            6 => of(RATE, "INCREASE", "INCREASE", 0x02, &[]),
            7 => of(RATE, "DECREASE", "DECREASE", 0x03, &[]),
            8 => of(RATE, "FULL", "FULL", 0x04, &[]),
            9 => rate("told", "EFFECTIVE 1000000000000", 0x05, FAST),
            10 => rate("told", "LIMIT 1000000000000", 0x06, FAST),
            11 => rate("told", "ACK 0", 0x80, 0),
            12 => of(RATE, "told", "STATUS", 0x81, &[0x06, 0x01, 0x32]),
            13 => of(
                RATE,
                "unknown-entry",
                "STATUS with an unknown entry",
                0x81,
                &[0x30, 0x02, 0x01, 0x02],
            ),
            14 => of(RATE, "bad-entry", "STATUS with a cut entry", 0x81, &[0x06, 0x01]),
            _ => rate("impossible", "ACK of what was never sent", 0x80, 1 << 60),
        }
    }

    fn setup(&mut self, judge: &Judge<'_>) -> Drawn {
        let names = judge.names();
        let left: Vec<&'static str> = ["rate-control", "idle-timeout", "heartbeat"]
            .into_iter()
            .filter(|token| self.known.iter().any(|known| known == token))
            .filter(|token| !names.iter().any(|name| name == token))
            .collect();
        let offer = |name, list: &str| {
            let said = format!("OFFER {list}");
            (name, Some(SETUP), said, [&[0x01][..], list.as_bytes()].concat())
        };
        match self.below(10) {
            0 => offer("hopeless", "x-wsconform-unknown"),
            1 => offer("malformed", "; nothing"),
            2 => of(SETUP, "ANSWER", "ANSWER", 0x02, &[]),
            3..=5 => of(SETUP, "CONFIRM", "CONFIRM", 0x03, &[]),
            _ => match left.get(self.below(left.len().max(1))) {
                Some(token) => offer("offer", token),
                None => offer("hopeless", "control-setup"),
            },
        }
    }

    /// A capability of the connection.
    fn place(&mut self, judge: &Judge<'_>) -> Option<usize> {
        let count = judge.names().len();
        (count > 0).then(|| self.below(count))
    }

    fn whole(
        &self,
        at: usize,
        name: &'static str,
        capability: Option<&'static str>,
        said: String,
        octets: Vec<u8>,
    ) -> Step {
        Step::Whole(Content::Marked(at, Control { name, capability, said, octets }))
    }

    /// Octets that were not drawn before.
    fn token(&mut self) -> Vec<u8> {
        self.serial += 1;
        format!("walk {}", self.serial).into_bytes()
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.random.draw() % bound).unwrap_or(0)
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }
}

/// The name of a control message, its capability, how it is called, type and body.
type Drawn = (&'static str, Option<&'static str>, String, Vec<u8>);

const RATE: &str = "rate-control";
const SETUP: &str = "control-setup";

fn of(capability: &'static str, name: &'static str, said: &str, kind: u8, body: &[u8]) -> Drawn {
    (name, Some(capability), said.to_owned(), [&[kind][..], body].concat())
}
