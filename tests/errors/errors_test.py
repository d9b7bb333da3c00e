#!/usr/bin/env python3
"""Proves that errors_page.py finds a difference, in a tree of a few lines."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "tools/errors_page.py"
ISSUES = """inline constexpr IssueCode kIssueCodes[] = {
    // Shape.
    {"protocol", "bad_name", kError,
     "It \\"is\\" no name.", "Another one."},
    {"protocol plan", "negative", kError, "Too small.", "Begin at 0."},
    {"protocol", "never_starts", kWarning, "Nothing starts it.", ""},
};
"""
REPLIES = """inline constexpr ReplyCode kRejectionCodes[] = {
    {"item_open", "It is open.", "Take it."},
    {"clock_behind", "Too early.", "Set it."},
};
inline constexpr ReplyCode kParkingCodes[] = {
    {"no_case", "There is none.", "Refer."},
};
inline constexpr ReplyCode kErrorCodes[] = {
    {"ok", "Fine.", ""},
    {"misuse", "Wrong call.", ""},
};
"""
PROTOCOL = """void A() {
  // AddError(issues, "not_here", pointer, "a comment");
  AddError(issues, "bad_name", absl::StrCat(a, "x, y"), "no");
  AddWarning(issues, "never_starts", "", "no");
  object.Error("key", "negative", "no");
}
"""
PLAN = """void B() {
  AddError(issues, low ? "negative" : "bad_name", "/a", "no");
}
"""
ENGINE = """void C(Macrostep& m) {
  m.Reject("item_open", "it is open");
  return Rejection{
      "clock_behind", "too early"};
}
"""
ERRORS = """std::string_view ErrorCode(const absl::Status& status) {
  return "ok";
}
"""
WORDS = """static constexpr const char* kWords[] = {
    "ok", "misuse"};
"""
HOST = """Target D() { return Nowhere("no_case", "there is none"); }
"""
PAGE = "".join(f"<!-- {name}: begin -->\n<!-- {name}: end -->\n"
               for name in ("issues", "rejections", "parked", "errors"))


class ErrorsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("src/host/issue_codes.h",
                   ISSUES.replace('"protocol", "bad_name"',
                                  '"protocol plan", "bad_name"'))
        self.write("src/host/reply_codes.h", REPLIES)
        self.write("src/protocol/a.cc", PROTOCOL)
        self.write("src/protocol/reader.cc", "")
        self.write("src/sim/b.cc", PLAN)
        self.write("src/engine/c.cc", ENGINE)
        self.write("src/host/d.cc", HOST)
        self.write("src/host/errors.cc", ERRORS)
        self.write("capi/error.cc", WORDS)
        self.write("docs/reference/errors.md", PAGE)
        self.assertEqual(self.run_script("--write"), (0, ""))

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_script(self, *arguments):
        done = subprocess.run(
            [sys.executable, str(SCRIPT), "--root", str(self.root),
             *arguments], capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout

    def expect(self, text):
        code, out = self.run_script()
        self.assertEqual(code, 1, out)
        self.assertIn(text, out)

    def test_the_written_page_agrees(self):
        self.assertEqual(self.run_script(), (0, ""))
        page = (self.root / "docs/reference/errors.md").read_text()
        self.assertIn("| `bad_name` | error | protocol, plan | It \"is\" no "
                      "name. | Another one. |", page)
        self.assertIn("| `clock_behind` | Too early. | Set it. |", page)

    def test_a_code_that_no_table_has(self):
        self.write("src/protocol/a.cc", PROTOCOL.replace("bad_name", "odd"))
        self.expect("`odd` is given by a source and is in no table")

    def test_a_code_that_no_source_gives(self):
        self.write("src/protocol/a.cc",
                   PROTOCOL.replace("AddWarning", "Nothing"))
        self.expect("`never_starts` is in the table and no source gives it")

    def test_another_severity(self):
        self.write("src/protocol/a.cc",
                   PROTOCOL.replace("AddWarning", "AddError"))
        self.expect("is of severity error, in the table warning")

    def test_a_refusal_that_the_list_lacks(self):
        self.write("src/engine/c.cc", ENGINE.replace("item_open", "item_shut"))
        self.expect("rejection `item_shut` is given by a source")

    def test_a_reason_of_parking_that_the_list_lacks(self):
        self.write("src/host/d.cc", HOST.replace("no_case", "no_home"))
        self.expect("reason of parked input `no_home`")

    def test_a_word_of_an_error_that_the_list_lacks(self):
        self.write("capi/error.cc", WORDS.replace("misuse", "no_memory"))
        self.expect("error `no_memory` is given by a source")
        self.expect("error `misuse` is in the table and no source gives it")

    def test_another_page(self):
        self.write("src/host/issue_codes.h",
                   (self.root / "src/host/issue_codes.h").read_text()
                   .replace("Too small.", "Much too small."))
        self.expect("errors.md lacks: | `negative`")


if __name__ == "__main__":
    unittest.main()
