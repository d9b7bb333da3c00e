#!/usr/bin/env python3
"""docs/reference/fhirpath.md names every function of the engine and every test
of the official suite that is skipped."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs/reference/fhirpath.md").read_text()


def functions():
    """Names in the tables of built-in functions."""
    for source in sorted((ROOT / "src/fhirpath").glob("functions_*.cc")):
        yield from re.findall(r'^ +\{"(\w+)", \d', source.read_text(), re.M)


def skips():
    text = (ROOT / "tests/fhir/fhirpath_skips.txt").read_text()
    for line in text.splitlines():
        if line and not line.startswith("#"):
            index, name, reason = line.split(" ", 2)
            assert reason
            yield f"| {index} | {name} |"


def main():
    names = list(functions())
    assert len(names) > 90, names
    missing = [f"`{name}`" for name in names if f"`{name}`" not in PAGE]
    missing += [row for row in skips() if row not in PAGE]
    for what in missing:
        print(f"docs/reference/fhirpath.md does not have {what}")
    return 1 if missing else 0


sys.exit(main())
