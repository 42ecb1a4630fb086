//! Offers answered, answers judged (US 9,331,890, FIG. 2 to 4; claims 3 to 5, 15, 20).

use super::agreement::ParameterFault;
use super::{Agreement, Allocator, Capability, Pace, Parameters, SenderRule, Sequence};
use crate::catalogue::catalogue;
use crate::close_code::CloseCode;
use crate::handshake::Extension;

catalogue! {
    /// Why a client fails the connection over a capability in the answer.
    pub enum AgreementFault: CloseCode {
        /// No `control`.
        NoControl(token: String) => "negotiation.client.control", CloseCode::PROTOCOL_ERROR,
            "{token} was accepted without control";
        /// It is not 8 hexadecimal digits.
        Control(value: String) => "negotiation.client.control", CloseCode::PROTOCOL_ERROR,
            "control={value:?} is not 8 hexadecimal digits";
        /// A parameter that the capability does not have.
        UnknownParameter(name: String) => "negotiation.client.unknown", CloseCode::PROTOCOL_ERROR,
            "the answer has an unknown parameter {name}";
        /// A parameter that comes twice.
        RepeatedParameter(name: String) => "negotiation.client.unknown", CloseCode::PROTOCOL_ERROR,
            "the answer gives the parameter {name} twice";
        /// A value that the parameter does not have.
        OutOfRange(name: String) => "negotiation.client.unknown", CloseCode::PROTOCOL_ERROR,
            "the value of {name} in the answer is out of range";
        /// A capability that comes twice.
        Repeated(token: String) => "negotiation.client.once", CloseCode::PROTOCOL_ERROR,
            "the answer names {token} twice";
        /// More than any alternative of the offer.
        Widened(name: String) => "negotiation.client.not-widened", CloseCode::PROTOCOL_ERROR,
            "the answer widens what was offered as {name}";
        /// A strict pace where one party can't be told anything.
        StrictAlone(token: String) => "negotiation.client.not-widened", CloseCode::PROTOCOL_ERROR,
            "{token} was accepted with pace=strict, but not with sender=both";
    }
}

impl AgreementFault {
    /// The close code of a Close frame, which is optional here: the connection was never open.
    pub fn close_code(&self) -> CloseCode {
        self.code()
    }
}

/// The offer of a capability with these parameters; defaults are left out.
///
/// ```
/// use wsconform_reference::{Capability, Parameters, offer};
///
/// let parameters = Parameters { burst: 4096, ..Parameters::default() };
/// let offer = offer(Capability::RateControl, &parameters);
/// assert_eq!(offer.to_string(), "rate-control; burst=4096");
/// ```
pub fn offer(capability: Capability, parameters: &Parameters) -> Extension {
    Extension { token: capability.token().to_owned(), parameters: parameters.write_offer() }
}

/// What a server that supports these capabilities accepts of a client's offers: of each capability
/// the first acceptable alternative, in the client's order.
///
/// ```
/// use wsconform_reference::{Allocator, Capability, Sequence, negotiate, parse_extensions};
///
/// let offers = parse_extensions("rate-control; burst=9, rate-control; sender=client")?;
/// let mut allocator = Allocator::new(Sequence([0xF0, 0x80, 0x00, 0x00]));
/// let agreements = negotiate(&offers, &[Capability::RateControl], &mut allocator);
/// assert_eq!(
///     agreements[0].to_extension().to_string(),
///     "rate-control; control=F0800000; sender=client; pace=advisory; burst=65536; step=10; ack=0"
/// );
/// # Ok::<(), wsconform_reference::MalformedExtensions>(())
/// ```
pub fn negotiate(
    offers: &[Extension],
    supported: &[Capability],
    allocator: &mut Allocator,
) -> Vec<Agreement> {
    let mut agreements: Vec<Agreement> = Vec::new();
    for offer in offers {
        let Some(capability) = Capability::from_token(&offer.token) else { continue };
        let answered = agreements.iter().any(|agreement| agreement.capability == capability);
        if answered || !supported.contains(&capability) {
            continue;
        }
        if let Ok((offered, None)) = Parameters::read(offer) {
            let (sequence, parameters) = (allocator.next(), answer(&offered));
            agreements.push(Agreement { capability, sequence, parameters });
        }
    }
    agreements
}

/// A client's judgement of an answer to its offers. Extensions that are no capability are passed
/// over.
///
/// # Errors
///
/// The first reason to fail the connection.
pub fn accept_answer(
    offers: &[Extension],
    answer: &[Extension],
) -> Result<Vec<Agreement>, AgreementFault> {
    let mut agreements: Vec<Agreement> = Vec::new();
    for extension in answer {
        let Some(capability) = Capability::from_token(&extension.token) else { continue };
        if agreements.iter().any(|agreement| agreement.capability == capability) {
            return Err(AgreementFault::Repeated(extension.token.clone()));
        }
        let (parameters, control) = Parameters::read(extension)?;
        let control = control.ok_or(AgreementFault::NoControl(extension.token.clone()))?;
        let control = control.unwrap_or_default();
        let sequence =
            Sequence::from_hex(control).ok_or(AgreementFault::Control(control.to_owned()))?;
        if parameters.pace == Pace::Strict && parameters.sender != SenderRule::Both {
            return Err(AgreementFault::StrictAlone(extension.token.clone()));
        }
        fits_an_offer(capability, &parameters, offers)?;
        agreements.push(Agreement { capability, sequence, parameters });
    }
    Ok(agreements)
}

/// This server keeps to no promise, acknowledges nothing, and takes the rest as it was offered.
fn answer(offered: &Parameters) -> Parameters {
    Parameters { pace: Pace::Advisory, ack: 0, max_rate: None, ..offered.clone() }
}

/// An answer fits if it fits one alternative as a whole; if none, the first tells why.
fn fits_an_offer(
    capability: Capability,
    answer: &Parameters,
    offers: &[Extension],
) -> Result<(), AgreementFault> {
    let mut reason = None;
    for offer in offers.iter().filter(|offer| offer.token == capability.token()) {
        // No server accepts an alternative that is none of the capability.
        let Ok((offered, None)) = Parameters::read(offer) else { continue };
        match offered.widened_by(answer) {
            None => return Ok(()),
            Some(name) => reason = reason.or(Some(name)),
        }
    }
    Err(AgreementFault::Widened(reason.unwrap_or("nothing").to_owned()))
}

impl From<ParameterFault> for AgreementFault {
    fn from(fault: ParameterFault) -> Self {
        match fault {
            ParameterFault::Unknown(name) => Self::UnknownParameter(name),
            ParameterFault::Repeated(name) => Self::RepeatedParameter(name),
            ParameterFault::OutOfRange(name) => Self::OutOfRange(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::handshake::{parse_extensions, write_extensions};

    const ALL: &[Capability] = &Capability::ALL;

    fn answered(offers: &str) -> String {
        let offers = parse_extensions(offers).unwrap();
        let mut allocator = Allocator::new(Sequence([0xF0, 0x80, 0, 0]));
        let agreements = negotiate(&offers, ALL, &mut allocator);
        let answer: Vec<Extension> = agreements.iter().map(Agreement::to_extension).collect();
        if !answer.is_empty() {
            assert_eq!(accept_answer(&offers, &answer), Ok(agreements), "a client accepts it");
        }
        write_extensions(&answer)
    }

    #[test]
    fn the_first_acceptable_alternative_is_taken() {
        for (offers, burst) in [
            ("rate-control; burst=400, rate-control; burst=4096", "burst=400;"),
            ("rate-control; colour=red, x-other, rate-control; burst=300", "burst=300;"),
            ("rate-control; pace=strict; ack=1024; burst=\"256\"", "pace=advisory; burst=256;"),
        ] {
            let answer = answered(offers);
            assert!(answer.contains(burst), "{answer}");
            assert_eq!(answer.matches("rate-control").count(), 1);
        }
    }

    #[test]
    fn what_is_not_acceptable_is_not_answered() {
        for offer in [
            "Rate-Control",
            "rate-control; colour=red",
            "rate-control; burst=4096; burst=4096",
            "rate-control; control=F0800001",
            "rate-control; control",
            "rate-control; burst=255",
            "rate-control; burst=16777217",
            "rate-control; burst=0256",
            "rate-control; burst=+256",
            "rate-control; burst",
            "rate-control; step=91",
            "rate-control; ack=1",
            "rate-control; max-rate=0",
            "rate-control; max-rate=9007199254740992",
            "rate-control; max-rate=99999999999999999999999",
            "rate-control; sender=Client",
            "rate-control; sender",
            "rate-control; pace=slow",
        ] {
            assert_eq!(answered(offer), "", "{offer}");
        }
        let mut allocator = Allocator::new(Sequence([0; 4]));
        let offers = parse_extensions("rate-control").unwrap();
        assert_eq!(negotiate(&offers, &[], &mut allocator), [], "switched off");
    }

    #[test]
    fn a_client_accepts_what_fits_any_alternative() {
        let offers = parse_extensions(
            "rate-control; burst=256, rate-control; sender=client; \
            pace=strict; ack=2048",
        )
        .unwrap();
        for answer in [
            "rate-control; burst=256; step=90; control=F08000A1; max-rate=1",
            "rate-control; burst=256; sender=server; control=\"f08000a1\"",
            "rate-control; control=00000000; sender=client; ack=4096",
        ] {
            let answer = parse_extensions(answer).unwrap();
            assert_eq!(accept_answer(&offers, &answer).map(|agreed| agreed.len()), Ok(1));
        }
        let mixed = "rate-control; control=00000000; burst=256; ack=2048";
        assert!(accept_answer(&offers, &parse_extensions(mixed).unwrap()).is_err());
    }

    #[test]
    fn every_fault_says_why() {
        let offers = parse_extensions("rate-control").unwrap();
        let said: Vec<String> = [
            "rate-control",
            "rate-control; control",
            "rate-control; control=F08001",
            "rate-control; control=F080000G",
            "rate-control; control=F0800001; colour=red",
            "rate-control; control=F0800001; step=10; step=10",
            "rate-control; control=F0800001; burst=255",
            "rate-control; control=F0800001, rate-control; control=F0800002",
            "rate-control; control=F0800001; burst=16777216",
            "rate-control; control=F0800001; ack=1024",
            "rate-control; control=F0800001; pace=strict",
            "rate-control; control=F0800001; pace=strict; sender=client",
        ]
        .into_iter()
        .map(|answer| {
            accept_answer(&offers, &parse_extensions(answer).unwrap()).unwrap_err().to_string()
        })
        .collect();
        insta::assert_snapshot!(said.join("\n"), @r#"
        rate-control was accepted without control [negotiation.client.control]
        control="" is not 8 hexadecimal digits [negotiation.client.control]
        control="F08001" is not 8 hexadecimal digits [negotiation.client.control]
        control="F080000G" is not 8 hexadecimal digits [negotiation.client.control]
        the answer has an unknown parameter colour [negotiation.client.unknown]
        the answer gives the parameter step twice [negotiation.client.unknown]
        the value of burst in the answer is out of range [negotiation.client.unknown]
        the answer names rate-control twice [negotiation.client.once]
        the answer widens what was offered as burst [negotiation.client.not-widened]
        the answer widens what was offered as ack [negotiation.client.not-widened]
        the answer widens what was offered as pace [negotiation.client.not-widened]
        rate-control was accepted with pace=strict, but not with sender=both [negotiation.client.not-widened]
        "#);
    }

    fn parameters() -> impl Strategy<Value = Parameters> {
        let senders =
            prop::sample::select(vec![SenderRule::Client, SenderRule::Server, SenderRule::Both]);
        let rates = prop::option::of(1u64..1 << 53);
        let paces = prop::sample::select(vec![Pace::Advisory, Pace::Strict]);
        let acks = prop_oneof![Just(0), 1024u64..1 << 53];
        (senders, rates, paces, 256u64..1 << 24, 1u64..91, acks).prop_map(
            |(sender, max_rate, pace, burst, step, ack)| Parameters {
                sender,
                max_rate,
                pace,
                burst,
                step,
                ack,
            },
        )
    }

    proptest! {
        #[test]
        fn an_offer_and_an_answer_say_what_was_meant(parameters in parameters(), octets: [u8; 4]) {
            let offer = offer(Capability::RateControl, &parameters);
            prop_assert_eq!(Parameters::read(&offer), Ok((parameters.clone(), None)));
            let sequence = Sequence(octets);
            let agreement = Agreement { parameters, ..Agreement::rate_control(sequence) };
            let (read, control) = Parameters::read(&agreement.to_extension()).map(
                |(read, control)| (read, control.flatten().and_then(Sequence::from_hex))).unwrap();
            prop_assert_eq!((read, control), (agreement.parameters, Some(sequence)));
        }

        #[test]
        fn a_client_accepts_every_answer_of_this_server(
            offers in prop::collection::vec(parameters(), 1..4),
        ) {
            let offers: Vec<Extension> =
                offers.iter().map(|wanted| offer(Capability::RateControl, wanted)).collect();
            prop_assert!(answered(&write_extensions(&offers)).starts_with("rate-control"));
        }
    }
}
