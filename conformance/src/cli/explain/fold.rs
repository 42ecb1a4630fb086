//! Lines of words that fit on a page.

/// Columns of a page.
const WIDTH: usize = 100;

/// `head`, and behind it from column `indent` on the words of `text`; what does not fit goes on
/// below. A head that does not fit before that column stands on lines of its own.
pub(super) fn folded(head: &str, indent: usize, text: &str) -> String {
    if head.chars().count() < indent {
        return format!("{head:indent$}{}\n", lines(text, indent));
    }
    format!("{}\n{:indent$}{}\n", lines(head, 0), "", lines(text, indent))
}

/// The words of a text whose first begins at column `indent`, as do the lines below.
fn lines(text: &str, indent: usize) -> String {
    let mut lines = String::new();
    let mut column = indent;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > indent && column + 1 + length > WIDTH {
            lines.push_str(&format!("\n{:indent$}", ""));
            column = indent;
        } else if column > indent {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_between_words_alone() {
        let (word, long) = ("word", "x".repeat(120));
        let text = folded("head", 8, &format!("{} {long} end", [word; 25].join(" ")));
        let (first, second) = ([word; 18].join(" "), [word; 7].join(" "));
        assert_eq!(
            text,
            format!("head    {first}\n        {second}\n        {long}\n        end\n")
        );
        assert_eq!(folded("longer-head", 8, "text"), "longer-head\n        text\n");
        assert_eq!(folded("decides", 8, "text"), "decides text\n");
    }
}
