//! What a Close says (RFC 6455, 5.5.1 and 7.4).

use crate::generator::draft::{Draft, Frame};

pub(super) fn drafts() -> Vec<Draft> {
    let valid = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
    let never = [0, 1, 999, 1004, 1005, 1006, 1015, 5000, 65_535];
    let unassigned = [1012, 1013, 1014, 1016, 1099, 2000, 2999];
    let mut drafts: Vec<_> = valid.map(valid_code).into();
    drafts.extend(never.map(invalid_code));
    drafts.extend(unassigned.map(free_code));
    drafts.extend([
        close("empty-reason", "a code alone has an empty reason")
            .covers(["close.reason"])
            .frames([Frame::close([0x0F, 0xA0])])
            .close(4000, ""),
        close("reason", "a reason is UTF-8 of any kind")
            .covers(["close.reason"])
            .frames([Frame::close(payload(1000, "\0 µ € 😀".as_bytes()))])
            .close(1000, "\0 µ € 😀"),
        close("one-octet", "half a code")
            .frames([Frame::close([0x03])])
            .rejected(1002, "close.length"),
        bad_reason("reason-ff", "never part of UTF-8", &[0xFF]),
        bad_reason("reason-overlong", "the overlong form of a slash", &[0xC0, 0xAF]),
        bad_reason("reason-surrogate", "a surrogate", b"bye \xED\xA0\x80"),
        bad_reason("reason-ends-short", "it ends inside of a character", b"bye \xE2\x82"),
        Draft::server("frames/close/one-octet-to-server", "half a code")
            .flags(["close-payload"])
            .frames([Frame::text("before"), Frame::close([0x03])])
            .text("before")
            .rejected(1002, "close.length"),
        Draft::server("frames/close/reserved-code-to-server", "1005 stands for no code at all")
            .flags(["close-payload"])
            .frames([Frame::close(payload(1005, b"none"))])
            .rejected(1002, "close.code"),
        behind(),
        behind_in_one_write(),
    ]);
    drafts
}

fn close(name: &str, comment: &str) -> Draft {
    Draft::client(format!("frames/close/{name}"), comment).flags(["close-payload"])
}

fn payload(code: u16, reason: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes(), reason].concat()
}

fn valid_code(code: u16) -> Draft {
    let draft = if code == 1010 {
        Draft::server("frames/close/code-1010", "a client misses an extension")
            .flags(["close-payload"])
    } else {
        close(&format!("code-{code}"), "may be sent")
    };
    draft.covers(["close.code"]).frames([Frame::close(payload(code, b"bye"))]).close(code, "bye")
}

fn invalid_code(code: u16) -> Draft {
    close(&format!("code-{code}"), "must not be sent")
        .frames([Frame::close(payload(code, b"bye"))])
        .rejected(1002, "close.code")
}

fn free_code(code: u16) -> Draft {
    close(&format!("code-{code}"), "not in RFC 6455; it may have been assigned since")
        .frames([Frame::close(payload(code, b"bye"))])
        .close(code, "bye")
        .either()
}

fn bad_reason(name: &str, comment: &str, reason: &[u8]) -> Draft {
    close(name, comment)
        .frames([Frame::close(payload(1000, reason))])
        .rejected(1007, "close.reason")
}

fn behind() -> Draft {
    Draft::client("frames/close/goes-on", "nothing behind a Close is read, not even a violation")
        .flags(["goes-on"])
        .covers(["close.code"])
        .frames([
            Frame::close(payload(1000, b"")),
            Frame::text("too late"),
            Frame::close(payload(1001, b"")),
            Frame::of(0x3, "undefined"),
        ])
        .close(1000, "")
}

fn behind_in_one_write() -> Draft {
    Draft::client("frames/close/goes-on-in-one-write", "even if it came together with the Close")
        .flags(["goes-on"])
        .covers(["close.code"])
        .octets(&[0x81, 0x01, b'A', 0x88, 0x02, 0x03, 0xE8, 0x81, 0x01, b'B', 0x83, 0x00])
        .text("A")
        .close(1000, "")
}
