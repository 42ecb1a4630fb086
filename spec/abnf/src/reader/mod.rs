//! Reads rules from text: RFC 5234, section 4, with RFC 7405's strings.
//!
//! The lines of a range are first cut into rules by their indentation, then each rule is read by
//! recursive descent, so a mistake costs one rule and the next is read again. Time is linear in the
//! length of the text.
//!
//! Where the reader is more lenient than the letter of RFC 5234: lines may end in LF, in CRLF or
//! with the text (erratum 3076); the whole range may be indented (section 2.2); blank lines and
//! comment lines may stand inside a rule; comments may hold any character.

mod line;
mod rule;
mod terminal;

use std::ops::Range;

use crate::ast::{Name, Rule};
use crate::diagnostic::{Diagnostic, Source};
use line::lines;
use rule::RuleReader;

pub use rule::NESTING_LIMIT;

/// What a range of a source holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The rules that could be read, in order.
    pub rules: Vec<Rule>,
    /// The names of rules that could not, so that references to them need not be reported too.
    pub unreadable: Vec<Name>,
    /// What is wrong, in order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the rules that stand in the octets `range` of `source`, to the end of the range whatever
/// mistakes there are. A range beyond the text is cut to it.
pub fn read(source: &Source, range: Range<usize>) -> Reading {
    let text = source.text();
    let end = floor_boundary(text, range.end);
    let start = floor_boundary(text, range.start).min(end);
    let lines = lines(text, start..end);
    let base = lines.iter().find(|line| line.is_content(text)).map_or(0, |line| line.indent);
    let mut reading = Reading::default();
    let mut chunk_start = start;
    let mut heads = lines
        .iter()
        .filter(|line| line.is_content(text) && line.indent <= base)
        .map(|line| line.content)
        .peekable();

    let preface_end = heads.peek().copied().unwrap_or(end);
    let mut reader = RuleReader::new(source, chunk_start..preface_end, base);
    reader.skip_space();
    for directive in &reader.directives {
        reader.diagnostics.push(
            Diagnostic::new(
                source,
                directive.span.clone(),
                "directive without a rule",
                "no rule stands above this directive",
            )
            .help("write it behind the rule that it belongs to, or indented below it"),
        );
    }
    reading.diagnostics.append(&mut reader.diagnostics);

    while let Some(head) = heads.next() {
        chunk_start = head;
        let chunk_end = heads.peek().copied().unwrap_or(end);
        let mut reader = RuleReader::new(source, chunk_start..chunk_end, base);
        let (name, rule) = reader.rule();
        reading.diagnostics.append(&mut reader.diagnostics);
        match rule {
            Some(rule) => reading.rules.push(rule),
            None => reading.unreadable.extend(name),
        }
    }
    reading
}

fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All diagnostics as people see them.
    fn mistakes(text: &str) -> String {
        let source = Source::new("test.abnf", text);
        let reading = read(&source, 0..text.len());
        let rendered: Vec<_> =
            reading.diagnostics.iter().map(|diagnostic| diagnostic.render(false)).collect();
        rendered.join("\n\n")
    }

    /// All rules, printed.
    fn printed(text: &str) -> Vec<String> {
        assert_eq!(mistakes(text), "");
        let source = Source::new("test.abnf", text);
        read(&source, 0..text.len()).rules.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn reads_every_form_of_element() {
        assert_eq!(
            printed(
                "a = b (c / d) [e] \"t\" %s\"T\" %I\"i\" %x0D.0a %d48-57 %b1 <words> ; why\n\
                 a =/ *b 2b 1*b *3b 2*3b 3*3b\n"
            ),
            [
                "a = b (c / d) [e] \"t\" %s\"T\" \"i\" %x0D.0A %d48-57 %b1 <words>",
                "a =/ *b 2b 1*b *3b 2*3b 3b"
            ]
        );
    }

    #[test]
    fn values_have_up_to_64_bits_and_keep_their_width() {
        let text = "a = %x0000000000000000-7FFFFFFFFFFFFFFF %xFFFFFFFFFFFFFFFF %b0001";
        assert_eq!(printed(text), [text]);
    }

    #[test]
    fn lines_continue_by_indentation() {
        let expected = ["a = b / c", "d = e"];
        assert_eq!(printed("a = b\n  / c\nd = e\n"), expected);
        assert_eq!(printed("a = b\r\n  / c\r\nd = e\r\n"), expected);
        assert_eq!(printed("a = b\r\n\t/ c\r\nd = e\r"), expected);
        assert_eq!(printed("; one\n\na =\n  b ; two\n; three\n\n  / c\nd\n  = e"), expected);
        assert_eq!(printed("\n    a = b\n      / c\n\n    d = e\n"), expected);
    }

    #[test]
    fn reads_its_range_alone() {
        let text = "```abnf\na = b\n```\nc = d\n";
        let source = Source::new("chapter.md", text);
        let reading = read(&source, 8..14);
        assert_eq!(reading.diagnostics, []);
        assert_eq!(reading.rules.len(), 1);
        assert_eq!(reading.rules[0].location().to_string(), "chapter.md:2:1");
        assert_eq!(&text[reading.rules[0].span.clone()], "a = b");
    }

    #[test]
    fn directives_belong_to_the_rule_above() {
        let text = "a = b ;@ size b : c\n    ;@when x ; not a comment in a comment\nd = e\n";
        let source = Source::new("test.abnf", text);
        let reading = read(&source, 0..text.len());
        assert_eq!(reading.diagnostics, []);
        let directives: Vec<_> = reading.rules[0].directives.iter().map(|d| &*d.text).collect();
        assert_eq!(directives, ["size b : c", "when x ; not a comment in a comment"]);
        for directive in &reading.rules[0].directives {
            assert_eq!(&text[directive.span.clone()], directive.text);
        }
        assert_eq!(reading.rules[1].directives, []);
    }

    #[test]
    fn reports_directives_that_belong_to_nothing() {
        insta::assert_snapshot!(mistakes(";@ first\na = b\n;@ second\nc = d ;@\n"), @r#"
        error: directive at the margin
         --> test.abnf:1:1
          |
        1 | ;@ first
          | ^^^^^^^^ above or below which rule?
          |
          = help: indent it below the rule that it belongs to

        error: directive at the margin
         --> test.abnf:3:1
          |
        3 | ;@ second
          | ^^^^^^^^^ above or below which rule?
          |
          = help: indent it below the rule that it belongs to

        error: empty directive
         --> test.abnf:4:7
          |
        4 | c = d ;@
          |       ^^ nothing follows `;@`
        "#);
    }

    #[test]
    fn reports_several_mistakes_and_reads_on() {
        let text = "a = b |c\n9 = d\ne f\ng = \ngood = h\ni = (j [k)\nl = (m\nn = o / / p\n";
        insta::assert_snapshot!(mistakes(text), @r#"
        error: malformed rule
         --> test.abnf:1:7
          |
        1 | a = b |c
          |       ^ unexpected `|`
          |
          = help: alternatives are separated by `/`

        error: malformed rule
         --> test.abnf:2:1
          |
        2 | 9 = d
          | ^ expected a rule name, found `9`
          |
          = help: a rule begins with a letter; the lines that continue it are indented

        error: malformed rule
         --> test.abnf:3:3
          |
        3 | e f
          |   ^ expected `=` or `=/` after `e`, found `f`
          |
          = help: the lines that continue a rule are indented more than its first line

        error: malformed rule
         --> test.abnf:4:4
          |
        4 | g = 
          |    ^ expected an element, found the end of the rule
          |
          = help: an element is a rule name, `"text"`, `%x0A`, `%x30-39`, `( )`, `[ ]` or `<prose>`

        error: malformed rule
         --> test.abnf:6:10
          |
        6 | i = (j [k)
          |          ^ unexpected `)`
          |
          = help: it closes nothing, or the wrong bracket

        error: unclosed bracket
         --> test.abnf:7:5
          |
        7 | l = (m
          |     ^ no `)` closes this

        error: malformed rule
         --> test.abnf:8:9
          |
        8 | n = o / / p
          |         ^ expected an element, found `/`
          |
          = help: the empty alternative is written `""`
        "#);
        let source = Source::new("test.abnf", text);
        let reading = read(&source, 0..text.len());
        assert_eq!(reading.rules.len(), 1);
        assert_eq!(reading.unreadable.len(), 6);
    }

    #[test]
    fn reports_malformed_values_and_strings() {
        insta::assert_snapshot!(
            mistakes(
                "a = %x\nb = %d1.2-3\nc = %x30-39-40\nd = %b102\ne = %q\nf = \"open\n\
                 g = \"\u{e9}\"\nh = <open\ni = %x39-30\nj = %x10000000000000000\nk = %s x\n"
            ),
            @r#"
            error: malformed value
             --> test.abnf:1:7
              |
            1 | a = %x
              |       ^ expected a hexadecimal digit, found the end of the line

            error: malformed value
             --> test.abnf:2:10
              |
            2 | b = %d1.2-3
              |          ^ values or one range, not both
              |
              = help: separate them: `%x0D.0A %x20-7E` (RFC 5234, 3.4)

            error: malformed value
             --> test.abnf:3:12
              |
            3 | c = %x30-39-40
              |            ^ values or one range, not both
              |
              = help: separate them: `%x0D.0A %x20-7E` (RFC 5234, 3.4)

            error: malformed value
             --> test.abnf:4:9
              |
            4 | d = %b102
              |         ^ expected a binary digit, found `2`

            error: malformed value
             --> test.abnf:5:6
              |
            5 | e = %q
              |      ^ expected `b`, `d`, `x`, `s` or `i`, found `q`
              |
              = help: values are written `%b1010`, `%d10`, `%x0A`; strings `%s"Ab"`, `%i"ab"`

            error: unterminated string
             --> test.abnf:6:5
              |
            6 | f = "open
              |     ^^^^^ no `"` ends it on this line

            error: character outside of strings' alphabet
             --> test.abnf:7:6
              |
            7 | g = "é"
              |      ^ `é` is not printable US-ASCII
              |
              = help: write its octets as values, such as `%xC3.A9`

            error: unterminated prose
             --> test.abnf:8:5
              |
            8 | h = <open
              |     ^^^^^ no `>` ends it on this line

            error: range upside down
             --> test.abnf:9:5
              |
            9 | i = %x39-30
              |     ^^^^^^^ 57 is above 48
              |
              = help: the least value stands first

            error: value too large
              --> test.abnf:10:7
               |
            10 | j = %x10000000000000000
               |       ^^^^^^^^^^^^^^^^^ a value has at most 64 bits

            error: malformed string
              --> test.abnf:11:7
               |
            11 | k = %s x
               |       ^ expected a quoted string, found ` `
            "#
        );
    }

    #[test]
    fn reports_malformed_repeats_and_spacing() {
        insta::assert_snapshot!(
            mistakes("a = 3*2b\nc = 2 d\ne = f(g)\nh = 99999999999999999999i\nj = 1*\nk = 'l'\n"),
            @r#"
            error: repeat upside down
             --> test.abnf:1:5
              |
            1 | a = 3*2b
              |     ^^^ at least 3 and at most 2 is impossible
              |
              = help: the least number stands before the `*`

            error: repeat without an element
             --> test.abnf:2:6
              |
            2 | c = 2 d
              |      ^ white space after a repeat
              |
              = help: the element follows its repeat directly, as in `1*DIGIT`

            error: elements run together
             --> test.abnf:3:6
              |
            3 | e = f(g)
              |      ^ expected white space before `(`

            error: number too large
             --> test.abnf:4:5
              |
            4 | h = 99999999999999999999i
              |     ^^^^^^^^^^^^^^^^^^^^ a repeat is at most 2^64-1

            error: repeat without an element
             --> test.abnf:5:7
              |
            5 | j = 1*
              |       ^ white space after a repeat
              |
              = help: the element follows its repeat directly, as in `1*DIGIT`

            error: malformed rule
             --> test.abnf:6:5
              |
            6 | k = 'l'
              |     ^ expected an element, found `'`
              |
              = help: strings stand in double quotes
            "#
        );
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |depth| format!("a = {}b{}", "(".repeat(depth), ")".repeat(depth));
        assert_eq!(printed(&nested(NESTING_LIMIT)).len(), 1);
        let diagnostics = mistakes(&nested(1_000_000));
        assert!(diagnostics.starts_with("error: nested too deeply"), "{diagnostics:.200}");
    }
}
