//! The case ids of the suite: `7.9.3` is the third case of the group `7.9`, `2.10` the tenth of `2`.

use std::fmt;
use std::str::FromStr;

/// Cases that are numbered together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group {
    /// What the cases are about, as the suite counts it: 7 is closing.
    pub category: u16,
    /// The part of the category; a category without parts is a group itself.
    pub part: Option<u16>,
}

/// A case of the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId {
    /// Its group.
    pub group: Group,
    /// Its number in the group, from 1 on.
    pub number: u16,
}

/// Cases of a group that follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdRange {
    /// Their group.
    pub group: Group,
    /// The number of the first, at least 1.
    pub first: u16,
    /// The number of the last, at least that of the first.
    pub last: u16,
}

impl IdRange {
    /// The ids in it, in order.
    pub fn ids(self) -> impl Iterator<Item = CaseId> {
        (self.first..=self.last).map(move |number| CaseId { group: self.group, number })
    }
}

/// What is neither an id, a range nor a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedId;

impl fmt::Display for MalformedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id is two or three numbers, such as 2.10 or 7.9.3")
    }
}

impl std::error::Error for MalformedId {}

impl FromStr for Group {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        match numbers(text)?[..] {
            [category] => Ok(Self { category, part: None }),
            [category, part] => Ok(Self { category, part: Some(part) }),
            _ => Err(MalformedId),
        }
    }
}

impl FromStr for CaseId {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let (group, number) = match numbers(text)?[..] {
            [category, number] => (Group { category, part: None }, number),
            [category, part, number] => (Group { category, part: Some(part) }, number),
            _ => return Err(MalformedId),
        };
        Ok(Self { group, number })
    }
}

impl FromStr for IdRange {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let (first, last) = (first.parse::<CaseId>()?, last.parse::<CaseId>()?);
        if first.group != last.group || first.number > last.number {
            return Err(MalformedId);
        }
        Ok(Self { group: first.group, first: first.number, last: last.number })
    }
}

/// Numbers from 1 on, without leading zeros, between full stops.
fn numbers(text: &str) -> Result<Vec<u16>, MalformedId> {
    let number = |digits: &str| {
        let is_plain = digits.bytes().all(|one| one.is_ascii_digit()) && !digits.starts_with('0');
        digits.parse().ok().filter(|_| is_plain).ok_or(MalformedId)
    };
    text.split('.').map(number).collect()
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            None => write!(f, "{}", self.category),
            Some(part) => write!(f, "{}.{part}", self.category),
        }
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}", self.group, self.number))
    }
}

impl fmt::Display for IdRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = |number| CaseId { group: self.group, number };
        match self.first == self.last {
            true => id(self.first).fmt(f),
            false => f.pad(&format!("{}-{}", id(self.first), id(self.last))),
        }
    }
}

/// Ids in order, as few ranges as there are gaps: `6.6.2, 6.6.4-6.6.6`.
pub fn joined(ids: impl IntoIterator<Item = CaseId>) -> String {
    let mut ranges: Vec<IdRange> = Vec::new();
    for CaseId { group, number } in ids {
        match ranges.last_mut() {
            Some(last) if last.group == group && last.last.checked_add(1) == Some(number) => {
                last.last = number;
            }
            _ => ranges.push(IdRange { group, first: number, last: number }),
        }
    }
    ranges.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_ranges_are_read_as_they_are_written() {
        for text in ["2.10", "7.9.3", "6.5.1-6.5.5", "2.1-2.11"] {
            let range: IdRange = text.parse().unwrap();
            assert_eq!(range.to_string(), text);
        }
        let order: Vec<CaseId> =
            ["2.9", "2.10", "6.2.1", "6.10.1", "10.1.1"].map(|id| id.parse().unwrap()).into();
        assert!(order.is_sorted());
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in ["", "7", "7.", "7.9.3.1", "7.0.1", "07.9.1", "7.+9.1", "a.b", "7.9.99999"] {
            assert_eq!(text.parse::<CaseId>(), Err(MalformedId), "{text}");
        }
        for text in ["7.9.3-7.9.1", "7.9.1-7.7.3", "2.1-11", "2.1-2.3-2.5"] {
            assert_eq!(text.parse::<IdRange>(), Err(MalformedId), "{text}");
        }
    }

    #[test]
    fn ids_are_joined_without_gaps() {
        let ids = ["6.6.2", "6.6.4", "6.6.5", "6.7.1"].map(|id| id.parse().unwrap());
        assert_eq!(joined(ids), "6.6.2, 6.6.4-6.6.5, 6.7.1");
        assert_eq!(joined([]), "");
    }
}
