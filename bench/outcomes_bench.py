#!/usr/bin/env python3
"""A million courses by the NHS definitions: metrics_bench beside polars.

Makes a table of courses, has both count the same columns in turn, and prints the
quickest of each and the ratio; fails when a count differs or the goal is missed.
usage: outcomes_bench.py --bench BUILD/metrics_bench (in an interpreter that has
polars); other arguments are ignored.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time

import polars as pl

ROWS = 1_000_000
ROUNDS = 5
CALLS = 40  # a round
GOAL = 2  # times as fast as polars


def made(path):
    """The table, as a CSV file: a score in twenty is missing."""
    dice = random.Random(42)
    tops = (27, 27, 21, 21)
    pools = [[str(n) for n in range(top + 1)] for top in tops]
    with open(path, "w", encoding="ascii") as file:
        file.write("phq9_first,phq9_last,gad7_first,gad7_last,"
                   "treatment_contacts\n")
        contacts = [str(n) for n in range(12)]
        for _ in range(ROWS):
            cells = ["" if dice.random() < 0.05 else dice.choice(pool)
                     for pool in pools]
            file.write(",".join(cells) + f",{dice.choice(contacts)}\n")


def block(courses):
    """The NHS block: what becomes of each finished course, counted."""
    p1, p2 = pl.col("phq9_first"), pl.col("phq9_last")
    a1, a2 = pl.col("gad7_first"), pl.col("gad7_last")
    case = (p1.fill_null(0) >= 10) | (a1.fill_null(0) >= 8)
    paired = (p1.is_not_null() & p2.is_not_null() & a1.is_not_null()
              & a2.is_not_null())
    better = (p1 - p2 >= 6) | (a1 - a2 >= 4)
    worse = (p2 - p1 >= 6) | (a2 - a1 >= 4)
    improved = paired & better & ~worse
    recovered = paired & case & (p2 < 10) & (a2 < 8)
    finished = courses.lazy().filter(pl.col("treatment_contacts") >= 2)
    return finished.select(
        finished=pl.len(), at_caseness=case.sum(),
        not_at_caseness=(p1.is_not_null() & a1.is_not_null() & ~case).sum(),
        recovered=recovered.sum(), improved=improved.sum(),
        deteriorated=(paired & worse & ~better).sum(),
        no_change=(paired & (better == worse)).sum(),
        reliable_recovery=(recovered & improved).sum(),
        unclassified=(~paired).sum()).collect().row(0, named=True)


def ours(bench, path):
    """The quickest of CALLS single counts, and what was counted."""
    done = subprocess.run(
        [bench, "--benchmark_filter=CountMillion", "--benchmark_format=json",
         "--benchmark_min_time=1e-6", f"--benchmark_repetitions={CALLS}"],
        capture_output=True, check=True,
        env={**os.environ, "STEPWELL_COURSES_CSV": path})
    return min((one for one in json.loads(done.stdout)["benchmarks"]
                if one["run_type"] == "iteration"),
               key=lambda one: one["real_time"])


def theirs(courses):
    """The quickest of CALLS single counts, in milliseconds."""
    times = []
    for _ in range(CALLS):
        begin = time.perf_counter()
        block(courses)
        times.append(time.perf_counter() - begin)
    return min(times) * 1e3


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", required=True)
    args, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "courses.csv")
        made(path)
        courses = pl.read_csv(path, schema_overrides={
            name: pl.Int32 for name in ("phq9_first", "phq9_last",
                                        "gad7_first", "gad7_last",
                                        "treatment_contacts")})
        # In turn, so that both meet the same machine.
        rounds = [(ours(args.bench, path), theirs(courses))
                  for _ in range(ROUNDS)]
    counts = block(courses)
    counted = rounds[0][0]
    wrong = [name for name in counts if counts[name] != counted.get(name)]
    for name in wrong:
        print(f"{name}: polars {counts[name]}, stepwell {counted.get(name)}")
    if wrong:
        return 1
    mine = min(one["real_time"] for one, _ in rounds)
    other = min(one for _, one in rounds)
    print(f"stepwell {mine:.1f} ms on one thread, polars {pl.__version__} "
          f"{other:.1f} ms on {pl.thread_pool_size()}: {other / mine:.2f} "
          f"times; goal {GOAL}")
    return 0 if other >= GOAL * mine else 1


if __name__ == "__main__":
    sys.exit(main())
