//! `wsconform grammar draw`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use wsconform_abnf::draw::{Pen, STYLE, boxes, railroad};
use wsconform_abnf::{Grammar, GrammarRule};

use super::super::{Stop, print};
use super::sources::{Sources, unknown_rule};

/// Draw rules as railroad diagrams, and those of octets and bits also as boxes (SVG).
///
/// The drawings need nothing from outside. In a folder there is a file for each rule and each box,
/// and `index.html`, a page of all of them, in which names lead to their rules.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsconform grammar draw date.abnf --out diagrams      # then open diagrams/index.html
  wsconform grammar draw date.abnf --rule date-time > date-time.svg")]
pub(super) struct Draw {
    #[command(flatten)]
    sources: Sources,
    /// Draw this rule only; may stand several times.
    #[arg(long, value_name = "RULE")]
    rule: Vec<String>,
    /// The folder to write to; it is made if need be. Without it, the diagram of one rule is
    /// printed.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Draw {
    pub(super) fn run(self) -> Result<u8, Stop> {
        let grammar = self.sources.grammar()?;
        let rules = self.rules(&grammar)?;
        match (&self.out, rules.as_slice()) {
            (Some(folder), rules) => write(folder, &grammar, rules),
            (None, [rule]) => {
                print(&railroad(rule, &Pen { link: &|_| None, style: true }));
                Ok(0)
            }
            (None, rules) => Err(Stop::usage(format!(
                "{} diagrams cannot be printed\nhelp: name a folder with --out, or one rule with \
                 --rule",
                rules.len()
            ))),
        }
    }

    /// The rules that are wanted: all of the grammar's own, unless some are named.
    fn rules<'g>(&self, grammar: &'g Grammar) -> Result<Vec<&'g GrammarRule>, Stop> {
        if self.rule.is_empty() {
            return Ok(grammar.rules().filter(|rule| !rule.is_imported()).collect());
        }
        let names = || grammar.rules().map(GrammarRule::name);
        let wanted = self.rule.iter();
        wanted.map(|name| grammar.rule(name).ok_or_else(|| unknown_rule(name, names()))).collect()
    }
}

fn write(folder: &Path, grammar: &Grammar, rules: &[&GrammarRule]) -> Result<u8, Stop> {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text)
            .map_err(|error| Stop::usage(format!("cannot write {}: {error}", path.display())))
    };
    fs::create_dir_all(folder)
        .map_err(|error| Stop::usage(format!("cannot make {}: {error}", folder.display())))?;

    let drawn: BTreeSet<&str> = rules.iter().map(|rule| rule.name()).collect();
    let mut figures = String::new();
    for rule in rules {
        let meant = |name: &str| {
            let meant = grammar.resolve(rule, name)?.name();
            drawn.contains(meant).then_some(meant)
        };
        let to_file = |name: &str| meant(name).map(|name| format!("{name}.svg"));
        let to_place = |name: &str| meant(name).map(|name| format!("#{name}"));
        let alone = Pen { link: &to_file, style: true };
        let in_page = Pen { link: &to_place, style: false };
        let name = rule.name();

        write(&format!("{name}.svg"), &railroad(rule, &alone))?;
        figures.push_str(&format!("<h2 id=\"{name}\">{name}</h2>\n"));
        figures.push_str(&format!("<figure>{}</figure>\n", railroad(rule, &in_page)));
        if let Some(drawing) = boxes(grammar, rule, &alone) {
            write(&format!("{name}.octets.svg"), &drawing)?;
        }
        if let Some(drawing) = boxes(grammar, rule, &in_page) {
            figures.push_str(&format!("<figure>{drawing}</figure>\n"));
        }
    }
    write("index.html", &page(&figures))?;
    print(&format!("{} in {}\n", counted(rules.len()), folder.join("index.html").display()));
    Ok(0)
}

fn page(figures: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Grammar</title>\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<style>\n\
         :root {{ color-scheme: light dark; }}\n\
         body {{ font-family: system-ui, sans-serif; margin: 2rem; }}\n\
         h2 {{ font-size: 1rem; margin: 2rem 0 0.5rem; }}\n\
         figure {{ margin: 0 0 1rem; overflow-x: auto; }}\n{STYLE}</style>\n{figures}</html>\n"
    )
}

fn counted(rules: usize) -> String {
    if rules == 1 { "1 rule".to_owned() } else { format!("{rules} rules") }
}
