#!/usr/bin/env python3
"""Proves that check_hazards.py refuses each kind of dangling link."""

import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tools" / "check_hazards.py"

GOOD = {
    "format": "stepwell-hazards/1",
    "invariants": [
        {"number": n, "title": f"Invariant {n}", "status": "open",
         "missing": "All of it."} for n in range(1, 19)],
    "hazards": [{
        "id": "H1", "hazard": "A risk answer is not seen", "harm": "Death",
        "invariants": [1], "status": "controlled",
        "controls": [{"control": "An alert at once",
                      "where": "src/engine/risk.cc"}],
        "tests": ["Risk.RaisesAnAlert", "tests/scenarios/risk.txt",
                  "rooms.Check", "capi.version_test"]}],
    "mutations": [{"breaks": "Raise no alert", "invariant": 1,
                   "tests": ["Risk.RaisesAnAlert"]}],
}


class HazardsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("src/engine/risk.cc", "")
        self.write("tests/engine/risk_test.cc",
                   "TEST(Risk, RaisesAnAlert) {\n}\n"
                   "TEST_F(Risk, DISABLED_Escalates) {\n}\n"
                   "// TEST(Risk, OnlyInAComment)\n")
        self.write("tests/scenarios/risk.txt", "")
        self.write("tests/rooms/tests.cmake", "add_test(NAME rooms.Check\n")
        self.write("tests/capi/version_test.c", "")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def check(self, change=lambda document: None):
        document = copy.deepcopy(GOOD)
        change(document)
        self.write("docs/safety/hazards.json", json.dumps(document))
        done = subprocess.run(
            [sys.executable, str(SCRIPT), "--root", str(self.root)],
            capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1 if done.stdout else 0, done.stderr)
        return done.stdout

    def hazard(self, **fields):
        return self.check(lambda d: d["hazards"][0].update(fields))

    def test_good_links_pass(self):
        self.assertEqual(self.check(), "")

    def test_a_test_that_does_not_exist_is_found(self):
        for test in ("Risk.RaisesNoAlert", "Risk.DISABLED_Escalates",
                     "Risk.OnlyInAComment", "tests/scenarios/none.txt"):
            self.assertIn(f"/hazards/0/tests/0: no such test: {test}",
                          self.hazard(tests=[test]))

    def test_an_invariant_that_does_not_exist_is_found(self):
        self.assertIn("/hazards/0/invariants/0", self.hazard(invariants=[19]))
        self.assertIn("/hazards/0/invariants", self.hazard(invariants=[]))

    def test_a_control_in_no_file_is_found(self):
        self.assertIn(
            "/hazards/0/controls/0/where: no such file: src/engine/none.cc",
            self.hazard(controls=[{"control": "x",
                                   "where": "src/engine/none.cc"}]))
        self.assertIn("/hazards/0/controls", self.hazard(controls=[]))

    def test_controlled_without_a_test_is_found(self):
        self.assertIn("/hazards/0/tests", self.hazard(tests=[]))

    def test_open_must_say_what_is_missing(self):
        self.assertIn("/hazards/0/missing", self.hazard(status="open"))
        self.assertEqual(
            self.hazard(status="open", missing="All.", controls=[], tests=[]),
            "")

    def test_every_invariant_stands_there_once(self):
        self.assertIn("invariant 18 must stand here once",
                      self.check(lambda d: d["invariants"].pop()))

    def test_a_mutation_needs_a_test_that_exists(self):
        self.assertIn("/mutations/0/tests/0", self.check(
            lambda d: d["mutations"][0].update(tests=["No.Such"])))

    def test_a_double_id_is_found(self):
        self.assertIn("H1 stands here twice", self.check(
            lambda d: d["hazards"].append(copy.deepcopy(d["hazards"][0]))))

    def test_text_that_is_no_json_is_an_error(self):
        self.write("bad.json", "{")
        done = subprocess.run(
            [sys.executable, str(SCRIPT), "--file",
             str(self.root / "bad.json")], capture_output=True, check=False)
        self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    unittest.main()
