#!/usr/bin/env python3
"""Judges zone_dump's output by Python's zoneinfo, another implementation.

    zone_oracle.py ZONE_DUMP_PROGRAM [VENV]

It asks the release of tzdata that is compiled in, as another may rightly
disagree: the machine's own, or the one among the packages of the Python tests
in VENV. Where neither is that release it skips (77), or fails under
STEPWELL_REQUIRE_PYTHON=1.
"""

import datetime
import os
import pathlib
import subprocess
import sys
import zoneinfo

SKIP = 77
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1)
ZERO = datetime.timedelta(0)


def release_in(folder):
    path = pathlib.Path(folder, "tzdata.zi")
    if not path.exists():
        return None
    return path.read_text().split("\n", 1)[0].removeprefix("# version ")


def use_release(wanted, venv):
    """Whether zoneinfo reads that release from now on."""
    package = "lib/python*/site-packages/tzdata/zoneinfo"
    packaged = pathlib.Path(venv).absolute().glob(package) if venv else ()
    folders = [*zoneinfo.TZPATH, *map(str, packaged)]
    for folder in folders:
        if release_in(folder) == wanted:
            zoneinfo.reset_tzpath(to=[folder])
            return True
    print(f"tzdata {wanted}, which is compiled in, is in none of {folders}")
    return False


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
    if not use_release(compiled, sys.argv[2] if len(sys.argv) > 2 else None):
        return 1 if os.environ.get("STEPWELL_REQUIRE_PYTHON") == "1" else SKIP
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
