#!/usr/bin/env python3
"""Writes seeds for the FHIRPath fuzz targets from the shared official suite.

usage: fhirpath_seeds.py --out FOLDER

FOLDER/fhirpath/N.txt is the expression of test N; FOLDER/eval/N.txt the
expression, a blank line and its resource, where that is not too long to be
mutated. The suite is read from $STEPWELL_SHARED (../shared); without it
nothing is written.
"""

import argparse
import json
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RESOURCE_BYTES_MAX = 8000


def shared():
    base = pathlib.Path(os.environ.get("STEPWELL_SHARED", ROOT.parent / "shared"))
    return base / "data" / "fhirpath"


def resource(folder, name):
    """The resource as short JSON; "" when there is none or it is long."""
    if not name:
        return ""
    path = folder / "input-json" / (name.rsplit(".", 1)[0] + ".json")
    # Numbers keep their text: 1.0 stays 1.0 here, and nothing needs more.
    text = json.dumps(json.loads(path.read_text()), ensure_ascii=False,
                      separators=(",", ":"))
    return text if len(text) <= RESOURCE_BYTES_MAX else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, type=pathlib.Path)
    out = parser.parse_args().out
    folder = shared()
    suite = folder / "tests-fhir-r4.part.json"
    if not suite.exists():
        print("fhirpath_seeds: no shared suite; the checked-in seeds must do")
        return
    for name in ("fhirpath", "eval"):
        (out / name).mkdir(parents=True, exist_ok=True)
    tests = json.loads(suite.read_text())
    for test in tests:
        file, text = f"{test['index']}.txt", test["expression"]
        (out / "fhirpath" / file).write_text(text)
        (out / "eval" / file).write_text(
            text + "\n\n" + resource(folder, test["inputfile"]))
    print(f"fhirpath_seeds: {len(tests)} expressions in {out}")


if __name__ == "__main__":
    main()
