#!/usr/bin/env python3
"""Proves that check_exports.py sees each kind of difference."""

import copy
import json
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import check_exports  # noqa: E402

HEADER = """
/* Opens. Thread-safety: any-thread. Since 0.1. */
STEPWELL_API stepwell_status stepwell_door_open(
    const char *name, size_t len, stepwell_door **out) STEPWELL_NOEXCEPT;
/* Shuts. Thread-safety: serialized-per-handle. Since 0.2. */
STEPWELL_API void stepwell_door_free(stepwell_door *door) STEPWELL_NOEXCEPT;
"""
API = {
    "version_node": "STEPWELL_1",
    "functions": [
        {"name": "stepwell_door_open", "returns": "stepwell_status",
         "parameters": [{"type": "const char *", "name": "name"},
                        {"type": "size_t", "name": "len"},
                        {"type": "stepwell_door **", "name": "out"}],
         "threads": "any-thread", "since": "0.1", "doc": "Opens."},
        {"name": "stepwell_door_free", "returns": "void",
         "parameters": [{"type": "stepwell_door *", "name": "door"}],
         "threads": "serialized-per-handle", "since": "0.2",
         "doc": "Shuts."},
    ],
}
EXPORTED = {"STEPWELL_1": "STEPWELL_1", "stepwell_door_open": "STEPWELL_1",
            "stepwell_door_free": "STEPWELL_1"}


class ExportsTest(unittest.TestCase):
    def problems(self, change_api=None, header=HEADER, exported=None):
        api = copy.deepcopy(API)
        if change_api:
            change_api(api)
        return "\n".join(check_exports.compare(
            api, header, EXPORTED if exported is None else exported))

    def test_equal_lists_pass(self):
        self.assertEqual(self.problems(), "")

    def test_a_symbol_too_much_is_found(self):
        self.assertIn("_ZN8stepwell3FooEv: absent from api.json",
                      self.problems(exported={**EXPORTED,
                                              "_ZN8stepwell3FooEv": ""}))

    def test_a_function_that_is_declared_but_not_exported_is_found(self):
        exported = {k: v for k, v in EXPORTED.items()
                    if k != "stepwell_door_free"}
        self.assertIn("stepwell_door_free: absent from the library",
                      self.problems(exported=exported))

    def test_a_function_that_the_list_forgot_is_found(self):
        self.assertIn("stepwell_door_free: absent from api.json",
                      self.problems(lambda api: api["functions"].pop()))

    def test_another_type_is_found(self):
        def change(api):
            api["functions"][0]["parameters"][1]["type"] = "int64_t"
        self.assertIn("parameters", self.problems(change))

    def test_another_thread_rule_or_version_is_found(self):
        def change(api):
            api["functions"][0].update(threads="whatever", since="0.3")
        self.assertIn("threads", self.problems(change))
        self.assertIn("since", self.problems(change))

    def test_another_comment_is_found(self):
        def change(api):
            api["functions"][1]["doc"] = "Slams."
        self.assertIn("doc", self.problems(change))

    def test_a_declaration_without_comment_is_found(self):
        header = HEADER.replace(
            "/* Shuts. Thread-safety: serialized-per-handle. Since 0.2. */", "")
        self.assertIn("no comment", self.problems(header=header))

    def test_an_unversioned_symbol_is_found(self):
        self.assertIn("unversioned", self.problems(
            exported={**EXPORTED, "stepwell_door_open": ""}))

    def test_the_shipped_header_is_read_whole(self):
        text = (ROOT / "include/stepwell.h").read_text()
        api = json.loads((ROOT / "capi/api.json").read_text())
        self.assertEqual(set(check_exports.header_functions(text)),
                         {f["name"] for f in api["functions"]})


if __name__ == "__main__":
    unittest.main()
