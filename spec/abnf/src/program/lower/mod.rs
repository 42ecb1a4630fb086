//! From the syntax tree to a program.

mod bits;
mod node;
mod part;

use std::collections::HashMap;

use super::resolve::{FIELD_LIMIT, Scope};
use super::{
    Context, Field, FieldId, FieldKind, Node, NodeId, NodeKind, Options, Program, Reference, Rule,
    RuleId, Unit, View, Where,
};
use crate::ast::{Name, Span};
use crate::diagnostic::{Diagnostic, Source};
use crate::directive::{self, Kind, Typed};
use crate::grammar::{Grammar, GrammarRule};

/// After so many mistakes no more are looked for: each looks at all names for one to suggest.
const MOST: usize = 100;

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

/// Where an element stands.
struct Within<'d> {
    rule: usize,
    unit: Unit,
    directives: &'d [(&'d Source, Typed)],
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
            if self.diagnostics.len() >= MOST {
                break;
            }
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
            if self.diagnostics.len() >= MOST {
                return;
            }
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
            if self.diagnostics.len() >= MOST {
                return;
            }
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
            value_fail: None,
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
                self.check_once(&directives);
                let branches: Vec<_> = rule
                    .parts()
                    .flat_map(|part| {
                        part.alternation.branches.iter().map(|one| (&part.source, one))
                    })
                    .collect();
                let unit = bits::unit_of(rule, origin.unit);
                let within = Within { rule: origin.rule, unit, directives: &directives };
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
                self.value_fail(id, typed);
            }
            Kind::Uint { name, encoding } => {
                let number = self.scope(source).field_number(name)?;
                self.program.rules[id.index()].uint = Some((number, *encoding));
                self.value_fail(id, typed);
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

    fn value_fail(&mut self, id: RuleId, typed: &Typed) {
        let fail = &mut self.program.rules[id.index()].value_fail;
        *fail = typed.fail.clone().or(fail.take());
    }

    fn scope<'s>(&'s mut self, source: &'s Source) -> ScopeOf<'s, 'g> {
        ScopeOf { lowering: self, source }
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
    let mut is_quoted = false;
    let end = text.bytes().position(|octet| {
        is_quoted ^= octet == b'"';
        octet == b';' && !is_quoted
    });
    text[..end.unwrap_or(text.len())].trim().to_owned()
}
