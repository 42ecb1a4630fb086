//! `wsconform serve` and `wsconform connect`: the built-in endpoints over real sockets.

use std::net::SocketAddr;

use clap::Args;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinSet;
use wsconform_peers::Ending;

use super::{Stop, print};
use crate::target::{BuiltIn, ServerAddress, simulated_names};
use wsconform_spec::scenario::Role;

/// Run one of the built-in endpoints, to try a client or this tool on it.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Which one: `reference`, `simple`, `broken/…`, `eccentric/…` or `hostile/…`.
    #[arg(default_value = "reference")]
    name: String,
    /// Be a gateway: connect to this address for each connection, and relay between the two.
    #[arg(long, value_name = "ADDRESS")]
    back: Option<String>,
    /// Where to listen; port 0 stands for any free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9001")]
    listen: SocketAddr,
    /// What the randomness of the endpoint derives from [default: the system's].
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// List the built-in endpoints instead.
    #[arg(long)]
    list: bool,
}

/// Let one of the built-in clients connect to a server.
#[derive(Debug, Args)]
pub(super) struct Connect {
    /// Which one: `reference`, `simple`, `broken/…` or `eccentric/…`.
    name: String,
    /// Where to connect to: `ws://host:port/path`.
    url: String,
    /// What the randomness of the endpoint derives from [default: the system's].
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

impl Serve {
    pub(super) fn run(self) -> Result<u8, Stop> {
        if self.list {
            print(&format!("{}\n", simulated_names().join("\n")));
            return Ok(0);
        }
        let role = if self.back.is_some() { Role::Gateway } else { Role::Server };
        let endpoint = built_in(&self.name, role)?;
        runtime()?.block_on(async {
            let listener = TcpListener::bind(self.listen).await.map_err(|error| {
                Stop::usage(format!(
                    "cannot listen on {}: {error}\nhelp: name another address with --listen",
                    self.listen
                ))
            })?;
            let address = listener.local_addr().map_err(Stop::usage)?;
            print(&format!("{} serves at ws://{address}/\n", self.name));
            let seed = seed_or_random(self.seed)?;
            accept(listener, endpoint, self.back, seed).await
        })
    }
}

/// Serves until the endpoint dies.
async fn accept(
    listener: TcpListener,
    endpoint: BuiltIn,
    back: Option<String>,
    seed: u64,
) -> Result<u8, Stop> {
    let (died, mut dead) = watch::channel(false);
    let mut connections = JoinSet::new();
    for number in 0.. {
        let stream = tokio::select! {
            biased;
            _ = dead.changed() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // A connection that broke before it was accepted is none of the others' business.
                Err(_) => continue,
            },
            _ = connections.join_next(), if !connections.is_empty() => continue,
        };
        let _ = stream.set_nodelay(true);
        let Ok((stream, held)) = held_open(stream) else { continue };
        let (endpoint, back, died) = (endpoint.clone(), back.clone(), died.clone());
        let seed = seed.wrapping_add(number);
        connections.spawn(async move {
            let ending = match back {
                None => endpoint.serve(stream, seed).await,
                Some(back) => match TcpStream::connect(&back).await {
                    Ok(back) => endpoint.relay(stream, back, seed).await,
                    // Without a back end there is nothing to be a gateway to.
                    Err(_) => Ending::Ended,
                },
            };
            if ending == Ending::Died {
                died.send_replace(true);
                std::future::pending::<()>().await;
            }
            drop(held);
        });
    }
    // Who sees a connection end finds nobody listening any more, as after a crash.
    drop(listener);
    Ok(0)
}

/// The connection, and a handle that keeps it from being closed until it is dropped as well.
fn held_open(stream: TcpStream) -> std::io::Result<(TcpStream, std::net::TcpStream)> {
    let stream = stream.into_std()?;
    let held = stream.try_clone()?;
    Ok((TcpStream::from_std(stream)?, held))
}

impl Connect {
    pub(super) fn run(self) -> Result<u8, Stop> {
        let endpoint = built_in(&self.name, Role::Client)?;
        let address = ServerAddress::parse(&self.url).map_err(Stop::usage)?;
        runtime()?.block_on(async {
            let (host, port) = address.host_and_port();
            let stream = TcpStream::connect((host.as_str(), port)).await.map_err(|error| {
                Stop::inconclusive(format!(
                    "cannot connect to {}: {error}\nhelp: start the server first, and give the URL that it listens at",
                    self.url
                ))
            })?;
            let _ = stream.set_nodelay(true);
            let (authority, target) = address.authority_and_target();
            let seed = seed_or_random(self.seed)?;
            endpoint.connect(stream, &authority, &target, seed).await;
            Ok(0)
        })
    }
}

/// The endpoint of this name, also as it is named as a target: `sim:simple`.
fn built_in(name: &str, role: Role) -> Result<BuiltIn, Stop> {
    BuiltIn::named(name.strip_prefix("sim:").unwrap_or(name), role).map_err(Stop::usage)
}

/// The seed that was asked for, or one that nobody can foresee: masking keys derive from it.
fn seed_or_random(seed: Option<u64>) -> Result<u64, Stop> {
    match seed {
        Some(seed) => Ok(seed),
        None => getrandom::u64().map_err(Stop::usage),
    }
}

fn runtime() -> Result<Runtime, Stop> {
    Builder::new_multi_thread().enable_all().build().map_err(Stop::usage)
}
