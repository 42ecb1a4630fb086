//! The values of parameters: words and numbers.

use crate::control::SenderRule;

/// Why a parameter could not be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// The capability has no parameter of this name.
    Name,
    /// The parameter has no such value.
    Value,
}

/// The largest number of octets and of octets a second: scripts count in doubles.
pub(super) const LARGEST: u64 = (1 << 53) - 1;

/// The words of `sender`.
pub(super) const SENDERS: [(&str, SenderRule); 3] =
    [("client", SenderRule::Client), ("server", SenderRule::Server), ("both", SenderRule::Both)];

/// Sets a parameter to a value, if it has one.
pub(super) fn set<T>(place: &mut T, value: Option<T>) -> Result<(), Wrong> {
    value.map(|value| *place = value).ok_or(Wrong::Value)
}

/// The value that a word stands for; letter case counts.
pub(super) fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Option<T> {
    words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
}

/// The word that stands for a value.
pub(super) fn spelt<'a, T: PartialEq>(value: &T, words: &[(&'a str, T)]) -> &'a str {
    words.iter().find(|(_, one)| one == value).map_or("", |(word, _)| word)
}

/// A decimal number without leading zeros.
pub(super) fn number(text: &str, least: u64, most: u64) -> Option<u64> {
    let plain = !text.starts_with('0') && text.bytes().all(|digit| digit.is_ascii_digit());
    let number = plain.then(|| text.parse().ok())??;
    (least..=most).contains(&number).then_some(number)
}

/// The same, or 0 for what is switched off.
pub(super) fn number_or_none(text: &str, least: u64, most: u64) -> Option<u64> {
    if text == "0" { Some(0) } else { number(text, least, most) }
}

/// Whether an answer of `answered` is no wider than an offer of `offered`, where 0 is off and
/// more is less often.
pub(super) fn is_rarer(answered: u64, offered: u64) -> bool {
    answered == 0 || (offered != 0 && answered >= offered)
}
