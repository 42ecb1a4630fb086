//! Conversations about the control extension. Time matters in most of them, so what has come is
//! noted at each step.

use std::time::Duration;

use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use wsconform_peers::{Deviations, Ending};

use super::{
    ANSWER, Battery, Differs, Log, REQUEST, Seen, client, collect, f, for_server, join,
    request_answered, server,
};

/// What is written, and for how many ms what comes is collected behind it.
type Step = (Vec<u8>, u64);

/// A conversation: what a client offers, what a server answers to the client of this crate, and
/// the steps behind that, given the sequences in the order of the answer.
struct Scene {
    target: &'static str,
    offer: &'static str,
    answer: &'static str,
    steps: fn(&[[u8; 4]]) -> Vec<Step>,
}

const STRICT: &str = "rate-control; pace=strict; burst=4096";
const STRICT_ANSWER: &str = "rate-control; control=F0800010; pace=strict; burst=4096";
const ACKS: &str = "rate-control; ack=1024; max-rate=5000";
const ACKS_ANSWER: &str = "rate-control; control=F0800010; ack=1024; max-rate=5000";
const PLAIN: &str = "rate-control";
const PLAIN_ANSWER: &str = "rate-control; control=F0800010";
const IDLE: &str = "idle-timeout; timeout=1000";
const IDLE_ANSWER: &str = "idle-timeout; control=F0800010; timeout=1000";
const IDLE_RATE: &str = "idle-timeout; timeout=1000, rate-control";
const IDLE_RATE_ANSWER: &str =
    "idle-timeout; control=F0800010; timeout=1000, rate-control; control=F0800011";
const BEATS: &str = "heartbeat; interval=200";
const BEATS_ANSWER: &str = "heartbeat; control=F0800010; interval=200";
const QUIET: &str = "heartbeat";
const QUIET_ANSWER: &str = "heartbeat; control=F0800010";
const SETUP: &str = "control-setup";
const SETUP_ANSWER: &str = "control-setup; control=F0800010";
const ALL: &str = "rate-control, idle-timeout, heartbeat, control-setup";
/// The first two share more than the third one does.
const ALL_ANSWER: &str = "rate-control; control=F0800010, idle-timeout; control=F0800011, \
    heartbeat; control=41424344, control-setup; control=00000000";

const SCENES: &[Scene] = &[
    scene(STRICT, STRICT_ANSWER, |s| {
        // A rate is kept to, and a pause is a pause.
        vec![
            (m(s[0], 0x01, &rate(20_000)), 1),
            (b("one", 3000), 500),
            (b("two", 2000).repeat(20), 400),
            (m(s[0], 0x01, &rate(0)), 100),
            ([f(0x89, b"p"), f(0x81, b"held")].concat(), 5000),
            (m(s[0], 0x03, b""), 500),
            (m(s[0], 0x02, b""), 500),
            (m(s[0], 0x01, &rate(20_000)), 1),
            (m(s[0], 0x01, &rate(20_000)), 500),
        ]
    }),
    scene(STRICT, STRICT_ANSWER, |s| {
        // Idle time saves up no more than a burst.
        vec![
            (m(s[0], 0x01, &rate(10_000)), 2000),
            (b("late", 20_000), 500),
            (m(s[0], 0x01, &rate(1000)), 500),
        ]
    }),
    scene(STRICT, STRICT_ANSWER, |s| {
        let steps = [0x03, 0x02].map(|code| (m(s[0], code, b""), 1));
        let mut all = Vec::new();
        for asked in [100_000, 200_000, 1_234_567, 5, 1, 1 << 51, u64::MAX] {
            all.push((m(s[0], 0x01, &rate(asked)), 1));
            all.extend(steps.clone());
        }
        all.push((m(s[0], 0x04, b""), 1));
        all
    }),
    scene(STRICT, STRICT_ANSWER, |s| {
        vec![
            (m(s[0], 0x01, &rate(1000)), 1),
            (m(s[0], 0x7E, b""), 1),
            (m(s[0], 0x7F, b""), 1),
            (b("fresh", 20_000), 100),
        ]
    }),
    scene(STRICT, STRICT_ANSWER, |s| {
        // A suspension ends a pause.
        vec![(m(s[0], 0x01, &rate(0)), 1), (b("held", 500), 1), (m(s[0], 0x7E, b""), 1)]
    }),
    scene(STRICT, STRICT_ANSWER, |s| {
        // What is reported counts without a request.
        let status = [&[0x24, 8][..], &rate(2000)].concat();
        vec![
            (b("sent", 3000), 100),
            (m(s[0], 0x80, &rate(1000)), 100),
            (m(s[0], 0x80, &rate(1500)), 100),
            (m(s[0], 0x81, &status), 100),
        ]
    }),
    Scene {
        target: "/source",
        ..scene(STRICT, STRICT_ANSWER, |s| vec![(m(s[0], 0x01, &rate(20_000)), 300)])
    },
    scene(ACKS, ACKS_ANSWER, |_| {
        let many: Vec<u8> = (0..200).flat_map(|_| b("ack", 1024)).collect();
        vec![(b("one", 1500), 1), (many, 2500)]
    }),
    scene(PLAIN, PLAIN_ANSWER, |s| vec![(m(s[0], 0x06, &rate(u64::MAX)), 1)]),
    scene(PLAIN, PLAIN_ANSWER, |s| vec![(m(s[0], 0x81, &[0x0B, 0]), 1), (b("x", 9), 1)]),
    scene(PLAIN, PLAIN_ANSWER, |s| vec![(m(s[0], 0x81, &[0x01, 1, 200]), 1)]),
    scene(PLAIN, PLAIN_ANSWER, |s| vec![(m(s[0], 0x81, &[0x01]), 1)]),
    scene(PLAIN, PLAIN_ANSWER, |s| vec![(m(s[0], 0x9F, b""), 1)]),
    scene(PLAIN, PLAIN_ANSWER, |s| vec![(m(s[0], 0x80, &rate(1)), 1)]),
    scene("rate-control; sender=client", "rate-control; control=F0800010; sender=server", |s| {
        vec![(m(s[0], 0x7E, b""), 1), (m(s[0], 0x7F, b""), 1)]
    }),
    scene(PLAIN, PLAIN_ANSWER, |s| {
        vec![
            (m(s[0], 0x7E, b""), 1),
            ([f(0x82, &s[0]), f(0x82, &join(s[0], b"x"))].concat(), 1),
            (m(s[0], 0x7F, b""), 1),
            (m(s[0], 0x7F, b""), 1),
        ]
    }),
    scene(PLAIN, PLAIN_ANSWER, |s| {
        vec![(f(0x82, &nearly(s[0], b"x")), 1), (f(0x82, b"\x81\x01a"), 1)]
    }),
    scene(IDLE, IDLE_ANSWER, |_| vec![(b("x", 10), 800), (b("y", 10), 5000)]),
    scene(IDLE, IDLE_ANSWER, |s| {
        vec![(b("x", 10), 800), (m(s[0], 0x90, b""), 100), (Vec::new(), 500)]
    }),
    scene(IDLE, IDLE_ANSWER, |s| vec![(b("x", 10), 800), (f(0x82, &s[0]), 1000)]),
    scene(IDLE, IDLE_ANSWER, |_| vec![(b("x", 10), 800), (f(0x89, b"p"), 1000)]),
    scene(IDLE, IDLE_ANSWER, |s| {
        vec![
            (m(s[0], 0x90, b""), 500),
            (m(s[0], 0x7E, b""), 2000),
            (m(s[0], 0x7F, b""), 700),
            (Vec::new(), 1000),
        ]
    }),
    scene("idle-timeout; timeout=86400000", "idle-timeout; control=F0800010", |s| {
        vec![(Vec::new(), 5), (m(s[0], 0x90, b""), 5), (m(s[0], 0x7E, b""), 5)]
    }),
    scene(IDLE_RATE, IDLE_RATE_ANSWER, |s| {
        vec![(m(s[1], 0x05, &rate(0)), 2000), (m(s[1], 0x05, &rate(1)), 2000)]
    }),
    scene(
        "rate-control; pace=strict, heartbeat",
        "rate-control; control=F0800010; pace=strict, heartbeat; control=F0800011",
        |s| vec![(m(s[0], 0x01, &rate(0)), 1), (m(s[1], 0x01, b"paused"), 1)],
    ),
    scene(
        "idle-timeout; timeout=1000, rate-control; pace=strict; burst=256",
        "idle-timeout; control=F0800010, rate-control; control=F0800011; pace=strict; burst=256",
        // Data that is sent is data too.
        |s| vec![(m(s[1], 0x01, &rate(500)), 1), (b("slow", 2000), 7000)],
    ),
    scene(BEATS, BEATS_ANSWER, |s| vec![(Vec::new(), 1000), (m(s[0], 0x7E, b""), 1000)]),
    scene(BEATS, BEATS_ANSWER, |_| (0..8).map(|_| (b("x", 5), 150)).collect()),
    scene(BEATS, BEATS_ANSWER, |_| {
        [(Vec::new(), 250)].into_iter().chain((0..8).map(|_| (b("x", 5), 150))).collect()
    }),
    scene(QUIET, QUIET_ANSWER, |s| {
        vec![
            (m(s[0], 0x01, &[7; 125]), 1),
            ([m(s[0], 0x01, b"1"), m(s[0], 0x01, b"2")].concat(), 1),
            (m(s[0], 0x02, b"unasked"), 1),
        ]
    }),
    scene(QUIET, QUIET_ANSWER, |s| vec![(m(s[0], 0x01, &[7; 126]), 1)]),
    scene(QUIET, QUIET_ANSWER, |s| {
        vec![(m(s[0], 0x7E, b""), 1), (f(0x82, b"data"), 1), (m(s[0], 0x01, b""), 1)]
    }),
    scene(QUIET, QUIET_ANSWER, |s| {
        let many = |count: usize| (0..count).flat_map(|_| m(s[0], 0x01, b"")).collect();
        vec![(many(60), 900), (many(100), 1)]
    }),
    scene(ALL, ALL_ANSWER, |s| vec![(m(s[2], 0x01, b"be"), 1), (m(s[0], 0x02, b""), 1)]),
    scene(ALL, ALL_ANSWER, |s| {
        vec![
            (b("first", 9), 1),
            (m(s[0], 0x7E, b""), 1),
            (m(s[2], 0x01, b"beat"), 1),
            (f(0x82, &s[1]), 1),
            (m(s[2], 0x01, b"beat"), 1),
        ]
    }),
    scene(
        "rate-control; burst=1, heartbeat",
        "idle-timeout; control=F0800011, heartbeat; control=F0800012, control-setup; control=F0800013",
        |_| vec![(b("x", 5), 1)],
    ),
    scene(
        "heartbeat, idle-timeout",
        "heartbeat; control=F0800011, idle-timeout; control=F0800011",
        |_| vec![(b("x", 5), 1)],
    ),
    scene(
        "rate-control\r\nSec-WebSocket-Extensions: heartbeat",
        "rate-control; control=F0800010\r\nSec-WebSocket-Extensions: heartbeat; control=F0800011",
        |_| vec![(f(0x82, &join([0xF0, 0x80, 0, 0x11], b"\x01")), 1)],
    ),
    Scene { target: "/require", ..scene(PLAIN, PLAIN_ANSWER, |_| vec![(b("x", 5), 1)]) },
    scene(SETUP, SETUP_ANSWER, |s| vec![(m(s[0], 0x01, b"x, control-setup"), 1)]),
    scene(SETUP, SETUP_ANSWER, |s| vec![(m(s[0], 0x01, b"permessage-deflate"), 1)]),
    scene(SETUP, SETUP_ANSWER, |s| vec![(m(s[0], 0x01, b"heartbeat;"), 1)]),
    scene(SETUP, SETUP_ANSWER, |s| vec![(m(s[0], 0x01, b"idle-timeout"), 1)]),
    scene(SETUP, SETUP_ANSWER, |s| vec![(m(s[0], 0x03, b""), 1)]),
    scene(SETUP, SETUP_ANSWER, |s| {
        // The answerer: it assigns the numbers behind that of control-setup.
        let new = next(next(s[0]));
        let escaped = [f(0x82, &new), f(0x82, &join(new, b"data"))].concat();
        vec![
            (m(s[0], 0x01, b"rate-control; burst=300, heartbeat"), 1),
            ([f(0x82, &join(new, b"before")), f(0x82, &join(new, b"\x01"))].concat(), 1),
            ([m(s[0], 0x03, b""), m(new, 0x01, b"beat")].concat(), 1),
            (escaped, 1),
            (m(s[0], 0x01, b"heartbeat"), 1),
        ]
    }),
    scene(
        "control-setup, idle-timeout",
        "control-setup; control=F0800010, idle-timeout; control=F0800011",
        |s| vec![(m(s[1], 0x7E, b""), 1), (m(s[0], 0x01, b"heartbeat"), 1)],
    ),
    offering(|s| {
        let new = [0xF0, 0x90, 0, 0x20];
        let beat = [m(s[0], 0x02, b"heartbeat; control=F0900020"), m(new, 0x01, b"beat")].concat();
        let data = [f(0x82, &new), f(0x82, &join(new, b"data"))].concat();
        vec![(beat, 1), (data, 1)]
    }),
    offering(|s| vec![(m(s[0], 0x02, b"idle-timeout; control=F0900020"), 1)]),
    offering(|s| vec![(m(s[0], 0x01, b"idle-timeout"), 1), (m(s[0], 0x02, b""), 1)]),
    bootstrapping("control.F0800010", "PROTOCOL", ""),
    bootstrapping("control.F0800010.", "PROTOCOL", ""),
    bootstrapping("control.F080001", "PROTOCOL", ""),
    bootstrapping("chat, control.F0800010.chat", "", ""),
    bootstrapping(
        "control.abcdef01",
        "PROTOCOL",
        "Sec-WebSocket-Extensions: control-setup; control=F0800077\r\n",
    ),
    bootstrapping(
        "control.abcdef01",
        "PROTOCOL",
        "Sec-WebSocket-Extensions: heartbeat; control=SEQUENCE\r\n",
    ),
];

const fn scene(
    offer: &'static str,
    answer: &'static str,
    steps: fn(&[[u8; 4]]) -> Vec<Step>,
) -> Scene {
    Scene { target: "/", offer, answer, steps }
}

/// The endpoint offers on the open connection.
const fn offering(steps: fn(&[[u8; 4]]) -> Vec<Step>) -> Scene {
    Scene { target: "/offer", ..scene(SETUP, SETUP_ANSWER, steps) }
}

/// `control-setup` by subprotocol: what is offered, what is selected, and further fields.
const fn bootstrapping(offer: &'static str, selected: &'static str, fields: &'static str) -> Scene {
    const STEPS: fn(&[[u8; 4]]) -> Vec<Step> =
        |s| vec![(m(s[0], 0x01, b"heartbeat"), 1), (f(0x82, &join(s[0], b"x")), 1)];
    // The extensions of the answer are not needed: the fields stand there instead.
    match selected.is_empty() {
        true => Scene { target: "/bootstrap", ..scene(offer, fields, STEPS) },
        false => Scene { target: "/bootstrap?selected", ..scene(offer, fields, STEPS) },
    }
}

fn is_bootstrap(scene: &Scene) -> bool {
    scene.target.starts_with("/bootstrap")
}

fn m(sequence: [u8; 4], code: u8, body: &[u8]) -> Vec<u8> {
    f(0x82, &[&sequence[..], &[code], body].concat())
}

fn b(name: &str, length: usize) -> Vec<u8> {
    f(0x82, &name.as_bytes().iter().copied().cycle().take(length).collect::<Vec<u8>>())
}

fn rate(octets: u64) -> [u8; 8] {
    octets.to_be_bytes()
}

fn next(sequence: [u8; 4]) -> [u8; 4] {
    (u32::from_be_bytes(sequence) + 1).to_be_bytes()
}

/// What shares all but the last bits with a sequence.
fn nearly(sequence: [u8; 4], octets: &[u8]) -> Vec<u8> {
    join((u32::from_be_bytes(sequence) ^ 0x8).to_be_bytes(), octets)
}

fn sequences_in(text: &str) -> Vec<[u8; 4]> {
    let digits = text.split("control=").skip(1).filter_map(|rest| rest.get(..8));
    digits.filter_map(|d| u32::from_str_radix(d, 16).ok().map(u32::to_be_bytes)).collect()
}

fn subprotocol_in(head: &str) -> Option<&str> {
    head.split("Sec-WebSocket-Protocol: ").nth(1)?.split('\r').next()
}

pub(super) async fn server_battery(deviations: &Deviations, plain: Option<&[Seen]>) -> Battery {
    let mut log = Log { seen: Vec::new(), plain };
    for scene in SCENES {
        let (near, task) = server(deviations);
        let request = REQUEST.replace("GET /", &format!("GET {}", scene.target));
        let field = if is_bootstrap(scene) { "Protocol" } else { "Extensions" };
        let request = format!("{request}Sec-WebSocket-{field}: {}\r\n\r\n", scene.offer);
        let (near, answer) = request_answered(near, &request).await;
        let mut sequences = sequences_in(&answer);
        if is_bootstrap(scene) {
            sequences.insert(0, [0xF0, 0x80, 0, 0x10]);
        }
        run(&mut log, scene, (near, task), &answer, &sequences, for_server).await?;
    }
    // A later request of a connection.
    let (mut near, task) = server(deviations);
    near.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let request = format!("{REQUEST}Sec-WebSocket-Extensions: heartbeat\r\n\r\n");
    let steps = vec![(Vec::new(), 1), (request.into_bytes(), 1)];
    log.push(talk(near, task, steps).await)?;
    Ok(log.seen)
}

pub(super) async fn client_battery(deviations: &Deviations, plain: Option<&[Seen]>) -> Battery {
    let mut log = Log { seen: Vec::new(), plain };
    for scene in SCENES {
        let extensions = if is_bootstrap(scene) {
            let selected = scene.target.ends_with("selected");
            let line = if selected { "Sec-WebSocket-Protocol: PROTOCOL\r\n" } else { "" };
            format!("{line}{}", scene.answer)
        } else {
            format!("Sec-WebSocket-Extensions: {}\r\n", scene.answer)
        };
        let answer = format!("{ANSWER}{extensions}\r\n");
        let (mut near, task, request, answer) = client(deviations, scene.target, &answer).await;
        let offered = subprotocol_in(&request).unwrap_or("control.F0800010");
        let digits = offered.split('.').nth(1).unwrap_or_default();
        let answer = answer.replace("PROTOCOL", offered).replace("SEQUENCE", digits);
        let mut sequences = sequences_in(scene.answer);
        if is_bootstrap(scene) {
            let sequence = u32::from_str_radix(digits, 16).unwrap().to_be_bytes();
            sequences.insert(0, sequence);
        }
        near.write_all(answer.as_bytes()).await.unwrap();
        run(&mut log, scene, (near, task), &request, &sequences, <[u8]>::to_vec).await?;
    }
    // What comes in one segment with the answer.
    let answer = format!("{ANSWER}Sec-WebSocket-Extensions: {QUIET_ANSWER}\r\n\r\n");
    let (mut near, task, _, answer) = client(deviations, "/", &answer).await;
    let beat = m([0xF0, 0x80, 0, 0x10], 0x9F, b"early");
    near.write_all(&[answer.as_bytes(), &beat].concat()).await.unwrap();
    log.push(talk(near, task, vec![(Vec::new(), 1)]).await)?;
    Ok(log.seen)
}

async fn run(
    log: &mut Log<'_>,
    scene: &Scene,
    (near, task): (DuplexStream, JoinHandle<Ending>),
    head: &str,
    sequences: &[[u8; 4]],
    mask: fn(&[u8]) -> Vec<u8>,
) -> Result<(), Differs> {
    let mut all = sequences.to_vec();
    all.resize(4, [0xF0, 0x80, 0, 0xF0]); // where less was accepted
    let steps = (scene.steps)(&all).into_iter().map(|(octets, time)| (mask(&octets), time));
    let mut seen = talk(near, task, steps.collect()).await;
    seen.0.splice(0..0, head.bytes());
    log.push(seen)
}

/// Writes the steps, and collects what comes; behind each step stands how much that was so far.
async fn talk(mut stream: DuplexStream, task: JoinHandle<Ending>, steps: Vec<Step>) -> Seen {
    let (mut octets, mut counts) = (Vec::new(), Vec::new());
    let mut ended = false;
    for (piece, time) in steps {
        // The endpoint may be gone already, and one that waits may not read.
        let _ = timeout(Duration::from_secs(1), stream.write_all(&piece)).await;
        ended = collect(&mut stream, &mut octets, Duration::from_millis(time)).await;
        counts.extend(octets.len().to_be_bytes());
    }
    drop(stream);
    let ending = timeout(Duration::from_secs(30), task).await.ok().map(Result::unwrap);
    (counts.into_iter().chain(octets).collect(), ended, ending)
}
