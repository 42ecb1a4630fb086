//! Client against server, with all capabilities, in virtual time: a tap in between sees what goes
//! each way, and when.

#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers of tests, outside of `#[test]`

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, duplex, split};
use tokio::time::{Instant, timeout};
use wsconform_peers::{Deviations, Ending, connect, serve};

/// The octets of one direction, each piece with the time since the start.
type Pieces = Arc<Mutex<Vec<(Duration, Vec<u8>)>>>;

/// A whole frame: when its last octet passed, its first octet, its payload without mask.
type Frame = (Duration, u8, Vec<u8>);

/// What went over the wire.
struct Wire {
    request: String,
    answer: String,
    /// From the client, and from the server.
    frames: [Vec<Frame>; 2],
    /// How both ended, if they did in time.
    endings: Option<(Ending, Ending)>,
    elapsed: Duration,
}

/// Lets client and server talk with each other for a while.
async fn talk(target: &str, client: Deviations, server: Deviations, time: Duration) -> Wire {
    let (near, tap_near) = duplex(4096);
    let (tap_far, far) = duplex(4096);
    let (near_read, near_write) = split(tap_near);
    let (far_read, far_write) = split(tap_far);
    let pieces: [Pieces; 2] = Default::default();
    let start = Instant::now();
    let there = tokio::spawn(tap(near_read, far_write, Arc::clone(&pieces[0]), start));
    let back = tokio::spawn(tap(far_read, near_write, Arc::clone(&pieces[1]), start));
    let both = async {
        tokio::join!(connect(near, "example.org", target, &client, 1), serve(far, &server, 2))
    };
    let endings = timeout(time, both).await.ok();
    let elapsed = start.elapsed();
    there.abort();
    back.abort();
    let [there, back] = pieces.map(|pieces| pieces.lock().unwrap().clone());
    let ((request, from_client), (answer, from_server)) = (frames(&there), frames(&back));
    Wire { request, answer, frames: [from_client, from_server], endings, elapsed }
}

async fn tap<R, W>(mut from: R, mut to: W, pieces: Pieces, start: Instant)
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut chunk = [0; 4096];
    while let Ok(count) = from.read(&mut chunk).await {
        if count == 0 || to.write_all(&chunk[..count]).await.is_err() {
            break;
        }
        pieces.lock().unwrap().push((start.elapsed(), chunk[..count].to_vec()));
    }
    let _ = to.shutdown().await;
}

/// The head, and the frames behind it.
fn frames(pieces: &[(Duration, Vec<u8>)]) -> (String, Vec<Frame>) {
    let (mut buffer, mut head, mut frames) = (Vec::new(), None, Vec::new());
    for (time, octets) in pieces {
        buffer.extend_from_slice(octets);
        if head.is_none()
            && let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n")
        {
            head = Some(String::from_utf8(buffer.drain(..end + 4).collect()).unwrap());
        }
        while head.is_some()
            && let Some((frame, length)) = first_frame(&buffer)
        {
            buffer.drain(..length);
            frames.push((*time, frame.0, frame.1));
        }
    }
    (head.unwrap_or_default(), frames)
}

fn first_frame(octets: &[u8]) -> Option<((u8, Vec<u8>), usize)> {
    let (&[first, second], rest) = octets.split_first_chunk::<2>()?;
    let (length, mut at) = match second & 0x7F {
        126 => (usize::from(u16::from_be_bytes(*rest.first_chunk()?)), 4),
        127 => panic!("no frame here is that long"),
        short => (usize::from(short), 2),
    };
    let key: [u8; 4] = match second & 0x80 {
        0 => [0; 4],
        _ => {
            at += 4;
            octets.get(at - 4..at)?.try_into().unwrap()
        }
    };
    let masked = octets.get(at..at + length)?;
    let payload = masked.iter().zip(key.iter().cycle()).map(|(octet, key)| octet ^ key).collect();
    Some(((first, payload), at + length))
}

fn sequence_of(capability: &str, answer: &str) -> [u8; 4] {
    let element = answer.split(capability).nth(1).unwrap();
    let digits = element.split("control=").nth(1).unwrap().get(..8).unwrap();
    u32::from_str_radix(digits, 16).unwrap().to_be_bytes()
}

/// The control messages of a capability: when, type, and body.
fn control(frames: &[Frame], sequence: [u8; 4]) -> Vec<(Duration, u8, Vec<u8>)> {
    let ours = frames.iter().filter(|(_, first, payload)| {
        *first == 0x82 && payload.len() > 4 && payload.starts_with(&sequence)
    });
    ours.map(|(time, _, payload)| (*time, payload[4], payload[5..].to_vec())).collect()
}

const ALL: [&str; 4] = ["rate-control", "idle-timeout", "heartbeat", "control-setup"];

#[tokio::test(start_paused = true)]
async fn everything_is_agreed_on_and_an_idle_connection_beats_until_it_is_closed() {
    let wire =
        talk("/", Deviations::default(), Deviations::default(), Duration::from_secs(90)).await;
    assert_eq!(wire.endings, Some((Ending::Ended, Ending::Ended)));
    let sequences = ALL.map(|capability| {
        assert!(wire.request.contains(capability), "{}", wire.request);
        u32::from_be_bytes(sequence_of(capability, &wire.answer))
    });
    let first = sequences[0];
    assert_eq!(sequences, [first, first + 1, first + 2, first + 3], "{}", wire.answer);
    assert!(wire.answer.contains("pace=strict") && wire.answer.contains("ack=1024"));

    // The agreed minute passes, whatever beats.
    assert!((60_000..60_100).contains(&wire.elapsed.as_millis()), "{:?}", wire.elapsed);
    let [from_client, from_server] = &wire.frames;
    for frames in [from_client, from_server] {
        assert_eq!(frames.last().map(|(_, first, _)| *first), Some(0x88));
    }
    assert_eq!(from_server.last().unwrap().2[..2], 1000_u16.to_be_bytes());
    let beat = sequence_of("heartbeat", &wire.answer);
    let (beats, echoes): (Vec<_>, Vec<_>) =
        control(from_client, beat).into_iter().partition(|(_, code, _)| *code == 1);
    assert!(beats.len() + echoes.len() >= 590, "every 100 ms one of them");
    let answered = control(from_server, beat);
    for (_, _, body) in beats.iter().filter(|(time, ..)| *time < Duration::from_secs(59)) {
        assert!(answered.iter().any(|(_, code, echo)| *code == 2 && echo == body));
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_is_paced_from_the_first_effective_on() {
    let (mut near, far) = duplex(4096);
    let server = tokio::spawn(async move { serve(far, &Deviations::default(), 7).await });
    let request = "GET /source HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Extensions: rate-control; pace=strict; burst=4096\r\n\r\n";
    near.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(near.read_u8().await.unwrap());
    }
    let answer = String::from_utf8(head.clone()).unwrap();
    let sequence = sequence_of("rate-control", &answer);
    let mut pieces = vec![(Duration::ZERO, head)];
    let start = Instant::now();
    for rate in [100_000_u64, 1_000_000, 20_000] {
        let request = [&sequence[..], &[1], &rate.to_be_bytes()].concat();
        near.write_all(&[&[0x82, 0x8D, 0, 0, 0, 0], &request[..]].concat()).await.unwrap();
        let end = Instant::now() + Duration::from_secs(1);
        let mut chunk = [0; 4096];
        while let Ok(read) = tokio::time::timeout_at(end, near.read(&mut chunk)).await {
            pieces.push((start.elapsed(), chunk[..read.unwrap()].to_vec()));
        }
    }
    let (_, frames) = frames(&pieces);
    let effective: Vec<(Duration, u64)> = control(&frames, sequence)
        .into_iter()
        .map(|(time, code, body)| {
            assert_eq!(code, 5);
            (time, u64::from_be_bytes(body.try_into().unwrap()))
        })
        .collect();
    let rates: Vec<u64> = effective.iter().map(|(_, rate)| *rate).collect();
    assert_eq!(rates, [100_000, 1_000_000, 20_000]);

    // What the rates so far allow, in octets: never more than a burst less than what was sent.
    let allowed = |until: Duration| -> f64 {
        let ends = effective.iter().skip(1).map(|(time, _)| *time).chain([Duration::MAX]);
        let spans = effective.iter().zip(ends).map(|((from, rate), to)| {
            until.min(to).saturating_sub(*from).as_secs_f64() * *rate as f64
        });
        spans.sum()
    };
    let mut sent = 0.0;
    let behind = frames.iter().skip_while(|(_, _, payload)| !payload.starts_with(&sequence));
    for (time, first, payload) in behind {
        if first & 0x08 == 0 && !payload.starts_with(&sequence) {
            sent += payload.len() as f64;
            // A millisecond is what the clock of the runtime is exact to.
            let most = allowed(*time + Duration::from_millis(1)) + 4096.0;
            assert!(sent <= most, "{sent} of {most} octets at {time:?}");
        }
    }
    let all = allowed(Duration::from_secs(3));
    assert!(sent >= 0.95 * all, "{sent} of {all} octets");
    server.abort();
}

#[tokio::test(start_paused = true)]
async fn a_page_sets_up_control_by_its_subprotocol() {
    let wire =
        talk("/bootstrap", Deviations::default(), Deviations::default(), Duration::from_secs(5))
            .await;
    let offered = wire.request.split("Sec-WebSocket-Protocol: ").nth(1).unwrap();
    let offered = offered.split('\r').next().unwrap();
    assert!(!wire.request.contains("Extensions"), "{}", wire.request);
    assert!(wire.answer.contains(&format!("\r\nSec-WebSocket-Protocol: {offered}\r\n")));
    assert!(!wire.answer.contains("Extensions"), "{}", wire.answer);
    assert_eq!(wire.endings, None, "nobody has a reason to end it");
}
