"""The generated declarations against the header and against the package."""

import ctypes
import importlib.util
import json
import pathlib
import re
import shutil
import subprocess

import pytest

from stepwell import _api, _native

ROOT = pathlib.Path(__file__).resolve().parents[2]
API = json.loads((ROOT / "capi/api.json").read_text())


def test_every_function_is_declared_and_there():
    for function in API["functions"]:
        bound = getattr(_native.api, function["name"])
        assert len(bound.argtypes) == len(function["parameters"])
    for constant in API["constants"]:
        assert getattr(_api, constant["name"]) == constant["value"]


def test_every_function_is_used():
    """What C can do, Python can do."""
    package = ROOT / "bindings/python/src/stepwell"
    text = "\n".join(f.read_text() for f in package.glob("*.py"))
    # What the objects that Python makes anyway already say.
    spared = {"stepwell_error_status", "stepwell_version_number"}
    unused = {f["name"] for f in API["functions"]
              if not re.search(rf"\b{f['name']}\b", text)} - spared
    assert unused == set()


def test_structures_are_laid_out_as_in_c(tmp_path):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler")
    lines, expected = [], []
    for struct in API["structs"]:
        name, kind = struct["name"], getattr(_api, struct["name"])
        lines.append(f'printf("%zu\\n", sizeof({name}));')
        expected.append(ctypes.sizeof(kind))
        for field in struct["fields"]:
            lines.append(
                f'printf("%zu\\n", offsetof({name}, {field["name"]}));')
            expected.append(getattr(kind, field["name"]).offset)
    source = tmp_path / "layout.c"
    source.write_text("#include <stddef.h>\n#include <stdio.h>\n"
                      "#include <stepwell.h>\nint main(void) {\n" +
                      "\n".join(lines) + "\nreturn 0;\n}\n")
    program = tmp_path / "layout"
    subprocess.run([compiler, "-I", ROOT / "include", source, "-o", program],
                   check=True)
    printed = subprocess.run([program], check=True, capture_output=True,
                             text=True).stdout.split()
    assert [int(n) for n in printed] == expected and len(expected) > 10


def test_what_cannot_be_mapped_stops_the_generator():
    spec = importlib.util.spec_from_file_location(
        "generate", ROOT / "bindings/python/generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    names = generate.Names({"handles": [], "structs": [], "callbacks": []})
    for kind in ("long", "float *", "stepwell_x **", "const int32_t ***"):
        with pytest.raises(SystemExit, match="no ctypes"):
            generate.ctype(kind, names)
    assert generate.number("1.2.3") == 1002003
