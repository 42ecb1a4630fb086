//! From the items of a `send` to octets.

use wsconform_spec::scenario::{Argument, ControlBody, Item, Name, Value, Verb, control_message};

use super::connection::Connection;
use super::datum::{Datum, Environment, Fault, Payload};
use super::outgoing::Outgoing;
use crate::wire::{
    FieldLines, FrameSpec, LengthForm, Masking, Opcode, RequestSpec, ResponseSpec, Style,
    accept_of, key_of,
};

/// What an item comes to.
pub(super) enum Encoded {
    /// Octets.
    Octets(Vec<u8>),
    /// A data message.
    Message(Outgoing),
    /// A response head; the frames behind it are to be read as such.
    Response(Vec<u8>),
    /// A Close frame.
    Close(Vec<u8>),
    /// The end of the harness's half of the stream.
    End,
}

/// The octets of `item` on `connection`.
///
/// # Errors
///
/// A value that is of the wrong kind for its place.
pub(super) fn encode(
    item: &Item,
    connection: &mut Connection,
    environment: &mut Environment,
) -> Result<Encoded, Fault> {
    let spec = match item.verb {
        Verb::Request => return request(item, connection, environment),
        Verb::Response => return response(item, connection, environment),
        Verb::Raw => return environment.octets(values(item)).map(Encoded::Octets),
        Verb::End => return Ok(Encoded::End),
        Verb::Frame => frame(item, environment)?,
        Verb::Text | Verb::Binary | Verb::Message => {
            return message(item, connection, environment).map(Encoded::Message);
        }
        Verb::Ping | Verb::Pong => {
            let opcode = opcode_of(item.verb.word())?;
            FrameSpec::new(opcode, environment.octets(values(item))?)
        }
        Verb::Escape => FrameSpec::binary(environment.octets(values(item))?),
        Verb::Control => {
            let payload = control_payload(item, environment)?;
            connection.note_sent(&payload);
            FrameSpec::binary(payload)
        }
        Verb::Close => {
            let mut payload = Vec::new();
            for value in values(item) {
                match environment.value(value)? {
                    // What was captured of a Close without a code (RFC 6455, 7.1.5).
                    Datum::Number(1005) if matches!(value, Value::Variable(..)) => {}
                    Datum::Number(code) => {
                        let code = u16::try_from(code)
                            .map_err(|_| Fault(format!("{code} is no close code")))?;
                        payload.extend(code.to_be_bytes());
                    }
                    reason => payload.extend(reason.octets()?),
                }
            }
            FrameSpec::new(Opcode::CLOSE, payload)
        }
        Verb::Fail | Verb::Nothing | Verb::Silence => {
            return Err(Fault(format!("`{}` cannot be sent", item.verb.word())));
        }
    };
    connection.note_frame(&spec);
    let is_close = spec.opcode == Opcode::CLOSE;
    let key = environment.random.four();
    let octets = spec.encode(connection.harness_masks().then_some(key));
    Ok(if is_close { Encoded::Close(octets) } else { Encoded::Octets(octets) })
}

/// A data message, in one frame or in fragments of one size.
fn message(
    item: &Item,
    connection: &mut Connection,
    environment: &mut Environment,
) -> Result<Outgoing, Fault> {
    let payload = environment.payload(values(item))?;
    let length = match &payload {
        Payload::Octets(octets) => octets.len() as u64,
        Payload::Cycle(_, length) => *length,
    };
    let mut template = FrameSpec::binary("");
    if item.verb == Verb::Text {
        template.opcode = Opcode::TEXT;
    }
    let mut size = length;
    for (name, value) in sets(item) {
        let (name, value) = (environment.name(name)?, environment.value(value)?);
        match name.as_str() {
            "type" => template.opcode = opcode_of(&value.text()?)?,
            "fragments" => size = value.number()?,
            name => set_in_frame(&mut template, name, value)?,
        }
    }
    let mut outgoing = Outgoing::default();
    let mut begun: u64 = 0;
    loop {
        let end = begun.saturating_add(size.max(1)).min(length);
        let mut spec = FrameSpec { fin: end == length, ..template.clone() };
        if begun > 0 {
            spec.opcode = Opcode::CONTINUATION;
        }
        let key = environment.random.four();
        let mask = connection.harness_masks().then_some(key);
        match &payload {
            Payload::Octets(octets) => {
                let part = octets.get(begun as usize..end as usize).unwrap_or_default();
                spec.payload = part.to_vec();
                outgoing.push(spec.encode(mask));
            }
            Payload::Cycle(cycle, _) => {
                spec.length = Some(end - begun);
                outgoing.push(spec.encode_head(mask));
                outgoing.push_cycle(*cycle, begun, end - begun, spec.masking_key(mask));
            }
        }
        connection.note_frame(&spec);
        if end == length {
            return Ok(outgoing);
        }
        begun = end;
    }
}

/// The beginning of a control message.
pub(super) struct Control {
    /// The sequence and the type; all, where the scenario writes it as octets.
    pub octets: Vec<u8>,
    /// What has to follow, where the scenario names the message.
    pub body: Option<ControlBody>,
}

/// The beginning of a control message: what a capability and a message stand for.
pub(super) fn control(head: &[&Value], environment: &mut Environment) -> Result<Control, Fault> {
    let [capability, message] = head else {
        return Err(Fault("a control message without type".into()));
    };
    let Datum::Agreement(agreement) = environment.value(capability)? else {
        return Err(Fault(format!("{capability} is no capability")));
    };
    let mut octets = agreement.sequence.to_vec();
    let name = match environment.value(message)? {
        Datum::Text(name) => name,
        written => {
            octets.extend(written.octets()?);
            return Ok(Control { octets, body: None });
        }
    };
    let message = control_message(&agreement.capability, &name)
        .ok_or_else(|| Fault(format!("{} has no message {name}", agreement.capability)))?;
    octets.push(message.kind);
    Ok(Control { octets, body: Some(message.body) })
}

/// The payload of a control message, sequence included.
fn control_payload(item: &Item, environment: &mut Environment) -> Result<Vec<u8>, Fault> {
    let all: Vec<&Value> = values(item).collect();
    let (head, behind) = all.split_at(all.len().min(2));
    let Control { mut octets, body } = control(head, environment)?;
    match body {
        Some(ControlBody::Empty) => {}
        Some(ControlBody::Integer) => {
            let number = match behind.first() {
                Some(value) => environment.value(value)?.number()?,
                None => DEFAULT_INTEGER,
            };
            octets.extend(number.to_be_bytes());
        }
        Some(ControlBody::Octets | ControlBody::Text) | None => {
            octets.extend(environment.octets(behind.iter().copied())?);
        }
    }
    Ok(octets)
}

/// What a control message with an integer carries where the scenario gives none: a rate that
/// disturbs nobody, in octets/s.
const DEFAULT_INTEGER: u64 = 1_000_000_000;

fn request(
    item: &Item,
    connection: &mut Connection,
    environment: &mut Environment,
) -> Result<Encoded, Fault> {
    let key = key_of(
        <[u8; 16]>::try_from(environment.random.octets(16))
            .map_err(|_| Fault("no 16 octets".into()))?,
    );
    let (authority, target) = &connection.address;
    let mut spec = RequestSpec::opening(authority, target, &key);
    for (name, value) in change_fields(item, &mut spec.fields, environment)? {
        match name.as_str() {
            "method" => spec.method = value,
            "target" => spec.target = value,
            "version" => spec.version = value,
            _ => spec.style = style(&value)?,
        }
    }
    if let Some(key) = spec.fields.get("Sec-WebSocket-Key") {
        connection.key = String::from_utf8_lossy(key).into_owned();
    }
    Ok(Encoded::Octets(spec.encode()))
}

fn response(
    item: &Item,
    connection: &mut Connection,
    environment: &mut Environment,
) -> Result<Encoded, Fault> {
    let status = match values(item).next() {
        Some(value) => environment.value(value)?.number()?,
        None => 101,
    };
    let mut spec = match status {
        101 => ResponseSpec::switching(&accept_of(&connection.key)),
        status => ResponseSpec::refusing(
            u16::try_from(status).map_err(|_| Fault(format!("{status} is no status")))?,
            "Refused",
        ),
    };
    for (name, value) in change_fields(item, &mut spec.fields, environment)? {
        match name.as_str() {
            "reason" => spec.reason = value,
            "version" => spec.version = value,
            _ => spec.style = style(&value)?,
        }
    }
    Ok(Encoded::Response(spec.encode()))
}

fn frame(item: &Item, environment: &mut Environment) -> Result<FrameSpec, Fault> {
    let mut spec = FrameSpec::new(Opcode::BINARY, Vec::new());
    for argument in &item.arguments {
        match argument {
            Argument::Set { name, value, .. } => {
                let name = environment.name(name)?;
                let value = environment.value(value)?;
                if name == "mask" && value == Datum::Number(1) {
                    spec.masking = Masking::Key(environment.random.four());
                } else {
                    set_in_frame(&mut spec, &name, value)?;
                }
            }
            Argument::Value(value) => spec.payload.extend(environment.value(value)?.octets()?),
            Argument::Without(_) => {}
        }
    }
    Ok(spec)
}

fn set_in_frame(spec: &mut FrameSpec, name: &str, value: Datum) -> Result<(), Fault> {
    match name {
        "fin" => spec.fin = value.number()? == 1,
        "rsv1" => spec.rsv1 = value.number()? == 1,
        "rsv2" => spec.rsv2 = value.number()? == 1,
        "rsv3" => spec.rsv3 = value.number()? == 1,
        "opcode" => spec.opcode = opcode_of(&value.text()?)?,
        "mask" => spec.masking = Masking::Off,
        "masking-key" => {
            let key = <[u8; 4]>::try_from(value.octets()?)
                .map_err(|_| Fault("a masking key has four octets".into()))?;
            spec.masking = Masking::Key(key);
        }
        "payload-length" => spec.length = Some(value.number()?),
        "length-bits" => {
            spec.length_form = Some(match value.number()? {
                7 => LengthForm::Seven,
                16 => LengthForm::Sixteen,
                _ => LengthForm::SixtyFour,
            });
        }
        "payload" => {
            let behind = std::mem::take(&mut spec.payload);
            spec.payload = value.octets()?;
            spec.payload.extend(behind);
        }
        _ => return Err(Fault(format!("a frame has no `{name}`"))),
    }
    Ok(())
}

/// Changes the fields of a head as the item says. What it sets besides, in lower case, is returned.
fn change_fields(
    item: &Item,
    fields: &mut FieldLines,
    environment: &mut Environment,
) -> Result<Vec<(String, String)>, Fault> {
    let mut besides = Vec::new();
    for argument in &item.arguments {
        match argument {
            Argument::Value(_) => {}
            Argument::Without(name) => {
                fields.remove(environment.name(name)?);
            }
            Argument::Set { name, append, value } => {
                let (name, value) = (environment.name(name)?, environment.value(value)?);
                match (name.starts_with(|c: char| c.is_ascii_lowercase()), append) {
                    (true, _) => besides.push((name, value.text()?)),
                    (false, true) => fields.append(&name, value.field()?),
                    (false, false) => fields.set(&name, value.field()?),
                }
            }
        }
    }
    Ok(besides)
}

pub(super) fn opcode_of(name: &str) -> Result<Opcode, Fault> {
    name.parse().map_err(|_| Fault(format!("`{name}` is no opcode")))
}

fn style(name: &str) -> Result<Style, Fault> {
    name.parse().map_err(|_| Fault(format!("`{name}` is no style")))
}

pub(super) fn values(item: &Item) -> impl Iterator<Item = &Value> {
    item.arguments.iter().filter_map(|argument| match argument {
        Argument::Value(value) => Some(value),
        _ => None,
    })
}

pub(super) fn sets(item: &Item) -> impl Iterator<Item = (&Name, &Value)> {
    item.arguments.iter().filter_map(|argument| match argument {
        Argument::Set { name, value, .. } => Some((name, value)),
        _ => None,
    })
}
