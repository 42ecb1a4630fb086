"""The explanations of what a library is rightly blamed for, and their comparison with a report.

explained/LIBRARY.toml holds those of a library, each a table [[entry]]:

    requirement  its id
    roles        "server", "client" or both
    cases        patterns of case ids; without it, all cases that blame the requirement
    library      where and how the library's own source or documentation decides it

A report agrees with them when each non-pass has exactly one, and each pattern has a non-pass.
sentences.toml holds, for each requirement that some library is blamed for, the sentence of the RFC
that is violated, with its section.
"""

import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from report import NonPass
from testees import HERE, ROLES

FOLDER = HERE / "explained"
SENTENCES = "sentences.toml"


@dataclass(frozen=True)
class Entry:
    requirement: str
    roles: list[str]
    library: str
    cases: list[str] = field(default_factory=lambda: ["*"])

    def __post_init__(self) -> None:
        for role in self.roles:
            if role not in ROLES:
                raise ValueError(f"{self.requirement}: no role is named {role!r}")
        for name in ("roles", "library", "cases"):
            if not getattr(self, name):
                raise ValueError(f"{self.requirement}: `{name}` is empty")

    def patterns_of(self, non_pass: NonPass) -> list[str]:
        """Those that the non-pass fits."""
        if non_pass.requirement != self.requirement:
            return []
        return [pattern for pattern in self.cases if fnmatchcase(non_pass.case, pattern)]


def read_explained(library: str, folder: Path = FOLDER) -> list[Entry]:
    """A library without a file is blamed for nothing."""
    path = folder / f"{library}.toml"
    if not path.exists():
        return []
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))["entry"]
        return [Entry(**table) for table in tables]
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path}: not a list of explanations: {error}") from error


def read_sentences(folder: Path = FOLDER) -> dict[str, str]:
    """The sentence of the RFC for each requirement."""
    return tomllib.loads((folder / SENTENCES).read_text(encoding="utf-8"))


def differences(entries: list[Entry], role: str, non_passes: list[NonPass]) -> list[str]:
    """Says each in a line, those of one requirement together."""
    entries = [entry for entry in entries if role in entry.roles]
    wrong: dict[tuple[str, str], list[NonPass]] = {}
    for each in non_passes:
        fitting = sum(bool(entry.patterns_of(each)) for entry in entries)
        if fitting != 1:
            how = "not explained" if fitting == 0 else f"explained {fitting} times"
            wrong.setdefault((how, each.requirement), []).append(each)
    found = []
    for (how, requirement), cases in wrong.items():
        each, more = cases[0], f" (and {len(cases) - 1} more)" if len(cases) > 1 else ""
        found.append(
            f"{how}: {each.verdict} of {each.case}{more} for {requirement}: "
            f"expected {each.expected}; observed {each.observed}"
        )
    for entry in entries:
        needed = {pattern for each in non_passes for pattern in entry.patterns_of(each)}
        for pattern in entry.cases:
            if pattern not in needed:
                found.append(f"nothing needs: {entry.requirement} for the cases {pattern}")
    return found
