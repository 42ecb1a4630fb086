//! How vectors are written: frames by name, masked for the reader, and what they mean.

use std::collections::BTreeMap;

use crate::model::{Context, Event, Outcome, Role, SetUp, Source, Vector};
use crate::octets::{Octets, Sequence};

/// A frame that is still to be masked for its reader. Nothing keeps it from being wrong.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    fin: bool,
    reserved: u8,
    opcode: u8,
    payload: Vec<u8>,
    /// The length in its head, if that is not the one of the payload.
    claimed: Option<u64>,
    form: Option<Form>,
    mask: Mask,
}

/// How a length is written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    Sixteen,
    SixtyFour,
}

#[derive(Clone, Copy, Debug)]
enum Mask {
    /// As it has to be; the key is made up.
    Right,
    Key([u8; 4]),
    Wrong,
}

impl Frame {
    /// A final frame.
    pub(crate) fn of(opcode: u8, payload: impl AsRef<[u8]>) -> Self {
        let payload = payload.as_ref().to_vec();
        let (claimed, form, mask) = (None, None, Mask::Right);
        Self { fin: true, reserved: 0, opcode, payload, claimed, form, mask }
    }

    pub(crate) fn continuation(payload: impl AsRef<[u8]>) -> Self {
        Self::of(0x0, payload)
    }

    pub(crate) fn text(payload: impl AsRef<[u8]>) -> Self {
        Self::of(0x1, payload)
    }

    pub(crate) fn binary(payload: impl AsRef<[u8]>) -> Self {
        Self::of(0x2, payload)
    }

    pub(crate) fn close(payload: impl AsRef<[u8]>) -> Self {
        Self::of(0x8, payload)
    }

    pub(crate) fn ping(payload: impl AsRef<[u8]>) -> Self {
        Self::of(0x9, payload)
    }

    pub(crate) fn pong(payload: impl AsRef<[u8]>) -> Self {
        Self::of(0xA, payload)
    }

    /// The fragments of a message.
    pub(crate) fn fragments<P: AsRef<[u8]>>(
        opcode: u8,
        payloads: impl IntoIterator<Item = P>,
    ) -> Vec<Self> {
        let mut frames: Vec<_> = payloads
            .into_iter()
            .enumerate()
            .map(|(index, payload)| Self::of(if index == 0 { opcode } else { 0x0 }, payload).open())
            .collect();
        if let Some(last) = frames.last_mut() {
            last.fin = true;
        }
        frames
    }

    /// With FIN=0.
    pub(crate) fn open(self) -> Self {
        Self { fin: false, ..self }
    }

    /// With these reserved bits, RSV1 being 4.
    pub(crate) fn reserved(self, bits: u8) -> Self {
        Self { reserved: bits, ..self }
    }

    /// With the length in this form, whether it has to be or not.
    pub(crate) fn in_form(self, form: Form) -> Self {
        Self { form: Some(form), ..self }
    }

    /// With this length in its head, in 64 bits.
    pub(crate) fn claiming(self, length: u64) -> Self {
        Self { claimed: Some(length), ..self.in_form(Form::SixtyFour) }
    }

    /// Masked with this key.
    pub(crate) fn masked_with(self, key: [u8; 4]) -> Self {
        Self { mask: Mask::Key(key), ..self }
    }

    /// Masked for a client, bare for a server.
    pub(crate) fn masked_wrongly(self) -> Self {
        Self { mask: Mask::Wrong, ..self }
    }

    /// The frame for this reader, as the `number`th of its stream.
    fn octets(&self, reader: Role, number: usize) -> Vec<u8> {
        let key = match (self.mask, reader) {
            (Mask::Key(key), _) => Some(key),
            (Mask::Right, Role::Server) | (Mask::Wrong, Role::Client) => Some(made_up_key(number)),
            (Mask::Right, Role::Client) | (Mask::Wrong, Role::Server) => None,
        };
        let flag = if key.is_some() { 0x80 } else { 0 };
        let fin = if self.fin { 0x80 } else { 0 };
        let mut octets = vec![fin | self.reserved << 4 | self.opcode];
        let length = self.claimed.unwrap_or(self.payload.len() as u64);
        match (self.form, u8::try_from(length), u16::try_from(length)) {
            (None, Ok(short @ ..=125), _) => octets.push(flag | short),
            (None | Some(Form::Sixteen), _, Ok(pair)) => {
                octets.push(flag | 126);
                octets.extend(pair.to_be_bytes());
            }
            _ => {
                octets.push(flag | 127);
                octets.extend(length.to_be_bytes());
            }
        }
        octets.extend(key.unwrap_or_default().iter().take(if key.is_some() { 4 } else { 0 }));
        let key = key.unwrap_or_default();
        octets.extend(self.payload.iter().zip(key.iter().cycle()).map(|(octet, key)| octet ^ key));
        octets
    }
}

/// A key that looks like one, another for each frame.
fn made_up_key(number: usize) -> [u8; 4] {
    (number as u32 + 1).wrapping_mul(0x9E37_79B1).to_be_bytes()
}

/// A payload of so many octets that repeats itself nowhere near.
pub(crate) fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

/// A vector that is being written.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    vector: Vector,
}

impl Draft {
    /// A vector for a client.
    pub(crate) fn client(id: impl Into<String>, comment: impl Into<String>) -> Self {
        Self::new(Role::Client, Source::Written, id.into(), comment.into())
    }

    /// A vector for a server.
    pub(crate) fn server(id: impl Into<String>, comment: impl Into<String>) -> Self {
        Self::new(Role::Server, Source::Written, id.into(), comment.into())
    }

    pub(crate) fn new(role: Role, source: Source, id: String, comment: String) -> Self {
        let vector = Vector {
            id,
            comment,
            flags: Vec::new(),
            covers: Vec::new(),
            source,
            confirmed: Vec::new(),
            context: Context {
                role,
                sequences: BTreeMap::new(),
                setup: None,
                rule: None,
                request: None,
            },
            input: Vec::new(),
            events: Vec::new(),
            outcome: Outcome::Accept,
        };
        Self { vector }
    }

    /// What is wrong in a reader that fails it.
    pub(crate) fn flags<'a>(mut self, flags: impl IntoIterator<Item = &'a str>) -> Self {
        self.vector.flags.extend(flags.into_iter().map(str::to_owned));
        self
    }

    /// The requirements that it shows.
    pub(crate) fn covers<'a>(mut self, requirements: impl IntoIterator<Item = &'a str>) -> Self {
        self.vector.covers.extend(requirements.into_iter().map(str::to_owned));
        self
    }

    /// With this control sequence active towards the reader.
    pub(crate) fn active(mut self, capability: &str, sequence: [u8; 4]) -> Self {
        self.vector.context.sequences.insert(capability.to_owned(), Sequence(sequence));
        self
    }

    /// Where the reader has said this by `control-setup`.
    pub(crate) fn setup(mut self, setup: SetUp) -> Self {
        self.vector.context.setup = Some(setup);
        self
    }

    /// The context, so far.
    pub(crate) fn context(&self) -> &Context {
        &self.vector.context
    }

    /// In this context.
    pub(crate) fn within(mut self, context: Context) -> Self {
        self.vector.context = context;
        self
    }

    /// The writes, so far.
    pub(crate) fn writes(&self) -> Vec<Vec<u8>> {
        self.vector.input.iter().map(|write| write.0.clone()).collect()
    }

    /// The whole input, so far.
    pub(crate) fn stream(&self) -> Vec<u8> {
        self.vector.octets()
    }

    /// A write as it is.
    pub(crate) fn octets(mut self, octets: &[u8]) -> Self {
        self.vector.input.push(Octets(octets.to_vec()));
        self
    }

    /// A write for each frame.
    pub(crate) fn frames(mut self, frames: impl IntoIterator<Item = Frame>) -> Self {
        for frame in frames {
            let (role, number) = (self.vector.context.role, self.vector.input.len());
            self.vector.input.push(Octets(frame.octets(role, number)));
        }
        self
    }

    /// What comes next in meaning.
    pub(crate) fn event(mut self, event: Event) -> Self {
        self.vector.events.push(event);
        self
    }

    pub(crate) fn text(self, payload: impl AsRef<[u8]>) -> Self {
        self.event(Event::Text { payload: Octets(payload.as_ref().to_vec()) })
    }

    pub(crate) fn binary(self, payload: impl AsRef<[u8]>) -> Self {
        self.event(Event::Binary { payload: Octets(payload.as_ref().to_vec()) })
    }

    pub(crate) fn ping(self, payload: impl AsRef<[u8]>) -> Self {
        self.event(Event::Ping { payload: Octets(payload.as_ref().to_vec()) })
    }

    pub(crate) fn pong(self, payload: impl AsRef<[u8]>) -> Self {
        self.event(Event::Pong { payload: Octets(payload.as_ref().to_vec()) })
    }

    pub(crate) fn close(self, code: impl Into<Option<u16>>, reason: &str) -> Self {
        self.event(Event::Close { code: code.into(), reason: reason.to_owned() })
    }

    /// A control message of `rate-control`.
    pub(crate) fn control(self, kind: u8, body: &[u8]) -> Self {
        self.control_of("rate-control", kind, body)
    }

    /// A control message of this capability.
    pub(crate) fn control_of(self, capability: &str, kind: u8, body: &[u8]) -> Self {
        let (capability, body) = (capability.to_owned(), Octets(body.to_vec()));
        self.event(Event::Control { capability, kind, body })
    }

    /// The reader fails the connection for this requirement, which the vector covers.
    pub(crate) fn rejected(mut self, close: u16, requirement: &str) -> Self {
        if !self.vector.covers.iter().any(|covered| covered == requirement) {
            self.vector.covers.insert(0, requirement.to_owned());
        }
        self.vector.outcome = Outcome::Reject { close, requirement: requirement.to_owned() };
        self
    }

    /// The reader may fail the connection.
    pub(crate) fn either(mut self) -> Self {
        self.vector.outcome = Outcome::Either;
        self
    }

    /// The vector; nobody has confirmed it.
    pub(crate) fn finish(self) -> Vector {
        self.vector
    }
}
