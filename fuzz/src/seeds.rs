//! The committed corpus: small inputs made from the vectors and from the book.

use std::collections::BTreeMap;

use wsconform_abnf::known;
use wsconform_reference::{ClientHandshake, SeededRandom, parse_extensions};
use wsconform_spec::Book;
use wsconform_vectors::Topic;

use crate::{frames, grammar};

/// All seeds by their path in the folder `corpus`. They depend on nothing but the crates here.
pub fn seeds() -> BTreeMap<String, Vec<u8>> {
    let mut seeds = BTreeMap::new();
    of_frames(&mut seeds);
    of_handshakes(&mut seeds);
    of_scenarios(&mut seeds);
    of_abnf(&mut seeds);
    of_grammar(&mut seeds);
    seeds
}

/// The examples of the book, and every fourth of the other vectors, if it is short.
fn of_frames(seeds: &mut BTreeMap<String, Vec<u8>>) {
    for topic in Topic::all() {
        let suite = topic.load().expect("the vectors are well-formed");
        let streams = suite.cases.iter().filter(|vector| vector.context.rule.is_none());
        let short = streams.filter(|vector| vector.octets().len() <= 300);
        for (index, vector) in short.enumerate() {
            let wanted = index.is_multiple_of(4) || vector.id.matches('/').count() == 1;
            // What no input can choose is replaced; the octets are a seed all the same.
            let choice = frames::choice_for(&vector.context, (index % 16) as u8);
            if wanted {
                let name = vector.id.replace('/', "-");
                seeds.insert(format!("frames/{name}"), [&[choice], &*vector.octets()].concat());
            }
        }
    }
}

fn of_handshakes(seeds: &mut BTreeMap<String, Vec<u8>>) {
    const OFFERS: [&str; 5] = [
        "rate-control",
        "rate-control; sender=both; max-rate=1000000; pace=strict; burst=4096",
        "x-unknown; a=1; b, rate-control; burst=\"300\", rate-control",
        "rate-control; colour=red, rate-control; step=90; ack=1024",
        "permessage-deflate; client_max_window_bits",
    ];
    for (index, offers) in OFFERS.into_iter().enumerate() {
        let offers = parse_extensions(offers).expect("written here");
        let mut random = SeededRandom(index as u64);
        let request = ClientHandshake::new("example.com:9001", "/a?b", offers, &mut random);
        seeds.insert(format!("handshake/request-{index}"), request.request());
    }
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (name, text) in [
        (
            "rfc-6455",
            format!(
                "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{key}Origin: http://example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Version: 13\r\n\r\n"
            ),
        ),
        (
            "absolute-target",
            format!(
                "GET http://h/ HTTP/1.1\r\nsec-websocket-version:13\r\n{key}HOST:\th\t\r\nconnection: keep-alive\r\nConnection: , upgrade\r\nUpgrade: h2c, WebSocket\r\n\r\n\x0E"
            ),
        ),
        (
            "lines",
            format!(
                "\r\nGET / HTTP/1.1\r\nHost: [::1]:80\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{key}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: x, ,\r\nSec-WebSocket-Extensions: , rate-control,\r\n\r\n"
            ),
        ),
        ("post", format!("POST / HTTP/1.0\r\nHost: h\r\nContent-Length: 1\r\n{key}\r\na")),
    ] {
        seeds.insert(format!("handshake/request-{name}"), text.into_bytes());
    }
    let answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: $accept\r\n";
    for (name, fields) in [
        ("plain", ""),
        ("agreed", "Sec-WebSocket-Extensions: rate-control; control=F0800010; sender=both\r\n"),
        ("lower-case", "sec-websocket-extensions: rate-control;control=\"f0800010\" ; step=90\r\n"),
        (
            "twice",
            "Sec-WebSocket-Extensions: rate-control; control=F0800010\r\nSec-WebSocket-Extensions: rate-control; control=F0800020\r\n",
        ),
        ("widened", "Sec-WebSocket-Extensions: rate-control; control=F0800010; burst=16777216\r\n"),
        ("subprotocol", "Sec-WebSocket-Protocol: chat\r\n"),
        ("malformed", "Sec-WebSocket-Extensions: rate-control; control=\"F0800010\r\n"),
    ] {
        seeds.insert(
            format!("handshake/answer-{name}"),
            format!("{answer}{fields}\r\n").into_bytes(),
        );
    }
    let refused =
        "HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n";
    seeds.insert("handshake/answer-refused".to_owned(), refused.into());
}

/// The scenarios of the book, each alone.
fn of_scenarios(seeds: &mut BTreeMap<String, Vec<u8>>) {
    let book = Book::embedded().expect("the book is sound");
    for scenario in book.scenarios() {
        let text = scenario.source.text();
        let begin = text[..scenario.span.start].rfind("scenario").unwrap_or(scenario.span.start);
        let rest = &text[begin..];
        let block = rest.find("```").map_or(rest, |end| &rest[..end]);
        let next = block.find("\nscenario ").map_or(block, |end| &block[..=end]);
        seeds.insert(format!("scenario/{}", scenario.id), next.as_bytes().to_vec());
    }
}

/// What each subject of the target `grammar` is about, and the heads and scenarios from above.
fn of_grammar(seeds: &mut BTreeMap<String, Vec<u8>>) {
    const STATUS: &[u8] =
        b"\x81\x01\x01\x02\x06\x01\x64\x13\x04\0\0\0\x09\x0A\x05\0\0\0\x01\x50\x77\0";
    let written: [(&str, &[&[u8]]); 14] = [
        (
            "head",
            &[
                b"\x81\x85\x37\xFA\x21\x3D",
                b"\x82\x7E\x00\x7E",
                b"\x02\xFF\0\0\0\0\0\x01\0\0abcd",
                b"\x88\x02",
                b"\x89\xFE\0\x05abcd",
                b"\xC1\x00",
                b"\x0A\x00",
            ],
        ),
        ("host", &[b"example.com:9001", b"[2001:db8::7]:80", b"[::ffff:1.2.3.4]", b"[v1.a:b]", b"a%2F"]),
        ("key", &[b"dGhlIHNhbXBsZSBub25jZQ==", b"AQIDBAUGBwgJCgsMDQ4PEC=="]),
        ("version", &[b"13", b"0", b"255", b"256", b"08"]),
        (
            "extensions",
            &[
                b"rate-control; sender=both; max-rate=1000000",
                b", x;a = \"b\\c\" ;d,, y\t,",
                b"permessage-deflate; client_max_window_bits",
            ],
        ),
        (
            "terms",
            &[
                b"rate-control; pace=strict; burst=4096; step=90; ack=1024; max-rate=9007199254740991",
                b"rate-control; control=f08000A1; sender=\"client\"; ack=0",
                b"rate-control; control=F0800001; pace=strict; sender=server",
                b"idle-timeout; timeout=86400000; sender=server, heartbeat; interval=3600000",
                b"control-setup; control=00000000; sender=both, idle-timeout; control=\"F0800011\"",
                b"heartbeat; control=f0800012; interval=0; sender=\"bo\\th\"",
            ],
        ),
        (
            "rate-message",
            &[
                b"\x01\0\0\0\0\0\0\x03\xE8",
                b"\x06\0\x1F\xFF\xFF\xFF\xFF\xFF\xFF",
                b"\x05\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
                b"\x02",
                b"\x7F",
                b"\x90abc",
                STATUS,
            ],
        ),
        ("idle-message", &[b"\x7E", b"\x7F", b"\x80", b"\x01"]),
        ("heartbeat-message", &[b"\x01abc", b"\x02", b"\x7E", b"\x90a", &[1; 126], &[2; 127]]),
        (
            "setup-message",
            &[
                b"\x01heartbeat; interval=1000, x-other",
                b"\x02",
                b"\x02 , heartbeat ; control = \"F0800011\" ,",
                b"\x03",
                b"\xF0a",
            ],
        ),
        ("subprotocol", &[b"control.F0800010", b"control.f0800010.chat.v2", b"control.F080001.a"]),
        ("close", &[b"", b"\x03\xE8bye", b"\x03\xF6\xE2\x82\xAC", b"\x0F\xA0"]),
        ("text", &["Hello \u{20AC} \u{10FFFF}".as_bytes(), b"\xF0\x90\x80", b"\xED\x9F\xBF"]),
        ("scenario", &[b"scenario a.b\nroles server\nopen\nsend text \"x\" & ping in 1, 2\n"]),
    ];
    for (subject, texts) in written {
        for (index, octets) in texts.iter().enumerate() {
            seed(seeds, subject, &index.to_string(), octets);
        }
    }
    for (folder, begin, subject) in [
        ("handshake/request-", "", "request"),
        ("handshake/answer-", "", "answer"),
        ("scenario/", "f", "scenario"),
        ("frames/", "escape", "frames"),
        ("frames/", "control", "frames"),
        ("frames/frames-", "f", "frames"),
        ("frames/frames-", "n", "frames"),
        ("frames/frames-", "text", "frames"),
    ] {
        let from: Vec<_> = seeds
            .iter()
            .filter_map(|(path, octets)| {
                let name = path.strip_prefix(folder).filter(|name| name.starts_with(begin))?;
                Some((name.to_owned(), octets.clone()))
            })
            .collect();
        for (name, octets) in from {
            seed(seeds, subject, &name, &octets);
        }
    }
}

fn seed(seeds: &mut BTreeMap<String, Vec<u8>>, subject: &str, name: &str, octets: &[u8]) {
    let choice = grammar::SUBJECTS.iter().position(|(one, _)| *one == subject);
    let choice = choice.expect("a subject") as u8;
    seeds.insert(format!("grammar/{subject}-{name}"), [&[choice], octets].concat());
}

/// Small grammars with a sentence of each: with directives, without, and odd ones.
fn of_abnf(seeds: &mut BTreeMap<String, Vec<u8>>) {
    let record = "record = head body\n  ;@ size body : n\n  ;@ transform body : xor key as text\n\
                  head = flags length [key]\n  ;@ when key : masked = 1\n\
                  flags = OCTET\n  ;@ bits masked:1 kind:7\n  ;@ where kind in {1..3} ; fail 1002 a.b\n\
                  length = 2OCTET\n  ;@ uint n : be\nkey = 4OCTET\nbody = *OCTET\n\
                  text = *OCTET\n  ;@ transform text : utf8 as letters\nletters = *%x41-10FFFF\n";
    let dates = include_str!("../../spec/abnf/examples/dates.abnf");
    let mut grammars: Vec<(&str, String, &[u8])> = vec![
        ("record", record.to_owned(), b"\x81\0\x04\x01\x02\x03\x04\x42\x43\x44\x45"),
        ("context", "a = b ;@ context side : one / two\n  ;@ where side = one or b = \"x\"\nb = *ALPHA\n".to_owned(), b"x"),
        ("left", "sum = sum \"+\" number / number\nnumber = 1*3DIGIT\n".to_owned(), b"1+22+333"),
        ("ambiguous", "a = *(*\"b\" / [\"c\"] / (\"b\" \"c\") a)\n".to_owned(), b"bbcb"),
        ("counts", "a = 2*5(3\"b\" / *2\"c\") 99999*b\na =/ %s\"aB\" <what> %d1.2.3\nb = \"b\"\n".to_owned(), b"bbbbbb"),
        ("uints", "a = b c d\nb = 1*4OCTET ;@ uint x : base128\nc = 1*3DIGIT ;@ uint y : decimal\nd = 2HEXDIG\n ;@ uint z : hex\n ;@ where x + y = z\n".to_owned(), b"\x051:06"),
    ];
    let dates: Vec<&str> = dates.lines().filter(|line| !line.starts_with(';')).collect();
    grammars.push(("dates", dates.join("\n"), b"1985-04-12T23:20:50.52Z"));
    let of_rfcs: [(&str, &str, &[u8]); 6] = [
        ("rfc3986", "host", b"[2001:db8::7]"),
        ("rfc9110", "media-type", b"text/plain; a=\"\\b\""),
        ("rfc9110", "IMF-fixdate", b"Sun, 06 Nov 1994 08:49:37 GMT"),
        ("rfc6455", "Sec-WebSocket-Extensions", b"foo; bar=1, baz"),
        ("rfc3629", "UTF8-octets", b"\xF0\x9F\x98\x80"),
        ("rfc5234", "rule", b"a = b\r\n"),
    ];
    for (set, rule, octets) in of_rfcs {
        let grammar = known(set).expect("it is embedded");
        let text = grammar.to_abnf_from(grammar.rule(rule).expect("it is there"), true);
        // The rule itself first.
        let (before, after) = match text.find(&format!("\n{rule} =")) {
            Some(at) => text.split_at(at + 1),
            None => ("", text.as_str()),
        };
        grammars.push((rule, format!("{after}{before}"), octets));
    }
    for (name, text, octets) in grammars {
        for target in ["abnf-read", "abnf-check", "abnf-recognise", "abnf-generate"] {
            let rest = match target {
                "abnf-recognise" => octets,
                "abnf-generate" => b"\x03\x91\x07\xFE\x22\x05\x80\x01\x10\x99\x42\x06",
                _ => {
                    seeds.insert(format!("{target}/{name}"), text.as_bytes().to_vec());
                    continue;
                }
            };
            seeds.insert(format!("{target}/{name}"), [text.as_bytes(), &[0], rest].concat());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn the_committed_corpus_is_up_to_date() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
        let seeds = seeds();
        if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
            let _ = fs::remove_dir_all(&corpus);
            for (path, octets) in &seeds {
                let path = corpus.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, octets).unwrap();
            }
        }
        let mut committed = BTreeMap::new();
        for target in fs::read_dir(&corpus).unwrap() {
            let target = target.unwrap();
            for seed in fs::read_dir(target.path()).unwrap() {
                let seed = seed.unwrap();
                let name =
                    format!("{}/{}", target.file_name().display(), seed.file_name().display());
                committed.insert(name, fs::read(seed.path()).unwrap());
            }
        }
        let differ: Vec<_> = seeds
            .iter()
            .filter(|(path, octets)| committed.get(*path) != Some(octets))
            .map(|(path, _)| path)
            .chain(committed.keys().filter(|path| !seeds.contains_key(*path)))
            .collect();
        assert!(differ.is_empty(), "run this test with BLESS=1: {differ:?}");
        assert!(committed.values().map(Vec::len).sum::<usize>() < 256 * 1024);
    }
}
