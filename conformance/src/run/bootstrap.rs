//! `control-setup` negotiated by a subprotocol (chapter "Set-up on an open connection").

use super::agreement::{Agreement, Sequence, Wrong, sequence_of};
use super::parameters::Given;
use super::setup::TOKEN;
use super::wish::Bootstrap;
use crate::wire::{HttpHead, hex};

/// What the subprotocol begins with.
const BOOTSTRAP: &str = "control.";

impl Bootstrap {
    /// The subprotocol that offers this sequence.
    pub(super) fn subprotocol(&self, sequence: Sequence) -> String {
        let digits = hex::print(&sequence).replace(' ', "");
        match &self.app {
            Some(app) => format!("{BOOTSTRAP}{digits}.{app}"),
            None => format!("{BOOTSTRAP}{digits}"),
        }
    }

    /// The first subprotocol of a request that offers what is wanted here, and its sequence.
    pub(super) fn find(&self, head: &HttpHead) -> Option<(String, Sequence)> {
        subprotocols(head).into_iter().find_map(|name| {
            let (sequence, app) = parse(&name)?;
            let fits = self.app.as_deref().is_none_or(|wanted| app == Some(wanted));
            fits.then(|| (name.clone(), sequence))
        })
    }
}

/// What a subprotocol agrees on.
pub(super) fn agreement(sequence: Sequence) -> Agreement {
    Agreement::new(TOKEN, sequence, Given::new())
}

/// Whether a request offers `control-setup` by a subprotocol, or tries to.
pub(crate) fn bootstraps(head: &HttpHead) -> bool {
    subprotocols(head).iter().any(|name| is_like_bootstrap(name))
}

/// Whether a subprotocol begins as one that negotiates, in any case of its letters.
pub(super) fn is_like_bootstrap(name: &str) -> bool {
    name.get(..BOOTSTRAP.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(BOOTSTRAP))
}

/// What is wrong with a request that is to offer such a subprotocol.
pub(super) fn judge_bootstrap(head: &HttpHead) -> Vec<Wrong> {
    let names = subprotocols(head);
    let marked = |name: &&String| is_like_bootstrap(name);
    let malformed = names.iter().filter(marked).find(|name| parse(name).is_none());
    let expected = "`control.` and 8 hexadecimal digits";
    let wrong = |name| Wrong::new("bootstrap.offered", expected, format!("`{name}`"));
    malformed.map(wrong).into_iter().collect()
}

/// The sequence and the application of `control.XXXXXXXX.APP`.
fn parse(name: &str) -> Option<(Sequence, Option<&str>)> {
    let behind = name.strip_prefix(BOOTSTRAP)?;
    match behind.split_once('.') {
        Some((_, "")) => None,
        Some((digits, app)) => Some((sequence_of(digits)?, Some(app))),
        None => Some((sequence_of(behind)?, None)),
    }
}

fn subprotocols(head: &HttpHead) -> Vec<String> {
    let lines = head.field_values("Sec-WebSocket-Protocol").join(",");
    lines.split(',').map(|name| name.trim_matches([' ', '\t']).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_application() {
        let sequence = [0xF0, 0x80, 0x00, 0xA1];
        for (name, wanted) in [
            ("control.F08000A1", Some((sequence, None))),
            ("control.f08000a1", Some((sequence, None))),
            ("control.F08000A1.chat", Some((sequence, Some("chat")))),
            ("control.F08000A1.chat.v2", Some((sequence, Some("chat.v2")))),
            ("control.F08000A1.", None),
            ("control.F08000A", None),
            ("control.F08000A1A", None),
            ("control.F08000AG", None),
            ("Control.F08000A1", None),
            ("chat", None),
        ] {
            assert_eq!(parse(name), wanted, "{name}");
        }
        let app = |app: Option<&str>| Bootstrap { app: app.map(str::to_owned) };
        assert_eq!(app(None).subprotocol(sequence), "control.F08000A1");
        assert_eq!(app(Some("chat")).subprotocol(sequence), "control.F08000A1.chat");
    }
}
