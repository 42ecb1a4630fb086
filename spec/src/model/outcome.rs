//! What can be seen of an endpoint behind an input, and who judges that.

use std::fmt;

/// What follows an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing, as far as this machine is concerned.
    Nothing,
    /// The message comes back as data.
    Data,
    /// The data is held back until the machine is in another state.
    Held,
    /// Data of the endpoint comes behind an escape.
    Escaped,
    /// Data of the endpoint comes without one.
    Bare,
    /// A Pong.
    Pong,
    /// A control message of the capability.
    Reply {
        /// Its name, `EFFECTIVE`.
        message: String,
        /// Its body.
        body: Body,
    },
    /// The endpoint fails the connection with this code.
    Fail(u16),
    /// The endpoint closes the connection.
    Close,
    /// The machines of the sequences judge the message.
    Message,
    /// The machine of the capability judges the control message.
    Control,
    /// The machine of what the capability does judges the control message.
    Function,
}

/// What the body of a reply has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// What the capability makes it.
    Any,
    /// `0`: the number zero.
    Zero,
    /// `above 0`: another number.
    AboveZero,
    /// `filled`: a list that is not empty.
    Filled,
    /// `empty`: no octet.
    Empty,
}

impl Outcome {
    /// Whether another machine judges.
    pub fn is_passed_on(&self) -> bool {
        matches!(self, Self::Message | Self::Control | Self::Function)
    }

    /// The outcome that these words are.
    pub(super) fn of(words: &[&str]) -> Option<Self> {
        let body = |body: &[&str]| {
            Some(match body {
                [] => Body::Any,
                ["0"] => Body::Zero,
                ["above", "0"] => Body::AboveZero,
                ["filled"] => Body::Filled,
                ["empty"] => Body::Empty,
                _ => return None,
            })
        };
        Some(match words {
            ["nothing"] => Self::Nothing,
            ["data"] => Self::Data,
            ["held"] => Self::Held,
            ["escaped"] => Self::Escaped,
            ["bare"] => Self::Bare,
            ["pong"] => Self::Pong,
            ["close"] => Self::Close,
            ["message"] => Self::Message,
            ["control"] => Self::Control,
            ["function"] => Self::Function,
            ["fail", code] => {
                Self::Fail(code.parse().ok().filter(|code| (1000..5000).contains(code))?)
            }
            ["reply", message, rest @ ..] if is_message(message) => {
                Self::Reply { message: (*message).to_owned(), body: body(rest)? }
            }
            _ => return None,
        })
    }
}

/// The forms of an outcome, for who wrote something else.
pub(super) const FORMS: &str = "`nothing`, `data`, `held`, `escaped`, `bare`, `pong`, `close`, \
    `fail 1002`, `reply ECHO`, `reply EFFECTIVE 0`, `reply EFFECTIVE above 0`, `reply ANSWER filled`, \
    `reply ANSWER empty`, or `message`, `control`, `function` where another machine judges";

fn is_message(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|one| one.is_ascii_uppercase())
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self::Nothing => "nothing",
            Self::Data => "data",
            Self::Held => "held",
            Self::Escaped => "escaped",
            Self::Bare => "bare",
            Self::Pong => "pong",
            Self::Close => "close",
            Self::Message => "message",
            Self::Control => "control",
            Self::Function => "function",
            Self::Fail(code) => return write!(f, "fail {code}"),
            Self::Reply { message, body } => return write!(f, "reply {message}{}", body.words()),
        };
        f.write_str(word)
    }
}

impl Body {
    /// What stands behind the name of the message.
    fn words(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::Zero => " 0",
            Self::AboveZero => " above 0",
            Self::Filled => " filled",
            Self::Empty => " empty",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() {
        for text in [
            "nothing",
            "data",
            "held",
            "escaped",
            "bare",
            "pong",
            "close",
            "message",
            "control",
            "function",
            "fail 1002",
            "reply ECHO",
            "reply EFFECTIVE 0",
            "reply EFFECTIVE above 0",
            "reply ANSWER filled",
            "reply ANSWER empty",
        ] {
            let words: Vec<&str> = text.split(' ').collect();
            assert_eq!(Outcome::of(&words).map(|read| read.to_string()).as_deref(), Some(text));
        }
        for text in ["", "fail", "fail 99", "reply", "reply echo", "data data", "reply ECHO 1"] {
            let words: Vec<&str> = text.split_whitespace().collect();
            assert_eq!(Outcome::of(&words), None, "{text}");
        }
    }
}
