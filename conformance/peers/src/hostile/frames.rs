//! Endpoints that get through the opening handshake, and are wrong behind it.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};

use super::Hostile;
use super::stream::{drip, endless, garbage, request, response, say, wait};
use crate::application::Application;
use crate::core::Core;
use crate::deviations::Deviations;
use crate::frame::{opcode, write_frame};
use crate::role::Role;
use crate::sequences::Sequences;
use crate::shell;

/// Plays it: as a client, where it is told a host and a target.
pub(super) async fn play<S>(
    stream: &mut S,
    kind: Hostile,
    to: Option<(&str, &str)>,
) -> std::io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let Some(early) = open(stream, kind, to).await? else { return Ok(()) };
    let role = if to.is_some() { Role::Client } else { Role::Server };
    if kind == Hostile::Drip {
        let deviations = Deviations::default();
        let mut core = Core::new(role, &[], Sequences::default(), &deviations, 0);
        shell::converse(stream, &mut core, Application::Echo, &deviations, &early).await;
        return Ok(());
    }
    if kind == Hostile::Unanswering {
        return wait(stream).await;
    }
    if early.is_empty() {
        // The first octet of what it answers shows that more are there; those stay unread.
        stream.read_exact(&mut [0]).await?;
    }
    let frame = |fin, code, payload: &[u8]| frame(role, fin, code, payload);
    match kind {
        Hostile::Reset => return Ok(()),
        Hostile::HalfFrame => {
            let whole = frame(true, opcode::BINARY, &[0x41; 1000]);
            say(stream, whole.get(..whole.len() - 500).unwrap_or_default()).await?;
        }
        Hostile::FrameGarbage => say(stream, &garbage()).await?,
        Hostile::OtherKind => {
            let other = frame(true, opcode::TEXT, b"what is this?");
            say(stream, &other).await?;
            let mut chunk = [0; 4096];
            while stream.read(&mut chunk).await? > 0 {
                say(stream, &other).await?;
            }
            return Ok(());
        }
        Hostile::DripFrames => {
            drip(stream, &frame(true, opcode::BINARY, &[0x41; 1 << 16])).await?;
        }
        Hostile::Claims => {
            let claim = [0x82, 127, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
            say(stream, &claim).await?;
            return endless(stream, &[0x41; 16 * 1024]).await;
        }
        Hostile::EndlessPings => {
            let pings = frame(true, opcode::PING, b"there").repeat(1000);
            return endless(stream, &pings).await;
        }
        Hostile::EndlessFragments => {
            say(stream, &frame(false, opcode::BINARY, &[0x41; 1024])).await?;
            let more = frame(false, opcode::CONTINUATION, &[0x41; 1024]).repeat(16);
            return endless(stream, &more).await;
        }
        Hostile::EndlessMessages => {
            return endless(stream, &frame(true, opcode::BINARY, &[0x41; 1 << 16])).await;
        }
        _ => {}
    }
    wait(stream).await
}

/// The opening handshake; gives what came behind the head of the peer, if that was right.
async fn open<S>(
    stream: &mut S,
    kind: Hostile,
    to: Option<(&str, &str)>,
) -> std::io::Result<Option<Vec<u8>>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (head, early) = match to {
        Some(to) => (request(to), Vec::new()),
        None => match response(stream).await {
            Some(answer) => answer,
            None => return Ok(None),
        },
    };
    match kind {
        Hostile::Drip => drip(stream, head.as_bytes()).await?,
        _ => say(stream, head.as_bytes()).await?,
    }
    if to.is_none() {
        return Ok(Some(early));
    }
    let mut input = Vec::new();
    let read = shell::read_head(stream, &mut input, &Deviations::default()).await;
    Ok(read.is_ok().then_some(input))
}

/// A frame, masked as the role wants.
fn frame(role: Role, fin: bool, code: u8, payload: &[u8]) -> Vec<u8> {
    let mut octets = Vec::new();
    let mask = (role == Role::Client).then_some([0x11, 0x22, 0x33, 0x44]);
    write_frame(&mut octets, fin, code, payload, mask, &Deviations::default());
    octets
}
