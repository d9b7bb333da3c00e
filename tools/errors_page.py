#!/usr/bin/env python3
"""Keeps docs/reference/errors.md alike with the tables of codes and both alike
with the sources.

usage: errors_page.py [--write] [--root FOLDER] [--page FILE]

The lists between the markers of the page are made from src/host/issue_codes.h
and src/host/reply_codes.h. A code that a source gives and the table lacks, one
that no source gives, and one of another severity are problems. Exit code 1 when
there is one, or when the page differs and --write is not given.
"""

import argparse
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent.parent
# Rooms whose issues are of a document of the author, and how it is called.
DOCUMENTS = {"protocol": "protocol", "instruments": "instrument",
             "sim": "plan", "fhir": "questionnaire"}
# Functions that add an issue: which argument is the code, and its severity.
ISSUE_CALLS = {"AddError": (1, "error"), "AddWarning": (1, "warning"),
               "AddOnce": (1, "error"), "ImportError": (2, "error"),
               "Error": (1, "error"), "Warn": (0, "warning")}
# The same for refusals and parked input.
REJECT_CALLS = {"Reject": 0, "Rejected": 0, "Refusal": 1}
PARK_CALLS = {"Nowhere": 0}
CODE = re.compile(r'"([a-z][a-z0-9_]*)"')
# Sources of a room that read another kind of document.
OTHERS = {("protocol", "migration.cc"): "migration"}
# Issues of a plan and of a migration come out of the reader of protocols, too.
SHARED = {"plan": ["protocol/reader.cc"], "migration": ["protocol/reader.cc"]}
ENTRY = re.compile(r"^\s*\{(\".*?)\},?$", re.M | re.S)
TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"|k(Error|Warning|\w+)')


def arguments(text, start):
    """The texts of the arguments of the call whose "(" is before `start`."""
    parts, depth, begin, at = [], 0, start, start
    while at < len(text):
        c = text[at]
        if c == '"':
            at += 1
            while text[at] != '"':
                at += 2 if text[at] == "\\" else 1
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            if depth == 0:
                parts.append(text[begin:at].strip())
                return parts
            depth -= 1
        elif c == "," and depth == 0:
            parts.append(text[begin:at].strip())
            begin = at + 1
        at += 1
    return parts


def calls(text, names):
    """(name, arguments) of each call of one of the names."""
    pattern = re.compile(r"(?<![\w:])(" + "|".join(names) + r")\(")
    for match in pattern.finditer(text):
        yield match[1], arguments(text, match.end())


def plain(text):
    """The text without comments."""
    return re.sub(r"//[^\n]*", "", text)


def codes_of(parts, at):
    """The literal codes of an argument: one, or both of a choice."""
    argument = parts[at] if len(parts) > at else ""
    if argument.startswith('"'):
        return CODE.fullmatch(argument) and [CODE.fullmatch(argument)[1]] or []
    return CODE.findall(argument.partition("?")[2])


def issues_in_sources(root):
    """{(document, code): {severity}} of all literal codes."""
    found = {}
    for room, usual in DOCUMENTS.items():
        for path in sorted((root / "src" / room).glob("*.cc")):
            document = OTHERS.get((room, path.name), usual)
            for name, parts in calls(plain(path.read_text()), ISSUE_CALLS):
                at, severity = ISSUE_CALLS[name]
                for code in codes_of(parts, at):
                    found.setdefault((document, code), set()).add(severity)
    return found


def shared_codes(root):
    """{(document, code)} that another room's reader may give."""
    shared = set()
    for document, paths in SHARED.items():
        for path in paths:
            text = plain((root / "src" / path).read_text())
            for name, parts in calls(text, ISSUE_CALLS):
                shared.update((document, code)
                              for code in codes_of(parts, ISSUE_CALLS[name][0]))
    return shared


def replies_in_sources(root):
    """(codes of refusals, codes of parked input) as sets."""
    rejected, parked = set(), set()
    for room in ("engine", "runtime", "host"):
        for path in sorted((root / "src" / room).glob("*.cc")):
            text = plain(path.read_text())
            for name, parts in calls(text, REJECT_CALLS):
                rejected.update(codes_of(parts, REJECT_CALLS[name]))
            for name, parts in calls(text, PARK_CALLS):
                parked.update(codes_of(parts, PARK_CALLS[name]))
            rejected.update(re.findall(r'\bRejection\{\s*"([a-z_]+)"', text))
            for value in re.findall(r"\breceipt\.code = ([^;]+);", text):
                rejected.update(re.findall(r'"([a-z_]+)"', value))
            for code in re.findall(r'\bkAmbiguous\[\] = "([a-z_]+)"', text):
                parked.add(code)
            for code in re.findall(r'(?<![.\w])code = "([a-z_]+)";', text):
                parked.add(code)
            for _, parts in calls(text, {"Park": 0}):
                parked.update(m[1] for m in map(CODE.fullmatch, parts) if m)
    return rejected, parked


def error_words(root):
    """The words of errors: of a Status, and of the C interface."""
    status = (root / "src/host/errors.cc").read_text()
    body = re.search(r"\bErrorCode\(const absl::Status.*?\n}\n", status, re.S)
    words = set(re.findall(r'return "([a-z_]+)"', body[0]))
    c = re.search(r"kWords\[\] = \{(.*?)\}", (root / "capi/error.cc").read_text(),
                  re.S)
    return words | set(re.findall(r'"([a-z_]+)"', c[1]))


def table(text, name):
    """The rows of the array `name`: lists of texts and constants."""
    match = re.search(rf"{name}\[\] = \{{\n(.*?)\n\}};", text, re.S)
    if not match:
        raise ValueError(f"there is no table {name}")
    rows = []
    for entry in ENTRY.finditer(plain_table(match[1])):
        rows.append([m[1].replace('\\"', '"') if m[2] is None else m[2]
                     for m in TEXT.finditer(entry[1])])
    return rows


def plain_table(text):
    """The rows without the comment lines between them."""
    return "\n".join(line for line in text.splitlines()
                     if not line.strip().startswith("//"))


def cell(text):
    return text.replace("|", "\\|")


def issue_lines(rows):
    lines = ["| code | severity | of | what is wrong | what to do |",
             "|---|---|---|---|---|"]
    for documents, code, severity, meaning, hint in rows:
        lines.append(f"| `{code}` | {severity.lower()} | "
                     f"{', '.join(documents.split())} | {cell(meaning)} | "
                     f"{cell(hint)} |")
    return lines


def code_lines(rows, what, todo):
    lines = [f"| code | {what} | {todo} |", "|---|---|---|"]
    for code, meaning, hint in rows:
        lines.append(f"| `{code}` | {cell(meaning)} | {cell(hint)} |")
    return lines


def compare(kind, wanted, known):
    """Problems: what one side has and the other has not."""
    for code in sorted(wanted - known):
        yield f"{kind} `{code}` is given by a source and is in no table"
    for code in sorted(known - wanted):
        yield f"{kind} `{code}` is in the table and no source gives it"


def problems_of(root, issues, rejections, parkings, errors):
    sources = issues_in_sources(root)
    known = {(document, row[1]): row[2].lower() for row in issues
             for document in row[0].split()}
    name = "issue of a {} with code".format
    for document, code in sorted(set(sources) - set(known)):
        yield (f"{name(document)} `{code}` is given by a source and is in no "
               "table: add it to src/host/issue_codes.h")
    for document, code in sorted(set(known) - set(sources) -
                                 shared_codes(root)):
        yield f"{name(document)} `{code}` is in the table and no source gives it"
    for key in sorted(set(known) & set(sources)):
        if sources[key] != {known[key]}:
            yield (f"{name(key[0])} `{key[1]}` is of severity "
                   f"{' and '.join(sorted(sources[key]))}, in the table "
                   f"{known[key]}")
    rejected, parked = replies_in_sources(root)
    codes = [row[1] for row in issues]
    for code in sorted({c for c in codes if codes.count(c) > 1}):
        yield f"issue `{code}` stands twice in the table"
    yield from compare("rejection", rejected, {row[0] for row in rejections})
    yield from compare("reason of parked input", parked,
                       {row[0] for row in parkings})
    yield from compare("error", error_words(root), {row[0] for row in errors})


def with_list(page, name, lines):
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    at, to = page.find(begin), page.find(end)
    if at < 0 or to < at:
        raise ValueError(f"the page lacks the markers {begin} and {end}")
    return (page[:at + len(begin)] + "\n" + "\n".join(lines) + "\n" + page[to:])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--root", type=pathlib.Path, default=HERE)
    parser.add_argument("--page", type=pathlib.Path)
    args = parser.parse_args()
    page_path = args.page or args.root / "docs" / "reference" / "errors.md"
    host = args.root / "src" / "host"
    issues = table((host / "issue_codes.h").read_text(), "kIssueCodes")
    replies = (host / "reply_codes.h").read_text()
    rejections = table(replies, "kRejectionCodes")
    parkings = table(replies, "kParkingCodes")
    errors = table(replies, "kErrorCodes")
    problems = list(
        problems_of(args.root, issues, rejections, parkings, errors))
    for problem in problems:
        print(problem)
    page = page_path.read_text()
    wanted = with_list(page, "issues", issue_lines(issues))
    wanted = with_list(wanted, "rejections", code_lines(
        rejections, "what the service's rules say", "what to do"))
    wanted = with_list(wanted, "parked", code_lines(
        parkings, "why it was parked", "what to do"))
    wanted = with_list(wanted, "errors", code_lines(
        errors, "what could not be done", "what to do"))
    if args.write:
        page_path.write_text(wanted)
    elif wanted != page:
        have, want = set(page.splitlines()), set(wanted.splitlines())
        for line in sorted(want - have):
            print(f"{page_path.name} lacks: {line}")
        for line in sorted(have - want):
            print(f"{page_path.name} has, the tables have not: {line}")
        print("tools/errors_page.py --write makes the lists anew")
        return 1
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
