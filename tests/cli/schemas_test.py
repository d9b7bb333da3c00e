"""What verbs print with --format json is what docs/reference/cli.md says."""

import json

from cli_support import ROOT, CliTest, LATER, NOW, main, mistakes, phq9, schemas


class Schemas(CliTest):

    def fits(self, name, document):
        self.assertEqual(mistakes(document, SCHEMAS[name]), [], name)
        USED.add(name)

    def test_of_documents(self):
        self.fits("check", self.json_of("check", "catalogue:icbt_base"))
        self.fits("check", self.json_of(
            "check", self.file("p.json", '{"protocol": 3}'), code=1))
        self.fits("draw", self.json_of("draw", "catalogue:minimal"))
        self.fits("diff", self.json_of("diff", "catalogue:icbt_base",
                                       "catalogue:icbt_sweden", code=1))
        self.fits("migration", self.json_of("migration", "catalogue:minimal",
                                            "catalogue:minimal"))
        for answers, code in [("[1,1,1,1,1,1,1,1,1]", 0),
                              ("[1,1,1,1,1,1,1,1,null]", 1),
                              ("[9,1,1,1,1,1,1,1,1]", 1)]:
            self.fits("score", self.json_of("score", "phq-9", "--answers",
                                            answers, "--missing", "strict",
                                            code=code))
        self.fits("score", self.json_of("score", "wsas", "--answers",
                                        "[1,2,3,4,5]"))
        self.fits("change", self.json_of("change", "phq-9", "--pre", "12",
                                         "--post", "5"))
        table = self.file("t.csv", "pre,post\n20,6\n18,17\n14,\n")
        change = ("change", table, "--pre", "pre", "--post", "post",
                  "--better", "lower")
        for more in [("--method", "jt", "--reliability", "0.8", "--cutoff",
                      "c", "--functional", "8,8"),
                     ("--method", "ha", "--reliability", "0.8"),
                     ("--method", "percent", "--remission", "8"),
                     ("--method", "mcid", "--by", "5")]:
            self.fits("change_table", self.json_of(*change, *more))
        courses = self.file("c.csv", (
            "team,phq9_first,phq9_last,gad7_first,gad7_last,"
            "treatment_contacts,minutes\n"
            "a,15,6,12,5,3,240\nb,12,,10,,2,\nb,5,5,3,3,2,60\n"))
        for more in [(), ("--by", "team"), ("--suppress-below", "5")]:
            self.fits("outcomes", self.json_of(
                "outcomes", courses, "--definition", "nhs-tt", *more))
        counts = self.file("n.csv", (
            "finished_course_treatment_count,not_at_caseness_count,"
            "recovery_count,reliable_recovery_count,improvement_count,"
            "no_reliable_change_count,deterioration_count\n"
            "670419,35234,321061,301815,452284,170457,39157\n"))
        published = self.json_of("outcomes", counts, "--definition",
                                 "nhs-tt-counts")
        self.fits("outcomes_counts", published)
        self.assertEqual([m["percent"] for m in published["rows"][0]["measures"]],
                         [50.5, 47.5, 67.5, 5.8, 25.4])
        form = self.file("form.json", self.run_cli(
            "fhir", "questionnaire", "phq-9", code=0).out)
        self.fits("fhir_instrument", self.json_of("fhir", "instrument", form))
        self.fits("score", self.json_of("score", form, "--answers",
                                        "[1,1,1,1,1,1,1,1,1]"))
        self.run_cli("fhir", "instrument", self.file("p.json", "{}"), code=2)
        self.fits("eval", self.json_of("eval", "1 | 'a' | true"))
        self.fits("eval", self.json_of("eval", "nope(", code=1))
        done = self.run_cli("check", "/none", "--format", "json", code=2)
        self.fits("error", json.loads(done.err))
        self.fits("fhir_validate", self.json_of(
            "fhir", "validate", self.file("p.json", '{"resourceType": 3}'),
            code=1))
        for line, code in [("CaseOpened", 0), ("AlertRaised", 1)]:
            script = self.file("s.scenario", (
                "clock 2026-03-02T09:00 UTC\n"
                '> register_person {"person":{"value":"1"}}\n'
                '> receive_referral {"person":{"value":"1"},"route":"self"}\n'
                f"{line}\n"))
            self.fits("run", self.json_of("run", "catalogue:minimal",
                                          "--script", script, code=code))

    def test_of_a_simulation(self):
        plan = ("simulate", "catalogue:icbt_sweden", "--plan",
                "catalogue:icbt_sweden", "--replications", "2",
                "--set", "horizon.warm_up_days=0", "--set", "horizon.days=60")
        result = self.json_of(*plan)
        self.fits("simulate", result)
        self.assertTrue(result["ok"])
        self.assertEqual(result, self.json_of(*plan, "--threads", "2"))
        wrong = self.json_of(*plan, "--set", "arrivals.self.per_year=-1",
                             code=1)
        self.fits("simulate", wrong)
        self.assertEqual([(issue["code"], issue["pointer"])
                          for issue in wrong["plan_issues"]],
                         [("negative", "/arrivals/0/per_year")])
        more = self.json_of(*plan, "--what-if", "arrivals.self.per_year=2700")
        self.fits("simulate", more)
        self.assertEqual(more["against"]["measures"], result["measures"])
        self.assertNotIn("against", result)

        def arrived(measures):
            return next(m["mean"] for m in measures if m["name"] == "referrals")
        self.assertAlmostEqual(
            arrived(more["against"]["differences"]),
            arrived(more["measures"]) - arrived(result["measures"]))
        text = self.run_cli(*plan, "--what-if", "arrivals.self.per_year=2700",
                            code=0).out
        self.assertIn("what if, less the plan as it is", text)
        self.run_cli(*plan, "--what-if", "nothing", code=2)
        self.json_of(*plan, "--what-if", "arrivals.self.per_year=-1", code=1)
        for bad in ("arrivals.selv.per_year=1", "arrivals.self.per_year=x",
                    "nothing"):
            done = self.run_cli(*plan, "--set", bad, code=2)
            self.assertIn("set", done.err)
        for bad in (("--replications", "0"), ("--threads", "0"),
                    ("--seed", "4294967296"), ("--plan", "/none")):
            self.run_cli(*plan, *bad, code=2)

    def newer_version(self, store, now):
        """Deploys one without an item that the case holds, and moves it."""
        patch = self.file("v2.json", json.dumps({
            "protocol": "icbt_base", "base": "icbt_base@1", "version": "2",
            "status": "draft"}))
        self.fits("deploy", self.json_of("service", "deploy", patch, *store,
                                         *now, "--prototype"))
        plan = {"migration": "m", "reason": "newer", "from": "icbt_base@1",
                "to": "icbt_base@2"}
        path = self.file("m.json", json.dumps(plan))
        self.run_cli("service", "migrate", path, *store, *now, "--dry-run",
                     "--apply", code=2)
        dry = self.json_of("service", "migrate", path, *store, *now,
                           "--dry-run")
        self.fits("migrate", dry)
        self.assertEqual((dry["fine"], dry["applied"]), (1, False))
        done = self.json_of("service", "migrate", path, *store, *now,
                            "--apply")
        self.fits("migrate", done)
        self.assertEqual((done["fine"], done["applied"]), (1, True))
        text = self.run_cli("service", "migrate", path, *store, *now, code=0)
        self.assertIn("there already", text.out)
        self.run_cli("service", "amend", path, *store, *now, code=2)
        path = self.file("fix.json", json.dumps({
            **plan, "migration": "fix", "approver": "Dr. Lind"}))
        back = self.json_of("service", "amend", path, *store, *now, "--closed")
        self.fits("amend", back)
        self.assertEqual((back["approver"], back["applied"]),
                         ("Dr. Lind", False))
        text = self.run_cli("service", "amend", path, *store, *now, "--apply",
                            code=0)
        self.assertIn("fix: icbt_base@1 -> icbt_base@2", text.out)
        self.assertIn("applied", text.out)

    def adopted(self, store, now):
        """A file of one person, one case, and one that does not fit."""
        host = {"role": "integration"}
        who = {"system": "urn:clinic", "value": "p-adopted"}
        case = {"id": "ad", "command": "adopt_case", "actor": host,
                "person": who, "owner": {"pool": "therapists"},
                "referrals": [{"route": "self", "received_at": NOW}],
                "tracks": [{"track": "pathway", "phase": "intake",
                            "since": NOW}]}
        lines = [{"id": "adp", "command": "register_person", "actor": host,
                  "person": who}, case, {**case, "id": "ad2"}]
        path = self.file("live.ndjson",
                         "\n".join(json.dumps(line) for line in lines))
        done = self.json_of("service", "adopt", path, *store, *now, code=1)
        self.fits("adopt", done)
        self.assertEqual((done["adopted"], done["registered"]), (1, 1))
        self.assertEqual(done["refused"][0]["code"], "case_known")
        note, = done["notes"]
        self.assertEqual(note["note"], "clocks that would run were not "
                         "declared: forms_wait, wait_to_start")

    def test_of_a_service(self):
        store = ("--store", self.store)
        now = ("--now", LATER)
        self.fits("init", self.json_of(
            "service", "init", *store, "catalogue:icbt_base",
            "--prototype", "--now", NOW))
        host = {"role": "integration"}
        person = {"system": "urn:clinic", "value": "p-1"}
        replies = self.submit(
            {"id": "s1", "command": "add_staff", "actor": host,
             "staff": "anna", "pools": ["therapists", "duty"]},
            {"id": "p1", "command": "register_person", "actor": host,
             "person": person},
            {"id": "r1", "command": "receive_referral", "actor": host,
             "person": person, "route": "self"})
        case = replies[-1]["case"]
        replies += self.submit(phq9(case, [1] * 8 + [3]))
        replies += self.submit(phq9("0000000000ABC", [0] * 9, id="x"))
        replies += self.submit(
            {"id": "w", "command": "work_item", "case": case,
             "actor": {"role": "staff", "staff": "anna"}, "item": "inclusion",
             "action": "cancel", "reason": "x"}, code=1)
        self.assertEqual({r["result"] for r in replies},
                         {"accepted", "parked", "rejected"})
        for reply in replies:
            self.fits("submit", reply)
        bundle = self.file("b.json", json.dumps({
            "resourceType": "Bundle", "type": "collection", "entry": [
                {"resource": {"resourceType": "Patient", "identifier": [
                    {"system": "urn:x", "value": "7"}]}},
                {"resource": {"resourceType": "Patient", "birthDate": 7}},
                {"resource": 3}]}))
        done = self.run_cli("service", "import", bundle, *store, *now,
                            "--format", "json")
        self.assertIn(done.returncode, (0, 1), done.err)
        self.fits("import", json.loads(done.out))
        out = self.folder / "export.json"
        done = self.run_cli("service", "export", "--format", "fhir", *store,
                            *now, "--out", out, "--report", "json", code=0)
        self.fits("export", json.loads(done.out))
        self.assertEqual(json.loads(out.read_text())["type"], "transaction")
        self.newer_version(store, now)
        self.adopted(store, now)
        self.fits("preview", self.json_of("service", "advance", *store, *now,
                                          "--preview"))
        self.fits("worklist", self.json_of("service", "worklist", *store, *now,
                                           "--limit", "1"))
        self.fits("worklist", self.json_of("service", "worklist", *store, *now))
        self.fits("advance", self.json_of("service", "advance", *store, *now))
        for verb in ["health", "summary"]:
            self.fits(verb, self.json_of("service", verb, *store, *now))
        for verb in ["portal", "case"]:
            self.fits(verb, self.json_of("service", verb, case, *store, *now))
        self.fits("explain", self.json_of("service", "explain", case,
                                          "inclusion", *store, *now))
        self.outcomes_of(store, now)
        self.tables_of(store, now)
        self.fits("outbox", self.json_of("service", "outbox", *store))
        self.fits("groups", self.json_of("service", "groups", *store))
        self.fits("verify", self.json_of("service", "verify", *store))
        for who in [[case], [], ["--service"]]:
            done = self.run_cli("service", "log", *who, *store, "--format",
                                "json", code=0)
            lines = done.out.splitlines()
            self.assertGreater(len(lines), 4)
            self.assertEqual(who == ["--service"],
                             '"event":"ServiceOpened"' in done.out)
            for line in lines:
                self.fits("log", json.loads(line))

    def outcomes_of(self, store, now):
        verb = ("outcomes", *store, "--definition", "nhs-tt")
        for more in [now, (*now, "--by", "month", "--core-modules", "3"), (),
                     (*now, "--as-known-at", NOW, "--as-corrected")]:
            # Nobody has finished: the answer is no.
            report = self.json_of(*verb, *more, code=1)
            self.fits("outcomes", report)
            self.assertIn("stamp", report)
        self.assertIn("--store", self.run_cli("outcomes", "--definition",
                                              "nhs-tt", code=2).err)
        self.assertIn("--store", self.run_cli(
            "outcomes", self.file("c.csv", "a"), "--definition", "nhs-tt",
            "--as-corrected", code=2).err)

    def tables_of(self, store, now):
        out = self.folder / "tables"
        out.mkdir()
        tables = self.json_of("service", "tables", "--out", out, *store, *now)
        self.fits("tables", tables)
        for one in tables["tables"]:
            done = self.run_cli("service", "table", one["table"], *store, *now,
                                "--format", "json", code=0)
            for line in done.out.splitlines():
                self.fits("table", json.loads(line))
        text = (ROOT / "catalogue/instruments/phq-9.json").read_text()
        other = self.file("phq.json", text.replace('"from": 10', '"from": 12')
                          .replace('"to": 9', '"to": 11'))
        lines = self.run_cli("service", "rescored", other, *store, *now,
                             "--format", "json", code=1).out.splitlines()
        self.assertGreater(len(lines), 0)
        for line in lines:
            self.fits("rescored", json.loads(line))

    def test_zz_every_schema_was_used(self):
        self.assertEqual(set(SCHEMAS) - USED, set())


SCHEMAS = schemas()
USED = set()

if __name__ == "__main__":
    main()
