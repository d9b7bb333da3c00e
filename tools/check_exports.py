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
DECLARATION = re.compile(
    r"/\*(?P<comment>(?:[^*]|\*(?!/))*)\*/\s*"
    r"(?:STEPWELL_DEPRECATED\([^)]*\)\s*)?"
    r"STEPWELL_API\s+(?P<returns>[^;(]*?)(?P<name>stepwell_\w+)\s*"
    r"\((?P<parameters>[^;]*?)\)\s*STEPWELL_NOEXCEPT\s*;", re.S)
THREADS = {"any-thread", "serialized-per-handle", "immutable-shareable"}


def normal(type_text):
    """A C type with one way of spacing."""
    spaced = re.sub(r"\s*\*\s*", " * ", type_text)
    return re.sub(r"\* +\*", "**", " ".join(spaced.split()))


def parameter(text):
    """`type name` -> (type, name)."""
    match = re.fullmatch(r"(.*?)(\w+)", text.strip(), re.S)
    return normal(match.group(1)), match.group(2)


def header_functions(text):
    """name -> its declaration in the header, in the shape of api.json."""
    found = {}
    for match in DECLARATION.finditer(text):
        comment = " ".join(match["comment"].replace("*", " ").split())
        inside = " ".join(match["parameters"].split())
        parameters = [] if inside == "void" else [
            dict(zip(("type", "name"), parameter(p))) for p in inside.split(",")]
        threads = re.search(r"Thread-safety: ([a-z-]+)\.", comment)
        since = re.search(r"Since (\d+\.\d+)\.", comment)
        found[match["name"]] = {
            "name": match["name"], "returns": normal(match["returns"]),
            "parameters": parameters,
            "threads": threads and threads.group(1),
            "since": since and since.group(1)}
    return found


def listed_functions(api):
    found = {}
    for function in api["functions"]:
        entry = {key: function[key] for key in
                 ("name", "returns", "parameters", "threads", "since")}
        entry["returns"] = normal(entry["returns"])
        entry["parameters"] = [
            {"type": normal(p["type"]), "name": p["name"]}
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
