//! HTML in small pieces. All of it is well-formed XML too.

/// Text as it stands between tags and in attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A link around escaped text.
pub(super) fn link(target: &str, class: &str, text: &str) -> String {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    format!("<a{class} href=\"{}\">{}</a>", escaped(target), escaped(text))
}

/// Escaped text in a `span` of this class.
pub(super) fn span(class: &str, text: &str) -> String {
    format!("<span class=\"{class}\">{}</span>", escaped(text))
}

/// `1 case`, `2 cases`
pub(super) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// Replaces the characters that XML does not know.
pub(super) fn printable(text: &str) -> String {
    let is_known = |one: char| {
        matches!(one, '\n' | '\t')
            || !matches!(one, '\u{0}'..='\u{1F}' | '\u{7F}' | '\u{FFFE}' | '\u{FFFF}')
    };
    text.chars().map(|one| if is_known(one) { one } else { '\u{FFFD}' }).collect()
}
