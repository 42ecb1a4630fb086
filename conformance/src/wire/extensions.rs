//! Lists of extensions, the value of `Sec-WebSocket-Extensions` (RFC 6455, 9.1).

use std::fmt;

use super::list::{is_token, is_white, split};

/// What a value lists, and what is wrong with how. Both may be there at once: whatever can be
/// read is.
///
/// ```
/// # use wsconform::wire::ExtensionList;
/// let list = ExtensionList::read("a; x=1; y, b; z=\"2\", c; =");
/// let names: Vec<&str> = list.items.iter().map(|item| item.name.as_str()).collect();
/// assert_eq!(names, ["a", "b", "c"]);
/// assert_eq!(list.items[0].value("x"), Some("1"));
/// assert!(list.items[0].has("y") && list.items[1].parameters[0].quoted);
/// assert_eq!(list.faults.len(), 2); // no name and no value in front of and behind the last "="
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExtensionList {
    /// The extensions, in order.
    pub items: Vec<ExtensionItem>,
    /// Where the value breaks its grammar, in order.
    pub faults: Vec<ExtensionFault>,
}

/// An extension with its parameters. Its `Display` writes it as in a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionItem {
    /// Its name as written.
    pub name: String,
    /// Its parameters, in order; one may come twice.
    pub parameters: Vec<ExtensionParameter>,
}

/// A parameter of an extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionParameter {
    /// Its name as written.
    pub name: String,
    /// Its value, quotes and escapes removed; `None` for one without `=`.
    pub value: Option<String>,
    /// Whether the value stood in quotes.
    pub quoted: bool,
}

/// A breach of the grammar of RFC 6455, 9.1; `at` is an offset in the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExtensionFault {
    /// Nothing between two commas, or nothing at all.
    EmptyElement {
        /// Where.
        at: usize,
    },
    /// Nothing between two semicolons.
    EmptyParameter {
        /// Where.
        at: usize,
    },
    /// A name or a value, quoted or not, that is no token.
    NotAToken {
        /// Where.
        at: usize,
        /// What stands there.
        found: String,
    },
    /// A quoted value without its closing quote.
    UnclosedQuote {
        /// Where it begins.
        at: usize,
    },
    /// Something behind the closing quote.
    BehindQuote {
        /// Where the value begins.
        at: usize,
        /// What stands there.
        found: String,
    },
}

impl ExtensionList {
    /// Reads a value; several lines of the field are one value with commas between.
    pub fn read(value: &str) -> ExtensionList {
        let mut list = ExtensionList::default();
        for (at, element) in split(value, ',') {
            if element.is_empty() {
                list.faults.push(ExtensionFault::EmptyElement { at });
            } else {
                let item = read_item(at, element, &mut list.faults);
                list.items.push(item);
            }
        }
        list
    }

    /// Whether nothing breaks the grammar but elements that are empty, which a reader skips
    /// (RFC 9110, 5.6.1).
    pub fn has_empty_elements_alone(&self) -> bool {
        self.faults.iter().all(|fault| matches!(fault, ExtensionFault::EmptyElement { .. }))
    }

    /// The first extension of this name, in any case of its letters.
    pub fn find(&self, name: &str) -> Option<&ExtensionItem> {
        self.items.iter().find(|item| item.name.eq_ignore_ascii_case(name))
    }
}

impl ExtensionItem {
    /// An extension without parameters, to be written.
    pub fn new(name: &str) -> ExtensionItem {
        ExtensionItem { name: name.to_string(), parameters: Vec::new() }
    }

    /// The same with one parameter more.
    pub fn with(mut self, name: &str, value: Option<&str>) -> ExtensionItem {
        let (name, value) = (name.to_string(), value.map(str::to_string));
        self.parameters.push(ExtensionParameter { name, value, quoted: false });
        self
    }

    /// Whether it has a parameter of this name, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.parameters.iter().any(|parameter| parameter.name.eq_ignore_ascii_case(name))
    }

    /// The value of the first parameter of this name that has one.
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut named = self.parameters.iter().filter(|p| p.name.eq_ignore_ascii_case(name));
        named.find_map(|parameter| parameter.value.as_deref())
    }
}

fn read_item(at: usize, element: &str, faults: &mut Vec<ExtensionFault>) -> ExtensionItem {
    let mut pieces = split(element, ';').into_iter();
    let (_, name) = pieces.next().unwrap_or_default();
    expect_token(at, name, faults);
    let mut parameters = Vec::new();
    for (offset, piece) in pieces {
        if piece.is_empty() {
            faults.push(ExtensionFault::EmptyParameter { at: at + offset });
        } else {
            parameters.push(read_parameter(at + offset, piece, faults));
        }
    }
    ExtensionItem { name: name.to_string(), parameters }
}

fn read_parameter(at: usize, piece: &str, faults: &mut Vec<ExtensionFault>) -> ExtensionParameter {
    let Some((name, written)) = piece.split_once('=') else {
        expect_token(at, piece, faults);
        return ExtensionParameter { name: piece.to_string(), value: None, quoted: false };
    };
    let value_at = at + name.len() + 1;
    let (name, written) = (name.trim_end_matches(is_white), written.trim_start_matches(is_white));
    expect_token(at, name, faults);
    let (value, quoted) = match written.strip_prefix('"') {
        None => (written.to_string(), false),
        Some(inner) => (unquote(value_at, inner, faults), true),
    };
    expect_token(value_at, &value, faults);
    ExtensionParameter { name: name.to_string(), value: Some(value), quoted }
}

/// What stands between the quotes; `inner` begins behind the opening one.
fn unquote(at: usize, inner: &str, faults: &mut Vec<ExtensionFault>) -> String {
    let mut value = String::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => value.extend(characters.next()),
            '"' => {
                let behind = characters.as_str().trim_matches(is_white);
                if !behind.is_empty() {
                    faults.push(ExtensionFault::BehindQuote { at, found: behind.to_string() });
                }
                return value;
            }
            _ => value.push(character),
        }
    }
    faults.push(ExtensionFault::UnclosedQuote { at });
    value
}

fn expect_token(at: usize, found: &str, faults: &mut Vec<ExtensionFault>) {
    if !is_token(found) {
        faults.push(ExtensionFault::NotAToken { at, found: found.to_string() });
    }
}

impl fmt::Display for ExtensionList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, item) in self.items.iter().enumerate() {
            write!(f, "{}{item}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl fmt::Display for ExtensionItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for parameter in &self.parameters {
            write!(f, "; {}", parameter.name)?;
            match &parameter.value {
                None => {}
                Some(value) if parameter.quoted => {
                    write!(f, "=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))?;
                }
                Some(value) => write!(f, "={value}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for ExtensionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExtensionFault::EmptyElement { at } => write!(f, "no extension at octet {at}"),
            ExtensionFault::EmptyParameter { at } => write!(f, "no parameter at octet {at}"),
            ExtensionFault::NotAToken { at, found } => {
                write!(f, "{found:?} at octet {at} is no token")
            }
            ExtensionFault::UnclosedQuote { at } => write!(f, "quote at octet {at} is not closed"),
            ExtensionFault::BehindQuote { at, found } => {
                write!(f, "{found:?} behind the quoted value at octet {at}")
            }
        }
    }
}

impl std::error::Error for ExtensionFault {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn faults(value: &str) -> Vec<String> {
        ExtensionList::read(value).faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_right_list_is_written_back_as_it_was() {
        let value = "permessage-deflate; client_max_window_bits; server_max_window_bits=10, \
                     x; y=\"z\"";
        let list = ExtensionList::read(value);
        assert_eq!(list.faults, []);
        assert_eq!(list.to_string(), value);
        assert_eq!(list.find("PERMESSAGE-deflate"), list.items.first());
        assert_eq!(list.items[0].value("server_max_window_bits"), Some("10"));
        assert!(list.items[0].has("client_max_window_bits"));
        assert_eq!(list.items[0].value("client_max_window_bits"), None);
    }

    #[test]
    fn white_space_and_escapes_do_not_matter() {
        let list = ExtensionList::read("\ta ;b = 1;\tc=\"\\d\\e\" ");
        assert_eq!(list.faults, []);
        assert_eq!(list.to_string(), "a; b=1; c=\"de\"");
    }

    #[test]
    fn each_fault_is_told_with_its_place() {
        assert_eq!(faults(""), ["no extension at octet 0"]);
        assert_eq!(faults("a,, b"), ["no extension at octet 2"]);
        assert_eq!(faults("a;; b"), ["no parameter at octet 2"]);
        assert_eq!(faults("a b"), ["\"a b\" at octet 0 is no token"]);
        assert_eq!(faults(";x"), ["\"\" at octet 0 is no token"]);
        assert_eq!(faults("a; x="), ["\"\" at octet 5 is no token"]);
        assert_eq!(
            faults("a; x=\"1, 2"),
            ["quote at octet 5 is not closed", "\"1, 2\" at octet 5 is no token"]
        );
        assert_eq!(faults("a; x=\"1\"2"), ["\"2\" behind the quoted value at octet 5"]);
        assert_eq!(faults("a; x=\"1,2\", b"), ["\"1,2\" at octet 5 is no token"]);
    }

    #[test]
    fn an_item_is_built_as_it_is_read() {
        let built = ExtensionItem::new("a").with("x", Some("1")).with("y", None);
        assert_eq!(ExtensionList::read("a; x=1; y").items, [built]);
    }

    proptest! {
        #[test]
        fn any_text_is_read(value in r#"[ab"\\;,= \té]{0,40}"#) {
            let list = ExtensionList::read(&value);
            // What was read without fault says the same when written again.
            if list.faults.is_empty() {
                prop_assert_eq!(ExtensionList::read(&list.to_string()), list);
            }
        }
    }
}
