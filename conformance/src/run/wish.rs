//! What a step asks for of the capabilities that it negotiates.

use wsconform_spec::scenario::{Argument, Name, Negotiate};

use super::agreement::{Agreement, Sequence};
use super::case::{Played, Running, Stop};
use super::parameters::{Given, given};
use crate::wire::ExtensionList;

/// What a step asks for of one capability.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    /// The extension token.
    pub capability: String,
    /// The variable that holds what was agreed.
    pub variable: Option<String>,
    /// The parameters, by name.
    pub asked: Given,
    /// The parameters as they stand in an offer.
    text: String,
    /// Whether any answer will do, for the offer was written out.
    any: bool,
    /// What the harness is to assign.
    pub sequence: Option<Sequence>,
    /// How it is negotiated by a subprotocol, if it is.
    pub bootstrap: Option<Bootstrap>,
}

/// The subprotocol that negotiates `control-setup`.
#[derive(Clone, Debug)]
pub(super) struct Bootstrap {
    /// The subprotocol of the application, if the scenario names one.
    pub app: Option<String>,
}

impl Wish {
    /// As it stands in an offer: `rate-control; burst=4096`.
    pub(super) fn offer(&self) -> String {
        let separator = if self.text.is_empty() { "" } else { "; " };
        format!("{}{separator}{}", self.capability, self.text)
    }

    /// Why the case cannot go on with what was agreed, if it cannot.
    pub(super) fn disappointed(&self, agreement: &Agreement) -> Option<String> {
        if self.any {
            return None;
        }
        let narrowed = agreement.departs(&self.asked)?;
        Some(format!("the endpoint narrows {} to {narrowed}", self.capability))
    }
}

/// All offers as one list.
pub(super) fn offers<'w>(wishes: impl IntoIterator<Item = &'w Wish>) -> String {
    wishes.into_iter().map(Wish::offer).collect::<Vec<_>>().join(", ")
}

impl Running<'_> {
    /// What the settings of a step come to.
    pub(super) fn wishes(&mut self, offers: &[Negotiate]) -> Played<Vec<Wish>> {
        offers.iter().map(|negotiate| self.wish(negotiate)).collect()
    }

    fn wish(&mut self, negotiate: &Negotiate) -> Played<Wish> {
        let mut wish = Wish {
            capability: self.environment.name(&negotiate.capability)?,
            variable: negotiate.variable.clone(),
            asked: Given::new(),
            text: String::new(),
            any: false,
            sequence: None,
            bootstrap: None,
        };
        let (mut parameters, mut app) = (Vec::new(), None);
        for setting in &negotiate.settings {
            let Argument::Set { name: Name::Word(name), value, .. } = setting else { continue };
            let value = self.environment.value(value)?;
            match name.as_str() {
                "sequence" => {
                    let sequence = Sequence::try_from(value.octets()?)
                        .map_err(|_| Stop::Inconclusive("a sequence has four octets".into()))?;
                    wish.sequence = Some(sequence);
                }
                "offer" => {
                    wish.any = true;
                    parameters.push(value.text()?);
                }
                "by" if value.text()? == "subprotocol" => {
                    wish.bootstrap = Some(Bootstrap { app: None });
                }
                "by" => {}
                "app" => app = Some(value.text()?),
                name => parameters.push(format!("{name}={}", value.text()?)),
            }
        }
        if let Some(bootstrap) = &mut wish.bootstrap {
            bootstrap.app = app;
        }
        wish.text = parameters.join("; ");
        let list = ExtensionList::read(&wish.offer());
        wish.asked = list.items.first().map(given).unwrap_or_default();
        Ok(wish)
    }
}
