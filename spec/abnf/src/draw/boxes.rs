//! Boxes of octets and bits, 32 bits a row, as the figures of RFCs have them.

use railroad::svg::Element as Svg;

use super::layout::{Extent, Field, Strip, strips};
use super::{Pen, STYLE, clean, text_width};
use crate::{Grammar, GrammarRule};

/// The octets of a rule as boxes, in an SVG document without an XML declaration: a box a field,
/// parts of unknown length drawn torn, what is not always there dashed, with its condition.
///
/// `None` for a rule whose octets have no fields: no directive names any, and it is no fixed number
/// of octets.
pub fn boxes(grammar: &Grammar, rule: &GrammarRule, pen: &Pen<'_>) -> Option<String> {
    let strips = strips(grammar, rule)?;
    let bit = bit_width(&strips);
    let mut body = Svg::new("g");
    let mut sheet = Sheet { pen, bit, y: MARGIN, width: 0, own: rule.name() };
    for strip in &strips {
        sheet.strip(strip, &mut body);
    }
    let (width, height) = (sheet.width + 2 * MARGIN, sheet.y);
    let mut svg = Svg::new("svg")
        .set("class", "octets")
        .set("xmlns", "http://www.w3.org/2000/svg")
        .set("xmlns:xlink", "http://www.w3.org/1999/xlink")
        .set("width", &width)
        .set("height", &height)
        .set("viewBox", &format!("0 0 {width} {height}"))
        .add(Svg::new("title").text(&format!("Octets of {}", rule.name())));
    if pen.style {
        svg.push(Svg::new("style").raw_text(STYLE));
    }
    Some(svg.add(body).to_string())
}

const ROW: u64 = 32;
const MARGIN: i64 = 12;
const RULER: i64 = 18;
const HEIGHT: i64 = 52;
/// How much of a box a torn edge takes.
const TORN: i64 = 10;
/// Tenths of a pixel that a character takes at 13 and at 11 pixels.
const LARGE: i64 = 80;
const SMALL: i64 = 68;

/// Narrow figures have wider bits, so that names fit.
fn bit_width(strips: &[Strip]) -> i64 {
    let bits = |strip: &Strip| {
        strip.fields.iter().try_fold(0u64, |sum, field| match field.extent {
            Extent::Bits(bits) => sum.checked_add(bits),
            Extent::Octets(_) => None,
        })
    };
    match strips.iter().map(bits).try_fold(0, |most, bits| Some(most.max(bits?))) {
        Some(0..=8) => 60,
        Some(9..=16) => 40,
        _ => 22,
    }
}

/// A part of a field in one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    field: usize,
    row: usize,
    first: u64,
    bits: u64,
    begins: bool,
    ends: bool,
    torn: bool,
}

/// Puts fields into rows; what is torn takes the rest of its row, or the next.
fn place(fields: &[Field], bit: i64) -> Vec<Segment> {
    const EXACT: u64 = 2 * ROW;
    let mut segments = Vec::new();
    let (mut row, mut at) = (0, 0);
    for (index, field) in fields.iter().enumerate() {
        let exact = match field.extent {
            Extent::Bits(bits) if bits <= EXACT => Some(bits),
            _ => None,
        };
        let Some(mut left) = exact else {
            let room = i64::try_from(ROW - at).unwrap_or(0) * bit;
            let fits = room >= text_width(&field.name, LARGE) + 16
                && room >= text_width(&size(field), SMALL) + 16;
            if at == ROW || (at > 0 && !fits) {
                (row, at) = (row + 1, 0);
            }
            segments.push(Segment {
                field: index,
                row,
                first: at,
                bits: ROW - at,
                begins: true,
                ends: true,
                torn: true,
            });
            at = ROW;
            continue;
        };
        let mut begins = true;
        while left > 0 {
            if at == ROW {
                (row, at) = (row + 1, 0);
            }
            let bits = left.min(ROW - at);
            left -= bits;
            let ends = left == 0;
            segments.push(Segment {
                field: index,
                row,
                first: at,
                bits,
                begins,
                ends,
                torn: false,
            });
            begins = false;
            at += bits;
        }
    }
    segments
}

/// What stands below the name of a field.
fn size(field: &Field) -> String {
    match &field.extent {
        Extent::Bits(1) => "1 bit".to_owned(),
        Extent::Bits(8) => "1 octet".to_owned(),
        Extent::Bits(bits) if bits % 8 == 0 => format!("{} octets", bits / 8),
        Extent::Bits(bits) => format!("{bits} bits"),
        Extent::Octets(octets) => octets.clone(),
    }
}

struct Sheet<'p> {
    pen: &'p Pen<'p>,
    bit: i64,
    y: i64,
    width: i64,
    own: &'p str,
}

impl Sheet<'_> {
    fn strip(&mut self, strip: &Strip, body: &mut Svg) {
        if let Some(caption) = &strip.caption {
            self.line(caption, "start", body);
        }
        let segments = place(&strip.fields, self.bit);
        let widest = segments.iter().map(|one| one.first + one.bits).max().unwrap_or(0);
        self.ruler(widest, body);
        let mut legend = Vec::new();
        let rows = segments.last().map_or(0, |last| last.row + 1);
        for row in 0..rows {
            let row: Vec<_> = segments.iter().filter(|one| one.row == row).collect();
            let height = row
                .iter()
                .filter_map(|one| Some((one, strip.fields.get(one.field)?)))
                .map(|(one, field)| self.height_for(one, field))
                .max()
                .unwrap_or(HEIGHT);
            for segment in row {
                let Some(field) = strip.fields.get(segment.field) else { continue };
                let main = is_main(&segments, segment);
                if let Some(remark) = self.segment(segment, field, main, height, body) {
                    legend.push(remark);
                }
            }
            self.y += height;
        }
        self.y += 6;
        for remark in legend {
            self.line(&remark, "small start", body);
        }
        self.y += 10;
    }

    fn line(&mut self, text: &str, class: &str, body: &mut Svg) {
        let tenths = if class.contains("small") { SMALL } else { LARGE };
        const COLUMNS: usize = 100;
        let text = clean(text);
        let shown: String = match text.char_indices().nth(COLUMNS) {
            Some((cut, _)) => format!("{}…", &text[..cut]),
            None => text,
        };
        self.width = self.width.max(text_width(&shown, tenths));
        let line = Svg::new("text").set("class", class).set("x", &MARGIN).set("y", &(self.y + 12));
        body.push(line.text(&shown));
        self.y += 18;
    }

    /// Numbers of bits above the first row, at the ends of octets.
    fn ruler(&mut self, bits: u64, body: &mut Svg) {
        for bit in (0..bits).filter(|bit| bit % 8 == 0 || bit % 8 == 7) {
            let x = self.x(bit) + self.bit / 2;
            let number =
                Svg::new("text").set("class", "small").set("x", &x).set("y", &(self.y + 11));
            body.push(number.text(&bit.to_string()));
        }
        self.y += RULER;
        self.width = self.width.max(self.x(bits) - MARGIN);
    }

    fn x(&self, bit: u64) -> i64 {
        MARGIN + i64::try_from(bit).unwrap_or(0) * self.bit
    }

    fn is_turned(&self, segment: &Segment, field: &Field) -> bool {
        let width = i64::try_from(segment.bits).unwrap_or(0) * self.bit;
        text_width(&field.name, LARGE) + 4 > width
    }

    fn height_for(&self, segment: &Segment, field: &Field) -> i64 {
        const HIGHEST: i64 = 160;
        if self.is_turned(segment, field) {
            return (text_width(&field.name, LARGE) + 16).clamp(HEIGHT, HIGHEST);
        }
        let edge = if segment.torn { TORN } else { 0 };
        let condition = if field.condition.is_some() { 14 } else { 0 };
        HEIGHT.max(40 + condition + edge)
    }

    /// Draws a box; what does not fit into it is given back.
    fn segment(
        &self,
        segment: &Segment,
        field: &Field,
        main: bool,
        height: i64,
        body: &mut Svg,
    ) -> Option<String> {
        let (left, right) = (self.x(segment.first), self.x(segment.first + segment.bits));
        let mut group = Svg::new("g");
        let mut told = vec![size(field)];
        told.extend(field.condition.clone());
        let title = format!("{}: {}", field.name, told.join(", "));
        group.push(Svg::new("title").text(&clean(&title)));
        let outline = if segment.torn {
            torn(left, right, self.y, height)
        } else {
            format!("M{left} {}H{right}v{height}H{left}Z", self.y)
        };
        let mut outline = Svg::new("path").set("d", &outline);
        if field.condition.is_some() {
            outline = outline.set("class", "maybe");
        }
        group.push(outline);
        for bit in segment.first + 1..segment.first + segment.bits {
            let x = self.x(bit);
            let tick = Svg::new("line").set("class", "tick").set("x1", &x).set("x2", &x);
            let length = if bit % 8 == 0 { 6 } else { 3 };
            if !segment.torn {
                group.push(tick.set("y1", &self.y).set("y2", &(self.y + length)));
            }
        }
        let mut left_over = None;
        let middle = (left + right) / 2;
        let width = right - left;
        if !main {
            let text = Svg::new("text").set("class", "small").set("x", &middle);
            let text = text.set("y", &(self.y + height / 2 + 4));
            group.push(text.text(if width > 80 { "continued" } else { "…" }));
        } else if self.is_turned(segment, field) {
            let y = self.y + height / 2;
            let turn = format!("rotate(-90 {middle} {y})");
            let text =
                Svg::new("text").set("x", &middle).set("y", &(y + 4)).set("transform", &turn);
            let room = usize::try_from((height - 8) / 8).unwrap_or(0);
            let name = shortened(&field.name, room);
            if name != field.name || field.condition.is_some() || segment.bits > 1 {
                left_over = Some(clean(&title));
            }
            group.push(self.linked(field, text.text(&clean(&name))));
        } else {
            let fitting: Vec<_> =
                told.iter().filter(|one| text_width(one, SMALL) + 8 <= width).collect();
            if fitting.len() < told.len() && (segment.bits > 1 || field.condition.is_some()) {
                left_over = Some(clean(&title));
            }
            let lines = i64::try_from(fitting.len()).unwrap_or(0);
            let edge = if segment.torn { TORN } else { 0 };
            let mut y = self.y + (height - edge) / 2 + 5 - lines * 7;
            let name = Svg::new("text").set("x", &middle).set("y", &y).text(&clean(&field.name));
            group.push(self.linked(field, name));
            for one in fitting {
                y += 14;
                let text = Svg::new("text").set("class", "small").set("x", &middle).set("y", &y);
                group.push(text.text(&clean(one)));
            }
        }
        body.push(group);
        left_over
    }

    fn linked(&self, field: &Field, text: Svg) -> Svg {
        let rule = field.rule.as_deref().filter(|rule| !rule.eq_ignore_ascii_case(self.own));
        match rule.and_then(|rule| (self.pen.link)(rule)) {
            Some(target) => Svg::new("a").set("xlink:href", &clean(&target)).add(text),
            None => text,
        }
    }
}

/// Whether this is the widest segment of its field, the first of those.
fn is_main(segments: &[Segment], segment: &Segment) -> bool {
    let mut own = segments.iter().filter(|one| one.field == segment.field);
    let widest = own.clone().map(|one| one.bits).max();
    own.find(|one| Some(one.bits) == widest) == Some(segment)
}

fn shortened(name: &str, room: usize) -> String {
    match name.char_indices().nth(room) {
        Some(_) if room > 0 => name.chars().take(room - 1).chain(['…']).collect(),
        _ => name.to_owned(),
    }
}

/// A box whose lower edge is torn.
fn torn(left: i64, right: i64, top: i64, height: i64) -> String {
    const TOOTH: i64 = 8;
    let bottom = top + height - TORN;
    let mut path = format!("M{left} {top}H{right}V{bottom}");
    let (mut x, mut down) = (right, true);
    while x > left {
        x = (x - TOOTH).max(left);
        let y = if down { bottom + 6 } else { bottom };
        path.push_str(&format!("L{x} {y}"));
        down = !down;
    }
    path.push('Z');
    path
}
