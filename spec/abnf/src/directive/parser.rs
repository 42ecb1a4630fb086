//! Reads a directive by recursive descent.

use super::cursor::{Cursor, Parsed};
use super::lexer::{Token, TokenKind, tokens};
use super::{BitField, Domain, Encoding, Fail, Kind, Transform, Typed};
use crate::ast::{Name, Span};
use crate::diagnostic::{Diagnostic, Source};
use crate::suggest::closest;

const VERBS: [&str; 9] =
    ["bits", "uint", "size", "when", "where", "transform", "fail", "context", "feature"];

pub(super) fn parse(source: &Source, span: Span) -> Result<Typed, Diagnostic> {
    let tokens = tokens(source, span.clone())?;
    let mut cursor = Cursor { source, tokens, at: 0, depth: 0 };
    let (kind, own_fail) = cursor.kind()?;
    let fail = if own_fail.is_none() && cursor.takes(";") {
        cursor.word("fail")?;
        if matches!(kind, Kind::Context { .. } | Kind::Feature(_)) {
            return Err(cursor.expected("the end of the directive"));
        }
        Some(cursor.fail()?)
    } else {
        own_fail
    };
    if cursor.peek().kind != TokenKind::End {
        return Err(cursor.expected("the end of the directive"));
    }
    Ok(Typed { kind, fail, span })
}

impl Cursor<'_> {
    fn kind(&mut self) -> Parsed<(Kind, Option<Fail>)> {
        let verb = match &self.peek().kind {
            TokenKind::Word(word) => word.to_ascii_lowercase(),
            _ => return Err(self.expected("the name of a directive").help(verbs())),
        };
        let token = self.next();
        let kind = match verb.as_str() {
            "bits" => self.bits(&token)?,
            "uint" => self.uint()?,
            "size" => {
                let part = self.part()?;
                Kind::Size { part, octets: self.expression()? }
            }
            "when" => {
                let part = self.part()?;
                Kind::When { part, condition: self.expression()? }
            }
            "where" => Kind::Where(self.expression()?),
            "transform" => self.transform()?,
            "fail" => return Ok((Kind::Fail, Some(self.fail()?))),
            "context" => self.context()?,
            "feature" => Kind::Feature(self.name()?),
            _ => {
                let diagnostic = Diagnostic::new(
                    self.source,
                    token.span,
                    "unknown directive",
                    format!("no directive is called `{verb}`"),
                );
                return Err(match closest(&verb, VERBS) {
                    Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                    None => diagnostic.help(verbs()),
                });
            }
        };
        Ok((kind, None))
    }

    fn bits(&mut self, verb: &Token) -> Parsed<Kind> {
        let mut fields = Vec::new();
        let mut total = 0;
        while self.peek().name().is_some() {
            let name = self.name()?;
            if fields.iter().any(|known: &BitField| known.name.key() == name.key()) {
                let label = format!("`{}` stands there already", name.text);
                let span = name.span;
                return Err(Diagnostic::new(self.source, span, "field named twice", label)
                    .help("give each field a name of its own"));
            }
            self.sign(":")?;
            let token = self.next();
            let width = match token.kind {
                TokenKind::Number(width @ 1..=64) => width as u32,
                _ => {
                    return Err(self.wrong(&token, "a width of 1 to 64 bits"));
                }
            };
            total += width;
            if total > 64 {
                return Err(Diagnostic::new(
                    self.source,
                    name.span.start..token.span.end,
                    "too many bits",
                    "the fields so far have more than 64 bits",
                )
                .help("give further octets a rule of their own"));
            }
            fields.push(BitField { name, width });
        }
        if fields.is_empty() {
            return Err(self.expected("a field such as `opcode:4`"));
        }
        if total % 8 != 0 {
            let end = self.tokens[self.at - 1].span.end;
            return Err(Diagnostic::new(
                self.source,
                verb.span.start..end,
                "bits that fill no whole octets",
                format!("{total} bits are no multiple of 8"),
            )
            .help("name the bits that are left over too"));
        }
        Ok(Kind::Bits(fields))
    }

    fn uint(&mut self) -> Parsed<Kind> {
        let name = self.name()?;
        self.sign(":")?;
        let token = self.next();
        let encodings =
            [Encoding::BigEndian, Encoding::Base128, Encoding::Decimal, Encoding::Hexadecimal];
        let encoding = match &token.kind {
            TokenKind::Word(word) => {
                encodings.into_iter().find(|one| word.eq_ignore_ascii_case(one.as_str()))
            }
            _ => None,
        };
        match encoding {
            Some(encoding) => Ok(Kind::Uint { name, encoding }),
            None => Err(self.wrong(&token, "`be`, `base128`, `decimal` or `hex`")),
        }
    }

    fn transform(&mut self) -> Parsed<Kind> {
        let part = self.part()?;
        let name = self.name()?;
        let transform = match name.key().as_str() {
            "xor" => Transform::Xor(self.name()?),
            "utf8" => Transform::Utf8,
            _ => Transform::Hook(name),
        };
        let result = if self.takes_word("as") { Some(self.name()?) } else { None };
        Ok(Kind::Transform { part, transform, result })
    }

    fn context(&mut self) -> Parsed<Kind> {
        let name = self.name()?;
        self.sign(":")?;
        let first = self.name()?;
        let domain = match first.key().as_str() {
            "uint" => Domain::Uint,
            "octets" => Domain::Octets,
            "list" => Domain::List,
            _ => {
                let mut words = vec![first.key()];
                while self.takes("/") {
                    words.push(self.name()?.key());
                }
                Domain::Words(words)
            }
        };
        Ok(Kind::Context { name, domain })
    }

    fn fail(&mut self) -> Parsed<Fail> {
        let token = self.next();
        let code = match token.kind {
            TokenKind::Number(number) => u16::try_from(number).ok(),
            _ => None,
        };
        let Some(code) = code else {
            return Err(self.wrong(&token, "a code of at most 65535"));
        };
        let token = self.next();
        match token.kind {
            TokenKind::Word(requirement) => Ok(Fail { code, requirement }),
            _ => Err(self.wrong(&token, "the id of a requirement")),
        }
    }

    /// `X :`
    fn part(&mut self) -> Parsed<Name> {
        let name = self.name()?;
        self.sign(":")?;
        Ok(name)
    }
}

fn verbs() -> String {
    format!("directives are {}", VERBS.map(|verb| format!("`{verb}`")).join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Typed, Diagnostic> {
        let source = Source::new("test.abnf", text);
        parse(&source, 0..text.len())
    }

    fn condition(text: &str) -> String {
        match read(&format!("where {text}")).unwrap().kind {
            Kind::Where(expression) => expression.to_string(),
            other => panic!("{other:?}"),
        }
    }

    fn mistake(text: &str) -> String {
        read(text).unwrap_err().render(false)
    }

    #[test]
    fn expressions_print_as_they_are_read() {
        for text in [
            "rsv1 + rsv2 + rsv3 = 0",
            "sender = server or mask = 1",
            "payload-length < 2^63",
            "a - (b - c) = 1 and not (d or e)",
            "a * (b + c) != 3",
            "close-code in {1000..1003, 3000..4999}",
            "control-sequence in sequences",
            "length(a) >= 2 and present(b)",
            "a = <82 04>",
            "not not a = 1",
        ] {
            assert_eq!(condition(text), text);
        }
        assert_eq!(
            condition("(a) = ((0x10)) or (b = c and d = \"A\")"),
            "a = 16 or b = c and d = \"A\""
        );
        assert_eq!(condition("a<b and c>d"), "a < b and c > d");
    }

    #[test]
    fn reads_every_kind() {
        let typed = read("where mask = 1 ; fail 1002 masking.server.required").unwrap();
        assert_eq!(typed.fail.unwrap().requirement, "masking.server.required");
        assert!(
            matches!(read("bits fin:1 rsv:3 opcode:4").unwrap().kind, Kind::Bits(f) if f.len() == 3)
        );
        assert!(matches!(
            read("uint n : base128").unwrap().kind,
            Kind::Uint { encoding: Encoding::Base128, .. }
        ));
        assert!(matches!(read("size p : n - 2").unwrap().kind, Kind::Size { .. }));
        assert!(matches!(read("when k : m = 1").unwrap().kind, Kind::When { .. }));
        let xor = read("transform p : xor k as q").unwrap().kind;
        assert!(matches!(
            xor,
            Kind::Transform { transform: Transform::Xor(_), result: Some(_), .. }
        ));
        assert!(matches!(read("fail 1002 a.b").unwrap().kind, Kind::Fail));
        let context = read("context sender : client / server").unwrap().kind;
        assert!(
            matches!(context, Kind::Context { domain: Domain::Words(words), .. } if words == ["client", "server"])
        );
        assert!(matches!(read("feature masking").unwrap().kind, Kind::Feature(_)));
    }

    #[test]
    fn mistakes_are_explained() {
        let mistakes = [
            "",
            "sise a : 1",
            "size a 1",
            "bits a:3",
            "bits a:65",
            "bits a:64 b:8",
            "bits",
            "uint n : le",
            "where a +",
            "where (a",
            "where a in {3..1}",
            "where f(a)",
            "where a = é",
            "where a = 99999999999999999999",
            "where \"a",
            "fail x",
            "fail 1002",
            "when a : b ; c",
            "where a = 1 2",
            "feature x ; fail 1 a.b",
            "size a.b : 1",
        ];
        let rendered: Vec<_> = mistakes.map(mistake).into();
        insta::assert_snapshot!(rendered.join("\n\n"));
    }

    #[test]
    fn nesting_is_limited() {
        for text in [
            format!("where {}a{}", "(".repeat(100_000), ")".repeat(100_000)),
            format!("where {} a", "not ".repeat(100_000)),
            format!("where a{}", " or a".repeat(100_000)),
            format!("where a{}", " + a".repeat(100_000)),
        ] {
            assert_eq!(read(&text).unwrap_err().title(), "expression too long");
        }
    }
}
