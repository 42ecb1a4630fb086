//! Reads expressions by recursive descent, the weakest operators first.

use super::cursor::{Cursor, Parsed};
use super::lexer::TokenKind;
use super::{Arithmetic, Comparison, Expression, ExpressionKind, Interval, SetItem};
use crate::ast::Name;
use crate::diagnostic::Diagnostic;

/// How deep parentheses and `not` may nest, and how many operators may follow each other.
const DEPTH_LIMIT: usize = 100;

impl Cursor<'_> {
    pub(super) fn expression(&mut self) -> Parsed<Expression> {
        self.deeper(|parser| {
            let mut left = parser.conjunction()?;
            for _ in 0..DEPTH_LIMIT {
                if !parser.takes_word("or") {
                    return Ok(left);
                }
                let right = parser.conjunction()?;
                left = joined(left, right, ExpressionKind::Or);
            }
            Err(parser.too_deep())
        })
    }

    fn conjunction(&mut self) -> Parsed<Expression> {
        let mut left = self.negation()?;
        for _ in 0..DEPTH_LIMIT {
            if !self.takes_word("and") {
                return Ok(left);
            }
            let right = self.negation()?;
            left = joined(left, right, ExpressionKind::And);
        }
        Err(self.too_deep())
    }

    fn negation(&mut self) -> Parsed<Expression> {
        let start = self.peek().span.start;
        if self.takes_word("not") {
            let inner = self.deeper(Self::negation)?;
            let span = start..inner.span.end;
            return Ok(Expression { kind: ExpressionKind::Not(Box::new(inner)), span });
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Parsed<Expression> {
        let left = self.sum()?;
        if self.takes_word("in") {
            return self.membership(left);
        }
        let comparisons = [
            Comparison::Equal,
            Comparison::NotEqual,
            Comparison::Less,
            Comparison::AtMost,
            Comparison::Greater,
            Comparison::AtLeast,
        ];
        let Some(comparison) = comparisons.into_iter().find(|one| self.takes(one.as_str())) else {
            return Ok(left);
        };
        let right = self.sum()?;
        Ok(joined(left, right, |left, right| ExpressionKind::Comparison(comparison, left, right)))
    }

    fn membership(&mut self, left: Expression) -> Parsed<Expression> {
        let start = left.span.start;
        if !self.takes("{") {
            let list = self.name()?;
            let span = start..list.span.end;
            return Ok(Expression { kind: ExpressionKind::InList(Box::new(left), list), span });
        }
        let mut items = Vec::new();
        loop {
            items.push(self.set_item()?);
            if !self.takes(",") {
                break;
            }
        }
        let end = self.sign("}")?.span.end;
        Ok(Expression { kind: ExpressionKind::InSet(Box::new(left), items), span: start..end })
    }

    fn set_item(&mut self) -> Parsed<SetItem> {
        let token = self.next();
        match &token.kind {
            TokenKind::Number(first) => {
                let mut last = *first;
                if self.takes("..") {
                    let token = self.next();
                    last = match token.kind {
                        TokenKind::Number(last) if last >= *first => last,
                        TokenKind::Number(last) => {
                            let label = format!("{first} is above {last}");
                            let span = token.span;
                            return Err(Diagnostic::new(
                                self.source,
                                span,
                                "range upside down",
                                label,
                            )
                            .help("the least number stands first"));
                        }
                        _ => return Err(self.wrong(&token, "a number")),
                    };
                }
                Ok(SetItem::Numbers(Interval { first: *first, last }))
            }
            TokenKind::Octets(octets) => Ok(SetItem::Octets(octets.clone())),
            TokenKind::Text(text) => Ok(SetItem::Text(text.clone())),
            TokenKind::Word(_) if token.name().is_some() => {
                token.name().map(SetItem::Word).ok_or_else(|| self.wrong(&token, "a word"))
            }
            _ => Err(self.wrong(&token, "a number, a range `3..5`, octets or a word")),
        }
    }

    fn sum(&mut self) -> Parsed<Expression> {
        let signs = [Arithmetic::Add, Arithmetic::Subtract];
        self.operators(&signs, |parser| parser.operators(&[Arithmetic::Multiply], Self::power))
    }

    fn power(&mut self) -> Parsed<Expression> {
        let base = self.atom()?;
        if !self.takes(Arithmetic::Power.as_str()) {
            return Ok(base);
        }
        let exponent = self.atom()?;
        Ok(arithmetic(Arithmetic::Power, base, exponent))
    }

    /// Operands with signs between them, the left ones first.
    fn operators(
        &mut self,
        signs: &[Arithmetic],
        operand: impl Fn(&mut Self) -> Parsed<Expression>,
    ) -> Parsed<Expression> {
        let mut left = operand(self)?;
        for _ in 0..DEPTH_LIMIT {
            let Some(sign) = signs.iter().find(|sign| self.takes(sign.as_str())) else {
                return Ok(left);
            };
            let right = operand(self)?;
            left = arithmetic(*sign, left, right);
        }
        Err(self.too_deep())
    }

    fn atom(&mut self) -> Parsed<Expression> {
        let token = self.next();
        let start = token.span.start;
        let kind = match &token.kind {
            TokenKind::Number(number) => ExpressionKind::Number(*number),
            TokenKind::Octets(octets) => ExpressionKind::Octets(octets.clone()),
            TokenKind::Text(text) => ExpressionKind::Text(text.clone()),
            TokenKind::Sign("(") => {
                let inner = self.expression()?;
                let end = self.sign(")")?.span.end;
                return Ok(Expression { kind: inner.kind, span: start..end });
            }
            TokenKind::Word(_) => match token.name() {
                Some(name) if self.peek().kind == TokenKind::Sign("(") => {
                    return self.function(&name);
                }
                Some(name) => ExpressionKind::Name(name),
                None => return Err(self.wrong(&token, "a name without dots")),
            },
            _ => return Err(self.wrong(&token, "a number, a name, octets or `(`")),
        };
        Ok(Expression { kind, span: token.span })
    }

    fn function(&mut self, function: &Name) -> Parsed<Expression> {
        self.sign("(")?;
        let operand = self.name()?;
        let end = self.sign(")")?.span.end;
        let kind = match function.key().as_str() {
            "length" => ExpressionKind::Length(operand),
            "present" => ExpressionKind::Present(operand),
            _ => {
                let label = format!("no function is called `{}`", function.text);
                let span = function.span.clone();
                return Err(Diagnostic::new(self.source, span, "unknown function", label)
                    .help("there are `length(X)` and `present(X)`"));
            }
        };
        Ok(Expression { kind, span: function.span.start..end })
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == DEPTH_LIMIT {
            return Err(self.too_deep());
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn too_deep(&self) -> Diagnostic {
        Diagnostic::new(
            self.source,
            self.peek().span.clone(),
            "expression too long",
            format!("more than {DEPTH_LIMIT} operators in a row or inside each other"),
        )
        .help("state it as several directives")
    }
}

fn joined(
    left: Expression,
    right: Expression,
    join: impl FnOnce(Box<Expression>, Box<Expression>) -> ExpressionKind,
) -> Expression {
    let span = left.span.start..right.span.end;
    Expression { kind: join(Box::new(left), Box::new(right)), span }
}

fn arithmetic(sign: Arithmetic, left: Expression, right: Expression) -> Expression {
    joined(left, right, |left, right| ExpressionKind::Arithmetic(sign, left, right))
}
