//! Resolves the names of expressions, and holds numbers and octets apart.

use super::{Condition, Context, ContextId, Field, FieldId, FieldKind, Number, OctetString};
use crate::ast::Name;
use crate::diagnostic::{Diagnostic, Source};
use crate::directive::{
    Arithmetic, Comparison, Domain, Expression, ExpressionKind, Interval, SetItem,
};
use crate::suggest::closest;

/// More fields are refused.
pub(super) const FIELD_LIMIT: usize = 4096;

/// The names that expressions of one program may use.
pub(super) struct Scope<'p> {
    pub(super) fields: &'p mut Vec<Field>,
    pub(super) contexts: &'p [Context],
    /// The rules' names in lower case with their spelling.
    pub(super) rules: &'p dyn Fn(&str) -> Option<String>,
    pub(super) rule_names: &'p [String],
    pub(super) source: &'p Source,
}

enum Resolved {
    Number(Number),
    Octets(OctetString),
    Text(Vec<u8>),
    ContextWord(ContextId),
    Word(String),
}

type Result<T> = std::result::Result<T, Diagnostic>;

impl Scope<'_> {
    pub(super) fn condition(&mut self, expression: &Expression) -> Result<Condition> {
        match &expression.kind {
            ExpressionKind::Or(left, right) => {
                Ok(Condition::Or(Box::new(self.condition(left)?), Box::new(self.condition(right)?)))
            }
            ExpressionKind::And(left, right) => Ok(Condition::And(
                Box::new(self.condition(left)?),
                Box::new(self.condition(right)?),
            )),
            ExpressionKind::Not(inner) => Ok(Condition::Not(Box::new(self.condition(inner)?))),
            ExpressionKind::Present(name) => Ok(Condition::Present(self.field(name)?)),
            ExpressionKind::Comparison(comparison, left, right) => {
                self.comparison(expression, *comparison, left, right)
            }
            ExpressionKind::InSet(inner, items) => self.in_set(expression, inner, items),
            ExpressionKind::InList(inner, list) => {
                let string = match self.value(inner)? {
                    Resolved::Octets(string) => string,
                    _ => return Err(self.wrong(inner, "this is not a string of octets")),
                };
                match self.context(list) {
                    Some((id, Domain::List)) => Ok(Condition::OctetsInList(string, id)),
                    Some(_) => {
                        let label = "no list; `in` wants a list of the context or `{…}`";
                        Err(self.at(list, "mismatched kinds", label))
                    }
                    None => Err(self.unknown(list)),
                }
            }
            ExpressionKind::Number(_)
            | ExpressionKind::Octets(_)
            | ExpressionKind::Text(_)
            | ExpressionKind::Name(_)
            | ExpressionKind::Length(_)
            | ExpressionKind::Arithmetic(..) => Err(self
                .wrong(expression, "a value, where something that holds or not is wanted")
                .help("compare it: `mask = 1`")),
        }
    }

    pub(super) fn number(&mut self, expression: &Expression) -> Result<Number> {
        match self.value(expression)? {
            Resolved::Number(number) => Ok(number),
            Resolved::Octets(_) | Resolved::Text(_) => Err(self
                .wrong(expression, "octets, where a number is wanted")
                .help("`length(X)` is their number; `;@ uint NAME : be` at rule X their value")),
            Resolved::ContextWord(_) | Resolved::Word(_) => {
                Err(self.wrong(expression, "a word, where a number is wanted"))
            }
        }
    }

    fn comparison(
        &mut self,
        whole: &Expression,
        comparison: Comparison,
        left: &Expression,
        right: &Expression,
    ) -> Result<Condition> {
        let is_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let condition = match (self.value(left)?, self.value(right)?) {
            (Resolved::Number(left), Resolved::Number(right)) => {
                return Ok(Condition::Numbers(comparison, left, right));
            }
            (Resolved::Octets(left), Resolved::Octets(right)) => {
                Condition::Octets(comparison, left, right)
            }
            (Resolved::Octets(string), Resolved::Text(text))
            | (Resolved::Text(text), Resolved::Octets(string)) => {
                let equal = Condition::TextIn(string, vec![text]);
                match comparison {
                    Comparison::NotEqual => Condition::Not(Box::new(equal)),
                    _ => equal,
                }
            }
            (Resolved::ContextWord(context), Resolved::Word(word)) => {
                self.word(context, &word, right, comparison)?
            }
            (Resolved::Word(word), Resolved::ContextWord(context)) => {
                self.word(context, &word, left, comparison)?
            }
            (Resolved::Word(word), _) => return Err(self.unknown_text(left, &word)),
            (_, Resolved::Word(word)) => return Err(self.unknown_text(right, &word)),
            _ => {
                return Err(self
                    .wrong(whole, "these are not of one kind")
                    .help("numbers compare with numbers, octets with octets, words with words"));
            }
        };
        if !is_equality {
            return Err(self
                .wrong(whole, "only numbers are greater or less")
                .help("octets and words are equal (`=`) or not (`!=`)"));
        }
        Ok(condition)
    }

    fn word(
        &self,
        context: ContextId,
        word: &str,
        at: &Expression,
        comparison: Comparison,
    ) -> Result<Condition> {
        let place =
            self.word_place(context, word, &Name { text: word.to_owned(), span: at.span.clone() })?;
        let condition = Condition::Word(context, vec![place]);
        Ok(match comparison {
            Comparison::NotEqual => Condition::Not(Box::new(condition)),
            _ => condition,
        })
    }

    fn word_place(&self, context: ContextId, word: &str, at: &Name) -> Result<usize> {
        let context = &self.contexts[context.index()];
        let Domain::Words(words) = &context.domain else { return Err(self.unknown(at)) };
        words.iter().position(|one| one.eq_ignore_ascii_case(word)).ok_or_else(|| {
            let label = format!("`{}` is never `{word}`", context.name);
            self.at(at, "unknown word", &label).help(format!("it is {}", words.join(" or ")))
        })
    }

    fn in_set(
        &mut self,
        whole: &Expression,
        inner: &Expression,
        items: &[SetItem],
    ) -> Result<Condition> {
        let mixed = |scope: &Self| {
            scope
                .wrong(whole, "these are not of one kind")
                .help("a set holds numbers, or octets, or words, as what is looked for in it")
        };
        match self.value(inner)? {
            Resolved::Number(number) => {
                let intervals: Option<Vec<Interval>> = items
                    .iter()
                    .map(|item| match item {
                        SetItem::Numbers(interval) => Some(*interval),
                        SetItem::Octets(_) | SetItem::Text(_) | SetItem::Word(_) => None,
                    })
                    .collect();
                Ok(Condition::NumberIn(number, intervals.ok_or_else(|| mixed(self))?))
            }
            Resolved::Octets(string) => {
                let (mut strings, mut texts) = (Vec::new(), Vec::new());
                for item in items {
                    match item {
                        SetItem::Octets(octets) => strings.push(octets.clone()),
                        SetItem::Text(text) => texts.push(text.clone()),
                        SetItem::Numbers(_) | SetItem::Word(_) => return Err(mixed(self)),
                    }
                }
                Ok(if texts.is_empty() {
                    Condition::OctetsIn(string, strings)
                } else if strings.is_empty() {
                    Condition::TextIn(string, texts)
                } else {
                    let exact = Condition::OctetsIn(string.clone(), strings);
                    Condition::Or(Box::new(exact), Box::new(Condition::TextIn(string, texts)))
                })
            }
            Resolved::ContextWord(context) => {
                let mut places = Vec::new();
                for item in items {
                    match item {
                        SetItem::Word(name) => {
                            places.push(self.word_place(context, &name.text, name)?);
                        }
                        _ => return Err(mixed(self)),
                    }
                }
                Ok(Condition::Word(context, places))
            }
            Resolved::Word(word) => Err(self.unknown_text(inner, &word)),
            Resolved::Text(_) => Err(self.wrong(inner, "a text, where a field is wanted")),
        }
    }

    fn value(&mut self, expression: &Expression) -> Result<Resolved> {
        Ok(match &expression.kind {
            ExpressionKind::Number(number) => Resolved::Number(Number::Constant(*number)),
            ExpressionKind::Octets(octets) => {
                Resolved::Octets(OctetString::Constant(octets.clone()))
            }
            ExpressionKind::Text(text) => Resolved::Text(text.clone()),
            ExpressionKind::Length(name) => {
                let field = self.rule_field(name)?;
                Resolved::Number(Number::Length(field))
            }
            ExpressionKind::Arithmetic(sign, left, right) => {
                Resolved::Number(self.arithmetic(*sign, left, right)?)
            }
            ExpressionKind::Name(name) => self.name(name)?,
            ExpressionKind::Present(_)
            | ExpressionKind::Comparison(..)
            | ExpressionKind::InSet(..)
            | ExpressionKind::InList(..)
            | ExpressionKind::Not(_)
            | ExpressionKind::And(..)
            | ExpressionKind::Or(..) => {
                return Err(self.wrong(expression, "a condition, where a value is wanted"));
            }
        })
    }

    fn arithmetic(
        &mut self,
        sign: Arithmetic,
        left: &Expression,
        right: &Expression,
    ) -> Result<Number> {
        Ok(Number::Arithmetic(sign, Box::new(self.number(left)?), Box::new(self.number(right)?)))
    }

    fn name(&mut self, name: &Name) -> Result<Resolved> {
        if let Some((id, domain)) = self.context(name) {
            return Ok(match domain {
                Domain::Words(_) => Resolved::ContextWord(id),
                Domain::Uint => Resolved::Number(Number::Context(id)),
                Domain::Octets => Resolved::Octets(OctetString::Context(id)),
                Domain::List => {
                    return Err(self
                        .at(name, "mismatched kinds", "a list has no single value")
                        .help("ask `X in LIST`"));
                }
            });
        }
        if let Some(id) = self.declared_field(name) {
            self.fields[id.index()].is_read = true;
            return Ok(match self.fields[id.index()].kind {
                FieldKind::Number { .. } => Resolved::Number(Number::Field(id)),
                FieldKind::Octets => Resolved::Octets(OctetString::Field(id)),
            });
        }
        if (self.rules)(&name.key()).is_some() {
            return Ok(Resolved::Octets(OctetString::Field(self.rule_field(name)?)));
        }
        let is_word = self.contexts.iter().any(|context| {
            matches!(&context.domain, Domain::Words(words) if words.contains(&name.key()))
        });
        if is_word { Ok(Resolved::Word(name.key())) } else { Err(self.unknown(name)) }
    }

    fn context(&self, name: &Name) -> Option<(ContextId, Domain)> {
        let index = self
            .contexts
            .iter()
            .position(|context| context.name.eq_ignore_ascii_case(&name.text))?;
        Some((ContextId(index as u16), self.contexts[index].domain.clone()))
    }

    fn declared_field(&self, name: &Name) -> Option<FieldId> {
        let index =
            self.fields.iter().position(|field| field.name.eq_ignore_ascii_case(&name.text))?;
        Some(FieldId(index as u16))
    }

    /// A field that `bits` or `uint` declares.
    pub(super) fn declared(&self, name: &Name) -> Result<FieldId> {
        self.declared_field(name).ok_or_else(|| self.unknown(name))
    }

    /// A field of either kind.
    fn field(&mut self, name: &Name) -> Result<FieldId> {
        if let Some(id) = self.declared_field(name) {
            self.fields[id.index()].is_read = true;
            return Ok(id);
        }
        self.rule_field(name)
    }

    /// The field that holds the octets of a rule.
    pub(super) fn rule_field(&mut self, name: &Name) -> Result<FieldId> {
        if let Some(id) = self.declared_field(name) {
            return if self.fields[id.index()].kind == FieldKind::Octets {
                self.fields[id.index()].is_read = true;
                Ok(id)
            } else {
                let label = format!("`{}` is a number, not octets", name.text);
                Err(self.at(name, "mismatched kinds", &label))
            };
        }
        let Some(spelling) = (self.rules)(&name.key()) else { return Err(self.unknown(name)) };
        if self.fields.len() >= FIELD_LIMIT {
            let label = format!("a grammar has at most {FIELD_LIMIT}");
            return Err(self.at(name, "too many fields", &label));
        }
        let id = FieldId(self.fields.len() as u16);
        self.fields.push(Field { name: spelling, kind: FieldKind::Octets, is_read: true });
        Ok(id)
    }

    fn unknown(&self, name: &Name) -> Diagnostic {
        let label = format!("no field, rule or value of the context is called `{}`", name.text);
        let diagnostic = self.at(name, "unknown name", &label);
        let fields = self.fields.iter().map(|field| field.name.as_str());
        let contexts = self.contexts.iter().map(|context| context.name.as_str());
        let rules = self.rule_names.iter().map(String::as_str);
        match closest(&name.text, fields.chain(contexts).chain(rules)) {
            Some(near) if !near.eq_ignore_ascii_case(&name.text) => {
                diagnostic.help(format!("did you mean `{near}`?"))
            }
            _ => diagnostic
                .help("fields are declared by `bits` and `uint`, values from outside by `context`"),
        }
    }

    fn unknown_text(&self, at: &Expression, word: &str) -> Diagnostic {
        self.unknown(&Name { text: word.to_owned(), span: at.span.clone() })
    }

    fn wrong(&self, expression: &Expression, label: &str) -> Diagnostic {
        Diagnostic::new(self.source, expression.span.clone(), "mismatched kinds", label)
    }

    fn at(&self, name: &Name, title: &str, label: &str) -> Diagnostic {
        Diagnostic::new(self.source, name.span.clone(), title, label)
    }
}
