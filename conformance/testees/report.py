"""Reads reports as `wsconform certify --report` writes them, plain or compressed."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

NON_PASSES = ("fail", "warn")


@dataclass(frozen=True)
class NonPass:
    """One requirement that one case found violated, and what was on the wire."""

    verdict: str
    case: str
    requirement: str
    source: str
    text: str
    expected: str
    observed: str


@dataclass(frozen=True)
class Report:
    run: dict
    counts: dict[str, int]
    cases: int
    non_passes: list[NonPass]


def read_report(path: Path) -> Report:
    """Raises ValueError where it can't be trusted: it is cut off, or not a report."""
    run, end = None, None
    cases = 0
    non_passes: list[NonPass] = []
    for number, line in enumerate(text_of(path).splitlines(), start=1):
        try:
            record = json.loads(line)
            match record["type"]:
                case "run":
                    run = record
                case "case":
                    cases += record["verdict"] != "skip"
                    non_passes += read_case(record)
                case "end" if record["complete"] is True:
                    end = record
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path}:{number}: not a record of a report: {error!r}") from error
    if run is None or end is None:
        raise ValueError(f"{path}: the report is not complete: no verdict can be trusted")
    return Report(run, end["counts"], cases, non_passes)


def read_case(record: dict) -> list[NonPass]:
    if record["verdict"] == "inconclusive":
        raise ValueError(f"{record['id']} is inconclusive")
    if record["verdict"] not in NON_PASSES:
        return []
    fields = ("requirement", "source", "text", "expected", "observed")
    found = [
        NonPass(record["verdict"], record["id"], *(blame[field] for field in fields))
        for blame in record["blame"]
    ]
    if not found:
        raise ValueError(f"{record['id']} is no pass, and blames nothing")
    return found


def text_of(path: Path) -> str:
    octets = path.read_bytes()
    return (gzip.decompress(octets) if path.suffix == ".gz" else octets).decode("utf-8")


def compress(path: Path, to: Path) -> None:
    """The same report gives the same octets, whenever it is compressed."""
    to.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
