//! The ways in which a sentence can be wrong in one thing alone.

use super::points::excerpt;
use super::ways::Ways;
use crate::diagnostic::Location;
use crate::directive::Fail;
use crate::generate::Generator;
use crate::generate::goal::Act;
use crate::program::{NodeId, NodeKind, OctetSet, Program, RuleId, Terminal, Unit, Where};

/// Greater bounds of repetitions are neither overstepped nor undershot.
const TIMES_LIMIT: u64 = 4096;

/// One thing to be broken.
#[derive(Clone, Debug)]
pub(super) struct Breakage {
    pub(super) rule: RuleId,
    /// The last part of its id.
    pub(super) name: String,
    /// For people.
    pub(super) text: String,
    pub(super) location: Location,
    /// What the directive itself says is due.
    pub(super) fail: Option<Fail>,
    pub(super) place: Place,
    pub(super) kind: Kind,
    /// The text of the directive, if it is one.
    pub(super) directive: Option<String>,
}

/// Where a sentence is led.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Node(NodeId),
    /// Wherever the rule is referred to.
    Rule(RuleId),
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Write(Vec<u8>),
    Times(u64),
    Omit,
    Where(usize),
    When,
    Resize(i64),
    Part(u32, u64),
}

impl Kind {
    pub(super) fn act(&self) -> Act<'_> {
        match self {
            Self::Write(octets) => Act::Write(octets),
            Self::Times(times) => Act::Times(*times),
            Self::Omit => Act::Omit,
            Self::Where(index) => Act::BreakWhere(*index),
            Self::When => Act::BreakWhen,
            Self::Resize(by) => Act::Resize(*by),
            Self::Part(part, times) => Act::Part(*part, *times),
        }
    }
}

/// All that can be broken in the rules of `ways`, in their order.
pub(super) fn breakages(
    generator: &Generator<'_>,
    ways: &Ways<'_>,
    entry: RuleId,
) -> Vec<Breakage> {
    let program = generator.program();
    let mut found = Vec::new();
    for rule in &ways.rules {
        let mut of = OfRule { generator, program, rule: *rule, found: &mut found };
        of.wheres();
        let body = program.rule(*rule).body;
        // A rule that is a class of octets is broken where it is used.
        if *rule == entry || generator.class(body).is_none() || !of.is_plain() {
            of.nodes(body);
        }
    }
    found
}

struct OfRule<'b> {
    generator: &'b Generator<'b>,
    program: &'b Program,
    rule: RuleId,
    found: &'b mut Vec<Breakage>,
}

impl OfRule<'_> {
    fn is_plain(&self) -> bool {
        let rule = self.program.rule(self.rule);
        rule.wheres.is_empty() && rule.bits.is_empty() && rule.uint.is_none() && rule.fail.is_none()
    }

    fn wheres(&mut self) {
        let rule = self.program.rule(self.rule);
        for (index, one) in rule.wheres.iter().enumerate() {
            self.found.push(Breakage {
                rule: self.rule,
                name: format!("where-{}", index + 1),
                text: format!("`{}` does not hold", one.text),
                location: rule.source.location(one.span.start),
                fail: one.fail.clone(),
                place: Place::Rule(self.rule),
                kind: Kind::Where(index),
                directive: Some(one.text.clone()),
            });
        }
    }

    /// A node and those below it, each before its parts.
    fn nodes(&mut self, body: NodeId) {
        let mut waiting = vec![body];
        while let Some(node) = waiting.pop() {
            if let Some(octets) = self.generator.class(node) {
                self.class(node, &set(octets));
                continue;
            }
            match &self.program.node(node).kind {
                NodeKind::Alternation(nodes) => waiting.extend(nodes.iter().rev()),
                NodeKind::Sequence(nodes) => {
                    for (part, inner) in nodes.iter().enumerate() {
                        self.part(node, part as u32, *inner);
                    }
                    waiting.extend(nodes.iter().rev());
                }
                NodeKind::Repetition { min, max, body } => {
                    self.repetition(node, *min, *max, *body);
                    waiting.push(*body);
                }
                NodeKind::Terminal(terminal) => self.terminal(node, terminal),
                NodeKind::Reference(_) => self.reference(node),
                NodeKind::Prose(_) => {}
            }
        }
    }

    fn add(&mut self, node: NodeId, name: String, text: String, kind: Kind) {
        self.found.push(Breakage {
            rule: self.rule,
            name,
            text,
            location: self.program.node_location(node),
            fail: None,
            place: Place::Node(node),
            kind,
            directive: None,
        });
    }

    fn directive(
        &mut self,
        place: NodeId,
        one: (&str, Option<&Fail>),
        name: String,
        text: &str,
        kind: Kind,
    ) {
        self.found.push(Breakage {
            rule: self.rule,
            name,
            text: format!("{text}: `{}`", one.0),
            location: self.program.node_location(place),
            fail: one.1.cloned(),
            place: Place::Node(place),
            kind,
            directive: Some(one.0.to_owned()),
        });
    }

    /// One octet next to each run of octets that may stand there.
    fn class(&mut self, node: NodeId, set: &OctetSet) {
        let mut beside = OctetSet::EMPTY;
        for (first, last) in set.runs() {
            first.checked_sub(1).into_iter().chain(last.checked_add(1)).for_each(|octet| {
                if !set.contains(octet) {
                    beside.insert(octet);
                }
            });
        }
        let what = self.name(node);
        for octet in beside.iter() {
            let text = format!("{octet:02X} in place of {}", excerpt(self.program, node));
            self.add(node, format!("{what}-{octet:02X}"), text, Kind::Write(vec![octet]));
        }
    }

    fn terminal(&mut self, node: NodeId, terminal: &Terminal) {
        let unit = self.program.rule(self.rule).unit;
        let what = self.name(node);
        for (name, octets) in wrong_terminals(terminal, unit) {
            let hex: Vec<_> = octets.iter().map(|octet| format!("{octet:02X}")).collect();
            let place = excerpt(self.program, node);
            let text = format!("{name}, {}, in place of {place}", hex.join(" "));
            self.add(node, format!("{what}-{}", hex.concat()), text, Kind::Write(octets));
        }
    }

    fn part(&mut self, sequence: NodeId, part: u32, inner: NodeId) {
        if self.generator.shortest(inner) == 0 {
            return;
        }
        let what = self.name(inner);
        for (times, word) in [(0, "missing"), (2, "doubled")] {
            let text = format!("{} {word}", excerpt(self.program, inner));
            let name = format!("{what}-{}-{word}", part + 1);
            self.add(sequence, name, text, Kind::Part(part, times));
        }
    }

    fn repetition(&mut self, node: NodeId, min: u64, max: Option<u64>, body: NodeId) {
        let fewer = min.checked_sub(1).filter(|fewer| *fewer < TIMES_LIMIT);
        let more = max.filter(|max| *max < TIMES_LIMIT).map(|max| max + 1);
        let what = self.name(body);
        for times in fewer.into_iter().chain(more) {
            let often = if times == 1 { "once".to_owned() } else { format!("{times} times") };
            let text = format!("{often} in {}", excerpt(self.program, node));
            self.add(node, format!("{what}-times-{times}"), text, Kind::Times(times));
        }
        if min == 0
            && let Some((reference, when)) = self.generator.presence(body)
        {
            let name = format!("{}-left-out", self.name(reference));
            let Where { text, fail, .. } = when;
            self.directive(
                node,
                (text, fail.as_ref()),
                name,
                "left out although it has to stand there",
                Kind::Omit,
            );
        }
    }

    fn reference(&mut self, node: NodeId) {
        let NodeKind::Reference(reference) = &self.program.node(node).kind else { return };
        let what = self.name(node);
        if let Some(when) = &reference.when {
            let one = (when.text.as_str(), when.fail.as_ref());
            let text = "there although it must not be";
            self.directive(node, one, format!("{what}-there"), text, Kind::When);
        }
        if let Some(size) = &reference.size {
            for (by, word) in [(-1, "shorter"), (1, "longer")] {
                let one = (size.text.as_str(), size.fail.as_ref());
                let text = format!("one octet {word} than it says");
                self.directive(node, one, format!("{what}-{word}"), &text, Kind::Resize(by));
            }
        }
    }

    /// What a node is called in an id.
    fn name(&self, node: NodeId) -> String {
        match &self.program.node(node).kind {
            NodeKind::Reference(reference) => {
                self.program.rule(reference.rule).name.to_ascii_lowercase()
            }
            NodeKind::Repetition { body, .. } => self.name(*body),
            NodeKind::Alternation(_) => "choice".to_owned(),
            NodeKind::Sequence(_) => "group".to_owned(),
            NodeKind::Terminal(_) | NodeKind::Prose(_) => {
                let text = excerpt(self.program, node).to_ascii_lowercase();
                let plain: String = text
                    .chars()
                    .map(|one| if one.is_ascii_alphanumeric() { one } else { ' ' })
                    .collect();
                let words: Vec<_> = plain.split_whitespace().collect();
                if words.is_empty() { "sign".to_owned() } else { words.join("-") }
            }
        }
    }
}

fn set(octets: &[u8]) -> OctetSet {
    octets.iter().fold(OctetSet::EMPTY, |set, octet| set.union(OctetSet::single(*octet)))
}

/// Octets that are nearly the terminal, with what is wrong with them.
fn wrong_terminals(terminal: &Terminal, unit: Unit) -> Vec<(&'static str, Vec<u8>)> {
    let mut found = Vec::new();
    match (&terminal.edges, unit) {
        (Some((first, last)), Unit::Octet | Unit::Bits(_)) => {
            found.extend(next_to(first, -1).map(|octets| ("one below", octets)));
            found.extend(next_to(last, 1).map(|octets| ("one above", octets)));
        }
        (Some((first, last)), Unit::Utf8) => {
            let code = |octets: &[u8]| {
                let text = std::str::from_utf8(octets).ok()?;
                text.chars().next().map(u32::from)
            };
            let below = code(first).and_then(|code| code.checked_sub(1));
            found.extend(below.map(|code| ("one below", as_utf8(code))));
            found.extend(code(last).map(|code| ("one above", as_utf8(code + 1))));
            if terminal.strings.iter().any(|string| string.len() > 1) {
                found.extend(MALFORMED.iter().map(|(name, octets)| (*name, octets.to_vec())));
            }
        }
        (None, _) => {
            let [string] = terminal.strings.as_slice() else { return found };
            let plain: Vec<u8> = string.iter().filter_map(|set| set.nth(0)).collect();
            if plain.len() != string.len() || plain.is_empty() {
                return found;
            }
            let mut places = vec![0, plain.len() - 1];
            places.dedup();
            for place in places {
                let other = (1..=0xFF).map(|by| plain[place] ^ by);
                if let Some(octet) = other.into_iter().find(|octet| !string[place].contains(*octet))
                {
                    let mut octets = plain.clone();
                    octets[place] = octet;
                    found.push(("one octet changed", octets));
                }
            }
            let sensitive =
                |place: &usize| plain[*place].is_ascii_alphabetic() && string[*place].len() == 1;
            if let Some(place) = (0..plain.len()).find(sensitive) {
                let mut octets = plain;
                octets[place] ^= 0x20;
                found.push(("another case", octets));
            }
        }
    }
    found
}

/// What is no UTF-8 (RFC 3629, 3 and 4), one of each kind.
const MALFORMED: [(&str, &[u8]); 8] = [
    ("a continuation octet alone", &[0x80]),
    ("U+0000 in two octets", &[0xC0, 0x80]),
    ("U+0000 in three octets", &[0xE0, 0x80, 0x80]),
    ("U+0000 in four octets", &[0xF0, 0x80, 0x80, 0x80]),
    ("a surrogate", &[0xED, 0xA0, 0x80]),
    ("beyond U+10FFFF", &[0xF4, 0x90, 0x80, 0x80]),
    ("an octet that UTF-8 never has", &[0xFF]),
    ("a character cut off", &[0xE2, 0x82]),
];

/// The next string of equally many octets in either direction.
fn next_to(octets: &[u8], by: i8) -> Option<Vec<u8>> {
    let mut next = octets.to_vec();
    for octet in next.iter_mut().rev() {
        let (value, is_over) = octet.overflowing_add_signed(by);
        *octet = value;
        if !is_over {
            return Some(next);
        }
    }
    None
}

/// A number as UTF-8 would write it, whether it is a character or not.
fn as_utf8(code: u32) -> Vec<u8> {
    let tail = |shift: u32| 0x80 | (code >> shift & 0x3F) as u8;
    match code {
        0..0x80 => vec![code as u8],
        0x80..0x800 => vec![0xC0 | (code >> 6) as u8, tail(0)],
        0x800..0x1_0000 => vec![0xE0 | (code >> 12) as u8, tail(6), tail(0)],
        _ => vec![0xF0 | (code >> 18 & 7) as u8, tail(12), tail(6), tail(0)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_one_away() {
        assert_eq!(next_to(&[0x01, 0xFF], 1), Some(vec![0x02, 0x00]));
        assert_eq!(next_to(&[0x01, 0x00], -1), Some(vec![0x00, 0xFF]));
        assert_eq!(next_to(&[0xFF], 1), None);
        assert_eq!(next_to(&[0x00, 0x00], -1), None);
        assert_eq!(as_utf8(0xD800), [0xED, 0xA0, 0x80]);
        assert_eq!(as_utf8(0x11_0000), [0xF4, 0x90, 0x80, 0x80]);
        assert_eq!(as_utf8(0x20AC), "\u{20AC}".as_bytes());
    }

    #[test]
    fn nothing_malformed_is_utf_8() {
        assert!(MALFORMED.iter().all(|(_, octets)| std::str::from_utf8(octets).is_err()));
    }
}
