#!/usr/bin/env python3
"""What `stepwell fhir validate` finds: no false error in the official examples,
and every seeded violation at its place.

usage: validate_figures.py --stepwell PROGRAM
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EXAMPLES = pathlib.Path(os.environ.get("STEPWELL_SHARED", ROOT.parent /
                                       "shared")) / "data/fhir/examples-r4"
# Not false: they lack linkIds, which R4 4.0.1 requires.
WRONG_EXAMPLES = {"Questionnaire-qs1.json": {"missing"}}


def errors(program, files):
    """{file: ["pat-1 at Patient.contact[0]"]}, as the command prints them."""
    done = subprocess.run([program, "fhir", "validate", "--errors-only",
                           "--format", "json", *files], text=True,
                          capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    found = {}
    for line in done.stdout.splitlines():
        answer = json.loads(line)
        found[pathlib.Path(answer["file"]).name] = [
            issue["details"]["coding"][0]["code"] + " at " +
            "".join(issue.get("expression", []))
            for result in answer["results"]
            for issue in result["outcome"]["issue"]]
    return found


def examples(program):
    files = sorted(EXAMPLES.glob("*.json"))
    found = errors(program, files)
    assert len(found) == len(files)
    false = {name: issues for name, issues in found.items()
             if {issue.split()[0] for issue in issues} -
             WRONG_EXAMPLES.get(name, set())}
    print(f"official examples: {len(files)} files, {len(false)} with false "
          "errors")
    for name in sorted(WRONG_EXAMPLES):
        print(f"  {name}: {len(found[name])} errors, true ones (linkId missing)")
    for name, issues in sorted(false.items()):
        print(f"  {name}: {issues}")
    return not false and all(found[name] for name in WRONG_EXAMPLES)


def violations(program):
    lines = (ROOT / "tests/fhir/violations.ndjson").read_text().splitlines()
    seeded = [json.loads(line) for line in lines]
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for entry in seeded:
            files.append(pathlib.Path(folder) / f"{entry['name']}.json")
            files[-1].write_text(json.dumps(entry["resource"]))
        found = errors(program, files)
    missed = [entry["name"] for entry in seeded
              if found[f"{entry['name']}.json"] != entry["errors"]]
    keys = {error.split()[0] for entry in seeded for error in entry["errors"]}
    print(f"seeded violations: {len(seeded) - len(missed)} of {len(seeded)} "
          f"found at their place, of {len(keys)} rules")
    for name in missed:
        print(f"  {name}: {found[name + '.json']}")
    return not missed and len(seeded) >= 40


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stepwell", required=True)
    program = parser.parse_args().stepwell
    good = violations(program)
    if EXAMPLES.exists():
        good &= examples(program)
    elif os.environ.get("STEPWELL_REQUIRE_SHARED") == "1":
        print(f"shared data is required and absent: {EXAMPLES}")
        good = False
    else:
        print("official examples: shared data is absent")
    return 0 if good else 1


sys.exit(main())
