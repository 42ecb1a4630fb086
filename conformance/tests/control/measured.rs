//! Rates that are kept or not, seen from outside.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf, split};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};
use wsconform::report::Verdict;
use wsconform::wire::FrameSpec;
use wsconform_spec::scenario::Role::Server;

use super::fake::{Fake, passes, run, run_behind, told};

const SEQUENCE: &[u8] = &[0xF0, 0x80, 0x00, 0x10];
/// Octets of data in a message of the sender.
const PIECE: f64 = 1000.0;
const BURST: f64 = 4096.0;

/// A sender, and how it breaks its promise.
#[derive(Clone, Copy, Debug)]
struct Sender {
    /// What it multiplies its rate by.
    factor: f64,
    /// What it multiplies the depth of its bucket by.
    saves: f64,
    /// When it has data.
    starts: Option<Duration>,
    /// Whether each EFFECTIVE fills its bucket.
    refills: bool,
    /// Whether it goes on as before.
    ignores: bool,
    /// Whether a pause lets so many octets through.
    leaks: f64,
    /// How often it tells its rate unasked.
    tells: Option<Duration>,
    /// When it stops sending for good.
    stops: Option<Duration>,
}

const KEEPS: Sender = Sender {
    factor: 1.0,
    saves: 1.0,
    starts: None,
    refills: false,
    ignores: false,
    leaks: 0.0,
    tells: None,
    stops: None,
};

impl Sender {
    async fn run(self, mut fake: Fake) {
        let answer = "rate-control; control=F0800010; pace=strict; burst=4096";
        fake.accept_with(answer).await;
        let mut rate: Option<f64> = None;
        let mut tokens = BURST;
        let start_at = Instant::now() + self.starts.unwrap_or_default();
        let mut last = Instant::now();
        let mut tell_at = self.tells.map(|every| Instant::now() + every);
        let stop_at = self.stops.map(|after| Instant::now() + after);
        loop {
            let now = Instant::now();
            let fill = rate.map_or(0.0, |rate| rate * self.factor);
            tokens = (tokens + fill * (now - last).as_secs_f64()).min(BURST * self.saves);
            last = now;
            if stop_at.is_some_and(|at| now >= at) {
                return fake.rest().await;
            }
            if let (Some(at), Some(every), Some(rate)) = (tell_at, self.tells, rate)
                && now >= at
            {
                fake.binary(&[SEQUENCE, &[0x05], &(rate as u64).to_be_bytes()]).await;
                tell_at = Some(now + every);
            }
            let may = self.ignores || tokens >= PIECE && fill > 0.0;
            if rate.is_some() && may && now >= start_at {
                fake.send(FrameSpec::binary(vec![0; PIECE as usize])).await;
                tokens -= PIECE;
                continue;
            }
            let wait = match fill > 0.0 {
                true if now < start_at => start_at - now,
                true => Duration::from_secs_f64(((PIECE - tokens) / fill).max(1e-9)),
                false => Duration::from_secs(60),
            };
            let mut until = now + wait;
            if let Some(at) = tell_at.filter(|at| *at < until && *at > now) {
                until = at;
            }
            if let Some(at) = stop_at {
                until = until.min(at);
            }
            tokio::select! {
                biased;
                frame = fake.next() => {
                    let Some(frame) = frame else { return };
                    let Some([0x01, requested @ ..]) = frame.payload.strip_prefix(SEQUENCE) else {
                        continue;
                    };
                    let requested = u64::from_be_bytes(requested.try_into().unwrap());
                    let now = Instant::now();
                    tokens = (tokens + fill * (now - last).as_secs_f64()).min(BURST * self.saves);
                    last = now;
                    rate = Some(requested as f64);
                    if self.refills {
                        tokens = BURST;
                    }
                    fake.binary(&[SEQUENCE, &[0x05], &requested.to_be_bytes()]).await;
                    if requested == 0 && self.leaks > 0.0 {
                        fake.send(FrameSpec::binary(vec![0; self.leaks as usize])).await;
                    }
                }
                () = sleep_until(until) => {}
            }
        }
    }
}

const OPEN: &str = "app source\nopen with rate-control pace=strict burst=4096 as $rate\n";
const MEASURE: &str = "send control $rate RATE 20000\n\
                       expect control $rate EFFECTIVE $e : rate.strict.answered\n\
                       measure data for 2s\n\
                       at-most $e * $t + $rate.burst : rate.strict.bound\n\
                       at-least 0.9 * $e * $t - $rate.burst : rate.strict.delivers";

fn measured(sender: Sender, steps: &str) -> String {
    told(&run(Server, &format!("{OPEN}{steps}"), move |fake| sender.run(fake)))
}

#[test]
fn who_keeps_the_rate_passes_and_who_does_not_is_blamed() {
    for (sender, wanted) in [
        (KEEPS, "pass"),
        (Sender { factor: 0.91, ..KEEPS }, "pass"),
        (Sender { factor: 1.2, ..KEEPS }, "fail rate.strict.bound"),
        (Sender { ignores: true, ..KEEPS }, "fail rate.strict.bound"),
        (Sender { factor: 0.6, ..KEEPS }, "warn rate.strict.delivers"),
        (Sender { tells: Some(Duration::from_millis(70)), ..KEEPS }, "pass"),
        (
            Sender { factor: 1.3, tells: Some(Duration::from_millis(70)), ..KEEPS },
            "fail rate.strict.bound",
        ),
    ] {
        assert_eq!(measured(sender, MEASURE), wanted, "{sender:?}");
    }
}

/// Whoever stops may have been stopped: nothing comes, and nothing can be told.
#[test]
fn who_stops_is_not_blamed() {
    let stops = Sender { stops: Some(Duration::from_millis(800)), ..KEEPS };
    let outcome = measured(stops, MEASURE);
    assert!(outcome.starts_with("inconclusive (nothing came for"), "{outcome}");
}

#[test]
fn a_bucket_that_each_effective_fills_is_seen() {
    let steps = "send control $rate RATE 20000\n\
                 expect control $rate EFFECTIVE $e : rate.strict.answered\n\
                 wait 20ms\n\
                 send control $rate RATE 20000\n\
                 expect control $rate EFFECTIVE $again : rate.strict.answered\n\
                 measure data since $e for 100ms\n\
                 at-most $e * $t + $rate.burst : rate.strict.bound";
    assert_eq!(measured(KEEPS, steps), "pass");
    assert_eq!(measured(Sender { refills: true, ..KEEPS }, steps), "fail rate.strict.bound");
}

/// What was saved up beyond the burst is seen behind a new anchor, and not behind the old one.
#[test]
fn idle_time_saves_up_no_more_than_the_burst() {
    let steps = |since| {
        format!(
            "send control $rate RATE 20000\n\
             expect control $rate EFFECTIVE $e : rate.strict.answered\n\
             wait 1s\n\
             send control $rate RATE 20000\n\
             expect control $rate EFFECTIVE $f : rate.strict.answered\n\
             measure data {since} for 500ms\n\
             at-most 20000 * $t + $rate.burst : rate.strict.bound"
        )
    };
    let starts = Sender { starts: Some(Duration::from_millis(1000)), ..KEEPS };
    assert_eq!(measured(starts, &steps("")), "pass");
    let saves = Sender { saves: 3.0, ..starts };
    assert_eq!(measured(saves, &steps("since $f")), "fail rate.strict.bound");
    assert_eq!(measured(saves, &steps("")), "fail rate.strict.bound");
    assert_eq!(measured(saves, &steps("since $e")), "pass");
}

#[test]
fn a_pause_lasts_until_the_next_effective() {
    let pause = "send control $rate RATE 20000\n\
                 expect control $rate EFFECTIVE $e : rate.strict.answered\n\
                 send control $rate RATE 0\n\
                 expect control $rate EFFECTIVE $none : rate.strict.answered\n";
    let ends = "send control $rate RATE 20000\n\
                expect control $rate EFFECTIVE $again : rate.strict.answered\n\
                wait 1s\n\
                measure data since $none for 1s\n\
                at-most 0 : rate.strict.pauses";
    let lasts = "measure data for 1s\nat-most $none * $t : rate.strict.pauses";
    for behind in [ends, lasts] {
        let steps = format!("{pause}{behind}");
        assert_eq!(measured(KEEPS, &steps), "pass");
        let leaks = Sender { leaks: 1.0, ..KEEPS };
        assert_eq!(measured(leaks, &steps), "fail rate.strict.pauses");
    }
}

/// Data that is half-read counts as far as it has come, and what is not data does not count.
#[test]
fn what_counts_is_the_payload_of_data() {
    let steps = "send control $rate RATE 0\n\
                 expect control $rate EFFECTIVE $none : rate.strict.answered\n\
                 measure data for 100ms\nat-most 10 : rate.strict.pauses";
    for (pieces, wanted) in [
        (vec![FrameSpec::text("0123456789")], "pass"),
        (vec![FrameSpec::text("0123456789A")], "fail rate.strict.pauses"),
        (vec![FrameSpec { fin: false, ..FrameSpec::binary(vec![1; 10]) }], "pass"),
        (
            vec![FrameSpec { fin: false, ..FrameSpec::binary(vec![1; 11]) }],
            "fail rate.strict.pauses",
        ),
        (
            vec![
                FrameSpec { fin: false, ..FrameSpec::binary(vec![0xF0]) },
                FrameSpec { fin: false, ..FrameSpec::continuation(vec![0; 10]) },
            ],
            "fail rate.strict.pauses",
        ),
        (vec![FrameSpec { length: Some(500), ..FrameSpec::binary(vec![1; 10]) }], "pass"),
        (
            vec![FrameSpec { length: Some(500), ..FrameSpec::binary(vec![1; 11]) }],
            "fail rate.strict.pauses",
        ),
        // An escape, what it escapes, a control message.
        (
            vec![
                FrameSpec::binary(SEQUENCE),
                FrameSpec::binary([SEQUENCE, b"012345"].concat()),
                FrameSpec::binary([SEQUENCE, &[0x80, 0, 0, 0, 0, 0, 0, 0, 0]].concat()),
                FrameSpec::ping("0123456789"),
            ],
            "pass",
        ),
        (
            vec![FrameSpec::binary(SEQUENCE), FrameSpec::binary([SEQUENCE, b"0123456"].concat())],
            "fail rate.strict.pauses",
        ),
    ] {
        let shown: Vec<String> =
            pieces.iter().map(|piece| format!("{:?}", piece.payload)).collect();
        let script = move |mut fake: Fake| {
            let pieces = pieces.clone();
            async move {
                fake.accept_with("rate-control; control=F0800010; pace=strict; burst=4096").await;
                fake.message().await;
                fake.binary(&[SEQUENCE, &[0x05], &[0; 8]]).await;
                for piece in pieces {
                    fake.send(piece).await;
                }
                fake.rest().await;
            }
        };
        let outcome = run(Server, &format!("{OPEN}{steps}"), script);
        assert_eq!(told(&outcome), wanted, "{shown:?}");
    }
}

#[test]
fn who_ends_the_connection_delivers_no_more() {
    let steps = "send control $rate RATE 20000\n\
                 expect control $rate EFFECTIVE $e : rate.strict.answered\n\
                 measure data for 1s\nat-least 0.9 * $e * $t : rate.strict.delivers";
    for (code, wanted) in [
        (1000, "warn rate.strict.delivers"),
        (1008, "inconclusive (the measurement came to an early end: close 1008)"),
    ] {
        let script = move |mut fake: Fake| async move {
            fake.accept_with("rate-control; control=F0800010; pace=strict; burst=4096").await;
            fake.message().await;
            fake.binary(&[SEQUENCE, &[0x05], &20_000u64.to_be_bytes()]).await;
            sleep(Duration::from_millis(100)).await;
            fake.send(FrameSpec::close(code, "")).await;
            fake.rest().await;
        };
        assert_eq!(told(&run(Server, &format!("{OPEN}{steps}"), script)), wanted);
    }
}

/// An EFFECTIVE that was sent before the request came is no answer to it, so what came behind it was
/// not sent since the request.
#[test]
fn one_that_crosses_the_request_is_not_taken_for_its_answer() {
    let steps = "send control $rate RATE 20000\n\
                 expect control $rate EFFECTIVE $e : rate.strict.answered\n\
                 measure data for 500ms\n\
                 at-most $e * $t + $rate.burst : rate.strict.bound";
    for (answers, wanted) in [(true, "pass"), (false, "fail rate.strict.bound")] {
        let script = move |mut fake: Fake| async move {
            fake.accept_with("rate-control; control=F0800010; pace=strict; burst=4096").await;
            let effective = [SEQUENCE, &[0x05], &20_000u64.to_be_bytes()].concat();
            fake.message().await;
            fake.send(FrameSpec::binary(effective.clone())).await;
            // As if it had been on its way for 200 ms.
            fake.send(FrameSpec::binary(vec![0; 4096 + 3900])).await;
            if answers {
                fake.send(FrameSpec::binary(effective)).await;
            }
            fake.rest().await;
        };
        let steps = format!("{OPEN}wait 200ms\n{steps}");
        assert_eq!(told(&run(Server, &steps, script)), wanted);
    }
}

/// Delays both ways; what is on its way to the harness is held back until a multiple of `bunch`, and
/// once for `stall`.
#[derive(Clone, Copy, Debug)]
struct Way {
    there: u64,
    back: u64,
    bunch: u64,
    stall_at: u64,
    stall: u64,
}

impl Way {
    fn proxy(self, endpoint: DuplexStream, harness: DuplexStream) {
        let began = Instant::now();
        let (from_endpoint, to_endpoint) = split(harness);
        let (from_harness, to_harness) = split(endpoint);
        let later = move |milliseconds| began + Duration::from_millis(milliseconds);
        let passed = move || u64::try_from(began.elapsed().as_millis()).unwrap();
        relay(from_harness, to_endpoint, move || later(passed() + self.there + 1));
        relay(from_endpoint, to_harness, move || {
            let mut at = passed() + self.back;
            if (self.stall_at..self.stall_at + self.stall).contains(&at) {
                at = self.stall_at + self.stall;
            }
            later(at.next_multiple_of(self.bunch))
        });
    }
}

fn relay(
    mut from: ReadHalf<DuplexStream>,
    mut to: WriteHalf<DuplexStream>,
    due: impl Fn() -> Instant + Send + 'static,
) {
    let (sender, mut held) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    tokio::spawn(async move {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            let _ = sender.send((due(), buffer[..length].to_vec()));
        }
    });
    tokio::spawn(async move {
        while let Some((due, octets)) = held.recv().await {
            sleep_until(due).await;
            if to.write_all(&octets).await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever the way does, a sender that keeps its promise is never blamed.
    #[test]
    fn no_false_alarm(
        there in 0..300u64,
        back in 0..300u64,
        bunch in 1..400u64,
        stall_at in 0..3000u64,
        stall in prop_oneof![Just(0), Just(1000u64)],
        tells in prop_oneof![Just(None), (30..400u64).prop_map(Some)],
        rate in prop_oneof![Just(3_000), Just(20_000u64), Just(200_000)],
        change in 100..40_000u64,
    ) {
        let way = Way { there, back, bunch, stall_at, stall };
        let sender = Sender { tells: tells.map(Duration::from_millis), ..KEEPS };
        let steps = format!(
            "{OPEN}send control $rate RATE {rate}\n\
             expect control $rate EFFECTIVE $e : rate.strict.answered\n\
             measure data for 700ms\n\
             at-most $e * $t + $rate.burst : rate.strict.bound\n\
             at-least 0.9 * $e * $t - $rate.burst : rate.strict.delivers\n\
             send control $rate RATE {change}\n\
             measure data for 700ms\n\
             at-most $e * $t + $rate.burst : rate.strict.bound\n\
             at-least 0.9 * $e * $t - $rate.burst : rate.strict.delivers"
        );
        let proxy = Arc::new(move |endpoint, harness| way.proxy(endpoint, harness));
        let outcome = run_behind(Server, &steps, move |fake| sender.run(fake), Some(proxy));
        prop_assert!(
            matches!(outcome.verdict, Verdict::Pass | Verdict::Inconclusive),
            "{way:?} {}: {:#?}", told(&outcome), outcome.blame
        );
    }

    /// And one that exceeds it by a fifth is blamed in the end.
    #[test]
    fn no_alarm_missed(there in 0..100u64, back in 0..300u64, bunch in 1..100u64) {
        let way = Way { there, back, bunch, stall_at: 0, stall: 0 };
        let sender = Sender { factor: 1.2, ..KEEPS };
        let proxy = Arc::new(move |endpoint, harness| way.proxy(endpoint, harness));
        let steps = format!("{OPEN}{}", MEASURE.replace("2s", "3s"));
        let outcome = run_behind(Server, &steps, move |fake| sender.run(fake), Some(proxy));
        prop_assert_eq!(told(&outcome), "fail rate.strict.bound", "{:?}", way);
    }
}

#[test]
fn the_way_itself_changes_nothing() {
    let way = Way { there: 0, back: 0, bunch: 1, stall_at: 0, stall: 0 };
    let proxy = Arc::new(move |endpoint, harness| way.proxy(endpoint, harness));
    let steps = format!("{OPEN}{MEASURE}");
    passes(&run_behind(Server, &steps, |fake| KEEPS.run(fake), Some(proxy)));
}
