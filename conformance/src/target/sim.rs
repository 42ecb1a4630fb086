//! Endpoints in this process, behind pipes in memory: no socket, and no clock but tokio's, which
//! may be paused.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{DuplexStream, duplex};
use tokio::sync::watch;
use wsconform_abnf::suggest::closest;
use wsconform_peers::hostile::{self, Hostile};
use wsconform_peers::{Deviations, Ending, Peer, PeerRole, broken, eccentric};
use wsconform_reference::net::{ClientConfig, ServerConfig, run_client, serve_connection};
use wsconform_reference::{Random, SeededRandom};
use wsconform_spec::scenario::Role;

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
    kind: SimulatedKind,
    /// Connections so far.
    opened: AtomicU64,
    life: Mutex<Life>,
    /// The back end's side of the gateway's connection opened last.
    back: Mutex<Option<DuplexStream>>,
}

impl Simulated {
    /// The endpoint called `name`, one of [`simulated_names`].
    ///
    /// # Errors
    /// When there is none of this name, or it has nothing to show in this role.
    pub fn new(name: &str, role: Role, seed: u64) -> Result<Self, TargetError> {
        let kind = kind_named(name)?;
        kind.fits(name, role)?;
        Ok(Self {
            name: name.to_owned(),
            role,
            seed,
            life: Mutex::new(Life::of(&kind)),
            kind,
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
        let endpoint = Arc::clone(&life.endpoint);
        match self.role {
            Role::Server => life.spawn(async move { endpoint.serve(theirs, seed).await }),
            Role::Client => {
                let target = target.clone();
                life.spawn(async move { endpoint.connect(theirs, &target, seed).await });
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
        let over = std::mem::replace(&mut *locked(&self.life), Life::of(&self.kind));
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

/// The names of all simulated endpoints, as they stand behind `sim:`.
pub fn simulated_names() -> Vec<String> {
    let peers = |group: &'static str, peers: &'static [Peer]| {
        peers.iter().map(move |peer| format!("{group}/{}", peer.name))
    };
    let mut names = vec!["reference".to_owned(), "simple".to_owned()];
    names.extend(peers("broken", broken()));
    names.extend(peers("eccentric", eccentric()));
    names.extend(Hostile::ALL.iter().map(Hostile::to_string));
    names
}

/// Whether there is a simulated endpoint of this name.
pub(super) fn is_simulated_name(name: &str) -> bool {
    kind_named(name).is_ok()
}

/// Refuses a name that no simulated endpoint has.
pub(super) fn known_name(name: &str) -> Result<(), TargetError> {
    kind_named(name).map(|_| ())
}

/// What a name stands for.
enum SimulatedKind {
    Reference,
    Simple,
    Peer(&'static Peer),
    Hostile(Hostile),
}

impl SimulatedKind {
    fn fits(&self, name: &str, role: Role) -> Result<(), TargetError> {
        let (fits, wrong, instead) = match self {
            Self::Simple => return Ok(()),
            Self::Reference => (
                role != Role::Gateway,
                "there is no reference gateway".to_owned(),
                "type `sim:simple`, a plain relay".to_owned(),
            ),
            Self::Hostile(_) => (
                role == Role::Server,
                "hostile endpoints are servers".to_owned(),
                format!("type `sim:simple`, or certify `sim:{name}` as a server"),
            ),
            Self::Peer(peer) => {
                let (fits, roles) = match peer.role {
                    PeerRole::Server => (role == Role::Server, "a server"),
                    PeerRole::Client => (role == Role::Client, "a client"),
                    PeerRole::Gateway => (role == Role::Gateway, "a gateway"),
                    PeerRole::Both => (role != Role::Gateway, "a server or a client"),
                };
                (
                    fits,
                    format!("as a {role} this peer is no different from `sim:simple`"),
                    format!("type `sim:simple`, or certify `sim:{name}` as {roles}"),
                )
            }
        };
        if fits { Ok(()) } else { Err(TargetError::new(format!("sim:{name}"), wrong, instead)) }
    }
}

fn kind_named(name: &str) -> Result<SimulatedKind, TargetError> {
    let peer = |peers: &'static [Peer], name: &str| peers.iter().find(|peer| peer.name == name);
    let found = match name.split_once('/') {
        None if name == "reference" => Some(SimulatedKind::Reference),
        None if name == "simple" => Some(SimulatedKind::Simple),
        Some(("broken", name)) => peer(broken(), name).map(SimulatedKind::Peer),
        Some(("eccentric", name)) => peer(eccentric(), name).map(SimulatedKind::Peer),
        Some(("hostile", name)) => {
            Hostile::ALL.into_iter().find(|kind| kind.name() == name).map(SimulatedKind::Hostile)
        }
        _ => None,
    };
    found.ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> TargetError {
    const MOST: usize = 5;
    let names = simulated_names();
    let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    let typed = last(name);
    // The group may be missing or wrong, so names are compared with and without it.
    let exactly = names.iter().filter(|known| last(known) == typed);
    let whole = closest(name, names.iter().map(String::as_str));
    let lasts: Vec<String> = names.iter().map(|known| last(known)).collect();
    let part = closest(&typed, lasts.iter().map(String::as_str));
    let nearly = names
        .iter()
        .filter(|known| Some(known.as_str()) == whole || Some(last(known).as_str()) == part);
    let within = names.iter().filter(|known| !typed.is_empty() && last(known).contains(&typed));

    let mut near: Vec<&str> = Vec::new();
    for known in exactly.chain(nearly).chain(within) {
        if !near.contains(&known.as_str()) && near.len() < MOST {
            near.push(known);
        }
    }
    let instead = match near.as_slice() {
        [] => "type `sim:reference`, `sim:simple`, or a peer behind `sim:broken/`, \
               `sim:eccentric/` or `sim:hostile/`"
            .to_owned(),
        near => format!("did you mean `sim:{}`?", near.join("` or `sim:")),
    };
    TargetError::new(format!("sim:{name}"), "there is no simulated endpoint of this name", instead)
}

/// One run of an endpoint's program, from its start to its end: what its connections share.
struct Life {
    endpoint: Arc<Endpoint>,
    /// Whether it is over. That ends all connections, as the end of a program does.
    over: Arc<watch::Sender<bool>>,
}

impl Life {
    fn of(kind: &SimulatedKind) -> Self {
        let endpoint = match kind {
            SimulatedKind::Reference => Endpoint::Reference(ServerConfig::default()),
            SimulatedKind::Simple => Endpoint::Plain(Deviations::default()),
            SimulatedKind::Peer(peer) => Endpoint::Plain(peer.deviations()),
            SimulatedKind::Hostile(kind) => Endpoint::Hostile(*kind),
        };
        Self { endpoint: Arc::new(endpoint), over: Arc::new(watch::Sender::new(false)) }
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

/// What runs at the other end of the pipe.
enum Endpoint {
    Reference(ServerConfig),
    Plain(Deviations),
    Hostile(Hostile),
}

impl Endpoint {
    async fn serve(&self, stream: DuplexStream, seed: u64) -> Ending {
        match self {
            Self::Reference(config) => {
                // How a connection ended is for the harness to see, not to be told.
                let _ = serve_connection(stream, config, &mut SeededRandom(seed)).await;
                Ending::Ended
            }
            Self::Plain(deviations) => wsconform_peers::serve(stream, deviations, seed).await,
            Self::Hostile(kind) => {
                hostile::run(stream, *kind).await;
                Ending::Ended
            }
        }
    }

    async fn connect(&self, stream: DuplexStream, target: &str, seed: u64) -> Ending {
        match self {
            Self::Reference(_) => {
                let (config, mut random) = (ClientConfig::default(), SeededRandom(seed));
                let _ = run_client(stream, AUTHORITY, target, &config, &mut random).await;
                Ending::Ended
            }
            Self::Plain(deviations) => {
                wsconform_peers::connect(stream, AUTHORITY, target, deviations, seed).await
            }
            // Refused where the target is made.
            Self::Hostile(_) => Ending::Ended,
        }
    }

    async fn relay(&self, front: DuplexStream, back: DuplexStream, seed: u64) -> Ending {
        match self {
            Self::Plain(deviations) => wsconform_peers::relay(front, back, deviations, seed).await,
            // Refused where the target is made.
            Self::Reference(_) | Self::Hostile(_) => Ending::Ended,
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
        let deviations = Deviations { dies_of_undefined_opcodes: true, ..Deviations::default() };
        let server = simulated("simple", Role::Server);
        locked(&server.life).endpoint = Arc::new(Endpoint::Plain(deviations));
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

    #[test]
    fn every_name_leads_to_an_endpoint_in_some_role() {
        let names = simulated_names();
        for name in &names {
            let fits = |(_, role)| Simulated::new(name, role, 0).is_ok();
            assert!(Role::ALL.into_iter().any(fits), "{name}");
        }
        let mut unique = names.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), names.len());
    }
}
