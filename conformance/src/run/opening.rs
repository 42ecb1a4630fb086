//! The opening handshake, judged as a whole (chapter "The opening handshake").

use wsconform_spec::scenario::Role;

use super::agreement::{Wrong, judge_offers};
use super::bootstrap::is_like_bootstrap;
use super::connection::Connection;
use crate::wire::{HttpHead, IrregularityKind, StartLine, accept_of, is_token, key_octets};

/// The requirements that the step `open` holds against an endpoint of `role`.
pub fn judged(role: Role) -> &'static [&'static str] {
    match role {
        Role::Client => &[
            "opening.client.method",
            "opening.client.valid",
            "opening.client.target",
            "opening.client.host",
            "opening.client.upgrade",
            "opening.client.connection",
            "opening.client.key",
            "opening.client.version",
            "opening.client.protocols",
            "opening.client.extension-list",
            "opening.client.waits",
            "negotiation.client.no-sequence",
            "negotiation.client.parameters",
        ],
        Role::Server | Role::Gateway => &[
            "opening.server.status",
            "opening.server.valid",
            "opening.server.no-content",
            "opening.server.response-upgrade",
            "opening.server.response-connection",
            "opening.server.accept",
            "opening.server.protocol",
            "opening.server.extensions",
        ],
    }
}

/// The requirements that `open with` a capability holds against an endpoint of `role`, besides.
pub fn judged_with_capability(role: Role) -> &'static [&'static str] {
    match role {
        Role::Client => &[],
        Role::Server | Role::Gateway => &[
            "negotiation.server.control",
            "negotiation.server.upper-case",
            "negotiation.server.parameters",
            "negotiation.server.not-widened",
            "negotiation.server.once",
            "sequence.unambiguous",
        ],
    }
}

/// The requirements that `open with` several capabilities holds against an endpoint of `role`,
/// besides.
pub fn judged_with_several(role: Role) -> &'static [&'static str] {
    match role {
        Role::Client => &[],
        Role::Server | Role::Gateway => &["sequence.distinct", "sequence.block"],
    }
}

/// The requirements that `open` by subprotocol holds against an endpoint of `role`, besides.
pub fn judged_with_bootstrap(role: Role) -> &'static [&'static str] {
    match role {
        Role::Client => &["bootstrap.offered"],
        Role::Server | Role::Gateway => &["bootstrap.selected"],
    }
}

/// What is wrong with the answer of a server, to a request that offered these capabilities and this
/// subprotocol.
pub(super) fn judge_response(
    head: &HttpHead,
    connection: &Connection,
    capabilities: &[&str],
    offered: Option<&str>,
) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let mut hold = |fits: bool, requirement: &'static str, expected: String, observed: String| {
        if !fits {
            wrong.push(Wrong { requirement, expected, observed });
        }
    };
    let status = head.status();
    if status != Some(101) {
        let observed = match status {
            Some(status) => format!("status {status}"),
            None => "what is no HTTP response".to_owned(),
        };
        hold(false, "opening.server.status", "status 101".into(), observed);
        return wrong;
    }
    let irregular = irregularities(head);
    hold(
        irregular.is_empty(),
        "opening.server.valid",
        "a response as RFC 9112 has it".into(),
        irregular,
    );
    for name in ["Content-Length", "Transfer-Encoding"] {
        let values = head.field_values(name);
        let expected = format!("no field {name}");
        hold(values.is_empty(), "opening.server.no-content", expected, fields(name, &values));
    }
    let upgrade = head.field_values("Upgrade");
    hold(
        upgrade.len() == 1 && upgrade[0].eq_ignore_ascii_case("websocket"),
        "opening.server.response-upgrade",
        "a field `Upgrade: websocket`".into(),
        fields("Upgrade", &upgrade),
    );
    hold(
        head.lists("Connection", "upgrade"),
        "opening.server.response-connection",
        "a field `Connection: Upgrade`".into(),
        fields("Connection", &head.field_values("Connection")),
    );
    let accept = head.field_values("Sec-WebSocket-Accept");
    let wanted = accept_of(&connection.key);
    hold(
        accept == [wanted.as_str()],
        "opening.server.accept",
        format!("a field `Sec-WebSocket-Accept: {wanted}`"),
        fields("Sec-WebSocket-Accept", &accept),
    );
    let protocol = head.field_values("Sec-WebSocket-Protocol");
    let bootstraps = offered.is_some() && protocol.iter().any(|name| is_like_bootstrap(name));
    hold(
        protocol.is_empty() || offered.is_some_and(|offered| protocol == [offered]),
        if bootstraps { "bootstrap.selected" } else { "opening.server.protocol" },
        match offered {
            Some(offered) => format!("`{offered}`, or no subprotocol"),
            None => "no subprotocol, for none was offered".into(),
        },
        fields("Sec-WebSocket-Protocol", &protocol),
    );
    let extensions = head.extensions().unwrap_or_default();
    for item in &extensions.items {
        hold(
            capabilities.contains(&item.name.as_str()),
            "opening.server.extensions",
            match capabilities {
                [] => "no extension, for none was offered".into(),
                capabilities => format!("no extension but `{}`", capabilities.join("` `")),
            },
            format!("`{item}`"),
        );
    }
    wrong
}

/// What is wrong with the request of a client that was sent to `authority` and `target`.
pub(super) fn judge_request(head: &HttpHead, connection: &Connection) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let mut hold = |fits: bool, requirement: &'static str, expected: String, observed: String| {
        if !fits {
            wrong.push(Wrong { requirement, expected, observed });
        }
    };
    let (authority, target) = &connection.address;
    let Ok(StartLine::Request { method, target: found, version }) = &head.start_line else {
        let observed = "what is no HTTP request".to_owned();
        hold(false, "opening.client.method", "a GET request".into(), observed);
        return wrong;
    };
    hold(
        method == "GET" && is_at_least_1_1(version),
        "opening.client.method",
        "GET and HTTP/1.1 or higher".into(),
        format!("{method} and {version}"),
    );
    let irregular = irregularities(head);
    hold(
        irregular.is_empty(),
        "opening.client.valid",
        "a request as RFC 9112 has it".into(),
        irregular,
    );
    hold(
        leads_to(found, authority, target),
        "opening.client.target",
        format!("the target {target}"),
        format!("the target {found}"),
    );
    let host = head.field_values("Host");
    hold(
        matches!(host[..], [host] if same_authority(host, authority)),
        "opening.client.host",
        format!("a field `Host: {authority}`"),
        fields("Host", &host),
    );
    hold(
        head.lists("Upgrade", "websocket"),
        "opening.client.upgrade",
        "a field `Upgrade: websocket`".into(),
        fields("Upgrade", &head.field_values("Upgrade")),
    );
    hold(
        head.lists("Connection", "upgrade"),
        "opening.client.connection",
        "a field `Connection: Upgrade`".into(),
        fields("Connection", &head.field_values("Connection")),
    );
    let key = head.field_values("Sec-WebSocket-Key");
    let is_key = matches!(key[..], [key] if key_octets(key).is_some_and(|key| key.len() == 16));
    hold(
        is_key,
        "opening.client.key",
        "a field Sec-WebSocket-Key with 16 octets in base64".into(),
        fields("Sec-WebSocket-Key", &key),
    );
    let version = head.field_values("Sec-WebSocket-Version");
    hold(
        version == ["13"],
        "opening.client.version",
        "a field `Sec-WebSocket-Version: 13`".into(),
        fields("Sec-WebSocket-Version", &version),
    );
    let subprotocols = head.list("Sec-WebSocket-Protocol");
    let distinct =
        (1..subprotocols.len()).all(|at| !subprotocols[..at].contains(&subprotocols[at]));
    let lines = head.field_values("Sec-WebSocket-Protocol");
    hold(
        distinct
            && subprotocols.iter().all(|name| is_token(name))
            && lines.is_empty() == subprotocols.is_empty(),
        "opening.client.protocols",
        "distinct tokens in Sec-WebSocket-Protocol".into(),
        fields("Sec-WebSocket-Protocol", &lines),
    );
    if let Some(offers) = head.extensions() {
        hold(
            offers.has_empty_elements_alone() && !offers.items.is_empty(),
            "opening.client.extension-list",
            "a list of extensions".into(),
            fields("Sec-WebSocket-Extensions", &head.field_values("Sec-WebSocket-Extensions")),
        );
        wrong.extend(judge_offers(&offers));
    }
    wrong
}

/// What makes a head no message of HTTP. Octets above 0x7F do not (RFC 9110, 5.5).
fn irregularities(head: &HttpHead) -> String {
    let all = head.irregularities.iter();
    let found = all.filter(|one| one.kind != IrregularityKind::NonAscii);
    found.map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Whether a request target is this one, or an absolute URI that has it and this authority
/// (RFC 6455, 4.1). The scheme and the host are the same in any case of their letters
/// (RFC 3986, 6.2.2.1).
fn leads_to(found: &str, authority: &str, target: &str) -> bool {
    let Some((scheme, rest)) = found.split_once("://").filter(|_| !found.starts_with('/')) else {
        return found == target;
    };
    let (host, resource) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let known = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    known
        && same_authority(host, authority)
        && (resource == target || resource.is_empty() && target == "/")
}

/// Whether two authorities are the same: in any case of the letters of the host, with the default
/// port named or not (RFC 3986, 6.2.2.1 and 6.2.3).
fn same_authority(found: &str, wanted: &str) -> bool {
    let without_port = |text: &str| text.strip_suffix(":80").unwrap_or(text).to_ascii_lowercase();
    without_port(found) == without_port(wanted)
}

fn is_at_least_1_1(version: &str) -> bool {
    let number = version.strip_prefix("HTTP/").and_then(|number| number.split_once('.'));
    match number.map(|(major, minor)| (major.parse::<u8>(), minor.parse::<u8>())) {
        Some((Ok(major), Ok(minor))) => (major, minor) >= (1, 1),
        _ => false,
    }
}

fn fields(name: &str, values: &[&str]) -> String {
    match values {
        [] => format!("no field {name}"),
        values => {
            let lines: Vec<String> =
                values.iter().map(|value| format!("`{name}: {value}`")).collect();
            lines.join(" and ")
        }
    }
}
