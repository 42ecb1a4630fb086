//! Bootstrap by subprotocol: `control-setup` for a client that can't set extensions, such as a
//! page in a browser.

use std::fmt;

use super::{Agreement, AgreementFault, Capability, Sequence};
use crate::handshake::is_token;

/// The subprotocol `control.XXXXXXXX` or `control.XXXXXXXX.APP`.
///
/// ```
/// use wsconform_reference::Bootstrap;
///
/// let bootstrap: Bootstrap = Bootstrap::parse("control.f0800010.chat.v2").ok_or("none")?;
/// assert_eq!(bootstrap.sequence.to_string(), "F0800010");
/// assert_eq!(bootstrap.application.as_deref(), Some("chat.v2"));
/// assert_eq!(Bootstrap::parse("control.F08000"), None, "a subprotocol like any other");
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bootstrap {
    /// The sequence that the client chose for `control-setup`.
    pub sequence: Sequence,
    /// The subprotocol of the application.
    pub application: Option<String>,
}

impl Bootstrap {
    /// Reads a subprotocol; letter case counts, but for the digits.
    pub fn parse(subprotocol: &str) -> Option<Self> {
        let rest = subprotocol.strip_prefix("control.")?;
        let (digits, application) = match rest.split_once('.') {
            Some((digits, application)) if is_token(application) => (digits, Some(application)),
            Some(_) => return None,
            None => (rest, None),
        };
        let sequence = Sequence::from_hex(digits)?;
        Some(Self { sequence, application: application.map(str::to_owned) })
    }

    /// The first bootstrap among the subprotocols that a client offers, octet for octet as it was
    /// offered, and what it says.
    pub fn select(offered: &[String]) -> Option<(&str, Self)> {
        offered.iter().find_map(|one| Self::parse(one).map(|bootstrap| (one.as_str(), bootstrap)))
    }

    /// `control-setup`, both ways and from the first frame.
    pub fn agreement(&self) -> Agreement {
        Agreement::of(Capability::ControlSetup, self.sequence)
    }

    /// A client's judgement of an answer that selected this and accepted `agreements`: all that is
    /// in force.
    ///
    /// # Errors
    ///
    /// The server accepted `control-setup` twice, or gave its sequence to another capability.
    pub fn join(&self, mut agreements: Vec<Agreement>) -> Result<Vec<Agreement>, AgreementFault> {
        let twice = |one: &Agreement| one.capability() == Capability::ControlSetup;
        if agreements.iter().any(twice) {
            return Err(AgreementFault::BootstrapTwice);
        }
        if agreements.iter().any(|one| one.sequence == self.sequence) {
            return Err(AgreementFault::BootstrapShared(self.sequence));
        }
        agreements.push(self.agreement());
        Ok(agreements)
    }
}

/// The subprotocol, its digits in upper case.
impl fmt::Display for Bootstrap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "control.{}", self.sequence)?;
        self.application.iter().try_for_each(|application| write!(f, ".{application}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_bootstrap_is_a_subprotocol_like_any_other() {
        for other in [
            "control",
            "control.",
            "control.F080001",
            "control.F08000100",
            "control.F080001G",
            "control.+0800010",
            "control.F0800010.",
            "control.F0800010.a b",
            "Control.F0800010",
            "control-F0800010",
        ] {
            assert_eq!(Bootstrap::parse(other), None, "{other}");
        }
    }

    #[test]
    fn the_first_one_is_selected_as_it_was_spelt() {
        let offered = ["chat", "control.f0800010.chat", "control.F0900000"].map(str::to_owned);
        let (selected, bootstrap) = Bootstrap::select(&offered).unwrap();
        assert_eq!(selected, "control.f0800010.chat");
        assert_eq!(bootstrap.to_string(), "control.F0800010.chat");
        assert_eq!(Bootstrap::parse(&bootstrap.to_string()), Some(bootstrap));
        assert_eq!(Bootstrap::select(&offered[..1]), None);
    }

    #[test]
    fn control_setup_is_accepted_once_and_its_sequence_is_its_own() {
        let bootstrap = Bootstrap::parse("control.F0800010").unwrap();
        let of = |capability, octets| Agreement::of(capability, Sequence(octets));
        let (own, other) = ([0xF0, 0x80, 0, 0x10], [0xF0, 0x80, 0, 0x11]);
        let beats = of(Capability::Heartbeat, other);
        let joined = bootstrap.join(vec![beats.clone()]).unwrap();
        assert_eq!(joined, [beats, of(Capability::ControlSetup, own)]);
        let twice = bootstrap.join(vec![of(Capability::ControlSetup, other)]);
        assert_eq!(twice, Err(AgreementFault::BootstrapTwice));
        let shared = bootstrap.join(vec![of(Capability::Heartbeat, own)]);
        assert_eq!(shared, Err(AgreementFault::BootstrapShared(Sequence(own))));
    }
}
