//! The measured cases, and what they blame.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use tokio::task::JoinSet;
use wsconform::engine::{Selection, plan};
use wsconform::run::{CaseOutcome, PlannedCase, Settings, run_case};
use wsconform::target::Target;
use wsconform_spec::Book;
use wsconform_spec::scenario::Role;

/// The book, and a measurement more: at each rate with a burst that a timer can follow. A client
/// that offers no more than 64 KiB of burst need not be able to keep so high a rate.
static BOOK: LazyLock<Arc<Book>> = LazyLock::new(|| {
    let book = Book::embedded().unwrap();
    let mut chapters: Vec<(&str, &str)> =
        book.chapters().iter().map(|one| (one.file(), one.source().text())).collect();
    chapters.push(("99-pacing.md", CHAPTER));
    Arc::new(Book::from_texts(chapters).unwrap_or_else(|error| panic!("{error}")))
});

const CHAPTER: &str = "# Pacing

```scenario
scenario pacing.bound
roles    server client
app      source
tags     timed
needs    capability rate-control
for      r burst least in 20000 4096 20000, 1000000 65536 1000000, 50000000 1048576 32768000
open     with rate-control pace=strict burst=$burst as $rate
send     control $rate RATE $r
expect   control $rate EFFECTIVE $e : rate.strict.answered
check    at-least($e, $least) : rate.strict.follows
measure  data for 2s
  at-most  $e * $t + $rate.burst : rate.strict.bound
  at-least 0.9 * $e * $t - $rate.burst : rate.strict.delivers
```
";

/// Those that have to keep the promise.
pub(crate) const STRICT: [(&str, Role); 4] = [
    ("reference", Role::Server),
    ("reference", Role::Client),
    ("simple", Role::Server),
    ("simple", Role::Client),
];

/// Those that break it, each in its way.
pub(crate) const BROKEN: [&str; 4] = [
    "broken/strict-a-fifth-more",
    "broken/strict-ignores",
    "broken/strict-saves-up",
    "broken/strict-refills",
];

/// The promise.
pub(crate) const BOUND: &str = "rate.strict.bound";

/// The measured cases about rates for a role that one of the patterns selects.
pub(crate) fn measured(role: Role, patterns: &[&str]) -> Vec<PlannedCase> {
    let patterns: Vec<String> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
    let mut cases = plan(&BOOK, role, &Selection::new(&patterns, &[]));
    cases.retain(|case| case.scenario.tags.iter().any(|tag| tag == "timed"));
    assert!(!cases.is_empty(), "{patterns:?} selects nothing");
    cases
}

/// What came of a case.
#[derive(Debug)]
pub(crate) struct Judged {
    /// Whose case it was, and which.
    pub(crate) name: String,
    pub(crate) outcome: CaseOutcome,
}

impl Judged {
    /// The requirements that are blamed.
    pub(crate) fn blamed(&self) -> BTreeSet<&str> {
        self.outcome.blame.iter().map(|blame| blame.requirement.as_str()).collect()
    }

    /// What is blamed besides `expected`, for a message.
    pub(crate) fn besides(&self, expected: &[&str]) -> Option<String> {
        let wrong = self
            .outcome
            .blame
            .iter()
            .find(|blame| !expected.contains(&blame.requirement.as_str()))?;
        Some(format!("{}: {wrong:?}", self.name))
    }
}

/// Runs a case: its first attempt stands.
pub(crate) async fn judge(case: PlannedCase, target: Arc<dyn Target>, seed: u64) -> Judged {
    // Enough for a stall of a second in each direction, and for a machine that is busy.
    let settings = Settings {
        seed,
        timeout: Duration::from_secs(60),
        echoes: true,
        capabilities: vec!["rate-control".to_owned()],
    };
    let outcome = run_case(&case, &BOOK, target.as_ref(), &settings).await;
    Judged { name: format!("{} as {}: {}", target.name(), case.role, case.id), outcome }
}

/// Runs cases against an endpoint each, all at the same time.
pub(crate) async fn judge_all(
    runs: impl IntoIterator<Item = (PlannedCase, Arc<dyn Target>, u64)>,
) -> Vec<Judged> {
    let mut judging = JoinSet::new();
    for (case, target, seed) in runs {
        judging.spawn(judge(case, target, seed));
    }
    judging.join_all().await
}
