"""Installs peers from their registries into build/peers, where they are anew
only when the list of their versions changed. Nothing of them is kept here.

`Absent` says why one cannot be had, in words for whoever ran `./dev peers`.
"""

import pathlib
import shutil
import subprocess
import sys

# Registries that hang are told from those that are slow by this.
SECONDS_MAX = 900


class Absent(Exception):
    """A peer that cannot be had here, and why."""


def last_words(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    # What tells of an error, before hints that follow it.
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["nothing"])[0][:300]


def tell(command, folder, what):
    """Runs one step of an installation, or raises Absent."""
    program = str(command[0])
    if shutil.which(program) is None:
        raise Absent(f"{program} is not installed; {what} needs it")
    try:
        done = subprocess.run([str(part) for part in command], cwd=folder,
                              stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, timeout=SECONDS_MAX,
                              check=False)
    except subprocess.TimeoutExpired:
        raise Absent(f"{program} did not end within {SECONDS_MAX} s; is the "
                     f"registry of {what} within reach?") from None
    if done.returncode != 0:
        raise Absent(f"{program} could not install {what} (exit "
                     f"{done.returncode}); is its registry within reach? It "
                     f"said: {last_words(done.stderr + done.stdout)}")


def once(wanted, folder, what, log, steps):
    """Calls `steps` unless the file `wanted` is what `folder` was made from."""
    mark = folder / "installed.txt"
    if mark.exists() and mark.read_bytes() == wanted.read_bytes():
        return
    log(f"installing {what} in build/peers")
    # Half an installation is none: the mark comes last.
    mark.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    steps()
    mark.write_bytes(wanted.read_bytes())


def npm(package_json, folder, what, log):
    """Packages for Node, in folder/node_modules."""
    def steps():
        shutil.copy(package_json, folder / "package.json")
        tell(["npm", "install", "--no-audit", "--no-fund", "--silent=false",
              "--loglevel=error", "--fetch-retries=1"], folder, what)
    once(package_json, folder, what, log, steps)


def pip(requirements, folder, what, log):
    """Packages for Python, in the environment folder/venv."""
    def steps():
        tell([sys.executable, "-m", "venv", "--clear", "venv"], folder, what)
        tell([folder / "venv" / "bin" / "pip", "install", "--quiet",
              "--retries=1", "--disable-pip-version-check", "-r",
              requirements], folder, what)
    once(requirements, folder, what, log, steps)


def maven(pom, folder, what, log):
    """Libraries for Java, in folder/lib."""
    def steps():
        shutil.copy(pom, folder / "pom.xml")
        shutil.rmtree(folder / "lib", ignore_errors=True)
        tell(["mvn", "-q", "-B", f"-Dmaven.repo.local={folder / 'repository'}",
              "dependency:copy-dependencies", "-DoutputDirectory=lib"],
             folder, what)
    once(pom, folder, what, log, steps)


def compiled(source, folder, what):
    """The classes of one Java file, in folder/classes."""
    classes = pathlib.Path(folder) / "classes"
    tell(["javac", "-cp", folder / "lib" / "*", "-d", classes, source],
         folder, what)
    return classes
