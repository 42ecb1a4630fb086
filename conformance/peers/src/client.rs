//! The client: sends its request, checks the answer (RFC 6455, 4.1), and runs the connection.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::Ending;
use crate::answer::write_fields;
use crate::application::Application;
use crate::bootstrap;
use crate::capability::Capability;
use crate::core::Core;
use crate::deviations::{Deviations, OpeningDeviations};
use crate::extension::{self, Extension};
use crate::frame::{self, opcode};
use crate::http::{Fields, Response};
use crate::lenience::understood;
use crate::negotiation::{self, Agreement};
use crate::random::Random;
use crate::request::lists;
use crate::role::Role;
use crate::sequences::Sequences;
use crate::server::accept_of;
use crate::shell;

/// The key that the RFC shows in its example (RFC 6455, 1.3).
const EXAMPLE_KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// Opens a connection over `stream` and runs it to its end.
///
/// `host` is the value of Host (`example.org`, `127.0.0.1:9001`), `target` the path and query of
/// the URL. The application is the one that the target names: `source`, `sink`, `close`,
/// `offer`, `bootstrap`, `require`, or else the echo. An answer that RFC 6455, 4.1 does not allow ends the connection at once.
pub async fn connect<S>(
    mut stream: S,
    host: &str,
    target: &str,
    deviations: &Deviations,
    seed: u64,
) -> Ending
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut random = Random::new(seed);
    let application = Application::named_by(target);
    let offer = Offer::of(application, deviations, &mut random);
    let opened = open(&mut stream, host, target, &offer, deviations, &mut random).await;
    let Some((Agreed { agreements, sequences }, early)) = opened else {
        let _ = stream.shutdown().await;
        return Ending::Ended;
    };
    let mut core = Core::new(Role::Client, &agreements, sequences, deviations, random.next());
    require(&agreements, application, &mut core);
    shell::converse(&mut stream, &mut core, application, deviations, &early).await
}

/// What a client asks for in its handshake.
#[derive(Clone, Debug, Default)]
struct Offer {
    /// The value of Sec-WebSocket-Extensions.
    extensions: Option<String>,
    subprotocol: Option<String>,
}

impl Offer {
    fn of(application: Application, deviations: &Deviations, random: &mut Random) -> Offer {
        let page = application == Application::Bootstrap && !deviations.declines_extensions;
        Offer {
            extensions: negotiation::offer(deviations).filter(|_| !page),
            subprotocol: page.then(|| bootstrap::offer(deviations, random)),
        }
    }

    /// The subprotocols, in order.
    fn subprotocols(&self, switches: &OpeningDeviations) -> Vec<&str> {
        match &self.subprotocol {
            Some(subprotocol) => vec![subprotocol],
            None if switches.offers_protocols => vec!["chat", "superchat"],
            None if switches.offers_protocol_twice => vec!["chat", "chat"],
            None => Vec::new(),
        }
    }

    /// The extensions as a list.
    fn list(&self) -> Vec<Extension> {
        extension::parse(self.extensions.as_deref().as_slice()).unwrap_or_default()
    }
}

/// What was agreed on.
#[derive(Debug, Default)]
struct Agreed {
    agreements: Vec<Agreement>,
    sequences: Sequences,
}

/// A client that cannot do without a capability closes at once where it is missing.
fn require(agreements: &[Agreement], application: Application, core: &mut Core) {
    let has =
        |capability: &Capability| agreements.iter().any(|one| one.terms.capability == *capability);
    let missing = Capability::ALL.into_iter().filter(|capability| !has(capability));
    let missing: Vec<&str> = missing.map(Capability::token).collect();
    let switches = &core.deviations().several;
    let rate_alone = missing == [Capability::RateControl.token()];
    if !missing.is_empty() && application == Application::Require
        || rate_alone && switches.requires_rate_control
    {
        let reason = if switches.requires_silently { String::new() } else { missing.join(", ") };
        core.close(Some(1010), &reason);
    }
}

/// The whole handshake: what was agreed and what came behind the answer; `None` if it failed.
async fn open<S>(
    stream: &mut S,
    host: &str,
    target: &str,
    offer: &Offer,
    deviations: &Deviations,
    random: &mut Random,
) -> Option<(Agreed, Vec<u8>)>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let nonce = random.sixteen();
    let octets = if deviations.sends_short_key { &nonce[..8] } else { &nonce };
    let key = BASE64.encode(octets);
    let key = if deviations.sends_example_key { EXAMPLE_KEY.to_owned() } else { key };
    let octets = request(host, target, &key, offer, deviations);
    shell::write_all(stream, octets.as_bytes(), deviations).await.ok()?;
    let mut input = Vec::new();
    if deviations.pings_before_answer {
        let patience = Duration::from_millis(50);
        let mut octet = [0];
        match timeout(patience, stream.read(&mut octet)).await {
            Ok(Ok(count)) if count > 0 => input.extend_from_slice(&octet),
            Ok(_) => return None,
            Err(_) => {
                let mut ping = Vec::new();
                let mask = Some(random.four());
                frame::write_frame(&mut ping, true, opcode::PING, b"early", mask, deviations);
                shell::write_all(stream, &ping, deviations).await.ok()?;
            }
        }
    }
    loop {
        let switches = &deviations.opening;
        let head = shell::read_head(stream, &mut input, deviations).await.ok()?;
        let response = Response::parse(&understood(&head, switches)).ok()?;
        // Interim answers precede the final one (RFC 9110, 15.2).
        if matches!(response.status, 100 | 102..=199) && !switches.takes_interim_for_final {
            continue;
        }
        let agreed = check(response, &key, offer, deviations).ok()?;
        return Some((agreed, input));
    }
}

fn request(host: &str, target: &str, key: &str, offer: &Offer, deviations: &Deviations) -> String {
    let method = if deviations.sends_post { "POST" } else { "GET" };
    let absolute = format!("http://{host}{target}");
    let target = if deviations.sends_absolute_target { &absolute } else { target };
    let target = if deviations.sends_other_target { "/elsewhere" } else { target };
    let switches = &deviations.opening;
    let version = match () {
        () if deviations.sends_http_1_0 => "HTTP/1.0",
        () if switches.sends_http_1_2 => "HTTP/1.2",
        () => "HTTP/1.1",
    };
    let host = if deviations.sends_other_host { "elsewhere.invalid" } else { host };
    let host = if switches.writes_host_upper { host.to_uppercase() } else { host.to_owned() };
    let port = if switches.names_default_port && !host.contains(':') { ":80" } else { "" };
    let mut fields: Vec<(&str, String)> = Vec::new();
    let mut add = |unless: bool, name, value: &str| {
        if !unless {
            fields.push((name, value.to_owned()));
        }
    };
    add(deviations.sends_no_host, "Host", &format!("{host}{port}"));
    let upgrade = if switches.lists_upgrade { "x-eccentric/1, websocket" } else { "websocket" };
    add(deviations.sends_no_upgrade, "Upgrade", upgrade);
    add(deviations.sends_no_connection, "Connection", "Upgrade");
    add(false, "Sec-WebSocket-Key", key);
    add(!switches.sends_two_keys, "Sec-WebSocket-Key", EXAMPLE_KEY);
    let number = match () {
        () if deviations.sends_version_8 => "8",
        () if switches.names_two_versions => "13, 8",
        () => "13",
    };
    add(deviations.sends_no_version, "Sec-WebSocket-Version", number);
    let subprotocols = offer.subprotocols(switches);
    add(subprotocols.is_empty(), "Sec-WebSocket-Protocol", &subprotocols.join(", "));
    if let Some(extensions) = &offer.extensions {
        let most = if switches.offers_in_lines { usize::MAX } else { 1 };
        let semicolon = if switches.offers_malformed { ";" } else { "" };
        for line in extensions.splitn(most, ", ") {
            add(false, "Sec-WebSocket-Extensions", &format!("{line}{semicolon}"));
        }
    }
    add(!switches.folds_field, "User-Agent", "a peer\r\n of few words");
    add(!switches.sends_origin, "Origin", "https://page.example");
    add(!switches.sends_credentials, "Authorization", "Basic YTpi");
    add(!switches.sends_credentials, "Cookie", "a=b; c=d");
    let fields = write_fields(&fields, deviations);
    let end = if switches.ends_line_in_lf { "X-Unix: yes\n" } else { "" };
    format!("{method} {target} {version}\r\n{fields}{end}\r\n")
}

/// The same as [`check`] but for what the parameters of extensions mean.
pub(crate) fn takes(mut response: Response, key: &str, deviations: &Deviations) -> bool {
    let extensions = response.fields.take("Sec-WebSocket-Extensions");
    let lines: Vec<&str> = extensions.iter().map(String::as_str).collect();
    let offered = |one: &Extension| one.token == Capability::RateControl.token();
    let all_offered = extension::parse(&lines).is_ok_and(|list| list.iter().all(offered));
    let offer = Offer::default();
    (lines.is_empty() || all_offered) && check(response, key, &offer, deviations).is_ok()
}

/// Holds an answer against RFC 6455, 4.1; an error says why the connection has to be failed.
fn check(
    mut response: Response,
    key: &str,
    offer: &Offer,
    deviations: &Deviations,
) -> Result<Agreed, &'static str> {
    let switches = &deviations.opening;
    if switches.takes_statuses.as_ref().is_some_and(|taken| taken.contains(&response.status)) {
        return Ok(Agreed::default());
    }
    let switching = response.status == 101 || switches.takes_any_status;
    if !switching || response.minor.is_none_or(|minor| minor < 1) {
        return Err("no status 101 of HTTP/1.1");
    }
    response.fields.case_sensitive = deviations.compares_names_exactly;
    let fields = &response.fields;
    check_fields(fields, key, deviations)?;
    if deviations.keeps_white_space && fields.is_wide("Sec-WebSocket-Accept") {
        return Err("white space");
    }
    if deviations.wants_fields_in_order && !fields.stand_in_order("Upgrade", "Sec-WebSocket-Accept")
    {
        return Err("another order than that of the example");
    }
    if deviations.refuses_unknown_fields && fields.names().any(|name| !is_known(name)) {
        return Err("an unknown field");
    }
    if switches.refuses_obs_text && fields.values().any(|value| !value.is_ascii()) {
        return Err("octets above 7F");
    }
    let selected = match fields.all("Sec-WebSocket-Protocol").as_slice() {
        [] => false,
        [one] if offer.subprotocol.as_deref() == Some(*one) => true,
        [one] if offer.subprotocols(switches).contains(one) => false,
        [""] if switches.takes_empty_protocol => false,
        [one, ..] if deviations.takes_unoffered_protocol && !one.is_empty() => false,
        _ => return Err("a subprotocol that was not offered"),
    };
    let mut lines = fields.all("Sec-WebSocket-Extensions");
    if deviations.several.reads_first_answer_line {
        lines.truncate(1);
    }
    let answers = match extension::parse(&lines) {
        Ok(answers) => answers,
        Err(_) if deviations.takes_malformed_answer => return Ok(Agreed::default()),
        Err(_) => return Err("extensions that break the grammar"),
    };
    agree(&answers, selected, offer, deviations)
}

/// The fields that make an answer one to an opening handshake.
fn check_fields(fields: &Fields, key: &str, deviations: &Deviations) -> Result<(), &'static str> {
    let switches = &deviations.opening;
    let exact = deviations.compares_values_exactly;
    let upgrade = match fields.elements("Upgrade").as_slice() {
        [value] if exact => *value == "websocket",
        [value] => value.eq_ignore_ascii_case("websocket"),
        _ => switches.takes_listed_upgrade && fields.lists("Upgrade", "websocket"),
    };
    if !upgrade && !deviations.takes_answer_without_upgrade {
        return Err("no Upgrade to websocket");
    }
    let lines = fields.all("Connection");
    let connection = if switches.takes_any_connection_with_upgrade {
        lines.join(",").to_lowercase().contains("upgrade")
    } else if switches.wants_answer_connection_alone {
        fields.single("Connection").is_some_and(|value| value.eq_ignore_ascii_case("upgrade"))
    } else if switches.reads_first_answer_connection && lines.len() > 1 {
        lines.first().is_some_and(|line| line.eq_ignore_ascii_case("upgrade"))
    } else {
        lists(fields, "Connection", "Upgrade", exact)
    };
    if !connection && !deviations.takes_answer_without_connection {
        return Err("no Connection with Upgrade");
    }
    let accept = accept_of(key);
    let accepts = match fields.all("Sec-WebSocket-Accept").as_slice() {
        [one] => *one == accept,
        [first, ..] => switches.takes_first_accept && *first == accept,
        [] => false,
    };
    if !accepts && !deviations.takes_any_accept {
        return Err("a Sec-WebSocket-Accept that does not fit the key");
    }
    Ok(())
}

/// Puts together what was agreed on by subprotocol and by extensions.
fn agree(
    answers: &[Extension],
    selected: bool,
    offer: &Offer,
    deviations: &Deviations,
) -> Result<Agreed, &'static str> {
    let switches = &deviations.setup;
    let mut agreed = Agreed::default();
    let active = selected && !switches.bootstrap_stays_inactive;
    let subprotocol = offer.subprotocol.as_deref().filter(|_| active);
    if let Some(sequence) = subprotocol.and_then(|s| bootstrap::sequence_in(s, deviations)) {
        agreed.sequences.add(sequence);
        agreed.agreements.push(bootstrap::agreement(sequence));
    }
    let mut offered = offer.list();
    // A misbehaviour: what was not offered counts as offered.
    if switches.takes_setup_twice {
        let all = negotiation::offer(deviations).unwrap_or_default();
        offered = extension::parse(&[all.as_str()]).unwrap_or_default();
    }
    let accepted = negotiation::check(answers, &offered, &mut agreed.sequences, deviations)?;
    let twice = accepted.iter().any(|one| one.terms.capability == Capability::ControlSetup);
    if selected && twice && !switches.takes_setup_twice {
        return Err("a capability by subprotocol and by extension");
    }
    agreed.agreements.extend(accepted);
    Ok(agreed)
}

fn is_known(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("sec-websocket-")
        || matches!(name.as_str(), "upgrade" | "connection" | "date" | "server" | "content-length")
}
