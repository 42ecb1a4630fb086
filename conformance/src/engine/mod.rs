//! Runs a plan of cases against an endpoint: several at a time, each between two signs of life.
//!
//! - A case runs once all that it takes for granted is decided; what depends on a case that failed
//!   is skipped as blocked by it.
//! - Slow cases, which wait most of the time, run beside the others and do not count as jobs, unless
//!   there is one job only.
//! - Before and after each case a server has to answer an opening handshake of the harness's own.
//!   A case after which it does not is failed by `contract.survives`. If several were in flight,
//!   they run again alone, each on a fresh endpoint, until one does it again.
//! - A verdict that rests on something that did not come in time is checked by a second attempt,
//!   alone. A wrong answer never is.
//! - The whole run has a deadline, and can be interrupted; what is complete by then stands.

mod discover;
mod flight;
mod plan;
mod probe;
mod queue;
mod schedule;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use wsconform_spec::Book;

use crate::report::{CaseRecord, Counts, EndRecord, Found, RunRecord, RunVerdict, SCHEMA, Verdict};
use crate::run::{CaseOutcome, PlannedCase, Settings};
use crate::target::Target;

pub use discover::discover;
use schedule::Schedule;

pub use plan::{Selection, plan};
pub use probe::NotAnEndpoint;

/// How a run is to go.
#[derive(Clone, Debug)]
pub struct Options {
    /// All choices of the harness derive from it.
    pub seed: u64,
    /// How long one step of a case may take.
    pub timeout: Duration,
    /// How many cases run at a time; as many as fit the target if `None`.
    pub jobs: Option<usize>,
    /// How long the whole run may take.
    pub deadline: Duration,
    /// Whether slow cases are skipped.
    pub skip_slow: bool,
    /// The longest message that the endpoint takes, in octets, where that is declared.
    pub longest_message: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 0,
            timeout: Duration::from_secs(2),
            jobs: None,
            deadline: Duration::from_secs(300),
            skip_slow: false,
            longest_message: None,
        }
    }
}

/// What happens during a run, for those who watch.
pub trait Observer: Send {
    /// The endpoint was found to be this, and the cases are about to run.
    fn run(&mut self, run: &RunRecord, cases: &[PlannedCase]);
    /// The case of this id starts.
    fn start(&mut self, id: &str);
    /// The case at `index` of the plan is done.
    fn case(&mut self, index: usize, record: CaseRecord);
}

/// Looks at the endpoint, runs the cases against it, and says how it ended. The endpoint is left
/// running.
///
/// # Errors
///
/// There is no endpoint to certify, or the run was over before that was known.
pub async fn certify(
    book: &Arc<Book>,
    target: &Arc<dyn Target>,
    cases: &[PlannedCase],
    options: &Options,
    interrupt: impl Future<Output = ()>,
    observer: &mut dyn Observer,
) -> Result<EndRecord, NotAnEndpoint> {
    let began = Instant::now();
    let wanted: Vec<&str> = cases.iter().map(PlannedCase::application).collect();
    let mut over = pin!(over(interrupt, options.deadline));
    let found = tokio::select! {
        biased;
        why = &mut over => {
            let what = format!("{why}, before it could be looked at");
            return Err(NotAnEndpoint { what, help: "run it again, with more --deadline if need be" });
        }
        found = discover(target.as_ref(), &wanted, options.timeout, options.seed) => found?,
    };
    let run = RunRecord {
        schema: SCHEMA,
        suite: env!("CARGO_PKG_VERSION").to_owned(),
        book: book.digest().to_owned(),
        target: target.name(),
        role: target.role().name().to_owned(),
        seed: options.seed,
        found: found.clone(),
    };
    observer.run(&run, cases);
    let mut schedule = Schedule {
        player: Arc::new(flight::Player {
            book: Arc::clone(book),
            target: Arc::clone(target),
            cases: cases.to_vec(),
            settings: Settings {
                seed: options.seed,
                timeout: options.timeout,
                echoes: found.runs("echo"),
                capabilities: found.capabilities.clone(),
            },
        }),
        queue: queue::Queue::new(cases),
        found,
        skip_slow: options.skip_slow,
        jobs: jobs(target.as_ref(), options.jobs),
        verdicts: vec![None; cases.len()],
        quick_until: None,
        refuses: options.longest_message.map(|longest| longest.saturating_add(1)),
        lost: false,
        observer,
    };
    let reason = tokio::select! {
        biased;
        why = over => Some(why),
        () = schedule.run() => None,
    };
    let Schedule { verdicts, quick_until, .. } = schedule;
    let slow = verdicts
        .iter()
        .zip(cases)
        .any(|(verdict, case)| case.is_slow() && !matches!(verdict, None | Some(Verdict::Skip)));
    let counts: Counts = verdicts.iter().flatten().copied().collect();
    let complete = verdicts.iter().all(Option::is_some);
    Ok(EndRecord {
        complete,
        reason: reason.filter(|_| !complete),
        verdict: RunVerdict::of(&counts, complete),
        counts,
        ms: milliseconds(began.elapsed()),
        quick_ms: quick_until.filter(|_| slow).map(|until| milliseconds(until - began)),
    })
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Why a run is over before its end, as soon as it is.
async fn over(interrupt: impl Future<Output = ()>, deadline: Duration) -> String {
    tokio::select! {
        biased;
        () = interrupt => "interrupted".to_owned(),
        () = tokio::time::sleep(deadline) => {
            format!("the run took longer than {} s", deadline.as_secs())
        }
    }
}

/// As many cases at a time as were asked for, or twice the processors, within what fits.
fn jobs(target: &dyn Target, asked: Option<usize>) -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    asked.unwrap_or(2 * processors).clamp(1, target.most_jobs().max(1))
}

/// Why a case does not apply to what was found, if it does not.
fn not_applicable(case: &PlannedCase, found: &Found) -> Option<String> {
    if let Some(token) = case.capabilities().find(|token| !found.negotiates(token)) {
        return Some(format!("the endpoint does not negotiate {token}"));
    }
    if case.needs_echo() && !found.runs("echo") {
        return Some("the endpoint does not echo".to_owned());
    }
    let app = case.application();
    (!app.is_empty() && !found.runs(app))
        .then(|| format!("the endpoint has no application `{app}`"))
}

/// The record of a case.
fn record(case: &PlannedCase, outcome: CaseOutcome, target: &dyn Target, seed: u64) -> CaseRecord {
    let telling = !matches!(outcome.verdict, Verdict::Pass | Verdict::Skip);
    CaseRecord {
        id: case.id.clone(),
        role: case.role.name().to_owned(),
        slow: case.scenario.slow.clone(),
        verdict: outcome.verdict,
        reason: outcome.reason,
        blame: outcome.blame,
        observations: outcome.observations,
        steps: if telling { outcome.steps } else { Vec::new() },
        ms: outcome.ms,
        transcript: if telling { outcome.transcript } else { Vec::new() },
        first_transcript: Vec::new(),
        reproduce: telling.then(|| {
            let arguments = match target.arguments() {
                arguments if arguments.is_empty() => arguments,
                arguments => format!("{arguments} "),
            };
            // A walk is there if so many are asked for.
            let number = case.id.strip_prefix("walk/").and_then(|id| id.parse::<u64>().ok());
            let walks = number.map_or_else(String::new, |number| format!(" --walk {}", number + 1));
            format!("wsconform certify {arguments}--run '{}'{walks} --seed {seed}", case.id)
        }),
    }
}
