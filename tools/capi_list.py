#!/usr/bin/env python3
"""Reads include/stepwell.h and keeps what is made from it current.

usage: capi_list.py [--write]

capi/api.json is the list that bindings are generated from: functions,
structures, constants, callbacks and handles, each with its comment. Types,
names and comments are the header's; what C cannot say (direction, nullable,
what a length belongs to, what frees a result) is written in the list by hand
and kept: --write guesses it for new parameters by their names.
docs/reference/c_api.md is made from the list.

Without --write: prints what is not current; exit code 1 then.
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADER = ROOT / "include" / "stepwell.h"
API = ROOT / "capi" / "api.json"
PAGE = ROOT / "docs" / "reference" / "c_api.md"
HAND_WRITTEN = ("direction", "nullable", "role", "length_of", "freed_by")

COMMENT = r"/\*(?P<comment>(?:[^*]|\*(?!/))*)\*/\s*"
FUNCTION = re.compile(
    COMMENT + r"(?:STEPWELL_DEPRECATED\([^)]*\)\s*)?"
    r"STEPWELL_API\s+(?:STEPWELL_MUST_USE\s+)?(?P<returns>[^;(]*?)"
    r"(?P<name>stepwell_\w+)\s*"
    r"\((?P<parameters>[^;]*?)\)\s*STEPWELL_NOEXCEPT\s*;", re.S)
STRUCT = re.compile(
    COMMENT + r"typedef struct (?P<name>stepwell_\w+) \{(?P<fields>.*?)\n\}",
    re.S)
FIELD = re.compile(
    r"(?P<type>[\w *]+?)(?P<name>\w+);[ \t]*(?:/\*(?P<doc>(?:[^*]|\*(?!/))*)\*/)?")
CALLBACK = re.compile(
    COMMENT + r"typedef (?P<returns>\w+) \(\*(?P<name>stepwell_\w+)\)\s*"
    r"\((?P<parameters>[^;]*?)\);", re.S)
HANDLE = re.compile(r"typedef struct (stepwell_\w+) \1;")
ENUM = re.compile(r"enum \{(.*?)\};", re.S)
ENTRY = re.compile(
    r"(STEPWELL_\w+) = (-?\d+),?[ \t]*(?:/\*((?:[^*]|\*(?!/))*)\*/)?")
DEFINE = re.compile(
    COMMENT + r"#define (?P<name>STEPWELL_\w+) (?P<value>INT64_MAX|\d+)\n", re.S)
VALUES = {"INT64_MAX": 2**63 - 1}


def words(text):
    """A comment without stars and line ends."""
    return " ".join(re.sub(r"^\s*\*", " ", text, flags=re.M).split())


def normal(type_text):
    """A C type with one way of spacing."""
    spaced = re.sub(r"\s*\*\s*", " * ", type_text)
    return re.sub(r"\* +\*", "**", " ".join(spaced.split()))


def parameters(text):
    inside = " ".join(text.split())
    found = []
    for part in [] if inside == "void" else inside.split(","):
        match = re.fullmatch(r"(.*?)(\w+)", part.strip(), re.S)
        found.append({"type": normal(match.group(1)), "name": match.group(2)})
    return found


def functions(text):
    found = []
    for match in FUNCTION.finditer(text):
        comment = words(match["comment"])
        threads = re.search(r"Thread-safety: ([a-z-]+)\.", comment)
        since = re.search(r"Since (\d+\.\d+)\.", comment)
        found.append({
            "name": match["name"], "returns": normal(match["returns"]),
            "parameters": parameters(match["parameters"]),
            "threads": threads and threads.group(1),
            "since": since and since.group(1),
            "doc": re.sub(r"\s*Thread-safety: .*", "", comment)})
    return found


def structs(text):
    found = []
    for match in STRUCT.finditer(text):
        fields = [{"type": normal(f["type"]), "name": f["name"],
                   "doc": words(f["doc"] or "")}
                  for f in FIELD.finditer(match["fields"])]
        found.append({"name": match["name"], "doc": words(match["comment"]),
                      "fields": fields})
    return found


def constants(text):
    found = []
    for block in ENUM.finditer(text):
        for entry in ENTRY.finditer(block[1]):
            found.append({"name": entry[1], "value": int(entry[2]),
                          "type": "stepwell_status",
                          "doc": words(entry[3] or "")})
    for match in DEFINE.finditer(text):
        value = VALUES.get(match["value"]) or int(match["value"])
        found.append({"name": match["name"], "value": value, "type": "int64_t",
                      "doc": words(match["comment"])})
    return found


def callbacks(text):
    return [{"name": match["name"], "returns": match["returns"],
             "parameters": parameters(match["parameters"]),
             "doc": words(match["comment"])}
            for match in CALLBACK.finditer(text)]


def handles(text):
    freed = {f["parameters"][0]["type"].split()[0]: f["name"]
             for f in functions(text) if f["name"].endswith("_free")}
    return [{"name": name, "freed_by": freed.get(name)}
            for name in HANDLE.findall(text)]


def guess(parameter, before, free_of):
    """What a new parameter is likely to be, by its type and name."""
    kind, name = parameter["type"], parameter["name"]
    base = kind.replace("const", "").split()[0]
    guessed = {"direction": "in", "nullable": False, "role": "value"}
    if kind == "stepwell_error **":
        guessed.update(direction="out", nullable=True, role="error",
                       freed_by="stepwell_error_free")
    elif kind.endswith("**"):
        guessed.update(
            direction="out", role="text" if base == "char" else "handle",
            freed_by=free_of.get(base, "stepwell_string_free"))
    elif kind == "size_t *":
        guessed.update(direction="out", nullable=True, role="length")
    elif base in free_of:
        guessed.update(role="handle")
    elif kind in ("const char *", "const void *"):
        guessed.update(role="text" if "char" in kind else "bytes",
                       nullable=True)
    elif kind == "void *":
        guessed.update(role="user_data", nullable=True)
    elif kind.endswith("*"):
        guessed.update(role="struct")
    elif name == "now_us":
        guessed.update(role="time")
    elif kind.endswith("_callback"):
        guessed.update(role="callback")
    if kind in ("size_t", "size_t *") and name.endswith("_len") and before:
        guessed.update(role="length", length_of=before["name"])
    if parameter["type"].endswith("struct ArrowArrayStream *"):
        if name == "out":
            guessed.update(direction="out", role="arrow_stream")
        else:
            guessed.update(role="arrow_input")
    return guessed


def merged(new, old, free_of):
    """The header's functions with what the list says by hand."""
    known = {(f["name"], p["name"]): p for f in old for p in f["parameters"]}
    for function in new:
        before = None
        for parameter in function["parameters"]:
            kept = known.get((function["name"], parameter["name"]), {})
            kept = {k: kept[k] for k in HAND_WRITTEN if k in kept}
            if "direction" not in kept:
                kept = guess(parameter, before, free_of)
            parameter.update(kept)
            before = parameter
        if function["name"].endswith("_free"):
            for parameter in function["parameters"]:
                parameter["nullable"] = True
    return new


def current(header_text, api):
    """api.json as it should be."""
    found_handles = handles(header_text)
    free_of = {h["name"]: h["freed_by"] for h in found_handles}
    return {
        "comment": api["comment"], "soname": api["soname"],
        "version_node": api["version_node"],
        "handles": found_handles,
        "constants": constants(header_text),
        "structs": structs(header_text),
        "callbacks": callbacks(header_text),
        "functions": merged(functions(header_text), api.get("functions", []),
                            free_of),
    }


def dump(api):
    return json.dumps(api, indent=1, ensure_ascii=False) + "\n"


def sections(header_text):
    """Function name -> title of the part of the header it stands in."""
    title, found = "", {}
    for line in header_text.splitlines():
        heading = re.match(r"/\* ---- (.*?) -+ \*/", line)
        title = heading.group(1) if heading else title
        if not title:
            continue  # examples in the header's first comment
        for name in re.findall(r"(stepwell_\w+)\s*\(", line):
            found.setdefault(name, title)
    return found


def parameter_note(parameter):
    notes = []
    if parameter["direction"] == "out":
        notes.append("out")
    if parameter["nullable"]:
        notes.append("may be NULL")
    if "freed_by" in parameter and parameter["direction"] == "out":
        notes.append(f"freed by `{parameter['freed_by']}`")
    if "length_of" in parameter:
        notes.append(f"length of `{parameter['length_of']}`")
    return ", ".join(notes)


def function_page(function):
    star = "" if function["returns"].endswith("*") else " "
    lines = [f"### {function['name']}", "", function["doc"], "", "```c",
             f"{function['returns']}{star}{function['name']}(" +
             (", ".join(p["type"] + ("" if p["type"].endswith("*") else " ") +
                        p["name"] for p in function["parameters"]) or "void") +
             ");", "```", ""]
    for parameter in function["parameters"]:
        note = parameter_note(parameter)
        if note:
            lines.append(f"- `{parameter['name']}`: {note}")
    if lines[-1]:
        lines.append("")
    lines += [f"Threads: {function['threads']}. Since {function['since']}.", ""]
    return lines


def page(api, header_text):
    """docs/reference/c_api.md."""
    lines = ["# The C interface", "",
             "Made from `capi/api.json` by `tools/capi_list.py --write`; the "
             "conventions stand at the top of `include/stepwell.h`.", "",
             "## Statuses and constants", "", "| name | value | |", "|---|---|---|"]
    lines += [f"| `{c['name']}` | {c['value']} | {c['doc']} |"
              for c in api["constants"]]
    lines += ["", "## Structures", ""]
    for struct in api["structs"]:
        lines += [f"### {struct['name']}", "", struct["doc"], "",
                  "| field | type | |", "|---|---|---|"]
        lines += [f"| `{f['name']}` | `{f['type']}` | {f['doc']} |"
                  for f in struct["fields"]] + [""]
    if api["callbacks"]:
        lines += ["## Callbacks", ""]
    for callback in api["callbacks"]:
        inside = ", ".join(f"{p['type']} {p['name']}"
                           for p in callback["parameters"])
        lines += [f"### {callback['name']}", "", callback["doc"], "", "```c",
                  f"{callback['returns']} {callback['name']}({inside});",
                  "```", ""]
    titles, title = sections(header_text), None
    for function in api["functions"]:
        if titles[function["name"]] != title:
            title = titles[function["name"]]
            lines += [f"## {title}", ""]
        lines += function_page(function)
    return "\n".join(lines).rstrip() + "\n"


def main():
    header_text = HEADER.read_text()
    api = current(header_text, json.loads(API.read_text()))
    wanted = {API: dump(api), PAGE: page(api, header_text)}
    stale = [path for path, text in wanted.items()
             if not path.exists() or path.read_text() != text]
    for path in stale:
        if "--write" in sys.argv[1:]:
            path.write_text(wanted[path])
        else:
            print(f"{path.relative_to(ROOT)} is not current: run "
                  "tools/capi_list.py --write and look at what changed")
    return 0 if "--write" in sys.argv[1:] or not stale else 1


if __name__ == "__main__":
    sys.exit(main())
