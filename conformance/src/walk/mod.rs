//! Random walks: seeded sequences of steps, judged by the tables of the book (chapter "The model").
//!
//! [`draw`](draw::Drawer) draws the steps, [`judge`](judge::Judge) runs the machines of the model and
//! tells what each step makes due and whether what comes is that. Neither reads nor writes: the
//! module `run` takes a walk to an endpoint, again with steps left out where something is wrong.
//! What follows from a step stands in the tables alone; what is known here is how an input is
//! written, and how an outcome looks.

mod active;
mod coming;
mod draw;
mod due;
mod judge;
mod machine;
mod rule;
mod sending;
mod step;

pub(crate) use draw::{Drawer, Opening};
pub(crate) use judge::Judge;
pub(crate) use machine::Machines;
pub(crate) use rule::{Rule, Wrong};
pub(crate) use sending::Follow;
pub(crate) use step::{Step, Told};
