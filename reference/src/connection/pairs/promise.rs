//! The promise of a strict sender, judged from outside, at every frame.

use proptest::prelude::*;

use super::*;
use crate::frame::FrameReader;

/// What stands in the stream of a server: the octets of texts, and what EFFECTIVE says.
struct Observer {
    frames: FrameReader,
    is_text: bool,
    burst: u64,
    /// The promise: a rate, what the bucket holds, and since when; none before the first EFFECTIVE.
    promise: Option<(Rate, f64, Duration)>,
    octets: u64,
}

impl Observer {
    fn new(burst: u64) -> Self {
        let frames = FrameReader::new(Role::Server);
        Self { frames, is_text: false, burst, promise: None, octets: 0 }
    }

    fn watch(&mut self, mut stream: &[u8], now: Duration) -> Result<(), TestCaseError> {
        while let Some(part) = self.frames.next(&mut stream).unwrap() {
            prop_assert!(part.begins && part.ends, "frames are taken whole");
            let mut payload = Vec::new();
            part.octets.append_to(&mut payload);
            self.is_text |= part.head.opcode == Opcode::Text;
            if self.is_text {
                self.data(payload.len() as u64, now)?;
                self.is_text = !part.head.fin;
            } else if let [_, _, _, _, 0x05, rate @ ..] = &payload[..] {
                let rate = Rate::new(u64::from_be_bytes(rate.try_into().unwrap())).unwrap();
                let level = self.level(now).unwrap_or(self.burst as f64);
                self.promise = Some((rate, level, now));
            }
        }
        Ok(())
    }

    fn level(&self, now: Duration) -> Option<f64> {
        let (rate, level, since) = self.promise?;
        let filled = match rate.octets_per_second() {
            None => return Some(self.burst as f64),
            Some(rate) => level + rate as f64 * (now - since).as_secs_f64(),
        };
        Some(filled.min(self.burst as f64))
    }

    fn data(&mut self, octets: u64, now: Duration) -> Result<(), TestCaseError> {
        self.octets += octets;
        let Some(level) = self.level(now) else { return Ok(()) };
        let Some((rate, _, _)) = self.promise else { return Ok(()) };
        if rate == Rate::UNLIMITED {
            return Ok(());
        }
        prop_assert!(rate != Rate::PAUSE || octets == 0, "data in a pause at {now:?}");
        // Sums of fractions may be a little less than they are.
        prop_assert!(octets as f64 <= level + 0.01, "{octets} of {level} at {now:?}");
        self.promise = Some((rate, level - octets as f64, now));
        Ok(())
    }
}

fn request() -> impl Strategy<Value = RateMessage> {
    let rate = prop_oneof![Just(0), 1000u64..100_000_000, Just(u64::MAX)];
    prop_oneof![
        4 => rate.prop_map(|rate| RateMessage::Rate(Rate::new(rate).unwrap())),
        1 => Just(RateMessage::Increase),
        1 => Just(RateMessage::Decrease),
        1 => Just(RateMessage::Full),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_strict_sender_never_sends_more_than_it_promised(
        burst in 256u64..5000,
        maximum in prop::option::of(1000u64..50_000_000),
        steps in prop::collection::vec((request(), 0u64..400, 0usize..3000, 0usize..9), 1..20),
    ) {
        let strict = RateParameters {
            pace: Pace::Strict,
            burst,
            max_rate: maximum,
            ..RateParameters::default()
        };
        let agreed = agreed(&[Parameters::RateControl(strict)]);
        let [mut client, mut server] = [Role::Client, Role::Server]
            .map(|role| Connection::new(role, &agreed, Limits::default(), SeededRandom(3)));
        let mut observer = Observer::new(burst);
        let (mut now, mut sent) = (Duration::ZERO, 0);
        for (request, wait, length, count) in steps {
            client.send_control(&ControlMessage::Rate(request)).unwrap();
            server.receive(&client.take_output(), now);
            for _ in 0..count {
                server.send_text(&"a".repeat(length)).unwrap();
                sent += length as u64;
            }
            let end = now + ms(wait);
            observer.watch(&server.take_output(), now)?;
            while let Some(next) = server.deadline().filter(|next| *next <= end) {
                prop_assert!(next > now, "time goes on");
                now = next;
                server.advance(now);
                observer.watch(&server.take_output(), now)?;
            }
            now = end;
            server.advance(now);
            observer.watch(&server.take_output(), now)?;
            client.advance(now + ms(1000));
        }
        prop_assert_eq!(observer.octets + server.held_back() as u64, sent);
        if let Some(maximum) = maximum.and_then(Rate::new) {
            prop_assert!(server.rate() <= maximum);
        }
    }

    #[test]
    fn a_strict_sender_that_has_data_uses_its_rate(
        rate in 1000u64..100_000_000,
        burst in 256u64..100_000,
        length in 1usize..20_000,
    ) {
        let strict = RateParameters { pace: Pace::Strict, burst, ..RateParameters::default() };
        let agreed = agreed(&[Parameters::RateControl(strict)]);
        let [mut client, mut server] = [Role::Client, Role::Server]
            .map(|role| Connection::new(role, &agreed, Limits::default(), SeededRandom(3)));
        client.send_control(&super::rate(rate)).unwrap();
        server.receive(&client.take_output(), Duration::ZERO);
        let mut observer = Observer::new(burst);
        let message = "a".repeat(length);
        let (mut now, end) = (Duration::ZERO, ms(200));
        loop {
            while server.held_back() < 2 * length.max(burst as usize) {
                server.send_text(&message).unwrap();
                observer.watch(&server.take_output(), now)?;
            }
            now = server.deadline().unwrap();
            if now > end {
                break;
            }
            server.advance(now);
            observer.watch(&server.take_output(), now)?;
        }
        let promised = burst as f64 + rate as f64 * 0.2;
        let least = 0.95 * rate as f64 * 0.2;
        let octets = observer.octets as f64;
        prop_assert!((least..=promised).contains(&octets), "{octets} of {least} to {promised}");
    }
}
