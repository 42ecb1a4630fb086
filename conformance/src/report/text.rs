//! The summary for people.

use anstyle::{AnsiColor, Style};

use super::jsonl::Report;
use super::model::{
    Blame, CaseRecord, Counts, Direction, EndRecord, OctetsRecord, RunRecord, RunVerdict,
    TranscriptEntry, Verdict,
};
use super::page::{Page, Span, whole, words};

/// How the summary is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextOptions {
    /// Whether with colours, as ANSI escape sequences.
    pub coloured: bool,
    /// Whether with a line for each case, and what went over the wire in those that did not pass.
    pub verbose: bool,
    /// The width in columns at which lines are wrapped. Ids, octets and commands never are.
    pub width: usize,
}

impl Default for TextOptions {
    fn default() -> Self {
        TextOptions { coloured: false, verbose: false, width: 100 }
    }
}

/// Draws the summary, from the endpoint at its top to the verdict in its last line. What failed is
/// grouped by the requirement that was violated: one fault that fails forty cases is one entry.
pub fn render(report: &Report, options: TextOptions) -> String {
    let mut page = Page::new(options.coloured, options.width.max(40));
    heading(&mut page, &report.run);
    table(&mut page, &report.cases);
    if options.verbose {
        all_cases(&mut page, &report.cases);
    }
    violations(&mut page, &report.cases, options.verbose);
    not_judged(&mut page, &report.cases);
    second_attempts(&mut page, &report.cases);
    skipped(&mut page, &report.cases);
    observations(&mut page, &report.cases);
    conclusion(&mut page, report);
    page.finish()
}

/// How many ids a list names before it says how many more there are.
const LISTED: usize = 6;

/// The columns of an entry: its body, and what stands behind the labels of its lines.
const BODY: usize = 5;
const VALUE: usize = BODY + 9;

/// Parts of what came that an entry shows: enough for a frame, and for the first lines of a head.
const RECORDS: usize = 5;

/// Rows of octets that a part shows whole.
const ROWS: usize = 2;

/// The width of the column of octets: eight of them.
const OCTETS: usize = 23;

const PLAIN: Style = Style::new();
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

fn style_of(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Pass => AnsiColor::Green.on_default(),
        Verdict::Warn => AnsiColor::Yellow.on_default(),
        Verdict::Fail => AnsiColor::Red.on_default(),
        Verdict::Skip => AnsiColor::Cyan.on_default(),
        Verdict::Inconclusive => AnsiColor::Magenta.on_default(),
    }
}

/// What was run against whom.
fn heading(page: &mut Page, run: &RunRecord) {
    let list = |names: &[String], none: &str| {
        if names.is_empty() { none.to_owned() } else { names.join(", ") }
    };
    let mut spans = vec![words(BOLD, format!("wsconform {}", run.suite))];
    for part in [
        run.role.clone(),
        run.target.clone(),
        list(&run.found.applications, "no application"),
        list(&run.found.capabilities, "no capability"),
        format!("seed {}", run.seed),
    ] {
        spans.push(words(DIM, " · "));
        spans.push(whole(PLAIN, part));
    }
    page.line(0, 2, spans);
}

/// A line per group of cases: how many had which verdict.
fn table(page: &mut Page, cases: &[CaseRecord]) {
    let groups = grouped(cases.iter().map(|case| (group_of(&case.id), case.verdict)));
    if groups.is_empty() {
        return;
    }
    let rows: Vec<(Span, Counts)> = groups
        .into_iter()
        .map(|(group, verdicts)| (whole(PLAIN, group), verdicts.into_iter().collect()))
        .collect();
    let widest = rows.iter().map(|(name, _)| name.length()).max().unwrap_or(0);
    page.gap();
    let titles =
        Verdict::ALL.map(|verdict| whole(DIM, format!("{:>1$}", verdict.name(), column(verdict))));
    page.line(2 + widest, 0, titles);
    for (name, counts) in rows {
        let filler = whole(PLAIN, " ".repeat(widest - name.length()));
        let cells = Verdict::ALL.map(|verdict| {
            let (style, shown) = match counts.of(verdict) {
                0 => (DIM, "·".to_owned()),
                count => (style_of(verdict), count.to_string()),
            };
            whole(style, format!("{shown:>0$}", column(verdict)))
        });
        page.line(2, 0, [name, filler].into_iter().chain(cells));
    }
}

/// The width of the column of a verdict in the table.
fn column(verdict: Verdict) -> usize {
    verdict.name().len() + 3
}

/// The part of the book that a case belongs to: the first segment of its id.
fn group_of(id: &str) -> &str {
    id.split(['.', '/']).next().unwrap_or(id)
}

/// A line for each case; below those that did not pass, what went over the wire.
fn all_cases(page: &mut Page, cases: &[CaseRecord]) {
    page.gap();
    for case in cases {
        let mut spans = vec![
            whole(style_of(case.verdict), format!("{:<12}", case.verdict.name())),
            whole(DIM, format!("{:>7} ms  ", case.ms)),
            whole(PLAIN, &case.id),
        ];
        spans.extend(case.reason.iter().map(|reason| words(PLAIN, format!(": {reason}"))));
        page.line(2, VALUE, spans);
        for blame in &case.blame {
            let told = format!(": expected {}, observed {}", blame.expected, blame.observed);
            page.line(VALUE, VALUE + 2, [whole(PLAIN, &blame.requirement), words(PLAIN, told)]);
        }
        if !case.first_transcript.is_empty() {
            page.line(VALUE, VALUE, [words(DIM, "first attempt")]);
            transcript(page, &case.first_transcript);
            page.line(VALUE, VALUE, [words(DIM, "second attempt")]);
        }
        transcript(page, &case.transcript);
    }
}

/// A line for each write or read; as many octets as fit.
fn transcript(page: &mut Page, entries: &[TranscriptEntry]) {
    for entry in entries {
        let direction = match entry.direction {
            Direction::Sent => ">",
            Direction::Received => "<",
        };
        let connection = entry.connection.as_ref().map(|name| format!("{name} "));
        let head = whole(
            DIM,
            format!("{:>4} ms {}{direction} ", entry.ms, connection.unwrap_or_default()),
        );
        let length = format!(" ({} octets)", entry.length);
        let room = page.width().saturating_sub(VALUE + head.length() + " …".len() + length.len());
        let (shown, cut) = fitting(&entry.octets, room.max(OCTETS));
        let mut spans = vec![head, whole(PLAIN, shown)];
        if cut {
            spans.push(whole(PLAIN, " …"));
        }
        if cut || entry.octets.contains('…') {
            spans.push(whole(DIM, length));
        }
        page.line(VALUE, VALUE, spans);
    }
}

/// The first words that fit, and whether that cuts any off.
fn fitting(text: &str, room: usize) -> (String, bool) {
    let mut shown = String::new();
    for word in text.split_whitespace() {
        if !shown.is_empty() && shown.chars().count() + 1 + word.chars().count() > room {
            return (shown, true);
        }
        if !shown.is_empty() {
            shown.push(' ');
        }
        shown.push_str(word);
    }
    (shown, false)
}

/// What was violated: an entry per requirement, those that fail first.
fn violations(page: &mut Page, cases: &[CaseRecord], verbose: bool) {
    let guilty =
        || cases.iter().filter(|case| matches!(case.verdict, Verdict::Fail | Verdict::Warn));
    let mut entries = grouped(guilty().flat_map(|case| {
        case.blame.iter().map(move |blame| (blame.requirement.as_str(), (blame, case)))
    }));
    let severity =
        |sightings: &[(&Blame, &CaseRecord)]| sightings.first().map(|(blame, _)| severity(blame));
    entries.sort_by_key(|(_, sightings)| severity(sightings) != Some(Verdict::Fail));
    for (_, sightings) in &entries {
        if let Some(((blame, case), others)) = sightings.split_first() {
            let most = if verbose { usize::MAX } else { RECORDS };
            violation(page, blame, case, others.iter().map(|(_, case)| *case), most);
        }
    }
    for case in guilty().filter(|case| case.blame.is_empty()) {
        page.gap();
        let reason = case.reason.as_deref().unwrap_or("the report names no requirement");
        let head = [verdict_word(case.verdict), whole(BOLD, &case.id)];
        page.line(0, BODY, head.into_iter().chain([words(PLAIN, format!("  {reason}"))]));
        again(page, case);
    }
}

/// The verdict that a violation gives: its requirement's level decides.
fn severity(blame: &Blame) -> Verdict {
    if blame.level.starts_with("SHOULD") { Verdict::Warn } else { Verdict::Fail }
}

/// A requirement that was violated: the first sighting in full, the others by the ids of their
/// cases.
fn violation<'a>(
    page: &mut Page,
    blame: &Blame,
    case: &CaseRecord,
    others: impl Iterator<Item = &'a CaseRecord>,
    most_records: usize,
) {
    page.gap();
    let mut head = vec![
        verdict_word(severity(blame)),
        whole(BOLD, &blame.requirement),
        whole(PLAIN, format!("  {}", blame.level)),
    ];
    if !blame.source.is_empty() {
        head.push(words(DIM, format!("  ({})", blame.source)));
    }
    page.line(0, BODY, head);
    page.line(BODY, BODY, [words(PLAIN, one_line(&blame.text))]);
    let by = [words(PLAIN, format!("the {}, in ", blame.party)), whole(BOLD, &case.id)];
    let at = [words(PLAIN, " "), whole(DIM, format!("({})", blame.at))];
    labelled(page, "by", by.into_iter().chain(at));
    steps(page, case);
    labelled(page, "expected", [words(PLAIN, &blame.expected)]);
    labelled(page, "observed", [words(PLAIN, &blame.observed)]);
    let shown = blame.octets.len().min(most_records);
    octets(page, &blame.octets[..shown]);
    if shown < blame.octets.len() {
        let more = format!("… and {} more parts (--verbose)", blame.octets.len() - shown);
        labelled(page, "", [words(DIM, more)]);
    }
    let mut ids: Vec<&str> = Vec::new();
    for other in others {
        if other.id != case.id && !ids.contains(&other.id.as_str()) {
            ids.push(&other.id);
        }
    }
    if !ids.is_empty() {
        labelled(page, "also in", id_list(&ids));
    }
    again(page, case);
}

/// The steps of a walk, one a line; of many, the last ones, for they decide.
fn steps(page: &mut Page, case: &CaseRecord) {
    const SHOWN: usize = 16;
    let left_out = case.steps.len().saturating_sub(SHOWN);
    let mut label = "steps";
    if left_out > 0 {
        labelled(page, label, [words(DIM, format!("… {left_out} more (--report FILE has all)"))]);
        label = "";
    }
    for step in &case.steps[left_out..] {
        labelled(page, label, [words(PLAIN, step)]);
        label = "";
    }
}

/// Annotated octets: offset, eight of them a line, meaning.
fn octets(page: &mut Page, records: &[OctetsRecord]) {
    let split = |record: &OctetsRecord| {
        let mut rows = packed(&record.octets, OCTETS);
        if rows.len() > ROWS {
            rows.truncate(1);
            rows.push(format!("… of {} octets", record.end.saturating_sub(record.start)));
        }
        rows
    };
    let widest = records.iter().flat_map(split).map(|row| row.chars().count()).max().unwrap_or(0);
    let mut label = "octets";
    for record in records {
        let offset = format!("0x{:04X}", record.start);
        let room = page.width().saturating_sub(VALUE + offset.len() + widest + 6).max(OCTETS);
        let (octets, meaning) = (split(record), packed(&record.meaning, room));
        for index in 0..octets.len().max(meaning.len()).max(1) {
            let place = if index == 0 { offset.as_str() } else { "" };
            let octets = octets.get(index).map_or("", String::as_str);
            let meaning = meaning.get(index).map_or("", String::as_str);
            let row = format!("{place:<0$} | {octets:<widest$} | {meaning}", offset.len());
            labelled(page, label, [whole(PLAIN, row.trim_end())]);
            label = "";
        }
    }
}

/// The words of a text, as many on a line as fit.
fn packed(text: &str, room: usize) -> Vec<String> {
    let text = super::clean(text);
    let mut rows: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match rows.last_mut() {
            Some(row) if row.chars().count() + 1 + word.chars().count() <= room => {
                row.push(' ');
                row.push_str(word);
            }
            _ => rows.push(word.to_owned()),
        }
    }
    rows
}

/// Cases of which nothing can be said: an entry per reason.
fn not_judged(page: &mut Page, cases: &[CaseRecord]) {
    for (reason, cases) in by_reason(cases, Verdict::Inconclusive) {
        page.gap();
        page.line(0, BODY, [verdict_word(Verdict::Inconclusive), words(PLAIN, reason)]);
        let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
        labelled(page, "in", id_list(&ids));
        if let Some(first) = cases.first() {
            again(page, first);
        }
    }
}

/// Cases that were passed, with something to say about it.
fn second_attempts(page: &mut Page, cases: &[CaseRecord]) {
    let passed = cases.iter().filter(|case| case.verdict == Verdict::Pass);
    let said = grouped(passed.filter_map(|case| Some((case.reason.as_deref()?, case.id.as_str()))));
    for (reason, ids) in said {
        page.gap();
        let head = words(PLAIN, format!("{} {reason}: ", ids.len()));
        page.line(0, BODY, std::iter::once(head).chain(id_list(&ids)));
    }
}

/// How many cases were skipped, by reason.
fn skipped(page: &mut Page, cases: &[CaseRecord]) {
    let groups = by_reason(cases, Verdict::Skip);
    if !groups.is_empty() {
        page.gap();
    }
    for (reason, cases) in groups {
        let count = words(style_of(Verdict::Skip), format!("{} skipped", cases.len()));
        page.line(0, BODY, [count, words(PLAIN, format!(": {reason}"))]);
    }
}

/// The cases of a verdict, by reason.
fn by_reason(cases: &[CaseRecord], verdict: Verdict) -> Vec<(&str, Vec<&CaseRecord>)> {
    grouped(
        cases
            .iter()
            .filter(|case| case.verdict == verdict)
            .map(|case| (case.reason.as_deref().unwrap_or("no reason given"), case)),
    )
}

/// Which of several permitted things the endpoint did.
fn observations(page: &mut Page, cases: &[CaseRecord]) {
    let seen = grouped(cases.iter().flat_map(|case| {
        let id = case.id.as_str();
        case.observations.iter().map(move |(name, value)| ((name, value), id))
    }));
    if !seen.is_empty() {
        page.gap();
        page.line(0, 0, [words(BOLD, "observed, and permitted")]);
    }
    for ((name, value), ids) in seen {
        let Some((first, others)) = ids.split_first() else { continue };
        let more = match others.len() {
            0 => ")".to_owned(),
            count => format!(" and {count} more)"),
        };
        let value = [whole(PLAIN, name), words(PLAIN, format!(": {value} "))];
        let source = [whole(DIM, format!("({first}")), words(DIM, more)];
        page.line(2, BODY, value.into_iter().chain(source));
    }
}

/// The verdict on the endpoint; above it, loudly, if the run did not reach its end.
fn conclusion(page: &mut Page, report: &Report) {
    let counts = report.cases.iter().map(|case| case.verdict).collect();
    let killed = EndRecord {
        complete: false,
        reason: Some("the report has no end, its run was killed".to_owned()),
        verdict: RunVerdict::of(&counts, false),
        counts,
        ms: 0,
        quick_ms: None,
    };
    let end = report.end.as_ref().unwrap_or(&killed);
    page.gap();
    if !end.complete {
        let loud = words(style_of(Verdict::Fail).bold(), "INCOMPLETE RUN: ");
        let reason = end.reason.as_deref().unwrap_or("no reason given");
        let told = format!("{reason}; not all selected cases are in this report");
        page.line(0, BODY, [loud, words(PLAIN, told)]);
    }
    let (style, verdict) = match end.verdict {
        RunVerdict::Met if end.counts.warn > 0 => (
            style_of(Verdict::Warn),
            format!("met, with {}", counted(end.counts.warn, "warning", "warnings")),
        ),
        RunVerdict::Met => (style_of(Verdict::Pass), "met".to_owned()),
        RunVerdict::NotMet => (style_of(Verdict::Fail), "not met".to_owned()),
        RunVerdict::Inconclusive => (style_of(Verdict::Inconclusive), "inconclusive".to_owned()),
    };
    let mut parts = tally(end);
    parts.extend(report.end.as_ref().map(time));
    let parts = format!(": {}", parts.join(", "));
    page.line(0, BODY, [words(style.bold(), verdict), words(PLAIN, parts)]);
}

/// How many cases had which verdict, the worst first, without those that the verdict on the
/// endpoint names already.
fn tally(end: &EndRecord) -> Vec<String> {
    let Counts { pass, warn, fail, skip, inconclusive } = end.counts;
    if end.counts.total() == 0 {
        return vec!["no case was run".to_owned()];
    }
    let warn = if end.verdict == RunVerdict::Met { 0 } else { warn };
    let all = [
        (fail, counted(fail, "failed", "failed")),
        (inconclusive, counted(inconclusive, "could not be judged", "could not be judged")),
        (warn, counted(warn, "warning", "warnings")),
        (pass, counted(pass, "passed", "passed")),
        (skip, counted(skip, "skipped", "skipped")),
    ];
    all.into_iter().filter(|(count, _)| *count > 0).map(|(_, told)| told).collect()
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// How long it took, and how much of that is left without the slow cases.
fn time(end: &EndRecord) -> String {
    let whole = duration(end.ms);
    match end.quick_ms {
        Some(quick) => format!("in {whole} ({} without the slow ones)", duration(quick)),
        None => format!("in {whole}"),
    }
}

fn duration(ms: u64) -> String {
    match ms {
        0..100 => format!("{ms} ms"),
        _ => format!("{}.{:02} s", ms / 1000, ms % 1000 / 10),
    }
}

/// The verdict as the first word of an entry.
fn verdict_word(verdict: Verdict) -> Span {
    words(style_of(verdict).bold(), format!("{} ", verdict.name().to_uppercase()))
}

/// A line of an entry, behind its label.
fn labelled(page: &mut Page, label: &str, spans: impl IntoIterator<Item = Span>) {
    let label = whole(DIM, format!("{label:<0$}", VALUE - BODY));
    page.line(BODY, VALUE, std::iter::once(label).chain(spans));
}

/// The command that runs the case alone, on one line to be copied.
fn again(page: &mut Page, case: &CaseRecord) {
    if let Some(command) = &case.reproduce {
        labelled(page, "again", [whole(PLAIN, command)]);
    }
}

/// Some ids, and how many more there are.
fn id_list(ids: &[&str]) -> Vec<Span> {
    let mut spans = Vec::new();
    for (index, id) in ids.iter().take(LISTED).enumerate() {
        if index > 0 {
            spans.push(words(PLAIN, ", "));
        }
        spans.push(whole(PLAIN, id));
    }
    if ids.len() > LISTED {
        spans.push(words(PLAIN, format!(" and {} more", ids.len() - LISTED)));
    }
    spans
}

/// A sentence that may have stood on several lines, on one.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Values by key, keys in the order in which they first appear.
fn grouped<K: PartialEq, V>(items: impl IntoIterator<Item = (K, V)>) -> Vec<(K, Vec<V>)> {
    let mut groups: Vec<(K, Vec<V>)> = Vec::new();
    for (key, value) in items {
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => groups.push((key, vec![value])),
        }
    }
    groups
}

#[cfg(test)]
mod tests;
