"""The endpoints that are certified, as testees.toml lists them, and the versions they are pinned to."""

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROLES = ("server", "client")


@dataclass(frozen=True)
class Testee:
    """One library, or one library with a control layer on it."""

    name: str
    language: str
    packages: list[str]
    server: str | None = None
    client: str | None = None
    units: str | None = None
    layer: bool = False
    walks: int = 0

    @property
    def library(self) -> str:
        """The testee whose blame this one has."""
        return self.name.removesuffix("-control") if self.layer else self.name

    def programs(self) -> list[tuple[str, str]]:
        """The roles it has, each with its program."""
        both = ((role, getattr(self, role)) for role in ROLES)
        return [(role, program) for role, program in both if program is not None]

    def versions(self, folder: Path = HERE) -> list[str]:
        """Its packages, each with the version that the lock file in `folder`/LANGUAGE pins."""
        pinned = LOCKS[self.language](folder / self.language)
        return [f"{name} {pinned[name]}" for name in self.packages]


def read_testees(path: Path = HERE / "testees.toml") -> dict[str, Testee]:
    testees = {}
    for language, tables in tomllib.loads(path.read_text(encoding="utf-8")).items():
        for name, table in tables.items():
            testees[name] = Testee(name, language, **table)
    return testees


def python_lock(folder: Path) -> dict[str, str]:
    lines = (folder / "requirements.txt").read_text(encoding="utf-8")
    return {name.lower(): version for name, version in re.findall(r"(?m)^([\w.-]+)==(\S+)", lines)}


def node_lock(folder: Path) -> dict[str, str]:
    packages = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return {
        path.rpartition("node_modules/")[2]: package["version"]
        for path, package in packages.items()
        if path
    }


def rust_lock(folder: Path) -> dict[str, str]:
    lock = tomllib.loads((folder / "Cargo.lock").read_text(encoding="utf-8"))
    return {package["name"]: package["version"] for package in lock["package"]}


LOCKS = {"python": python_lock, "node": node_lock, "rust": rust_lock}
