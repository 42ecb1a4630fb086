//! The client: one connection on any stream.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::transport::Transport;
use super::{Application, Deadlines, NetError, Outcome, session};
use crate::close_code::CloseCode;
use crate::connection::{Connection, Limits};
use crate::control::{
    Agreement, Allocation, Bootstrap, Capability, Parameters, Support, accept_answer,
};
use crate::handshake::{ClientHandshake, HeadReader};
use crate::random::Random;
use crate::role::Role;

/// How a client behaves.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// The capabilities that it offers, in its order of preference; with none it is a plain
    /// endpoint of RFC 6455.
    pub offers: Vec<Parameters>,
    /// What it accepts of offers on the open connection.
    pub support: Support,
    /// What it takes.
    pub limits: Limits,
    /// How long it waits.
    pub deadlines: Deadlines,
}

impl ClientConfig {
    /// A plain endpoint of RFC 6455: nothing is offered.
    pub fn plain() -> Self {
        Self {
            offers: Vec::new(),
            support: Support::none(),
            limits: Limits::default(),
            deadlines: Deadlines::default(),
        }
    }
}

impl Default for ClientConfig {
    /// Offers all capabilities as widely as it can, and accepts all.
    fn default() -> Self {
        let offers = Capability::ALL.map(Parameters::widest).to_vec();
        Self { offers, support: Support::all(), ..Self::plain() }
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
    let path = target.split('?').next().unwrap_or_default();
    let application = Application::named(path.rsplit('/').next().unwrap_or_default());
    let handshake = if application == Application::Bootstrap {
        let sequence = Allocation::Random.first(0, b"", random);
        let bootstrap = Bootstrap { sequence, application: None };
        ClientHandshake::new(host, target, Vec::new(), random)
            .with_subprotocols(vec![bootstrap.to_string()])
    } else {
        let offers = config.offers.iter().map(Parameters::to_offer);
        ClientHandshake::new(host, target, offers.collect(), random)
    };

    let limit = config.deadlines.handshake;
    let opened = timeout(limit, open(&mut transport, &handshake)).await;
    let (agreements, early) = match opened.unwrap_or(Err(NetError::HandshakeTimedOut(limit))) {
        Ok(opened) => opened,
        Err(error) => {
            transport.end(config.deadlines.linger).await;
            return Err(error);
        }
    };

    let mut connection = Connection::new(Role::Client, &agreements, config.limits.clone(), random)
        .with_support(config.support.clone());
    let accepted = |one: &Capability| agreements.iter().any(|agreed| agreed.capability() == *one);
    let offered =
        handshake.offers().iter().filter_map(|offer| Capability::from_token(&offer.token));
    let missing: Vec<&str> = offered.filter(|one| !accepted(one)).map(Capability::token).collect();
    if application == Application::Require && !missing.is_empty() {
        let _ = connection.send_close(CloseCode::MISSING_EXTENSION, &missing.join(", "));
    }
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
        let agreements = accept_answer(handshake.offers(), &answer.extensions)?;
        let bootstrap = answer.subprotocol.as_deref().and_then(Bootstrap::parse);
        return Ok(match bootstrap {
            Some(bootstrap) => (bootstrap.join(agreements)?, rest),
            None => (agreements, rest),
        });
    }
}
