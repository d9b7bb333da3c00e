"""The examples run as they stand, and say what they are said to say."""

import os
import pathlib
import subprocess
import sys

import pytest

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"

SAID = {
    "first_case": ["Karin is asked: phq-9", "to the patient: reminder",
                   "Anna has to do: ending", "The case is closed",
                   "replay differs in 0 places"],
    "host_loop": ["killed: after sending", "not sent twice",
                  "5 reminders sent", "0 wait; healthy: True"],
}

WHAT_IF = ["Self-referral as it is:", "Self-referral doubled:",
           "From the referral to the start of treatment",
           "share_within_6_weeks", "Staff work", "alerts"]


def run(name, *arguments):
    done = subprocess.run(
        [sys.executable, "-B", EXAMPLES / name / f"{name}.py", *arguments],
        capture_output=True, text=True, timeout=300, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", SAID)
def test_an_example_does_what_it_says(name, tmp_path):
    said = run(name, str(tmp_path / "clinic.db"))
    for words in SAID[name]:
        assert words in said
    assert run(name, str(tmp_path / "other.db")) == said  # to the byte
    lines = (EXAMPLES / name / f"{name}.py").read_text().count("\n")
    assert lines <= (100 if name == "first_case" else 150)


def test_what_if_says_what_would_change():
    said = run("what_if", "2")
    for words in WHAT_IF:
        assert words in said
    assert "shape: (" in said or "polars" in said
    rows = [line for line in said.splitlines() if line.startswith("started all")]
    as_it_is, doubled = (float(f.split("(")[0]) for f in rows[0].split(
        "count")[1].split(")")[:2])
    assert doubled > 1.2 * as_it_is
