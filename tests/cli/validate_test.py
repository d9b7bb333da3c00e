"""fhir validate: exit codes, places, both formats."""

import json

from cli_support import CliTest, main

GOOD = {"resourceType": "Patient", "id": "p", "gender": "female",
        "text": {"status": "generated",
                 "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}}
BAD = {"resourceType": "Patient", "id": "q", "gender": "w",
       "contact": [{"gender": "male"}]}


class Validate(CliTest):

    def validate(self, *arguments, code=0, **more):
        return self.run_cli("fhir", "validate", *arguments, code=code, **more)

    def test_a_legal_resource(self):
        done = self.validate(self.file("good.json", json.dumps(GOOD)))
        self.assertIn("legal, 1 resource, 0 errors, 0 warnings", done.out)

    def test_issues_have_a_place_and_a_key(self):
        path = self.file("bad.json", json.dumps(BAD))
        done = self.validate(path, code=1)
        self.assertIn("Patient.gender  code_unknown", done.out)
        self.assertIn("Patient.contact[0]  pat-1", done.out)
        self.assertIn("dom-6", done.out)
        self.assertNotIn("dom-6",
                         self.validate("--errors-only", path, code=1).out)

    def test_ndjson_names_the_line(self):
        lines = [json.dumps(GOOD), "", json.dumps(BAD), "{", json.dumps(GOOD)]
        path = self.file("all.ndjson", "\r\n".join(lines))
        found = self.json_of("fhir", "validate", path, code=1)
        self.assertEqual(found["resources"], 4)
        self.assertEqual([(r["line"], r.get("resource"))
                          for r in found["results"]],
                         [(3, "Patient/q"), (4, None)])
        keys = [i["details"]["coding"][0]["code"]
                for i in found["results"][0]["outcome"]["issue"]
                if i["severity"] == "error"]
        self.assertEqual(keys, ["code_unknown", "pat-1"])

    def test_an_outcome_is_legal_itself(self):
        found = self.json_of("fhir", "validate",
                             self.file("bad.json", json.dumps(BAD)), code=1)
        outcome = self.file("outcome.json",
                            json.dumps(found["results"][0]["outcome"]))
        self.assertIn("0 errors", self.validate(outcome).out)

    def test_several_files_and_one_bad_is_bad(self):
        done = self.validate(self.file("good.json", json.dumps(GOOD)),
                             self.file("bad.json", json.dumps(BAD)),
                             "--format", "json", code=1)
        self.assertEqual([json.loads(line)["valid"]
                          for line in done.out.splitlines()], [True, False])

    def test_what_is_no_json_is_an_error_with_its_offset(self):
        for text in ["", "{", "[1]", '{"a":1,"a":2}', "nonsense", "\0",
                     b"\xff\xfe", "<Patient/>"]:
            done = self.validate(self.file("x.json", text), code=1)
            self.assertIn("error", done.out, text)
        deep = self.file("deep.json", "[" * 100000)
        self.assertIn("error", self.validate(deep, code=1).out)

    def test_standard_input_and_a_missing_file(self):
        self.validate("-", input=json.dumps(GOOD))
        self.assertIn("cannot read", self.validate("/none", code=2).err)


if __name__ == "__main__":
    main()
