//! A consumer of the JSON alone: nothing here uses the types of the crate.

#![cfg(feature = "generator")]
// A malformed file is a failed test.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use wsconform_reference::{
    Agreement, Capability, Connection, Event, Limits, Role, SeededRandom, Sequence, State,
};

fn octets(hex: &Value) -> Vec<u8> {
    let digits: Vec<u32> =
        hex.as_str().unwrap().chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect()
}

/// An event in the form of the files, without spaces in its octets.
fn event(event: Event) -> Option<Value> {
    Some(match event {
        Event::Text(text) => json!({"event": "text", "payload": hex(text.as_bytes())}),
        Event::Binary(octets) => json!({"event": "binary", "payload": hex(&octets)}),
        Event::Ping(octets) => json!({"event": "ping", "payload": hex(&octets)}),
        Event::Pong(octets) => json!({"event": "pong", "payload": hex(&octets)}),
        Event::Close(close) => {
            let code = close.as_ref().map(|close| close.code.0);
            let reason = close.map(|close| close.reason).unwrap_or_default();
            json!({"event": "close", "code": code, "reason": reason})
        }
        // Types that a reader may know nothing of are no events in the files.
        Event::Control(message) if message.encode().first() >= Some(&0x80) => return None,
        Event::Control(message) => {
            let capability = message.capability();
            let message = message.encode();
            json!({"event": "control", "capability": capability.token(), "type": message[0],
                   "body": hex(&message[1..])})
        }
        _ => return None,
    })
}

fn without_spaces(event: &Value) -> Value {
    let mut event = event.clone();
    for key in ["payload", "body"] {
        if let Some(octets) = event.get_mut(key) {
            *octets = json!(octets.as_str().unwrap().replace(' ', ""));
        }
    }
    event
}

#[test]
fn the_reference_does_what_the_files_say() {
    for file in ["frames", "escape", "control"] {
        let path = format!("{}/data/{file}.json", env!("CARGO_MANIFEST_DIR"));
        let suite: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        assert_eq!(suite["schema"], 1);
        assert_eq!(suite["topic"], file);
        let cases = suite["cases"].as_array().unwrap();
        // This consumer takes no part in negotiations on an open connection.
        for vector in cases.iter().filter(|vector| vector["context"]["setup"].is_null()) {
            replay(vector);
        }
    }
}

fn replay(vector: &Value) {
    let id = vector["id"].as_str().unwrap();
    let context = &vector["context"];
    let role = if context["role"] == "server" { Role::Server } else { Role::Client };
    let agreements: Vec<_> = context["sequences"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(token, sequence)| {
            let sequence = Sequence(octets(sequence).try_into().unwrap());
            Agreement::of(Capability::from_token(token).unwrap(), sequence)
        })
        .collect();
    let mut connection = Connection::new(role, &agreements, Limits::default(), SeededRandom(1));
    for write in vector["input"].as_array().unwrap() {
        connection.receive(&octets(write), std::time::Duration::ZERO);
    }
    let mut events = Vec::new();
    let mut close = Value::Null;
    while let Some(next) = connection.poll_event() {
        if let Event::Failed(failure) = &next {
            close = json!(failure.violation.close_code().0);
        }
        events.extend(event(next));
    }
    let failed = connection.state() == State::Failed;
    assert_eq!(failed, close != Value::Null, "{id}");
    let expected: Vec<_> =
        vector["events"].as_array().unwrap().iter().map(without_spaces).collect();
    match vector["result"].as_str().unwrap() {
        "accept" => assert!(!failed && events == expected, "{id}: {events:?}"),
        "reject" => {
            assert!(failed && events == expected, "{id}: {events:?}");
            assert_eq!(close, vector["close"], "{id}");
        }
        "either" if failed => assert!(expected.starts_with(&events), "{id}: {events:?}"),
        "either" => assert_eq!(events, expected, "{id}"),
        other => panic!("{id}: {other}"),
    }
}
