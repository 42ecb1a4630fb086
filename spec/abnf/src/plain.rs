//! A grammar as one text that stands on its own: for people, and for tools that know plain ABNF.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::ast::{Alternation, ElementKind, Rule};
use crate::grammar::{Grammar, GrammarRule};

/// What a line may hold before its alternatives are put on lines of their own.
const WIDTH: usize = 90;

impl Grammar {
    /// The whole grammar as plain ABNF (RFC 5234, RFC 7405) without directives and imports: the
    /// imported rules stand in it under their prefixed names. To leave out directives only widens
    /// the language, so what this grammar matches, the text matches in every tool.
    ///
    /// Where a rule has the name of a core rule that other rules still need, the text calls the
    /// latter `core-NAME`.
    ///
    /// ```
    /// use wsconform_abnf::{Grammar, Source};
    ///
    /// let text = ";@ import rfc3986 as uri\nport = uri-port ;@ where length(port) < 6\n";
    /// let grammar = Grammar::read(&Source::new("port.abnf", text)).unwrap();
    /// assert_eq!(grammar.to_plain_abnf(), "port = uri-port\nuri-port = *DIGIT\n");
    /// ```
    pub fn to_plain_abnf(&self) -> String {
        self.to_text(self.rules(), false)
    }

    /// The whole grammar in its normal form: as [`Grammar::to_plain_abnf`] has it, but with the
    /// directives of the grammar's own rules.
    pub fn to_abnf(&self) -> String {
        self.to_text(self.rules(), true)
    }

    /// As [`Grammar::to_abnf`] or, without directives, [`Grammar::to_plain_abnf`] has it, but `rule`
    /// and the rules that it leads to alone.
    pub fn to_abnf_from(&self, rule: &GrammarRule, directives: bool) -> String {
        let needed = self.needed(rule, directives);
        self.to_text(self.rules().filter(|rule| needed.contains(rule.name())), directives)
    }

    /// The names of a rule and of all that it, and its directives, lead to.
    fn needed<'g>(&'g self, rule: &'g GrammarRule, directives: bool) -> BTreeSet<&'g str> {
        let mut names = BTreeSet::from([rule.name()]);
        let mut waiting = vec![rule];
        while let Some(rule) = waiting.pop() {
            let mut visit = |name: &str| {
                let found = self.resolve(rule, name).filter(|found| !found.is_core());
                if let Some(found) = found.filter(|found| names.insert(found.name())) {
                    waiting.push(found);
                }
            };
            for part in rule.parts() {
                part.alternation.for_each_reference(&mut |name| visit(&name.text));
            }
            // Whatever may be a rule in a directive; one too many does no harm.
            let is_word = |one: char| one.is_ascii_alphanumeric() || one == '-';
            for (_, directive) in rule.directives().filter(|_| directives) {
                directive.text.split(|one| !is_word(one)).for_each(&mut visit);
            }
        }
        names
    }

    fn to_text<'g>(
        &'g self,
        rules: impl Iterator<Item = &'g GrammarRule>,
        directives: bool,
    ) -> String {
        let mut text = String::new();
        let mut hidden_core_rules = BTreeSet::new();
        for rule in rules {
            self.write(rule, directives, &mut text, &mut hidden_core_rules);
        }
        let mut written = BTreeSet::new();
        while let Some(name) = hidden_core_rules.pop_first() {
            let core = self.core_rules().find(|core| core.name().eq_ignore_ascii_case(&name));
            if let Some(core) = core.filter(|_| written.insert(name)) {
                self.write(core, directives, &mut text, &mut hidden_core_rules);
            }
            hidden_core_rules.retain(|name| !written.contains(name));
        }
        text
    }

    /// Writes a rule with the names that its references have in the whole text.
    fn write(
        &self,
        rule: &GrammarRule,
        directives: bool,
        text: &mut String,
        hidden_core_rules: &mut BTreeSet<String>,
    ) {
        let mut new_name = |name: &str| {
            let meant = self.resolve(rule, name)?;
            let is_hidden = meant.is_core() && self.rule(name).is_some_and(|own| !own.is_core());
            if is_hidden {
                hidden_core_rules.insert(name.to_ascii_lowercase());
                return Some(format!("core-{}", meant.name()));
            }
            meant.is_imported().then(|| meant.name().to_owned())
        };
        let own_name = new_name(rule.name()).filter(|_| rule.is_core());
        for part in rule.parts() {
            let mut part = part.clone();
            rename(&mut part.alternation, &mut new_name);
            if let Some(name) = &own_name {
                part.name.text.clone_from(name);
            }
            if !directives || rule.is_imported() {
                part.directives.clear();
            }
            write_part(&part, text);
        }
    }
}

/// Nesting is limited by the reader, so this recursion is.
fn rename(alternation: &mut Alternation, new_name: &mut impl FnMut(&str) -> Option<String>) {
    let parts = alternation.branches.iter_mut().flat_map(|branch| &mut branch.parts);
    for part in parts {
        match &mut part.element.kind {
            ElementKind::Reference(name) => {
                if let Some(new) = new_name(&name.text) {
                    name.text = new;
                }
            }
            ElementKind::Group(inner) | ElementKind::Option(inner) => rename(inner, new_name),
            _ => {}
        }
    }
}

fn write_part(part: &Rule, text: &mut String) {
    let whole = part.to_string();
    let first_line = whole.lines().next().unwrap_or_default();
    if first_line.len() <= WIDTH || part.alternation.branches.len() < 2 {
        text.push_str(&whole);
        text.push('\n');
        return;
    }
    let mut bare = part.clone();
    bare.directives.clear();
    let mut branches = bare.alternation.branches.split_off(1);
    branches.reverse();
    text.push_str(&bare.to_string());
    text.push('\n');
    while let Some(branch) = branches.pop() {
        // Writing to a string never fails.
        let _ = writeln!(text, "    / {branch}");
    }
    for directive in &part.directives {
        let _ = writeln!(text, "    ;@ {}", directive.text);
    }
}

#[cfg(test)]
mod tests {
    use crate::{Grammar, Source, known, known_names};

    fn read(text: &str) -> Grammar {
        Grammar::read(&Source::new("test.abnf", text)).unwrap()
    }

    #[test]
    fn imports_and_hidden_core_rules_get_names_of_their_own() {
        let grammar = read(
            ";@ import rfc3986 as uri\nhex = 2HEXDIG uri-pct-encoded\n  ;@ where length(hex) = 5\n\
             hexdig = \"x\"\ndigit = \"d\"\n",
        );
        let pure = grammar.to_plain_abnf();
        assert!(pure.starts_with("hex = 2HEXDIG uri-pct-encoded\nhexdig = \"x\"\n"), "{pure}");
        assert!(pure.contains("uri-pct-encoded = \"%\" core-HEXDIG core-HEXDIG\n"), "{pure}");
        assert!(pure.contains("\ncore-HEXDIG = core-DIGIT / \"A\" / \"B\""), "{pure}");
        assert!(pure.contains("\ncore-DIGIT = %x30-39\n"), "{pure}");
        assert!(grammar.to_abnf().contains("\n    ;@ where length(hex) = 5\n"));
    }

    #[test]
    fn a_rule_comes_with_what_it_leads_to() {
        let grammar = read(
            "a = *OCTET ;@ transform a : utf8 as b\nb = c\nc = %x00-FF\nd = e a\ne = \"e\" / d\n",
        );
        let text = |name, directives| {
            grammar.to_abnf_from(grammar.rule(name).unwrap(), directives).lines().count()
        };
        assert_eq!((text("a", true), text("a", false)), (4, 1));
        assert_eq!((text("b", true), text("D", true), text("d", false)), (2, 6, 3));
    }

    #[test]
    fn the_text_of_every_embedded_grammar_reads_back_as_itself() {
        for name in known_names() {
            let text = known(name).unwrap().to_abnf();
            assert_eq!(read(&text).to_abnf(), text, "{name}");
            assert!(text.lines().count() > 3);
        }
    }
}
