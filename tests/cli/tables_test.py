"""The tables of the log through the command line: their rows, how they fit
together, as they were known at a time, and scores by another document."""

import collections
import csv
import json

from cli_support import ROOT, CliTest, main, phq9

SCENARIOS = ROOT / "tests/scenarios"
END = "2027-06-01T00:00:00Z"


class Tables(CliTest):

    def play(self, name):
        self.run_cli("run", "--script", SCENARIOS / f"{name}.scenario",
                     "--store", self.store, code=0)

    def verb(self, verb, *arguments, code=0):
        return self.run_cli("service", verb, *arguments, "--store", self.store,
                            "--now", END, code=code)

    def rows(self, name, *arguments):
        text = self.verb("table", name, "--format", "csv", *arguments).out
        return list(csv.DictReader(text.splitlines()))

    def test_all_of_them_fit_together(self):
        self.play("nhs_happy_path")
        out = self.folder / "tables"
        report = json.loads(self.verb("tables", "--out", out, "--format",
                                      "json").out)["tables"]
        found = {}
        for one in report:
            path = out / f"{one['table']}.csv"
            self.assertEqual(one["file"], str(path))
            with open(path, newline="") as file:
                found[one["table"]] = list(csv.DictReader(file))
            self.assertEqual(len(found[one["table"]]), one["rows"])
        self.assertEqual(sorted(path.name for path in out.iterdir()),
                         sorted(f"{name}.csv" for name in found))
        self.assertEqual(set(found), {
            "referral", "episode", "enrolment", "response", "answer", "score",
            "subscale", "alert", "contact_minutes", "clock_interval", "assignment",
            "staff_week", "alert_week", "checklist", "worklist_line", "course"})
        answers = collections.Counter((a["case"], a["response"])
                                      for a in found["answer"])
        self.assertGreater(len(answers), 5)
        self.assertEqual(answers, {(r["case"], r["response"]): int(r["answers"])
                                   for r in found["response"]})
        minutes = [int(w["minutes"]) for w in found["contact_minutes"]
                   if w["minutes"] and w["void"] == "false"]
        self.assertEqual(sum(int(w["minutes"]) for w in found["staff_week"]),
                         sum(minutes))
        self.assertGreater(sum(minutes), 0)

    def test_courses_count_as_the_store_does(self):
        self.play("nhs_happy_path")
        path = self.folder / "course.csv"
        done = self.verb("table", "course", "--format", "csv", "--out", path)
        self.assertEqual(done.out, "")
        self.assertEqual(done.err, f"stepwell: 1 row in {path}\n")
        ask = ("--definition", "nhs-tt", "--by", "route")
        table = self.json_of("outcomes", path, *ask)
        log = self.json_of("outcomes", "--store", self.store, "--now", END,
                           *ask)
        self.assertEqual(table["counts"]["finished"], 1)
        said = {"STEPWELL_STORE": str(self.store), "STEPWELL_NOW": END}
        self.assertEqual(self.json_of("outcomes", *ask, env=said), log)
        self.assertEqual(self.json_of("outcomes", path, *ask, env=said), table)
        for key, value in table["counts"].items():
            if not key.startswith("minutes"):
                self.assertEqual(log["counts"][key], value, key)
        figures = {m["id"]: m for m in log["measures"]}
        shares = [m for m in table["measures"]
                  if m["id"] != "therapist_minutes"]
        self.assertGreater(len(shares), 10)
        for figure in shares:
            self.assertEqual(figures[figure["id"]], figure)

    def test_the_three_formats_say_the_same(self):
        case = self.live_service()["case"]
        odd = 'often, "x"\nand =1+1'
        self.submit(phq9(case, [1, odd, None, 3, 1, 1, 1, 1, 0]))
        text = self.verb("table", "answer", "--format", "csv").out
        rows = list(csv.DictReader(text.splitlines(keepends=True)))
        lines = [json.loads(line) for line in
                 self.verb("table", "answer", "--format", "json")
                 .out.splitlines()]
        self.assertEqual([list(line) for line in lines],
                         [list(row) for row in rows])
        self.assertEqual([line["text"] for line in lines],
                         [None, odd] + [None] * 6)  # the third was not given
        self.assertEqual([row["text"] for row in rows],
                         ["", odd] + [""] * 6)
        self.assertEqual([line["number"] for line in lines],
                         [1, None, 3, 1, 1, 1, 1, 0])
        self.assertEqual([row["number"] for row in rows],
                         ["1", "", "3", "1", "1", "1", "1", "0"])
        self.assertEqual({line["at"] for line in lines},
                         {"2026-03-02T08:00:00Z"})
        shown = self.verb("table", "response", "--zone",
                          "Europe/Stockholm").out.splitlines()
        self.assertEqual(len(shown), 2)
        self.assertRegex(shown[0], "case +response +episode")
        self.assertRegex(shown[1], f"{case} .* 2026-03-02 09:00")

    def test_as_they_were_known(self):
        case = self.live_service()["case"]
        self.submit(phq9(case, [1] * 9, id="a"))
        before = "2026-03-02T12:00:00Z"
        known = self.rows("score", "--as-known-at", before)
        self.submit({**phq9(case, [2] * 9, id="b"), "response_id": "late"},
                    now="2026-03-04T09:00:00Z")
        self.assertEqual([r["score"] for r in self.rows("score")], ["9", "18"])
        self.assertEqual([r["score"] for r in known], ["9"])
        # What was recorded later is not known at --now.
        done = self.run_cli("service", "table", "score", "--format", "csv",
                            "--store", self.store, "--now", before, code=0)
        self.assertEqual(list(csv.DictReader(done.out.splitlines())), known)
        self.assertEqual(done.err, "")
        self.assertEqual(self.rows("score", "--as-known-at", before), known)
        out = self.folder / "then"
        self.verb("tables", "--out", out, "--as-known-at", before)
        self.assertEqual(len((out / "score.csv").read_text().splitlines()), 2)

    def test_what_corrections_change_is_text_too(self):
        case = self.live_service()["case"]
        self.submit({**phq9(case, [2] * 8 + [0], id="a"),
                     "response_id": "one"})
        then = ("outcomes", "--store", self.store, "--definition", "nhs-tt",
                "--now", END, "--as-known-at", "2026-03-02T12:00:00Z",
                "--as-corrected")
        self.assertRegex(self.run_cli(*then).out,
                         "as corrected +nothing is otherwise\n")
        self.submit({**phq9(case, [1] * 8 + [0], id="b"),
                     "response_id": "one"}, now="2026-03-04T09:00:00Z")
        text = self.run_cli(*then, "--by", "route").out
        self.assertRegex(text, "as corrected +figures otherwise: [0-9]+, cells "
                               "of courses: [0-9]+\n")
        self.assertRegex(text, f"case {case}, course 1, phq9_first +16 -> 8\n")

    def test_scores_by_another_document(self):
        case = self.live_service()["case"]
        self.submit(phq9(case, [2, 2, 2, 2, 2, 2, 2, 0, 0]))  # 14
        done = self.verb("rescored", "phq-9", "--format", "json")
        self.assertEqual(done.out, "")
        self.assertIn("gives every score as it stands", done.err)
        self.assertIn("no rows: the table alert is empty at that time",
                      self.verb("table", "alert").err)
        text = (ROOT / "catalogue/instruments/phq-9.json").read_text()
        other = self.file("other.json", text.replace(
            '"version": "1"', '"version": "1.1"').replace(
                '"to": 14', '"to": 13').replace('"from": 15', '"from": 14'))
        line = json.loads(self.verb("rescored", other, "--format", "json",
                                    code=1).out)
        self.assertEqual(
            (line["case"], line["version_after"], line["score_before"],
             line["score_after"], line["band_before"], line["band_after"]),
            (case, "1.1", "14", "14", "moderate", "moderately_severe"))
        self.assertIn("moderately_severe", self.verb("rescored", other,
                                                     code=1).out)
        # Nothing was changed by looking.
        self.assertEqual([r["band"] for r in self.rows("score")], ["moderate"])
        broken = self.file("broken.json", text.replace('"to": 14', '"to": 40'))
        self.assertIn("/score/bands", self.verb("rescored", broken,
                                                code=2).err)
        self.assertIn("phq-99", self.verb("rescored", "phq-99", code=2).err)

    def test_what_does_not_go(self):
        self.live_service()
        for arguments, says in [
                (("table", "scores"), "scores"),
                (("table", "rescored"), "rescored"),
                (("table", "score", "--complaint", "problem"), "--complaint"),
                (("table", "score", "--out", self.folder / "t"), "--format"),
                (("table", "score", "--as-known-at", "2028-01-01T00:00:00Z"),
                 "ahead"),
                (("table", "score", "--format", "csv", "--out",
                  self.folder / "none/t.csv"), "cannot write"),
                (("tables", "--out", self.file("plain", "x") / "none"),
                 "cannot make the folder"),
                (("tables",), "--out")]:
            done = self.verb(*arguments, code=2)
            self.assertEqual(done.out, "")
            self.assertIn(says, done.err)
        self.assertEqual(list(self.folder.glob("*.part")), [])


if __name__ == "__main__":
    main()
