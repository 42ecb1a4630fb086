//! Which fields the octets of a rule consist of, in order.

use super::directives;
use super::railroad::sole_reference;
use super::sizes::{Octets, Sizes};
use crate::ast::{Concatenation, Element, ElementKind, Repeat, Repetition};
use crate::directive::{Kind, Typed};
use crate::{Grammar, GrammarRule};

/// A way in which the octets of a rule may be laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Strip {
    /// The alternative that it shows, where there are several.
    pub(super) caption: Option<String>,
    pub(super) fields: Vec<Field>,
}

/// Bits or octets with a meaning of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) extent: Extent,
    /// When it is there, if it is not always.
    pub(super) condition: Option<String>,
    /// The rule that defines it.
    pub(super) rule: Option<String>,
}

/// How much room a field takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// A number of bits that is known.
    Bits(u64),
    /// Octets whose number is in doubt, in the words of the grammar or our own.
    Octets(String),
}

impl Extent {
    fn of(octets: &Octets) -> Self {
        match octets.exact().and_then(|octets| octets.checked_mul(8)) {
            Some(bits) => Self::Bits(bits),
            None => Self::Octets(octets.to_string()),
        }
    }
}

/// The strips of a rule, if its octets have fields worth a drawing.
///
/// Where the fields of its parts are too many for a figure, the parts stand for them.
pub(super) fn strips(grammar: &Grammar, rule: &GrammarRule) -> Option<Vec<Strip>> {
    const FIELDS: usize = 64;
    [true, false].into_iter().find_map(|opens_parts| {
        let steps = 500;
        let mut layout = Layout { grammar, sizes: Sizes::new(grammar), steps, opens_parts };
        let strips = layout.strips(rule)?;
        let fields: usize = strips.iter().map(|strip| strip.fields.len()).sum();
        let is_known = |field: &Field| matches!(field.extent, Extent::Bits(_));
        let tells = |strip: &Strip| strip.fields.len() > 1 || strip.fields.iter().any(is_known);
        (fields <= FIELDS && strips.iter().any(tells)).then_some(strips)
    })
}

/// How deep rules are opened.
const DEPTH: u32 = 12;

struct Layout<'g> {
    grammar: &'g Grammar,
    sizes: Sizes<'g>,
    steps: u32,
    opens_parts: bool,
}

impl Layout<'_> {
    fn strips(&mut self, rule: &GrammarRule) -> Option<Vec<Strip>> {
        const STRIPS: usize = 8;
        if !self.has_fields(rule, 0) {
            return None;
        }
        let branches: Vec<_> = rule.branches().collect();
        if branches.len() == 1 || branches.len() > STRIPS {
            return Some(vec![Strip { caption: None, fields: self.rule(rule, 0) }]);
        }
        let (typed, _) = directives(rule);
        let strips = branches.iter().map(|branch| Strip {
            caption: Some(branch.to_string()),
            fields: self.branch(rule, &typed, branch, 0),
        });
        Some(strips.collect())
    }

    /// Whether a rule has directives about its octets, or consists of a number of octets, or of
    /// such rules.
    fn has_fields(&mut self, rule: &GrammarRule, depth: u32) -> bool {
        match self.steps.checked_sub(1) {
            Some(left) if depth < DEPTH => self.steps = left,
            _ => return false,
        }
        if rule.is_core() {
            return false;
        }
        let (typed, _) = directives(rule);
        if typed.iter().any(|one| is_about_octets(&one.kind)) {
            return true;
        }
        let mut branches = rule.branches();
        if let (Some(only), None) = (branches.next(), branches.next()) {
            return only.parts.iter().any(|part| self.is_octets(rule, part, depth));
        }
        let mut any = false;
        for branch in rule.branches() {
            any |= branch.parts.iter().any(|part| self.is_octets(rule, part, depth));
            let textual = branch.parts.iter().all(|part| {
                matches!(part.element.kind, ElementKind::Text { .. } | ElementKind::Prose(_))
            });
            if textual {
                return false;
            }
        }
        any
    }

    fn is_octets(&mut self, rule: &GrammarRule, part: &Repetition, depth: u32) -> bool {
        if let ElementKind::Option(inner) | ElementKind::Group(inner) = &part.element.kind {
            let mut parts = inner.branches.iter().flat_map(|branch| &branch.parts);
            let is_single = inner.branches.len() == 1 && part.repeat == Repeat::ONCE;
            return is_single && parts.any(|part| self.is_octets(rule, part, depth));
        }
        let ElementKind::Reference(name) = &part.element.kind else { return false };
        let name = &name.text;
        if name.eq_ignore_ascii_case("OCTET") {
            return part.repeat.min() > 0 && part.repeat.max() == Some(part.repeat.min());
        }
        if part.repeat != Repeat::ONCE {
            return false;
        }
        match self.grammar.resolve(rule, name) {
            Some(rule) => self.has_fields(rule, depth + 1),
            None => false,
        }
    }

    fn rule(&mut self, rule: &GrammarRule, depth: u32) -> Vec<Field> {
        let (typed, _) = directives(rule);
        let branches: Vec<_> = rule.branches().collect();
        if let [only] = branches.as_slice() {
            return self.branch(rule, &typed, only, depth);
        }
        let octets = self.sizes.rule(rule);
        let Some(bits) = bits(&typed) else {
            let name = uint(&typed).unwrap_or(rule.name());
            return vec![field(name, Extent::of(&octets), Some(rule.name()))];
        };
        let rest = octets.without(octets_of(&bits));
        let mut fields = bits;
        if rest.exact() != Some(0) {
            let name = self.name_of_rest(rule, &branches, depth);
            fields.push(field(&name, Extent::of(&rest), Some(rule.name())));
        }
        fields
    }

    /// What follows the bits is named as in the alternatives where they agree.
    fn name_of_rest(
        &mut self,
        rule: &GrammarRule,
        branches: &[&Concatenation],
        depth: u32,
    ) -> String {
        let mut names: Vec<String> = Vec::new();
        for branch in branches {
            let fields = self.concatenation(rule, &[], branch, true, depth);
            if let Some(last) = fields.last().filter(|last| last.extent != Extent::Bits(8)) {
                names.push(last.name.clone());
            }
        }
        names.dedup();
        match <[String; 1]>::try_from(names) {
            Ok([name]) => name,
            Err(_) => rule.name().to_owned(),
        }
    }

    fn branch(
        &mut self,
        rule: &GrammarRule,
        typed: &[Typed],
        branch: &Concatenation,
        depth: u32,
    ) -> Vec<Field> {
        let Some(mut fields) = bits(typed) else {
            if let Some(name) = uint(typed) {
                let octets = self.sizes.rule(rule);
                return vec![field(name, Extent::of(&octets), Some(rule.name()))];
            }
            return self.concatenation(rule, typed, branch, true, depth);
        };
        let mut taken = octets_of(&fields) * 8;
        for one in self.concatenation(rule, typed, branch, true, depth) {
            match one.extent {
                _ if taken == 0 => fields.push(one),
                Extent::Bits(bits) => {
                    let left = bits.saturating_sub(taken);
                    taken = taken.saturating_sub(bits);
                    if left > 0 {
                        fields.push(Field { extent: Extent::Bits(left), ..one });
                    }
                }
                Extent::Octets(_) => {
                    taken = 0;
                    fields.push(one);
                }
            }
        }
        fields
    }

    fn concatenation(
        &mut self,
        rule: &GrammarRule,
        typed: &[Typed],
        branch: &Concatenation,
        is_whole: bool,
        depth: u32,
    ) -> Vec<Field> {
        let is_alone = is_whole && branch.parts.len() == 1;
        let mut fields = Vec::new();
        for part in &branch.parts {
            let mut own = self.part(rule, typed, part, is_alone, depth);
            fields.append(&mut own);
        }
        fields
    }

    fn part(
        &mut self,
        rule: &GrammarRule,
        typed: &[Typed],
        part: &Repetition,
        is_alone: bool,
        depth: u32,
    ) -> Vec<Field> {
        let name = sole_reference(&part.element);
        let about = |other: &str| name.is_some_and(|name| name.eq_ignore_ascii_case(other));
        let size = typed.iter().find_map(|one| match &one.kind {
            Kind::Size { part, octets } if about(&part.text) => Some(format!("{octets} octets")),
            _ => None,
        });
        let when = typed.iter().find_map(|one| match &one.kind {
            Kind::When { part, condition } if about(&part.text) => Some(format!("if {condition}")),
            _ => None,
        });
        let is_option = matches!(part.element.kind, ElementKind::Option(_))
            || (part.repeat.min(), part.repeat.max()) == (0, Some(1));
        let condition = when.or_else(|| is_option.then(|| "optional".to_owned()));
        let mut fields = match (&part.element.kind, name) {
            _ if size.is_some() => Vec::new(),
            (ElementKind::Option(inner) | ElementKind::Group(inner), _)
                if part.repeat == Repeat::ONCE && depth < DEPTH =>
            {
                match inner.branches.as_slice() {
                    [only] => self.concatenation(rule, typed, only, is_alone, depth + 1),
                    _ => Vec::new(),
                }
            }
            (ElementKind::Reference(_), Some(name))
                if part.repeat == Repeat::ONCE || condition.is_some() =>
            {
                match self.grammar.resolve(rule, name).filter(|_| self.opens_parts) {
                    Some(inner) if self.has_fields(inner, depth + 1) => self.rule(inner, depth + 1),
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        };
        if fields.is_empty() {
            let inner = name.and_then(|name| self.grammar.resolve(rule, name));
            let (label, link) = match inner {
                Some(inner) if !inner.is_core() => (inner.name().to_owned(), Some(inner.name())),
                _ if is_alone => (rule.name().to_owned(), Some(rule.name())),
                _ => (part.to_string(), None),
            };
            let extent = match size {
                Some(octets) => Extent::Octets(octets),
                None => Extent::of(&self.present(rule, part)),
            };
            fields.push(field(&label, extent, link));
        }
        if let Some(condition) = condition {
            for one in &mut fields {
                one.condition = Some(match &one.condition {
                    // An option and what stands in it are about the same part.
                    Some(own) if *own != condition => format!("{condition}; {own}"),
                    _ => condition.clone(),
                });
            }
        }
        fields
    }

    /// The size of a part that is there: what `[x]` and `*1x` are about.
    fn present(&mut self, rule: &GrammarRule, part: &Repetition) -> Octets {
        let octets = self.sizes.repetition(rule, part);
        match (&part.element.kind, &octets) {
            (ElementKind::Option(_), Octets::Few(few)) if few.len() > 1 => {
                Octets::Few(few.iter().copied().filter(|octets| *octets > 0).collect())
            }
            (ElementKind::Reference(_), Octets::Between(0, Some(_)))
                if part.repeat.max() == Some(1) =>
            {
                let once = Element::clone(&part.element);
                let once = Repetition { repeat: Repeat::ONCE, element: once, span: 0..0 };
                self.sizes.repetition(rule, &once)
            }
            _ => octets,
        }
    }
}

fn is_about_octets(kind: &Kind) -> bool {
    use crate::directive::Encoding;
    match kind {
        Kind::Bits(_) | Kind::Size { .. } => true,
        Kind::Uint { encoding, .. } => {
            matches!(encoding, Encoding::BigEndian | Encoding::Base128)
        }
        _ => false,
    }
}

fn bits(typed: &[Typed]) -> Option<Vec<Field>> {
    typed.iter().find_map(|one| match &one.kind {
        Kind::Bits(fields) => Some(
            fields
                .iter()
                .map(|one| field(&one.name.text, Extent::Bits(u64::from(one.width)), None))
                .collect(),
        ),
        _ => None,
    })
}

fn octets_of(bits: &[Field]) -> u64 {
    let widths = bits.iter().map(|field| match field.extent {
        Extent::Bits(bits) => bits,
        Extent::Octets(_) => 0,
    });
    widths.sum::<u64>() / 8
}

fn uint(typed: &[Typed]) -> Option<&str> {
    typed.iter().find_map(|one| match &one.kind {
        Kind::Uint { name, .. } => Some(name.text.as_str()),
        _ => None,
    })
}

fn field(name: &str, extent: Extent, rule: Option<&str>) -> Field {
    Field { name: name.to_owned(), extent, condition: None, rule: rule.map(str::to_owned) }
}
