//! What hostile endpoints have in common: heads, silence, and streams without end.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::sleep;

use crate::deviations::Deviations;
use crate::http::Request;
use crate::random::Random;
use crate::server::accept_of;
use crate::shell;

/// The pause between two octets that drip.
const DRIP: Duration = Duration::from_millis(50);

/// Reads until the peer has left.
pub(super) async fn wait<S: AsyncRead + Unpin>(stream: &mut S) -> std::io::Result<()> {
    let mut chunk = [0; 4096];
    while stream.read(&mut chunk).await? > 0 {}
    Ok(())
}

/// 4096 octets without a meaning.
pub(super) fn garbage() -> Vec<u8> {
    let mut random = Random::new(0);
    (0..4096 / 16).flat_map(|_| random.sixteen()).collect()
}

/// Writes octets at once.
pub(super) async fn say<S: AsyncWrite + Unpin>(
    stream: &mut S,
    octets: &[u8],
) -> std::io::Result<()> {
    stream.write_all(octets).await?;
    stream.flush().await
}

/// Writes octets one by one, slowly.
pub(super) async fn drip<S: AsyncWrite + Unpin>(
    stream: &mut S,
    octets: &[u8],
) -> std::io::Result<()> {
    for octet in octets {
        say(stream, &[*octet]).await?;
        sleep(DRIP).await;
    }
    Ok(())
}

/// Writes the same octets again and again, until the peer has left.
pub(super) async fn endless<S: AsyncWrite + Unpin>(
    stream: &mut S,
    octets: &[u8],
) -> std::io::Result<()> {
    loop {
        say(stream, octets).await?;
        sleep(Duration::from_millis(1)).await;
    }
}

/// A correct request.
pub(super) fn request((host, target): (&str, &str)) -> String {
    format!(
        "GET {target} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: aG9zdGlsZSBlbmRwb2ludA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
}

/// Reads a request; gives the correct answer to it, and what came behind it.
pub(super) async fn response<S: AsyncRead + Unpin>(stream: &mut S) -> Option<(String, Vec<u8>)> {
    let mut input = Vec::new();
    let head = shell::read_head(stream, &mut input, &Deviations::default()).await.ok()?;
    let request = Request::parse(&head).ok()?;
    let accept = accept_of(request.fields.single("Sec-WebSocket-Key")?);
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    Some((answer, input))
}
