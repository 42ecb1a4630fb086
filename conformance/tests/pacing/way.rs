//! A way between two ends that delays what goes over it, bunches it and stalls, by a seed.

use std::future::pending;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, sleep_until};
use wsconform::run::Random;
use wsconform::target::Duplex;

/// What a way does in each direction, in ms.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    /// How long octets are under way; drawn anew each [`SPELL`]. What would overtake, bunches.
    pub(crate) delay: RangeInclusive<u64>,
    /// Octets come through only once in so long; 0 is always.
    pub(crate) bunch: u64,
    /// For so long nothing comes through.
    pub(crate) stall: u64,
    /// Up to so long lies between two stalls.
    pub(crate) between: u64,
    /// Octets that are under way in one direction at most; more have to wait before it. With long
    /// delays few make a narrow way: enough for what is measured, and for what lies in buffers when
    /// it begins.
    pub(crate) holds: usize,
}

/// How long one delay holds.
const SPELL: Duration = Duration::from_millis(100);
/// Octets that are read at once.
const PIECE: usize = 16 * 1024;

impl Way {
    /// Delays of up to 300 ms, and perhaps bunches of a quarter of a second and stalls of a whole.
    pub(crate) fn drawn(random: &mut Random, holds: usize) -> Self {
        let [one, other] = [draw(random, 0..=300), draw(random, 0..=300)];
        Self {
            delay: one.min(other)..=one.max(other),
            bunch: [0, 20, 100, 250][draw(random, 0..=3) as usize],
            stall: [0, 1000][draw(random, 0..=1) as usize],
            between: draw(random, 500..=4000),
            holds,
        }
    }

    /// Carries octets between two streams until both directions have ended.
    pub(crate) async fn join(self, near: Box<dyn Duplex>, far: Box<dyn Duplex>, seed: u64) {
        let (near_reader, near_writer) = split(near);
        let (far_reader, far_writer) = split(far);
        let there = Direction::new(self.clone(), Random::of_case(seed, "there"));
        let back = Direction::new(self, Random::of_case(seed, "back"));
        tokio::join!(there.carry(near_reader, far_writer), back.carry(far_reader, near_writer));
    }
}

/// A number out of a range.
fn draw(random: &mut Random, range: RangeInclusive<u64>) -> u64 {
    range.start() + random.draw() % (range.end() - range.start() + 1)
}

/// One direction of a way.
struct Direction {
    way: Way,
    random: Random,
    began: Instant,
    /// The present delay, and until when it holds.
    spell: (Duration, Instant),
    /// The present or next stall, from its beginning to its end.
    stall: (Instant, Instant),
    /// When the last octets come out.
    last: Instant,
}

impl Direction {
    fn new(way: Way, random: Random) -> Self {
        let now = Instant::now();
        Self { way, random, began: now, spell: (Duration::ZERO, now), stall: (now, now), last: now }
    }

    /// When octets come out that go in now: never before those that went in before them.
    fn due(&mut self, now: Instant) -> Instant {
        if now >= self.spell.1 {
            let delay = draw(&mut self.random, self.way.delay.clone());
            self.spell = (Duration::from_millis(delay), now + SPELL);
        }
        let mut due = self.last.max(now + self.spell.0);
        if self.way.bunch > 0 {
            let past = due.duration_since(self.began);
            let bunches = past.as_nanos().div_ceil(u128::from(self.way.bunch) * 1_000_000);
            due = self.began + Duration::from_millis(bunches as u64 * self.way.bunch);
        }
        while self.way.stall > 0 && due >= self.stall.1 {
            let from =
                self.stall.1 + Duration::from_millis(draw(&mut self.random, 1..=self.way.between));
            self.stall = (from, from + Duration::from_millis(self.way.stall));
        }
        if due > self.stall.0 {
            due = due.max(self.stall.1);
        }
        self.last = due;
        due
    }

    async fn carry(
        mut self,
        mut from: ReadHalf<Box<dyn Duplex>>,
        mut to: WriteHalf<Box<dyn Duplex>>,
    ) {
        let room = Arc::new(Semaphore::new(self.way.holds));
        let (goes_in, mut comes_out) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
        let reading = {
            let room = Arc::clone(&room);
            async move {
                let mut buffer = vec![0; PIECE];
                while let Ok(count @ 1..) = from.read(&mut buffer).await {
                    room.acquire_many(count as u32).await.unwrap().forget();
                    let _ = goes_in.send((self.due(Instant::now()), buffer[..count].to_vec()));
                }
            }
        };
        let writing = async {
            while let Some((due, octets)) = comes_out.recv().await {
                sleep_until(due).await;
                if to.write_all(&octets).await.is_err() || to.flush().await.is_err() {
                    return;
                }
                room.add_permits(octets.len());
            }
            let _ = to.shutdown().await;
        };
        // The end of what goes in ends what comes out, once all of it has come.
        tokio::select! {
            () = writing => {}
            () = async { reading.await; pending().await } => {}
        }
    }
}

/// What is carried by a way that comes and goes arrives whole and in order, and no later than the
/// way may take.
#[tokio::test(start_paused = true)]
async fn a_way_loses_nothing() {
    for seed in 0..20 {
        let way = Way::drawn(&mut Random::of_case(seed, "way"), PIECE);
        let most = Duration::from_millis(way.delay.end() + way.bunch + way.stall + 2);
        let (mut near, near_of_way) = tokio::io::duplex(64);
        let (far_of_way, mut far) = tokio::io::duplex(64);
        tokio::spawn(way.clone().join(Box::new(near_of_way), Box::new(far_of_way), seed));
        for octet in 0..100 {
            let sent = Instant::now();
            near.write_all(&[octet; 3]).await.unwrap();
            let mut octets = [0; 3];
            far.read_exact(&mut octets).await.unwrap();
            assert_eq!(octets, [octet; 3]);
            assert!(sent.elapsed() <= most, "{way:?}: {:?}", sent.elapsed());
            assert!(sent.elapsed() >= Duration::from_millis(*way.delay.start()), "{way:?}");
        }
        drop(near);
        assert_eq!(far.read(&mut [0]).await.unwrap(), 0);
    }
}
