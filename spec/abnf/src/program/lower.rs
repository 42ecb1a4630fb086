//! From the syntax tree to a program.

use std::collections::HashMap;

use super::resolve::{FIELD_LIMIT, Scope};
use super::terminal::terminal;
use super::{
    Context, Field, FieldId, FieldKind, Node, NodeId, NodeKind, OctetSet, Options, Program,
    Reference, Rule, RuleId, Size, Terminal, Unit, View, Where,
};
use crate::ast::{
    Alternation, Concatenation, Element, ElementKind, Name, Repeat, Repetition, Span,
};
use crate::diagnostic::{Diagnostic, Source};
use crate::directive::{self, Kind, Transform, Typed};
use crate::grammar::{Grammar, GrammarRule};

pub(super) fn lower(grammar: &Grammar, options: Options) -> Result<Program, Vec<Diagnostic>> {
    let mut lowering = Lowering::new(grammar, options);
    lowering.declare();
    lowering.rules();
    if lowering.diagnostics.is_empty() {
        Ok(lowering.program)
    } else {
        lowering.diagnostics.dedup();
        Err(lowering.diagnostics)
    }
}

/// What a rule of the program is made from.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Origin {
    /// The place of the rule in the grammar.
    rule: usize,
    unit: Unit,
    /// The rule that matches what was transformed, in place of the body.
    result: Option<RuleId>,
}

struct Lowering<'g> {
    options: Options,
    /// The rules of the grammar, then the core rules.
    all: Vec<&'g GrammarRule>,
    /// From the address of each of them to its place.
    places: HashMap<*const GrammarRule, usize>,
    grammar: &'g Grammar,
    names: Vec<String>,
    directives: Vec<Vec<(&'g Source, Typed)>>,
    contexts: Vec<Context>,
    program: Program,
    known: HashMap<Origin, RuleId>,
    /// The rules whose bodies are still to be lowered.
    waiting: Vec<(RuleId, Origin)>,
    any_characters: Option<RuleId>,
    sources: HashMap<*const u8, u32>,
    diagnostics: Vec<Diagnostic>,
}

/// What the directives of a rule say about one part of it.
#[derive(Clone, Default)]
struct PartSays<'d> {
    when: Option<(&'d Source, &'d Typed)>,
    size: Option<(&'d Source, &'d Typed)>,
    transform: Option<(&'d Source, &'d Typed)>,
}

impl<'g> Lowering<'g> {
    fn new(grammar: &'g Grammar, options: Options) -> Self {
        let all: Vec<_> = grammar.rules().chain(grammar.core_rules()).collect();
        let places = all
            .iter()
            .enumerate()
            .map(|(place, rule)| (std::ptr::from_ref(*rule), place))
            .collect();
        let names = all.iter().map(|rule| rule.name().to_owned()).collect();
        Self {
            options,
            all,
            places,
            grammar,
            names,
            directives: Vec::new(),
            contexts: Vec::new(),
            program: Program {
                rules: Vec::new(),
                nodes: Vec::new(),
                fields: Vec::new(),
                contexts: Vec::new(),
                entries: HashMap::new(),
                sources: Vec::new(),
            },
            known: HashMap::new(),
            waiting: Vec::new(),
            any_characters: None,
            sources: HashMap::new(),
            diagnostics: Vec::new(),
        }
    }

    /// Reads all directives, and notes what they declare.
    fn declare(&mut self) {
        for rule in &self.all {
            let mut typed = Vec::new();
            if !self.options.pure {
                for (source, directive) in rule.directives() {
                    match directive::parse(source, directive.span.clone()) {
                        Ok(one) => typed.push((source, one)),
                        Err(diagnostic) => self.diagnostics.push(diagnostic),
                    }
                }
            }
            self.directives.push(typed);
        }
        let declared = std::mem::take(&mut self.directives);
        for (source, typed) in declared.iter().flatten() {
            match &typed.kind {
                Kind::Bits(fields) => {
                    for field in fields {
                        self.declare_number(source, &field.name, field.width);
                    }
                }
                Kind::Uint { name, .. } => self.declare_number(source, name, 64),
                Kind::Context { name, domain } => {
                    let context = Context {
                        name: name.text.clone(),
                        domain: domain.clone(),
                        source: (*source).clone(),
                        span: name.span.clone(),
                    };
                    let known = self
                        .contexts
                        .iter()
                        .find(|one| one.name.eq_ignore_ascii_case(&context.name));
                    match known {
                        Some(known)
                            if known.name != context.name || known.domain != context.domain =>
                        {
                            self.diagnostics.push(
                                Diagnostic::new(
                                    source,
                                    name.span.clone(),
                                    "context declared twice",
                                    "an earlier declaration says something else",
                                )
                                .help("declare it once"),
                            )
                        }
                        Some(_) => {}
                        None => self.contexts.push(context),
                    }
                }
                _ => {}
            }
        }
        self.directives = declared;
        self.program.contexts.clone_from(&self.contexts);
    }

    fn declare_number(&mut self, source: &Source, name: &Name, bits: u32) {
        let fields = &mut self.program.fields;
        let known = fields.iter_mut().find(|one| one.name.eq_ignore_ascii_case(&name.text));
        if let Some(field) = known {
            if let FieldKind::Number { bits: known } = &mut field.kind {
                *known = bits.max(*known);
            }
        } else if fields.len() < FIELD_LIMIT {
            let kind = FieldKind::Number { bits };
            fields.push(Field { name: name.text.clone(), kind, is_read: false });
        } else {
            let label = format!("a grammar has at most {FIELD_LIMIT}");
            let span = name.span.clone();
            self.diagnostics.push(Diagnostic::new(source, span, "too many fields", label));
        }
    }

    fn rules(&mut self) {
        let count = self.all.len();
        for rule in 0..count {
            self.rule(Origin { rule, unit: self.options.unit, result: None });
        }
        for rule in 0..count {
            let name = self.all[rule].definition().name.clone();
            let unit = self.options.unit;
            let outside = Within { rule, unit, directives: &[] };
            match self.reference(&name, &outside) {
                Ok(entry) => {
                    self.program.entries.entry(name.key()).or_insert(entry);
                }
                Err(diagnostic) => self.diagnostics.push(diagnostic),
            }
        }
        let mut next = 0;
        while let Some((id, origin)) = self.waiting.get(next).copied() {
            next += 1;
            self.define(id, origin);
        }
        // Fields of rules exist once something reads them, which may be behind the rule.
        let by_name: HashMap<String, FieldId> = self
            .program
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.kind == FieldKind::Octets)
            .map(|(index, field)| (field.name.to_ascii_lowercase(), FieldId(index as u16)))
            .collect();
        if !by_name.is_empty() {
            for rule in &mut self.program.rules {
                rule.octets = by_name.get(&rule.name.to_ascii_lowercase()).copied();
            }
        }
    }

    /// The rule of the program for `origin`; its body follows later.
    fn rule(&mut self, origin: Origin) -> RuleId {
        if let Some(id) = self.known.get(&origin) {
            return *id;
        }
        let id = RuleId(self.program.rules.len() as u32);
        let rule = self.all[origin.rule];
        let definition = rule.definition();
        self.program.rules.push(Rule {
            name: rule.name().to_owned(),
            body: NodeId(0),
            unit: origin.unit,
            is_core: rule.is_core(),
            source: definition.source.clone(),
            span: definition.name.span.clone(),
            bits: Vec::new(),
            uint: None,
            octets: None,
            wheres: Vec::new(),
            fail: None,
            feature: None,
        });
        self.known.insert(origin, id);
        self.waiting.push((id, origin));
        id
    }

    fn define(&mut self, id: RuleId, origin: Origin) {
        let directives = std::mem::take(&mut self.directives[origin.rule]);
        for (source, typed) in &directives {
            if let Err(diagnostic) = self.rule_directive(id, source, typed) {
                self.diagnostics.push(diagnostic);
            }
        }
        let rule = self.all[origin.rule];
        let body = match origin.result {
            Some(result) => {
                let view = View::Plain;
                let reference = Reference { rule: result, when: None, size: None, view };
                let definition = rule.definition();
                self.node(
                    NodeKind::Reference(reference),
                    &definition.source,
                    definition.span.clone(),
                )
            }
            None => {
                self.check_parts(rule, &directives);
                let branches: Vec<_> = rule
                    .parts()
                    .flat_map(|part| {
                        part.alternation.branches.iter().map(|one| (&part.source, one))
                    })
                    .collect();
                let within =
                    Within { rule: origin.rule, unit: origin.unit, directives: &directives };
                self.branches(&branches, &within)
            }
        };
        self.program.rules[id.index()].body = body;
        self.directives[origin.rule] = directives;
    }

    /// What a directive says about its rule as a whole.
    fn rule_directive(
        &mut self,
        id: RuleId,
        source: &'g Source,
        typed: &Typed,
    ) -> Result<(), Diagnostic> {
        match &typed.kind {
            Kind::Bits(fields) => {
                for field in fields {
                    let number = self.scope(source).field_number(&field.name)?;
                    self.program.rules[id.index()].bits.push((number, field.width));
                }
            }
            Kind::Uint { name, encoding } => {
                let number = self.scope(source).field_number(name)?;
                self.program.rules[id.index()].uint = Some((number, *encoding));
            }
            Kind::Where(condition) => {
                let condition = self.scope(source).condition(condition)?;
                let judged = judged(source, typed, condition);
                self.program.rules[id.index()].wheres.push(judged);
            }
            Kind::Fail => self.program.rules[id.index()].fail.clone_from(&typed.fail),
            Kind::Feature(name) => {
                self.program.rules[id.index()].feature = Some(name.text.clone());
            }
            Kind::Size { .. }
            | Kind::When { .. }
            | Kind::Transform { .. }
            | Kind::Context { .. } => {}
        }
        Ok(())
    }

    /// A part that a directive speaks of stands in the body of its rule.
    fn check_parts(&mut self, rule: &GrammarRule, directives: &[(&'g Source, Typed)]) {
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

    fn scope<'s>(&'s mut self, source: &'s Source) -> ScopeOf<'s, 'g> {
        ScopeOf { lowering: self, source }
    }

    fn branches(&mut self, branches: &[(&Source, &Concatenation)], within: &Within<'_>) -> NodeId {
        let mut nodes = Vec::with_capacity(branches.len());
        for (source, branch) in branches {
            nodes.push(self.concatenation(source, branch, within));
        }
        match (nodes.as_slice(), branches) {
            ([one], _) => *one,
            ([], _) | (_, []) => NodeId(0),
            ([first, ..], [(source, _), ..]) => {
                let start = self.program.nodes[first.index()].span.start;
                let end =
                    nodes.last().map_or(start, |last| self.program.nodes[last.index()].span.end);
                let span = start..end.max(start);
                self.node(NodeKind::Alternation(nodes), source, span)
            }
        }
    }

    fn alternation(&mut self, source: &Source, inner: &Alternation, within: &Within<'_>) -> NodeId {
        let branches: Vec<_> = inner.branches.iter().map(|branch| (source, branch)).collect();
        self.branches(&branches, within)
    }

    fn concatenation(
        &mut self,
        source: &Source,
        concatenation: &Concatenation,
        within: &Within<'_>,
    ) -> NodeId {
        let parts = &concatenation.parts;
        if let [part] = parts.as_slice() {
            return self.repetition(source, part, within);
        }
        let nodes: Vec<_> =
            parts.iter().map(|part| self.repetition(source, part, within)).collect();
        let start = parts.first().map_or(0, |part| part.span.start);
        let end = parts.last().map_or(start, |part| part.span.end);
        self.node(NodeKind::Sequence(nodes), source, start..end)
    }

    fn repetition(&mut self, source: &Source, part: &Repetition, within: &Within<'_>) -> NodeId {
        let body = self.element(source, &part.element, within);
        if part.repeat == Repeat::ONCE {
            return body;
        }
        let (min, max) = (part.repeat.min(), part.repeat.max());
        self.node(NodeKind::Repetition { min, max, body }, source, part.span.clone())
    }

    fn element(&mut self, source: &Source, element: &Element, within: &Within<'_>) -> NodeId {
        let kind = match &element.kind {
            ElementKind::Group(inner) => return self.alternation(source, inner, within),
            ElementKind::Option(inner) => {
                let body = self.alternation(source, inner, within);
                NodeKind::Repetition { min: 0, max: Some(1), body }
            }
            ElementKind::Prose(text) => NodeKind::Prose(text.clone()),
            ElementKind::Reference(name) => match self.reference(name, within) {
                Ok(reference) => NodeKind::Reference(reference),
                Err(diagnostic) => {
                    self.diagnostics.push(diagnostic);
                    NodeKind::Prose(name.text.clone())
                }
            },
            ElementKind::Text { .. } | ElementKind::Values { .. } | ElementKind::Range { .. } => {
                match terminal(&element.kind, within.unit) {
                    Some(Ok(terminal)) => NodeKind::Terminal(terminal),
                    Some(Err(misfit)) => {
                        let title = "value that is no octet";
                        let diagnostic =
                            Diagnostic::new(source, element.span.clone(), title, misfit.label)
                                .help(misfit.help);
                        self.diagnostics.push(diagnostic);
                        NodeKind::Prose(String::new())
                    }
                    None => NodeKind::Prose(String::new()),
                }
            }
        };
        self.node(kind, source, element.span.clone())
    }

    fn reference(&mut self, name: &Name, within: &Within<'_>) -> Result<Reference, Diagnostic> {
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
            _ => None,
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
        if !is_any_octets(self.all[plain.rule]) {
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
            fail: None,
            feature: None,
        });
        self.any_characters = Some(id);
        id
    }

    /// The place of the rule that `name` means inside of the rule `within`.
    fn resolve(&self, within: usize, name: &Name) -> Option<usize> {
        let rule = self.grammar.resolve(self.all[within], &name.text)?;
        self.places.get(&std::ptr::from_ref(rule)).copied()
    }

    fn node(&mut self, kind: NodeKind, source: &Source, span: Span) -> NodeId {
        let identity = source.text().as_ptr();
        let source = *self.sources.entry(identity).or_insert_with(|| {
            self.program.sources.push(source.clone());
            self.program.sources.len() as u32 - 1
        });
        self.program.nodes.push(Node { kind, span, source });
        NodeId(self.program.nodes.len() as u32 - 1)
    }
}

/// Where an element stands.
struct Within<'d> {
    rule: usize,
    unit: Unit,
    directives: &'d [(&'d Source, Typed)],
}

/// A scope that borrows the program's fields only while a name is resolved.
struct ScopeOf<'s, 'g> {
    lowering: &'s mut Lowering<'g>,
    source: &'s Source,
}

impl ScopeOf<'_, '_> {
    fn with<T>(self, resolve: impl FnOnce(&mut Scope<'_>) -> T) -> T {
        let Lowering { program, contexts, grammar, names, .. } = self.lowering;
        let spelling = |key: &str| grammar.rule(key).map(|rule| rule.name().to_owned());
        let mut scope = Scope {
            fields: &mut program.fields,
            contexts,
            rules: &spelling,
            rule_names: names,
            source: self.source,
        };
        resolve(&mut scope)
    }

    fn condition(self, expression: &directive::Expression) -> Result<super::Condition, Diagnostic> {
        self.with(|scope| scope.condition(expression))
    }

    fn number(self, expression: &directive::Expression) -> Result<super::Number, Diagnostic> {
        self.with(|scope| scope.number(expression))
    }

    fn rule_field(self, name: &Name) -> Result<FieldId, Diagnostic> {
        self.with(|scope| scope.rule_field(name))
    }

    /// A field that `bits` or `uint` declares.
    fn field_number(self, name: &Name) -> Result<FieldId, Diagnostic> {
        self.with(|scope| scope.declared(name))
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

fn judged(source: &Source, typed: &Typed, condition: super::Condition) -> Where {
    Where {
        condition,
        fail: typed.fail.clone(),
        source: source.clone(),
        span: typed.span.clone(),
        text: text(source, &typed.span),
    }
}

/// The directive as written, without its consequence.
fn text(source: &Source, span: &Span) -> String {
    let text = &source.text()[span.clone()];
    text.split(';').next().unwrap_or(text).trim().to_owned()
}

/// Whether a rule is written as `*OCTET`.
fn is_any_octets(rule: &GrammarRule) -> bool {
    let mut branches = rule.branches();
    let (Some(branch), None) = (branches.next(), branches.next()) else { return false };
    let [part] = branch.parts.as_slice() else { return false };
    let any = match &part.element.kind {
        ElementKind::Reference(name) => name.key() == "octet",
        ElementKind::Range { first, last, .. } => {
            first.number == 0 && last.number == 0xFF && last.digits <= 8
        }
        _ => false,
    };
    any && part.repeat.min() == 0 && part.repeat.max().is_none()
}
