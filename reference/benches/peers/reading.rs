//! Reading a masked frame, from its octets to its payload.
//!
//! The floor is a bare loop that unmasks the same octets where they lie, eight at a step: so much
//! has to be done whatever a reader does. It is compiled as everything here is, so the compiler
//! may take several steps at once, in the floor as in the contenders. Behind a head a payload
//! seldom begins where a processor likes it best, so the same loop over as many octets from an even
//! place is given too.
//!
//! Not all contenders do the same:
//!
//! - in place: [`FrameReader::read_in_place`] over a buffer that holds the frame, down to the
//!   slice of its payload. Like the floor it masks, in turns, what it has unmasked.
//! - connection: [`Connection::receive`] and the event, a vector of its own for each message, so
//!   allocation and a copy are in it.
//! - from a stream: as in place, but a stream brings the octets, which is one copy more. So it is
//!   for tungstenite and fastwebsockets, which read from nothing but a stream.

use std::hint::black_box;
use std::io::Read;

use wsconform_reference::{
    Connection, FrameReader, Limits, MaskingKey, Opcode, Part, Role, SeededRandom, encode_frame,
};

use crate::measure::{Course, SIZES, Table, work};
use crate::stream::{Stream, at_once};

pub(crate) const KEY: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

/// Octets of the buffer into which a stream is read, the same as tungstenite's.
const BUFFER: usize = 128 * 1024;

/// Prints how many times the floor's time each contender takes.
pub(crate) fn run(course: &Course) {
    let mut table = Table::new(&[
        "floor: unmasked in place",
        "the same from an even place",
        "wsconform, in place",
        "wsconform, connection",
        "wsconform, from a stream",
        "tungstenite, from a stream",
        "fastwebsockets, from a stream",
    ]);
    for size in SIZES {
        let mut frame = Vec::new();
        encode_frame(
            true,
            Opcode::Binary,
            Some(MaskingKey::from(KEY)),
            &vec![0x55; size],
            &mut frame,
        );
        let head = frame.len() - size;

        let mut bare = frame.clone();
        let floor = work(move || unmask(black_box(KEY), black_box(&mut bare[head..])));

        let mut bare = vec![0x55; size + 64];
        let start = bare.as_ptr().align_offset(64);
        let even = work(move || unmask(black_box(KEY), black_box(&mut bare[start..start + size])));

        let mut buffer = frame.clone();
        let mut reader = FrameReader::new(Role::Client);
        let in_place = work(move || {
            let octets = black_box(&mut buffer[..]);
            let each = |part: Part<&[u8]>| Ok(_ = black_box(part.octets));
            reader.read_in_place(octets, each).unwrap();
        });

        let mut server = Connection::new(Role::Server, &[], Limits::default(), SeededRandom(0));
        let octets = frame.clone();
        let connection = work(move || {
            server.receive(black_box(&octets), std::time::Duration::ZERO);
            server.poll_event().unwrap()
        });

        let mut stream = Stream::of(&frame);
        let mut reader = FrameReader::new(Role::Client);
        let mut buffer = vec![0; BUFFER];
        // One buffer holds many short frames and a part of a long one.
        let mut complete = 0;
        let from_stream = work(move || {
            while complete == 0 {
                let count = stream.read(&mut buffer).unwrap();
                let each = |part: Part<&[u8]>| {
                    black_box(part.octets);
                    complete += u32::from(part.ends);
                    Ok(())
                };
                reader.read_in_place(&mut buffer[..count], each).unwrap();
            }
            complete -= 1;
        });

        let role = tungstenite::protocol::Role::Server;
        let mut socket = tungstenite::WebSocket::from_raw_socket(Stream::of(&frame), role, None);
        let tungstenite = work(move || socket.read().unwrap());

        let role = fastwebsockets::Role::Server;
        let mut socket = fastwebsockets::WebSocket::after_handshake(Stream::of(&frame), role);
        let fastwebsockets = work(move || at_once(socket.read_frame()).unwrap().payload);

        table.column(course.race(&mut [
            floor,
            even,
            in_place,
            connection,
            from_stream,
            tungstenite,
            fastwebsockets,
        ]));
    }
    table.print("Reading a masked frame");
}

/// The floor.
#[inline(never)]
pub(crate) fn unmask([a, b, c, d]: [u8; 4], octets: &mut [u8]) {
    let step = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = octets.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ step).to_ne_bytes();
    }
    for (octet, key) in rest.iter_mut().zip(step.to_ne_bytes()) {
        *octet ^= key;
    }
}
