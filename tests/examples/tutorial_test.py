#!/usr/bin/env python3
"""Proves that tutorial.py sees a page that is not current."""

import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import tutorial  # noqa: E402

SOURCE = """int main(void) {
  /* tutorial: part */
  int x = 1;
    x += 1;
  /* tutorial end */
  return x;
}
"""
PAGE = "# A\n\n<!-- from examples/a.c: part -->\n```c\n{}```\nText.\n"
PART = "int x = 1;\n  x += 1;\n"


class TutorialTest(unittest.TestCase):
    def problems(self, page, source=SOURCE, write=False):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "docs/tutorial").mkdir(parents=True)
            (root / "examples").mkdir()
            (root / "examples/a.c").write_text(source)
            file = root / "docs/tutorial/a.md"
            file.write_text(page)
            found = tutorial.problems(root, write)
            self.page = file.read_text()
        return found

    def test_a_current_page_passes(self):
        self.assertEqual(self.problems(PAGE.format(PART)), [])

    def test_a_stale_page_is_found_and_mended(self):
        self.assertIn("not current", self.problems(PAGE.format("old\n"))[0])
        self.assertEqual(self.problems(PAGE.format("old\n"), write=True), [])
        self.assertEqual(self.page, PAGE.format(PART))

    def test_a_missing_piece_is_found(self):
        self.assertIn("0 times", self.problems(
            PAGE.format(PART).replace(": part", ": whole"))[0])
        self.assertIn("no such file", self.problems(
            PAGE.format(PART).replace("a.c", "b.c"))[0])
        self.assertIn("no end", self.problems(
            PAGE.format(PART), SOURCE.replace("tutorial end", "the end"))[0])

    def test_a_comment_without_block_is_found(self):
        self.assertIn("no block", self.problems(
            PAGE.format(PART) + "<!-- from examples/a.c: part -->\n")[0])

    def test_the_whole_file_may_be_meant(self):
        self.assertEqual(self.problems(
            "<!-- from examples/a.c -->\n```c\n" + SOURCE + "```\n"), [])


if __name__ == "__main__":
    unittest.main()
