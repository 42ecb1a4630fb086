//! Prints a syntax tree as ABNF; what is printed reads back as the same tree.

use std::fmt;

use crate::ast::{
    Alternation, Base, Concatenation, Definition, Element, ElementKind, Repeat, Repetition, Rule,
    Value,
};

impl fmt::Display for Rule {
    /// One line, and one more for each directive; no newline at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let defined_as = match self.definition {
            Definition::Base => "=",
            Definition::Incremental => "=/",
        };
        write!(f, "{} {defined_as} {}", self.name.text, self.alternation)?;
        for directive in &self.directives {
            write!(f, "\n    ;@ {}", directive.text)?;
        }
        Ok(())
    }
}

impl fmt::Display for Alternation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        separated(f, &self.branches, " / ")
    }
}

impl fmt::Display for Concatenation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        separated(f, &self.parts, " ")
    }
}

impl fmt::Display for Repetition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.repeat, self.element)
    }
}

impl fmt::Display for Repeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min(), self.written_max()) {
            (1, Some(1)) => Ok(()),
            (min, Some(max)) if min == max => write!(f, "{min}"),
            (0, None) => write!(f, "*"),
            (0, Some(max)) => write!(f, "*{max}"),
            (min, None) => write!(f, "{min}*"),
            (min, Some(max)) => write!(f, "{min}*{max}"),
        }
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ElementKind::Reference(name) => write!(f, "{}", name.text),
            ElementKind::Group(inner) => write!(f, "({inner})"),
            ElementKind::Option(inner) => write!(f, "[{inner}]"),
            ElementKind::Text { text, case_sensitive: false } => write!(f, "\"{text}\""),
            ElementKind::Text { text, case_sensitive: true } => write!(f, "%s\"{text}\""),
            ElementKind::Values { base, values } => {
                write!(f, "%{}", base.letter())?;
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        write!(f, ".")?;
                    }
                    number(f, *base, *value)?;
                }
                Ok(())
            }
            ElementKind::Range { base, first, last } => {
                write!(f, "%{}", base.letter())?;
                number(f, *base, *first)?;
                write!(f, "-")?;
                number(f, *base, *last)
            }
            ElementKind::Prose(text) => write!(f, "<{text}>"),
        }
    }
}

fn separated<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    separator: &str,
) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        item.fmt(f)?;
    }
    Ok(())
}

fn number(f: &mut fmt::Formatter<'_>, base: Base, value: Value) -> fmt::Result {
    let digits = match base {
        Base::Binary => format!("{:b}", value.number),
        Base::Decimal => value.number.to_string(),
        Base::Hexadecimal => format!("{:X}", value.number),
    };
    for _ in digits.len()..value.digits {
        f.write_str("0")?;
    }
    f.write_str(&digits)
}
