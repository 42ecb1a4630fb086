//! Reads the machines of a `model` block.

use std::ops::Range;

use wsconform_abnf::{Diagnostic, Source};

use super::outcome::FORMS;
use super::{Machine, Outcome, Row, State, Way};
use crate::example::Mention;
use crate::markdown::lines_of;
use crate::requirement::RequirementId;

/// What a block holds. What was malformed in it is left out, and was reported.
#[derive(Default)]
pub(crate) struct Block {
    pub(crate) machines: Vec<Machine>,
    pub(crate) mentions: Vec<Mention>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Reads the octets `range` of `source`.
pub(crate) fn read(source: &Source, range: Range<usize>) -> Block {
    let mut reader = Reader { source, block: Block::default(), in_state: false };
    for line in lines_of(source.text(), range) {
        let words = words(source.text(), line);
        if words.is_empty() {
            continue;
        }
        if let Err(diagnostic) = reader.line(&words) {
            reader.block.diagnostics.push(*diagnostic);
        }
    }
    reader.block
}

struct Reader<'s> {
    source: &'s Source,
    block: Block,
    /// Whether there is a state that rows can stand in: none before the first one of a machine.
    in_state: bool,
}

type Words<'w> = &'w [Range<usize>];
type Read<T> = Result<T, Box<Diagnostic>>;

impl Reader<'_> {
    fn line(&mut self, words: Words<'_>) -> Read<()> {
        match self.text(&words[0]) {
            "machine" => self.machine(words),
            "state" => self.begin_state(words),
            "or" => self.alternative(words),
            _ => self.rows(words),
        }
    }

    fn machine(&mut self, words: Words<'_>) -> Read<()> {
        self.in_state = false;
        let name = self.name(words, "the name of a machine, such as `sequence`")?;
        let span = words[0].start..name.end;
        self.block.machines.push(Machine {
            name: self.text(&name).to_owned(),
            states: Vec::new(),
            at: self.source.location(span.start),
            source: self.source.clone(),
            span,
        });
        Ok(())
    }

    fn begin_state(&mut self, words: Words<'_>) -> Read<()> {
        let name = self.name(words, "the name of a state, such as `armed`")?;
        let text = self.text(&name).to_owned();
        let Some(machine) = self.block.machines.last_mut() else {
            return Err(self.mistake(
                &words[0],
                "state outside of a machine",
                "expected `machine NAME` first",
            ));
        };
        if machine.states.iter().any(|state| state.name == text) {
            let label = format!("`{text}` stands above already");
            return Err(self.mistake(&name, "state given twice", &label));
        }
        machine.span.end = name.end;
        machine.states.push(State { name: text, rows: Vec::new(), span: name });
        self.in_state = true;
        Ok(())
    }

    /// `escape, marked -> armed nothing : escape.receiver.arms`
    fn rows(&mut self, words: Words<'_>) -> Read<()> {
        let (inputs, behind) = self.split(words, "->", "`->` and the next state")?;
        let inputs = self.inputs(inputs)?;
        let (way, requirement) = self.way(behind)?;
        let end = words[words.len() - 1].end;
        let requirement = match requirement {
            Some(word) => Some(self.requirement(word)?),
            None if way.outcome.is_passed_on() => None,
            None => {
                let label = "no requirement: what does another outcome violate?";
                return Err(self.mistake(&(end..end), "row without a requirement", label));
            }
        };
        let source = self.source;
        let machine = self.block.machines.last_mut().filter(|_| self.in_state);
        let state = machine.and_then(|machine| {
            machine.span.end = end;
            machine.states.last_mut()
        });
        let Some(state) = state else {
            return Err(self.mistake(
                &words[0],
                "row outside of a state",
                "expected `state NAME` first",
            ));
        };
        let mut twice = None;
        for span in inputs {
            let input = source.text()[span.clone()].to_owned();
            if let Some(first) = state.rows.iter().find(|row| row.input == input) {
                twice = Some((span, first.at.clone()));
                continue;
            }
            let at = source.location(span.start);
            let (way, requirement) = (way.clone(), requirement.clone());
            state.rows.push(Row { input, way, requirement, or: Vec::new(), at });
        }
        match twice {
            None => Ok(()),
            Some((span, first)) => {
                let label = "this input has a row in this state already";
                let mut mistake = *self.mistake(&span, "input given twice", label);
                mistake = mistake.help(format!("the first is at {first}"));
                Err(Box::new(mistake))
            }
        }
    }

    /// `or -> idle reply ANSWER empty`
    fn alternative(&mut self, words: Words<'_>) -> Read<()> {
        let (before, behind) = self.split(words, "->", "`->` and the next state")?;
        if let Some(stray) = before.get(1) {
            return Err(self.mistake(stray, "malformed alternative", "expected `->` behind `or`"));
        }
        let (way, requirement) = self.way(behind)?;
        if let Some(requirement) = requirement {
            let label = "what is as good violates nothing";
            return Err(self.mistake(requirement, "alternative with a requirement", label));
        }
        let machine = self.block.machines.last_mut().filter(|_| self.in_state);
        let row = machine.and_then(|machine| {
            machine.span.end = words[words.len() - 1].end;
            machine.states.last_mut()?.rows.last_mut()
        });
        match row {
            Some(row) => row.or.push(way),
            None => {
                return Err(self.mistake(
                    &words[0],
                    "alternative to nothing",
                    "expected a row above",
                ));
            }
        }
        Ok(())
    }

    fn inputs(&self, words: Words<'_>) -> Read<Vec<Range<usize>>> {
        let mut inputs = Vec::new();
        for (index, word) in words.iter().enumerate() {
            let is_comma = self.text(word) == ",";
            if is_comma != (index % 2 == 1) || (is_comma && index + 1 == words.len()) {
                let label = "expected inputs, with commas between them";
                return Err(self.mistake(word, "malformed row", label));
            }
            if !is_comma {
                inputs.push(word.clone());
            }
        }
        Ok(inputs)
    }

    /// What stands behind the arrow: the next state, the outcome, and what another one violates.
    fn way<'w>(&self, words: Words<'w>) -> Read<(Way, Option<&'w Range<usize>>)> {
        let next = &words[0];
        let colon = words.iter().position(|word| self.text(word) == ":");
        let (outcome, requirement) = words.split_at(colon.unwrap_or(words.len()));
        let outcome = outcome.get(1..).unwrap_or_default();
        let texts: Vec<&str> = outcome.iter().map(|word| self.text(word)).collect();
        let Some(outcome) = Outcome::of(&texts) else {
            let span = match (outcome.first(), outcome.last()) {
                (Some(first), Some(last)) => first.start..last.end,
                _ => next.end..next.end,
            };
            let mut mistake = *self.mistake(&span, "unknown outcome", "expected what is seen then");
            mistake = mistake.help(FORMS);
            return Err(Box::new(mistake));
        };
        let requirement = match requirement {
            [] => None,
            [_, id] => Some(id),
            [colon, ..] => {
                let label = "expected one requirement id behind this";
                return Err(self.mistake(colon, "malformed row", label));
            }
        };
        let way = Way { next: self.text(next).to_owned(), outcome, next_span: next.clone() };
        Ok((way, requirement))
    }

    fn requirement(&mut self, word: &Range<usize>) -> Read<RequirementId> {
        let text = self.text(word);
        let requirement: RequirementId = text.parse().map_err(|error| {
            let label = format!("`{text}` is no requirement id");
            let mistake = *self.mistake(word, "malformed requirement id", &label);
            Box::new(mistake.help(format!("{error}")))
        })?;
        let (source, span) = (self.source.clone(), word.clone());
        self.block.mentions.push(Mention { requirement: requirement.clone(), source, span });
        Ok(requirement)
    }

    /// What stands before and behind `sign`, neither of them empty.
    fn split<'w>(
        &self,
        words: Words<'w>,
        sign: &str,
        expected: &str,
    ) -> Read<(Words<'w>, Words<'w>)> {
        let at = words.iter().position(|word| self.text(word) == sign);
        match at {
            Some(at) if at > 0 && at + 1 < words.len() => Ok((&words[..at], &words[at + 1..])),
            _ => {
                let end = words[words.len() - 1].end;
                let span = if at == Some(0) { words[0].clone() } else { end..end };
                Err(self.mistake(&span, "malformed row", &format!("expected {expected}")))
            }
        }
    }

    /// The single word behind a key word.
    fn name(&self, words: Words<'_>, expected: &str) -> Read<Range<usize>> {
        let expected = format!("expected {expected}");
        match words {
            [_, name] if !matches!(self.text(name), "," | ":" | "->") => Ok(name.clone()),
            [_, _, stray, ..] => Err(self.mistake(stray, "malformed line of the model", &expected)),
            [key, ..] => {
                Err(self.mistake(&(key.end..key.end), "malformed line of the model", &expected))
            }
            [] => Err(self.mistake(&(0..0), "malformed line of the model", &expected)),
        }
    }

    fn text(&self, word: &Range<usize>) -> &str {
        &self.source.text()[word.clone()]
    }

    fn mistake(&self, span: &Range<usize>, title: &str, label: &str) -> Box<Diagnostic> {
        Box::new(Diagnostic::new(self.source, span.clone(), title, label))
    }
}

/// The words of a line up to its comment; a comma is one of its own.
fn words(text: &str, line: Range<usize>) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut open: Option<usize> = None;
    for (offset, one) in text[line.clone()].char_indices() {
        let at = line.start + offset;
        let ends = one.is_whitespace() || one == ',' || one == ';';
        if ends && let Some(start) = open.take() {
            words.push(start..at);
        }
        match one {
            ';' => return words,
            ',' => words.push(at..at + 1),
            one if !one.is_whitespace() => open = open.or(Some(at)),
            _ => {}
        }
    }
    words.extend(open.map(|start| start..line.end));
    words
}
