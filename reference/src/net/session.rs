//! An open connection on a transport, from the first frame to the last.

use std::future;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until};

use super::transport::{Moved, Transport};
use super::{Application, Deadlines, NetError, Outcome};
use crate::connection::{Connection, Event, State};
use crate::random::Random;
use crate::role::Role;

/// Octets of output above which nothing more is read: the peer has to read first. Data that a rate
/// holds back does not count here: only by reading on can its end be learnt.
const HIGH_WATER: usize = 1024 * 1024;

/// Runs an application until the connection is over and everything is written, then ends the
/// stream. `early` is what was read behind the opening handshake.
pub(super) async fn run<S, R>(
    mut transport: Transport<S>,
    mut connection: Connection<R>,
    early: &[u8],
    application: Application,
    deadlines: &Deadlines,
) -> Result<Outcome, NetError>
where
    S: AsyncRead + AsyncWrite + Unpin,
    R: Random,
{
    let opened = Instant::now();
    let mut outcome = None;
    let mut close_by: Option<Instant> = None;
    application.begin(&mut connection);
    connection.receive(early, Duration::ZERO);
    loop {
        connection.advance(opened.elapsed());
        while let Some(event) = connection.poll_event() {
            outcome = outcome.or(outcome_of(&event));
            application.take(event, &mut connection);
        }
        application.act(&mut connection);
        if connection.state() != State::Open && close_by.is_none() {
            close_by = Some(Instant::now() + deadlines.close);
        }

        let over = connection.state().is_over();
        if over && connection.output().is_empty() {
            break;
        }
        let read = !over && connection.output().len() < HIGH_WATER;
        let moved: Moved = tokio::select! {
            biased;
            moved = transport.exchange(connection.output(), read) => moved?,
            () = at(close_by) => {
                outcome = outcome.or(Some(Outcome::CloseTimedOut));
                break;
            }
            () = at(connection.deadline().map(|deadline| opened + deadline)) => Moved::default(),
        };
        match moved.read {
            None => {}
            Some(0) => connection.receive_end(),
            Some(count) => connection.receive(transport.input(count), opened.elapsed()),
        }
        connection.consume_output(moved.written);
    }
    // The server ends TCP first (RFC 6455, 7.1.1).
    if connection.role() == Role::Client && connection.state() == State::Closed {
        let ended = async { while matches!(transport.read().await, Ok(1..)) {} };
        let _ = tokio::time::timeout(deadlines.close, ended).await;
    }
    transport.end(deadlines.linger).await;
    Ok(outcome.unwrap_or(Outcome::Lost))
}

fn outcome_of(event: &Event) -> Option<Outcome> {
    match event {
        Event::Close(close) => Some(Outcome::Closed(close.clone())),
        Event::Failed(failure) => Some(Outcome::Failed(failure.clone())),
        Event::Lost => Some(Outcome::Lost),
        _ => None,
    }
}

/// What a timer is good to: longer than a bucket takes to fill at some ten MB/s.
const TIMER: Duration = Duration::from_millis(1);

/// Waits for an instant. What is due sooner than a timer could tell is waited for by letting others
/// run.
async fn at(deadline: Option<Instant>) {
    let Some(deadline) = deadline else { return future::pending().await };
    let mut now = Instant::now();
    while deadline.saturating_duration_since(now) < TIMER {
        if now >= deadline {
            return;
        }
        tokio::task::yield_now().await;
        let before = std::mem::replace(&mut now, Instant::now());
        // A clock that stands still while others run is moved by a timer alone.
        if now == before {
            break;
        }
    }
    sleep_until(deadline).await;
}
