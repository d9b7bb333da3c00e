#!/usr/bin/env python3
"""Refuses an #include, or a name, that goes through a forbidden door.

usage: check_rooms.py [--root DIR] [--table FILE]

Reads tools/rooms.txt and every C and C++ file of a room. Prints one line
`file:line: reason` per offence; exit code 1 when there is one.
"""

import argparse
import pathlib
import re
import sys

INCLUDE = re.compile(r'\s*#\s*include\s*(["<])([^">]+)[">]')
SOURCES = {".h", ".cc", ".c"}
C_HEADERS = {
    "assert.h", "errno.h", "inttypes.h", "limits.h", "math.h", "stdbool.h",
    "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h", "time.h",
}


class Table:
    """tools/rooms.txt, parsed."""

    def __init__(self, path):
        self.rooms = {}      # room -> rooms it may include
        self.public = {}     # public header -> its room
        self.libraries = {}  # include prefix -> rooms, or {"*"}
        self.words = {}      # word in the code -> rooms
        section = self.rooms
        for number, line in enumerate(path.read_text().splitlines(), 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            if line.startswith("["):
                section = {"[public]": self.public,
                           "[libraries]": self.libraries,
                           "[words]": self.words}.get(line)
                if section is None:
                    raise ValueError(f"{path}:{number}: no such section: {line}")
                continue
            name, colon, rest = line.rpartition(": ")
            if not colon:
                name, colon, rest = line.rpartition(":")
            if not colon or name in section:
                raise ValueError(f"{path}:{number}: not `name: rooms`, or twice")
            section[name.strip()] = (
                rest.strip() if section is self.public else set(rest.split()))
        self.check(path)

    def check(self, path):
        for room, allowed in self.rooms.items():
            for other in allowed - set(self.rooms) - {"public"}:
                raise ValueError(f"{path}: {room} may include {other}: no room")
        for header, room in self.public.items():
            if room not in self.rooms:
                raise ValueError(f"{path}: {header} is of {room}: no room")

    def may(self, room, other):
        return room == other or other in self.rooms[room]


def without_comments(text):
    """`text` with comments blanked; lines stay where they are."""
    def blank(match):
        found = match.group(0)
        if found[0] in "\"'":
            return found
        return re.sub(r"[^\n]", " ", found)
    return re.sub(
        r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'
        r"(?<![0-9a-zA-Z])'(?:\\.|[^'\\\n])*'",
        blank, text, flags=re.S)


def without_strings(line):
    return re.sub(r'"(?:\\.|[^"\\])*"', '""', line)


class Checker:
    def __init__(self, root, table):
        self.root = root
        self.table = table
        self.offences = []

    def folder(self, room):
        return self.root / (room if room in ("capi", "examples") or "/" in room
                            else f"src/{room}")

    def run(self):
        for room in self.table.rooms:
            for path in sorted(self.folder(room).rglob("*")):
                if path.suffix in SOURCES:
                    self.check_file(path, room, is_public=False)
        public = self.root / "include" / "stepwell"
        for path in sorted(public.rglob("*.h")):
            name = path.relative_to(public).as_posix()
            room = self.table.public.get(name)
            if room is None:
                self.say(path, 1, f"{name} has no room under [public] in "
                                  "tools/rooms.txt")
                continue
            self.check_file(path, room, is_public=True)
        c_header = self.root / "include" / "stepwell.h"
        if c_header.exists():
            self.check_c_header(c_header)
        self.check_strangers()
        return self.offences

    def say(self, path, line, reason):
        self.offences.append(
            f"{path.relative_to(self.root).as_posix()}:{line}: {reason}")

    def check_strangers(self):
        """A folder in src/ that no line of the table knows."""
        source = self.root / "src"
        if not source.exists():
            return
        for path in sorted(source.iterdir()):
            if path.is_dir() and path.name not in self.table.rooms:
                self.say(path, 1, "no such room in tools/rooms.txt")

    def check_c_header(self, path):
        for number, line in enumerate(
                without_comments(path.read_text()).splitlines(), 1):
            match = INCLUDE.match(line)
            if match and match.group(2) not in C_HEADERS:
                self.say(path, number, "stepwell.h includes C99's own headers "
                                       f"only, not {match.group(2)}")

    def check_file(self, path, room, is_public):
        text = without_comments(path.read_text(errors="replace"))
        for number, line in enumerate(text.splitlines(), 1):
            match = INCLUDE.match(line)
            if match:
                reason = self.reason(room, match.group(2), match.group(1) == "<",
                                     is_public)
                if reason:
                    self.say(path, number, reason)
                continue
            code = without_strings(line)
            for word, rooms in self.table.words.items():
                if word in code and (room not in rooms or is_public):
                    self.say(path, number,
                             f"only {' '.join(sorted(rooms))} may say {word}")

    def reason(self, room, name, angled, is_public):
        """Why `room` may not include `name`, or None."""
        if name == "stepwell.h":
            return self.public_reason(room, name, "capi")
        if name.startswith("stepwell/"):
            owner = self.table.public.get(name[len("stepwell/"):])
            if owner is None:
                return f"{name} is not under [public] in tools/rooms.txt"
            return self.public_reason(room, name, owner)
        owner = next((r for r in self.table.rooms
                      if r != "capi" and "/" not in r
                      and name.startswith(r + "/")), None)
        if owner is not None and not angled:
            if is_public:
                return f"a public header must not include {name} of src/"
            if not self.table.may(room, owner):
                return (f"room {room} must not include {name} of room {owner} "
                        f"(tools/rooms.txt allows: "
                        f"{' '.join(sorted(self.table.rooms[room])) or 'none'})")
            return None
        return self.library_reason(room, name, angled, is_public)

    def public_reason(self, room, name, owner):
        if room in ("capi", "examples") or "/" in room:
            return None  # these see every public header, and nothing else
        if self.table.may(room, owner):
            return None
        return f"room {room} must not include {name} of room {owner}"

    def library_reason(self, room, name, angled, is_public):
        if angled and (name in C_HEADERS or re.fullmatch(r"[a-z_0-9]+", name)):
            return None  # the standard library
        prefix = max((p for p in self.table.libraries if name.startswith(p)),
                     key=len, default=None)
        if prefix is None:
            if not angled and "/" not in name and (
                    room in ("capi", "examples") or "/" in room):
                return None  # a neighbour in the same folder
            return (f"{name} is neither a room, a public header nor a library "
                    "of tools/rooms.txt")
        rooms = self.table.libraries[prefix]
        if is_public and rooms != {"*"}:
            return f"a public header must not include {name}"
        if room not in rooms and rooms != {"*"}:
            return (f"room {room} must not include {name} "
                    f"(only {' '.join(sorted(rooms))} may)")
        return None


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=here)
    parser.add_argument("--table", type=pathlib.Path)
    args = parser.parse_args()
    table = Table(args.table or args.root / "tools" / "rooms.txt")
    offences = Checker(args.root, table).run()
    for offence in offences:
        print(offence)
    if offences:
        print(f"{len(offences)} forbidden", file=sys.stderr)
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
