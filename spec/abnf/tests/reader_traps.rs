//! Where other readers of ABNF stumble.
#![allow(clippy::unwrap_used)]

use wsconform_abnf::ast::ElementKind;
use wsconform_abnf::{CheckOptions, Diagnostic, Grammar, GrammarBuilder, Source, read};

/// Everything that is found in a text, at once.
fn found(text: &str) -> Vec<Diagnostic> {
    let source = Source::new("trap.abnf", text);
    let mut builder = GrammarBuilder::new();
    builder.add(&source, 0..text.len());
    builder.check(&CheckOptions::default()).1
}

fn printed(text: &str) -> Vec<String> {
    let grammar = Grammar::read(&Source::new("trap.abnf", text)).unwrap();
    grammar.rules().map(ToString::to_string).collect()
}

#[test]
fn line_ends_make_no_difference() {
    let text = "a = b ; one\n  / c ; two\n\n; three\nb = \"b\"\nc = \"c\"\n";
    let expected = printed(text);
    assert_eq!(expected, ["a = b / c", "b = \"b\"", "c = \"c\""]);
    assert_eq!(printed(&text.replace('\n', "\r\n")), expected);
    assert_eq!(printed(text.trim_end()), expected);
    assert_eq!(printed(&format!("\u{feff}{text}")), expected);
}

#[test]
fn a_blank_line_does_not_end_a_rule() {
    assert_eq!(
        printed("a = \"x\"\n\n  / \"y\"\n   \n; note\n  / \"z\"\n"),
        ["a = \"x\" / \"y\" / \"z\""]
    );
}

#[test]
fn names_ignore_case_so_joined_files_collide_and_imports_do_not() {
    let rfc3986 = wsconform_abnf::known("rfc3986").unwrap().rule("host").unwrap().parts().count();
    assert_eq!(rfc3986, 1);
    let joined = found("Host = host-name\nhost = \"h\"\nhost-name = HOST\n");
    assert_eq!(joined.iter().map(Diagnostic::title).next(), Some("rule defined twice"));
    let text = ";@ import rfc3986 as uri\nHost = uri-host [ \":\" URI-PORT ]\n";
    assert_eq!(found(text), []);
    assert_eq!(found("Host = hOST-name\nhost-NAME = digit\n"), [], "spelling is free");
}

#[test]
fn rfc_8259_calls_a_rule_of_its_own_char() {
    let text = "string = %x22 *char %x22\n\
                char = unescaped / %x5C ( %x22 / %x5C / %x75 4HEXDIG )\n\
                unescaped = %x20-21 / %x23-5B / %x5D-10FFFF\n";
    let grammar = Grammar::read(&Source::new("json.abnf", text)).unwrap();
    let string = grammar.rule("string").unwrap();
    let char = grammar.resolve(string, "char").unwrap();
    assert!(!char.is_core());
    assert_eq!(char.branches().count(), 2);
    assert_eq!(grammar.rules().len(), 3);
}

#[test]
fn numbers_may_be_large() {
    let text = "a = 2*99999999999999999999\"x\" %xFFFFFFFFFFFFFFFF %x00110000-FFFFFFFF\n";
    assert_eq!(found(text), []);
}

#[test]
fn undefined_rules_are_never_swallowed() {
    let found = found("a = \"x\" / missing / [ absent ]\nb = *( gone / \"y\" )\n");
    let labels: Vec<_> = found.iter().map(Diagnostic::label).collect();
    assert_eq!(
        labels,
        ["missing", "absent", "gone"].map(|name| format!("no rule is called `{name}`"))
    );
}

#[test]
fn prose_is_read_even_behind_a_repeat() {
    assert_eq!(printed("a = 0<pchar> b\nb = 2*3<b, or \"c\" (d) ;@ e>\n").len(), 2);
}

#[test]
fn the_case_of_a_string_is_its_own() {
    let text = "a = %s\"x\" / \"y\" / ( %S\"z\" %i\"z\" )";
    let source = Source::new("trap.abnf", text);
    let rules = read(&source, 0..text.len()).rules;
    let mut cases = Vec::new();
    let mut waiting = vec![&rules[0].alternation];
    while let Some(alternation) = waiting.pop() {
        for part in alternation.branches.iter().flat_map(|branch| &branch.parts) {
            match &part.element.kind {
                ElementKind::Text { case_sensitive, .. } => cases.push(*case_sensitive),
                ElementKind::Group(inner) => waiting.push(inner),
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(cases, [true, false, true, false]);
}

#[test]
fn only_ascii_letters_are_letters() {
    let found =
        found("a = \"\u{212a}\"\n\u{212a}ey = \"k\"\nb = \u{212a}ey ; \u{212a} here is fine\n");
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn what_is_no_text_is_answered() {
    let octets: Vec<u8> = (0..=255).cycle().take(20_000).collect();
    let source = Source::from_octets("octets.abnf", &octets);
    assert!(Grammar::read(&source).is_err());
    let source = Source::from_octets("latin1.abnf", b"a = \"b\" ; caf\xE9\n");
    assert!(Grammar::read(&source).is_ok(), "comments may hold anything");
    let source = Source::from_octets("latin1.abnf", b"a = \"caf\xE9\"\n");
    let diagnostics = Grammar::read(&source).unwrap_err();
    assert_eq!(diagnostics[0].title(), "character outside of strings' alphabet");
}

#[test]
fn much_of_anything_is_answered() {
    const SIZE: usize = 1 << 17;
    let pieces = [
        "(",
        "[(",
        "a",
        "a=",
        "a=a/",
        "=",
        "=/\n",
        "\n",
        "\r\n ",
        " \n",
        ";",
        ";@",
        ";@\n",
        ";@ import a as b\n",
        "\"",
        "\"\"",
        "<",
        "%x",
        "%xFF.",
        "%x0-",
        "1*",
        "99999999999",
        "*",
        "/ ",
        "a = ",
        "a = b\n",
        "a = (b\n",
        "a = a\n",
        "a =/ a\n",
        "\u{e9}",
        "\t",
        ";@ size a : b\n ",
        "a-",
        ";@ import rfc3986 as u-\n",
    ];
    for piece in pieces {
        for head in ["", "a = ", "a = ( "] {
            let text = format!("{head}{}", piece.repeat(SIZE / piece.len()));
            for diagnostic in found(&text).iter().take(1) {
                assert!(!diagnostic.render(false).is_empty());
            }
        }
    }
}

#[test]
fn a_megabyte_of_rules_is_read_and_checked() {
    let mut text = String::from(";@ import rfc3986 as uri\n");
    for rule in 0..25_000 {
        let next = (rule + 1) % 25_000;
        text.push_str(&format!("rule-{rule} = \"x\" rule-{next} / uri-host / *\"x\"\n"));
    }
    assert!(text.len() > 1 << 20);
    assert_eq!(found(&text), []);
    let one_line = format!("a = {}\"x\"\n", "missing / \"x\" / ".repeat(60_000));
    let diagnostics = found(&one_line);
    assert_eq!(diagnostics.len(), 2 * 1_001);
    assert!(diagnostics.iter().all(|diagnostic| !diagnostic.to_string().is_empty()));
}
