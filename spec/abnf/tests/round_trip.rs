//! Whatever is read is read without a panic; whatever is printed reads back as it was.

use proptest::collection::vec;
use proptest::prelude::*;
use wsconform_abnf::ast::{
    Alternation, Base, Concatenation, Definition, Directive, Element, ElementKind, Name, Repeat,
    Repetition, Rule, Value,
};
use wsconform_abnf::{CheckOptions, Grammar, GrammarBuilder, Source, read};

proptest! {
    #[test]
    fn any_text_is_read(text in any::<String>()) {
        read_and_render(&text);
    }

    #[test]
    fn anything_like_abnf_is_read(
        pieces in vec(
            prop::sample::select(vec![
                "a", "b", " ", "\n", "\r\n", "\r", "\t", "=", "=/", "/", "(", ")", "[", "]", "*", "1",
                "%", "x", "d", "b", "s", "i", "0A", "-", ".", "\"", "<", ">", ";", ";@", "\n;@ import rfc3986 as b\n", "b-host", "\na = ", "é", "\u{0}",
            ]),
            0..60,
        ),
    ) {
        read_and_render(&pieces.concat());
    }

    #[test]
    fn any_range_is_read(text in "[a= (\né]{0,20}", start in 0_usize..40, end in 0_usize..40) {
        let source = Source::new("any", text);
        read(&source, start..end);
    }

    #[test]
    fn what_is_printed_reads_back(rules in vec(rule(), 1..4)) {
        let text: String = rules.iter().map(|rule| format!("{rule}\n")).collect();
        let source = Source::new("printed", &*text);
        let reading = read(&source, 0..text.len());
        prop_assert_eq!(&reading.diagnostics, &[], "{}", text);
        prop_assert_eq!(reading.rules.into_iter().map(bare_rule).collect::<Vec<_>>(), rules);
    }
}

fn read_and_render(text: &str) {
    let mut builder = GrammarBuilder::new();
    builder.add(&Source::new("any", text), 0..text.len());
    let (grammar, diagnostics) = builder.check(&CheckOptions::default());
    for diagnostic in diagnostics {
        assert!(!diagnostic.render(false).is_empty());
        assert!(!diagnostic.to_string().is_empty());
    }
    let printed: String =
        grammar.iter().flat_map(Grammar::rules).map(|rule| format!("{rule}\n")).collect();
    assert!(Grammar::read(&Source::new("printed", printed)).is_ok());
}

fn rule() -> impl Strategy<Value = Rule> {
    let definition = prop_oneof![Just(Definition::Base), Just(Definition::Incremental)];
    let directive = "[!-~]( ?[!-~]){0,10}".prop_map(|text| Directive { text, span: 0..0 });
    (name(), definition, alternation(), vec(directive, 0..3)).prop_map(
        |(name, definition, alternation, directives)| Rule {
            source: no_source(),
            name,
            definition,
            alternation,
            directives,
            span: 0..0,
        },
    )
}

fn name() -> impl Strategy<Value = Name> {
    "[a-zA-Z][a-zA-Z0-9-]{0,5}".prop_map(|text| Name { text, span: 0..0 })
}

fn alternation() -> impl Strategy<Value = Alternation> {
    let leaf = prop_oneof![
        name().prop_map(ElementKind::Reference),
        ("[ !#-~]{0,5}", any::<bool>())
            .prop_map(|(text, case_sensitive)| ElementKind::Text { text, case_sensitive }),
        (base(), vec(any::<u64>(), 1..4), 0_usize..9).prop_map(|(base, numbers, digits)| {
            let values = numbers.iter().map(|number| value(base, *number, digits)).collect();
            ElementKind::Values { base, values }
        }),
        (base(), any::<u64>(), any::<u64>()).prop_map(|(base, a, b)| ElementKind::Range {
            base,
            first: value(base, a.min(b), 2),
            last: value(base, a.max(b), 2),
        }),
        "[ -=?-~]{0,5}".prop_map(ElementKind::Prose),
    ];
    let kind = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            alternation_of(inner.clone()).prop_map(ElementKind::Group),
            alternation_of(inner).prop_map(ElementKind::Option),
        ]
    });
    alternation_of(kind)
}

fn alternation_of(kind: impl Strategy<Value = ElementKind>) -> impl Strategy<Value = Alternation> {
    let repetition = (repeat(), kind).prop_map(|(repeat, kind)| Repetition {
        repeat,
        element: Element { kind, span: 0..0 },
        span: 0..0,
    });
    let concatenation = vec(repetition, 1..3).prop_map(|parts| Concatenation { parts });
    vec(concatenation, 1..3).prop_map(|branches| Alternation { branches })
}

fn repeat() -> impl Strategy<Value = Repeat> {
    let bound = || prop_oneof![0..4_u64, any::<u64>()];
    prop_oneof![
        Just(Repeat::ONCE),
        (bound(), proptest::option::of(bound()))
            .prop_filter_map("upside down", |(min, max)| Repeat::new(min, max)),
    ]
}

fn base() -> impl Strategy<Value = Base> {
    prop_oneof![Just(Base::Binary), Just(Base::Decimal), Just(Base::Hexadecimal)]
}

fn value(base: Base, number: u64, digits: usize) -> Value {
    let needed = match base {
        Base::Binary => format!("{number:b}").len(),
        Base::Decimal => number.to_string().len(),
        Base::Hexadecimal => format!("{number:x}").len(),
    };
    Value { number, digits: digits.max(needed) }
}

fn no_source() -> Source {
    Source::new("", "")
}

fn bare_rule(mut rule: Rule) -> Rule {
    rule.source = no_source();
    rule.name.span = 0..0;
    rule.span = 0..0;
    for directive in &mut rule.directives {
        directive.span = 0..0;
    }
    bare(&mut rule.alternation);
    rule
}

fn bare(alternation: &mut Alternation) {
    for part in alternation.branches.iter_mut().flat_map(|branch| &mut branch.parts) {
        part.span = 0..0;
        part.element.span = 0..0;
        match &mut part.element.kind {
            ElementKind::Reference(name) => name.span = 0..0,
            ElementKind::Group(inner) | ElementKind::Option(inner) => bare(inner),
            ElementKind::Text { .. }
            | ElementKind::Values { .. }
            | ElementKind::Range { .. }
            | ElementKind::Prose(_) => {}
        }
    }
}
