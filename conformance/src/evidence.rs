//! What there is for each requirement: the cases that name it, the peers that prove those cases.

use std::collections::BTreeSet;

use wsconform_peers::{PeerKind, broken, eccentric};
use wsconform_spec::scenario::{
    Action, Case, Negotiate, Outcome, RowValue, Scenario, Target, Verb,
};
use wsconform_spec::{Book, Evidence, EvidenceKind};

use crate::run::{
    JUDGED_IN_BAND, STANDING, judged, judged_with_bootstrap, judged_with_capability,
    judged_with_several,
};

/// All evidence for the requirements of `book`, in the order of the book.
pub fn evidence(book: &Book) -> Vec<Evidence> {
    let mut found = Vec::new();
    let mut add = |requirement: &str, kind: EvidenceKind, name: &str| {
        if let Some(requirement) = book.requirement(requirement) {
            let requirement = requirement.id.clone();
            found.push(Evidence { requirement, kind, name: name.to_owned() });
        }
    };
    for scenario in book.scenarios() {
        for requirement in claims(scenario) {
            add(&requirement, EvidenceKind::Case, &scenario.id);
        }
    }
    for requirement in STANDING.iter().chain(&["contract.connects", "contract.survives"]) {
        add(requirement, EvidenceKind::Case, "every case");
    }
    // The embedded files are those of this build: they were read back when they were generated.
    for (requirement, vector) in wsconform_vectors::covers().unwrap_or_default() {
        add(&requirement, EvidenceKind::Vector, &vector);
    }
    for peer in broken().iter().chain(eccentric()) {
        let (kind, requirements) = match peer.kind {
            PeerKind::Broken { violates } => (EvidenceKind::Peer, violates),
            PeerKind::Eccentric { uses } => (EvidenceKind::Freedom, uses),
        };
        for requirement in requirements {
            let is_may = book
                .requirement(requirement)
                .is_some_and(|found| found.level() == wsconform_spec::Level::May);
            if is_may == (kind == EvidenceKind::Freedom) {
                add(requirement, kind, peer.name);
            }
        }
    }
    found
}

/// The requirements that a scenario names, and those of its verbs, besides those of every case.
pub fn claims(scenario: &Scenario) -> BTreeSet<String> {
    let mut claims = BTreeSet::new();
    for step in &scenario.steps {
        match &step.action {
            Action::Open(offers) => {
                for role in &scenario.roles {
                    let mut held: Vec<&[&str]> = Vec::new();
                    if is_about_opening(scenario) {
                        held.push(judged(*role));
                        held.extend((!offers.is_empty()).then(|| judged_with_capability(*role)));
                    }
                    held.extend((offers.len() > 1).then(|| judged_with_several(*role)));
                    let by_subprotocol = offers.iter().any(Negotiate::is_by_subprotocol);
                    held.extend(by_subprotocol.then(|| judged_with_bootstrap(*role)));
                    claims.extend(held.concat().into_iter().map(str::to_owned));
                }
            }
            Action::Setup { .. } => {
                claims.extend(JUDGED_IN_BAND.iter().map(|id| (*id).to_owned()));
            }
            Action::Expect { outcomes, alternatives, .. } => {
                for outcome in outcomes.iter().chain(alternatives) {
                    claim_outcome(scenario, outcome, &mut claims);
                }
            }
            Action::Check { target, .. } => claim(scenario, target, &mut claims),
            Action::Measure { bounds, .. } => {
                for bound in bounds {
                    claim(scenario, &bound.target, &mut claims);
                }
            }
            _ => {}
        }
    }
    claims
}

/// The requirements that a case names: those of its scenario without those of other rows alone.
pub fn claims_of(case: &Case<'_>) -> BTreeSet<String> {
    let held = |cells: &mut dyn Iterator<Item = &RowValue>| {
        let named = cells.filter_map(|cell| match cell {
            RowValue::Requirement(id) => Some(id.clone()),
            RowValue::Value(_) | RowValue::Absent => None,
        });
        named.collect::<BTreeSet<_>>()
    };
    let mut rows = case.scenario.rows.iter().flat_map(|table| table.rows.iter().flatten());
    let (any, own) = (held(&mut rows), held(&mut case.row.values().copied()));
    let mut claims = claims(case.scenario);
    claims.retain(|id| !any.contains(id) || own.contains(id));
    claims
}

/// Most scenarios take the handshake for granted; these are about it.
fn is_about_opening(scenario: &Scenario) -> bool {
    let about = ["opening.server.answer", "opening.client.request", "negotiation.server.answer"];
    about.contains(&scenario.id.as_str())
}

fn claim_outcome(scenario: &Scenario, outcome: &Outcome, claims: &mut BTreeSet<String>) {
    if let Some(target) = &outcome.target {
        claim(scenario, target, claims);
    }
    // A bare `fail` asks for neither a Close nor a code.
    if outcome.item.verb == Verb::Fail && !outcome.item.arguments.is_empty() {
        let own = ["failing.close-frame", "failing.code", "failing.ends"];
        claims.extend(own.map(str::to_owned));
    }
}

fn claim(scenario: &Scenario, target: &Target, claims: &mut BTreeSet<String>) {
    match target {
        Target::Requirement(id) => {
            claims.insert(id.clone());
        }
        Target::Variable(_) => {
            let cells = scenario.rows.iter().flat_map(|table| table.rows.iter().flatten());
            claims.extend(cells.filter_map(|cell| match cell {
                RowValue::Requirement(id) => Some(id.clone()),
                RowValue::Value(_) | RowValue::Absent => None,
            }));
        }
    }
}
