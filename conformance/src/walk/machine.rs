//! The machines of the book's model that a walk runs, and where each is.

use wsconform_spec::Model;
use wsconform_spec::model::{Machine, Row};

macro_rules! machines {
    ($($field:ident $name:literal $inputs:literal)*) => {
        /// The machines that a walk runs.
        #[derive(Clone, Copy)]
        pub(crate) struct Machines<'m> { $(pub(super) $field: &'m Machine),* }

        impl<'m> Machines<'m> {
            /// Those of the model of a book.
            ///
            /// # Errors
            ///
            /// What the model lacks.
            pub(crate) fn of(model: &'m Model) -> Result<Self, String> {
                Ok(Self { $($field: find(model, $name, $inputs)?),* })
            }
        }
    };
}

machines! {
    frames "frames" "whole begin continue last last-marked ping pong close reserved-bit reserved-opcode not-utf-8"
    sequence "sequence" "escape marked long near inner short text other native close beside"
    one_way "one-way" "escape marked long near inner short text other native close beside"
    unconfirmed "unconfirmed" "escape marked long near inner short text other native close beside"
    sender "sender" "marked equal other"
    new_sender "new-sender" "marked equal other"
    capability "capability" "SUSPEND RESUME known malformed critical ignorable message"
    listener "listener" "SUSPEND RESUME known malformed critical ignorable message"
    heartbeat "heartbeat" "BEAT ECHO too-long"
    advisory "advisory" "pause rate INCREASE DECREASE FULL told unknown-entry bad-entry impossible data native SUSPEND RESUME"
    strict "strict" "pause rate INCREASE DECREASE FULL told unknown-entry bad-entry impossible data native SUSPEND RESUME"
    setup "setup" "offer hopeless malformed ANSWER CONFIRM critical ignorable"
}

fn find<'m>(model: &'m Model, name: &str, inputs: &str) -> Result<&'m Machine, String> {
    let machine = model.machine(name).ok_or(format!("the model has no machine `{name}`"))?;
    let known = machine.inputs();
    match inputs.split(' ').find(|input| !known.contains(input)) {
        Some(missing) => Err(format!("the machine `{name}` has no input `{missing}`")),
        None => Ok(machine),
    }
}

/// A machine in one of its states.
#[derive(Clone)]
pub(super) struct At<'m> {
    machine: &'m Machine,
    state: usize,
}

impl<'m> At<'m> {
    /// In its first state.
    pub(super) fn new(machine: &'m Machine) -> Self {
        Self { machine, state: 0 }
    }

    /// Its row for `input`, where it takes that.
    pub(super) fn peek(&self, input: &str) -> Option<&'m Row> {
        self.machine.row(self.state, input)
    }

    /// Takes `input`; gives the row that it went by.
    pub(super) fn take(&mut self, input: &str) -> Option<&'m Row> {
        let row = self.peek(input)?;
        self.enter(&row.way.next);
        Some(row)
    }

    /// Goes to the state of this name.
    pub(super) fn enter(&mut self, state: &str) {
        self.state = self.machine.state(state).unwrap_or(self.state);
    }

    /// Whether it is where it began.
    pub(super) fn is_first(&self) -> bool {
        self.state == 0
    }

    /// The name of its state.
    pub(super) fn state(&self) -> &'m str {
        self.machine.states.get(self.state).map_or("", |state| &state.name)
    }

    /// The machine.
    pub(super) fn machine(&self) -> &'m Machine {
        self.machine
    }
}
