//! Offers answered, answers judged (US 9,331,890, FIG. 2 to 4; claims 3 to 5, 15, 20).

use super::parameters::ParameterFault;
use super::{Agreement, Allocator, Capability, Pace, Parameters, Sequence, Support};
use crate::catalogue::catalogue;
use crate::close_code::CloseCode;
use crate::handshake::Extension;

catalogue! {
    /// Why a client fails the connection over a capability in the answer.
    pub enum AgreementFault: CloseCode {
        /// No list of extensions.
        Malformed(value: String) => "negotiation.client.malformed", CloseCode::PROTOCOL_ERROR,
            "{value:?} is no list of extensions";
        /// An extension that was not offered.
        Unoffered(token: String) => "opening.client.extensions", CloseCode::PROTOCOL_ERROR,
            "the extension {token} was not offered";
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
        /// Two capabilities with one sequence.
        Shared(sequence: Sequence) => "negotiation.client.distinct", CloseCode::PROTOCOL_ERROR,
            "the answer gives {sequence} to two capabilities";
        /// A sequence that marks another capability already.
        InUse(sequence: Sequence) => "setup.answer.distinct", CloseCode::PROTOCOL_ERROR,
            "the answer assigns {sequence}, which is in use in this connection";
        /// `control-setup` both by subprotocol and as an extension.
        BootstrapTwice => "bootstrap.twice", CloseCode::PROTOCOL_ERROR,
            "control-setup was selected as a subprotocol and accepted as an extension";
        /// The sequence of the subprotocol for another capability too.
        BootstrapShared(sequence: Sequence) => "bootstrap.distinct", CloseCode::PROTOCOL_ERROR,
            "{sequence}, which the subprotocol gives to control-setup, was assigned once more";
    }
}

impl AgreementFault {
    /// The close code of a Close frame, which is optional in the opening handshake: the connection
    /// was never open.
    pub fn close_code(&self) -> CloseCode {
        self.code()
    }
}

/// What an endpoint with this support accepts of offers: of each capability the first acceptable
/// alternative, in the order of who offers. What is not acceptable keeps nothing else from being
/// accepted.
///
/// ```
/// use wsconform_reference::{Allocator, Sequence, Support, negotiate, parse_extensions};
///
/// let offers = parse_extensions("heartbeat, idle-timeout; timeout=9, idle-timeout; timeout=900")?;
/// let mut allocator = Allocator::new(Sequence([0xF0, 0x80, 0x00, 0x00]));
/// let agreements = negotiate(&offers, &Support::all(), &mut allocator);
/// let answers = agreements.iter().map(|agreement| agreement.to_extension().to_string());
/// assert_eq!(
///     answers.collect::<Vec<_>>(),
///     [
///         "heartbeat; control=F0800000; interval=0",
///         "idle-timeout; control=F0800001; sender=both; timeout=900"
///     ]
/// );
/// # Ok::<(), wsconform_reference::MalformedExtensions>(())
/// ```
pub fn negotiate(
    offers: &[Extension],
    support: &Support,
    allocator: &mut Allocator,
) -> Vec<Agreement> {
    let mut agreements: Vec<Agreement> = Vec::new();
    for offer in offers {
        let Some(capability) = Capability::from_token(&offer.token) else { continue };
        if agreements.iter().any(|agreement| agreement.capability() == capability) {
            continue;
        }
        let Ok((offered, None)) = Parameters::read(capability, offer) else { continue };
        let offerer_max_rate = max_rate(&offered);
        if let Some(parameters) = support.answer(offered) {
            let sequence = allocator.next();
            agreements.push(Agreement { sequence, parameters, offerer_max_rate });
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
        if agreements.iter().any(|agreement| agreement.capability() == capability) {
            return Err(AgreementFault::Repeated(extension.token.clone()));
        }
        let (parameters, control) = Parameters::read(capability, extension)?;
        let control = control.ok_or(AgreementFault::NoControl(extension.token.clone()))?;
        let control = control.unwrap_or_default();
        let sequence =
            Sequence::from_hex(control).ok_or(AgreementFault::Control(control.to_owned()))?;
        if agreements.iter().any(|agreement| agreement.sequence == sequence) {
            return Err(AgreementFault::Shared(sequence));
        }
        if promises_alone(&parameters) {
            return Err(AgreementFault::StrictAlone(extension.token.clone()));
        }
        let offerer_max_rate = max_rate(&fitting_offer(&parameters, offers)?);
        agreements.push(Agreement { sequence, parameters, offerer_max_rate });
    }
    Ok(agreements)
}

/// An offerer's judgement of an ANSWER on an open connection in which these sequences are in use:
/// nothing but capabilities can be accepted here.
pub(crate) fn accept_setup(
    offers: &[Extension],
    answer: &[Extension],
    in_use: &[Sequence],
) -> Result<Vec<Agreement>, AgreementFault> {
    let offered = |one: &&Extension| offers.iter().any(|offer| offer.token == one.token);
    if let Some(unoffered) = answer.iter().find(|one| !offered(one)) {
        return Err(AgreementFault::Unoffered(unoffered.token.clone()));
    }
    let agreements = accept_answer(offers, answer)?;
    let used = agreements.iter().find(|agreement| in_use.contains(&agreement.sequence));
    match used {
        Some(agreement) => Err(AgreementFault::InUse(agreement.sequence)),
        None => Ok(agreements),
    }
}

fn max_rate(parameters: &Parameters) -> Option<u64> {
    match parameters {
        Parameters::RateControl(rate) => rate.max_rate,
        _ => None,
    }
}

fn promises_alone(parameters: &Parameters) -> bool {
    matches!(parameters, Parameters::RateControl(rate)
        if rate.pace == Pace::Strict && !rate.is_strict())
}

/// The alternative that an answer fits as a whole; if there is none, the first tells why.
fn fitting_offer(answer: &Parameters, offers: &[Extension]) -> Result<Parameters, AgreementFault> {
    let capability = answer.capability();
    let mut reason = None;
    for offer in offers.iter().filter(|offer| offer.token == capability.token()) {
        // No server accepts an alternative that is none of the capability.
        let Ok((offered, None)) = Parameters::read(capability, offer) else { continue };
        match offered.widened_by(answer) {
            None => return Ok(offered),
            Some(name) => reason = reason.or(Some(name)),
        }
    }
    Err(match reason {
        Some(name) => AgreementFault::Widened(name.to_owned()),
        None => AgreementFault::Unoffered(capability.token().to_owned()),
    })
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

    use super::super::parameters::tests::parameters;
    use super::super::support::RateSupport;
    use super::*;
    use crate::handshake::{parse_extensions, write_extensions};

    fn agreed(offers: &str, support: &Support) -> Vec<Agreement> {
        let offers = parse_extensions(offers).unwrap();
        let mut allocator = Allocator::new(Sequence([0xF0, 0x80, 0, 0]));
        let agreements = negotiate(&offers, support, &mut allocator);
        let answer: Vec<Extension> = agreements.iter().map(Agreement::to_extension).collect();
        assert_eq!(accept_answer(&offers, &answer), Ok(agreements.clone()), "a client accepts it");
        agreements
    }

    fn answered(offers: &str) -> String {
        let agreements = agreed(offers, &Support::all());
        write_extensions(&agreements.iter().map(Agreement::to_extension).collect::<Vec<_>>())
    }

    #[test]
    fn the_first_acceptable_alternative_is_taken() {
        for (offers, burst) in [
            ("rate-control; burst=400, rate-control; burst=4096", "burst=400;"),
            ("rate-control; colour=red, x-other, rate-control; burst=300", "burst=300;"),
            ("rate-control; pace=strict; ack=1024; burst=\"256\"", "pace=strict; burst=256;"),
            ("rate-control; pace=strict; sender=client", "sender=client; pace=advisory;"),
        ] {
            let answer = answered(offers);
            assert!(answer.contains(burst), "{answer}");
            assert_eq!(answer.matches("rate-control").count(), 1);
        }
    }

    #[test]
    fn each_capability_is_answered_by_itself() {
        let offers = "x-other, rate-control; burst=1, heartbeat; interval=100, control-setup; a, \
            idle-timeout; timeout=1000, control-setup, heartbeat";
        insta::assert_snapshot!(answered(offers).replace(", ", "\n"), @r"
        heartbeat; control=F0800000; interval=100
        idle-timeout; control=F0800001; sender=both; timeout=1000
        control-setup; control=F0800002
        ");
    }

    #[test]
    fn a_server_keeps_to_what_it_can() {
        let rate = RateSupport { strict: false, max_rate: Some(5000), acknowledges: false };
        let support = Support {
            rate_control: Some(rate),
            idle_timeout: Some(1000),
            heartbeat: Some(500),
            control_setup: false,
        };
        let offers = "rate-control; pace=strict; ack=1024; max-rate=70, idle-timeout, \
            heartbeat; interval=100, control-setup";
        let agreements = agreed(offers, &support);
        assert_eq!(agreements[0].offerer_max_rate, Some(70));
        let answer: Vec<String> =
            agreements.iter().map(|agreement| agreement.to_extension().to_string()).collect();
        insta::assert_snapshot!(answer.join("\n"), @r"
        rate-control; control=F0800000; sender=both; max-rate=5000; pace=advisory; burst=65536; step=10; ack=0
        idle-timeout; control=F0800001; sender=both; timeout=1000
        heartbeat; control=F0800002; interval=500
        ");
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
            "rate-control; burst",
            "rate-control; max-rate=99999999999999999999999",
            "rate-control; sender",
            "idle-timeout; interval=100",
            "heartbeat; sender=client",
            "control-setup; sender=server",
        ] {
            assert_eq!(answered(offer), "", "{offer}");
        }
        assert_eq!(agreed("rate-control, heartbeat", &Support::none()), []);
    }

    #[test]
    fn a_client_accepts_what_fits_any_alternative() {
        let offers = parse_extensions(
            "rate-control; burst=256; max-rate=7, rate-control; sender=client; \
            pace=strict; ack=2048",
        )
        .unwrap();
        for (answer, max_rate) in [
            ("rate-control; burst=256; step=90; control=F08000A1; max-rate=1", Some(7)),
            ("rate-control; burst=256; sender=server; control=\"f08000a1\"", Some(7)),
            ("rate-control; control=00000000; sender=client; ack=4096", None),
        ] {
            let answer = parse_extensions(answer).unwrap();
            let agreements = accept_answer(&offers, &answer).unwrap();
            assert_eq!((agreements.len(), agreements[0].offerer_max_rate), (1, max_rate));
        }
        let mixed = "rate-control; control=00000000; burst=256; ack=2048";
        assert!(accept_answer(&offers, &parse_extensions(mixed).unwrap()).is_err());
    }

    #[test]
    fn every_fault_says_why() {
        let offers = parse_extensions("rate-control, idle-timeout; timeout=500").unwrap();
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
            "idle-timeout; control=F0800001",
            "rate-control; control=F0800001, idle-timeout; timeout=500; control=F0800001",
            "heartbeat; control=F0800001",
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
        the answer widens what was offered as timeout [negotiation.client.not-widened]
        the answer gives F0800001 to two capabilities [negotiation.client.distinct]
        the extension heartbeat was not offered [opening.client.extensions]
        "#);
    }

    #[test]
    fn an_answer_on_an_open_connection_has_to_fit_too() {
        let offers = parse_extensions("heartbeat, x-other").unwrap();
        let in_use = [Sequence([0xF0, 0x80, 0, 0])];
        let accept = |answer| accept_setup(&offers, &parse_extensions(answer).unwrap(), &in_use);
        assert_eq!(accept("heartbeat; control=F0800001").map(|agreed| agreed.len()), Ok(1));
        let taken = accept("heartbeat; control=F0800000");
        assert_eq!(taken, Err(AgreementFault::InUse(in_use[0])));
        let unoffered = accept("permessage-deflate");
        assert_eq!(unoffered, Err(AgreementFault::Unoffered("permessage-deflate".to_owned())));
        assert!(matches!(accept("heartbeat"), Err(AgreementFault::NoControl(_))));
    }

    proptest! {
        #[test]
        fn an_answer_says_what_was_agreed(parameters in parameters(), octets: [u8; 4]) {
            let sequence = Sequence(octets);
            let capability = parameters.capability();
            let agreement = Agreement { parameters, ..Agreement::of(capability, sequence) };
            let answer = agreement.to_extension();
            let (read, control) = Parameters::read(capability, &answer).unwrap();
            let control = control.flatten().and_then(Sequence::from_hex);
            prop_assert_eq!((read, control), (agreement.parameters, Some(sequence)));
        }

        #[test]
        fn a_client_accepts_every_answer_of_this_server(
            offers in prop::collection::vec(parameters(), 1..6),
        ) {
            let capabilities: std::collections::BTreeSet<Capability> =
                offers.iter().map(Parameters::capability).collect();
            let offers: Vec<Extension> = offers.iter().map(Parameters::to_offer).collect();
            let agreements = agreed(&write_extensions(&offers), &Support::all());
            prop_assert_eq!(agreements.len(), capabilities.len());
        }
    }
}
