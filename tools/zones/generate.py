#!/usr/bin/env python3
"""Prints src/base/zone_data.cc: the IANA time zones as a compact C++ table.

Reads the compiled TZif files (RFC 8536) of one tzdata release. Kept are the
changes of the UTC offset since 1970, each zone's explicit ones only as far as
its POSIX TZ footer does not already say them; from then on the footer rule
holds for ever. Names of zones that agree since 1970 share one entry. Data
before 1970 are left out: IANA does not vouch for them and distributors build
them differently, so the table does not depend on whose build it was read from.

    tools/zones/generate.py > src/base/zone_data.cc
    tools/zones/generate.py --version      # the release on this machine
    tools/zones/generate.py --check FILE   # 0 same, 1 differs, 77 other release
"""

import argparse
import bisect
import datetime
import pathlib
import re
import struct
import sys

ZONEINFO = pathlib.Path("/usr/share/zoneinfo")
# No zones of their own: the host's choice, and "not configured yet".
NOT_ZONES = {"localtime", "posixrules", "Factory"}
NOT_FOLDERS = {"posix", "right"}
RULE_YEARS = range(1970, 2106)
SKIP = 77


def tzdata_version(root):
    first = (root / "tzdata.zi").read_text().splitlines()[0]
    match = re.fullmatch(r"# version (\d{4}[a-z]+)", first)
    if not match:
        sys.exit(f"{root}/tzdata.zi names no plain release: {first!r}")
    return match[1]


def zone_files(root):
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name in NOT_ZONES or name.split("/")[0] in NOT_FOLDERS:
            continue
        if path.is_file():
            with open(path, "rb") as file:
                data = file.read()
            if data[:4] == b"TZif":
                yield name, data


def read_tzif(data):
    """(transition times, offset after each, offset at the start, footer)."""

    def counts(at):
        return struct.unpack(">6I", data[at + 20 : at + 44])

    utc, std, leaps, times, types, chars = counts(0)
    at = 44 + times * 5 + types * 6 + chars + leaps * 8 + std + utc
    if data[4:5] < b"2" or data[at : at + 4] != b"TZif":
        sys.exit("a TZif file of version 1 has no 64-bit data")
    utc, std, leaps, times, types, chars = counts(at)
    if leaps:
        sys.exit("a TZif file with leap seconds")
    at += 44
    when = struct.unpack(f">{times}q", data[at : at + 8 * times])
    at += 8 * times
    index = data[at : at + times]
    at += times
    offsets = [
        struct.unpack(">iBB", data[at + 6 * i : at + 6 * i + 6])[0]
        for i in range(types)
    ]
    at += 6 * types + chars + std + utc
    footer = data[at:].strip().decode("ascii")
    return list(when), [offsets[i] for i in index], offsets[0], footer


NAME = r"(?:<[A-Za-z0-9+-]+>|[A-Za-z]{3,})"
TIME = r"[+-]?\d{1,3}(?::\d{2}(?::\d{2})?)?"
FOOTER = re.compile(
    rf"{NAME}({TIME})(?:{NAME}({TIME})?"
    rf",M(\d+)\.(\d)\.(\d)(?:/({TIME}))?,M(\d+)\.(\d)\.(\d)(?:/({TIME}))?)?"
)


def seconds(text):
    sign = -1 if text.startswith("-") else 1
    parts = [int(p) for p in text.lstrip("+-").split(":")] + [0, 0]
    return sign * (parts[0] * 3600 + parts[1] * 60 + parts[2])


def read_footer(text):
    """(standard offset, summer offset, start, end); start and end are
    (month, week, weekday, seconds of day) or None when there is no summer."""
    match = FOOTER.fullmatch(text)
    if not match:
        sys.exit(f"a footer this generator cannot read: {text!r}")
    standard = -seconds(match[1])
    if match[3] is None:
        return (standard, standard, None, None)
    summer = -seconds(match[2]) if match[2] else standard + 3600
    dates = []
    for first in (3, 7):
        month, week, weekday = (int(match[first + i]) for i in range(3))
        at = seconds(match[first + 3]) if match[first + 3] else 7200
        dates.append((month, week, weekday, at))
    return (standard, summer, dates[0], dates[1])


def rule_day(year, month, week, weekday):
    """Days since 1970 of the week-th weekday (0 = Sunday; week 5 = last)."""
    first = datetime.date(year, month, 1)
    day = 1 + (weekday - first.isoweekday()) % 7 + 7 * (week - 1)
    after = datetime.date(year + month // 12, month % 12 + 1, 1)
    while day > (after - first).days:
        day -= 7
    return (first - datetime.date(1970, 1, 1)).days + day - 1


def rule_changes(rule):
    standard, summer, start, end = rule
    if start is None:
        return []
    changes = []
    for year in RULE_YEARS:
        changes.append((rule_day(year, *start[:3]) * 86400 + start[3] - standard, summer))
        changes.append((rule_day(year, *end[:3]) * 86400 + end[3] - summer, standard))
    return sorted(changes)


class Yearly:
    """The changes that a rule makes in RULE_YEARS."""

    def __init__(self, rule):
        self.changes = rule_changes(rule)
        self.times = [time for time, _ in self.changes]
        first = self.changes[0][1] if self.changes else rule[0]
        self.before = rule[1] if first == rule[0] else rule[0]

    def passed(self, time):
        return bisect.bisect_right(self.times, time)

    def offset_at(self, time):
        at = self.passed(time)
        return self.changes[at - 1][1] if at else self.before

    def continues(self, this, following):
        """Whether after the change `this` the rule's next is `following`."""
        at = self.passed(this[0])
        return (
            self.changes[at : at + 1] == [following]
            and self.offset_at(this[0]) == this[1]
        )


def compact(data):
    """(offset at 1970, explicit changes since then, rule for the time after)."""
    when, after, offset, footer = read_tzif(data)
    rule = read_footer(footer)
    yearly = Yearly(rule)
    start, changes = offset, []
    for time, to in zip(when, after):
        if time <= 0:
            start = to
        elif to != offset:
            changes.append((time, to))
        offset = to
    # Builds differ in how many changes they spell out before the rule. So all
    # are spelled out here, and then as many left to the rule as it says.
    for time, to in yearly.changes[yearly.passed(when[-1] if when else 0) :]:
        if to != offset:
            changes.append((time, to))
        offset = to
    while len(changes) > 1 and yearly.continues(changes[-2], changes[-1]):
        changes.pop()
    time, to = changes[-1] if changes else (0, start)
    if yearly.offset_at(time) != to:
        sys.exit(f"footer {footer!r} does not follow the last change")
    check_order(start, changes)
    return start, tuple(changes), rule


def check_order(start, changes):
    """The library searches times and local times of changes by bisection."""
    before, last_local = start, None
    for time, to in changes:
        local = time + max(before, to)
        if not 0 < time < 2**32 or (last_local is not None and local <= last_local):
            sys.exit(f"a change that bisection would miss: {time}")
        before, last_local = to, local


def wrapped(items):
    line, lines = " ", []
    for item in items:
        if len(line) + len(item) + 2 > 80:
            lines.append(line)
            line = " "
        line += f" {item},"
    return "\n".join(lines + [line])


class Table:
    """Distinct values in order of first use."""

    def __init__(self):
        self.index = {}

    def add(self, value):
        return self.index.setdefault(value, len(self.index))


def date_text(date):
    month, week, weekday, at = date or (0, 0, 0, 0)
    return f"{{{month}, {week}, {weekday}, {at}}}"


def generate(root):
    offsets, rules, courses = Table(), Table(), Table()
    names = []
    for name, data in zone_files(root):
        start, changes, rule = compact(data)
        names.append((name, courses.add((start, changes, rule))))
    if "UTC" not in dict(names):
        sys.exit(f"{root} lacks UTC")
    # Names are found by bisection over bytes.
    names.sort(key=lambda entry: entry[0].encode())
    times, indexes, rows = [], [], []
    for start, changes, rule in courses.index:
        rows.append((len(times), len(changes), offsets.add(start), rules.add(rule)))
        times += [str(time) for time, _ in changes]
        indexes += [str(offsets.add(to)) for _, to in changes]
    if len(offsets.index) > 256 or len(times) > 65535:
        sys.exit("the table has outgrown its types")
    return TEMPLATE.format(
        version=tzdata_version(root),
        times=wrapped(times),
        indexes=wrapped(indexes),
        offsets=wrapped(str(o) for o in offsets.index),
        rules="\n".join(
            f"    {{{std}, {summer}, {date_text(start)}, {date_text(end)}}},"
            for std, summer, start, end in rules.index
        ),
        courses=wrapped("{%d, %d, %d, %d}" % row for row in rows),
        zones=wrapped(f'Z("{name}", {course})' for name, course in names),
    )


TEMPLATE = """\
// Generated by tools/zones/generate.py from tzdata {version}. Do not edit.
// Time zones as data of the library: nothing reads the host's zoneinfo.
#include "base/zone_data.h"

// clang-format off
namespace stepwell::zone_data {{
namespace {{

constexpr uint32_t kTimes[] = {{
{times}
}};

constexpr uint8_t kOffsetIndexes[] = {{
{indexes}
}};

constexpr int32_t kOffsets[] = {{
{offsets}
}};

constexpr Rule kRules[] = {{
{rules}
}};

constexpr Course kCourses[] = {{
{courses}
}};

constexpr auto Z = Maker::Make;
constexpr Zone kZones[] = {{
{zones}
}};

}}  // namespace

constexpr Tables kTables = {{
    "{version}", kTimes, kOffsetIndexes, kOffsets, kRules, kCourses, kZones}};

}}  // namespace stepwell::zone_data
"""


def check(root, path):
    """The exit code of a comparison with the checked-in table."""
    compiled = path.read_text()
    version = re.search(r"from tzdata (\S+)\.", compiled)[1]
    if not (root / "tzdata.zi").exists():
        print(f"SKIPPED: no {root}/tzdata.zi on this machine")
        return SKIP
    here = tzdata_version(root)
    if here != version:
        print(f"SKIPPED: this machine has tzdata {here}, compiled in is {version}")
        return SKIP
    if generate(root) != compiled:
        print(f"{path} is not what tzdata {here} generates; generate it anew")
        return 1
    print(f"{path} is what tzdata {here} generates")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--zoneinfo", type=pathlib.Path, default=ZONEINFO)
    parser.add_argument("--version", action="store_true")
    parser.add_argument("--check", type=pathlib.Path, metavar="FILE")
    options = parser.parse_args()
    if options.check:
        return check(options.zoneinfo, options.check)
    if options.version:
        print(tzdata_version(options.zoneinfo))
    else:
        sys.stdout.write(generate(options.zoneinfo))
    return 0


if __name__ == "__main__":
    sys.exit(main())
