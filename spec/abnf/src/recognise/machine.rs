//! The states of a recogniser: each rule that an entry needs, as a small automaton that calls the
//! others.
//!
//! Steps that take no octet are folded away: a state has all transitions that it could reach by
//! them, in the order of the text. That order is the order of preference where several readings
//! fit. What is passed on the way is kept as marks.

use std::collections::HashMap;

use super::build::Builder;
use super::flow;
use super::rules::RuleMap;
use crate::program::{
    Bits, Condition, NodeId, NodeKind, OctetSet, Program, Reference, RuleId, View,
};

/// The automata of all rules that an entry needs.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) states: Vec<State>,
    pub(crate) transitions: Vec<Transition>,
    pub(crate) marks: Vec<Mark>,
    pub(crate) calls: Vec<CallSite>,
    pub(crate) guards: Vec<Condition>,
    pub(crate) counters: Vec<Counter>,
    pub(crate) rules: RuleMap<RuleMachine>,
    /// The rules of one octet, which are matched without a call.
    pub(crate) octets: HashMap<RuleId, OctetSet>,
    /// Whether the grammar was too large to be written out, so that nothing can be matched.
    pub(crate) is_too_large: bool,
    /// The state in which the entry is called, and the one after it.
    pub(crate) start: StateId,
    /// The fields and counters that are kept, by their places in an environment.
    pub(crate) slots: Slots,
}

pub(crate) type StateId = u32;

/// Fields and counters that a run has to keep.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slots {
    /// For each field of the program, its slot.
    pub(crate) fields: Vec<Option<u16>>,
    /// How many slots there are, counters included.
    pub(crate) count: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) rule: RuleId,
    pub(crate) transitions: (u32, u32),
    /// What may come next.
    pub(crate) look: Look,
    /// Octets of any kind lead back here, and nothing else is possible before the end of the part.
    pub(crate) skips: bool,
    /// The slots that are kept in this state.
    pub(crate) keeps: Bits,
}

#[derive(Clone, Debug)]
pub(crate) struct Transition {
    pub(crate) step: Step,
    pub(crate) to: StateId,
    /// What may come next if this is taken.
    pub(crate) look: Look,
    /// What is passed on the way, a range of the machine's marks.
    pub(crate) marks: (u32, u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// One octet of the set. The node is the terminal, or the reference to a rule of one octet.
    Octet(OctetSet, NodeId),
    /// A call of another rule: a place in the machine's calls.
    Call(u32),
    /// A condition: a place in the machine's guards.
    Guard(u32),
    /// Counts a repetition: a place in the machine's counters.
    Count(u32, CountStep),
    /// Nobody can tell what is next.
    Prose(NodeId),
    /// Nothing: what follows stands in a state of its own.
    Free,
    /// The rule ends.
    Accept,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CountStep {
    /// Sets the counter to zero.
    Begin,
    /// Goes around once more, if the greatest number allows it.
    Again,
    /// Leaves, if the least number is reached.
    Leave,
}

/// A repetition that is counted rather than written out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counter {
    pub(crate) min: u64,
    pub(crate) max: Option<u64>,
    pub(crate) slot: u16,
    /// Whether a round can be empty. There are no more others than octets.
    pub(crate) is_nullable: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct CallSite {
    pub(crate) reference: Reference,
}

/// What is passed without taking an octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// The branch of this alternation is taken.
    Branch(NodeId, u32),
    /// The repetition begins.
    Begin(NodeId),
    /// It goes around once more.
    Again(NodeId),
    /// It is left.
    Leave(NodeId),
    /// The terminal begins.
    Terminal(NodeId),
}

/// What may come next: octets, or the end of the part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) octets: OctetSet,
    pub(crate) end: bool,
}

impl Look {
    pub(crate) const ANYTHING: Self = Self { octets: OctetSet::ALL, end: true };

    /// Whether the next octet, or the end of the part, is among them; what is not known may be.
    pub(crate) fn allows(&self, octet: Option<u8>, is_at_end: bool) -> bool {
        match octet {
            None => true,
            Some(_) if is_at_end => self.end,
            Some(octet) => self.octets.contains(octet),
        }
    }

    pub(crate) fn join(&mut self, other: Self) -> bool {
        let joined = Self { octets: self.octets.union(other.octets), end: self.end || other.end };
        let changed = joined != *self;
        *self = joined;
        changed
    }
}

#[derive(Clone, Debug)]
pub(crate) struct RuleMachine {
    pub(crate) start: StateId,
    /// Rules that lead back to each other have the same number.
    pub(crate) circle: usize,
    /// Whether nothing is to be worked out where it ends.
    pub(crate) is_plain: bool,
    /// The slots that the rule, or one below it, sets.
    pub(crate) binds: Bits,
    /// The slots that it reads from outside.
    pub(crate) reads: Bits,
    /// The slots that are read after it.
    pub(crate) exports: Bits,
}

/// How a machine is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The entry matches the whole input.
    Whole,
    /// It is asked where the entry could end.
    Prefixes,
}

impl Machine {
    pub(crate) fn new(program: &Program, entry: &Reference, extent: Extent) -> Self {
        let mut machine = Builder::new(program).build(entry);
        flow::prune(&mut machine);
        flow::look(&mut machine, extent);
        flow::keep(&mut machine, program);
        flow::skips(&mut machine);
        flow::circles(&mut machine);
        machine
    }

    pub(crate) fn of(&self, state: &State) -> &[Transition] {
        let (first, last) = state.transitions;
        &self.transitions[first as usize..last as usize]
    }
}

/// The octets that a rule of exactly one octet stands for: a rule that says nothing else can be
/// matched without a call.
pub(crate) fn octet_rules(program: &Program) -> HashMap<RuleId, OctetSet> {
    // Rules of octets refer to rules of octets; their nesting is that of the references.
    let mut known = HashMap::new();
    let mut changed = true;
    let mut rounds = 0;
    while changed && rounds < 16 {
        changed = false;
        rounds += 1;
        for (id, rule) in program.rules() {
            let says_nothing = rule.bits.is_empty()
                && rule.uint.is_none()
                && rule.octets.is_none()
                && rule.wheres.is_empty()
                && rule.fail.is_none();
            if !says_nothing || known.contains_key(&id) {
                continue;
            }
            if let Some(set) = octet(program, rule.body, &known) {
                known.insert(id, set);
                changed = true;
            }
        }
    }
    known
}

/// The octets that a node stands for, if it is always one octet.
pub(crate) fn octet(
    program: &Program,
    node: NodeId,
    known: &HashMap<RuleId, OctetSet>,
) -> Option<OctetSet> {
    match &program.node(node).kind {
        NodeKind::Terminal(terminal) => match terminal.strings.as_slice() {
            [string] => match string.as_slice() {
                [set] => Some(*set),
                _ => None,
            },
            _ => None,
        },
        NodeKind::Alternation(branches) => {
            let sets = branches.iter().map(|branch| octet(program, *branch, known));
            sets.reduce(|a, b| Some(a?.union(b?)))?
        }
        NodeKind::Reference(Reference { rule, when: None, size: None, view: View::Plain }) => {
            known.get(rule).copied()
        }
        _ => None,
    }
}
