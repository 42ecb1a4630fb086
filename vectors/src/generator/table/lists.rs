//! Cases of negotiation: lists of offers, and answers to them.

use super::Draft;
use crate::table::NegotiationGiven;

const ACCEPTABLE: &str = "negotiation.server.acceptable";
const FIRST: &str = "negotiation.server.first";
const INDEPENDENT: &str = "negotiation.server.independent";
const QUOTED: &str = "negotiation.server.quoted";
const LINES: &str = "negotiation.server.lines";
const MALFORMED: &str = "negotiation.server.malformed";
const ACCEPTS: &str = "negotiation.client.accepts";
const CONTROL: &str = "negotiation.client.control";
const UNKNOWN: &str = "negotiation.client.unknown";
const WIDENED: &str = "negotiation.client.not-widened";

/// A name, what is special, what it shows, and offers: fields are separated by line ends.
type Offer = (&'static str, &'static str, &'static [&'static str], &'static str);

const OFFERS: [Offer; 45] = [
    (
        "four",
        "each capability with all its defaults",
        &[INDEPENDENT],
        "rate-control, idle-timeout, heartbeat, control-setup",
    ),
    (
        "all-parameters",
        "each parameter with another value",
        &[ACCEPTABLE],
        "rate-control; sender=both; max-rate=1000000; pace=strict; burst=4096; step=25; ack=2048, idle-timeout; sender=client; timeout=1000, heartbeat; sender=both; interval=500, control-setup; sender=both",
    ),
    (
        "order",
        "the order of parameters is free",
        &[ACCEPTABLE],
        "rate-control; ack=1024; burst=300; sender=server",
    ),
    (
        "none-known",
        "what nobody knows is passed over",
        &[ACCEPTABLE],
        "x-other; a=1; b, permessage-deflate",
    ),
    (
        "unknown-between",
        "and keeps nothing else from being accepted",
        &[INDEPENDENT],
        "x-other, heartbeat, y-other; z, idle-timeout",
    ),
    (
        "letters",
        "tokens are case-sensitive",
        &[ACCEPTABLE],
        "Rate-Control, HEARTBEAT, idle-Timeout",
    ),
    (
        "names",
        "names of parameters are case-sensitive",
        &[ACCEPTABLE],
        "rate-control; Burst=300, heartbeat; INTERVAL=500",
    ),
    (
        "words",
        "words are case-sensitive",
        &[ACCEPTABLE],
        "rate-control; sender=Both, rate-control; pace=STRICT",
    ),
    (
        "first",
        "of two that are acceptable, the first",
        &[FIRST],
        "rate-control; burst=400, rate-control; burst=300",
    ),
    (
        "second",
        "the first has an unknown parameter",
        &[FIRST, ACCEPTABLE],
        "rate-control; colour=red, rate-control; burst=300",
    ),
    (
        "third",
        "the first repeats a parameter, the second is out of range",
        &[FIRST, ACCEPTABLE],
        "heartbeat; interval=100; interval=100, heartbeat; interval=99, heartbeat; interval=101",
    ),
    (
        "interleaved",
        "alternatives of several capabilities",
        &[FIRST, INDEPENDENT],
        "idle-timeout; timeout=99, rate-control; step=0, idle-timeout; timeout=100, rate-control; step=1, idle-timeout, rate-control",
    ),
    (
        "one-refused",
        "what is not acceptable keeps no other capability from being accepted",
        &[INDEPENDENT, ACCEPTABLE],
        "rate-control; burst=255, heartbeat",
    ),
    (
        "control",
        "a client never proposes a sequence",
        &[ACCEPTABLE],
        "rate-control; control=F0800001, heartbeat; control, idle-timeout",
    ),
    ("repeated", "the same value twice is twice", &[ACCEPTABLE], "rate-control; step=10; step=10"),
    (
        "foreign",
        "a parameter of another capability is unknown",
        &[ACCEPTABLE],
        "rate-control; timeout=1000, idle-timeout; interval=1000, heartbeat; burst=256, control-setup; timeout=100",
    ),
    (
        "both-alone",
        "heartbeat and control-setup need both parties",
        &[ACCEPTABLE],
        "heartbeat; sender=client, control-setup; sender=server",
    ),
    (
        "one-way",
        "the other two do not",
        &[ACCEPTABLE],
        "rate-control; sender=client, idle-timeout; sender=server",
    ),
    (
        "strict-one-way",
        "who cannot be told anything is promised nothing",
        &[ACCEPTABLE],
        "rate-control; pace=strict; sender=client",
    ),
    (
        "lowest",
        "the lowest values",
        &[ACCEPTABLE],
        "rate-control; max-rate=1; burst=256; step=1; ack=0, idle-timeout; timeout=100, heartbeat; interval=0",
    ),
    (
        "lowest-beside-zero",
        "the lowest that are not 0",
        &[ACCEPTABLE],
        "rate-control; ack=1024, heartbeat; interval=100",
    ),
    (
        "highest",
        "the highest values",
        &[ACCEPTABLE],
        "rate-control; max-rate=9007199254740991; burst=16777216; step=90; ack=9007199254740991, idle-timeout; timeout=86400000, heartbeat; interval=3600000",
    ),
    (
        "too-low",
        "one less than the lowest",
        &[ACCEPTABLE],
        "rate-control; max-rate=0, rate-control; burst=255, rate-control; step=0, rate-control; ack=1023, idle-timeout; timeout=99, heartbeat; interval=99",
    ),
    (
        "too-high",
        "one more than the highest",
        &[ACCEPTABLE],
        "rate-control; max-rate=9007199254740992, rate-control; burst=16777217, rate-control; step=91, rate-control; ack=9007199254740992, idle-timeout; timeout=86400001, heartbeat; interval=3600001",
    ),
    (
        "huge",
        "a number beyond all types",
        &[ACCEPTABLE],
        "rate-control; max-rate=99999999999999999999999999, idle-timeout; timeout=18446744073709551716",
    ),
    (
        "leading-zero",
        "numbers have no leading zeros",
        &[ACCEPTABLE],
        "rate-control; step=05, idle-timeout; timeout=0100, heartbeat; interval=00",
    ),
    (
        "no-number",
        "signs, fractions and other digits",
        &[ACCEPTABLE],
        "rate-control; step=+5, rate-control; step=1.5, rate-control; step=0x5, idle-timeout; timeout=1e3, heartbeat; interval=-0",
    ),
    (
        "no-value",
        "a parameter without a value has none of its values",
        &[ACCEPTABLE],
        "rate-control; sender, idle-timeout; timeout, heartbeat; interval",
    ),
    (
        "quoted",
        "quotes change nothing",
        &[QUOTED],
        "rate-control; sender=\"both\"; burst=\"4096\"; pace=\"strict\"",
    ),
    (
        "backslashes",
        "nor do backslashes in them",
        &[QUOTED],
        "rate-control; sender=\"\\b\\oth\"; burst=\"4\\096\"",
    ),
    (
        "white-space",
        "nor does white space where it may stand",
        &[QUOTED],
        "rate-control \t;  sender\t= \tboth ; burst= \"300\" \t,\t heartbeat",
    ),
    ("no-white-space", "or its absence", &[QUOTED], "rate-control;sender=both;burst=300,heartbeat"),
    ("empty-elements", "empty elements are none", &[LINES], ", ,rate-control,, ,heartbeat,"),
    (
        "lines",
        "several fields are one list",
        &[LINES],
        "rate-control; burst=300\nheartbeat\nidle-timeout",
    ),
    (
        "lines-alternatives",
        "alternatives in several fields",
        &[LINES, FIRST],
        "rate-control; step=95\nx-other, rate-control; step=15\nrate-control",
    ),
    (
        "lines-empty",
        "a field of empty elements among others",
        &[LINES],
        ",\nheartbeat, ,\n,, rate-control",
    ),
    ("malformed-empty", "no element at all", &[MALFORMED], ","),
    ("malformed-separator", "no semicolon", &[MALFORMED], "rate-control sender=both"),
    ("malformed-token", "no token", &[MALFORMED], "; sender=both"),
    ("malformed-end", "nothing behind the semicolon", &[MALFORMED], "rate-control; sender=both;"),
    ("malformed-value", "nothing behind the sign", &[MALFORMED], "heartbeat; interval="),
    ("malformed-quote", "a quote that is not closed", &[MALFORMED], "rate-control; sender=\"both"),
    (
        "malformed-quoted",
        "what is no token in quotes",
        &[MALFORMED],
        "rate-control; sender=\"bo th\"",
    ),
    ("malformed-quoted-empty", "nothing in quotes", &[MALFORMED], "rate-control; sender=\"\""),
    (
        "malformed-beside",
        "what is malformed spoils what is beside it",
        &[MALFORMED],
        "heartbeat, rate-control; sender=@",
    ),
];

/// A name, what is special, what it shows, offers and an answer.
type Answer = (&'static str, &'static str, &'static [&'static str], &'static str, &'static str);

const ALL: &str =
    "rate-control; pace=strict; ack=1024, idle-timeout, heartbeat; interval=1000, control-setup";

const ANSWERS: [Answer; 52] = [
    (
        "four",
        "each capability with a sequence of its own",
        &[ACCEPTS],
        ALL,
        "rate-control; control=F0800010; pace=strict; ack=1024, idle-timeout; control=F0800011, heartbeat; control=F0800012; interval=1000, control-setup; control=F0800013",
    ),
    ("one-of-four", "a server may decline any", &[ACCEPTS], ALL, "heartbeat; control=F0800010"),
    (
        "other-order",
        "the order of the answer is free",
        &[ACCEPTS],
        ALL,
        "control-setup; control=00000001, rate-control; control=00000000",
    ),
    (
        "defaults",
        "an absent parameter has its default, and not what was offered",
        &[ACCEPTS],
        "rate-control; pace=strict; burst=70000; ack=1024; step=50",
        "rate-control; control=F0800010",
    ),
    (
        "silence-widens",
        "so silence may widen",
        &[WIDENED],
        "rate-control; burst=4096",
        "rate-control; control=F0800010",
    ),
    (
        "silence-widens-sender",
        "of sender as well",
        &[WIDENED],
        "idle-timeout; sender=client",
        "idle-timeout; control=F0800010",
    ),
    (
        "silence-widens-timeout",
        "and of timeout",
        &[WIDENED],
        "idle-timeout; timeout=1000",
        "idle-timeout; control=F0800010",
    ),
    (
        "lower-case",
        "digits in lower case",
        &[ACCEPTS],
        "rate-control",
        "rate-control; control=f08000a1",
    ),
    (
        "quoted",
        "quotes change nothing",
        &[ACCEPTS],
        "rate-control",
        "rate-control; control=\"F08000A1\"; step=\"2\\0\"",
    ),
    (
        "any-sequence",
        "any four octets",
        &[ACCEPTS, "sequence.any"],
        "rate-control, heartbeat, idle-timeout, control-setup",
        "rate-control; control=00000000, heartbeat; control=FFFFFFFF, idle-timeout; control=47455420, control-setup; control=E282AC0A",
    ),
    (
        "several-fields",
        "several fields are one list",
        &[ACCEPTS, "negotiation.client.lines"],
        ALL,
        "rate-control; control=F0800010\nheartbeat; control=F0800011",
    ),
    (
        "max-rate",
        "it is the answerer's own",
        &[ACCEPTS],
        "rate-control; max-rate=5",
        "rate-control; control=F0800010; max-rate=9007199254740991",
    ),
    (
        "step",
        "any step",
        &[ACCEPTS],
        "rate-control; step=1",
        "rate-control; control=F0800010; step=90",
    ),
    (
        "narrower",
        "each value narrower",
        &[ACCEPTS],
        "rate-control; pace=strict; burst=1000; ack=2048, idle-timeout; timeout=1000, heartbeat; interval=500",
        "rate-control; control=F0800010; sender=both; pace=advisory; burst=256; ack=2049, idle-timeout; control=F0800011; sender=server; timeout=999, heartbeat; control=F0800012; interval=501",
    ),
    (
        "switched-off",
        "0 for what was offered",
        &[ACCEPTS],
        "rate-control; ack=2048, heartbeat; interval=500",
        "rate-control; control=F0800010; ack=0, heartbeat; control=F0800011; interval=0",
    ),
    (
        "second-alternative",
        "an answer fits one alternative as a whole",
        &[ACCEPTS],
        "rate-control; burst=256, rate-control; sender=client; burst=4096",
        "rate-control; control=F0800010; sender=client; burst=4096",
    ),
    (
        "mixed-alternatives",
        "and not one in one thing and another in another",
        &[WIDENED],
        "rate-control; burst=256, rate-control; sender=client; burst=4096",
        "rate-control; control=F0800010; sender=server; burst=4096",
    ),
    ("no-control", "no sequence", &[CONTROL], ALL, "heartbeat; interval=1000"),
    (
        "no-control-second",
        "none of the second",
        &[CONTROL],
        ALL,
        "heartbeat; control=F0800010, idle-timeout",
    ),
    ("control-empty", "without a value", &[CONTROL], "rate-control", "rate-control; control"),
    ("control-short", "seven digits", &[CONTROL], "rate-control", "rate-control; control=F080001"),
    ("control-long", "nine digits", &[CONTROL], "idle-timeout", "idle-timeout; control=F08000100"),
    (
        "control-not-hex",
        "another letter",
        &[CONTROL],
        "control-setup",
        "control-setup; control=F080001G",
    ),
    ("control-sign", "a sign", &[CONTROL], "heartbeat", "heartbeat; control=+8000100"),
    (
        "unknown",
        "an unknown parameter",
        &[UNKNOWN],
        "heartbeat",
        "heartbeat; control=F0800010; colour=red",
    ),
    (
        "unknown-foreign",
        "one of another capability",
        &[UNKNOWN],
        "control-setup",
        "control-setup; control=F0800010; interval=0",
    ),
    (
        "repeated",
        "a parameter twice",
        &[UNKNOWN],
        "idle-timeout",
        "idle-timeout; control=F0800010; timeout=1000; timeout=1000",
    ),
    (
        "repeated-control",
        "the sequence twice",
        &[UNKNOWN],
        "idle-timeout",
        "idle-timeout; control=F0800010; control=F0800010",
    ),
    (
        "out-of-range-burst",
        "one less than the lowest",
        &[UNKNOWN],
        "rate-control",
        "rate-control; control=F0800010; burst=255",
    ),
    (
        "out-of-range-timeout",
        "one less than the lowest",
        &[UNKNOWN],
        "idle-timeout",
        "idle-timeout; control=F0800010; timeout=99",
    ),
    (
        "out-of-range-interval",
        "neither 0 nor the lowest",
        &[UNKNOWN],
        "heartbeat; interval=100",
        "heartbeat; control=F0800010; interval=1",
    ),
    (
        "out-of-range-sender",
        "heartbeat needs both parties",
        &[UNKNOWN],
        "heartbeat",
        "heartbeat; control=F0800010; sender=server",
    ),
    (
        "out-of-range-setup",
        "control-setup as well",
        &[UNKNOWN],
        "control-setup",
        "control-setup; control=F0800010; sender=client",
    ),
    (
        "twice",
        "a capability twice",
        &["negotiation.client.once"],
        ALL,
        "heartbeat; control=F0800010, heartbeat; control=F0800011",
    ),
    (
        "twice-apart",
        "with another between",
        &["negotiation.client.once"],
        ALL,
        "idle-timeout; control=F0800010, heartbeat; control=F0800011, idle-timeout; control=F0800012",
    ),
    (
        "shared",
        "two capabilities with one sequence",
        &["negotiation.client.distinct"],
        ALL,
        "heartbeat; control=F08000A0, idle-timeout; control=F08000A0",
    ),
    (
        "shared-letters",
        "in letters of another case",
        &["negotiation.client.distinct"],
        ALL,
        "heartbeat; control=F08000A0, idle-timeout; control=f08000a0",
    ),
    (
        "not-offered",
        "a capability that was not offered",
        &["opening.client.extensions"],
        "heartbeat",
        "idle-timeout; control=F0800010",
    ),
    (
        "widened-sender",
        "both for one",
        &[WIDENED],
        "rate-control; sender=server",
        "rate-control; control=F0800010; sender=both",
    ),
    (
        "other-sender",
        "one for the other",
        &[WIDENED],
        "idle-timeout; sender=server",
        "idle-timeout; control=F0800010; sender=client",
    ),
    (
        "widened-pace",
        "a promise that was not asked for",
        &[WIDENED],
        "rate-control",
        "rate-control; control=F0800010; pace=strict",
    ),
    (
        "widened-burst",
        "one octet more",
        &[WIDENED],
        "rate-control; burst=4096",
        "rate-control; control=F0800010; burst=4097",
    ),
    (
        "widened-ack",
        "more often",
        &[WIDENED],
        "rate-control; ack=2048",
        "rate-control; control=F0800010; ack=2047",
    ),
    (
        "widened-ack-zero",
        "though none was asked for",
        &[WIDENED],
        "rate-control",
        "rate-control; control=F0800010; ack=1024",
    ),
    (
        "widened-timeout",
        "a millisecond more",
        &[WIDENED],
        "idle-timeout; timeout=1000",
        "idle-timeout; control=F0800010; timeout=1001",
    ),
    (
        "widened-interval",
        "more often",
        &[WIDENED],
        "heartbeat; interval=1000",
        "heartbeat; control=F0800010; interval=999",
    ),
    (
        "widened-interval-zero",
        "though none was asked for",
        &[WIDENED],
        "heartbeat",
        "heartbeat; control=F0800010; interval=3600000",
    ),
    (
        "strict-one-way",
        "a promise to who cannot ask",
        &[WIDENED],
        "rate-control; pace=strict",
        "rate-control; control=F0800010; pace=strict; sender=client",
    ),
    (
        "malformed",
        "nothing behind the semicolon",
        &["negotiation.client.malformed"],
        ALL,
        "heartbeat; control=F0800010;",
    ),
    (
        "malformed-quote",
        "a quote that is not closed",
        &["negotiation.client.malformed"],
        ALL,
        "heartbeat; control=\"F0800010",
    ),
    (
        "malformed-beside",
        "what is malformed spoils what is beside it",
        &["negotiation.client.malformed"],
        ALL,
        "heartbeat; control=F0800010, idle timeout",
    ),
    ("malformed-empty", "no element at all", &["negotiation.client.malformed"], ALL, ","),
];

pub(super) fn drafts() -> Vec<Draft<NegotiationGiven>> {
    let fields = |text: &str| text.split('\n').map(str::to_owned).collect::<Vec<_>>();
    let offer = |(name, comment, covers, offers): Offer| {
        let given = NegotiationGiven { offers: fields(offers), answer: None };
        Draft::new(format!("offer/{name}"), comment, covers, given)
    };
    let answer = |(name, comment, covers, offers, answer): Answer| {
        let given = NegotiationGiven { offers: fields(offers), answer: Some(fields(answer)) };
        Draft::new(format!("answer/{name}"), comment, covers, given)
    };
    OFFERS.into_iter().map(offer).chain(ANSWERS.into_iter().map(answer)).collect()
}
