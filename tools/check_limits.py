#!/usr/bin/env python3
"""Keeps docs/reference/limits.md and src/base/limits.h alike.

usage: check_limits.py [--write] [--header FILE] [--page FILE]

The table between the two markers of the page is made from the header: name,
value and the comment beside it. Without --write the page is only compared;
exit code 1 when it differs, or when a limit has no comment.
"""

import argparse
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent.parent
BEGIN = "<!-- limits: begin -->"
END = "<!-- limits: end -->"
CONSTANT = re.compile(
    r"inline constexpr [\w:]+ k(?P<name>\w+)\s*=\s*(?P<value>[^;]+);"
    r"(?:\s*//\s*(?P<comment>.*))?")


def value_of(expression):
    """A C++ constant expression of numbers, `<<`, `*`, `+` and `-`."""
    plain = re.sub(r"(?<=\d)(?:[uU]?[lL]{0,2}|[lL]{1,2}[uU]?)\b", "",
                   expression.replace("'", ""))
    if not re.fullmatch(r"[\d\sx<*+()-]+", plain):
        raise ValueError(f"cannot read the value {expression!r}")
    return eval(plain, {"__builtins__": {}})  # digits and operators only


def read_limits(text):
    """[(name, value, comment)] in the order of the header, and problems."""
    limits, problems = [], []
    block = []  # comment lines right above
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("//"):
            block.append(stripped.lstrip("/ "))
            continue
        match = CONSTANT.match(stripped)
        if match:
            comment = (match["comment"] or " ".join(block)).strip()
            if not comment:
                problems.append(f"{number}: k{match['name']} has no comment "
                                "that says what it bounds")
            limits.append((match["name"], value_of(match["value"]), comment))
        elif "constexpr" in stripped:
            problems.append(f"{number}: not `inline constexpr TYPE kName = "
                            "VALUE;` on one line")
        block = []
    return limits, problems


def words(name):
    """JsonBytesMax -> json bytes."""
    parts = re.findall(r"[A-Z][a-z0-9]*", name)
    return " ".join(p.lower() for p in parts if p not in ("Max", "Min"))


def shown(name, value):
    mib = 1 << 20
    if "Bytes" in name and value % mib == 0:
        return f"{value:,} ({value // mib} MiB)"
    return f"{value:,}"


def table(limits):
    lines = ["| limit | value | what it bounds | constant |",
             "|---|---|---|---|"]
    for name, value, comment in limits:
        lines.append(f"| {words(name)} | {shown(name, value)} | "
                     f"{comment.replace('|', '/')} | `k{name}` |")
    return "\n".join(lines)


def with_table(page, new_table):
    begin, end = page.find(BEGIN), page.find(END)
    if begin < 0 or end < begin:
        raise ValueError(f"the page lacks the markers {BEGIN} and {END}")
    return f"{page[:begin + len(BEGIN)]}\n{new_table}\n{page[end:]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--header", type=pathlib.Path,
                        default=HERE / "src" / "base" / "limits.h")
    parser.add_argument("--page", type=pathlib.Path,
                        default=HERE / "docs" / "reference" / "limits.md")
    args = parser.parse_args()
    limits, problems = read_limits(args.header.read_text())
    page = args.page.read_text()
    wanted = with_table(page, table(limits))
    for problem in problems:
        print(f"{args.header.name}:{problem}")
    if args.write:
        args.page.write_text(wanted)
    elif wanted != page:
        have = set(page.splitlines())
        want = set(wanted.splitlines())
        for line in sorted(want - have):
            print(f"{args.page.name} lacks: {line}")
        for line in sorted(have - want):
            print(f"{args.page.name} has, {args.header.name} has not: {line}")
        print("`./dev fmt` rewrites the table")
        return 1
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
