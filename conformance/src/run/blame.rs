//! From a violation to what the report says of it.

use wsconform_abnf::Location;
use wsconform_spec::Book;
use wsconform_spec::scenario::{Outcome, Role, Target, Verb};

use super::standing::Violation;
use crate::report::{Blame, OctetsRecord};
use crate::wire::{Annotated, hex};

/// The requirement of an outcome, the verb's own where it names none.
pub(super) fn target_of(outcome: &Outcome, role: Role) -> Target {
    let own = match outcome.item.verb {
        Verb::Request => "opening.client.method",
        Verb::Response => "opening.server.status",
        Verb::Pong | Verb::Ping => "ping.answered",
        Verb::Close => "close.answered",
        Verb::End => "close.ends",
        Verb::Control => "message.sent",
        Verb::Raw => "gateway.data-forwarded",
        Verb::Fail => "failing.ends",
        _ if role == Role::Gateway => "gateway.data-forwarded",
        _ => "contract.echo",
    };
    outcome.target.clone().unwrap_or_else(|| Target::Requirement(own.to_owned()))
}

/// What the report says of a violation by an endpoint of this role, seen at this place of the book.
pub(crate) fn blame(book: &Book, role: Role, at: &Location, violation: Violation) -> Blame {
    let (level, text, source) = match book.requirement(&violation.requirement) {
        Some(requirement) => (
            requirement.key_word.as_str().to_owned(),
            requirement.text.clone(),
            requirement.source.clone(),
        ),
        None => ("MUST".to_owned(), String::new(), String::new()),
    };
    Blame {
        requirement: violation.requirement,
        level,
        text,
        source,
        party: role.name().to_owned(),
        at: format!("{}:{}", at.file, at.line),
        expected: violation.expected,
        observed: violation.observed,
        octets: violation.octets.iter().flat_map(octets_records).collect(),
    }
}

fn octets_records(annotated: &Annotated) -> Vec<OctetsRecord> {
    let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
    annotated
        .annotations
        .iter()
        .map(|annotation| {
            let end = at(annotation.end).min(annotated.octets.len());
            let start = at(annotation.start).min(end);
            OctetsRecord {
                start: annotated.start + annotation.start,
                end: annotated.start + annotation.end,
                octets: shortened(&annotated.octets[start..end], annotation.end - annotation.start),
                meaning: annotation.text.clone(),
            }
        })
        .collect()
}

/// At most 64 of `total` octets.
fn shortened(octets: &[u8], total: u64) -> String {
    let kept = &octets[..octets.len().min(64)];
    let ellipsis = if kept.len() as u64 == total { "" } else { " …" };
    format!("{}{ellipsis}", hex::print(kept))
}
