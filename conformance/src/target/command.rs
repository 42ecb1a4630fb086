//! Commands as users type them, with a place for what is known only when they are started.

use super::error::TargetError;

/// A place in a command for what is known only when it is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placeholder {
    /// How it is typed.
    pub(super) text: &'static str,
    /// What the command learns by it, such as `where to listen`.
    pub(super) tells: &'static str,
}

/// A command split into words, one of which at least holds the placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CommandLine {
    text: String,
    words: Vec<String>,
    placeholder: Placeholder,
}

impl CommandLine {
    /// Splits `text` as a POSIX shell does (quotes, backslashes), without a shell: no variables,
    /// no globs, no pipes. `prefix` is what the user typed in front of it.
    pub(super) fn parse(
        prefix: &str,
        text: &str,
        placeholder: Placeholder,
    ) -> Result<Self, TargetError> {
        let typed = format!("{prefix}{text}");
        let Some(words) = shlex::split(text) else {
            return Err(TargetError::new(
                typed,
                "a quote is not closed, or nothing follows the last backslash",
                "close it; quotes and backslashes mean what they mean to a POSIX shell",
            ));
        };
        let text = text.trim();
        let Placeholder { text: place, tells } = placeholder;
        if words.is_empty() {
            return Err(TargetError::new(
                typed,
                "the command is missing",
                format!("type a command with {place} in it"),
            ));
        }
        if !words.iter().any(|word| word.contains(place)) {
            return Err(TargetError::new(
                typed,
                format!("the command has no {place}, so nobody tells it {tells}"),
                format!("put {place} where it expects that, such as `{prefix}{text} {place}`"),
            ));
        }
        Ok(Self { text: text.to_owned(), words, placeholder })
    }

    /// As the user typed it.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The words to start, `value` in place of the placeholder. What `value` holds is never split
    /// again.
    pub(super) fn with(&self, value: &str) -> Vec<String> {
        self.words.iter().map(|word| word.replace(self.placeholder.text, value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<CommandLine, TargetError> {
        let placeholder = Placeholder { text: "{port}", tells: "where to listen" };
        CommandLine::parse("exec:", text, placeholder)
    }

    #[test]
    fn splits_as_a_shell_does() {
        let command = parse(r#"  node "my server.js" --listen=:{port} a\ b '$HOME' "#).unwrap();
        assert_eq!(
            command.with("9001"),
            ["node", "my server.js", "--listen=:9001", "a b", "$HOME"]
        );
        assert_eq!(command.with("a b")[2], "--listen=:a b");
    }

    #[test]
    fn says_what_is_wrong() {
        insta::assert_snapshot!(parse("python3 server.py").unwrap_err(), @"
        `exec:python3 server.py`: the command has no {port}, so nobody tells it where to listen
        help: put {port} where it expects that, such as `exec:python3 server.py {port}`
        ");
        insta::assert_snapshot!(parse("python3 'server.py {port}").unwrap_err(), @"
        `exec:python3 'server.py {port}`: a quote is not closed, or nothing follows the last backslash
        help: close it; quotes and backslashes mean what they mean to a POSIX shell
        ");
        insta::assert_snapshot!(parse(" ").unwrap_err(), @"
        `exec: `: the command is missing
        help: type a command with {port} in it
        ");
    }
}
