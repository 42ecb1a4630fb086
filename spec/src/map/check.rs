//! What holds for the entries of every map.

use std::collections::BTreeMap;
use std::fmt::Display;

use wsconform_abnf::Diagnostic;

use super::Draft;
use crate::requirement::{Requirement, RequirementId};

/// Each `as` that leads to no entry of its own.
pub(crate) fn dangling<P: PartialEq + Display>(drafts: &[Draft<P>]) -> Vec<Diagnostic> {
    let problem = |draft: &Draft<P>| {
        let (place, span) = draft.same_as.as_ref()?;
        let label = match drafts.iter().find(|one| one.place == *place) {
            Some(target) if target.same_as.is_none() => return None,
            Some(_) => format!("`{place}` is itself as another"),
            None => format!("`{place}` has no entry"),
        };
        let problem = Diagnostic::new(&draft.source, span.clone(), "entry as none", label);
        Some(problem.help("name the entry that stands for itself"))
    };
    drafts.iter().filter_map(problem).collect()
}

/// Each requirement in an entry whose source does not agree: `cites` tells whether it cites the
/// place, or nothing of what the map is of.
pub(crate) fn uncited<P: Display>(
    drafts: &[Draft<P>],
    requirements: &BTreeMap<RequirementId, Requirement>,
    cites: impl Fn(&Requirement, &P) -> bool,
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for draft in drafts {
        for (id, span) in &draft.requirements {
            if requirements.get(id).is_some_and(|known| !cites(known, &draft.place)) {
                let label = format!("the source of `{id}` cites other places alone");
                let title = "map and source disagree";
                problems.push(
                    Diagnostic::new(&draft.source, span.clone(), title, label)
                        .help(format!("cite `{}` there, or take it out here", draft.place)),
                );
            }
        }
    }
    problems
}

/// A mistake at the place of an entry.
pub(crate) fn mistake<P>(draft: &Draft<P>, title: &str, label: String) -> Diagnostic {
    Diagnostic::new(&draft.source, draft.span.clone(), title, label)
}
