//! Finds out what an endpoint is before the first case.

use std::time::Duration;

use wsconform_spec::scenario::{Role, capabilities};

use super::probe::{NotAnEndpoint, Probe};
use crate::report::Found;
use crate::run::{Event, bootstraps};
use crate::target::Target;
use crate::wire::{HttpHead, Opcode};

/// An extension that nobody implements: who accepts it accepts anything.
const NOBODYS: &str = "x-wsconform-unknown";

/// What `target` is: which applications it runs, which capabilities it negotiates. Applications
/// beyond the echo and `close` are looked for as far as they are `wanted`.
///
/// # Errors
///
/// There is no WebSocket endpoint: nothing listens, it does not speak HTTP, it says nothing within
/// `patience`, the client never connects.
pub async fn discover(
    target: &dyn Target,
    wanted: &[&str],
    patience: Duration,
    seed: u64,
) -> Result<Found, NotAnEndpoint> {
    let mut probe = Probe::new(target, patience, seed);
    let mut found = Found::default();
    // One connection after the other: some servers take no more than one at a time.
    let (mut connection, head) = probe.open("").await?;
    if target.role() != Role::Gateway && probe.echoes(&mut connection).await {
        found.applications.push("echo".to_owned());
    }
    drop(connection);
    found.capabilities = match target.role() {
        Role::Client => offered(&head),
        Role::Server | Role::Gateway => accepted(&mut probe).await?,
    };
    if target.role() == Role::Gateway {
        return Ok(found);
    }
    for app in ["close", "source", "sink", "offer", "bootstrap", "require"] {
        let is_wanted = app == "close" || wanted.contains(&app);
        if is_wanted && runs(&mut probe, app, &found).await {
            found.applications.push(app.to_owned());
        }
    }
    let setup = "control-setup";
    if found.runs("bootstrap") && !found.negotiates(setup) {
        found.capabilities.push(setup.to_owned());
    }
    Ok(found)
}

/// Whether the endpoint runs this application beside the echo.
async fn runs(probe: &mut Probe<'_>, app: &str, found: &Found) -> bool {
    match app {
        // Which does not sink elsewhere.
        "sink" if !found.runs("echo") => return false,
        "offer" if !found.negotiates("control-setup") => return false,
        "bootstrap" | "require" if probe.role() != Role::Client => return false,
        _ => {}
    }
    let opened = match app {
        // What is accepted already is not offered again.
        "offer" => probe.open_with(app, "control-setup").await,
        "require" => probe.open_without(app).await,
        app => probe.open(app).await,
    };
    let Ok((mut connection, head)) = opened else { return false };
    match app {
        "sink" => probe.answers_pings_alone(&mut connection).await,
        "bootstrap" => bootstraps(&head),
        "source" => {
            let is_data =
                |event: &Event| matches!(event, Event::Message(message) if message.class.is_data());
            probe.does(&mut connection, is_data).await
        }
        "offer" => {
            let is_offer = |event: &Event| matches!(event, Event::Message(message) if message.class.is_known_control());
            probe.does(&mut connection, is_offer).await
        }
        _ => {
            let is_close = |event: &Event| matches!(event, Event::Native(frame) if frame.opcode == Opcode::CLOSE);
            probe.does(&mut connection, is_close).await
        }
    }
}

/// The capabilities that are named in the answer to an offer of all of them, or of each alone
/// where that is refused. What gives no answer at all is asked once more: it has not declined.
async fn accepted(probe: &mut Probe<'_>) -> Result<Vec<String>, NotAnEndpoint> {
    let all: Vec<&str> = capabilities().chain([NOBODYS]).collect();
    let offer = all.join(", ");
    let head = match probe.ask("", Some(&offer)).await {
        Ok((_, head)) => head,
        Err(_) => probe.ask("", Some(&offer)).await?.1,
    };
    if head.status() == Some(101) {
        return Ok(capabilities().filter(|token| names(&head, token)).map(Into::into).collect());
    }
    let mut accepted = Vec::new();
    for token in capabilities() {
        let answer = probe.ask("", Some(token)).await;
        if answer.is_ok_and(|(_, head)| head.status() == Some(101) && names(&head, token)) {
            accepted.push(token.to_owned());
        }
    }
    Ok(accepted)
}

/// Whether the answer accepts the capability. One that accepts anything has to give it a sequence,
/// else the name may be no more than an echo of the offer.
fn names(head: &HttpHead, capability: &str) -> bool {
    let answer = head.extensions().unwrap_or_default();
    let named = |token: &str| answer.items.iter().find(|item| item.name == token);
    named(capability).is_some_and(|item| named(NOBODYS).is_none() || item.has("control"))
}

/// The capabilities that a client offers.
fn offered(head: &HttpHead) -> Vec<String> {
    let offers = head.extensions().unwrap_or_default();
    let named = |token: &&str| offers.items.iter().any(|item| item.name == *token);
    capabilities().filter(named).map(str::to_owned).collect()
}
