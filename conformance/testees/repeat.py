"""Certifies an endpoint again and again, and compares what is said: repeat.py TIMES COMMAND...

COMMAND is `wsconform certify` with a target. It runs TIMES times: one case at a time, sixteen, and
as many as the harness takes by itself, in turn. Verdicts, the requirements that are blamed, the
observations and the reasons of skipped cases have to be the same each time; how long things took
and whether a stream ended or was reset may differ.

Exits with 0 when they are, with 1 and the differences on stdout when they aren't, with 2 and the
reason on stderr when a run can't be read.
"""

import json
import subprocess
import sys
from pathlib import Path

JOBS = (["--jobs", "1"], ["--jobs", "16"], [])

Said = dict[str, str]  # case id -> what a run says of it


def main(times: int, command: list[str], folder: Path = Path()) -> int:
    runs: list[tuple[str, Said]] = []
    for number in range(times):
        jobs = JOBS[number % len(JOBS)]
        told = [*command, *jobs, "--report", "-"]
        report = subprocess.run(told, cwd=folder, stdout=subprocess.PIPE, text=True)
        try:
            runs.append((f"run {number + 1} {' '.join(jobs)}".rstrip(), read(report.stdout)))
        except (ValueError, KeyError, TypeError) as error:
            print(f"repeat.py: run {number + 1} left no complete report: {error}", file=sys.stderr)
            return 2
    found = differences(runs)
    for difference in found:
        print(difference)
    print(f"{times} runs of {len(runs[0][1])} cases: {len(found)} differ")
    return 1 if found else 0


def read(report: str) -> Said:
    """What a report says of each case."""
    said: Said = {}
    complete = False
    for record in map(json.loads, report.splitlines()):
        if record["type"] == "case":
            blame = sorted({each["requirement"] for each in record.get("blame", [])})
            seen = sorted(record.get("observations", {}).items())
            parts = [record["verdict"], *blame, *map(": ".join, seen), record.get("reason") or ""]
            said[record["id"]] = ", ".join(part for part in parts if part)
        complete = record["type"] == "end" and record["complete"] is True
    if not complete:
        raise ValueError("it has no end")
    return said


def differences(runs: list[tuple[str, Said]]) -> list[str]:
    """Says of each case on which runs disagree what the first says, and what another one."""
    first_name, first = runs[0]
    lines = []
    for case in sorted({case for _, said in runs for case in said}):
        for name, said in runs[1:]:
            if said.get(case) != first.get(case):
                lines.append(f"{case}: {first_name}: {first.get(case)}; {name}: {said.get(case)}")
                break
    return lines


if __name__ == "__main__":
    if len(sys.argv) < 3 or not sys.argv[1].isdecimal() or int(sys.argv[1]) < 2:
        print("usage: repeat.py TIMES COMMAND...", file=sys.stderr)
        sys.exit(2)
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
