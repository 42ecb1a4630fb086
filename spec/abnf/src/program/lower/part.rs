//! The parts of a rule's body that are other rules, with what directives say about them.

use std::collections::HashMap;

use super::{Lowering, Origin, Within, judged, text};
use crate::ast::{ElementKind, Name, Span};
use crate::diagnostic::{Diagnostic, Source};
use crate::directive::{Kind, Transform, Typed};
use crate::grammar::GrammarRule;
use crate::program::terminal::terminal;
use crate::program::{NodeKind, OctetSet, Reference, Rule, RuleId, Size, Terminal, Unit, View};

/// What the directives of a rule say about one part of it.
#[derive(Clone, Default)]
struct PartSays<'d> {
    when: Option<(&'d Source, &'d Typed)>,
    size: Option<(&'d Source, &'d Typed)>,
    transform: Option<(&'d Source, &'d Typed)>,
}

impl<'g> Lowering<'g> {
    pub(super) fn reference(
        &mut self,
        name: &Name,
        within: &Within<'_>,
    ) -> Result<Reference, Diagnostic> {
        let Some(target) = self.resolve(within.rule, name) else {
            // The builder of the grammar saw to it that there is one.
            let source = &self.all[within.rule].definition().source;
            let label = format!("no rule `{}` is defined", name.text);
            return Err(Diagnostic::new(source, name.span.clone(), "undefined rule", label));
        };
        // What the target says of itself holds in all its uses.
        let own = std::mem::take(&mut self.directives[target]);
        let own_says = says(&own, name, true);
        let mut part = says(within.directives, name, false);
        // Only one of them can be meant.
        let both = [(part.size, own_says.size), (part.transform, own_says.transform)];
        for (here, there) in both {
            if let (Some((source, typed)), Some((other, own))) = (here, there) {
                let label = format!("`{}` says this of itself already", name.text);
                let place = other.location(own.span.start);
                self.diagnostics.push(
                    Diagnostic::new(source, typed.span.clone(), "directive given twice", label)
                        .help(format!("the other is at {place}; keep one of the two")),
                );
            }
        }
        part.size = part.size.or(own_says.size);
        part.transform = part.transform.or(own_says.transform);
        let reference = self.part(target, &part, within);
        if !own.is_empty() {
            self.directives[target] = own;
        }
        reference
    }

    fn part(
        &mut self,
        target: usize,
        says: &PartSays<'_>,
        within: &Within<'_>,
    ) -> Result<Reference, Diagnostic> {
        let when = match says.when {
            Some((source, typed @ Typed { kind: Kind::When { condition, .. }, .. })) => {
                let condition = self.scope(source).condition(condition)?;
                Some(judged(source, typed, condition))
            }
            _ => self.present_only_if(target, within)?,
        };
        let size = match says.size {
            Some((source, typed @ Typed { kind: Kind::Size { octets, .. }, .. })) => {
                let octets = self.scope(source).number(octets)?;
                Some(Size {
                    octets,
                    fail: typed.fail.clone(),
                    source: source.clone(),
                    span: typed.span.clone(),
                    text: text(source, &typed.span),
                })
            }
            _ => None,
        };
        let plain = Origin { rule: target, unit: within.unit, result: None };
        let (rule, view) = match says.transform {
            Some((source, typed)) => self.transformed(plain, source, typed)?,
            None => (self.rule(plain), View::Plain),
        };
        Ok(Reference { rule, when, size, view })
    }

    fn transformed(
        &mut self,
        plain: Origin,
        source: &Source,
        typed: &Typed,
    ) -> Result<(RuleId, View), Diagnostic> {
        let Kind::Transform { part, transform, result } = &typed.kind else {
            return Ok((self.rule(plain), View::Plain));
        };
        let is_any_octet = |name: &Name| {
            let target = self.resolve(plain.rule, name);
            name.key() == "octet" && target.is_some_and(|target| self.all[target].is_core())
        };
        if !is_any_octets(self.all[plain.rule], is_any_octet) {
            let label = format!("`{}` is not `*OCTET`", part.text);
            return Err(Diagnostic::new(source, part.span.clone(), "transform of what has a form", label)
                .help("what is transformed may be any octets: write `X = *OCTET` and `… as Y`, Y being what becomes of X"));
        }
        let result_in = |lowering: &mut Self, unit| match result {
            None => Ok(None),
            Some(name) => match lowering.resolve(plain.rule, name) {
                Some(rule) => Ok(Some(lowering.rule(Origin { rule, unit, result: None }))),
                None => {
                    let label = format!("no rule is called `{}`", name.text);
                    let near = crate::suggest::closest(
                        &name.text,
                        lowering.names.iter().map(String::as_str),
                    );
                    let diagnostic =
                        Diagnostic::new(source, name.span.clone(), "undefined rule", label);
                    Err(match near {
                        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                        None => diagnostic,
                    })
                }
            },
        };
        let (result, view) = match transform {
            Transform::Xor(key) => {
                let result = result_in(self, plain.unit)?;
                let key = self.scope(source).rule_field(key)?;
                (result, View::Xor(key))
            }
            Transform::Utf8 => {
                let result = match result_in(self, Unit::Utf8)? {
                    Some(result) => result,
                    None => self.any_characters(source, typed.span.clone()),
                };
                (Some(result), View::Plain)
            }
            Transform::Hook(name) => (result_in(self, plain.unit)?, View::Hook(name.key())),
        };
        let rule = self.rule(Origin { result, ..plain });
        // A `fail` of the rule itself comes later and goes before this.
        if let (Some(_), Some(fail)) = (result, &typed.fail) {
            self.program.rules[rule.index()].fail = Some(fail.clone());
        }
        Ok((rule, view))
    }

    /// A rule that all of UTF-8 matches, and nothing else.
    fn any_characters(&mut self, source: &Source, span: Span) -> RuleId {
        if let Some(id) = self.any_characters {
            return id;
        }
        let text = "%x0-10FFFF";
        let range = Source::new("", format!("UTF-8 = {text}"));
        let reading = crate::reader::read(&range, 0..range.text().len());
        let element = reading
            .rules
            .first()
            .and_then(|rule| rule.alternation.branches.first())
            .and_then(|branch| branch.parts.first());
        let characters = element
            .and_then(|part| terminal(&part.element.kind, Unit::Utf8))
            .and_then(Result::ok)
            .unwrap_or(Terminal { strings: vec![vec![OctetSet::ALL]], edges: None });
        let body = self.node(NodeKind::Terminal(characters), source, span.clone());
        let kind = NodeKind::Repetition { min: 0, max: None, body };
        let body = self.node(kind, source, span.clone());
        let id = RuleId(self.program.rules.len() as u32);
        self.program.rules.push(Rule {
            name: "UTF-8".to_owned(),
            body,
            unit: Unit::Utf8,
            is_core: true,
            source: source.clone(),
            span,
            bits: Vec::new(),
            uint: None,
            octets: None,
            wheres: Vec::new(),
            value_fail: None,
            fail: None,
            feature: None,
        });
        self.any_characters = Some(id);
        id
    }

    /// What only one directive may say of a rule, or of a part of it, is said once.
    pub(super) fn check_once(&mut self, directives: &[(&'g Source, Typed)]) {
        let mut said: HashMap<(&str, String), (&Source, &Span)> = HashMap::new();
        for (source, typed) in directives {
            let key = match &typed.kind {
                Kind::Bits(_) => ("bits", String::new()),
                Kind::Uint { .. } => ("uint", String::new()),
                Kind::Size { part, .. } => ("size", part.key()),
                Kind::When { part, .. } => ("when", part.key()),
                Kind::Transform { part, .. } => ("transform", part.key()),
                Kind::Where(_) | Kind::Fail | Kind::Feature(_) | Kind::Context { .. } => continue,
            };
            let word = key.0;
            let Some((first, span)) = said.insert(key, (source, &typed.span)) else { continue };
            let label = format!("an earlier `{word}` says another thing of the same");
            let first = first.location(span.start);
            let help = match word {
                "bits" => "name all fields in one; give further octets a rule of their own",
                "when" => "join both conditions by `and`",
                "size" => "keep one, and compare the other in a `where`: `length(X) = …`",
                _ => "keep one of them",
            };
            let diagnostic =
                Diagnostic::new(source, typed.span.clone(), "directive given twice", label);
            self.diagnostics.push(diagnostic.help(format!("the first is at {first}")).help(help));
        }
    }

    /// A part that a directive speaks of stands in the body of its rule.
    pub(super) fn check_parts(&mut self, rule: &GrammarRule, directives: &[(&'g Source, Typed)]) {
        for (source, typed) in directives {
            let (Kind::Size { part, .. } | Kind::When { part, .. } | Kind::Transform { part, .. }) =
                &typed.kind
            else {
                continue;
            };
            let mut parts = Vec::new();
            for alternation in rule.parts().map(|part| &part.alternation) {
                alternation.for_each_reference(&mut |name| parts.push(name.text.as_str()));
            }
            let is_self = rule.name().eq_ignore_ascii_case(&part.text)
                && !matches!(typed.kind, Kind::When { .. });
            if is_self || parts.iter().any(|one| one.eq_ignore_ascii_case(&part.text)) {
                continue;
            }
            let label = format!("`{}` has no part `{}`", rule.name(), part.text);
            let diagnostic = Diagnostic::new(source, part.span.clone(), "unknown part", label);
            self.diagnostics.push(match crate::suggest::closest(&part.text, parts) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic.help("a part is a rule name in the body of the rule"),
            });
        }
    }
}

/// What `directives` say about the part `name`; of a rule itself, or of a part of it.
fn says<'d>(directives: &'d [(&'d Source, Typed)], name: &Name, own: bool) -> PartSays<'d> {
    let mut says = PartSays::default();
    for (source, typed) in directives {
        match &typed.kind {
            Kind::When { part, .. } if !own && part.key() == name.key() => {
                says.when = Some((source, typed));
            }
            Kind::Size { part, .. } if part.key() == name.key() => {
                says.size = Some((source, typed))
            }
            Kind::Transform { part, .. } if part.key() == name.key() => {
                says.transform = Some((source, typed));
            }
            _ => {}
        }
    }
    says
}

/// Whether a rule is written as `*OCTET`.
fn is_any_octets(rule: &GrammarRule, is_any_octet: impl Fn(&Name) -> bool) -> bool {
    let mut branches = rule.branches();
    let (Some(branch), None) = (branches.next(), branches.next()) else { return false };
    let [part] = branch.parts.as_slice() else { return false };
    let any = match &part.element.kind {
        ElementKind::Reference(name) => is_any_octet(name),
        ElementKind::Range { first, last, .. } => {
            first.number == 0 && last.number == 0xFF && last.digits <= 8
        }
        _ => false,
    };
    any && part.repeat.min() == 0 && part.repeat.max().is_none()
}
