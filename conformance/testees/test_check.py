"""Tests of check.py: python3 -B -m unittest discover conformance/testees."""

import io
import json
import tempfile
import unittest
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import check

RUN = {"type": "run", "schema": 1}
END = {"type": "end", "complete": True}


def case(name: str, *requirements: str, verdict: str = "fail") -> dict:
    blame = [{"requirement": each, "level": "MUST"} for each in requirements]
    return {"type": "case", "id": name, "verdict": verdict, "blame": blame}


class Check(unittest.TestCase):
    def check(self, records: list[dict], expected: str | None = None) -> tuple[int, str]:
        with tempfile.TemporaryDirectory() as folder:
            report, entries = Path(folder, "report.jsonl"), Path(folder, "expected.txt")
            report.write_text("".join(json.dumps(each) + "\n" for each in records))
            if expected is not None:
                entries.write_text(expected)
            said = io.StringIO()
            with redirect_stdout(said), redirect_stderr(said):
                code = check.main(report, entries)
            return code, said.getvalue().replace(folder, "")

    def assert_difference(self, difference: str, records: list[dict], expected: str) -> None:
        code, said = self.check([RUN, *records, END], expected)
        self.assertEqual((code, said.splitlines()[1:]), (1, [f"  {difference}"]))

    def test_no_blame_needs_no_file(self) -> None:
        self.assertEqual(self.check([RUN, case("a.b", verdict="pass"), END]), (0, ""))

    def test_a_warning_is_no_failure(self) -> None:
        self.assertEqual(self.check([RUN, case("a.b", "r.1", verdict="warn"), END]), (0, ""))

    def test_expected_blame(self) -> None:
        records = [RUN, case("a.b", "r.1", "r.2"), case("a.c.x # y", "r.1"), END]
        expected = "# why\n\na.b  r.1  # one\na.b r.2 # two\na.c.x # y  r.1  # three\n"
        self.assertEqual(self.check(records, expected), (0, ""))

    def test_unexpected_failure(self) -> None:
        self.assert_difference("unexpected failure: a.b blames r.1", [case("a.b", "r.1")], "")

    def test_failure_without_blame(self) -> None:
        self.assert_difference("unexpected failure: a.b blames nothing", [case("a.b")], "")

    def test_unexpected_pass(self) -> None:
        self.assert_difference(
            "unexpected pass: a.b no longer blames r.1",
            [case("a.b", verdict="pass")],
            "a.b r.1 # why",
        )

    def test_unused_entry(self) -> None:
        self.assert_difference(
            "unused entry: a.b was not run; expected r.1", [], "a.b r.1 # why"
        )

    def test_changed_blame(self) -> None:
        self.assert_difference(
            "changed blame: a.b blames r.2; expected r.1", [case("a.b", "r.2")], "a.b r.1 # why"
        )

    def test_incomplete_report(self) -> None:
        for records in ([], [RUN], [END], [RUN, {"type": "end", "complete": False}]):
            with self.subTest(records=records):
                code, said = self.check(records)
                self.assertEqual(code, 2)
                self.assertIn("not complete", said)

    def test_entry_without_reason(self) -> None:
        code, said = self.check([RUN, END], "\na.b r.1\n")
        self.assertEqual(code, 2)
        self.assertIn("/expected.txt:2: not of the form", said)


if __name__ == "__main__":
    unittest.main()
