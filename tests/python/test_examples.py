"""The examples and the code in the pages run as they stand. Those of the
tutorial print what their like in C and C++ print, to the byte."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
TUTORIAL = ("first_case", "host_loop", "own_tables")
WHAT_IF = ["Self-referral as it is:", "Self-referral doubled:",
           "From the referral to the start of treatment",
           "share_within_6_weeks", "staff record", "Alerts a week"]


def run(*command, folder):
    done = subprocess.run([sys.executable, "-B", *command], cwd=folder,
                          capture_output=True, text=True, timeout=300,
                          env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", TUTORIAL)
def test_an_example_prints_what_the_tutorial_says(name, tmp_path):
    program = EXAMPLES / name / f"{name}.py"
    assert run(program, tmp_path / "example.db", folder=tmp_path) == (
        EXAMPLES / name / "expected.txt").read_text()
    if name == "first_case":
        assert program.read_text().count("\n") < 100


def test_a_failure_is_told_with_its_reason(tmp_path):
    program = EXAMPLES / "first_case" / "first_case.py"
    done = subprocess.run([sys.executable, "-B", program, "/nowhere/a.db"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "/nowhere/a.db" in done.stderr


def test_what_if_says_what_would_change(tmp_path):
    said = run(EXAMPLES / "what_if" / "what_if.py", "2", folder=tmp_path)
    for words in WHAT_IF:
        assert words in said
    assert "shape: (" in said or "polars" in said
    row, change = (line for line in said.splitlines()
                   if line.startswith("started all count"))
    as_it_is, doubled = (float(cell) for cell in re.findall(
        r"(\d+\.\d+) \(", row))
    assert doubled > 1.2 * as_it_is
    # The second table is the differences of the first.
    found, = re.findall(r"(\d+\.\d+) \(", change)
    assert abs(float(found) - (doubled - as_it_is)) < 0.02
    assert re.search(r"^wait referral_to_start mean +none \(unstable\)$", said,
                     re.M)


@pytest.mark.parametrize("page", ["docs/reference/python.md",
                                  "bindings/python/README.md"])
def test_the_code_of_a_page_runs(page, tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.S)
    assert blocks
    for block in blocks:
        (tmp_path / "block.py").write_text(block)
        run("block.py", folder=tmp_path)


def test_the_example_of_the_package_runs(tmp_path):
    import stepwell
    import textwrap
    lines = stepwell.__doc__.splitlines()
    block = textwrap.dedent("\n".join(
        line for line in lines if line.startswith("    ") or not line))
    (tmp_path / "block.py").write_text(block)
    run("block.py", folder=tmp_path)
