#!/usr/bin/env python3
"""What Python adds to a submit: package against a C loop, in one run.

Rounds of the same commands (assign_case, each with a new id, on a fresh
service in memory), in turn:
  C      a C loop over stepwell_service_submit (bench/python_floor.c)
  text   Service.submit of a JSON text, the reply not looked at
  dict   Service.submit of a mapping, the reply not looked at
  read   the same, and one member of the reply read

The figure is the median over rounds of the difference to the C loop of the
same round, in processor time. usage: python_bench.py --floor FILE [--benchmark_min_time=SECONDS]
"""

import argparse
import ctypes
import gc
import json
import statistics
import sys
import time
from datetime import datetime, timezone

import stepwell
from stepwell import _native

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)
NOW_US = int(NOW.timestamp()) * 1_000_000
HOST = {"role": "integration"}
COMMANDS = 2000
GOAL_US = 15


def service():
    made = stepwell.Service.create("memory:", "catalogue:minimal", NOW,
                                   prototype=True)
    person = {"system": "s", "value": "1"}
    for n, command in enumerate((
            {"command": "add_staff", "staff": "anna", "pools": ["team"]},
            {"command": "register_person", "person": person},
            {"command": "receive_referral", "person": person,
             "route": "self"})):
        reply = made.submit({"id": f"b{n}", "actor": HOST, **command}, NOW)
    return made, reply.case


def commands(case):
    return [{"id": f"c{n}", "command": "assign_case", "case": case,
             "actor": {"role": "staff", "staff": "anna"}, "pool": "team",
             "staff": "anna"} for n in range(COMMANDS)]


def floor_of(path):
    function = ctypes.CDLL(path).stepwell_python_floor
    function.restype = ctypes.c_double
    function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p,
                         ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p),
                         ctypes.c_size_t]
    return function


def in_c(floor):
    made, case = service()
    texts = [json.dumps(c).encode() for c in commands(case)]
    array = (ctypes.c_char_p * COMMANDS)(*texts)
    address = [ctypes.cast(f, ctypes.c_void_p) for f in (
        _native.api.stepwell_service_submit, _native.api.stepwell_string_free)]
    with made:
        seconds = floor(*address, made._owner.pointer, NOW_US, array, COMMANDS)
    if seconds < 0:
        raise SystemExit("python_bench: a command failed in C")
    return seconds / COMMANDS * 1e6


def in_python(kind):
    made, case = service()
    given = commands(case)
    if kind == "text":
        given = [json.dumps(c) for c in given]
    submit = made.submit
    gc.disable()
    begin = time.thread_time()
    if kind == "read":
        for command in given:
            if submit(command, NOW).rejected:
                raise SystemExit("python_bench: a command was rejected")
    else:
        for command in given:
            submit(command, NOW)
    seconds = time.thread_time() - begin
    gc.enable()
    made.close()
    return seconds / COMMANDS * 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--floor", required=True)
    parser.add_argument("--benchmark_min_time", type=float, default=0.5)
    options, _ = parser.parse_known_args()
    floor = floor_of(options.floor)
    kinds = ("text", "dict", "read")
    floors, times, over = [], {k: [] for k in kinds}, {k: [] for k in kinds}
    begin = time.perf_counter()
    while len(floors) < 5 or (
            time.perf_counter() - begin < options.benchmark_min_time * 8):
        floors.append(in_c(floor))
        for kind in kinds:
            times[kind].append(in_python(kind))
            over[kind].append(times[kind][-1] - floors[-1])
    print(f"{len(floors)} rounds of {COMMANDS} submits, medians in us")
    print(f"  C     {statistics.median(floors):7.2f}")
    for kind in kinds:
        print(f"  {kind:5} {statistics.median(times[kind]):7.2f}   over C "
              f"{statistics.median(over[kind]):+6.2f}   (goal: <= {GOAL_US}"
              f"{'' if kind != 'read' else ' with the reply not read'})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
