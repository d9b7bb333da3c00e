#!/usr/bin/env python3
"""Installs the build into a temporary folder and uses it from plain C.

usage: install_test.py BUILD_DIR CMAKE C_COMPILER VERSION
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD, CMAKE, COMPILER, VERSION = sys.argv[1:5]
CONSUMER = pathlib.Path(__file__).resolve().parent / "consumer"


def run(*command, **kwargs):
    done = subprocess.run([str(part) for part in command], text=True,
                          capture_output=True, check=False, **kwargs)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}\n"
                             f"{done.stdout}{done.stderr}")
    return done.stdout


class InstallTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.folder.name)
        run(CMAKE, "--install", BUILD, "--prefix", cls.root / "first")
        # Moved after installation: nothing may remember where it was.
        shutil.move(cls.root / "first", cls.root / "prefix")
        cls.prefix = cls.root / "prefix"
        cls.library = next(cls.prefix.rglob("libstepwell.so")).parent

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def check_output(self, text):
        self.assertEqual(json.loads(text)["version"], VERSION)

    def test_a_c_project_finds_the_cmake_package(self):
        build = self.root / "by_cmake"
        run(CMAKE, "-S", CONSUMER, "-B", build, "-G", "Ninja",
            f"-DCMAKE_PREFIX_PATH={self.prefix}",
            f"-DCMAKE_C_COMPILER={COMPILER}")
        run(CMAKE, "--build", build)
        self.check_output(run(build / "consumer"))

    def test_a_cxx_project_may_embed_the_source(self):
        run(CMAKE, "-S", CONSUMER.parent / "embedded",
            "-B", self.root / "embedded", "-G", "Ninja",
            f"-DSTEPWELL_SOURCE={CONSUMER.parents[2]}")

    def test_users_need_none_of_what_it_is_made_of(self):
        config = next(self.prefix.rglob("stepwell-config.cmake")).read_text()
        for word in ("absl", "Boost", "SQLite", "SODIUM", "RE2",
                     "find_dependency", "INTERFACE_LINK_LIBRARIES"):
            self.assertNotIn(word, config)

    def test_pkg_config_finds_it(self):
        env = {**os.environ, "PKG_CONFIG_PATH": str(self.library / "pkgconfig")}
        self.assertEqual(
            run("pkg-config", "--modversion", "stepwell", env=env).strip(),
            VERSION)
        flags = run("pkg-config", "--cflags", "--libs", "stepwell",
                    env=env).split()
        program = self.root / "by_pkg_config"
        run(COMPILER, "-std=c99", CONSUMER / "main.c", *flags, "-o", program)
        self.check_output(run(program, env={
            **os.environ, "LD_LIBRARY_PATH": str(self.library)}))

    def test_a_program_loads_it_at_run_time(self):
        program = self.root / "by_dlopen"
        run(COMPILER, "-std=c99", f"-I{self.prefix / 'include'}",
            CONSUMER / "loaded.c", "-ldl", "-o", program)
        self.check_output(run(program, self.library / "libstepwell.so.0"))

    def test_soname_and_links_are_right(self):
        names = {path.name for path in self.library.glob("libstepwell*")}
        self.assertEqual(names, {"libstepwell.so", "libstepwell.so.0",
                                 f"libstepwell.so.{VERSION}"})

    def test_only_the_c_header_is_installed(self):
        headers = [path.relative_to(self.prefix / "include").as_posix()
                   for path in (self.prefix / "include").rglob("*.h")]
        self.assertEqual(headers, ["stepwell.h"])

    def test_catalogue_and_licence_are_installed(self):
        share = self.prefix / "share"
        self.assertTrue(list((share / "stepwell/catalogue").rglob("*.json")))
        self.assertTrue(list(share.rglob("LICENSE")))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
