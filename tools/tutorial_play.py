#!/usr/bin/env python3
"""Plays a page of the tutorial as its reader would, and compares.

usage: tutorial_play.py PROGRAM PAGE [--write]

PROGRAM is the command line, PAGE a page of docs/tutorial. Everything happens in
an empty folder, from the top of the page to its end. A comment before a block
says what the reader does with it:

    <!-- from examples/own_service/happy.scenario -->   a file of that name
    <!-- into nights.json -->    a new file; later members that are put into it.
                                 Of other files than JSON, what stands in the
                                 place of all after the last empty line
    <!-- run -->                 commands after `$ `, each with what it prints;
                                 the last one gives the exit code, `run: 1`: 1

Putting in merges as overlays do: objects by key, lists of objects by `id`;
everything else is replaced. What stands alone is compared at the end:

    <!-- nights.json is examples/own_service/nights.json -->

Prints what differs; exit code 1 then. --write puts what was printed into the
page, and what became of the files into the examples.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
STEP = re.compile(
    r"<!-- (?P<do>from|into|run)\b:? ?(?P<what>[\w/.-]*) -->\n"
    r"```\w*\n(?P<body>.*?)```\n"
    r"|<!-- (?P<file>[\w.-]+) is (?P<kept>[\w/.-]+) -->\n", re.S)
ANNOUNCED = re.compile(r"<!-- (?:from|into|run)\b|<!-- \S+ is \S+ -->")
WIDTH = 100


def merged(old, new):
    """`old` with `new` put into it, by the rules of overlays."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{k: merged(old.get(k), v) for k, v in new.items()}}
    entries = [*(old or []), *new] if isinstance(new, list) and isinstance(
        old, list) else [None]
    if all(isinstance(e, dict) and "id" in e for e in entries):
        by_id = {e["id"]: e for e in old}
        for entry in new:
            by_id[entry["id"]] = merged(by_id.get(entry["id"]), entry)
        return list(by_id.values())
    return new


def pretty(value, indent=0, before=0):
    """JSON in lines of at most WIDTH columns where that can be."""
    flat = json.dumps(value, ensure_ascii=False)
    if indent + before + len(flat) < WIDTH and indent:
        return flat
    if not isinstance(value, (dict, list)) or not value:
        return flat
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        keys = [json.dumps(k, ensure_ascii=False) + ": " for k in value]
        lines = [k + pretty(v, indent + 2, len(k))
                 for k, v in zip(keys, value.values())]
        ends = "{}"
    else:
        lines = [pretty(v, indent + 2) for v in value]
        ends = "[]"
    inner = f",\n{pad}".join(lines)
    return f"{ends[0]}\n{pad}{inner}\n{' ' * indent}{ends[1]}"


class Reader:
    """Does what a page says, in a folder."""

    def __init__(self, root, program, folder, write):
        self.root, self.folder, self.write = root, folder, write
        self.problems = []
        tools = folder / ".program"
        tools.mkdir()
        (tools / "stepwell").symlink_to(pathlib.Path(program).resolve())
        plain = {k: v for k, v in os.environ.items()
                 if not k.startswith("STEPWELL_")}
        self.environment = {**plain, "NO_COLOR": "1", "LC_ALL": "C.UTF-8",
                            "PATH": f"{tools}:{os.environ['PATH']}"}

    def put_in(self, name, text):
        path = self.folder / name
        if path.is_file():
            old = path.read_text()
            if path.suffix == ".json":
                text = pretty(merged(json.loads(old),
                                     json.loads("{" + text + "}"))) + "\n"
            else:
                text = old[:old.rindex("\n\n") + 2] + text
        path.write_text(text)

    def run(self, text, wanted):
        """The block as it really is."""
        shown = []
        commands = re.split(r"^\$ ", text, flags=re.M)[1:]
        for command in commands:
            lines = command.split("\n")
            count = 1
            while lines[count - 1].endswith("\\"):
                count += 1
            command = "\n".join(lines[:count])
            done = subprocess.run(
                command, shell=True, cwd=self.folder, env=self.environment,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                timeout=240)
            expected = wanted if len(shown) == len(commands) - 1 else 0
            if done.returncode != expected:
                self.problems.append(f"$ {command}\n  exit code "
                                     f"{done.returncode}, not {expected}")
            shown.append(f"$ {command}\n{done.stdout}")
        return "".join(shown)

    def keep(self, name, kept):
        new, path = (self.folder / name).read_text(), self.root / kept
        old = path.read_text() if path.is_file() else ""
        if new != old and self.write:
            path.write_text(new)
        elif new != old:
            self.problems.append(f"{kept} is not what {name} has become")

    def step(self, match):
        whole = match[0]
        if match["file"]:
            self.keep(match["file"], match["kept"])
        elif match["do"] == "from":
            name = pathlib.PurePath(match["what"]).name
            (self.folder / name).write_text(match["body"])
        elif match["do"] == "into":
            self.put_in(match["what"], match["body"])
        else:
            body = self.run(match["body"], int(match["what"] or 0))
            if body != match["body"] and not self.write:
                self.problems.append(f"the page has\n{match['body']}"
                                     f"it is\n{body}")
            return whole.replace(match["body"], body)
        return whole


def play(root, program, page, write):
    text = page.read_text()
    if len(ANNOUNCED.findall(text)) != len(list(STEP.finditer(text))):
        return ["a comment has no block after it, or is not understood"]
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(root, program, pathlib.Path(folder), write)
        new = STEP.sub(reader.step, text)
    if new != text and write:
        page.write_text(new)
    return reader.problems


def main():
    arguments = [a for a in sys.argv[1:] if a != "--write"]
    if len(arguments) != 2:
        sys.exit(__doc__)
    program, page = arguments
    found = play(ROOT, program, pathlib.Path(page), "--write" in sys.argv)
    for problem in found:
        print(f"{page}: {problem}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
