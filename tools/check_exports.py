#!/usr/bin/env python3
"""Compares what libstepwell.so exports, capi/api.json and stepwell.h.

usage: check_exports.py --library FILE [--api FILE] [--header FILE]

The three must name the same functions; header and list must also agree on
types, thread rule and version. Prints what differs; exit code 1 then.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE / "tools"))
import capi_list  # noqa: E402

THREADS = {"any-thread", "serialized-per-handle", "immutable-shareable"}


COMPARED = ("name", "returns", "parameters", "threads", "since", "doc")


def header_functions(text):
    """name -> its declaration in the header, in the shape of api.json."""
    return {f["name"]: f for f in capi_list.functions(text)}


def listed_functions(api):
    found = {}
    for function in api["functions"]:
        entry = {key: function[key] for key in COMPARED}
        entry["returns"] = capi_list.normal(entry["returns"])
        entry["parameters"] = [
            {"type": capi_list.normal(p["type"]), "name": p["name"]}
            for p in entry["parameters"]]
        found[entry["name"]] = entry
    return found


def exported_names(library):
    out = subprocess.run(["nm", "-D", "--defined-only", str(library)],
                         capture_output=True, text=True, check=True).stdout
    names = {}
    for line in out.splitlines():
        name, _, version = line.split()[-1].partition("@")
        names[name] = version.lstrip("@")
    return names


def compare(api, header_text, exported):
    """What differs, as lines."""
    problems = []
    node = api["version_node"]
    exported = dict(exported)
    exported.pop(node, None)  # the version node itself
    listed = listed_functions(api)
    declared = header_functions(header_text)
    mentioned = set(re.findall(r"STEPWELL_API[^;]*?(stepwell_\w+)\s*\(",
                               header_text))
    for name in sorted(mentioned - set(declared)):
        problems.append(f"stepwell.h: {name} has no comment right above it, or "
                        "no STEPWELL_NOEXCEPT")
    for name in sorted(set(exported) | set(listed) | set(declared)):
        places = {"the library": name in exported, "api.json": name in listed,
                  "stepwell.h": name in declared}
        absent = [place for place, there in places.items() if not there]
        if absent:
            problems.append(f"{name}: absent from {' and '.join(absent)}")
            continue
        if exported[name] != node:
            problems.append(f"{name}: exported as {exported[name] or 'unversioned'}"
                            f", not {node}")
        for key, wanted in listed[name].items():
            if declared[name][key] != wanted:
                problems.append(f"{name}: {key} is {declared[name][key]} in "
                                f"stepwell.h and {wanted} in api.json")
        if listed[name]["threads"] not in THREADS:
            problems.append(f"{name}: no such thread rule: "
                            f"{listed[name]['threads']}")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", type=pathlib.Path, required=True)
    parser.add_argument("--api", type=pathlib.Path,
                        default=HERE / "capi" / "api.json")
    parser.add_argument("--header", type=pathlib.Path,
                        default=HERE / "include" / "stepwell.h")
    args = parser.parse_args()
    problems = compare(json.loads(args.api.read_text()),
                       args.header.read_text(), exported_names(args.library))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
