"""Tests of report.py and explained.py: python3 -B -m unittest discover conformance/testees."""

import gzip
import json
import tempfile
import unittest
from pathlib import Path

from explained import Entry, differences, read_explained
from report import NonPass, compress, read_report

RUN = {"type": "run", "schema": 1}
END = {"type": "end", "complete": True, "counts": {"pass": 1, "warn": 0, "fail": 1}}
BLAME = {"source": "RFC", "text": "MUST", "expected": "end", "observed": "pong"}


def case(name: str, *requirements: str, verdict: str = "fail") -> dict:
    blame = [{"requirement": each, **BLAME} for each in requirements]
    return {"type": "case", "id": name, "verdict": verdict, "blame": blame}


def non_pass(name: str, requirement: str) -> NonPass:
    return NonPass("fail", name, requirement, *BLAME.values())


def entry(requirement: str, *cases: str, roles: tuple[str, ...] = ("server",)) -> Entry:
    return Entry(requirement, list(roles), "source.py decides so", list(cases) or ["*"])


class Reports(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name, "x-server.jsonl")

    def write(self, *records: dict) -> Path:
        self.path.write_text("".join(json.dumps(each) + "\n" for each in records))
        return self.path

    def assert_wrong(self, reason: str, *records: dict) -> None:
        with self.assertRaisesRegex(ValueError, reason):
            read_report(self.write(*records))

    def test_non_passes_have_one_item_for_each_requirement(self) -> None:
        skipped = {"type": "case", "id": "a.skipped", "verdict": "skip"}
        passed = {"type": "case", "id": "a.passed", "verdict": "pass"}
        report = read_report(
            self.write(RUN, passed, skipped, case("a.b", "r.1", "r.2"), case("a.c", "r.1"), END)
        )
        self.assertEqual([each.case for each in report.non_passes], ["a.b", "a.b", "a.c"])
        self.assertEqual(report.cases, 3)

    def test_a_report_that_is_cut_off_is_not_read(self) -> None:
        for records in ([], [RUN], [END], [RUN, {"type": "end", "complete": False}]):
            with self.subTest(records=records):
                self.assert_wrong("not complete", *records)

    def test_an_inconclusive_case_is_no_verdict(self) -> None:
        self.assert_wrong("inconclusive", RUN, case("a.b", verdict="inconclusive"), END)

    def test_a_failure_without_blame_is_no_verdict(self) -> None:
        self.assert_wrong("blames nothing", RUN, case("a.b"), END)

    def test_a_line_that_is_no_record_is_named(self) -> None:
        self.write(RUN).write_text("{}\n")
        with self.assertRaisesRegex(ValueError, r"jsonl:1: not a record"):
            read_report(self.path)

    def test_compressed_twice_is_the_same(self) -> None:
        self.write(RUN, case("a.b", "r.1"), END)
        first, second = (self.path.with_name(f"{number}.jsonl.gz") for number in (1, 2))
        compress(self.path, first)
        compress(self.path, second)
        self.assertEqual(first.read_bytes(), second.read_bytes())
        self.assertEqual(read_report(first), read_report(self.path))
        self.assertEqual(gzip.decompress(first.read_bytes()), self.path.read_bytes())


class Explanations(unittest.TestCase):
    def test_all_is_explained(self) -> None:
        entries = [entry("r.1"), entry("r.2", "a.c/*", "a.d")]
        blamed = [non_pass("a.b", "r.1"), non_pass("a.c/1", "r.2"), non_pass("a.d", "r.2")]
        self.assertEqual(differences(entries, "server", blamed), [])

    def test_an_unexplained_non_pass_is_named(self) -> None:
        found = differences([entry("r.1", "a.b")], "server", [non_pass("a.b", "r.1"), non_pass("a.c", "r.1")])
        self.assertEqual(
            found, ["not explained: fail of a.c for r.1: expected end; observed pong"]
        )

    def test_two_explanations_of_one_non_pass_are_one_too_many(self) -> None:
        found = differences([entry("r.1"), entry("r.1", "a.*")], "server", [non_pass("a.b", "r.1")])
        self.assertEqual(len(found), 1)
        self.assertIn("explained 2 times", found[0])

    def test_a_pattern_that_nothing_needs_is_named(self) -> None:
        found = differences([entry("r.1", "a.b", "a.c")], "server", [non_pass("a.b", "r.1")])
        self.assertEqual(found, ["nothing needs: r.1 for the cases a.c"])

    def test_an_explanation_holds_for_its_roles_alone(self) -> None:
        entries = [entry("r.1", roles=("client",))]
        self.assertEqual(differences(entries, "server", []), [])
        self.assertEqual(len(differences(entries, "client", [])), 1)
        self.assertEqual(len(differences(entries, "server", [non_pass("a.b", "r.1")])), 1)

    def test_a_file_with_a_mistake_is_named(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(read_explained("x", Path(folder)), [])
            for wrong in (
                "[[entry]]\nrequirement = 'r.1'\nroles = ['peer']\nlibrary = 'so'\n",
                "[[entry]]\nrequirement = 'r.1'\nroles = ['server']\nlibrary = ''\n",
                "[[entry]]\nrequirement = 'r.1'\n",
                "entry = ",
                "",
            ):
                Path(folder, "x.toml").write_text(wrong)
                with self.subTest(wrong=wrong), self.assertRaisesRegex(ValueError, "x.toml"):
                    read_explained("x", Path(folder))


if __name__ == "__main__":
    unittest.main()
