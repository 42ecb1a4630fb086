//! Why octets do not match.

use std::fmt;
use std::ops::Range;

use super::chart::{Call, CallId, NONE, Obstacle};
use super::run::{Run, Setting};
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
    fail: Option<Fail>,
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
    /// What is due: what the first directive that was not kept says; or what the rules say that
    /// waited for octets, if they agree; or, where nothing may follow, what the innermost rule says
    /// that ended there.
    pub fn fail(&self) -> Option<&Fail> {
        self.fail.as_ref()
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
    for obstacle in obstacles.filter(|one| !is_overcome(run, one)) {
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
    let fail = fail(run, setting, &expected, &violations);
    Mismatch { offset: run.position, expected, violations, fail }
}

fn fail(
    run: &Run,
    setting: &Setting<'_>,
    expected: &[Expected],
    violations: &[Violation],
) -> Option<Fail> {
    let violated = violations.iter().find_map(|violation| violation.fail.clone());
    let agreed = || {
        let first = expected.first()?.fail.as_ref()?;
        expected.iter().all(|one| one.fail.as_ref() == Some(first)).then(|| first.clone())
    };
    // What ends first is innermost.
    let ended = || {
        let here = run.calls.iter().filter_map(|call| {
            let fail = setting.program.rule(call.rule).fail.as_ref()?;
            let end = run.ends.get(call.ends as usize)?;
            (end.at == run.position).then_some((call.ends, fail))
        });
        here.min_by_key(|(end, _)| *end).map(|(_, fail)| fail.clone())
    };
    violated.or_else(agreed).or_else(ended)
}

/// Whether the part that an obstacle is about came to its end here all the same.
fn is_overcome(run: &Run, obstacle: &Obstacle) -> bool {
    let Obstacle::Short { call } = *obstacle else { return false };
    let region = run.calls[call as usize].region;
    run.calls.iter().any(|call| {
        let end = run.ends.get(call.ends as usize);
        call.region == region && call.owns_region && end.is_some_and(|end| end.at == run.position)
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
        Obstacle::Size { site, call } => {
            let (rule, text, fail) = size(setting, site);
            Violation {
                rule,
                text,
                octets: here..here,
                fail: fail.or_else(|| fail_of(run, setting, call)),
            }
        }
        Obstacle::Short { call } => {
            let region = &run.regions[run.calls[call as usize].region as usize];
            let (_, text, fail) = size(setting, region.site);
            let fail = fail_of(run, setting, call).or(fail);
            let rule = run.calls[call as usize].rule;
            Violation { rule, text, octets: region.start..here, fail }
        }
        Obstacle::Left { site, start } => {
            let (rule, text, fail) = size(setting, site);
            let fail = fail.or_else(|| fail_at(run, setting, rule, start));
            Violation { rule, text, octets: start..here, fail }
        }
        Obstacle::Value { rule, start } => {
            let own = program.rule(rule).value_fail.clone();
            let fail = own.or_else(|| fail_at(run, setting, rule, start));
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

/// The part of a stated size at a call site: its rule, what the directive says, and what is due.
fn size(setting: &Setting<'_>, site: u32) -> (RuleId, String, Option<Fail>) {
    let reference = &setting.machine.calls[site as usize].reference;
    match &reference.size {
        Some(size) => (reference.rule, size.text.clone(), size.fail.clone()),
        None => (reference.rule, "transform".to_owned(), None),
    }
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
