//! Reading the head of a frame: `parse_head` beside tungstenite's `FrameHeader::parse`.
//! fastwebsockets reads heads inside its stream alone.

use std::hint::black_box;
use std::io::Cursor;

use tungstenite::protocol::frame::FrameHeader;
use wsconform_reference::{Head, MaskingKey, Opcode, Role, encode_head, parse_head};

use crate::measure::{Course, work};

/// Prints how long each takes for every form of a head.
pub(crate) fn run(course: &Course) {
    println!("\n{:<44}{:>14}{:>14}{:>14}", "Reading a head", "parse_head", "tungstenite", "ratio");
    for (form, length) in [("7-bit", 100), ("16-bit", 1024), ("64-bit", 1 << 20)] {
        for (masked, mask, sender) in [
            ("no mask", None, Role::Server),
            ("masked", Some(MaskingKey::from([1, 2, 3, 4])), Role::Client),
        ] {
            let mut octets = Vec::new();
            encode_head(&Head { fin: true, opcode: Opcode::Binary, mask, length }, &mut octets);
            // Octets of payload follow, as they do on a connection.
            octets.extend([0; 16]);
            let octets = octets.as_slice();
            let theirs = || FrameHeader::parse(&mut Cursor::new(black_box(octets)));
            assert_eq!(parse_head(octets, sender).unwrap().unwrap().0.length, length);
            assert_eq!(theirs().unwrap().unwrap().1, length);
            let times = course.race(&mut [
                work(|| parse_head(black_box(octets), black_box(sender))),
                work(theirs),
            ]);
            println!(
                "  {:<42}{:>14}{:>14}{:>14}",
                format!("{form} length, {masked}"),
                format!("{:.2} ns", times[0]),
                format!("{:.2} ns", times[1]),
                format!("{:.2}", times[0] / times[1])
            );
        }
    }
}
