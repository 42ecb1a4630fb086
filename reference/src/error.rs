//! What can go wrong on an open connection, and whose fault it is.
//!
//! A [`Violation`] is the peer's: the connection fails with [`Violation::close_code`], and
//! [`Violation::requirement`] names the requirement that tells this endpoint to fail it. A
//! [`LocalError`] is the caller's: nothing was sent, nothing has changed, the connection goes on.
//!
//! What goes wrong before the connection is open has types of its own: [`crate::Refusal`] at the
//! server, [`crate::AnswerFault`] at the client.

use std::fmt;

use crate::catalogue::catalogue;
use crate::close_code::CloseCode;
use crate::control::AgreementFault;

catalogue! {
    /// A way in which a peer can be wrong on an open connection.
    pub enum Violation: CloseCode {
        /// A reserved bit is set, though no extension that uses it was negotiated.
        ReservedBits(bits: u8) => "frame.rsv", CloseCode::PROTOCOL_ERROR,
            "the reserved bits of a frame are {bits:03b}; send them as 000";
        /// Opcode 0x3 to 0x7.
        ReservedDataOpcode(opcode: u8) => "frame.opcode", CloseCode::PROTOCOL_ERROR,
            "opcode {opcode:#x} is not defined; data frames have opcode 0x0, 0x1 or 0x2";
        /// Opcode 0xB to 0xF.
        ReservedControlOpcode(opcode: u8) => "frame.opcode", CloseCode::PROTOCOL_ERROR,
            "opcode {opcode:#x} is not defined; native control frames have 0x8, 0x9 or 0xA";
        /// A native control frame without FIN.
        FragmentedControl(opcode: u8) => "native.fragmented", CloseCode::PROTOCOL_ERROR,
            "a frame of opcode {opcode:#x} has FIN=0; no native control frame is fragmented";
        /// A native control frame of more than 125 octets.
        LongControl(opcode: u8) => "native.length", CloseCode::PROTOCOL_ERROR,
            "a frame of opcode {opcode:#x} is longer than 125 octets; no native control frame is";
        /// A client sent a frame without a mask.
        UnmaskedByClient => "masking.server.required", CloseCode::PROTOCOL_ERROR,
            "a frame of the client is not masked; clients mask every frame";
        /// A server sent a masked frame.
        MaskedByServer => "masking.client.refused", CloseCode::PROTOCOL_ERROR,
            "a frame of the server is masked; servers never mask";
        /// The most significant bit of a 64-bit length is set.
        LengthTopBit(length: u64) => "frame.length.top-bit", CloseCode::PROTOCOL_ERROR,
            "a frame claims {length} octets; lengths are at most 2^63-1";
        /// A continuation without a message to continue.
        OrphanContinuation => "fragments.orphan", CloseCode::PROTOCOL_ERROR,
            "a continuation frame came, but no message is in progress; begin one first";
        /// A message began inside another.
        InterleavedMessage(opcode: u8) => "fragments.interleaved", CloseCode::PROTOCOL_ERROR,
            "a frame of opcode {opcode:#x} came inside a message; finish that one first";
        /// A text message is not UTF-8. The number is the place of the first octet that no UTF-8
        /// text could have there, or of the end if that came too early.
        TextNotUtf8(place: u64) => "text.utf8", CloseCode::INVALID_DATA,
            "a text message is not UTF-8 at its octet {place}; send other data as binary";
        /// A message is, or claims to become, longer than this endpoint takes.
        MessageTooLong(length: u64) => "frame.length.bounded", CloseCode::TOO_BIG,
            "a message of at least {length} octets exceeds the limit of this endpoint";
        /// The payload of a Close is a single octet.
        CloseTooShort => "close.length", CloseCode::PROTOCOL_ERROR,
            "the payload of a Close is a single octet; send none, or a code of two octets";
        /// A close code that may not be sent.
        ReservedCloseCode(code: u16) => "close.code", CloseCode::PROTOCOL_ERROR,
            "close code {code} may not be sent";
        /// The reason in a Close is not UTF-8.
        CloseReasonNotUtf8 => "close.reason", CloseCode::INVALID_DATA,
            "the reason in a Close is not UTF-8";
        /// A binary message that begins with a control sequence, was not escaped, and is longer
        /// than a control message may be.
        ControlTooLong(length: u64) => "filter.limit", CloseCode::TOO_BIG,
            "a control message of at least {length} octets exceeds 4096; data is to be escaped";
        /// A critical type that the capability does not have.
        UnknownCriticalType(kind: u8) => "message.critical", CloseCode::PROTOCOL_ERROR,
            "control message type {kind:#04x} is critical and unknown";
        /// A body that is shorter than its type says.
        CutControl(kind: u8) => "message.malformed", CloseCode::PROTOCOL_ERROR,
            "the body of a control message of type {kind:#04x} is too short";
        /// A body that is longer than its type says.
        TrailingOctets(kind: u8) => "message.malformed", CloseCode::PROTOCOL_ERROR,
            "octets are left over behind a control message of type {kind:#04x}";
        /// A rate of 2^53 to 2^64-2.
        RateOutOfRange(rate: u64) => "message.malformed", CloseCode::PROTOCOL_ERROR,
            "{rate} is no rate; rates are less than 2^53, or 2^64-1 for unlimited";
        /// LIMIT 0.
        ZeroLimit => "message.malformed", CloseCode::PROTOCOL_ERROR,
            "a LIMIT of 0 would end all data; state a maximum of 1 at least";
        /// STATUS ends inside of an entry.
        CutStatus => "rate.status.malformed", CloseCode::PROTOCOL_ERROR,
            "the last entry of a STATUS is cut";
        /// STATUS has an id twice.
        RepeatedStatus(id: u8) => "rate.status.malformed", CloseCode::PROTOCOL_ERROR,
            "a STATUS has two entries of id {id:#04x}";
        /// An entry of STATUS whose value has another length than its id demands.
        StatusLength(id: u8) => "rate.status.malformed", CloseCode::PROTOCOL_ERROR,
            "the entry of id {id:#04x} in a STATUS has the wrong length";
        /// More than 100 percent.
        StatusOutOfRange(id: u8) => "rate.status.malformed", CloseCode::PROTOCOL_ERROR,
            "the entry of id {id:#04x} in a STATUS exceeds 100 percent";
        /// An ACK of fewer octets than the one before, or of more than were sent.
        ImpossibleAck(octets: u64) => "rate.ack.impossible", CloseCode::PROTOCOL_ERROR,
            "an ACK of {octets} octets is less than the last one, or more than was sent";
        /// BEAT or ECHO with a body of more than 125 octets.
        LongBeat(length: usize) => "heartbeat.body", CloseCode::PROTOCOL_ERROR,
            "the body of a BEAT or an ECHO has {length} octets; 125 is the limit";
        /// An OFFER that is no list of extensions.
        MalformedOffer(value: String) => "setup.malformed", CloseCode::PROTOCOL_ERROR,
            "{value:?} in an OFFER is no list of extensions";
        /// A message of `control-setup` that has no place where it came.
        SetupOutOfTurn(name: &'static str) => "setup.turn", CloseCode::PROTOCOL_ERROR,
            "no {name} is due; a negotiation goes from OFFER over ANSWER to CONFIRM, one at a time";
        /// An ANSWER that does not fit its OFFER.
        RefusedAnswer(fault: AgreementFault) => "setup.answer.refused", CloseCode::PROTOCOL_ERROR,
            "an ANSWER does not fit its OFFER: {fault}";
        /// A message of a capability that is suspended, or RESUME of one that is not.
        SuspendedOutOfTurn(token: &'static str) => "suspend.turn", CloseCode::PROTOCOL_ERROR,
            "a message of {token} is out of turn; from SUSPEND on only RESUME may come, and RESUME only then";
        /// More control messages in one second than this endpoint takes.
        Flood(limit: usize) => "message.flood", CloseCode::POLICY_VIOLATION,
            "more than {limit} control messages came in one second";
    }
}

impl Violation {
    /// The close code with which the connection fails.
    pub fn close_code(&self) -> CloseCode {
        self.code()
    }
}

/// The end of a connection that the peer is to blame for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What the peer did.
    pub violation: Violation,
    /// Where: the offset of the frame's first octet in the stream behind the opening handshake.
    pub at: u64,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in the frame at octet {}: {}", self.at, self.violation)
    }
}

impl std::error::Error for Failure {}

/// A call that asked for something that this endpoint may not do. Nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalError {
    /// A Close was sent already, or the connection is over: nothing may follow
    /// (RFC 6455, 5.5.1).
    NotOpen,
    /// The payload of a native control frame of this many octets exceeds 125 (RFC 6455, 5.5).
    PayloadTooLong(usize),
    /// The code may not be sent (RFC 6455, 7.4).
    ReservedCloseCode(CloseCode),
    /// The capability of this token was not negotiated, or its `sender` gives this role no voice.
    MayNotSend(&'static str),
    /// A message of the capability of this token has no place now: it is suspended, or a negotiation
    /// is under way.
    OutOfTurn(&'static str),
    /// The capability of this token was accepted before.
    InForce(&'static str),
    /// EFFECTIVE, ACK, ECHO, ANSWER and CONFIRM are sent by the connection itself.
    SentByItself,
    /// There were 100 control messages in the last second, or as many wait.
    TooManyControlMessages,
    /// A control message of this many octets exceeds 4096, sequence included.
    ControlTooLong(usize),
    /// The body is one that no receiver may accept.
    MalformedControl,
}

impl fmt::Display for LocalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOpen => write!(f, "the connection is not open for sending any more"),
            Self::PayloadTooLong(length) => {
                write!(
                    f,
                    "{length} octets are too many for a native control frame; 125 is the limit"
                )
            }
            Self::ReservedCloseCode(code) => write!(f, "close code {code} may not be sent"),
            Self::MayNotSend(token) => {
                write!(f, "{token} was not negotiated for control messages of this side")
            }
            Self::OutOfTurn(token) => {
                write!(f, "{token} is suspended, or a negotiation is under way")
            }
            Self::InForce(token) => write!(f, "{token} was accepted before"),
            Self::SentByItself => write!(f, "the connection sends this control message by itself"),
            Self::TooManyControlMessages => {
                write!(f, "100 control messages in a second are the limit")
            }
            Self::ControlTooLong(length) => {
                write!(f, "{length} octets are too many for a control message; 4096 is the limit")
            }
            Self::MalformedControl => write!(f, "no receiver may accept this control message"),
        }
    }
}

impl std::error::Error for LocalError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Sequence;

    #[test]
    fn every_violation_says_what_to_do() {
        let refused = AgreementFault::InUse(Sequence([0xF0, 0x80, 0, 0x10]));
        let all = [
            Violation::ReservedBits(0b101),
            Violation::ReservedDataOpcode(3),
            Violation::ReservedControlOpcode(11),
            Violation::FragmentedControl(9),
            Violation::LongControl(9),
            Violation::UnmaskedByClient,
            Violation::MaskedByServer,
            Violation::LengthTopBit(1 << 63),
            Violation::OrphanContinuation,
            Violation::InterleavedMessage(1),
            Violation::TextNotUtf8(7),
            Violation::MessageTooLong(1 << 40),
            Violation::CloseTooShort,
            Violation::ReservedCloseCode(1005),
            Violation::CloseReasonNotUtf8,
            Violation::ControlTooLong(4097),
            Violation::UnknownCriticalType(0x41),
            Violation::CutControl(1),
            Violation::TrailingOctets(2),
            Violation::RateOutOfRange(1 << 53),
            Violation::ZeroLimit,
            Violation::CutStatus,
            Violation::RepeatedStatus(6),
            Violation::StatusLength(6),
            Violation::StatusOutOfRange(6),
            Violation::ImpossibleAck(9),
            Violation::LongBeat(126),
            Violation::MalformedOffer("a b".to_owned()),
            Violation::SetupOutOfTurn("CONFIRM"),
            Violation::RefusedAnswer(refused),
            Violation::SuspendedOutOfTurn("heartbeat"),
            Violation::Flood(100),
        ];
        assert_eq!(all.len(), Violation::REQUIREMENTS.len(), "each of them");
        let said = all.map(|violation| format!("{} {violation}", violation.close_code()));
        insta::assert_snapshot!(said.join("\n"), @r#"
        1002 the reserved bits of a frame are 101; send them as 000 [frame.rsv]
        1002 opcode 0x3 is not defined; data frames have opcode 0x0, 0x1 or 0x2 [frame.opcode]
        1002 opcode 0xb is not defined; native control frames have 0x8, 0x9 or 0xA [frame.opcode]
        1002 a frame of opcode 0x9 has FIN=0; no native control frame is fragmented [native.fragmented]
        1002 a frame of opcode 0x9 is longer than 125 octets; no native control frame is [native.length]
        1002 a frame of the client is not masked; clients mask every frame [masking.server.required]
        1002 a frame of the server is masked; servers never mask [masking.client.refused]
        1002 a frame claims 9223372036854775808 octets; lengths are at most 2^63-1 [frame.length.top-bit]
        1002 a continuation frame came, but no message is in progress; begin one first [fragments.orphan]
        1002 a frame of opcode 0x1 came inside a message; finish that one first [fragments.interleaved]
        1007 a text message is not UTF-8 at its octet 7; send other data as binary [text.utf8]
        1009 a message of at least 1099511627776 octets exceeds the limit of this endpoint [frame.length.bounded]
        1002 the payload of a Close is a single octet; send none, or a code of two octets [close.length]
        1002 close code 1005 may not be sent [close.code]
        1007 the reason in a Close is not UTF-8 [close.reason]
        1009 a control message of at least 4097 octets exceeds 4096; data is to be escaped [filter.limit]
        1002 control message type 0x41 is critical and unknown [message.critical]
        1002 the body of a control message of type 0x01 is too short [message.malformed]
        1002 octets are left over behind a control message of type 0x02 [message.malformed]
        1002 9007199254740992 is no rate; rates are less than 2^53, or 2^64-1 for unlimited [message.malformed]
        1002 a LIMIT of 0 would end all data; state a maximum of 1 at least [message.malformed]
        1002 the last entry of a STATUS is cut [rate.status.malformed]
        1002 a STATUS has two entries of id 0x06 [rate.status.malformed]
        1002 the entry of id 0x06 in a STATUS has the wrong length [rate.status.malformed]
        1002 the entry of id 0x06 in a STATUS exceeds 100 percent [rate.status.malformed]
        1002 an ACK of 9 octets is less than the last one, or more than was sent [rate.ack.impossible]
        1002 the body of a BEAT or an ECHO has 126 octets; 125 is the limit [heartbeat.body]
        1002 "a b" in an OFFER is no list of extensions [setup.malformed]
        1002 no CONFIRM is due; a negotiation goes from OFFER over ANSWER to CONFIRM, one at a time [setup.turn]
        1002 an ANSWER does not fit its OFFER: the answer assigns F0800010, which is in use in this connection [setup.answer.distinct] [setup.answer.refused]
        1002 a message of heartbeat is out of turn; from SUSPEND on only RESUME may come, and RESUME only then [suspend.turn]
        1008 more than 100 control messages came in one second [message.flood]
        "#);
    }

    #[test]
    fn every_mistake_of_the_caller_says_what_it_is() {
        let all = [
            LocalError::NotOpen,
            LocalError::PayloadTooLong(126),
            LocalError::ReservedCloseCode(CloseCode(1005)),
            LocalError::MayNotSend("heartbeat"),
            LocalError::OutOfTurn("heartbeat"),
            LocalError::InForce("heartbeat"),
            LocalError::SentByItself,
            LocalError::TooManyControlMessages,
            LocalError::ControlTooLong(4097),
            LocalError::MalformedControl,
        ];
        insta::assert_snapshot!(all.map(|error| error.to_string()).join("\n"), @r#"
        the connection is not open for sending any more
        126 octets are too many for a native control frame; 125 is the limit
        close code 1005 may not be sent
        heartbeat was not negotiated for control messages of this side
        heartbeat is suspended, or a negotiation is under way
        heartbeat was accepted before
        the connection sends this control message by itself
        100 control messages in a second are the limit
        4097 octets are too many for a control message; 4096 is the limit
        no receiver may accept this control message
        "#);
    }
}
