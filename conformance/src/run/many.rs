//! Several connections at once, each of which takes every step.

use wsconform_spec::scenario::{Action, Step};

use super::case::{Played, Running, Stop};
use super::datum::Datum;

impl Running<'_> {
    /// Takes the step on each of so many connections, one after the other.
    pub(super) async fn step_on_each(&mut self, step: &Step, connections: u64) -> Played<()> {
        for number in 1..=connections {
            self.environment.set("connection", Datum::Number(number));
            let opens = matches!(step.action, Action::Open(_) | Action::Connect);
            let step = Step { connection: Some(number.to_string()), ..step.clone() };
            let blamed = self.blame.len();
            match self.step(&step).await {
                // Nobody has to take as many as come (RFC 6455, 10.4, is about more than messages).
                Err(Stop::Violated | Stop::Inconclusive(_)) if opens && number > 1 => {
                    self.blame.truncate(blamed);
                    (self.missed_deadline, self.doubtful) = (false, false);
                    let most = number - 1;
                    let reason = format!("the endpoint serves {most} connections at once, no more");
                    return Err(Stop::Skip(reason));
                }
                done => done?,
            }
        }
        Ok(())
    }
}
