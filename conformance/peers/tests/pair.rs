//! The plain endpoint as a whole: octets in and out over in-memory pipes, in virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers of tests, outside of `#[test]`

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;
use wsconform_peers::{Deviations, Ending, connect, relay, serve};

const REQUEST: &str = "GET /chat HTTP/1.1\r\nHost: example.org\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n";

fn server(deviations: Deviations) -> (DuplexStream, JoinHandle<Ending>) {
    let (ours, theirs) = duplex(64 * 1024);
    (ours, tokio::spawn(async move { serve(theirs, &deviations, 7).await }))
}

async fn head(stream: &mut DuplexStream) -> String {
    let mut octets = Vec::new();
    while !octets.ends_with(b"\r\n\r\n") {
        octets.push(stream.read_u8().await.expect("a whole head"));
    }
    String::from_utf8(octets).expect("a head is text")
}

/// A server that has accepted `REQUEST` with these additional lines, and its answer.
async fn opened(lines: &str, deviations: Deviations) -> (DuplexStream, JoinHandle<Ending>, String) {
    let (mut stream, task) = server(deviations);
    stream.write_all(format!("{REQUEST}{lines}\r\n").as_bytes()).await.unwrap();
    let answer = head(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    (stream, task, answer)
}

/// A frame with a key of zeros: masked, and readable all the same.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    assert!(length < 126);
    [&[first, 0x80 | length, 0, 0, 0, 0], payload].concat()
}

async fn expect(stream: &mut DuplexStream, octets: &[u8]) {
    let mut found = vec![0; octets.len()];
    let read = stream.read_exact(&mut found);
    tokio::time::timeout(Duration::from_secs(5), read).await.expect("in time").unwrap();
    assert_eq!(found, octets);
}

#[tokio::test(start_paused = true)]
async fn echoes_and_closes() {
    let (mut stream, task, answer) = opened("", Deviations::default()).await;
    assert!(answer.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "{answer}");
    let octets = [masked(0x01, b"Hel"), masked(0x89, b"p"), masked(0x80, b"lo")].concat();
    stream.write_all(&octets).await.unwrap();
    expect(&mut stream, b"\x8A\x01p\x81\x05Hello").await;
    stream.write_all(&masked(0x88, b"\x03\xE8bye")).await.unwrap();
    expect(&mut stream, b"\x88\x02\x03\xE8").await;
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0, "the server ends TCP first");
    drop(stream);
    assert_eq!(task.await.unwrap(), Ending::Ended);
}

#[tokio::test(start_paused = true)]
async fn escapes_what_it_echoes() {
    let offer = "Sec-WebSocket-Extensions: rate-control\r\n";
    let (mut stream, _task, answer) = opened(offer, Deviations::default()).await;
    let digits = answer.split("control=").nth(1).unwrap().get(..8).unwrap();
    let s = u32::from_str_radix(digits, 16).unwrap().to_be_bytes();
    let rate = [&s[..], b"\x01", &1000_u64.to_be_bytes()].concat();
    let data = [&s[..], b"AB"].concat();
    let octets = [
        masked(0x82, &rate),
        masked(0x82, &s),
        masked(0x81, b"text"),
        masked(0x82, &data),
        masked(0x82, &s),
        masked(0x82, &s),
    ];
    stream.write_all(&octets.concat()).await.unwrap();
    // It promised nothing, so it may ignore the request, and says so.
    expect(&mut stream, &[&[0x82, 13], &s[..], b"\x05", &[0xFF; 8]].concat()).await;
    expect(&mut stream, b"\x81\x04text").await;
    expect(&mut stream, &[&[0x82, 4], &s[..], &[0x82, 6], &data[..]].concat()).await;
    expect(&mut stream, &[&[0x82, 4], &s[..], &[0x82, 4], &s[..]].concat()).await;
    stream.write_all(&masked(0x82, &[&s[..], b"\x41"].concat())).await.unwrap();
    expect(&mut stream, b"\x88").await;
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest.get(1..3), Some(&b"\x03\xEA"[..]), "1002");
}

#[tokio::test(start_paused = true)]
async fn fails_with_the_code_that_fits() {
    for (octets, code) in [
        (masked(0x83, b""), 1002_u16),
        (b"\x81\x01a".to_vec(), 1002),
        (masked(0x81, b"\xFF"), 1007),
        (masked(0x88, b"\x03\xED"), 1002),
        (b"\x82\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0\0\0".to_vec(), 1009),
    ] {
        let (mut stream, task, _) = opened("", Deviations::default()).await;
        stream.write_all(&octets).await.unwrap();
        let mut found = Vec::new();
        stream.read_to_end(&mut found).await.unwrap();
        assert_eq!(found.first(), Some(&0x88));
        assert_eq!(found.get(2..4), Some(&code.to_be_bytes()[..]), "{octets:02X?}");
        drop(stream);
        assert_eq!(task.await.unwrap(), Ending::Ended);
    }
}

#[tokio::test(start_paused = true)]
async fn refuses_in_http_and_takes_a_later_request() {
    let (mut stream, _task) = server(Deviations::default());
    for (head_sent, status) in [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), "400"),
        ("POST / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), "405"),
        (format!("{}\r\n", REQUEST.replace(": 13", ": 12")), "426"),
        (format!("{REQUEST}Sec-WebSocket-Extensions: a b\r\n\r\n"), "400"),
        (format!("{}\r\n", REQUEST.replace("GET /", "GET http://example.org/")), "101"),
    ] {
        stream.write_all(head_sent.as_bytes()).await.unwrap();
        let answer = head(&mut stream).await;
        assert_eq!(answer.split(' ').nth(1), Some(status), "{head_sent}{answer}");
        assert_eq!(answer.contains("Sec-WebSocket-Version: 13"), status == "426");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_may_be_spelt_in_many_ways() {
    let request = "GET /chat HTTP/1.1\r\nX-Any: 1\r\nsec-websocket-version:13\r\n\
        SEC-WEBSOCKET-KEY: \t dGhlIHNhbXBsZSBub25jZQ== \r\nconnection: keep-alive\r\n\
        CONNECTION: ,uPGRADE\r\nupgrade: h2c, WebSocket\r\nhost: [::1]:80\r\n\r\n";
    let (mut stream, _task) = server(Deviations::default());
    for octet in request.as_bytes() {
        stream.write_u8(*octet).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert!(head(&mut stream).await.starts_with("HTTP/1.1 101 "));
}

#[tokio::test(start_paused = true)]
async fn client_and_server_understand_each_other() {
    // The client starts the closing handshake as soon as it is open.
    let (near, far) = duplex(1024);
    let deviations = Deviations::default();
    let both = async {
        tokio::join!(
            serve(far, &deviations, 1),
            connect(near, "example.org", "/close", &deviations, 2)
        )
    };
    let ended = tokio::time::timeout(Duration::from_secs(5), both).await;
    assert_eq!(ended, Ok((Ending::Ended, Ending::Ended)), "both end without waiting");
}

#[tokio::test(start_paused = true)]
async fn a_client_echoes_masked_and_escaped() {
    let (near, mut far) = duplex(64 * 1024);
    let task = tokio::spawn(async move {
        connect(near, "example.org:81", "/?a=b", &Deviations::default(), 3).await
    });
    let request = head(&mut far).await;
    assert!(request.starts_with("GET /?a=b HTTP/1.1\r\nHost: example.org:81\r\n"), "{request}");
    let offer = "Sec-WebSocket-Extensions: rate-control; pace=strict; max-rate=100000000; \
        ack=1024, idle-timeout, heartbeat; interval=100, control-setup";
    assert!(request.contains(&format!("\r\n{offer}\r\n")), "{request}");
    let key = request.split("Key: ").nth(1).unwrap().split('\r').next().unwrap();
    let answer = format!(
        "HTTP/1.1 101 Fine\r\nconnection: Upgrade\r\nUPGRADE: WebSocket\r\n\
         Sec-WebSocket-Extensions: rate-control; control=\"00000000\"; sender=client\r\n\
         Sec-WebSocket-Accept: {}\r\n\r\n",
        accept_of(key)
    );
    // Only the client may send control messages: it takes these octets for data, but escapes them.
    let octets = [answer.as_bytes(), b"\x82\x05\0\0\0\0A"].concat();
    far.write_all(&octets).await.unwrap();
    let first = frame(&mut far).await;
    let second = frame(&mut far).await;
    assert_eq!((first.0, &first.2[..]), (0x82, &b"\0\0\0\0"[..]));
    assert_eq!((second.0, &second.2[..]), (0x82, &b"\0\0\0\0A"[..]));
    assert_ne!(first.1, second.1, "a fresh key for each frame");
    far.write_all(b"\x88\x00").await.unwrap();
    assert_eq!(frame(&mut far).await.0, 0x88);
    drop(far);
    assert_eq!(task.await.unwrap(), Ending::Ended);
}

#[tokio::test(start_paused = true)]
async fn a_client_refuses_a_wrong_answer() {
    let right = |key: &str| {
        format!(
            "HTTP/1.1 101 Fine\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Accept: {}\r\n",
            accept_of(key)
        )
    };
    type Spoil = fn(String) -> String;
    let spoils: [Spoil; 7] = [
        |answer| answer.replace("101", "200"),
        |answer| answer.replace("Connection: Upgrade\r\n", ""),
        |answer| answer.replace("Upgrade: websocket\r\n", ""),
        |answer| answer.replace("=\r\n", "\r\n"),
        |answer| answer + "Sec-WebSocket-Protocol: x\r\n",
        |answer| answer + "Sec-WebSocket-Extensions: x\r\n",
        |answer| answer + "Sec-WebSocket-Extensions: rate-control\r\n",
    ];
    for spoil in spoils {
        let (near, mut far) = duplex(64 * 1024);
        let task = tokio::spawn(async move {
            connect(near, "example.org", "/", &Deviations::default(), 3).await
        });
        let request = head(&mut far).await;
        let key = request.split("Key: ").nth(1).unwrap().split('\r').next().unwrap();
        let answer = spoil(right(key)) + "\r\n";
        far.write_all(&[answer.as_bytes(), b"\x81\x05probe"].concat()).await.unwrap();
        let mut rest = Vec::new();
        far.read_to_end(&mut rest).await.unwrap();
        assert_eq!(rest, b"", "{answer}");
        assert_eq!(task.await.unwrap(), Ending::Ended);
    }
}

#[tokio::test(start_paused = true)]
async fn a_gateway_passes_data_and_nothing_else() {
    let (mut front, far_front) = duplex(64 * 1024);
    let (mut back, far_back) = duplex(64 * 1024);
    let task =
        tokio::spawn(async move { relay(far_front, far_back, &Deviations::default(), 7).await });
    let offer = "Sec-WebSocket-Extensions: rate-control\r\n\r\n";
    front.write_all(format!("{REQUEST}{offer}").as_bytes()).await.unwrap();
    let answer = head(&mut front).await;
    let digits = answer.split("control=").nth(1).unwrap().get(..8).unwrap();
    let s = u32::from_str_radix(digits, 16).unwrap().to_be_bytes();
    let data = [&s[..], b"AB"].concat();
    let octets = [
        masked(0x82, &s),
        masked(0x02, &data[..5]),
        masked(0x80, &data[5..]),
        masked(0x82, &[&s[..], b"\x02"].concat()),
        masked(0x81, b"end"),
    ];
    front.write_all(&octets.concat()).await.unwrap();
    expect(&mut back, &[&data[..], b"end"].concat()).await;
    expect(&mut front, &[&[0x82, 13], &s[..], b"\x05", &[0xFF; 8]].concat()).await;
    back.write_all(&data).await.unwrap();
    expect(&mut front, &[&[0x82, 4], &s[..], &[0x82, 6], &data[..]].concat()).await;
    back.shutdown().await.unwrap();
    expect(&mut front, b"\x88\x02\x03\xE8").await;
    front.write_all(&masked(0x88, b"\x03\xE8")).await.unwrap();
    assert_eq!(front.read(&mut [0]).await.unwrap(), 0);
    assert_eq!(back.read(&mut [0]).await.unwrap(), 0);
    drop((front, back));
    assert_eq!(task.await.unwrap(), Ending::Ended);
}

#[tokio::test(start_paused = true)]
async fn a_source_ends_when_the_peer_closes() {
    let (mut stream, task) = server(Deviations::default());
    let request = format!("{}\r\n", REQUEST.replace("/chat", "/source"));
    stream.write_all(request.as_bytes()).await.unwrap();
    head(&mut stream).await;
    for _ in 0..1000 {
        let mut message = [0; 4 + 1024];
        stream.read_exact(&mut message).await.unwrap();
        assert_eq!(message[..4], [0x82, 126, 4, 0]);
    }
    stream.write_all(&masked(0x88, b"\x03\xE8")).await.unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert!(rest.ends_with(b"\x88\x02\x03\xE8"));
    drop(stream);
    assert_eq!(task.await.unwrap(), Ending::Ended);
}

/// Reads one short masked frame: its first octet, key, and unmasked payload.
async fn frame(stream: &mut DuplexStream) -> (u8, [u8; 4], Vec<u8>) {
    let mut head = [0; 6];
    stream.read_exact(&mut head).await.unwrap();
    let [first, second, key @ ..] = head;
    assert!((0x80..0xFE).contains(&second), "masked and short");
    let mut payload = vec![0; usize::from(second & 0x7F)];
    stream.read_exact(&mut payload).await.unwrap();
    for (index, octet) in payload.iter_mut().enumerate() {
        *octet ^= key[index % 4];
    }
    (first, key, payload)
}

fn accept_of(key: &str) -> String {
    use base64::Engine as _;
    use sha1::Digest as _;
    let hash = sha1::Sha1::digest(format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
    base64::engine::general_purpose::STANDARD.encode(hash)
}
