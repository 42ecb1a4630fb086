//! Railroad diagrams: every path from left to right is a sentence of the rule.

use railroad::svg::{Element as Svg, HDir};
use railroad::{
    Choice, Diagram, Empty, LabeledBox, Link, MultiChoice, Node, Optional, Repeat, Sequence,
    SimpleEnd, SimpleStart, Stack, VerticalGrid,
};

use super::terminal::words;
use super::{Pen, STYLE, clean, directives, text_width};
use crate::GrammarRule;
use crate::ast::{Alternation, Concatenation, Element, ElementKind, Repetition};
use crate::directive::{Encoding, Fail, Kind, Transform, Typed};

/// The railroad diagram of a rule as an SVG document, without an XML declaration.
///
/// References are links, repetitions carry their bounds, and what directives say stands where it
/// applies: at the part that it is about, or below the diagram.
pub fn railroad(rule: &GrammarRule, pen: &Pen<'_>) -> String {
    let (typed, other) = directives(rule);
    let painter = Painter { rule, directives: &typed, pen };
    let branches: Vec<&Concatenation> = rule.branches().collect();
    let track = Sequence::new(vec![
        Box::new(SimpleStart) as Part,
        painter.choice(&branches, WIDTH),
        Box::new(SimpleEnd),
    ]);
    let mut notes: Vec<String> = typed.iter().filter_map(|one| painter.note(one)).collect();
    notes.extend(other.iter().map(|text| clean(text)));
    let mut picture = VerticalGrid::new(vec![Box::new(track) as Part]);
    if !notes.is_empty() {
        picture.push(Box::new(Lines::new(notes)));
    }
    let mut diagram = Diagram::new(picture);
    diagram.add_element(Svg::new("title").text(&format!("Railroad diagram of {}", rule.name())));
    if pen.style {
        diagram.add_css(&format!("\n{STYLE}"));
    }
    let geometry = diagram.compute_geometry();
    diagram.attr("width".to_owned()).or_insert(geometry.width.to_string());
    diagram.attr("height".to_owned()).or_insert(geometry.height.to_string());
    diagram.to_string()
}

/// What a diagram tries to stay within, in pixels.
const WIDTH: i64 = 700;

/// What is not made narrower by wrapping.
const NARROW: i64 = 200;

/// Beyond so many simple alternatives they stand in columns.
const COLUMN: usize = 8;

type Part = Box<dyn Node>;

struct Painter<'a> {
    rule: &'a GrammarRule,
    directives: &'a [Typed],
    pen: &'a Pen<'a>,
}

impl Painter<'_> {
    fn alternation(&self, alternation: &Alternation, width: i64) -> Part {
        self.choice(&alternation.branches.iter().collect::<Vec<_>>(), width)
    }

    fn choice(&self, branches: &[&Concatenation], width: i64) -> Part {
        if let [only] = branches {
            return self.concatenation(only, width);
        }
        let inner = (width - 60).max(NARROW);
        let parts: Vec<Part> = branches.iter().map(|one| self.concatenation(one, inner)).collect();
        let simple = branches.iter().all(|branch| is_simple(branch));
        let widest = parts.iter().map(width_of).max().unwrap_or(0);
        let fitting = usize::try_from(width / (widest + 60)).unwrap_or(0);
        let columns = parts.len().div_ceil(COLUMN).min(fitting);
        if !simple || columns < 2 {
            return Box::new(Choice::new(parts));
        }
        let height = parts.len().div_ceil(columns);
        let mut parts = parts.into_iter().peekable();
        let mut table = Vec::new();
        while parts.peek().is_some() {
            table.push(parts.by_ref().take(height).collect());
        }
        Box::new(MultiChoice::new(table))
    }

    /// The parts in a row, or in as many as the width asks for.
    fn concatenation(&self, branch: &Concatenation, width: i64) -> Part {
        let mut rows: Vec<Vec<Part>> = vec![Vec::new()];
        let mut used = 0;
        for repetition in &branch.parts {
            let part = self.repetition(repetition, width);
            let needed = width_of(&part) + 10;
            let row_is_full = used > 0 && used + needed > width;
            if row_is_full {
                rows.push(Vec::new());
                used = 0;
            }
            used += needed;
            if let Some(row) = rows.last_mut() {
                row.push(part);
            }
        }
        let mut rows: Vec<Part> = rows.into_iter().map(in_a_row).collect();
        match rows.pop() {
            Some(only) if rows.is_empty() => only,
            last => Box::new(Stack::new(rows.into_iter().chain(last).collect())),
        }
    }

    fn repetition(&self, repetition: &Repetition, width: i64) -> Part {
        let labels = self.labels(&repetition.element);
        let width = if labels.is_empty() { width } else { (width - 16).max(NARROW) };
        if labels.is_empty() {
            return self.repeated(repetition, width);
        }
        // What is said of `[x]` is not said once more of the x in it.
        let part = match sole_part(&repetition.element) {
            Some(inner) => Box::new(Optional::new(self.repeated(inner, width))),
            None => self.repeated(repetition, width),
        };
        Box::new(LabeledBox::new(part, Lines::new(labels)))
    }

    fn repeated(&self, repetition: &Repetition, width: i64) -> Part {
        let repeat = repetition.repeat;
        let inner = if repeat.max() == Some(1) { width } else { (width - 44).max(NARROW) };
        let element = || self.element(&repetition.element, inner);
        let looped = |bounds: String| -> Part {
            if bounds.is_empty() {
                Box::new(Repeat::new(element(), Empty))
            } else {
                Box::new(Repeat::new(element(), Lines::new(vec![bounds])))
            }
        };
        match (repeat.min(), repeat.max()) {
            (1, Some(1)) => element(),
            (0, Some(1)) => Box::new(Optional::new(element())),
            (_, Some(0)) => Box::new(Lines::new(vec!["nothing".to_owned()])),
            (0, None) => Box::new(Optional::new(looped(String::new()))),
            (1, None) => looped(String::new()),
            (min, None) => looped(format!("{min} times or more")),
            (0, Some(max)) => Box::new(Optional::new(looped(format!("up to {max} times")))),
            (min, Some(max)) if min == max => looped(format!("{min} times")),
            (min, Some(max)) => looped(format!("{min} to {max} times")),
        }
    }

    fn element(&self, element: &Element, width: i64) -> Part {
        match &element.kind {
            ElementKind::Reference(name) => {
                let label = Label::new("nonterminal", &name.text, None);
                match (self.pen.link)(&name.text) {
                    Some(target) => Box::new(Link::new(label, clean(&target))),
                    None => Box::new(label),
                }
            }
            ElementKind::Group(inner) => self.alternation(inner, width),
            ElementKind::Option(inner) => {
                Box::new(Optional::new(self.alternation(inner, (width - 44).max(NARROW))))
            }
            ElementKind::Prose(text) => Box::new(Label::new("prose", text, None)),
            kind => {
                let (text, detail) = words(kind, element.to_string());
                Box::new(Label::new("terminal", &text, detail))
            }
        }
    }

    /// What the directives say about a part.
    fn labels(&self, element: &Element) -> Vec<String> {
        let Some(name) = sole_reference(element) else { return Vec::new() };
        if name.eq_ignore_ascii_case(self.rule.name()) {
            return Vec::new();
        }
        let about = |part: &str| part.eq_ignore_ascii_case(name);
        self.directives
            .iter()
            .filter_map(|one| match &one.kind {
                Kind::Size { part, octets } if about(&part.text) => {
                    Some(format!("{octets} octets{}", due(one.fail.as_ref())))
                }
                Kind::When { part, condition } if about(&part.text) => {
                    Some(format!("if and only if {condition}{}", due(one.fail.as_ref())))
                }
                Kind::Transform { part, transform, result } if about(&part.text) => {
                    let result = result.as_ref().map(|name| name.text.as_str());
                    Some(transformed(transform, result, one.fail.as_ref()))
                }
                _ => None,
            })
            .collect()
    }

    /// What a directive says about the rule as a whole.
    fn note(&self, directive: &Typed) -> Option<String> {
        let own = |part: &str| part.eq_ignore_ascii_case(self.rule.name());
        let fail = directive.fail.as_ref();
        match &directive.kind {
            Kind::Bits(fields) => {
                let fields: Vec<_> =
                    fields.iter().map(|one| format!("{}:{}", one.name.text, one.width)).collect();
                Some(format!("bits {}{}", fields.join(" "), due(fail)))
            }
            Kind::Uint { name, encoding } => {
                let encoding = match encoding {
                    Encoding::BigEndian => "big-endian",
                    Encoding::Base128 => "base-128",
                    Encoding::Decimal => "decimal",
                    Encoding::Hexadecimal => "hexadecimal",
                };
                Some(format!("{encoding} integer {}{}", name.text, due(fail)))
            }
            Kind::Where(condition) => Some(format!("where {condition}{}", due(fail))),
            Kind::Fail => fail.map(|fail| {
                format!("what does not fit: {}, violates {}", fail.code, fail.requirement)
            }),
            Kind::Size { part, octets } if own(&part.text) => {
                Some(format!("{octets} octets{}", due(fail)))
            }
            Kind::When { part, condition } if own(&part.text) => {
                Some(format!("if and only if {condition}{}", due(fail)))
            }
            Kind::Transform { part, transform, result } if own(&part.text) => {
                let result = result.as_ref().map(|name| name.text.as_str());
                Some(transformed(transform, result, fail))
            }
            Kind::Size { .. }
            | Kind::When { .. }
            | Kind::Transform { .. }
            | Kind::Context { .. }
            | Kind::Feature(_) => None,
        }
    }
}

fn transformed(transform: &Transform, result: Option<&str>, fail: Option<&Fail>) -> String {
    let done = match transform {
        Transform::Xor(key) => format!("xor {}", key.text),
        Transform::Utf8 => "UTF-8".to_owned(),
        Transform::Hook(name) => name.text.clone(),
    };
    match result {
        Some(result) => format!("{done}, read as {result}{}", due(fail)),
        None => format!("{done}{}", due(fail)),
    }
}

fn due(fail: Option<&Fail>) -> String {
    fail.map_or(String::new(), |fail| format!("; else {}, {}", fail.code, fail.requirement))
}

/// The rule that an element is about: `x` and `[x]`.
pub(super) fn sole_reference(element: &Element) -> Option<&str> {
    let element = sole_part(element).map_or(element, |part| &part.element);
    match &element.kind {
        ElementKind::Reference(name) => Some(&name.text),
        _ => None,
    }
}

/// The x of `[x]`.
fn sole_part(element: &Element) -> Option<&Repetition> {
    let ElementKind::Option(Alternation { branches }) = &element.kind else { return None };
    let [Concatenation { parts }] = branches.as_slice() else { return None };
    let [part] = parts.as_slice() else { return None };
    Some(part)
}

/// A single element that is no group, once.
fn is_simple(branch: &Concatenation) -> bool {
    let [part] = branch.parts.as_slice() else { return false };
    let nested = matches!(part.element.kind, ElementKind::Group(_) | ElementKind::Option(_));
    part.repeat == crate::ast::Repeat::ONCE && !nested
}

/// Unlike `Node::width`, this looks at each node below once.
fn width_of(part: &Part) -> i64 {
    part.compute_geometry().width
}

fn in_a_row(mut parts: Vec<Part>) -> Part {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => Box::new(Sequence::new(parts.into_iter().chain(last).collect())),
    }
}

/// A box with a text, and more to tell on hovering.
struct Label {
    class: &'static str,
    text: String,
    detail: Option<String>,
}

impl Label {
    fn new(class: &'static str, text: &str, detail: Option<String>) -> Self {
        Self { class, text: clean(text), detail: detail.map(|detail| clean(&detail)) }
    }
}

impl Node for Label {
    fn entry_height(&self) -> i64 {
        12
    }

    fn height(&self) -> i64 {
        24
    }

    fn width(&self) -> i64 {
        text_width(&self.text, 80) + 20
    }

    fn draw(&self, x: i64, y: i64, _: HDir) -> Svg {
        let radius = if self.class == "terminal" { 12 } else { 3 };
        let mut group = Svg::new("g").set("class", self.class);
        if let Some(detail) = &self.detail {
            group.push(Svg::new("title").text(detail));
        }
        let frame = Svg::new("rect")
            .set("x", &x)
            .set("y", &y)
            .set("width", &self.width())
            .set("height", &self.height())
            .set("rx", &radius);
        let text =
            Svg::new("text").set("x", &(x + self.width() / 2)).set("y", &(y + 16)).text(&self.text);
        group.add(frame).add(text)
    }
}

/// Remarks, a line each, wrapped where they are long.
struct Lines(Vec<String>);

impl Lines {
    fn new(remarks: Vec<String>) -> Self {
        const COLUMNS: usize = 96;
        let mut lines = Vec::new();
        for remark in remarks {
            let mut line = String::new();
            for word in clean(&remark).split(' ') {
                if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > COLUMNS {
                    lines.push(std::mem::replace(&mut line, "  ".to_owned()));
                } else if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
            lines.push(line);
        }
        Self(lines)
    }
}

impl Node for Lines {
    fn entry_height(&self) -> i64 {
        10
    }

    fn height(&self) -> i64 {
        i64::try_from(self.0.len()).unwrap_or(i64::MAX / 1_000) * 16 + 4
    }

    fn width(&self) -> i64 {
        self.0.iter().map(|line| text_width(line, 69)).max().unwrap_or(0) + 10
    }

    fn draw(&self, x: i64, y: i64, _: HDir) -> Svg {
        let mut group = Svg::new("g").set("class", "remarks");
        let mut baseline = y + 14;
        for line in &self.0 {
            let text = Svg::new("text").set("class", "comment").set("x", &(x + 5));
            group.push(text.set("y", &baseline).text(line.trim_start()));
            baseline += 16;
        }
        group
    }
}
