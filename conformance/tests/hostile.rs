//! Whatever an endpoint does in answer to a case, or does not: the case ends in time with a verdict,
//! its transcript shows why, and memory stays bounded.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test may panic

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use wsconform::engine::{Selection, plan};
use wsconform::report::Verdict;
use wsconform::run::{CaseOutcome, PlannedCase, Settings, run_case};
use wsconform::target::{Simulated, Target};
use wsconform_peers::hostile::Hostile;
use wsconform_spec::Book;
use wsconform_spec::scenario::{Action, Role, Step, capabilities};

static BOOK: LazyLock<Book> = LazyLock::new(|| wsconform::book::embedded().unwrap());

/// How long a case may take at the most, in virtual time, if each step may take [`PATIENCE`].
const MOST: Duration = Duration::from_secs(120);
const PATIENCE: Duration = Duration::from_millis(100);

/// A case of each scenario: rows differ in what is sent, which none of these endpoints looks at.
fn cases(role: Role) -> Vec<PlannedCase> {
    let mut cases = plan(&BOOK, role, &Selection::default().with_walks(2));
    cases.dedup_by(|later, earlier| later.scenario.id == earlier.scenario.id && !later.is_walk());
    cases
}

/// Runs every case against an endpoint, in virtual time.
fn play(kind: Hostile, role: Role) -> Vec<(PlannedCase, CaseOutcome)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let target: Arc<dyn Target> = Arc::new(Simulated::new(&kind.to_string(), role, 0).unwrap());
    let settings = Settings {
        seed: 0,
        timeout: PATIENCE,
        echoes: true,
        capabilities: capabilities().map(str::to_owned).collect(),
    };
    runtime.block_on(async {
        let mut all = Vec::new();
        for case in cases(role) {
            let run = run_case(&case, &BOOK, target.as_ref(), &settings);
            let outcome = tokio::time::timeout(MOST, run).await;
            let outcome =
                outcome.unwrap_or_else(|_| panic!("{} against {kind} as {role}", case.id));
            all.push((case, outcome));
        }
        all
    })
}

fn hold(kind: Hostile, role: Role) {
    let all = play(kind, role);
    assert!(all.len() > 100);
    for (case, outcome) in all {
        let name = format!("{} against {kind} as {role}", case.id);
        let opens = matches!(case.scenario.steps[0].action, Action::Open(_));
        let well = matches!(outcome.verdict, Verdict::Pass | Verdict::Skip);
        if opens && !kind.opens() {
            assert!(!well, "{name}: {:?}", outcome.verdict);
        }
        // What an observation tells is no verdict.
        let judges = |step: &Step| !matches!(step.action, Action::Observe { .. });
        if case.needs_echo() && case.scenario.steps.iter().all(judges) && kind != Hostile::Drip {
            assert!(outcome.verdict != Verdict::Pass, "{name} passes");
        }
        if !well {
            let shown = !outcome.transcript.is_empty();
            assert!(shown, "{name}: nothing shows why it is {:?}", outcome.verdict);
        }
        assert!(outcome.transcript.len() <= 64, "{name}: {} entries", outcome.transcript.len());
        let longest = outcome.blame.iter().map(|blame| blame.observed.len()).max();
        assert!(longest.unwrap_or(0) < 10_000, "{name}: a long story");
    }
}

#[test]
fn servers() {
    for &kind in Hostile::ALL {
        hold(kind, Role::Server);
    }
    small();
}

#[test]
fn clients() {
    for &kind in Hostile::ALL {
        hold(kind, Role::Client);
    }
    small();
}

/// The most memory that this program had in use, endpoints included, is bounded.
fn small() {
    #[cfg(target_os = "linux")]
    {
        const MOST: u64 = 128 * 1024;
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let peak: u64 = line.trim().strip_suffix("kB").unwrap().trim().parse().unwrap();
        assert!((2048..MOST).contains(&peak), "{peak} KiB in use");
    }
}
