//! Random walks of two ends: whatever they do, what is sent arrives, and both end closed.

use proptest::prelude::*;

use super::*;
use crate::CloseCode;

/// What an application does, at one end or the other.
#[derive(Debug, Clone)]
enum Step {
    Text(String, Vec<usize>),
    /// Data, perhaps behind the octets of a sequence.
    Binary(Option<u8>, Vec<u8>, Vec<usize>),
    Ping(Vec<u8>),
    Rate(RateMessage),
    Beat(Vec<u8>),
    Suspend(Suspendable),
    Resume(Suspendable),
    Offer(Vec<Capability>),
    Processed(u64),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let rates = prop_oneof![Just(0), 50u64..5000, Just(1 << 40), Just(u64::MAX)];
    let request = prop_oneof![
        rates.prop_map(|rate| RateMessage::Rate(Rate::new(rate).unwrap())),
        (50u64..9000).prop_map(|limit| RateMessage::Limit(Rate::new(limit).unwrap())),
        Just(RateMessage::Increase),
        Just(RateMessage::Decrease),
        Just(RateMessage::Full),
        Just(RateMessage::Status(vec![])),
    ];
    let sizes = || prop::collection::vec(0usize..40, 0..3);
    let suspendable = || prop::sample::select(Suspendable::ALL.to_vec());
    let octets = || prop::collection::vec(any::<u8>(), 0..700);
    let capabilities = prop::sample::subsequence(Capability::ALL.to_vec(), 1..4);
    prop_oneof![
        3 => ("[a-z]{0,400}", sizes()).prop_map(|(text, sizes)| Step::Text(text, sizes)),
        3 => (prop::option::of(0x10u8..0x15), octets(), sizes())
            .prop_map(|(low, data, sizes)| Step::Binary(low, data, sizes)),
        1 => prop::collection::vec(any::<u8>(), 0..9).prop_map(Step::Ping),
        4 => request.prop_map(Step::Rate),
        1 => prop::collection::vec(any::<u8>(), 0..126).prop_map(Step::Beat),
        2 => suspendable().prop_map(Step::Suspend),
        2 => suspendable().prop_map(Step::Resume),
        2 => capabilities.prop_map(Step::Offer),
        2 => (0u64..3000).prop_map(Step::Processed),
        6 => (0u64..200).prop_map(Step::Wait),
    ]
}

/// Does it, and gives the data that the other end is to receive. What is not its turn is refused,
/// and that is all.
fn apply(pair: &mut Pair, end: usize, step: Step) -> Option<Event> {
    let connection = &mut pair.ends[end];
    let _ = match step {
        Step::Text(text, sizes) => {
            connection.send_text_in(&text, &sizes).unwrap();
            return Some(Event::Text(text));
        }
        Step::Binary(low, rest, sizes) => {
            let sequence = low.map(|low| vec![0xF0, 0x80, 0, low]).unwrap_or_default();
            let data = [sequence, rest].concat();
            connection.send_binary_in(&data, &sizes).unwrap();
            return Some(Event::Binary(data));
        }
        Step::Ping(payload) => connection.send_ping(&payload),
        Step::Rate(message) => connection.send_control(&ControlMessage::Rate(message)),
        Step::Beat(body) => {
            connection.send_control(&ControlMessage::Heartbeat(HeartbeatMessage::Beat(body)))
        }
        Step::Suspend(one) => connection.send_control(&ControlMessage::Suspend(one)),
        Step::Resume(one) => connection.send_control(&ControlMessage::Resume(one)),
        Step::Offer(capabilities) => {
            connection.offer(&capabilities.into_iter().map(busy).collect::<Vec<_>>())
        }
        Step::Processed(octets) => {
            connection.processed(octets);
            Ok(())
        }
        Step::Wait(time) => {
            pair.run_for(time);
            Ok(())
        }
    };
    None
}

fn data(events: &[Event]) -> Vec<Event> {
    let is_data = |event: &&Event| matches!(event, Event::Text(_) | Event::Binary(_));
    events.iter().filter(is_data).cloned().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_two_ends_do_what_is_sent_arrives_and_both_end_closed(
        agreed in prop::sample::subsequence(Capability::ALL.to_vec(), 0..=4),
        delays in [0u64..120, 0u64..120],
        cut in 1usize..60,
        steps in prop::collection::vec((0usize..2, step()), 0..60),
        closer in 0usize..2,
    ) {
        let parameters: Vec<Parameters> = agreed.into_iter().map(busy).collect();
        let mut pair = Pair::new(&parameters, delays);
        pair.cut = cut;
        let mut expected = [Vec::new(), Vec::new()];
        for (end, step) in steps {
            expected[1 - end].extend(apply(&mut pair, end, step));
        }
        // Whatever holds data back comes to an end.
        pair.run_for(5000);
        for end in [CLIENT, SERVER] {
            let _ = apply(&mut pair, end, Step::Resume(Suspendable::RateControl));
        }
        pair.run_for(5000);
        for end in [CLIENT, SERVER] {
            let fast = RateMessage::Limit(Rate::new(1 << 40).unwrap());
            let _ = apply(&mut pair, end, Step::Rate(fast));
            let _ = apply(&mut pair, end, Step::Rate(RateMessage::Full));
        }
        // The message in progress goes on at the rate that it has.
        pair.run_for(60_000);
        for end in [CLIENT, SERVER] {
            prop_assert_eq!(pair.ends[end].state(), State::Open, "{}", pair.told(end));
            prop_assert_eq!(pair.ends[end].held_back(), 0);
            prop_assert_eq!(data(&pair.events[end]), std::mem::take(&mut expected[end]));
        }
        prop_assert_eq!(pair.ends[0].agreements().len(), pair.ends[1].agreements().len());
        pair.ends[closer].send_close(CloseCode::NORMAL, "").unwrap();
        pair.run_for(1000);
        let states = [pair.ends[0].state(), pair.ends[1].state()];
        prop_assert_eq!(states, [State::Closed, State::Closed]);
    }
}
