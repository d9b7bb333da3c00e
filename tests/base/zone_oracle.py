#!/usr/bin/env python3
"""Judges zone_dump's output by Python's zoneinfo, another implementation.

    zone_oracle.py ZONE_DUMP_PROGRAM

Exit code 77 (skipped) when this machine's tzdata is another release than the
one compiled in, because then both may be right.
"""

import datetime
import pathlib
import subprocess
import sys
import zoneinfo

SKIP = 77
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1)
ZERO = datetime.timedelta(0)


def machine_version():
    for folder in zoneinfo.TZPATH:
        path = pathlib.Path(folder, "tzdata.zi")
        if path.exists():
            return path.read_text().split("\n", 1)[0].removeprefix("# version ")
    return None


def offset_at(zone, seconds):
    moment = datetime.datetime.fromtimestamp(seconds, UTC).astimezone(zone)
    return moment.utcoffset() // datetime.timedelta(seconds=1)


def from_local(zone, local):
    # fold=0: in the gap the offset before it, in the fold the first time.
    naive = EPOCH + datetime.timedelta(seconds=local)
    offset = naive.replace(tzinfo=zone, fold=0).utcoffset()
    return (naive - offset - EPOCH) // datetime.timedelta(seconds=1)


def main():
    dump = subprocess.run(
        [sys.argv[1]], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    compiled = dump[0].removeprefix("version ")
    here = machine_version()
    if here != compiled:
        print(f"SKIPPED: this machine has tzdata {here}, compiled in is {compiled}")
        return SKIP
    checks, wrong, names, zone = 0, [], set(), None
    for line in dump[1:]:
        kind, *rest = line.split(" ")
        if kind == "zone":
            names.add(rest[0])
            zone = zoneinfo.ZoneInfo(rest[0])
            continue
        given, answer = map(int, rest)
        want = (offset_at if kind == "i" else from_local)(zone, given)
        checks += 1
        if answer != want:
            wrong.append(f"{zone.key}: {line}, zoneinfo says {want}")
    # Neither is a zone: the host's own choice, and "not configured".
    missing = zoneinfo.available_timezones() - names - {"localtime", "Factory"}
    wrong += [f"{name} is missing" for name in sorted(missing)]
    print("\n".join(wrong[:50]))
    print(f"{len(names)} zones, {checks} checks, {len(wrong)} differences")
    if checks < 300_000:
        print("the dump is too small to prove anything")
        return 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
