mod extension;

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, timeout};

use super::*;
use crate::{
    Capability, ClientHandshake, CloseCode, Connection, Event, HeadReader, Limits, Random, Role,
    SeededRandom, State, accept_answer, parse_extensions,
};

/// A client that a test drives by hand.
struct Peer {
    stream: DuplexStream,
    connection: Connection<SeededRandom>,
}

impl Peer {
    async fn open(stream: DuplexStream, target: &str) -> Self {
        Self::offer(stream, target, &[crate::Parameters::of(Capability::RateControl)]).await
    }

    async fn offer(mut stream: DuplexStream, target: &str, offers: &[crate::Parameters]) -> Self {
        let mut random = SeededRandom(3);
        let offers = offers.iter().map(crate::Parameters::to_offer).collect();
        let handshake = ClientHandshake::new("h", target, offers, &mut random);
        stream.write_all(&handshake.request()).await.unwrap();
        let head = read_head(&mut stream).await;
        let (head, _) = HeadReader::response().push(&head).unwrap().unwrap();
        let answer = handshake.judge(&head).unwrap();
        let agreed = accept_answer(handshake.offers(), &answer.extensions).unwrap();
        let connection = Connection::new(Role::Client, &agreed, Limits::default(), random);
        Self { stream, connection }
    }

    async fn flush(&mut self) {
        let output = self.connection.take_output();
        self.stream.write_all(&output).await.unwrap();
    }

    async fn event(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.connection.poll_event() {
                return Some(event);
            }
            let mut input = [0; 4096];
            match self.stream.read(&mut input).await.unwrap() {
                0 => return None,
                count => self.connection.receive(&input[..count], Duration::ZERO),
            }
        }
    }
}

async fn read_head(stream: &mut DuplexStream) -> Vec<u8> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    head
}

async fn serve(stream: DuplexStream) -> Result<Outcome, NetError> {
    serve_connection(stream, &ServerConfig::default(), &mut SeededRandom(1)).await
}

#[tokio::test(start_paused = true)]
async fn both_ends_carry_a_connection_from_open_to_close() {
    let (near, far) = duplex(64);
    let (config, mut random) = (ClientConfig::default(), SeededRandom(2));
    let client = run_client(near, "example.com", "/close", &config, &mut random);
    let (client, server) = tokio::join!(client, serve(far));
    for outcome in [client.unwrap(), server.unwrap()] {
        assert!(
            matches!(&outcome, Outcome::Closed(Some(close)) if close.code == CloseCode::NORMAL),
            "{outcome:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_echoes_and_escapes_anew() {
    let (near, far) = duplex(64);
    let server = tokio::spawn(serve(far));
    let mut peer = Peer::open(near, "/").await;
    let sequence = {
        let mut random = SeededRandom(1);
        crate::Allocation::Random.first(0, b"", &mut random)
    };
    let data = [&sequence.0[..], b"AB"].concat();
    peer.connection.send_binary(&data).unwrap();
    let increase = crate::ControlMessage::Rate(crate::RateMessage::Increase);
    peer.connection.send_control(&increase).unwrap();
    peer.connection.send_text("end").unwrap();
    peer.flush().await;
    assert!(matches!(peer.event().await, Some(Event::Control(_))), "EFFECTIVE");
    assert_eq!(peer.event().await, Some(Event::Binary(data)));
    assert_eq!(peer.event().await, Some(Event::Text("end".to_owned())));

    peer.connection.send_close(CloseCode(3000), "").unwrap();
    peer.flush().await;
    assert!(matches!(peer.event().await, Some(Event::Close(Some(close))) if close.code.0 == 3000));
    assert_eq!(peer.event().await, None, "the server ends the stream at once");
    drop(peer);
    assert!(matches!(server.await.unwrap(), Ok(Outcome::Closed(_))));
}

#[tokio::test(start_paused = true)]
async fn a_source_runs_until_the_peer_closes_whatever_it_reads() {
    let (near, far) = duplex(4096);
    let server = tokio::spawn(serve(far));
    let mut peer = Peer::open(near, "/a/source?x").await;
    for _ in 0..100 {
        assert!(matches!(peer.event().await, Some(Event::Binary(data)) if data.len() == 1024));
    }
    peer.connection.send_close(CloseCode::NORMAL, "").unwrap();
    peer.flush().await;
    while let Some(event) = peer.event().await {
        assert!(matches!(event, Event::Binary(_) | Event::Close(_)));
    }
    assert_eq!(peer.connection.state(), State::Closed);
    drop(peer);
    assert!(matches!(server.await.unwrap(), Ok(Outcome::Closed(_))));
}

#[tokio::test(start_paused = true)]
async fn a_failing_server_says_why_ends_its_half_and_reads_on() {
    let (near, far) = duplex(64);
    let server = tokio::spawn(serve(far));
    let mut peer = Peer::open(near, "/sink").await;
    let mut garbage = vec![0x83];
    garbage.resize(10_000, 0);
    peer.stream.write_all(&garbage).await.unwrap();
    assert!(matches!(peer.event().await, Some(Event::Close(Some(close))) if close.code.0 == 1002));
    assert_eq!(peer.event().await, None);
    let began = Instant::now();
    assert!(matches!(server.await.unwrap(), Ok(Outcome::Failed(_))));
    assert_eq!(began.elapsed(), Duration::from_secs(1), "it lingers for a peer that stays");
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_may_be_a_later_request() {
    let (mut near, far) = duplex(4096);
    let server = tokio::spawn(serve(far));
    near.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    let refused = String::from_utf8(read_head(&mut near).await).unwrap();
    assert!(refused.starts_with("HTTP/1.1 426 "), "{refused}");
    let length = refused.split("Content-Length: ").nth(1).and_then(|rest| rest.lines().next());
    near.read_exact(&mut vec![0; length.unwrap().parse().unwrap()]).await.unwrap();
    let peer = Peer::open(near, "/").await;
    drop(peer);
    assert!(matches!(server.await.unwrap(), Ok(Outcome::Lost) | Err(NetError::Io(_))));
}

#[tokio::test(start_paused = true)]
async fn a_handshake_has_a_deadline() {
    let (mut near, far) = duplex(64);
    let server = tokio::spawn(serve(far));
    near.write_all(b"GET / HT").await.unwrap();
    let began = Instant::now();
    assert!(matches!(server.await.unwrap(), Err(NetError::HandshakeTimedOut(_))));
    assert_eq!(began.elapsed(), Duration::from_secs(10));

    let (near, _far) = duplex(4096);
    let began = Instant::now();
    let client = run_client(near, "h", "/", &ClientConfig::plain(), &mut SeededRandom(0)).await;
    assert!(matches!(client, Err(NetError::HandshakeTimedOut(_))), "{client:?}");
    assert!(began.elapsed() <= Duration::from_secs(11));
}

#[tokio::test(start_paused = true)]
async fn a_close_that_nobody_answers_has_a_deadline() {
    let (near, far) = duplex(4096);
    let server = tokio::spawn(serve(far));
    let mut peer = Peer::open(near, "/close").await;
    assert!(matches!(peer.event().await, Some(Event::Close(_))));
    assert_eq!(server.await.unwrap().unwrap(), Outcome::CloseTimedOut);
}

#[tokio::test(start_paused = true)]
async fn a_client_refuses_a_wrong_answer_and_skips_an_interim_one() {
    for (answer, good) in
        [("HTTP/1.1 103 Early Hints\r\n\r\n", true), ("", true), ("HTTP/1.1 200 OK\r\n\r\n", false)]
    {
        let (near, mut far) = duplex(4096);
        let client = tokio::spawn(async {
            run_client(near, "h", "/", &ClientConfig::default(), &mut SeededRandom(0)).await
        });
        let (head, _) = HeadReader::request().push(&read_head(&mut far).await).unwrap().unwrap();
        let opening = crate::Opening::from_request(&head).unwrap();
        let extensions = parse_extensions("rate-control; control=00000000").unwrap();
        far.write_all(answer.as_bytes()).await.unwrap();
        // The frame behind the answer comes in one piece with it.
        let close = [opening.answer(&extensions, None), b"\x88\x02\x03\xE8".to_vec()].concat();
        let _ = far.write_all(&close).await;
        let mut rest = Vec::new();
        if good {
            let mut reply = [0; 8];
            far.read_exact(&mut reply).await.unwrap();
            assert_eq!(reply[0], 0x88);
            drop(far);
            assert!(matches!(client.await.unwrap(), Ok(Outcome::Closed(_))));
        } else {
            far.read_to_end(&mut rest).await.unwrap();
            assert_eq!(rest, b"", "no frame");
            drop(far);
            assert!(matches!(client.await.unwrap(), Err(NetError::Answer(_))));
        }
    }
}

#[tokio::test]
async fn one_connection_that_breaks_does_not_disturb_another() {
    let server = Server::bind("127.0.0.1:0", ServerConfig::default()).await.unwrap();
    let address = server.local_addr().unwrap();
    let running = tokio::spawn(server.run());

    let mut broken = tokio::net::TcpStream::connect(address).await.unwrap();
    broken.write_all(b"\x16\x03\x01 this is no HTTP").await.unwrap();
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let host = address.to_string();
    let (config, mut random) = (ClientConfig::default(), SystemRandom);
    let client = run_client(stream, &host, "/close", &config, &mut random);
    let outcome = timeout(Duration::from_secs(20), client).await.unwrap();
    assert!(matches!(outcome, Ok(Outcome::Closed(_))), "{outcome:?}");

    let mut refused = String::new();
    broken.read_to_string(&mut refused).await.unwrap();
    assert!(refused.starts_with("HTTP/1.1 400 "), "{refused}");
    running.abort();
}

#[tokio::test]
async fn a_close_frame_survives_what_the_peer_sent_behind_its_mistake() {
    let server = Server::bind("127.0.0.1:0", ServerConfig::plain()).await.unwrap();
    let address = server.local_addr().unwrap();
    let running = tokio::spawn(server.run());
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let handshake = ClientHandshake::new("h", "/", Vec::new(), &mut SeededRandom(0));
    let mut octets = handshake.request();
    octets.push(0x83);
    octets.resize(octets.len() + 300_000, 0);
    stream.write_all(&octets).await.unwrap();
    let mut answer = Vec::new();
    timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    assert!(answer.ends_with(b"\x88\x0E\x03\xEAframe.opcode"), "{answer:?}");
    running.abort();
}

#[test]
fn randomness_of_the_system_differs() {
    let (mut one, mut two) = ([0; 16], [0; 16]);
    SystemRandom.fill(&mut one);
    SystemRandom.fill(&mut two);
    assert_ne!(one, two);
}
