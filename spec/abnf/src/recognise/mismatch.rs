//! Why octets do not match.

use std::fmt;
use std::ops::Range;

use super::run::{Call, CallId, NONE, Obstacle, Run, Setting};
use crate::directive::Fail;
use crate::program::{OctetSet, Program, RuleId};

/// No more than so many expectations are kept.
const EXPECTED_LIMIT: usize = 24;

/// The place at which no reading was left, and what each needed there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// So many octets could be read. What is wrong is the octet at this place, or, if a directive
    /// is violated, those before it.
    pub offset: usize,
    /// What would have been possible at this place, a line for each rule that waited for octets.
    pub expected: Vec<Expected>,
    /// The directives that were not kept, if a reading came to its end that way.
    pub violations: Vec<Violation>,
}

/// What a rule waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The octets.
    pub octets: OctetSet,
    /// The innermost rule that has a name worth telling.
    pub rule: RuleId,
    /// What is due, if the rule or one around it says so.
    pub fail: Option<Fail>,
}

/// A directive that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule that it belongs to, or that its part is.
    pub rule: RuleId,
    /// What it says.
    pub text: String,
    /// The octets that it is about.
    pub octets: Range<usize>,
    /// What is due, if the directive or a rule around it says so.
    pub fail: Option<Fail>,
}

impl Mismatch {
    /// What is due: what the first directive that was not kept says, or what the rules say that
    /// waited for octets, if they agree.
    pub fn fail(&self) -> Option<&Fail> {
        let violated = self.violations.iter().find_map(|violation| violation.fail.as_ref());
        violated.or_else(|| {
            let first = self.expected.first()?.fail.as_ref()?;
            self.expected.iter().all(|one| one.fail.as_ref() == Some(first)).then_some(first)
        })
    }

    /// The mismatch in a few words for people.
    pub fn describe(&self, program: &Program) -> String {
        if let Some(violation) = self.violations.first() {
            let Range { start, end } = violation.octets;
            let rule = &program.rule(violation.rule).name;
            return format!("octets {start} to {end} do not keep `{}` of {rule}", violation.text);
        }
        let mut expected: Vec<String> = Vec::new();
        for one in &self.expected {
            let text = format!("{} ({})", readable(&one.octets), program.rule(one.rule).name);
            if !expected.contains(&text) {
                expected.push(text);
            }
        }
        if expected.is_empty() {
            return format!("nothing may follow at octet {}", self.offset);
        }
        format!("at octet {}: expected {}", self.offset, expected.join(" or "))
    }
}

pub(super) fn mismatch(run: &Run, setting: &Setting<'_>) -> Mismatch {
    let mut expected: Vec<Expected> = Vec::new();
    for waiting in &run.waiting {
        let rule = setting.machine.states[waiting.to.state as usize].rule;
        let fail = fail_of(run, setting, waiting.to.call);
        let known = expected.iter().position(|one| one.rule == rule && one.fail == fail);
        if let Some(known) = known.and_then(|index| expected.get_mut(index)) {
            known.octets = known.octets.union(waiting.set);
        } else if expected.len() < EXPECTED_LIMIT {
            expected.push(Expected { octets: waiting.set, rule, fail });
        }
    }
    // That a part may not stand here, or could end earlier, explains something only if nothing else
    // does.
    let is_weak =
        |obstacle: &Obstacle| matches!(obstacle, Obstacle::When { .. } | Obstacle::Left { .. });
    let all_weak = expected.is_empty() && run.obstacles.iter().all(is_weak);
    let mut violations: Vec<Violation> = Vec::new();
    let obstacles = run.obstacles.iter().filter(|one| all_weak || !is_weak(one));
    for obstacle in obstacles.filter(|one| !is_overcome(run, setting, one)) {
        if let Some(violation) = violation(run, setting, *obstacle)
            && !violations.contains(&violation)
        {
            violations.push(violation);
        }
    }
    if all_weak {
        // What was tried last came furthest.
        violations.reverse();
    }
    Mismatch { offset: run.position, expected, violations }
}

/// Whether the part that an obstacle is about came to its end here all the same.
fn is_overcome(run: &Run, setting: &Setting<'_>, obstacle: &Obstacle) -> bool {
    let Obstacle::Size { site, start } = *obstacle else { return false };
    let rule = setting.machine.calls[site as usize].reference.rule;
    run.calls.iter().any(|call| {
        let end = run.ends.get(call.ends as usize);
        call.rule == rule && call.start == start && end.is_some_and(|end| end.at == run.position)
    })
}

fn violation(run: &Run, setting: &Setting<'_>, obstacle: Obstacle) -> Option<Violation> {
    let program = setting.program;
    let here = run.position;
    Some(match obstacle {
        Obstacle::Where { rule, index, start } => {
            let one = program.rule(rule).wheres.get(index)?;
            let fail = one.fail.clone().or_else(|| fail_at(run, setting, rule, start));
            Violation { rule, text: one.text.clone(), octets: start..here, fail }
        }
        Obstacle::When { site, call } => {
            let reference = &setting.machine.calls[site as usize].reference;
            let when = reference.when.as_ref()?;
            let fail = when.fail.clone().or_else(|| fail_of(run, setting, call));
            let rule = reference.rule;
            Violation { rule, text: when.text.clone(), octets: here..here, fail }
        }
        Obstacle::Size { site, start } | Obstacle::Left { site, start } => {
            let reference = &setting.machine.calls[site as usize].reference;
            let (text, fail) = match &reference.size {
                Some(size) => (size.text.clone(), size.fail.clone()),
                None => ("transform".to_owned(), None),
            };
            let fail = fail.or_else(|| fail_at(run, setting, reference.rule, start));
            Violation { rule: reference.rule, text, octets: start..here, fail }
        }
        Obstacle::Value { rule, start } => {
            let fail = fail_at(run, setting, rule, start);
            let text = match program.rule(rule).uint {
                Some((field, encoding)) => {
                    format!("uint {} : {}", program.field(field).name, encoding.as_str())
                }
                None => "bits".to_owned(),
            };
            Violation { rule, text, octets: start..here, fail }
        }
        Obstacle::Decoded { site, start } => {
            let rule = setting.machine.calls[site as usize].reference.rule;
            let fail = fail_at(run, setting, rule, start);
            Violation { rule, text: "transform".to_owned(), octets: start..here, fail }
        }
    })
}

/// What is due for a rule that began at `start`.
fn fail_at(run: &Run, setting: &Setting<'_>, rule: RuleId, start: usize) -> Option<Fail> {
    let is_it = |call: &Call| call.rule == rule && call.start == start;
    let call = run.calls.iter().rposition(is_it)?;
    fail_of(run, setting, call as CallId)
}

/// What is due for a call: what its rule says, or the nearest around it that says something.
fn fail_of(run: &Run, setting: &Setting<'_>, call: CallId) -> Option<Fail> {
    let mut call = call;
    // Left recursion may lead in circles.
    for _ in 0..1000 {
        if call == 0 {
            return None;
        }
        let Call { rule, mut returns, .. } = run.calls[call as usize];
        if let Some(fail) = &setting.program.rule(rule).fail {
            return Some(fail.clone());
        }
        let mut outer = None;
        while returns != NONE {
            let one = run.returns[returns as usize];
            outer = Some(one.to.call);
            returns = one.earlier;
        }
        call = outer?;
    }
    None
}

/// A set of octets in a form for people.
fn readable(set: &OctetSet) -> String {
    if *set == OctetSet::ALL {
        return "any octet".to_owned();
    }
    let one = |octet: u8| {
        if octet.is_ascii_graphic() {
            format!("\"{}\"", char::from(octet))
        } else {
            format!("{octet:02X}")
        }
    };
    let runs = set.runs();
    let letters_in_both_cases = match runs.as_slice() {
        [(a, b), (c, d)] => {
            a == b && c == d && a.is_ascii_uppercase() && a.to_ascii_lowercase() == *c
        }
        _ => false,
    };
    if letters_in_both_cases {
        return one(runs[0].0);
    }
    let parts = runs.iter().map(|(first, last)| {
        if first == last { one(*first) } else { format!("{}-{}", one(*first), one(*last)) }
    });
    parts.collect::<Vec<_>>().join(" ")
}

impl fmt::Display for Fail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.requirement)
    }
}
