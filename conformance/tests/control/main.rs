//! What the harness makes of several capabilities, of time, of what is set up on an open connection
//! and of what is measured: scripted endpoints, in virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test may panic

mod fake;
mod measured;
mod negotiated;
mod set_up;
mod timed;
