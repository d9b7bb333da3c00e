#!/usr/bin/env python3
"""Writes the ctypes declarations of the Python package: _api.py.

usage: generate.py --api API.json --version X.Y.Z --output _api.py

capi/api.json lists what the shared library exports. Every constant, structure,
callback and function in it becomes a declaration; what this script cannot map
ends it with an error, so that nothing is left out in silence.
"""

import argparse
import json
import pathlib
import sys
import textwrap

SCALARS = {
    "int32_t": "c_int32", "uint32_t": "c_uint32", "int64_t": "c_int64",
    "uint64_t": "c_uint64", "size_t": "c_size_t", "double": "c_double",
    "stepwell_status": "c_int32",
}
HINTS = {"c_double": "float"}  # all other scalars are int

HEAD = '''# Generated from capi/api.json by bindings/python/generate.py; do not edit.
"""The C interface as ctypes declarations: include/stepwell.h, name by name."""

from ctypes import (CDLL, CFUNCTYPE, POINTER, Structure, c_char_p, c_double,
                    c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p)
from typing import Any, Callable

'''


class Names:
    """What the list declares by name."""

    def __init__(self, api):
        self.handles = {h["name"] for h in api["handles"]}
        self.structs = {s["name"] for s in api["structs"]}
        self.callbacks = {c["name"] for c in api["callbacks"]}


def split(kind):
    """"const char * *" -> ("char", 2)."""
    words = kind.replace("*", " * ").split()
    base = [w for w in words if w not in ("const", "struct", "*")]
    return " ".join(base), words.count("*")


def ctype(kind, names):
    """A C type as (ctypes expression, type hint)."""
    base, stars = split(kind)
    if stars == 0 and base in SCALARS:
        found = SCALARS[base]
        return found, HINTS.get(found, "int")
    if stars == 0 and base in names.callbacks:
        return base, "Any"
    if stars == 1:
        if base in ("char", "void") and "const" in kind.split():
            return "c_char_p", "bytes | None"
        if base in ("char", "void", "ArrowArrayStream", *names.handles):
            return "c_void_p", "int | None"
        if base in names.structs:
            return f"POINTER({base})", "Any"
        if base in SCALARS:
            return f"POINTER({SCALARS[base]})", "Any"
    if stars == 2 and base in ("char", "void", *names.handles):
        return "POINTER(c_void_p)", "Any"
    raise SystemExit(f"generate.py: no ctypes for the C type '{kind}'")


def result(kind, names):
    """A returned C type as (ctypes expression, type hint)."""
    if kind == "void":
        return "None", "None"
    base, stars = split(kind)
    # What a pointer to bytes points to may hold zeros: no c_char_p.
    if (base, stars) == ("void", 1):
        return "c_void_p", "int | None"
    return ctype(kind, names)


def number(version):
    major, minor, patch = (int(part) for part in version.split("."))
    return major * 1000000 + minor * 1000 + patch


def constants(api, version):
    lines = [f'VERSION = "{version}"',
             f"STEPWELL_VERSION_NUMBER = {number(version)}",
             f'SONAME = "{api["soname"]}"']
    lines += [f"{c['name']} = {c['value']}" for c in api["constants"]]
    return lines


def callback(entry, names):
    # A callback gets bytes by address and length: they may hold zeros.
    parts = [result(p["type"], names)[0].replace("c_char_p", "c_void_p")
             for p in entry["parameters"]]
    returned = result(entry["returns"], names)[0]
    return [f"{entry['name']} = CFUNCTYPE({', '.join([returned, *parts])})"]


def structure(entry, names):
    lines = ["", "", f"class {entry['name']}(Structure):",
             docstring(entry["doc"], 4), "    _fields_ = ["]
    for field in entry["fields"]:
        found = ctype(field["type"], names)[0]
        lines.append(f'        ("{field["name"]}", {found}),')
    return lines + ["    ]"]


def docstring(text, indent):
    pad = " " * indent
    wrapped = textwrap.wrap(text.replace("\\", "\\\\").replace('"', "'"),
                            78 - indent)
    if len(wrapped) == 1 and len(wrapped[0]) < 72 - indent:
        return f'{pad}"""{wrapped[0]}"""'
    return "\n".join([f'{pad}"""{wrapped[0]}'] +
                     [pad + line for line in wrapped[1:]] + [pad + '"""'])


def function(entry, names):
    kinds = [ctype(p["type"], names) for p in entry["parameters"]]
    returned, hint = result(entry["returns"], names)
    hints = ", ".join(k[1] for k in kinds)
    return [f"        self.{entry['name']}: Callable[[{hints}], {hint}] = bind(",
            f'            library, "{entry["name"]}", {returned},',
            "            [" + ", ".join(k[0] for k in kinds) + "])"]


BIND = '''

def bind(library: CDLL, name: str, returned: Any, arguments: list[Any]) -> Any:
    """One function with its types; AttributeError when it is not there."""
    function = getattr(library, name)
    function.restype = returned
    function.argtypes = arguments
    return function


class Api:
    """Every function of the library, declared."""

    def __init__(self, library: CDLL) -> None:'''


def module(api, version):
    names = Names(api)
    lines = constants(api, version) + [""]
    for entry in api["callbacks"]:
        lines += callback(entry, names)
    for entry in api["structs"]:
        lines += structure(entry, names)
    lines.append(BIND)
    for entry in api["functions"]:
        lines += function(entry, names)
    return HEAD + "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--api", type=pathlib.Path, required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    options = parser.parse_args()
    text = module(json.loads(options.api.read_text()), options.version)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
