use proptest::prelude::*;

use super::*;
use crate::control::{
    Capability, Parameters, Rate, RateMessage, RateParameters, SenderRule, Sequence,
};
use crate::{CloseCode, LocalError, MaskingKey, SeededRandom, Violation};

const S: [u8; 4] = [0xF0, 0x80, 0x00, 0x01];

fn connection(role: Role) -> Connection<SeededRandom> {
    let agreed = [Agreement::of(Capability::RateControl, Sequence(S))];
    Connection::new(role, &agreed, Limits::default(), SeededRandom(0))
}

fn frame(fin: bool, opcode: Opcode, mask: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
    let mut octets = Vec::new();
    encode_frame(fin, opcode, mask.map(MaskingKey::from), payload, &mut octets);
    octets
}

/// A frame as a server sends it.
fn bare(fin: bool, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    frame(fin, opcode, None, payload)
}

fn drain(connection: &mut Connection<SeededRandom>) -> Vec<Event> {
    std::iter::from_fn(|| connection.poll_event()).collect()
}

/// What a client makes of these octets: events, and the octets that it answers.
fn read(octets: &[u8]) -> (Vec<Event>, Vec<u8>) {
    let mut client = connection(Role::Client);
    client.receive(octets, Duration::ZERO);
    (drain(&mut client), client.take_output())
}

fn failure(octets: &[u8]) -> (Violation, u64) {
    match read(octets).0.pop() {
        Some(Event::Failed(Failure { violation, at })) => (violation, at),
        other => panic!("no failure but {other:?}"),
    }
}

/// A connection in this state, its events and its output drained.
fn in_state(state: State) -> Connection<SeededRandom> {
    let mut client = connection(Role::Client);
    match state {
        State::Open => {}
        State::Closing => client.send_close(CloseCode::NORMAL, "").unwrap(),
        State::Closed => client.receive(&bare(true, Opcode::Close, b""), Duration::ZERO),
        State::Failed => client.receive(b"\x83", Duration::ZERO),
        State::Lost => client.receive_end(),
    }
    assert_eq!(client.state(), state);
    client.take_output();
    drain(&mut client);
    client
}

fn received(connection: &mut Connection<SeededRandom>, octets: &[u8]) -> Result<(), LocalError> {
    connection.receive(octets, Duration::ZERO);
    Ok(())
}

#[test]
fn the_state_table() {
    type Stimulus = (&'static str, fn(&mut Connection<SeededRandom>) -> Result<(), LocalError>);
    let stimuli: [Stimulus; 9] = [
        ("send_text", |c| c.send_text("a")),
        ("send_ping", |c| c.send_ping(b"a")),
        ("send_control", |c| c.send_control(&ControlMessage::Rate(RateMessage::Full))),
        ("send_close", |c| c.send_close(CloseCode::NORMAL, "")),
        ("text", |c| received(c, &bare(true, Opcode::Text, b"a"))),
        ("ping", |c| received(c, &bare(true, Opcode::Ping, b"a"))),
        ("close", |c| received(c, &bare(true, Opcode::Close, b"\x03\xE8"))),
        ("violation", |c| received(c, b"\x83\x00")),
        ("end of stream", |c| {
            c.receive_end();
            Ok(())
        }),
    ];
    // Behind `->` the state that follows, `!` an event, `>` the first octet that is sent.
    let states = [State::Open, State::Closing, State::Closed, State::Failed, State::Lost];
    let mut table = format!("{:13}", "");
    states.iter().for_each(|state| table.push_str(&format!("|{:>21} ", format!("{state:?}"))));
    table.push('\n');
    for (name, stimulus) in stimuli {
        table.push_str(&format!("{name:13}"));
        for state in states {
            let mut client = in_state(state);
            let mut cell = match stimulus(&mut client) {
                Ok(()) if client.state() == state => String::new(),
                Ok(()) => format!("-> {:?}", client.state()),
                Err(error) => format!("{error:?}"),
            };
            let events = drain(&mut client);
            let event = events.iter().map(|event| format!("{event:?}"));
            for event in event {
                let kind = event.split(['(', ' ']).next().unwrap_or_default();
                cell.push_str(&format!(" !{kind}"));
            }
            if let Some(first) = client.output().first() {
                cell.push_str(&format!(" >{first:02X}"));
            }
            table.push_str(&format!("|{:>21} ", cell.trim()));
        }
        table.push('\n');
    }
    insta::assert_snapshot!(table, @r#"
                 |                 Open |              Closing |               Closed |               Failed |                 Lost 
    send_text    |                  >81 |              NotOpen |              NotOpen |              NotOpen |              NotOpen 
    send_ping    |                  >89 |              NotOpen |              NotOpen |              NotOpen |              NotOpen 
    send_control |                  >82 |              NotOpen |              NotOpen |              NotOpen |              NotOpen 
    send_close   |       -> Closing >88 |              NotOpen |              NotOpen |              NotOpen |              NotOpen 
    text         |                !Text |                !Text |                      |                      |                      
    ping         |            !Ping >8A |                !Ping |                      |                      |                      
    close        | -> Closed !Close >88 |     -> Closed !Close |                      |                      |                      
    violation    |-> Failed !Failed >88 |    -> Failed !Failed |                      |                      |                      
    end of stream|        -> Lost !Lost |        -> Lost !Lost |                      |                      |
    "#);
}

#[test]
fn a_close_is_echoed_by_its_code() {
    let (events, output) = read(&bare(true, Opcode::Close, b"\x0B\xB8bye"));
    let close = Close { code: CloseCode(3000), reason: "bye".to_owned() };
    assert_eq!(events, [Event::Close(Some(close))]);
    assert_eq!(output.len(), 2 + 4 + 2);
}

#[test]
fn nothing_is_read_behind_a_close_or_a_failure() {
    let text = bare(true, Opcode::Text, b"too late");
    let (events, _) = read(&[bare(true, Opcode::Close, b""), text.clone()].concat());
    assert_eq!(events, [Event::Close(None)]);
    let (events, _) = read(&[b"\x83\x00".to_vec(), text].concat());
    assert!(matches!(events[..], [Event::Failed(_)]), "{events:?}");
}

#[test]
fn order_of_frames_is_judged() {
    let orphan = bare(false, Opcode::Continuation, b"a");
    assert_eq!(failure(&orphan), (Violation::OrphanContinuation, 0));
    let begun = bare(false, Opcode::Text, b"a");
    let twice = [begun.clone(), bare(true, Opcode::Binary, b"b")].concat();
    assert_eq!(failure(&twice), (Violation::InterleavedMessage(2), 3));
    let ping = bare(true, Opcode::Ping, b"p");
    let whole = [begun, ping, bare(true, Opcode::Continuation, b"b")].concat();
    assert_eq!(read(&whole).0, [Event::Ping(b"p".to_vec()), Event::Text("ab".to_owned())]);
}

#[test]
fn text_is_judged_before_its_message_ends() {
    assert_eq!(failure(b"\x01\x7D\xC3("), (Violation::TextNotUtf8(1), 0));
    let cut = [bare(false, Opcode::Text, b"\xE2"), bare(true, Opcode::Continuation, b"")].concat();
    assert_eq!(failure(&cut), (Violation::TextNotUtf8(1), 3));
}

#[test]
fn a_claimed_length_takes_no_memory() {
    let claim = b"\x82\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
    assert_eq!(failure(claim), (Violation::MessageTooLong(u64::MAX >> 1), 0));
    let two = [&bare(false, Opcode::Binary, b"a")[..], b"\x80\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"];
    assert_eq!(failure(&two.concat()), (Violation::MessageTooLong(1 << 63), 3));
}

#[test]
fn a_control_message_that_is_too_long_fails_at_once() {
    let mut message = S.to_vec();
    message.resize(4097, 0x80);
    let whole = bare(true, Opcode::Binary, &message);
    assert_eq!(failure(&whole[..8]), (Violation::ControlTooLong(4097), 0));
    let first = bare(false, Opcode::Binary, &message[..2]);
    let second = bare(true, Opcode::Continuation, &message[2..]);
    assert_eq!(failure(&[&first[..], &second[..6]].concat()).0, Violation::ControlTooLong(4097));

    let first = bare(false, Opcode::Binary, &S);
    let second = &bare(true, Opcode::Continuation, &message[4..])[..4];
    assert_eq!(failure(&[&first[..], second].concat()).0, Violation::ControlTooLong(4097));

    let escaped = [bare(true, Opcode::Binary, &S), whole].concat();
    assert_eq!(read(&escaped).0, [Event::Binary(message)]);
}

#[test]
fn only_an_active_direction_is_inspected() {
    let rate = RateParameters { sender: SenderRule::Server, ..RateParameters::default() };
    let parameters = Parameters::RateControl(rate);
    let agreed = [Agreement { parameters, ..Agreement::of(Capability::RateControl, Sequence(S)) }];
    let [mut client, mut server] = [Role::Client, Role::Server]
        .map(|role| Connection::new(role, &agreed, Limits::default(), SeededRandom(1)));
    let data = [&S[..], &[1]].concat();

    client.send_binary(&data).unwrap();
    assert_eq!(client.output().len(), 2 + 4 + 5, "no escape: clients send no control messages");
    server.receive(&client.take_output(), Duration::ZERO);
    assert_eq!(drain(&mut server), [Event::Binary(data.clone())]);
    let refused = client.send_control(&ControlMessage::Rate(RateMessage::Full));
    assert_eq!(refused, Err(LocalError::MayNotSend("rate-control")));

    server.send_binary(&data).unwrap();
    assert_eq!(server.output().len(), 2 + 4 + 2 + 5, "an escape");
}

#[test]
fn a_sequence_is_never_cut_by_its_sender() {
    let mut server = connection(Role::Server);
    server.send_binary_in(&[&S[..], b"AB"].concat(), &[1, 0]).unwrap();
    let frames = [
        bare(true, Opcode::Binary, &S),
        bare(false, Opcode::Binary, &S),
        bare(false, Opcode::Continuation, b""),
        bare(true, Opcode::Continuation, b"AB"),
    ];
    assert_eq!(server.take_output(), frames.concat());
}

#[test]
fn an_acknowledgement_must_be_possible() {
    let ack = |octets| ControlMessage::Rate(RateMessage::Ack(octets)).encode();
    let message = |octets| bare(true, Opcode::Binary, &[&S[..], &ack(octets)].concat());
    let mut client = connection(Role::Client);
    client.send_text("four").unwrap();
    client.receive(&[message(3), message(3), message(4)].concat(), Duration::ZERO);
    assert_eq!(drain(&mut client).len(), 3);
    client.receive(&message(3), Duration::ZERO);
    assert_eq!(client.state(), State::Failed);
    assert_eq!(failure(&message(1)).0, Violation::ImpossibleAck(1));
}

#[test]
fn what_may_not_be_sent_is_the_callers_mistake() {
    let mut client = connection(Role::Client);
    let zero = ControlMessage::Rate(RateMessage::Limit(Rate::PAUSE));
    assert_eq!(client.send_ping(&[0; 126]), Err(LocalError::PayloadTooLong(126)));
    assert_eq!(
        client.send_close(CloseCode::NORMAL, &"a".repeat(124)),
        Err(LocalError::PayloadTooLong(126))
    );
    assert_eq!(
        client.send_close(CloseCode(1005), ""),
        Err(LocalError::ReservedCloseCode(CloseCode(1005)))
    );
    assert_eq!(client.send_control(&zero), Err(LocalError::MalformedControl));
    assert_eq!((client.output(), client.state()), (&[][..], State::Open));
}

/// Octets that a server might send: mostly frames in order, sometimes not.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let payload = prop_oneof![
        any::<Vec<u8>>(),
        Just(S.to_vec()),
        prop::collection::vec(any::<u8>(), 0..4).prop_map(|rest| [&S[..], &rest].concat()),
        "\\PC{0,8}".prop_map(String::into_bytes),
        Just([&S[..], &[0x90; 4093]].concat()),
        Just(vec![0x03, 0xE8, 0xFF]),
    ];
    let opcode = prop::sample::select(vec![
        Opcode::Text,
        Opcode::Binary,
        Opcode::Binary,
        Opcode::Continuation,
        Opcode::Continuation,
        Opcode::Ping,
        Opcode::Pong,
        Opcode::Close,
    ]);
    let frames = (prop::bool::weighted(0.7), opcode, payload).prop_map(|(fin, opcode, payload)| {
        let native = opcode.is_control();
        let payload = if native { &payload[..payload.len().min(125)] } else { &payload };
        bare(fin || native, opcode, payload)
    });
    let stream = prop::collection::vec(frames, 1..8).prop_map(|frames| frames.concat());
    let damage = prop::option::weighted(0.3, (any::<prop::sample::Index>(), any::<u8>()));
    (stream, damage).prop_map(|(mut stream, damage)| {
        if let Some((place, octet)) = damage {
            let place = place.index(stream.len());
            stream[place] = octet;
        }
        stream
    })
}

/// What an application may do.
#[derive(Debug, Clone)]
enum Operation {
    Text(String, Vec<usize>),
    Binary(Vec<u8>, Vec<usize>),
    Ping(Vec<u8>),
}

fn operation(sequence: [u8; 4]) -> impl Strategy<Value = Operation> {
    let begins = move |rest: Vec<u8>| [&sequence[..], &rest].concat();
    let data =
        prop_oneof![any::<Vec<u8>>(), any::<Vec<u8>>().prop_map(begins), Just(sequence.to_vec())];
    let sizes = || prop::collection::vec(0usize..9, 0..4);
    prop_oneof![
        (any::<String>(), sizes()).prop_map(|(text, sizes)| Operation::Text(text, sizes)),
        (data, sizes()).prop_map(|(data, sizes)| Operation::Binary(data, sizes)),
        prop::collection::vec(any::<u8>(), 0..126).prop_map(Operation::Ping),
    ]
}

fn apply(operation: &Operation, connection: &mut Connection<SeededRandom>) -> Event {
    let (sent, event) = match operation.clone() {
        Operation::Text(text, sizes) => (connection.send_text_in(&text, &sizes), Event::Text(text)),
        Operation::Binary(data, sizes) => {
            (connection.send_binary_in(&data, &sizes), Event::Binary(data))
        }
        Operation::Ping(payload) => (connection.send_ping(&payload), Event::Ping(payload)),
    };
    assert_eq!(sent, Ok(()));
    event
}

proptest! {
    #[test]
    fn no_event_depends_on_the_cuts(
        stream in stream(), cut in any::<prop::sample::Index>(), size in 1usize..9,
    ) {
        let whole = read(&stream);
        let (head, tail) = stream.split_at(cut.index(stream.len() + 1));
        let cuts: [Vec<&[u8]>; 3] =
            [vec![head, tail], stream.chunks(1).collect(), stream.chunks(size).collect()];
        for pieces in cuts {
            let mut client = connection(Role::Client);
            pieces.iter().for_each(|piece| client.receive(piece, Duration::ZERO));
            prop_assert_eq!((drain(&mut client), client.take_output()), whole.clone());
        }
    }

    #[test]
    fn what_is_sent_arrives_as_what_it_is(
        (sequence, operations) in any::<[u8; 4]>().prop_flat_map(|sequence| {
            let each = (any::<bool>(), operation(sequence));
            (Just(sequence), prop::collection::vec(each, 0..12))
        }),
        seed: u64,
        size in 1usize..50,
    ) {
        let agreed = [Agreement::of(Capability::RateControl, Sequence(sequence))];
        let [mut client, mut server] = [Role::Client, Role::Server]
            .map(|role| Connection::new(role, &agreed, Limits::default(), SeededRandom(seed)));
        for (by_client, operation) in &operations {
            let (sender, receiver) =
                if *by_client { (&mut client, &mut server) } else { (&mut server, &mut client) };
            let expected = apply(operation, sender);
            for piece in sender.take_output().chunks(size) {
                receiver.receive(piece, Duration::ZERO);
            }
            prop_assert_eq!(drain(receiver), vec![expected.clone()]);
            sender.receive(&receiver.take_output(), Duration::ZERO);
            let pong = match expected {
                Event::Ping(payload) => vec![Event::Pong(payload)],
                _ => vec![],
            };
            prop_assert_eq!(drain(sender), pong);
        }
        client.send_close(CloseCode::NORMAL, "").unwrap();
        server.receive(&client.take_output(), Duration::ZERO);
        client.receive(&server.take_output(), Duration::ZERO);
        prop_assert_eq!((client.state(), server.state()), (State::Closed, State::Closed));
    }
}
