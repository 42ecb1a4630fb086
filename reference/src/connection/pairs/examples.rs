//! What happens between two ends, case by case: timers, suspensions and offers that cross, the
//! moment at which a sequence starts to count, a pace that is kept.

use super::*;
use crate::LocalError;
use crate::frame::encode_frame;

#[test]
fn a_server_closes_an_idle_connection_and_nothing_but_data_keeps_it() {
    let mut pair =
        Pair::new(&[idle(1000), beats(0), Parameters::of(Capability::RateControl)], [10, 10]);
    pair.run_for(500);
    pair.ends[CLIENT].send_text("data").unwrap();
    pair.run_for(400);
    pair.ends[CLIENT].send_ping(b"").unwrap();
    let beat = ControlMessage::Heartbeat(HeartbeatMessage::Beat(vec![1]));
    pair.ends[CLIENT].send_control(&beat).unwrap();
    pair.run_until(ms(1509));
    assert_eq!(pair.ends[SERVER].state(), State::Open);
    pair.run_until(ms(1510));
    assert_eq!(pair.ends[SERVER].state(), State::Closing);
    pair.ends[CLIENT].send_text("too late, but delivered").unwrap();
    pair.run_for(100);
    assert_eq!(pair.told(CLIENT), "Pong([]) ECHO[1] close=Some(1000)");
    let told = pair.told(SERVER);
    assert_eq!(told, "data Ping([]) BEAT[1] too late, but delivered close=Some(1000)");
}

#[test]
fn an_idle_timer_stands_still_in_a_pause_and_in_suspension() {
    let mut pair = Pair::new(&[idle(1000), Parameters::widest(Capability::RateControl)], [0, 0]);
    pair.ends[CLIENT].send_control(&rate(0)).unwrap();
    pair.run_for(5000);
    assert_eq!(pair.ends[SERVER].state(), State::Open, "the server may not send");
    pair.ends[CLIENT].send_control(&ControlMessage::Rate(RateMessage::Full)).unwrap();
    pair.run_for(900);
    pair.ends[CLIENT].send_control(&ControlMessage::Suspend(Suspendable::IdleTimeout)).unwrap();
    pair.run_for(5000);
    assert_eq!(pair.ends[SERVER].state(), State::Open);
    pair.ends[SERVER].send_control(&ControlMessage::Resume(Suspendable::IdleTimeout)).unwrap();
    pair.run_for(999);
    assert_eq!(pair.ends[SERVER].state(), State::Open);
    pair.run_for(1);
    assert_eq!(pair.ends[SERVER].state(), State::Closed);
}

#[test]
fn beats_break_the_silence_and_tell_of_a_dead_peer() {
    let mut pair = Pair::new(&[beats(100)], [10, 10]);
    pair.run_for(105);
    assert_eq!((pair.told(CLIENT), pair.told(SERVER)), (String::new(), String::new()));
    pair.run_for(20);
    assert_eq!(
        (pair.told(CLIENT).as_str(), pair.told(SERVER).as_str()),
        ("BEAT[] ECHO[]", "BEAT[] ECHO[]")
    );

    let client = &mut pair.ends[CLIENT];
    client.advance(ms(10_000));
    client.advance(ms(10_099));
    assert_eq!(client.poll_event(), None, "a BEAT has a whole interval to be answered");
    client.advance(ms(10_100));
    assert_eq!(client.poll_event(), Some(Event::Silent));
    assert_eq!(client.state(), State::Open, "the application decides");
}

#[test]
fn suspensions_that_cross_answer_each_other() {
    let mut pair = Pair::new(&[beats(0)], [10, 10]);
    let suspend = ControlMessage::Suspend(Suspendable::Heartbeat);
    let resume = ControlMessage::Resume(Suspendable::Heartbeat);
    let beat = ControlMessage::Heartbeat(HeartbeatMessage::Beat(vec![]));
    pair.ends[CLIENT].send_control(&beat).unwrap();
    pair.ends[CLIENT].send_control(&suspend).unwrap();
    pair.ends[SERVER].send_control(&beat).unwrap();
    pair.ends[SERVER].send_control(&suspend).unwrap();
    assert_eq!(pair.ends[CLIENT].send_control(&beat), Err(LocalError::OutOfTurn("heartbeat")));
    assert_eq!(pair.ends[CLIENT].send_control(&resume), Err(LocalError::OutOfTurn("heartbeat")));
    pair.run_for(100);
    assert_eq!((pair.told(CLIENT), pair.told(SERVER)), ("SUSPEND".into(), "SUSPEND".into()));
    for end in &mut pair.ends {
        end.send_control(&resume).unwrap();
    }
    pair.run_for(100);
    assert_eq!((pair.told(CLIENT), pair.told(SERVER)), ("RESUME".into(), "RESUME".into()));
    pair.ends[SERVER].send_control(&beat).unwrap();
    pair.run_for(100);
    assert_eq!((pair.told(CLIENT).as_str(), pair.told(SERVER).as_str()), ("BEAT[]", "ECHO[]"));
}

/// A pair that has agreed on `control-setup`, and on nothing else.
fn quiet(delays: [u64; 2]) -> Pair {
    Pair::new(&[Parameters::ControlSetup], delays)
}

const FIRST_FREE: [u8; 4] = [0xF0, 0x80, 0, 0x11];

#[test]
fn a_sequence_counts_from_the_message_that_its_sender_sent() {
    let mut pair = quiet([10, 10]);
    let data = [&FIRST_FREE[..], &[2]].concat();
    pair.ends[CLIENT].offer(&[Parameters::of(Capability::RateControl)]).unwrap();
    pair.ends[CLIENT].send_binary(&data).unwrap(); // behind OFFER, before the ANSWER has come
    pair.run_until(ms(15));
    pair.ends[CLIENT].send_binary(&data).unwrap(); // while the ANSWER is under way
    pair.ends[SERVER].send_binary(&data).unwrap(); // behind ANSWER: escaped
    pair.run_until(ms(25));
    assert_eq!(
        pair.told(SERVER),
        "OFFER(rate-control) [5] [5]",
        "what was under way is data, though the sequence was assigned"
    );
    pair.ends[CLIENT].send_binary(&data).unwrap(); // behind CONFIRM: escaped
    pair.ends[CLIENT].send_control(&rate(9000)).unwrap();
    pair.run_for(100);
    let answer = "ANSWER(rate-control; control=F0800011; sender=both; pace=advisory; burst=65536; step=10; ack=0)";
    assert_eq!(pair.told(SERVER), "CONFIRM negotiated(rate-control) [5] RATE=9000 rate=9000");
    assert_eq!(pair.told(CLIENT), format!("{answer} negotiated(rate-control) [5] EFFECTIVE=9000"));
}

#[test]
fn offers_that_cross_are_answered_by_the_client_alone() {
    let mut pair = quiet([10, 10]);
    pair.ends[CLIENT].offer(&[beats(500)]).unwrap();
    pair.ends[SERVER].offer(&[idle(5000)]).unwrap();
    let again = pair.ends[CLIENT].offer(&[idle(500)]);
    assert_eq!(again, Err(LocalError::OutOfTurn("control-setup")));
    pair.run_for(100);
    let answer = "ANSWER(idle-timeout; control=F0800011; sender=both; timeout=5000)";
    assert_eq!(
        pair.told(SERVER),
        format!("OFFER(heartbeat; interval=500) {answer} negotiated(idle-timeout)")
    );
    let offer = "OFFER(idle-timeout; timeout=5000)";
    assert_eq!(pair.told(CLIENT), format!("{offer} CONFIRM negotiated(idle-timeout)"));

    // The client's was void; now it is its turn.
    pair.ends[CLIENT].offer(&[beats(500)]).unwrap();
    pair.run_for(100);
    let answer = "ANSWER(heartbeat; control=F0800012; interval=500)";
    assert_eq!(pair.told(CLIENT), format!("{answer} negotiated(heartbeat)"));
    let told = pair.told(SERVER);
    assert_eq!(told, "OFFER(heartbeat; interval=500) CONFIRM negotiated(heartbeat)");
    let again = pair.ends[SERVER].offer(&[beats(500)]);
    assert_eq!(again, Err(LocalError::InForce("heartbeat")));
}

#[test]
fn what_is_not_supported_is_declined_and_not_confirmed() {
    let mut pair = quiet([10, 10]);
    let [client, server] = pair.ends;
    pair.ends = [client, server.with_support(Support::none())];
    pair.ends[CLIENT].offer(&[beats(0), idle(500)]).unwrap();
    pair.run_for(50);
    assert_eq!(pair.told(CLIENT), "ANSWER() negotiated()");
    assert_eq!(pair.told(SERVER), "OFFER(heartbeat, idle-timeout; timeout=500) negotiated()");
    pair.ends[SERVER].offer(&[beats(0)]).unwrap();
    pair.run_for(50);
    let answer = "ANSWER(heartbeat; control=F0800011; interval=0)";
    assert_eq!(pair.told(SERVER), format!("{answer} negotiated(heartbeat)"));
    assert_eq!(pair.told(CLIENT), "OFFER(heartbeat) CONFIRM negotiated(heartbeat)");
}

#[test]
fn confirm_is_the_next_message_even_where_data_waits() {
    let mut pair = Pair::new(&[Parameters::ControlSetup, busy(Capability::RateControl)], [10, 10]);
    pair.ends[SERVER].send_control(&rate(1000)).unwrap();
    pair.run_for(50);
    pair.ends[CLIENT].send_binary(&[0; 500]).unwrap();
    pair.ends[CLIENT].send_binary(&[0; 5]).unwrap();
    pair.ends[CLIENT].offer(&[beats(0)]).unwrap();
    let beat = ControlMessage::Heartbeat(HeartbeatMessage::Beat(vec![7]));
    assert_eq!(pair.ends[CLIENT].send_control(&beat), Err(LocalError::MayNotSend("heartbeat")));
    pair.run_for(1000);
    assert_eq!(
        pair.told(SERVER),
        "EFFECTIVE=1000 [500] OFFER(heartbeat) [5] CONFIRM negotiated(heartbeat)",
        "OFFER waits for the end of the message in progress"
    );
}

#[test]
fn a_message_out_of_turn_is_told_as_such() {
    for (messages, violation) in [
        (vec![SetupMessage::Confirm], "no CONFIRM is due"),
        (vec![SetupMessage::Answer(None)], "no ANSWER is due"),
        (vec![offer(), offer()], "no OFFER is due"),
    ] {
        let [agreement] = &agreed(&[Parameters::ControlSetup])[..] else { panic!("one") };
        let mut server = Connection::new(
            Role::Server,
            std::slice::from_ref(agreement),
            Limits::default(),
            SeededRandom(0),
        );
        for message in messages {
            let payload = [&agreement.sequence.0[..], &ControlMessage::Setup(message).encode()];
            let mut octets = Vec::new();
            let mask = Some([0; 4].into());
            encode_frame(true, Opcode::Binary, mask, &payload.concat(), &mut octets);
            server.receive(&octets, Duration::ZERO);
        }
        let last = std::iter::from_fn(|| server.poll_event()).last().unwrap();
        let told = word(&last);
        assert!(told.starts_with(&format!("failed: {violation}")), "{told}");
        assert!(told.ends_with("[setup.turn]"), "{told}");
    }
}

fn offer() -> SetupMessage {
    let list = vec![Parameters::of(Capability::Heartbeat).to_offer()];
    SetupMessage::Offer(crate::ExtensionList::new(list).unwrap())
}

#[test]
fn a_paced_sender_answers_first_keeps_its_promise_and_sends_all() {
    let mut pair = Pair::new(&[busy(Capability::RateControl), beats(0)], [10, 10]);
    pair.ends[CLIENT].send_control(&rate(1000)).unwrap();
    pair.ends[CLIENT].send_text("behind").unwrap();
    pair.run_until(ms(10));
    pair.ends[SERVER].send_binary(&[1; 1256]).unwrap();
    pair.ends[SERVER].send_text("last").unwrap();
    assert_eq!(pair.ends[SERVER].held_back(), 1004, "all but a burst");
    pair.run_until(ms(500));

    // Nothing but the data is held back.
    let beat = ControlMessage::Heartbeat(HeartbeatMessage::Beat(vec![]));
    pair.ends[CLIENT].send_control(&beat).unwrap();
    pair.ends[CLIENT].send_ping(b"p").unwrap();
    pair.run_until(ms(600));
    assert_eq!(pair.told(CLIENT), "EFFECTIVE=1000 Pong([112])");
    pair.ends[CLIENT].send_control(&rate(0)).unwrap();
    pair.run_until(ms(1025));
    assert_eq!(pair.told(CLIENT), "[1256] ECHO[] EFFECTIVE=0", "a pause waits for the end");
    pair.run_until(ms(9000));
    assert_eq!((pair.told(CLIENT).as_str(), pair.ends[SERVER].held_back()), ("", 4));
    pair.ends[CLIENT].send_control(&ControlMessage::Rate(RateMessage::Increase)).unwrap();
    pair.run_for(25);
    assert_eq!(pair.told(CLIENT), "EFFECTIVE=1000 last");
    assert_eq!(
        pair.told(SERVER),
        "RATE=1000 rate=1000 behind BEAT[] Ping([112]) RATE=0 rate=0 INCREASE rate=1000"
    );
}

#[test]
fn a_suspension_ends_all_promises_and_what_was_held_back_leaves() {
    let mut pair = Pair::new(&[busy(Capability::RateControl)], [10, 10]);
    pair.ends[CLIENT].send_control(&rate(0)).unwrap();
    pair.run_for(50);
    pair.ends[SERVER].send_text("held back").unwrap();
    pair.ends[CLIENT].send_control(&ControlMessage::Suspend(Suspendable::RateControl)).unwrap();
    pair.run_for(50);
    assert_eq!(pair.told(CLIENT), "EFFECTIVE=0 SUSPEND held back");
    let refused = pair.ends[CLIENT].send_control(&rate(5));
    assert_eq!(refused, Err(LocalError::OutOfTurn("rate-control")));
}

#[test]
fn acknowledgements_follow_what_the_application_processes() {
    let mut pair = Pair::new(&[busy(Capability::RateControl)], [10, 10]);
    pair.ends[CLIENT].send_binary(&[0; 5000]).unwrap();
    pair.run_for(50);
    assert_eq!(pair.told(CLIENT), "", "nothing was processed");
    pair.ends[SERVER].processed(1023);
    pair.run_for(50);
    assert_eq!(pair.told(CLIENT), "");
    pair.ends[SERVER].processed(1);
    pair.ends[SERVER].processed(9000);
    pair.run_for(50);
    assert_eq!(pair.told(CLIENT), "ACK=1024 ACK=5000", "no more than was received");
}

#[test]
fn a_hundred_control_messages_a_second_and_no_more() {
    let mut pair = Pair::new(&[busy(Capability::RateControl)], [0, 0]);
    let limits = Limits { control_messages: Some(100), ..Limits::default() };
    let agreed = agreed(&[busy(Capability::RateControl)]);
    pair.ends[SERVER] = Connection::new(Role::Server, &agreed, limits, SeededRandom(1));
    for _ in 0..100 {
        pair.ends[CLIENT].send_control(&rate(9)).unwrap();
    }
    let refused = pair.ends[CLIENT].send_control(&rate(9));
    assert_eq!(refused, Err(LocalError::TooManyControlMessages));
    pair.run_until(ms(999));
    assert_eq!(pair.ends[CLIENT].send_control(&rate(9)), refused);
    pair.run_until(ms(1000));
    pair.ends[CLIENT].send_control(&rate(9)).unwrap();
    pair.run_for(0);
    assert_eq!(pair.ends[SERVER].state(), State::Open);

    let mut flood = Vec::new();
    let payload = [&agreed[0].sequence.0[..], &[0x90]].concat();
    encode_frame(true, Opcode::Binary, Some([0; 4].into()), &payload, &mut flood);
    pair.ends[SERVER].receive(&flood.repeat(100), ms(1500));
    let failed = std::iter::from_fn(|| pair.ends[SERVER].poll_event()).last();
    assert!(
        matches!(failed, Some(Event::Failed(failure)) if failure.violation.close_code().0 == 1008)
    );
}

/// A frame of a client that sends this message of the first capability that was agreed on.
fn from_client(agreed: &[Agreement], message: &ControlMessage) -> Vec<u8> {
    let mut octets = Vec::new();
    let of = |one: &&Agreement| one.capability() == message.capability();
    let sequence = agreed.iter().find(of).unwrap().sequence;
    let payload = [&sequence.0[..], &message.encode()].concat();
    encode_frame(true, Opcode::Binary, Some([0; 4].into()), &payload, &mut octets);
    octets
}

#[test]
fn no_answer_piles_up_behind_a_message_in_progress() {
    let suspend = ControlMessage::Suspend(Suspendable::Heartbeat);
    let resume = ControlMessage::Resume(Suspendable::Heartbeat);
    let declined = crate::parse_extensions("x-other").unwrap();
    let declined = SetupMessage::Offer(crate::ExtensionList::new(declined).unwrap());
    let declined = ControlMessage::Setup(declined);
    let beat = ControlMessage::Heartbeat(HeartbeatMessage::Beat(vec![1; 100]));
    for (messages, requirement) in [
        (vec![&suspend, &resume], Some("suspend.turn")),
        (vec![&declined, &declined], Some("setup.turn")),
        (vec![&beat; 50], None),
    ] {
        let agreed = agreed(&[busy(Capability::RateControl), beats(0), Parameters::ControlSetup]);
        let mut server = Connection::new(Role::Server, &agreed, Limits::default(), SeededRandom(0));
        server.receive(&from_client(&agreed, &rate(300)), Duration::ZERO);
        server.send_binary(&[0; 500]).unwrap();
        let started = server.take_output().len();
        for message in messages {
            server.receive(&from_client(&agreed, message), ms(1));
        }
        let failed = std::iter::from_fn(|| server.poll_event()).find_map(|event| match event {
            Event::Failed(failure) => Some(failure.violation.requirement()),
            _ => None,
        });
        assert_eq!(failed, requirement);
        assert!(started < 300, "the message is in progress");
        server.advance(ms(1000));
        let rest = server.take_output();
        assert!(rest.len() < 500, "one ECHO at most, or a Close: {}", rest.len());
    }
}
