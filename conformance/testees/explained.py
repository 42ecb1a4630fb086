"""The explanations of what a library is rightly blamed for, and their comparison with a report.

explained/LIBRARY.toml holds them, each a table [[entry]]:

    requirement  its id
    roles        "server", "client" or both
    cases        patterns of case ids; without it, all cases that blame the requirement
    rfc          the sentence of the RFC that is violated, with its section
    library      where and how the library's own source or documentation decides it

A report agrees with them when each non-pass has exactly one, and each pattern has a non-pass.
"""

import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from report import NonPass
from testees import HERE, ROLES

FOLDER = HERE / "explained"


@dataclass(frozen=True)
class Entry:
    requirement: str
    roles: list[str]
    rfc: str
    library: str
    cases: list[str] = field(default_factory=lambda: ["*"])

    def __post_init__(self) -> None:
        for role in self.roles:
            if role not in ROLES:
                raise ValueError(f"{self.requirement}: no role is named {role!r}")
        for name in ("roles", "rfc", "library", "cases"):
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


def differences(entries: list[Entry], role: str, non_passes: list[NonPass]) -> list[str]:
    """Says each in a line."""
    entries = [entry for entry in entries if role in entry.roles]
    found = []
    for each in non_passes:
        fitting = [entry for entry in entries if entry.patterns_of(each)]
        if len(fitting) != 1:
            how = "not explained" if not fitting else f"explained {len(fitting)} times"
            found.append(
                f"{how}: {each.verdict} of {each.case} for {each.requirement}: "
                f"expected {each.expected}; observed {each.observed}"
            )
    for entry in entries:
        needed = {pattern for each in non_passes for pattern in entry.patterns_of(each)}
        for pattern in entry.cases:
            if pattern not in needed:
                found.append(f"nothing needs: {entry.requirement} for the cases {pattern}")
    return found
