"""Bad input gives exit code 2 and says what, where and why; nothing is lost."""

import json
import os
import pathlib
import sqlite3

from cli_support import CliTest, NOW, ROOT, main, phq9


class BadInput(CliTest):

    def expect(self, *arguments, says, input=None):
        done = self.run_cli(*arguments, input=input, code=2)
        self.assertEqual(done.out, "")
        for text in [says] if isinstance(says, str) else says:
            self.assertIn(text, done.err)
        self.assertNotIn("\n\n", done.err)
        return done

    def readers(self, path):
        """Every verb that reads a file."""
        return [("check", path),
                ("run", "catalogue:minimal", "--script", path),
                ("run", path, "--script", path),
                ("score", "phq-9", "--answers", f"@{path}"),
                ("score", path, "--answers", "[1]"),
                ("service", "submit", path, "--store", self.store, "--now",
                 NOW),
                ("service", "init", "--store", f"sqlite:{self.folder}/n.db",
                 "--protocol", path, "--now", NOW)]

    def test_a_time_in_which_no_office_opens(self):
        said = self.run_cli("simulate", "catalogue:icbt_sweden", "--plan",
                            "catalogue:icbt_sweden", "--set",
                            'horizon.start="2026-01-03"', "--set",
                            "horizon.days=2", "--set",
                            "horizon.warm_up_days=0", code=1)
        self.assertIn("never_opens", said.out + said.err)

    def test_a_missing_file_is_named(self):
        self.init()
        for arguments in self.readers("/no/such/file.json"):
            self.expect(*arguments, says=["cannot read /no/such/file.json",
                                          "No such file"])
        self.expect("eval", "a", "--resource", "/no/such/file.json",
                    says="cannot read")
        self.expect("service", "import", "/no/such/file.json", "--store",
                    self.store, "--now", NOW, says="cannot read")

    def test_a_folder_is_no_file(self):
        self.expect("check", self.folder, says="it is a folder")

    def test_a_file_that_may_not_be_read(self):
        path = self.file("secret.json", "{}")
        path.chmod(0)
        if os.access(path, os.R_OK):
            self.skipTest("this user may read everything")
        self.expect("check", path, says="Permission denied")

    def test_json_that_ends_too_early_or_is_none(self):
        self.init()
        for text in ["", "{", '{"protocol": "x"', "[1,2", "nonsense", "{}}",
                     '{"a":1,"a":2}']:
            path = self.file("bad.json", text)
            for arguments in self.readers(path):
                if "run" in arguments and arguments[1] != path:
                    continue  # a script is no JSON
                self.run_cli(*arguments, code=2)
        path = self.file("cut.json", '{"protocol": "minimal", "version": ')
        self.expect("check", path, says=["cut.json", "byte"])

    def test_invalid_utf8_is_named_with_its_byte(self):
        self.init()
        path = self.file("latin1.json", b'{"protocol": "caf\xe9"}')
        self.expect("check", path, says="byte")
        self.expect("service", "submit", path, "--store", self.store, "--now",
                    NOW, says="byte")

    def test_ten_thousand_levels(self):
        self.init()
        path = self.file("deep.json", "[" * 10000 + "]" * 10000)
        self.expect("check", path, says="256 levels")
        self.expect("service", "submit", path, "--store", self.store, "--now",
                    NOW, says="256 levels")
        self.expect("score", "phq-9", "--answers", f"@{path}",
                    says="256 levels")
        path = self.file("deep.txt", "(" * 10000 + "1" + ")" * 10000)
        done = self.run_cli("eval", path.read_text(), code=1)
        self.assertIn("error", json.loads(done.out))

    def test_a_hundred_megabytes(self):
        self.init()
        path = self.folder / "huge.json"
        with open(path, "wb") as out:
            out.write(b'{"protocol": "')
            for _ in range(100):
                out.write(b"x" * 1_000_000)
            out.write(b'"}')
        self.expect("check", path, says="67108864")
        self.expect("service", "submit", path, "--store", self.store, "--now",
                    NOW, says="67108864")
        self.expect("service", "import", path, "--store", self.store, "--now",
                    NOW, says="")

    def test_one_command_too_large(self):
        self.init()
        path = self.file("big.json", json.dumps(
            {"id": "c", "command": "receive_message", "text": "x" * 2_000_000}))
        self.expect("service", "submit", path, "--store", self.store, "--now",
                    NOW, says="1048576")

    def test_guards_that_give_functions_what_they_do_not_take(self):
        protocol = json.loads(
            (ROOT / "catalogue/protocols/minimal.json").read_text())
        for guard, column, says, hint in [
                ("risk_screen.tier.round() > 1", 18,
                 "round() takes an Integer or Decimal, not a String",
                 "toInteger()"),
                ("risk_screen.tier.indexOf(1) > 0", 26,
                 "indexOf() takes a String as argument 1, not an Integer",
                 "toString()"),
                ("risk_screen.at + 1 'mg' > risk_screen.at", 16,
                 "`+` needs a time to add", "hours"),
                ("risk_screen > 3", 13, "has no meaning between", "element")]:
            protocol["risk"]["screen_rules"][0]["if"] = guard
            path = self.file("guard.json", json.dumps(protocol))
            said = self.run_cli("check", path, code=1).out
            for text in ["/risk/screen_rules/0/if bad_guard",
                         f"column {column}: ", says, hint]:
                self.assertIn(text, said)

    def test_usage(self):
        for arguments in [(), ("chekc",), ("check",), ("service",),
                          ("service", "worklist"), ("check", "a", "b"),
                          ("check", "catalogue:minimal", "--format", "xml"),
                          ("score", "phq-9"),
                          ("service", "worklist", "--store", "x", "--now",
                           NOW, "--kind", "other")]:
            self.expect(*arguments, says="")
        self.expect("eval", says="takes an expression")
        self.expect("chekc", "x.json", says='"chekc"')
        self.expect("service", "worklsit", says='"worklsit"')
        self.expect("check", "catalogue:no_such", says="no_such")
        self.expect("score", "phq-99", "--answers", "[1]", says="phq-9")

    def test_now_is_required_and_must_be_a_time(self):
        self.init()
        self.expect("service", "worklist", "--store", self.store, says="--now")
        for now in ["yesterday", "2026-03-02", "2026-03-02T09:00",
                    "2025-02-29T09:00:00Z", "2026-13-01T00:00:00Z"]:
            self.expect("service", "worklist", "--store", self.store, "--now",
                        now, says=[now, "2026-03-02T09:00:00+01:00"])
        self.expect("service", "worklist", "--store", self.store, "--now", NOW,
                    "--zone", "Europe/Stokholm", says="Europe/Stokholm")
        path = self.file("c.json", '{"id": "x", "command": "resume_case"}')
        self.expect("service", "submit", path, "--store", self.store,
                    says="--now")

    def test_stores_that_are_none(self):
        query = ("--now", NOW)
        self.expect("service", "worklist", "--store",
                    f"sqlite:{self.folder}/none.db", *query, says="none.db")
        self.expect("service", "worklist", "--store", "mysql:x", *query,
                    says="mysql")
        path = self.file("other.db", b"not a database at all" * 100)
        self.expect("service", "verify", "--store", f"sqlite:{path}",
                    says="other.db")
        foreign = self.folder / "foreign.db"
        connection = sqlite3.connect(foreign)
        connection.execute("create table accounts (n)")
        connection.commit()
        connection.close()
        self.expect("service", "verify", "--store", f"sqlite:{foreign}",
                    says="foreign.db")

    def test_init_of_what_nobody_approved(self):
        self.expect("service", "init", "--store", self.store, "--protocol",
                    "catalogue:minimal", "--now", NOW,
                    says=["minimal 1 is draft and not approved", "prototype"])
        self.assertFalse((self.folder / "clinic.db").exists())

    def test_init_does_not_overwrite(self):
        reply = self.live_service()
        self.expect("service", "init", "--store", self.store, "--protocol",
                    "catalogue:minimal", "--prototype", "--now", NOW,
                    says="clinic.db")
        self.run_cli("service", "case", reply["case"], "--store", self.store,
                     "--now", NOW, code=0)

    def test_commands_that_cannot_be_done_name_their_line(self):
        case = self.live_service()["case"]
        staff = {"role": "staff", "staff": "anna"}
        good = json.dumps(phq9(case, [0] * 9))
        rows = [
            ({"command": "work_itme"}, ["/command", "work_item"]),
            ({"command": "work_item", "item": "inclusoin",
              "action": "complete"}, ["/item", "inclusion"]),
            ({"command": "resume_case", "actor": {"role": "staff",
                                                  "staff": "nobody"}},
             ["/actor/staff", "nobody"]),
            ({"command": "resume_case", "case": "0000000000ABC"},
             ["unknown_case"]),
            ({"command": "resume_case", "expected_version": 1}, ["version"]),
        ]
        for i, (command, says) in enumerate(rows):
            bad = json.dumps({"id": f"bad{i}", "actor": staff, "case": case,
                              **command})
            path = self.file("c.ndjson", f"{good}\n\n{bad}\n")
            done = self.run_cli("service", "submit", path, "--store",
                                self.store, "--now", NOW, code=2)
            self.assertIn("accepted q1", done.out)  # what went before is done
            for text in ["c.ndjson line 3", *says]:
                self.assertIn(text, done.err)

    def test_bytes_that_are_no_json_in_the_middle_of_a_file(self):
        case = self.live_service()["case"]
        path = self.file("c.ndjson",
                         json.dumps(phq9(case, [0] * 9)) + "\n{oops\n")
        done = self.run_cli("service", "submit", path, "--store", self.store,
                            "--now", NOW, code=2)
        self.assertIn("line 2", done.err)

    def test_nothing_of_a_patient_is_refused(self):
        case = self.live_service()["case"]
        for i, (change, result) in enumerate([
                ({"answers": [9, -1, "x", None, {}, [], True, 2.5, 3]},
                 "accepted"),
                ({"answers": [1]}, "accepted"),
                ({"answers": "?"}, "accepted"),
                ({"instrument": "phq99"}, "accepted"),
                ({"case": "0000000000ABC"}, "parked"),
                ({"case": "?"}, "parked"),
                ({"surprise": 1, "at": "yesterday"}, "accepted")]):
            reply = self.submit({**phq9(case, [0] * 9, id=f"answers{i}"),
                                 **change})[0]
            self.assertEqual(reply["result"], result, change)
        self.run_cli("service", "verify", "--store", self.store, code=0)

    def test_errors_as_json(self):
        done = self.run_cli("check", "/no/such", "--format", "json", code=2)
        self.assertEqual(done.out, "")
        error = json.loads(done.err)["error"]
        self.assertIn("/no/such", error["message"])
        # The words are those of the library, not of the libraries below it.
        for arguments, code in [(("check", "/no/such"), "not_found"),
                                (("check", self.file("p.json", "{")),
                                 "invalid"),
                                (("check", "catalogue:none"), "not_found")]:
            done = self.run_cli(*arguments, "--format", "json", code=2)
            self.assertEqual(json.loads(done.err)["error"]["code"], code)

    def test_issues_have_the_codes_of_the_catalogue(self):
        page = (pathlib.Path(__file__).parents[2] /
                "docs/reference/errors.md").read_text()
        document = {"protocol": "p", "zone": "Nowhere", "status": "good",
                    "clocks": [{"id": "C"}], "rules": [{"id": "a", "on": 1}]}
        said = self.json_of("check", self.file("p.json", json.dumps(document)),
                            code=1)
        found = {issue["code"] for issue in said["issues"]}
        self.assertLessEqual({"bad_zone", "unknown_value", "bad_name",
                              "wrong_type", "missing_field"}, found)
        for code in found:
            self.assertIn(f"| `{code}` | error |", page)

    def test_a_full_disk_is_told(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        import subprocess
        with open("/dev/full", "w") as full:
            done = subprocess.run([self.program, "check", "catalogue:minimal"],
                                  stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"could not be written", done.stderr)


if __name__ == "__main__":
    main()
