#!/usr/bin/env python3
"""Stepwell beside its peers, in one run: its FHIRPath beside fhirpath.js and
fhirpathpy on the same tests, expressions and resources, its engine beside
XState, SpiffWorkflow and Flowable on the same commands (engines.py), and its
worklist beside Flowable's task service on the same lines (worklists.py).

usage: run.py [--build FOLDER] [--into FOLDER] [--seconds S] [--scale F]
              [--repeats N] [conformance] [speed] [engines] [worklists]
              (none named: all)

conformance: the shared part of the official R4 suite, judged by one rule
(judge.py), and the tests that Stepwell skips with the reason.
speed: compiled expressions (speed.json) on parsed resources (resources.json).

engines: BENCH-P1, 35 commands a case.
worklists: "mine, overdue, by priority, first page", of 100,200 lines.

The peers come from their registries into build/peers: nothing of them is kept
here. `./dev peers` builds what is needed and calls this. Exit 0: all as it
should be; 1: a goal is missed, or an engine did other work; 2: a peer could
not be had, which is said with its reason.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PEERS = ROOT / "build" / "peers"
SHARED = pathlib.Path(os.environ.get("STEPWELL_SHARED",
                                     ROOT.parent / "shared")) / "data"
SKIPS = ROOT / "tests" / "fhir" / "fhirpath_skips.txt"
# What the product promises, by peer.
GOALS = {"fhirpath.js": 30, "fhirpathpy": 100}
COMPARISONS = ("conformance", "speed", "engines", "worklists")

sys.path.insert(0, str(HERE))
import engines  # noqa: E402
import install  # noqa: E402
import judge  # noqa: E402
import worklists  # noqa: E402


def install_fhirpath(log):
    install.npm(HERE / "package.json", PEERS, "fhirpath.js", log)
    install.pip(HERE / "requirements.txt", PEERS / "python", "fhirpathpy", log)


class Fraction(float):
    """A number with a fraction that kept its text."""

    def __new__(cls, text):
        made = super().__new__(cls, text)
        made.text = text
        return made


def marked(value):
    """Fractions as {"$decimal": text}: else their zeros were lost."""
    if isinstance(value, Fraction):
        return {"$decimal": value.text}
    if isinstance(value, dict):
        return {key: marked(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [marked(inner) for inner in value]
    return value


def ask(command, request):
    done = subprocess.run(command, input=json.dumps(request), text=True,
                          capture_output=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def javascript(request):
    os.environ["NODE_PATH"] = str(PEERS / "node_modules")
    return ask(["node", str(HERE / "fhirpath_js.js")], request)


def python(request):
    return ask([str(PEERS / "python" / "venv" / "bin" / "python"),
                str(HERE / "fhirpath_py.py")], request)


def resource_of(test):
    name = test["inputfile"]
    if not name:
        return None
    return SHARED / "fhirpath" / "input-json" / (name.rsplit(".", 1)[0] +
                                                 ".json")


def ours(build, tests):
    """What `stepwell eval --batch` gives, a line a test."""
    batch = PEERS / "batch.ndjson"
    with batch.open("w") as out:
        for test in tests:
            line = {"expression": test["expression"]}
            path = resource_of(test)
            if path is not None:
                line["resource_file"] = str(path)
            out.write(json.dumps(line) + "\n")
    done = subprocess.run([build / "bin" / "stepwell", "eval", "--batch",
                           batch], text=True, capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def skips():
    for line in SKIPS.read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split(" ", 2)


def conformance(build):
    suite = SHARED / "fhirpath" / "tests-fhir-r4.part.json"
    if not suite.exists():
        raise SystemExit(f"run.py: no shared suite at {suite}")
    tests = json.loads(suite.read_text())
    request = {"tests": []}
    for test in tests:
        path = resource_of(test)
        request["tests"].append({
            "expression": test["expression"],
            "resource": None if path is None else json.loads(
                path.read_text(), parse_float=Fraction)})
    request = marked(request)
    js, py = javascript(request), python(request)
    answers = {"Stepwell": ours(build, tests),
               f"fhirpath.js {js['version']}": js["results"],
               f"fhirpathpy {py['version']}": py["results"]}
    print(f"The shared part of the official R4 suite, {len(tests)} tests\n")
    print(f"{'engine':22}{'exact':>16}{'values alone*':>18}")
    for name, given in answers.items():
        counts = [sum(judge.passes(test, answer, exact)
                      for test, answer in zip(tests, given, strict=True))
                  for exact in (True, False)]
        cells = [f"{count} = {100 * count / len(tests):.1f} %"
                 for count in counts]
        print(f"{name:22}{cells[0]:>16}{cells[1]:>18}")
    print("* without types, 1.50 taken as 1.5: how far notation alone is the "
          "cause\n\nSkipped by Stepwell:")
    for index, test, reason in skips():
        print(f"  {index} {test}: {reason}")
    missed = {str(test["index"]) for test, answer in
              zip(tests, answers["Stepwell"]) if not judge.passes(test, answer)}
    listed = {index for index, _, _ in skips()}
    if missed != listed:
        print(f"NOT as listed: {sorted(missed ^ listed)}")
    return missed == listed


def same_result(one, other):
    """Both print JSON; "14" of a package that loses the type is 14."""
    try:
        return str(json.loads(one)) == str(json.loads(other))
    except json.JSONDecodeError:
        return False


def our_speed(build, seconds):
    done = subprocess.run(
        [build / "fhir_bench", "--benchmark_filter=^Eval/",
         f"--benchmark_min_time={seconds}", "--benchmark_format=json"],
        text=True, capture_output=True, check=True)
    return {entry["name"].removeprefix("Eval/"): entry
            for entry in json.loads(done.stdout)["benchmarks"]}


def speed(build, seconds):
    resources = json.loads((HERE / "resources.json").read_text())
    entries = json.loads((HERE / "speed.json").read_text())
    for entry in entries:
        entry["resource"] = resources[entry["resource"]]
    request = {"speed": entries, "seconds": seconds}
    mine = our_speed(build, seconds)
    js, py = javascript(request), python(request)
    peers = {"fhirpath.js": js["speed"], "fhirpathpy": py["speed"]}
    print("One compiled expression on one parsed resource, microseconds\n")
    print(f"{'':16}{'Stepwell':>10}" + "".join(
        f"{name:>14}{'ratio':>8}" for name in peers))
    worst = dict.fromkeys(peers, float("inf"))
    for entry in entries:
        name = entry["name"]
        own = mine[name]["cpu_time"]
        line = f"{name:16}{own / 1000:10.3f}"
        for peer, given in peers.items():
            if "error" in given[name]:
                line += f"{'error':>14}{'':8}"
                continue
            ratio = given[name]["nanoseconds"] / own
            worst[peer] = min(worst[peer], ratio)
            line += f"{given[name]['nanoseconds'] / 1000:14.1f}{ratio:8.0f}"
        print(line)
    for entry in entries:
        name = entry["name"]
        for peer, given in peers.items():
            theirs = given[name].get("gives", given[name].get("error", ""))
            if not same_result(mine[name]["label"], theirs):
                print(f"{name}: {peer} gives {theirs[:100]}, Stepwell "
                      f"{mine[name]['label']}")
    met = True
    for peer, goal in GOALS.items():
        met &= worst[peer] >= goal
        print(f"least ratio to {peer}: {worst[peer]:.0f} (goal {goal})")
    return met


def log(text):
    print(text, file=sys.stderr)


def fhirpath(arguments, wanted):
    try:
        install_fhirpath(log)
    except install.Absent as absent:
        print(f"no comparison of FHIRPath: {absent}", file=sys.stderr)
        return 2
    good = True
    if "conformance" in wanted:
        good &= conformance(arguments.build)
        print()
    if "speed" in wanted:
        good &= speed(arguments.build, arguments.seconds)
        print()
    return 0 if good else 1


def main():
    global PEERS
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path,
                        default=ROOT / "build" / "release")
    parser.add_argument("--into", type=pathlib.Path, default=PEERS,
                        help="where peers are installed")
    parser.add_argument("--seconds", type=float, default=1.0,
                        help="for each expression")
    parser.add_argument("--scale", type=float, default=1.0,
                        help="of the number of cases of each engine")
    parser.add_argument("--repeats", type=int, default=3, help="of each engine")
    parser.add_argument("what", nargs="*", metavar="|".join(COMPARISONS))
    arguments = parser.parse_args()
    PEERS = arguments.into.resolve()
    wanted = arguments.what or COMPARISONS
    unknown = set(wanted) - set(COMPARISONS)
    if unknown or arguments.repeats < 1 or arguments.scale <= 0:
        parser.error(f"no such comparison: {', '.join(sorted(unknown))}"
                     if unknown else "--repeats and --scale are above 0")
    worst = 0
    if "conformance" in wanted or "speed" in wanted:
        worst = fhirpath(arguments, wanted)
    if "engines" in wanted:
        worst = max(worst, engines.measure(
            arguments.build / "runtime_bench", PEERS / "engines",
            arguments.scale, arguments.repeats, log))
    if "worklists" in wanted:
        print()
        worst = max(worst, worklists.measure(
            arguments.build / "store_bench", PEERS / "engines",
            arguments.scale, log))
    return worst


sys.exit(main())
