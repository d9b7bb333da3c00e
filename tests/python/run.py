#!/usr/bin/env python3
"""Runs the interpreter of the test environment with the package in its path.

usage: run.py VENV BUILD_DIR ARGUMENTS...
"""

import os
import pathlib
import sys

SKIPPED = 77


def main():
    venv, build, *arguments = sys.argv[1:]
    python = pathlib.Path(venv) / "bin" / "python"
    if not (pathlib.Path(venv) / "installed.txt").exists():
        print(f"{venv} holds no test packages (./dev test installs them where "
              "a package index can be reached)")
        required = os.environ.get("STEPWELL_REQUIRE_PYTHON") == "1"
        return 1 if required else SKIPPED
    environment = dict(
        os.environ, PYTHONPATH=str(pathlib.Path(build) / "python"),
        MYPYPATH=str(pathlib.Path(build) / "python"),
        PYTHONDONTWRITEBYTECODE="1", STEPWELL_BUILD_DIR=build)
    environment.pop("STEPWELL_LIBRARY", None)
    preload = environment.get("STEPWELL_PRELOAD", "").strip()
    if preload:  # Python itself lets go of nothing at its end
        environment.update(LD_PRELOAD=preload, PYTHONMALLOC="malloc",
                           ASAN_OPTIONS="detect_leaks=0")
    os.execve(python, [str(python), *arguments], environment)


if __name__ == "__main__":
    sys.exit(main())
