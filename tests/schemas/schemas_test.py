#!/usr/bin/env python3
"""Real values against the published schemas, and the schemas against them.

usage: schemas_test.py SCHEMAS_TEST KERNEL_TEST

The two programs write what the library really gives; commands are the examples
of docs/formats/command.md. Everything must fit its schema; every property of a
schema must occur in some value; and a value that is changed must fit no more.
"""

import copy
import json
import os
import pathlib
import re
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
NAMES = ("command", "decision", "effect", "error", "event", "reply")
SCHEMAS = {name: json.loads(
    (ROOT / "catalogue" / "schema" / f"{name}.schema.json").read_text())
    for name in NAMES}
PROGRAMS = []
# Only the host that keeps messages elsewhere says where; and what is said only
# when memory has run out, and the like, is in tests/capi.
MORE_COMMANDS = [
    {"id": "x0", "command": "work_item", "actor": {"role": "staff",
     "staff": "lena"}, "case": "0123456789ABC", "item": "check_region",
     "action": "complete", "value": True},
    {"id": "x1", "command": "send_message", "actor": {"role": "staff",
     "staff": "anna"}, "case": "0123456789ABC", "body_key": "k"},
    {"id": "x2", "command": "receive_message", "body_key": "k",
     "person": {"id": "0123456789ABC"}},
    {"id": "x3", "command": "submit_response", "item": "screen_phq9",
     "answers": {"q1": {"code": "a", "system": "s", "ordinal": 1}}},
    {"id": "x4", "command": "register_person", "actor": {"role": "referrer",
     "reference": "r"}, "person": {"value": "1"}, "died": True,
     "on_behalf_of": "a", "purpose": "b", "source_document": "c",
     "cause": "d", "reason": "e", "at": "2026-03-02T09:00:00Z"},
    {"id": "x5", "command": "change_appointment", "actor": {"role": "patient"},
     "case": "0123456789ABC", "item": "i", "action": "book", "slot": "s"},
    {"id": "x6", "command": "transfer_case", "actor": {"role": "staff",
     "staff": "anna"}, "case": "0123456789ABC", "action": "hand_over",
     "to": "t", "body_key": "k"},
    {"id": "x7a", "command": "record_consent", "actor": {"role": "integration"},
     "case": "0123456789ABC", "consent_purpose": "care", "given": True,
     "by": "guardian", "related": {"system": "s", "value": "2"}},
    {"id": "x7", "command": "relate_person", "actor": {"role": "integration"},
     "case": "0123456789ABC", "related": {"value": "p"}, "role": "guardian",
     "ended": True},
    {"id": "x8", "command": "file_document", "actor": {"role": "integration"},
     "case": "0123456789ABC", "referral": "0123456789ABC", "kind": "k"},
    {"id": "x9", "command": "receive_referral", "actor": {"role":
     "integration"}, "person": {"value": "p"}, "route": "school",
     "consents": {"care": {"given": True, "by": "guardian"}},
     "documents": [{"kind": "k", "hash": "h", "valid_until": "2026-12-31",
                    "verified_by": "anna"}]},
    {"id": "x10", "command": "adopt_case", "actor": {"role": "integration"},
     "person": {"value": "p"}, "owner": {"pool": "team"},
     "zone": "Europe/Oslo",
     "referrals": [{"route": "gp", "received_at": "2026-01-01T00:00:00Z",
                    "information_source": "i", "answer": "included",
                    "answered_at": "2026-01-02T00:00:00Z"}],
     "tracks": [{"track": "t", "phase": "p", "since": "2026-01-01T00:00:00Z"}],
     "milestones": [{"milestone": "m", "at": "2026-01-01T00:00:00Z"}],
     "enrolments": [{"program": "p", "started_at": "2026-01-01T00:00:00Z",
                     "ended_at": "2026-02-01T00:00:00Z", "completed": True,
                     "guidance": "weekly", "language": "en",
                     "modules": ["m1"], "sets": ["s"]}],
     "items": [{"item": "i", "state": "done",
                "opened_at": "2026-01-01T00:00:00Z",
                "ended_at": "2026-01-02T00:00:00Z", "outcome": "o",
                "minutes": 5, "due": "2026-01-02T00:00:00Z"}],
     "clocks": [{"clock": "c", "runs": True,
                 "started_at": "2026-01-01T00:00:00Z",
                 "due": "2026-01-02T00:00:00Z", "remaining": "5 days"},
                {"clock": "d", "runs": False}],
     "alerts": [{"tier": "t", "stage": "assessed", "pool": "duty",
                 "raised_at": "2026-01-01T00:00:00Z", "staff": "anna",
                 "deadline": "2026-01-02T00:00:00Z", "outcome": "o"}]},
]


def samples():
    found = {name: [] for name in NAMES}
    for program in PROGRAMS:
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "samples"
            subprocess.run([program, "--gtest_filter=*.Samples"], check=True,
                           stdout=subprocess.DEVNULL, cwd=ROOT,
                           env={**os.environ, "STEPWELL_SAMPLES": str(file)})
            for line in file.read_text().splitlines():
                sample = json.loads(line)
                found[sample["schema"]].append(sample["value"])
    page = (ROOT / "docs/formats/command.md").read_text()
    found["command"] += [json.loads(text) for text in re.findall(
        r"<!-- (?:example|shape): \w+ -->\n```json\n(.*?)```", page, re.S)]
    found["command"] += MORE_COMMANDS
    return found


def bundled():
    """All schemas in one document, so that references stay inside it."""
    def moved(schema, name):
        if isinstance(schema, list):
            return [moved(element, name) for element in schema]
        if not isinstance(schema, dict):
            return schema
        made = {key: moved(value, name) for key, value in schema.items()
                if key not in ("$id", "$schema")}
        reference = made.get("$ref")
        if isinstance(reference, str):
            made["$ref"] = (
                reference.replace("#/", f"#/$defs/{name}/")
                if reference.startswith("#") else
                "#/$defs/" + reference.removesuffix(".schema.json"))
        return made
    return {"$defs": {name: moved(SCHEMAS[name], name) for name in NAMES}}


BUNDLE = bundled()


def resolve(schema):
    while "$ref" in schema:
        found = BUNDLE
        for part in schema["$ref"][2:].split("/"):
            found = found[part]
        schema = found
    return schema


def validator(schema):
    return jsonschema.Draft202012Validator({**schema, **BUNDLE})


def validator_of(name):
    return jsonschema.Draft202012Validator(
        {"$ref": f"#/$defs/{name}", **BUNDLE})


class Walker:
    """Notes which properties of the schemas occur in values."""

    def __init__(self):
        self.used = set()

    def walk(self, value, schema):
        schema = resolve(schema)
        for option in schema.get("oneOf", []) + schema.get("anyOf", []):
            inner = resolve(option)
            if quick(value, inner) and validator(inner).is_valid(value):
                self.walk(value, inner)
                return
        if isinstance(value, list) and "items" in schema:
            for element in value:
                self.walk(element, schema["items"])
        if isinstance(value, dict):
            known = schema.get("properties", {})
            for key, member in value.items():
                if key in known:
                    self.used.add((id(schema), key))
                    self.walk(member, known[key])
                elif isinstance(schema.get("additionalProperties"), dict):
                    self.walk(member, schema["additionalProperties"])


def quick(value, schema):
    """False when a member that must be a constant is another."""
    return not isinstance(value, dict) or all(
        value.get(key) == inner["const"]
        for key, inner in schema.get("properties", {}).items()
        if "const" in inner)


def properties(schema, path=""):
    """(id of the object schema, property, where) of all that is declared."""
    if isinstance(schema, list):
        for i, element in enumerate(schema):
            yield from properties(element, f"{path}/{i}")
    if not isinstance(schema, dict):
        return
    for key in schema.get("properties", {}):
        if not path.endswith("/common"):
            yield id(schema), key, f"{path}/{schema.get('title', '')}.{key}"
    for key, inner in schema.items():
        yield from properties(inner, f"{path}/{key}")


class SchemasTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.samples = samples()

    def test_schemas_are_schemas(self):
        for schema in SCHEMAS.values():
            jsonschema.Draft202012Validator.check_schema(schema)

    def test_real_values_fit(self):
        for name, values in self.samples.items():
            check = validator_of(name)
            self.assertGreater(len(values), 1, name)
            for value in values:
                for mistake in check.iter_errors(value):
                    best = jsonschema.exceptions.best_match([mistake])
                    self.fail(f"{name} {json.dumps(value)[:300]}: "
                              f"{list(best.absolute_path)} {best.message[:300]}")

    def test_every_property_occurs(self):
        walker = Walker()
        for name, values in self.samples.items():
            for value in values:
                walker.walk(value, BUNDLE["$defs"][name])
        # Of commands the members of every command may come with any verb.
        shared = {"id", "case", "person", "expected_version", "on_behalf_of",
                  "purpose", "source_document", "cause", "reason", "at",
                  "actor"}
        used_anywhere = {key for _, key in walker.used}
        self.assertLessEqual(shared, used_anywhere)
        unused = [f"{name}{where}" for name, schema in BUNDLE["$defs"].items()
                  for key_of, key, where in properties(schema)
                  if (key_of, key) not in walker.used
                  and not (name == "command" and key in shared)]
        self.assertEqual(unused, [])

    def test_changed_values_fit_no_more(self):
        for name, values in self.samples.items():
            check = validator_of(name)
            for value in values[:20]:
                more = copy.deepcopy(value)
                more["nobody_knows"] = 1
                self.assertFalse(check.is_valid(more), name)
                for key in ("command", "event", "result", "kind", "code"):
                    if key in value:
                        other = {**value, key: "Nobody knows"}
                        self.assertFalse(check.is_valid(other), (name, key))


if __name__ == "__main__":
    PROGRAMS = [os.path.abspath(program) for program in sys.argv[1:3]]
    unittest.main(argv=sys.argv[:1])
