//! Sentences that are wrong in one thing alone.

use std::collections::{BTreeSet, HashMap};

use super::breakage::{Breakage, Kind, Place, breakages};
use super::budget::Budget;
use super::ways::Ways;
use crate::diagnostic::Location;
use crate::directive::Fail;
use crate::generate::goal::{Goal, Step};
use crate::generate::{Generator, Leniency, Limits, Tape};
use crate::program::{NodeId, RuleId};
use crate::recognise::{Matcher, Mismatch, Verdict};

/// A sentence in which one thing is wrong; the recogniser has confirmed that it does not match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// `RULE/what-is-wrong`; it stays the same while the rule does.
    pub id: String,
    /// The sentence.
    pub octets: Vec<u8>,
    /// The rule in which something is wrong.
    pub rule: RuleId,
    /// What is wrong, for people.
    pub broken: String,
    /// Where that stands in the grammar.
    pub location: Location,
    /// What is due: as the directive says that is broken; or its rule; or the nearest rule around
    /// it that says so; or else as `blamed`.
    pub due: Option<Fail>,
    /// What the recogniser says is due for these octets.
    pub blamed: Option<Fail>,
    /// So many octets could be read.
    pub offset: usize,
    /// What the recogniser says, for people.
    pub explanation: String,
}

/// Near-misses of one entry in one context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMisses {
    /// The sentences, in the order of the rules.
    pub sentences: Vec<NearMiss>,
    /// What could not be broken alone.
    pub unbroken: Vec<Unbroken>,
    /// The directives that could be met, in the order of the rules.
    pub directives: Vec<Directive>,
}

/// A directive, and whether it was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// The rule that it is about.
    pub rule: RuleId,
    /// Its text.
    pub text: String,
    /// Where the rule or the part stands that it is about.
    pub location: Location,
    /// Why no sentence breaks it, if none does.
    pub unbroken: Option<Reason>,
}

/// Something that no sentence was found for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unbroken {
    /// As for a [`NearMiss`].
    pub id: String,
    /// What would have been wrong.
    pub broken: String,
    /// Where it stands.
    pub location: Location,
    /// Whether it is a directive, or else a terminal, a bound or a part.
    pub is_directive: bool,
    /// Why there is none.
    pub reason: Reason,
}

/// Why a thing was not broken alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No sentence was found in which it would be.
    Impossible,
    /// All that was found is a sentence all the same, in another reading.
    Accepted,
    /// All that was found is the beginning of a sentence.
    Incomplete,
    /// The sentences are those of something else that was broken.
    Known,
    /// The work that is done for one grammar was at its end before.
    NotTried,
}

/// Makes near-misses of `entry`: each terminal, bound, part and directive that can be met in the
/// generator's context, broken alone, until so much
/// work was done that the rest is [`Reason::NotTried`]. Nothing, if no rule is called `entry`.
///
/// ```
/// use wsconform_abnf::cover::near_misses;
/// use wsconform_abnf::generate::Generator;
/// use wsconform_abnf::program::{Given, Options, Program};
/// use wsconform_abnf::{Grammar, Source};
///
/// let text = "\
/// code = 2OCTET
///      ;@ uint code : be
///      ;@ where code >= 1000 ; fail 1002 close.code
/// ";
/// let grammar = Grammar::read(&Source::new("close.abnf", text)).unwrap();
/// let program = Program::new(&grammar, Options::default()).unwrap();
/// let given = Given::default();
/// let found = near_misses(&Generator::new(&program, &given), "code").unwrap();
///
/// let first = &found.sentences[0];
/// assert_eq!(first.id, "code/where-1");
/// assert_eq!(first.octets, [0x00, 0x00]);
/// assert_eq!(first.due.as_ref().unwrap().requirement, "close.code");
/// // Three octets are not two; one octet is only the beginning.
/// assert_eq!(found.sentences[1].id, "code/octet-times-3");
/// ```
pub fn near_misses(generator: &Generator<'_>, entry: &str) -> Option<NearMisses> {
    let program = generator.program();
    let rule = program.rule_id(entry)?;
    let ways = Ways::new(program, rule);
    // Where nothing is right, nothing can be wrong alone.
    let has_sentences = generator.is_alive(program.rule(rule).body);
    let mut search = Search {
        generator,
        entry,
        root: rule,
        matcher: generator.matcher(entry)?,
        known: BTreeSet::new(),
        ways,
        budget: Budget::new(program.node_count()),
    };
    let mut found =
        NearMisses { sentences: Vec::new(), unbroken: Vec::new(), directives: Vec::new() };
    let mut ids: HashMap<String, u32> = HashMap::new();
    let mut directives: HashMap<(RuleId, String), usize> = HashMap::new();
    for breakage in breakages(generator, &search.ways, rule) {
        let id = format!("{}/{}", program.rule(breakage.rule).name, breakage.name);
        let count = ids.entry(id.to_ascii_lowercase()).or_default();
        *count += 1;
        let id = if *count == 1 { id } else { format!("{id}-{count}") };
        let outcome = if !has_sentences {
            Err(Reason::Impossible)
        } else if search.budget.is_spent() {
            Err(Reason::NotTried)
        } else {
            search.breaks(&id, &breakage)
        };
        if let Some(text) = &breakage.directive {
            let unbroken = match outcome {
                Ok(_) | Err(Reason::Known) => None,
                Err(reason) => Some(reason),
            };
            let place = directives.entry((breakage.rule, text.clone())).or_insert_with(|| {
                found.directives.push(Directive {
                    rule: breakage.rule,
                    text: text.clone(),
                    location: breakage.location.clone(),
                    unbroken,
                });
                found.directives.len() - 1
            });
            let known = &mut found.directives[*place];
            known.unbroken = known.unbroken.and(unbroken);
        }
        match outcome {
            Ok(miss) => found.sentences.push(miss),
            Err(reason) => found.unbroken.push(Unbroken {
                id,
                broken: breakage.text,
                location: breakage.location,
                is_directive: breakage.directive.is_some(),
                reason,
            }),
        }
    }
    Some(found)
}

struct Search<'s> {
    generator: &'s Generator<'s>,
    entry: &'s str,
    root: RuleId,
    matcher: Matcher<'s>,
    known: BTreeSet<Vec<u8>>,
    ways: Ways<'s>,
    budget: Budget,
}

impl Search<'_> {
    fn breaks(&mut self, id: &str, breakage: &Breakage) -> Result<NearMiss, Reason> {
        /// The seed, the most octets, and what else may be wrong.
        const ATTEMPTS: [(u64, u64, Leniency); 6] = [
            (0, 4096, Leniency::Untraced),
            (1, 4096, Leniency::Untraced),
            (0, 4096, Leniency::Cut),
            (0, 4096, Leniency::Loose),
            (1, 4096, Leniency::Loose),
            (0, 70_000, Leniency::Untraced),
        ];
        /// So many ways to the place are tried.
        const WAYS: usize = 6;
        let mut reason = Reason::Impossible;
        let Some(entry) = self.generator.program().entry(self.entry) else { return Err(reason) };
        let ways = self.places(breakage);
        for (seed, octets, leniency) in ATTEMPTS {
            // A sentence that is cut short is wrong before; one without conditions is so within.
            let is_of_use = match leniency {
                Leniency::None | Leniency::Untraced => true,
                Leniency::Cut => matches!(breakage.kind, Kind::Where(_)),
                Leniency::Loose => breakage.directive.is_none(),
            };
            if !is_of_use {
                continue;
            }
            // Large sentences are for lengths that cannot be small, whatever the way.
            let is_large = octets > 4096;
            if is_large && reason != Reason::Impossible {
                break;
            }
            for (steps, target) in ways.iter().take(if is_large { 1 } else { WAYS }) {
                if self.budget.is_spent() {
                    return Err(Reason::NotTried);
                }
                let goal = Goal { steps, target: *target, act: breakage.kind.act() };
                let tape = if seed == 0 { Tape::new(&[]) } else { Tape::seeded(seed) };
                let limits = Limits { octets, repetitions: 2, conflicts: 120, ..Limits::default() };
                let (goal, mut made) = (Some(goal), 0);
                let led = self.generator.led(entry, goal, tape, limits, leniency, &mut made);
                self.budget.attempt(made);
                let Ok(led) = led else { continue };
                let (verdict, taken) = self.matcher.counted(&led.octets, self.generator.given());
                self.budget.recognised(taken);
                match verdict {
                    Verdict::Mismatch(_) if self.known.contains(&led.octets) => {
                        reason = Reason::Known;
                    }
                    Verdict::Mismatch(mismatch) => {
                        self.known.insert(led.octets.clone());
                        return Ok(self.miss(id, breakage, steps, *target, led.octets, &mismatch));
                    }
                    Verdict::Match(_) if reason != Reason::Known => reason = Reason::Accepted,
                    Verdict::Incomplete if reason == Reason::Impossible => {
                        reason = Reason::Incomplete;
                    }
                    Verdict::Match(_) | Verdict::Incomplete | Verdict::Undecided(_) => {}
                }
            }
        }
        Err(if self.budget.is_spent() { Reason::NotTried } else { reason })
    }

    /// The ways to where it is broken.
    fn places(&mut self, breakage: &Breakage) -> Vec<(Vec<Step>, Option<NodeId>)> {
        let (generator, ways, budget) = (self.generator, &self.ways, &mut self.budget);
        let open = |node: NodeId| generator.is_alive(node);
        let mut to = |node: NodeId| {
            let found = if budget.is_spent() { Vec::new() } else { ways.to(node, open, budget) };
            found.into_iter().map(move |way| (way, Some(node)))
        };
        match breakage.place {
            Place::Node(node) => to(node).collect(),
            Place::Rule(rule) => {
                let root = (rule == self.root).then(|| (Vec::new(), None));
                let references = ways.references(rule).iter().copied();
                let mut all: Vec<_> = root.into_iter().chain(references.flat_map(to)).collect();
                all.sort_by_key(|(steps, _)| steps.len());
                all
            }
        }
    }

    fn miss(
        &self,
        id: &str,
        breakage: &Breakage,
        steps: &[Step],
        target: Option<NodeId>,
        octets: Vec<u8>,
        mismatch: &Mismatch,
    ) -> NearMiss {
        let program = self.generator.program();
        let rules = steps.iter().map(|step| step.node).chain(target).rev();
        let around = rules.filter_map(|node| self.ways.rule_of(node));
        let nearest = std::iter::once(breakage.rule)
            .chain(around)
            .find_map(|rule| program.rule(rule).fail.clone());
        let blamed = mismatch.fail().cloned();
        NearMiss {
            id: id.to_owned(),
            octets,
            rule: breakage.rule,
            broken: breakage.text.clone(),
            location: breakage.location.clone(),
            due: breakage.fail.clone().or(nearest).or_else(|| blamed.clone()),
            blamed,
            offset: mismatch.offset,
            explanation: mismatch.describe(program),
        }
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Impossible => "no sentence has only this wrong",
            Self::Accepted => "the sentences are right in another reading",
            Self::Incomplete => "the sentences may still become right",
            Self::NotTried => "not tried to the end: so large a grammar takes too much work",
            Self::Known => "the sentences are wrong in something else that is listed",
        })
    }
}
