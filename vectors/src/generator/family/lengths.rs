//! The three forms of a payload length (RFC 6455, 5.2).

use crate::generator::draft::{Draft, Form, Frame, pattern};

pub(super) fn drafts() -> Vec<Draft> {
    let mut drafts: Vec<_> = [0, 1, 124, 125, 126, 127, 128, 255, 256].map(client).into();
    drafts.extend([125, 126].map(server));
    drafts.extend([65_535, 65_536].map(client));
    drafts.extend([
        two_long_frames(),
        top_bit("top-bit", 1 << 63),
        top_bit("all-bits", u64::MAX),
        largest_claim(),
        long_form("five-in-16-bits", Form::Sixteen, 5),
        long_form("five-in-64-bits", Form::SixtyFour, 5),
        long_form("none-in-16-bits", Form::Sixteen, 0),
        long_form("126-in-64-bits", Form::SixtyFour, 126),
        long_ping(),
    ]);
    drafts
}

fn client(length: usize) -> Draft {
    Draft::client(format!("frames/lengths/{length}"), form_of(length))
        .flags(["length"])
        .covers(["frame.length.read"])
        .frames([Frame::binary(pattern(length)), Frame::text("next")])
        .binary(pattern(length))
        .text("next")
}

fn server(length: usize) -> Draft {
    Draft::server(format!("frames/lengths/{length}-masked"), "the key stands behind the length")
        .flags(["length", "mask"])
        .covers(["frame.length.read", "masking.server.read"])
        .frames([Frame::binary(pattern(length)), Frame::text("next")])
        .binary(pattern(length))
        .text("next")
}

fn form_of(length: usize) -> &'static str {
    match length {
        125 => "the longest length in 7 bits",
        126 => "the shortest length in 16 bits",
        65_535 => "the longest length in 16 bits",
        65_536 => "the shortest length in 64 bits",
        0..126 => "a length in 7 bits",
        _ => "a length in 16 bits",
    }
}

fn two_long_frames() -> Draft {
    Draft::client("frames/lengths/two-in-a-row", "a length is that of its own frame alone")
        .flags(["length"])
        .covers(["frame.length.read", "frame.segments"])
        .frames([
            Frame::binary(pattern(200)),
            Frame::binary("A"),
            Frame::binary(pattern(130)),
            Frame::ping(pattern(125)),
        ])
        .binary(pattern(200))
        .binary("A")
        .binary(pattern(130))
        .ping(pattern(125))
}

fn top_bit(name: &str, length: u64) -> Draft {
    let comment = "the most significant bit of a length in 64 bits has to be 0";
    Draft::client(format!("frames/lengths/{name}"), comment)
        .flags(["length-claim"])
        .frames([Frame::text("before"), Frame::binary("x").claiming(length)])
        .text("before")
        .rejected(1002, "frame.length.top-bit")
}

fn largest_claim() -> Draft {
    let comment = "the largest length there is: wait for it or refuse it, but make no room for it";
    Draft::client("frames/lengths/largest-claim", comment)
        .flags(["length-claim"])
        .covers(["frame.length.bounded"])
        .frames([Frame::text("before"), Frame::binary("x").claiming(i64::MAX as u64)])
        .text("before")
        .either()
}

fn long_form(name: &str, form: Form, length: usize) -> Draft {
    let comment = "a sender must use the shortest form; nothing says what a receiver does";
    Draft::client(format!("frames/lengths/{name}"), comment)
        .flags(["length-long-form"])
        .frames([Frame::binary(pattern(length)).in_form(form), Frame::text("next")])
        .binary(pattern(length))
        .text("next")
        .either()
}

fn long_ping() -> Draft {
    let comment = "a native control frame that is short enough, but says so in 16 bits";
    Draft::client("frames/lengths/ping-in-16-bits", comment)
        .flags(["length-long-form"])
        .frames([Frame::ping("p").in_form(Form::Sixteen)])
        .ping("p")
        .either()
}
