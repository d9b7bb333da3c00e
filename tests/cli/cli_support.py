"""Runs the command line program in a folder of its own."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOW = "2026-03-02T09:00:00+01:00"
LATER = "2026-03-04T09:00:00+01:00"


class CliTest(unittest.TestCase):
    program = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.store = f"sqlite:{self.folder / 'clinic.db'}"

    def run_cli(self, *arguments, input=None, env=None, code=None):
        """The finished process; fails when the exit code is another."""
        if isinstance(input, str):
            input = input.encode()
        plain = {k: v for k, v in os.environ.items()
                 if not k.startswith("STEPWELL_")}
        done = subprocess.run([self.program, *map(str, arguments)],
                              input=input, capture_output=True,
                              env={**plain, **(env or {})}, timeout=240)
        done.out = done.stdout.decode("utf-8", "replace")
        done.err = done.stderr.decode("utf-8", "replace")
        if code is not None:
            self.assertEqual(done.returncode, code,
                             f"{arguments}\n{done.out}\n{done.err}")
        return done

    def json_of(self, *arguments, code=0, **more):
        done = self.run_cli(*arguments, "--format", "json", code=code, **more)
        return json.loads(done.out)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes)
                         else content.encode())
        return path

    def init(self, protocol="catalogue:icbt_base"):
        self.run_cli("service", "init", "--store", self.store, "--protocol",
                     protocol, "--prototype", "--now", NOW, code=0)

    def submit(self, *commands, now=NOW, code=0):
        """The replies to commands, one a line."""
        text = "".join(json.dumps(c) + "\n" for c in commands)
        done = self.run_cli("service", "submit", "-", "--store", self.store,
                            "--now", now, "--format", "json", input=text,
                            code=code)
        return [json.loads(line) for line in done.out.splitlines()]

    def live_service(self):
        """A service with staff and one referral; the reply to it."""
        self.init()
        host = {"role": "integration"}
        person = {"system": "urn:clinic", "value": "p-1"}
        return self.submit(
            {"id": "s1", "command": "add_staff", "actor": host,
             "staff": "anna", "pools": ["therapists", "assessors", "duty"]},
            {"id": "p1", "command": "register_person", "actor": host,
             "person": person, "name": "Karin Ek"},
            {"id": "r1", "command": "receive_referral", "actor": host,
             "person": person, "route": "self"})[-1]


def phq9(case, answers, id="q1"):
    return {"id": id, "command": "submit_response", "case": case,
            "actor": {"role": "patient"}, "instrument": "phq9",
            "answers": answers}


def schemas():
    """The JSON Schemas of docs/reference/cli.md, by name."""
    page = (ROOT / "docs/reference/cli.md").read_text()
    found = re.findall(r"<!-- schema: (\w+) -->\n```json\n(.*?)```", page, re.S)
    return {name: json.loads(text) for name, text in found}


TYPES = {"object": dict, "array": list, "string": str, "boolean": bool,
         "null": type(None)}


def is_type(value, name):
    if name in ("integer", "number"):
        kinds = int if name == "integer" else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def mistakes(value, schema, path=""):
    """What breaks the schema: the part of JSON Schema that the page uses."""
    unknown = set(schema) - {"type", "required", "properties", "items", "enum",
                             "anyOf", "additionalProperties"}
    assert not unknown, f"the test does not know {unknown}"
    if "anyOf" in schema:
        options = [mistakes(value, s, path) for s in schema["anyOf"]]
        return [] if any(not o for o in options) else options[0]
    if "enum" in schema:
        same = any(value == e and type(value) is type(e)
                   for e in schema["enum"])
        return [] if same else [f"{path}: {value!r} is not in the list"]
    names = schema.get("type", [])
    names = [names] if isinstance(names, str) else names
    if names and not any(is_type(value, n) for n in names):
        return [f"{path}: {value!r} is no {names}"]
    found = []
    if isinstance(value, dict):
        known = schema.get("properties", {})
        found += [f"{path}: no {key}" for key in schema.get("required", [])
                  if key not in value]
        for key, member in value.items():
            inner = known.get(key, schema.get("additionalProperties"))
            if inner is not None:
                found += mistakes(member, inner, f"{path}/{key}")
            elif known:
                found.append(f"{path}/{key}: not documented")
    if isinstance(value, list) and "items" in schema:
        for i, element in enumerate(value):
            found += mistakes(element, schema["items"], f"{path}/{i}")
    return found


def main():
    CliTest.program = sys.argv.pop(1)
    unittest.main()
