"""Scores, change and outcomes through the command line: every shared vector,
published percentages, and tables that are wrong."""

import csv
import json
import os
import pathlib

from cli_support import ROOT, CliTest, main

SHARED = pathlib.Path(os.environ.get("STEPWELL_SHARED", ROOT / "../shared"))
COURSES = "phq9_first,phq9_last,gad7_first,gad7_last,treatment_contacts"


def contains(expected, actual):
    if isinstance(expected, dict) and isinstance(actual, dict):
        return all(key in actual and contains(value, actual[key])
                   for key, value in expected.items())
    if isinstance(expected, float) and isinstance(actual, (int, float)):
        return abs(expected - actual) < 1e-9
    return expected == actual


class Measure(CliTest):

    def shared(self, name):
        path = SHARED / "data" / name
        if not path.exists():
            if os.environ.get("STEPWELL_REQUIRE_SHARED") == "1":
                self.fail(f"shared data is required and absent: {name}")
            self.skipTest(f"shared data is absent: {name}")
        return path

    def refused(self, *arguments, says, input=None):
        done = self.run_cli(*arguments, code=2, input=input)
        self.assertEqual(done.out, "")
        self.assertIn(says, done.err)

    def test_every_scoring_vector(self):
        vectors = json.loads(
            self.shared("scoring_vectors.json").read_text())["scoring"]
        self.assertGreaterEqual(len(vectors), 44)
        for vector in vectors:
            options = []
            if "respondent" in vector:
                options += ["--context", json.dumps(vector["respondent"])]
            policy = vector.get("missing_policy")
            if policy:
                options += ["--missing",
                            "strict" if policy == "strict" else "prorate"]
            coding = vector.get("coding", vector.get("input"))
            if coding:
                options += ["--coding", coding]
            if "risk_threshold" in vector:
                options += ["--risk-threshold", vector["risk_threshold"]]
            done = self.run_cli(
                "score", vector["instrument"], "--answers",
                json.dumps(vector["answers"]), *options, "--format", "json")
            self.assertLessEqual(done.returncode, 1, vector["id"] + done.err)
            answer = json.loads(done.out)
            for key, expected in vector["expect"].items():
                found = answer.get(key, answer["details"].get(key))
                self.assertTrue(
                    contains(expected, found),
                    f"{vector['id']}/{key}: {found} is not {expected}")

    def test_unverified_rules_say_so(self):
        """The rules of the vectors that are marked `memory`."""
        phq = json.loads((ROOT / "catalogue/instruments/phq-9.json")
                         .read_text())
        self.assertEqual(phq["score"]["missing"]["prorate"]["mark"],
                         "unverified")
        madrs = json.loads((ROOT / "catalogue/instruments/madrs-s.json")
                           .read_text())
        risk = [item["risk"] for item in madrs["items"] if "risk" in item]
        self.assertEqual([r["mark"] for r in risk], ["unverified"])

    def test_published_percentages(self):
        path = self.shared("nhs_tt_england_annual.csv")
        rows = self.json_of("outcomes", path, "--definition",
                            "nhs-tt-counts")["rows"]
        with open(path, newline="") as file:
            published = list(csv.DictReader(file))
        self.assertEqual(len(rows), len(published))
        names = {"recovery": "recovery", "improvement": "reliable_improvement",
                 "reliable_recovery": "reliable_recovery",
                 "deterioration": "reliable_deterioration",
                 "no_reliable_change": "no_reliable_change"}
        checked = 0
        for row, line in zip(rows, published):
            percent = {m["id"]: m["percent"] for m in row["measures"]}
            for column, measure in names.items():
                if percent.get(measure) is not None:
                    self.assertEqual(percent[measure],
                                     float(line[f"{column}_percentage"]),
                                     row["label"])
                    checked += 1
        self.assertGreaterEqual(checked, 1500)

    def test_change_of_a_table(self):
        table = self.file("t.csv", "id,pre,post\n1,20,6\n2,18,17\n3,14,26\n"
                          "4,16,\n")
        answer = self.json_of(
            "change", table, "--pre", "pre", "--post", "post", "--method",
            "jt", "--reliability", "0.8", "--sd", "3", "--better", "lower",
            "--cutoff", "a", "--clinical", "20,2.5")
        self.assertEqual(answer["counts"], {
            "recovered": 1, "improved": 0, "unchanged": 1, "deteriorated": 0,
            "harmed": 1, "undefined": 1})
        self.assertEqual(answer["cutoff"]["value"], 15)
        self.assertEqual(answer["estimated"], [])
        same = self.json_of(
            "change", "-", "--pre", "pre", "--post", "post", "--reliability",
            "0.8", "--sd", "3", "--better", "lower", "--cutoff", "a",
            "--clinical", "20,2.5", input=table.read_bytes())
        self.assertEqual(same, answer)
        text = self.run_cli("change", table, "--pre", "pre", "--post", "post",
                            "--method", "mcid", "--by", "5", "--better",
                            "lower", code=0).out
        self.assertRegex(text, r"improved +1 \(33\.3 %\)")

    def test_tables_that_are_wrong(self):
        change = ["--pre", "pre", "--post", "post", "--better", "lower",
                  "--reliability", "0.8"]
        for content, says in [
                ("pre,post\n1,2\n3\n", "line 3"),
                ("pre,post\n1,NaN\n", 'column "post": "NaN"'),
                ("pre,post\n1,high\n", "line 2"),
                ("pre,last\n1,2\n", 'no column "post"'),
                ("pre,post\n1,\"2\n", "never closed"), ("", "empty")]:
            self.refused("change", self.file("t.csv", content), *change,
                         says=says)
        good = self.file("g.csv", "pre,post\n9,5\n8,4\n7,2\n")
        self.refused("change", good, "--pre", "pre", *change[4:],
                     says="name the columns")
        for options, says in [
                (["--method", "jt", "--better", "lower"], "reliability"),
                (["--method", "mcid", "--better", "lower"], "points"),
                (["--method", "hlm"], "hlm"),
                (["--reliability", "1.2", "--better", "lower"], "below 1"),
                (["--reliability", "0.8"], "lower or higher"),
                (["--reliability", "0.8", "--better", "lower", "--cutoff",
                  "b"], "functional"),
                (["--reliability", "0.8", "--better", "lower", "--clinical",
                  "20"], "--clinical is a mean and an SD")]:
            self.refused("change", good, "--pre", "pre", "--post", "post",
                         *options, says=says)
        for content, says in [
                (COURSES + "\n1,2,3,4\n", "line 2"),
                (COURSES + "\n28,2,3,4,2\n", "0 to 27"),
                (COURSES + "\n1,2,3,nan,2\n", "gad7_last"),
                ("a\n1\n", "phq9_first")]:
            self.refused("outcomes", self.file("c.csv", content),
                         "--definition", "nhs-tt", says=says)
        self.refused("outcomes", good, "--definition", "nhs", says="nhs-tt")
        self.refused("outcomes", self.folder / "none.csv", "--definition",
                     "nhs-tt", says="none.csv")

    def test_a_share_of_nobody_has_no_missing_part(self):
        table = self.file("c.csv", COURSES + "\n5,,3,,2\n6,,4,,3\n")
        text = self.run_cli("outcomes", table, "--definition", "nhs-tt",
                            code=0).out
        self.assertRegex(text, r"(?m)^recovery +none$")
        self.assertRegex(text, r"(?m)^reliable_improvement +0 % \(0 of 2\), "
                               r"missing 100 %$")
    def test_options_that_would_be_ignored_are_refused(self):
        good = self.file("g.csv", "pre,post\n9,5\n8,4\n7,2\n")
        table = ["change", good, "--pre", "pre", "--post", "post", "--better",
                 "lower"]
        jt = [*table, "--reliability", "0.8"]
        for arguments, says in [
                ([*jt, "--by", "5"], "by is not used by the method jt"),
                ([*jt, "--functional", "5,2"], "functional is not used"),
                ([*jt, "--clinical", "5,2"], "without a cutoff"),
                ([*jt, "--cutoff", "a", "--functional", "5,2"],
                 "with cutoff a"),
                ([*jt, "--reliability-post", "0.7"], "reliability-post"),
                ([*jt, "--mean", "7"], "mean is not used"),
                ([*table, "--method", "mcid", "--by", "5", "--sd", "3"],
                 "sd is not used by the method mcid"),
                ([*table, "--method", "percent", "--reliability", "0.7"],
                 "reliability is not used"),
                (["change", "phq-9", "--pre", "15", "--post", "8",
                  "--reliability", "0.5"], "go with a table"),
                (["change", "phq-9", "--pre", "15", "--post", "8",
                  "--better", "higher"], "go with a table"),
                (["score", "phq-9", "--answers", "[0,0,0,0,0,0,0,0,3]",
                  "--risk-threshold", "99"], "1 to 3"),
                (["score", "gad-7", "--answers", "[0,0,0,0,0,0,0]",
                  "--risk-threshold", "1"], "no risk item")]:
            self.refused(*arguments, says=says)

    def test_a_score_goes_into_change_as_it_was_printed(self):
        score = self.json_of(
            "score", "core-10", "--missing", "prorate", "--answers",
            "[2,2,2,2,2,2,2,2,0,null]")["score_exact"]
        self.assertNotEqual(score, round(score, 6))
        answer = self.json_of("change", "core-10", "--pre", score, "--post",
                              "2")
        self.assertAlmostEqual(answer["pre"], score, places=5)

    def test_the_change_of_a_subscale(self):
        answer = self.json_of("change", "hads", "--subscale", "anxiety",
                              "--pre", "12", "--post", "7")
        self.assertEqual(answer["subscale"], "anxiety")
        self.assertEqual([(c["id"], c["pre"], c["post"])
                          for c in answer["cutoffs"]],
                         [("anxiety_case", True, False)])
        self.refused("change", "hads", "--pre", "12", "--post", "7",
                     says="anxiety, depression")
        self.refused("change", "hads", "--subscale", "anxiety", "--pre", "22",
                     "--post", "7", says="0 to 21")
        self.refused("change", "phq-9", "--subscale", "x", "--pre", "2",
                     "--post", "7", says="has no subscale")
        text = self.run_cli("change", "hads", "--subscale", "anxiety",
                            "--pre", "12", "--post", "7", code=0).out
        self.assertRegex(text, "first score +12, abnormal\n")
        self.assertRegex(text, "anxiety_case +yes, then no\n")

    def test_a_score_that_no_answers_give(self):
        for arguments, says in [
                (("phq-9", "--pre", "15.5"), "the nearest scores are 15 and"),
                (("dass-21", "--subscale", "D", "--pre", "13"), "12 and 14")]:
            self.refused("change", *arguments, "--post", "8", says=says)

    def test_what_is_a_table_and_what_one_person(self):
        ask = ["--pre", "pre", "--post", "post", "--reliability", "0.8",
               "--better", "lower"]
        rows = "pre,post\n9,5\n8,4\n7,2\n"
        answer = self.json_of("change", self.file("g.csv", rows), *ask)
        for name in ("G.CSV", "g.tsv", "g.txt"):
            self.assertEqual(
                self.json_of("change", self.file(name, rows), *ask), answer)
        self.refused("change",
                     self.file("tabs.tsv", rows.replace(",", "\t")), *ask,
                     says="separated by commas")
        one = ["--pre", "15", "--post", "8"]
        self.refused("change", "phq-9", "--method", "hll", *one,
                     says="hll needs what only a cohort has")
        self.refused("change", "PHQ-9", "--method", "jt", *one,
                     says="--method judges a table")

    def test_an_answer_to_no_question_is_told(self):
        answers = {f"q{i}": 1 for i in range(1, 10)} | {"q77": 3}
        ask = ("score", "phq-9", "--answers", json.dumps(answers))
        answer = self.json_of(*ask)
        self.assertEqual(answer["score"], 9)
        self.assertEqual([(p["code"], p["item"])
                          for p in answer["details"]["problems"]],
                         [("unknown_item", "q77")])
        self.assertIn('"q77" is no item of phq-9', self.run_cli(*ask).out)

    def test_a_coding_chooses_the_document(self):
        answers = ["--answers", "[0,1,2,3,4,0,1,2,3,4]"]
        other = self.json_of("score", "k10", "--coding", "0-4", *answers)
        self.assertEqual([other["instrument"], other["score"]],
                         ["k10-0-4", 20])
        self.refused("score", "phq-9", "--coding", "1-4", "--answers",
                     "[0,0,0,0,0,0,0,0,0]", says="coded 0-3, not 1-4")

    def test_a_period_needs_the_day_on_which_courses_ended(self):
        table = self.file("p.csv", COURSES + "\n15,6,12,5,3\n")
        outcomes = ["outcomes", table, "--definition", "nhs-tt"]
        self.refused(*outcomes, "--from", "1990-01-01", says='"discharged"')
        dated = self.file("d.csv", COURSES +
                          ",discharged\n15,6,12,5,3,2025-06-01\n")
        self.refused("outcomes", dated, "--definition", "nhs-tt", "--from",
                     "2025-12-31", "--to", "2025-01-01",
                     says="before it begins")

    def test_outcomes_by_group_with_small_cells_kept_back(self):
        rows = "".join(f"{team},15,6,12,{5 + i % 3},3\n"
                       for i, team in enumerate("a" * 18 + "c" * 9 + "b" * 3))
        table = self.file("c.csv", f"team,{COURSES}\n{rows}")
        answer = self.json_of("outcomes", table, "--definition", "nhs-tt",
                              "--by", "team", "--suppress-below", "5")
        recovery = {g["name"]: g["measures"][0] for g in answer["groups"]}
        self.assertEqual(recovery["a"]["numerator"], 18)
        # Without it b is what is left of the total.
        self.assertIsNone(recovery["c"]["numerator"])
        self.assertIsNone(recovery["b"]["numerator"])
        self.assertIsNone(recovery["b"]["percent"])
        self.assertTrue(recovery["b"]["suppressed"])
        self.assertEqual(answer["measures"][0]["percent"], 100)


if __name__ == "__main__":
    main()
