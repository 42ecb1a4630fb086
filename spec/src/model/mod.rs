//! The model: state machines of an endpoint as seen from outside, as tables.
//!
//! ```text
//! machine  capability
//! state    working                       the first state is where it begins
//! SUSPEND  -> suspended  reply SUSPEND : suspend.answered
//! offer    -> answered   reply ANSWER filled : setup.answered
//!       or -> idle       reply ANSWER empty                      as good, and no more said
//! ```
//!
//! A row says what follows an input in a state: the next state, the outcome that can be seen, and the
//! requirement that any other outcome violates. The model of a book is whole: in each state of a
//! machine each of its inputs has one row, each state can be reached, and each requirement exists.
//! Who runs it (`certify --walk`) knows how an input is written on the wire, and how an outcome looks;
//! what follows what stands in the tables alone.

mod check;
mod outcome;
mod read;

use std::fmt;
use std::ops::Range;

use wsconform_abnf::{Location, Source};

use crate::requirement::RequirementId;

pub(crate) use check::check;
pub use outcome::{Body, Outcome};
pub(crate) use read::{Block, read};

/// The machines of a book; none if the book has no model.
#[derive(Clone, Debug, Default)]
pub struct Model {
    machines: Vec<Machine>,
}

impl Model {
    pub(crate) fn new(machines: Vec<Machine>) -> Self {
        Self { machines }
    }

    /// The machines in the order of the book.
    pub fn machines(&self) -> &[Machine] {
        &self.machines
    }

    /// The machine called `name`.
    pub fn machine(&self, name: &str) -> Option<&Machine> {
        self.machines.iter().find(|machine| machine.name == name)
    }
}

/// A state machine.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Its name, `sequence`.
    pub name: String,
    /// Its states, the one that it begins in first.
    pub states: Vec<State>,
    /// Where it stands.
    pub at: Location,
    pub(crate) source: Source,
    /// Its octets in the source.
    pub(crate) span: Range<usize>,
}

impl Machine {
    /// Its inputs, in the order in which they first come.
    pub fn inputs(&self) -> Vec<&str> {
        let mut inputs: Vec<&str> = Vec::new();
        for row in self.states.iter().flat_map(|state| &state.rows) {
            if !inputs.contains(&row.input.as_str()) {
                inputs.push(&row.input);
            }
        }
        inputs
    }

    /// The index of the state called `name`.
    pub fn state(&self, name: &str) -> Option<usize> {
        self.states.iter().position(|state| state.name == name)
    }

    /// What follows `input` in the state at `index`.
    pub fn row(&self, index: usize, input: &str) -> Option<&Row> {
        self.states.get(index)?.rows.iter().find(|row| row.input == input)
    }
}

impl fmt::Display for Machine {
    /// As it stands in its chapter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.source.text()[self.span.clone()].trim_end())
    }
}

/// A state of a machine.
#[derive(Clone, Debug)]
pub struct State {
    /// Its name, `armed`.
    pub name: String,
    /// What follows each input.
    pub rows: Vec<Row>,
    pub(crate) span: Range<usize>,
}

/// What follows one input in one state.
#[derive(Clone, Debug)]
pub struct Row {
    /// The input, `escape`.
    pub input: String,
    /// What follows.
    pub way: Way,
    /// The requirement that any other outcome violates; none where another machine judges.
    pub requirement: Option<RequirementId>,
    /// What may follow instead, as good.
    pub or: Vec<Way>,
    /// Where it stands.
    pub at: Location,
}

/// A state and what is seen on the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The state that the machine is in then.
    pub next: String,
    /// What is seen.
    pub outcome: Outcome,
    pub(crate) next_span: Range<usize>,
}
