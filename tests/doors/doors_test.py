#!/usr/bin/env python3
"""Scenarios of the shipped services from C, from Python and by `stepwell run`.

usage: doors_test.py BUILD_DIR

doors_test writes each scenario, its calls and the hashes of the states that it
came to live; every other door must come to the same ones.
"""

import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(sys.argv[1])
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
FLAGS = {"check": True, "capture_output": True, "text": True}


def live(folder):
    """{name: {case: hash}} of the C++ interface."""
    subprocess.run([BUILD / "doors_test", "--gtest_filter=DoorsFiles.*"],
                   env={**os.environ, "STEPWELL_CALLS": str(folder)}, **FLAGS)
    return {path.stem: dict(line.split() for line in
                            path.read_text().splitlines())
            for path in sorted(folder.glob("*.hashes"))}


def from_c(folder, names):
    files = [str(folder / f"{name}.calls") for name in names]
    out = subprocess.run([BUILD / "doors_calls", *files], **FLAGS).stdout
    states = {}
    for line in out.splitlines():
        if line.endswith(".calls"):
            states[pathlib.Path(line).stem] = one = {}
        else:
            case, state = line.split()
            one[case] = state
    return states


def from_python(folder, names):
    sys.path.insert(0, str(BUILD / "python"))
    import stepwell
    states = {}
    for name in names:
        service, cases, now = None, set(), None
        for line in (folder / f"{name}.calls").read_text().splitlines():
            call = json.loads(line)
            now = EPOCH + datetime.timedelta(microseconds=call["now_us"])
            try:
                if "create" in call:
                    service = stepwell.Service.create(
                        "memory:", call["create"], now, prototype=True)
                elif "submit" in call:
                    reply = service.submit(call["submit"], now)
                    cases |= {reply["case"]} if reply.get("case") else set()
                else:
                    service.advance(now, catch_up=call["catch_up"])
            except stepwell.StepwellError:
                pass  # a scenario may expect it
        states[name] = {case: service.view(case, now)["state_hash"]
                        for case in cases}
    return states


def by_the_command_line(folder, names):
    states = {}
    for name in names:
        service = name.rsplit("_on_", 1)[1]
        out = subprocess.run(
            [BUILD / "bin" / "stepwell", "run", f"catalogue:{service}",
             "--script", folder / f"{name}.scenario", "--calls",
             folder / f"{name}.again", "--format", "json"], **FLAGS).stdout
        states[name] = {one["case"]: one["state_hash"]
                        for one in json.loads(out)["cases"]}
        if ((folder / f"{name}.again").read_bytes() !=
                (folder / f"{name}.calls").read_bytes()):
            states[name]["calls"] = "others"
    return states


def main():
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        expected = live(folder)
        services = {play.rsplit("_on_", 1)[1] for play in expected}
        assert len(services) == 7 and all(expected.values()), services
        for door in (from_c, from_python, by_the_command_line):
            got = door(folder, expected)
            for play, states in expected.items():
                if got[play] != states:
                    bad += 1
                    print(f"{door.__name__}: {play}: {got[play]}, live {states}")
        print(f"{len(expected)} scenarios of {len(services)} services, "
              f"{sum(map(len, expected.values()))} cases, {bad} differences")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
