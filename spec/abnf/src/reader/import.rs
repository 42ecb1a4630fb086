//! Reads `;@ import SET as PREFIX`.

use super::rule::RuleReader;
use crate::ast::{Import, Name};

impl RuleReader<'_> {
    /// The import in the directive that begins here. Ends before the end of the line.
    pub(super) fn import(&mut self) -> Option<Import> {
        let directive = self.at;
        self.at += 2;
        self.skip_blanks();
        let start = self.at;
        let keyword = self.word();
        if keyword.is_none_or(|keyword| keyword.text != "import") {
            self.skip_line();
            let behind = self.text[..self.at].trim_end().len();
            self.report(directive..behind, "directive at the margin", "above or below which rule?")
                .help_with(
                    "indent it below the rule that it belongs to; only `;@ import SET as PREFIX` \
                     stands here",
                );
            return None;
        }
        let import = self.operands(start);
        self.skip_blanks();
        if import.is_none() || !self.at_line_end() {
            let label = format!("expected `import SET as PREFIX`, found {}", self.found());
            self.report(self.here(), "malformed import", label).help_with(
                "write `;@ import rfc3986 as uri`: the rule `host` of RFC 3986 is `uri-host` then",
            );
            self.skip_line();
        }
        import
    }

    /// `SET as PREFIX`; ends at what is in the way.
    fn operands(&mut self, start: usize) -> Option<Import> {
        let set = self.word()?;
        let before = self.at;
        if self.word()?.text != "as" {
            self.at = before;
            return None;
        }
        let prefix = self.word()?;
        let span = start..prefix.span.end;
        Some(Import { source: self.source.clone(), set, prefix, span })
    }

    /// A name and the blanks behind it.
    fn word(&mut self) -> Option<Name> {
        if !self.peek()?.is_ascii_alphabetic() {
            return None;
        }
        let name = self.name();
        self.skip_blanks();
        Some(name)
    }

    fn skip_blanks(&mut self) {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t'));
    }

    fn skip_line(&mut self) {
        self.skip_while(|byte| byte != b'\n');
    }

    fn at_line_end(&self) -> bool {
        matches!(self.peek(), None | Some(b'\r' | b'\n'))
    }
}
