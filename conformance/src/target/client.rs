//! Clients that are started by a command, one for each connection.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use wsconform_spec::scenario::Role;

use super::command::{CommandLine, Placeholder};
use super::error::TargetError;
use super::process::{HowItEnded, Process};
use super::tcp::connected;
use super::{Companion, ConnectError, Connected, Ended, Target, TargetFuture, quoted};

/// What in the command stands for the address to connect to.
pub(super) const URL: Placeholder = Placeholder { text: "{url}", tells: "where to connect" };
/// How long a connection that a client opened before it ended may be under way to us.
const UNDER_WAY: Duration = Duration::from_millis(50);

/// A client that a command such as `python3 client.py {url}` starts, anew for each connection.
#[derive(Clone, Debug)]
pub struct ClientCommand {
    command: CommandLine,
}

impl ClientCommand {
    /// Reads a command; its words are split as a POSIX shell splits them, and no shell is run.
    ///
    /// # Errors
    /// When it cannot be split, or has no `{url}`.
    pub fn new(command: &str) -> Result<Self, TargetError> {
        CommandLine::parse("", command, URL).map(|command| Self { command })
    }

    async fn open(&self, app: &str, patience: Duration) -> Result<Connected, ConnectError> {
        let (listener, address) = listen().await?;
        let url = format!("ws://{address}/{app}");
        let mut process = Process::start(&self.command.with(&url))?;
        let arrival = tokio::select! {
            biased;
            accepted = timeout(patience, listener.accept()) => match accepted {
                Ok(accepted) => Arrival::from(accepted),
                Err(_) => Arrival::None,
            },
            how = process.ended() => match timeout(UNDER_WAY, listener.accept()).await {
                Ok(accepted) => Arrival::from(accepted),
                Err(_) => Arrival::Ended(how),
            },
        };
        match arrival {
            Arrival::Connected(stream) => {
                let mut connected = connected(stream, address.to_string(), format!("/{app}"));
                connected.companion = Some(Box::new(ClientProcess { process }));
                Ok(connected)
            }
            Arrival::Ended(how) => {
                let what = format!("ended with {} before it connected", how.describe());
                Err(ConnectError::Exited(process.account(&what).await))
            }
            Arrival::None => {
                let patience = patience.as_millis();
                let what = format!("was given {url} and did not connect within {patience} ms");
                let error = ConnectError::TimedOut(process.account(&what).await);
                process.stop().await;
                Err(error)
            }
            Arrival::Failed(error) => Err(ConnectError::Refused(format!(
                "accepting the client's connection at {address} failed: {error}"
            ))),
        }
    }
}

impl Target for ClientCommand {
    fn role(&self) -> Role {
        Role::Client
    }

    fn name(&self) -> String {
        self.command.text().to_owned()
    }

    fn arguments(&self) -> String {
        format!("client --exec {}", quoted(&self.name()))
    }

    fn advice(&self) -> &'static str {
        "the command has to open a WebSocket connection to the URL that replaces {url}"
    }

    fn connect<'a>(
        &'a self,
        app: &'a str,
        patience: Duration,
    ) -> TargetFuture<'a, Result<Connected, ConnectError>> {
        Box::pin(self.open(app, patience))
    }

    /// Nothing is left to do: each connection has a client of its own.
    fn restart(&self) -> TargetFuture<'_, bool> {
        Box::pin(async { true })
    }

    /// Four processes at a time leave none so short of processor time that it misses a deadline.
    fn most_jobs(&self) -> usize {
        4
    }
}

/// What a started client did first.
enum Arrival {
    Connected(TcpStream),
    Ended(HowItEnded),
    Failed(std::io::Error),
    None,
}

impl From<std::io::Result<(TcpStream, SocketAddr)>> for Arrival {
    fn from(accepted: std::io::Result<(TcpStream, SocketAddr)>) -> Self {
        match accepted {
            Ok((stream, _)) => Self::Connected(stream),
            Err(error) => Self::Failed(error),
        }
    }
}

async fn listen() -> Result<(TcpListener, SocketAddr), ConnectError> {
    let bound = async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bound.await.map_err(|error: std::io::Error| {
        ConnectError::Refused(format!("listening for the client on 127.0.0.1 failed: {error}"))
    })
}

/// The process of one connection.
struct ClientProcess {
    process: Process,
}

impl Companion for ClientProcess {
    fn finish(mut self: Box<Self>, patience: Duration) -> TargetFuture<'static, Ended> {
        Box::pin(async move {
            let Ok(how) = timeout(patience, self.process.ended()).await else {
                self.process.stop().await;
                return Ended::Stopped;
            };
            match how.crash() {
                Some(how) => Ended::Crashed { how, stderr: self.process.stderr().await },
                None => Ended::ByItself,
            }
        })
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::super::played::command;
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);

    /// Connects; then it does as it is told.
    fn client(then: &str) -> ClientCommand {
        ClientCommand::new(&command("client", "{url}", then)).unwrap()
    }

    #[tokio::test]
    async fn starts_a_client_that_ends_by_itself() {
        let connected = client("waits-for-the-end").connect("sink", PATIENCE).await.unwrap();
        assert!(connected.authority.starts_with("127.0.0.1:"), "{}", connected.authority);
        assert_eq!(connected.target, "/sink");
        drop(connected.stream);
        assert_eq!(connected.companion.unwrap().finish(PATIENCE).await, Ended::ByItself);
    }

    #[tokio::test]
    async fn takes_the_connection_of_a_client_that_ended_at_once() {
        let connected = client("ends").connect("", PATIENCE).await.unwrap();
        assert_eq!(connected.companion.unwrap().finish(PATIENCE).await, Ended::ByItself);
    }

    #[tokio::test]
    async fn tells_a_crash() {
        let connected = client("crashes").connect("", PATIENCE).await.unwrap();
        let ended = connected.companion.unwrap().finish(PATIENCE).await;
        let (how, stderr) = ("signal 6".to_owned(), "about to crash".to_owned());
        assert_eq!(ended, Ended::Crashed { how, stderr });
    }

    #[tokio::test]
    async fn ends_a_client_that_stays() {
        let connected = client("stays").connect("", PATIENCE).await.unwrap();
        let patience = Duration::from_millis(50);
        assert_eq!(connected.companion.unwrap().finish(patience).await, Ended::Stopped);
    }

    #[tokio::test]
    async fn shows_the_last_words_of_a_client_that_never_connected() {
        let client = ClientCommand::new("sh -c 'echo what is {url} >&2; exit 2'").unwrap();
        let Err(ConnectError::Exited(why)) = client.connect("", PATIENCE).await else {
            panic!("nobody connected");
        };
        assert!(why.contains("exit status 2") && why.contains("what is ws://127.0.0.1:"), "{why}");
    }

    #[tokio::test]
    async fn does_not_wait_for_ever_until_the_client_connects() {
        let client = ClientCommand::new("sh -c 'echo busy >&2; sleep 30' {url}").unwrap();
        let Err(ConnectError::TimedOut(why)) = client.connect("", Duration::from_millis(300)).await
        else {
            panic!("nobody connected");
        };
        assert!(why.contains("sleep 30") && why.contains("300 ms"), "{why}");
        assert!(why.ends_with("busy"), "{why}");
    }

    #[test]
    fn wants_to_be_told_where_the_url_goes() {
        insta::assert_snapshot!(ClientCommand::new("python3 client.py").unwrap_err(), @"
        `python3 client.py`: the command has no {url}, so nobody tells it where to connect
        help: put {url} where it expects that, such as `python3 client.py {url}`
        ");
    }
}
