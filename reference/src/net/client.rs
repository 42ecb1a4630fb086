//! The client: one connection on any stream.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::transport::Transport;
use super::{Application, Deadlines, NetError, Outcome, session};
use crate::connection::{Connection, Limits};
use crate::control::{Agreement, Capability, Parameters, accept_answer};
use crate::handshake::{ClientHandshake, HeadReader};
use crate::random::Random;
use crate::role::Role;

/// How a client behaves.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// The capabilities that it offers, in its order of preference; with none it is a plain
    /// endpoint of RFC 6455.
    pub offers: Vec<Parameters>,
    /// What it takes.
    pub limits: Limits,
    /// How long it waits.
    pub deadlines: Deadlines,
}

impl ClientConfig {
    /// A plain endpoint of RFC 6455: nothing is offered.
    pub fn plain() -> Self {
        Self { offers: Vec::new(), limits: Limits::default(), deadlines: Deadlines::default() }
    }
}

impl Default for ClientConfig {
    /// Offers rate-control, with its defaults.
    fn default() -> Self {
        Self { offers: vec![Parameters::of(Capability::RateControl)], ..Self::plain() }
    }
}

/// Connects over a stream, runs the application that the last segment of the target's path names,
/// and returns when the server has ended the stream.
///
/// `host` is the value of Host, with the port unless that is the default one; `target` is path and
/// query of the URL.
///
/// # Errors
///
/// The transport failed, or the handshake did: a server that answers wrong is an error here, one
/// that violates the protocol on an open connection is an [`Outcome`].
pub async fn run_client<S, R>(
    stream: S,
    host: &str,
    target: &str,
    config: &ClientConfig,
    random: &mut R,
) -> Result<Outcome, NetError>
where
    S: AsyncRead + AsyncWrite + Unpin,
    R: Random,
{
    let mut transport = Transport::new(stream);
    let offers = config.offers.iter().map(Parameters::to_offer);
    let handshake = ClientHandshake::new(host, target, offers.collect(), random);

    let limit = config.deadlines.handshake;
    let opened = timeout(limit, open(&mut transport, &handshake)).await;
    let (agreements, early) = match opened.unwrap_or(Err(NetError::HandshakeTimedOut(limit))) {
        Ok(opened) => opened,
        Err(error) => {
            transport.end(config.deadlines.linger).await;
            return Err(error);
        }
    };

    let connection = Connection::new(Role::Client, &agreements, config.limits.clone(), random);
    let path = target.split('?').next().unwrap_or_default();
    let application = Application::named(path.rsplit('/').next().unwrap_or_default());
    session::run(transport, connection, &early, application, &config.deadlines).await
}

/// Sends the request and judges its answer; gives what was agreed, and what was read behind it.
async fn open<S>(
    transport: &mut Transport<S>,
    handshake: &ClientHandshake,
) -> Result<(Vec<Agreement>, Vec<u8>), NetError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    transport.write_all(&handshake.request()).await?;
    let mut reader = HeadReader::response();
    let mut unread = Vec::new();
    loop {
        let Some((head, rest)) = reader.push(&unread)? else {
            let count = transport.read().await?;
            if count == 0 {
                return Err(NetError::HandshakeCut);
            }
            unread = transport.input(count).to_vec();
            continue;
        };
        // Interim answers come before the one that counts (RFC 9110, 15.2).
        if (100..200).contains(&head.start.status) && head.start.status != 101 {
            (reader, unread) = (HeadReader::response(), rest);
            continue;
        }
        let answer = handshake.judge(&head)?;
        return Ok((accept_answer(handshake.offers(), &answer.extensions)?, rest));
    }
}
