//! The gateway: WebSocket and the control extension at its front, plain TCP at its back (US
//! 9,331,890, FIG. 1, 112 and 114). What passes is data, and nothing but data.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::Ending;
use crate::core::{Core, Event, State};
use crate::deviations::Deviations;
use crate::random::Random;
use crate::role::Role;
use crate::server::{self, Accepted};
use crate::shell::{self, Clock, OUTPUT_LIMIT, Progress, READ_AT_ONCE};

/// How long the last octets for the back may take.
const ENDING_LIMIT: Duration = Duration::from_secs(10);

/// Relays one connection: data messages from `front` become octets at `back`, octets from `back`
/// become binary messages, escaped where it is needed. Control messages and escapes end here.
///
/// The end of the back starts the closing handshake at the front with 1000; the end of the front
/// ends the back, after all data that came before it.
pub async fn relay<F, B>(mut front: F, mut back: B, deviations: &Deviations, seed: u64) -> Ending
where
    F: AsyncRead + AsyncWrite + Unpin + Send,
    B: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut random = Random::new(seed);
    let accepted = server::accept(&mut front, deviations, &mut random).await;
    let Some(Accepted { agreements, sequences, early, .. }) = accepted else {
        let _ = back.shutdown().await;
        return Ending::Ended;
    };
    let core = Core::new(Role::Server, &agreements, sequences, deviations, random.next());
    let clock = Clock::start();
    let least = if deviations.ends_at_short_pieces { 4 } else { 1 };
    let mut relay = Relay { core, clock, towards_back: Vec::new(), back_ended: false, least };
    relay.take_from_front(&early);
    relay.run(&mut front, &mut back).await;

    let Relay { mut core, towards_back, .. } = relay;
    let ending = async {
        let _ = back.write_all(&towards_back).await;
        let _ = back.shutdown().await;
    };
    let _ = timeout(ENDING_LIMIT, ending).await;
    if core.state() == State::Died {
        return Ending::Died;
    }
    shell::finish(&mut front, &mut core, deviations).await;
    if core.is_dying() { Ending::Died } else { Ending::Ended }
}

struct Relay {
    core: Core,
    clock: Clock,
    /// Octets that wait to be written to the back.
    towards_back: Vec<u8>,
    back_ended: bool,
    /// The fewest octets that may come at once from the back.
    least: usize,
}

impl Relay {
    /// Moves octets both ways until the front has come to its end.
    async fn run<F, B>(&mut self, front: &mut F, back: &mut B)
    where
        F: AsyncRead + AsyncWrite + Unpin,
        B: AsyncRead + AsyncWrite + Unpin,
    {
        let (mut front_chunk, mut back_chunk) = (vec![0; READ_AT_ONCE], vec![0; READ_AT_ONCE]);
        loop {
            self.clock.tick(&mut self.core);
            if !self.core.is_live() {
                return;
            }
            // Each side is read only while the other one takes what comes.
            let front_most = if self.towards_back.len() < OUTPUT_LIMIT { READ_AT_ONCE } else { 0 };
            let room = self.core.output().len() < OUTPUT_LIMIT && !self.core.holds_data();
            let room = room && !self.back_ended;
            let back_most = if room { READ_AT_ONCE } else { 0 };
            let deadline = self.clock.deadline(&self.core);
            let moved = poll_fn(|context| {
                let input = front_chunk.get_mut(..front_most).unwrap_or_default();
                let output = self.core.output();
                let at_front = shell::poll_exchange(front, input, output, context);
                let input = back_chunk.get_mut(..back_most).unwrap_or_default();
                let at_back = shell::poll_exchange(back, input, &self.towards_back, context);
                if at_front.is_none() && at_back.is_none() {
                    return Poll::Pending;
                }
                Poll::Ready((at_front, at_back))
            });
            let Some((at_front, at_back)) = shell::until(deadline, moved).await else { continue };
            if let Some(progress) = at_back
                && !self.settle_back(progress, &back_chunk)
            {
                return;
            }
            if let Some(progress) = at_front
                && !self.settle_front(progress, &front_chunk)
            {
                return;
            }
        }
    }

    /// False when the gateway gives up, which is a misbehaviour.
    fn settle_back(&mut self, progress: Progress, chunk: &[u8]) -> bool {
        match progress.written {
            Some(Ok(count)) => drop(self.towards_back.drain(..count)),
            Some(Err(_)) => self.end_of_back(),
            None => {}
        }
        match progress.read {
            Some(Ok(count)) if count > 0 => {
                self.core.send_binary(chunk.get(..count).unwrap_or_default());
                return count >= self.least;
            }
            Some(_) => self.end_of_back(),
            None => {}
        }
        true
    }

    /// False when the front is gone.
    fn settle_front(&mut self, progress: Progress, chunk: &[u8]) -> bool {
        match progress.written {
            Some(Ok(count)) => drop(self.core.output().drain(..count)),
            Some(Err(_)) => return false,
            None => {}
        }
        match progress.read {
            Some(Ok(count)) if count > 0 => {
                self.take_from_front(chunk.get(..count).unwrap_or_default());
                true
            }
            Some(_) => false,
            None => true,
        }
    }

    fn take_from_front(&mut self, octets: &[u8]) {
        self.core.push(octets);
        while let Some(event) = self.core.next() {
            if let Event::Text(payload) | Event::Binary(payload) = event {
                self.towards_back.extend_from_slice(&payload);
            }
        }
    }

    fn end_of_back(&mut self) {
        self.back_ended = true;
        self.core.close(Some(1000), "");
    }
}
