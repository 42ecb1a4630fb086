//! Servers that are none: what a harness has to survive, and to report as what it is.
//!
//! Endless streams pause for a millisecond now and then, so that virtual time passes while they
//! run and deadlines are reached.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::sleep;

use crate::application::Application;
use crate::core::Core;
use crate::deviations::Deviations;
use crate::http::Request;
use crate::random::Random;
use crate::role::Role;
use crate::sequences::Sequences;
use crate::server::accept_of;
use crate::shell;

/// A way of being no WebSocket server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hostile {
    /// Accepts the connection and says nothing.
    Silent,
    /// Sends 4096 random octets, asked or not, and falls silent.
    Garbage,
    /// Ends the connection at once.
    CloseAtOnce,
    /// Sends its answer one octet each 50 ms; then it is a well-behaved echo.
    Drip,
    /// Answers every request with 200 and a page.
    HttpServer,
    /// After a correct handshake, answers the first octets with a frame that claims 2^63 - 1 octets
    /// of payload, and delivers them without end.
    Claims,
    /// Answers with a header that never ends.
    EndlessHead,
    /// Drops the connection after a correct handshake, octets unread: over TCP, a reset.
    Reset,
}

impl Hostile {
    /// All of them, in the order of their names' appearance here.
    pub const ALL: [Hostile; 8] = [
        Hostile::Silent,
        Hostile::Garbage,
        Hostile::CloseAtOnce,
        Hostile::Drip,
        Hostile::HttpServer,
        Hostile::Claims,
        Hostile::EndlessHead,
        Hostile::Reset,
    ];

    /// The name behind `hostile/`.
    pub fn name(self) -> &'static str {
        match self {
            Hostile::Silent => "silent",
            Hostile::Garbage => "garbage",
            Hostile::CloseAtOnce => "close-at-once",
            Hostile::Drip => "drip",
            Hostile::HttpServer => "http-server",
            Hostile::Claims => "claims",
            Hostile::EndlessHead => "endless-head",
            Hostile::Reset => "reset",
        }
    }
}

impl fmt::Display for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hostile/{}", self.name())
    }
}

/// No hostile endpoint has this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownHostile(String);

impl fmt::Display for UnknownHostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = Hostile::ALL.iter().map(Hostile::to_string).collect();
        write!(f, "there is no hostile endpoint \"{}\"; there are {}", self.0, names.join(", "))
    }
}

impl std::error::Error for UnknownHostile {}

impl FromStr for Hostile {
    type Err = UnknownHostile;

    /// Reads `hostile/silent` as well as `silent`.
    fn from_str(text: &str) -> Result<Hostile, UnknownHostile> {
        let name = text.strip_prefix("hostile/").unwrap_or(text);
        let found = Hostile::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| UnknownHostile(text.to_owned()))
    }
}

/// Plays the endpoint over one connection, until the peer has left or the play is over.
pub async fn run<S>(mut stream: S, kind: Hostile)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    // An error means that the peer has left: that ends each of these plays.
    let _ = match kind {
        Hostile::Silent => wait(&mut stream).await,
        Hostile::Garbage => garbage(&mut stream).await,
        Hostile::CloseAtOnce => stream.shutdown().await,
        Hostile::Drip => drip(&mut stream).await,
        Hostile::HttpServer => http_server(&mut stream).await,
        Hostile::Claims => claims(&mut stream).await,
        Hostile::EndlessHead => endless_head(&mut stream).await,
        Hostile::Reset => reset(&mut stream).await,
    };
}

async fn wait<S: AsyncRead + Unpin>(stream: &mut S) -> std::io::Result<()> {
    let mut chunk = [0; 4096];
    while stream.read(&mut chunk).await? > 0 {}
    Ok(())
}

async fn garbage<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> std::io::Result<()> {
    let mut random = Random::new(0);
    let octets: Vec<u8> = (0..4096 / 16).flat_map(|_| random.sixteen()).collect();
    stream.write_all(&octets).await?;
    stream.flush().await?;
    wait(stream).await
}

async fn drip<S>(stream: &mut S) -> std::io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let Some((answer, early)) = handshake(stream).await else {
        return Ok(());
    };
    for octet in answer.bytes() {
        stream.write_all(&[octet]).await?;
        stream.flush().await?;
        sleep(Duration::from_millis(50)).await;
    }
    let deviations = Deviations::default();
    let mut core = Core::new(Role::Server, &[], Sequences::default(), &deviations, 0);
    shell::converse(stream, &mut core, Application::Echo, &deviations, &early).await;
    Ok(())
}

async fn http_server<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> std::io::Result<()> {
    const PAGE: &str = "<!doctype html>\n<title>Welcome</title>\n<p>It works!\n";
    let mut input = Vec::new();
    while shell::read_head(stream, &mut input, false).await.is_ok() {
        let length = PAGE.len();
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\r\n{PAGE}"
        );
        stream.write_all(answer.as_bytes()).await?;
        stream.flush().await?;
    }
    stream.shutdown().await
}

async fn claims<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> std::io::Result<()> {
    let Some((answer, early)) = handshake(stream).await else {
        return Ok(());
    };
    stream.write_all(answer.as_bytes()).await?;
    stream.flush().await?;
    if early.is_empty() && stream.read(&mut [0; 4096]).await? == 0 {
        return Ok(());
    }
    stream.write_all(&[0x82, 127, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]).await?;
    endless(stream, &[0x41; 16 * 1024]).await
}

async fn endless_head<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> std::io::Result<()> {
    let mut input = Vec::new();
    if shell::read_head(stream, &mut input, false).await.is_err() {
        return Ok(());
    }
    stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\n").await?;
    endless(stream, &b"X-Filler: and so on\r\n".repeat(512)).await
}

async fn reset<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> std::io::Result<()> {
    if let Some((answer, early)) = handshake(stream).await {
        stream.write_all(answer.as_bytes()).await?;
        stream.flush().await?;
        if early.is_empty() {
            // The first octet shows that more are there; those stay unread.
            stream.read_exact(&mut [0]).await?;
        }
    }
    Ok(())
}

/// Writes the same octets again and again, until the peer has left.
async fn endless<S: AsyncWrite + Unpin>(stream: &mut S, octets: &[u8]) -> std::io::Result<()> {
    loop {
        stream.write_all(octets).await?;
        sleep(Duration::from_millis(1)).await;
    }
}

/// Reads a request; gives the correct answer to it, and what came behind it.
async fn handshake<S: AsyncRead + Unpin>(stream: &mut S) -> Option<(String, Vec<u8>)> {
    let mut input = Vec::new();
    let head = shell::read_head(stream, &mut input, false).await.ok()?;
    let request = Request::parse(&head).ok()?;
    let accept = accept_of(request.fields.single("Sec-WebSocket-Key")?);
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    Some((answer, input))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::duplex;
    use tokio::time::timeout;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Version: 13\r\n\r\n";

    #[test]
    fn names_are_read_and_printed() {
        for kind in Hostile::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        let error = "hostile/kind".parse::<Hostile>().unwrap_err().to_string();
        assert!(error.contains("\"hostile/kind\"") && error.contains("hostile/drip"), "{error}");
    }

    /// The first octets that come within ten (virtual) seconds after a request and a ping.
    async fn answer(kind: Hostile) -> Vec<u8> {
        let (mut near, far) = duplex(1024);
        let task = tokio::spawn(run(far, kind));
        let mut found = Vec::new();
        let talk = async {
            near.write_all(REQUEST).await.unwrap();
            near.write_all(&[0x89, 0x80, 0, 0, 0, 0]).await.unwrap();
            let _ = (&mut near).take(8192).read_to_end(&mut found).await;
        };
        let _ = timeout(Duration::from_secs(10), talk).await;
        drop(near);
        timeout(Duration::from_secs(120), task).await.expect("it ends with its peer").unwrap();
        found
    }

    #[tokio::test(start_paused = true)]
    async fn each_does_what_it_says() {
        assert_eq!(answer(Hostile::Silent).await, b"");
        assert_eq!(answer(Hostile::Garbage).await.len(), 4096);
        assert!(answer(Hostile::Drip).await.ends_with(b"\r\n\r\n\x8A\x00"));
        assert!(answer(Hostile::HttpServer).await.starts_with(b"HTTP/1.1 200 OK\r\n"));
        let claims = answer(Hostile::Claims).await;
        assert_eq!(claims.len(), 8192);
        assert!(claims.windows(4).any(|four| four == [0x82, 127, 0x7F, 0xFF]));
        assert_eq!(answer(Hostile::EndlessHead).await.len(), 8192);
        assert!(answer(Hostile::Reset).await.ends_with(b"\r\n\r\n"));
    }
}
