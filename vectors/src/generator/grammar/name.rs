//! Names of sentences: the last parts of ids.

use std::collections::BTreeMap;

use wsconform_abnf::cover::Choice;

/// The name of a sentence that makes a choice in a rule.
pub(super) fn of_choice(rule: &str, choice: Choice) -> String {
    match choice {
        Choice::Branch(branch) => format!("{rule}-alternative-{}", branch + 1),
        Choice::Times(times) => format!("{rule}-times-{times}"),
        Choice::First => format!("{rule}-first"),
        Choice::Last => format!("{rule}-last"),
    }
}

/// Names that were given, so that each is given once.
#[derive(Default)]
pub(super) struct Names(BTreeMap<String, usize>);

impl Names {
    /// A name in lower case, with hyphens; one that was given already, with a number behind it.
    pub(super) fn unique(&mut self, name: &str) -> String {
        let mut plain = String::new();
        for character in name.chars() {
            match character.to_ascii_lowercase() {
                letter @ ('a'..='z' | '0'..='9') => plain.push(letter),
                _ if plain.ends_with('-') || plain.is_empty() => {}
                _ => plain.push('-'),
            }
        }
        let plain = plain.trim_end_matches('-').to_owned();
        let count = self.0.entry(plain.clone()).or_default();
        *count += 1;
        if *count == 1 { plain } else { format!("{plain}-{count}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_of_ids() {
        let mut names = Names::default();
        assert_eq!(names.unique("UTF-8/transform-FF"), "utf-8-transform-ff");
        assert_eq!(names.unique("utf-8/transform/ff-"), "utf-8-transform-ff-2");
        assert_eq!(of_choice("frame-length", Choice::Branch(1)), "frame-length-alternative-2");
    }
}
