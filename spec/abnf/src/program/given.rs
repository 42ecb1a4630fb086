//! The values that come from outside.

use std::fmt;

use super::{ContextId, Program};
use crate::directive::Domain;
use crate::suggest::closest;

/// What the context is for one recognition or generation; what is not given cannot be told.
///
/// ```
/// use wsconform_abnf::program::{Given, Options, Program};
/// use wsconform_abnf::{Grammar, Source};
///
/// let text = "a = *OCTET\n  ;@ context sender : client / server\n  ;@ where sender = client\n";
/// let grammar = Grammar::read(&Source::new("a.abnf", text)).unwrap();
/// let program = Program::new(&grammar, Options::default()).unwrap();
/// let given = Given::read(&program, [("sender", "client")]).unwrap();
/// assert_eq!(given.word(program.context_id("sender").unwrap()), Some(0));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    values: Vec<Option<Value>>,
}

/// A value of the context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// The place of a word in its domain.
    Word(usize),
    /// An integer.
    Number(u64),
    /// A string of octets.
    Octets(Vec<u8>),
    /// Strings of octets.
    List(Vec<Vec<u8>>),
}

/// Why a value cannot be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GivenError {
    /// The program has no such context.
    Unknown {
        /// The name that was given.
        name: String,
        /// The nearest name, if one is near.
        near: Option<String>,
    },
    /// The value is not of the kind that the context has.
    Mismatched {
        /// The name of the context.
        name: String,
        /// What it may be.
        domain: Domain,
    },
}

impl Given {
    /// No value at all.
    pub const fn nothing() -> Self {
        Self { values: Vec::new() }
    }

    /// Values from pairs of names and texts: a word; a number; octets in hexadecimal; a list of
    /// those, separated by commas.
    ///
    /// # Errors
    ///
    /// Unknown names and texts of another kind.
    pub fn read<'t>(
        program: &Program,
        pairs: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Result<Self, GivenError> {
        let mut given = Self::default();
        for (name, text) in pairs {
            let Some(id) = program.context_id(name) else {
                let names = program.contexts().iter().map(|context| context.name.as_str());
                let near = closest(name, names).map(str::to_owned);
                return Err(GivenError::Unknown { name: name.to_owned(), near });
            };
            let context = &program.contexts()[id.index()];
            let value = match &context.domain {
                Domain::Words(words) => {
                    words.iter().position(|word| word.eq_ignore_ascii_case(text)).map(Value::Word)
                }
                Domain::Uint => text.parse().ok().map(Value::Number),
                Domain::Octets => hexadecimal(text).map(Value::Octets),
                Domain::List if text.trim().is_empty() => Some(Value::List(Vec::new())),
                Domain::List => {
                    text.split(',').map(hexadecimal).collect::<Option<_>>().map(Value::List)
                }
            };
            match value {
                Some(value) => given.set(id, value),
                None => {
                    let (name, domain) = (context.name.clone(), context.domain.clone());
                    return Err(GivenError::Mismatched { name, domain });
                }
            }
        }
        Ok(given)
    }

    /// Gives a value; one that is not of the context's kind is as good as none.
    pub fn set(&mut self, context: ContextId, value: Value) {
        if self.values.len() <= context.index() {
            self.values.resize(context.index() + 1, None);
        }
        self.values[context.index()] = Some(value);
    }

    /// The place of the word that was given.
    pub fn word(&self, context: ContextId) -> Option<usize> {
        match self.value(context)? {
            Value::Word(word) => Some(*word),
            _ => None,
        }
    }

    /// The number that was given.
    pub fn number(&self, context: ContextId) -> Option<u64> {
        match self.value(context)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The octets that were given.
    pub fn octets(&self, context: ContextId) -> Option<&[u8]> {
        match self.value(context)? {
            Value::Octets(octets) => Some(octets),
            _ => None,
        }
    }

    /// The list that was given.
    pub fn list(&self, context: ContextId) -> Option<&[Vec<u8>]> {
        match self.value(context)? {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    fn value(&self, context: ContextId) -> Option<&Value> {
        self.values.get(context.index())?.as_ref()
    }
}

impl fmt::Display for GivenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, near: Some(near) } => {
                write!(f, "the grammar has no context `{name}`; did you mean `{near}`?")
            }
            Self::Unknown { name, near: None } => {
                write!(f, "the grammar has no context `{name}`")
            }
            Self::Mismatched { name, domain } => {
                let kind = match domain {
                    Domain::Words(words) => words.join(" or "),
                    Domain::Uint => "a number of at most 64 bits".to_owned(),
                    Domain::Octets => "octets in hexadecimal, such as 82 04".to_owned(),
                    Domain::List => {
                        "octets in hexadecimal, separated by commas, such as F0800001,F0800002"
                            .to_owned()
                    }
                };
                write!(f, "the context `{name}` is {kind}")
            }
        }
    }
}

impl std::error::Error for GivenError {}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text
        .chars()
        .filter(|character| !character.is_whitespace())
        .map(|character| character.to_digit(16))
        .collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs.map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok()).collect()
}
