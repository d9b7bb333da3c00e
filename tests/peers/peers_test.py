"""The comparison with other engines when something is missing or wrong: no
registry, no program, a peer that crashes, hangs or does other work. Programs of
our own stand in for npm, Maven and the peers; no registry is asked.
"""

import contextlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

PEERS = pathlib.Path(__file__).resolve().parents[2] / "bench" / "peers"
sys.path.insert(0, str(PEERS))
import engines  # noqa: E402
import install  # noqa: E402
import worklists  # noqa: E402

OFFLINE = "echo 'npm error code ECONNREFUSED' >&2; echo hint >&2; exit 1"


def ignore(_):
    pass


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stepwell_peers"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.programs = self.folder / "programs"
        self.programs.mkdir()
        self.enterContext(mock.patch.dict(os.environ, {
            "PATH": f"{self.programs}:/usr/bin:/bin"}))

    def program(self, name, text):
        path = self.programs / name
        path.write_text(f"#!/bin/sh\necho ran >> {self.folder}/ran\n{text}\n")
        path.chmod(0o755)
        return path

    def ran(self):
        path = self.folder / "ran"
        return len(path.read_text().splitlines()) if path.exists() else 0


class Installing(Folder):
    def setUp(self):
        super().setUp()
        self.list = self.folder / "package.json"
        self.list.write_text('{"dependencies": {"engine": "1"}}')
        self.into = self.folder / "into"

    def npm(self):
        install.npm(self.list, self.into, "Engine", ignore)

    def test_NoRegistryIsSaidAndTriedAgainNextTime(self):
        self.program("npm", OFFLINE)
        for _ in range(2):
            with self.assertRaises(install.Absent) as absent:
                self.npm()
            self.assertEqual(
                str(absent.exception),
                "npm could not install Engine (exit 1); is its registry within "
                "reach? It said: npm error code ECONNREFUSED")
        self.assertEqual(self.ran(), 2)

    def test_WhatIsInstalledIsKeptUntilItsListChanges(self):
        self.program("npm", "exit 0")
        self.npm()
        self.npm()
        self.assertEqual(self.ran(), 1)
        self.list.write_text('{"dependencies": {"engine": "2"}}')
        self.npm()
        self.assertEqual(self.ran(), 2)

    def test_AFailedUpdateLeavesNoMarkOfTheOldOne(self):
        self.program("npm", "exit 0")
        self.npm()
        old = self.list.read_text()
        self.list.write_text("{}")
        self.program("npm", OFFLINE)
        self.assertRaises(install.Absent, self.npm)
        self.list.write_text(old)
        self.assertRaises(install.Absent, self.npm)

    def test_AMissingProgramIsNamed(self):
        os.environ["PATH"] = str(self.programs)
        with self.assertRaisesRegex(install.Absent,
                                    "^mvn is not installed; Engine needs it$"):
            install.maven(self.list, self.into, "Engine", ignore)

    def test_ARegistryThatNeverAnswersIsNotWaitedForForEver(self):
        self.program("mvn", "exec sleep 60")
        with mock.patch.object(install, "SECONDS_MAX", 0.2):
            with self.assertRaisesRegex(install.Absent,
                                        "did not end within 0.2 s"):
                install.maven(self.list, self.into, "Engine", ignore)

    def test_PythonPackagesThatCannotBeHadAreSaid(self):
        python = self.program("python", "mkdir -p venv/bin; cp ../programs/pip "
                              "venv/bin/pip")
        self.program("pip", "echo 'ERROR: No matching distribution' >&2; exit 1")
        with mock.patch.object(sys, "executable", str(python)):
            with self.assertRaisesRegex(install.Absent,
                                        "No matching distribution"):
                install.pip(self.list, self.into, "Engine", ignore)
        self.assertFalse((self.into / "installed.txt").exists())


def ours_gives(*rates):
    return json.dumps({"benchmarks": [
        {"run_type": "iteration", "commands": rate} for rate in rates] + [
            {"run_type": "aggregate", "commands": 1}]})


class Measuring(Folder):
    def setUp(self):
        super().setUp()
        (self.folder / "ours.json").write_text(ours_gives(2000, 3000, 4000))
        self.ours = self.program("runtime_bench",
                                 f"cat {self.folder}/ours.json")

    def peer(self, name, text):
        path = self.program(name.lower(), text)
        return engines.Peer(name, lambda folder, log: ([path], {}), 1,
                            {"way": (40, f"the way of {name}")})

    def result(self, change=None):
        row = {"name": "way", "cases": 40, "seconds": [2, 1.402, 1],
               "commands": 1402, "outcomes": engines.expected(40)}
        if change is not None:
            change(row)
        return f"echo '{json.dumps(self.whole(row))}'"

    def whole(self, row):
        return {"version": "9", "runtime": "Test 1", "rows": [row]}

    def measure(self, *peers):
        shown, said = io.StringIO(), []
        with mock.patch.object(engines, "PEERS", list(peers)), \
                contextlib.redirect_stdout(shown):
            code = engines.measure(self.ours, self.folder / "build", 1, 3,
                                   said.append)
        return code, shown.getvalue() + "\n".join(said)

    def test_TheRatioIsOfMedians(self):
        code, shown = self.measure(self.peer("Good", self.result()))
        self.assertEqual(code, 0)
        # Ours 3,000; theirs 1,402 commands in 1.402 s.
        self.assertRegex(shown, r"Stepwell, memory store.* 3,000 +67 %\n")
        self.assertRegex(shown, r"Good 9 \(Test 1\)\n  the way of Good, 40 "
                         r"cases +1,000 +70 % +3\.0\n")

    def test_OnePeerThatIsMissingLeavesTheOthers(self):
        def absent(folder, log):
            raise install.Absent("npm is not installed")
        code, shown = self.measure(
            engines.Peer("Gone", absent, 1, {"way": (40, "")}),
            self.peer("Good", self.result()))
        self.assertEqual(code, 2)
        self.assertIn("Gone did not run: npm is not installed", shown)
        self.assertRegex(shown, r"the way of Good.* 3\.0\n")

    def test_OtherWorkIsNoMeasurement(self):
        def one_score(row):
            row["outcomes"][0][0]["scores"][8] = 14

        def one_command(row):
            row["commands"] -= 1

        def one_case(row):
            row["outcomes"][0][1] -= 1

        def no_risk(row):
            row["outcomes"] = [[engines.expected(40)[0][0], 40]]

        for change in (one_score, one_command, one_case, no_risk):
            with self.subTest(change.__name__):
                code, shown = self.measure(
                    self.peer("Other", self.result(change)))
                self.assertEqual(code, 1)
                self.assertIn("Other, way, did NOT the same work:", shown)
                self.assertNotIn("the way of Other", shown)

    def test_APeerThatFailsIsNamedWithItsWords(self):
        cases = {"echo 'Error: heap is full' >&2; exit 7":
                 "it ended with exit 7 and said: Error: heap is full",
                 "echo not json":
                 "it ended without a result that can be read"}
        for text, words in cases.items():
            with self.subTest(text):
                code, shown = self.measure(self.peer("Bad", text))
                self.assertEqual(code, 2)
                self.assertIn(f"Bad did not run: {words}", shown)

    def test_APeerThatHangsIsLeft(self):
        with mock.patch.object(engines, "SECONDS_MAX", 0.2):
            code, shown = self.measure(self.peer("Slow", "exec sleep 60"))
        self.assertEqual(code, 2)
        self.assertIn("Slow did not run: no result within 0.2 s", shown)

    def test_OursMissingOrFailingIsSaid(self):
        self.ours = self.folder / "nothing"
        self.assertRegex(self.measure()[1], "cannot be run: No such file.*"
                         "build runtime_bench first")
        self.ours = self.program("failing", "echo 'bench: a case was not "
                                 "discharged' >&2; exit 134")
        code, shown = self.measure()
        self.assertEqual(code, 2)
        self.assertIn("a case was not discharged", shown)


class Worklists(Folder):
    """Owner "0" has three lines, of which two are overdue."""
    LINES = [["0", 1, 50], ["1", 4, 10], ["0", 3, 299_999], ["0", 4, 300_000]]

    def wrong(self, pages):
        return worklists.wrong(self.LINES, {"pages": pages})

    def test_APageIsTheOverdueOfItsOwnerInOrder(self):
        self.assertIsNone(self.wrong({"0": [2, 0], "1": [1]}))

    def test_AnotherPageIsNoMeasurement(self):
        for page in ([0, 2], [2], [3, 2, 0], [2, 0, 1], []):
            with self.subTest(page=page):
                self.assertEqual(self.wrong({"0": page}),
                                 "the page of owner 0 is another")
        self.assertEqual(self.wrong({}), "no page was read")

    def test_TheLinesAreThoseOfTheBenchmark(self):
        # The first values of SplitMix64 from the seed 0, made odd.
        self.assertEqual(worklists.mixed(0), 0xE220A8397B1DCDAF)
        self.assertEqual(worklists.mixed(0x9E3779B97F4A7C15),
                         0x6E789E6AA1B965F4 | 1)

    def test_TheRatioIsToTheMemoryStoreAndAWrongPageIsShown(self):
        bench = self.program("store_bench", "cat <<'END'\n" + json.dumps({
            "benchmarks": [
                {"name": f"{store}Worklist/mine/manual_time", "p50_us": 20,
                 "p99_us": 30} for store in ("Memory", "Sqlite")]}) + "\nEND")
        found = {"version": "9", "runtime": "Test 1", "rows": [
            {"name": "default", "seconds": [1e-3, 2e-3, 3e-3],
             "pages": {"0": [2, 0]}},
            {"name": "indexed", "seconds": [1e-3], "pages": {"0": [0, 2]}}]}
        shown = io.StringIO()
        with mock.patch.object(worklists, "flowable",
                               lambda *_: (self.LINES, found)), \
                contextlib.redirect_stdout(shown):
            code = worklists.measure(bench, self.folder, 1, ignore)
        self.assertEqual(code, 1)
        self.assertRegex(shown.getvalue(),
                         r"the engine's own indexes +2,000 +2,000 +100\.0\n")
        self.assertIn("Flowable, indexed, did NOT the same work: the page of "
                      "owner 0 is another", shown.getvalue())


class Whole(Folder):
    def run_py(self, *arguments):
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith("PIP_")}
        environment |= {"PIP_NO_INDEX": "1", "PATH": str(self.programs)}
        return subprocess.run(
            [sys.executable, "-B", PEERS / "run.py", "--build", self.programs,
             "--into", self.folder / "into", *arguments], text=True,
            capture_output=True, env=environment, check=False, timeout=300)

    def test_WithoutAnyPeerTheReasonsAndExitTwo(self):
        self.program("runtime_bench",
                     "/bin/cat <<'END'\n" + ours_gives(2000) + "\nEND")
        self.program("npm", OFFLINE)
        done = self.run_py("engines")
        self.assertEqual(done.returncode, 2, done.stderr)
        for words in ("Stepwell, memory store", "XState did not run: npm could "
                      "not install XState (exit 1)",
                      "SpiffWorkflow did not run: ",
                      "Flowable CMMN did not run: mvn is not installed"):
            self.assertIn(words, done.stdout)

    def test_WorklistsSayTheSame(self):
        self.program("store_bench", "/bin/cat <<'END'\n" + json.dumps({
            "benchmarks": [
                {"name": f"{store}Worklist/mine/manual_time", "p50_us": 20,
                 "p99_us": 30} for store in ("Memory", "Sqlite")]}) + "\nEND")
        done = self.run_py("worklists")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("Stepwell, SQLite file", done.stdout)
        self.assertIn("Flowable did not run: mvn is not installed", done.stdout)

    def test_FhirpathSaysTheSame(self):
        self.program("npm", OFFLINE)
        done = self.run_py("speed")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no comparison of FHIRPath: npm could not install "
                      "fhirpath.js", done.stderr)

    def test_AnUnknownComparisonIsAnErrorOfUse(self):
        done = self.run_py("enginse")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no such comparison: enginse", done.stderr)


if __name__ == "__main__":
    unittest.main()
