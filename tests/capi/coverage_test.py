#!/usr/bin/env python3
"""Every function of the C interface is called by a test written by hand."""

import json
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class CoverageTest(unittest.TestCase):
    def test_every_function_is_called(self):
        tests = [path for pattern in ("*_test.c", "*_test.cc", "support.h")
                 for path in (ROOT / "tests" / "capi").glob(pattern)]
        called = set()
        for path in tests:
            called |= set(re.findall(r"(?:JSON\()?\b(stepwell_\w+)\s*[(,]",
                                     path.read_text()))
        api = json.loads((ROOT / "capi" / "api.json").read_text())
        self.assertEqual({f["name"] for f in api["functions"]} - called, set())

    def test_there_are_fewer_than_sixty(self):
        api = json.loads((ROOT / "capi" / "api.json").read_text())
        self.assertLess(len(api["functions"]), 60)

    def test_no_word_of_what_it_is_made_of_is_in_the_header(self):
        header = (ROOT / "include" / "stepwell.h").read_text().lower()
        for word in ("boost", "absl", "abseil", "std::"):
            self.assertNotIn(word, header)


if __name__ == "__main__":
    unittest.main()
