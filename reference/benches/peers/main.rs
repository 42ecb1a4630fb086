//! The reference beside tungstenite and fastwebsockets, in one run:
//! `cargo bench -p wsconform-reference --bench peers`.
//!
//! All contenders of a line take turns in many short rounds and the best round of each counts, so
//! that what else the machine does falls on all of them, and seldom on the figures. Quote the
//! ratios.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may panic")]

mod heads;
mod measure;
mod reading;
mod stream;
mod writing;

fn main() {
    let course = measure::Course::from_arguments();
    println!("{}", course.title());
    heads::run(&course);
    reading::run(&course);
    writing::run(&course);
}
