//! Sentences until every choice was made.

use super::budget::Budget;
use super::measure::{noted, numbers};
use super::points::{Choice, Point, Points};
use super::ways::Ways;
use crate::generate::goal::{Act, Goal};
use crate::generate::{GenerateError, Generator, Led, Leniency, Limits, Tape};
use crate::program::{NodeKind, Program};
use crate::recognise::{Detail, Matcher, Verdict};

/// Sentences that make all the choices which can be made.
#[derive(Clone, Debug)]
pub struct Members {
    /// The sentences, each of which makes a choice that none before it made.
    pub sentences: Vec<Member>,
    /// The choices that none of them makes, by their numbers, with the reason.
    pub missed: Vec<(usize, Missed)>,
}

/// A sentence with what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The sentence.
    pub octets: Vec<u8>,
    /// The choices that it makes as the first, by their numbers.
    pub takes: Vec<usize>,
}

/// Why a choice is made by no sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missed {
    /// No sentence makes it in this context, as far as was tried.
    Impossible(GenerateError),
    /// The entry leads there in this context only through what can never stand there.
    Unreachable,
    /// Every sentence that was found for it has another reading, which comes first.
    Hidden,
    /// The work that is done for one grammar was at its end before.
    NotTried,
}

impl std::fmt::Display for Missed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Impossible(error) => error.fmt(f),
            Self::Unreachable => f.write_str("nothing in this context leads there"),
            Self::Hidden => f.write_str("every sentence that was found is read another way"),
            Self::NotTried => {
                f.write_str("not tried to the end: so large a grammar takes too much work")
            }
        }
    }
}

/// Makes sentences of `entry` until every choice was made that can be made in the generator's
/// context, or so much work was done that the rest is [`Missed::NotTried`]. `points` may hold more than `entry` can reach; what `known` holds is not asked for
/// again, so that sentences of several entries and contexts add up.
///
/// The sentences are the shortest that lead to a choice; each is confirmed by the recogniser, whose
/// reading counts. They are the same each time. Nothing, if no rule is called `entry`.
///
/// ```
/// use wsconform_abnf::cover::{Points, members};
/// use wsconform_abnf::generate::Generator;
/// use wsconform_abnf::program::{Given, Options, Program};
/// use wsconform_abnf::{Grammar, Source};
///
/// let text = "greeting = (\"hello\" / %s\"hi\") 0*2%x21-3F\n";
/// let grammar = Grammar::read(&Source::new("greeting.abnf", text)).unwrap();
/// let program = Program::new(&grammar, Options::default()).unwrap();
/// let given = Given::default();
/// let points = Points::new(&program, &[program.rule_id("greeting").unwrap()]);
/// let members = members(&Generator::new(&program, &given), "greeting", &points, &[]).unwrap();
/// let sentences: Vec<_> = members.sentences.iter().map(|one| one.octets.escape_ascii().to_string()).collect();
/// assert_eq!(sentences, ["HELLO", "hi", "hi!", "hi!!", "hi?"]);
/// assert!(members.missed.is_empty());
/// ```
pub fn members(
    generator: &Generator<'_>,
    entry: &str,
    points: &Points<'_>,
    known: &[usize],
) -> Option<Members> {
    let budget = Budget::new(generator.program().node_count());
    within(budget, generator, entry, points, known)
}

fn within(
    budget: Budget,
    generator: &Generator<'_>,
    entry: &str,
    points: &Points<'_>,
    known: &[usize],
) -> Option<Members> {
    let program = generator.program();
    let rule = program.rule_id(entry)?;
    let matcher = generator.matcher(entry)?.detail(Detail::Everything);
    let ways = Ways::new(program, rule);
    let mut taken = vec![false; points.len()];
    for number in known {
        if let Some(taken) = taken.get_mut(*number) {
            *taken = true;
        }
    }
    let mut search = Search { generator, entry, matcher, points, ways, taken, budget };
    let mut members = Members { sentences: Vec::new(), missed: Vec::new() };
    for (number, point) in points.iter().enumerate() {
        if search.taken[number] || search.ways.rule_of(point.node).is_none() {
            continue;
        }
        let reached = if search.budget.is_spent() {
            Err(Missed::NotTried)
        } else {
            search.reach(number, point)
        };
        match reached {
            Ok(member) => members.sentences.push(member),
            Err(missed) => members.missed.push((number, missed)),
        }
    }
    // What was missed first may have come along later.
    members.missed.retain(|(number, _)| !search.taken[*number]);
    if !members.missed.is_empty() {
        search.sample(&mut members);
    }
    Some(members)
}

struct Search<'s> {
    generator: &'s Generator<'s>,
    entry: &'s str,
    matcher: Matcher<'s>,
    points: &'s Points<'s>,
    ways: Ways<'s>,
    taken: Vec<bool>,
    budget: Budget,
}

impl Search<'_> {
    /// Tries its luck with what no way led to: a choice may be possible only in some place of many,
    /// such as the second digit of an hour.
    fn sample(&mut self, members: &mut Members) {
        /// So many sentences are looked at.
        const SAMPLES: u64 = 400;
        let Some(entry) = self.generator.program().entry(self.entry) else { return };
        let limits = Limits { octets: 256, repetitions: 2, conflicts: 300, ..Limits::default() };
        for seed in 0..SAMPLES {
            if self.budget.is_spent() {
                return;
            }
            let tape = Tape::seeded(seed);
            let mut made = 0;
            let led = self.generator.led(entry, None, tape, limits, Leniency::Untraced, &mut made);
            self.budget.attempt(made);
            let Ok(Led { octets, .. }) = led else { continue };
            let (verdict, steps) = self.matcher.counted(&octets, self.generator.given());
            self.budget.recognised(steps);
            let Verdict::Match(tree) = verdict else { continue };
            let made = numbers(self.points, &tree, &octets).into_iter();
            let takes: Vec<usize> = made.filter(|made| !self.taken[*made]).collect();
            if takes.is_empty() {
                continue;
            }
            takes.iter().for_each(|number| self.taken[*number] = true);
            members.sentences.push(Member { octets, takes });
            members.missed.retain(|(number, _)| !self.taken[*number]);
            if members.missed.is_empty() {
                return;
            }
        }
    }

    /// A sentence that makes the choice.
    fn reach(&mut self, number: usize, point: &Point) -> Result<Member, Missed> {
        /// With which seed, and how long at most: lengths of eight octets say more than 65535.
        const ATTEMPTS: [(u64, u64); 4] = [(0, 4096), (1, 4096), (0, 70_000), (2, 4096)];
        let program = self.generator.program();
        let Some(entry) = program.entry(self.entry) else { return Err(Missed::Unreachable) };
        let write = edge(program, point);
        let act = match point.choice {
            Choice::Branch(branch) => Act::Branch(branch),
            Choice::Times(times) => Act::Times(times),
            Choice::First | Choice::Last => Act::Write(&write),
        };
        let mut missed = Missed::Unreachable;
        let open = |node| self.generator.is_alive(node);
        let ways = self.ways.to(point.node, open, &mut self.budget);
        for (seed, octets) in ATTEMPTS {
            let limits = Limits { octets, repetitions: 2, conflicts: 300, ..Limits::default() };
            for steps in &ways {
                if self.budget.is_spent() {
                    return Err(Missed::NotTried);
                }
                let goal = Goal { steps, target: Some(point.node), act };
                let tape = if seed == 0 { Tape::new(&[]) } else { Tape::seeded(seed) };
                let (goal, mut made) = (Some(goal), 0);
                let led = self.generator.led(entry, goal, tape, limits, Leniency::None, &mut made);
                self.budget.attempt(made);
                let led = match led {
                    Ok(led) => led,
                    Err(error) => {
                        if missed == Missed::Unreachable {
                            missed = Missed::Impossible(error);
                        }
                        continue;
                    }
                };
                if !noted(self.points, &led.taken, &led.octets).contains(&number) {
                    // The conditions on the way made something else of it.
                    continue;
                }
                let (verdict, steps) = self.matcher.counted(&led.octets, self.generator.given());
                self.budget.recognised(steps);
                let Verdict::Match(tree) = verdict else { continue };
                let made = numbers(self.points, &tree, &led.octets);
                if !made.contains(&number) {
                    missed = Missed::Hidden;
                    continue;
                }
                let takes: Vec<usize> =
                    made.into_iter().filter(|made| !self.taken[*made]).collect();
                takes.iter().for_each(|number| self.taken[*number] = true);
                return Ok(Member { octets: led.octets, takes });
            }
        }
        Err(missed)
    }
}

/// The octets at the edge of a range.
fn edge(program: &Program, point: &Point) -> Vec<u8> {
    let NodeKind::Terminal(terminal) = &program.node(point.node).kind else { return Vec::new() };
    match (&terminal.edges, point.choice) {
        (Some((first, _)), Choice::First) => first.clone(),
        (Some((_, last)), Choice::Last) => last.clone(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Given, Options};
    use crate::{Grammar, Source};

    #[test]
    fn what_is_too_much_is_said_not_to_be_tried() {
        let text = "a = \"b\" / \"c\" / \"d\" / \"e\" / \"f\"\n";
        let grammar = Grammar::read(&Source::new("a.abnf", text)).unwrap();
        let program = Program::new(&grammar, Options::default()).unwrap();
        let given = Given::default();
        let generator = Generator::new(&program, &given);
        let points = Points::new(&program, &[program.rule_id("a").unwrap()]);
        let mut budget = Budget::new(program.node_count());
        let all = within(budget.clone(), &generator, "a", &points, &[]).unwrap();
        assert!(all.missed.is_empty());

        budget.leave(1);
        let some = within(budget, &generator, "a", &points, &[]).unwrap();
        assert_eq!(some.sentences[..], all.sentences[..1]);
        assert_eq!(some.missed, [1, 2, 3, 4].map(|number| (number, Missed::NotTried)));
    }
}
