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
