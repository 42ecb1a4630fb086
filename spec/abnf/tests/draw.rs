//! Drawings of rules: what they show, and that they are well-formed whatever the rule.
#![cfg(feature = "draw")]
#![allow(clippy::unwrap_used)]

use proptest::collection::vec;
use proptest::prelude::*;
use roxmltree::Document;
use wsconform_abnf::draw::{Pen, boxes, railroad};
use wsconform_abnf::{Grammar, Source};

fn grammar(text: &str) -> Grammar {
    Grammar::read(&Source::new("test.abnf", text)).unwrap()
}

const PEN: Pen<'static> = Pen { link: &linked, style: false };

fn linked(rule: &str) -> Option<String> {
    (rule != "CRLF").then(|| format!("rules.html?a&b#{}", rule.to_ascii_lowercase()))
}

/// Texts and titles of a drawing, in order, after a check that it is XML.
fn texts(svg: &str) -> Vec<String> {
    let document = Document::parse(svg).unwrap_or_else(|error| panic!("{error}\n{svg}"));
    let shown =
        document.descendants().filter(|node| matches!(node.tag_name().name(), "text" | "title"));
    shown
        .map(|node| match node.tag_name().name() {
            "title" => format!("({})", node.text().unwrap_or_default().trim()),
            _ => node.text().unwrap_or_default().trim().to_owned(),
        })
        .collect()
}

fn hrefs(svg: &str) -> Vec<String> {
    let document = Document::parse(svg).unwrap();
    let links = document
        .descendants()
        .filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "a")));
    let xlink = "http://www.w3.org/1999/xlink";
    links.map(|link| link.attribute((xlink, "href")).unwrap().to_owned()).collect()
}

const FRAME: &str = "\
frame = head payload
  ;@ size payload : length
  ;@ transform payload : xor key as data
head = flags length [key]
  ;@ when key : mask = 1 ; fail 1002 mask.needed
  ;@ where role != client or mask = 1 ; fail 1002 mask.needed
flags = OCTET
  ;@ bits fin:1 kind:7
length = short / long
  ;@ bits mask:1 length:7
short = %x00-7D / %x80-FD
long = (%x7E / %xFE) 2OCTET
key = 4OCTET
payload = *OCTET
data = *OCTET
";

#[test]
fn a_diagram_says_what_the_rule_and_its_directives_say() {
    let grammar = grammar(FRAME);
    let drawn = |name| texts(&railroad(grammar.rule(name).unwrap(), &PEN));
    assert_eq!(
        drawn("frame"),
        [
            "(Railroad diagram of frame)",
            "head",
            "length octets",
            "xor key, read as data",
            "payload",
        ]
    );
    assert_eq!(
        drawn("head"),
        [
            "(Railroad diagram of head)",
            "flags",
            "length",
            "if and only if mask = 1; else 1002, mask.needed",
            "key",
            "where role != client or mask = 1; else 1002, mask.needed",
        ]
    );
    assert_eq!(drawn("key"), ["(Railroad diagram of key)", "4 times", "OCTET"]);
    let head = railroad(grammar.rule("head").unwrap(), &PEN);
    assert_eq!(hrefs(&head)[0], "rules.html?a&b#flags");
}

#[test]
fn every_form_of_element_and_repetition() {
    let grammar = grammar(
        "all = \"get\" %s\"GET\" \"-\" %x0D.0A %x41-5A %x80-FF <prose & \"<\"> CRLF\n\
         loops = *\"a\" 1*\"b\" 2*\"c\" *3\"d\" 2*4\"e\" 5\"f\" 0\"g\" *1\"h\" [\"i\"]\n",
    );
    insta::assert_debug_snapshot!(texts(&railroad(grammar.rule("all").unwrap(), &PEN)));
    insta::assert_debug_snapshot!(texts(&railroad(grammar.rule("loops").unwrap(), &PEN)));
}

#[test]
fn a_whole_diagram() {
    let grammar = grammar("greeting = \"hello\" *(SP name)\nname = 1*ALPHA\n");
    let pen = Pen { style: false, ..PEN };
    insta::assert_snapshot!(railroad(grammar.rule("greeting").unwrap(), &pen));
}

#[test]
fn boxes_show_fields_sizes_and_conditions() {
    let grammar = grammar(FRAME);
    let drawn = |name| boxes(&grammar, grammar.rule(name).unwrap(), &PEN).map(|svg| texts(&svg));
    insta::assert_debug_snapshot!(drawn("frame"));
    insta::assert_debug_snapshot!(drawn("length"));
    assert_eq!(drawn("payload"), None);
    let svg = boxes(&grammar, grammar.rule("key").unwrap(), &PEN).unwrap();
    insta::assert_snapshot!(svg);
}

/// Each line: a rule and the titles of its boxes.
#[test]
fn sizes_are_told_as_far_as_they_are_known() {
    let grammar = grammar(
        "a = 2OCTET b c d e f g h\nb = *OCTET\nc = 1*OCTET\nd = 2*5OCTET\ne = *3OCTET\n\
         f = \"x\" / \"yy\" / 8OCTET\ng = a / <anything>\nh = %x01 [4OCTET]\n\
         wide = head [tail]\nhead = OCTET ;@ bits one:1 a-name-with-many-letters:3 rest:4\n\
         tail = 9OCTET\n",
    );
    let mut shown = String::new();
    for name in ["a", "wide", "head", "tail"] {
        let svg = boxes(&grammar, grammar.rule(name).unwrap(), &PEN).unwrap();
        let titles = texts(&svg).into_iter().filter(|text| text.starts_with('('));
        shown.push_str(&format!("{}\n", titles.skip(1).collect::<Vec<_>>().join(" ")));
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn the_style_stands_in_the_drawing_if_it_is_wanted() {
    let grammar = grammar(FRAME);
    let pen = Pen { style: true, ..PEN };
    for rule in grammar.rules() {
        for svg in [Some(railroad(rule, &pen)), boxes(&grammar, rule, &pen)].into_iter().flatten() {
            texts(&svg);
            assert!(svg.contains("prefers-color-scheme: dark"));
        }
    }
}

#[test]
fn rules_of_an_rfc_are_drawn() {
    let grammar = grammar(include_str!("rfc5234.abnf"));
    let mut drawn = 0;
    for rule in grammar.rules() {
        assert!(texts(&railroad(rule, &PEN)).len() > 1, "{}", rule.name());
        assert_eq!(boxes(&grammar, rule, &PEN), None, "{}", rule.name());
        drawn += 1;
    }
    assert!(drawn > 20);
}

/// Deep, long, recursive and growing rules, and characters that XML does not know: what is drawn is
/// well-formed, and it is drawn soon.
#[test]
fn hostile_rules_are_drawn_in_bounded_time() {
    let mut text = format!("deep = {}\"x\"{}\n", "[1*(".repeat(50), ")]".repeat(50));
    let many: Vec<_> = (0..3_000).map(|index| format!("\"{index}\"")).collect();
    text.push_str(&format!("many = {}\n", many.join(" / ")));
    text.push_str(&format!("long = {}\n", many.join(" ")));
    text.push_str("again = OCTET [again] again / again\n");
    text.push_str("odd = <&\"'> 99999999999OCTET ;@ size\u{2}odd : < \u{1b}[1m\n");
    text.push_str(&format!("{} = 4OCTET\n", "n".repeat(500)));
    text.push_str(&format!("unlike = {} {}\n", "n".repeat(500), "z0"));
    for index in 0..40 {
        text.push_str(&format!("z{index} = z{0} z{0} 2OCTET\n", index + 1));
    }
    text.push_str("z40 = OCTET OCTET\n");
    let grammar = match Grammar::read(&Source::new("hostile.abnf", text)) {
        Ok(grammar) => grammar,
        Err(mistakes) => panic!("{}", mistakes[0].render(false)),
    };
    let mut boxed = 0;
    for rule in grammar.rules() {
        texts(&railroad(rule, &PEN));
        if let Some(svg) = boxes(&grammar, rule, &PEN) {
            texts(&svg);
            boxed += 1;
        }
    }
    assert!(boxed > 40);
}

/// An element of a rule, as text.
fn element() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        proptest::sample::select(vec!["a", "b", "c", "OCTET", "DIGIT"]).prop_map(str::to_owned),
        "\"[ !#-~]{0,12}\"",
        "%s\"[ -!#-~]{1,8}\"",
        "<[ -=?-~]{0,12}>",
        Just("%x80-FF".to_owned()),
        Just("%d13.10".to_owned()),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let repeated = ("([0-3]?\\*[4-9]?|[0-9])?", inner).prop_map(|(repeat, one)| repeat + &one);
        let sequence = vec(repeated, 1..4).prop_map(|parts| parts.join(" "));
        let branches = vec(sequence, 1..4).prop_map(|branches| branches.join(" / "));
        prop_oneof![
            branches.clone().prop_map(|inner| format!("({inner})")),
            branches.prop_map(|inner| format!("[{inner}]")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_reads_is_drawn(
        bodies in vec(vec(element(), 1..5), 3),
        directives in vec(proptest::sample::select(vec![
            "bits x:3 y:5", "bits x:64", "uint n : be", "size a : n + 1", "size b : 2^63",
            "when a : n = 1 or x > 2 ; fail 1002 a.b", "where length(b) < 3", "fail 400 a.b",
            "transform b : xor a as c", "transform a : utf8 as a", "no directive",
        ]), 0..6),
    ) {
        let mut text = String::new();
        for (name, body) in ["a", "b", "c"].iter().zip(&bodies) {
            text.push_str(&format!("{name} = {}\n", body.join(" ")));
            for directive in &directives {
                text.push_str(&format!("  ;@ {directive}\n"));
            }
        }
        if let Ok(grammar) = Grammar::read(&Source::new("random.abnf", text)) {
            for rule in grammar.rules() {
                texts(&railroad(rule, &PEN));
                boxes(&grammar, rule, &PEN).map(|svg| texts(&svg));
            }
        }
    }
}
