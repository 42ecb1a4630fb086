//! Who runs when: prerequisites first, slow cases beside the others, second attempts alone.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::flight::{Attempt, Flight, Player};
use super::queue::Queue;
use super::{Observer, not_applicable, record};
use crate::report::{CaseRecord, Found, Verdict};
use crate::run::{CaseOutcome, Gone, PlannedCase, Violation, alive, blame, refused};

/// A run in progress.
pub(super) struct Schedule<'a> {
    pub(super) player: Arc<Player>,
    pub(super) found: Found,
    pub(super) skip_slow: bool,
    /// How many cases run at a time.
    pub(super) jobs: usize,
    pub(super) queue: Queue,
    pub(super) verdicts: Vec<Option<Verdict>>,
    /// The length of the shortest message that the endpoint is known to refuse, in octets.
    pub(super) refuses: Option<u64>,
    /// When the last case was decided that is not slow.
    pub(super) quick_until: Option<Instant>,
    /// Whether the endpoint is gone for good: what is left cannot be judged.
    pub(super) lost: bool,
    pub(super) observer: &'a mut dyn Observer,
}

/// How many slow cases run beside the others, for each job: most of the time they wait.
const SLOW_A_JOB: usize = 4;
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
/// What is said of a case that came behind the end of the endpoint.
const GONE_BEFORE: &str = "the endpoint was gone before this case";
/// How long an endpoint that is gone may take to come back by itself.
const COME_BACK: Duration = Duration::from_secs(1);

impl Schedule<'_> {
    pub(super) async fn run(&mut self) {
        for index in 0..self.verdicts.len() {
            if let Some(reason) = self.leaves_out(self.case(index)) {
                self.unjudged(index, Verdict::Skip, reason);
            }
        }
        // Each round decides what it tries, and that is one case at least.
        while self.verdicts.contains(&None) {
            if self.lost {
                return self.give_up();
            }
            let unclear = self.run_together().await;
            let (gone, late): (Vec<_>, Vec<_>) =
                unclear.into_iter().partition(|attempt| attempt.gone.is_some());
            self.find_culprit(gone).await;
            self.run_again(late).await;
        }
    }

    fn case(&self, index: usize) -> &PlannedCase {
        &self.player.cases[index]
    }

    /// Why a case is not run, whatever comes of the others.
    fn leaves_out(&self, case: &PlannedCase) -> Option<String> {
        let slow = self.skip_slow && case.is_slow();
        slow.then(|| SLOW.to_owned()).or_else(|| not_applicable(case, &self.found))
    }

    fn give_up(&mut self) {
        for index in 0..self.verdicts.len() {
            if self.verdicts[index].is_none() {
                self.inconclusive(index, GONE_BEFORE.to_owned());
            }
        }
    }

    /// Runs all that can be run until there is no more of it or the endpoint is gone; gives the
    /// attempts that need a second look, in the order of the plan.
    async fn run_together(&mut self) -> Vec<Attempt> {
        let mut flight = Flight::default();
        let mut unclear = Vec::new();
        let mut gone = false;
        let mut seen_alive = false;
        loop {
            while !gone && let Some(index) = self.next(&flight) {
                self.observer.start(&self.player.cases[index].id);
                // The sign of life after a case is the one before the next.
                flight.start(&self.player, index, std::mem::take(&mut seen_alive));
            }
            let Some(attempt) = flight.next(&self.player).await else { break };
            seen_alive = attempt.gone.is_none();
            gone |= attempt.gone.is_some();
            match attempt {
                Attempt { index, outcome: Some(outcome), gone: None }
                    if !self.deserves_another(&outcome) =>
                {
                    self.done(index, outcome);
                }
                attempt => unclear.push(attempt),
            }
        }
        unclear.sort_by_key(|attempt| attempt.index);
        unclear
    }

    /// Takes the next case that there is room for; those that are blocked are skipped on the way.
    fn next(&mut self, flight: &Flight) -> Option<usize> {
        loop {
            let index = self.take(flight)?;
            match self.blocked(index) {
                Some(reason) => self.unjudged(index, Verdict::Skip, reason),
                None => return Some(index),
            }
        }
    }

    /// With one job there is never a second case, and slow ones are the last.
    fn take(&mut self, flight: &Flight) -> Option<usize> {
        let (quick, slow) = (flight.quick(), flight.slow());
        let room_for_quick = quick < self.jobs && (self.jobs > 1 || slow == 0);
        let room_for_slow = match self.jobs {
            1 => quick + slow == 0,
            jobs => slow < jobs * SLOW_A_JOB,
        };
        let taken = if room_for_quick { self.queue.take_quick() } else { None };
        taken.or_else(|| if room_for_slow { self.queue.take_slow() } else { None })
    }

    /// Why a case that is ready is not run.
    fn blocked(&self, index: usize) -> Option<String> {
        let limit = self.case(index).limit();
        if let (Some(octets), Some(refuses)) = (limit, self.refuses)
            && octets >= refuses
        {
            return Some(refused(octets));
        }
        let failed = |need: &&usize| {
            matches!(self.verdicts[**need], Some(Verdict::Fail | Verdict::Inconclusive))
        };
        let need = self.queue.needs(index).iter().find(failed)?;
        Some(format!("blocked by {}", self.case(*need).id))
    }

    /// The endpoint went away while these cases were in flight: one after the other, slow ones last,
    /// runs again alone on a fresh one, until one does it again; the rest goes back into the queue. If none
    /// of them does it alone, what came before matters, and the first of them stands for it: an endpoint
    /// that is gone is never passed.
    async fn find_culprit(&mut self, mut suspects: Vec<Attempt>) {
        suspects.sort_by_key(|attempt| self.case(attempt.index).is_slow());
        let Some(first) = suspects.first() else { return };
        let names: Vec<&str> =
            suspects.iter().map(|attempt| self.case(attempt.index).id.as_str()).collect();
        let names = names.join(", ");
        let why = first.gone.as_ref().map(|gone| gone.why.clone()).unwrap_or_default();
        if !self.bring_back().await {
            return self.cannot_find_culprit(suspects, &why, &names);
        }
        let mut alone = Vec::new();
        let mut found = false;
        for Attempt { index, .. } in suspects {
            if found {
                self.queue.put_back(index);
                continue;
            }
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

    /// Runs each of these a second time, alone; a requirement that several have confirmed needs no
    /// more of that.
    async fn run_again(&mut self, attempts: Vec<Attempt>) {
        let mut confirmed: BTreeMap<String, usize> = BTreeMap::new();
        for Attempt { index, outcome, .. } in attempts {
            let Some(first) = outcome else {
                self.not_run(index, None);
                continue;
            };
            let requirement = first.blame.first().map(|blame| blame.requirement.clone());
            let requirement = requirement.unwrap_or_default();
            if confirmed.get(&requirement).is_some_and(|times| *times >= CONFIRMED) {
                self.done(index, first);
            } else if self.second_attempt(index, first, &requirement).await {
                *confirmed.entry(requirement).or_default() += 1;
            }
        }
    }

    /// The second attempt decides; the first transcript is kept. What failed among others and passes
    /// alone is either the doing of the others or an accident: nobody can tell. Whether the
    /// requirement is blamed again.
    async fn second_attempt(
        &mut self,
        index: usize,
        first: CaseOutcome,
        requirement: &str,
    ) -> bool {
        let again = self.attempt_alone(index).await;
        match (again.outcome, again.gone) {
            (Some(mut outcome), None) => {
                let same = outcome.blame.first().is_some_and(|b| b.requirement == requirement);
                if outcome.verdict == Verdict::Pass && first.missed_deadline {
                    outcome.reason = Some(SECOND_ATTEMPT.to_owned());
                } else if outcome.verdict == Verdict::Pass {
                    outcome.verdict = Verdict::Inconclusive;
                    outcome.reason = Some(AMONG_OTHERS.to_owned());
                }
                let mut record = self.record(index, outcome);
                record.first_transcript = first.transcript;
                self.tell(index, record);
                return same;
            }
            (Some(outcome), Some(gone)) => {
                self.did_not_survive(index, outcome, &gone.why);
                self.bring_back().await;
            }
            (None, gone) => self.not_run(index, gone),
        }
        false
    }

    /// Whether the outcome may be due to the load of the machine or to the other cases in flight.
    fn deserves_another(&self, outcome: &CaseOutcome) -> bool {
        let judged = !matches!(outcome.verdict, Verdict::Pass | Verdict::Skip);
        let disturbed = outcome.missed_deadline || (outcome.doubtful && self.jobs > 1);
        judged && disturbed && !self.player.target.is_simulated()
    }

    async fn attempt_alone(&mut self, index: usize) -> Attempt {
        let mut flight = Flight::default();
        self.observer.start(&self.player.cases[index].id);
        flight.start(&self.player, index, false);
        let attempt = flight.next(&self.player).await;
        attempt.unwrap_or(Attempt { index, outcome: None, gone: None })
    }

    /// Whether the endpoint is there, restarted or by itself.
    async fn bring_back(&mut self) -> bool {
        if !self.lost {
            let (target, settings) = (self.player.target.as_ref(), &self.player.settings);
            let patience = COME_BACK.max(settings.timeout);
            let back =
                target.restart().await || alive(target, patience, settings.seed).await.is_ok();
            self.lost = !back;
        }
        !self.lost
    }

    fn did_not_survive(&mut self, index: usize, mut outcome: CaseOutcome, why: &str) {
        let case = self.case(index);
        let violation = Violation {
            requirement: "contract.survives".to_owned(),
            expected: "an answer to another opening handshake after the case".to_owned(),
            observed: why.to_owned(),
            octets: Vec::new(),
            may_be_echo: false,
        };
        outcome.verdict = Verdict::Fail;
        outcome.reason = None;
        outcome.blame = vec![blame(&self.player.book, case.role, &case.scenario.at, violation)];
        self.done(index, outcome);
    }

    fn done(&mut self, index: usize, outcome: CaseOutcome) {
        self.refuses = self.refuses.into_iter().chain(outcome.limit).min();
        let record = self.record(index, outcome);
        self.tell(index, record);
    }

    fn record(&self, index: usize, outcome: CaseOutcome) -> CaseRecord {
        let Player { target, settings, .. } = self.player.as_ref();
        record(self.case(index), outcome, target.as_ref(), settings.seed)
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
            limit: None,
        };
        self.done(index, outcome);
    }

    fn tell(&mut self, index: usize, record: CaseRecord) {
        self.verdicts[index] = Some(record.verdict);
        self.queue.decided(index);
        if !self.case(index).is_slow() {
            self.quick_until = Some(Instant::now());
        }
        self.observer.case(index, record);
    }
}
