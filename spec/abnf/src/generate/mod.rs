//! Makes sentences of a grammar.
//!
//! A [`Generator`] is prepared once for a program and a context; a [`Tape`] of octets steers each
//! sentence, so that whatever makes octets (a seed, a fuzzer, a property test) makes sentences, and
//! shrinks them. Lengths and masks are computed: an optional part is decided on before the bit that
//! tells of it is written, and a length is written as what the part behind it takes.
//!
//! ```
//! use wsconform_abnf::generate::{Generator, Limits, Tape};
//! use wsconform_abnf::program::{Given, Options, Program};
//! use wsconform_abnf::{Grammar, Source};
//!
//! let text = "\
//! record = length value
//!        ;@ size value : n
//! length = OCTET
//!        ;@ uint n : be
//! value  = *ALPHA
//! ";
//! let grammar = Grammar::read(&Source::new("record.abnf", text)).unwrap();
//! let program = Program::new(&grammar, Options::default()).unwrap();
//! let given = Given::default();
//! let generator = Generator::new(&program, &given);
//! let record = program.entry("record").unwrap();
//!
//! let sentence = generator.sentence(record, Tape::seeded(1), Limits::default()).unwrap();
//! assert_eq!(usize::from(sentence[0]), sentence.len() - 1);
//! // An empty tape makes the shortest sentence.
//! let shortest = generator.sentence(record, Tape::new(&[]), Limits::default()).unwrap();
//! assert_eq!(shortest, [0]);
//! ```

mod facts;
mod fields;
pub(crate) mod goal;
pub(crate) mod matches;
mod plain;
mod prepare;
mod rule;
mod run;
mod sequence;
mod solve;
mod tape;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use facts::Facts;
use goal::Goal;
use prepare::{Ahead, Prepared, Way};
use run::{Blame, Run};

use crate::diagnostic::Location;
use crate::program::{FieldId, Given, NodeId, NodeKind, Program, Reference, RuleId, Where};
use crate::recognise::{Hook, Matcher};

pub(crate) use run::{Leniency, Taken};
pub use tape::Tape;

/// Nodes are followed no deeper than this: each takes room on the stack.
const DEPTH_LIMIT: u32 = 320;

/// How large sentences may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most octets; more only where the grammar leaves no choice.
    pub octets: u64,
    /// How often something is repeated at most beyond its least number, where no length asks for
    /// more.
    pub repetitions: u64,
    /// How many nodes deep choices are made, at most 100; below this the shortest one is taken.
    pub depth: u32,
    /// How often something may have to be chosen anew before [`GenerateError::Unsatisfied`]; 256
    /// octets that were made in vain count as once more.
    pub conflicts: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { octets: 4096, repetitions: 5, depth: 60, conflicts: 2000 }
    }
}

/// Why there is no sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GenerateError {
    /// The rule has no finite sentence, or none that is shorter than 16 MiB.
    Endless {
        /// The rule.
        rule: String,
    },
    /// A description for people stands in the way.
    Prose {
        /// What it says.
        text: String,
        /// Where it stands.
        location: Location,
    },
    /// No way was found to meet a directive.
    Unsatisfied {
        /// The directive, or the part of the grammar in whose place nothing can stand.
        directive: String,
        /// Where it stands.
        location: Location,
    },
    /// There is no function that undoes what a hook does.
    Hook {
        /// The name of the hook.
        name: String,
    },
    /// Only sentences of deeper nesting are left.
    TooDeep,
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endless { rule } => write!(
                f,
                "no sentence of `{rule}` comes to an end within reach: give a rule that refers to \
                 itself an alternative without it"
            ),
            Self::Prose { text, location } => {
                write!(f, "{location}: nobody can write what <{text}> describes: give it a rule")
            }
            Self::Unsatisfied { directive, location } => {
                write!(f, "{location}: no sentence was found that meets `{directive}`")
            }
            Self::Hook { name } => {
                write!(f, "no function was given that encodes for the hook `{name}`")
            }
            Self::TooDeep => f.write_str("every sentence is nested too deeply"),
        }
    }
}

impl std::error::Error for GenerateError {}

/// What makes of octets those that a hook would decode to them; `None` if nothing does.
pub type Encode<'e> = &'e (dyn Fn(&[u8]) -> Option<Vec<u8>> + Sync);

/// The functions that encode for hooks, by the name of the hook in lower case.
pub type Encoders<'e> = BTreeMap<String, Encode<'e>>;

/// What makes sentences of one program in one context.
pub struct Generator<'p> {
    program: &'p Program,
    given: &'p Given,
    encoders: Encoders<'p>,
    decoders: BTreeMap<String, Arc<Hook>>,
    facts: Facts,
    prepared: Prepared<'p>,
}

impl fmt::Debug for Generator<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generator").finish_non_exhaustive()
    }
}

impl<'p> Generator<'p> {
    /// Prepares for `program` with the values of `given`.
    pub fn new(program: &'p Program, given: &'p Given) -> Self {
        let facts = Facts::new(program, given);
        let prepared = Prepared::new(program, &facts, given);
        Self {
            program,
            given,
            encoders: Encoders::new(),
            decoders: BTreeMap::new(),
            facts,
            prepared,
        }
    }

    /// With functions for the hook `name`: one that encodes, and the hook itself, with which
    /// sentences are confirmed.
    #[must_use]
    pub fn with_hook(mut self, name: &str, encode: Encode<'p>, decode: Arc<Hook>) -> Self {
        self.encoders.insert(name.to_ascii_lowercase(), encode);
        self.decoders.insert(name.to_ascii_lowercase(), decode);
        self
    }

    /// The program that sentences are made of.
    pub fn program(&self) -> &'p Program {
        self.program
    }

    /// The context that sentences are made in.
    pub fn given(&self) -> &'p Given {
        self.given
    }

    /// A sentence of `entry`.
    ///
    /// # Errors
    ///
    /// If there is none, or none was found; see [`GenerateError`].
    pub fn sentence(
        &self,
        entry: &Reference,
        tape: Tape<'_>,
        limits: Limits,
    ) -> Result<Vec<u8>, GenerateError> {
        let mut out = Vec::new();
        self.sentence_into(entry, tape, limits, &mut out)?;
        Ok(out)
    }

    /// The same, in place of what is in `out`.
    ///
    /// # Errors
    ///
    /// As for [`Generator::sentence`].
    pub fn sentence_into(
        &self,
        entry: &Reference,
        tape: Tape<'_>,
        limits: Limits,
        out: &mut Vec<u8>,
    ) -> Result<(), GenerateError> {
        out.clear();
        self.check(entry)?;
        Run::new(self, limits, tape, out).entry(entry, None)
    }

    /// A sentence that goes through `goal`, with the choices made on the way. They are not kept
    /// where more may be wrong. Adds to `made` the octets that were written, also in vain.
    pub(crate) fn led(
        &self,
        entry: &Reference,
        goal: Option<Goal<'_>>,
        tape: Tape<'_>,
        limits: Limits,
        leniency: Leniency,
        made: &mut u64,
    ) -> Result<Led, GenerateError> {
        /// What a conflict costs, since nodes are visited anew, in octets.
        const CONFLICT: u64 = 4;
        let mut octets = Vec::new();
        let mut run = Run::new(self, limits, tape, &mut octets);
        run.trace = (leniency == Leniency::None).then(Vec::new);
        run.leniency = leniency;
        let outcome = run.entry(entry, goal);
        let conflicts = u64::from(limits.conflicts.saturating_sub(run.patience));
        *made += run.out.len() as u64 + conflicts * CONFLICT;
        outcome?;
        let taken = run.trace.take().unwrap_or_default();
        Ok(Led { octets, taken })
    }

    /// Whether anything at all can stand in the place of a node.
    pub(crate) fn is_alive(&self, node: NodeId) -> bool {
        self.facts.node(node).is_alive()
    }

    /// What confirms sentences of the rule `entry`.
    pub(crate) fn matcher(&self, entry: &str) -> Option<Matcher<'p>> {
        let matcher = Matcher::new(self.program, entry)?.step_limit(3_000_000);
        let decoders = self.decoders.iter();
        Some(
            decoders
                .fold(matcher, |matcher, (name, decode)| matcher.hook(name, Arc::clone(decode))),
        )
    }

    /// The octets of a node that stands for exactly one, directives apart.
    pub(crate) fn class(&self, node: NodeId) -> Option<&[u8]> {
        let class = self.facts.node(node).class?;
        self.facts.classes.get(class as usize).map(Vec::as_slice)
    }

    /// The fewest octets of a node.
    pub(crate) fn shortest(&self, node: NodeId) -> u64 {
        self.facts.node(node).min
    }

    /// The condition of the part with which a node begins, with the reference that has it.
    pub(crate) fn presence(&self, node: NodeId) -> Option<(NodeId, &'p Where)> {
        prepare::presence(self.program, node)
    }

    fn check(&self, entry: &Reference) -> Result<(), GenerateError> {
        let rule = self.program.rule(entry.rule);
        if self.facts.node(rule.body).is_alive() {
            return Ok(());
        }
        // A prose-val is the more helpful answer where one stands in the way.
        match self.prepared.prose.iter().find(|(rule, _)| *rule == entry.rule) {
            Some((_, node)) => match &self.program.node(*node).kind {
                NodeKind::Prose(text) => Err(self.prose(*node, text)),
                _ => Err(GenerateError::Endless { rule: rule.name.clone() }),
            },
            None => Err(GenerateError::Endless { rule: rule.name.clone() }),
        }
    }

    fn prose(&self, node: NodeId, text: &str) -> GenerateError {
        let location = self.program.node_location(node);
        GenerateError::Prose { text: text.to_owned(), location }
    }

    fn unsatisfied(&self, blame: Blame) -> GenerateError {
        let at_rule = |rule: RuleId| {
            let rule = self.program.rule(rule);
            (rule.name.clone(), rule.location())
        };
        let at_node = |node: NodeId| {
            let span = self.program.node(node).span.clone();
            let source = self.program.node_source(node);
            (source.text()[span].to_owned(), self.program.node_location(node))
        };
        let reference = |node: NodeId| match &self.program.node(node).kind {
            NodeKind::Reference(reference) => Some(reference),
            _ => None,
        };
        let (directive, location) = match blame {
            Blame::Where(rule, index) => {
                let one = &self.program.rule(rule).wheres[index as usize];
                (one.text.clone(), at_rule(rule).1)
            }
            Blame::When(node) => match reference(node).and_then(|one| one.when.as_ref()) {
                Some(when) => (when.text.clone(), self.program.node_location(node)),
                None => at_node(node),
            },
            Blame::Size(node) => match reference(node).and_then(|one| one.size.as_ref()) {
                Some(size) => (size.text.clone(), self.program.node_location(node)),
                None => at_node(node),
            },
            Blame::Node(node) => at_node(node),
            Blame::Rule(rule) => at_rule(rule),
        };
        GenerateError::Unsatisfied { directive, location }
    }

    fn ahead(&self, sequence: NodeId) -> &[Ahead<'p>] {
        &self.prepared.ahead[sequence.index()]
    }

    fn supplies(&self, repetition: NodeId) -> &[(FieldId, Way)] {
        &self.prepared.supplies[repetition.index()]
    }
}

/// A sentence with the choices that made it.
#[derive(Clone, Debug)]
pub(crate) struct Led {
    pub(crate) octets: Vec<u8>,
    pub(crate) taken: Vec<(NodeId, Taken)>,
}
