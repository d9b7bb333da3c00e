#!/usr/bin/env python3
"""The schema of overlays: made from that of protocols, true of all overlays.

usage: overlay_schema_test.py STEPWELL
"""

import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = json.loads(
    (ROOT / "catalogue/schema/overlay.schema.json").read_text())
SMALLEST = {"protocol": "mine", "base": "icbt_base@1", "version": "1",
            "status": "draft"}


def errors(document):
    validator = jsonschema.Draft202012Validator(SCHEMA)
    return [f"{error.json_path}: {error.message}"
            for error in validator.iter_errors(document)]


def overlays():
    for folder in ("catalogue/protocols", "tests/protocols"):
        for file in sorted((ROOT / folder).glob("*.json")):
            document = json.loads(file.read_text())
            if "base" in document:
                yield file.name, document


class Overlays(unittest.TestCase):
    def test_the_schema_is_made_from_that_of_protocols(self):
        subprocess.run([sys.executable, ROOT / "tools/overlay_schema.py"],
                       check=True)
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_every_overlay_fits(self):
        found = dict(overlays())
        self.assertGreaterEqual(len(found), 7)
        for name, document in found.items():
            self.assertEqual(errors(document), [], name)

    def test_what_a_patch_may_say(self):
        for more in (
                {},
                {"rules": [{"id": "withdrawn", "remove": True}]},
                {"rules": [{"id": "eligible", "before": "withdrawn"}]},
                {"clocks": [{"id": "work_due", "budget": "3 workdays"}]},
                {"imports": {"programs": {"depression": None}}},
                {"risk": {"reviewed_unchanged": {"max": "14 days"}}},
                {"feedback_purpose": None}):
            self.assertEqual(errors({**SMALLEST, **more}), [], more)

    def test_what_is_no_patch(self):
        for more in (
                {"base": None},
                {"protocol": "Mine"},
                {"rules": [{"remove": True}]},
                {"rules": [{"id": "withdrawn", "remove": False}]},
                {"rules": [{"id": "eligible", "before": 7}]},
                {"clocks": [{"id": "work_due", "budget": "3 moons"}]},
                {"clocks": [{"id": "work_due", "ladder": [{"do": None}]}]},
                {"tracks": {"pathway": None}},
                {"colour": "blue"}):
            self.assertNotEqual(errors({**SMALLEST, **more}), [], more)
        for key in SMALLEST:
            document = copy.copy(SMALLEST)
            del document[key]
            self.assertNotEqual(errors(document), [], key)

    def test_the_loader_takes_what_the_schema_takes(self):
        """A patch that removes and replaces is a document for the loader too."""
        patch = {**SMALLEST, "rules": [{"id": "withdrawn", "remove": True}],
                 "clocks": [{"id": "work_due", "budget": "3 workdays",
                             "source": "assumption"}]}
        self.assertEqual(errors(patch), [])
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "mine.json"
            file.write_text(json.dumps(patch))
            done = subprocess.run(
                [PROGRAM, "check", file, "--format", "json"],
                capture_output=True, text=True, check=False)
        found = json.loads(done.stdout)
        schema_codes = {"unknown_field", "wrong_type", "missing_field"}
        codes = {issue["code"] for issue in found["issues"]}
        self.assertFalse(codes & schema_codes, done.stdout)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
