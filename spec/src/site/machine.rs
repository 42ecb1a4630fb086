//! Drawings of the machines of the model: a line for each state, an arrow for each pair of states,
//! from top to bottom in the order of the rows.

use super::html::escaped;
use crate::model::{Machine, Row, Way};

/// The inputs that lead from one state to another, with what is seen on the way.
struct Arrow<'m> {
    from: usize,
    to: usize,
    inputs: Vec<&'m str>,
    told: Vec<String>,
}

const MARGIN: usize = 16;
const TOP: usize = 44;
const ROW: usize = 34;
/// Pixels that a character takes at 12 pixels.
const CHARACTER: usize = 8;
/// The least room between two states.
const LEAST: usize = 130;
/// Characters of a label on one line.
const LABEL: usize = 44;
const LINE: usize = 15;
/// How far a loop goes out.
const LOOP: usize = 24;

/// The machine as SVG; nothing for one with a single state, of which its rows say all.
pub(super) fn drawing(machine: &Machine) -> String {
    if machine.states.len() < 2 {
        return String::new();
    }
    let arrows = arrows(machine);
    let longest = machine.states.iter().map(|state| state.name.len()).max().unwrap_or(0);
    let gap = LEAST.max(longest * CHARACTER + 40);
    let x = |state: usize| MARGIN + gap / 2 + state * gap;
    let mut width = 2 * MARGIN + machine.states.len() * gap;
    let mut rows = String::new();
    let mut y = TOP + ROW;
    for arrow in &arrows {
        let label = label(&arrow.inputs);
        y += (label.len() - 1) * LINE;
        rows.push_str(&row(arrow, &label, y, &x));
        let columns = label.iter().map(String::len).max().unwrap_or(0);
        width = width.max(label_at(arrow, &x) + columns * CHARACTER + MARGIN);
        y += ROW;
    }
    let bottom = y - ROW / 2;
    let mut lines = String::new();
    for (index, state) in machine.states.iter().enumerate() {
        let (middle, half) = (x(index), (state.name.len() * CHARACTER + 20) / 2);
        lines.push_str(&format!(
            "<path class=\"life\" d=\"M{middle} {TOP}V{bottom}\"/>\
             <rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"26\" rx=\"8\"/>\
             <text class=\"state\" x=\"{middle}\" y=\"{}\">{}</text>",
            middle - half,
            TOP - 26,
            2 * half,
            TOP - 9,
            escaped(&state.name),
        ));
    }
    let begin = x(0);
    format!(
        "<figure><figcaption>{name}</figcaption>\
         <svg class=\"machine\" xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {width} {height}\"><title>States of {name}</title>\
         <circle cx=\"{begin}\" cy=\"6\" r=\"4\"/><path d=\"M{begin} 10V18\"/>\
         {lines}{rows}</svg></figure>\n",
        name = escaped(&machine.name),
        height = bottom + MARGIN,
    )
}

/// In the order in which the rows of the machine take them.
fn arrows(machine: &Machine) -> Vec<Arrow<'_>> {
    let mut arrows: Vec<Arrow<'_>> = Vec::new();
    for (from, state) in machine.states.iter().enumerate() {
        for row in &state.rows {
            for way in std::iter::once(&row.way).chain(&row.or) {
                let Some(to) = machine.state(&way.next) else { continue };
                let told = told(row, way);
                match arrows.iter_mut().find(|arrow| (arrow.from, arrow.to) == (from, to)) {
                    Some(arrow) => {
                        arrow.told.push(told);
                        if !arrow.inputs.contains(&row.input.as_str()) {
                            arrow.inputs.push(&row.input);
                        }
                    }
                    None => {
                        let inputs = vec![row.input.as_str()];
                        arrows.push(Arrow { from, to, inputs, told: vec![told] });
                    }
                }
            }
        }
    }
    arrows
}

fn told(row: &Row, way: &Way) -> String {
    format!("{}: {}", row.input, way.outcome)
}

/// The inputs, as many on a line as fit.
fn label(inputs: &[&str]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        let comma = if index + 1 < inputs.len() { "," } else { "" };
        match lines.last_mut() {
            Some(line) if line.len() + input.len() + 2 <= LABEL => {
                line.push_str(&format!(" {input}{comma}"));
            }
            _ => lines.push(format!("{input}{comma}")),
        }
    }
    lines
}

/// An arrow at height `y`, its label above it or beside its loop.
fn row(arrow: &Arrow<'_>, label: &[String], y: usize, x: &dyn Fn(usize) -> usize) -> String {
    let (from, to) = (x(arrow.from), x(arrow.to));
    let (path, last) = match arrow.from == arrow.to {
        true => (format!("M{from} {}h{LOOP}V{y}H{}", y - 12, from + 6), y - 2),
        false => (format!("M{from} {y}H{}", if from < to { to - 6 } else { to + 6 }), y - 6),
    };
    let at = label_at(arrow, x);
    let mut texts = String::new();
    for (index, line) in label.iter().rev().enumerate() {
        let height = last - index * LINE;
        texts.push_str(&format!("<text x=\"{at}\" y=\"{height}\">{}</text>", escaped(line)));
    }
    let side = if from < to { "l-9 -4v8z" } else { "l9 -4v8z" };
    format!(
        "<g><title>{}</title><path d=\"{path}\"/><path class=\"head\" d=\"M{to} {y}{side}\"/>{texts}</g>",
        escaped(&arrow.told.join("\n"))
    )
}

/// Where the label of an arrow begins.
fn label_at(arrow: &Arrow<'_>, x: &dyn Fn(usize) -> usize) -> usize {
    match arrow.from == arrow.to {
        true => x(arrow.from) + LOOP + 8,
        false => x(arrow.from.min(arrow.to)) + 10,
    }
}

#[cfg(test)]
mod tests {
    use crate::Book;

    #[test]
    fn each_pair_of_states_has_an_arrow() {
        let text = "# T\n\nr[a.b]\nIt MUST be.\n*Binds:* server. *Source:* RFC 6455, 1.\n\n\
                    ```model\nmachine door\nstate open\nshut, slam -> closed nothing : a.b\n\
                    knock -> open data : a.b\nstate closed\nshut, slam -> closed nothing : a.b\n\
                    knock -> open reply COMING : a.b\n```\n";
        let book = Book::from_texts([("10-a.md", text)]).unwrap();
        let svg = super::drawing(&book.model().machines()[0]);
        assert_eq!(svg.matches("class=\"head\"").count(), 4);
        assert!(svg.contains("<title>shut: nothing\nslam: nothing</title>"), "{svg}");
        assert!(svg.contains(">shut, slam</text>"));
    }
}
