//! Openings beyond the plain ones: what HTTP has to say, lists, subprotocols, heads of any size.

use wsconform_peers::Deviations;

use super::{ANSWER, Battery, Change, Log, REQUEST, Seen, client, f, for_server, server, talk};

const REQUESTS: &[Change] = &[
    ("Host", "Host: b\r\nHost"),
    ("Host: example.org", "Host: a b"),
    ("Host: example.org", "Host: other.example"),
    ("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: AAAA"),
    ("dGhlIHNhbXBsZSBub25jZQ==", "AQIDBAUGBwgJCgsMDQ4PEC=="),
    ("dGhlIHNhbXBsZSBub25jZQ==", "AAAA"),
    (": 13", ": 13\r\nSec-WebSocket-Version: 8"),
    (": 13", ": 8, 13"),
    (": 13", ": 013"),
    (": 13", ": 13\0 8"),
    (": 13", ": 12"),
    ("Connection: Upgrade", "Connection: Upgraded"),
    ("Connection: Upgrade", "Connection: keep-alive"),
    ("Connection: Upgrade", "Connection: Upgrade\r\nConnection: close"),
    ("Upgrade: websocket", "Upgrade: websockets"),
    ("Upgrade: websocket", "Upgrade: h2c"),
    ("Upgrade: websocket", "Upgrade: x\r\nUpgrade: websocket"),
    ("Host", "Sec-WebSocket-Protocol: a, b\r\nHost"),
    ("Host", "Sec-WebSocket-Protocol: a b\r\nHost"),
    ("Host", "Origin: https://other.example\r\nHost"),
    ("GET /", "POST /"),
    ("GET /", "GET *"),
    ("GET /", "GET /wsconform/nothing"),
    ("1.1", "1.2"),
    ("GET", "\r\nGET"),
    ("Host:", "Host :"),
    ("1.1\r\n", "1.1\r\n "),
    ("Host", "X-Any: a\r\n b\r\nHost"),
    ("Sec-WebSocket-Version", "X-Any: a\r\n Sec-WebSocket-Version"),
    ("Sec-WebSocket-Version", "X-Any: a\rSec-WebSocket-Version"),
    ("\r\nSec-WebSocket-Version", "\nSec-WebSocket-Version"),
    ("Host", "X-Any: \u{FC}\r\nHost"),
];

const ANSWERS: &[Change] = &[
    ("101", "403"),
    ("HTTP", "HTTP/1.1 103 Early Hints\r\n\r\nHTTP"),
    ("Upgrade: websocket", "Upgrade: websocket, x"),
    ("Connection: Upgrade", "Connection: Upgraded"),
    ("Connection: Upgrade", "Connection: keep-alive, Upgrade"),
    ("Connection: Upgrade", "Connection: keep-alive\r\nConnection: Upgrade"),
    ("ACCEPT", "ACCEPT\r\nSec-WebSocket-Accept: AAAA"),
    ("Upgrade: w", "Sec-WebSocket-Protocol:\r\nUpgrade: w"),
    ("Upgrade: w", "X-Any: a\r\n Upgrade: w"),
    ("Upgrade: w", "X-Any: a\rUpgrade: w"),
    ("websocket", "websocket\0x"),
    ("Upgrade: w", "X-Any: \u{FC}\r\nUpgrade: w"),
];

pub(super) async fn server_battery(deviations: &Deviations, plain: Option<&[Seen]>) -> Battery {
    let mut log = Log { seen: Vec::new(), plain };
    let mut requests: Vec<Vec<Vec<u8>>> = REQUESTS
        .iter()
        .map(|(text, by)| vec![format!("{}\r\n", REQUEST.replace(text, by)).into_bytes()])
        .collect();
    let whole = format!("{REQUEST}\r\n").into_bytes();
    requests.push(whole.iter().map(|octet| vec![*octet]).collect());
    requests.push(vec![[&whole[..], &for_server(&f(0x89, b"early"))].concat()]);
    for more in ["X-Any: 1\r\n".repeat(60), format!("X-Any: {}\r\n", "a".repeat(20_000))] {
        requests.push(vec![format!("{REQUEST}{more}\r\n").into_bytes()]);
    }
    let long = REQUEST.replace("GET /", &format!("GET /?{}", "a".repeat(5000)));
    requests.push(vec![format!("{long}\r\n").into_bytes()]);
    for pieces in requests {
        let (near, task) = server(deviations);
        log.push(talk(near, task, pieces).await)?;
    }
    Ok(log.seen)
}

pub(super) async fn client_battery(deviations: &Deviations, plain: Option<&[Seen]>) -> Battery {
    let mut log = Log { seen: Vec::new(), plain };
    for (text, by) in ANSWERS {
        let answer = format!("{}\r\n", ANSWER.replace(text, by));
        let (near, task, request, answer) = client(deviations, "/", &answer).await;
        let pieces = vec![answer.into_bytes(), f(0x81, b"probe")];
        let mut seen = talk(near, task, pieces).await;
        seen.0.splice(0..0, request.into_bytes());
        log.push(seen)?;
    }
    Ok(log.seen)
}
