//! The server: one connection on any stream, or a TCP socket full of them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, ToSocketAddrs};
use tokio::time::timeout;

use super::transport::Transport;
use super::{Application, Deadlines, NetError, Outcome, SystemRandom, session};
use crate::connection::{Connection, Limits};
use crate::control::{
    Agreement, Allocation, Allocator, Bootstrap, Capability, Format, Support, negotiate,
};
use crate::handshake::{Extension, HeadReader, Opening, Refusal};
use crate::random::Random;
use crate::role::Role;

/// How a server behaves.
#[derive(Debug)]
pub struct ServerConfig {
    /// The capabilities that it accepts; with none it is a plain endpoint of RFC 6455.
    pub support: Support,
    /// How it chooses control sequences.
    pub allocation: Allocation,
    /// What it takes.
    pub limits: Limits,
    /// How long it waits.
    pub deadlines: Deadlines,
    /// Connections so far: what allocations count by.
    opened: AtomicU64,
}

impl ServerConfig {
    /// A server that accepts these capabilities.
    pub fn new(support: Support) -> Self {
        Self {
            support,
            allocation: Allocation::default(),
            limits: Limits::default(),
            deadlines: Deadlines::default(),
            opened: AtomicU64::new(0),
        }
    }

    /// A plain endpoint of RFC 6455: all capabilities are declined.
    pub fn plain() -> Self {
        Self::new(Support::none())
    }
}

impl Default for ServerConfig {
    /// All capabilities, as they are offered.
    fn default() -> Self {
        Self::new(Support::all())
    }
}

/// Serves one connection, from the handshake to the end of the stream.
///
/// # Errors
///
/// The transport failed, or the handshake was not finished. What a peer does wrong on an open
/// connection, or asks for in vain, is an [`Outcome`].
pub async fn serve_connection<S, R>(
    stream: S,
    config: &ServerConfig,
    random: &mut R,
) -> Result<Outcome, NetError>
where
    S: AsyncRead + AsyncWrite + Unpin,
    R: Random,
{
    let mut transport = Transport::new(stream);
    let limit = config.deadlines.handshake;
    let read = timeout(limit, read_opening(&mut transport)).await;
    let (opening, early) = match read.map_err(|_| NetError::HandshakeTimedOut(limit))?? {
        Ok(opened) => opened,
        Err(refusal) => {
            transport.end(config.deadlines.linger).await;
            return Ok(Outcome::Refused(refusal));
        }
    };

    let (answer, agreements) = agree(&opening, config, random);
    timeout(limit, transport.write_all(&answer))
        .await
        .map_err(|_| NetError::HandshakeTimedOut(limit))??;

    let connection = Connection::new(Role::Server, &agreements, config.limits.clone(), random)
        .with_support(config.support.clone());
    let application = Application::named(opening.last_segment());
    session::run(transport, connection, &early, application, &config.deadlines).await
}

/// The answer to a request, and what is agreed on by it. A client that offers `control-setup` as a
/// subprotocol has chosen the first sequence of the connection itself; the others are near it, unless
/// data could begin with them.
fn agree(
    opening: &Opening,
    config: &ServerConfig,
    random: &mut impl Random,
) -> (Vec<u8>, Vec<Agreement>) {
    let number = config.opened.fetch_add(1, Ordering::Relaxed);
    let selected = Bootstrap::select(&opening.subprotocols);
    let Some((subprotocol, bootstrap)) = selected.filter(|_| config.support.control_setup) else {
        let first = config.allocation.first(number, opening.key.as_bytes(), random);
        let mut allocator = Allocator::new(first);
        let agreements = negotiate(&opening.offers, &config.support, &mut allocator);
        return (opening.answer(&extensions(&agreements), None), agreements);
    };
    // A text, or a message of the application, may begin with what a client chooses.
    let format = bootstrap.application.as_deref().map(Format::of).unwrap_or_default();
    let first = if format.excludes(bootstrap.sequence) {
        bootstrap.sequence
    } else {
        config.allocation.first_beside(format, number, opening.key.as_bytes(), random)
    };
    let mut allocator = Allocator::new(first);
    allocator.reserve(bootstrap.sequence);
    let support = config.support.clone().without(Capability::ControlSetup);
    let accepted = negotiate(&opening.offers, &support, &mut allocator);
    let answer = opening.answer(&extensions(&accepted), Some(subprotocol));
    (answer, [vec![bootstrap.agreement()], accepted].concat())
}

fn extensions(agreements: &[Agreement]) -> Vec<Extension> {
    agreements.iter().map(Agreement::to_extension).collect()
}

/// Reads requests until one asks for a WebSocket connection, or is refused for good. Others are
/// answered and leave the connection open, since an upgrade may be any request of a persistent
/// connection.
async fn read_opening<S>(
    transport: &mut Transport<S>,
) -> Result<Result<(Opening, Vec<u8>), Refusal>, NetError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut reader = HeadReader::request();
    let mut unread = Vec::new();
    loop {
        let refusal = match reader.push(&unread) {
            Ok(None) => {
                let count = transport.read().await?;
                if count == 0 {
                    return Err(NetError::HandshakeCut);
                }
                unread = transport.input(count).to_vec();
                continue;
            }
            Ok(Some((head, rest))) => match Opening::from_request(&head) {
                Ok(opening) => return Ok(Ok((opening, rest))),
                Err(refusal) => {
                    transport.write_all(&refusal.answer(Some(&head))).await?;
                    if refusal.leaves_open(&head) {
                        (reader, unread) = (HeadReader::request(), rest);
                        continue;
                    }
                    refusal
                }
            },
            Err(fault) => {
                let refusal = Refusal::Malformed(fault);
                transport.write_all(&refusal.answer(None)).await?;
                refusal
            }
        };
        return Ok(Err(refusal));
    }
}

/// A server on a TCP socket. Each connection is a task of its own: whatever happens to one, the
/// others go on.
///
/// ```no_run
/// use wsconform_reference::net::{Server, ServerConfig};
///
/// # async fn serve() -> std::io::Result<()> {
/// let server = Server::bind("127.0.0.1:9001", ServerConfig::default()).await?;
/// println!("ws://{}/", server.local_addr()?);
/// server.run().await
/// # }
/// ```
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    config: Arc<ServerConfig>,
}

impl Server {
    /// Listens at an address; port 0 is any free one.
    ///
    /// # Errors
    ///
    /// The address can't be listened at.
    pub async fn bind(address: impl ToSocketAddrs, config: ServerConfig) -> io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address).await?, config: Arc::new(config) })
    }

    /// Where it listens.
    ///
    /// # Errors
    ///
    /// The operating system does not tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves whoever connects, until it is dropped.
    ///
    /// # Errors
    ///
    /// Never because of a single connection: only if the socket itself is broken.
    pub async fn run(self) -> io::Result<()> {
        loop {
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) if is_passing(&error) => {
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let config = Arc::clone(&self.config);
            tokio::spawn(async move {
                // Small frames are to leave at once; a socket that can't do that serves as well.
                let _ = stream.set_nodelay(true);
                // How one connection ended is nobody else's business.
                let _ = serve_connection(stream, &config, &mut SystemRandom).await;
            });
        }
    }
}

/// Until an operating system that is short of descriptors has some again.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(50);

/// Whether an error of `accept` is about one connection, or goes by.
fn is_passing(error: &io::Error) -> bool {
    // EMFILE and ENFILE have no kind of their own.
    const NO_DESCRIPTORS: [i32; 2] = [24, 23];
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
            | io::ErrorKind::WouldBlock
            | io::ErrorKind::OutOfMemory
    ) || error.raw_os_error().is_some_and(|code| NO_DESCRIPTORS.contains(&code))
}
