//! Sec-WebSocket-Extensions: the list of extensions (RFC 6455, 9.1).

use std::fmt;

use nom::branch::alt;
use nom::bytes::complete::{tag, take, take_while, take_while1};
use nom::character::complete::char;
use nom::combinator::{all_consuming, map, map_opt, opt, recognize, verify};
use nom::multi::{fold_many0, many0, separated_list1};
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

use super::head::is_token_octet;

/// An extension as it stands in an offer or in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its name, such as `rate-control`.
    pub token: String,
    /// Its parameters, in order; names may come twice.
    pub parameters: Vec<Parameter>,
}

/// A parameter of an extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its value without quotes, always a token; a parameter may have none.
    pub value: Option<String>,
}

impl Parameter {
    /// A parameter with a value.
    pub fn new(name: &str, value: impl fmt::Display) -> Self {
        Self { name: name.to_owned(), value: Some(value.to_string()) }
    }
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.token)?;
        for Parameter { name, value } in &self.parameters {
            write!(f, "; {name}")?;
            value.iter().try_for_each(|value| write!(f, "={value}"))?;
        }
        Ok(())
    }
}

/// A list of extensions that breaks its grammar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MalformedExtensions {
    /// The whole value.
    pub value: String,
}

impl fmt::Display for MalformedExtensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no list of extensions (RFC 6455, 9.1)", self.value)
    }
}

impl std::error::Error for MalformedExtensions {}

/// Reads the value of a field, its lines joined by commas. Empty elements are skipped
/// (RFC 9110, 5.6.1), but there has to be one that is not; quoted values equal unquoted ones.
///
/// ```
/// use wsconform_reference::parse_extensions;
///
/// let list = parse_extensions(r#", rate-control;sender="both" , x-other; a"#)?;
/// assert_eq!(list[0].to_string(), "rate-control; sender=both");
/// assert_eq!(list[1].to_string(), "x-other; a");
/// # Ok::<(), wsconform_reference::MalformedExtensions>(())
/// ```
///
/// # Errors
///
/// The value breaks the grammar.
pub fn parse_extensions(value: &str) -> Result<Vec<Extension>, MalformedExtensions> {
    let element = delimited(white_space, opt(extension), white_space);
    all_consuming(separated_list1(char(','), element))
        .parse(value)
        .ok()
        .map(|(_, elements)| elements.into_iter().flatten().collect::<Vec<_>>())
        .filter(|extensions| !extensions.is_empty())
        .ok_or_else(|| MalformedExtensions { value: value.to_owned() })
}

/// Writes a list of extensions.
pub fn write_extensions(extensions: &[Extension]) -> String {
    extensions.iter().map(Extension::to_string).collect::<Vec<_>>().join(", ")
}

fn extension(input: &str) -> IResult<&str, Extension> {
    let parameters = many0(preceded((white_space, char(';'), white_space), parameter));
    map((token, parameters), |(token, parameters)| Extension {
        token: token.to_owned(),
        parameters,
    })
    .parse(input)
}

/// The grammar of RFC 6455, 4.3 is that of RFC 2616: white space is implied around `=` as well.
fn parameter(input: &str) -> IResult<&str, Parameter> {
    let value = alt((map(token, str::to_owned), quoted));
    let value = opt(preceded((white_space, char('='), white_space), value));
    map((token, value), |(name, value)| Parameter { name: name.to_owned(), value }).parse(input)
}

fn token(input: &str) -> IResult<&str, &str> {
    take_while1(is_token_char).parse(input)
}

/// A quoted string that is a token once it is unquoted.
fn quoted(input: &str) -> IResult<&str, String> {
    let pair = preceded(tag("\\"), take(1usize));
    let plain = recognize(verify(take(1usize), |c: &str| c != "\"" && c != "\\"));
    let text = fold_many0(alt((pair, plain)), String::new, |text, piece: &str| text + piece);
    map_opt(delimited(char('"'), text, char('"')), |text| {
        (!text.is_empty() && text.chars().all(is_token_char)).then_some(text)
    })
    .parse(input)
}

fn white_space(input: &str) -> IResult<&str, &str> {
    take_while(|c| matches!(c, ' ' | '\t')).parse(input)
}

fn is_token_char(c: char) -> bool {
    u8::try_from(c).is_ok_and(is_token_octet)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn refuses_what_breaks_the_grammar() {
        for value in [
            "",
            ",",
            " , ,",
            "; sender=both",
            "rate-control sender=both",
            "rate-control; sender=\"both",
            "rate-control; sender=\"bo th\"",
            "rate-control; sender=\"\"",
            "rate-control; sender=",
            "rate-control; control=F0800001;",
            "rate-control; ;",
            "é",
        ] {
            assert!(parse_extensions(value).is_err(), "{value:?}");
        }
    }

    #[test]
    fn takes_every_spelling_of_the_same() {
        for value in ["a;b=c", "a ; b = c", "\ta\t;\tb=\"c\"", ",,a;b=\"\\c\",,"] {
            assert_eq!(write_extensions(&parse_extensions(value).unwrap()), "a; b=c", "{value:?}");
        }
    }

    prop_compose! {
        fn parameter()(name in "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,5}",
                       value in prop::option::of("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,5}")) -> Parameter {
            Parameter { name, value }
        }
    }

    prop_compose! {
        fn extension()(token in "[a-z-]{1,5}",
                       parameters in prop::collection::vec(parameter(), 0..4)) -> Extension {
            Extension { token, parameters }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(list in prop::collection::vec(extension(), 1..5)) {
            prop_assert_eq!(parse_extensions(&write_extensions(&list)), Ok(list));
        }

        #[test]
        fn nothing_panics(value: String) {
            let _ = parse_extensions(&value);
        }
    }
}
