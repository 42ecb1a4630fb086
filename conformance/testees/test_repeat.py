"""Tests of repeat.py: python3 -B -m unittest discover conformance/testees."""

import io
import json
import sys
import tempfile
import unittest
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import repeat

END = '{"type": "end", "complete": true}'


def case(verdict: str, *requirements: str, observations: dict | None = None, ms: int = 0) -> str:
    blame = [{"requirement": each} for each in requirements]
    more = {"blame": blame, "observations": observations or {}, "ms": ms}
    return json.dumps({"type": "case", "id": "a.case", "verdict": verdict, **more})


class Repeat(unittest.TestCase):
    def repeat(self, *reports: str) -> tuple[int, str]:
        """Plays a harness that writes these reports, one after the other."""
        with tempfile.TemporaryDirectory() as folder:
            for number, report in enumerate(reports):
                Path(folder, f"{number}.jsonl").write_text(report)
            play = (
                f"import pathlib; first = min(pathlib.Path({folder!r}).iterdir());"
                "print(first.read_text()); first.unlink()"
            )
            said = io.StringIO()
            with redirect_stdout(said), redirect_stderr(said):
                code = repeat.main(len(reports), [sys.executable, "-c", play])
        return code, said.getvalue()

    def test_the_same_each_time(self) -> None:
        reports = [f"{case('fail', 'a.rule', ms=ms)}\n{END}" for ms in range(3)]
        self.assertEqual(self.repeat(*reports), (0, "3 runs of 1 cases: 0 differ\n"))

    def test_what_differs_is_said_with_the_run(self) -> None:
        dropped, waited = {"claim": "dropped"}, {"claim": "waited"}
        first = f"{case('pass', observations=dropped)}\n{END}"
        for other, said in [
            (case("warn", "a.rule", observations=dropped), "warn, a.rule, claim: dropped"),
            (case("pass", observations=waited), "pass, claim: waited"),
        ]:
            code, output = self.repeat(first, f"{other}\n{END}")
            self.assertEqual(code, 1)
            self.assertIn("a.case: run 1 --jobs 1: pass, claim: dropped; ", output)
            self.assertIn(f"run 2 --jobs 16: {said}\n", output)

    def test_a_case_that_is_missing_differs(self) -> None:
        code, output = self.repeat(f"{case('pass')}\n{END}", END)
        self.assertEqual((code, "run 2 --jobs 16: None" in output), (1, True))

    def test_a_report_without_an_end_is_none(self) -> None:
        code, output = self.repeat(case("pass"), case("pass"))
        self.assertEqual((code, "run 1 left no complete report" in output), (2, True))


if __name__ == "__main__":
    unittest.main()
