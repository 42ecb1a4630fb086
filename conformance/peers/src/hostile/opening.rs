//! Endpoints that never get through the opening handshake.

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use super::Hostile;
use super::stream::{endless, garbage, request, response, say, wait};
use crate::deviations::Deviations;
use crate::shell;

/// Plays it: as a client, where it is told a host and a target.
pub(super) async fn play<S>(
    stream: &mut S,
    kind: Hostile,
    to: Option<(&str, &str)>,
) -> std::io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match kind {
        Hostile::Garbage => say(stream, &garbage()).await?,
        Hostile::CloseAtOnce => return stream.shutdown().await,
        Hostile::HalfHead => {
            let head = match to {
                Some(to) => request(to),
                None => response(stream).await.map(|(answer, _)| answer).unwrap_or_default(),
            };
            let half = head.as_bytes().get(..head.len() / 2).unwrap_or_default();
            say(stream, half).await?;
        }
        Hostile::EndlessHead => {
            begin(stream, to).await?;
            return endless(stream, &b"X-Filler: and so on\r\n".repeat(512)).await;
        }
        Hostile::EndlessLine => {
            begin(stream, to).await?;
            say(stream, b"X-Filler: and so on").await?;
            return endless(stream, &b" and so on".repeat(1024)).await;
        }
        Hostile::HttpServer => return http(stream, to).await,
        Hostile::HttpFlood => {
            match to {
                Some((host, target)) => {
                    let head = format!("POST {target} HTTP/1.1\r\nHost: {host}\r\n{GIGABYTES}\r\n");
                    say(stream, head.as_bytes()).await?;
                }
                None => {
                    let _ = shell::read_head(stream, &mut Vec::new(), &Deviations::default()).await;
                    let head = format!("HTTP/1.1 500 Internal Server Error\r\n{GIGABYTES}\r\n");
                    say(stream, head.as_bytes()).await?;
                }
            }
            return endless(stream, &[b'.'; 16 * 1024]).await;
        }
        _ => {}
    }
    wait(stream).await
}

const GIGABYTES: &str = "Content-Type: text/plain\r\nContent-Length: 4294967296\r\n";

/// The first line of a head, once that is due.
async fn begin<S>(stream: &mut S, to: Option<(&str, &str)>) -> std::io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let line = match to {
        Some((_, target)) => format!("GET {target} HTTP/1.1\r\n"),
        None => {
            let _ = shell::read_head(stream, &mut Vec::new(), &Deviations::default()).await;
            "HTTP/1.1 101 Switching Protocols\r\n".to_owned()
        }
    };
    say(stream, line.as_bytes()).await
}

/// Plain HTTP: a page for every request, or a request for a page.
async fn http<S>(stream: &mut S, to: Option<(&str, &str)>) -> std::io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    const PAGE: &str = "<!doctype html>\n<title>Welcome</title>\n<p>It works!\n";
    if let Some((host, target)) = to {
        say(stream, format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await?;
        return wait(stream).await;
    }
    let mut input = Vec::new();
    while shell::read_head(stream, &mut input, &Deviations::default()).await.is_ok() {
        let length = PAGE.len();
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\r\n{PAGE}"
        );
        say(stream, answer.as_bytes()).await?;
    }
    stream.shutdown().await
}
