//! What an endpoint does for those who ask: the policy of who answers offers.

use super::{
    Capability, HeartbeatParameters, IdleParameters, Pace, Parameters, RateParameters, SenderRule,
};

/// The capabilities that an endpoint accepts, and how far.
///
/// ```
/// use wsconform_reference::{Capability, RateSupport, Support};
///
/// let rate = RateSupport { max_rate: Some(1_000_000), ..RateSupport::default() };
/// let support = Support { rate_control: Some(rate), ..Support::none() };
/// assert!(support.has(Capability::RateControl) && !support.has(Capability::Heartbeat));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Support {
    /// `rate-control`, on these terms.
    pub rate_control: Option<RateSupport>,
    /// `idle-timeout`, with at most so many ms.
    pub idle_timeout: Option<u64>,
    /// `heartbeat`, with an interval of at least so many ms; with more than any has, without one.
    pub heartbeat: Option<u64>,
    /// `control-setup`, in the opening handshake or by subprotocol.
    pub control_setup: bool,
}

/// What an endpoint does of `rate-control`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateSupport {
    /// Whether it keeps a strict pace.
    pub strict: bool,
    /// The most that it sends, in octets/s: 1 to 2^53-1; `None` is unlimited.
    pub max_rate: Option<u64>,
    /// Whether it acknowledges what its application has processed.
    pub acknowledges: bool,
}

impl Default for RateSupport {
    /// All of it, without a maximum.
    fn default() -> Self {
        Self { strict: true, max_rate: None, acknowledges: true }
    }
}

impl Support {
    /// Accepts everything as it is offered.
    pub fn all() -> Self {
        Self {
            rate_control: Some(RateSupport::default()),
            idle_timeout: Some(u64::MAX),
            heartbeat: Some(0),
            control_setup: true,
        }
    }

    /// Declines everything: a plain endpoint of RFC 6455.
    pub fn none() -> Self {
        Self { rate_control: None, idle_timeout: None, heartbeat: None, control_setup: false }
    }

    /// Whether it accepts this capability at all.
    pub fn has(&self, capability: Capability) -> bool {
        match capability {
            Capability::RateControl => self.rate_control.is_some(),
            Capability::IdleTimeout => self.idle_timeout.is_some(),
            Capability::Heartbeat => self.heartbeat.is_some(),
            Capability::ControlSetup => self.control_setup,
        }
    }

    /// The same without this capability.
    #[must_use]
    pub fn without(mut self, capability: Capability) -> Self {
        match capability {
            Capability::RateControl => self.rate_control = None,
            Capability::IdleTimeout => self.idle_timeout = None,
            Capability::Heartbeat => self.heartbeat = None,
            Capability::ControlSetup => self.control_setup = false,
        }
        self
    }

    /// The answer to an acceptable offer: never wider. `None` declines it.
    pub(super) fn answer(&self, offered: Parameters) -> Option<Parameters> {
        Some(match offered {
            Parameters::RateControl(offered) => {
                Parameters::RateControl(self.rate_control.as_ref()?.answer(offered))
            }
            Parameters::IdleTimeout(IdleParameters { sender, timeout }) => {
                let timeout = timeout.min(self.idle_timeout?.max(100));
                Parameters::IdleTimeout(IdleParameters { sender, timeout })
            }
            Parameters::Heartbeat(HeartbeatParameters { interval: offered }) => {
                let shortest = self.heartbeat?;
                let interval = offered.max(shortest);
                let none = offered == 0 || interval > HeartbeatParameters::LONGEST;
                let interval = if none { 0 } else { interval };
                Parameters::Heartbeat(HeartbeatParameters { interval })
            }
            Parameters::ControlSetup if self.control_setup => Parameters::ControlSetup,
            Parameters::ControlSetup => return None,
        })
    }
}

impl RateSupport {
    fn answer(&self, offered: RateParameters) -> RateParameters {
        let strict = self.strict && offered.sender == SenderRule::Both;
        RateParameters {
            max_rate: self.max_rate,
            pace: if strict { offered.pace } else { Pace::Advisory },
            ack: if self.acknowledges { offered.ack } else { 0 },
            ..offered
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::parameters::tests::parameters;
    use super::*;

    prop_compose! {
        fn support()(
            (strict, acknowledges, control_setup) in any::<(bool, bool, bool)>(),
            max_rate in prop::option::of(1u64..1 << 53),
            rates: bool,
            idle_timeout in prop::option::of(any::<u64>()),
            heartbeat in prop::option::of(0u64..4_000_000),
        ) -> Support {
            let rate_control = rates.then_some(RateSupport { strict, max_rate, acknowledges });
            Support { rate_control, idle_timeout, heartbeat, control_setup }
        }
    }

    proptest! {
        #[test]
        fn no_answer_widens_its_offer(support in support(), offered in parameters()) {
            let capability = offered.capability();
            let answer = support.answer(offered.clone());
            prop_assert_eq!(answer.is_some(), support.has(capability));
            if let Some(answer) = answer {
                prop_assert_eq!(offered.widened_by(&answer), None);
                let offer = answer.to_offer();
                let read = Parameters::read(capability, &offer);
                prop_assert_eq!(read, Ok((answer, None)), "in range");
            }
            prop_assert_eq!(support.without(capability).answer(offered), None);
        }
    }
}
