"""Tests of testees.py and results.py: python3 -B -m unittest discover conformance/testees."""

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

import results
from explained import Entry
from report import NonPass, Report, compress
from results import Result, compare_sentences, page_of, read_results
from testees import HERE, Testee, read_testees

SUBJECT = {"type": "subject", "name": "ws", "versions": ["ws 1.0"], "date": "2026-01-31"}
BLAMED = NonPass("fail", "a.b/1", "r.1", "RFC 6455, 5.1", "A server MUST.", "end", "pong")
TESTEE = Testee("ws", "node", ["ws"], server="server.js")


def result(non_passes: list[NonPass], entries: list[Entry]) -> Result:
    counts = {"pass": 2, "warn": 0, "fail": len(non_passes)}
    return Result(TESTEE, "server", SUBJECT, Report({}, counts, 2, non_passes), entries)


def entry(*cases: str) -> Entry:
    return Entry("r.1", ["server"], "it\n  decides so", list(cases))


class Page(unittest.TestCase):
    def page(self, non_passes: list[NonPass], entries: list[Entry]) -> str:
        return page_of([result(non_passes, entries)], {"r.1": "RFC 6455: it MUST."})

    def test_each_non_pass_has_its_explanation_beside_it(self) -> None:
        other = NonPass("fail", "a.c", *list(vars(BLAMED).values())[2:])
        page = self.page([BLAMED, other], [entry("a.b/*"), entry("a.c")])
        self.assertIn("| [ws](#ws) | ws 1.0 | server | 2 | 2 | 0 | 2 | 2026-01-31 |", page)
        self.assertTrue(
            page.endswith(
                "- **fail** `r.1`: A server MUST. (RFC 6455, 5.1)\n"
                "  - RFC: RFC 6455: it MUST.\n"
                "  - wire: expected end; came pong; in `a.b/1`\n"
                "  - library: it decides so\n"
                "  - wire: expected end; came pong; in `a.c`\n"
                "  - library: it decides so\n"
            ),
            page,
        )

    def test_what_is_not_explained_says_so(self) -> None:
        self.assertIn("**not explained**", self.page([BLAMED], []))

    def test_no_blame_is_said(self) -> None:
        self.assertTrue(self.page([], []).endswith("Nothing to blame it for.\n"))

    def test_many_ways_are_counted(self) -> None:
        fields = list(vars(BLAMED).values())
        ways = [NonPass(fields[0], f"a.{way}", *fields[2:6], f"pong {way}") for way in range(5)]
        page = self.page([*ways, ways[4]], [entry("*")])
        self.assertIn("came pong 4; in `a.4` and 1 more\n", page)
        self.assertIn("and in 2 more cases in a like way\n", page)

    def test_sentences_are_those_that_are_needed(self) -> None:
        found = compare_sentences({"r.2": "RFC"}, [result([BLAMED], [])])
        self.assertEqual(
            found, ["sentences.toml has none for r.1", "nothing needs the sentence for r.2"]
        )


class Reports(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def read(self, versions: list[str]) -> list[str]:
        plain = self.folder / "plain"
        end = {"type": "end", "complete": True, "counts": {"pass": 0, "warn": 0, "fail": 0}}
        records = [SUBJECT | {"versions": versions}, {"type": "run"}, end]
        plain.write_text("".join(json.dumps(each) + "\n" for each in records))
        compress(plain, self.folder / "tornado-server.jsonl.gz")
        plain.unlink()
        testee = Testee("tornado", "python", ["tornado"], server="x", client="y")
        return read_results({"tornado": testee}, self.folder)[1]

    def test_what_disagrees_is_named(self) -> None:
        (self.folder / "gone-server.jsonl.gz").touch()
        found = self.read(["tornado 0.1"])
        self.assertIn("tornado-server.jsonl.gz is of other versions than are pinned", found)
        self.assertIn("tornado-client.jsonl.gz is missing: run --record tornado", found)
        self.assertIn("gone-server.jsonl.gz is of no testee", found)
        self.assertTrue(any("nothing needs: masking.server.required" in each for each in found))

    def test_what_is_committed_agrees(self) -> None:
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            code = results.main(["--check"])
        self.assertEqual((code, said.getvalue()), (0, ""))


class Testees(unittest.TestCase):
    def test_each_is_there_and_pinned(self) -> None:
        for testee in read_testees().values():
            with self.subTest(testee=testee.name):
                self.assertTrue(testee.programs())
                self.assertEqual(len(testee.versions()), len(testee.packages))
                if testee.language != "rust":
                    for _, program in testee.programs():
                        self.assertTrue((HERE / testee.language / program).is_file(), program)

    def test_a_layer_has_the_blame_of_its_library(self) -> None:
        testees = read_testees()
        self.assertEqual(testees["ws-control"].library, "ws")
        self.assertEqual(testees["faye-websocket"].library, "faye-websocket")


if __name__ == "__main__":
    unittest.main()
