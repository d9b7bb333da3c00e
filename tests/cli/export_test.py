"""service export: layouts, files, pages, and what goes wrong."""

import json

from cli_support import CliTest, LATER, main, phq9


class Export(CliTest):

    def setUp(self):
        super().setUp()
        self.case = self.live_service()["case"]
        self.submit(phq9(self.case, [1] * 8 + [0]))

    def export(self, *arguments, code=0):
        return self.run_cli("service", "export", "--store", self.store, "--now",
                            LATER, *arguments, code=code)

    def test_the_default_is_one_transaction_on_standard_output(self):
        done = self.export("--format", "fhir")
        bundle = json.loads(done.out)
        self.assertEqual(bundle["type"], "transaction")
        for entry in bundle["entry"]:
            name = f"{entry['resource']['resourceType']}/{entry['resource']['id']}"
            self.assertEqual(entry["request"], {"method": "PUT", "url": name})
            self.assertEqual(entry["fullUrl"],
                             f"https://stepwell.dev/fhir/default/{name}")
        self.assertIn("1 person", done.err)
        self.assertEqual(done.out, self.export().out)

    def test_ndjson_of_one_type_and_one_case(self):
        done = self.export("--layout", "ndjson", "--type",
                           "QuestionnaireResponse", "--case", self.case)
        resources = [json.loads(line) for line in done.out.splitlines()]
        self.assertEqual([r["resourceType"] for r in resources],
                         ["QuestionnaireResponse"])
        self.assertEqual(len(resources[0]["item"]), 9)

    def test_a_bundle_a_person_under_another_base(self):
        done = self.export("--layout", "bundles", "--base-url",
                           "https://ehr.example/fhir/")
        bundles = [json.loads(line) for line in done.out.splitlines()]
        self.assertEqual(len(bundles), 1)
        self.assertTrue(bundles[0]["entry"][0]["fullUrl"].startswith(
            "https://ehr.example/fhir/Patient/"))

    def test_a_file_appears_whole_or_not_at_all(self):
        out = self.folder / "out.json"
        done = self.export("--out", out)
        self.assertIn("Patient 1", done.out)
        self.assertEqual(done.err, "")
        json.loads(out.read_text())
        done = self.export("--out", self.folder / "none" / "out.json", code=2)
        self.assertIn("cannot write", done.err)
        other = self.folder / "other.json"
        self.export("--out", other, "--case", "urn:clinic|nobody", code=2)
        self.assertFalse(other.exists())
        self.assertEqual(list(self.folder.glob("*.part")), [])

    def test_the_export_taken_in_again_changes_nothing(self):
        before = self.export().out
        again = self.json_of("service", "import", self.file("e.json", before),
                             "--store", self.store, "--now", LATER)
        self.assertEqual(again["unchanged"], 3)
        self.assertEqual(again["persons"] + again["referrals"] +
                         again["responses"] + again["parked"], 0)
        self.assertEqual(self.export().out, before)

    def test_what_is_no_option_is_said(self):
        self.assertIn("layout", self.export("--layout", "xml", code=2).err)
        self.assertIn("Medication",
                      self.export("--type", "Medication", code=2).err)
        self.assertIn("cursor", self.export("--after", "x!", code=2).err)


if __name__ == "__main__":
    main()
