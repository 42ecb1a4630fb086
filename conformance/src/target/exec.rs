//! Servers that are started by a command.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout, timeout_at};
use wsconform_spec::scenario::Role;

use super::command::{CommandLine, Placeholder};
use super::error::TargetError;
use super::process::Process;
use super::tcp::connected;
use super::{ConnectError, Connected, Target, TargetFuture};

/// What in the command stands for the port.
pub(super) const PORT: Placeholder = Placeholder { text: "{port}", tells: "where to listen" };
/// How long a server may take until it listens, unless said otherwise.
pub(super) const STARTUP: Duration = Duration::from_secs(10);
/// How long a server that just refused a connection may take to be known as ended.
const LAST_BREATH: Duration = Duration::from_millis(200);

/// A server that a command such as `python3 server.py {port}` starts.
///
/// The first connection starts it on a free port of the loopback interface and waits until it
/// listens there. Once it has ended, by itself or because it never listened, connections fail with
/// the reason until [`restart`](Target::restart).
#[derive(Debug)]
pub struct ServerCommand {
    command: CommandLine,
    startup: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Stopped,
    Running(Box<Running>),
    /// Why it does not run, which each further connection is told.
    Failed(ConnectError),
}

#[derive(Debug)]
struct Running {
    process: Process,
    address: SocketAddr,
}

impl ServerCommand {
    /// Reads a command; its words are split as a POSIX shell splits them, and no shell is run.
    ///
    /// # Errors
    /// When it cannot be split, or has no `{port}`.
    pub fn new(command: &str) -> Result<Self, TargetError> {
        CommandLine::parse("exec:", command, PORT).map(Self::from)
    }

    /// Waits at most so long until the server listens; 10 s unless said otherwise.
    #[must_use]
    pub fn with_startup(self, startup: Duration) -> Self {
        Self { startup, ..self }
    }

    async fn open(&self, app: &str, patience: Duration) -> Result<Connected, ConnectError> {
        // The start has its own time, whatever the patience of the case that happens to be first.
        let locked = timeout(self.startup + patience, self.state.lock()).await;
        let mut state = locked.map_err(|_| {
            ConnectError::TimedOut(format!("`{}` took too long to start", self.command.text()))
        })?;
        if let State::Stopped = *state {
            let (running, stream) = match self.start().await {
                Ok(started) => started,
                Err(error) => {
                    *state = State::Failed(error.clone());
                    return Err(error);
                }
            };
            let address = running.address;
            *state = State::Running(Box::new(running));
            return Ok(to_server(stream, address, app));
        }
        let address = running_at(&mut state, Duration::ZERO).await?;
        drop(state);

        let error = match timeout(patience, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(to_server(stream, address, app)),
            Ok(Err(error)) => ConnectError::Refused(format!(
                "`{}` runs but does not accept connections at {address} any more: {error}",
                self.command.text()
            )),
            Err(_) => ConnectError::TimedOut(format!(
                "`{}` runs but did not accept a connection at {address} within {} ms",
                self.command.text(),
                patience.as_millis()
            )),
        };
        // Its socket is closed before the system tells that it has ended.
        let mut state = self.state.lock().await;
        match &*state {
            State::Running(running) if running.address == address => {
                running_at(&mut state, LAST_BREATH).await?;
                Err(error)
            }
            _ => Err(error),
        }
    }

    /// Starts the process and returns it with the first connection that it took. Whatever else
    /// happens, it is ended.
    async fn start(&self) -> Result<(Running, TcpStream), ConnectError> {
        let port = free_port().await?;
        let mut process = Process::start(&self.command.with(&port.to_string()))?;
        let deadline = Instant::now() + self.startup;
        let outcome = tokio::select! {
            biased;
            how = process.ended() => Err(Some(how)),
            first = timeout_at(deadline, first_connection(port)) => first.map_err(|_| None),
        };
        match outcome {
            Ok((stream, address)) => Ok((Running { process, address }, stream)),
            Err(Some(how)) => {
                let what = format!("ended with {} before it listened on {port}", how.describe());
                Err(ConnectError::Exited(process.account(&what).await))
            }
            Err(None) => {
                let startup = self.startup.as_millis();
                let what = format!("did not listen on port {port} of this machine in {startup} ms");
                let error = ConnectError::TimedOut(process.account(&what).await);
                process.stop().await;
                Err(error)
            }
        }
    }
}

impl From<CommandLine> for ServerCommand {
    fn from(command: CommandLine) -> Self {
        Self { command, startup: STARTUP, state: Mutex::new(State::Stopped) }
    }
}

impl Target for ServerCommand {
    fn role(&self) -> Role {
        Role::Server
    }

    fn name(&self) -> String {
        format!("exec:{}", self.command.text())
    }

    fn advice(&self) -> &'static str {
        "the command has to start a WebSocket server at the port that replaces {port}"
    }

    fn connect<'a>(
        &'a self,
        app: &'a str,
        patience: Duration,
    ) -> TargetFuture<'a, Result<Connected, ConnectError>> {
        Box::pin(self.open(app, patience))
    }

    /// Ends it and starts it afresh; `false` if it does not listen again, so that nobody waits for
    /// that at each further connection.
    fn restart(&self) -> TargetFuture<'_, bool> {
        Box::pin(async {
            self.stop().await;
            let mut state = self.state.lock().await;
            let started = self.start().await;
            let listens = started.is_ok();
            *state = match started {
                Ok((running, _)) => State::Running(Box::new(running)),
                Err(error) => State::Failed(error),
            };
            listens
        })
    }

    fn stop(&self) -> TargetFuture<'_, String> {
        Box::pin(async {
            let mut state = self.state.lock().await;
            match std::mem::replace(&mut *state, State::Stopped) {
                State::Running(running) => running.process.stop().await,
                State::Failed(_) | State::Stopped => String::new(),
            }
        })
    }
}

/// Where the server listens, if it has not ended within `patience`.
async fn running_at(state: &mut State, patience: Duration) -> Result<SocketAddr, ConnectError> {
    let running = match state {
        State::Running(running) => running,
        State::Failed(error) => return Err(error.clone()),
        State::Stopped => return Err(ConnectError::Refused("the server was stopped".into())),
    };
    let how = match running.process.has_ended() {
        None if patience.is_zero() => None,
        None => timeout(patience, running.process.ended()).await.ok(),
        ended => ended,
    };
    let Some(how) = how else { return Ok(running.address) };
    let what = format!("has ended with {}", how.describe());
    let error = ConnectError::Exited(running.process.account(&what).await);
    *state = State::Failed(error.clone());
    Err(error)
}

fn to_server(stream: TcpStream, address: SocketAddr, app: &str) -> Connected {
    connected(stream, address.to_string(), format!("/{app}"))
}

/// A port that nobody uses at this moment. It lies outside of the ranges from which systems take
/// ports for connections and for listeners that name none, so that nobody gets it by chance before
/// the server does.
async fn free_port() -> Result<u16, ConnectError> {
    static TRIED: AtomicU16 = AtomicU16::new(0);
    let first = std::process::id() as u16 % PORTS.len() as u16;
    for _ in PORTS {
        let tried = TRIED.fetch_add(1, Ordering::Relaxed);
        let port = PORTS.start + first.wrapping_add(tried) % PORTS.len() as u16;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.is_ok() {
            return Ok(port);
        }
    }
    let (start, end) = (PORTS.start, PORTS.end);
    Err(ConnectError::Refused(format!("there is no free port on 127.0.0.1 from {start} to {end}")))
}

/// Where ports are taken from.
const PORTS: std::ops::Range<u16> = 10_000..30_000;

/// Tries until somebody listens, on either loopback address: `localhost` means one to some
/// servers, the other to others.
async fn first_connection(port: u16) -> (TcpStream, SocketAddr) {
    const LONGEST: Duration = Duration::from_millis(50);
    let hosts = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
    let mut pause = Duration::from_millis(2);
    loop {
        for host in hosts {
            let address = SocketAddr::from((host, port));
            if let Ok(stream) = TcpStream::connect(address).await
                && !is_with_itself(&stream)
            {
                return (stream, address);
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST);
    }
}

/// Whether a connection to a port where nobody listens came about nevertheless, because the system
/// gave it that very port as its own end.
fn is_with_itself(stream: &TcpStream) -> bool {
    let itself = matches!((stream.local_addr(), stream.peer_addr()), (Ok(a), Ok(b)) if a == b);
    if itself {
        // Otherwise the port would be kept from the server for minutes.
        let _ = stream.set_zero_linger();
    }
    itself
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::super::played::command;
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);

    fn listener(host: &str) -> ServerCommand {
        ServerCommand::new(&command("listener", "{port}", host)).unwrap()
    }

    async fn write_and_close(connected: Connected, octets: &[u8]) {
        use tokio::io::AsyncWriteExt;
        let mut stream = connected.stream;
        stream.write_all(octets).await.unwrap();
    }

    #[tokio::test]
    async fn starts_a_server_and_connects_again_and_again() {
        let server = listener("127.0.0.1");
        let first = server.connect("", PATIENCE).await.unwrap();
        let second = server.connect("close", PATIENCE).await.unwrap();
        assert_eq!(first.authority, second.authority);
        assert!(first.authority.starts_with("127.0.0.1:"), "{}", first.authority);
        assert_eq!((first.target.as_str(), second.target.as_str()), ("/", "/close"));
        assert_eq!(server.stop().await, "listening");
    }

    #[tokio::test]
    async fn finds_a_server_that_speaks_ipv6_alone() {
        if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await.is_err() {
            return;
        }
        let connected = listener("::1").connect("", PATIENCE).await.unwrap();
        assert!(connected.authority.starts_with("[::1]:"), "{}", connected.authority);
    }

    #[tokio::test]
    async fn tells_that_the_server_has_ended_and_restarts_it() {
        let server = listener("127.0.0.1");
        let connected = server.connect("", PATIENCE).await.unwrap();
        write_and_close(connected, b"x").await;
        let error = loop {
            // Until the octet has arrived, further connections are taken.
            match server.connect("", PATIENCE).await {
                Ok(_) => tokio::task::yield_now().await,
                Err(error) => break error,
            }
        };
        let ConnectError::Exited(why) = &error else { panic!("{error:?}") };
        assert!(why.contains("exit status 1") && why.ends_with("asked to end"), "{why}");
        assert_eq!(server.connect("", PATIENCE).await.err(), Some(error));

        assert!(server.restart().await);
        server.connect("", PATIENCE).await.unwrap();
    }

    #[tokio::test]
    async fn shows_the_last_words_of_a_server_that_never_listened() {
        let server =
            ServerCommand::new("sh -c 'echo no module named websockets >&2; exit 7' {port}")
                .unwrap();
        let Err(ConnectError::Exited(why)) = server.connect("", PATIENCE).await else {
            panic!("connected to nobody");
        };
        assert!(why.contains("exit status 7"), "{why}");
        assert!(why.ends_with("no module named websockets"), "{why}");
    }

    #[tokio::test]
    async fn does_not_wait_for_ever_until_the_server_listens() {
        let server = ServerCommand::new("sh -c 'echo thinking >&2; sleep 30' {port}")
            .unwrap()
            .with_startup(Duration::from_millis(300));
        let Err(ConnectError::TimedOut(why)) = server.connect("", PATIENCE).await else {
            panic!("connected to nobody");
        };
        assert!(why.contains("300 ms") && why.ends_with("thinking"), "{why}");
    }

    #[tokio::test]
    async fn says_that_the_program_is_missing() {
        let server = ServerCommand::new("/no/such/program {port}").unwrap();
        let error = server.connect("", PATIENCE).await.err().unwrap();
        assert!(error.to_string().contains("`/no/such/program` could not be started"), "{error}");
    }
}
