//! What is wrong with a target as the user typed it.

use std::fmt;

/// A target that cannot be: what was typed, what is wrong with it, what to type instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetError {
    typed: String,
    wrong: String,
    instead: String,
}

impl TargetError {
    pub(super) fn new(
        typed: impl Into<String>,
        wrong: impl Into<String>,
        instead: impl Into<String>,
    ) -> Self {
        Self { typed: typed.into(), wrong: wrong.into(), instead: instead.into() }
    }

    /// What was typed.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// Why that is wrong; half a sentence.
    pub fn wrong(&self) -> &str {
        &self.wrong
    }

    /// What to type or to do instead.
    pub fn instead(&self) -> &str {
        &self.instead
    }
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wrong, instead, .. } = self;
        // A control character could garble the very message that is to explain it.
        f.write_str("`")?;
        for character in self.typed.chars() {
            match character.is_control() {
                true => write!(f, "{}", character.escape_default())?,
                false => write!(f, "{character}")?,
            }
        }
        write!(f, "`: {wrong}\nhelp: {instead}")
    }
}

impl std::error::Error for TargetError {}
