//! A case while it runs: what it knows, what it has found, how it ends.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;
use wsconform_spec::scenario::{Role, Step};
use wsconform_spec::{Book, Level};

use super::anchor::Anchor;
use super::blame::blame;
use super::connection::Connection;
use super::datum::{Environment, Fault};
use super::life::take_leave;
use super::planned::PlannedCase;
use super::random::Random;
use super::standing::Violation;
use super::transcript::Transcript;
use crate::report::{Blame, Direction, TranscriptEntry, Verdict};
use crate::target::{ConnectError, Ended, Target};

/// What holds for all cases of a run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// All choices of the harness derive from it.
    pub seed: u64,
    /// How long one step may take.
    pub timeout: Duration,
    /// Whether the endpoint echoes, so that data can be used as a barrier.
    pub echoes: bool,
    /// The capabilities that it negotiates, for walks.
    pub capabilities: Vec<String>,
}

/// What came of a case.
#[derive(Clone, Debug)]
pub struct CaseOutcome {
    /// The verdict.
    pub verdict: Verdict,
    /// Why, for skips and inconclusive cases.
    pub reason: Option<String>,
    /// What was violated.
    pub blame: Vec<Blame>,
    /// What was observed.
    pub observations: BTreeMap<String, String>,
    /// The steps, if it was a walk.
    pub steps: Vec<String>,
    /// What went over the wire.
    pub transcript: Vec<TranscriptEntry>,
    /// How long it took, in ms.
    pub ms: u64,
    /// Whether the verdict rests on something that did not come in time, so that a second attempt
    /// may tell more.
    pub missed_deadline: bool,
    /// Whether it rests on the end of the connection, or on there being none: that may be the doing
    /// of another case that ran at the same time.
    pub doubtful: bool,
    /// The length of a message that the endpoint refused for its length.
    pub limit: Option<u64>,
}

/// Why the steps of a case stop before the last.
pub(super) enum Stop {
    /// A requirement was violated; it stands in the blame already.
    Violated,
    /// The stream ended where that was as good as what was expected: nothing more can come.
    Ended,
    /// The case does not apply.
    Skip(String),
    /// Nothing can be said.
    Inconclusive(String),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Inconclusive(format!("the scenario cannot be run: {fault}"))
    }
}

pub(super) type Played<T> = Result<T, Stop>;

/// A case while it runs.
pub(super) struct Running<'a> {
    pub(super) book: &'a Book,
    pub(super) target: &'a dyn Target,
    pub(super) settings: &'a Settings,
    pub(super) case: &'a PlannedCase,
    pub(super) environment: Environment,
    pub(super) connections: Vec<Connection>,
    /// The EFFECTIVE that were captured, in order.
    pub(super) anchors: Vec<Anchor>,
    pub(super) transcript: Transcript,
    pub(super) blame: Vec<Blame>,
    pub(super) observations: BTreeMap<String, String>,
    /// The steps of a walk, as the report shows them.
    pub(super) told: Vec<String>,
    pub(super) missed_deadline: bool,
    pub(super) doubtful: bool,
    /// The length of a message that was refused for its length.
    pub(super) limit: Option<u64>,
}

/// Runs `case` against `target`.
pub async fn run_case(
    case: &PlannedCase,
    book: &Book,
    target: &dyn Target,
    settings: &Settings,
) -> CaseOutcome {
    let random = Random::of_case(settings.seed, &case.id);
    let mut running = Running {
        book,
        target,
        settings,
        case,
        environment: Environment::new(case.row.clone(), random),
        connections: Vec::new(),
        anchors: Vec::new(),
        transcript: Transcript::default(),
        blame: Vec::new(),
        observations: BTreeMap::new(),
        told: Vec::new(),
        missed_deadline: false,
        doubtful: false,
        limit: None,
    };
    let mut stop = None;
    for step in &case.scenario.steps {
        let done = match (case.is_walk(), case.scenario.connections) {
            (true, _) => running.walk(step).await,
            (false, None) => running.step(step).await,
            (false, Some(number)) => running.step_on_each(step, number).await,
        };
        if let Err(why) = done {
            stop = Some(why);
            break;
        }
    }
    running.leave_closed().await;
    running.end_companions().await;
    running.outcome(stop)
}

impl Running<'_> {
    fn outcome(mut self, stop: Option<Stop>) -> CaseOutcome {
        if self.missed_deadline {
            self.transcript.note(None, Direction::Received, "nothing more in time");
        }
        let failed = self.blame.iter().any(|blame| !blame.level.starts_with("SHOULD"));
        let (verdict, reason) = match stop {
            _ if failed => (Verdict::Fail, None),
            Some(Stop::Skip(reason)) if self.blame.is_empty() => (Verdict::Skip, Some(reason)),
            Some(Stop::Inconclusive(reason)) => (Verdict::Inconclusive, Some(reason)),
            _ if !self.blame.is_empty() => (Verdict::Warn, None),
            _ => (Verdict::Pass, None),
        };
        CaseOutcome {
            verdict,
            reason,
            blame: self.blame,
            observations: self.observations,
            steps: self.told,
            ms: self.transcript.milliseconds(),
            transcript: self.transcript.finish(),
            missed_deadline: self.missed_deadline,
            doubtful: self.doubtful,
            limit: self.limit,
        }
    }

    /// Records that `violation.requirement` was violated at `step`.
    pub(super) fn blame(&mut self, step: &Step, violation: Violation) {
        if self.blame.iter().any(|blame| blame.requirement == violation.requirement) {
            return;
        }
        self.blame.push(blame(self.book, self.case.role, &step.at, violation));
    }

    /// Whether a violation of the requirement leaves the case running: only what is recommended
    /// does.
    pub(super) fn is_recommendation(&self, requirement: &str) -> bool {
        self.book.requirement(requirement).is_some_and(|found| found.level() != Level::Must)
    }

    pub(super) fn connection(&mut self, step: &Step) -> Played<usize> {
        let name = &step.connection;
        self.connections
            .iter()
            .position(|connection| connection.name == *name)
            .ok_or_else(|| Stop::Inconclusive("the connection was not opened".into()))
    }

    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.settings.timeout
    }

    pub(super) fn add_connection(&mut self, connection: Connection) {
        self.environment.address = connection.address.clone();
        self.connections.push(connection);
    }

    /// No connection came about: nothing can be said, unless it is what a client owes.
    pub(super) fn not_connected(&mut self, step: &Step, error: ConnectError) -> Stop {
        let harness_failed = matches!(error, ConnectError::Refused(_));
        if self.case.role != Role::Client || harness_failed {
            self.doubtful = true;
            return Stop::Inconclusive(format!("no connection: {error}"));
        }
        self.missed_deadline = matches!(error, ConnectError::TimedOut(_));
        let violation = Violation {
            requirement: "contract.connects".into(),
            expected: "a connection".into(),
            observed: error.to_string(),
            octets: Vec::new(),
            may_be_echo: false,
        };
        self.blame(step, violation);
        Stop::Violated
    }

    /// Waits a moment for a server to end what it has closed: one whose program dies of what made it
    /// close would still be there for the next.
    async fn leave_closed(&mut self) {
        if self.case.role == Role::Server {
            for connection in self.connections.iter_mut().filter(|one| one.close_received) {
                take_leave(connection).await;
            }
        }
    }

    /// Closes all connections and lets the processes behind them end.
    pub(super) async fn end_companions(&mut self) {
        let mut companions = Vec::new();
        for mut connection in self.connections.drain(..) {
            companions.extend(connection.companion.take());
        }
        let Some(step) = self.case.scenario.steps.last() else { return };
        for companion in companions {
            if let Ended::Crashed { how, stderr } = companion.finish(COMPANION_PATIENCE).await {
                let observed = match stderr.trim() {
                    "" => format!("it crashed: {how}"),
                    stderr => format!("it crashed: {how}: {stderr}"),
                };
                let violation = Violation {
                    requirement: "contract.connects".into(),
                    expected: "a client that goes on until its connection is over".into(),
                    observed,
                    octets: Vec::new(),
                    may_be_echo: false,
                };
                self.blame(step, violation);
            }
        }
    }
}

/// How long a client may take to exit after its connection is over.
const COMPANION_PATIENCE: Duration = Duration::from_secs(2);
