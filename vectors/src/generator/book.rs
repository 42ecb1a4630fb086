//! Every example of the book is a vector.

use wsconform_spec::Book;
use wsconform_spec::example::{Event, Example, Reader};

use super::draft::Draft;
use crate::model::{Role, Source};
use crate::topic::Topic;

/// The examples of a topic, in the order of the book.
pub(super) fn drafts(topic: Topic, book: &Book) -> Vec<Draft> {
    let belongs = |example: &&Example| {
        example.id.split_once('/').is_some_and(|(first, _)| first == topic.name())
    };
    book.examples().iter().filter(belongs).map(draft).collect()
}

fn draft(example: &Example) -> Draft {
    let role = match example.reader {
        Reader::Client => Role::Client,
        Reader::Server => Role::Server,
    };
    let comment = example.comment.clone().unwrap_or_else(|| {
        let name = example.id.split_once('/').map_or(example.id.as_str(), |(_, name)| name);
        name.replace('-', " ")
    });
    let mut draft = Draft::new(role, Source::Book, example.id.clone(), comment)
        .flags(flags(&example.id).iter().copied())
        .covers(example.covers.iter().map(|id| id.as_str()));
    for active in &example.active {
        draft = draft.active(&active.capability, active.sequence);
    }
    for line in &example.octets {
        draft = draft.octets(line);
    }
    for event in &example.events {
        draft = means(draft, event);
    }
    match &example.fails {
        Some(failure) => draft.rejected(failure.code, failure.requirement.as_str()),
        None => draft,
    }
}

fn means(draft: Draft, event: &Event) -> Draft {
    match event {
        Event::Text(text) => draft.text(text),
        Event::Binary(octets) => draft.binary(octets),
        Event::Ping(octets) => draft.ping(octets),
        Event::Pong(octets) => draft.pong(octets),
        Event::Close(None) => draft.close(None, ""),
        Event::Close(Some((code, reason))) => draft.close(*code, reason),
        // A reader may know nothing of these types, so the files do not tell them.
        Event::Control { message, .. } if matches!(message.first(), Some(0x80..)) => draft,
        Event::Control { capability, message } => {
            let (kind, body) =
                message.split_first().map_or((0, &[][..]), |(kind, body)| (*kind, body));
            let body = crate::Octets(body.to_vec());
            draft.event(crate::Event::Control { capability: capability.clone(), kind, body })
        }
    }
}

/// The book has no flags; here are those of its examples.
fn flags(id: &str) -> &'static [&'static str] {
    match id {
        "frames/hello-masked" => &["mask"],
        "frames/hello-fragmented" => &["reassembly"],
        "escape/data-that-begins-with-the-sequence" => &["escape-lost", "stripped"],
        "escape/data-that-equals-the-sequence" => &["second-bare"],
        "escape/ping-between" | "escape/other-data-between" => &["disarms"],
        "escape/control-message-after" => &["stays-armed"],
        "escape/rate" => &["forwarded"],
        "control/several" => &["others", "near-miss"],
        "control/escape-of-one" => &["disarms"],
        "control/unknown-type-of-one" => &["others"],
        "control/one-direction" => &["direction"],
        "control/suspended" | "control/suspended-twice" | "control/idle-suspended" => &["rests"],
        "control/offer" | "control/offer-malformed" | "control/answer-unasked" => &["set-up"],
        _ if id.starts_with("control/") => &["message-type"],
        _ => &[],
    }
}
