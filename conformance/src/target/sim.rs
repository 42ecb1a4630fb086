//! Endpoints in this process, behind pipes in memory: no socket, and no clock but tokio's, which
//! may be paused.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{DuplexStream, duplex};
use tokio::sync::watch;
use wsconform_peers::Ending;
use wsconform_reference::{Random, SeededRandom};
use wsconform_spec::scenario::Role;

use super::built_in::BuiltIn;
use super::error::TargetError;
use super::{ConnectError, Connected, Target, TargetFuture};

/// What the Host field holds; a name that never leads anywhere (RFC 6761, 6.4).
const AUTHORITY: &str = "sim.invalid";
/// How much a pipe holds in each direction, in octets.
const PIPE: usize = 64 * 1024;

/// An endpoint in this process.
///
/// With one seed, and connections opened one after the other, it does the same each time.
pub struct Simulated {
    name: String,
    role: Role,
    seed: u64,
    endpoint: BuiltIn,
    /// Connections so far.
    opened: AtomicU64,
    life: Mutex<Life>,
    /// The back end's side of the gateway's connection opened last.
    back: Mutex<Option<DuplexStream>>,
}

impl Simulated {
    /// The endpoint called `name`, one of [`simulated_names`](super::simulated_names).
    ///
    /// # Errors
    /// When there is none of this name, or it has nothing to show in this role.
    pub fn new(name: &str, role: Role, seed: u64) -> Result<Self, TargetError> {
        let endpoint = BuiltIn::named(name, role)?;
        Ok(Self {
            name: name.to_owned(),
            role,
            seed,
            life: Mutex::new(Life::of(&endpoint)),
            endpoint,
            opened: AtomicU64::new(0),
            back: Mutex::new(None),
        })
    }

    fn open(&self, app: &str) -> Result<Connected, ConnectError> {
        let life = locked(&self.life);
        if *life.over.borrow() {
            return Err(ConnectError::Refused("the endpoint has died".into()));
        }
        let seed = connection_seed(self.seed, self.opened.fetch_add(1, Ordering::Relaxed));
        let target = format!("/{app}");
        let (ours, theirs) = duplex(PIPE);
        let endpoint = life.endpoint.clone();
        match self.role {
            Role::Server => life.spawn(async move { endpoint.serve(theirs, seed).await }),
            Role::Client => {
                let target = target.clone();
                life.spawn(async move { endpoint.connect(theirs, AUTHORITY, &target, seed).await });
            }
            Role::Gateway => {
                let (our_back, their_back) = duplex(PIPE);
                *locked(&self.back) = Some(our_back);
                life.spawn(async move { endpoint.relay(theirs, their_back, seed).await });
            }
        }
        Ok(connected(ours, target))
    }

    fn begin_life(&self) {
        let over = std::mem::replace(&mut *locked(&self.life), Life::of(&self.endpoint));
        drop(over);
        *locked(&self.back) = None;
    }
}

impl Target for Simulated {
    fn role(&self) -> Role {
        self.role
    }

    fn name(&self) -> String {
        format!("sim:{}", self.name)
    }

    fn arguments(&self) -> String {
        match self.role {
            Role::Server => self.name(),
            role => format!("{role} {}", self.name()),
        }
    }

    fn is_simulated(&self) -> bool {
        true
    }

    fn connect<'a>(
        &'a self,
        app: &'a str,
        _patience: Duration,
    ) -> TargetFuture<'a, Result<Connected, ConnectError>> {
        Box::pin(async { self.open(app) })
    }

    fn accept_back(
        &self,
        _patience: Duration,
    ) -> TargetFuture<'_, Result<Connected, ConnectError>> {
        Box::pin(async {
            match locked(&self.back).take() {
                Some(stream) => Ok(connected(stream, "/".to_owned())),
                None => Err(ConnectError::Refused(
                    "the gateway has opened no connection to its back end".into(),
                )),
            }
        })
    }

    fn restart(&self) -> TargetFuture<'_, bool> {
        Box::pin(async {
            self.begin_life();
            true
        })
    }

    fn stop(&self) -> TargetFuture<'_, String> {
        Box::pin(async {
            self.begin_life();
            String::new()
        })
    }

    /// One after the other: what one case does must not change what another sees.
    fn most_jobs(&self) -> usize {
        1
    }
}

/// One run of an endpoint's program, from its start to its end: what its connections share.
struct Life {
    endpoint: BuiltIn,
    /// Whether it is over. That ends all connections, as the end of a program does.
    over: Arc<watch::Sender<bool>>,
}

impl Life {
    fn of(endpoint: &BuiltIn) -> Self {
        Self { endpoint: endpoint.clone(), over: Arc::new(watch::Sender::new(false)) }
    }

    fn spawn(&self, connection: impl Future<Output = Ending> + Send + 'static) {
        let over = Arc::clone(&self.over);
        let mut told = over.subscribe();
        tokio::spawn(async move {
            let _guard = EndsByPanic(&over);
            tokio::select! {
                biased;
                _ = told.changed() => {}
                ending = connection => {
                    if ending == Ending::Died {
                        over.send_replace(true);
                    }
                }
            }
        });
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.over.send_replace(true);
    }
}

/// A panic in one connection is the end of the program, not of the connection alone: otherwise it
/// would look like a peer that hangs up.
struct EndsByPanic<'a>(&'a watch::Sender<bool>);

impl Drop for EndsByPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.send_replace(true);
        }
    }
}

fn connected(stream: DuplexStream, target: String) -> Connected {
    let authority = AUTHORITY.to_owned();
    Connected { stream: Box::new(stream), authority, target, companion: None }
}

/// The seed of one connection. Drawn, not added: endpoints count up from their seeds, and two
/// connections must not draw the same masking keys one step apart.
fn connection_seed(seed: u64, number: u64) -> u64 {
    let mut drawn = [0; 8];
    SeededRandom(seed ^ number.wrapping_mul(0xD6E8_FEB8_6659_FD93)).fill(&mut drawn);
    u64::from_le_bytes(drawn)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::timeout;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);
    const REQUEST: &str = "GET / HTTP/1.1\r\nHost: sim.invalid\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Version: 13\r\n\r\n";

    fn simulated(name: &str, role: Role) -> Simulated {
        Simulated::new(name, role, 7).unwrap()
    }

    /// What is read up to the empty line.
    async fn head(connected: &mut Connected) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let octet = timeout(PATIENCE, connected.stream.read_u8()).await.unwrap().unwrap();
            head.push(octet);
        }
        String::from_utf8(head).unwrap()
    }

    async fn open(server: &Simulated) -> Connected {
        let mut connected = server.connect("", PATIENCE).await.unwrap();
        connected.stream.write_all(REQUEST.as_bytes()).await.unwrap();
        let head = head(&mut connected).await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
        connected
    }

    async fn ends(mut connected: Connected) {
        let mut rest = Vec::new();
        let read = timeout(PATIENCE, connected.stream.read_to_end(&mut rest)).await;
        let _ = read.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn servers_answer() {
        for name in ["reference", "simple"] {
            open(&simulated(name, Role::Server)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn clients_ask_for_the_application_and_do_the_same_with_one_seed() {
        for name in ["reference", "simple"] {
            let mut heads = Vec::new();
            for _ in 0..2 {
                let client = simulated(name, Role::Client);
                for _ in 0..2 {
                    let mut connected = client.connect("sink", PATIENCE).await.unwrap();
                    heads.push(head(&mut connected).await);
                }
            }
            let [first, second, again, _] = heads.as_slice() else { panic!("{heads:?}") };
            assert!(first.starts_with("GET /sink HTTP/1.1\r\n"), "{first}");
            assert!(first.contains("sim.invalid"), "{first}");
            assert_eq!(first, again);
            assert_ne!(first, second);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_gateway_has_two_ends() {
        let gateway = simulated("simple", Role::Gateway);
        assert!(gateway.accept_back(PATIENCE).await.is_err());
        let mut front = open(&gateway).await;
        let mut back = gateway.accept_back(PATIENCE).await.unwrap();
        assert!(gateway.accept_back(PATIENCE).await.is_err());

        // A binary message, its masking key all zeros.
        front.stream.write_all(b"\x82\x82\0\0\0\0AB").await.unwrap();
        let mut read = [0; 2];
        timeout(PATIENCE, back.stream.read_exact(&mut read)).await.unwrap().unwrap();
        assert_eq!(&read, b"AB");
    }

    #[tokio::test(start_paused = true)]
    async fn an_endpoint_that_died_is_gone_until_it_is_restarted() {
        let server = simulated("broken/dies-of-undefined-opcode", Role::Server);
        let bystander = open(&server).await;
        let mut killer = open(&server).await;
        killer.stream.write_all(b"\x83\x80\0\0\0\0").await.unwrap();
        ends(killer).await;
        ends(bystander).await;

        let error = server.connect("", PATIENCE).await.err();
        assert_eq!(error, Some(ConnectError::Refused("the endpoint has died".into())));
        assert!(server.restart().await);
        open(&server).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_is_a_death() {
        let server = simulated("simple", Role::Server);
        locked(&server.life).spawn(async { panic!("as a test of what a panic does") });
        tokio::task::yield_now().await;
        assert!(server.connect("", PATIENCE).await.is_err());
    }
}
