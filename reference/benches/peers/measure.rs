//! How things are measured and told.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Sizes of payloads in octets.
pub(crate) const SIZES: [usize; 3] = [125, 1024, 65_536];

/// How long a round takes: so short that the system leaves many of them undisturbed.
const ROUND: Duration = Duration::from_micros(400);

const ROUNDS: u32 = 250;

/// A piece of work: does it so many times.
pub(crate) type Work<'a> = Box<dyn FnMut(u32) + 'a>;

/// Work that is done over and over.
pub(crate) fn work<'a, T>(mut once: impl FnMut() -> T + 'a) -> Work<'a> {
    Box::new(move |times| {
        for _ in 0..times {
            black_box(&once());
        }
    })
}

/// Whether this is a benchmark, or everything is done once to see that it works.
pub(crate) struct Course {
    is_bench: bool,
}

impl Course {
    /// `cargo test --benches` asks for no benchmark.
    pub(crate) fn from_arguments() -> Self {
        Self { is_bench: std::env::args().any(|argument| argument == "--bench") }
    }

    /// What the figures are worth.
    pub(crate) fn title(&self) -> String {
        let title = if self.is_bench { "" } else { "; all done once, the figures mean nothing" };
        format!("{}{title}", machine())
    }

    /// The nanoseconds that each contender takes for its work once.
    pub(crate) fn race(&self, contenders: &mut [Work<'_>]) -> Vec<f64> {
        if !self.is_bench {
            return contenders.iter_mut().map(|work| nanos(work, 1)).collect();
        }
        let times: Vec<u32> = contenders.iter_mut().map(fitting).collect();
        let mut best = vec![f64::INFINITY; contenders.len()];
        for _ in 0..ROUNDS {
            for ((work, times), best) in contenders.iter_mut().zip(&times).zip(&mut best) {
                *best = best.min(nanos(work, *times));
            }
        }
        best
    }
}

/// How many times fit into a round.
fn fitting(work: &mut Work<'_>) -> u32 {
    let mut times = 1;
    while nanos(work, times) * f64::from(times) < ROUND.as_nanos() as f64 {
        times *= 2;
    }
    times
}

fn nanos(work: &mut Work<'_>, times: u32) -> f64 {
    let begin = Instant::now();
    work(times);
    begin.elapsed().as_nanos() as f64 / f64::from(times)
}

/// A table whose columns are the sizes and whose cells tell how many times the floor's time a
/// contender takes.
pub(crate) struct Table {
    names: Vec<&'static str>,
    columns: Vec<Vec<f64>>,
}

impl Table {
    /// A table without columns; the first name is that of the floor.
    pub(crate) fn new(names: &[&'static str]) -> Self {
        Self { names: names.to_vec(), columns: Vec::new() }
    }

    /// Adds the times of all contenders at the next size.
    pub(crate) fn column(&mut self, times: Vec<f64>) {
        assert_eq!(times.len(), self.names.len());
        self.columns.push(times);
    }

    /// Prints it.
    pub(crate) fn print(&self, title: &str) {
        print!("\n{title:<44}");
        SIZES.iter().for_each(|size| print!("{:>14}", format!("{size} octets")));
        println!();
        for (row, name) in self.names.iter().enumerate() {
            print!("  {name:<42}");
            for column in &self.columns {
                let (floor, time) = (column[0], column[row]);
                let cell = if row == 0 {
                    format!("{time:.1} ns")
                } else {
                    format!("{:.2}x", time / floor)
                };
                print!("{cell:>14}");
            }
            println!();
        }
    }
}

/// The machine, as far as the system tells.
fn machine() -> String {
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown processor", |(_, model)| model);
    let count = std::thread::available_parallelism().map_or(0, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    format!("{model}, {}, {count} processors, load {load}", std::env::consts::ARCH)
}
