//! The grammar of the control extension against the reference: the parameters of all capabilities, their
//! messages, and the subprotocol that sets up one of them.

use std::sync::LazyLock;

use wsconform_abnf::recognise::Tree;
use wsconform_reference::{
    AgreementFault, Allocator, Bootstrap, Capability, ControlMessage, Extension, HeartbeatMessage,
    RateMessage, Sequence, SetupMessage, Support, Violation, accept_answer, negotiate,
    parse_extensions, write_extensions,
};

use crate::rule::{PROGRAM, Rule, listed, part, parts, string};

/// What capabilities say, in an offer and in an answer.
pub(crate) fn terms(octets: &[u8]) {
    static RULES: LazyLock<[(Capability, Rule, Rule); 4]> = LazyLock::new(|| {
        [
            (Capability::RateControl, "rate-offer", "rate-answer"),
            (Capability::IdleTimeout, "idle-offer", "idle-answer"),
            (Capability::Heartbeat, "heartbeat-offer", "heartbeat-answer"),
            (Capability::ControlSetup, "setup-offer", "setup-answer"),
        ]
        .map(|(capability, offer, answer)| {
            (capability, Rule::whole(offer, &[]), Rule::whole(answer, &[]))
        })
    });
    // Offers that no answer can widen.
    const WIDEST: &str = "rate-control; pace=strict; burst=16777216; ack=1024, \
        idle-timeout; timeout=86400000, heartbeat; interval=100, control-setup";
    let widest = parse_extensions(WIDEST).expect("written here");
    let list = std::str::from_utf8(octets).ok().and_then(|text| parse_extensions(text).ok());
    for one in list.unwrap_or_default() {
        let Some(rules) = RULES.iter().find(|rules| rules.0.token() == one.token) else { continue };
        let (_, offer, answer) = rules;
        let written = one.to_string();
        let mut allocator = Allocator::new(Sequence([0xF0, 0x80, 0, 0]));
        let one: [Extension; 1] = [one];
        let offered = !negotiate(&one, &Support::all(), &mut allocator).is_empty();
        assert_eq!(offer.takes(written.as_bytes()), offered, "{written}");
        let answered = accept_answer(&widest, &one);
        assert!(!matches!(answered, Err(AgreementFault::Widened(_))), "{written}");
        let by_grammar = answer.takes(written.as_bytes());
        assert_eq!(by_grammar, answered.is_ok(), "{written}: {answered:?}");
    }
}

/// A message by the grammar, and by the reference.
fn message(capability: Capability, rule: &Rule, octets: &[u8]) -> Option<(ControlMessage, Tree)> {
    let tree = rule.read(octets);
    match (ControlMessage::parse(capability, octets), tree) {
        (Ok(Some(message)), Some(tree)) => Some((message, tree)),
        // Nothing rests here, so RESUME is out of turn.
        (Ok(Some(ControlMessage::Resume(_))), None) => None,
        (Ok(None), Some(tree)) => {
            let is = |rule| tree.root().find(&PROGRAM, rule).is_some();
            assert!(is("rate-unknown") || is("unknown-message"), "{octets:02X?}");
            None
        }
        (Err(_), None) => None,
        // The grammar cannot say that an id comes once.
        (Err(Violation::RepeatedStatus(_)), Some(tree)) => {
            let mut ids: Vec<_> =
                parts(&tree, "status-id").map(|node| node.octets(octets)).collect();
            let count = ids.len();
            ids.sort_unstable();
            ids.dedup();
            assert!(ids.len() < count, "{octets:02X?}");
            None
        }
        (parsed, tree) => {
            panic!("{octets:02X?}: the reference says {parsed:?}, the grammar {}", tree.is_some())
        }
    }
}

pub(crate) fn rate_message(octets: &[u8]) {
    static RULE: LazyLock<Rule> =
        LazyLock::new(|| Rule::whole("rate-message", &[("suspended", "")]));
    let Some((ControlMessage::Rate(message), tree)) =
        message(Capability::RateControl, &RULE, octets)
    else {
        return;
    };
    let number = |name| tree.root().number(&PROGRAM, octets, name);
    match &message {
        RateMessage::Rate(rate) | RateMessage::Effective(rate) | RateMessage::Limit(rate) => {
            assert_eq!(number("rate"), Some(rate.octets_per_second().unwrap_or(u64::MAX)));
        }
        RateMessage::Ack(count) => assert_eq!(number("processed"), Some(*count)),
        RateMessage::Status(entries) => {
            let read =
                |rule| parts(&tree, rule).map(|node| node.octets(octets)).collect::<Vec<_>>();
            let ids: Vec<_> = entries.iter().map(|one| vec![one.id]).collect();
            let values: Vec<_> = entries.iter().map(|one| one.value.clone()).collect();
            assert_eq!((read("status-id"), read("status-value")), (ids, values));
        }
        _ => {}
    }
}

pub(crate) fn idle_message(octets: &[u8]) {
    static RULE: LazyLock<Rule> =
        LazyLock::new(|| Rule::whole("idle-message", &[("suspended", "")]));
    let message = message(Capability::IdleTimeout, &RULE, octets);
    assert!(message.is_none_or(|(message, _)| matches!(message, ControlMessage::Suspend(_))));
}

pub(crate) fn heartbeat_message(octets: &[u8]) {
    static RULE: LazyLock<Rule> =
        LazyLock::new(|| Rule::whole("heartbeat-message", &[("suspended", "")]));
    let Some((ControlMessage::Heartbeat(message), tree)) =
        message(Capability::Heartbeat, &RULE, octets)
    else {
        return;
    };
    let (rule, body) = match message {
        HeartbeatMessage::Beat(body) => ("beat-message", body),
        HeartbeatMessage::Echo(body) => ("echo-message", body),
    };
    assert!(tree.root().find(&PROGRAM, rule).is_some());
    assert_eq!(part(&tree, octets, "beat-body"), Some(body));
}

/// Each in the turn in which it may come.
pub(crate) fn setup_message(octets: &[u8]) {
    static RULES: LazyLock<[Rule; 3]> = LazyLock::new(|| {
        ["none", "offered", "answered"]
            .map(|turn| Rule::whole("setup-message", &[("setup-turn", turn)]))
    });
    let [none, offered, answered] = &*RULES;
    let rule = match octets.first() {
        Some(0x02) => offered,
        Some(0x03) => answered,
        _ => none,
    };
    let message = message(Capability::ControlSetup, rule, octets);
    let Some((ControlMessage::Setup(message), tree)) = message else { return };
    let (rule, list) = match &message {
        SetupMessage::Offer(list) => ("offer-message", Some(list)),
        SetupMessage::Answer(list) => ("answer-message", list.as_ref()),
        SetupMessage::Confirm => ("confirm-message", None),
    };
    assert!(tree.root().find(&PROGRAM, rule).is_some());
    let written = list.map_or_else(String::new, |list| write_extensions(list.extensions()));
    assert_eq!(listed(&tree, octets), written);
}

/// A subprotocol that sets up `control-setup`.
pub(crate) fn subprotocol(octets: &[u8]) {
    static RULE: LazyLock<Rule> = LazyLock::new(|| Rule::whole("control-subprotocol", &[]));
    let bootstrap = std::str::from_utf8(octets).ok().and_then(Bootstrap::parse);
    let tree = RULE.read(octets);
    let digits = tree.as_ref().and_then(|tree| part(tree, octets, "control-value")).map(string);
    let sequence = digits.and_then(|digits| Sequence::from_hex(&digits));
    assert_eq!(sequence, bootstrap.as_ref().map(|one| one.sequence), "{}", octets.escape_ascii());
    let application = tree.and_then(|tree| part(&tree, octets, "token")).map(string);
    assert_eq!(application, bootstrap.and_then(|one| one.application));
}
