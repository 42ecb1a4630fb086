//! What values are as octets.

use super::{OctetSet, Terminal, Unit};
use crate::ast::{Base, ElementKind, Value};

/// What is wrong with a value, and what to do.
pub(super) struct Misfit {
    pub(super) label: String,
    pub(super) help: &'static str,
}

const WIDTHS: &str = "in octets a value is written with two hexadecimal or eight binary digits for \
                      each; if the grammar speaks of characters, read it in the unit utf-8";

/// The terminal that `element` is; `None` for an element that is none.
pub(super) fn terminal(element: &ElementKind, unit: Unit) -> Option<Result<Terminal, Misfit>> {
    Some(match element {
        ElementKind::Text { text, case_sensitive } if matches!(unit, Unit::Bits(_)) => {
            text_of_bits(text, *case_sensitive)
        }
        ElementKind::Text { text, case_sensitive } => Ok(Terminal {
            strings: vec![
                text.bytes()
                    .map(|octet| {
                        if *case_sensitive {
                            OctetSet::single(octet)
                        } else {
                            OctetSet::letter(octet)
                        }
                    })
                    .collect(),
            ],
            edges: None,
        }),
        ElementKind::Values { base, values } => values_in_a_row(*base, values, unit),
        ElementKind::Range { base, first, last } => range(*base, *first, *last, unit),
        ElementKind::Reference(_)
        | ElementKind::Group(_)
        | ElementKind::Option(_)
        | ElementKind::Prose(_) => return None,
    })
}

fn values_in_a_row(base: Base, values: &[Value], unit: Unit) -> Result<Terminal, Misfit> {
    let mut octets = Vec::new();
    for value in values {
        match unit {
            Unit::Octet => octets.extend(big_endian(value.number, width(base, *value)?)),
            Unit::Utf8 => match character(value.number) {
                Some(character) => {
                    octets.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                None => return Err(no_character(value.number)),
            },
            Unit::Bits(width) => octets.extend(bits_of(value.number, width)?),
        }
    }
    let string = octets.into_iter().map(OctetSet::single).collect();
    Ok(Terminal { strings: vec![string], edges: None })
}

fn range(base: Base, first: Value, last: Value, unit: Unit) -> Result<Terminal, Misfit> {
    match unit {
        Unit::Octet => {
            let width = width(base, first)?;
            if width != self::width(base, last)? {
                return Err(Misfit {
                    label: "the ends of this range are not equally many octets".to_owned(),
                    help: WIDTHS,
                });
            }
            let (first, last) = (big_endian(first.number, width), big_endian(last.number, width));
            let mut strings = Vec::new();
            split(&first, &last, (0x00, 0xFF), &mut Vec::new(), &mut strings);
            Ok(Terminal { strings, edges: Some((first, last)) })
        }
        Unit::Bits(width) => {
            let (first, last) = (bits_of(first.number, width)?, bits_of(last.number, width)?);
            let mut strings = Vec::new();
            split(&first, &last, (0, 1), &mut Vec::new(), &mut strings);
            Ok(Terminal { strings, edges: Some((first, last)) })
        }
        Unit::Utf8 => {
            let (first, last) = (first.number, last.number);
            if last > 0x10_FFFF {
                return Err(no_character(last));
            }
            let mut strings = Vec::new();
            // Code points of equally many octets, without the surrogates (RFC 3629, 3).
            let blocks = [
                (0, 0x7F),
                (0x80, 0x7FF),
                (0x800, 0xD7FF),
                (0xE000, 0xFFFF),
                (0x1_0000, 0x10_FFFF),
            ];
            let mut edges: Option<(Vec<u8>, Vec<u8>)> = None;
            for (low, high) in blocks {
                let (low, high) = (first.max(low), last.min(high));
                let (Some(low), Some(high)) = (character(low), character(high)) else { continue };
                if low > high {
                    continue;
                }
                let encode = |one: char| one.encode_utf8(&mut [0; 4]).as_bytes().to_vec();
                let (low, high) = (encode(low), encode(high));
                split(&low, &high, (0x80, 0xBF), &mut Vec::new(), &mut strings);
                edges = Some((edges.map_or(low, |(first, _)| first), high));
            }
            Ok(Terminal { strings, edges })
        }
    }
}

/// A number in so many bits, each an octet.
fn bits_of(number: u64, width: u8) -> Result<Vec<u8>, Misfit> {
    if width < 64 && number >> width > 0 {
        return Err(Misfit {
            label: format!("{number:#X} does not fit {width} bits"),
            help: "the comment behind the part, at the end of the rule, or where the rule is used \
                   says how many bits a value has",
        });
    }
    Ok((0..width)
        .rev()
        .map(|place| (number.checked_shr(place.into()).unwrap_or(0) & 1) as u8)
        .collect())
}

/// Characters of eight bits. Letters that differ in case differ in one bit.
fn text_of_bits(text: &str, case_sensitive: bool) -> Result<Terminal, Misfit> {
    let mut string = Vec::new();
    for octet in text.bytes() {
        let start = string.len();
        string.extend(bits_of(u64::from(octet), 8)?.into_iter().map(OctetSet::single));
        if octet.is_ascii_alphabetic() && !case_sensitive {
            string[start + 2] = OctetSet::range(0, 1);
        }
    }
    Ok(Terminal { strings: vec![string], edges: None })
}

fn character(number: u64) -> Option<char> {
    char::from_u32(u32::try_from(number).ok()?)
}

fn no_character(number: u64) -> Misfit {
    Misfit {
        label: format!("{number:#X} is no character of Unicode"),
        help: "characters are 0 to 10FFFF without D800 to DFFF (RFC 3629, 3)",
    }
}

/// How many octets a value has, by the digits with which it is written.
fn width(base: Base, value: Value) -> Result<usize, Misfit> {
    let (digits_in_octet, name) = match base {
        Base::Binary => (8, "binary"),
        Base::Hexadecimal => (2, "hexadecimal"),
        Base::Decimal => {
            return if value.number <= 0xFF {
                Ok(1)
            } else {
                let label = format!("{} is more than an octet", value.number);
                Err(Misfit { label, help: WIDTHS })
            };
        }
    };
    let digits = value.digits;
    if digits <= digits_in_octet {
        Ok(1)
    } else if digits.is_multiple_of(digits_in_octet) && digits <= 8 * digits_in_octet {
        Ok(digits / digits_in_octet)
    } else {
        let label = format!("{digits} {name} digits are no whole octets");
        Err(Misfit { label, help: WIDTHS })
    }
}

fn big_endian(number: u64, width: usize) -> Vec<u8> {
    number.to_be_bytes()[8 - width..].to_vec()
}

/// Cuts the strings from `first` to `last`, which are equally long, into products of sets, if the
/// octets behind the first one run through `inner`.
fn split(
    first: &[u8],
    last: &[u8],
    inner: (u8, u8),
    prefix: &mut Vec<OctetSet>,
    strings: &mut Vec<Vec<OctetSet>>,
) {
    let (Some((&low, low_rest)), Some((&high, high_rest))) =
        (first.split_first(), last.split_first())
    else {
        strings.push(prefix.clone());
        return;
    };
    let least = vec![inner.0; low_rest.len()];
    let greatest = vec![inner.1; low_rest.len()];
    let mut within = |octet, low: &[u8], high: &[u8], strings: &mut Vec<Vec<OctetSet>>| {
        prefix.push(OctetSet::single(octet));
        split(low, high, inner, prefix, strings);
        prefix.pop();
    };
    if low == high {
        within(low, low_rest, high_rest, strings);
        return;
    }
    let (mut from, mut to) = (low, high);
    if low_rest != least {
        within(low, low_rest, &greatest, strings);
        from += 1;
    }
    if high_rest != greatest {
        to -= 1;
    }
    if from <= to {
        let rest = OctetSet::range(inner.0, inner.1);
        let mut string = prefix.clone();
        string.push(OctetSet::range(from, to));
        string.extend(low_rest.iter().map(|_| rest));
        strings.push(string);
    }
    if high_rest != greatest {
        let mut within = |octet, low: &[u8], high: &[u8], strings: &mut Vec<Vec<OctetSet>>| {
            prefix.push(OctetSet::single(octet));
            split(low, high, inner, prefix, strings);
            prefix.pop();
        };
        within(high, &least, high_rest, strings);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(text: &str, unit: Unit) -> String {
        let source = crate::Source::new("test.abnf", format!("a = {text}"));
        let reading = crate::read(&source, 0..source.text().len());
        let element = &reading.rules[0].alternation.branches[0].parts[0].element.kind;
        match terminal(element, unit).unwrap() {
            Ok(terminal) => {
                let strings = terminal.strings.iter();
                strings.map(|string| format!("{string:?}")).collect::<Vec<_>>().join(" / ")
            }
            Err(misfit) => misfit.label,
        }
    }

    #[test]
    fn values_are_octets() {
        assert_eq!(strings("\"aB1\"", Unit::Octet), "[{41 61}, {42 62}, {31}]");
        assert_eq!(strings("%s\"aB\"", Unit::Octet), "[{61}, {42}]");
        assert_eq!(strings("\"\"", Unit::Octet), "[]");
        assert_eq!(strings("%x0D.0A", Unit::Octet), "[{0D}, {0A}]");
        assert_eq!(strings("%x0000-FFFF", Unit::Octet), "[{00-FF}, {00-FF}]");
        assert_eq!(
            strings("%x01FE-0300", Unit::Octet),
            "[{01}, {FE-FF}] / [{02}, {00-FF}] / [{03}, {00}]"
        );
        assert_eq!(strings("%x0123-0125", Unit::Octet), "[{01}, {23-25}]");
        assert_eq!(strings("%b0-1", Unit::Octet), "[{00-01}]");
        assert_eq!(
            strings("%x5D-10FFFF", Unit::Octet),
            "the ends of this range are not equally many octets"
        );
        assert_eq!(strings("%x100", Unit::Octet), "3 hexadecimal digits are no whole octets");
        assert_eq!(strings("%d256", Unit::Octet), "256 is more than an octet");
        assert_eq!(
            strings("%x0000000000000000-7FFFFFFFFFFFFFFF", Unit::Octet),
            "[{00-7F}, {00-FF}, {00-FF}, {00-FF}, {00-FF}, {00-FF}, {00-FF}, {00-FF}]"
        );
    }

    #[test]
    fn characters_are_utf_8() {
        assert_eq!(strings("%xE9.20AC", Unit::Utf8), "[{C3}, {A9}, {E2}, {82}, {AC}]");
        assert_eq!(
            strings("%x0-10FFFF", Unit::Utf8),
            "[{00-7F}] / [{C2-DF}, {80-BF}] / [{E0}, {A0-BF}, {80-BF}] / \
             [{E1-EC}, {80-BF}, {80-BF}] / [{ED}, {80-9F}, {80-BF}] / [{EE-EF}, {80-BF}, {80-BF}] / \
             [{F0}, {90-BF}, {80-BF}, {80-BF}] / [{F1-F3}, {80-BF}, {80-BF}, {80-BF}] / \
             [{F4}, {80-8F}, {80-BF}, {80-BF}]"
        );
        assert_eq!(strings("%xD800-DFFF", Unit::Utf8), "");
        assert_eq!(strings("%x110000", Unit::Utf8), "0x110000 is no character of Unicode");
    }
}
