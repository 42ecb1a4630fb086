//! What a scenario says: its syntax as data.

use std::fmt;
use std::ops::Range;

use wsconform_abnf::{Location, Source};

/// One scenario of the book: a conversation for one or more roles, and a table of rows.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The path that names it, `escape.echoed`.
    pub id: String,
    /// Who is under test; one case for each.
    pub roles: Vec<Role>,
    /// The application that the endpoint must run, where the steps do not tell.
    pub app: Option<String>,
    /// Words to select by.
    pub tags: Vec<String>,
    /// Why its cases take their time, where they do.
    pub slow: Option<String>,
    /// What must hold for the cases to be run.
    pub needs: Vec<Need>,
    /// How many connections there are at once, each of which takes every step, if it says so.
    pub connections: Option<u64>,
    /// The table; each row makes a case of its own.
    pub rows: Option<Rows>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Where the scenario begins.
    pub at: Location,
    /// The source that it was read from.
    pub source: Source,
    /// The octets of the source that hold its id.
    pub span: Range<usize>,
    /// Where its header lines say what.
    pub header_spans: HeaderSpans,
}

/// The octets of the source that hold what the header lines of a scenario say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderSpans {
    /// One for each role.
    pub roles: Vec<Range<usize>>,
    /// The application, if there is one.
    pub app: Option<Range<usize>>,
    /// One for each tag.
    pub tags: Vec<Range<usize>>,
    /// One for each need.
    pub needs: Vec<Range<usize>>,
    /// The number of connections, if it says one.
    pub connections: Option<Range<usize>>,
}

/// The role of the endpoint under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// It accepts connections.
    Server,
    /// It opens connections.
    Client,
    /// It accepts WebSocket connections and opens plain ones.
    Gateway,
}

impl Role {
    /// All roles, by name.
    pub const ALL: [(&'static str, Self); 3] =
        [("server", Self::Server), ("client", Self::Client), ("gateway", Self::Gateway)];

    /// The role as the book writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
            Self::Gateway => "gateway",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What must hold for a case to be run.
#[derive(Clone, Debug, PartialEq)]
pub enum Need {
    /// The endpoint negotiates the capability of this name, or of the one in this column.
    Capability(Name),
    /// The case or scenario of this id was passed.
    Case(String),
    /// The endpoint takes messages of so many octets.
    Limit(Value),
}

/// The table of a scenario.
#[derive(Clone, Debug)]
pub struct Rows {
    /// The variables that a row sets, without `$`.
    pub variables: Vec<String>,
    /// The rows; each has a value for each variable.
    pub rows: Vec<Vec<RowValue>>,
    /// The octets of the source that hold the variables.
    pub variable_spans: Vec<Range<usize>>,
    /// The octets of the source that hold the cells, row by row.
    pub cell_spans: Vec<Vec<Range<usize>>>,
    /// Where the rows come from if they do not stand in the text.
    pub vectors: Option<VectorRows>,
}

/// Rows that are vectors: `for v in vectors near-miss/*`. The columns are the fields of a vector,
/// `v.input`; the rows are there when [`Book::with_vectors`](crate::Book::with_vectors) was given them.
#[derive(Clone, Debug)]
pub struct VectorRows {
    /// The variable that stands for a vector.
    pub variable: String,
    /// What their ids match; `*` stands for any characters.
    pub pattern: String,
    /// The octets of the source that hold the pattern.
    pub span: Range<usize>,
    /// Who reads the vector of each row.
    pub readers: Vec<Role>,
}

/// A cell of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum RowValue {
    /// A value, evaluated where its variable is used.
    Value(Value),
    /// A requirement id.
    Requirement(String),
    /// What the vector of this row does not have.
    Absent,
}

/// A step of a scenario.
#[derive(Clone, Debug)]
pub struct Step {
    /// The connection it is about; `None` where there is just one.
    pub connection: Option<String>,
    /// What is done.
    pub action: Action,
    /// For which numbers it is done, one after the other; `send` writes all of that as one.
    pub each: Option<Each>,
    /// Where it stands.
    pub at: Location,
    /// Its octets in the source of the scenario.
    pub span: Range<usize>,
    /// The octets of what has no place of its own: of `check` its call and its target, of `let` its
    /// variable and its value, of `send` its cut if it has one, of `expect` its time if it has one,
    /// of `observe` its name, of `measure since` and `setup` their variable.
    pub operand_spans: Vec<Range<usize>>,
}

/// Numbers that a step is done for: `for $i in 1..100`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Each {
    /// The variable that holds the number, without `$`.
    pub variable: String,
    /// The first number and the last one.
    pub range: (u64, u64),
    /// The octets of the source that hold it all.
    pub span: Range<usize>,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Action {
    /// A whole correct opening handshake, judged; offers these capabilities, in this order.
    Open(Vec<Negotiate>),
    /// A whole correct negotiation on the open connection, offered by the harness and judged.
    Setup {
        /// The variable that holds `control-setup`.
        by: String,
        /// What is offered, in this order.
        offers: Vec<Negotiate>,
    },
    /// Names what the last ANSWER on the open connection accepted, judged.
    Agree(Vec<Negotiate>),
    /// The bare stream.
    Connect,
    /// A plain TCP connection from the gateway under test.
    AcceptTcp,
    /// Writes the items, cut as told.
    Send {
        /// The items, in one write unless `cut` says otherwise.
        items: Vec<Item>,
        /// How the octets are cut into writes.
        cut: Cut,
    },
    /// The next things that the endpoint sends.
    Expect {
        /// The outcomes that are right; more than one where their order is free.
        outcomes: Vec<Outcome>,
        /// What may come instead, as good (without a requirement) or as a violation of another one.
        alternatives: Vec<Outcome>,
        /// How long it may take at least, in ms, where the scenario says so.
        within: Option<u64>,
    },
    /// Records which of several permitted things comes.
    Observe {
        /// The name of the observation.
        name: String,
        /// The things, and what they are called in the report.
        choices: Vec<(Item, String)>,
    },
    /// Names a value.
    Let {
        /// The variable, without `$`.
        variable: String,
        /// Its value.
        value: Value,
    },
    /// A predicate over captured values.
    Check {
        /// The predicate.
        call: Call,
        /// The requirement that is violated where it does not hold.
        target: Target,
    },
    /// Reads nothing until something is expected.
    Hold,
    /// Lets time pass.
    Wait {
        /// How long, in ms.
        milliseconds: u64,
    },
    /// Counts the data that arrives during a time.
    Measure {
        /// The variable of the EFFECTIVE behind which data counts; else the last one that was
        /// captured.
        since: Option<String>,
        /// How long, in ms.
        milliseconds: u64,
        /// The bounds.
        bounds: Vec<Bound>,
    },
}

/// A capability to negotiate: `with rate-control burst=4096 as $rate`.
#[derive(Clone, Debug)]
pub struct Negotiate {
    /// The extension token, literal or by column.
    pub capability: Name,
    /// Parameters of the offer, and `offer`, `sequence`.
    pub settings: Vec<Argument>,
    /// The variable that holds what was agreed.
    pub variable: Option<String>,
    /// The octets of the source that hold the token.
    pub capability_span: Range<usize>,
    /// One for each setting.
    pub setting_spans: Vec<Range<usize>>,
    /// The octets of the variable, if there is one.
    pub variable_span: Option<Range<usize>>,
}

impl Negotiate {
    /// Whether a subprotocol negotiates it, `by=subprotocol`.
    pub fn is_by_subprotocol(&self) -> bool {
        self.settings.iter().any(|setting| {
            matches!(setting, Argument::Set { name: Name::Word(name), value, .. }
                if name == "by" && value.to_string() == "subprotocol")
        })
    }
}

/// How the octets of a `send` are cut into writes.
#[derive(Clone, Debug, PartialEq)]
pub enum Cut {
    /// All in one write.
    OneWrite,
    /// One octet a write.
    Octets,
    /// Pieces of these sizes, then the rest.
    Sizes(Vec<u64>),
    /// Pieces of this size, down to the last.
    Pieces(Value),
    /// As a row says: `octets` or `one-write`, or the size of a piece before the rest.
    Variable(String),
}

/// A thing that may come, and the requirement that is at stake.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What may come.
    pub item: Item,
    /// As an expectation: violated if it does not come. As an alternative: violated if it does.
    pub target: Option<Target>,
    /// The octets of the source that hold the target, if there is one.
    pub target_span: Option<Range<usize>>,
}

/// A requirement, by id or by the variable of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The id itself.
    Requirement(String),
    /// A variable whose cell is an id, `rule` or `v.requirement`.
    Variable(String),
}

/// Something that is sent or comes: a verb and its arguments.
#[derive(Clone, Debug)]
pub struct Item {
    /// What kind of thing.
    pub verb: Verb,
    /// Its arguments, in order.
    pub arguments: Vec<Argument>,
    /// Its octets in the source.
    pub span: Range<usize>,
    /// The octets of each argument.
    pub argument_spans: Vec<Range<usize>>,
}

macro_rules! verbs {
    ($($variant:ident $word:literal $doc:literal)*) => {
        /// The kinds of things that are sent or come.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Verb { $(#[doc = $doc] $variant),* }

        impl Verb {
            /// All verbs, by word.
            pub const ALL: &'static [(&'static str, Verb)] = &[$(($word, Verb::$variant)),*];

            /// The word of the language.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    };
}

verbs! {
    Request "request" "An HTTP request head."
    Response "response" "An HTTP response head."
    Frame "frame" "One frame, exactly."
    Text "text" "A text message."
    Binary "binary" "A binary message."
    Message "message" "A data message of any type."
    Ping "ping" "A Ping."
    Pong "pong" "A Pong."
    Close "close" "A Close."
    Escape "escape" "An escape."
    Control "control" "A control message."
    Raw "raw" "Octets as they stand."
    Fail "fail" "The endpoint fails the connection."
    End "end" "The end of the stream."
    Nothing "nothing" "Nothing before the answer to a barrier."
    Silence "silence" "Nothing for a tenth of a second."
}

/// An argument of an item.
#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    /// `name=value`, or `name+=value` to add another of that name.
    Set {
        /// The name, literal or by variable.
        name: Name,
        /// Whether it adds instead of replacing.
        append: bool,
        /// The value.
        value: Value,
    },
    /// `without Name`.
    Without(Name),
    /// A value that stands alone.
    Value(Value),
}

/// A name, literal or by variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// As written.
    Word(String),
    /// By variable.
    Variable(String),
}

/// A value of the language.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `"text"`.
    Text(String),
    /// `<82 04>`.
    Octets(Vec<u8>),
    /// A whole number.
    Number(u64),
    /// A number with a fraction.
    Decimal(f64),
    /// `400..499|501`: any of these numbers.
    Numbers(Vec<(u64, u64)>),
    /// `$name` or `$name.field`.
    Variable(String, Option<String>),
    /// A call of a function.
    Call(Call),
    /// Numbers that are calculated with, inside a call.
    Sum(Box<Sum>),
    /// A word or a message name.
    Word(String),
}

/// A call: `pattern(126)`. Several values in one argument are joined.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The function or predicate.
    pub function: String,
    /// Its arguments, each of one value or several that are joined.
    pub arguments: Vec<Vec<Value>>,
}

/// A bound of a measurement.
#[derive(Clone, Debug)]
pub struct Bound {
    /// Which side.
    pub kind: BoundKind,
    /// The bound, in octets.
    pub sum: Sum,
    /// The requirement that is violated beyond it.
    pub target: Target,
    /// The octets of the source that hold each value of the sum.
    pub value_spans: Vec<Range<usize>>,
    /// The octets of the target.
    pub target_span: Range<usize>,
}

/// Which side of the measured number a bound is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoundKind {
    /// The number must not exceed it.
    AtMost,
    /// The number must reach it.
    AtLeast,
}

/// Numbers joined by `*`, `+` and `-`; `*` binds tighter.
#[derive(Clone, Debug, PartialEq)]
pub struct Sum {
    /// The first value.
    pub first: Value,
    /// The others, each with the sign before it.
    pub rest: Vec<(SumOperator, Value)>,
}

/// A sign in a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SumOperator {
    /// `*`
    Times,
    /// `+`
    Plus,
    /// `-`
    Minus,
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Octets(octets) => {
                f.write_str("<")?;
                for (index, octet) in octets.iter().enumerate() {
                    write!(f, "{}{octet:02X}", if index == 0 { "" } else { " " })?;
                }
                f.write_str(">")
            }
            Self::Number(number) => write!(f, "{number}"),
            Self::Decimal(number) => write!(f, "{number}"),
            Self::Numbers(ranges) => {
                for (index, (low, high)) in ranges.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "|" };
                    if low == high {
                        write!(f, "{separator}{low}")?;
                    } else {
                        write!(f, "{separator}{low}..{high}")?;
                    }
                }
                Ok(())
            }
            Self::Variable(name, None) => write!(f, "${name}"),
            Self::Variable(name, Some(field)) => write!(f, "${name}.{field}"),
            Self::Call(call) => write!(f, "{call}"),
            Self::Sum(sum) => write!(f, "{sum}"),
            Self::Word(word) => f.write_str(word),
        }
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        for (operator, value) in &self.rest {
            let sign = match operator {
                SumOperator::Times => '*',
                SumOperator::Plus => '+',
                SumOperator::Minus => '-',
            };
            write!(f, " {sign} {value}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Variable(variable) => write!(f, "${variable}"),
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.function)?;
        for (index, argument) in self.arguments.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { ", " })?;
            for (index, value) in argument.iter().enumerate() {
                write!(f, "{}{value}", if index == 0 { "" } else { " " })?;
            }
        }
        f.write_str(")")
    }
}
