"""BENCH-P1 by Stepwell and by three engines of other kinds, in one run: the
same 35 commands a case, side by side, judged by what became of every case.

`./dev peers engines` builds what is needed and calls this through run.py.
Nothing of the peers is kept here: they are installed into build/peers/engines.
"""

import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
from collections.abc import Callable

import install

HERE = pathlib.Path(__file__).resolve().parent / "engines"

# What bench/runtime_bench.cc does with each case: eight answers, and the ninth,
# which is 1 with the fourth module of one case in 20.
WORK = {"answers": [1, 2, 3, 1, 2, 3, 1, 2], "risk_module": 4,
        "risk_every": 20}
SECONDS_MAX = 7200


@dataclasses.dataclass
class Peer:
    name: str
    # Installs into a folder and gives the command that runs it, and its
    # environment.
    make: Callable
    warm_up_cases: int
    # The ways to run it: how many cases at a time, and what is said of it.
    ways: dict


def xstate(folder, log):
    install.npm(HERE / "package.json", folder, "XState", log)
    return (["node", HERE / "xstate_p1.js"],
            {"NODE_PATH": str(folder / "node_modules")})


def spiff(folder, log):
    install.pip(HERE / "requirements.txt", folder, "SpiffWorkflow", log)
    return [folder / "venv" / "bin" / "python", HERE / "spiff_p1.py"], {}


def flowable(folder, log):
    install.maven(HERE / "pom.xml", folder, "Flowable", log)
    classes = install.compiled(HERE / "FlowableP1.java", folder, "Flowable")
    return ["java", "-cp", f"{classes}:{folder / 'lib'}/*", "FlowableP1"], {}


PEERS = [
    Peer("XState", xstate, 500, {
        "actors": (2000, "an actor a case, delayed events on one clock"),
        "pure": (2000, "pure transitions, clocks kept by the host"),
        "kept": (2000, "pure, state read and written as JSON each time")}),
    Peer("SpiffWorkflow", spiff, 20, {
        "memory": (1000, "BPMN in memory"),
        "kept": (100, "state read and written as JSON each time")}),
    Peer("Flowable CMMN", flowable, 200, {
        "default": (1000, "H2 in memory, as it comes"),
        "tuned": (1000, "H2 in memory, no history, no task queries")}),
]


def expected(count):
    """What must have become of the cases: pairs of outcome and how many."""
    plain = {"pathway": "discharged", "risk": "none", "finished": True,
             "answered": "discharged", "owner": "tess", "scores": [15] * 9,
             "band": "moderately_severe", "done": 27, "open": [], "weeks": 8,
             "alerts": 0}
    scores = [15] * 9
    scores[WORK["risk_module"]] = 16
    flagged = plain | {"risk": "flagged", "scores": scores,
                       "open": ["risk_form"], "alerts": 1}
    risky = -(-count // WORK["risk_every"])
    return [[plain, count - risky], [flagged, risky]]


def counted(outcomes):
    """Outcomes that can be compared, whatever the order of their keys."""
    return {json.dumps(outcome, sort_keys=True): count
            for outcome, count in outcomes if count > 0}


def wrong(row, count):
    """Why a row is not the same work, or None."""
    # A flagged case has one command more: its alert's clock fires.
    commands = 35 * count + -(-count // WORK["risk_every"])
    if row["commands"] != commands:
        return f"{row['commands']} commands, not {commands}"
    want, have = counted(expected(count)), counted(row["outcomes"])
    if want == have:
        return None
    other = next((text for text in have if have[text] != want.get(text)),
                 "cases are missing")
    return f"{have.get(other, 0)} cases ended as {other[:400]}"


def ask(peer, build, scale, repeats, log):
    """What the peer measured, or Absent."""
    command, environment = peer.make(build / peer.name.split()[0].lower(), log)
    cases = {name: max(20, round(count * scale))
             for name, (count, _) in peer.ways.items()}
    log(f"running {peer.name}")
    request = WORK | {"cases": cases, "repeats": repeats, "warm_up_cases":
                      max(1, round(peer.warm_up_cases * scale))}
    return told(command, request, environment)


def told(command, request, environment):
    """What a program that measures answers to its request, or Absent."""
    try:
        done = subprocess.run([str(part) for part in command],
                              input=json.dumps(request), text=True,
                              capture_output=True, timeout=SECONDS_MAX,
                              env=os.environ | environment, check=False)
        if done.returncode == 0:
            return json.loads(done.stdout)
    except OSError as error:
        raise install.Absent(f"{error.filename} cannot be run: "
                             f"{error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise install.Absent(f"no result within {SECONDS_MAX} s") from None
    except json.JSONDecodeError:
        raise install.Absent("it ended without a result that can be "
                             "read") from None
    raise install.Absent(f"it ended with exit {done.returncode} and said: "
                         f"{install.last_words(done.stderr)}")


def ours(program, repeats):
    """Commands a second, a repeat each; the program checks every case."""
    try:
        done = subprocess.run(
            [str(program), "--benchmark_filter=^BM_P1Many$",
             f"--benchmark_repetitions={repeats}", "--benchmark_format=json"],
            text=True, capture_output=True, check=False)
    except OSError as error:
        raise install.Absent(f"{program} cannot be run: {error.strerror}; "
                             "build runtime_bench first") from None
    if done.returncode != 0:
        raise install.Absent(f"{program} ended with exit {done.returncode} and "
                             f"said: {install.last_words(done.stderr)}")
    return [entry["commands"] for entry in
            json.loads(done.stdout)["benchmarks"]
            if entry["run_type"] == "iteration"]


def line(name, rates, fastest=None):
    median = statistics.median(rates)
    spread = 100 * (max(rates) - min(rates)) / median
    ratio = "" if fastest is None else f"{fastest / median:10.1f}"
    return f"{name:66}{median:12,.0f}{spread:9.0f} %{ratio}"


def judged(peer, found, fastest):
    """The lines of one peer, and notes on rows that did other work."""
    lines = [f"{peer.name} {found['version']} ({found['runtime']})"]
    notes = []
    for row in found["rows"]:
        why = wrong(row, row["cases"])
        if why is not None:
            notes.append(f"{peer.name}, {row['name']}, did NOT the same work: "
                         f"{why}")
            continue
        lines.append(line(
            f"  {peer.ways[row['name']][1]}, {row['cases']:,} cases",
            [row["commands"] / seconds for seconds in row["seconds"]],
            fastest))
    return lines, notes


def measure(program, build, scale, repeats, log):
    """Prints the table. 0: all ran and did the same work; 1: one did other
    work; 2: one could not be had."""
    given, notes, worst = {}, [], 0
    try:
        rates = ours(program, repeats)
        for peer in PEERS:
            try:
                given[peer.name] = ask(peer, build, scale, repeats, log)
            except install.Absent as absent:
                notes.append(f"{peer.name} did not run: {absent}")
                worst = 2
        rates += ours(program, repeats)
    except install.Absent as absent:
        log(f"no comparison of engines: {absent}")
        return 2
    lines = [line("Stepwell, memory store, 2,000 cases", rates)]
    for peer in PEERS:
        if peer.name in given:
            more, wrongs = judged(peer, given[peer.name],
                                  statistics.median(rates))
            lines += more
            notes += wrongs
            worst = max(worst, 1 if wrongs else 0)
    print("BENCH-P1, 35 commands a case: commands a second of processor time "
          f"of the working\nthread, median of {repeats} repeats after a warm-up "
          f"(ours {2 * repeats}, half of them before the\npeers and half after);"
          " spread is from the slowest to the fastest\n")
    print(f"{'':66}{'commands/s':>12}{'spread':>11}{'Stepwell':>10}")
    print("\n".join(lines + [""] * bool(notes) + notes))
    return worst
