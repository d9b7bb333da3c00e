#!/usr/bin/env python3
"""Runs an example in an empty folder, twice, and compares what it prints.

usage: example_test.py EXPECTED COMMAND...
"""

import difflib
import pathlib
import subprocess
import sys
import tempfile


def main():
    expected = pathlib.Path(sys.argv[1]).read_text()
    for _ in range(2):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([*sys.argv[2:], f"{folder}/example.db"],
                                  cwd=folder, capture_output=True, text=True,
                                  check=False)
        if done.returncode != 0 or done.stdout != expected:
            print(f"exit code {done.returncode}\n{done.stderr}")
            print("".join(difflib.unified_diff(
                expected.splitlines(True), done.stdout.splitlines(True),
                "expected", "printed")))
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
