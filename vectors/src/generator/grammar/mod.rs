//! Vectors that the grammar of the book makes: its sentences, and sentences that are wrong in one
//! thing alone.
//!
//! What a sentence means is what the grammar reads in it; a vector exists only if all other readers
//! that can read it say the same.

mod frames;
mod handshake;
mod name;

use wsconform_abnf::cover::{Points, members, near_misses};
use wsconform_abnf::directive::Fail;
use wsconform_abnf::generate::Generator;
use wsconform_abnf::program::Given;
use wsconform_spec::grammar::{Entry, entry};

use super::draft::Draft;
use super::program::PROGRAM;
use crate::model::Source;
use crate::topic::Topic;

/// The vectors of a topic that the grammar makes.
pub(super) fn drafts(topic: Topic) -> Vec<Draft> {
    match topic {
        Topic::Frames => frames::drafts(&frames::FRAMES),
        Topic::Escape => frames::drafts(&frames::ESCAPE),
        Topic::Control => frames::drafts(&frames::CONTROL),
        Topic::Handshake => handshake::drafts(),
    }
}

/// A sentence of the grammar, or almost one.
pub(super) struct Sentence {
    /// What is special about it, as the last part of an id.
    pub(super) name: String,
    /// The same for people.
    pub(super) comment: String,
    /// The rule that it was made for.
    pub(super) rule: String,
    /// Whether it is wrong.
    pub(super) is_wrong: bool,
    /// Whether a directive is what it breaks.
    pub(super) is_directive: bool,
    pub(super) octets: Vec<u8>,
    /// What is due, if the rule or those around it say so.
    pub(super) due: Option<Fail>,
}

impl Sentence {
    /// Where a vector of it comes from.
    fn source(&self) -> Source {
        match self.is_wrong {
            true => Source::NearMiss(self.rule.clone()),
            false => Source::Grammar(self.rule.clone()),
        }
    }
}

/// What a vector says of its reader.
enum Expected {
    Accept,
    Either,
    /// With this close code or status.
    Reject(u16),
}

/// The sentences of an entry of the book, those that are right first.
pub(super) fn sentences(entry_name: &str) -> Vec<Sentence> {
    let made = || {
        let (program, entry) = (PROGRAM.as_ref()?, entry(entry_name)?);
        let given = Given::read(program, entry.context.iter().copied()).ok()?;
        let generator = Generator::new(program, &given);
        let mut all = right(&generator, entry)?;
        all.extend(wrong(&generator, entry)?);
        Some(all)
    };
    made().unwrap_or_default()
}

fn right(generator: &Generator<'_>, entry: &Entry) -> Option<Vec<Sentence>> {
    let program = generator.program();
    let points = Points::new(program, &[program.rule_id(entry.rule)?]);
    let members = members(generator, entry.rule, &points, &[])?;
    let mut names = name::Names::default();
    let sentences = members.sentences.into_iter().filter_map(|member| {
        let point = points.get(*member.takes.first()?)?;
        let rule = program.rule(point.rule).name.clone();
        Some(Sentence {
            name: names.unique(&name::of_choice(&rule, point.choice)),
            comment: points.describe(point),
            rule,
            is_wrong: false,
            is_directive: false,
            octets: member.octets,
            due: None,
        })
    });
    Some(sentences.collect())
}

fn wrong(generator: &Generator<'_>, entry: &Entry) -> Option<Vec<Sentence>> {
    let program = generator.program();
    let misses = near_misses(generator, entry.rule)?;
    let mut names = name::Names::default();
    let sentences = misses.sentences.into_iter().map(|miss| {
        let due = miss.blamed.or(miss.due);
        let rule = program.rule(miss.rule).name.clone();
        let part = miss.id.rsplit('/').next().unwrap_or_default();
        let is_directive =
            part.contains("where-") || part.contains("there") || part.contains("left-out");
        Sentence {
            name: names.unique(&miss.id),
            comment: format!("{rule}: {}", miss.broken),
            rule,
            is_wrong: true,
            is_directive,
            octets: miss.octets,
            due,
        }
    });
    Some(sentences.collect())
}
