//! The opening handshake: octets as the head of a request, and as the head of an answer.

use std::future::Future;
use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::runtime::{Builder, Runtime};
use wsconform_peers::{Deviations, connect, serve};
use wsconform_reference::{
    Agreement, Allocator, Answer, ClientHandshake, Extension, HeadFault, HeadReader, HttpHead,
    Opening, RequestLine, SeededRandom, Sequence, StatusLine, Support, accept_answer, accept_of,
    negotiate, write_extensions,
};

/// What stands in an input for the right value of Sec-WebSocket-Accept.
pub const ACCEPT: &[u8] = b"$accept";

/// Reads the input as a request and as an answer.
pub fn run(input: &[u8]) {
    request(input);
    answer(input);
}

fn request(input: &[u8]) {
    let read = in_any_pieces(input, HeadReader::request);
    let Ok(Some((head, rest))) = read else {
        assert!(!served(input), "peers accept a request that the reference cannot read");
        return;
    };
    let judged = Opening::from_request(&head);
    if let Err(refusal) = &judged {
        let answer = refusal.answer(Some(&head));
        let (said, _) = whole(&answer, HeadReader::response()).expect("a refusal is an answer");
        assert_eq!(said.start.status, refusal.status());
    }
    let accepted = served(&input[..input.len() - rest.len()]);
    assert!(
        accepted == judged.is_ok() || is_free_request(input, &head),
        "peers accept: {accepted}, the reference: {judged:?}"
    );
    let Ok(opening) = judged else { return };

    let (again, _) = whole(&written(&opening), HeadReader::request()).expect("it was written");
    assert_eq!(Opening::from_request(&again).as_ref(), Ok(&opening), "accepted once, then not");

    let mut allocator = Allocator::new(Sequence([0xF0, 0x80, 0x00, 0x10]));
    let agreed = negotiate(&opening.offers, &Support::all(), &mut allocator);
    let extensions: Vec<Extension> = agreed.iter().map(Agreement::to_extension).collect();
    let answer = opening.answer(&extensions, None);
    let (head, rest) = whole(&answer, HeadReader::response()).expect("an answer is an answer");
    assert_eq!((head.start.status, rest.len()), (101, 0));
    assert_eq!(accept_answer(&opening.offers, &extensions), Ok(agreed), "no offer fits it");
}

/// Whether servers may differ about a request: how well they check the host, in its field and in the
/// target; whether they mind a subprotocol that is offered twice, or bits of the key that base64
/// leaves over (RFC 4648, 3.5); which line ends they pass over in front of the request.
fn is_free_request(input: &[u8], head: &HttpHead<RequestLine>) -> bool {
    let plain = |host: &str| {
        let (name, port) = host.split_once(':').unwrap_or((host, "0"));
        let octets = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.');
        !name.is_empty() && name.bytes().all(octets) && port.bytes().all(|o| o.is_ascii_digit())
    };
    let authority = match head.start.target.split_once("://") {
        Some((_, rest)) if !head.start.target.starts_with('/') => rest.split(['/', '?']).next(),
        _ => None,
    };
    let offered = head.fields.joined("Sec-WebSocket-Protocol").unwrap_or_default();
    let mut offered: Vec<&str> =
        offered.split(',').map(|one| one.trim_matches([' ', '\t'])).collect();
    offered.retain(|one| !one.is_empty());
    let count = offered.len();
    offered.sort_unstable();
    offered.dedup();
    let left_over = |key: &str| !["A==", "Q==", "g==", "w=="].iter().any(|end| key.ends_with(end));
    let start = input.iter().take_while(|octet| matches!(octet, b'\r' | b'\n')).count();
    !head.fields.lines("Host").all(plain)
        || authority.is_some_and(|authority| !plain(authority))
        || offered.len() < count
        || head.fields.lines("Sec-WebSocket-Key").any(left_over)
        || input[..start].chunks(2).any(|line_end| line_end != b"\r\n")
}

/// A request that says the same in the plainest way.
fn written(opening: &Opening) -> Vec<u8> {
    let Opening { resource, key, offers, subprotocols } = opening;
    let mut text = format!(
        "GET {resource} HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
    );
    if !subprotocols.is_empty() {
        text += &format!("Sec-WebSocket-Protocol: {}\r\n", subprotocols.join(", "));
    }
    if !offers.is_empty() {
        text += &format!("Sec-WebSocket-Extensions: {}\r\n", write_extensions(offers));
    }
    (text + "\r\n").into_bytes()
}

fn answer(input: &[u8]) {
    let (accepted, offers) = connected(input);
    let handshake = ClientHandshake::new("h", "/", offers, &mut SeededRandom(7));
    let (request, _) = whole(&handshake.request(), HeadReader::request()).expect("a request");
    let key = Opening::from_request(&request).expect("a good one").key;
    let input = with_accept(input, &key);

    let judged = match in_any_pieces(&input, HeadReader::response) {
        // What an interim answer is followed by is not read here.
        Ok(Some((head, _))) if matches!(head.start.status, 100 | 102..=199) => return,
        Ok(Some((head, _))) if is_free_answer(&head) => return,
        Ok(Some((head, _))) => judge(&handshake, &head),
        // A reason with control characters is of no interest to some.
        Err(HeadFault::StartLine) => return,
        Ok(None) | Err(_) => None,
    };
    let told = judged.as_ref().map(|(answer, _)| answer);
    assert_eq!(accepted, told.is_some(), "peers accept: {accepted}, the reference: {told:?}");
    let Some((_, agreed)) = judged else { return };

    let list = write_extensions(&agreed.iter().map(Agreement::to_extension).collect::<Vec<_>>());
    let field = match agreed.is_empty() {
        true => String::new(),
        false => format!("Sec-WebSocket-Extensions: {list}\r\n"),
    };
    let text = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n{field}\r\n",
        accept_of(&key)
    );
    let (head, _) = whole(text.as_bytes(), HeadReader::response()).expect("it was written");
    let again = judge(&handshake, &head).map(|(_, agreed)| agreed);
    assert_eq!(again, Some(agreed), "accepted once, then not");
}

/// Whether clients may differ about an answer: an Upgrade that is a list with empty elements.
fn is_free_answer(head: &HttpHead<StatusLine>) -> bool {
    head.fields.joined("Upgrade").is_some_and(|value| value.contains(','))
}

fn judge(
    handshake: &ClientHandshake,
    head: &HttpHead<StatusLine>,
) -> Option<(Answer, Vec<Agreement>)> {
    let answer = handshake.judge(head).ok()?;
    let agreed = accept_answer(handshake.offers(), &answer.extensions).ok()?;
    Some((answer, agreed))
}

type Read<Line> = Result<Option<(HttpHead<Line>, Vec<u8>)>, HeadFault>;

/// Reads a head uncut, octet by octet and in two pieces, which has to come to the same.
fn in_any_pieces<Line: PartialEq + std::fmt::Debug>(
    input: &[u8],
    reader: impl Fn() -> HeadReader<Line>,
) -> Read<Line> {
    let uncut = reader().push(input);
    // The place of a cut is taken from the input itself: any will do.
    let half = input.iter().fold(0_usize, |sum, octet| (sum * 31 + usize::from(*octet)) & 0xFFFF);
    let half = half % (input.len() + 1);
    let (front, back) = input.split_at(half);
    for pieces in [vec![front, back], input.chunks(1).collect()] {
        let cut = in_pieces(reader(), &pieces);
        let same = match (&cut, &uncut) {
            (Ok(cut), Ok(uncut)) => cut == uncut,
            (Err(_), Err(_)) => true,
            _ => false,
        };
        assert!(same, "uncut {uncut:?}, in pieces {cut:?}");
    }
    uncut
}

fn in_pieces<Line>(mut reader: HeadReader<Line>, pieces: &[&[u8]]) -> Read<Line> {
    let mut pieces = pieces.iter();
    while let Some(piece) = pieces.next() {
        if let Some((head, mut rest)) = reader.push(piece)? {
            pieces.for_each(|piece| rest.extend_from_slice(piece));
            return Ok(Some((head, rest)));
        }
    }
    Ok(None)
}

fn whole<Line>(octets: &[u8], mut reader: HeadReader<Line>) -> Option<(HttpHead<Line>, Vec<u8>)> {
    reader.push(octets).ok()?
}

/// Whether the peers, as a server, answer these octets with 101.
fn served(request: &[u8]) -> bool {
    run_with(|ours, theirs| async move {
        let server = async { serve(theirs, &Deviations::default(), 1).await };
        let client = async {
            let mut ours = ours;
            let mut said = Vec::new();
            ours.write_all(request).await?;
            ours.shutdown().await?;
            ours.read_to_end(&mut said).await?;
            Ok::<_, io::Error>(said)
        };
        let (_, said) = both(server, client).await;
        said.is_ok_and(|said| said.starts_with(b"HTTP/1.1 101"))
    })
}

/// Whether the peers, as a client, accept this answer and go on with frames; and what they offered.
fn connected(answer: &[u8]) -> (bool, Vec<Extension>) {
    run_with(|ours, theirs| async move {
        let client = async { connect(theirs, "h", "/", &Deviations::default(), 1).await };
        let server = async {
            let mut ours = ours;
            let mut reader = HeadReader::request();
            let head = loop {
                let octet = ours.read_u8().await?;
                match reader.push(&[octet]) {
                    Ok(Some((head, _))) => break head,
                    Ok(None) => {}
                    Err(fault) => panic!("peers send no request: {fault}"),
                }
            };
            let opening = Opening::from_request(&head).expect("peers send a good request");
            // A head alone: behind it comes a Ping, which only an open connection answers.
            let answer = with_accept(answer, &opening.key);
            let read = HeadReader::response().push(&answer);
            let end = read
                .map_or(answer.len(), |head| answer.len() - head.map_or(0, |(_, rest)| rest.len()));
            let (head, _) = answer.split_at(end);
            let mut said = Vec::new();
            let talk = async {
                ours.write_all(head).await?;
                ours.write_all(b"\x89\x00").await?;
                ours.shutdown().await?;
                ours.read_to_end(&mut said).await
            };
            // Who refuses the answer may end the stream while we write.
            let _ = talk.await;
            Ok::<_, io::Error>((said.starts_with(b"\x8A\x80"), opening.offers))
        };
        let (_, heard) = both(client, server).await;
        heard.expect("peers send a request")
    })
}

fn with_accept(answer: &[u8], key: &str) -> Vec<u8> {
    let accept = accept_of(key);
    let mut written = Vec::new();
    let mut rest = answer;
    while let Some(at) = rest.windows(ACCEPT.len()).position(|window| window == ACCEPT) {
        let (front, back) = rest.split_at(at);
        written.extend_from_slice(front);
        written.extend_from_slice(accept.as_bytes());
        rest = &back[ACCEPT.len()..];
    }
    written.extend_from_slice(rest);
    written
}

/// Runs a conversation over a pipe in virtual time.
fn run_with<F: Future>(conversation: impl FnOnce(DuplexStream, DuplexStream) -> F) -> F::Output {
    thread_local! {
        static RUNTIME: Runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime without I/O");
    }
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    RUNTIME.with(|runtime| runtime.block_on(conversation(ours, theirs)))
}

async fn both<A, B>(one: impl Future<Output = A>, other: impl Future<Output = B>) -> (A, B) {
    tokio::join!(one, other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_accept_what_is_right() {
        let handshake = ClientHandshake::new("h", "/", Vec::new(), &mut SeededRandom(1));
        assert!(served(&handshake.request()));
        assert!(!served(&handshake.request().replace_first(b"GET", b"PUT")));
        let answer = b"HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Accept: $accept\r\n\r\n";
        assert!(connected(answer).0);
        assert!(!connected(&answer.replace_first(b"$accept", b"accept")).0);
    }

    trait ReplaceFirst {
        fn replace_first(&self, from: &[u8], to: &[u8]) -> Vec<u8>;
    }

    impl<T: AsRef<[u8]>> ReplaceFirst for T {
        fn replace_first(&self, from: &[u8], to: &[u8]) -> Vec<u8> {
            let octets = self.as_ref();
            let at = octets.windows(from.len()).position(|window| window == from).unwrap();
            [&octets[..at], to, &octets[at + from.len()..]].concat()
        }
    }
}
