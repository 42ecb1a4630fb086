//! The server: judges requests (RFC 6455, 4.2), answers them, and runs what it accepted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha1::{Digest as _, Sha1};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use crate::Ending;
use crate::answer::{Answer, Opens};
use crate::application::Application;
use crate::bootstrap;
use crate::capability::Capability;
use crate::core::Core;
use crate::deviations::{Deviations, OpeningDeviations};
use crate::extension;
use crate::http::Request;
use crate::lenience::understood;
use crate::negotiation::{self, Agreement};
use crate::random::Random;
use crate::request::check;
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
        let _ = shell::read_head(&mut stream, &mut Vec::new(), deviations).await;
        let answer = Answer::new(503, "Service Unavailable").and_end().text(deviations);
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
        let switches = &deviations.opening;
        let answer = match shell::read_head(stream, &mut input, deviations).await {
            Ok(head) if switches.refuses_empty_line && head.starts_with(b"\r\n") => {
                Answer::bad_request().and_end()
            }
            Ok(head) => match Request::parse(&understood(&head, switches)) {
                Ok(mut request) => {
                    if later && deviations.several.declines_later_requests {
                        request.fields.take("Sec-WebSocket-Extensions");
                    }
                    judge(request, deviations, random)
                }
                Err(_) => Answer::bad_request().and_end(),
            },
            Err(NoHead::TooLong) if switches.ignores_large_heads => {
                let _ = tokio::io::copy(stream, &mut tokio::io::sink()).await;
                return None;
            }
            Err(NoHead::TooLong) => Answer::new(431, "Request Header Fields Too Large").and_end(),
            Err(NoHead::InPieces) => Answer::new(408, "Request Timeout").and_end(),
            Err(NoHead::Gone) => return None,
        };
        let early = answer.status == 101 && !input.is_empty() && switches.drops_early_frames;
        let dropped = deviations.drops_refused_requests && !answer.about_offers;
        if answer.status != 101 && dropped || early {
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
    answer.ends |= request.minor.is_none_or(|minor| minor < 1)
        || fields.lists("Connection", "close")
        || carries_body
        || deviations.opening.ends_behind_refusals;
    answer
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
            let mut answer = Answer::bad_request();
            answer.about_offers = true;
            return answer;
        }
    };
    let unknown = deviations.declines_extensions
        || offers.iter().all(|offer| Capability::named(&offer.token).is_none());
    if deviations.refuses_unknown_extensions && unknown && !offers.is_empty() {
        let mut answer = Answer::bad_request();
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

    let mut answer = Answer::new(101, "Switching Protocols");
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
    if let Some(protocols) = liked(&subprotocols, &deviations.opening) {
        answer = answer.with("Sec-WebSocket-Protocol", protocols);
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

/// What an endpoint that likes subprotocols selects of those on offer. What stands for
/// `control-setup` is none of its business.
fn liked(offered: &[&str], switches: &OpeningDeviations) -> Option<String> {
    if offered.iter().any(|name| name.to_lowercase().starts_with("control.")) {
        return None;
    }
    match offered {
        [_, _, ..] if switches.selects_all_protocols => Some(offered.join(", ")),
        [_, ..] if switches.selects_empty_protocol => Some(String::new()),
        [first, ..] if switches.selects_first_protocol => Some((*first).to_owned()),
        [.., last] if switches.selects_last_protocol => Some((*last).to_owned()),
        _ => None,
    }
}

/// Whether a subprotocol that stands for `control-setup` is left unselected.
fn declines_bootstrap(deviations: &Deviations) -> bool {
    deviations.declines_extensions || deviations.setup.declines_bootstrap
}
