//! Merges rules and imports into a grammar.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::import::Imports;
use super::known::Known;
use super::{Grammar, GrammarRule, Missing, Origin, core};
use crate::ast::{Definition, Import, Name, Rule};
use crate::diagnostic::{Diagnostic, Source};
use crate::reader::read;
use crate::suggest::closest;

/// Collects rules from any number of texts.
///
/// ```
/// use std::sync::Arc;
/// use wsconform_abnf::{Grammar, GrammarBuilder, Source};
///
/// let numbers = Grammar::read(&Source::new("numbers.abnf", "hex = 1*HEXDIG\n")).unwrap();
/// let colours = Source::new("colours.abnf", ";@ import numbers as n\ncolour = \"#\" n-hex\n");
/// let mut builder = GrammarBuilder::new();
/// builder.offer("numbers", Arc::new(numbers));
/// builder.add(&colours, 0..colours.text().len());
/// assert_eq!(builder.finish().unwrap().rule("n-hex").unwrap().to_string(), "n-hex = 1*HEXDIG");
/// ```
#[derive(Clone, Debug, Default)]
pub struct GrammarBuilder {
    rules: Vec<Rule>,
    unreadable: BTreeSet<String>,
    imports: Vec<Import>,
    offered: Vec<(String, Arc<Grammar>)>,
    known: Known,
    diagnostics: Vec<Diagnostic>,
}

impl GrammarBuilder {
    /// A builder without rules; the [embedded sets](crate::known) can be imported.
    pub fn new() -> Self {
        Self::default()
    }

    /// A builder without rules, and of the embedded sets those of `known`.
    pub(super) fn knowing(known: Known) -> Self {
        Self { known, ..Self::default() }
    }

    /// Lets the texts import `grammar` as the set `name`. What is offered first goes before what
    /// is offered later and before the embedded sets.
    pub fn offer(&mut self, name: &str, grammar: Arc<Grammar>) {
        self.offered.push((name.to_owned(), grammar));
    }

    /// Reads the rules in the octets `range` of `source`; mistakes are kept for
    /// [`GrammarBuilder::finish`].
    pub fn add(&mut self, source: &Source, range: Range<usize>) {
        let mut reading = read(source, range);
        if self.rules.is_empty() {
            self.rules = std::mem::take(&mut reading.rules);
        }
        self.rules.append(&mut reading.rules);
        self.imports.append(&mut reading.imports);
        self.unreadable.extend(reading.unreadable.iter().map(Name::key));
        self.diagnostics.append(&mut reading.diagnostics);
    }

    /// The rules as one grammar.
    ///
    /// # Errors
    ///
    /// All mistakes: those of the texts in the order in which they were added, then imports of
    /// unknown sets and under colliding prefixes, names defined twice, incremental alternatives
    /// without a definition before them, and references that lead nowhere.
    pub fn finish(self) -> Result<Grammar, Vec<Diagnostic>> {
        let (grammar, diagnostics) = self.build();
        if diagnostics.is_empty() { Ok(grammar) } else { Err(diagnostics) }
    }

    /// All rules that could be read, and all mistakes; where there are any, some references may
    /// lead nowhere.
    pub(crate) fn build(self) -> (Grammar, Vec<Diagnostic>) {
        let Self { rules, unreadable, imports, offered, known, mut diagnostics } = self;
        let mut grammar = Grammar::with_capacity(rules.len());
        let imports = Imports::new(imports, &offered, known, &mut diagnostics);
        for rule in rules {
            if let Some(import) = imports.colliding(&rule.name.text) {
                diagnostics.push(import.collision(&rule));
            } else {
                let added = match rule.definition {
                    Definition::Base => define(&mut grammar, rule),
                    Definition::Incremental => extend(&mut grammar, rule, &unreadable),
                };
                diagnostics.extend(added.err());
            }
        }
        let mut missing = grammar.link(Grammar::place);
        if imports.add_to(&mut grammar, &missing) {
            missing = grammar.link(Grammar::place);
        }
        missing.retain(|missing| {
            !unreadable.contains(&missing.name.key()) && !imports.excuses(&missing.name.text)
        });
        let shown = missing.iter().take(Diagnostic::MOST);
        diagnostics.extend(shown.enumerate().map(|(index, missing)| {
            // Each suggestion looks at all names, so their number is bounded.
            const SUGGESTIONS: usize = 20;
            let suggest = index < SUGGESTIONS;
            undefined_rule(missing, suggest.then_some((&grammar, &imports)))
        }));
        let omitted = missing.len().saturating_sub(Diagnostic::MOST);
        diagnostics.extend(diagnostics.last().and_then(|last| last.and_more(omitted)));
        (grammar, diagnostics)
    }
}

fn define(grammar: &mut Grammar, rule: Rule) -> Result<(), Diagnostic> {
    let name = &rule.name;
    if let Some(first) = grammar.own(&name.text) {
        return Err(Diagnostic::new(
            &rule.source,
            name.span.clone(),
            "rule defined twice",
            format!("`{}` has a definition already", name.text),
        )
        .help(format!(
            "the first is at {}; names ignore case, more alternatives are added by `=/`",
            first.base.location()
        )));
    }
    // A text may repeat the core rules, as RFC 5234 itself does.
    let repeated = core::rule(&name.text)
        .is_some_and(|core| core.base.to_string().eq_ignore_ascii_case(&rule.to_string()));
    if !repeated {
        grammar.push(GrammarRule::new(rule, Origin::Own));
    }
    Ok(())
}

fn extend(
    grammar: &mut Grammar,
    rule: Rule,
    unreadable: &BTreeSet<String>,
) -> Result<(), Diagnostic> {
    if let Some(defined) = grammar.own_mut(&rule.name.text) {
        defined.increments.push(rule);
        return Ok(());
    }
    if let Some(core) = core::rule(&rule.name.text) {
        let mut extended = GrammarRule::new(core.base.clone(), Origin::Own);
        extended.increments.push(rule);
        grammar.push(extended);
        return Ok(());
    }
    if unreadable.contains(&rule.name.key()) {
        return Ok(());
    }
    Err(Diagnostic::new(
        &rule.source,
        rule.name.span.clone(),
        "incremental alternative without a base",
        format!("no rule `{}` is defined before this", rule.name.text),
    )
    .help("the first definition of a name uses `=`, later ones add to it by `=/`"))
}

fn undefined_rule(missing: &Missing, suggest_from: Option<(&Grammar, &Imports)>) -> Diagnostic {
    let Missing { source, name } = missing;
    let near = suggest_from.and_then(|(grammar, imports)| {
        let imported: Vec<String> = imports.names_near(&name.text).collect();
        let mut names: Vec<&str> = grammar.rules().map(GrammarRule::name).collect();
        names.extend(core::names());
        names.extend(imported.iter().map(String::as_str));
        closest(&name.text, names).map(str::to_owned)
    });
    let label = format!("no rule is called `{}`", name.text);
    Diagnostic::new(source, name.span.clone(), "undefined rule", label).help(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "define it, or import the rules of an RFC: `;@ import rfc3986 as uri`".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grammar(text: &str) -> Result<Grammar, String> {
        Grammar::read(&Source::new("test.abnf", text)).map_err(|diagnostics| {
            let lines: Vec<_> = diagnostics.iter().map(|one| one.render(false)).collect();
            lines.join("\n\n")
        })
    }

    #[test]
    fn core_rules_are_built_in() {
        let grammar = grammar("a = 2DIGIT crlf").unwrap();
        assert_eq!(grammar.rule("digit").unwrap().to_string(), "DIGIT = %x30-39");
        assert_eq!(grammar.rules().map(GrammarRule::name).collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn a_grammar_may_have_a_rule_of_a_core_rules_name() {
        let text =
            "string = *char HEXDIG\nchar = %x20-21 / digit\nDigit = \"x\"\nWSP =/ LF\nCR = %x0D";
        let grammar = grammar(text).unwrap();
        let names: Vec<_> = grammar.rules().map(GrammarRule::name).collect();
        assert_eq!(names, ["string", "char", "Digit", "WSP"], "CR means what it always does");
        let rule = |name| grammar.rule(name).unwrap();
        let meant = |from, name| grammar.resolve(rule(from), name).unwrap().to_string();
        assert_eq!(meant("string", "CHAR"), "char = %x20-21 / digit");
        assert_eq!(meant("char", "digit"), "Digit = \"x\"");
        assert_eq!(meant("HEXDIG", "DIGIT"), "DIGIT = %x30-39", "core rules mean core rules");
        assert_eq!(rule("wsp").to_string(), "WSP = SP / HTAB\nWSP =/ LF");
        assert!(!rule("wsp").is_core());
        assert_eq!(meant("LWSP", "WSP"), "WSP = SP / HTAB");
    }

    #[test]
    fn imports_what_is_reached() {
        let text = ";@ import rfc3986 as Uri\n;@ import rfc9110 as http\n\
                    unreserved = \"u\"\nDIGIT = \"d\"\n\
                    url = uri-Port *URI-unreserved http-Host / uri-IPv4address\n";
        let grammar = grammar(text).unwrap();
        let own: Vec<_> = grammar.rules().filter(|rule| !rule.is_imported()).collect();
        assert_eq!(own.len(), 3);
        let imported: Vec<_> =
            grammar.rules().filter(|rule| rule.is_imported()).map(ToString::to_string).collect();
        insta::assert_snapshot!(imported.join("\n"), @r#"
        Uri-port = *DIGIT
        Uri-unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~"
        http-Host = http-uri-host [":" http-port]
        http-uri-host = http-rfc3986-host
        http-rfc3986-host = http-rfc3986-IP-literal / http-rfc3986-IPv4address / http-rfc3986-reg-name
        http-rfc3986-IP-literal = "[" (http-rfc3986-IPv6address / http-rfc3986-IPvFuture) "]"
        http-rfc3986-IPv6address = 6(http-rfc3986-h16 ":") http-rfc3986-ls32 / "::" 5(http-rfc3986-h16 ":") http-rfc3986-ls32 / [http-rfc3986-h16] "::" 4(http-rfc3986-h16 ":") http-rfc3986-ls32 / [*1(http-rfc3986-h16 ":") http-rfc3986-h16] "::" 3(http-rfc3986-h16 ":") http-rfc3986-ls32 / [*2(http-rfc3986-h16 ":") http-rfc3986-h16] "::" 2(http-rfc3986-h16 ":") http-rfc3986-ls32 / [*3(http-rfc3986-h16 ":") http-rfc3986-h16] "::" http-rfc3986-h16 ":" http-rfc3986-ls32 / [*4(http-rfc3986-h16 ":") http-rfc3986-h16] "::" http-rfc3986-ls32 / [*5(http-rfc3986-h16 ":") http-rfc3986-h16] "::" http-rfc3986-h16 / [*6(http-rfc3986-h16 ":") http-rfc3986-h16] "::"
        http-rfc3986-h16 = 1*4HEXDIG
        http-rfc3986-ls32 = (http-rfc3986-h16 ":" http-rfc3986-h16) / http-rfc3986-IPv4address
        http-rfc3986-IPv4address = http-rfc3986-dec-octet "." http-rfc3986-dec-octet "." http-rfc3986-dec-octet "." http-rfc3986-dec-octet
        http-rfc3986-dec-octet = DIGIT / %x31-39 DIGIT / "1" 2DIGIT / "2" %x30-34 DIGIT / "25" %x30-35
        http-rfc3986-IPvFuture = "v" 1*HEXDIG "." 1*(http-rfc3986-unreserved / http-rfc3986-sub-delims / ":")
        http-rfc3986-unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~"
        http-rfc3986-sub-delims = "!" / "$" / "&" / "'" / "(" / ")" / "*" / "+" / "," / ";" / "="
        http-rfc3986-reg-name = *(http-rfc3986-unreserved / http-rfc3986-pct-encoded / http-rfc3986-sub-delims)
        http-rfc3986-pct-encoded = "%" HEXDIG HEXDIG
        http-port = http-rfc3986-port
        http-rfc3986-port = *DIGIT
        Uri-IPv4address = Uri-dec-octet "." Uri-dec-octet "." Uri-dec-octet "." Uri-dec-octet
        Uri-dec-octet = DIGIT / %x31-39 DIGIT / "1" 2DIGIT / "2" %x30-34 DIGIT / "25" %x30-35
        "#);
        let unreserved = grammar.rule("uri-unreserved").unwrap();
        assert!(grammar.resolve(unreserved, "DIGIT").is_some_and(GrammarRule::is_core));
        let port = grammar.resolve(grammar.rule("uri-IPv4address").unwrap(), "port").unwrap();
        assert_eq!(port.name(), "Uri-port", "its directives need no prefix");
        for rule in grammar.rules() {
            for part in rule.parts() {
                part.alternation.for_each_reference(&mut |name| {
                    assert!(grammar.resolve(rule, &name.text).is_some(), "{}", name.text);
                });
            }
        }
    }

    #[test]
    fn reports_imports_that_do_not_fit() {
        insta::assert_snapshot!(
            grammar(
                ";@ import rfc3968 as uri\n;@ import mail as m\n;@ import rfc3986 as u\n\
                 ;@ import RFC3986 as U\n;@ import rfc9110 as u\n;@ import rfc9110 as u-x\n\
                 a = uri-host m-mailbox u-hots\nu-host = \"x\"\nu-port =/ \"x\"\n"
            )
            .unwrap_err(),
            @r#"
            error: unknown import
             --> test.abnf:1:11
              |
            1 | ;@ import rfc3968 as uri
              |           ^^^^^^^ no set of rules is called `rfc3968`
              |
              = help: did you mean `rfc3986`?
              = help: there are rfc3629, rfc3986, rfc7405, rfc5234, rfc9110, rfc9112, rfc6455, rfc6455-frame

            error: unknown import
             --> test.abnf:2:11
              |
            2 | ;@ import mail as m
              |           ^^^^ no set of rules is called `mail`
              |
              = help: there are rfc3629, rfc3986, rfc7405, rfc5234, rfc9110, rfc9112, rfc6455, rfc6455-frame

            error: prefixes collide
             --> test.abnf:5:22
              |
            5 | ;@ import rfc9110 as u
              |                      ^ `u-` does not tell two sets apart
              |
              = help: the prefix of the import at test.abnf:3:4 is `u-`; choose one that neither begins with the other

            error: prefixes collide
             --> test.abnf:6:22
              |
            6 | ;@ import rfc9110 as u-x
              |                      ^^^ `u-x-` does not tell two sets apart
              |
              = help: the prefix of the import at test.abnf:3:4 is `u-`; choose one that neither begins with the other

            error: rule is imported
             --> test.abnf:8:1
              |
            8 | u-host = "x"
              | ^^^^^^ `u-host` comes from `rfc3986`
              |
              = help: choose another name, or another prefix for the import at test.abnf:3:4

            error: rule is imported
             --> test.abnf:9:1
              |
            9 | u-port =/ "x"
              | ^^^^^^ `u-port` comes from `rfc3986`
              |
              = help: choose another name, or another prefix for the import at test.abnf:3:4

            error: undefined rule
             --> test.abnf:7:24
              |
            7 | a = uri-host m-mailbox u-hots
              |                        ^^^^^^ no rule is called `u-hots`
              |
              = help: did you mean `u-host`?
            "#
        );
    }

    #[test]
    fn grammars_can_be_offered_for_import() {
        let chapter = grammar(
            ";@ import rfc3629 as utf\nframe = head body ;@ size body : head\n\
             head = OCTET\nbody = *utf-utf8-char\n",
        );
        let mut builder = GrammarBuilder::new();
        builder.offer("Frames", Arc::new(chapter.unwrap()));
        let source = Source::new("b.abnf", ";@ import frames as f\nbody = *f-frame");
        builder.add(&source, 0..source.text().len());
        let grammar = builder.finish().unwrap();
        let names: Vec<_> = grammar.rules().map(GrammarRule::name).take(5).collect();
        assert_eq!(names, ["body", "f-frame", "f-head", "f-body", "f-utf-UTF8-char"]);
        let frame = grammar.rule("f-frame").unwrap();
        assert_eq!(grammar.resolve(frame, "body").unwrap().name(), "f-body");
        assert_eq!(grammar.resolve(frame, "f-body").unwrap().name(), "f-body");
    }

    #[test]
    fn merges_texts() {
        let mut builder = GrammarBuilder::new();
        let one = Source::new("one.abnf", "a = b\nb = \"b\"");
        let two = Source::new("two.abnf", "skipped\nA =/ \"c\" / B ;@ note\nCR = %x0D\n");
        builder.add(&one, 0..one.text().len());
        builder.add(&two, 8..two.text().len());
        let grammar = builder.finish().unwrap();
        let rule = grammar.rule("a").unwrap();
        let branches: Vec<_> = rule.branches().map(ToString::to_string).collect();
        assert_eq!(branches, ["b", "\"c\"", "B"]);
        let (source, directive) = rule.directives().next().unwrap();
        assert_eq!(&source.text()[directive.span.clone()], "note");
    }

    #[test]
    fn reports_what_does_not_fit_together() {
        insta::assert_snapshot!(
            grammar(
                "frame = head paylaod\npayload = *OCTTE\nhead = OCTET\nHEAD = OCTET\n\
                 tail =/ \"t\"\nDIGIT = %x30-31\nalpha =/ \"-\"\n"
            )
            .unwrap_err(),
            @r#"
            error: rule defined twice
             --> test.abnf:4:1
              |
            4 | HEAD = OCTET
              | ^^^^ `HEAD` has a definition already
              |
              = help: the first is at test.abnf:3:1; names ignore case, more alternatives are added by `=/`

            error: incremental alternative without a base
             --> test.abnf:5:1
              |
            5 | tail =/ "t"
              | ^^^^ no rule `tail` is defined before this
              |
              = help: the first definition of a name uses `=`, later ones add to it by `=/`

            error: undefined rule
             --> test.abnf:1:14
              |
            1 | frame = head paylaod
              |              ^^^^^^^ no rule is called `paylaod`
              |
              = help: did you mean `payload`?

            error: undefined rule
             --> test.abnf:2:12
              |
            2 | payload = *OCTTE
              |            ^^^^^ no rule is called `OCTTE`
              |
              = help: did you mean `OCTET`?
            "#
        );
    }

    #[test]
    fn an_unreadable_rule_is_reported_once() {
        let mistakes = grammar("a = b\nb = )\nb =/ \"c\"").unwrap_err();
        assert_eq!(mistakes.matches("error").count(), 1, "{mistakes}");
    }

    #[test]
    fn many_undefined_names_are_reported_in_bounded_time() {
        let mut text = String::new();
        for index in 0..5_000 {
            text.push_str(&format!("rule-{index} = missing-{index}\n"));
        }
        let diagnostics = Grammar::read(&Source::new("test.abnf", text)).unwrap_err();
        assert_eq!(diagnostics.len(), 1_001);
        let last = diagnostics.last().unwrap();
        assert_eq!(last.label(), "4000 more were found from here on");
    }
}
