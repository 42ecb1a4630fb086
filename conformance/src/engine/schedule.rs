//! Who runs when: ranks, jobs, signs of life, second attempts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use wsconform_spec::Book;
use wsconform_spec::scenario::Role;

use super::plan::ranks;
use super::{Observer, not_applicable, record};
use crate::report::{CaseRecord, Found, Verdict};
use crate::run::{CaseOutcome, Gone, PlannedCase, Settings, Violation, alive, blame, run_case};
use crate::target::Target;

/// A run in progress.
pub(super) struct Schedule<'a> {
    pub(super) book: Arc<Book>,
    pub(super) target: Arc<dyn Target>,
    pub(super) cases: Arc<[PlannedCase]>,
    pub(super) settings: Settings,
    pub(super) found: Found,
    pub(super) skip_slow: bool,
    pub(super) jobs: usize,
    pub(super) verdicts: Vec<Option<Verdict>>,
    /// Whether the endpoint is gone for good: what is left cannot be judged.
    pub(super) lost: bool,
    pub(super) observer: &'a mut dyn Observer,
}

/// What a worker tells.
enum Told {
    Started(usize),
    Done(Attempt),
}

/// A case that was run, between two signs of life.
struct Attempt {
    index: usize,
    /// What came of it; `None` if the endpoint was gone before.
    outcome: Option<CaseOutcome>,
    /// Why there was no sign of life before or after it.
    gone: Option<Gone>,
}

/// How many times the timeout an endpoint gets that gives no sign of life, before it counts as gone.
const SLOWER: u32 = 5;
/// After so many second attempts that confirm the first, a requirement needs no more of them.
const CONFIRMED: usize = 3;
/// What is said of a case that takes its time where none is to be taken.
const SLOW: &str = "slow, and left out by --skip-slow";
/// What is said of a case that came too late among others, and in time alone.
const SECOND_ATTEMPT: &str = "passed at the second attempt: at the first something came too late";
/// What is said of a case that failed among others, and passed alone.
const AMONG_OTHERS: &str =
    "failed among other cases and passed alone: run again with --jobs 1 to tell what it is";
/// What is said of a case that the harness could not run to its end.
const HARNESS_FAILED: &str = "the harness itself failed in this case: please report it";
/// How long an endpoint that is gone may take to come back by itself.
const COME_BACK: Duration = Duration::from_secs(1);

impl Schedule<'_> {
    pub(super) async fn run(&mut self) {
        let cases = Arc::clone(&self.cases);
        for rank in ranks(&cases) {
            let mut queue = VecDeque::new();
            for index in rank {
                match self.reason_to_skip(&cases[index]) {
                    Some(reason) => self.skip(index, reason),
                    None => queue.push_back(index),
                }
            }
            self.run_rank(queue).await;
        }
    }

    fn reason_to_skip(&self, case: &PlannedCase) -> Option<String> {
        if self.skip_slow && case.scenario.slow.is_some() {
            return Some(SLOW.to_owned());
        }
        not_applicable(case, &self.found).or_else(|| {
            let prerequisites = case.prerequisites();
            let failed = self.cases.iter().zip(&self.verdicts).find(|(earlier, verdict)| {
                matches!(verdict, Some(Verdict::Fail | Verdict::Inconclusive))
                    && (prerequisites.contains(&earlier.scenario.id)
                        || prerequisites.contains(&earlier.id))
            });
            failed.map(|(earlier, _)| format!("blocked by {}", earlier.id))
        })
    }

    /// Runs the cases of a rank: all at once, then alone those that have to be.
    async fn run_rank(&mut self, mut queue: VecDeque<usize>) {
        let mut second = Vec::new();
        while !queue.is_empty() {
            if self.lost {
                let reason = "the endpoint was gone before this case";
                queue.drain(..).for_each(|index| self.inconclusive(index, reason.to_owned()));
                break;
            }
            let (attempts, left) = self.run_together(queue, self.jobs).await;
            queue = left;
            let (gone, late): (Vec<_>, Vec<_>) =
                attempts.into_iter().partition(|attempt| attempt.gone.is_some());
            second.extend(late);
            self.find_culprit(gone).await;
        }
        let mut confirmed: BTreeMap<String, usize> = BTreeMap::new();
        for attempt in second {
            match attempt.outcome {
                Some(first) => self.run_again(attempt.index, first, &mut confirmed).await,
                None => self.not_run(attempt.index, None),
            }
        }
    }

    /// The endpoint went away while these cases were in flight: each runs again alone on a fresh
    /// one. If none of them does it alone, what came before matters, and the first of them stands
    /// for it: an endpoint that is gone is never passed.
    async fn find_culprit(&mut self, suspects: Vec<Attempt>) {
        let Some(first) = suspects.first() else { return };
        let names: Vec<&str> =
            suspects.iter().map(|attempt| self.cases[attempt.index].id.as_str()).collect();
        let names = names.join(", ");
        let why = first.gone.as_ref().map(|gone| gone.why.clone()).unwrap_or_default();
        if !self.bring_back().await {
            return self.cannot_find_culprit(suspects, &why, &names);
        }
        let mut alone = Vec::new();
        let mut found = false;
        for Attempt { index, .. } in suspects {
            let again = self.attempt_alone(index).await;
            match (again.outcome, again.gone) {
                (Some(outcome), None) => alone.push((index, outcome)),
                (Some(outcome), Some(gone)) => {
                    found = true;
                    self.did_not_survive(index, outcome, &gone.why);
                    self.bring_back().await;
                }
                (None, gone) => self.not_run(index, gone),
            }
        }
        let mut alone = alone.into_iter();
        if !found && let Some((index, outcome)) = alone.next() {
            let why = format!("{why}, after {names}; no case does it alone on a fresh endpoint");
            self.did_not_survive(index, outcome, &why);
        }
        alone.for_each(|(index, outcome)| self.done(index, outcome));
    }

    /// Without a fresh endpoint only a case that was alone can be blamed.
    fn cannot_find_culprit(&mut self, suspects: Vec<Attempt>, why: &str, names: &str) {
        let alone = suspects.len() == 1;
        for Attempt { index, outcome, .. } in suspects {
            match outcome {
                Some(outcome) if alone => self.did_not_survive(index, outcome, why),
                _ => self.inconclusive(
                    index,
                    format!(
                        "the endpoint went away ({why}) while these ran: {names}; run them again \
                         with --jobs 1"
                    ),
                ),
            }
        }
    }

    /// Runs cases from the queue with as many workers as there are jobs, until it is empty or the
    /// endpoint is gone; returns the attempts that need a second look, and what is left of the
    /// queue. With no jobs one worker runs, and every attempt is returned.
    async fn run_together(
        &mut self,
        queue: VecDeque<usize>,
        jobs: usize,
    ) -> (Vec<Attempt>, VecDeque<usize>) {
        let workers = jobs.clamp(1, queue.len().max(1));
        let queue = Arc::new(Mutex::new(queue));
        let (sender, mut told) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        for _ in 0..workers {
            let worker = Worker {
                book: Arc::clone(&self.book),
                target: Arc::clone(&self.target),
                cases: Arc::clone(&self.cases),
                settings: self.settings.clone(),
                queue: Arc::clone(&queue),
                told: sender.clone(),
            };
            tasks.spawn(worker.run());
        }
        drop(sender);
        let mut attempts = Vec::new();
        let mut running = BTreeSet::new();
        while let Some(message) = told.recv().await {
            match message {
                Told::Started(index) => {
                    running.insert(index);
                    self.observer.start(&self.cases[index].id);
                }
                Told::Done(attempt) => {
                    running.remove(&attempt.index);
                    match attempt {
                        Attempt { index, outcome: Some(outcome), gone: None }
                            if jobs > 0 && !self.deserves_another(&outcome, jobs) =>
                        {
                            self.done(index, outcome);
                        }
                        attempt => attempts.push(attempt),
                    }
                }
            }
        }
        // A worker that failed has told nothing of the case that it was at.
        attempts.extend(running.into_iter().map(|index| Attempt {
            index,
            outcome: None,
            gone: None,
        }));
        attempts.sort_by_key(|attempt| attempt.index);
        let left = std::mem::take(&mut *queue.lock().unwrap_or_else(PoisonError::into_inner));
        (attempts, left)
    }

    /// The second attempt, alone, decides; the first transcript is kept. What failed among others
    /// and passes alone is either the doing of the others or an accident: nobody can tell.
    async fn run_again(
        &mut self,
        index: usize,
        first: CaseOutcome,
        confirmed: &mut BTreeMap<String, usize>,
    ) {
        let requirement = first.blame.first().map(|blame| blame.requirement.clone());
        let requirement = requirement.unwrap_or_default();
        if confirmed.get(&requirement).is_some_and(|times| *times >= CONFIRMED) {
            return self.done(index, first);
        }
        let again = self.attempt_alone(index).await;
        match (again.outcome, again.gone) {
            (Some(mut outcome), None) => {
                let same = outcome.blame.first().is_some_and(|b| b.requirement == requirement);
                *confirmed.entry(requirement).or_default() += usize::from(same);
                if outcome.verdict == Verdict::Pass && first.missed_deadline {
                    outcome.reason = Some(SECOND_ATTEMPT.to_owned());
                } else if outcome.verdict == Verdict::Pass {
                    outcome.verdict = Verdict::Inconclusive;
                    outcome.reason = Some(AMONG_OTHERS.to_owned());
                }
                let case = &self.cases[index];
                let mut record = record(case, outcome, self.target.as_ref(), self.settings.seed);
                record.first_transcript = first.transcript;
                self.tell(index, record);
            }
            (Some(outcome), Some(gone)) => {
                self.did_not_survive(index, outcome, &gone.why);
                self.bring_back().await;
            }
            (None, gone) => self.not_run(index, gone),
        }
    }

    /// Whether the outcome may be due to the load of the machine or to the other cases in flight.
    fn deserves_another(&self, outcome: &CaseOutcome, jobs: usize) -> bool {
        let judged = !matches!(outcome.verdict, Verdict::Pass | Verdict::Skip);
        let disturbed = outcome.missed_deadline || (outcome.doubtful && jobs > 1);
        judged && disturbed && !self.target.is_simulated()
    }

    async fn attempt_alone(&mut self, index: usize) -> Attempt {
        let (attempts, _) = self.run_together(VecDeque::from([index]), 0).await;
        attempts.into_iter().next().unwrap_or(Attempt { index, outcome: None, gone: None })
    }

    /// Whether the endpoint is there, restarted or by itself.
    async fn bring_back(&mut self) -> bool {
        let target = self.target.as_ref();
        if !self.lost {
            let patience = COME_BACK.max(self.settings.timeout);
            let back =
                target.restart().await || alive(target, patience, self.settings.seed).await.is_ok();
            self.lost = !back;
        }
        !self.lost
    }

    fn did_not_survive(&mut self, index: usize, mut outcome: CaseOutcome, why: &str) {
        let case = &self.cases[index];
        let violation = Violation {
            requirement: "contract.survives".to_owned(),
            expected: "an answer to another opening handshake after the case".to_owned(),
            observed: why.to_owned(),
            octets: Vec::new(),
            may_be_echo: false,
        };
        outcome.verdict = Verdict::Fail;
        outcome.reason = None;
        outcome.blame = vec![blame(&self.book, case.role, &case.scenario.at, violation)];
        self.done(index, outcome);
    }

    fn done(&mut self, index: usize, outcome: CaseOutcome) {
        let case = &self.cases[index];
        let record = record(case, outcome, self.target.as_ref(), self.settings.seed);
        self.tell(index, record);
    }

    fn skip(&mut self, index: usize, reason: String) {
        self.unjudged(index, Verdict::Skip, reason);
    }

    /// The endpoint was gone before the case, or the harness failed.
    fn not_run(&mut self, index: usize, gone: Option<Gone>) {
        self.inconclusive(index, gone.map_or(HARNESS_FAILED.to_owned(), |gone| gone.why));
    }

    fn inconclusive(&mut self, index: usize, reason: String) {
        self.unjudged(index, Verdict::Inconclusive, reason);
    }

    fn unjudged(&mut self, index: usize, verdict: Verdict, reason: String) {
        let outcome = CaseOutcome {
            verdict,
            reason: Some(reason),
            blame: Vec::new(),
            observations: BTreeMap::new(),
            steps: Vec::new(),
            transcript: Vec::new(),
            ms: 0,
            missed_deadline: false,
            doubtful: false,
        };
        self.done(index, outcome);
    }

    fn tell(&mut self, index: usize, record: CaseRecord) {
        self.verdicts[index] = Some(record.verdict);
        self.observer.case(index, record);
    }
}

/// Takes cases from the queue, one after the other.
struct Worker {
    book: Arc<Book>,
    target: Arc<dyn Target>,
    cases: Arc<[PlannedCase]>,
    settings: Settings,
    queue: Arc<Mutex<VecDeque<usize>>>,
    told: mpsc::UnboundedSender<Told>,
}

impl Worker {
    async fn run(self) {
        // The sign of life after a case is the one before the next.
        let mut life = self.sign_of_life().await;
        while let Some(index) = self.next() {
            if let Some(gone) = life {
                self.tell(Told::Done(Attempt { index, outcome: None, gone: Some(gone) }));
                return;
            }
            self.tell(Told::Started(index));
            let case = &self.cases[index];
            let target = self.target.as_ref();
            let outcome = run_case(case, &self.book, target, &self.settings).await;
            life = self.sign_of_life().await;
            let attempt = Attempt { index, outcome: Some(outcome), gone: life.clone() };
            self.tell(Told::Done(attempt));
            if life.is_some() {
                return;
            }
        }
    }

    /// `None` for a server that is alive, else what it did instead of answering; nobody asks a
    /// client.
    async fn sign_of_life(&self) -> Option<Gone> {
        if self.target.role() != Role::Server {
            return None;
        }
        let (target, settings) = (self.target.as_ref(), &self.settings);
        match alive(target, settings.timeout, settings.seed).await {
            Ok(()) => None,
            Err(gone) if gone.certain => Some(gone),
            Err(_) => alive(target, settings.timeout * SLOWER, settings.seed).await.err(),
        }
    }

    fn next(&self) -> Option<usize> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    fn tell(&self, told: Told) {
        // The receiver is gone only when the run was interrupted.
        let _ = self.told.send(told);
    }
}
