//! Runs one case against one endpoint: binds its values, plays its steps, and judges what comes.
//!
//! The first step that goes wrong decides: it names the requirement that was violated, and the
//! level of that requirement is the verdict. What an endpoint is free to do is passed over. Nothing
//! here depends on how TCP cut the octets, and nothing waits for a fixed time where an event tells.

mod absence;
mod agreement;
mod amount;
mod anchor;
mod blame;
mod bootstrap;
mod budget;
mod case;
mod connection;
mod datum;
mod encode;
mod event;
mod expect;
mod failing;
mod filter;
mod flow;
mod freedom;
mod in_band;
mod life;
mod limit;
mod many;
mod matching;
mod measure;
mod message;
mod nudge;
mod open;
mod opening;
mod outgoing;
mod parameters;
mod planned;
mod random;
mod sequences;
mod setup;
mod standing;
mod steps;
mod time;
mod transcript;
mod turns;
mod walk;
mod wish;

pub use case::{CaseOutcome, Settings, run_case};
pub use life::{Gone, alive};
pub use opening::{judged, judged_with_bootstrap, judged_with_capability, judged_with_several};
pub use planned::PlannedCase;
pub(crate) use planned::WALK;
pub use random::Random;
pub use setup::JUDGED_IN_BAND;
pub use standing::STANDING;

pub(crate) use agreement::{Agreement, accept};
pub(crate) use blame::blame;
pub(crate) use bootstrap::bootstraps;
pub(crate) use connection::{Arrival, Connection};
pub(crate) use event::{Class, Event, Message};
pub(crate) use limit::refused;
pub(crate) use parameters::Given;
pub(crate) use standing::Violation;
pub(crate) use steps::LEAST_START;
pub(crate) use transcript::Transcript;
