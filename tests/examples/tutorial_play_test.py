#!/usr/bin/env python3
"""Proves that tutorial_play.py does what a page says and sees what differs."""

import json
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import tutorial_play  # noqa: E402

# Prints its arguments and fails when the first is "no".
PROGRAM = '#!/bin/sh\necho "got $*"\n[ "$1" != no ]\n'


def block(comment, text, language="text"):
    return f"<!-- {comment} -->\n```{language}\n{text}```\n"


class PlayTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "examples").mkdir()
        self.program = self.root / "program"
        self.program.write_text(PROGRAM)
        self.program.chmod(0o755)

    def play(self, *blocks, write=False):
        page = self.root / "page.md"
        page.write_text("# A page\n\n" + "\n".join(blocks))
        found = tutorial_play.play(self.root, self.program, page, write)
        self.page = page.read_text()
        return found

    def test_what_is_printed_is_compared(self):
        self.assertEqual(
            self.play(block("run", "$ stepwell a \\\n  b\ngot a b\n")), [])
        stale = block("run", "$ stepwell a\ngot b\n")
        self.assertIn("it is\n$ stepwell a\ngot a", self.play(stale)[0])
        self.assertEqual(self.play(stale, write=True), [])
        self.assertIn("$ stepwell a\ngot a\n```", self.page)

    def test_exit_codes_are_compared(self):
        no = "$ stepwell no\ngot no\n"
        self.assertEqual(self.play(block("run: 1", no)), [])
        self.assertIn("exit code 1, not 0", self.play(block("run", no))[0])
        self.assertIn("exit code 0, not 1", self.play(
            block("run: 1", "$ stepwell a\ngot a\n"))[0])
        # Only the last one of a block may fail.
        self.assertIn("exit code 1, not 0", self.play(
            block("run: 1", no + no))[0])

    def test_files_are_written_and_merged(self):
        self.assertEqual(self.play(
            block("into a.json", '{"a": 1, "l": [{"id": "x", "b": 1}]}\n'),
            block("into a.json",
                  '"a": 2, "l": [{"id": "x", "c": 2}, {"id": "y"}],\n'
                  '"m": [1]\n'),
            block("into a.json", '"m": [2]\n'),
            block("run", "$ cat a.json; stepwell\n"), write=True), [])
        text = self.page.split("$ cat a.json; stepwell\n")[1].split("got")[0]
        self.assertEqual(json.loads(text), {
            "a": 2, "m": [2],
            "l": [{"id": "x", "b": 1, "c": 2}, {"id": "y"}]})

    def test_the_last_part_of_a_text_is_replaced(self):
        self.assertEqual(self.play(
            block("into s", "one\n\ntwo\nthree\n"),
            block("into s", "four\n"),
            block("from examples/t", "five\n"),
            block("run", "$ cat s t\none\n\nfour\nfive\n")), [])

    def test_what_became_of_a_file_is_compared(self):
        kept = "<!-- s is examples/s -->\n"
        blocks = block("into s", "one\n"), kept
        self.assertIn("examples/s is not", self.play(*blocks)[0])
        self.assertEqual(self.play(*blocks, write=True), [])
        self.assertEqual(self.play(*blocks), [])

    def test_a_comment_that_means_nothing_is_found(self):
        for wrong in ("<!-- run -->\nNo block.\n",
                      block("into the file", "x\n"), block("run: x y", "")):
            self.assertIn("no block", self.play(wrong)[0])

    def test_json_stays_in_its_columns(self):
        long = {"list": [{"id": f"entry_{i}", "text": "x" * 40}
                         for i in range(3)]}
        text = tutorial_play.pretty(long)
        self.assertEqual(json.loads(text), long)
        self.assertLessEqual(max(map(len, text.splitlines())),
                             tutorial_play.WIDTH)


if __name__ == "__main__":
    unittest.main()
