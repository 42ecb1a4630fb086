//! STATUS, typed: what a receiver tells of itself (US 9,331,890, FIG. 8, 802).

use crate::control::StatusEntry;

/// What is known of a device, its link and its load. What is `None` is not known.
///
/// ```
/// use wsconform_reference::StatusEntry;
/// use wsconform_reference::rate::{Facts, Link};
///
/// let mut facts = Facts { link: Some(Link::Cellular), backlog: Some(10_000), ..Facts::default() };
/// let entries = facts.entries();
/// assert_eq!(entries[0], StatusEntry { id: 0x10, value: vec![3] });
///
/// // What the next STATUS says replaces what it speaks of; the rest holds.
/// facts.update(&[StatusEntry { id: 0x10, value: vec![2] }]);
/// assert_eq!((facts.link, facts.backlog), (Some(Link::WiFi), Some(10_000)));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// 0x01: what kind of device.
    pub device: Option<Device>,
    /// 0x02: the power state of the processor, of its highest.
    pub processor_power: Option<Percent>,
    /// 0x03: the power scheme.
    pub scheme: Option<PowerScheme>,
    /// 0x04: the power in use.
    pub power_in_use: Option<Power>,
    /// 0x05: the power available.
    pub power_available: Option<PowerSources>,
    /// 0x06: what is left in the battery.
    pub battery_level: Option<Percent>,
    /// 0x07: the battery's type.
    pub battery_type: Option<BatteryType>,
    /// 0x08: whether it is charged.
    pub charging: Option<Charging>,
    /// 0x09: what the device has drawn, newest first.
    pub power_history: Option<Vec<PowerSample>>,
    /// 0x0A: what was left in the battery, newest first.
    pub battery_history: Option<Vec<BatterySample>>,
    /// 0x10: the type of the link.
    pub link: Option<Link>,
    /// 0x11: octets that may go over the link in the present period.
    pub quota: Option<u64>,
    /// 0x12: octets of them that went already.
    pub quota_used: Option<u64>,
    /// 0x13: seconds until the period ends.
    pub quota_seconds: Option<u32>,
    /// 0x20: use of the processor.
    pub processor: Option<Percent>,
    /// 0x21: use of memory.
    pub memory: Option<Percent>,
    /// 0x22: use of storage.
    pub storage: Option<Percent>,
    /// 0x23: octets received and not yet processed.
    pub backlog: Option<u64>,
    /// 0x24: octets/s that the application can process.
    pub processing: Option<u64>,
    /// 0x25: octets/s that arrive.
    pub arrival: Option<u64>,
}

/// 0 to 100.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u8);

impl Percent {
    /// So many percent, if they are not more than 100.
    pub fn new(percent: u8) -> Option<Self> {
        (percent <= 100).then_some(Self(percent))
    }

    /// How many.
    pub fn get(self) -> u8 {
        self.0
    }

    /// This part of a number, rounded down.
    pub fn of(self, whole: u64) -> u64 {
        (u128::from(whole) * u128::from(self.0) / 100) as u64
    }
}

/// The power sources that a device has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PowerSources {
    /// A battery.
    pub battery: bool,
    /// Power from outside.
    pub external: bool,
}

/// What a device drew at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PowerSample {
    /// How long ago.
    pub seconds_ago: u32,
    /// How much.
    pub milliwatts: u32,
}

/// What was left in a battery at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatterySample {
    /// How long ago.
    pub seconds_ago: u32,
    /// How much.
    pub level: Percent,
}

/// A PowerSample's octets, and how many of them an entry holds.
const POWER_SAMPLE: usize = 8;
const BATTERY_SAMPLE: usize = 5;
const LONGEST_VALUE: usize = 255;

/// An enumeration of which each value has a code of one octet. Codes that are not known, 0 among
/// them, are `None`.
macro_rules! coded {
    ($($(#[$about:meta])* $name:ident { $($(#[$what:meta])* $value:ident = $code:literal,)* })*) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$what])* $value = $code,)* }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$value),*];

            fn from_code(code: u8) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| *value as u8 == code)
            }
        }
    )*};
}

coded! {
    /// A type of device.
    Device {
        /// A server.
        Server = 1,
        /// A desktop computer.
        Desktop = 2,
        /// A laptop.
        Laptop = 3,
        /// A tablet.
        Tablet = 4,
        /// A phone.
        Phone = 5,
        /// A watch, glasses and the like.
        Wearable = 6,
        /// A device that is part of something else.
        Embedded = 7,
    }

    /// How a device weighs power against speed.
    PowerScheme {
        /// Power is to be saved.
        Saving = 1,
        /// In between.
        Balanced = 2,
        /// Speed matters.
        Performance = 3,
    }

    /// Where power comes from.
    Power {
        /// The battery.
        Battery = 1,
        /// Outside.
        External = 2,
    }

    /// What a battery is made of.
    BatteryType {
        /// Lithium ion, lithium polymer.
        Lithium = 1,
        /// Nickel.
        Nickel = 2,
        /// Lead.
        Lead = 3,
        /// Something else.
        Other = 4,
    }

    /// What happens to a battery.
    Charging {
        /// It gets emptier.
        Discharging = 1,
        /// It gets fuller.
        Charging = 2,
        /// It is full.
        Full = 3,
    }

    /// A type of link.
    Link {
        /// A wire.
        Wired = 1,
        /// Wi-Fi.
        WiFi = 2,
        /// A cellular network.
        Cellular = 3,
        /// A satellite.
        Satellite = 4,
        /// Something else.
        Other = 5,
    }
}

impl Facts {
    /// Replaces what these entries speak of. An entry whose id is not known is passed over, and so is
    /// one whose value has not the form of its id; there are none of these in a message that was
    /// parsed.
    pub fn update(&mut self, entries: &[StatusEntry]) {
        for StatusEntry { id, value } in entries {
            // `None` if the form is wrong.
            let _ = self.update_one(*id, value);
        }
    }

    fn update_one(&mut self, id: u8, value: &[u8]) -> Option<()> {
        let octet = || <[u8; 1]>::try_from(value).ok().map(|[octet]| octet);
        let percent = || octet().and_then(Percent::new);
        let number = || value.try_into().ok().map(u64::from_be_bytes);
        match id {
            0x01 => self.device = Device::from_code(octet()?),
            0x02 => self.processor_power = Some(percent()?),
            0x03 => self.scheme = PowerScheme::from_code(octet()?),
            0x04 => self.power_in_use = Power::from_code(octet()?),
            0x05 => self.power_available = Some(PowerSources::from_bits(octet()?)),
            0x06 => self.battery_level = Some(percent()?),
            0x07 => self.battery_type = BatteryType::from_code(octet()?),
            0x08 => self.charging = Charging::from_code(octet()?),
            0x09 => self.power_history = Some(samples(value, PowerSample::read)?),
            0x0A => self.battery_history = Some(samples(value, BatterySample::read)?),
            0x10 => self.link = Link::from_code(octet()?),
            0x11 => self.quota = Some(number()?),
            0x12 => self.quota_used = Some(number()?),
            0x13 => self.quota_seconds = Some(u32::from_be_bytes(value.try_into().ok()?)),
            0x20 => self.processor = Some(percent()?),
            0x21 => self.memory = Some(percent()?),
            0x22 => self.storage = Some(percent()?),
            0x23 => self.backlog = Some(number()?),
            0x24 => self.processing = Some(number()?),
            0x25 => self.arrival = Some(number()?),
            _ => {}
        }
        Some(())
    }

    /// The entries that say all this, in the order of their ids. Histories are cut behind their
    /// newest samples to what an entry can hold: 31 of power, 51 of the battery.
    pub fn entries(&self) -> Vec<StatusEntry> {
        let percent = |percent: Option<Percent>| percent.map(|percent| vec![percent.0]);
        let number = |number: Option<u64>| number.map(|number| number.to_be_bytes().to_vec());
        let values = [
            (0x01, self.device.map(|value| vec![value as u8])),
            (0x02, percent(self.processor_power)),
            (0x03, self.scheme.map(|value| vec![value as u8])),
            (0x04, self.power_in_use.map(|value| vec![value as u8])),
            (0x05, self.power_available.map(|sources| vec![sources.bits()])),
            (0x06, percent(self.battery_level)),
            (0x07, self.battery_type.map(|value| vec![value as u8])),
            (0x08, self.charging.map(|value| vec![value as u8])),
            (0x09, self.power_history.as_deref().map(|all| history(all, PowerSample::write))),
            (0x0A, self.battery_history.as_deref().map(|all| history(all, BatterySample::write))),
            (0x10, self.link.map(|value| vec![value as u8])),
            (0x11, number(self.quota)),
            (0x12, number(self.quota_used)),
            (0x13, self.quota_seconds.map(|seconds| seconds.to_be_bytes().to_vec())),
            (0x20, percent(self.processor)),
            (0x21, percent(self.memory)),
            (0x22, percent(self.storage)),
            (0x23, number(self.backlog)),
            (0x24, number(self.processing)),
            (0x25, number(self.arrival)),
        ];
        values
            .into_iter()
            .filter_map(|(id, value)| Some(StatusEntry { id, value: value? }))
            .collect()
    }
}

impl PowerSources {
    fn from_bits(bits: u8) -> Self {
        Self { battery: bits & 1 != 0, external: bits & 2 != 0 }
    }

    fn bits(self) -> u8 {
        u8::from(self.battery) | u8::from(self.external) << 1
    }
}

impl PowerSample {
    fn read(octets: [u8; POWER_SAMPLE]) -> Option<Self> {
        let [a, b, c, d, e, f, g, h] = octets;
        let (seconds_ago, milliwatts) = ([a, b, c, d], [e, f, g, h]);
        let [seconds_ago, milliwatts] = [seconds_ago, milliwatts].map(u32::from_be_bytes);
        Some(Self { seconds_ago, milliwatts })
    }

    fn write(self) -> [u8; POWER_SAMPLE] {
        let ([a, b, c, d], [e, f, g, h]) =
            (self.seconds_ago.to_be_bytes(), self.milliwatts.to_be_bytes());
        [a, b, c, d, e, f, g, h]
    }
}

impl BatterySample {
    fn read([a, b, c, d, level]: [u8; BATTERY_SAMPLE]) -> Option<Self> {
        let seconds_ago = u32::from_be_bytes([a, b, c, d]);
        Percent::new(level).map(|level| Self { seconds_ago, level })
    }

    fn write(self) -> [u8; BATTERY_SAMPLE] {
        let [a, b, c, d] = self.seconds_ago.to_be_bytes();
        [a, b, c, d, self.level.0]
    }
}

fn samples<const N: usize, T>(value: &[u8], read: fn([u8; N]) -> Option<T>) -> Option<Vec<T>> {
    let (samples, []) = value.as_chunks::<N>() else { return None };
    samples.iter().map(|octets| read(*octets)).collect()
}

fn history<const N: usize, T: Copy>(samples: &[T], write: fn(T) -> [u8; N]) -> Vec<u8> {
    samples.iter().take(LONGEST_VALUE / N).flat_map(|sample| write(*sample)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::option::of;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::control::{ControlMessage, RateMessage};

    fn entry(id: u8, value: &[u8]) -> StatusEntry {
        StatusEntry { id, value: value.to_vec() }
    }

    #[test]
    fn unknown_ids_and_values_are_passed_over() {
        let mut facts = Facts { device: Some(Device::Phone), ..Facts::default() };
        facts.update(&[entry(0x30, &[1, 2, 3]), entry(0xFF, &[]), entry(0x05, &[0xFE])]);
        let sources = PowerSources { battery: false, external: true };
        assert_eq!((facts.device, facts.power_available), (Some(Device::Phone), Some(sources)));
        for unknown in [0, 8, 0xFF] {
            facts.device = Some(Device::Phone);
            facts.update(&[entry(0x01, &[unknown])]);
            assert_eq!(facts, Facts { power_available: Some(sources), ..Facts::default() });
        }
    }

    #[test]
    fn a_value_of_the_wrong_form_says_nothing() {
        let mut facts = Facts::default();
        let battery = entry(0x0A, &[0, 0, 0, 1, 101]);
        facts.update(&[entry(0x01, &[5, 5]), entry(0x06, &[101]), entry(0x11, &[1]), battery]);
        facts.update(&[entry(0x13, &[0; 8]), entry(0x09, &[0; 7]), entry(0x20, &[])]);
        assert_eq!(facts, Facts::default());
    }

    #[test]
    fn an_empty_history_is_a_history() {
        let mut facts = Facts::default();
        facts.update(&[entry(0x09, &[]), entry(0x0A, &[])]);
        assert_eq!((facts.power_history, facts.battery_history), (Some(vec![]), Some(vec![])));
    }

    #[test]
    fn a_long_history_keeps_its_newest() {
        let sample = |seconds_ago| BatterySample { seconds_ago, level: Percent(7) };
        let history: Vec<_> = (0..60).map(sample).collect();
        let mut facts = Facts { battery_history: Some(history.clone()), ..Facts::default() };
        facts.update(&facts.entries());
        assert_eq!(facts.battery_history.as_deref(), Some(&history[..51]));
    }

    fn percent() -> impl Strategy<Value = Option<Percent>> {
        of((0u8..=100).prop_map(Percent))
    }

    fn facts() -> impl Strategy<Value = Facts> {
        let power = (any::<u32>(), any::<u32>())
            .prop_map(|(seconds_ago, milliwatts)| PowerSample { seconds_ago, milliwatts });
        let battery = (any::<u32>(), 0u8..=100)
            .prop_map(|(seconds_ago, level)| BatterySample { seconds_ago, level: Percent(level) });
        let kinds = (
            of(select(Device::ALL)),
            of(select(PowerScheme::ALL)),
            of(select(Power::ALL)),
            of(any::<(bool, bool)>()),
            of(select(BatteryType::ALL)),
            of(select(Charging::ALL)),
            of(select(Link::ALL)),
        );
        let percents = (percent(), percent(), percent(), percent(), percent());
        let numbers = (
            of(any::<u64>()),
            of(any::<u64>()),
            of(any::<u32>()),
            of(any::<u64>()),
            of(any::<u64>()),
            of(any::<u64>()),
        );
        let histories =
            (of(prop::collection::vec(power, 0..=31)), of(prop::collection::vec(battery, 0..=51)));
        (kinds, percents, numbers, histories).prop_map(|(kinds, percents, numbers, histories)| {
            let (device, scheme, power_in_use, sources, battery_type, charging, link) = kinds;
            let (processor_power, battery_level, processor, memory, storage) = percents;
            let (quota, quota_used, quota_seconds, backlog, processing, arrival) = numbers;
            let (power_history, battery_history) = histories;
            let power_available =
                sources.map(|(battery, external)| PowerSources { battery, external });
            Facts {
                device,
                processor_power,
                scheme,
                power_in_use,
                power_available,
                battery_level,
                battery_type,
                charging,
                power_history,
                battery_history,
                link,
                quota,
                quota_used,
                quota_seconds,
                processor,
                memory,
                storage,
                backlog,
                processing,
                arrival,
            }
        })
    }

    proptest! {
        /// All that can be said is a STATUS that the other party parses, and understands.
        #[test]
        fn what_is_written_is_read(facts in facts()) {
            let message = RateMessage::Status(facts.entries());
            let octets = ControlMessage::Rate(message.clone()).encode();
            let parsed = ControlMessage::parse(crate::Capability::RateControl, &octets);
            prop_assert_eq!(parsed, Ok(Some(ControlMessage::Rate(message))));
            let mut read = Facts::default();
            read.update(&facts.entries());
            prop_assert_eq!(read, facts);
        }
    }
}
