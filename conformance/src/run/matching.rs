//! Whether an event is what an item says, and what that captures.

use wsconform_spec::scenario::{Argument, ControlBody, Item, Name, Value, Verb};

use super::datum::{Datum, Environment, Fault};
use super::encode::{control, opcode_of, sets, values};
use super::event::{Class, Event, Message};
use crate::wire::{Cycle, Departures, Frame, HttpHead, Opcode, StartLine};

/// Whether `event` is what `item` says. Variables that are not set capture, if all of it fits.
pub(super) fn matches(
    item: &Item,
    event: &Event,
    environment: &mut Environment,
) -> Result<bool, Fault> {
    let mut captured = Vec::new();
    let fits = fits(item, event, environment, &mut captured)?;
    if fits {
        for (name, datum) in captured {
            environment.set(&name, datum);
        }
    }
    Ok(fits)
}

type Captured = Vec<(String, Datum)>;

fn fits(
    item: &Item,
    event: &Event,
    environment: &mut Environment,
    captured: &mut Captured,
) -> Result<bool, Fault> {
    match (item.verb, event) {
        (Verb::Request | Verb::Response, Event::Head(head)) => {
            head_fits(item, head, environment, captured)
        }
        (Verb::Text | Verb::Binary | Verb::Message, Event::Message(message)) => {
            if !matches!(message.class, Class::Data | Class::EscapedData) {
                return Ok(false);
            }
            let opcode_fits = match item.verb {
                Verb::Text => message.opcode == Opcode::TEXT,
                Verb::Binary => message.opcode == Opcode::BINARY,
                _ => true,
            };
            Ok(opcode_fits
                && message_sets_fit(item, message, environment, captured)?
                && payload_fits(item, &Found::of_message(message), environment, captured)?)
        }
        (Verb::Escape, Event::Message(message)) => match message.class {
            Class::Escape(sequence) => Ok(environment.octets(values(item))? == sequence),
            _ => Ok(false),
        },
        (Verb::Control, Event::Message(message)) => match message.class {
            Class::Control { .. } => control_fits(item, &message.payload, environment, captured),
            _ => Ok(false),
        },
        (Verb::Ping, Event::Native(frame)) if frame.opcode == Opcode::PING => {
            payload_fits(item, &Found::of_frame(frame), environment, captured)
        }
        (Verb::Pong, Event::Native(frame)) if frame.opcode == Opcode::PONG => {
            payload_fits(item, &Found::of_frame(frame), environment, captured)
        }
        (Verb::Close, Event::Native(frame)) if frame.opcode == Opcode::CLOSE => {
            close_fits(item, frame, environment, captured)
        }
        (Verb::End, Event::End(ending)) => Ok(!ending.flood),
        (Verb::Frame, Event::Native(frame)) => {
            frame_fits(item, frame, &frame.payload, environment, captured)
        }
        (Verb::Frame, Event::Message(message)) => match message.frames.as_slice() {
            [frame] => frame_fits(item, frame, &message.payload, environment, captured),
            _ => Ok(false),
        },
        _ => Ok(false),
    }
}

/// Compares, or captures if the value is a variable that is not set.
fn admits(
    value: &Value,
    found: Datum,
    environment: &mut Environment,
    captured: &mut Captured,
) -> Result<bool, Fault> {
    if let Value::Variable(name, None) = value
        && !environment.knows(name)
    {
        return match captured.iter().find(|(earlier, _)| earlier == name) {
            Some((_, earlier)) => Ok(*earlier == found),
            None => {
                captured.push((name.clone(), found));
                Ok(true)
            }
        };
    }
    let wanted = environment.value(value)?;
    Ok(match (&wanted, &found) {
        (Datum::Numbers(_) | Datum::Number(_), Datum::Number(number)) => wanted.admits(*number),
        (_, Datum::Octets(octets)) => wanted.octets()? == *octets,
        (Datum::Octets(wanted), Datum::Text(text)) => wanted == text.as_bytes(),
        _ => wanted.text()? == found.text()?,
    })
}

fn head_fits(
    item: &Item,
    head: &HttpHead,
    environment: &mut Environment,
    captured: &mut Captured,
) -> Result<bool, Fault> {
    let mut start = Vec::new();
    match (&head.start_line, item.verb) {
        (Ok(StartLine::Request { method, target, version }), Verb::Request) => {
            start.extend([("method", method), ("target", target), ("version", version)]);
        }
        (Ok(StartLine::Response { version, status, reason }), Verb::Response) => {
            start.extend([("reason", reason), ("version", version)]);
            for value in values(item) {
                if !admits(value, Datum::Number(u64::from(*status)), environment, captured)? {
                    return Ok(false);
                }
            }
        }
        _ => return Ok(false),
    }
    for argument in &item.arguments {
        let fits = match argument {
            Argument::Value(_) => true,
            Argument::Without(name) => head.field_values(&environment.name(name)?).is_empty(),
            Argument::Set { name, append: true, value } => {
                let element = environment.value(value)?.text()?;
                head.lists(&environment.name(name)?, &element)
            }
            Argument::Set { name, value, .. } => {
                let name = environment.name(name)?;
                let found = match start.iter().find(|(known, _)| *known == name) {
                    Some((_, found)) => Some((*found).clone()),
                    None => match head.field_values(&name) {
                        values if values.is_empty() => None,
                        values => Some(values.join(", ")),
                    },
                };
                match found {
                    None => false,
                    Some(found) => admits(value, Datum::Text(found), environment, captured)?,
                }
            }
        };
        if !fits {
            return Ok(false);
        }
    }
    Ok(true)
}

fn message_sets_fit(
    item: &Item,
    message: &Message,
    environment: &mut Environment,
    captured: &mut Captured,
) -> Result<bool, Fault> {
    for (name, value) in sets(item) {
        let fits = match name {
            Name::Word(word) if word == "type" => {
                opcode_of(&environment.value(value)?.text()?)? == message.opcode
            }
            _ => match message.frames.first().and_then(|frame| frame.masking_key) {
                None => false,
                Some(key) => admits(value, Datum::Octets(key.to_vec()), environment, captured)?,
            },
        };
        if !fits {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A payload that came.
struct Found<'e> {
    /// As much of it as was kept.
    kept: &'e [u8],
    length: u64,
    departures: Departures,
}

impl<'e> Found<'e> {
    fn of_message(message: &'e Message) -> Self {
        Self { kept: &message.payload, length: message.length, departures: message.departures }
    }

    fn of_frame(frame: &'e Frame) -> Self {
        Self { kept: &frame.payload, length: frame.length, departures: frame.departures }
    }

    fn is_kept(&self) -> bool {
        self.length == self.kept.len() as u64
    }
}

fn payload_fits(
    item: &Item,
    found: &Found<'_>,
    environment: &mut Environment,
    captured: &mut Captured,
) -> Result<bool, Fault> {
    let values: Vec<&Value> = values(item).collect();
    if item.verb == Verb::Message && values.is_empty() {
        return Ok(true);
    }
    if let Some((cycle, length)) = cycle(&values, environment) {
        return Ok(found.length == length && found.departures.from(cycle).is_none());
    }
    if let [value] = values.as_slice() {
        return Ok(found.is_kept()
            && admits(value, Datum::Octets(found.kept.to_vec()), environment, captured)?);
    }
    Ok(found.is_kept() && environment.octets(values)? == found.kept)
}

/// The cycle that these values are, if they are one.
fn cycle(values: &[&Value], environment: &mut Environment) -> Option<(Cycle, u64)> {
    match values {
        [value] => match environment.value(value) {
            Ok(Datum::Cycle(cycle, length)) => Some((cycle, length)),
            _ => None,
        },
        _ => None,
    }
}

/// How many octets of payload the item has, as far as that is known.
pub(super) fn length(item: &Item, environment: &mut Environment) -> u64 {
    let values: Vec<&Value> = values(item).collect();
    cycle(&values, environment).map_or(0, |(_, length)| length)
}

/// Where the payload of a message that came is not that of the item, if both are long.
pub(super) fn difference(
    item: &Item,
    event: &Event,
    environment: &mut Environment,
) -> Option<String> {
    let Event::Message(message) = event else { return None };
    let values: Vec<&Value> = values(item).collect();
    let (cycle, length) = cycle(&values, environment)?;
    let at = match message.departures.from(cycle) {
        Some(at) => at.min(length),
        None if message.length == length => return None,
        None => length.min(message.length),
    };
    (at > LONG).then(|| format!("it is another one from octet {at} on"))
}

/// So many octets of a payload are shown.
const LONG: u64 = 12;

/// Without a body, any will do.
fn control_fits(
    item: &Item,
    payload: &[u8],
    environment: &mut Environment,
    captured: &mut Captured,
) -> Result<bool, Fault> {
    let all: Vec<&Value> = values(item).collect();
    let (head, body) = all.split_at(all.len().min(2));
    let begin = control(head, environment)?;
    let Some(found) = payload.strip_prefix(begin.octets.as_slice()) else { return Ok(false) };
    match (begin.body, body) {
        (None, body) => Ok(environment.octets(body.iter().copied())? == found),
        (Some(ControlBody::Empty), _) => Ok(found.is_empty()),
        (Some(_), []) => Ok(true),
        (Some(ControlBody::Integer), [value, ..]) => match <[u8; 8]>::try_from(found) {
            Ok(number) => {
                let number = Datum::Number(u64::from_be_bytes(number));
                admits(value, number, environment, captured)
            }
            Err(_) => Ok(false),
        },
        (Some(kind), [value]) => {
            let found = match (kind, std::str::from_utf8(found)) {
                (ControlBody::Text, Ok(text)) => Datum::Text(text.to_owned()),
                _ => Datum::Octets(found.to_vec()),
            };
            admits(value, found, environment, captured)
        }
        (Some(_), body) => Ok(environment.octets(body.iter().copied())? == found),
    }
}

fn close_fits(
    item: &Item,
    frame: &Frame,
    environment: &mut Environment,
    captured: &mut Captured,
) -> Result<bool, Fault> {
    let mut values = values(item);
    if let Some(code) = values.next() {
        // A Close without a code counts as 1005 (RFC 6455, 7.1.5).
        let found = frame.close_code().map_or(1005, u64::from);
        if !admits(code, Datum::Number(found), environment, captured)? {
            return Ok(false);
        }
    }
    match values.next() {
        None => Ok(true),
        Some(reason) => {
            let found = frame.close_reason().unwrap_or_default().to_vec();
            admits(reason, Datum::Octets(found), environment, captured)
        }
    }
}

fn frame_fits(
    item: &Item,
    frame: &Frame,
    payload: &[u8],
    environment: &mut Environment,
    captured: &mut Captured,
) -> Result<bool, Fault> {
    for argument in &item.arguments {
        let Argument::Set { name, value, .. } = argument else { continue };
        let flag = |set: bool| Datum::Number(u64::from(set));
        let name = environment.name(name)?;
        let found = match name.as_str() {
            "fin" => flag(frame.fin),
            "rsv1" => flag(frame.rsv1),
            "rsv2" => flag(frame.rsv2),
            "rsv3" => flag(frame.rsv3),
            "mask" => flag(frame.masked()),
            "opcode" => {
                let wanted = opcode_of(&environment.value(value)?.text()?)?;
                if wanted != frame.opcode {
                    return Ok(false);
                }
                continue;
            }
            "payload-length" => Datum::Number(frame.length),
            "length-bits" => Datum::Number(u64::from(frame.length_form.bits())),
            "masking-key" => match frame.masking_key {
                Some(key) => Datum::Octets(key.to_vec()),
                None => return Ok(false),
            },
            _ => Datum::Octets(payload.to_vec()),
        };
        if !admits(value, found, environment, captured)? {
            return Ok(false);
        }
    }
    let values: Vec<&Value> = values(item).collect();
    Ok(values.is_empty() || environment.octets(values)? == payload)
}

/// The item as the report shows it: with its values, where they are known.
pub(super) fn describe(item: &Item, environment: &mut Environment) -> String {
    let mut words = vec![item.verb.word().to_owned()];
    for argument in &item.arguments {
        let mut show = |value: &Value| match environment.value(value) {
            Ok(datum) => datum.to_string(),
            Err(_) => value.to_string(),
        };
        words.push(match argument {
            Argument::Value(value) => show(value),
            Argument::Set { name, append, value } => {
                let sign = if *append { "+=" } else { "=" };
                format!("{}{sign}{}", show_name(name), show(value))
            }
            Argument::Without(name) => format!("without {}", show_name(name)),
        });
    }
    words.join(" ")
}

fn show_name(name: &Name) -> String {
    match name {
        Name::Word(word) => word.clone(),
        Name::Variable(variable) => format!("${variable}"),
    }
}
