//! The control extension over a transport: time that tokio tells, applications of the contract.

use super::*;
use crate::{
    ControlMessage, HeartbeatMessage, HeartbeatParameters, IdleParameters, Pace, Parameters, Rate,
    RateMessage, RateParameters, SetupMessage, Support,
};

fn strict(burst: u64) -> Parameters {
    Parameters::RateControl(RateParameters {
        pace: Pace::Strict,
        burst,
        ..RateParameters::default()
    })
}

fn rate(octets_per_second: u64) -> ControlMessage {
    ControlMessage::Rate(RateMessage::Rate(Rate::new(octets_per_second).unwrap()))
}

#[tokio::test(start_paused = true)]
async fn a_server_closes_an_idle_connection_on_time() {
    let (near, far) = duplex(4096);
    let server = tokio::spawn(serve(far));
    let idle = IdleParameters { timeout: 700, ..IdleParameters::default() };
    let mut peer = Peer::offer(near, "/", &[Parameters::IdleTimeout(idle)]).await;
    let began = Instant::now();
    assert!(matches!(peer.event().await, Some(Event::Close(Some(close))) if close.code.0 == 1000));
    assert_eq!(began.elapsed(), Duration::from_millis(700));
    peer.flush().await;
    drop(peer);
    assert!(matches!(server.await.unwrap(), Ok(Outcome::Closed(_))));
}

#[tokio::test(start_paused = true)]
async fn a_server_beats_when_nothing_comes() {
    let (near, far) = duplex(4096);
    tokio::spawn(serve(far));
    let interval = HeartbeatParameters { interval: 300 };
    let mut peer = Peer::offer(near, "/", &[Parameters::Heartbeat(interval)]).await;
    let began = Instant::now();
    for beats in 1..4 {
        let beat = ControlMessage::Heartbeat(HeartbeatMessage::Beat(Vec::new()));
        assert_eq!(peer.event().await, Some(Event::Control(beat)));
        assert_eq!(began.elapsed(), Duration::from_millis(300 * beats));
    }
}

#[tokio::test(start_paused = true)]
async fn a_paced_source_sends_as_much_as_it_may_and_hears_all() {
    let (near, far) = duplex(64 * 1024);
    let server = tokio::spawn(serve(far));
    let mut peer = Peer::offer(near, "/source", &[strict(2048)]).await;
    peer.connection.send_control(&rate(20_000)).unwrap();
    peer.flush().await;
    while peer.event().await != Some(Event::Control(effective(20_000))) {}
    let began = Instant::now();
    let mut octets = 0;
    while let Ok(Some(Event::Binary(data))) =
        tokio::time::timeout_at(began + Duration::from_secs(2), peer.event()).await
    {
        octets += data.len();
        let most = 2048 + 20 * began.elapsed().as_millis() as usize;
        assert!(octets <= most, "{octets} of {most}");
    }
    assert!(octets >= 38_000, "{octets}");

    peer.connection.send_control(&rate(0)).unwrap();
    peer.flush().await;
    while peer.event().await != Some(Event::Control(effective(0))) {}
    let silent = timeout(Duration::from_secs(60), peer.event()).await;
    assert!(silent.is_err(), "{silent:?} in a pause");
    peer.connection.send_control(&ControlMessage::Rate(RateMessage::Full)).unwrap();
    peer.connection.send_close(CloseCode::NORMAL, "").unwrap();
    peer.flush().await;
    while let Some(event) = peer.event().await {
        assert!(matches!(event, Event::Binary(_) | Event::Control(_) | Event::Close(_)));
    }
    drop(peer);
    assert!(matches!(server.await.unwrap(), Ok(Outcome::Closed(_))));
}

fn effective(octets_per_second: u64) -> ControlMessage {
    ControlMessage::Rate(RateMessage::Effective(Rate::new(octets_per_second).unwrap()))
}

#[tokio::test(start_paused = true)]
async fn an_echo_that_has_to_hold_back_too_much_gives_up() {
    let (near, far) = duplex(64 * 1024);
    let server = tokio::spawn(serve(far));
    let mut peer = Peer::offer(near, "/", &[strict(256)]).await;
    peer.connection.send_control(&rate(0)).unwrap();
    let megabyte = vec![7; 1024 * 1024];
    let sent = async {
        for _ in 0..18 {
            peer.connection.send_binary(&megabyte).unwrap();
            let output = peer.connection.take_output();
            if peer.stream.write_all(&output).await.is_err() {
                break;
            }
        }
        while let Some(event) = peer.event().await {
            if let Event::Close(close) = event {
                return close.map(|close| (close.code.0, close.reason));
            }
        }
        None
    };
    assert_eq!(sent.await, Some((1008, "rate.starved".to_owned())));
    drop(peer);
    assert!(server.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn either_end_offers_heartbeat_where_that_is_its_application() {
    // The server offers, to a client that a test drives.
    let (near, far) = duplex(4096);
    tokio::spawn(serve(far));
    let mut peer = Peer::offer(near, "/offer", &[Parameters::ControlSetup]).await;
    let offer = peer.event().await;
    assert!(matches!(
        &offer,
        Some(Event::Control(ControlMessage::Setup(SetupMessage::Offer(list))))
            if list.to_string() == "heartbeat; interval=100"
    ));
    peer.flush().await;
    let confirmed = peer.event().await;
    assert_eq!(confirmed, Some(Event::Control(ControlMessage::Setup(SetupMessage::Confirm))));

    // The client offers, and what it sets up works.
    let (near, far) = duplex(4096);
    let config = ClientConfig { offers: vec![Parameters::ControlSetup], ..ClientConfig::default() };
    let client = tokio::spawn(async move {
        run_client(near, "h", "/offer", &config, &mut SeededRandom(1)).await
    });
    let server = tokio::spawn(serve(far));
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(!client.is_finished() && !server.is_finished(), "they beat for ever");
    client.abort();
}

#[tokio::test(start_paused = true)]
async fn a_client_without_extensions_bootstraps_by_subprotocol() {
    let (near, mut far) = duplex(4096);
    let client = tokio::spawn(async {
        run_client(near, "h", "/bootstrap", &ClientConfig::default(), &mut SeededRandom(5)).await
    });
    let request = read_head(&mut far).await;
    let (head, _) = HeadReader::request().push(&request).unwrap().unwrap();
    let opening = crate::Opening::from_request(&head).unwrap();
    assert_eq!(opening.offers, []);
    let (subprotocol, bootstrap) = crate::Bootstrap::select(&opening.subprotocols).unwrap();
    far.write_all(&opening.answer(&[], Some(subprotocol))).await.unwrap();
    let agreed = [bootstrap.agreement()];
    let mut server = Connection::new(Role::Server, &agreed, Limits::default(), SeededRandom(9));
    server.offer(&[Parameters::of(Capability::Heartbeat)]).unwrap();
    server.send_close(CloseCode::NORMAL, "").unwrap();
    far.write_all(&server.take_output()).await.unwrap();
    let mut input = Vec::new();
    while server.state() == State::Closing {
        let mut buffer = [0; 1024];
        let count = far.read(&mut buffer).await.unwrap();
        input.extend_from_slice(&buffer[..count]);
        server.receive(&buffer[..count], Duration::ZERO);
    }
    assert_eq!(server.state(), State::Closed);
    let answered = std::iter::from_fn(|| server.poll_event()).any(|event| {
        matches!(event, Event::Control(ControlMessage::Setup(SetupMessage::Answer(Some(_)))))
    });
    assert!(answered, "{input:02X?}");
    drop(far);
    assert!(matches!(client.await.unwrap(), Ok(Outcome::Closed(_))));
}

#[tokio::test(start_paused = true)]
async fn a_server_selects_a_bootstrap_and_assigns_beside_it() {
    let answered = async |support: Support| {
        let (mut near, far) = duplex(4096);
        tokio::spawn(async move {
            serve_connection(far, &ServerConfig::new(support), &mut SeededRandom(1)).await
        });
        let offers = parse_extensions("control-setup, heartbeat").unwrap();
        let subprotocols = vec!["chat".to_owned(), "control.f0800010.chat".to_owned()];
        let handshake = ClientHandshake::new("h", "/", offers, &mut SeededRandom(3))
            .with_subprotocols(subprotocols);
        near.write_all(&handshake.request()).await.unwrap();
        let head = read_head(&mut near).await;
        let (head, _) = HeadReader::response().push(&head).unwrap().unwrap();
        let answer = handshake.judge(&head).unwrap();
        (answer.subprotocol, crate::write_extensions(&answer.extensions))
    };
    let (selected, extensions) = answered(Support::all()).await;
    assert_eq!(selected.as_deref(), Some("control.f0800010.chat"));
    assert_eq!(extensions, "heartbeat; control=F0800011; interval=0");
    assert_eq!(answered(Support::none()).await, (None, String::new()));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_cannot_do_without_says_what_is_missing() {
    let (near, far) = duplex(4096);
    let support = Support { control_setup: false, idle_timeout: None, ..Support::all() };
    let server = tokio::spawn(async move {
        serve_connection(far, &ServerConfig::new(support), &mut SeededRandom(1)).await
    });
    let config = ClientConfig::default();
    let client = run_client(near, "h", "/require", &config, &mut SeededRandom(2)).await;
    assert!(matches!(client, Ok(Outcome::Closed(_))), "{client:?}");
    let Ok(Outcome::Closed(Some(close))) = server.await.unwrap() else { panic!("no Close") };
    assert_eq!((close.code.0, close.reason.as_str()), (1010, "idle-timeout, control-setup"));
}

/// Over sockets, with a clock that nobody can turn: what arrives is bounded from the moment at
/// which the rate was asked for, whatever lies between.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promise_is_kept_over_sockets() {
    let server = Server::bind("127.0.0.1:0", ServerConfig::default()).await.unwrap();
    let address = server.local_addr().unwrap();
    let running = tokio::spawn(server.run());
    for (octets_per_second, burst) in [(20_000u64, 4096u64), (1_000_000, 4096), (50_000_000, 65536)]
    {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let offers = vec![strict(burst).to_offer()];
        let handshake = ClientHandshake::new("h", "/source", offers, &mut SeededRandom(3));
        stream.write_all(&handshake.request()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let (head, _) = HeadReader::response().push(&head).unwrap().unwrap();
        let extensions = handshake.judge(&head).unwrap().extensions;
        let agreed = accept_answer(handshake.offers(), &extensions).unwrap();
        let mut client = Connection::new(Role::Client, &agreed, Limits::default(), SeededRandom(4));
        client.send_control(&rate(octets_per_second)).unwrap();
        let asked = std::time::Instant::now();
        stream.write_all(&client.take_output()).await.unwrap();

        let mut counted = None;
        let mut buffer = vec![0; 256 * 1024];
        while asked.elapsed() < Duration::from_millis(600) {
            let count = stream.read(&mut buffer).await.unwrap();
            let elapsed = asked.elapsed();
            client.receive(&buffer[..count], elapsed);
            while let Some(event) = client.poll_event() {
                match (event, &mut counted) {
                    (Event::Control(told), None) if told == effective(octets_per_second) => {
                        counted = Some(0);
                    }
                    (Event::Binary(data), Some(octets)) => *octets += data.len() as u64,
                    _ => {}
                }
            }
            let promised = burst as f64 + octets_per_second as f64 * elapsed.as_secs_f64();
            let octets = counted.unwrap_or_default() as f64;
            assert!(octets <= promised, "{octets} of {promised} at {octets_per_second} octets/s");
        }
        // How much of it is used depends on the machine, so not much is asked for here.
        let least = octets_per_second / 10;
        assert!(counted.is_some_and(|octets| octets > least / 2), "{counted:?} of {least}");
    }
    running.abort();
}
