//! The grammar of the book against the parsers of the reference: the same verdict, the same values,
//! the same octets taken, and a verdict at the same time.

use std::sync::LazyLock;

use wsconform_abnf::Source;
use wsconform_abnf::program::Value;
use wsconform_abnf::recognise::{Status, Tree, Verdict};
use wsconform_reference::{
    ClientHandshake, Close, Head, HeadReader, Opening, Refusal, Role, SeededRandom, accept_of,
    is_key, parse_extensions, parse_head, write_extensions,
};
use wsconform_spec::scenario::parse_block;

use crate::control;
use crate::rule::{PROGRAM, Rule, listed, part, parts, string};

/// A name, and what compares octets of that kind.
pub type Subject = (&'static str, fn(&[u8]));

/// What an input is compared as; its first octet chooses, modulo their number.
pub const SUBJECTS: [Subject; 17] = [
    ("head", head),
    ("request", request),
    ("host", host),
    ("answer", answer),
    ("key", key),
    ("version", version),
    ("extensions", extensions),
    ("terms", control::terms),
    ("rate-message", control::rate_message),
    ("idle-message", control::idle_message),
    ("heartbeat-message", control::heartbeat_message),
    ("setup-message", control::setup_message),
    ("subprotocol", control::subprotocol),
    ("close", close),
    ("text", text),
    ("scenario", scenario),
    ("frames", crate::frames::run_grammar),
];

/// Compares the input as its first octet says.
pub fn run(input: &[u8]) {
    let Some((choice, octets)) = input.split_first() else { return };
    let (_, compare) = SUBJECTS[usize::from(*choice) % SUBJECTS.len()];
    compare(octets);
}

/// Heads of frames from both sides, octet by octet: the parser rejects no beginning that the grammar
/// can complete, and what the grammar rejects, it rejects when the head is there.
fn head(octets: &[u8]) {
    static RULES: LazyLock<[(Role, Rule); 2]> = LazyLock::new(|| {
        [(Role::Client, "client"), (Role::Server, "server")].map(|(role, sender)| {
            (
                role,
                Rule::whole(
                    "frame-head",
                    &[("sender", sender), ("judged-as", "received"), ("in-progress", "none")],
                ),
            )
        })
    });
    for (role, rule) in &*RULES {
        let starts_message = octets.first().is_none_or(|first| first & 0x0F != 0);
        if !starts_message {
            continue;
        }
        let longest = octets.len().min(14);
        let mut recognition = rule.matcher.start(rule.given.clone());
        for size in 1..=longest {
            let (seen, _) = octets.split_at(size);
            recognition.push(&seen[size - 1..]);
            let status = recognition.status();
            match (parse_head(seen, *role), status) {
                (Ok(Some((parsed, taken))), Status::Match { .. }) if taken == size => {
                    same_head(&parsed, seen, rule);
                    break;
                }
                (Ok(None), Status::Incomplete) => {}
                (Err(_), Status::Mismatch) => break,
                (parsed, status) => panic!(
                    "of {seen:02X?} from {role:?} the reference says {parsed:?}, the grammar {status:?}"
                ),
            }
        }
    }
}

fn same_head(parsed: &Head, octets: &[u8], rule: &Rule) {
    let tree = rule.read(octets).expect("the grammar matched");
    let number = |name| tree.root().number(&PROGRAM, octets, name);
    // Both forms of length have the same name; the longer one is the length.
    let length = ["length-64", "length-16", "length-octet"].iter().find_map(|name| {
        let node = tree.root().find(&PROGRAM, name)?;
        node.number(&PROGRAM, octets, "payload-length")
    });
    assert_eq!(length, Some(parsed.length));
    assert_eq!(number("fin"), Some(u64::from(parsed.fin)));
    assert_eq!(number("opcode"), Some(u64::from(parsed.opcode.bits())));
    let mask = part(&tree, octets, "masking-key");
    assert_eq!(mask, parsed.mask.map(|key| key.octets().to_vec()));
}

fn request(octets: &[u8]) {
    static RULE: LazyLock<Rule> =
        LazyLock::new(|| Rule::prefix("opening-request", &[("judged-as", "received")]));
    if octets.len() >= HeadReader::<wsconform_reference::RequestLine>::LARGEST {
        return;
    }
    let mut recognition = RULE.matcher.start(RULE.given.clone());
    recognition.push(octets);
    let taken = recognition.accepted();
    let status = recognition.status();
    let told = || String::from_utf8_lossy(octets).into_owned();
    let read = HeadReader::request().push(octets);
    let (judged, size) = match read {
        Ok(Some((head, rest))) => (Opening::from_request(&head), octets.len() - rest.len()),
        Ok(None) => {
            assert_eq!(taken, None, "the reference waits for more:\n{}", told());
            return;
        }
        Err(fault) => {
            assert_eq!(taken, None, "{fault}:\n{}", told());
            assert_eq!(status, Status::Mismatch, "{fault}, but it can be completed:\n{}", told());
            return;
        }
    };
    match (judged, taken) {
        (Ok(opening), Some(taken)) => {
            assert_eq!(taken, size, "{}", told());
            let Verdict::Match(tree) = recognition.finish() else { panic!("a match has a tree") };
            same_request(&opening, &tree, octets);
        }
        (Err(_), None) => {}
        // The grammar cannot say that subprotocols are offered once each.
        (Err(Refusal::Subprotocols(value)), Some(_)) => {
            let mut all: Vec<_> = list(&value);
            let count = all.len();
            all.sort_unstable();
            all.dedup();
            assert!(all.len() < count, "{value}");
        }
        (judged, taken) => {
            let why = match recognition.finish() {
                Verdict::Mismatch(mismatch) => mismatch.describe(&PROGRAM),
                verdict => format!("{verdict:?}"),
            };
            panic!("the reference says {judged:?}, the grammar {taken:?} ({why}):\n{}", told())
        }
    }
}

fn list(value: &str) -> Vec<&str> {
    value
        .split(',')
        .map(|one| one.trim_matches([' ', '\t']))
        .filter(|one| !one.is_empty())
        .collect()
}

fn same_request(opening: &Opening, tree: &Tree, octets: &[u8]) {
    assert_eq!(part(tree, octets, "sec-websocket-key").map(string).as_ref(), Some(&opening.key));
    let protocols: Vec<_> = parts(tree, "sec-websocket-protocol")
        .flat_map(|field| {
            field.children().map(|node| string(node.octets(octets))).collect::<Vec<_>>()
        })
        .filter(|name| name.bytes().any(|octet| !b" \t".contains(&octet)))
        .collect();
    assert_eq!(protocols, opening.subprotocols);
    assert_eq!(listed(tree, octets), write_extensions(&opening.offers));
    let target = part(tree, octets, "request-target").map(string).unwrap_or_default();
    let resource = match target.split_once("://") {
        Some((_, rest)) if !target.starts_with('/') => {
            let (_, resource) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
            if resource.starts_with('/') { resource.to_owned() } else { format!("/{resource}") }
        }
        _ => target,
    };
    assert_eq!(resource, opening.resource);
}

/// A request with this value of Host.
fn host(octets: &[u8]) {
    let [before, behind] = [
        &b"GET / HTTP/1.1\r\nHost: "[..],
        b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
          Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    ];
    request(&[before, octets, behind].concat());
}

/// An answer to a request of the reference.
fn answer(octets: &[u8]) {
    static RULE: LazyLock<Rule> =
        LazyLock::new(|| Rule::prefix("opening-response", &[("judged-as", "received")]));
    if octets.len() >= HeadReader::<wsconform_reference::StatusLine>::LARGEST / 2 {
        return;
    }
    let offers = parse_extensions("rate-control, x-other").expect("written here");
    let handshake = ClientHandshake::new("h", "/", offers, &mut SeededRandom(7));
    let request = handshake.request();
    let (request, _) =
        HeadReader::request().push(&request).ok().flatten().expect("the reference reads itself");
    let accept = accept_of(&Opening::from_request(&request).expect("a good request").key);
    let octets = replaced(octets, crate::handshake::ACCEPT, accept.as_bytes());

    let mut given = RULE.given.clone();
    let mut set = |name: &str, value| {
        given.set(PROGRAM.context_id(name).expect("a context of the book"), value);
    };
    set("expected-accept", Value::Octets(accept.into_bytes()));
    set("offered-protocols", Value::List(Vec::new()));
    set("offered-extensions", Value::List(vec![b"rate-control".to_vec(), b"x-other".to_vec()]));
    let mut recognition = RULE.matcher.start(given);
    recognition.push(&octets);
    let taken = recognition.accepted();
    let told = || String::from_utf8_lossy(&octets).into_owned();
    let judged = match HeadReader::response().push(&octets) {
        Ok(Some((head, rest))) => {
            handshake.judge(&head).map(|answer| (answer, octets.len() - rest.len()))
        }
        Ok(None) => {
            assert_eq!(taken, None, "the reference waits for more:\n{}", told());
            return;
        }
        Err(fault) => {
            let status = recognition.status();
            assert_eq!(taken, None, "{fault}:\n{}", told());
            assert_eq!(status, Status::Mismatch, "{fault}, but it can be completed:\n{}", told());
            return;
        }
    };
    match (judged, taken) {
        (Ok((answer, size)), Some(taken)) => {
            assert_eq!(taken, size, "{}", told());
            let Verdict::Match(tree) = recognition.finish() else { panic!("a match has a tree") };
            assert_eq!(listed(&tree, &octets), write_extensions(&answer.extensions));
        }
        (Err(_), None) => {}
        (judged, taken) => {
            let why = match recognition.finish() {
                Verdict::Mismatch(mismatch) => mismatch.describe(&PROGRAM),
                verdict => format!("{verdict:?}"),
            };
            panic!("the reference says {judged:?}, the grammar {taken:?} ({why}):\n{}", told())
        }
    }
}

fn replaced(octets: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    match octets.windows(from.len()).position(|window| window == from) {
        Some(at) => [&octets[..at], to, &octets[at + from.len()..]].concat(),
        None => octets.to_vec(),
    }
}

fn key(octets: &[u8]) {
    static RULES: LazyLock<[Rule; 2]> = LazyLock::new(|| {
        ["received", "sent"]
            .map(|judged| Rule::whole("sec-websocket-key", &[("judged-as", judged)]))
    });
    let [received, sent] = &*RULES;
    let by_reference = std::str::from_utf8(octets).is_ok_and(is_key);
    assert_eq!(received.takes(octets), by_reference, "{}", octets.escape_ascii());
    assert!(by_reference || !sent.takes(octets), "sent, but not received");
}

fn version(octets: &[u8]) {
    static RULE: LazyLock<Rule> = LazyLock::new(|| Rule::whole("sec-websocket-version", &[]));
    let text = std::str::from_utf8(octets).unwrap_or_default();
    let number = text.parse::<u8>().ok().filter(|number| number.to_string() == text);
    let tree = RULE.read(octets);
    let read = tree.and_then(|tree| tree.root().number(&PROGRAM, octets, "version"));
    assert_eq!(read, number.map(u64::from), "{}", octets.escape_ascii());
}

/// The value of a field: white space around it belongs to the field.
fn extensions(octets: &[u8]) {
    static RULE: LazyLock<Rule> = LazyLock::new(|| Rule::whole("sec-websocket-extensions", &[]));
    let Ok(text) = std::str::from_utf8(octets) else { return };
    let value = text.trim_matches([' ', '\t']);
    match (parse_extensions(value), RULE.read(value.as_bytes())) {
        (Ok(list), Some(tree)) => {
            assert_eq!(listed(&tree, value.as_bytes()), write_extensions(&list))
        }
        (Err(_), None) => {}
        (parsed, tree) => {
            panic!("{value:?}: the reference says {parsed:?}, the grammar {}", tree.is_some())
        }
    }
}

fn close(octets: &[u8]) {
    static RULE: LazyLock<Rule> = LazyLock::new(|| Rule::whole("close-payload", &[]));
    match (Close::parse(octets), RULE.read(octets)) {
        (Ok(close), Some(tree)) => {
            let code = tree.root().number(&PROGRAM, octets, "code");
            assert_eq!(code, close.as_ref().map(|close| u64::from(close.code.0)));
            let reason = part(&tree, octets, "close-reason");
            assert_eq!(reason, close.map(|close| close.reason.into_bytes()));
        }
        (Err(_), None) => {}
        (parsed, tree) => {
            panic!("{octets:02X?}: the reference says {parsed:?}, the grammar {}", tree.is_some())
        }
    }
}

/// UTF-8, of which the grammar has two statements.
fn text(octets: &[u8]) {
    static RULES: LazyLock<[Rule; 2]> =
        LazyLock::new(|| ["text-message", "utf8-text"].map(|rule| Rule::whole(rule, &[])));
    let is_text = std::str::from_utf8(octets).is_ok();
    for rule in &*RULES {
        assert_eq!(rule.takes(octets), is_text, "{octets:02X?}");
        // What is no beginning of text is known with the octet that makes it so.
        let mut recognition = rule.matcher.start(rule.given.clone());
        for (index, octet) in octets.iter().enumerate() {
            recognition.push(std::slice::from_ref(octet));
            let begins = match std::str::from_utf8(&octets[..=index]) {
                Ok(_) => true,
                Err(error) => error.error_len().is_none(),
            };
            assert_eq!(
                recognition.status() != Status::Mismatch,
                begins,
                "{octets:02X?} at {index}"
            );
        }
    }
}

/// A block of scenarios.
fn scenario(octets: &[u8]) {
    static RULE: LazyLock<Rule> = LazyLock::new(|| Rule::whole("scenario-block", &[]));
    const BEYOND: [&str; 4] = [
        "row of the wrong length",
        "range upside down",
        "calls nested too deeply",
        "number too large",
    ];
    let Ok(text) = std::str::from_utf8(octets) else { return };
    // A block ends with its line, always.
    let text = format!("{text}\n");
    let source = Source::new("block", text.as_str());
    let by_grammar = RULE.takes(text.as_bytes());
    match parse_block(&source, 0..text.len()) {
        Ok(_) => assert!(by_grammar, "the parser takes this, the grammar does not:\n{text}"),
        Err(diagnostics) => {
            let beyond = diagnostics.iter().all(|one| BEYOND.contains(&one.title()));
            assert!(!by_grammar || beyond, "{}:\n{text}", diagnostics[0]);
        }
    }
}

#[cfg(test)]
mod tests {
    use wsconform_reference::Random as _;

    use super::*;
    use crate::seeds::seeds;

    /// Octets that tell much.
    const PIECES: [&[u8]; 20] = [
        b"",
        b" ",
        b"\t",
        b",",
        b";",
        b"=",
        b"\"",
        b"\\",
        b":",
        b"/",
        b"?",
        b"\r\n",
        b"0",
        b"A",
        b"\0",
        b"\x7F",
        b"\x80",
        b"\xFF",
        b"websocket",
        b"\xE2\x82\xAC",
    ];

    #[test]
    fn small_mistakes_are_mistakes_to_both() {
        let mut random = SeededRandom(3);
        let mut below = |limit: usize| {
            let mut octets = [0; 4];
            random.fill(&mut octets);
            u32::from_be_bytes(octets) as usize % limit
        };
        for (path, seed) in seeds().iter().filter(|(path, _)| path.starts_with("grammar/")) {
            for _ in 0..60 {
                let mut octets = seed.clone();
                for _ in 0..=below(2) {
                    let at = 1 + below(octets.len());
                    let to = (at + below(4)).min(octets.len());
                    let piece = PIECES[below(PIECES.len())];
                    octets.splice(at.min(to)..to, piece.iter().copied());
                }
                eprintln!("{path}: {}", octets.escape_ascii());
                run(&octets);
            }
        }
    }
}
