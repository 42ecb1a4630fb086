//! What the engine makes of endpoints that are late, die, or send without end: scripted ones, in
//! virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test may panic

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use wsconform::engine::{Observer, Options, Selection, certify, plan};
use wsconform::report::{CaseRecord, EndRecord, RunRecord, Verdict};
use wsconform::run::PlannedCase;
use wsconform::target::{ConnectError, Connected, Target, TargetFuture};
use wsconform_reference::{
    Connection, Event, HeadReader, Limits, Opening, Role as Side, SeededRandom,
};
use wsconform_spec::Book;
use wsconform_spec::scenario::Role;

/// What the scripted server does with a text.
#[derive(Clone, Copy)]
enum Does {
    /// Sends it back.
    Echoes,
    /// Sends it back after a while.
    EchoesAfter(Duration),
    /// Lets nobody on this thread go on for a while, then sends it back.
    Blocks(Duration),
    /// Sends other text.
    Says(&'static str),
    /// Takes the whole endpoint down.
    Dies,
    /// Sends frames without end.
    Floods,
}

type Script = dyn Fn(&str, usize) -> Does + Send + Sync;

/// A server whose reaction to each text is scripted; the script is told how often the text came.
struct Scripted {
    script: Arc<Script>,
    seen: Arc<Mutex<Vec<String>>>,
    dead: Arc<AtomicBool>,
    restartable: bool,
    /// Sends an interim answer before the final one.
    interim: bool,
}

impl Scripted {
    fn new(script: impl Fn(&str, usize) -> Does + Send + Sync + 'static) -> Self {
        Self {
            script: Arc::new(script),
            seen: Arc::default(),
            dead: Arc::default(),
            restartable: true,
            interim: false,
        }
    }
}

impl Target for Scripted {
    fn role(&self) -> Role {
        Role::Server
    }

    fn name(&self) -> String {
        "scripted".to_owned()
    }

    fn connect<'a>(
        &'a self,
        _: &'a str,
        _: Duration,
    ) -> TargetFuture<'a, Result<Connected, ConnectError>> {
        Box::pin(async {
            if self.dead.load(Ordering::Relaxed) {
                return Err(ConnectError::Refused("nothing listens".into()));
            }
            let (ours, mut theirs) = duplex(64 * 1024);
            let (script, seen, dead) =
                (Arc::clone(&self.script), Arc::clone(&self.seen), Arc::clone(&self.dead));
            let interim = self.interim;
            tokio::spawn(async move {
                if interim {
                    theirs.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.ok()?;
                }
                serve(theirs, script, seen, dead).await
            });
            Ok(Connected {
                stream: Box::new(ours),
                authority: "scripted.invalid".into(),
                target: "/".into(),
                companion: None,
            })
        })
    }

    fn restart(&self) -> TargetFuture<'_, bool> {
        Box::pin(async {
            if self.restartable {
                self.dead.store(false, Ordering::Relaxed);
            }
            self.restartable
        })
    }
}

async fn serve(
    mut stream: DuplexStream,
    script: Arc<Script>,
    seen: Arc<Mutex<Vec<String>>>,
    dead: Arc<AtomicBool>,
) -> Option<()> {
    let mut buffer = [0; 4096];
    let mut head = HeadReader::request();
    let opening = loop {
        let length = stream.read(&mut buffer).await.ok().filter(|length| *length > 0)?;
        if let Some((head, _)) = head.push(&buffer[..length]).ok()? {
            break Opening::from_request(&head).ok()?;
        }
    };
    stream.write_all(&opening.answer(&[], None)).await.ok()?;
    let mut connection = Connection::new(Side::Server, &[], Limits::default(), SeededRandom(0));
    loop {
        while let Some(event) = connection.poll_event() {
            if let Event::Text(text) = event {
                let times = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(text.clone());
                    seen.iter().filter(|earlier| **earlier == text).count()
                };
                match script(&text, times) {
                    Does::Echoes => connection.send_text(&text).ok()?,
                    Does::EchoesAfter(time) => {
                        tokio::time::sleep(time).await;
                        connection.send_text(&text).ok()?;
                    }
                    Does::Blocks(time) => {
                        // The harness has to be in its wait by then.
                        tokio::time::sleep(Duration::from_millis(1)).await;
                        std::thread::sleep(time);
                        connection.send_text(&text).ok()?;
                    }
                    Does::Says(other) => connection.send_text(other).ok()?,
                    Does::Dies => {
                        dead.store(true, Ordering::Relaxed);
                        return None;
                    }
                    Does::Floods => loop {
                        stream.write_all(&[0x89, 0x00].repeat(4096)).await.ok()?;
                    },
                }
            }
        }
        let octets = connection.take_output();
        stream.write_all(&octets).await.ok()?;
        if connection.state().is_over() || dead.load(Ordering::Relaxed) {
            return None;
        }
        let length = stream.read(&mut buffer).await.ok().filter(|length| *length > 0)?;
        connection.receive(&buffer[..length], std::time::Duration::ZERO);
    }
}

/// Scenarios that send a text and expect it back, and one whose frame has to fail the connection.
const CHAPTER: &str = "\
# Echo

r[contract.echo]
An endpoint MUST send back each text.
*Binds:* server. *Source:* RFC 6455, 6.1.

r[contract.survives]
A server MUST go on.
*Binds:* server. *Source:* RFC 6455, 10.4.

r[opening.server.status]
A server MUST answer with 101.
*Binds:* server. *Source:* RFC 6455, 4.2.2.

r[failing.close-frame]
A Close SHOULD come first.
*Binds:* server. *Source:* RFC 6455, 7.1.7.

r[failing.code]
It SHOULD carry the right code.
*Binds:* server. *Source:* RFC 6455, 7.1.7.

r[failing.ends]
The stream MUST end.
*Binds:* server. *Source:* RFC 6455, 7.1.7.

r[frame.opcode]
An undefined opcode MUST fail the connection.
*Binds:* server. *Source:* RFC 6455, 5.2.

```scenario
scenario frame.opcode
roles    server
open
send     frame opcode=3 payload=\"undefined\"
expect   fail 1002 : frame.opcode

scenario frame.opcode-late
roles    server
open
send     text \"flood\" & frame opcode=3 payload=\"undefined\"
expect   fail 1002 : frame.opcode

scenario opening.server.answer
roles    server
open

scenario echo.one
roles    server
open
send     text \"one\"
expect   text \"one\" : contract.echo

scenario echo.two
roles    server
open
send     text \"two\"
expect   text \"two\" : contract.echo

scenario echo.waits
roles    server
open
send     text \"waits\"
wait     10ms
expect   text \"waits\" : contract.echo

scenario echo.after-two
roles    server
needs    case echo.two
open
send     text \"three\"
expect   text \"three\" : contract.echo
```
";

#[derive(Default)]
struct Records(Vec<CaseRecord>);

impl Observer for Records {
    fn run(&mut self, _: &RunRecord, _: &[PlannedCase]) {}

    fn start(&mut self, _: &str) {}

    fn case(&mut self, _: usize, record: CaseRecord) {
        self.0.push(record);
    }
}

impl Records {
    fn of(&self, id: &str) -> &CaseRecord {
        let found: Vec<&CaseRecord> = self.0.iter().filter(|record| record.id == id).collect();
        assert_eq!(found.len(), 1, "{id} was told {} times", found.len());
        found[0]
    }

    fn blamed(&self, id: &str) -> Vec<&str> {
        self.of(id).blame.iter().map(|blame| blame.requirement.as_str()).collect()
    }
}

fn run(target: Scripted, options: &Options) -> (Records, EndRecord) {
    run_in(true, target, options)
}

fn run_in(virtual_time: bool, target: Scripted, options: &Options) -> (Records, EndRecord) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(virtual_time)
        .build()
        .unwrap();
    let book = Arc::new(Book::from_texts([("10-echo.md", CHAPTER)]).unwrap());
    let target: Arc<dyn Target> = Arc::new(target);
    let cases = plan(&book, Role::Server, &Selection::default());
    let mut records = Records::default();
    let never: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(std::future::pending());
    let end = runtime.block_on(certify(&book, &target, &cases, options, never, &mut records));
    (records, end.unwrap())
}

fn jobs(jobs: usize) -> Options {
    Options { jobs: Some(jobs), ..Options::default() }
}

#[test]
fn all_is_well() {
    let (records, end) = run(Scripted::new(|_, _| Does::Echoes), &jobs(2));
    assert_eq!((end.complete, end.counts.pass), (true, 6));
    // What came before the wrong frame is lost with the connection, and so is the Close.
    assert_eq!(records.blamed("frame.opcode-late"), ["failing.close-frame"]);
    assert_eq!(end.counts.warn, 1);
}

#[test]
fn a_short_timeout_is_no_trouble() {
    let options = Options { timeout: Duration::from_millis(20), ..jobs(2) };
    let (_, end) = run(Scripted::new(|_, _| Does::Echoes), &options);
    assert_eq!((end.complete, end.counts.pass), (true, 6));
}

#[test]
fn an_interim_answer_is_passed_over() {
    let target = Scripted { interim: true, ..Scripted::new(|_, _| Does::Echoes) };
    let (_, end) = run(target, &jobs(1));
    assert_eq!(end.counts.pass, 6);
}

#[test]
fn who_goes_away_is_never_passed() {
    // It dies of the fourth text, whatever that is: of no case alone.
    for number in [1, 4] {
        let total = AtomicUsize::new(0);
        let leaks = move |_: &str, _: usize| match total.fetch_add(1, Ordering::Relaxed) {
            3 => Does::Dies,
            _ => Does::Echoes,
        };
        let (records, _) = run(Scripted::new(leaks), &jobs(number));
        let blamed: Vec<&CaseRecord> = records
            .0
            .iter()
            .filter(|record| record.blame.iter().any(|b| b.requirement == "contract.survives"))
            .collect();
        assert_eq!(blamed.len(), 1, "{number} jobs");
        assert!(blamed[0].blame[0].observed.contains("no case does it alone"), "{number} jobs");
    }
}

#[test]
fn to_be_cut_off_is_not_to_fail_the_connection() {
    let floods = |text: &str, _: usize| match text {
        "flood" => Does::Floods,
        _ => Does::Echoes,
    };
    let (records, _) = run(Scripted::new(floods), &jobs(1));
    assert_eq!(records.blamed("frame.opcode-late"), ["frame.opcode"]);
}

#[test]
fn a_pass_leaves_no_transcript() {
    let (records, _) = run(Scripted::new(|_, _| Does::Echoes), &jobs(2));
    let mut sound = records.0.iter().filter(|record| record.verdict == Verdict::Pass);
    assert!(sound.all(|record| record.transcript.is_empty()));
}

#[test]
fn a_missed_deadline_is_tried_again_alone() {
    let late = |text: &str, times: usize| match (text, times) {
        ("one", 1) => Does::EchoesAfter(Duration::from_secs(5)),
        _ => Does::Echoes,
    };
    let (records, _) = run(Scripted::new(late), &jobs(2));
    let record = records.of("echo.one");
    assert_eq!(record.verdict, Verdict::Pass);
    assert!(!record.first_transcript.is_empty(), "the first attempt is kept");
}

#[test]
fn who_is_late_twice_is_blamed() {
    let late = |text: &str, _: usize| match text {
        "one" => Does::EchoesAfter(Duration::from_secs(5)),
        _ => Does::Echoes,
    };
    let (records, _) = run(Scripted::new(late), &jobs(2));
    assert_eq!(records.blamed("echo.one"), ["contract.echo"]);
    assert_eq!(records.of("echo.one").blame[0].observed, "nothing in time");
}

#[test]
fn a_wrong_answer_is_not_tried_again() {
    let wrong = |text: &str, times: usize| match (text, times) {
        ("one", 1) => Does::Says("two"),
        _ => Does::Echoes,
    };
    let (records, _) = run(Scripted::new(wrong), &jobs(2));
    assert_eq!(records.blamed("echo.one"), ["contract.echo"]);
    assert!(records.of("echo.one").first_transcript.is_empty());
}

/// A harness that is held up cannot tell what an endpoint did in time.
#[test]
fn a_wait_that_takes_too_long_is_nobody_s_fault() {
    const HELD_UP: Duration = Duration::from_millis(250);
    let blocks = |most: usize| {
        move |text: &str, times: usize| match text {
            "waits" if times <= most => Does::Blocks(HELD_UP),
            _ => Does::Echoes,
        }
    };
    let (records, _) = run_in(false, Scripted::new(blocks(1)), &jobs(1));
    let record = records.of("echo.waits");
    assert_eq!(record.verdict, Verdict::Pass);
    assert!(record.reason.as_ref().unwrap().contains("second attempt"), "{:?}", record.reason);
    let (records, _) = run_in(false, Scripted::new(blocks(usize::MAX)), &jobs(1));
    let record = records.of("echo.waits");
    assert_eq!(record.verdict, Verdict::Inconclusive);
    assert!(record.reason.as_ref().unwrap().contains("too busy"), "{:?}", record.reason);
}

#[test]
fn who_dies_is_found_among_those_in_flight() {
    let dies = |text: &str, _: usize| match text {
        "two" => Does::Dies,
        _ => Does::Echoes,
    };
    for number in [1, 2, 4] {
        let (records, end) = run(Scripted::new(dies), &jobs(number));
        assert_eq!(records.blamed("echo.two"), ["contract.survives"], "{number} jobs");
        assert_eq!(records.of("echo.one").verdict, Verdict::Pass, "{number} jobs");
        let blocked = records.of("echo.after-two");
        assert_eq!(blocked.reason.as_deref(), Some("blocked by echo.two"));
        assert!(end.complete);
    }
}

#[test]
fn what_nobody_can_restart_leaves_the_rest_open() {
    let dies = |text: &str, _: usize| match text {
        "one" => Does::Dies,
        _ => Does::Echoes,
    };
    let target = Scripted { restartable: false, ..Scripted::new(dies) };
    let (records, end) = run(target, &jobs(1));
    assert_eq!(records.blamed("echo.one"), ["contract.survives"]);
    assert_eq!(records.of("echo.two").verdict, Verdict::Inconclusive);
    assert!(end.complete, "each case was told, if only that it could not be run");
}

#[test]
fn a_flood_ends() {
    let floods = |text: &str, _: usize| match text {
        "one" => Does::Floods,
        _ => Does::Echoes,
    };
    let (records, _) = run(Scripted::new(floods), &jobs(1));
    let record = records.of("echo.one");
    assert_eq!(records.blamed("echo.one"), ["contract.echo"]);
    // It reads nothing, so the Pongs that it is owed get stuck until the deadline.
    let observed = &record.blame[0].observed;
    assert!(observed.starts_with("nothing in time but"), "{observed}");
    assert!(record.transcript.len() <= 64);
}

#[test]
fn the_deadline_of_the_run_leaves_what_is_complete() {
    let late = |text: &str, _: usize| match text {
        "two" => Does::EchoesAfter(Duration::from_secs(3600)),
        _ => Does::Echoes,
    };
    let options =
        Options { timeout: Duration::from_secs(100), deadline: Duration::from_secs(10), ..jobs(1) };
    let (records, end) = run(Scripted::new(late), &options);
    assert_eq!(records.of("echo.one").verdict, Verdict::Pass);
    assert!(!end.complete);
    assert_eq!(end.reason.as_deref(), Some("the run took longer than 10 s"));
}
