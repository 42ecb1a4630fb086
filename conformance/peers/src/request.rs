//! A request held against RFC 6455, 4.2.1.

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::general_purpose::{GeneralPurpose, PAD, STANDARD as BASE64};

use crate::answer::Answer;
use crate::deviations::Deviations;
use crate::host::{is_host, is_target};
use crate::http::{Fields, Request, is_token};

/// Gives the key of a request that asks for WebSocket, or the answer that refuses it.
pub(crate) fn check(request: &mut Request, deviations: &Deviations) -> Result<String, Answer> {
    let switches = &deviations.opening;
    if request.method != "GET" && !deviations.takes_any_method {
        let refusal = Answer::new(405, "Method Not Allowed");
        return Err(if switches.omits_allow { refusal } else { refusal.with("Allow", "GET") });
    }
    if request.minor.is_none_or(|minor| minor < 1) && !deviations.takes_any_http_version {
        return Err(Answer::bad_request().and_end());
    }
    if request.minor.is_some_and(|minor| minor > 1) && switches.refuses_higher_minor {
        return Err(Answer::new(505, "HTTP Version Not Supported").and_end());
    }
    check_target(&request.target, deviations)?;
    request.fields.case_sensitive = deviations.compares_names_exactly;
    let fields = &request.fields;
    check_host(fields, deviations)?;
    if deviations.refuses_unknown_fields && fields.names().any(|name| !is_known(name))
        || switches.refuses_obs_text && fields.values().any(|value| !value.is_ascii())
    {
        return Err(Answer::bad_request());
    }
    if switches.limits_fields && fields.names().count() > 50 {
        return Err(Answer::new(431, "Request Header Fields Too Large"));
    }
    check_upgrade(fields, deviations)?;
    if deviations.wants_fields_in_order && !fields.stand_in_order("Host", "Sec-WebSocket-Key") {
        return Err(Answer::bad_request());
    }
    let origin = fields.single("Origin");
    if origin.is_some_and(|origin| origin.ends_with(".example")) {
        if switches.checks_origin {
            return Err(Answer::new(403, "Forbidden"));
        }
        if switches.refuses_origin_with_400 {
            return Err(Answer::bad_request());
        }
    }
    check_version(fields, deviations)?;
    let key = key(fields, deviations).ok_or_else(Answer::bad_request)?;
    check_protocols(fields, deviations)?;
    Ok(key)
}

fn check_target(target: &str, deviations: &Deviations) -> Result<(), Answer> {
    let switches = &deviations.opening;
    if switches.limits_targets && target.len() > 4000 {
        return Err(Answer::new(414, "URI Too Long"));
    }
    if let Some(status) = switches.answers_unknown_with
        && target.starts_with("/wsconform/")
    {
        return Err(Answer::new(status, "No Such Resource").with("Location", "/"));
    }
    if !is_target(target) && !switches.takes_any_target
        || deviations.refuses_absolute_targets && !target.starts_with('/')
    {
        return Err(Answer::bad_request());
    }
    Ok(())
}

fn check_host(fields: &Fields, deviations: &Deviations) -> Result<(), Answer> {
    let switches = &deviations.opening;
    let fine = match fields.all("Host").as_slice() {
        [] => deviations.takes_missing_host,
        [host] if switches.checks_host && host.ends_with(".example") => {
            return Err(Answer::new(421, "Misdirected Request"));
        }
        [host] => is_host(host) || switches.takes_invalid_host,
        [..] => switches.takes_several_hosts,
    };
    if fine { Ok(()) } else { Err(Answer::bad_request().and_end()) }
}

/// Upgrade and Connection: without them it is an ordinary request.
fn check_upgrade(fields: &Fields, deviations: &Deviations) -> Result<(), Answer> {
    let switches = &deviations.opening;
    let exact = deviations.compares_values_exactly;
    let several = |name| fields.elements(name).len() > 1;
    let inside = |name, part| fields.all(name).join(",").to_lowercase().contains(part);
    let first_line = |name, part| {
        fields.all(name).first().is_some_and(|line| line.to_lowercase().contains(part))
    };
    let lines = |name| fields.all(name).len();
    let upgrade = if switches.finds_websocket_inside {
        inside("Upgrade", "websocket")
    } else if switches.reads_first_upgrade_line && lines("Upgrade") > 1 {
        first_line("Upgrade", "websocket")
    } else {
        let alone = deviations.wants_upgrade_alone && several("Upgrade");
        lists(fields, "Upgrade", "websocket", exact) && !alone
    };
    let connection = if switches.finds_upgrade_inside {
        inside("Connection", "upgrade")
    } else if deviations.wants_connection_alone {
        fields.single("Connection").is_some_and(|value| value.eq_ignore_ascii_case("upgrade"))
    } else if deviations.reads_first_connection_line && lines("Connection") > 1 {
        first_line("Connection", "upgrade")
    } else if switches.reads_last_connection_line && lines("Connection") > 1 {
        fields.all("Connection").last().is_some_and(|line| line.eq_ignore_ascii_case("upgrade"))
    } else {
        let exact = exact || deviations.compares_lists_exactly && several("Connection");
        lists(fields, "Connection", "Upgrade", exact)
    };
    if (upgrade || deviations.takes_any_upgrade) && (connection || deviations.takes_any_connection)
    {
        return Ok(());
    }
    if switches.switches_to_h2c && connection && fields.lists("Upgrade", "h2c") {
        return Err(Answer::switching_to_h2c());
    }
    let mut refusal = Answer::bad_request();
    refusal.ordinary = true;
    Err(refusal)
}

fn check_version(fields: &Fields, deviations: &Deviations) -> Result<(), Answer> {
    let switches = &deviations.opening;
    let white = deviations.keeps_white_space && fields.is_wide("Sec-WebSocket-Version");
    let spoken = match fields.all("Sec-WebSocket-Version").as_slice() {
        [] => false,
        ["13"] => !white,
        [one] if switches.reads_version_as_number => one.parse() == Ok(13),
        [one] => {
            switches.takes_listed_version && one.split(',').any(|version| version.trim() == "13")
        }
        [first, ..] => switches.takes_several_versions && *first == "13",
    };
    match spoken || deviations.takes_any_version {
        true => Ok(()),
        false => Err(Answer::version(deviations)),
    }
}

fn key(fields: &Fields, deviations: &Deviations) -> Option<String> {
    let switches = &deviations.opening;
    let key = match fields.all("Sec-WebSocket-Key").as_slice() {
        [] if deviations.takes_missing_key => "",
        [key] if deviations.takes_any_key => key,
        [key] if switches.encodes_key_anew => {
            let octets = LOOSE.decode(key).ok()?;
            return (octets.len() == 16).then(|| BASE64.encode(octets));
        }
        [key]
            if switches.leaves_key_undecoded
                && BASE64.decode(key).is_ok_and(|key| !key.is_empty()) =>
        {
            key
        }
        [key] if is_key(key) => key,
        [key, _, ..] if switches.takes_several_keys && is_key(key) => key,
        _ => return None,
    };
    Some(key.to_owned())
}

/// Takes bits that no octet has.
const LOOSE: GeneralPurpose =
    GeneralPurpose::new(&ALPHABET, PAD.with_decode_allow_trailing_bits(true));

fn is_key(key: &str) -> bool {
    BASE64.decode(key).is_ok_and(|octets| octets.len() == 16)
}

fn check_protocols(fields: &Fields, deviations: &Deviations) -> Result<(), Answer> {
    let protocols = fields.all("Sec-WebSocket-Protocol");
    let elements = fields.elements("Sec-WebSocket-Protocol");
    let fine = elements.iter().all(|e| is_token(e)) && elements.is_empty() == protocols.is_empty();
    match fine || deviations.opening.takes_malformed_protocols {
        true => Ok(()),
        false => Err(Answer::bad_request()),
    }
}

/// Whether a list field has an element, compared exactly if this endpoint does so.
pub(crate) fn lists(fields: &Fields, name: &str, element: &str, exactly: bool) -> bool {
    if exactly { fields.elements(name).contains(&element) } else { fields.lists(name, element) }
}

fn is_known(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("sec-websocket-")
        || matches!(name.as_str(), "host" | "upgrade" | "connection" | "origin" | "user-agent")
}
