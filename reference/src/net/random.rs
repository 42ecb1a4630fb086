//! Randomness of the operating system.

use crate::random::Random;

/// Octets that nobody can foresee (RFC 6455, 10.3).
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    /// # Panics
    ///
    /// If the operating system has no randomness: better no connection than one whose masks can be
    /// foreseen. A [`super::Server`] loses that connection alone.
    #[expect(clippy::expect_used, reason = "there is no safe way to go on")]
    fn fill(&mut self, octets: &mut [u8]) {
        getrandom::fill(octets).expect("the operating system gives no random octets");
    }
}
