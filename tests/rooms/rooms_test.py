#!/usr/bin/env python3
"""Proves that check_rooms.py can fail: each forbidden line is found."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tools" / "check_rooms.py"


class RoomsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("tools/rooms.txt", (ROOT / "tools/rooms.txt").read_text())

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def check(self):
        done = subprocess.run(
            [sys.executable, str(SCRIPT), "--root", str(self.root)],
            capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    def refused(self, name, text, line, *words):
        self.write(name, text)
        code, out = self.check()
        self.assertEqual(code, 1, out)
        self.assertIn(f"{name}:{line}: ", out)
        for word in words:
            self.assertIn(word, out)
        (self.root / name).unlink()
        self.assertEqual(self.check(), (0, ""))

    def test_an_allowed_include_passes(self):
        self.write("src/engine/decide.cc",
                   '#include <vector>\n#include "absl/status/status.h"\n'
                   '#include "engine/decide.h"\n#include "base/limits.h"\n'
                   '#include "stepwell/time.h"\n')
        self.assertEqual(self.check(), (0, ""))

    def test_a_room_above_is_refused(self):
        self.refused("src/engine/decide.cc",
                     '// A.\n#include "base/limits.h"\n'
                     '#include "store/store.h"\n',
                     3, "room engine", "room store")

    def test_store_may_not_see_meaning(self):
        self.refused("src/store/memory.cc", '#include "engine/state.h"\n', 1)

    def test_a_public_header_of_a_room_above_is_refused(self):
        self.write("include/stepwell/time.h", "")
        self.write("src/base/a.cc", '#include "stepwell/time.h"\n')
        self.assertEqual(self.check(), (0, ""))
        table = (ROOT / "tools/rooms.txt").read_text()
        self.write("tools/rooms.txt",
                   table.replace("time.h: base", "time.h: engine"))
        code, out = self.check()
        self.assertEqual(code, 1)
        self.assertIn("src/base/a.cc:1: ", out)

    def test_public_headers_see_no_boost_json_or_sql(self):
        for include in ('<boost/json.hpp>', '"json/json.h"', '<sqlite3.h>',
                        '"base/limits.h"'):
            self.refused("include/stepwell/time.h", f"#include {include}\n", 1,
                         "public header")

    def test_a_public_header_without_a_room_is_refused(self):
        self.refused("include/stepwell/mystery.h", "", 1, "[public]")

    def test_only_json_says_boost_json(self):
        self.refused("src/wire/text.cc", "#include <boost/json.hpp>\n", 1)
        self.refused("src/wire/text.cc",
                     "\nboost::json::value v;\n", 2, "boost::json")

    def test_only_store_says_sqlite(self):
        self.refused("src/runtime/a.cc", "#include <sqlite3.h>\n", 1)
        self.refused("src/runtime/a.cc", "sqlite3_open(a, b);\n", 1)

    def test_an_unknown_library_is_refused(self):
        self.refused("src/base/a.cc", "#include <curl/curl.h>\n", 1)

    def test_the_c_abi_sees_public_headers_only(self):
        self.refused("capi/version.cc", '#include "host/service.h"\n', 1)
        self.refused("tools/cli/main.cc", '#include "host/service.h"\n', 1)

    def test_a_folder_that_is_no_room_is_refused(self):
        self.write("src/misc/a.cc", "")
        code, out = self.check()
        self.assertEqual(code, 1)
        self.assertIn("src/misc:1: no such room", out)

    def test_comments_and_strings_are_no_code(self):
        self.write("src/wire/a.cc",
                   '// boost::json is not used, nor sqlite3_open\n'
                   '/* #include "store/store.h" */\n'
                   'const char* a = "boost::json";\n')
        self.assertEqual(self.check(), (0, ""))


if __name__ == "__main__":
    unittest.main()
