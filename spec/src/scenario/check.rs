//! Holds scenarios against the rest of the book, so that what passes can be run.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use wsconform_abnf::Diagnostic;

use super::cases::row_name;
use super::parser::{backquoted, nearest};
use super::signature::{
    APPLICATIONS, CAPABILITIES, CUTS, Capability, ControlBody, FUNCTIONS, OPCODES, PREDICATES,
    SETTINGS, STYLES, capability, signature,
};
use super::syntax::{
    Action, Argument, Call, Cut, Item, Name, Need, Negotiate, Outcome, Role, RowValue, Scenario,
    Step, Target, Value, Verb,
};

/// What the checks need to know of the requirements of the book.
#[derive(Clone, Debug, Default)]
pub struct RequirementFacts {
    binds: BTreeMap<String, Vec<String>>,
}

impl RequirementFacts {
    /// The facts of requirements, each an id and the parties that it binds.
    pub fn new(requirements: impl IntoIterator<Item = (String, Vec<String>)>) -> Self {
        Self { binds: requirements.into_iter().collect() }
    }
}

/// Checks all scenarios of a book together. The diagnostics come in the order of the text.
pub fn check(scenarios: &[Scenario], requirements: &RequirementFacts) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let mut ids: BTreeMap<&str, &Scenario> = BTreeMap::new();
    for scenario in scenarios {
        if let Some(first) = ids.insert(&scenario.id, scenario) {
            problems.push(
                Diagnostic::new(
                    &scenario.source,
                    scenario.span.clone(),
                    format!("scenario `{}` exists twice", scenario.id),
                    "expected an id of its own",
                )
                .help(format!("the first one is at {}", first.at)),
            );
        }
    }
    for scenario in scenarios {
        let mut checker = Checker {
            scenario,
            requirements,
            variables: BTreeMap::new(),
            connections: BTreeSet::new(),
            problems: &mut problems,
        };
        checker.header(&ids);
        for step in &scenario.steps {
            checker.step(step);
        }
    }
    problems
}

/// What a variable holds.
#[derive(Clone, Copy)]
enum Holds {
    Value,
    Capability(&'static Capability),
}

struct Checker<'a> {
    scenario: &'a Scenario,
    requirements: &'a RequirementFacts,
    variables: BTreeMap<String, Holds>,
    connections: BTreeSet<Option<String>>,
    problems: &'a mut Vec<Diagnostic>,
}

impl Checker<'_> {
    fn report(&mut self, span: &Range<usize>, title: impl Into<String>, label: impl Into<String>) {
        self.problems.push(Diagnostic::new(&self.scenario.source, span.clone(), title, label));
    }

    fn unknown(&mut self, span: &Range<usize>, what: &str, word: &str, known: &[&str]) {
        let title = format!("unknown {what} `{word}`");
        let shown = if known.len() <= 16 { backquoted(known) } else { format!("a known {what}") };
        let label = format!("expected {shown}");
        let mut problem = Diagnostic::new(&self.scenario.source, span.clone(), title, label);
        if let Some(near) = nearest(word, known.iter().copied()) {
            problem = problem.help(format!("did you mean `{near}`?"));
        }
        self.problems.push(problem);
    }

    fn header(&mut self, ids: &BTreeMap<&str, &Scenario>) {
        let scenario = self.scenario;
        let span = &scenario.span;
        if let Some(app) = &scenario.app
            && !APPLICATIONS.contains(&app.as_str())
        {
            self.unknown(span, "application", app, APPLICATIONS);
        }
        for need in &scenario.needs {
            match need {
                Need::Capability(token) if capability(token).is_none() => {
                    let known: Vec<&str> = CAPABILITIES.iter().map(|c| c.token).collect();
                    self.unknown(span, "capability", token, &known);
                }
                Need::Case(id) if !ids.contains_key(id.as_str()) => {
                    let known: Vec<&str> = ids.keys().copied().collect();
                    self.unknown(span, "scenario", id, &known);
                }
                _ => {}
            }
        }
        let Some(table) = &scenario.rows else { return };
        for variable in &table.variables {
            if self.variables.insert(variable.clone(), Holds::Value).is_some() {
                self.report(span, format!("column `{variable}` exists twice"), "in this scenario");
            }
        }
        let mut names = BTreeSet::new();
        for name in table.rows.iter().filter_map(|row| row.first()).map(row_name) {
            if !names.insert(name.clone()) {
                let title = format!("two rows give the case id `{}/{name}`", scenario.id);
                self.report(span, title, "expected first cells that differ in letters or digits");
            }
        }
    }

    fn step(&mut self, step: &Step) {
        let span = &step.span;
        match &step.action {
            Action::Open(negotiate) => {
                self.connects(step);
                if let Some(negotiate) = negotiate {
                    self.negotiate(negotiate, span);
                }
            }
            Action::Connect => self.connects(step),
            Action::AcceptTcp => {
                self.connects(step);
                if self.scenario.roles != [Role::Gateway] {
                    self.report(span, "`accept tcp` without a gateway", "expected `roles gateway`");
                }
            }
            Action::Send { items, cut } => {
                self.uses(step);
                items.iter().for_each(|item| self.item(item, false));
                self.cut(cut, span);
            }
            Action::Expect { outcomes, alternatives } => {
                self.uses(step);
                outcomes.iter().for_each(|outcome| self.outcome(outcome));
                alternatives.iter().for_each(|outcome| self.outcome(outcome));
            }
            Action::Observe { choices, .. } => {
                self.uses(step);
                choices.iter().for_each(|(item, _)| self.item(item, true));
            }
            Action::Let { variable, value } => {
                self.value(value, span);
                self.variables.insert(variable.clone(), Holds::Value);
            }
            Action::Check { call, target } => {
                self.call(call, span, PREDICATES, "predicate");
                self.target(target, span);
            }
            Action::Measure { bounds, .. } => {
                self.uses(step);
                self.variables.insert("t".into(), Holds::Value);
                for bound in bounds {
                    let rest = bound.sum.rest.iter().map(|(_, value)| value);
                    std::iter::once(&bound.sum.first)
                        .chain(rest)
                        .for_each(|value| self.value(value, span));
                    self.target(&bound.target, span);
                }
            }
        }
    }

    fn connects(&mut self, step: &Step) {
        if !self.connections.insert(step.connection.clone()) {
            let title = match &step.connection {
                Some(name) => format!("connection `{name}` is opened twice"),
                None => "the connection is opened twice".to_owned(),
            };
            self.report(&step.span, title, "expected a name of its own: `second: open`");
        }
    }

    fn uses(&mut self, step: &Step) {
        if !self.connections.contains(&step.connection) {
            let known: Vec<String> = self
                .connections
                .iter()
                .map(|name| name.as_ref().map_or("no name".into(), |name| format!("`{name}:`")))
                .collect();
            let label = match known.is_empty() {
                true => "expected `open` or `connect` before this step".to_owned(),
                false => format!("expected one of the connections: {}", known.join(", ")),
            };
            self.report(&step.span, "step without a connection", label);
        }
    }

    fn negotiate(&mut self, negotiate: &Negotiate, span: &Range<usize>) {
        let Some(capability) = capability(&negotiate.capability) else {
            let known: Vec<&str> = CAPABILITIES.iter().map(|c| c.token).collect();
            return self.unknown(span, "capability", &negotiate.capability, &known);
        };
        for setting in &negotiate.settings {
            match setting {
                Argument::Set { name: Name::Word(name), append: false, value } => {
                    let known = [SETTINGS, capability.parameters].concat();
                    if !known.contains(&name.as_str()) {
                        self.unknown(span, "setting", name, &known);
                    } else if !matches!(value, Value::Word(_)) {
                        self.value(value, span);
                    }
                }
                _ => self.report(span, "not a setting", "expected `name=value`"),
            }
        }
        let needed = Need::Capability(negotiate.capability.clone());
        if !self.scenario.needs.contains(&needed) {
            let title = format!("`{}` is not needed", negotiate.capability);
            let label = format!("expected a line `needs capability {}`", negotiate.capability);
            self.report(span, title, label);
        }
        if let Some(variable) = &negotiate.variable {
            self.variables.insert(variable.clone(), Holds::Capability(capability));
        }
    }

    fn cut(&mut self, cut: &Cut, span: &Range<usize>) {
        let Cut::Variable(name) = cut else { return };
        self.used(name, span);
        for value in self.cells(name) {
            if !matches!(&value, Value::Text(word) if CUTS.contains(&word.as_str())) {
                self.report(span, format!("{value} is no way to cut"), backquoted(&CUTS));
            }
        }
    }

    fn outcome(&mut self, outcome: &Outcome) {
        self.item(&outcome.item, true);
        if let Some(target) = &outcome.target {
            self.target(target, &outcome.item.span);
        }
    }

    fn target(&mut self, target: &Target, span: &Range<usize>) {
        match target {
            Target::Requirement(id) => self.requirement(id, span),
            Target::Variable(name) => {
                let Some(index) = self.column(name) else {
                    let title = format!("`${name}` is no column of requirements");
                    return self.report(span, title, "expected a column of the table of `for`");
                };
                let rows = self.scenario.rows.iter().flat_map(|table| &table.rows);
                let cells: Vec<RowValue> = rows.filter_map(|row| row.get(index)).cloned().collect();
                for cell in cells {
                    match cell {
                        RowValue::Requirement(id) => self.requirement(&id, span),
                        RowValue::Value(value) => {
                            let title = format!("{value} is no requirement");
                            self.report(span, title, "expected an id in every row");
                        }
                    }
                }
            }
        }
    }

    fn requirement(&mut self, id: &str, span: &Range<usize>) {
        let Some(binds) = self.requirements.binds.get(id) else {
            let known: Vec<&str> = self.requirements.binds.keys().map(String::as_str).collect();
            return self.unknown(span, "requirement", id, &known);
        };
        let general = binds.iter().any(|party| party == "sender" || party == "receiver");
        for role in &self.scenario.roles {
            if !general && !binds.iter().any(|party| party == role.name()) {
                let title = format!("`{id}` does not bind a {role}");
                let label = format!("expected a requirement that binds a {role}");
                self.report(span, title, label);
            }
        }
    }

    fn item(&mut self, item: &Item, expected: bool) {
        let signature = signature(item.verb);
        let word = item.verb.word();
        if expected && !signature.expected {
            self.report(&item.span, format!("`{word}` cannot be expected"), "it is only sent");
        }
        if !expected && !signature.sent {
            self.report(&item.span, format!("`{word}` cannot be sent"), "it is only expected");
        }
        let mut values = Vec::new();
        for argument in &item.arguments {
            match argument {
                Argument::Value(value) => values.push(value),
                Argument::Without(name) => {
                    self.name(item, name);
                    if !signature.fields {
                        self.report(&item.span, format!("`{word}` has no fields"), "expected none");
                    }
                }
                Argument::Set { name, value, .. } => {
                    self.name(item, name);
                    self.set(item, name, value);
                    self.item_value(value, expected, &item.span);
                }
            }
        }
        let (least, most) = signature.values;
        if values.len() < least || values.len() > most {
            let wanted = match (least, most) {
                (0, 0) => "no value".to_owned(),
                (least, usize::MAX) => format!("at least {least} value(s)"),
                (least, most) if least == most => format!("{least} value(s)"),
                (least, most) => format!("{least} to {most} values"),
            };
            let title = format!("`{word}` with {} value(s)", values.len());
            self.report(&item.span, title, format!("expected {wanted}"));
        }
        match item.verb {
            Verb::Escape | Verb::Control => self.control(item, &values),
            _ => values.iter().for_each(|value| self.item_value(value, expected, &item.span)),
        }
    }

    /// An unset variable as a value of something expected captures; elsewhere it must be set.
    fn item_value(&mut self, value: &Value, expected: bool, span: &Range<usize>) {
        match value {
            Value::Variable(name, None) if expected && !self.variables.contains_key(name) => {
                self.variables.insert(name.clone(), Holds::Value);
            }
            Value::Word(_) => {}
            _ => self.value(value, span),
        }
    }

    fn name(&mut self, item: &Item, name: &Name) {
        let names = match name {
            Name::Word(word) => vec![word.clone()],
            Name::Variable(variable) => {
                self.used(variable, &item.span);
                let cells = self.cells(variable);
                cells.into_iter().filter_map(text_of).collect()
            }
        };
        let signature = signature(item.verb);
        for name in names {
            let is_field = name.starts_with(|c: char| c.is_ascii_uppercase());
            if is_field && signature.fields || signature.names.contains(&name.as_str()) {
                continue;
            }
            let what = format!("name for `{}`", item.verb.word());
            if signature.names.is_empty() {
                let title = format!("`{}` takes no `{name}=`", item.verb.word());
                self.report(&item.span, title, "expected values alone");
            } else {
                self.unknown(&item.span, &what, &name, signature.names);
            }
        }
    }

    /// Values whose words are known: `opcode`, `style`, and the flags.
    fn set(&mut self, item: &Item, name: &Name, value: &Value) {
        let Name::Word(name) = name else { return };
        let values = match value {
            Value::Variable(variable, None) if self.column(variable).is_some() => {
                self.cells(variable)
            }
            value => vec![value.clone()],
        };
        for value in values {
            let wanted = match (name.as_str(), &value) {
                (_, Value::Variable(..) | Value::Call(_)) => continue,
                ("opcode", Value::Number(0..=15)) => continue,
                ("opcode" | "type", Value::Text(word) | Value::Word(word)) => {
                    if OPCODES.contains(&word.as_str()) {
                        continue;
                    }
                    backquoted(OPCODES)
                }
                ("opcode", _) => format!("0 to 15 or one of {}", backquoted(OPCODES)),
                ("style", Value::Text(word) | Value::Word(word)) => {
                    if STYLES.contains(&word.as_str()) {
                        continue;
                    }
                    backquoted(STYLES)
                }
                ("fin" | "rsv1" | "rsv2" | "rsv3" | "mask", Value::Number(0 | 1)) => continue,
                ("fin" | "rsv1" | "rsv2" | "rsv3" | "mask", _) => "0 or 1".to_owned(),
                ("length-bits", Value::Number(7 | 16 | 64)) => continue,
                ("length-bits", _) => "7, 16 or 64".to_owned(),
                ("masking-key", Value::Octets(octets)) if octets.len() == 4 => continue,
                ("masking-key", _) => "four octets, `<00 00 00 00>`".to_owned(),
                _ => continue,
            };
            let title = format!("{value} is no value for `{name}`");
            self.report(&item.span, title, format!("expected {wanted}"));
        }
    }

    fn control(&mut self, item: &Item, values: &[&Value]) {
        let capability = match values.first() {
            Some(Value::Variable(name, None)) => match self.variables.get(name) {
                Some(Holds::Capability(capability)) => *capability,
                _ => {
                    let title = format!("`${name}` is not a negotiated capability");
                    let label = "expected the variable of `open with CAPABILITY as $variable`";
                    return self.report(&item.span, title, label);
                }
            },
            _ => {
                let label = "expected the variable of a capability first, such as `$rate`";
                return self.report(&item.span, "no capability", label);
            }
        };
        let Some(message) = values.get(1) else { return };
        let names = match message {
            Value::Word(word) => vec![word.clone()],
            Value::Variable(name, None) if self.column(name).is_some() => {
                self.cells(name).into_iter().filter_map(text_of).collect()
            }
            other => return self.value(other, &item.span),
        };
        let known: Vec<&str> = capability.messages.iter().map(|message| message.name).collect();
        for name in names {
            match capability.messages.iter().find(|message| message.name == name) {
                None => self.unknown(&item.span, "control message", &name, &known),
                Some(message) if message.body == ControlBody::Empty && values.len() > 2 => {
                    let title = format!("`{name}` with a body");
                    self.report(&item.span, title, "expected nothing behind its name");
                }
                Some(_) => {}
            }
        }
        for value in &values[2..] {
            self.item_value(value, true, &item.span);
        }
    }

    fn value(&mut self, value: &Value, span: &Range<usize>) {
        match value {
            Value::Variable(name, _) => self.used(name, span),
            Value::Call(call) => self.call(call, span, FUNCTIONS, "function"),
            Value::Word(word) => {
                let label = "expected \"text\", <octets>, a number, $variable or call()";
                self.report(span, format!("`{word}` is not a value"), label);
            }
            _ => {}
        }
    }

    fn call(&mut self, call: &Call, span: &Range<usize>, known: &[(&str, usize)], what: &str) {
        match known.iter().find(|(name, _)| *name == call.function) {
            None => {
                let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
                self.unknown(span, what, &call.function, &names);
            }
            Some((name, wanted)) => {
                let found = call.arguments.len();
                let fits = found == *wanted || (*name == "differ" && found > *wanted);
                if !fits {
                    let title = format!("`{name}` with {found} argument(s)");
                    self.report(span, title, format!("expected {wanted}"));
                }
            }
        }
        call.arguments.iter().flatten().for_each(|value| self.value(value, span));
    }

    fn used(&mut self, variable: &str, span: &Range<usize>) {
        if !self.variables.contains_key(variable) && !self.is_set_later_for_rows(variable) {
            let known: Vec<String> = self.variables.keys().map(|name| format!("${name}")).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            self.unknown(span, "variable", &format!("${variable}"), &known);
        }
    }

    /// Cells are evaluated where they are used, so they may name what a `let` sets before that.
    fn is_set_later_for_rows(&self, variable: &str) -> bool {
        self.scenario.steps.iter().any(
            |step| matches!(&step.action, Action::Let { variable: set, .. } if set == variable),
        )
    }

    fn column(&self, variable: &str) -> Option<usize> {
        let table = self.scenario.rows.as_ref()?;
        table.variables.iter().position(|column| column == variable)
    }

    fn cells(&self, variable: &str) -> Vec<Value> {
        let Some(index) = self.column(variable) else { return Vec::new() };
        let rows = self.scenario.rows.iter().flat_map(|table| &table.rows);
        rows.filter_map(|row| match row.get(index) {
            Some(RowValue::Value(value)) => Some(value.clone()),
            _ => None,
        })
        .collect()
    }
}

fn text_of(value: Value) -> Option<String> {
    match value {
        Value::Text(text) | Value::Word(text) => Some(text),
        _ => None,
    }
}
