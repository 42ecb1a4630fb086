//! Recognises octets: whether they match a rule, and how.
//!
//! - All readings are followed side by side, octet by octet, so alternatives have no order that
//!   could hide a match, and the answer can be asked for after each octet.
//! - The answer is one of four ([`Verdict`]): a match with its tree; a mismatch with its place, what
//!   was expected there and which requirement is violated; incomplete; undecided, if the stated
//!   number of steps did not suffice or a prose-val was in the way. It is never wrong instead.
//! - Where several trees fit, [`Verdict::Match`] has the first in this order: from left to right,
//!   the first alternative that leads to a match; a repetition goes around once more if it can; a
//!   rule's name takes as many octets as it can.
//!
//! ```
//! use wsconform_abnf::program::{Given, Options, Program};
//! use wsconform_abnf::recognise::{Matcher, Verdict};
//! use wsconform_abnf::{Grammar, Source};
//!
//! let text = "message = length body\n  ;@ size body : length\n\
//!             length = OCTET\n  ;@ uint length : be\nbody = *OCTET\n";
//! let grammar = Grammar::read(&Source::new("message.abnf", text)).unwrap();
//! let program = Program::new(&grammar, Options::default()).unwrap();
//! let matcher = Matcher::new(&program, "message").unwrap();
//!
//! let input = b"\x05hello";
//! let Verdict::Match(tree) = matcher.recognise(input, &Given::default()) else { panic!() };
//! assert_eq!(tree.root().find(&program, "body").unwrap().octets(input), b"hello");
//! assert!(matches!(matcher.recognise(b"\x05hell", &Given::default()), Verdict::Incomplete));
//! let Verdict::Mismatch(mismatch) = matcher.recognise(b"\x05hello!", &Given::default()) else { panic!() };
//! assert_eq!(mismatch.offset, 6);
//! ```

mod accept;
mod build;
mod call;
mod chart;
mod compiled;
mod environment;
mod flow;
mod machine;
mod mismatch;
mod rules;
mod run;
mod search;
mod table;
mod tree;
mod work;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::diagnostic::Location;
use crate::program::{Given, Program, Reference, RuleId, View};
use machine::{Extent, Machine};
use run::{Run, Setting};

pub use compiled::{Compiled, Outcome};
pub use machine::Mark;
pub use mismatch::{Expected, Mismatch, Violation};
pub use run::Hook;
pub use search::{Ambiguity, Part, PartKind};
pub use tree::{Detail, Node, Tree};

/// How many steps a recognition may take unless [`Matcher::step_limit`] says otherwise. Grammars of
/// protocols take between one and twenty for an octet.
pub const STEP_LIMIT: u64 = 100_000_000;

/// How much a hook may make of a part, in octets.
pub const DECODED_LIMIT: usize = 16 << 20;

/// How deep parts that hooks decode may lie within each other.
const DECODED_DEPTH: usize = 8;

/// A rule, ready to be matched.
#[derive(Clone)]
pub struct Matcher<'p> {
    program: &'p Program,
    machine: Arc<Machine>,
    step_limit: u64,
    detail: Detail,
    hooks: BTreeMap<String, Arc<Hook>>,
    depth: usize,
}

/// Whether octets match.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// They do.
    Match(Tree),
    /// They do not, and nothing behind them could change that.
    Mismatch(Mismatch),
    /// They do not, but the beginning of a match they are, as far as can be seen.
    Incomplete,
    /// It cannot be told.
    Undecided(Undecided),
}

/// Why it cannot be told whether octets match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undecided {
    /// So many steps were not enough.
    Steps(u64),
    /// So many octets of memory were not enough; it may take 128 MiB, and 256 octets for each octet
    /// of the input.
    Memory(usize),
    /// The input is longer than 4 GiB.
    Length,
    /// The grammar is larger than it may be: so many steps when written out.
    Grammar(usize),
    /// No function was given for the hook that decodes a part ([`Matcher::hook`]), or what it made
    /// of the part was undecided, or such parts lie too deep within each other.
    Hook {
        /// The hook.
        name: String,
        /// The rule of the part.
        part: String,
    },
    /// A prose-val stands here, of which only people know what it means.
    Prose(Location),
}

/// What is known after some octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// They match.
    Match {
        /// Whether they are also the beginning of a longer match, as far as can be seen.
        may_go_on: bool,
    },
    /// They may become a match.
    Incomplete,
    /// They cannot become one.
    Mismatch,
    /// It cannot be told.
    Undecided,
}

impl<'p> Matcher<'p> {
    /// A matcher for the whole of an input; nothing if there is no rule called `entry`.
    pub fn new(program: &'p Program, entry: &str) -> Option<Self> {
        Some(Self::of(program, program.entry(entry)?, Extent::Whole))
    }

    /// A matcher for streams of which nobody knows where the entry ends:
    /// [`Recognition::accepted`] tells the longest match so far.
    pub fn prefixes(program: &'p Program, entry: &str) -> Option<Self> {
        Some(Self::of(program, program.entry(entry)?, Extent::Prefixes))
    }

    /// A matcher for the whole of an input and a rule as it is, without what it says of its own
    /// size and view.
    pub(crate) fn of_rule(program: &'p Program, rule: RuleId) -> Self {
        let entry = Reference { rule, when: None, size: None, view: View::Plain };
        Self::of(program, &entry, Extent::Whole)
    }

    fn of(program: &'p Program, entry: &Reference, extent: Extent) -> Self {
        Self {
            program,
            machine: Arc::new(Machine::new(program, entry, extent)),
            step_limit: STEP_LIMIT,
            detail: Detail::Rules,
            hooks: BTreeMap::new(),
            depth: 0,
        }
    }

    /// Takes at most so many steps for an input, and as many again to find its tree.
    #[must_use]
    pub fn step_limit(mut self, steps: u64) -> Self {
        self.step_limit = steps;
        self
    }

    /// Keeps so much of a match.
    #[must_use]
    pub fn detail(mut self, detail: Detail) -> Self {
        self.detail = detail;
        self
    }

    /// Decodes parts with `transform X : NAME …` by `hook`. It is given the octets and the greatest
    /// length of what it may return; `None` refuses the octets.
    #[must_use]
    pub fn hook(mut self, name: &str, hook: Arc<Hook>) -> Self {
        self.hooks.insert(name.to_ascii_lowercase(), hook);
        self
    }

    /// The rule as a table, if it is regular and the table not too large: many times faster, with
    /// the same answer but neither tree nor reasons.
    pub fn compile(&self) -> Option<Compiled> {
        Compiled::new(self.program, &self.machine)
    }

    /// Whether the whole of `input` matches.
    pub fn recognise(&self, input: &[u8], given: &Given) -> Verdict {
        self.counted(input, given).0
    }

    /// The same, with the steps that it took.
    pub(crate) fn counted(&self, input: &[u8], given: &Given) -> (Verdict, u64) {
        self.with_setting(given, |setting| {
            let mut run = Run::new(setting);
            run.advance(setting, input);
            run.settle(setting, input);
            let steps = run.steps;
            (self.verdict(run, setting, input), steps)
        })
    }

    /// How many steps it takes to answer for `input`; the measure of [`Matcher::step_limit`].
    pub fn steps(&self, input: &[u8], given: &Given) -> u64 {
        self.with_setting(given, |setting| {
            let mut run = Run::new(setting);
            run.advance(setting, input);
            run.settle(setting, input);
            run.steps
        })
    }

    /// The rules that match octets of `input` in two ways within a match of the whole, outer ones
    /// first: none if `input` does not match, or has one tree alone as far as the step limit lets
    /// see. Trees that differ in nothing but empty parts count as one.
    ///
    /// ```
    /// use wsconform_abnf::program::{Given, Options, Program};
    /// use wsconform_abnf::recognise::Matcher;
    /// use wsconform_abnf::{Grammar, Source};
    ///
    /// let text = "host = address / name\naddress = 1*DIGIT\nname = 1*(ALPHA / DIGIT)\n";
    /// let grammar = Grammar::read(&Source::new("host.abnf", text)).unwrap();
    /// let program = Program::new(&grammar, Options::default()).unwrap();
    /// let matcher = Matcher::new(&program, "host").unwrap();
    /// assert_eq!(matcher.ambiguities(b"1", &Given::default()).len(), 1);
    /// assert!(matcher.ambiguities(b"a1", &Given::default()).is_empty());
    /// ```
    pub fn ambiguities(&self, input: &[u8], given: &Given) -> Vec<Ambiguity> {
        self.look(input, given).ambiguities
    }

    /// What is to be known of an input in a search for ambiguities.
    pub(crate) fn look(&self, input: &[u8], given: &Given) -> Sight {
        self.with_setting(given, |setting| {
            let mut run = Run::new(setting);
            run.advance(setting, input);
            run.settle(setting, input);
            let is_match = run.accepted == Some(input.len()) && !run.is_over();
            let may_go_on = !run.is_over() && (!run.waiting.is_empty() || !is_match);
            let mut sight =
                Sight { is_match, may_go_on, steps: run.steps, ambiguities: Vec::new() };
            if is_match {
                let left = self.step_limit.saturating_sub(run.steps);
                let (found, steps) =
                    search::differences(&mut run, setting, input, input.len(), left);
                sight.ambiguities = found;
                sight.steps = sight.steps.saturating_add(steps);
            }
            sight
        })
    }

    /// Begins to recognise octets that come one after the other.
    pub fn start(&self, given: Given) -> Recognition<'_> {
        let run = self.with_setting(&given, Run::new);
        Recognition { matcher: self, given, input: Vec::new(), run }
    }

    fn with_setting<T>(&self, given: &Given, with: impl FnOnce(&Setting<'_>) -> T) -> T {
        let decoded = |reference: &Reference, octets: &[u8]| self.decoded(reference, octets, given);
        with(&Setting {
            program: self.program,
            machine: &self.machine,
            given,
            step_limit: self.step_limit,
            decoded: &decoded,
        })
    }

    /// Whether what a hook makes of `octets` matches; nothing if it cannot be told.
    fn decoded(&self, reference: &Reference, octets: &[u8], given: &Given) -> Option<bool> {
        let View::Hook(name) = &reference.view else { return Some(false) };
        let hook = self.hooks.get(name).filter(|_| self.depth < DECODED_DEPTH)?;
        let Some(decoded) = hook(octets, DECODED_LIMIT) else { return Some(false) };
        let mut inner = Self::of_rule(self.program, reference.rule);
        inner.step_limit = self.step_limit;
        inner.hooks.clone_from(&self.hooks);
        inner.depth = self.depth + 1;
        match inner.recognise(&decoded, given) {
            Verdict::Match(_) => Some(true),
            Verdict::Mismatch(_) | Verdict::Incomplete => Some(false),
            Verdict::Undecided(_) => None,
        }
    }

    fn exhausted(&self, run: &Run) -> Undecided {
        match run.is_full {
            true => Undecided::Memory(run.memory_limit()),
            false => Undecided::Steps(self.step_limit),
        }
    }

    fn verdict(&self, mut run: Run, setting: &Setting<'_>, input: &[u8]) -> Verdict {
        if run.is_exhausted {
            return Verdict::Undecided(self.exhausted(&run));
        }
        if self.machine.is_too_large {
            return Verdict::Undecided(Undecided::Grammar(build::SIZE_LIMIT));
        }
        if run.is_too_long {
            return Verdict::Undecided(Undecided::Length);
        }
        if run.accepted == Some(input.len()) && !run.is_dead {
            match search::tree(&mut run, setting, input, input.len(), self.detail) {
                Some(tree) => return Verdict::Match(tree),
                None if run.is_exhausted => return Verdict::Undecided(self.exhausted(&run)),
                None => {}
            }
        }
        if let Some(node) = run.prose {
            return Verdict::Undecided(Undecided::Prose(self.program.node_location(node)));
        }
        if let Some(site) = run.undecoded {
            let reference = &self.machine.calls[site as usize].reference;
            let name = match &reference.view {
                View::Hook(name) => name.clone(),
                View::Plain | View::Xor(_) => String::new(),
            };
            let part = self.program.rule(reference.rule).name.clone();
            return Verdict::Undecided(Undecided::Hook { name, part });
        }
        if run.is_dead {
            return Verdict::Mismatch(mismatch::mismatch(&run, setting));
        }
        Verdict::Incomplete
    }
}

impl fmt::Debug for Matcher<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matcher")
            .field("states", &self.machine.states.len())
            .field("step_limit", &self.step_limit)
            .finish_non_exhaustive()
    }
}

/// An input in a search for ambiguities.
pub(crate) struct Sight {
    pub(crate) is_match: bool,
    /// Whether a longer input might match.
    pub(crate) may_go_on: bool,
    pub(crate) steps: u64,
    pub(crate) ambiguities: Vec<Ambiguity>,
}

/// A recognition in progress. It keeps the octets that it was given.
pub struct Recognition<'m> {
    matcher: &'m Matcher<'m>,
    given: Given,
    input: Vec<u8>,
    run: Run,
}

impl Recognition<'_> {
    /// Takes further octets.
    pub fn push(&mut self, octets: &[u8]) {
        if self.run.is_over() {
            return;
        }
        self.input.extend_from_slice(octets);
        let Self { matcher, given, input, run } = self;
        matcher.with_setting(given, |setting| run.advance(setting, input));
    }

    /// What is known of the octets so far.
    pub fn status(&mut self) -> Status {
        let Self { matcher, given, input, run } = self;
        matcher.with_setting(given, |setting| run.settle(setting, input));
        let is_unknown = run.prose.is_some() || run.undecoded.is_some();
        if run.is_exhausted || run.is_too_long || matcher.machine.is_too_large {
            Status::Undecided
        } else if run.is_dead {
            if is_unknown { Status::Undecided } else { Status::Mismatch }
        } else if run.accepted == Some(input.len()) {
            Status::Match { may_go_on: !run.waiting.is_empty() }
        } else if is_unknown {
            Status::Undecided
        } else {
            Status::Incomplete
        }
    }

    /// The length of the longest match that the octets begin with, as far as it was looked for: at
    /// the end of what was pushed, and, for [`Matcher::prefixes`], at each octet.
    pub fn accepted(&mut self) -> Option<usize> {
        self.status();
        self.run.accepted
    }

    /// The tree of the longest match that the octets begin with, and the verdict on them as a whole
    /// if there is none.
    pub fn finish(mut self) -> Verdict {
        self.status();
        let Self { matcher, given, input, mut run } = self;
        matcher.with_setting(&given, |setting| {
            if let Some(to) = run.accepted.filter(|to| *to < input.len()) {
                let tree = search::tree(&mut run, setting, &input, to, matcher.detail);
                if let Some(tree) = tree {
                    return Verdict::Match(tree);
                }
            }
            matcher.verdict(run, setting, &input)
        })
    }
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Steps(steps) => write!(f, "{steps} steps were not enough"),
            Self::Memory(octets) => write!(f, "{} MiB of memory were not enough", octets >> 20),
            Self::Grammar(limit) => {
                write!(f, "the grammar has more than {limit} steps when written out")
            }
            Self::Length => f.write_str("the input is longer than 4 GiB"),
            Self::Hook { name, part } => {
                write!(f, "nobody can tell here what the hook `{name}` makes of `{part}`")
            }
            Self::Prose(location) => {
                write!(f, "only people know what the prose-val at {location} stands for")
            }
        }
    }
}
