//! What a strict sender promises, judged from outside: in virtual time over ways that delay, bunch
//! and stall, and over real sockets.
//!
//! Whoever keeps the promise is never blamed, whatever the way does; whoever does not is blamed for
//! that and for nothing else. What has to be reached, rather than kept, is for an idle machine:
//!
//! ```text
//! cargo test --release -p wsconform --test pacing -- --ignored --nocapture --test-threads=1
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test may panic

mod endpoints;
mod judge;
mod sockets;
mod virtual_time;
mod way;
