//! What an endpoint reads into a head that HTTP forbids: misbehaviours, and two freedoms. The plain
//! endpoint has none of them, and takes heads as they are.

use crate::deviations::OpeningDeviations;
use crate::http::is_white;

/// Stands for CR LF: no character of a head, whose octets are characters up to U+00FF.
const LINE_END: &str = "\u{100}";

/// A head as this endpoint understands it.
pub(crate) fn understood(head: &[u8], switches: &OpeningDeviations) -> Vec<u8> {
    let text: String = head.iter().map(|&octet| char::from(octet)).collect();
    let mut text = text.replace("\r\n", LINE_END);
    if switches.takes_cr_for_line_end {
        text = text.replace('\r', LINE_END);
    }
    if switches.takes_lf {
        text = text.replace('\n', LINE_END);
    }
    for white in [' ', '\t'] {
        let fold = format!("{LINE_END}{white}");
        if switches.takes_folds_for_fields {
            text = text.replace(&fold, LINE_END);
        }
        if switches.joins_folds {
            text = text.replace(&fold, " ");
        }
    }
    if switches.takes_indented_field
        && let Some((line, fields)) = text.split_once(LINE_END)
    {
        text = [line, LINE_END, fields.trim_start_matches(is_white)].concat();
    }
    if switches.takes_white_space_before_colon {
        text = each_line(&text, |line| match line.split_once(':') {
            Some((name, value)) => format!("{}:{value}", name.trim_end_matches(is_white)),
            None => line.to_owned(),
        });
    }
    if switches.cuts_at_nul {
        text = each_line(&text, |line| line.split('\0').next().unwrap_or_default().to_owned());
    }
    let octets = text.replace(LINE_END, "\r\n");
    octets.chars().filter_map(|character| u8::try_from(character).ok()).collect()
}

fn each_line(text: &str, change: impl Fn(&str) -> String) -> String {
    let lines: Vec<String> = text.split(LINE_END).map(change).collect();
    lines.join(LINE_END)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"GET / HTTP/1.1\r\n A : b\r\nC:\td\0e\xFF\r\n\tf\rg\nh\r\n\r\n";

    fn read(switch: impl Fn(&mut OpeningDeviations)) -> Vec<u8> {
        let mut switches = OpeningDeviations::default();
        switch(&mut switches);
        understood(HEAD, &switches)
    }

    #[test]
    fn each_reading_changes_one_thing() {
        assert_eq!(read(|_| ()), HEAD);
        assert_eq!(
            read(|s| s.takes_folds_for_fields = true),
            b"GET / HTTP/1.1\r\nA : b\r\nC:\td\0e\xFF\r\nf\rg\nh\r\n\r\n"
        );
        assert_eq!(
            read(|s| s.joins_folds = true),
            b"GET / HTTP/1.1 A : b\r\nC:\td\0e\xFF f\rg\nh\r\n\r\n"
        );
        assert_eq!(
            read(|s| s.takes_indented_field = true),
            b"GET / HTTP/1.1\r\nA : b\r\nC:\td\0e\xFF\r\n\tf\rg\nh\r\n\r\n"
        );
        assert_eq!(
            read(|s| s.takes_white_space_before_colon = true),
            b"GET / HTTP/1.1\r\n A: b\r\nC:\td\0e\xFF\r\n\tf\rg\nh\r\n\r\n"
        );
        assert_eq!(
            read(|s| s.cuts_at_nul = true),
            b"GET / HTTP/1.1\r\n A : b\r\nC:\td\r\n\tf\rg\nh\r\n\r\n"
        );
        assert_eq!(
            read(|s| (s.takes_cr_for_line_end, s.takes_lf) = (true, true)),
            b"GET / HTTP/1.1\r\n A : b\r\nC:\td\0e\xFF\r\n\tf\r\ng\r\nh\r\n\r\n"
        );
    }
}
