//! Random walks, tested: the model finds nothing wrong with who does as the book says, whatever
//! freedoms it uses, and names the requirement that a broken peer violates. A model with a wrong row
//! is found out.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test may panic

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use wsconform::engine::{Observer, Options, Selection, certify, plan};
use wsconform::report::{CaseRecord, RunRecord, Verdict};
use wsconform::run::PlannedCase;
use wsconform::target::{Simulated, Target};
use wsconform_peers::{Peer, PeerKind, PeerRole, broken, eccentric};
use wsconform_spec::Book;
use wsconform_spec::scenario::Role;

/// Walks against each peer.
const WALKS: u32 = 60;

#[derive(Default)]
struct Records(Vec<CaseRecord>);

impl Observer for Records {
    fn run(&mut self, _: &RunRecord, _: &[PlannedCase]) {}

    fn start(&mut self, _: &str) {}

    fn case(&mut self, _: usize, record: CaseRecord) {
        self.0.push(record);
    }
}

/// Takes walks with the endpoint `sim:NAME`.
fn walk(book: &Arc<Book>, name: &str, role: Role, walks: u32) -> Vec<CaseRecord> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let target: Arc<dyn Target> = Arc::new(Simulated::new(name, role, 0).unwrap());
    let selection = Selection::new(&["walk/*".to_owned()], &[]).with_walks(walks);
    let cases = plan(book, role, &selection);
    assert_eq!(cases.len(), walks as usize);
    let mut records = Records::default();
    let options = Options::default();
    let run = certify(book, &target, &cases, &options, std::future::pending(), &mut records);
    let end = runtime.block_on(run).unwrap_or_else(|error| panic!("{name} as {role}: {error}"));
    assert!(end.complete, "{name} as {role}: {:?}", end.reason);
    records.0
}

fn blamed(records: &[CaseRecord]) -> BTreeSet<String> {
    let blame = records.iter().flat_map(|record| &record.blame);
    blame.map(|blame| blame.requirement.clone()).collect()
}

fn book() -> Arc<Book> {
    Arc::new(wsconform::book::embedded().unwrap())
}

/// The roles in which a peer is peculiar, gateways left out.
fn roles(peer: &Peer) -> &'static [Role] {
    match peer.role {
        PeerRole::Server => &[Role::Server],
        PeerRole::Client => &[Role::Client],
        PeerRole::Both => &[Role::Server, Role::Client],
        PeerRole::Gateway => &[],
    }
}

/// What walks blame each peer for, by name and role; on all processors.
fn blamed_of(kind: &str, peers: &[Peer]) -> BTreeMap<(String, &'static str), BTreeSet<String>> {
    let book = book();
    let parts = peers.iter().flat_map(|peer| roles(peer).iter().map(move |role| (peer, *role)));
    let parts = Mutex::new(parts.collect::<Vec<_>>().into_iter());
    let found = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let Some((peer, role)) = parts.lock().unwrap().next() else { return };
                    // Some peers refuse the first handshake: there is no endpoint to walk with.
                    let name = format!("{kind}/{}", peer.name);
                    let records = std::panic::catch_unwind(|| walk(&book, &name, role, WALKS));
                    let requirements = records.map(|records| blamed(&records)).unwrap_or_default();
                    let key = (peer.name.to_owned(), role.name());
                    found.lock().unwrap().insert(key, requirements);
                }
            });
        }
    });
    found.into_inner().unwrap()
}

#[test]
fn who_does_as_the_book_says_is_never_blamed() {
    let book = book();
    for name in ["simple", "reference"] {
        for role in [Role::Server, Role::Client] {
            let records = walk(&book, name, role, 150);
            let other: Vec<_> =
                records.iter().filter(|record| record.verdict != Verdict::Pass).collect();
            assert!(other.is_empty(), "{name} as {role}: {other:#?}");
        }
    }
}

#[test]
fn freedoms_are_left_alone() {
    let blamed = blamed_of("eccentric", eccentric());
    let wrong: Vec<_> = blamed.iter().filter(|(_, blamed)| !blamed.is_empty()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Broken peers that walks find, for what they violate and for nothing else.
#[test]
fn broken_peers_are_found() {
    let blamed = blamed_of("broken", broken());
    let exact = blamed.iter().filter(|((name, _), blamed)| {
        let peer = broken().iter().find(|peer| peer.name == name).unwrap();
        let PeerKind::Broken { violates } = peer.kind else { panic!("{name}") };
        !blamed.is_empty() && blamed.iter().all(|one| violates.contains(&one.as_str()))
    });
    let lines: Vec<String> = exact
        .map(|((name, role), blamed)| {
            let blamed: Vec<&str> = blamed.iter().map(String::as_str).collect();
            format!("{name:<34} {role:<6}  {}", blamed.join(" "))
        })
        .collect();
    assert!(lines.len() >= 30, "{}", lines.join("\n"));
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_seed_makes_a_walk() {
    let book = book();
    let octets = |records: Vec<CaseRecord>| {
        let records =
            records.into_iter().map(|record| (record.id, record.steps, record.transcript));
        format!("{:?}", records.collect::<Vec<_>>())
    };
    let once = octets(walk(&book, "broken/escape-not-sent", Role::Server, 20));
    assert_eq!(once, octets(walk(&book, "broken/escape-not-sent", Role::Server, 20)));
    assert!(once.contains("open with"), "a walk that found something tells its steps");
}

/// The report of a walk: its steps, the row, the command that takes it again.
#[test]
fn a_violation_is_reported_with_its_steps() {
    let book = book();
    let records = walk(&book, "broken/escape-disarmed-by-data", Role::Server, WALKS);
    let failed = records.iter().find(|record| record.verdict == Verdict::Fail).unwrap();
    let blame = &failed.blame[0];
    insta::assert_snapshot!(format!(
        "{}\n{}\n{}\nexpected {}\nobserved {}\n{}",
        failed.id,
        failed.steps.join("\n"),
        blame.requirement,
        blame.expected,
        blame.observed,
        failed.reproduce.as_deref().unwrap_or_default(),
    ));
    let row = "marked    -> disarmed    data       : escape.receiver.stays-armed";
    let line = blame.at.rsplit(':').next().and_then(|line| line.parse::<usize>().ok()).unwrap();
    let chapter = book.chapters().iter().find(|chapter| chapter.file() == "65-model.md").unwrap();
    assert_eq!(chapter.source().text().lines().nth(line - 1), Some(row));
}

/// A row of the model that is changed makes walks blame an endpoint that does as it should.
#[test]
fn a_wrong_row_is_found_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/book");
    let mut chapters: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| {
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            (file, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    chapters.sort();
    for (row, wrong) in [
        ("escape    -> armed       nothing", "escape    -> armed       data   "),
        ("marked    -> disarmed    data ", "marked    -> passed      data "),
        ("near      -> unarmed     data ", "near      -> unarmed     nothing "),
        ("SUSPEND   -> suspended reply SUSPEND", "SUSPEND   -> working   reply SUSPEND"),
        ("RESUME    -> working   reply RESUME", "RESUME    -> suspended reply RESUME"),
        ("ECHO      -> beating  nothing", "ECHO      -> beating  reply ECHO"),
        ("critical  -> working   fail 1002", "critical  -> working   nothing "),
        (
            "pause         -> paused  reply EFFECTIVE 0",
            "pause         -> flowing reply EFFECTIVE 0",
        ),
        ("CONFIRM   -> idle     nothing", "CONFIRM   -> idle     fail 1002"),
        ("marked    -> sending  escaped", "marked    -> sending  bare"),
    ] {
        let mutated: Vec<(&str, String)> =
            chapters.iter().map(|(file, text)| (file.as_str(), text.replace(row, wrong))).collect();
        let changed = mutated.iter().zip(&chapters).filter(|(one, other)| one.1 != other.1).count();
        assert_eq!(changed, 1, "{row}");
        let texts = mutated.iter().map(|(file, text)| (*file, text.as_str()));
        // A change that leaves a state out of reach is a mistake of the book.
        let Ok(book) = Book::from_texts(texts) else { continue };
        let records = walk(&Arc::new(book), "simple", Role::Server, 150);
        assert!(!blamed(&records).is_empty(), "nobody notices: {wrong}");
    }
}
