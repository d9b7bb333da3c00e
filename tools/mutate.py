#!/usr/bin/env python3
"""Breaks the laws on purpose: each change of docs/safety/mutations.json must
make its test fail.

usage: mutate.py [--check] [--build DIR] [--only ID] [--if-set VARIABLE]

With --check nothing is built: every change must still have its place, once,
and every test must exist. Otherwise DIR (default build/dev) must hold the built
test programs. A changed copy of the one file is compiled and linked before the
libraries, so that it takes the place of the original; the sources and the
build stay as they are. Exit code 1 when a change survives.
"""

import argparse
import json
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIST = ROOT / "docs" / "safety" / "mutations.json"
FIELDS = {"id", "invariant", "breaks", "file", "find", "replace", "program",
          "test"}


def problems_of(mutations):
    """What is wrong with the list itself."""
    sources = "".join(p.read_text() for p in (ROOT / "tests").rglob("*.cc"))
    seen = set()
    for m in mutations:
        if set(m) != FIELDS:
            yield f"{m.get('id')}: the fields are {', '.join(sorted(FIELDS))}"
            continue
        if m["id"] in seen:
            yield f"{m['id']}: stands here twice"
        seen.add(m["id"])
        count = (ROOT / m["file"]).read_text().count(m["find"])
        if count != 1:
            yield f"{m['id']}: its place is found {count} times in {m['file']}"
        suite, name = m["test"].split(".")
        if f"({suite}, {name})" not in sources:
            yield f"{m['id']}: no such test: {m['test']}"


def commands(build, target):
    """The command that makes `target`, as ninja would run it."""
    lines = subprocess.run(["ninja", "-C", str(build), "-t", "commands", target],
                           capture_output=True, text=True, check=True).stdout
    return [line for line in lines.splitlines() if " -o " in line][-1]


def shell(command, cwd, **kwargs):
    return subprocess.run(command, shell=True, cwd=cwd, capture_output=True,
                          text=True, check=False, **kwargs)


def build_mutant(build, folder, m):
    """Compiles and links; the path of the program."""
    room = m["file"].split("/")[1]
    target = f"CMakeFiles/stepwell_{room}.dir/{m['file']}.o"
    source = folder / pathlib.Path(m["file"]).name
    text = (ROOT / m["file"]).read_text()
    source.write_text(text.replace(m["find"], m["replace"]))
    target_object = folder / "mutant.o"
    compile_line = commands(build, target)
    compile_line = compile_line.replace(str(ROOT / m["file"]), str(source))
    compile_line = compile_line.replace(f"-o {target}",
                                        f"-o {shlex.quote(str(target_object))}")
    compile_line = compile_line.replace("-Werror", "-Wno-error")
    done = shell(compile_line, build)
    if done.returncode != 0:
        raise RuntimeError(f"{m['id']} does not compile:\n{done.stderr}")
    program = folder / m["program"]
    link_line = commands(build, m["program"])
    link_line = link_line.replace(f"-o {m['program']}",
                                  f"{target_object} -o {program}")
    done = shell(link_line, build)
    if done.returncode != 0:
        raise RuntimeError(f"{m['id']} does not link:\n{done.stderr}")
    return program


def run_test(program, test):
    """0 when the test passes. Tests read their files from the top."""
    environment = dict(os.environ)
    environment.setdefault("STEPWELL_PROPERTY_COMMANDS", "20000")
    try:
        # Of a test with parameters all its instances.
        return subprocess.run([str(program),
                               f"--gtest_filter={test}:*/{test}/*"],
                              cwd=ROOT, env=environment, timeout=900,
                              capture_output=True, text=True, check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess([], 124, "it never ended", "")


def first_words(done):
    """What the failing test said first."""
    if done.returncode < 0:
        return f"the program died of signal {-done.returncode}"
    lines = done.stdout.splitlines()
    for i, line in enumerate(lines):
        if "Failure" in line and i + 1 < len(lines):
            said = lines[i + 1] if lines[i + 1] != "Failed" else lines[i + 2]
            return said[:120]
    return f"exit code {done.returncode}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--build", type=pathlib.Path,
                        default=ROOT / "build" / "dev")
    parser.add_argument("--only")
    parser.add_argument("--if-set", help="skip (exit code 77) when this "
                        "environment variable is not set")
    args = parser.parse_args()
    mutations = json.loads(LIST.read_text())
    problems = list(problems_of(mutations))
    for problem in problems:
        print(problem)
    if args.check or problems:
        return 1 if problems else 0
    if args.if_set and args.if_set not in os.environ:
        print(f"skipped: {args.if_set} is not set (./dev long sets it)")
        return 77
    build = args.build.resolve()
    survived = 0
    for m in mutations:
        if args.only and m["id"] != args.only:
            continue
        folder = build / "mutations" / m["id"]
        folder.mkdir(parents=True, exist_ok=True)
        program = build_mutant(build, folder, m)
        done = run_test(program, m["test"])
        program.unlink()
        caught = done.returncode != 0
        survived += not caught
        print(f"{m['id']}: {'caught' if caught else 'SURVIVED'}"
              f"{' by ' + first_words(done) if caught else ''}", flush=True)
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
