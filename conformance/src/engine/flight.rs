//! Cases in flight, each in a task of its own, between two signs of life.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::task::{Id, JoinSet};
use wsconform_spec::Book;
use wsconform_spec::scenario::Role;

use crate::run::{CaseOutcome, Gone, PlannedCase, Settings, alive, run_case};
use crate::target::Target;

/// All that it takes to run a case.
pub(super) struct Player {
    pub(super) book: Arc<Book>,
    pub(super) target: Arc<dyn Target>,
    pub(super) cases: Vec<PlannedCase>,
    pub(super) settings: Settings,
}

/// A case that was run.
pub(super) struct Attempt {
    pub(super) index: usize,
    /// What came of it; `None` if the endpoint was gone before, or the harness failed.
    pub(super) outcome: Option<CaseOutcome>,
    /// Why there was no sign of life before or after it.
    pub(super) gone: Option<Gone>,
}

/// How many times the timeout an endpoint gets that gives no sign of life, before it counts as gone.
const SLOWER: u32 = 5;

impl Player {
    /// Runs a case; `seen_alive` if the endpoint has just given a sign of life.
    async fn play(&self, index: usize, seen_alive: bool) -> Attempt {
        if !seen_alive && let Some(gone) = self.sign_of_life().await {
            return Attempt { index, outcome: None, gone: Some(gone) };
        }
        let target = self.target.as_ref();
        let outcome = run_case(&self.cases[index], &self.book, target, &self.settings).await;
        Attempt { index, outcome: Some(outcome), gone: self.sign_of_life().await }
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
}

/// The cases that run now.
#[derive(Default)]
pub(super) struct Flight {
    tasks: JoinSet<Attempt>,
    /// Which case a task runs.
    cases: HashMap<Id, usize>,
    slow: usize,
}

impl Flight {
    /// Starts a case.
    pub(super) fn start(&mut self, player: &Arc<Player>, index: usize, seen_alive: bool) {
        self.slow += usize::from(player.cases[index].is_slow());
        let player = Arc::clone(player);
        let task = self.tasks.spawn(async move { player.play(index, seen_alive).await });
        self.cases.insert(task.id(), index);
    }

    /// The next case that is over; `None` if none is in flight.
    pub(super) async fn next(&mut self, player: &Player) -> Option<Attempt> {
        let (task, attempt) = match self.tasks.join_next_with_id().await? {
            Ok((task, attempt)) => (task, Some(attempt)),
            Err(failed) => (failed.id(), None),
        };
        let index = self.cases.remove(&task)?;
        self.slow -= usize::from(player.cases[index].is_slow());
        Some(attempt.unwrap_or(Attempt { index, outcome: None, gone: None }))
    }

    /// How many slow cases run.
    pub(super) fn slow(&self) -> usize {
        self.slow
    }

    /// How many others.
    pub(super) fn quick(&self) -> usize {
        self.cases.len() - self.slow
    }
}
