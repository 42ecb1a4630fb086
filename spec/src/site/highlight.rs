//! Code blocks with colours, anchors and links.

use wsconform_abnf::GrammarRule;

use super::html::{escaped, link, span};
use super::links::{Links, rule_anchor};

/// A block of ABNF: each name is a link to its definition, each definition an anchor.
pub(super) fn abnf(links: &Links<'_>, text: &str) -> String {
    let grammar = links.book.grammar();
    let mut html = String::new();
    for line in text.split_inclusive('\n') {
        let resolve = |name: &str| grammar.rule(name);
        abnf_line(links, line, &resolve, &|rule, token| definition(links, rule, token), &mut html);
    }
    html
}

/// A rule as ABNF: each name is a link to its definition.
pub(super) fn rule(links: &Links<'_>, rule: &GrammarRule) -> String {
    let grammar = links.book.grammar();
    let mut html = String::new();
    for line in rule.to_string().split_inclusive('\n') {
        let resolve = |name: &str| grammar.resolve(rule, name);
        abnf_line(links, line, &resolve, &|_, token| span("defined", token), &mut html);
    }
    html
}

fn abnf_line<'g>(
    links: &Links<'_>,
    line: &str,
    resolve: &dyn Fn(&str) -> Option<&'g GrammarRule>,
    definition: &dyn Fn(&GrammarRule, &str) -> String,
    html: &mut String,
) {
    let mut rest = line;
    let mut defines = is_definition(line);
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            ';' => {
                html.push_str(&comment(links, rest.trim_end_matches(['\n', '\r'])));
                rest.trim_end_matches(['\n', '\r']).len()
            }
            '"' => closed(rest, 1, '"'),
            '<' => closed(rest, 1, '>'),
            '%' if rest[1..].starts_with(['s', 'S', 'i', 'I']) && rest[2..].starts_with('"') => {
                closed(rest, 3, '"')
            }
            '%' => run(rest, |one| one.is_ascii_alphanumeric() || matches!(one, '%' | '.' | '-')),
            _ if first.is_ascii_alphabetic() => {
                run(rest, |one| one.is_ascii_alphanumeric() || one == '-')
            }
            _ => first.len_utf8(),
        };
        let (token, behind) = rest.split_at(taken);
        match first {
            ';' => {}
            '"' | '%' => html.push_str(&span("literal", token)),
            '<' => html.push_str(&span("prose", token)),
            _ if first.is_ascii_alphabetic() => match resolve(token) {
                Some(rule) if defines => html.push_str(&definition(rule, token)),
                Some(rule) => html.push_str(&link(&links.rule(rule), "rule", token)),
                None => html.push_str(&escaped(token)),
            },
            _ if "/=*()[]".contains(first) || first.is_ascii_digit() => {
                html.push_str(&span("sign", token));
            }
            _ => html.push_str(&escaped(token)),
        }
        defines = defines && first.is_whitespace();
        rest = behind;
    }
}

/// The name that is defined leads to what is known of the rule.
fn definition(links: &Links<'_>, rule: &GrammarRule, token: &str) -> String {
    let anchor = match links.rule(rule).split_once('#') {
        Some((page, _)) if page != "grammar.html" => format!(" id=\"{}\"", rule_anchor(rule)),
        _ => String::new(),
    };
    let target = format!("grammar.html#index:{}", rule.name());
    format!("<a class=\"defined\"{anchor} href=\"{}\">{}</a>", escaped(&target), escaped(token))
}

/// Whether a line begins a definition and no more alternatives: `name =`.
fn is_definition(line: &str) -> bool {
    let name = run(line.trim_start(), |one| one.is_ascii_alphanumeric() || one == '-');
    let behind = line.trim_start()[name..].trim_start();
    name > 0 && behind.starts_with('=') && !behind.starts_with("=/")
}

/// A comment; the names of requirements in it are links.
fn comment(links: &Links<'_>, text: &str) -> String {
    let class = if text.starts_with(";@") { "directive" } else { "comment" };
    format!("<span class=\"{class}\">{}</span>", with_requirements(links, text))
}

/// Escaped text in which ids of requirements are links.
fn with_requirements(links: &Links<'_>, text: &str) -> String {
    let mut html = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (between, behind) = rest.split_at(run(rest, |one| !is_id_character(one)));
        let (word, behind) = behind.split_at(run(behind, is_id_character));
        // A full stop ends the sentence, not the id.
        let id = word.trim_end_matches('.');
        html.push_str(&escaped(between));
        match links.requirement(id) {
            Some(target) => html.push_str(&link(&target, "", id)),
            None => html.push_str(&escaped(id)),
        }
        html.push_str(&word[id.len()..]);
        rest = behind;
    }
    html
}

/// A block of scenarios or of examples: key words, values, comments; ids are links and anchors.
pub(super) fn lines(links: &Links<'_>, kind: Kind, text: &str) -> String {
    let mut html = String::new();
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        html.push_str(&line[..indent]);
        let line = &line[indent..];
        let word = run(line, |one| one.is_ascii_alphanumeric() || one == '-');
        if line[word..].starts_with([' ', '\n']) && KEYWORDS.contains(&&line[..word]) {
            html.push_str(&span("keyword", &line[..word]));
            let names_itself = matches!(&line[..word], "scenario" | "example" | "machine");
            operands(links, kind, &line[word..], names_itself, &mut html);
        } else {
            operands(links, kind, line, false, &mut html);
        }
    }
    html
}

/// What a block of lines holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Scenario,
    Example,
    Model,
}

const KEYWORDS: [&str; 35] = [
    "scenario",
    "roles",
    "app",
    "tags",
    "slow",
    "needs",
    "connections",
    "for",
    "open",
    "connect",
    "accept",
    "send",
    "expect",
    "or",
    "observe",
    "when",
    "measure",
    "at-most",
    "at-least",
    "let",
    "check",
    "any-order",
    "example",
    "reads",
    "active",
    "covers",
    "octets",
    "means",
    "fails",
    "wait",
    "hold",
    "setup",
    "agree",
    "machine",
    "state",
];

fn operands(links: &Links<'_>, kind: Kind, line: &str, names_itself: bool, html: &mut String) {
    let mut rest = line;
    let mut names_itself = names_itself;
    let mut names_case = false;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            ';' => rest.trim_end_matches(['\n', '\r']).len(),
            '"' => text_length(rest),
            '<' => closed(rest, 1, '>'),
            '$' => 1 + run(&rest[1..], |one| one.is_ascii_alphanumeric() || one == '-'),
            _ if first.is_ascii_alphanumeric() => run(rest, is_id_character),
            _ => first.len_utf8(),
        };
        let (token, behind) = rest.split_at(taken);
        match first {
            ';' => html.push_str(&comment(links, token)),
            '"' => html.push_str(&span("literal", token)),
            '<' => html.push_str(&span("octets", token)),
            '$' => html.push_str(&span("variable", token)),
            _ if first.is_ascii_alphanumeric() => {
                let word = word(links, kind, token, names_itself, names_case);
                html.push_str(&word);
                names_itself = false;
                names_case = token == "case";
            }
            _ => html.push_str(&escaped(token)),
        }
        rest = behind;
    }
}

fn word(
    links: &Links<'_>,
    kind: Kind,
    token: &str,
    names_itself: bool,
    names_case: bool,
) -> String {
    if names_itself {
        let (anchor, is_known) = match kind {
            Kind::Scenario => (format!("case:{token}"), links.scenario(token).is_some()),
            Kind::Example => (format!("example:{token}"), links.is_example(token)),
            Kind::Model => {
                (format!("machine:{token}"), links.book.model().machine(token).is_some())
            }
        };
        if is_known {
            let (anchor, token) = (escaped(&anchor), escaped(token));
            return format!("<a class=\"defined\" id=\"{anchor}\" href=\"#{anchor}\">{token}</a>");
        }
    }
    let target = match names_case {
        true => links.case(token),
        false if token.contains('.') => links.requirement(token),
        false => None,
    };
    match target {
        Some(target) => link(&target, "", token),
        None if is_number(kind, token) => span("number", token),
        None => escaped(token),
    }
}

fn is_number(kind: Kind, token: &str) -> bool {
    let is_octet = token.len() == 2 && token.bytes().all(|one| one.is_ascii_hexdigit());
    token.starts_with(|one: char| one.is_ascii_digit()) || (kind == Kind::Example && is_octet)
}

fn is_id_character(one: char) -> bool {
    one.is_ascii_alphanumeric() || matches!(one, '-' | '.' | '/' | '_')
}

/// How many octets at the beginning are of a kind.
fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|one: char| !belongs(one)).unwrap_or(text.len())
}

/// Up to and with `end`, which is looked for from `from` on; no further than the line.
fn closed(text: &str, from: usize, end: char) -> usize {
    let line = text.trim_end_matches(['\n', '\r']).len();
    match text.get(from..line).and_then(|inner| inner.find(end)) {
        Some(at) => from + at + end.len_utf8(),
        None => line.max(1),
    }
}

/// A text in quotes, in which a backslash escapes.
fn text_length(text: &str) -> usize {
    let mut escapes = false;
    for (at, one) in text.char_indices().skip(1) {
        match one {
            '"' if !escapes => return at + 1,
            '\n' => return at,
            _ => escapes = one == '\\' && !escapes,
        }
    }
    text.len()
}
