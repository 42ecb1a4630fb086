"""Writes RESULTS.md, a view of the reports in reports/ and of explained/: results.py [--check]

With --check it writes nothing. Exits with 0 when the page, the reports, the explanations and the
pinned versions agree; with 1 and what differs on stderr when they don't.
"""

import gzip
import json
import sys
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from explained import Entry, differences, read_explained, read_sentences
from report import NonPass, Report, read_report
from testees import HERE, Testee, read_testees

REPORTS = HERE / "reports"
PAGE = HERE / "RESULTS.md"
WIRE_LINES = 3  # of the ways in which one requirement was violated

HEAD = """\
# What the suite says about the libraries of others

This page is a view of `reports/` and `explained/`, written by `./run --record`; do not edit it.
A **fail** violates a MUST, a **warn** a SHOULD. Cases that need what the library does not offer
(the control extension, an application) were skipped and are not counted.
"""


@dataclass(frozen=True)
class Result:
    """What one library is said to do in one role."""

    testee: Testee
    role: str
    subject: dict
    report: Report
    entries: list[Entry]


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print("usage: results.py [--check]", file=sys.stderr)
        return 2
    try:
        sentences = read_sentences()
        results, wrong = read_results(read_testees(), REPORTS)
    except (OSError, ValueError) as error:
        print(f"results.py: {error}", file=sys.stderr)
        return 1
    wrong += compare_sentences(sentences, results)
    page = page_of(results, sentences)
    if not arguments:
        PAGE.write_text(page, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
        wrong.append("RESULTS.md is not the view of the reports: run results.py")
    for each in wrong:
        print(f"results.py: {each}", file=sys.stderr)
    return 1 if wrong else 0


def read_results(testees: dict[str, Testee], reports: Path) -> tuple[list[Result], list[str]]:
    """Reads each report, and says what is missing, left over, outdated or not explained."""
    results, wrong = [], []
    left_over = {path.name for path in reports.iterdir()}
    for testee in testees.values():
        if testee.layer:
            continue
        entries = read_explained(testee.library)
        roles = [role for role, _ in testee.programs()]
        for entry in entries:
            if not set(entry.roles) <= set(roles):
                wrong.append(f"{testee.name}: {entry.requirement} is explained for a role it lacks")
        for role in roles:
            path = reports / f"{testee.name}-{role}.jsonl.gz"
            if path.name not in left_over:
                wrong.append(f"{path.name} is missing: run --record {testee.name}")
                continue
            left_over.remove(path.name)
            result = Result(testee, role, subject_of(path), read_report(path), entries)
            results.append(result)
            if result.subject["versions"] != testee.versions():
                wrong.append(f"{path.name} is of other versions than are pinned")
            found = differences(entries, role, result.report.non_passes)
            wrong += [f"{testee.name}-{role}: {each}" for each in found]
    wrong += [f"{name} is of no testee" for name in sorted(left_over)]
    return results, wrong


def compare_sentences(sentences: dict[str, str], results: list[Result]) -> list[str]:
    """Says which requirement has no sentence of the RFC, and which sentence nothing needs."""
    blamed = {each.requirement for result in results for each in result.report.non_passes}
    missing = [f"sentences.toml has none for {each}" for each in sorted(blamed - set(sentences))]
    left_over = [f"nothing needs the sentence for {each}" for each in sorted(set(sentences) - blamed)]
    return missing + left_over


def subject_of(path: Path) -> dict:
    """The record that `run` puts before those of the report: what was certified, and when."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        record = json.loads(next(lines))
    if record["type"] != "subject":
        raise ValueError(f"{path}: its first record is no subject")
    return record


def page_of(results: list[Result], sentences: dict[str, str]) -> str:
    lines = [HEAD]
    lines += ["| library | versions | role | cases | pass | warn | fail | on |"]
    lines += ["|---|---|---|--:|--:|--:|--:|---|"]
    for result in results:
        counts = result.report.counts
        numbers = [result.report.cases, counts["pass"], counts["warn"], counts["fail"]]
        cells = [
            f"[{result.testee.name}](#{result.testee.name})",
            ", ".join(result.subject["versions"]),
            result.role,
            *map(str, numbers),
            result.subject["date"],
        ]
        lines.append(f"| {' | '.join(cells)} |")
    for name, of_library in groupby(results, lambda result: result.testee.name):
        lines += ["", f"## {name}"]
        for result in of_library:
            lines += ["", f"### as a {result.role}", "", *section(result, sentences)]
    return "\n".join(lines) + "\n"


def section(result: Result, sentences: dict[str, str]) -> list[str]:
    """What the library is blamed for: failures first, by requirement, each with its explanations."""
    lines = []

    def key(each: NonPass) -> tuple[str, str]:
        return each.verdict, each.requirement

    for _, group in groupby(sorted(result.report.non_passes, key=key), key):
        blamed = list(group)
        lines += [
            f"- **{blamed[0].verdict}** `{blamed[0].requirement}`: {blamed[0].text} "
            f"({blamed[0].source})",
            f"  - RFC: {flat(sentences.get(blamed[0].requirement, '**no sentence**'))}",
        ]
        for entry in [*result.entries, None]:
            explained = [each for each in blamed if is_explained_by(entry, each, result.entries)]
            if explained:
                lines += wire(explained)
                lines += explanation(entry)
    return lines or ["Nothing to blame it for."]


def is_explained_by(entry: Entry | None, each: NonPass, entries: list[Entry]) -> bool:
    if entry is not None:
        return bool(entry.patterns_of(each))
    return not any(other.patterns_of(each) for other in entries)


def explanation(entry: Entry | None) -> list[str]:
    return ["  - **not explained**"] if entry is None else [f"  - library: {flat(entry.library)}"]


def wire(blamed: list[NonPass]) -> list[str]:
    """What was expected and what came, the most frequent first, each with its first case."""
    ways: dict[tuple[str, str], list[str]] = {}
    for each in blamed:
        ways.setdefault((each.expected, each.observed), []).append(each.case)
    ordered = sorted(ways.items(), key=lambda way: -len(way[1]))
    lines = []
    for (expected, observed), cases in ordered[:WIRE_LINES]:
        more = f" and {len(cases) - 1} more" if len(cases) > 1 else ""
        lines.append(f"  - wire: expected {expected}; came {observed}; in `{cases[0]}`{more}")
    rest = sum(len(cases) for _, cases in ordered[WIRE_LINES:])
    if rest:
        lines.append(f"  - and in {rest} more case{'s' if rest > 1 else ''} in a like way")
    return lines


def flat(text: str) -> str:
    """A text of several lines in one."""
    return " ".join(text.split())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
