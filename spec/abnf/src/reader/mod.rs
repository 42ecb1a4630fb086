//! Reads rules from text: RFC 5234, section 4, with RFC 7405's strings.
//!
//! The lines of a range are first cut into rules by their indentation, then each rule is read by
//! recursive descent, so a mistake costs one rule and the next is read again. Time is linear in the
//! length of the text.
//!
//! Where the reader is more lenient than the letter of RFC 5234: lines may end in LF, in CRLF or
//! with the text; a byte order mark may stand before it; the whole range may be indented (section 2.2); blank lines and
//! comment lines may stand inside a rule; comments may hold any character.

mod import;
mod line;
mod rule;
mod terminal;

use std::ops::Range;

use crate::ast::{Import, Name, Rule};
use crate::diagnostic::{Diagnostic, Source};
use line::lines;
use rule::RuleReader;

pub use rule::NESTING_LIMIT;

/// What a range of a source holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The rules that could be read, in order.
    pub rules: Vec<Rule>,
    /// The imports, in order.
    pub imports: Vec<Import>,
    /// The names of rules that could not, so that references to them need not be reported too.
    pub unreadable: Vec<Name>,
    /// What is wrong, in order.
    pub diagnostics: Vec<Diagnostic>,
}

/// What some editors write before a text.
const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// Reads the rules that stand in the octets `range` of `source`, to the end of the range whatever
/// mistakes there are. A range beyond the text is cut to it.
pub fn read(source: &Source, range: Range<usize>) -> Reading {
    let text = source.text();
    let end = floor_boundary(text, range.end);
    let start = floor_boundary(text, range.start).min(end);
    let has_mark = start == 0 && text[..end].starts_with(BYTE_ORDER_MARK);
    let start = if has_mark { BYTE_ORDER_MARK.len_utf8() } else { start };
    let lines = lines(text, start..end);
    let base = lines.iter().find(|line| line.is_content(text)).map_or(0, |line| line.indent);
    let heads = lines
        .iter()
        .filter(|line| line.indent <= base && (line.is_content(text) || line.is_directive(text)))
        .map(|line| line.content);
    let rules = Vec::with_capacity(heads.clone().count());
    let mut reading = Reading { rules, ..Reading::default() };
    let mut heads = heads.peekable();

    let preface_end = heads.peek().copied().unwrap_or(end);
    between_rules(RuleReader::new(source, start..preface_end), &mut reading);
    while let Some(head) = heads.next() {
        let chunk_end = heads.peek().copied().unwrap_or(end);
        let mut reader = RuleReader::new(source, head..chunk_end);
        if text[head..].starts_with(";@") {
            reading.imports.extend(reader.import());
            between_rules(reader, &mut reading);
            continue;
        }
        let (name, rule) = reader.rule();
        reading.diagnostics.append(&mut reader.diagnostics);
        match rule {
            Some(rule) => reading.rules.push(rule),
            None => reading.unreadable.extend(name),
        }
    }
    reading
}

/// Reads what stands before the first rule or behind an import: comments, and nothing else.
fn between_rules(mut reader: RuleReader<'_>, reading: &mut Reading) {
    reader.only_comments();
    reading.diagnostics.append(&mut reader.diagnostics);
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
    fn repeats_beyond_64_bits_are_no_bounds() {
        let max = u64::MAX;
        assert_eq!(printed("a = 2*99999999999999999999b"), [format!("a = 2*{max}b")]);
        let source = Source::new("test.abnf", "a = 2*99999999999999999999b 99999999999999999999c");
        let reading = read(&source, 0..source.text().len());
        let parts = &reading.rules[0].alternation.branches[0].parts;
        assert_eq!((parts[0].repeat.min(), parts[0].repeat.max()), (2, None));
        assert_eq!((parts[1].repeat.min(), parts[1].repeat.max()), (max, None));
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
          = help: indent it below the rule that it belongs to; only `;@ import SET as PREFIX` stands here

        error: directive at the margin
         --> test.abnf:3:1
          |
        3 | ;@ second
          | ^^^^^^^^^ above or below which rule?
          |
          = help: indent it below the rule that it belongs to; only `;@ import SET as PREFIX` stands here

        error: empty directive
         --> test.abnf:4:7
          |
        4 | c = d ;@
          |       ^^ nothing follows `;@`
        "#);
    }

    #[test]
    fn imports_stand_at_the_margin() {
        let text = "; why\n;@ import rfc3986 as uri\n\na = uri-host\n;@import RFC9110 as http\n; b\nb = a\n";
        let source = Source::new("test.abnf", text);
        let reading = read(&source, 0..text.len());
        assert_eq!(reading.diagnostics, []);
        assert_eq!(reading.rules.len(), 2);
        let imports: Vec<_> = reading
            .imports
            .iter()
            .map(|import| {
                assert_eq!(text[import.set.span.clone()], import.set.text);
                assert_eq!(text[import.prefix.span.clone()], import.prefix.text);
                &text[import.span.clone()]
            })
            .collect();
        assert_eq!(imports, ["import rfc3986 as uri", "import RFC9110 as http"]);
    }

    #[test]
    fn reports_malformed_imports() {
        insta::assert_snapshot!(
            mistakes(
                ";@ import\n;@ import rfc3986\n;@ import 7 as uri\n;@ import rfc3986 as 7\n\
                 ;@ import rfc3986 as uri ; why\n;@ imports rfc3986 as uri\na = b\n\
                 ;@ import rfc3986 as uri\n  / c\n    ;@ size c : 1\n"
            ),
            @r#"
            error: malformed import
             --> test.abnf:1:10
              |
            1 | ;@ import
              |          ^ expected `import SET as PREFIX`, found the end of the line
              |
              = help: write `;@ import rfc3986 as uri`: the rule `host` of RFC 3986 is `uri-host` then

            error: malformed import
             --> test.abnf:2:18
              |
            2 | ;@ import rfc3986
              |                  ^ expected `import SET as PREFIX`, found the end of the line
              |
              = help: write `;@ import rfc3986 as uri`: the rule `host` of RFC 3986 is `uri-host` then

            error: malformed import
             --> test.abnf:3:11
              |
            3 | ;@ import 7 as uri
              |           ^ expected `import SET as PREFIX`, found `7`
              |
              = help: write `;@ import rfc3986 as uri`: the rule `host` of RFC 3986 is `uri-host` then

            error: malformed import
             --> test.abnf:4:22
              |
            4 | ;@ import rfc3986 as 7
              |                      ^ expected `import SET as PREFIX`, found `7`
              |
              = help: write `;@ import rfc3986 as uri`: the rule `host` of RFC 3986 is `uri-host` then

            error: malformed import
             --> test.abnf:5:26
              |
            5 | ;@ import rfc3986 as uri ; why
              |                          ^ expected `import SET as PREFIX`, found `;`
              |
              = help: write `;@ import rfc3986 as uri`: the rule `host` of RFC 3986 is `uri-host` then

            error: directive at the margin
             --> test.abnf:6:1
              |
            6 | ;@ imports rfc3986 as uri
              | ^^^^^^^^^^^^^^^^^^^^^^^^^ above or below which rule?
              |
              = help: indent it below the rule that it belongs to; only `;@ import SET as PREFIX` stands here

            error: malformed rule
             --> test.abnf:9:3
              |
            9 |   / c
              |   ^ `/` continues no rule
              |
              = help: an import stands between rules, not inside one
            "#
        );
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
            mistakes("a = 3*2b\nc = 2 d\ne = f(g)\nj = 1*\nk = 'l'\n"),
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

            error: repeat without an element
             --> test.abnf:4:7
              |
            4 | j = 1*
              |       ^ white space after a repeat
              |
              = help: the element follows its repeat directly, as in `1*DIGIT`

            error: malformed rule
             --> test.abnf:5:5
              |
            5 | k = 'l'
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
