//! The endpoints that come with the suite, by name, over any stream.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use wsconform_abnf::suggest::closest;
use wsconform_peers::hostile::{self, Hostile};
use wsconform_peers::{Deviations, Ending, Peer, PeerRole, broken, eccentric};
use wsconform_reference::SeededRandom;
use wsconform_reference::net::{ClientConfig, ServerConfig, run_client, serve_connection};
use wsconform_spec::scenario::Role;

use super::error::TargetError;

/// An endpoint that comes with the suite; a clone is the same endpoint.
#[derive(Clone)]
pub struct BuiltIn {
    endpoint: Arc<Endpoint>,
}

impl BuiltIn {
    /// The endpoint called `name`, one of [`simulated_names`], in a role.
    ///
    /// # Errors
    /// When there is none of this name, or it has nothing to show in this role.
    pub fn named(name: &str, role: Role) -> Result<Self, TargetError> {
        let kind = kind_named(name)?;
        kind.fits(name, role)?;
        let endpoint = match kind {
            BuiltInKind::Reference => Endpoint::Reference(ServerConfig::default()),
            BuiltInKind::Simple => Endpoint::Plain(Box::default()),
            BuiltInKind::Peer(peer) => Endpoint::Plain(Box::new(peer.deviations())),
            BuiltInKind::Hostile(kind) => Endpoint::Hostile(kind),
        };
        Ok(Self { endpoint: Arc::new(endpoint) })
    }

    /// Serves one connection. [`Ending::Died`] means that the endpoint is gone as a whole.
    pub async fn serve<S>(&self, stream: S, seed: u64) -> Ending
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        match self.endpoint.as_ref() {
            Endpoint::Reference(config) => {
                // How a connection ended is for the harness to see, not to be told.
                let _ = serve_connection(stream, config, &mut SeededRandom(seed)).await;
                Ending::Ended
            }
            Endpoint::Plain(deviations) => wsconform_peers::serve(stream, deviations, seed).await,
            Endpoint::Hostile(kind) => {
                hostile::run(stream, *kind).await;
                Ending::Ended
            }
        }
    }

    /// Plays the client of one connection.
    pub async fn connect<S>(&self, stream: S, authority: &str, target: &str, seed: u64) -> Ending
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        match self.endpoint.as_ref() {
            Endpoint::Reference(_) => {
                let (config, mut random) = (ClientConfig::default(), SeededRandom(seed));
                let _ = run_client(stream, authority, target, &config, &mut random).await;
                Ending::Ended
            }
            Endpoint::Plain(deviations) => {
                wsconform_peers::connect(stream, authority, target, deviations, seed).await
            }
            Endpoint::Hostile(kind) => {
                hostile::run_client(stream, authority, target, *kind).await;
                Ending::Ended
            }
        }
    }

    /// Plays the gateway between a WebSocket connection and a plain one.
    pub async fn relay<F, B>(&self, front: F, back: B, seed: u64) -> Ending
    where
        F: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        B: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        match self.endpoint.as_ref() {
            Endpoint::Plain(deviations) => {
                wsconform_peers::relay(front, back, deviations, seed).await
            }
            // Refused where the target is made.
            Endpoint::Reference(_) | Endpoint::Hostile(_) => Ending::Ended,
        }
    }
}

/// What it is.
enum Endpoint {
    Reference(ServerConfig),
    Plain(Box<Deviations>),
    Hostile(Hostile),
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
enum BuiltInKind {
    Reference,
    Simple,
    Peer(&'static Peer),
    Hostile(Hostile),
}

impl BuiltInKind {
    fn fits(&self, name: &str, role: Role) -> Result<(), TargetError> {
        let (fits, wrong, instead) = match self {
            Self::Simple => return Ok(()),
            Self::Reference => (
                role != Role::Gateway,
                "there is no reference gateway".to_owned(),
                "type `sim:simple`, a plain relay".to_owned(),
            ),
            Self::Hostile(_) => (
                role != Role::Gateway,
                "there is no hostile gateway".to_owned(),
                format!("type `sim:simple`, or certify `sim:{name}` as a server or a client"),
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

fn kind_named(name: &str) -> Result<BuiltInKind, TargetError> {
    let peer = |peers: &'static [Peer], name: &str| peers.iter().find(|peer| peer.name == name);
    let found = match name.split_once('/') {
        None if name == "reference" => Some(BuiltInKind::Reference),
        None if name == "simple" => Some(BuiltInKind::Simple),
        Some(("broken", name)) => peer(broken(), name).map(BuiltInKind::Peer),
        Some(("eccentric", name)) => peer(eccentric(), name).map(BuiltInKind::Peer),
        Some(("hostile", name)) => {
            Hostile::ALL.iter().copied().find(|kind| kind.name() == name).map(BuiltInKind::Hostile)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_to_an_endpoint_in_some_role() {
        let names = simulated_names();
        for name in &names {
            let fits = |(_, role)| BuiltIn::named(name, role).is_ok();
            assert!(Role::ALL.into_iter().any(fits), "{name}");
        }
        let mut unique = names.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), names.len());
    }
}
