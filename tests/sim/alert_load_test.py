#!/usr/bin/env python3
"""Proves that alert_load.py prints what it is given and sees what differs."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "alert_load.py"


def measure(stratum, mean):
    return {"name": "alert_load", "stratum": stratum, "mean": mean,
            "low": mean, "high": mean}


def measures():
    found = [{"name": "wait", "stratum": "all", "mean": 3}]
    for stratum, mean in (("all", 4.5), ("pool duty", 2.25), ("pool lead", 0),
                          ("tier high", 1.5), ("from phq-9", 4.5)):
        prefix = "" if stratum == "all" else stratum + "/"
        found += [measure(stratum, mean)] + [
            measure(prefix + part, mean / 4)
            for part in ("first", "repeated", "retiered", "escalated")]
    return {"measures": found}


class AlertLoadTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for kind in ("protocols", "plans"):
            (self.root / "catalogue" / kind).mkdir(parents=True)
            (self.root / "catalogue" / kind / "clinic.json").write_text("{}")
        (self.root / "catalogue/protocols/bench_p1.json").write_text("{}")
        self.page = self.root / "page.md"
        self.program = self.root / "program"
        self.says(json.dumps(measures()))

    def says(self, text, code=0):
        self.program.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n"
                                f"exit {code}\n")
        self.program.chmod(0o755)

    def run_tool(self, *arguments):
        return subprocess.run(
            [sys.executable, TOOL, self.program, *arguments, "--root",
             self.root], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, check=False)

    def test_it_prints_who_is_called(self):
        done = self.run_tool()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("## clinic", done.stdout)
        self.assertNotIn("bench_p1", done.stdout)
        self.assertIn("| for each member of `duty` | 2.25 | 2.25 to 2.25 | "
                      "0.56 | 0.56 | 0.56 | 0.56 |", done.stdout)
        self.assertIn("of the tier `high` | 1.50", done.stdout)
        self.assertIn("from `phq-9` | 4.50", done.stdout)
        self.assertNotIn("lead", done.stdout)  # nobody is called

    def test_a_stale_page_is_found(self):
        self.assertEqual(self.run_tool(self.page, "--write").returncode, 0)
        self.assertEqual(self.run_tool(self.page).returncode, 0)
        self.says(json.dumps(measures()).replace("2.25", "2.26"))
        self.assertEqual(self.run_tool(self.page).returncode, 1)

    def test_a_service_without_a_plan_is_an_error(self):
        (self.root / "catalogue/protocols/new.json").write_text("{}")
        done = self.run_tool()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("new has no plan", done.stderr)

    def test_a_plan_that_fails_is_an_error(self):
        self.says("{}", code=1)
        done = self.run_tool()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("clinic was not simulated", done.stderr)


if __name__ == "__main__":
    unittest.main()
