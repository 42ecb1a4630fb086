//! Endpoints under test, and how a connection with one comes about.
//!
//! A case never knows whether its peer is a server across the network, a client that was started
//! for the occasion, or a task in the same process: it asks a [`Target`] for a connection and gets
//! a byte stream. A Rust library can implement the trait and be certified inside its own tests.

mod built_in;
mod client;
mod command;
mod embedded;
mod error;
mod exec;
#[cfg(all(test, unix))]
mod played;
mod process;
mod sim;
mod specification;
mod tcp;
mod url;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use wsconform_spec::scenario::Role;

pub use built_in::{BuiltIn, simulated_names};
pub use client::ClientCommand;
pub use embedded::{EmbeddedReference, embedded};
pub use error::TargetError;
pub use exec::ServerCommand;
pub use sim::Simulated;
pub use specification::TargetSpecification;
pub use tcp::{GatewayAddress, ServerAddress};

/// A stream of octets in both directions.
pub trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

/// A future that a target returns.
pub type TargetFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An open connection with the endpoint under test.
pub struct Connected {
    /// The stream.
    pub stream: Box<dyn Duplex>,
    /// What the Host field holds, such as `127.0.0.1:9001`.
    pub authority: String,
    /// The request target, such as `/` or `/chat/close`.
    pub target: String,
    /// What was started for this connection alone; ends with it.
    pub companion: Option<Box<dyn Companion>>,
}

/// A process that was started for one connection.
pub trait Companion: Send {
    /// Lets it end by itself for at most `patience`, then ends it, and says how it went.
    fn finish(self: Box<Self>, patience: Duration) -> TargetFuture<'static, Ended>;
}

/// How a companion ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with an exit code or whatever the system calls the equivalent.
    ByItself,
    /// It crashed: by a signal that nobody here sent. Its last words are kept.
    Crashed {
        /// Such as `signal 11`.
        how: String,
        /// The end of what it wrote to its standard error.
        stderr: String,
    },
    /// It did not end in time and was ended.
    Stopped,
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectError {
    /// The endpoint refused, or nothing listens there.
    Refused(String),
    /// Nothing happened in time.
    TimedOut(String),
    /// The process of the endpoint ended; holds what it wrote to its standard error.
    Exited(String),
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) | Self::TimedOut(why) | Self::Exited(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for ConnectError {}

/// An endpoint under test.
pub trait Target: Send + Sync {
    /// Who it is.
    fn role(&self) -> Role;

    /// As the user named it; goes into reports and into the command that reproduces a case.
    fn name(&self) -> String;

    /// What stands behind `wsconform certify` in the command that certifies it again, quoted for a
    /// shell.
    fn arguments(&self) -> String {
        quoted(&self.name())
    }

    /// What its owner is to do when no connection comes about.
    fn advice(&self) -> &'static str {
        "start the server first, and give the URL that it listens at"
    }

    /// Whether its time is virtual: then nothing is ever late by accident.
    fn is_simulated(&self) -> bool {
        false
    }

    /// Opens (server, gateway) or accepts (client) a connection to the application `app`: an empty
    /// text for the echo, else the last segment of the path. Gives up after `patience`.
    fn connect<'a>(
        &'a self,
        app: &'a str,
        patience: Duration,
    ) -> TargetFuture<'a, Result<Connected, ConnectError>>;

    /// Accepts the plain connection that a gateway under test opens to its back end, the one that
    /// belongs to the connection opened last.
    fn accept_back(&self, patience: Duration) -> TargetFuture<'_, Result<Connected, ConnectError>> {
        let _ = patience;
        Box::pin(async { Err(ConnectError::Refused("this target has no back end".into())) })
    }

    /// Makes a fresh endpoint of it, if it can; `false` if the endpoint is not ours to restart.
    fn restart(&self) -> TargetFuture<'_, bool> {
        Box::pin(async { false })
    }

    /// Ends what was started; returns the end of what it wrote to its standard error.
    fn stop(&self) -> TargetFuture<'_, String> {
        Box::pin(async { String::new() })
    }

    /// How many cases may run at the same time.
    fn most_jobs(&self) -> usize {
        usize::MAX
    }
}

/// A word as a POSIX shell reads it back.
fn quoted(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), |quoted| quoted.into_owned())
}
