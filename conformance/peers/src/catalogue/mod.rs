//! The peers a harness is tested on: each is the plain endpoint with one switch set.
//!
//! A harness is right about a broken peer if it blames it for all of `violates` and for nothing
//! else, and right about an eccentric one if it blames it for nothing.

use crate::deviations::Deviations;

mod broken;
mod eccentric;

pub use broken::broken;
pub use eccentric::eccentric;

/// In which role a peer shows its peculiarity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerRole {
    /// Only as a server.
    Server,
    /// Only as a client.
    Client,
    /// As a server and as a client alike.
    Both,
    /// Only as a gateway.
    Gateway,
}

/// What kind of peculiarity it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerKind {
    /// A misbehaviour.
    Broken {
        /// The ids of the requirements that are violated, all of them.
        violates: &'static [&'static str],
    },
    /// A legal freedom.
    Eccentric {
        /// The ids of the requirements that grant the freedom, or that oblige the other side to
        /// live with it.
        uses: &'static [&'static str],
    },
}

/// A peer: the plain endpoint with one switch set.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Unique, in lower case, words joined by hyphens.
    pub name: &'static str,
    /// In which role the peer is peculiar.
    pub role: PeerRole,
    /// Broken or eccentric, and by which requirements.
    pub kind: PeerKind,
    /// What it does, in a sentence.
    pub doc: &'static str,
    /// Sets the switch.
    pub switch: fn(&mut Deviations),
}

impl Peer {
    /// The plain endpoint with this peer's switch set.
    ///
    /// ```
    /// let peer = &wsconform_peers::broken()[0];
    /// let deviations = peer.deviations();
    /// assert_ne!(format!("{deviations:?}"), format!("{:?}", wsconform_peers::Deviations::default()));
    /// ```
    pub fn deviations(&self) -> Deviations {
        let mut deviations = Deviations::default();
        (self.switch)(&mut deviations);
        deviations
    }
}
