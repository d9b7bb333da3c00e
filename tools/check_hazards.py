#!/usr/bin/env python3
"""Refuses a dangling link in docs/safety/hazards.json.

usage: check_hazards.py [--root DIR] [--file FILE]

docs/safety/hazards.schema.json describes the file. Beyond its form this checks
that every invariant, source file and test that is named exists, and that
nothing claims to be controlled without a test. Prints `pointer: reason`; exit
code 1 when there is one.
"""

import argparse
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent.parent
FORMAT = "stepwell-hazards/1"
STATUSES = ("controlled", "partly", "open")
INVARIANTS = range(1, 19)  # the numbers of the design

GTEST = re.compile(
    r"^\s*(?:TYPED_)?TEST(?:_[FP])?\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.M)
CMAKE_TEST = re.compile(r"(?:add_test\(NAME|stepwell_python_test\()\s*([\w.]+)")


def known_tests(root):
    """Ids of all tests: Suite.Name, CTest names, paths of scenario files."""
    tests = root / "tests"
    ids = set()
    for path in tests.rglob("*.cc"):
        for suite, name in GTEST.findall(path.read_text(errors="replace")):
            if not name.startswith("DISABLED_") and not suite.startswith(
                    "DISABLED_"):
                ids.add(f"{suite}.{name}")
    for path in tests.rglob("*.cmake"):
        ids.update(CMAKE_TEST.findall(path.read_text()))
    for path in tests.glob("capi/*_test.c"):
        ids.add(f"capi.{path.stem}")
    for path in (tests / "scenarios").rglob("*"):
        if path.is_file():
            ids.add(path.relative_to(root).as_posix())
    return ids


class Checker:
    def __init__(self, root):
        self.root = root
        self.tests = known_tests(root)
        self.problems = []

    def say(self, pointer, reason):
        self.problems.append(f"{pointer or '/'}: {reason}")

    def text(self, where, pointer, key):
        value = where.get(key)
        if not isinstance(value, str) or not value.strip():
            self.say(f"{pointer}/{key}", "a text is wanted")
            return ""
        return value

    def rows(self, document, key, required=True):
        rows = document.get(key, None if required else [])
        if not isinstance(rows, list) or not all(
                isinstance(row, dict) for row in rows):
            self.say(f"/{key}", "a list of objects is wanted")
            return []
        return [(f"/{key}/{i}", row) for i, row in enumerate(rows)]

    def run(self, document):
        if not isinstance(document, dict):
            self.say("", "an object is wanted")
            return self.problems
        if document.get("format") != FORMAT:
            self.say("/format", f"must be {FORMAT!r}")
        unknown = set(document) - {"format", "comment", "invariants", "hazards",
                                   "mutations"}
        for key in sorted(unknown):
            self.say(f"/{key}", "no such field")
        self.check_invariants(document)
        hazards = self.rows(document, "hazards")
        if not hazards:
            self.say("/hazards", "at least one hazard is wanted")
        seen = set()
        for pointer, hazard in hazards:
            self.check_hazard(pointer, hazard, seen)
        for pointer, mutation in self.rows(document, "mutations", False):
            self.text(mutation, pointer, "breaks")
            self.check_invariant(f"{pointer}/invariant",
                                 mutation.get("invariant"))
            self.check_tests(pointer, mutation, required=True)
        return self.problems

    def check_invariants(self, document):
        found = []
        for pointer, row in self.rows(document, "invariants"):
            self.check_invariant(f"{pointer}/number", row.get("number"))
            found.append(row.get("number"))
            self.text(row, pointer, "title")
            self.check_status(pointer, row)
        for number in INVARIANTS:
            if found.count(number) != 1:
                self.say("/invariants", f"invariant {number} must stand here "
                                        f"once, not {found.count(number)} times")

    def check_invariant(self, pointer, number):
        if number not in INVARIANTS or isinstance(number, bool):
            self.say(pointer, f"no such invariant: {number!r}")

    def check_hazard(self, pointer, hazard, seen):
        name = self.text(hazard, pointer, "id")
        if name in seen:
            self.say(f"{pointer}/id", f"{name} stands here twice")
        seen.add(name)
        self.text(hazard, pointer, "hazard")
        self.text(hazard, pointer, "harm")
        invariants = hazard.get("invariants")
        if not isinstance(invariants, list) or not invariants:
            self.say(f"{pointer}/invariants", "at least one is wanted")
            invariants = []
        for i, number in enumerate(invariants):
            self.check_invariant(f"{pointer}/invariants/{i}", number)
        self.check_status(pointer, hazard)
        controls = hazard.get("controls", [])
        if hazard.get("status") != "open" and not controls:
            self.say(f"{pointer}/controls", "at least one is wanted, or the "
                                            "status \"open\"")
        for i, control in enumerate(controls):
            self.check_control(f"{pointer}/controls/{i}", control)

    def check_control(self, pointer, control):
        if not isinstance(control, dict):
            self.say(pointer, "an object is wanted")
            return
        self.text(control, pointer, "control")
        where = self.text(control, pointer, "where")
        if where and not (self.root / where).is_file():
            self.say(f"{pointer}/where", f"no such file: {where}")

    def check_status(self, pointer, row):
        status = row.get("status")
        if status not in STATUSES:
            self.say(f"{pointer}/status", f"one of {', '.join(STATUSES)} is "
                                          "wanted")
        if status in ("partly", "open"):
            self.text(row, pointer, "missing")
        self.check_tests(pointer, row, required=status in ("controlled",
                                                           "partly"))

    def check_tests(self, pointer, row, required):
        tests = row.get("tests", [])
        if not isinstance(tests, list) or (required and not tests):
            self.say(f"{pointer}/tests", "at least one test is wanted")
            return
        for i, test in enumerate(tests):
            if test not in self.tests:
                self.say(f"{pointer}/tests/{i}", f"no such test: {test}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=HERE)
    parser.add_argument("--file", type=pathlib.Path)
    args = parser.parse_args()
    path = args.file or args.root / "docs" / "safety" / "hazards.json"
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        print(f"{path}: {error}")
        return 1
    problems = Checker(args.root).run(document)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
