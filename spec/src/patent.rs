//! The places of US 9,331,890: what its figures number, its claims, its columns.

use std::fmt;
use std::ops::Range;

use crate::map::Mistake;

/// What the text numbers in each figure.
const FIGURES: [&[u16]; 8] = [
    &[102, 104, 106, 108, 110, 112, 114],
    &[202, 204, 206],
    &[302, 304, 306],
    &[402, 404, 406],
    &[502, 504, 506, 508, 510, 512, 514],
    &[602, 604, 606, 608, 610, 612],
    &[702, 704, 706],
    &[802, 804],
];
const CLAIMS: u16 = 25;
const COLUMNS: u16 = 20;

/// A place of the patent that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A numbered part of a figure: an element of FIG. 1, a step of one of the others.
    Figure {
        /// The figure, 1 to 8.
        figure: u16,
        /// The number in it.
        number: u16,
    },
    /// A claim, 1 to 25.
    Claim(u16),
    /// A column of the text, for what stands outside of figures and claims.
    Column(u16),
}

impl Place {
    /// All numbered parts of figures, and all claims.
    pub fn all() -> impl Iterator<Item = Self> {
        let figures = (1..).zip(FIGURES).flat_map(|(figure, numbers)| {
            numbers.iter().map(move |number| Self::Figure { figure, number: *number })
        });
        figures.chain((1..=CLAIMS).map(Self::Claim))
    }

    /// The number that it is known by: of a claim, a column, or what a figure numbers.
    pub fn number(self) -> u16 {
        match self {
            Self::Figure { number, .. } | Self::Claim(number) | Self::Column(number) => number,
        }
    }
}

impl fmt::Display for Place {
    /// As it is cited: `FIG. 4, 404`, `claim 5`, `column 16`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&match self {
            Self::Figure { figure, number } => format!("FIG. {figure}, {number}"),
            Self::Claim(number) => format!("claim {number}"),
            Self::Column(number) => format!("column {number}"),
        })
    }
}

/// The places that a source cites, in its order: those behind `US 9,331,890`. Other works are passed
/// over.
pub(crate) fn cited(source: &str) -> Result<Vec<Place>, Mistake> {
    let mut reader = Reader::new(source);
    let mut places = Vec::new();
    while reader.peek().is_some() {
        if reader.patent() {
            reader.sign(',')?;
            reader.places(&mut places)?;
        } else if reader.is_group() {
            return Err(reader.mistake("of which work?", "write `US 9,331,890, ` before it"));
        } else {
            while reader.peek().is_some() && !reader.take(Token::Sign(';')) {
                reader.at += 1;
            }
        }
    }
    Ok(places)
}

/// The one place that the text names.
pub(crate) fn place(text: &str) -> Result<Place, Mistake> {
    let mut reader = Reader::new(text);
    let mut places = Vec::new();
    reader.group(&mut places)?;
    match places.as_slice() {
        [place] if reader.peek().is_none() => Ok(*place),
        _ => Err(Mistake {
            span: 0..text.len(),
            label: "expected one place".to_owned(),
            help: FORMS.to_owned(),
        }),
    }
}

const FORMS: &str = "it is `FIG. 4, 404`, `claim 5` or `column 16`";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'t> {
    Word(&'t str),
    Number(u16),
    Sign(char),
    /// What stands in parentheses.
    Remark,
}

struct Reader<'t> {
    text: &'t str,
    tokens: Vec<(Token<'t>, Range<usize>)>,
    at: usize,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        let mut tokens = Vec::new();
        let mut at = 0;
        while let Some(first) = text[at..].chars().next() {
            let rest = &text[at..];
            let run = |is_part: fn(char) -> bool| {
                rest.find(|one| !is_part(one)).unwrap_or(rest.len()).max(first.len_utf8())
            };
            let (token, length) = if first.is_ascii_digit() {
                let length = run(|one| one.is_ascii_digit());
                // A number that is too large is no place either.
                (Token::Number(rest[..length].parse().unwrap_or(u16::MAX)), length)
            } else if first.is_alphabetic() {
                let length = run(char::is_alphabetic);
                (Token::Word(&rest[..length]), length)
            } else if first == '(' {
                (Token::Remark, rest.find(')').map_or(rest.len(), |end| end + 1))
            } else {
                (Token::Sign(first), first.len_utf8())
            };
            if !first.is_whitespace() {
                tokens.push((token, at..at + length));
            }
            at += length;
        }
        Self { text, tokens, at: 0 }
    }

    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).map(|(token, _)| *token)
    }

    fn take(&mut self, token: Token<'_>) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    /// Takes the name of the patent, if it stands here.
    fn patent(&mut self) -> bool {
        use Token::{Number, Sign, Word};
        const NAME: [Token<'_>; 6] =
            [Word("US"), Number(9), Sign(','), Number(331), Sign(','), Number(890)];
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        let found = rest.len() >= NAME.len()
            && rest.iter().zip(NAME).all(|((token, _), wanted)| *token == wanted);
        self.at += if found { NAME.len() } else { 0 };
        found
    }

    /// Groups that are joined by `;` or `and`; what follows a `;` may be another work.
    fn places(&mut self, places: &mut Vec<Place>) -> Result<(), Mistake> {
        loop {
            self.group(places)?;
            let _ = self.take(Token::Remark);
            if self.take(Token::Word("and")) {
                continue;
            }
            if self.peek().is_some() {
                self.sign(';')?;
            }
            if !self.is_group() {
                return Ok(());
            }
        }
    }

    fn is_group(&self) -> bool {
        matches!(self.peek(), Some(Token::Word("FIG" | "claim" | "claims" | "column")))
    }

    /// The numbers of one figure, or claims, or columns.
    fn group(&mut self, places: &mut Vec<Place>) -> Result<(), Mistake> {
        let word = self.peek();
        if !self.is_group() {
            return Err(self.mistake("expected a place of the patent", FORMS));
        }
        self.at += 1;
        match word {
            Some(Token::Word("FIG")) => {
                self.sign('.')?;
                let figure = self.number(|number| {
                    let numbers = FIGURES.get(usize::from(number).wrapping_sub(1));
                    numbers.map(|_| number).ok_or_else(|| "there are FIG. 1 to 8".to_owned())
                })?;
                self.sign(',')?;
                self.numbers(places, |number| {
                    let numbers = FIGURES[usize::from(figure) - 1];
                    if numbers.contains(&number) {
                        return Ok(Place::Figure { figure, number });
                    }
                    let known: Vec<_> = numbers.iter().map(ToString::to_string).collect();
                    Err(format!("FIG. {figure} numbers {}", known.join(", ")))
                })
            }
            Some(Token::Word("column")) => self.numbers(places, |number| {
                let known = (1..=COLUMNS).contains(&number);
                known
                    .then_some(Place::Column(number))
                    .ok_or_else(|| format!("there are columns 1 to {COLUMNS}"))
            }),
            _ => self.numbers(places, |number| {
                let known = (1..=CLAIMS).contains(&number);
                known
                    .then_some(Place::Claim(number))
                    .ok_or_else(|| format!("there are claims 1 to {CLAIMS}"))
            }),
        }
    }

    /// `402`, `404 and 406`, `4, 5 and 6`, `402 to 406`.
    fn numbers(
        &mut self,
        places: &mut Vec<Place>,
        place: impl Fn(u16) -> Result<Place, String>,
    ) -> Result<(), Mistake> {
        loop {
            let from = self.number(&place)?;
            places.push(from);
            if self.take(Token::Word("to")) {
                let to = self.number(&place)?;
                let between = from.number() + 1..=to.number();
                places.extend(between.filter_map(|number| place(number).ok()));
            }
            let next = self.tokens.get(self.at + 1).map(|(token, _)| *token);
            let goes_on = matches!(self.peek(), Some(Token::Sign(',') | Token::Word("and")))
                && matches!(next, Some(Token::Number(_)));
            if !goes_on {
                return Ok(());
            }
            self.at += 1;
        }
    }

    fn number<T>(&mut self, known: impl Fn(u16) -> Result<T, String>) -> Result<T, Mistake> {
        let Some(Token::Number(number)) = self.peek() else {
            return Err(self.mistake("expected a number", FORMS));
        };
        let found =
            known(number).map_err(|help| self.mistake("the patent has no such place", &help))?;
        self.at += 1;
        Ok(found)
    }

    fn sign(&mut self, sign: char) -> Result<(), Mistake> {
        if self.take(Token::Sign(sign)) {
            return Ok(());
        }
        Err(self.mistake(&format!("expected `{sign}`"), FORMS))
    }

    fn mistake(&self, label: &str, help: &str) -> Mistake {
        let end = self.text.len();
        let span = self.tokens.get(self.at).map_or(end..end, |(_, span)| span.clone());
        Mistake { span, label: label.to_owned(), help: help.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(source: &str) -> String {
        match cited(source) {
            Ok(places) => {
                let places: Vec<_> = places.iter().map(ToString::to_string).collect();
                places.join("; ")
            }
            Err(Mistake { span, label, help }) => format!("{:?}: {label}; {help}", &source[span]),
        }
    }

    #[test]
    fn all_places_are_known_by_their_names() {
        assert_eq!(Place::all().count(), 34 + 25);
        for one in Place::all() {
            assert_eq!(place(&one.to_string()), Ok(one));
        }
    }

    #[test]
    fn citations_are_read() {
        for (source, expected) in [
            ("RFC 6455, 5.2; this book", ""),
            (
                "US 9,331,890, FIG. 3, 306 and FIG. 4, 406; claim 15",
                "FIG. 3, 306; FIG. 4, 406; claim 15",
            ),
            (
                "RFC 6455, 9.1; US 9,331,890,\nFIG. 2, 204 (\"so; it\"); claims 7, 8 and 9; RFC 1, 2",
                "FIG. 2, 204; claim 7; claim 8; claim 9",
            ),
            ("US 9,331,890, FIG. 7, 702 to 706", "FIG. 7, 702; FIG. 7, 704; FIG. 7, 706"),
            ("US 9,331,890, column 16 (\"SPDY\")", "column 16"),
        ] {
            assert_eq!(told(source), expected, "{source}");
        }
    }

    #[test]
    fn what_the_patent_does_not_have_is_a_mistake() {
        let told: Vec<_> = [
            "US 9,331,890, FIG. 8, 804 and 806",
            "US 9,331,890, FIG. 9, 902",
            "US 9,331,890, claims 25 and 26",
            "US 9,331,890, column 0",
            "US 9,331,890, page 3",
            "US 9,331,890",
            "US 9,331,890, FIG. 4 404",
            "US 9,331,890, FIG. 4, 404 RFC 6455",
            "RFC 6455, 5.2; claim 3",
            "US 9,331,890, claim 99999999999999999999",
        ]
        .map(told)
        .into();
        insta::assert_snapshot!(told.join("\n"), @r#"
        "806": the patent has no such place; FIG. 8 numbers 802, 804
        "9": the patent has no such place; there are FIG. 1 to 8
        "26": the patent has no such place; there are claims 1 to 25
        "0": the patent has no such place; there are columns 1 to 20
        "page": expected a place of the patent; it is `FIG. 4, 404`, `claim 5` or `column 16`
        "": expected `,`; it is `FIG. 4, 404`, `claim 5` or `column 16`
        "404": expected `,`; it is `FIG. 4, 404`, `claim 5` or `column 16`
        "RFC": expected `;`; it is `FIG. 4, 404`, `claim 5` or `column 16`
        "claim": of which work?; write `US 9,331,890, ` before it
        "99999999999999999999": the patent has no such place; there are claims 1 to 25
        "#);
    }
}
