//! A requirement with everything that is known of it.

use minijinja::{Value, context};

use super::chapter::inline;
use super::claims::target_of;
use super::html::link;
use super::links::Links;
use super::rfc6455;
use super::{SiteError, Templates};
use crate::requirement::{Requirement, Testability};

/// The requirement called `id` as it stands in its chapter; nothing if there is none.
pub(super) fn card(
    links: &Links<'_>,
    templates: &Templates,
    id: &str,
) -> Result<String, SiteError> {
    let Some(requirement) = links.book.requirement(id) else { return Ok(String::new()) };
    let support = links.coverage.support(id);
    let linked = |names: &mut dyn Iterator<Item = &str>,
                  target: &dyn Fn(&str) -> Option<String>| {
        let links = names.map(|name| match target(name) {
            Some(target) => Value::from_safe_string(link(&target, "", name)),
            None => Value::from(name),
        });
        links.collect::<Value>()
    };
    let rule = |name: &str| Some(links.rule(links.book.grammar().rule(name)?));
    let obstacle = match &requirement.testability {
        Testability::Testable => context! {},
        Testability::Planned { reason } => {
            context! { kind => "Planned", reason => safe_inline(links, reason) }
        }
        Testability::Untestable { kind, reason } => {
            let kind = format!("Untestable ({kind})");
            context! { kind, reason => safe_inline(links, reason) }
        }
    };
    templates.render(
        "requirement.html",
        context! {
            ..facts(links, requirement),
            ..context! {
                obstacle,
                places => links.book.claims().served_by(&requirement.id).map(|place| {
                    Value::from_safe_string(link(&target_of(place), "", &place.to_string()))
                }).collect::<Value>(),
                passages => links.book.rfc6455().served_by(&requirement.id).map(|place| {
                    Value::from_safe_string(link(&rfc6455::target_of(place), "", &place.to_string()))
                }).collect::<Value>(),
                is_testable => requirement.testability == Testability::Testable,
                cases => linked(&mut support.cases.iter().copied(), &|id| links.case(id)),
                peers => linked(&mut support.peers.iter().copied(), &|_| None),
                vectors => linked(&mut support.vectors.iter().copied(), &|id| links.example(id)),
                examples => linked(
                    &mut links.examples_citing(id).iter().copied(),
                    &|id| links.example(id),
                ),
                rules => linked(&mut links.rules_citing(id).iter().copied(), &rule),
            }
        },
    )
}

/// What tables and cards say of a requirement alike.
pub(super) fn facts(links: &Links<'_>, requirement: &Requirement) -> Value {
    let binds: Vec<_> = requirement.binds.iter().map(|party| party.as_str()).collect();
    let support = links.coverage.support(requirement.id.as_str());
    context! {
        id => requirement.id.as_str(),
        target => links.requirement(requirement.id.as_str()),
        key_word => requirement.key_word.as_str(),
        level => requirement.level().to_string().to_lowercase(),
        text => safe_inline(links, &requirement.text),
        binds => binds.join(", "),
        source => &requirement.source,
        state => links.coverage.state(requirement).word(),
        case_count => support.cases.len(),
        vector_count => support.vectors.len(),
        peer_count => support.peers.len(),
        peer_names => support.peers.into_iter().collect::<Vec<_>>().join(", "),
    }
}

fn safe_inline(links: &Links<'_>, text: &str) -> Value {
    Value::from_safe_string(inline(links, text))
}
