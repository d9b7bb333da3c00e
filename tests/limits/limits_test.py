#!/usr/bin/env python3
"""Proves that check_limits.py finds a difference."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tools" / "check_limits.py"
PAGE = "# Limits\n<!-- limits: begin -->\n<!-- limits: end -->\n"
HEADER = ("inline constexpr size_t kJsonBytesMax = 64u << 20;  // one text\n"
          "// Asked of nobody.\n"
          "inline constexpr int64_t kDaysMax = 1'000;\n")


class LimitsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.header = pathlib.Path(folder.name) / "limits.h"
        self.page = pathlib.Path(folder.name) / "limits.md"
        self.header.write_text(HEADER)
        self.page.write_text(PAGE)
        self.assertEqual(self.run_script("--write")[0], 0)

    def run_script(self, *arguments):
        done = subprocess.run(
            [sys.executable, str(SCRIPT), "--header", str(self.header),
             "--page", str(self.page), *arguments],
            capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout

    def test_the_written_page_agrees(self):
        self.assertEqual(self.run_script(), (0, ""))
        text = self.page.read_text()
        self.assertIn("| json bytes | 67,108,864 (64 MiB) | one text | "
                      "`kJsonBytesMax` |", text)
        self.assertIn("| days | 1,000 | Asked of nobody. | `kDaysMax` |", text)

    def test_another_value_is_found(self):
        self.header.write_text(HEADER.replace("1'000", "1'001"))
        code, out = self.run_script()
        self.assertEqual(code, 1)
        self.assertIn("lacks: | days | 1,001", out)

    def test_a_missing_and_a_surplus_limit_are_found(self):
        self.header.write_text(
            HEADER + "inline constexpr int kNew = 1;  // new\n")
        self.assertEqual(self.run_script()[0], 1)
        self.header.write_text("\n".join(HEADER.split("\n")[:1]) + "\n")
        self.assertEqual(self.run_script()[0], 1)

    def test_a_limit_without_a_comment_is_found(self):
        self.header.write_text("inline constexpr int kNew = 1;\n")
        code, out = self.run_script("--write")
        self.assertEqual(code, 1)
        self.assertIn("limits.h:1: kNew has no comment", out)


if __name__ == "__main__":
    unittest.main()
