//! A reading of frames that consists of nothing but the grammar.

use std::cell::RefCell;
use std::fmt::Write as _;

use wsconform_abnf::directive::Fail;
use wsconform_abnf::program::{Given, Program};
use wsconform_abnf::recognise::{Detail, Matcher, Node, Tree, Verdict};

use crate::example::{ActiveSequence, Event, Reader};

/// Reads the octets of an open connection by the rule `frame`. What lies between frames is all that
/// stands here: which message is in progress, its octets so far, and which sequences are armed or rest.
///
/// A message in several frames is judged as one frame that holds all of it (RFC 6455, 5.4).
///
/// ```
/// use wsconform_abnf::program::{Options, Program};
/// use wsconform_spec::Book;
/// use wsconform_spec::example::{Event, Reader};
/// use wsconform_spec::grammar::{Setting, StreamReader};
///
/// let book = Book::embedded()?;
/// let program = Program::new(book.grammar(), Options::default()).map_err(|all| all[0].clone())?;
/// let reader = StreamReader::new(&program).ok_or("no rule `frame`")?;
/// let reading = reader.read(&Setting::plain(Reader::Client), b"\x01\x03Hel\x80\x02lo\x83");
/// assert_eq!(reading.events, [Event::Text("Hello".to_owned())]);
/// assert_eq!(reading.failure.map(|fail| fail.requirement).as_deref(), Some("frame.opcode"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct StreamReader<'p> {
    program: &'p Program,
    frame: Matcher<'p>,
}

/// What octets mean by the grammar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamReading {
    /// The events in order.
    pub events: Vec<Event>,
    /// What is due after them, if the octets are wrong.
    pub failure: Option<Fail>,
    /// How many octets the whole frames have before the end, the Close or what is wrong.
    pub taken: usize,
}

/// What is known before the first octet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Who reads.
    pub reader: Reader,
    /// The sequences that are active in the reader's direction.
    pub active: Vec<ActiveSequence>,
    /// What the reader has said by `control-setup`. It declines whatever is offered to it later.
    pub setup: Setup,
}

/// How far a negotiation on the open connection is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Setup {
    /// There is none.
    #[default]
    None,
    /// The reader has offered something.
    Offered,
    /// It has, and dropped an offer that crossed it.
    Crossed,
    /// The reader has accepted what was offered to it: these sequences count from CONFIRM on.
    Answered(Vec<ActiveSequence>),
}

impl Setting {
    /// Nothing was negotiated.
    pub fn plain(reader: Reader) -> Self {
        Self { reader, active: Vec::new(), setup: Setup::None }
    }
}

/// One connection.
struct Stream<'r, 'p> {
    program: &'p Program,
    frame: &'r Matcher<'p>,
    sender: &'static str,
    observe: RefCell<&'r mut Observe<'r>>,
}

/// Is shown each tree with the octets that it is of.
pub type Observe<'o> = dyn FnMut(&Tree, &[u8]) + 'o;

/// What is known between two frames.
struct Between {
    message: Option<Message>,
    active: Vec<ActiveSequence>,
    setup: Setup,
    armed: Vec<[u8; 4]>,
    /// The sequences whose capabilities rest: SUSPEND came, RESUME did not.
    suspended: Vec<[u8; 4]>,
}

/// A message in progress.
struct Message {
    is_text: bool,
    octets: Vec<u8>,
}

impl<'p> StreamReader<'p> {
    /// A reader by the grammar of the book; nothing if `program` has no `frame`.
    pub fn new(program: &'p Program) -> Option<Self> {
        Some(Self { program, frame: Matcher::prefixes(program, "frame")? })
    }

    /// With trees in all detail, for who observes them.
    #[must_use]
    pub fn detailed(self) -> Self {
        Self { frame: self.frame.detail(Detail::Everything), ..self }
    }

    /// Reads octets from the first frame to their end, to a Close, or to what is wrong.
    pub fn read(&self, setting: &Setting, octets: &[u8]) -> StreamReading {
        self.observed(setting, octets, &mut |_, _| {})
    }

    /// The same, and shows `observe` the tree of each frame; that of a message in several frames as
    /// of one frame, too.
    pub fn observed(
        &self,
        setting: &Setting,
        octets: &[u8],
        observe: &mut Observe<'_>,
    ) -> StreamReading {
        let sender = match setting.reader {
            Reader::Client => "server",
            Reader::Server => "client",
        };
        let observe = RefCell::new(observe);
        let Setting { active, setup, .. } = setting.clone();
        let (armed, suspended) = (Vec::new(), Vec::new());
        let between = Between { message: None, active, setup, armed, suspended };
        Stream { program: self.program, frame: &self.frame, sender, observe }.read(octets, between)
    }
}

impl Stream<'_, '_> {
    fn read(&self, octets: &[u8], mut between: Between) -> StreamReading {
        let mut reading = StreamReading::default();
        while let Some(rest) = octets.get(reading.taken..).filter(|rest| !rest.is_empty()) {
            let mut recognition = self.frame.start(self.given(&between));
            recognition.push(rest);
            let taken = recognition.accepted();
            match (taken, recognition.finish()) {
                (Some(taken), Verdict::Match(tree)) => {
                    reading.taken += taken;
                    if let Err(fail) = self.frame(&tree, rest, &mut between, &mut reading) {
                        reading.failure = Some(fail);
                        break;
                    }
                    if matches!(reading.events.last(), Some(Event::Close(_))) {
                        break;
                    }
                }
                (_, verdict) => {
                    reading.failure = due(&verdict);
                    break;
                }
            }
        }
        reading
    }

    fn given(&self, between: &Between) -> Given {
        let in_progress = match &between.message {
            None => "none",
            Some(Message { is_text: true, .. }) => "text",
            Some(Message { is_text: false, .. }) => "binary",
        };
        let [rate, idle, heartbeat, setup] = CAPABILITIES.map(|capability| {
            let of_it = between.active.iter().filter(|active| active.capability == capability);
            list(of_it.map(|active| active.sequence))
        });
        let turn = match between.setup {
            Setup::None => "none",
            Setup::Offered => "offered",
            Setup::Crossed => "crossed",
            Setup::Answered(_) => "answered",
        };
        let armed = list(between.armed.iter().copied());
        let suspended = list(between.suspended.iter().copied());
        let pairs = [
            ("sender", self.sender),
            ("in-progress", in_progress),
            ("judged-as", "received"),
            ("rate-sequences", &rate),
            ("idle-sequences", &idle),
            ("heartbeat-sequences", &heartbeat),
            ("setup-sequences", &setup),
            ("armed", &armed),
            ("suspended", &suspended),
            ("setup-turn", turn),
        ];
        // Of the book's grammar, these are the contexts.
        Given::read(self.program, pairs).unwrap_or_default()
    }

    fn frame(
        &self,
        tree: &Tree,
        octets: &[u8],
        between: &mut Between,
        reading: &mut StreamReading,
    ) -> Result<(), Fail> {
        (self.observe.borrow_mut())(tree, octets);
        let root = tree.root();
        let number = |name| root.number(self.program, octets, name);
        let payload = root.find(self.program, "payload");
        let payload = payload.map(|node| node.octets(octets)).unwrap_or_default();
        let is_final = number("fin") == Some(1);
        match (number("opcode"), is_final) {
            (Some(0x9), _) => reading.events.push(Event::Ping(payload)),
            (Some(0xA), _) => reading.events.push(Event::Pong(payload)),
            (Some(0x8), _) => reading.events.push(Event::Close(self.close(root, octets))),
            (Some(0x1), true) => reading.events.push(text(payload)),
            (Some(0x2), true) => {
                let event = self.binary(root, octets, payload, between);
                reading.events.extend(event);
            }
            (opcode, _) => {
                let mut message = between
                    .message
                    .take()
                    .unwrap_or(Message { is_text: opcode == Some(0x1), octets: Vec::new() });
                message.octets.extend_from_slice(&payload);
                if is_final {
                    self.message(&message, between, reading)?;
                } else {
                    self.foresee(&message, between)?;
                    between.message = Some(message);
                }
            }
        }
        Ok(())
    }

    fn close(&self, root: Node<'_>, octets: &[u8]) -> Option<(u16, String)> {
        let code = root.number(self.program, octets, "code")?;
        let reason = root.find(self.program, "close-reason")?.octets(octets);
        Some((u16::try_from(code).ok()?, String::from_utf8_lossy(&reason).into_owned()))
    }

    /// A message whose fragments are all there; none is in progress any more.
    fn message(
        &self,
        message: &Message,
        between: &mut Between,
        reading: &mut StreamReading,
    ) -> Result<(), Fail> {
        let mut octets = self.head(message, message.octets.len());
        octets.extend_from_slice(&message.octets);
        match self.frame.recognise(&octets, &self.given(between)) {
            Verdict::Match(tree) => self.frame(&tree, &octets, between, reading),
            verdict => Err(due(&verdict).unwrap_or_else(whole_text)),
        }
    }

    /// A message in progress may be wrong already: as text that nothing can make whole, or as one
    /// that is too long for what it began as.
    fn foresee(&self, message: &Message, between: &Between) -> Result<(), Fail> {
        let more = usize::from(message.is_text);
        let known = if message.is_text { message.octets.len() } else { 4 };
        let mut octets = self.head(message, message.octets.len() + more);
        octets.extend(message.octets.iter().take(known));
        match self.frame.recognise(&octets, &self.given(between)) {
            verdict @ Verdict::Mismatch(_) => Err(due(&verdict).unwrap_or_else(whole_text)),
            _ => Ok(()),
        }
    }

    /// The head of a frame that holds a whole message of so many octets; its mask changes nothing.
    fn head(&self, message: &Message, length: usize) -> Vec<u8> {
        let is_masked = self.sender == "client";
        let mask = if is_masked { 0x80 } else { 0 };
        let mut head = vec![if message.is_text { 0x81 } else { 0x82 }];
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(length @ ..=125), _) => head.push(mask | length),
            (_, Ok(length)) => {
                head.push(mask | 126);
                head.extend(length.to_be_bytes());
            }
            _ => {
                head.push(mask | 127);
                head.extend((length as u64).to_be_bytes());
            }
        }
        head.extend(std::iter::repeat_n(0, if is_masked { 4 } else { 0 }));
        head
    }

    /// A binary message, matched somewhere in `tree`: an escape arms its sequence and is no event.
    fn binary(
        &self,
        tree: Node<'_>,
        octets: &[u8],
        payload: Vec<u8>,
        between: &mut Between,
    ) -> Option<Event> {
        let beginning = payload.first_chunk().copied();
        let capability = between.active.iter().find(|active| Some(active.sequence) == beginning);
        let (Some(beginning), Some(active)) = (beginning, capability) else {
            return Some(Event::Binary(payload));
        };
        if tree.find(self.program, "escape").is_some() {
            between.armed.push(beginning);
            return None;
        }
        if tree.find(self.program, "control-message").is_none() {
            between.armed.retain(|armed| *armed != beginning);
            return Some(Event::Binary(payload));
        }
        if tree.find(self.program, "suspend-message").is_some() {
            between.suspended.push(beginning);
        }
        if tree.find(self.program, "resume-message").is_some() {
            between.suspended.retain(|suspended| *suspended != beginning);
        }
        let capability = active.capability.clone();
        self.set_up(tree, octets, between);
        let message = payload.into_iter().skip(beginning.len()).collect();
        Some(Event::Control { capability, message })
    }

    /// An ANSWER and a CONFIRM activate sequences and end the negotiation. When offers cross, that of
    /// the client is void.
    fn set_up(&self, tree: Node<'_>, octets: &[u8], between: &mut Between) {
        let find = |rule| tree.find(self.program, rule);
        let sequences = match &mut between.setup {
            Setup::Offered | Setup::Crossed => match find("answer-message") {
                Some(answer) => self.agreed(answer, octets),
                None if find("offer-message").is_none() => return,
                None if self.sender == "server" => Vec::new(),
                None => {
                    between.setup = Setup::Crossed;
                    return;
                }
            },
            Setup::Answered(sequences) if find("confirm-message").is_some() => {
                std::mem::take(sequences)
            }
            Setup::Answered(_) | Setup::None => return,
        };
        between.active.extend(sequences);
        between.setup = Setup::None;
    }

    /// The sequences of the extensions in an ANSWER.
    fn agreed(&self, answer: Node<'_>, octets: &[u8]) -> Vec<ActiveSequence> {
        let mut sequences = Vec::new();
        let mut waiting: Vec<Node<'_>> = answer.children().collect();
        while let Some(node) = waiting.pop() {
            if self.program.rule(node.rule()).name != "extension" {
                waiting.extend(node.children());
                continue;
            }
            let texts = node.children().map(|part| part.octets(octets));
            let texts: Vec<_> =
                texts.map(|text| String::from_utf8_lossy(&text).into_owned()).collect();
            let control = texts.iter().find_map(|text| control(text));
            if let (Some(capability), Some(sequence)) = (texts.first(), control) {
                sequences.push(ActiveSequence { capability: capability.clone(), sequence });
            }
        }
        sequences
    }
}

/// The value of a parameter `control`.
fn control(parameter: &str) -> Option<[u8; 4]> {
    let (name, value) = parameter.split_once('=')?;
    let digits = value.trim().trim_matches('"').replace('\\', "");
    let number = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 8)?;
    (name.trim_end() == "control").then(|| number.to_be_bytes())
}

/// The capabilities, in the order of the lists that the grammar has for their sequences.
const CAPABILITIES: [&str; 4] = ["rate-control", "idle-timeout", "heartbeat", "control-setup"];

/// What is due for text that ends too early: nothing tells that at a place.
fn whole_text() -> Fail {
    Fail { code: 1007, requirement: "text.utf8".to_owned() }
}

fn text(octets: Vec<u8>) -> Event {
    Event::Text(String::from_utf8_lossy(&octets).into_owned())
}

fn list(sequences: impl Iterator<Item = [u8; 4]>) -> String {
    let mut text = String::new();
    for sequence in sequences {
        let separator = if text.is_empty() { "" } else { "," };
        let _ = write!(text, "{separator}{:08X}", u32::from_be_bytes(sequence));
    }
    text
}

fn due(verdict: &Verdict) -> Option<Fail> {
    match verdict {
        Verdict::Mismatch(mismatch) => mismatch.fail().cloned(),
        _ => None,
    }
}
