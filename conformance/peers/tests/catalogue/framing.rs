//! Conversations about frames, text, native control frames, closing and failing, beyond the
//! plainest.

use std::time::Duration;

use tokio::io::{AsyncWriteExt, DuplexStream};
use wsconform_peers::Deviations;

use super::{
    ANSWER, Battery, Log, REQUEST, Seen, client, collect, eccentric, f, for_server, opened,
    request_answered, server, talk,
};

/// What is written behind the handshake, with a pause behind each piece.
type Talk = fn() -> Vec<Vec<u8>>;

const TALKS: &[Talk] = &[
    || vec![f(0x81, b"one"), f(0x89, b"two"), f(0x81, b"three"), f(0x82, &[7; 200])],
    || vec![f(0x91, b"rsv3"), f(0x81, b"behind")],
    || vec![f(0xC1, b"rsv1"), f(0x81, b"behind")],
    || vec![f(0x99, b"rsv1"), f(0x81, b"behind")],
    || vec![f(0x83, b"undefined"), f(0x81, b"behind")],
    || vec![[f(0x01, b""), f(0x80, b"Hello")].concat()],
    || vec![[f(0x02, b""), f(0x80, b"Hello")].concat()],
    || vec![[f(0x01, b"a"), f(0x80, b"b"), f(0x01, b"c"), f(0x80, b"d")].concat()],
    || vec![[f(0x01, b"a"), f(0x80, b"b")].concat(), f(0x80, b"orphan")],
    || vec![[f(0x01, b"Hel"), f(0x8A, b""), f(0x80, b"lo")].concat()],
    || vec![[f(0x01, b"Hel"), f(0x89, b"p")].concat(), f(0x80, b"lo")],
    || vec![[f(0x01, b"\xE2"), f(0x89, b"p"), f(0x80, b"\x82\xAC")].concat()],
    || vec![[f(0x00, b"or"), f(0x80, b"phan")].concat()],
    || vec![f(0x81, b"\xEF\xBF\xBF")],
    || vec![f(0x81, b"\xE2\x82"), f(0x81, b"behind")],
    || vec![[f(0x81, b"\xFF"), f(0x81, b"behind")].concat()],
    || vec![f(0x01, b"\xFF")],
    || vec![[f(0x01, b"Hel"), f(0x89, b"p")].concat()],
    || vec![(0..10).flat_map(|number| f(0x89, &[number])).collect()],
    || vec![f(0x89, b"\xFF")],
    || vec![f(0x0A, b"p"), f(0x81, b"behind")],
    || vec![f(0x8A, b"unasked")],
    || vec![[f(0x89, b"p"), f(0x81, b"behind")].concat()],
    || vec![f(0x88, &[&b"\x03\xE8"[..], &[b'a'; 124]].concat())],
    || vec![f(0x08, b"\x03\xE8")],
    || vec![f(0x88, b"\x03\xE8bye")],
    || vec![f(0x88, &[&b"\x03\xE8"[..], "€".repeat(41).as_bytes()].concat())],
    || vec![f(0x88, b"\x13\x87")],
    || vec![f(0x88, b"\x03\xED")],
    || vec![f(0x88, b"\x03\xE8"), f(0x88, b"\x03\xE8")],
    || vec![[f(0x88, b"\x03\xE8"), f(0x81, b"late"), f(0x89, b"late")].concat()],
    || vec![[f(0x81, b"early"), f(0x88, b"\x03\xE8")].concat()],
];

/// Conversations that are written as they stand, to a server and to a client.
const RAW: &[(&[u8], &[u8])] = &[
    // An empty frame with the wrong mask.
    (b"\x81\x00", b"\x81\x80\0\0\0\0"),
    // A frame with the wrong mask.
    (b"\x81\x01a", b"\x81\x81\0\0\0\0a"),
    // A continuation with the wrong mask.
    (b"\x01\x80\0\0\0\0\x80\x01a", b"\x01\x00\x80\x81\0\0\0\0a"),
    // A length that is not in its shortest form.
    (b"\x82\xFE\0\x01\0\0\0\0a", b"\x82\x7E\0\x01a"),
    // A top bit.
    (b"\x82\xFF\x80\0\0\0\0\0\0\0\0\0\0\0", b"\x82\x7F\x80\0\0\0\0\0\0\0"),
    // A key of zeros in front of another.
    (b"\x01\x81\0\0\0\0a\x80\x81\x01\0\0\0a", b"\x01\x01a\x80\x01a"),
];

/// A short text in pieces, with a key that is not the same in all of its octets.
const PIECES: [&[u8]; 2] = [b"\x81\x92\x01\x02\x03\x04abc", b"defghijklmnopqr"];

/// A character in two pieces.
const CHARACTER: [(&[u8], &[u8]); 2] =
    [(b"\x81\x83\0\0\0\0\xE2", b"\x82\xAC"), (b"\x81\x03\xE2", b"\x82\xAC")];

/// What answers the Close of an endpoint that started to close.
const ANSWERS: [&[u8]; 2] = [b"\x03\xE8", b"\x03\xE9"];

pub(super) async fn server_battery(deviations: &Deviations, plain: Option<&[Seen]>) -> Battery {
    let mut log = Log { seen: Vec::new(), plain };
    let mut play = async |target: &str, pieces: Vec<Vec<u8>>| {
        let (near, task) = server(deviations);
        let request = format!("{REQUEST}\r\n").replace("GET / ", &format!("GET {target} "));
        let (near, _) = request_answered(near, &request).await;
        log.push(talk(near, task, pieces).await)
    };
    for pieces in TALKS {
        play("/", pieces().iter().map(|octets| for_server(octets)).collect()).await?;
    }
    for (octets, _) in RAW {
        play("/", vec![octets.to_vec()]).await?;
    }
    play("/", PIECES.map(<[u8]>::to_vec).to_vec()).await?;
    let (first, second) = CHARACTER[0];
    play("/", vec![first.to_vec(), second.to_vec()]).await?;
    play("/", vec![for_server(&f(0x82, &[7; 70_000]))]).await?;
    for answer in ANSWERS {
        play("/close", vec![for_server(&f(0x88, answer))]).await?;
    }
    Ok(log.seen)
}

pub(super) async fn client_battery(deviations: &Deviations, plain: Option<&[Seen]>) -> Battery {
    let mut log = Log { seen: Vec::new(), plain };
    let mut play = async |target: &'static str, pieces: Vec<Vec<u8>>| {
        let (mut near, task, _, answer) =
            client(deviations, target, &format!("{ANSWER}\r\n")).await;
        near.write_all(answer.as_bytes()).await.unwrap();
        log.push(talk(near, task, pieces).await)
    };
    for pieces in TALKS {
        play("/", pieces()).await?;
    }
    for (_, octets) in RAW {
        play("/", vec![octets.to_vec()]).await?;
    }
    let (first, second) = CHARACTER[1];
    play("/", vec![first.to_vec(), second.to_vec()]).await?;
    play("/", vec![f(0x82, &[7; 70_000])]).await?;
    for answer in ANSWERS {
        play("/close", vec![f(0x88, answer)]).await?;
    }
    Ok(log.seen)
}

/// How TCP ends once a Close went each way: whether this end sees the end of the other within a
/// second, and whether the other still takes what is written.
async fn end_of_tcp(mut near: DuplexStream) -> (bool, bool) {
    let ended = collect(&mut near, &mut Vec::new(), Duration::from_secs(1)).await;
    (ended, near.write_all(b"more").await.is_ok())
}

#[tokio::test(start_paused = true)]
async fn each_end_of_tcp() {
    let named = |name| eccentric().iter().find(|peer| peer.name == name).unwrap().deviations();
    let close = f(0x88, b"\x03\xE8");
    let plain = Deviations::default();
    for (deviations, end) in [(&plain, (true, true)), (&named("tcp-dropped"), (true, false))] {
        let (near, _task) = server(deviations);
        let (mut near, _) = opened(near, false).await;
        near.write_all(&for_server(&close)).await.unwrap();
        assert_eq!(end_of_tcp(near).await, end);
    }
    for (deviations, end) in [
        (&plain, (false, true)),
        (&named("client-ends-first"), (true, true)),
        (&named("tcp-dropped"), (true, false)),
    ] {
        let answer = format!("{ANSWER}\r\n");
        let (mut near, _task, _, answer) = client(deviations, "/", &answer).await;
        near.write_all(&[answer.as_bytes(), &close].concat()).await.unwrap();
        assert_eq!(end_of_tcp(near).await, end);
    }
}
