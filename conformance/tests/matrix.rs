//! The tester, tested: every broken peer is blamed for exactly what it violates, every eccentric
//! one for nothing, and the matrix of who catches whom is the committed one.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test may panic

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use wsconform::engine::{Observer, Options, Selection, certify, plan};
use wsconform::report::{CaseRecord, RunRecord, Verdict};
use wsconform::run::PlannedCase;
use wsconform::target::{Simulated, Target};
use wsconform_peers::{Peer, PeerKind, PeerRole, broken, eccentric};
use wsconform_spec::Book;
use wsconform_spec::scenario::{Action, Role, Scenario, Step};

/// Who was blamed for what, by which cases.
#[derive(Default)]
struct Blamed {
    by_requirement: BTreeMap<String, BTreeSet<String>>,
    blocked: BTreeSet<String>,
    inconclusive: Vec<String>,
}

impl Observer for Blamed {
    fn run(&mut self, _: &RunRecord, _: &[PlannedCase]) {}

    fn start(&mut self, _: &str) {}

    fn case(&mut self, _: usize, record: CaseRecord) {
        let scenario = record.id.split('/').next().unwrap_or_default();
        for blame in record.blame {
            self.by_requirement.entry(blame.requirement).or_default().insert(scenario.to_owned());
        }
        let reason = record.reason.unwrap_or_default();
        match record.verdict {
            Verdict::Inconclusive => self.inconclusive.push(format!("{}: {reason}", record.id)),
            Verdict::Skip if reason.starts_with("blocked by") => {
                self.blocked.insert(scenario.to_owned());
            }
            _ => {}
        }
    }
}

fn examine(book: &Arc<Book>, name: &str, role: Role) -> Blamed {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let target: Arc<dyn Target> = Arc::new(Simulated::new(name, role, 0).unwrap());
    let cases = plan(book, role, &Selection::default());
    let mut blamed = Blamed::default();
    // Of virtual time there is enough for an endpoint that is late in every case.
    let options = Options { deadline: Duration::from_secs(3600), ..Options::default() };
    let run = certify(book, &target, &cases, &options, std::future::pending(), &mut blamed);
    let end = runtime.block_on(run).unwrap_or_else(|error| panic!("{name} as {role}: {error}"));
    assert!(end.complete, "{name} as {role}: {:?}", end.reason);
    blamed
}

/// The parts of all peers, each a name and a role, examined on all processors.
fn examine_all(book: &Arc<Book>, parts: &[(String, Role)]) -> Vec<Blamed> {
    let next = Mutex::new(parts.iter().enumerate());
    let results = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let Some((index, (name, role))) = next.lock().unwrap().next() else { return };
                    let blamed = examine(book, name, *role);
                    results.lock().unwrap().insert(index, blamed);
                }
            });
        }
    });
    results.into_inner().unwrap().into_values().collect()
}

fn roles(peer: &Peer) -> &'static [Role] {
    match peer.role {
        PeerRole::Server => &[Role::Server],
        PeerRole::Client => &[Role::Client],
        PeerRole::Both => &[Role::Server, Role::Client],
        PeerRole::Gateway => &[Role::Gateway],
    }
}

#[test]
fn every_peer_is_blamed_for_exactly_what_it_violates() {
    let mut parts = vec![
        ("reference".to_owned(), Role::Server),
        ("reference".to_owned(), Role::Client),
        ("simple".to_owned(), Role::Server),
        ("simple".to_owned(), Role::Client),
        ("simple".to_owned(), Role::Gateway),
    ];
    let well_behaved = parts.len();
    let mut wanted: Vec<&[&str]> = vec![&[]; well_behaved];
    for (group, peers) in [("broken", broken()), ("eccentric", eccentric())] {
        for peer in peers {
            for role in roles(peer) {
                parts.push((format!("{group}/{}", peer.name), *role));
                wanted.push(match peer.kind {
                    PeerKind::Broken { violates } => violates,
                    PeerKind::Eccentric { .. } => &[],
                });
            }
        }
    }
    let book = Arc::new(wsconform::book::embedded().unwrap());
    let results = examine_all(&book, &parts);
    let mut matrix = String::new();
    let mut wrong = String::new();
    for (((name, role), wanted), blamed) in parts.iter().zip(wanted).zip(&results) {
        let wanted: BTreeSet<&str> = wanted.iter().copied().collect();
        let found: BTreeSet<&str> = blamed.by_requirement.keys().map(String::as_str).collect();
        let violated = applicable(&book, &wanted, *role);
        if found != violated || !blamed.inconclusive.is_empty() {
            writeln!(wrong, "{name} as {role}").unwrap();
            for id in found.difference(&violated) {
                writeln!(wrong, "  blamed besides: {id} by {:?}", blamed.by_requirement[*id])
                    .unwrap();
            }
            for id in violated.difference(&found) {
                writeln!(wrong, "  not blamed: {id}").unwrap();
            }
            for case in &blamed.inconclusive {
                writeln!(wrong, "  inconclusive: {case}").unwrap();
            }
        }
        writeln!(matrix, "{}", line(name, *role, blamed)).unwrap();
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    let catching = results.iter().flat_map(|blamed| blamed.by_requirement.values().flatten());
    assert_eq!(idle(&book, &catching.map(String::as_str).collect()), [""; 0]);
    compare("matrix.txt", &matrix);
}

/// The scenarios, other than those that observe, whose cases catch none of the broken peers.
fn idle(book: &Book, catching: &BTreeSet<&str>) -> Vec<String> {
    let observes = |step: &Step| matches!(step.action, Action::Observe { .. });
    let catches = |scenario: &Scenario| {
        catching.contains(scenario.id.as_str()) || scenario.steps.iter().any(observes)
    };
    // A scenario that only opens the way for walks has no case of its own.
    let cases = [Role::Server, Role::Client, Role::Gateway]
        .map(|role| plan(book, role, &Selection::default()))
        .concat();
    let with_case: BTreeSet<&str> =
        cases.iter().filter_map(|case| case.id.split('/').next()).collect();
    book.scenarios()
        .iter()
        .filter(|scenario| with_case.contains(scenario.id.as_str()) && !catches(scenario))
        .map(|scenario| scenario.id.clone())
        .collect()
}

/// Of the requirements that a peer violates, those that bind the role it plays.
fn applicable<'a>(book: &Book, violates: &BTreeSet<&'a str>, role: Role) -> BTreeSet<&'a str> {
    let binds = |id: &&str| {
        let requirement = book.requirement(id).unwrap_or_else(|| panic!("unknown: {id}"));
        requirement.binds.iter().any(|party| party.as_str() == role.name())
    };
    violates.iter().copied().filter(binds).collect()
}

fn line(name: &str, role: Role, blamed: &Blamed) -> String {
    let mut line = format!("{name} as {role}");
    if blamed.by_requirement.is_empty() {
        line.push_str("\n    blamed -");
    }
    for (requirement, cases) in &blamed.by_requirement {
        let cases: Vec<&str> = cases.iter().map(String::as_str).collect();
        let by = match cases.len() {
            0..=4 => cases.join(", "),
            more => format!("{} and {} more", cases[..3].join(", "), more - 3),
        };
        write!(line, "\n    blamed {requirement}  by {by}").unwrap();
    }
    match blamed.blocked.len() {
        0 => {}
        number => write!(line, "\n    blocked {number} scenarios").unwrap(),
    }
    line
}

fn compare(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "{file} is out of date; `BLESS=1 cargo test -p wsconform` rewrites it, then look at the difference"
    );
}
