//! Writing a masked frame, from its payload to the octets to send.
//!
//! The floor is that of [`crate::reading`]: the payload masked where it lies, eight octets at a
//! step. All contenders leave the payload as it is, or would have to if it were not theirs.
//!
//! - frame: [`encode_frame`] with a key into a buffer that is used again.
//! - connection: [`Connection::send_binary`]; its key is drawn from a seeded generator, and the
//!   octets are taken as written.
//! - tungstenite and fastwebsockets draw their keys from `rand`, and write to a stream that takes
//!   all. fastwebsockets is given a payload to mask where it lies, which is the fastest way it has.
//!
//! How fast octets are copied depends, by up to a fifth, on where the two places lie in their
//! pages of memory. So payloads come from one place after another, as they do in life.

use std::hint::black_box;
use std::ops::Range;

use wsconform_reference::{
    Connection, Limits, MaskingKey, Opcode, Role, SeededRandom, encode_frame,
};

use crate::measure::{Course, SIZES, Table, work};
use crate::reading::{KEY, unmask};
use crate::stream::{Stream, at_once};

/// Prints how many times the floor's time each contender takes.
pub(crate) fn run(course: &Course) {
    let mut table = Table::new(&[
        "floor: masked in place",
        "wsconform, frame",
        "wsconform, connection",
        "tungstenite",
        "fastwebsockets",
    ]);
    for size in SIZES {
        let payloads = vec![0x55; size + PAGE];

        let (mut bare, mut place) = (payloads.clone(), Place::default());
        let floor = work(move || {
            unmask(black_box(KEY), black_box(&mut bare[place.next(size)]));
        });

        let (octets, mut place, mut output) = (payloads.clone(), Place::default(), Vec::new());
        let frame = work(move || {
            output.clear();
            let key = Some(MaskingKey::from(black_box(KEY)));
            let payload = black_box(&octets[place.next(size)]);
            encode_frame(true, Opcode::Binary, key, payload, &mut output);
            black_box(&output);
        });

        let mut client = Connection::new(Role::Client, &[], Limits::default(), SeededRandom(0));
        let (octets, mut place) = (payloads.clone(), Place::default());
        let connection = work(move || {
            client.send_binary(black_box(&octets[place.next(size)])).unwrap();
            let count = black_box(client.output()).len();
            client.consume_output(count);
        });

        let role = tungstenite::protocol::Role::Client;
        let mut socket = tungstenite::WebSocket::from_raw_socket(Stream::silent(), role, None);
        let octets = tungstenite::Bytes::from(payloads.clone());
        let mut place = Place::default();
        let tungstenite = work(move || {
            let payload = black_box(&octets).slice(place.next(size));
            socket.send(tungstenite::Message::Binary(payload)).unwrap();
        });

        let role = fastwebsockets::Role::Client;
        let mut socket = fastwebsockets::WebSocket::after_handshake(Stream::silent(), role);
        let (mut octets, mut place) = (payloads, Place::default());
        let fastwebsockets = work(move || {
            let payload = black_box(&mut octets[place.next(size)]);
            let payload = fastwebsockets::Payload::BorrowedMut(payload);
            at_once(socket.write_frame(fastwebsockets::Frame::binary(payload))).unwrap();
        });

        table.column(course.race(&mut [floor, frame, connection, tungstenite, fastwebsockets]));
    }
    table.print("Writing a masked frame");
}

const PAGE: usize = 4096;

/// Where the next payload lies: 15 places of a page in turn, even ones as those of allocations.
#[derive(Default)]
struct Place(usize);

impl Place {
    fn next(&mut self, size: usize) -> Range<usize> {
        self.0 = (self.0 + 272) % (PAGE - 16);
        self.0..self.0 + size
    }
}
