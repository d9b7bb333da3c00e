#!/usr/bin/env python3
"""Prints the simulated alert load of every shipped service, by its plan.

usage: alert_load.py PROGRAM [PAGE [--write]] [--root FOLDER]

Plays each plan of catalogue/plans with PROGRAM (stepwell) and prints how often
a week who is called to alerts: for each member of a pool, by tier and by what
the alerts come of, repeats included. With PAGE exit code 1 when the page
differs; --write makes it anew. A service of the catalogue without a plan is an
error. The same program gives the same page on any machine.
"""

import argparse
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent.parent
REPLICATIONS = 10
# It is for the benchmarks, and nobody's service.
NO_SERVICE = {"bench_p1"}
PARTS = ("first", "repeated", "retiered", "escalated")
HEAD = f"""# The alert load of the shipped services

Made by `python3 tools/alert_load.py PROGRAM docs/reference/alert_load.md
--write`, where PROGRAM is `stepwell`; a test compares the page. Each service is
played by its [plan](../formats/plan.md) in `catalogue/plans/`: {REPLICATIONS}
replications of a year, means with their 95 % intervals. Alerts are of the pool that
owns them, and who is called is its members: nobody of a pool that is not named
is called. Repeats are counted: `repeated` is later alerts of a person and new
evidence for an open one, `retiered` what the risk screen has put into another
tier, `escalated` what was passed on to somebody else because nobody acted in time.

The figures are those of the plans, whose numbers are mostly assumptions: they
show how tiers spread the load, not what a service will meet. Another plan, or
`--set`, gives a service its own: `stepwell simulate catalogue:icbt_norway --plan
catalogue/plans/icbt_norway.json`. What was met in truth is the table
[`alert_week`](../formats/tables.md#alert_week).
"""


def simulate(program, root, name):
    """The measures `alert_load` of the plan, by stratum."""
    folder = root / "catalogue"
    done = subprocess.run(
        [program, "simulate", folder / "protocols" / f"{name}.json", "--plan",
         folder / "plans" / f"{name}.json", "--replications",
         str(REPLICATIONS), "--format", "json"],
        stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"alert_load.py: {name} was not simulated")
    return {m["stratum"]: m for m in json.loads(done.stdout)["measures"]
            if m["name"] == "alert_load"}


def number(measure):
    return "-" if measure["mean"] is None else f"{measure['mean']:.2f}"


def interval(measure):
    if measure["low"] is None:
        return "-"
    return f"{measure['low']:.2f} to {measure['high']:.2f}"


def rows(loads, prefix):
    """A row for each stratum of the prefix in which anything happens."""
    for stratum, measure in loads.items():
        if not stratum.startswith(prefix) or "/" in stratum:
            continue
        if not measure["mean"]:
            continue
        parts = [number(loads[f"{stratum}/{part}"]) for part in PARTS]
        yield [stratum, number(measure), interval(measure), *parts]


def section(name, loads):
    whole = loads["all"]
    table = [["alerts a week", "mean", "95 %", *PARTS],
             ["of the whole service", number(whole), interval(whole),
              *(number(loads[part]) for part in PARTS)]]
    for prefix, words in (("pool ", "for each member of "),
                          ("tier ", "of the tier "), ("from ", "from ")):
        for row in rows(loads, prefix):
            table.append([words + f"`{row[0].removeprefix(prefix)}`", *row[1:]])
    lines = [f"\n## {name}\n"]
    for place, row in enumerate(table):
        lines.append("| " + " | ".join(row) + " |")
        if place == 0:
            lines.append("|" + "---|" * len(row))
    return "\n".join(lines) + "\n"


def page_of(program, root):
    folder = root / "catalogue"
    names = sorted(path.stem for path in (folder / "protocols").glob("*.json"))
    page = HEAD
    for name in names:
        if name in NO_SERVICE:
            continue
        if not (folder / "plans" / f"{name}.json").exists():
            raise SystemExit(f"alert_load.py: {name} has no plan")
        page += section(name, simulate(program, root, name))
    return page


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("page", nargs="?", type=pathlib.Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--root", type=pathlib.Path, default=HERE)
    options = parser.parse_args()
    page = page_of(options.program, options.root)
    if options.page is None:
        print(page, end="")
    elif options.write:
        options.page.write_text(page)
    elif options.page.read_text() != page:
        print(f"{options.page} is not what the plans give: tools/alert_load.py "
              "with --write makes it anew")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
