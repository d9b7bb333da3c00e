"""The wheel, as `pip install ./bindings/python` makes it: its name, what is in
it, and that it works in an environment where nothing else is.

The library in it is the one of this build tree; with STEPWELL_LONG=1 it is
compiled from the sources, as for a user."""

import os
import pathlib
import subprocess
import sys
import venv
import zipfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True,
                          timeout=3000, **options)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    library = pathlib.Path(os.environ["STEPWELL_BUILD_DIR"]) / "libstepwell.so.0"
    prebuilt = [] if os.environ.get("STEPWELL_LONG") == "1" else [
        "-C", f"build-dir={tmp_path_factory.mktemp('build')}",
        "-C", f"cmake.define.STEPWELL_PREBUILT={library}"]
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps",
        "--no-build-isolation", "--no-index", "-w", out,
        ROOT / "bindings/python", *prebuilt)
    made, = out.iterdir()
    return made


def test_it_is_for_every_python_of_this_platform(wheel):
    name, version, python, abi, platform = wheel.stem.split("-")
    assert (name, python, abi) == ("stepwell", "py3", "none")
    assert platform.startswith("linux_") and platform != "any"
    assert version == run(
        sys.executable, "-c", "import stepwell; print(stepwell.__version__)"
    ).strip()


def test_it_carries_the_library_the_declarations_and_the_types(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    inside = {n.removeprefix("stepwell/") for n in names
              if n.startswith("stepwell/")}
    sources = {f.name for f in (ROOT / "bindings/python/src/stepwell").iterdir()
               if f.is_file()}
    assert inside == sources | {"_api.py", "libstepwell.so.0"}
    assert "py.typed" in inside
    assert any(n.endswith("licenses/LICENSE") for n in names)


def test_it_works_in_a_fresh_environment(wheel, tmp_path):
    fresh = tmp_path / "venv"
    venv.create(fresh, with_pip=False)
    python = fresh / "bin" / "python"
    alone = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet",
        "--no-index", wheel, env=alone)
    where = run(python, "-c", "import stepwell; print(stepwell.__file__)",
                env=alone, cwd=tmp_path)
    assert where.startswith(str(fresh))
    for name in ("first_case", "host_loop", "own_tables"):
        said = run(python, EXAMPLES / name / f"{name}.py", tmp_path / name,
                   env=alone, cwd=tmp_path)
        assert said == (EXAMPLES / name / "expected.txt").read_text()
    said = run(python, EXAMPLES / "what_if" / "what_if.py", "1", env=alone,
               cwd=tmp_path)
    assert "Self-referral doubled" in said and "with polars installed" in said
