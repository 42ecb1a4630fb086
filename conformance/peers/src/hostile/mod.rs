//! Endpoints that are none: what a harness has to survive, and to report as what it is.
//!
//! Some never get through the opening handshake, as a server or as a client; the others do, and are
//! wrong from the first octets on that they get then. Endless streams pause for a millisecond now
//! and then, so that virtual time passes while they run and deadlines are reached.

use std::fmt;
use std::str::FromStr;

use tokio::io::{AsyncRead, AsyncWrite};

mod frames;
mod opening;
mod stream;

macro_rules! kinds {
    ($($kind:ident $name:literal $doc:literal)*) => {
        /// A way of being no WebSocket endpoint.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Hostile { $(#[doc = $doc] $kind),* }

        impl Hostile {
            /// All of them.
            pub const ALL: &'static [Hostile] = &[$(Hostile::$kind),*];

            /// The name behind `hostile/`.
            pub fn name(self) -> &'static str {
                match self { $(Hostile::$kind => $name),* }
            }
        }
    };
}

kinds! {
    Silent "silent" "Says nothing."
    Garbage "garbage" "Sends 4096 random octets, asked or not, and falls silent."
    CloseAtOnce "close-at-once" "Ends the connection at once."
    Drip "drip" "Sends its head one octet each 50 ms; then it is a well-behaved echo."
    HalfHead "half-head" "Sends half of its head, and falls silent."
    EndlessHead "endless-head" "Sends a head of lines that never end."
    EndlessLine "endless-line" "Sends a head with one line that never ends."
    HttpServer "http-server" "Answers every request with 200 and a page; asks for a page itself."
    HttpFlood "http-flood" "Answers with an error page of gigabytes; sends a form of that size."
    Unanswering "unanswering" "Opens the connection, reads, and never says anything."
    Reset "reset" "Opens the connection and drops it, octets unread: over TCP, a reset."
    HalfFrame "half-frame" "Answers with half of a frame, and falls silent."
    FrameGarbage "frame-garbage" "Answers with 4096 random octets, and falls silent."
    OtherKind "other-kind" "Answers everything with a text that nobody sent."
    DripFrames "drip-frames" "Answers with a frame of 64 KiB, one octet each 50 ms."
    Claims "claims" "Answers with a frame that claims 2^63 - 1 octets, and delivers them without end."
    EndlessPings "endless-pings" "Answers with pings without end."
    EndlessFragments "endless-fragments" "Answers with fragments of one message without end."
    EndlessMessages "endless-messages" "Answers with messages of 64 KiB without end."
}

impl Hostile {
    /// Whether it gets through the opening handshake.
    pub fn opens(self) -> bool {
        self >= Hostile::Unanswering || self == Hostile::Drip
    }
}

impl fmt::Display for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hostile/{}", self.name())
    }
}

/// No hostile endpoint has this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownHostile(String);

impl fmt::Display for UnknownHostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = Hostile::ALL.iter().map(Hostile::to_string).collect();
        write!(f, "there is no hostile endpoint \"{}\"; there are {}", self.0, names.join(", "))
    }
}

impl std::error::Error for UnknownHostile {}

impl FromStr for Hostile {
    type Err = UnknownHostile;

    /// Reads `hostile/silent` as well as `silent`.
    fn from_str(text: &str) -> Result<Hostile, UnknownHostile> {
        let name = text.strip_prefix("hostile/").unwrap_or(text);
        let found = Hostile::ALL.iter().copied().find(|kind| kind.name() == name);
        found.ok_or_else(|| UnknownHostile(text.to_owned()))
    }
}

/// Plays the server of one connection, until the peer has left or the play is over.
pub async fn run<S>(stream: S, kind: Hostile)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    play(stream, kind, None).await;
}

/// Plays the client of one connection, to a host and a request target.
pub async fn run_client<S>(stream: S, host: &str, target: &str, kind: Hostile)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    play(stream, kind, Some((host, target))).await;
}

async fn play<S>(mut stream: S, kind: Hostile, to: Option<(&str, &str)>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    // An error means that the peer has left: that ends each of these plays.
    let _ = match kind.opens() {
        false => opening::play(&mut stream, kind, to).await,
        true => frames::play(&mut stream, kind, to).await,
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
    use tokio::time::timeout;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Version: 13\r\n\r\n";
    const RESPONSE: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

    #[test]
    fn names_are_read_and_printed() {
        for &kind in Hostile::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        let error = "hostile/kind".parse::<Hostile>().unwrap_err().to_string();
        assert!(error.contains("\"hostile/kind\"") && error.contains("hostile/drip"), "{error}");
    }

    /// The first octets that come within ten (virtual) seconds after a head and a ping.
    async fn answer(kind: Hostile, client: bool) -> Vec<u8> {
        let (mut near, far) = duplex(1024);
        let task = tokio::spawn(async move {
            match client {
                false => run(far, kind).await,
                true => run_client(far, "a", "/", kind).await,
            }
        });
        let (head, mask) = if client { (RESPONSE, 0) } else { (REQUEST, 0x80) };
        let ping = [0x89, mask, 0, 0, 0, 0];
        let mut found = Vec::new();
        let talk = async {
            near.write_all(head).await.unwrap();
            near.write_all(if client { &ping[..2] } else { &ping }).await.unwrap();
            let _ = (&mut near).take(8192).read_to_end(&mut found).await;
        };
        let _ = timeout(Duration::from_secs(10), talk).await;
        drop(near);
        timeout(Duration::from_secs(3600), task).await.expect("it ends with its peer").unwrap();
        found
    }

    /// What comes behind the head.
    fn behind(octets: &[u8]) -> &[u8] {
        let end = octets.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole head");
        &octets[end + 4..]
    }

    #[tokio::test(start_paused = true)]
    async fn each_server_does_what_it_says() {
        let answer = |kind| answer(kind, false);
        assert_eq!(answer(Hostile::Silent).await, b"");
        assert_eq!(answer(Hostile::Garbage).await.len(), 4096);
        assert_eq!(answer(Hostile::CloseAtOnce).await, b"");
        assert!(answer(Hostile::Drip).await.ends_with(b"\r\n\r\n\x8A\x00"));
        assert!(!answer(Hostile::HalfHead).await.ends_with(b"\r\n\r\n"));
        assert_eq!(answer(Hostile::EndlessHead).await.len(), 8192);
        assert!(!answer(Hostile::EndlessLine).await.ends_with(b"\n"));
        assert!(answer(Hostile::HttpServer).await.starts_with(b"HTTP/1.1 200 OK\r\n"));
        assert_eq!(answer(Hostile::HttpFlood).await.len(), 8192);
        assert_eq!(behind(&answer(Hostile::Unanswering).await), b"");
        assert_eq!(behind(&answer(Hostile::Reset).await), b"");
        assert_eq!(behind(&answer(Hostile::HalfFrame).await).len(), 4 + 500);
        assert_eq!(behind(&answer(Hostile::FrameGarbage).await).len(), 4096);
        assert!(behind(&answer(Hostile::OtherKind).await).starts_with(b"\x81\x0Dwhat is this?"));
        assert_eq!(behind(&answer(Hostile::DripFrames).await).len(), 200);
        assert_eq!(behind(&answer(Hostile::Claims).await)[..4], [0x82, 127, 0x7F, 0xFF]);
        assert!(behind(&answer(Hostile::EndlessPings).await).starts_with(b"\x89\x05there\x89"));
        assert_eq!(behind(&answer(Hostile::EndlessFragments).await)[..4], [0x02, 126, 4, 0]);
        assert_eq!(behind(&answer(Hostile::EndlessMessages).await)[..2], [0x82, 127]);
    }

    #[tokio::test(start_paused = true)]
    async fn each_client_does_what_it_says() {
        for &kind in Hostile::ALL {
            let found = answer(kind, true).await;
            match kind {
                Hostile::Silent | Hostile::CloseAtOnce => assert_eq!(found, b""),
                Hostile::Garbage => assert_eq!(found.len(), 4096),
                Hostile::Drip => assert!(found.starts_with(b"GET / HTTP/1.1\r\n")),
                Hostile::HttpFlood => assert!(found.starts_with(b"POST / HTTP/1.1\r\n")),
                Hostile::EndlessHead | Hostile::EndlessLine => assert_eq!(found.len(), 8192),
                _ => assert!(found.starts_with(b"GET / HTTP/1.1\r\nHost: a\r\n"), "{kind}"),
            }
        }
        // What a client sends is masked.
        let messages = answer(Hostile::EndlessMessages, true).await;
        assert_eq!(behind(&messages)[..2], [0x82, 0xFF]);
    }
}
