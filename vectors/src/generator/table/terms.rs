//! Negotiation by hand: text cut at its signs, and the table of parameters as the book has it.

use std::collections::BTreeMap;

use crate::octets::{Octets, Sequence};
use crate::table::{Agreed, Negotiated, NegotiationGiven};

type Terms = BTreeMap<String, String>;

/// What follows.
pub(in crate::generator) fn negotiated(given: &NegotiationGiven) -> Option<Negotiated> {
    let refused = |requirement: &str| Negotiated::Refused { requirement: requirement.to_owned() };
    let Some(offers) = list(&given.offers) else {
        return given.answer.is_none().then(|| refused("negotiation.server.malformed"));
    };
    let Some(answer) = &given.answer else {
        return Some(Negotiated::Offered { accepts: accepted(&offers) });
    };
    Some(match list(answer) {
        None => refused("negotiation.client.malformed"),
        Some(answer) => match agreed(&offers, &answer) {
            Ok(agreed) => Negotiated::Agreed { agreed },
            Err(requirement) => refused(requirement),
        },
    })
}

/// An extension as it is written.
struct Written {
    token: String,
    /// Names and values.
    parameters: Vec<(String, Option<String>)>,
}

/// The values of a parameter.
enum Values {
    Words(&'static [&'static str]),
    /// From and to, and whether 0 is one too.
    Numbers(u64, u64, bool),
}

/// A parameter: name, values, default.
type Parameter = (&'static str, Values, Option<&'static str>);

const BOTH: Parameter = ("sender", Values::Words(&["both"]), Some("both"));
const SENDER: Parameter = ("sender", Values::Words(&["client", "server", "both"]), Some("both"));
const BEYOND: u64 = (1 << 53) - 1;

fn parameters(capability: &str) -> Option<Vec<Parameter>> {
    use Values::{Numbers, Words};

    Some(match capability {
        "rate-control" => vec![
            SENDER,
            ("max-rate", Numbers(1, BEYOND, false), None),
            ("pace", Words(&["advisory", "strict"]), Some("advisory")),
            ("burst", Numbers(256, 16_777_216, false), Some("65536")),
            ("step", Numbers(1, 90, false), Some("10")),
            ("ack", Numbers(1024, BEYOND, true), Some("0")),
        ],
        "idle-timeout" => {
            vec![SENDER, ("timeout", Numbers(100, 86_400_000, false), Some("60000"))]
        }
        "heartbeat" => vec![BOTH, ("interval", Numbers(100, 3_600_000, true), Some("0"))],
        "control-setup" => vec![BOTH],
        _ => return None,
    })
}

/// Of each capability the first alternative that is all right.
fn accepted(offers: &[Written]) -> Vec<Agreed> {
    let mut accepted: Vec<Agreed> = Vec::new();
    for offer in offers {
        let known = |one: &Agreed| one.capability == offer.token;
        if let Some((mut terms, None)) = terms(offer)
            && !accepted.iter().any(known)
        {
            if terms.get("sender").is_some_and(|sender| sender != "both")
                && terms.contains_key("pace")
            {
                terms.insert("pace".to_owned(), "advisory".to_owned());
            }
            let capability = offer.token.clone();
            accepted.push(Agreed { capability, control: None, parameters: terms });
        }
    }
    accepted
}

fn agreed(offers: &[Written], answer: &[Written]) -> Result<Vec<Agreed>, &'static str> {
    let mut agreed: Vec<Agreed> = Vec::new();
    for extension in answer {
        let alternatives: Vec<&Written> =
            offers.iter().filter(|offer| offer.token == extension.token).collect();
        if alternatives.is_empty() {
            return Err("opening.client.extensions");
        }
        if agreed.iter().any(|one| one.capability == extension.token) {
            return Err("negotiation.client.once");
        }
        let (parameters, control) = terms(extension).ok_or("negotiation.client.unknown")?;
        let control = control.flatten().ok_or("negotiation.client.control")?;
        let is_hex = control.len() == 8 && control.bytes().all(|digit| digit.is_ascii_hexdigit());
        let Octets(octets) = Octets::try_from(control.to_ascii_uppercase())
            .map_err(|_| "negotiation.client.control")?;
        let control = octets.first_chunk().filter(|_| is_hex).copied().map(Sequence);
        let control = control.ok_or("negotiation.client.control")?;
        if agreed.iter().any(|one| one.control == Some(control)) {
            return Err("negotiation.client.distinct");
        }
        let is = |name: &str, value: &str| parameters.get(name).is_some_and(|one| one == value);
        if is("pace", "strict") && !is("sender", "both") {
            return Err("negotiation.client.not-widened");
        }
        let fits = |offer: &&Written| matches!(terms(offer), Some((offered, None)) if !is_wider(&parameters, &offered));
        if !alternatives.iter().any(fits) {
            return Err("negotiation.client.not-widened");
        }
        let capability = extension.token.clone();
        agreed.push(Agreed { capability, control: Some(control), parameters });
    }
    Ok(agreed)
}

/// Whether terms go beyond those that were offered.
fn is_wider(terms: &Terms, offered: &Terms) -> bool {
    let number = |value: &str| value.parse::<u64>().unwrap_or_default();
    terms.iter().any(|(name, value)| {
        let Some(offer) = offered.get(name) else { return false };
        match name.as_str() {
            "sender" => offer != "both" && value != offer,
            "pace" => offer == "advisory" && value == "strict",
            "burst" | "timeout" => number(value) > number(offer),
            "ack" | "interval" => {
                number(value) != 0 && (number(offer) == 0 || number(value) < number(offer))
            }
            _ => false,
        }
    })
}

/// The terms of an extension, and what it says of `control`; nothing if a parameter is unknown, comes
/// twice or has a value that it cannot have.
fn terms(extension: &Written) -> Option<(Terms, Option<Option<String>>)> {
    let known = parameters(&extension.token)?;
    let mut control = None;
    let mut terms = Terms::new();
    for (name, value) in &extension.parameters {
        if name == "control" {
            if control.replace(value.clone()).is_some() {
                return None;
            }
            continue;
        }
        let (_, values, _) = known.iter().find(|one| one.0 == name)?;
        let value = value.as_ref()?;
        let is_one = match values {
            Values::Words(words) => words.contains(&value.as_str()),
            Values::Numbers(from, to, with_zero) => value.parse::<u64>().is_ok_and(|number| {
                number.to_string() == *value
                    && ((*from..=*to).contains(&number) || *with_zero && number == 0)
            }),
        };
        if !is_one || terms.insert(name.clone(), value.clone()).is_some() {
            return None;
        }
    }
    for (name, _, default) in known {
        if let Some(default) = default {
            terms.entry(name.to_owned()).or_insert_with(|| default.to_owned());
        }
    }
    Some((terms, control))
}

/// The extensions of all fields; nothing if they break the grammar or are none.
fn list(fields: &[String]) -> Option<Vec<Written>> {
    let whole = fields.join(",");
    let elements = cut(&whole, ',')?;
    let written: Vec<Written> = elements
        .into_iter()
        .filter(|element| !element.is_empty())
        .map(|element| {
            let mut parts = cut(element, ';')?.into_iter();
            let token = parts.next().filter(|token| is_token(token))?.to_owned();
            let parameters = parts.map(parameter).collect::<Option<_>>()?;
            Some(Written { token, parameters })
        })
        .collect::<Option<_>>()?;
    (!written.is_empty()).then_some(written)
}

fn parameter(text: &str) -> Option<(String, Option<String>)> {
    let Some((name, value)) = text.split_once('=') else {
        return is_token(text).then(|| (text.to_owned(), None));
    };
    let (name, value) = (trimmed(name), trimmed(value));
    let value = match value.strip_prefix('"') {
        None => value.to_owned(),
        Some(quoted) => {
            let mut plain = String::new();
            let mut signs = quoted.strip_suffix('"')?.chars();
            while let Some(sign) = signs.next() {
                plain.push(if sign == '\\' { signs.next()? } else { sign });
            }
            plain
        }
    };
    (is_token(name) && is_token(&value)).then(|| (name.to_owned(), Some(value)))
}

/// The pieces between signs that are not in quotes, without white space around them.
fn cut(text: &str, sign: char) -> Option<Vec<&str>> {
    let (mut pieces, mut start) = (Vec::new(), 0);
    let (mut in_quotes, mut escaped) = (false, false);
    for (at, one) in text.char_indices() {
        match one {
            _ if escaped => escaped = false,
            '\\' if in_quotes => escaped = true,
            '"' => in_quotes = !in_quotes,
            _ if one == sign && !in_quotes => {
                pieces.push(trimmed(&text[start..at]));
                start = at + one.len_utf8();
            }
            _ => {}
        }
    }
    pieces.push(trimmed(&text[start..]));
    (!in_quotes).then_some(pieces)
}

fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

fn is_token(text: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.chars().all(is_sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_cut_outside_of_quotes() {
        let read = |text: &str| {
            let list = list(&[text.to_owned()])?;
            let written = list.iter().map(|one| format!("{} {:?}", one.token, one.parameters));
            Some(written.collect::<Vec<_>>().join("; "))
        };
        assert_eq!(read(" ,a ; b = \"\\c\" ,,d"), Some(r#"a [("b", Some("c"))]; d []"#.to_owned()));
        for wrong in [
            "",
            ",",
            "a;",
            "a b",
            "a; b=",
            "a; b=\"\"",
            "a; b=\"c",
            "a; b=c\"",
            "a; b=\"c d\"",
            "é",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
