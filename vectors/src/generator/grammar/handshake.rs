//! Sentences that are heads of the opening handshake.

use std::collections::{BTreeMap, BTreeSet};

use super::{Expected, Sentence, sentences};
use crate::generator::draft::Draft;
use crate::generator::heads::{by_grammar, request};
use crate::model::{Context, Role};

/// An entry of the book, who reads it, and whether what is wrong of it violates something.
type HeadEntry = (&'static str, Role, bool);

/// The entries that are heads, or values in them; the others are parts of these.
const ENTRIES: [HeadEntry; 16] = [
    ("opening-request", Role::Server, true),
    ("opening-response", Role::Client, true),
    ("rate-offer", Role::Server, true),
    ("rate-answer", Role::Client, true),
    ("idle-offer", Role::Server, true),
    ("idle-answer", Role::Client, true),
    ("heartbeat-offer", Role::Server, true),
    ("heartbeat-answer", Role::Client, true),
    ("setup-offer", Role::Server, true),
    ("setup-answer", Role::Client, true),
    ("control-subprotocol", Role::Server, true),
    ("sec-websocket-accept", Role::Client, false),
    ("origin", Role::Server, false),
    ("sec-websocket-versions", Role::Client, false),
    ("ws-uri", Role::Client, false),
    ("wss-uri", Role::Client, false),
];

/// Longer heads say nothing that shorter ones do not.
const LONGEST: usize = 2000;

/// So many terminals and bounds are broken of each rule: those of a URI alone are hundreds.
const BROKEN: usize = 6;

/// The vectors of all entries.
pub(super) fn drafts() -> Vec<Draft> {
    let (mut known, mut choices) = (BTreeSet::new(), BTreeSet::new());
    let mut drafts = Vec::new();
    for (entry, reader, with_wrong) in ENTRIES {
        let mut broken: BTreeMap<String, usize> = BTreeMap::new();
        for sentence in sentences(entry) {
            if sentence.is_wrong && !with_wrong {
                continue;
            }
            if sentence.octets.len() > LONGEST || is_surplus(&sentence, &mut broken) {
                continue;
            }
            // Rules that several entries share are shown once.
            let is_shown = !sentence.is_wrong && !choices.insert(sentence.name.clone());
            if is_shown && !sentence.rule.eq_ignore_ascii_case(entry) {
                continue;
            }
            if let Some(draft) = draft(entry, reader, &sentence)
                && known.insert(sentence.octets)
            {
                drafts.push(draft);
            }
        }
    }
    drafts
}

/// Whether enough of this rule is broken. Directives are always.
fn is_surplus(sentence: &Sentence, broken: &mut BTreeMap<String, usize>) -> bool {
    if !sentence.is_wrong || sentence.is_directive {
        return false;
    }
    let count = broken.entry(sentence.rule.clone()).or_default();
    *count += 1;
    *count > BROKEN
}

/// Whether a request offers a subprotocol twice. It must not (RFC 6455, 4.1), which the grammar cannot
/// say; nor has the server to mind.
fn repeats_a_protocol(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    let field = |line: &str| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("Sec-WebSocket-Protocol").then(|| value.to_owned())
    };
    let values: Vec<String> = head.split("\r\n").filter_map(field).collect();
    let offered = values.iter().flat_map(|value| value.split(',')).map(str::trim);
    let offered: Vec<&str> = offered.filter(|one| !one.is_empty()).collect();
    let distinct: BTreeSet<&str> = offered.iter().copied().collect();
    distinct.len() < offered.len()
}

/// The vector of a sentence. None, if it is a whole head with other octets behind it, or the
/// beginning of one.
fn draft(entry: &str, reader: Role, sentence: &Sentence) -> Option<Draft> {
    let reading = by_grammar(entry, &sentence.octets);
    let is_whole = reading.taken == Some(sentence.octets.len());
    let due = reading.failure.or_else(|| sentence.due.clone());
    let requirement = due.as_ref().map(|due| due.requirement.as_str()).unwrap_or_default();
    let group = requirement.replace('.', "-");
    let outcome = match (sentence.is_wrong, reading.taken) {
        (false, _) if repeats_a_protocol(&sentence.octets) => Expected::Either,
        (false, _) => Expected::Accept,
        (true, Some(_)) if is_whole => Expected::Either,
        (true, _) if !reading.is_mismatch => return None,
        (true, _) if may_be_taken(entry, &sentence.octets) => Expected::Either,
        (true, _) => Expected::Reject(due.as_ref()?.code),
    };
    let (side, name) = (entry.trim_start_matches("opening-"), &sentence.name);
    let id = match (sentence.is_wrong, &outcome) {
        (false, _) => format!("handshake/member/{side}/{name}"),
        (true, Expected::Reject(_)) => format!("handshake/near-miss/{group}/{side}-{name}"),
        (true, _) => format!("handshake/freedom/{group}/{side}-{name}"),
    };
    let draft = Draft::new(reader, sentence.source(), id, sentence.comment.clone());
    let context = Context {
        rule: Some(entry.to_owned()),
        request: (entry == "opening-response").then(request),
        ..draft.context().clone()
    };
    let draft = draft.within(context).octets(&sentence.octets);
    Some(match outcome {
        Expected::Accept => draft,
        Expected::Either => draft.covers((!requirement.is_empty()).then_some(requirement)).either(),
        Expected::Reject(close) => draft.rejected(close, requirement),
    })
}

/// Whether a recipient may take a head all the same: a line feed may end a line without a carriage
/// return before it (RFC 9112, 2.2), nobody has to read the reason behind a status (RFC 9112, 4), and
/// empty elements of a list are none (RFC 9110, 5.6.1.2).
fn may_be_taken(entry: &str, head: &[u8]) -> bool {
    let text: String = head.iter().map(|octet| char::from(*octet)).collect();
    let lines = text.split('\n').map(|line| line.trim_end_matches('\r'));
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    if entry == "opening-response"
        && let Some(status) = lines.first_mut()
    {
        *status = status.replace(|c: char| c.is_ascii_control(), " ");
    }
    lines.retain(|line| !line.trim_end().eq_ignore_ascii_case("Upgrade:"));
    let octets: Vec<u8> = lines.join("\r\n").chars().map(|c| c as u8).collect();
    by_grammar(entry, &octets).taken == Some(octets.len())
}
