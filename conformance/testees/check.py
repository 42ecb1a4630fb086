"""Compares the blame in a report with the expected blame: check.py REPORT EXPECTED.

REPORT is JSON Lines as `wsconform certify --report` writes it. EXPECTED lists what the endpoint is
rightly blamed for, an entry a line; blank lines and lines that begin with `#` are skipped, and a
file that doesn't exist expects no blame:

    CASE-ID  REQUIREMENT-ID  # why the blame is right

Exits with 0 when the two agree, with 1 and the differences on stdout when they don't, with 2 and
the reason on stderr when one can't be read.
"""

import json
import re
import sys
from pathlib import Path

ENTRY = re.compile(r"(?P<case>\S.*?)\s+(?P<requirement>\S+)\s+#\s*\S")

Blame = dict[str, set[str]]  # case id -> ids of the requirements it violated


def main(report: Path, expected: Path) -> int:
    try:
        verdicts, observed = read_report(report)
        differences = compare(read_expected(expected), observed, verdicts)
    except (OSError, ValueError) as error:
        print(f"check.py: {error}", file=sys.stderr)
        return 2
    if differences:
        print(f"The blame in {report.name} is not that in {expected.name}:")
        for difference in differences:
            print(f"  {difference}")
    return 1 if differences else 0


def compare(expected: Blame, observed: Blame, verdicts: dict[str, str]) -> list[str]:
    """Says each difference in a line, in the order of the case ids."""
    differences = []
    for case in sorted(expected.keys() | observed.keys()):
        wanted, found = expected.get(case, set()), observed.get(case, set())
        if not wanted:
            differences.append(f"unexpected failure: {case} blames {names(found)}")
        elif case not in verdicts:
            differences.append(f"unused entry: {case} was not run; expected {names(wanted)}")
        elif case not in observed:
            differences.append(
                f"unexpected {verdicts[case]}: {case} no longer blames {names(wanted)}"
            )
        elif wanted != found:
            differences.append(
                f"changed blame: {case} blames {names(found)}; expected {names(wanted)}"
            )
    return differences


def names(requirements: set[str]) -> str:
    return ", ".join(sorted(requirements)) or "nothing"


def read_report(path: Path) -> tuple[dict[str, str], Blame]:
    """Reads the verdict of each case, and the blame of those that failed."""
    verdicts: dict[str, str] = {}
    blame: Blame = {}
    records = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            record = json.loads(line)
            records.append(record["type"])
            if record["type"] == "case":
                verdicts[record["id"]] = record["verdict"]
                if record["verdict"] == "fail":
                    blame[record["id"]] = {each["requirement"] for each in record["blame"]}
            complete = record["type"] == "end" and record["complete"] is True
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path}:{number}: not a record of a report: {error!r}") from error
    if records[:1] != ["run"] or not complete:
        raise ValueError(f"{path}: the report is not complete: no verdict can be trusted")
    return verdicts, blame


def read_expected(path: Path) -> Blame:
    """Reads the entries, each with its reason."""
    blame: Blame = {}
    if not path.exists():
        return blame
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        entry = ENTRY.match(line)
        if entry is None:
            raise ValueError(f"{path}:{number}: not of the form: CASE-ID  REQUIREMENT-ID  # reason")
        blame.setdefault(entry["case"], set()).add(entry["requirement"])
    return blame


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print("usage: check.py REPORT EXPECTED", file=sys.stderr)
        sys.exit(2)
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
