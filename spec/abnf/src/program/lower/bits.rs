//! Widths and presence from comments, where values are bits.

use super::{Lowering, Within};
use crate::ast::{Name, Repetition};
use crate::diagnostic::{Diagnostic, Source};
use crate::directive::Comparison;
use crate::grammar::GrammarRule;
use crate::program::widths::Said;
use crate::program::{Condition, OctetString, Unit, Where, bits};

impl Within<'_> {
    /// What a part is in: its comment may say how many bits it has.
    pub(super) fn in_part(&self, source: &Source, part: &Repetition) -> Self {
        let mut within = Self { ..*self };
        let said = Said::at(source.text(), part.span.end).width;
        if let (Unit::Bits(known), Some(width)) = (self.unit, said) {
            let (min, max) = (part.repeat.min(), part.repeat.max());
            let times = if max == Some(min) { u32::try_from(min).unwrap_or(0) } else { 1 };
            let is_shared = times > 1 && width.is_multiple_of(times);
            let width = if is_shared { width / times } else { width };
            within.unit = Unit::Bits(u8::try_from(width).unwrap_or(known));
        }
        within
    }
}

/// The unit of a rule that is used where values have `unit`.
pub(super) fn unit_of(rule: &GrammarRule, unit: Unit) -> Unit {
    let width = said(rule).width.and_then(|width| u8::try_from(width).ok());
    match (unit, width) {
        (Unit::Bits(_), Some(width)) => Unit::Bits(width),
        _ => unit,
    }
}

/// What the comments at the end of a rule say.
fn said(rule: &GrammarRule) -> Said {
    let Some(last) = rule.parts().last() else { return Said::default() };
    let branches = last.alternation.branches.iter();
    let end = branches.flat_map(|branch| &branch.parts).map(|part| part.span.end).max();
    end.map_or_else(Said::default, |end| Said::at(last.source.text(), end))
}

impl Lowering<'_> {
    /// When the rule at `target` stands anywhere, if a comment at its end says so.
    pub(super) fn present_only_if(
        &mut self,
        target: usize,
        within: &Within<'_>,
    ) -> Result<Option<Where>, Diagnostic> {
        let rule = self.all[target];
        let (Unit::Bits(_), Some((field, number))) = (within.unit, said(rule).present_if) else {
            return Ok(None);
        };
        let definition = rule.definition();
        let (source, span) = (&definition.source, definition.name.span.clone());
        let name = Name { text: field, span: span.clone() };
        let Some(place) = self.resolve(target, &name) else { return Ok(None) };
        let width = match unit_of(self.all[place], within.unit) {
            Unit::Bits(width) => usize::from(width),
            Unit::Octet | Unit::Utf8 => return Ok(None),
        };
        let value = bits(&number.to_be_bytes()).split_off(64_usize.saturating_sub(width));
        let field = self.scope(source).rule_field(&name)?;
        Ok(Some(Where {
            condition: Condition::Octets(
                Comparison::Equal,
                OctetString::Field(field),
                OctetString::Constant(value),
            ),
            fail: None,
            source: source.clone(),
            span,
            text: format!("present only if {} is {number}", name.text),
        }))
    }
}
