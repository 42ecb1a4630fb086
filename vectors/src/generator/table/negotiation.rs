//! Negotiation: the reference, and reading by hand.

use std::collections::BTreeMap;

use wsconform_reference as reference;
use wsconform_reference::{Agreement, Allocator, Extension, Support};

use super::{Way, terms};
use crate::octets::Sequence;
use crate::table::{Agreed, Negotiated, NegotiationGiven};

pub(super) const WAYS: [Way<NegotiationGiven>; 2] =
    [("reference", by_reference), ("plain", terms::negotiated)];

fn by_reference(given: &NegotiationGiven) -> Option<Negotiated> {
    let read = |fields: &[String]| reference::parse_extensions(&fields.join(", "));
    let refused = |requirement: &str| Negotiated::Refused { requirement: requirement.to_owned() };
    let offers = read(&given.offers);
    let Some(answer) = &given.answer else {
        let Ok(offers) = offers else { return Some(refused("negotiation.server.malformed")) };
        let mut allocator = Allocator::new(reference::Sequence([0xF0, 0x80, 0, 0]));
        let agreements = reference::negotiate(&offers, &Support::all(), &mut allocator);
        let accepts = agreements.iter().map(|agreement| {
            let mut accepted = agreed(agreement);
            accepted.control = None;
            if let Some(max_rate) = agreement.offerer_max_rate {
                accepted.parameters.insert("max-rate".to_owned(), max_rate.to_string());
            }
            accepted
        });
        return Some(Negotiated::Offered { accepts: accepts.collect() });
    };
    let Ok(answer) = read(answer) else { return Some(refused("negotiation.client.malformed")) };
    Some(match reference::accept_answer(&offers.ok()?, &answer) {
        Ok(agreements) => Negotiated::Agreed { agreed: agreements.iter().map(agreed).collect() },
        Err(fault) => refused(fault.requirement()),
    })
}

/// What an agreement says when it is written as an answer, and what it leaves unsaid.
fn agreed(agreement: &Agreement) -> Agreed {
    let Extension { token, parameters } = agreement.to_extension();
    let said = parameters.into_iter().filter(|parameter| parameter.name != "control");
    let said = said.map(|parameter| (parameter.name, parameter.value.unwrap_or_default()));
    let mut parameters: BTreeMap<String, String> = said.collect();
    parameters.entry("sender".to_owned()).or_insert_with(|| "both".to_owned());
    Agreed { capability: token, control: Some(Sequence(agreement.sequence.0)), parameters }
}
