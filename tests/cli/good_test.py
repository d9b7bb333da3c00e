"""What the command line does when it is given what it asks for."""

import json
import os
import pty
import subprocess

from cli_support import CliTest, LATER, NOW, main, phq9

SCENARIO = """# name: opened
# protocol: catalogue:icbt_base
clock 2026-03-02T09:00 Europe/Stockholm
> register_person {"person":{"system":"s","value":"1"}}
> receive_referral {"person":{"system":"s","value":"1"},"route":"self"}
CaseOpened
= healthy
"""


class Good(CliTest):

    def test_check_finds_the_catalogue_fine(self):
        done = self.run_cli("check", "catalogue:icbt_base", code=0)
        self.assertIn("fine", done.out)
        document = json.loads(self.run_cli(
            "check", "catalogue:minimal", "--format", "json").out)
        self.assertEqual(document["protocol"], "minimal")
        self.assertEqual(len(document["hash"]), 64)

    def test_check_prints_the_rendered_document(self):
        done = self.run_cli("check", "catalogue:icbt_sweden", "--rendered",
                            code=0)
        document = json.loads(done.out)
        self.assertNotIn("base", document)
        self.assertEqual(document["protocol"], "icbt_sweden")
        self.assertEqual([c["id"] for c in document["clocks"]][0],
                         "forms_wait")  # the base's
        again = self.file("again.json", done.out)
        self.assertEqual(self.json_of("check", again)["hash"],
                         self.json_of("check", "catalogue:icbt_sweden")["hash"])

    def test_a_drafted_migration_is_a_document_and_its_gaps_are_remarks(self):
        done = self.run_cli("migration", "catalogue:icbt_base",
                            "catalogue:minimal", code=0)
        self.assertEqual(json.loads(done.out)["from"], "icbt_base@1")
        self.assertIn("not mapped: ", done.err)

    def test_check_of_a_wrong_document_is_no_and_names_each_place(self):
        path = self.file("p.json", '{"protocol": "p-1", "versoin": "1"}')
        done = self.run_cli("check", path, code=1)
        self.assertIn("/versoin", done.out)
        self.assertIn("did you mean", done.out)

    def test_run_plays_and_fails_with_expected_and_got(self):
        script = self.file("a.scenario", SCENARIO)
        done = self.run_cli("run", "--script", script, code=0)
        self.assertIn("2 expectations met", done.out)
        wrong = self.file("b.scenario",
                          SCENARIO.replace("CaseOpened", "AlertRaised"))
        done = self.run_cli("run", "catalogue:icbt_base", "--script", wrong,
                            code=1)
        self.assertIn("b.scenario:6", done.out)
        self.assertIn("expected AlertRaised", done.out)
        self.assertIn("CaseOpened", done.out)  # the log

    def test_run_reads_the_protocol_beside_the_script(self):
        (self.folder / "a/b").mkdir(parents=True)
        self.file("a/clinic.json", '{"protocol": "clinic", "version": "1", '
                  '"base": "minimal@1", "status": "draft", "zone": "UTC"}')
        named = SCENARIO.replace("catalogue:icbt_base", "../clinic.json")
        script = self.file("a/b/a.scenario", named)
        done = self.run_cli("run", "--script", script, code=0)
        self.assertIn("2 expectations met", done.out)
        # What the command line says comes before it.
        self.run_cli("run", "catalogue:minimal", "--script", script, code=0)
        script = self.file("a.scenario", named)
        done = self.run_cli("run", "--script", script, code=2)
        self.assertIn("../clinic.json", done.err)
        script = self.file("b.scenario", SCENARIO.replace("# protocol", "# p"))
        done = self.run_cli("run", "--script", script, code=2)
        self.assertIn("names no protocol", done.err)

    def test_score_and_its_no(self):
        done = self.run_cli("score", "phq-9", "--answers",
                            "[2,1,2,1,0,1,2,0,0]", code=0)
        self.assertRegex(done.out, r"score +9\b")
        answer = self.json_of("score", "phq-9", "--answers",
                              "[2,1,2,1,0,1,2,0,null]", "--missing", "strict",
                              code=1)
        self.assertIsNone(answer["score"])
        self.assertEqual(answer["missing"], ["q9"])

    def test_score_reads_answers_and_documents_from_files(self):
        answers = self.file("a.json", "[1,1,1,1,1,1,1,1,1]")
        document = self.json_of("score", "phq-9", "--answers", f"@{answers}")
        self.assertEqual(document["score"], 9)

    def test_change_between_two_scores(self):
        change = self.json_of("change", "phq-9", "--pre", "18", "--post", "6")
        self.assertEqual((change["pre"], change["post"]), (18, 6))
        self.run_cli("change", "phq-9", "--pre", "18", "--post", "x", code=2)

    def test_eval_prints_typed_values(self):
        patient = self.file("p.json", json.dumps(
            {"resourceType": "Patient", "birthDate": "1985-06-30"}))
        done = self.run_cli("eval", "Patient.birthDate", "--resource", patient,
                            code=0)
        self.assertEqual(json.loads(done.out),
                         [{"type": "date", "value": "1985-06-30"}])
        done = self.run_cli("eval", "1 +", code=1)
        self.assertEqual(json.loads(done.out)["error"]["kind"], "syntax")
        done = self.run_cli("eval", "today()", "--now", NOW, code=0)
        self.assertIn("2026-03-02", done.out)

    def test_eval_reads_a_batch(self):
        batch = self.file("b.ndjson", '{"expression":"1+1"}\n'
                          '{"expression":"("}\n\n'
                          '{"expression":"a","resource":{"a":"x"},'
                          '"model":"none"}\n')
        lines = self.run_cli("eval", "--batch", batch, code=0).out.splitlines()
        self.assertEqual(len(lines), 3)
        self.assertEqual(json.loads(lines[0])[0]["value"], "2")
        self.assertIn("error", json.loads(lines[1]))

    def test_a_service_from_the_first_day(self):
        reply = self.live_service()
        self.assertEqual(reply["result"], "accepted")
        self.assertIn("CaseOpened", reply["events"])
        case = reply["case"]
        portal = self.json_of("service", "portal", case, "--store", self.store,
                              "--now", NOW)
        self.assertIn("screen_phq9", [e["item"] for e in portal["entries"]])
        same = self.json_of("service", "portal", "urn:clinic|p-1", "--store",
                            self.store, "--now", NOW)
        self.assertEqual(portal, same)

        answer = self.submit(phq9(case, [1, 1, 1, 1, 1, 1, 1, 1, 2]))[0]
        self.assertIn("AlertRaised", answer["events"])
        self.assertTrue(answer["show_now"])
        lines = self.json_of("service", "worklist", "--store", self.store,
                             "--now", LATER, "--kind", "alert")["lines"]
        self.assertEqual([line["what"] for line in lines], ["unscreened"])
        self.assertTrue(lines[0]["overdue"])
        text = self.run_cli("service", "worklist", "--store", self.store,
                            "--now", LATER, "--zone", "Europe/Stockholm",
                            code=0).out
        self.assertIn("overdue (!)", text)

        self.submit({"id": "m", "command": "receive_message", "case": case,
                     "actor": {"role": "patient"}, "message_id": "m",
                     "text": "Hello\nAnna\u001b[31m\u009b1m\u202eå"})
        text = self.run_cli("service", "worklist", "--store", self.store,
                            "--now", NOW, "--kind", "message", "--with-text",
                            code=0).out
        self.assertIn("  | Hello\n  | Anna [31m 1m å\n", text)

        self.run_cli("service", "advance", "--store", self.store, "--now",
                     LATER, "--preview", code=0)
        fired = self.json_of("service", "advance", "--store", self.store,
                             "--now", LATER)
        self.assertGreater(fired["fired"], 0)
        outbox = self.json_of("service", "outbox", "--store", self.store)
        self.assertTrue(outbox["effects"])
        self.run_cli("service", "health", "--store", self.store, "--now",
                     LATER, code=0)
        self.run_cli("service", "verify", "--store", self.store, code=0)
        why = self.run_cli("service", "explain", case, "inclusion", "--store",
                           self.store, "--now", LATER, code=0).out
        self.assertIn("inclusion is blocked", why)
        log = self.run_cli("service", "log", case, "--store", self.store,
                           code=0).out
        self.assertIn("AlertRaised tier=unscreened", log)
        text = self.run_cli("service", "case", case, "--store", self.store,
                            "--now", LATER, code=0).out
        self.assertIn(case, text)
        self.run_cli("service", "summary", "--store", self.store, "--now",
                     LATER, code=0)
        at = ["--store", self.store, "--now", LATER, "--as-of"]
        then = self.json_of("service", "case", case, *at, NOW)
        self.assertEqual([line["what"] for line in then["alerts"]],
                         ["unscreened"])
        self.assertFalse(then["alerts"][0]["overdue"])
        why = self.json_of("service", "explain", case, "inclusion", *at, NOW)
        self.assertEqual(why["state"], "blocked")
        self.run_cli("service", "case", case, *at, "2020-01-01T00:00:00Z",
                     code=2)
        self.run_cli("service", "case", case, *at, "noon", code=2)

    def test_a_command_sent_twice_is_answered_once(self):
        case = self.live_service()["case"]
        first = self.submit(phq9(case, [0] * 9))[0]
        again = self.submit(phq9(case, [0] * 9))[0]
        self.assertFalse(first["repeated"])
        self.assertTrue(again["repeated"])
        self.assertEqual(first["version"], again["version"])

    def test_a_rejection_is_no(self):
        case = self.live_service()["case"]
        staff = {"role": "staff", "staff": "anna"}
        reply = self.submit({"id": "w1", "command": "work_item",
                             "actor": staff, "case": case,
                             "item": "inclusion", "action": "complete",
                             "outcome": "include"}, code=1)[0]
        self.assertEqual(reply["result"], "rejected")
        self.assertEqual(reply["code"], "item_not_open")

    def test_commands_may_bring_their_own_now(self):
        self.init()
        path = self.file("c.json", json.dumps([
            {"id": "s1", "now": NOW, "command": "add_staff",
             "actor": {"role": "integration"}, "staff": "anna",
             "pools": ["therapists"]},
            {"id": "s2", "now": LATER, "command": "add_staff",
             "actor": {"role": "integration"}, "staff": "bo",
             "pools": ["therapists"]}]))
        done = self.run_cli("service", "submit", path, "--store", self.store,
                            code=0)
        self.assertEqual(done.out.count("accepted"), 2)

    def test_the_environment_stands_in_for_options(self):
        self.live_service()
        done = self.run_cli("service", "worklist", code=0,
                            env={"STEPWELL_STORE": self.store,
                                 "STEPWELL_NOW": "system"})
        self.assertEqual(done.err, "")

    def test_colour_on_a_terminal_only_and_never_with_no_color(self):
        def on_terminal(**env):
            reader, writer = pty.openpty()
            plain = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
            process = subprocess.Popen(
                [self.program, "check", "catalogue:minimal"], stdout=writer,
                env={**plain, "TERM": "xterm", **env})
            process.wait(60)
            os.close(writer)
            out = os.read(reader, 65536)
            os.close(reader)
            return out
        self.assertIn(b"\x1b[", on_terminal())
        self.assertNotIn(b"\x1b[", on_terminal(NO_COLOR="1"))
        done = self.run_cli("check", "catalogue:minimal")
        self.assertNotIn("\x1b[", done.out)

    def test_help_and_version_are_fine(self):
        self.assertIn("service", self.run_cli("--help", code=0).out)
        self.assertIn("--store",
                      self.run_cli("service", "worklist", "--help",
                                   code=0).out)
        self.assertRegex(self.run_cli("--version", code=0).out, r"^\d+\.\d+\.")


if __name__ == "__main__":
    main()
