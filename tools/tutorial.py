#!/usr/bin/env python3
"""Puts pieces of the examples into the tutorial, and checks that they are in.

usage: tutorial.py [--write]

A page of docs/tutorial says where a block comes from, in a comment before it:

    <!-- from examples/first_case/first_case.c: create -->
    ```c
    ...
    ```

The block is what stands in that file between the comment lines
`tutorial: create` and `tutorial end`, unindented. Without a name the whole
file is meant (an expected output). Without --write: prints what is not
current; exit code 1 then.
"""

import pathlib
import re
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
BLOCK = re.compile(
    r"<!-- from (?P<file>[\w/.]+)(?:: (?P<name>\w+))? -->\n"
    r"```(?P<language>\w*)\n(?P<body>.*?)```\n", re.S)
BEGIN = r"^[ \t]*(?:/\*|//|#) tutorial: {}(?: \*/)?\n"
END = r"^[ \t]*(?:/\*|//|#) tutorial end(?: \*/)?\n"


class TutorialError(Exception):
    pass


def piece(root, file, name):
    """The text that belongs into a block."""
    path = root / file
    if not path.is_file():
        raise TutorialError(f"{file}: there is no such file")
    text = path.read_text()
    if name is None:
        return text
    begin = list(re.finditer(BEGIN.format(re.escape(name)), text, re.M))
    if len(begin) != 1:
        raise TutorialError(f"{file}: `tutorial: {name}` stands there "
                            f"{len(begin)} times")
    end = re.compile(END, re.M).search(text, begin[0].end())
    if end is None:
        raise TutorialError(f"{file}: `tutorial: {name}` has no end")
    return textwrap.dedent(text[begin[0].end():end.start()])


def filled(root, page):
    def fill(match):
        where = match["file"] + (f": {match['name']}" if match["name"] else "")
        return (f"<!-- from {where} -->\n```{match['language']}\n"
                f"{piece(root, match['file'], match['name'])}```\n")
    return BLOCK.sub(fill, page)


def problems(root, write):
    found = []
    for path in sorted((root / "docs" / "tutorial").glob("*.md")):
        text = path.read_text()
        name = path.relative_to(root)
        announced = text.count("<!-- from ")
        if announced != len(BLOCK.findall(text)):
            found.append(f"{name}: a `from` comment has no block after it")
        try:
            wanted = filled(root, text)
        except TutorialError as error:
            found.append(f"{name}: {error}")
            continue
        if wanted != text and write:
            path.write_text(wanted)
        elif wanted != text:
            found.append(f"{name} is not current: run tools/tutorial.py "
                         "--write")
    return found


def main():
    found = problems(ROOT, "--write" in sys.argv[1:])
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
