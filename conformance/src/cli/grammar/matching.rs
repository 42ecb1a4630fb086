//! `wsconform grammar match`.

use clap::{Args, ValueEnum};
use wsconform_abnf::program::{Options, Program};
use wsconform_abnf::recognise::{
    Detail, Matcher, Mismatch, Node, STEP_LIMIT, Status, Tree, Verdict,
};

use super::super::{Stop, print};
use super::given::{Context, Wanted};
use super::input::{Input, excerpt, shown};
use super::sources::{Sources, UnitName};

/// More lines of a tree are not shown.
const LINE_LIMIT: usize = 10_000;

/// Say whether octets match a rule, and how, or where and why not.
///
/// A match is shown with its tree: which octets each rule took (from the first to before the last,
/// counted from 0), and what they are. Where several trees fit, it is the one that takes the first
/// alternative that leads to a match and lets each repetition and rule take as much as it can.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsconform grammar match date-time date.abnf --text 1985-04-12T23:20:50Z
  wsconform grammar match message message.abnf --input captured.bin --given sender=client
  wsconform grammar match frame-from-server --book --hex \"81 05 48 65 6C 6C 6F\" --stream

Exit codes: 0 match; 1 mismatch; 2 wrong usage or bad input; 3 incomplete, or undecided.")]
pub(super) struct Match {
    /// The rule, without regard to case; with --book also an entry such as frame-from-client.
    rule: String,
    #[command(flatten)]
    sources: Sources,
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    context: Context,
    /// What values are where no directive says otherwise.
    #[arg(long, value_name = "UNIT", default_value = "octet")]
    unit: UnitName,
    /// Pass over the directives, as other tools do.
    #[arg(long)]
    pure: bool,
    /// What to show of a match.
    #[arg(long, value_name = "WHAT", default_value = "rules")]
    tree: TreeDetail,
    /// Take the octets one by one, and say when what is known of them changes.
    #[arg(long)]
    stream: bool,
    /// Give up after so many steps.
    #[arg(long, value_name = "NUMBER", default_value_t = STEP_LIMIT)]
    steps: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TreeDetail {
    /// Nothing.
    None,
    /// A line for each use of a rule, but for those that stand for single octets.
    Rules,
    /// A line for each use of a rule.
    All,
}

impl Match {
    pub(super) fn run(self) -> Result<u8, Stop> {
        if self.sources.takes_stdin() && self.input.takes_stdin() {
            return Err(Stop::usage("the standard input cannot hold both rules and octets"));
        }
        let program = self.sources.program(Options { unit: self.unit.into(), pure: self.pure })?;
        let wanted = self.context.of(&program, &self.rule, self.sources.is_book())?;
        let octets = self.input.octets()?;
        let Some(matcher) = Matcher::new(&program, &wanted.rule) else {
            return Err(Stop::usage(format!("the grammar has no rule `{}`", wanted.rule)));
        };
        let detail = match self.tree {
            TreeDetail::None | TreeDetail::Rules => Detail::Rules,
            TreeDetail::All => Detail::Everything,
        };
        let matcher = matcher.step_limit(self.steps).detail(detail);
        let verdict = if self.stream {
            streamed(&matcher, &wanted, &octets)
        } else {
            matcher.recognise(&octets, &wanted.given)
        };
        let (text, code) = self.told(&program, &wanted, &octets, &verdict);
        print(&text);
        Ok(code)
    }

    fn told(
        &self,
        program: &Program,
        wanted: &Wanted,
        octets: &[u8],
        verdict: &Verdict,
    ) -> (String, u8) {
        let rule = &wanted.rule;
        match verdict {
            Verdict::Match(tree) => {
                let mut text = format!("match: {} are `{rule}`\n", counted(octets.len()));
                if !matches!(self.tree, TreeDetail::None) {
                    text.push_str(&drawn(program, octets, tree));
                }
                (text, 0)
            }
            Verdict::Mismatch(mismatch) => {
                let mut text = explained(program, octets, mismatch);
                for name in missing(wanted, mismatch) {
                    text.push_str(&format!("help: nothing was given for `{name}`; see --given\n"));
                }
                (text, 1)
            }
            Verdict::Incomplete => {
                let text = format!(
                    "incomplete: {} may be the beginning of `{rule}`\n{}",
                    counted(octets.len()),
                    excerpt(octets, octets.len()..octets.len())
                );
                (text, 3)
            }
            Verdict::Undecided(reason) => (format!("undecided: {reason}\n"), 3),
        }
    }
}

/// Pushes the octets one by one and prints what is known after them.
fn streamed(matcher: &Matcher<'_>, wanted: &Wanted, octets: &[u8]) -> Verdict {
    let mut recognition = matcher.start(wanted.given.clone());
    let mut known = recognition.status();
    print(&format!("after 0: {}\n", named(known)));
    for (index, octet) in octets.iter().enumerate() {
        recognition.push(&[*octet]);
        let status = recognition.status();
        if status != known {
            print(&format!("after {}: {}\n", index + 1, named(status)));
            known = status;
        }
    }
    matcher.recognise(octets, &wanted.given)
}

fn named(status: Status) -> &'static str {
    match status {
        Status::Match { may_go_on: true } => "match, and more may follow",
        Status::Match { may_go_on: false } => "match",
        Status::Incomplete => "incomplete",
        Status::Mismatch => "mismatch",
        Status::Undecided => "undecided",
    }
}

/// A line for each use of a rule: its name, indented, its octets, and what they are.
fn drawn(program: &Program, octets: &[u8], tree: &Tree) -> String {
    let mut lines: Vec<(String, Node<'_>)> = Vec::new();
    let mut waiting = vec![(0, tree.root())];
    while let Some((depth, node)) = waiting.pop() {
        if lines.len() == LINE_LIMIT {
            break;
        }
        // Deep trees are shown as if they were less deep: their lines have to stay short.
        let indent = "  ".repeat(std::cmp::min(depth, 40));
        lines.push((format!("{indent}{}", program.rule(node.rule()).name), node));
        waiting.extend(node.children().rev().map(|child| (depth + 1, child)));
    }
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for (name, node) in &lines {
        let span = node.span();
        let span = format!("{}..{}", span.start, span.end);
        let line = format!("  {name:<width$}  {span:<9} {}", value(program, octets, *node));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if !waiting.is_empty() {
        text.push_str(&format!("  and more, of which {LINE_LIMIT} lines are shown\n"));
    }
    text
}

/// The fields of a use of a rule; or its octets, if no part of it tells them.
fn value(program: &Program, octets: &[u8], node: Node<'_>) -> String {
    let fields = node.fields(program, octets);
    if !fields.is_empty() {
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        return fields.join(" ");
    }
    if node.children().next().is_some() || node.span().is_empty() {
        return String::new();
    }
    shown(&node.octets(octets))
}

fn explained(program: &Program, octets: &[u8], mismatch: &Mismatch) -> String {
    let place = match mismatch.violations.first() {
        Some(violation) => violation.octets.clone(),
        None => mismatch.offset..mismatch.offset,
    };
    let fail = match mismatch.fail() {
        Some(fail) => format!("due: {} for {}\n", fail.code, fail.requirement),
        None => String::new(),
    };
    format!("mismatch: {}\n{}{fail}", mismatch.describe(program), excerpt(octets, place))
}

/// The names of the context that a violated directive reads, and to which nothing was given.
fn missing<'w>(wanted: &'w Wanted, mismatch: &Mismatch) -> Vec<&'w str> {
    let is_word = |one: char| one.is_ascii_alphanumeric() || one == '-';
    let texts = mismatch.violations.iter().map(|violation| violation.text.as_str());
    let words: Vec<&str> = texts.flat_map(|text| text.split(|one| !is_word(one))).collect();
    let names = wanted.missing.iter().map(String::as_str);
    names.filter(|name| words.iter().any(|word| word.eq_ignore_ascii_case(name))).collect()
}

fn counted(octets: usize) -> String {
    if octets == 1 { "1 octet".to_owned() } else { format!("{octets} octets") }
}
