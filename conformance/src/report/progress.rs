//! How far a run is, on a terminal.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::clean::clean;
use super::model::{CaseRecord, Counts, Verdict};

/// A bar on standard error while a run lasts: position, cases by verdict, and the case that has
/// been running longest. Where standard error is no terminal, nothing at all.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    counts: Counts,
    /// The ids of the cases that run, oldest first.
    running: Vec<String>,
}

impl Progress {
    /// A bar for `total` cases; none unless `enabled` and standard error is a terminal.
    pub fn new(total: usize, enabled: bool) -> Self {
        let shown = enabled && std::io::stderr().is_terminal();
        Progress::on(shown.then(ProgressDrawTarget::stderr), total)
    }

    fn on(target: Option<ProgressDrawTarget>, total: usize) -> Self {
        let bar = target.map(|target| {
            let total = u64::try_from(total).unwrap_or(u64::MAX);
            let bar = ProgressBar::with_draw_target(Some(total), target);
            if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {wide_msg}") {
                bar.set_style(style.progress_chars("━╸─"));
            }
            // The bar draws itself at most so often; without a tick, the last change before a slow
            // case might not be drawn.
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Progress { bar, counts: Counts::default(), running: Vec::new() }
    }

    /// A case begins.
    pub fn start(&mut self, id: &str) {
        self.running.push(id.to_owned());
        self.draw();
    }

    /// A case has its verdict.
    pub fn case(&mut self, case: &CaseRecord) {
        self.running.retain(|id| *id != case.id);
        self.counts.add(case.verdict);
        self.draw();
    }

    /// Removes the bar: whatever is printed next starts on a clean line.
    pub fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }

    fn draw(&self) {
        if let Some(bar) = &self.bar {
            bar.set_position(u64::try_from(self.counts.total()).unwrap_or(u64::MAX));
            bar.set_message(message(&self.counts, self.running.first()));
        }
    }
}

/// What stands behind the bar: the verdicts that there were, then what is waited for.
fn message(counts: &Counts, running: Option<&String>) -> String {
    let mut parts: Vec<String> = Verdict::ALL
        .into_iter()
        .filter(|verdict| counts.of(*verdict) > 0)
        .map(|verdict| format!("{} {}", counts.of(verdict), verdict.name()))
        .collect();
    parts.extend(running.map(|id| clean(id).into_owned()));
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(id: &str, verdict: Verdict) -> CaseRecord {
        CaseRecord::new(id, "server", verdict)
    }

    #[test]
    fn shows_position_verdicts_and_the_case_waited_for() {
        let mut progress = Progress::on(Some(ProgressDrawTarget::hidden()), 4);
        for id in ["a", "b", "c"] {
            progress.start(id);
        }
        progress.case(&case("a", Verdict::Pass));
        progress.case(&case("c", Verdict::Fail));
        let bar = progress.bar.as_ref().unwrap().clone();
        assert_eq!((bar.position(), bar.length()), (2, Some(4)));
        assert_eq!(bar.message(), "1 pass · 1 fail · b");
        assert!(!bar.is_finished());
        progress.finish();
        assert!(bar.is_finished());
    }

    #[test]
    fn shows_nothing_unless_enabled() {
        let mut progress = Progress::new(1, false);
        progress.start("a");
        progress.case(&case("a", Verdict::Pass));
        assert!(progress.bar.is_none());
    }

    #[test]
    fn ids_do_not_drive_the_terminal() {
        let id = "row/\u{1b}[2J".to_owned();
        assert_eq!(message(&Counts::default(), Some(&id)), r"row/\u{1b}[2J");
    }
}
