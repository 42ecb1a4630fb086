//! The vectors that are written for this suite, one file for each family.

mod arming;
mod close;
mod cuts;
mod filter;
mod fragments;
mod heartbeat;
mod inactive;
mod lengths;
mod limit;
mod masks;
mod messages;
mod native;
mod negotiating;
mod opcodes;
mod reserved;
mod rests;
mod sequences;
mod setup;
mod several;
mod text;

use super::draft::Draft;
use crate::topic::Topic;

/// The control sequence of most vectors: one that a server would assign.
const SEQUENCE: [u8; 4] = [0xF0, 0x80, 0x00, 0x10];

/// The families of a topic, in the order of the file.
pub(super) fn drafts(topic: Topic) -> Vec<Draft> {
    let families: &[fn() -> Vec<Draft>] = match topic {
        Topic::Frames => &[
            opcodes::drafts,
            lengths::drafts,
            masks::drafts,
            reserved::drafts,
            fragments::drafts,
            text::drafts,
            native::drafts,
            close::drafts,
        ],
        Topic::Escape => &[
            arming::drafts,
            cuts::drafts,
            filter::drafts,
            limit::drafts,
            messages::drafts,
            sequences::drafts,
            inactive::drafts,
        ],
        Topic::Control => {
            &[several::drafts, rests::drafts, heartbeat::drafts, setup::drafts, negotiating::drafts]
        }
        Topic::Handshake => &[],
    };
    families.iter().flat_map(|drafts| drafts()).collect()
}

/// The flags of a topic: name, and what is wrong in a reader that fails a vector with it.
pub(super) fn flags(topic: Topic) -> &'static [(&'static str, &'static str)] {
    match topic {
        Topic::Frames => &[
            ("close-payload", "invalid payloads of a Close pass, or valid ones do not"),
            ("fragment-order", "continuations of nothing, or messages inside of messages, pass"),
            ("goes-on", "what stands behind a Close or a violation is still read"),
            (
                "length",
                "payload lengths are misread, above all where one form ends and the next begins",
            ),
            (
                "length-claim",
                "a claimed length is believed: lengths of 2^63 pass, or room is made for what has not come",
            ),
            ("length-long-form", "a length in a longer form than it needs is misread"),
            ("mask", "masks are removed with a wrong key, from a wrong place on, or not at all"),
            ("mask-role", "frames pass that are masked by a server, or not masked by a client"),
            (
                "native",
                "native control frames beyond the limits pass, or those at the limits do not",
            ),
            ("opcode", "frames of a defined opcode are taken for something else"),
            ("reassembly", "fragments are not joined across empty ones and native control frames"),
            ("reserved", "reserved bits or opcodes pass"),
            ("utf8-cut", "text is judged frame by frame, though characters may be cut"),
            ("utf8-invalid", "text that is not UTF-8 passes"),
            ("utf8-valid", "text that is UTF-8 does not pass"),
        ],
        Topic::Escape => &[
            ("beginning", "a sequence is looked for behind the beginning of a message"),
            ("closes-armed", "an escape without its data is taken for an error"),
            (
                "disarms",
                "arming does not last until its data comes, so data is taken for a control message",
            ),
            ("escape-lost", "the message behind an escape is taken for a control message"),
            ("forwarded", "a control message, or a part of one, reaches the application"),
            ("frames", "frames are judged where messages should be"),
            ("inactive", "messages are inspected though no sequence is active"),
            ("limit", "control messages beyond 4096 octets pass, or data of that size does not"),
            ("message-type", "control messages of wrong type or body pass, or right ones do not"),
            ("native-inspected", "native control frames are inspected"),
            ("near-miss", "four octets that are almost the sequence are taken for it"),
            (
                "second-bare",
                "a second bare sequence is taken for an escape, though the first armed",
            ),
            ("sequence-value", "sequences of certain values, such as zeros or text, are not found"),
            ("short", "messages shorter than a sequence are misjudged"),
            (
                "stays-armed",
                "arming lasts longer than one message, so control messages become data",
            ),
            ("stripped", "escaped data loses its first four octets"),
            ("text-inspected", "text messages are inspected"),
        ],
        Topic::Control => &[
            ("direction", "a sequence counts in a direction in which it is not active"),
            ("disarms", "an escape of one capability arms or disarms another"),
            ("forwarded", "a control message, or a part of one, reaches the application"),
            ("message-type", "control messages of wrong type or body pass, or right ones do not"),
            ("near-miss", "four octets that are almost a sequence are taken for it"),
            ("others", "a message of one capability is taken as one of another"),
            ("rests", "SUSPEND and RESUME pass out of turn, or what rests is not inspected"),
            (
                "set-up",
                "messages of control-setup pass out of turn or malformed, or right ones do not",
            ),
        ],
        Topic::Handshake => &[],
    }
}
