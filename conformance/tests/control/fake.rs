//! A scripted endpoint over an in-memory pipe, in virtual time, and one scenario run against it.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use wsconform::engine::{Selection, plan};
use wsconform::report::Verdict;
use wsconform::run::{CaseOutcome, Settings, run_case};
use wsconform::target::{ConnectError, Connected, Target, TargetFuture};
use wsconform::wire::{
    Frame, FrameReader, FrameSpec, HttpHead, HttpReader, Opcode, RequestSpec, ResponseSpec,
    accept_of,
};
use wsconform_spec::Book;
use wsconform_spec::scenario::Role;

/// The endpoint's end of a connection.
pub(crate) struct Fake {
    stream: DuplexStream,
    reader: FrameReader,
    waiting: std::collections::VecDeque<Frame>,
    masks: bool,
}

impl Fake {
    /// Answers an opening handshake with these fields; gives the request.
    pub(crate) async fn accept(&mut self, fields: &[(&str, &str)]) -> HttpHead {
        let head = self.head().await;
        self.answer(&head, fields).await;
        head
    }

    /// Answers a request with these fields.
    pub(crate) async fn answer(&mut self, head: &HttpHead, fields: &[(&str, &str)]) {
        let octets = self.answer_to(head, fields);
        self.write(&octets).await;
    }

    /// The same, and a frame in one write.
    pub(crate) async fn answer_and(
        &mut self,
        head: &HttpHead,
        fields: &[(&str, &str)],
        frame: FrameSpec,
    ) {
        let octets = [self.answer_to(head, fields), frame.encode(None)].concat();
        self.write(&octets).await;
    }

    fn answer_to(&self, head: &HttpHead, fields: &[(&str, &str)]) -> Vec<u8> {
        let key = head.field_values("Sec-WebSocket-Key").concat();
        let mut response = ResponseSpec::switching(&accept_of(&key));
        for (name, value) in fields {
            response.fields.append(name, value);
        }
        response.encode()
    }

    /// The same, with these extensions.
    pub(crate) async fn accept_with(&mut self, extensions: &str) {
        self.accept(&[("Sec-WebSocket-Extensions", extensions)]).await;
    }

    /// Sends an opening handshake with these fields; gives the answer.
    pub(crate) async fn dial(&mut self, fields: &[(&str, &str)]) -> HttpHead {
        let mut request = RequestSpec::opening("fake.invalid", "/", "dGhlIHNhbXBsZSBub25jZQ==");
        for (name, value) in fields {
            request.fields.append(name, value);
        }
        self.write(&request.encode()).await;
        self.masks = true;
        self.head().await
    }

    /// The head of a request or of an answer.
    pub(crate) async fn head(&mut self) -> HttpHead {
        let mut reader = HttpReader::new();
        let mut octet = [0];
        loop {
            assert_eq!(self.stream.read(&mut octet).await.unwrap(), 1, "the head ends too early");
            if let Some(head) = reader.take(&mut &octet[..]) {
                return head;
            }
        }
    }

    /// The next frame but pings, which are answered; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        loop {
            while let Some(frame) = self.waiting.pop_front() {
                if frame.opcode == Opcode::PING {
                    self.send(FrameSpec::pong(frame.payload)).await;
                } else {
                    return Some(frame);
                }
            }
            let mut buffer = [0; 4096];
            match self.stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return None,
                Ok(length) => self.waiting.extend(self.reader.push(&buffer[..length])),
            }
        }
    }

    /// The payload of the next data frame.
    pub(crate) async fn message(&mut self) -> Vec<u8> {
        loop {
            match self.next().await {
                Some(frame) if frame.opcode == Opcode::PONG => {}
                Some(frame) => return frame.payload,
                None => return Vec::new(),
            }
        }
    }

    pub(crate) async fn send(&mut self, frame: FrameSpec) {
        let octets = frame.encode(self.masks.then_some([1, 2, 3, 4]));
        self.write(&octets).await;
    }

    /// A binary message of these parts.
    pub(crate) async fn binary(&mut self, parts: &[&[u8]]) {
        self.send(FrameSpec::binary(parts.concat())).await;
    }

    async fn write(&mut self, octets: &[u8]) {
        // The other end may be gone.
        let _ = self.stream.write_all(octets).await;
    }

    /// Answers pings until the end.
    pub(crate) async fn rest(&mut self) {
        while self.next().await.is_some() {}
    }
}

type Script = dyn Fn(Fake) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync;
type Proxy = dyn Fn(DuplexStream, DuplexStream) + Send + Sync;

struct Scripted {
    role: Role,
    script: Arc<Script>,
    proxy: Option<Arc<Proxy>>,
    /// What is wrong on the side of the script.
    failed: Arc<Mutex<Option<tokio::task::JoinHandle<()>>>>,
}

impl Target for Scripted {
    fn role(&self) -> Role {
        self.role
    }

    fn name(&self) -> String {
        "scripted".to_owned()
    }

    fn is_simulated(&self) -> bool {
        true
    }

    fn connect<'a>(
        &'a self,
        _: &'a str,
        _: Duration,
    ) -> TargetFuture<'a, Result<Connected, ConnectError>> {
        Box::pin(async {
            let (mut ours, theirs) = duplex(64 * 1024);
            if let Some(proxy) = &self.proxy {
                let (near, far) = duplex(64 * 1024);
                proxy(far, ours);
                ours = near;
            }
            let fake = Fake {
                stream: theirs,
                reader: FrameReader::new(),
                waiting: Default::default(),
                masks: false,
            };
            let task = tokio::spawn((self.script)(fake));
            *self.failed.lock().unwrap() = Some(task);
            Ok(Connected {
                stream: Box::new(ours),
                authority: "fake.invalid".into(),
                target: "/".into(),
                companion: None,
            })
        })
    }
}

/// The requirements that the scenarios of these tests name, recommendations apart.
const MUST: &[&str] = &[
    "bootstrap.offered",
    "bootstrap.selected",
    "contract.echo",
    "escape.sender.adjacent",
    "heartbeat.echoed",
    "message.budget",
    "message.sent",
    "message.whole",
    "opening.server.protocol",
    "negotiation.server.not-widened",
    "rate.strict.answered",
    "rate.strict.bound",
    "rate.strict.pauses",
    "sequence.distinct",
    "setup.answer.declined",
    "setup.answer.distinct",
    "setup.answer.valid",
    "setup.answered",
    "setup.confirmed",
    "suspend.answered",
    "time.kept",
];
const SHOULD: &[&str] = &[
    "escape.sender.first-frame",
    "rate.strict.delivers",
    "sequence.block",
    "sequence.unambiguous",
];

/// Runs a scenario against an endpoint that follows `script`.
pub(crate) fn run<F, S>(role: Role, steps: &str, script: S) -> CaseOutcome
where
    F: Future<Output = ()> + Send + 'static,
    S: Fn(Fake) -> F + Send + Sync + 'static,
{
    run_behind(role, steps, script, None)
}

/// The same, with something between harness and endpoint.
pub(crate) fn run_behind<F, S>(
    role: Role,
    steps: &str,
    script: S,
    proxy: Option<Arc<Proxy>>,
) -> CaseOutcome
where
    F: Future<Output = ()> + Send + 'static,
    S: Fn(Fake) -> F + Send + Sync + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let capabilities = ["rate-control", "idle-timeout", "heartbeat", "control-setup"];
    let needs: Vec<String> = capabilities
        .iter()
        .filter(|token| steps.contains(&format!("with {token}")))
        .map(|token| format!("capability {token}"))
        .collect();
    let needs = match needs.as_slice() {
        [] => String::new(),
        needs => format!("needs {}\n", needs.join(", ")),
    };
    let mut chapter = "# Test\n\n".to_owned();
    for (ids, level) in [(MUST, "MUST"), (SHOULD, "SHOULD")] {
        for id in ids {
            chapter.push_str(&format!(
                "r[{id}]\nA party {level} do so.\n*Binds:* client, server. *Source:* RFC 6455, 4.\n\n"
            ));
        }
    }
    chapter
        .push_str(&format!("```scenario\nscenario it.works\nroles {role}\n{needs}{steps}\n```\n"));
    let book = match Book::from_texts([("10-test.md", chapter.as_str())]) {
        Ok(book) => book,
        Err(error) => panic!("{error}"),
    };
    let failed = Arc::default();
    let target = Scripted {
        role,
        script: Arc::new(move |fake| Box::pin(script(fake))),
        proxy,
        failed: Arc::clone(&failed),
    };
    let cases = plan(&book, role, &Selection::default());
    let settings = Settings {
        seed: 7,
        timeout: Duration::from_secs(2),
        echoes: true,
        capabilities: Vec::new(),
    };
    runtime.block_on(async {
        let outcome = run_case(&cases[0], &book, &target, &settings).await;
        let task: Option<tokio::task::JoinHandle<()>> = failed.lock().unwrap().take();
        if let Some(task) = task
            && task.is_finished()
        {
            task.await.expect("the script holds");
        }
        outcome
    })
}

/// Verdict, what is blamed, and why, in a line.
pub(crate) fn told(outcome: &CaseOutcome) -> String {
    let mut words = vec![format!("{:?}", outcome.verdict).to_lowercase()];
    words.extend(outcome.blame.iter().map(|blame| blame.requirement.clone()));
    words.extend(outcome.reason.iter().map(|reason| format!("({reason})")));
    words.join(" ")
}

pub(crate) fn passes(outcome: &CaseOutcome) {
    let shown = told(outcome);
    assert!(outcome.verdict == Verdict::Pass, "{shown}\n{:#?}", outcome.blame);
}
