//! Certifies any WebSocket endpoint against the executable specification of `wsconform-spec`.
//!
//! - [`wire`]: the harness's own reader and writer of heads and frames.
//! - [`target`]: endpoints under test, across the network, started for the occasion, or simulated.
//! - [`run`]: one case against one endpoint.
//! - [`engine`]: a plan of cases, with jobs, signs of life and deadlines.
//! - [`book`]: the specification, its scenarios with golden test vectors as rows.
//! - [`evidence`]: which cases and peers stand behind which requirement.
//! - [`report`]: what was found, as data and as text.
//! - [`cli`]: the command line on top.
//!
//! None of these uses the reference implementation to judge; it is merely one of the endpoints that
//! can be put under test.

pub mod book;
pub mod cli;
pub mod engine;
pub mod evidence;
pub mod report;
pub mod run;
pub mod target;
mod walk;
pub mod wire;
