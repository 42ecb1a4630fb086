//! Endpoints at an address: what runs there is somebody else's to start and to end.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use wsconform_spec::scenario::Role;

use super::error::TargetError;
use super::url::{WebSocketUrl, read_port};
use super::{ConnectError, Connected, Target, TargetFuture, quoted};

/// A server that listens at a `ws://` address.
///
/// ```
/// use wsconform::target::{ServerAddress, Target};
///
/// let server = ServerAddress::parse("ws://127.0.0.1:9001/chat")?;
/// assert_eq!(server.name(), "ws://127.0.0.1:9001/chat");
/// # Ok::<(), wsconform::target::TargetError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerAddress {
    url: WebSocketUrl,
}

impl ServerAddress {
    /// Reads `ws://host:port/path?query`; port, path and query may be missing.
    ///
    /// # Errors
    /// When it is anything else; a fragment or a user name in it are errors too (RFC 6455, 3).
    pub fn parse(typed: &str) -> Result<Self, TargetError> {
        WebSocketUrl::parse(typed).map(Self::from)
    }

    /// Host and port to dial.
    pub fn host_and_port(&self) -> (String, u16) {
        (self.url.host().to_owned(), self.url.port())
    }

    /// What the Host field and the request target hold.
    pub fn authority_and_target(&self) -> (String, String) {
        (self.url.authority(), self.url.target(""))
    }

    pub(super) async fn open(
        &self,
        app: &str,
        patience: Duration,
    ) -> Result<Connected, ConnectError> {
        let (host, port) = (self.url.host(), self.url.port());
        let stream = match timeout(patience, TcpStream::connect((host, port))).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                return Err(ConnectError::Refused(format!(
                    "connecting to {host} port {port} failed: {error}; is the server running \
                     there?"
                )));
            }
            Err(_) => {
                return Err(ConnectError::TimedOut(format!(
                    "connecting to {host} port {port} took longer than {} ms; is the address \
                     right, and does a firewall let it through?",
                    patience.as_millis()
                )));
            }
        };
        Ok(connected(stream, self.url.authority(), self.url.target(app)))
    }
}

impl From<WebSocketUrl> for ServerAddress {
    fn from(url: WebSocketUrl) -> Self {
        Self { url }
    }
}

impl From<SocketAddr> for ServerAddress {
    fn from(address: SocketAddr) -> Self {
        Self { url: WebSocketUrl::from(address) }
    }
}

impl Target for ServerAddress {
    fn role(&self) -> Role {
        Role::Server
    }

    fn name(&self) -> String {
        self.url.to_string()
    }

    fn connect<'a>(
        &'a self,
        app: &'a str,
        patience: Duration,
    ) -> TargetFuture<'a, Result<Connected, ConnectError>> {
        Box::pin(self.open(app, patience))
    }
}

/// A gateway: WebSocket in front, plain TCP to a back end, whose part the harness plays.
#[derive(Debug)]
pub struct GatewayAddress {
    front: ServerAddress,
    back: TcpListener,
    back_address: SocketAddr,
}

impl GatewayAddress {
    /// Listens as the back end. `front` is the gateway's `ws://` address, `back` the address that
    /// the gateway connects to: `127.0.0.1:9100`, `[::1]:9100`, or a port on 127.0.0.1 alone.
    ///
    /// # Errors
    /// When either is no such address, or nobody can listen at `back`.
    pub async fn bind(front: &str, back: &str) -> Result<Self, TargetError> {
        let front = ServerAddress::parse(front)?;
        let wrong = |wrong: String, instead: &str| TargetError::new(back, wrong, instead);
        let back_address = match read_port(back) {
            Some(port) => SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            None => back.parse().map_err(|_| {
                wrong(
                    "this is no address to listen at as the gateway's back end".into(),
                    "type an IP address and a port, such as `127.0.0.1:9100`",
                )
            })?,
        };
        let listen = async {
            let back = TcpListener::bind(back_address).await?;
            let back_address = back.local_addr()?;
            Ok(Self { front, back, back_address })
        };
        listen.await.map_err(|error: io::Error| {
            wrong(
                format!("listening there as the gateway's back end failed: {error}"),
                "type an address of this machine with a free port, and configure the gateway to \
                 connect to it",
            )
        })
    }

    /// Where the harness listens as the back end.
    pub fn back_address(&self) -> SocketAddr {
        self.back_address
    }

    /// Drops what earlier connections left behind, so that the next one to arrive belongs to the
    /// connection about to be opened.
    async fn forget_arrivals(&self) {
        const MOST: usize = 64;
        for _ in 0..MOST {
            // Not zero: whether somebody waits is known only after the reactor had its turn.
            if timeout(Duration::from_millis(1), self.back.accept()).await.is_err() {
                break;
            }
        }
    }
}

impl Target for GatewayAddress {
    fn role(&self) -> Role {
        Role::Gateway
    }

    fn name(&self) -> String {
        format!("{} --back {}", self.front.name(), self.back_address)
    }

    fn arguments(&self) -> String {
        format!("gateway {} --back {}", quoted(&self.front.name()), self.back_address)
    }

    fn connect<'a>(
        &'a self,
        app: &'a str,
        patience: Duration,
    ) -> TargetFuture<'a, Result<Connected, ConnectError>> {
        Box::pin(async move {
            self.forget_arrivals().await;
            self.front.open(app, patience).await
        })
    }

    fn accept_back(&self, patience: Duration) -> TargetFuture<'_, Result<Connected, ConnectError>> {
        Box::pin(async move {
            match timeout(patience, self.back.accept()).await {
                Ok(Ok((stream, _))) => {
                    Ok(connected(stream, self.back_address.to_string(), "/".to_owned()))
                }
                Ok(Err(error)) => Err(ConnectError::Refused(format!(
                    "accepting the gateway's connection at {} failed: {error}",
                    self.back_address
                ))),
                Err(_) => Err(ConnectError::TimedOut(format!(
                    "the gateway did not connect to its back end at {} within {} ms; is it \
                     configured to?",
                    self.back_address,
                    patience.as_millis()
                ))),
            }
        })
    }

    fn most_jobs(&self) -> usize {
        1
    }
}

/// A TCP stream, ready for use.
pub(super) fn connected(stream: TcpStream, authority: String, target: String) -> Connected {
    // Small frames must not wait for each other. It fails only on a connection that is already
    // dead, which the first read will tell better.
    let _ = stream.set_nodelay(true);
    Connected { stream: Box::new(stream), authority, target, companion: None }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);

    #[tokio::test]
    async fn connects_to_a_server() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = ServerAddress::parse(&format!("ws://127.0.0.1:{port}/chat")).unwrap();
        let connected = server.connect("close", PATIENCE).await.unwrap();
        assert_eq!(connected.authority, format!("127.0.0.1:{port}"));
        assert_eq!(connected.target, "/chat/close");
        assert!(connected.companion.is_none());
    }

    #[tokio::test]
    async fn says_that_nothing_listens() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let server = ServerAddress::parse(&format!("ws://127.0.0.1:{port}")).unwrap();
        let Err(ConnectError::Refused(why)) = server.connect("", PATIENCE).await else {
            panic!("connected to nobody");
        };
        assert!(why.contains(&format!("127.0.0.1 port {port}")), "{why}");
    }

    #[tokio::test]
    async fn a_gateway_gets_the_back_connection_of_the_latest_front() {
        let front = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/", front.local_addr().unwrap());
        let gateway = GatewayAddress::bind(&url, "127.0.0.1:0").await.unwrap();

        let mut stale = TcpStream::connect(gateway.back_address()).await.unwrap();
        gateway.connect("", PATIENCE).await.unwrap();
        let mut fresh = TcpStream::connect(gateway.back_address()).await.unwrap();
        let mut back = gateway.accept_back(PATIENCE).await.unwrap();

        fresh.write_all(b"fresh").await.unwrap();
        let mut read = [0; 5];
        back.stream.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"fresh");
        assert_eq!(stale.read(&mut read).await.unwrap_or(0), 0);
    }

    #[tokio::test]
    async fn a_gateway_that_does_not_connect_is_not_waited_for() {
        let front = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/", front.local_addr().unwrap());
        let gateway = GatewayAddress::bind(&url, "127.0.0.1:0").await.unwrap();
        let back = gateway.accept_back(Duration::from_millis(20)).await;
        assert!(matches!(back, Err(ConnectError::TimedOut(_))));
    }

    #[tokio::test]
    async fn says_why_it_cannot_be_the_back_end() {
        let error = GatewayAddress::bind("ws://127.0.0.1:1/", "backend").await.unwrap_err();
        insta::assert_snapshot!(error, @"
        `backend`: this is no address to listen at as the gateway's back end
        help: type an IP address and a port, such as `127.0.0.1:9100`
        ");
    }
}
