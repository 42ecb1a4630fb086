//! An echo server and an echo client that nobody here wrote, on tokio-tungstenite, over real
//! sockets.
//!
//! It shows too how a Rust library is certified inside its own `cargo test`: a server by its
//! address, a client by an implementation of [`Target`].

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::{WebSocketStream, accept_async, client_async};
use wsconform::engine::{Observer, Options, Selection, certify, plan};
use wsconform::report::{CaseRecord, RunRecord, RunVerdict, Verdict};
use wsconform::run::PlannedCase;
use wsconform::target::{ConnectError, Connected, ServerAddress, Target, TargetFuture};
use wsconform_spec::scenario::Role;

/// Sends back what it receives until the connection is over.
async fn echo<S: AsyncRead + AsyncWrite + Unpin>(mut socket: WebSocketStream<S>) {
    while let Some(Ok(message)) = socket.next().await {
        let is_data = message.is_text() || message.is_binary();
        if is_data && socket.send(message).await.is_err() {
            return;
        }
    }
}

/// The server; its address.
async fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                if let Ok(socket) = accept_async(stream).await {
                    echo(socket).await;
                }
            });
        }
    });
    address
}

/// The client: connects anew whenever the harness asks for a connection.
struct Client;

impl Target for Client {
    fn role(&self) -> Role {
        Role::Client
    }

    fn name(&self) -> String {
        "an echo client on tokio-tungstenite".to_owned()
    }

    fn connect<'a>(
        &'a self,
        app: &'a str,
        patience: Duration,
    ) -> TargetFuture<'a, Result<Connected, ConnectError>> {
        Box::pin(async move {
            let refused = |error: std::io::Error| ConnectError::Refused(error.to_string());
            let listener = TcpListener::bind("127.0.0.1:0").await.map_err(refused)?;
            let address = listener.local_addr().map_err(refused)?;
            let url = format!("ws://{address}/{app}");
            tokio::spawn(async move {
                if let Ok(stream) = TcpStream::connect(address).await
                    && let Ok((socket, _)) = client_async(url, stream).await
                {
                    echo(socket).await;
                }
            });
            match timeout(patience, listener.accept()).await {
                Ok(accepted) => Ok(Connected {
                    stream: Box::new(accepted.map_err(refused)?.0),
                    authority: address.to_string(),
                    target: format!("/{app}"),
                    companion: None,
                }),
                Err(_) => Err(ConnectError::TimedOut("the client did not connect".to_owned())),
            }
        })
    }
}

/// Cases that are failed, or passed with a warning, by pattern; the requirement they blame; and why
/// that is right.
type Blamed = &'static [(&'static str, &'static str, &'static str)];

/// The library tells its caller what is wrong with a request, and closes the stream instead of
/// answering.
const NO_ANSWER: &str =
    "RFC 6455, 4.2.1: a server MUST return an HTTP response with an appropriate error code";
/// The library tells its caller what is wrong with a frame, and leaves it to him to send a Close
/// frame; an echo that just stops, as most do, sends none.
const NO_CLOSE: &str = "RFC 6455, 7.1.7: an endpoint SHOULD send a Close frame before it closes";

const BY_BOTH: Blamed = &[
    ("frame.rsv", "failing.close-frame", NO_CLOSE),
    ("frame.rsv-on-native", "failing.close-frame", NO_CLOSE),
    ("frame.rsv-on-continuation", "failing.close-frame", NO_CLOSE),
    ("frame.rsv-near-misses", "failing.close-frame", NO_CLOSE),
    ("frame.opcode", "failing.close-frame", NO_CLOSE),
    ("frame.opcode-near-misses", "failing.close-frame", NO_CLOSE),
    ("frame.length.top-bit", "failing.close-frame", NO_CLOSE),
    ("frame.length.near-misses", "failing.close-frame", NO_CLOSE),
    ("fragments.near-misses", "failing.close-frame", NO_CLOSE),
    ("text.near-misses", "failing.close-frame", NO_CLOSE),
    ("native.near-misses", "failing.close-frame", NO_CLOSE),
    ("fragments.orphan", "failing.close-frame", NO_CLOSE),
    ("fragments.interleaved", "failing.close-frame", NO_CLOSE),
    ("text.utf8", "failing.close-frame", NO_CLOSE),
    ("text.utf8.invalid-across", "failing.close-frame", NO_CLOSE),
    ("native.length", "failing.close-frame", NO_CLOSE),
    ("native.fragmented", "failing.close-frame", NO_CLOSE),
    ("failing.silent", "failing.close-frame", NO_CLOSE),
    ("failing.before", "failing.close-frame", NO_CLOSE),
    ("fragments.orphan-behind", "failing.close-frame", NO_CLOSE),
    ("fragments.orphan-unfinished", "failing.close-frame", NO_CLOSE),
    ("frame.opcode-between", "failing.close-frame", NO_CLOSE),
    ("frame.opcode-empty", "failing.close-frame", NO_CLOSE),
    ("frame.rsv-on-close", "failing.close-frame", NO_CLOSE),
    ("frame.rsv-on-first", "failing.close-frame", NO_CLOSE),
    ("native.fragmented-close", "failing.close-frame", NO_CLOSE),
    ("native.length-of-close", "failing.close-frame", NO_CLOSE),
    ("text.utf8.not-continued", "failing.close-frame", NO_CLOSE),
];

const BY_THE_SERVER: Blamed = &[
    ("text.utf8.fail-fast.server", "failing.close-frame", NO_CLOSE),
    ("opening.server.ordinary-request", "opening.server.error-response", NO_ANSWER),
    ("opening.server.required-fields/Sec-*", "opening.server.error-response", NO_ANSWER),
    ("opening.server.method", "opening.server.error-response", NO_ANSWER),
    ("opening.server.http-version", "opening.server.error-response", NO_ANSWER),
    ("opening.server.upgrade-value", "opening.server.error-response", NO_ANSWER),
    ("opening.server.key-length", "opening.server.error-response", NO_ANSWER),
    ("opening.server.key-near-misses", "opening.server.error-response", NO_ANSWER),
    ("opening.server.version", "opening.server.error-response", NO_ANSWER),
    ("opening.server.version-malformed", "opening.server.error-response", NO_ANSWER),
    ("opening.server.connection-value", "opening.server.error-response", NO_ANSWER),
    ("opening.server.accept-verbatim", "opening.server.error-response", NO_ANSWER),
    ("opening.server.colon", "opening.server.error-response", NO_ANSWER),
    ("opening.server.field-lines", "opening.server.error-response", NO_ANSWER),
    ("opening.server.indented", "opening.server.error-response", NO_ANSWER),
    ("opening.server.nul", "opening.server.error-response", NO_ANSWER),
    (
        "opening.server.version-twice",
        "opening.server.version",
        "RFC 6455, 11.3.5: the field must not appear more than once; it looks at the first line alone",
    ),
    (
        "opening.server.key-twice",
        "opening.server.key-once",
        "RFC 6455, 11.3.1: the field must not appear more than once; it looks at the first line alone",
    ),
    (
        "opening.server.host-twice",
        "opening.server.host-valid",
        "RFC 9112, 3.2: more than one Host field is answered with 400; it looks at none",
    ),
    (
        "opening.server.host-invalid",
        "opening.server.host-valid",
        "RFC 9112, 3.2: a Host field with an invalid value is answered with 400; it looks at none",
    ),
    (
        "opening.server.http-minor",
        "opening.server.http-minor",
        "RFC 9110, 2.5: a higher minor version is taken as the highest that one knows; it knows 1.1 alone",
    ),
    (
        "opening.server.target",
        "opening.server.target",
        "RFC 9112, 3: an invalid request line is answered with 400 or 301; it takes any target",
    ),
    (
        "opening.server.protocol-malformed",
        "opening.server.protocol-malformed",
        "RFC 6455, 4.2.1: what breaks the grammar of the handshake is refused; it does not look",
    ),
    (
        "opening.server.upgrade-lines/x-wsconform-1.0",
        "opening.server.upgrade-list",
        "RFC 9110, 5.3: the lines of a field are one list; it looks at the first line alone",
    ),
    (
        "opening.server.required-fields/Host",
        "opening.server.host",
        "RFC 6455, 4.2.1, item 2: a Host field is part of the request; it takes one without",
    ),
    (
        "opening.server.upgrade-list",
        "opening.server.upgrade-list",
        "RFC 9110, 7.8: Upgrade is a list; it compares the whole field",
    ),
    (
        "opening.server.connection-lines/keep-alive",
        "opening.server.lists",
        "RFC 9110, 5.3: the lines of a field are one list; it looks at the first line alone",
    ),
];

const BY_THE_CLIENT: Blamed = &[
    ("text.utf8.fail-fast.client", "failing.close-frame", NO_CLOSE),
    (
        "opening.client.unasked/Sec-WebSocket-Extensions",
        "opening.client.extensions",
        "RFC 6455, 4.1: the client MUST fail the connection when the answer holds an extension \
         that it did not ask for; it takes the answer",
    ),
    (
        "opening.client.accept-twice/right-first",
        "opening.client.accept",
        "RFC 6455, 11.3.3 and RFC 9110, 5.2: two fields are one value, which is not that of the key; it looks at the first",
    ),
    (
        "opening.client.connection-list",
        "opening.client.lists",
        "RFC 6455, 4.1: Connection contains a token; it compares the whole field",
    ),
    (
        "opening.client.connection-lines/keep-alive",
        "opening.client.lists",
        "RFC 9110, 5.3: the lines of a field are one list; it looks at the first line alone",
    ),
    (
        "opening.client.interim",
        "opening.client.interim",
        "RFC 9110, 15.2: a client MUST be able to read interim answers; it takes them for final ones",
    ),
];

/// What has to be skipped for an endpoint that does nothing but echo, and nothing else.
const SKIPPED: [&str; 7] = [
    "the endpoint does not negotiate rate-control",
    "the endpoint does not negotiate idle-timeout",
    "the endpoint does not negotiate heartbeat",
    "the endpoint does not negotiate control-setup",
    "the endpoint has no application `close`",
    "the endpoint has no application `bootstrap`",
    "the endpoint has no application `require`",
];

/// What became of the cases.
#[derive(Default)]
struct Seen {
    /// Case and requirement.
    blamed: BTreeSet<(String, String)>,
    /// Why cases were skipped.
    skipped: BTreeSet<String>,
    inconclusive: Vec<String>,
}

impl Observer for Seen {
    fn run(&mut self, _: &RunRecord, _: &[PlannedCase]) {}

    fn start(&mut self, _: &str) {}

    fn case(&mut self, _: usize, record: CaseRecord) {
        let CaseRecord { id, verdict, blame, reason, .. } = record;
        match verdict {
            Verdict::Skip => self.skipped.extend(reason),
            Verdict::Inconclusive => self.inconclusive.push(id.clone()),
            Verdict::Pass | Verdict::Warn | Verdict::Fail => {}
        }
        self.blamed.extend(blame.into_iter().map(|blame| (id.clone(), blame.requirement)));
    }
}

/// Certifies the endpoint, and holds what is blamed on it against the tables.
async fn examine(target: Arc<dyn Target>, tables: [Blamed; 2]) -> RunVerdict {
    let book = Arc::new(wsconform::book::embedded().unwrap());
    let cases = plan(&book, target.role(), &Selection::default());
    let mut seen = Seen::default();
    let options = Options::default();
    let never = std::future::pending();
    let end = certify(&book, &target, &cases, &options, never, &mut seen).await.unwrap();
    assert!(end.complete, "{:?}", end.reason);
    let mut expected = BTreeSet::new();
    for (pattern, requirement, _) in tables.concat() {
        let selection = Selection::new(&[pattern.to_owned()], &[]);
        let selected: Vec<_> = cases.iter().filter(|case| selection.selects(&case.id)).collect();
        assert!(!selected.is_empty(), "no case is called {pattern}");
        expected.extend(selected.iter().map(|case| (case.id.clone(), requirement.to_owned())));
    }
    let besides: Vec<_> = seen.blamed.difference(&expected).collect();
    let missing: Vec<_> = expected.difference(&seen.blamed).collect();
    assert!(besides.is_empty() && missing.is_empty(), "besides {besides:#?}\nmissing {missing:#?}");
    let known: BTreeSet<String> = SKIPPED.map(str::to_owned).into();
    assert!(seen.skipped.is_subset(&known), "{:?}", seen.skipped);
    assert_eq!(seen.inconclusive, [""; 0]);
    end.verdict
}

#[tokio::test]
async fn the_server() {
    let server = Arc::new(ServerAddress::from(serve().await));
    assert_eq!(examine(server, [BY_BOTH, BY_THE_SERVER]).await, RunVerdict::NotMet);
}

#[tokio::test]
async fn the_client() {
    let verdict = examine(Arc::new(Client), [BY_BOTH, BY_THE_CLIENT]).await;
    assert_eq!(verdict, RunVerdict::NotMet);
}

/// What a run says of a case. How long things took is left out, and so is what the network makes of a
/// stream: that it ends, or is reset.
#[derive(Clone, Debug, PartialEq)]
struct CaseSaid {
    verdict: Verdict,
    blame: BTreeSet<String>,
    observations: BTreeMap<String, String>,
    reason: Option<String>,
}

/// What a run says of each case, by its id.
#[derive(Default)]
struct Said(BTreeMap<String, CaseSaid>);

impl Observer for Said {
    fn run(&mut self, _: &RunRecord, _: &[PlannedCase]) {}

    fn start(&mut self, _: &str) {}

    fn case(&mut self, _: usize, record: CaseRecord) {
        let CaseRecord { id, verdict, blame, observations, reason, .. } = record;
        let blame = blame.into_iter().map(|blame| blame.requirement).collect();
        self.0.insert(id, CaseSaid { verdict, blame, observations, reason });
    }
}

/// Twenty runs, one case at a time, sixteen, and as many as the harness takes by itself; the server has a
/// thread of its own to be early or late in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_gets_the_same_verdicts_each_time() {
    let server: Arc<dyn Target> = Arc::new(ServerAddress::from(serve().await));
    let book = Arc::new(wsconform::book::embedded().unwrap());
    let cases = plan(&book, Role::Server, &Selection::default());
    let mut first: Option<Said> = None;
    for jobs in [Some(1), Some(16), None].into_iter().cycle().take(20) {
        let mut said = Said::default();
        let options = Options { jobs, ..Options::default() };
        let never = std::future::pending();
        let end = certify(&book, &server, &cases, &options, never, &mut said).await.unwrap();
        assert!(end.complete, "{:?}", end.reason);
        assert_eq!(said.0.len(), cases.len());
        let first = first.get_or_insert_with(|| Said(said.0.clone()));
        for (id, now) in &said.0 {
            assert_eq!(first.0.get(id), Some(now), "{id}, first and with {jobs:?} jobs");
        }
    }
}
