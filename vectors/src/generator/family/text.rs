//! UTF-8: every class of octets, and every place to cut (RFC 6455, 5.6 and 8.1; RFC 3629, 4).

use crate::generator::draft::{Draft, Frame};

/// Valid texts at the edges of what UTF-8 has.
const VALID: [(&str, &str, &str); 9] = [
    ("one-octet", "first and last of one octet", "\0\u{7F}"),
    ("two-octets", "first and last of two octets", "\u{80}\u{7FF}"),
    ("three-octets", "first and last of three octets", "\u{800}\u{FFFF}"),
    ("four-octets", "first and last of four octets", "\u{10000}\u{10FFFF}"),
    ("around-surrogates", "what comes before and behind the surrogates", "\u{D7FF}\u{E000}"),
    ("noncharacters", "noncharacters are characters here", "\u{FDD0}\u{FFFE}\u{1FFFF}"),
    ("byte-order-mark", "it is part of the text", "\u{FEFF}text"),
    ("replacement", "a replacement character that the sender sent", "\u{FFFD}"),
    ("words", "words of all lengths", "Hello-µ@ßöäüàá-UTF-8!! κόσμε 漢字 😀"),
];

/// Texts that no UTF-8 has, whatever comes behind them.
const INVALID: [(&str, &str, &[u8]); 24] = [
    ("lone-80", "the first continuation octet continues nothing", &[0x80]),
    ("lone-bf", "nor does the last", &[0xBF]),
    ("continuation-behind-ascii", "one too many", &[0x61, 0x80]),
    ("continuation-behind-two", "one too many", &[0xC3, 0xA4, 0x80]),
    ("octet-fe", "never part of UTF-8", &[0xFE]),
    ("octet-ff", "never part of UTF-8", &[0xFF]),
    ("ff-behind-text", "never part of UTF-8", &[0x48, 0x69, 0xFF, 0x21]),
    ("overlong-nul", "the overlong form of NUL", &[0xC0, 0x80]),
    ("overlong-slash-two", "the overlong form of a slash, in two octets", &[0xC0, 0xAF]),
    ("overlong-c1", "the last overlong form in two octets", &[0xC1, 0xBF]),
    ("overlong-slash-three", "the overlong form of a slash, in three octets", &[0xE0, 0x80, 0xAF]),
    ("overlong-e0", "the last overlong form in three octets", &[0xE0, 0x9F, 0xBF]),
    ("overlong-f0", "the last overlong form in four octets", &[0xF0, 0x8F, 0xBF, 0xBF]),
    ("surrogate-first", "the first surrogate", &[0xED, 0xA0, 0x80]),
    ("surrogate-last", "the last surrogate", &[0xED, 0xBF, 0xBF]),
    (
        "surrogate-pair",
        "a pair of surrogates is no character",
        &[0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80],
    ),
    ("beyond-10ffff", "the first beyond the last character", &[0xF4, 0x90, 0x80, 0x80]),
    ("octet-f5", "begins what lies beyond the last character", &[0xF5, 0x80, 0x80, 0x80]),
    ("five-octets", "UTF-8 has no characters of five octets", &[0xF8, 0x88, 0x80, 0x80, 0x80]),
    ("six-octets", "UTF-8 has no characters of six octets", &[0xFC, 0x84, 0x80, 0x80, 0x80, 0x80]),
    ("two-broken", "a second octet that continues nothing", &[0xC3, 0x28]),
    ("three-broken-second", "a second octet that continues nothing", &[0xE2, 0x28, 0xA1]),
    ("three-broken-third", "a third octet that continues nothing", &[0xE2, 0x82, 0x28]),
    ("four-broken-fourth", "a fourth octet that continues nothing", &[0xF0, 0x9F, 0x98, 0x28]),
];

/// Texts that end inside of a character.
const CUT_SHORT: [(&str, &[u8]); 6] = [
    ("ends-after-one-of-two", &[0xC3]),
    ("ends-after-one-of-three", &[0xE2]),
    ("ends-after-two-of-three", &[0xE2, 0x82]),
    ("ends-after-one-of-four", &[0xF0]),
    ("ends-after-three-of-four", &[0xF0, 0x9F, 0x98]),
    ("ends-after-text", &[0x48, 0x69, 0xF0, 0x9F]),
];

/// Invalid texts in fragments: each piece alone might be the part of a valid one.
const INVALID_ACROSS: [(&str, &[&[u8]]); 6] = [
    ("across-broken", &[&[0xE2, 0x82], &[0x28]]),
    ("across-overlong", &[&[0xE0], &[0x9F, 0xBF]]),
    ("across-surrogate", &[&[0xED], &[0xA0, 0x80]]),
    ("across-beyond-10ffff", &[&[0xF4], &[0x90, 0x80, 0x80]]),
    ("across-ends-short", &[&[0x48, 0xE2], &[0x82]]),
    ("across-ends-with-empty", &[&[0xE2, 0x82], &[]]),
];

pub(super) fn drafts() -> Vec<Draft> {
    let mut drafts: Vec<_> = VALID.into_iter().map(valid).collect();
    drafts.extend(INVALID.into_iter().map(|(name, comment, octets)| {
        invalid(name, comment).frames([Frame::text(octets)]).rejected(1007, "text.utf8")
    }));
    drafts.extend(CUT_SHORT.into_iter().map(|(name, octets)| {
        invalid(name, "the message ends inside of a character")
            .frames([Frame::text(octets)])
            .rejected(1007, "text.utf8")
    }));
    drafts.extend(INVALID_ACROSS.into_iter().map(|(name, fragments)| {
        invalid(name, "the message is judged as a whole, not its fragments")
            .flags(["utf8-cut"])
            .covers(["text.utf8.split"])
            .frames(Frame::fragments(0x1, fragments))
            .rejected(1007, "text.utf8")
    }));
    for (name, text) in [("two", "µ"), ("three", "€"), ("four", "😀")] {
        drafts.extend((1..text.len()).map(|cut| cut_at(name, text, cut)));
    }
    drafts.extend([
        each_octet(),
        native_inside_character(),
        unfinished_invalid(),
        second_message(),
        masked_invalid(),
        binary_is_not_judged(),
    ]);
    drafts
}

fn valid((name, comment, text): (&str, &str, &str)) -> Draft {
    Draft::client(format!("frames/text/{name}"), comment)
        .flags(["utf8-valid"])
        .covers(["text.utf8"])
        .frames([Frame::text(text)])
        .text(text)
}

fn invalid(name: &str, comment: &str) -> Draft {
    Draft::client(format!("frames/text/{name}"), comment)
        .flags(["utf8-invalid"])
        .covers(["text.utf8"])
}

fn cut_at(name: &str, text: &str, cut: usize) -> Draft {
    let (before, behind) = text.as_bytes().split_at(cut);
    let id = format!("frames/text/cut-{name}-octets-at-{cut}");
    Draft::client(id, "a character in two fragments")
        .flags(["utf8-cut"])
        .covers(["text.utf8.split"])
        .frames(Frame::fragments(0x1, [before, behind]))
        .text(text)
}

fn each_octet() -> Draft {
    let text = "aµ€😀";
    Draft::server("frames/text/cut-everywhere", "a fragment for each octet, empty ones between")
        .flags(["utf8-cut", "mask"])
        .covers(["text.utf8.split", "masking.server.read"])
        .frames(Frame::fragments(
            0x1,
            text.as_bytes().iter().flat_map(|octet| [vec![*octet], vec![]]),
        ))
        .text(text)
}

fn native_inside_character() -> Draft {
    Draft::client("frames/text/ping-inside-character", "a Ping between two octets of a character")
        .flags(["utf8-cut", "reassembly"])
        .covers(["text.utf8.split", "fragments.native-between"])
        .frames([
            Frame::text([0xE2, 0x82]).open(),
            Frame::ping([0xFF]),
            Frame::continuation([0xAC]),
        ])
        .ping([0xFF])
        .text("€")
}

fn unfinished_invalid() -> Draft {
    let comment = "not text any more, but not whole: fail now or when the rest has come";
    Draft::client("frames/text/unfinished-invalid", comment)
        .flags(["utf8-invalid"])
        .covers(["text.utf8"])
        .frames([Frame::text([0x48, 0xFF]).open()])
        .either()
}

fn second_message() -> Draft {
    Draft::client("frames/text/second-message", "the first message is delivered, the second not")
        .flags(["utf8-invalid"])
        .frames([Frame::text("€"), Frame::binary([0xFF]), Frame::text([0x82, 0xAC])])
        .text("€")
        .binary([0xFF])
        .rejected(1007, "text.utf8")
}

fn masked_invalid() -> Draft {
    Draft::server("frames/text/invalid-under-mask", "masked, the octets are valid UTF-8")
        .flags(["utf8-invalid", "mask"])
        .covers(["masking.server.read"])
        .frames([Frame::text([0xFF, 0xFE]).masked_with([0x9E, 0x9F, 0x00, 0x00])])
        .rejected(1007, "text.utf8")
}

fn binary_is_not_judged() -> Draft {
    Draft::client("frames/text/binary", "octets that are no text are fine in a binary message")
        .flags(["utf8-invalid"])
        .covers(["text.utf8"])
        .frames(Frame::fragments(0x2, [[0xC0, 0x80], [0xED, 0xA0]]))
        .binary([0xC0, 0x80, 0xED, 0xA0])
}
