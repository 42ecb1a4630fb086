//! Each peer of the catalogue is what it says: well named, and visibly different from the plain
//! endpoint in at least one of a battery of conversations.

#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers of tests, outside of `#[test]`

mod extension;
mod framing;
mod opening;

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use wsconform_peers::{
    Deviations, Ending, Peer, PeerKind, PeerRole, broken, connect, eccentric, relay, serve,
};

fn all() -> impl Iterator<Item = &'static Peer> {
    broken().iter().chain(eccentric())
}

#[test]
fn names_are_unique_and_lists_are_not_empty() {
    let mut names = BTreeSet::new();
    let kebab = |text: &str| {
        let word = |word: &str| {
            !word.is_empty() && word.bytes().all(|o| o.is_ascii_lowercase() || o.is_ascii_digit())
        };
        text.split('-').all(word)
    };
    for peer in all() {
        assert!(names.insert(peer.name), "{} twice", peer.name);
        assert!(kebab(peer.name), "{}", peer.name);
        assert!(peer.doc.ends_with('.'), "{}", peer.name);
        let (PeerKind::Broken { violates: ids } | PeerKind::Eccentric { uses: ids }) = peer.kind;
        assert!(!ids.is_empty(), "{}", peer.name);
        assert!(ids.iter().all(|id| id.split('.').count() > 1 && id.split('.').all(kebab)));
    }
    assert!(broken().len() >= 200 && eccentric().len() >= 40);
}

#[test]
fn each_sets_a_switch_of_its_own() {
    let mut seen = BTreeSet::from([format!("{:?}", Deviations::default())]);
    for peer in all() {
        // A server and a client may share a switch, and then differ in their role.
        let switched = format!("{:?} {:?}", peer.deviations(), peer.role);
        assert!(seen.insert(switched), "{} has the switch of another", peer.name);
    }
}

/// What is not seen in a conversation on one connection, without pauses, with who reads what comes:
/// pieces have a test of their own, the others are seen by the harness.
const ELSEWHERE: [&str; 17] = [
    "octet-by-octet",
    "many-pieces-lost",
    "client-ends-first",
    "tcp-dropped",
    "ping-storm-unanswered",
    "long-text-spoilt",
    "fragments-of-long-lost",
    "begun-payloads-lost",
    "redirect-taken",
    "gateway-ends-at-short-pieces",
    "ping-storm-refused",
    "ping-storm-dropped",
    "output-forgotten",
    "falls-asleep",
    "buffer-shared",
    "reads-on",
    "room-for-24",
];

#[tokio::test(start_paused = true)]
async fn each_is_seen_to_differ_from_the_plain_endpoint() {
    let plain = Deviations::default();
    let servers = server_battery(&plain, None).await.unwrap();
    let clients = client_battery(&plain, None).await.unwrap();
    let gateways = gateway_battery(&plain, None).await.unwrap();
    let extended_servers = extension::server_battery(&plain, None).await.unwrap();
    let extended_clients = extension::client_battery(&plain, None).await.unwrap();
    let opening_servers = opening::server_battery(&plain, None).await.unwrap();
    let opening_clients = opening::client_battery(&plain, None).await.unwrap();
    let framed_servers = framing::server_battery(&plain, None).await.unwrap();
    let framed_clients = framing::client_battery(&plain, None).await.unwrap();
    let mut unseen = Vec::new();
    for peer in all().filter(|peer| !ELSEWHERE.contains(&peer.name)) {
        let switched = peer.deviations();
        let as_server = matches!(peer.role, PeerRole::Server | PeerRole::Both);
        if as_server
            && server_battery(&switched, Some(&servers)).await.is_ok()
            && opening::server_battery(&switched, Some(&opening_servers)).await.is_ok()
            && framing::server_battery(&switched, Some(&framed_servers)).await.is_ok()
            && extension::server_battery(&switched, Some(&extended_servers)).await.is_ok()
        {
            unseen.push((peer.name, "server"));
        }
        let as_client = matches!(peer.role, PeerRole::Client | PeerRole::Both);
        if as_client
            && client_battery(&switched, Some(&clients)).await.is_ok()
            && opening::client_battery(&switched, Some(&opening_clients)).await.is_ok()
            && framing::client_battery(&switched, Some(&framed_clients)).await.is_ok()
            && extension::client_battery(&switched, Some(&extended_clients)).await.is_ok()
        {
            unseen.push((peer.name, "client"));
        }
        if peer.role == PeerRole::Gateway
            && gateway_battery(&switched, Some(&gateways)).await.is_ok()
        {
            unseen.push((peer.name, "gateway"));
        }
    }
    assert_eq!(unseen, []);
}

#[tokio::test(start_paused = true)]
async fn one_octet_at_a_time() {
    let peer = eccentric().iter().find(|peer| peer.name == "octet-by-octet").unwrap();
    for (deviations, whole) in [(Deviations::default(), true), (peer.deviations(), false)] {
        let (mut near, _task) = server(&deviations);
        near.write_all(format!("{REQUEST}\r\n").as_bytes()).await.unwrap();
        let mut octets = [0; 512];
        let count = near.read(&mut octets).await.unwrap();
        assert_eq!(octets[..count].ends_with(b"\r\n\r\n"), whole);
        assert_eq!(count == 1, !whole);
    }
}

#[tokio::test(start_paused = true)]
async fn equal_seeds_give_equal_octets() {
    for deviations in [Deviations::default(), eccentric()[0].deviations()] {
        let servers = server_battery(&deviations, None).await.unwrap();
        assert_eq!(server_battery(&deviations, Some(&servers)).await, Ok(servers.clone()));
        let clients = client_battery(&deviations, None).await.unwrap();
        assert_eq!(client_battery(&deviations, Some(&clients)).await, Ok(clients.clone()));
        let servers = extension::server_battery(&deviations, None).await.unwrap();
        let again = extension::server_battery(&deviations, Some(&servers)).await;
        assert_eq!(again, Ok(servers.clone()));
    }
}

/// All that came, whether the stream ended in time, and how the endpoint ended, if it did.
type Seen = (Vec<u8>, bool, Option<Ending>);

/// A conversation went otherwise than with the plain endpoint: no need for any more of them.
#[derive(Debug, PartialEq)]
struct Differs;

/// What came in each conversation, compared with what the plain endpoint said there.
struct Log<'a> {
    seen: Vec<Seen>,
    plain: Option<&'a [Seen]>,
}

impl Log<'_> {
    fn push(&mut self, seen: Seen) -> Result<(), Differs> {
        let same = self.plain.is_none_or(|plain| plain.get(self.seen.len()) == Some(&seen));
        self.seen.push(seen);
        if same { Ok(()) } else { Err(Differs) }
    }
}

type Battery = Result<Vec<Seen>, Differs>;

/// A conversation behind the handshake: what is written, with a pause behind each piece, given the
/// sequence in use.
type Talk = fn([u8; 4]) -> Vec<Vec<u8>>;

const TALKS: &[Talk] = &[
    |_| vec![f(0x81, b"Hello"), f(0x81, b""), f(0x81, "é".as_bytes()), f(0x82, b"\0\xFF")],
    |_| vec![f(0x89, b"")],
    |_| vec![f(0xC1, b"rsv")],
    |_| vec![[f(0x83, b"undefined"), f(0x81, b"behind")].concat()],
    |_| vec![f(0x82, &[7; 126])],
    |_| vec![f(0x82, &[7; 40_000])],
    |_| vec![f(0x82, &[7; 70_000])],
    |_| vec![b"\x82\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0\0\0".to_vec()],
    |_| vec![b"\x82\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF".to_vec()],
    |_| vec![b"\x82\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0\0\0".to_vec()],
    |_| vec![b"\x82\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF".to_vec()],
    |_| {
        let frame = f(0x82, &[7; 126]);
        vec![frame[..3].to_vec(), frame[3..].to_vec()]
    },
    |_| vec![f(0x81, format!("a{}b", "é".repeat((1 << 19) - 1)).as_bytes())],
    |_| vec![b"\x82\xFF\0\0\0\0\0\x20\0\0\0\0\0\0".to_vec()],
    |_| vec![b"\x82\x7F\0\0\0\0\0\x20\0\0".to_vec()],
    |_| vec![f(0x01, b"unfinished")],
    |_| vec![[f(0x02, b"a"), f(0x00, b"b").repeat(300), f(0x80, b"c")].concat()],
    |_| vec![(0..=255).cycle().take(600).flat_map(|octet| f(0x82, &[octet])).collect()],
    |_| {
        let (first, second) = (f(0x82, &[7; 70_000]), f(0x82, &[7; 70_000]));
        vec![[&first[..], &second[..5]].concat(), second[5..].to_vec()]
    },
    |_| vec![b"\x82\xFF\0\0\0".to_vec(), [&[0, 1, 0, 0, 0, 0, 0, 0, 0], &[7; 65536][..]].concat()],
    |_| vec![b"\x81\x85\0\0".to_vec(), b"\0\0Hello".to_vec()],
    |_| vec![b"\x82\xFE\0".to_vec(), [&[126, 0, 0, 0, 0], &[7; 126][..]].concat()],
    |_| vec![[f(0x02, b"Hel"), f(0x00, b"l"), f(0x80, b"o")].concat()],
    |_| vec![[f(0x01, b"Hel"), f(0x89, b"p"), f(0x80, b"lo")].concat()],
    |_| vec![[f(0x01, b"\xE2"), f(0x00, b"\x82"), f(0x80, b"\xAC")].concat()],
    |_| vec![[f(0x01, b"Hel"), f(0x90, b"lo")].concat()],
    |_| vec![[f(0x01, b"Hel"), f(0x88, b"\x03\xE8")].concat()],
    |_| vec![f(0x80, b"orphan")],
    |_| vec![[f(0x01, b"first"), f(0x81, b"second")].concat()],
    |_| vec![f(0x81, b"\xFF")],
    |_| vec![f(0x89, &[1; 125])],
    |_| vec![[f(0x89, b"1"), f(0x89, b"2")].concat()],
    |_| vec![f(0x8A, b""), f(0x8A, b"unasked")],
    |_| vec![f(0x89, &[1; 126])],
    |_| vec![f(0x09, b"p")],
    |_| vec![f(0x88, b"")],
    |_| vec![[f(0x88, b"\x03\xE8"), f(0x81, b"late")].concat()],
    |_| vec![f(0x88, b"\x03")],
    |_| vec![f(0x88, b"\x03\xED")],
    |_| vec![f(0x88, b"\x03\xE8\xFF")],
    |_| vec![[&[0x81, 0x85, 0xFF, 0xFF, 0xFF, 0xFF], &b"Hello"[..]].concat()],
    |_| vec![f(0x82, b"\xF0\x80\0\x01"), f(0x82, b"\xF0\x80\0\x01AB")],
    |s| vec![f(0x81, b"plain"), f(0x82, &s), f(0x82, &join(s, b"AB")), f(0x82, &join(s, b"\x02"))],
    |s| vec![f(0x82, &s), f(0x82, &s), f(0x82, b"end")],
    |s| vec![f(0x82, &s), f(0x82, &join(s, b"123456789"))],
    |s| vec![f(0x82, &s), f(0x82, b"other"), f(0x82, &join(s, b"\x02"))],
    |s| vec![f(0x82, &s), f(0x8A, b"x"), f(0x82, &join(s, b"\x02"))],
    |s| vec![f(0x82, &s), f(0x88, b"\x03\xE8")],
    |s| vec![f(0x81, &s), f(0x81, b"plain")],
    |s| vec![f(0x82, &[b"x", &s[..]].concat()), f(0x82, &s[..1]), f(0x82, &s[..3])],
    |_| vec![f(0x8B, b"undefined")],
    |s| vec![[f(0x02, &s[..2]), f(0x80, &[&s[2..], b"\x02"].concat())].concat()],
    |s| vec![f(0x82, &join(s, &[0x80; 4093]))],
    |s| vec![f(0x89, &s)],
    |s| vec![[f(0x82, b"before"), f(0x82, &join(s, b"\x03")), f(0x82, b"end")].concat()],
    |s| vec![f(0x82, &join(s, b"\x41"))],
    |s| vec![f(0x82, &join(s, b"\x91"))],
    |s| vec![f(0x82, &join(s, b"\x01\0"))],
    |s| vec![f(0x82, &join(s, b"\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"))],
];

fn join(sequence: [u8; 4], octets: &[u8]) -> Vec<u8> {
    [&sequence[..], octets].concat()
}

/// A frame without a mask, as it is written here; [`for_server`] masks it.
fn f(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = payload.len();
    let head = match u16::try_from(length) {
        Ok(short) if short < 126 => vec![first, length as u8],
        Ok(pair) => [&[first, 126], &pair.to_be_bytes()[..]].concat(),
        Err(_) => [&[first, 127], &(length as u64).to_be_bytes()[..]].concat(),
    };
    [&head, payload].concat()
}

/// Masks whole frames with a key of zeros, which changes nothing but their heads.
fn for_server(octets: &[u8]) -> Vec<u8> {
    let mut masked = Vec::new();
    let mut rest = octets;
    while let [first, second @ 0..=0x7F, behind @ ..] = rest {
        let (wide, length): (usize, usize) = match second {
            126 if behind.len() >= 2 => {
                (2, usize::from(u16::from_be_bytes([behind[0], behind[1]])))
            }
            127 if behind.len() >= 8 => {
                let octets: [u8; 8] = behind[..8].try_into().unwrap();
                (8, usize::try_from(u64::from_be_bytes(octets)).unwrap())
            }
            _ => (0, usize::from(*second)),
        };
        let end = wide.saturating_add(length).min(behind.len());
        masked.extend(
            [&[*first, second | 0x80], &behind[..wide], &[0; 4], &behind[wide..end]].concat(),
        );
        rest = &behind[end..];
    }
    [masked, rest.to_vec()].concat()
}

/// Writes the pieces, and collects what comes for ten seconds.
async fn talk(mut stream: DuplexStream, task: JoinHandle<Ending>, pieces: Vec<Vec<u8>>) -> Seen {
    let mut octets = Vec::new();
    let mut ended = false;
    for piece in pieces {
        // The endpoint may be gone already; that shows in what it sent.
        let _ = stream.write_all(&piece).await;
        ended = collect(&mut stream, &mut octets, Duration::from_millis(1)).await;
    }
    if !ended {
        ended = collect(&mut stream, &mut octets, Duration::from_secs(10)).await;
    }
    drop(stream);
    let ending = timeout(Duration::from_secs(30), task).await.ok().map(Result::unwrap);
    (octets, ended, ending)
}

/// True when the stream has ended.
async fn collect(stream: &mut DuplexStream, octets: &mut Vec<u8>, time: Duration) -> bool {
    let all = async { while stream.read_buf(octets).await.is_ok_and(|count| count > 0) {} };
    timeout(time, all).await.is_ok()
}

/// Reads a head octet by octet, so that nothing behind it is lost.
async fn head(stream: &mut DuplexStream) -> String {
    let mut octets = Vec::new();
    while !octets.ends_with(b"\r\n\r\n") {
        match timeout(Duration::from_secs(1), stream.read_u8()).await {
            Ok(Ok(octet)) => octets.push(octet),
            _ => break,
        }
    }
    octets.into_iter().map(char::from).collect()
}

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: example.org\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n";

/// Changes of a request or an answer: a text, and what replaces it.
type Change = (&'static str, &'static str);

const REQUESTS: &[Change] = &[
    ("", ""),
    ("GET /", "POST /"),
    ("1.1", "1.0"),
    ("Host: example.org\r\n", ""),
    ("Upgrade: websocket\r\n", ""),
    ("Connection: Upgrade\r\n", ""),
    ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""),
    ("dGhlIHNhbXBsZSBub25jZQ==", "AAAA"),
    ("dGhlIHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAAAA=="),
    (": 13", ": 12"),
    ("Sec-WebSocket", "sec-websocket"),
    ("websocket\r\n", "WebSocket\r\n"),
    ("Host: example.org\r\n", "X-Any: 1\r\nHost: example.org\r\n"),
    ("GET /", "GET http://example.org/"),
    ("GET /", "GET /close"),
    (": 13", ":  13 "),
    ("Upgrade: websocket", "Upgrade: x, websocket"),
    ("Connection: Upgrade", "Connection: keep-alive, upgrade"),
    ("Connection: Upgrade", "Connection: keep-alive, Upgrade"),
    ("Connection: Upgrade", "Connection: keep-alive\r\nConnection: Upgrade"),
    ("Host: example.org\r\nUpgrade", "Upgrade"),
];

const OFFERS: &[&str] = &[
    "rate-control; sender=client",
    "rate-control; sender=server",
    "rate-control; burst=256",
    "rate-control; burst=255",
    "rate-control; burst=400, rate-control",
    "rate-control; step=10; step=10",
    "rate-control; control=F0800010",
    "rate-control; colour=red",
    "rate-control; sender=\"both\"",
    "rate-control sender",
    "x-unknown",
    "x-unknown\r\nSec-WebSocket-Extensions: rate-control",
];

fn server(deviations: &Deviations) -> (DuplexStream, JoinHandle<Ending>) {
    let (near, far) = duplex(16 * 1024);
    let deviations = deviations.clone();
    (near, tokio::spawn(async move { serve(far, &deviations, 7).await }))
}

async fn server_battery(deviations: &Deviations, plain: Option<&[Seen]>) -> Battery {
    let mut log = Log { seen: Vec::new(), plain };
    for (text, by) in REQUESTS {
        let request = format!("{}\r\n", REQUEST.replace(text, by)).into_bytes();
        let request = if text.is_empty() { REQUEST.to_owned().into_bytes() } else { request };
        let (near, task) = server(deviations);
        log.push(talk(near, task, vec![request]).await)?;
    }
    let (near, task) = server(deviations);
    let ordered = REQUEST.replace("Host: example.org\r\n", "") + "Host: example.org\r\n\r\n";
    log.push(talk(near, task, vec![ordered.into_bytes()]).await)?;
    let (near, task) = server(deviations);
    let (front, back) = REQUEST.split_at(60);
    let pieces = vec![front.into(), format!("{back}\r\n").into_bytes()];
    log.push(talk(near, task, pieces).await)?;
    for offer in OFFERS {
        let (near, task) = server(deviations);
        let request = format!("{REQUEST}Sec-WebSocket-Extensions: {offer}\r\n\r\n");
        let (mut near, answer) = request_answered(near, &request).await;
        let control = sequence_in(&answer).unwrap_or_default();
        let data = for_server(&f(0x82, &join(control, b"A")));
        let _ = near.write_all(&data).await;
        let mut rest = talk(near, task, Vec::new()).await;
        rest.0.splice(0..0, answer.into_bytes());
        log.push(rest)?;
    }
    for negotiated in [false, true] {
        for pieces in TALKS {
            let (near, task) = server(deviations);
            let (near, sequence) = opened(near, negotiated).await;
            let pieces = pieces(sequence).iter().map(|octets| for_server(octets)).collect();
            log.push(talk(near, task, pieces).await)?;
        }
    }
    // Two connections at once, of which each has a sequence of its own.
    let ((first, _first_task), (second, task)) = (server(deviations), {
        let (near, far) = duplex(16 * 1024);
        let deviations = deviations.clone();
        (near, tokio::spawn(async move { serve(far, &deviations, 8).await }))
    });
    let (mut first, s) = opened(first, true).await;
    let data = [f(0x82, &s), f(0x82, &join(s, b"AB"))].concat();
    first.write_all(&for_server(&data)).await.unwrap();
    sleep(Duration::from_millis(1)).await;
    let (second, s) = opened(second, true).await;
    let pieces = vec![for_server(&f(0x82, &s)), for_server(&f(0x82, &join(s, b"AB")))];
    log.push(talk(second, task, pieces).await)?;
    Ok(log.seen)
}

async fn request_answered(mut near: DuplexStream, request: &str) -> (DuplexStream, String) {
    near.write_all(request.as_bytes()).await.unwrap();
    let answer = head(&mut near).await;
    (near, answer)
}

async fn opened(near: DuplexStream, negotiated: bool) -> (DuplexStream, [u8; 4]) {
    let offer = if negotiated { "Sec-WebSocket-Extensions: rate-control\r\n" } else { "" };
    let (near, answer) = request_answered(near, &format!("{REQUEST}{offer}\r\n")).await;
    (near, sequence_in(&answer).unwrap_or([0xF0, 0x80, 0, 1]))
}

fn sequence_in(answer: &str) -> Option<[u8; 4]> {
    let digits = answer.split("control=").nth(1)?.get(..8)?;
    u32::from_str_radix(digits, 16).ok().map(u32::to_be_bytes)
}

const ANSWER: &str = "HTTP/1.1 101 Fine\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: ACCEPT\r\n";

const ANSWERS: &[Change] = &[
    ("", ""),
    ("101", "200"),
    ("Upgrade: websocket\r\n", ""),
    ("Connection: Upgrade\r\n", ""),
    ("ACCEPT", "AAAA"),
    ("Sec-WebSocket", "sec-websocket"),
    ("websocket\r\n", "WEBSOCKET\r\n"),
    ("Fine\r\n", "Fine\r\nX-Any: 1\r\n"),
    (": ACCEPT", ": \tACCEPT"),
    ("Fine\r\n", "Fine\r\nSec-WebSocket-Protocol: x\r\n"),
    ("Fine\r\nUpgrade: websocket\r\n", "Fine\r\n"),
];

const EXTENSIONS: &[&str] = &[
    "x-unasked",
    "rate-control",
    "rate-control; control=F08",
    "rate-control; control=f08000A1",
    "rate-control; control=\"F08000A1\"",
    "rate-control; control=F08000A1; colour=red",
    "rate-control; control=F08000A1; burst=16777216",
    "rate-control; control=F08000A1, rate-control; control=F08000B1",
    "rate-control; control=F08000A1;",
    "rate-control; control=00000000",
    "rate-control; control=41424344",
    "rate-control; control=F08000A1; sender=client",
];

/// A client that waits for the answer to its request, and the answer with its accept filled in.
async fn client(
    deviations: &Deviations,
    target: &'static str,
    answer: &str,
) -> (DuplexStream, JoinHandle<Ending>, String, String) {
    let (mut near, far) = duplex(16 * 1024);
    let deviations = deviations.clone();
    let task =
        tokio::spawn(async move { connect(far, "example.org", target, &deviations, 7).await });
    let request = head(&mut near).await;
    let lower = request.to_ascii_lowercase();
    let at = lower.find("sec-websocket-key: ").map(|at| at + "sec-websocket-key: ".len());
    let key = at.and_then(|at| request.get(at..)?.split('\r').next()).unwrap_or("none");
    let answer = answer.replace("ACCEPT", &accept_of(key));
    (near, task, request, answer)
}

async fn client_battery(deviations: &Deviations, plain: Option<&[Seen]>) -> Battery {
    let mut log = Log { seen: Vec::new(), plain };
    let mut play = async |target, answer: String, cut: bool, pieces: Vec<Vec<u8>>| {
        let (mut near, task, request, answer) = client(deviations, target, &answer).await;
        near.write_all(answer.as_bytes()).await.unwrap();
        if cut {
            sleep(Duration::from_millis(1)).await;
        }
        let mut rest = talk(near, task, pieces).await;
        rest.0.splice(0..0, request.into_bytes());
        log.push(rest)
    };
    for (text, by) in ANSWERS {
        let answer = if text.is_empty() { ANSWER.into() } else { ANSWER.replace(text, by) };
        play("/?a=b", answer + "\r\n", false, vec![f(0x81, b"probe")]).await?;
    }
    // An order that is not the usual one, frames in one piece with the answer, and a cut answer.
    let reversed = "HTTP/1.1 101 Fine\r\nSec-WebSocket-Accept: ACCEPT\r\n\
        Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    play("/", reversed.into(), false, vec![f(0x89, b"p")]).await?;
    play("/", format!("{ANSWER}\r\n\u{1}\u{0}\u{0}\u{0}"), false, vec![]).await?;
    play("/", String::new(), false, vec![]).await?;
    play("/close", format!("{ANSWER}\r\n"), false, vec![]).await?;
    play("/", ANSWER.into(), true, vec![b"\r\n".to_vec(), f(0x89, b"p")]).await?;
    for extension in EXTENSIONS {
        let answer = format!("{ANSWER}Sec-WebSocket-Extensions: {extension}\r\n\r\n");
        let s = [0xF0, 0x80, 0, 0xA1];
        let pieces = vec![
            f(0x81, b"probe"),
            f(0x81, b"ABCDE"),
            f(0x82, &[0; 4]),
            f(0x82, &[0; 5]),
            f(0x82, &join(s, b"A")),
        ];
        play("/", answer, false, pieces).await?;
    }
    for negotiated in [false, true] {
        let s = [0xF0, 0x80, 0, 0x01];
        let extension = "Sec-WebSocket-Extensions: rate-control; control=F0800001\r\n";
        let extension = if negotiated { extension } else { "" };
        for pieces in TALKS {
            play("/", format!("{ANSWER}{extension}\r\n"), false, pieces(s)).await?;
        }
        let masked = vec![for_server(&f(0x81, b"masked"))];
        play("/", format!("{ANSWER}{extension}\r\n"), false, masked).await?;
    }
    // Two connections at once, of which each has a sequence of its own.
    let answer =
        |s: &str| format!("{ANSWER}Sec-WebSocket-Extensions: rate-control; control={s}\r\n\r\n");
    let (mut first, _task, _, text) = client(deviations, "/", &answer("F0800010")).await;
    let s = [0xF0, 0x80, 0, 0x10];
    let data = [f(0x82, &s), f(0x82, &join(s, b"AB"))].concat();
    first.write_all(&[text.as_bytes(), &data].concat()).await.unwrap();
    sleep(Duration::from_millis(1)).await;
    let s = [0xF0, 0x90, 0, 0x20];
    play("/", answer("F0900020"), false, vec![f(0x82, &s), f(0x82, &join(s, b"AB"))]).await?;
    Ok(log.seen)
}

async fn gateway_battery(deviations: &Deviations, plain: Option<&[Seen]>) -> Battery {
    let (front, far_front) = duplex(16 * 1024);
    let (mut back, far_back) = duplex(16 * 1024);
    let switched = deviations.clone();
    let task = tokio::spawn(async move { relay(far_front, far_back, &switched, 7).await });
    let (mut front, s) = opened(front, true).await;
    let rate = join(s, b"\x01\0\0\0\0\0\0\x03\xE8");
    for message in [f(0x82, &s), f(0x82, &join(s, b"AB")), f(0x82, &rate), f(0x81, b"end")] {
        front.write_all(&for_server(&message)).await.unwrap();
    }
    let mut at_back = Vec::new();
    assert!(!collect(&mut back, &mut at_back, Duration::from_secs(1)).await);
    back.write_all(&join(s, b"CD")).await.unwrap();
    let mut at_front = Vec::new();
    collect(&mut front, &mut at_front, Duration::from_secs(1)).await;
    drop(back);
    let closed = talk(front, task, vec![for_server(&f(0x88, b"\x03\xE8"))]).await;
    let mut log = Log { seen: Vec::new(), plain };
    for seen in [(at_back, false, None), (at_front, false, None), closed] {
        log.push(seen)?;
    }
    Ok(log.seen)
}

fn accept_of(key: &str) -> String {
    use base64::Engine as _;
    use sha1::Digest as _;
    let hash = sha1::Sha1::digest(format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
    base64::engine::general_purpose::STANDARD.encode(hash)
}
