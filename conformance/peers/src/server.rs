//! The server: judges requests (RFC 6455, 4.2), answers them, and runs what it accepted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha1::{Digest as _, Sha1};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use crate::Ending;
use crate::application::Application;
use crate::bootstrap;
use crate::capability::Capability;
use crate::core::Core;
use crate::deviations::Deviations;
use crate::extension;
use crate::http::{Fields, Request};
use crate::negotiation::{self, Agreement};
use crate::random::Random;
use crate::role::Role;
use crate::sequences::Sequences;
use crate::shell::{self, NoHead};
use crate::terms;

/// The GUID that is hashed with the key (RFC 6455, 1.3).
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Serves one connection, from its first request to its end.
///
/// Requests that are refused but well-formed leave the connection open for another request, as
/// HTTP/1.1 has it; so an upgrade may be a later request. The application is the one that the
/// target names: `source`, `sink`, `close`, `offer`, or else the echo.
pub async fn serve<S>(mut stream: S, deviations: &Deviations, seed: u64) -> Ending
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut random = Random::new(seed);
    let place = deviations.load.room.as_ref().map(|room| room.try_acquire());
    if matches!(place, Some(Err(_))) {
        let _ = shell::read_head(&mut stream, &mut Vec::new(), false).await;
        let answer = Answer::refuse(503, "Service Unavailable").and_end().text(deviations);
        let _ = shell::write_all(&mut stream, answer.as_bytes(), deviations).await;
        shell::hang_up(&mut stream).await;
        return Ending::Ended;
    }
    let accepted = accept(&mut stream, deviations, &mut random).await;
    let Some(Accepted { agreements, sequences, application, early }) = accepted else {
        return Ending::Ended;
    };
    let mut core = Core::new(Role::Server, &agreements, sequences, deviations, random.next());
    shell::converse(&mut stream, &mut core, application, deviations, &early).await
}

/// A connection whose handshake is done.
pub(crate) struct Accepted {
    pub(crate) agreements: Vec<Agreement>,
    pub(crate) sequences: Sequences,
    pub(crate) application: Application,
    /// What came behind the request.
    pub(crate) early: Vec<u8>,
}

/// Answers requests until one is accepted; `None` when the stream has ended before.
pub(crate) async fn accept<S>(
    stream: &mut S,
    deviations: &Deviations,
    random: &mut Random,
) -> Option<Accepted>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut input = Vec::new();
    let mut later = false;
    loop {
        let in_one_piece = deviations.wants_request_in_one_piece;
        let answer = match shell::read_head(stream, &mut input, in_one_piece).await {
            Ok(head) => match Request::parse(&head) {
                Ok(mut request) => {
                    if later && deviations.several.declines_later_requests {
                        request.fields.take("Sec-WebSocket-Extensions");
                    }
                    judge(request, deviations, random)
                }
                Err(_) => Answer::refuse(400, "Bad Request").and_end(),
            },
            Err(NoHead::TooLong) => {
                Answer::refuse(431, "Request Header Fields Too Large").and_end()
            }
            Err(NoHead::Gone) => return None,
        };
        if answer.status != 101 && deviations.drops_refused_requests && !answer.about_offers {
            let _ = stream.shutdown().await;
            return None;
        }
        let text = answer.text(deviations);
        shell::write_all(stream, text.as_bytes(), deviations).await.ok()?;
        if let Some(opens) = answer.opens {
            let Opens { agreements, sequences, application } = *opens;
            return Some(Accepted { agreements, sequences, application, early: input });
        }
        later = true;
        if answer.ends {
            shell::hang_up(stream).await;
            return None;
        }
    }
}

/// What the server says to a request.
pub(crate) struct Answer {
    status: u16,
    reason: &'static str,
    fields: Vec<(&'static str, String)>,
    body: bool,
    ends: bool,
    /// The offers of extensions broke the grammar, nothing else was wrong.
    about_offers: bool,
    zero_key: bool,
    opens: Option<Box<Opens>>,
}

/// What the connection that an answer opens begins with.
struct Opens {
    agreements: Vec<Agreement>,
    sequences: Sequences,
    application: Application,
}

impl Answer {
    fn refuse(status: u16, reason: &'static str) -> Answer {
        let (fields, body) = (Vec::new(), true);
        let (ends, about_offers, zero_key, opens) = (false, false, false, None);
        Answer { status, reason, fields, body, ends, about_offers, zero_key, opens }
    }

    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    fn and_end(mut self) -> Answer {
        self.ends = true;
        self
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.fields.push((name, value.into()));
        self
    }

    /// The octets of the answer.
    fn text(&self, deviations: &Deviations) -> String {
        let (mut status, mut reason) = (self.status, self.reason);
        let mut fields = self.fields.clone();
        let mut page = "";
        if status == 101 {
            if self.zero_key && deviations.answers_200_to_zeros {
                (status, reason) = (200, "OK");
            }
        } else {
            if deviations.refuses_with_500 && !self.about_offers {
                (status, reason) = (500, "Internal Server Error");
            }
            if deviations.refuses_with_page && status != 426 {
                (status, reason) = (403, "Forbidden");
                fields.push(("Content-Type", "text/html".to_owned()));
                page = "<!doctype html><title>Forbidden</title><p>This is no place for you.";
            }
            fields.push(("Content-Length", page.len().to_string()));
            if self.ends {
                fields.push(("Connection", "close".to_owned()));
            }
        }
        if !self.body {
            page = "";
        }
        let head = write_fields(&fields, deviations);
        format!("HTTP/1.1 {status} {reason}\r\n{head}\r\n{page}")
    }
}

/// Writes header fields in the spelling that this endpoint likes.
pub(crate) fn write_fields(fields: &[(&str, String)], deviations: &Deviations) -> String {
    let mut lines: Vec<String> = fields
        .iter()
        .map(|(name, value)| {
            let name =
                if deviations.writes_names_lower { name.to_lowercase() } else { (*name).into() };
            match name.to_lowercase().as_str() {
                "upgrade" | "connection" if deviations.writes_values_upper => {
                    format!("{name}: {}\r\n", value.to_uppercase())
                }
                _ => format!("{name}: {value}\r\n"),
            }
        })
        .collect();
    if deviations.adds_fields {
        lines.insert(0, "X-Mood:\r\n".to_owned());
        lines.extend(["X-Trace: 1\r\n".to_owned(), "x-trace: 2\r\n".to_owned()]);
    }
    if deviations.writes_names_lower {
        lines.reverse();
    }
    lines.concat()
}

/// The value of Sec-WebSocket-Accept for a key (RFC 6455, 4.2.2).
pub(crate) fn accept_of(key: &str) -> String {
    BASE64.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize())
}

/// Holds a request against RFC 6455, 4.2.1.
pub(crate) fn judge(mut request: Request, deviations: &Deviations, random: &mut Random) -> Answer {
    let body = request.method != "HEAD";
    let mut answer = match check(&mut request, deviations) {
        Err(answer) => answer,
        Ok(key) => open(&request, &key, deviations, random),
    };
    answer.body = body;
    let fields = &request.fields;
    let carries_body = fields.single("Transfer-Encoding").is_some()
        || fields.single("Content-Length").is_some_and(|length| length != "0");
    answer.ends |= request.minor != Some(1) || fields.lists("Connection", "close") || carries_body;
    answer
}

/// Gives the key of a request that asks for WebSocket, or the answer that refuses it.
fn check(request: &mut Request, deviations: &Deviations) -> Result<String, Answer> {
    let bad = || Answer::refuse(400, "Bad Request");
    if request.method != "GET" && !deviations.takes_any_method {
        return Err(Answer::refuse(405, "Method Not Allowed").with("Allow", "GET"));
    }
    if request.minor.is_none_or(|minor| minor < 1) && !deviations.takes_any_http_version {
        return Err(bad().and_end());
    }
    if !is_target(&request.target)
        || deviations.refuses_absolute_targets && !request.target.starts_with('/')
    {
        return Err(bad());
    }
    request.fields.case_sensitive = deviations.compares_names_exactly;
    let fields = &request.fields;
    let host = fields.single("Host");
    let missing_is_fine = fields.all("Host").is_empty() && deviations.takes_missing_host;
    if !missing_is_fine && !host.is_some_and(is_host) {
        return Err(bad().and_end());
    }
    if deviations.refuses_unknown_fields && fields.names().any(|name| !is_known(name)) {
        return Err(bad());
    }
    let exact = deviations.compares_values_exactly;
    let several = |name| fields.elements(name).len() > 1;
    let alone = deviations.wants_upgrade_alone && several("Upgrade");
    let upgrade = lists(fields, "Upgrade", "websocket", exact) && !alone;
    if !upgrade && !deviations.takes_any_upgrade {
        return Err(bad());
    }
    let first_line = |name| fields.all(name).first().is_some_and(|line| line.contains("Upgrade"));
    let connection = if deviations.wants_connection_alone {
        fields.single("Connection").is_some_and(|value| value.eq_ignore_ascii_case("upgrade"))
    } else if deviations.reads_first_connection_line && fields.all("Connection").len() > 1 {
        first_line("Connection")
    } else {
        let exact = exact || deviations.compares_lists_exactly && several("Connection");
        lists(fields, "Connection", "Upgrade", exact)
    };
    if !connection && !deviations.takes_any_connection {
        return Err(bad());
    }
    if deviations.wants_fields_in_order && !fields.stand_in_order("Host", "Sec-WebSocket-Key") {
        return Err(bad());
    }
    let versions = fields.all("Sec-WebSocket-Version");
    let white = deviations.keeps_white_space && fields.is_wide("Sec-WebSocket-Version");
    if (versions != ["13"] || white) && !deviations.takes_any_version {
        let refusal = Answer::refuse(426, "Upgrade Required").with("Upgrade", "websocket");
        let refusal = refusal.with("Connection", "Upgrade");
        return Err(if deviations.lists_no_versions {
            bad()
        } else {
            refusal.with("Sec-WebSocket-Version", "13")
        });
    }
    let key = match fields.all("Sec-WebSocket-Key").as_slice() {
        [] if deviations.takes_missing_key => "",
        [key] if deviations.takes_any_key => key,
        [key] if BASE64.decode(key).is_ok_and(|octets| octets.len() == 16) => key,
        _ => return Err(bad()),
    };
    let protocols = fields.all("Sec-WebSocket-Protocol");
    let elements = fields.elements("Sec-WebSocket-Protocol");
    if !elements.iter().all(|e| crate::http::is_token(e))
        || elements.is_empty() != protocols.is_empty()
    {
        return Err(bad());
    }
    Ok(key.to_owned())
}

/// Accepts a request that was found to be right, unless its offers of extensions are not.
fn open(request: &Request, key: &str, deviations: &Deviations, random: &mut Random) -> Answer {
    let mut lines = request.fields.all("Sec-WebSocket-Extensions");
    if deviations.reads_first_offer_line {
        lines.truncate(1);
    }
    let offers = match extension::parse(&lines) {
        Ok(offers) => offers,
        Err(_) if deviations.ignores_malformed_offers => Vec::new(),
        Err(_) => {
            let mut answer = Answer::refuse(400, "Bad Request");
            answer.about_offers = true;
            return answer;
        }
    };
    let unknown = offers.iter().all(|offer| Capability::named(&offer.token).is_none());
    if deviations.refuses_unknown_extensions && unknown && !offers.is_empty() {
        let mut answer = Answer::refuse(400, "Bad Request");
        answer.about_offers = true;
        return answer;
    }
    let mut sequences = Sequences::new(key);
    let mut agreements = Vec::new();
    let subprotocols = request.fields.elements("Sec-WebSocket-Protocol");
    let bootstrap = subprotocols.iter().find_map(|subprotocol| {
        Some((*subprotocol, bootstrap::sequence_in(subprotocol, deviations)?))
    });
    let switches = &deviations.setup;
    let selected = bootstrap.filter(|_| !declines_bootstrap(deviations));
    let active = match selected {
        None if switches.bootstrap_always_active => subprotocols.iter().find_map(|name| {
            let digits = name.strip_prefix("control.")?;
            Some((*name, terms::digits(digits)))
        }),
        selected => selected,
    };
    if let Some((_, sequence)) = active.filter(|_| !switches.bootstrap_stays_inactive) {
        sequences.add(sequence);
        agreements.push(bootstrap::agreement(sequence));
    }
    // One way to the same capability is enough.
    let excluded: &[Capability] = if active.is_some() { &[Capability::ControlSetup] } else { &[] };
    let accepted = negotiation::answer(&offers, excluded, &mut sequences, deviations, random);
    let text = negotiation::write(&accepted, deviations);
    agreements.extend(accepted);

    let mut answer = Answer::refuse(101, "Switching Protocols");
    if !deviations.omits_upgrade {
        answer = answer.with("Upgrade", "websocket");
    }
    if !deviations.omits_connection {
        answer = answer.with("Connection", "Upgrade");
    }
    if deviations.hashes_key_alone {
        answer = answer.with("Sec-WebSocket-Accept", BASE64.encode(Sha1::digest(key)));
    } else if deviations.sends_lower_case_accept {
        answer = answer.with("Sec-WebSocket-Accept", accept_of(key).to_lowercase());
    } else {
        answer = answer.with("Sec-WebSocket-Accept", accept_of(key));
    }
    answer.zero_key = key.starts_with("AAAAAAAAAAAAAAAAAAAAAA");
    if deviations.names_unoffered_protocol {
        answer = answer.with("Sec-WebSocket-Protocol", "chat");
    }
    if let Some((subprotocol, _)) = selected {
        let lower = switches.selects_in_lower_case;
        let named = if lower { subprotocol.to_lowercase() } else { subprotocol.to_owned() };
        answer = answer.with("Sec-WebSocket-Protocol", named);
    }
    if !text.is_empty() {
        answer = answer.with("Sec-WebSocket-Extensions", text);
        if deviations.answers_in_two_fields {
            answer = answer.with("Sec-WebSocket-Extensions", ",");
        }
    } else if deviations.names_unoffered_extension && lines.is_empty() {
        answer = answer.with("Sec-WebSocket-Extensions", "x-surprise");
    }
    let application = Application::named_by(&request.target);
    answer.opens = Some(Box::new(Opens { agreements, sequences, application }));
    answer
}

/// Whether a subprotocol that stands for `control-setup` is left unselected.
fn declines_bootstrap(deviations: &Deviations) -> bool {
    deviations.declines_extensions || deviations.setup.declines_bootstrap
}

/// Whether a list field has an element, compared exactly if this endpoint does so.
pub(crate) fn lists(fields: &Fields, name: &str, element: &str, exactly: bool) -> bool {
    if exactly { fields.elements(name).contains(&element) } else { fields.lists(name, element) }
}

/// Origin form, or absolute form of a scheme that leads here; without a fragment.
fn is_target(target: &str) -> bool {
    let absolute = target.split_once("://").is_some_and(|(scheme, rest)| {
        let known = ["http", "https", "ws", "wss"].iter().any(|s| scheme.eq_ignore_ascii_case(s));
        known && rest.split(['/', '?']).next().is_some_and(|host| !host.is_empty() && is_host(host))
    });
    (target.starts_with('/') || absolute) && !target.contains('#')
}

/// The characters of `uri-host [":" port]` (RFC 9110, 7.2).
fn is_host(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port),
        _ => (host, ""),
    };
    port.bytes().all(|octet| octet.is_ascii_digit()) && is_host_name(name)
}

/// An address in brackets, or characters and octets of a name (RFC 3986, 3.2.2).
fn is_host_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=".contains(c);
    let Some(literal) = name.strip_prefix('[') else {
        let mut parts = name.split('%');
        let first = parts.next().unwrap_or_default();
        let escaped = |part: &str| {
            let hexadecimal = |octet: &u8| octet.is_ascii_hexdigit();
            part.len() >= 2
                && part.bytes().take(2).all(|octet| hexadecimal(&octet))
                && part.chars().skip(2).all(plain)
        };
        return !name.is_empty() && first.chars().all(plain) && parts.all(escaped);
    };
    let Some(address) = literal.strip_suffix(']') else { return false };
    if let Some((version, rest)) =
        address.strip_prefix(['v', 'V']).and_then(|future| future.split_once('.'))
    {
        let is_hexadecimal = |text: &str| text.bytes().all(|octet| octet.is_ascii_hexdigit());
        return !version.is_empty()
            && is_hexadecimal(version)
            && !rest.is_empty()
            && rest.chars().all(|c| plain(c) || c == ':');
    }
    address.parse::<std::net::Ipv6Addr>().is_ok()
}

fn is_known(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("sec-websocket-")
        || matches!(name.as_str(), "host" | "upgrade" | "connection" | "origin" | "user-agent")
}
