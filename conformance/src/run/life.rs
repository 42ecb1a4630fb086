//! Signs of life: whether a server still answers others.

use std::time::Duration;

use tokio::time::Instant;

use super::connection::{Arrival, Connection};
use super::event::Event;
use super::random::Random;
use super::transcript::Transcript;
use crate::target::{ConnectError, Target};
use crate::wire::{RequestSpec, key_of};

/// What a server did instead of answering an opening handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// What it did.
    pub why: String,
    /// Whether it is gone for sure, and not merely slow.
    pub certain: bool,
}

/// How long a server gets to notice the end of a connection.
const FAREWELL: Duration = Duration::from_millis(50);

/// Whether a server answers an opening handshake within `patience`, whatever it answers.
///
/// # Errors
///
/// What happened instead.
pub async fn alive(target: &dyn Target, patience: Duration, seed: u64) -> Result<(), Gone> {
    let connected = target.connect("", patience).await.map_err(|error| Gone {
        certain: !matches!(error, ConnectError::TimedOut(_)),
        why: error.to_string(),
    })?;
    let mut random = Random::of_case(seed, "sign of life");
    let key = key_of(random.octets(16).try_into().unwrap_or([0; 16]));
    let request = RequestSpec::opening(&connected.authority, &connected.target, &key);
    let mut connection = Connection::new(None, target.role(), connected);
    let mut transcript = Transcript::default();
    let deadline = Instant::now() + patience;
    connection.write(&request.encode(), deadline, &mut transcript).await;
    match connection.next(deadline, &mut transcript).await {
        Some(Arrival::Event(Event::Head(_))) => {
            // A server with little room has to notice that this one is over before the next comes.
            take_leave(&mut connection).await;
            Ok(())
        }
        Some(Arrival::Event(event)) => Err(Gone { why: event.to_string(), certain: true }),
        Some(Arrival::Violation(violation)) => Err(Gone { why: violation.observed, certain: true }),
        None => {
            let why = "no answer to an opening handshake in time".to_owned();
            Err(Gone { why, certain: false })
        }
    }
}

/// Ends the half of the harness, and lets the server end its own.
pub(super) async fn take_leave(connection: &mut Connection) {
    let until = Instant::now() + FAREWELL;
    let mut untold = Transcript::default();
    connection.shut_down(until, &mut untold).await;
    while connection.next(until, &mut untold).await.is_some() {}
}
