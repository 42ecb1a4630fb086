//! ABNF's definition of itself (RFC 5234, 4, with the strings of RFC 7405) reads as it stands
//! there, margin included.

use wsconform_abnf::{Grammar, GrammarRule, Source};

#[test]
fn abnf_reads_its_own_definition() {
    let source = Source::new("rfc5234.abnf", include_str!("rfc5234.abnf"));
    let grammar = Grammar::read(&source).unwrap();
    let printed: Vec<_> = grammar.rules().map(GrammarRule::to_string).collect();
    insta::assert_snapshot!(printed.join("\n"), @r#"
    rulelist = 1*(rule / (*c-wsp c-nl))
    rule = rulename defined-as elements c-nl
    rulename = ALPHA *(ALPHA / DIGIT / "-")
    defined-as = *c-wsp ("=" / "=/") *c-wsp
    elements = alternation *c-wsp
    c-wsp = WSP / (c-nl WSP)
    c-nl = comment / CRLF
    comment = ";" *(WSP / VCHAR) CRLF
    alternation = concatenation *(*c-wsp "/" *c-wsp concatenation)
    concatenation = repetition *(1*c-wsp repetition)
    repetition = [repeat] element
    repeat = 1*DIGIT / (*DIGIT "*" *DIGIT)
    element = rulename / group / option / char-val / num-val / prose-val
    group = "(" *c-wsp alternation *c-wsp ")"
    option = "[" *c-wsp alternation *c-wsp "]"
    char-val = case-insensitive-string / case-sensitive-string
    case-insensitive-string = ["%i"] quoted-string
    case-sensitive-string = "%s" quoted-string
    quoted-string = DQUOTE *(%x20-21 / %x23-7E) DQUOTE
    num-val = "%" (bin-val / dec-val / hex-val)
    bin-val = "b" 1*BIT [1*("." 1*BIT) / ("-" 1*BIT)]
    dec-val = "d" 1*DIGIT [1*("." 1*DIGIT) / ("-" 1*DIGIT)]
    hex-val = "x" 1*HEXDIG [1*("." 1*HEXDIG) / ("-" 1*HEXDIG)]
    prose-val = "<" *(%x20-3D / %x3F-7E) ">"
    "#);
    let again = Source::new("again.abnf", printed.join("\n"));
    let again = Grammar::read(&again).unwrap();
    assert_eq!(again.rules().map(GrammarRule::to_string).collect::<Vec<_>>(), printed);
}
