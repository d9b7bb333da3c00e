"""Every verb of a service, and the handle on a case."""

import io
import json
from datetime import timedelta, timezone

import pytest

import stepwell
from conftest import HOST, NOW, PERSON, begin


def test_from_referral_to_discharge(service, case, later):
    answered = case.submit_response("phq9", [1] * 8 + [0], NOW, id="answers")
    assert answered.accepted and answered.receipt and answered.show_now == {}
    assert "ScoreRecorded" in answered.events
    call, = service.worklist(NOW, kind="item").lines
    assert (call.what, call.case, call.state) == ("call", case.who, "available")
    assert call.due == later(days=2) and not call.overdue
    case.work_item("call", "complete", NOW, id="call", staff="anna",
                   minutes=20).raise_if_rejected()
    done = case.work_item("ending", "complete", later(hours=1), id="end",
                          staff="anna", outcome="helped")
    assert done.raise_if_rejected() is done
    view = case.view(later(hours=1))
    assert not view.open and view.phases == {"pathway": "closed"}
    assert view.version == done.version
    assert service.health(later(hours=1))["closed_cases"] == 1
    assert service.summary(later(hours=1))["minutes"] == 20


def test_whose_work_it_is_and_how_much_there_is(service, case, later):
    def mine(**members):
        return service.worklist(NOW, viewer="anna", whose="mine", **members)

    case.work_item("call", "open", NOW, id="o", staff="anna",
                   reason="she asked for it").raise_if_rejected()
    case.work_item("call", "claim", NOW, id="c", staff="anna").raise_if_rejected()
    case.work_item("call", "defer", NOW, id="d", staff="anna", reason="away",
                   until=later(days=1)).raise_if_rejected()
    line, = mine(deferred=True, with_counts=True).lines
    assert line.claimed and line.follow_up == later(days=1)
    count, = mine(kind="item", with_counts=True).counts
    assert (count.kind, count.total, count.overdue, count.today,
            count.deferred) == ("item", 1, 0, 0, 1)
    assert mine(deferred=False).lines == () and mine(due="today").total == 0
    assert mine(priority_min=0, priority_max=100).total == 0
    assert service.worklist(NOW, kind="patient").total == 1
    with pytest.raises(stepwell.NotFoundError):
        service.worklist(NOW, viewer="nobody")
    late = case.work_item("call", "complete", NOW, id="m", staff="anna",
                          minutes=1441)
    assert late.code == "minutes_out_of_range"


def test_whose_case_it_is_and_why(service, case):
    host = {"actor": {"role": "integration"}}
    case.submit("assign_case", NOW, id="a", staff="anna", pool="team",
                languages=["ar"]).raise_if_rejected()
    why = case.explain("owner", NOW)
    assert why.state == "team"
    assert why.reasons == (
        "nobody of team could take it, of 1 member; "
        "1 without what the case needs", "the case needs ar")
    service.submit({"id": "bo", "command": "add_staff", "staff": "bo",
                    "pools": ["team"], "languages": ["ar"], **host}, NOW)
    named = {"id": "n", "command": "assign_case", "case": case.who,
             "pool": "team", "staff": "anna",
             "actor": {"role": "staff", "staff": "anna"}}
    assert service.submit(named, NOW).code == "lacks_skill"
    service.submit({**named, "id": "n2", "reason": "she has an interpreter"},
                   NOW).raise_if_rejected()
    batch = service.submit({"id": "b", "command": "reassign_cases", "from": "anna",
                            "reason": "she leaves", **host}, NOW)
    assert batch.reason.startswith("went to others: 1;")
    assert case.explain("owner", NOW).state == "bo"


def test_safe_mode_keeps_words_to_patients_back(service, case):
    def switch(on, **who):
        return service.submit(
            {"id": f"{on} {who}", "command": "set_safe_mode", "on": on,
             "reason": "wrong texts",
             "actor": who or {"role": "staff", "staff": "anna"}}, later)

    later = NOW + timedelta(days=8)
    service.advance(later)
    (word,) = service.outbox().effects
    assert word.to == "patient" and service.outbox().withheld is None
    assert switch(True, role="patient").code == "not_for_role"
    switch(True).raise_if_rejected()
    held = service.outbox()
    assert held.effects == () and held.withheld == 1
    health = service.health(later)
    assert health.safe_since == later and health.ok
    assert any("safe mode" in said for said in health.warnings)
    switch(False).raise_if_rejected()
    assert service.outbox().effects == (word,)
    over = service.health(later)
    assert over.safe_since is None
    assert over.safe_on["by"] == over.safe_off["by"] == "anna"
    assert over.safe_off["reason"] == "wrong texts"
    pl = pytest.importorskip("polars")
    log = pl.DataFrame(service.table("service_log", later))
    assert log["event"].to_list()[-1] == "SafeModeSet"
    assert log["actor"].to_list()[-1] == "anna"


def test_a_rejection_is_a_value_that_can_raise(case):
    reply = case.work_item("ending", "complete", NOW, id="e", staff="anna",
                           outcome="helped")
    assert reply.rejected and reply.kind == "rejected" and not reply.accepted
    assert reply.code == "item_not_open" and reply.reason
    with pytest.raises(stepwell.RejectedError, match="item_not_open") as raised:
        reply.raise_if_rejected()
    assert raised.value.reply is reply and raised.value.code == "item_not_open"


def test_the_same_command_gets_the_same_reply(service, case):
    command = {"id": "f", "command": "assign_case", "case": case.who,
               "actor": {"role": "staff", "staff": "anna"},
               "pool": "team", "staff": "anna"}
    first = service.submit(command, NOW)
    again = service.submit(json.dumps(command), NOW + timedelta(days=3))
    assert again.repeated and not first.repeated
    assert {**again, "repeated": False} == first
    with pytest.raises(stepwell.IdUsedError) as raised:
        service.submit({**command, "reason": "moved"}, NOW)
    assert raised.value.code == "id_used"


def test_a_command_may_hold_times(service, case):
    reply = case.submit("pause_case", NOW, id="p", staff="anna",
                        review_at=NOW.astimezone(
                            timezone(timedelta(hours=5, minutes=30))
                        ) + timedelta(days=9), reason="holiday")
    reply.raise_if_rejected()
    assert case.view(NOW).paused
    with pytest.raises(ValueError, match="no time zone"):
        case.submit("pause_case", NOW, id="q", staff="anna",
                    review_at=NOW.replace(tzinfo=None), reason="holiday")


def test_a_patient_sees_crisis_information_at_once(service, case):
    reply = case.submit_response("phq9", [1] * 9, NOW, id="a")
    assert "112" in reply.show_now["en"]
    assert "112" in case.portal(NOW).show_now["en"]
    alert, = service.worklist(NOW, kind="alert", owner="anna").lines
    for action, extra in (("acknowledge", {}),
                          ("assess", {"outcome": "no_danger"}),
                          ("close", {"reason": "called, safe"})):
        case.handle_alert(alert.ordinal, action, NOW, id=action, staff="anna",
                          **extra).raise_if_rejected()
    assert service.worklist(NOW, kind="alert").lines == ()


def test_what_fits_nowhere_is_parked(service):
    reply = service.submit(
        {"id": "x", "command": "submit_response", "instrument": "phq9",
         "person": {"system": "s", "value": "nobody"}, "answers": [0] * 9}, NOW)
    assert reply.parked and reply.code and reply.case is None
    line, = service.worklist(NOW, kind="parked").lines
    assert line.case is None and line.text == ""
    line, = service.worklist(NOW, kind="parked", with_text=True).lines
    assert json.loads(line.text)["answers"] == [0] * 9 and not line.text_cut


def test_the_portal_and_messages(service, case):
    entry, = case.portal(NOW).entries
    assert (entry.item, entry.kind) == ("form", "questionnaire")
    assert entry.case == case.who and entry.appointment_at is None
    case.receive_message("m-1", "Is it on?", NOW, id="m", thread="t")
    assert [m.kind for m in case.view(NOW).open_messages] == ["message"]
    assert [m.text for m in case.view(NOW).open_messages] == ["Is it on?"]
    line, = service.worklist(NOW, kind="message", with_text=True).lines
    assert line.text == "Is it on?"
    case.send_message("m-2", "Yes.", NOW, id="n", staff="anna", thread="t",
                      answers="m-1").raise_if_rejected()
    assert case.view(NOW).open_messages == ()
    assert case.patient_item("form", NOW, id="o", done=False).accepted


def test_a_draft_goes_back_to_whoever_wrote_it(case):
    draft = {"q1": 2, "words": "On the bus"}
    assert case.patient_item("form", NOW, id="d", percent=40,
                             draft=draft).accepted
    entry, = case.portal(NOW).entries
    assert (entry.draft, entry.draft_at) == (draft, NOW)
    told, = case.view(NOW).progress
    assert (told.item, told.percent, told.seconds) == ("form", 40, None)
    assert (told.draft_since, told.draft_at) == (NOW, NOW)
    assert told.draft_abandoned_at is None
    assert "On the bus" not in repr(case.view(NOW).timeline)
    case.submit_response("phq9", [0] * 9, NOW, id="r")
    assert [e.draft for e in case.portal(NOW).entries] == []


def test_the_portal_asks_for_the_consents_of_the_way_in():
    with stepwell.Service.create("memory:", "catalogue:icbt_base", NOW,
                                 prototype=True) as made:
        for verb, more in (("register_person", {}),
                           ("receive_referral", {"route": "self"})):
            reply = made.submit({"id": verb, "command": verb, "actor": HOST,
                                 "person": PERSON, **more}, NOW)
        case = made.case(reply.raise_if_rejected().case)
        asked, = case.portal(NOW).consents
        assert (asked.case, asked.purpose) == (case.who, "care")
        assert asked.since == NOW and asked.title
        case.submit("record_consent", NOW, id="c", role="patient",
                    consent_purpose="care", given=False).raise_if_rejected()
        assert case.portal(NOW).consents == ()


def test_explain_tells_what_is_missing(case):
    why = case.explain("call", NOW)
    assert why.state == "blocked" and "form" in " ".join(why.would_open)
    with pytest.raises(stepwell.StepwellError):
        case.explain("nothing", NOW)


def test_clocks_fire_in_pieces_as_in_one_piece(service, later, monkeypatch):
    import stepwell._service
    case = service.case(begin(service))
    case.submit_response("phq9", [1] * 9, NOW, id="a")
    preview = service.preview_advance(later(days=3))
    assert preview.due == 2 and preview.by_clock == {"alert": 1, "work": 1}
    assert preview.oldest_due == later(hours=1) and not preview.needs_catch_up
    assert preview.last_advance == NOW
    monkeypatch.setattr(stepwell._service, "_CLOCKS_AT_ONCE", 1)
    done = service.advance(later(days=3))
    assert done.fired == 2 and not done.more and done.failed == ()
    assert done.next_due > later(days=3)
    assert set(done) == {"fired", "more", "next_due", "failed"}
    assert json.loads(done.json) == dict(done)
    assert service.advance(later(days=3)).fired == 0


def test_an_advance_may_stop_early(service, case, later):
    case.submit_response("phq9", [1] * 9, NOW, id="a")
    first = service.advance(later(days=3), clocks_max=1)
    assert first.fired == 1 and first.more
    assert service.advance(later(days=3)).fired == 1


def test_a_long_gap_asks_for_catch_up(service, case, later):
    with pytest.raises(stepwell.PreconditionError, match="catch-up"):
        service.advance(later(days=90))
    assert service.preview_advance(later(days=90)).needs_catch_up
    assert service.advance(later(days=90), catch_up=True).fired > 0


def test_open_cases_go_over_to_a_newer_version(service, later):
    case = begin(service)
    newer = {"protocol": "minimal", "base": "minimal@1", "version": "2",
             "status": "draft"}
    with pytest.raises(stepwell.PreconditionError, match="not approved"):
        service.deploy(newer, NOW)
    deployed = service.deploy(newer, NOW, actor="lead", reason="newer",
                              prototype=True)
    assert deployed.deployed and deployed.open_cases_elsewhere == 1
    assert list(deployed.pools_elsewhere) == []
    assert deployed.version == "2" and deployed.protocol == "minimal"
    assert not service.deploy(newer, NOW, prototype=True).deployed
    plan = {"migration": "m", "reason": "newer", "from": "minimal@1",
            "to": "minimal@2"}
    dry = service.migrate(plan, NOW)
    assert (dry.fine, dry.applied, dry.to_version) == (1, False, "minimal@2")
    done = service.migrate(plan, NOW, apply=True, actor="lead", cases_max=5)
    assert (done.fine, done.applied, done.next) == (1, True, "")
    assert done.reasons == () and done.from_version == "minimal@1"
    again = service.migrate(plan, NOW, apply=True)
    assert (again.fine, again.there, again.not_concerned) == (0, 1, 0)
    assert service.view(case, NOW)["protocol_hash"] == deployed.hash
    plan["items"] = {"cal": "call"}
    with pytest.raises(stepwell.DocumentError, match="no item `cal`"):
        service.migrate(plan, NOW)


def test_a_corrected_cut_off_raises_what_was_missed(service, later):
    case = begin(service)
    service.case(case).submit_response("phq9", [2] * 8 + [0], NOW, id="a")
    rule = {"id": "heavy", "on": "response:phq9", "if": "phq9.score >= 15",
            "on_unknown": "raise", "source": "assumption",
            "do": [{"raise_alert": "high"}]}
    newer = {"protocol": "minimal", "base": "minimal@1", "version": "2",
             "status": "draft", "rules": [rule]}
    service.deploy(newer, NOW, prototype=True)
    fix = {"migration": "fix", "reason": "it was missing",
           "from": "minimal@1", "to": "minimal@2"}
    with pytest.raises(stepwell.InvalidError, match="approver"):
        service.amend(fix, NOW)
    fix["approver"] = "Dr. Lind"
    dry = service.amend(fix, NOW, closed=True)
    assert (dry.fine, dry.alerts, dry.applied) == (1, 1, False)
    line, = dry.cases
    assert line.action == "alert" and line.open
    difference, = line.differences
    assert (difference.kind, difference.what, difference.after) == (
        "alert", "high", "raised")
    done = service.amend(fix, later(hours=1), apply=True, actor="lead")
    assert done.applied and done.cases == dry.cases
    alerts = service.view(case, later(hours=1)).open_alerts
    assert [alert.what for alert in alerts] == ["high"]


def test_a_patient_in_mid_treatment_is_adopted(service, later):
    who = {"system": "urn:clinic", "value": "adopted"}
    host = {"role": "integration"}
    service.submit({"id": "ap", "command": "register_person", "actor": host,
                    "person": who}, NOW)
    declared = {
        "id": "ad", "command": "adopt_case", "actor": host, "person": who,
        "referrals": [{"route": "self",
                       "received_at": "2026-01-02T09:00:00Z"}],
        "tracks": [{"track": "pathway", "phase": "open",
                    "since": "2026-01-02T09:00:00Z"}],
        "owner": {"pool": "team"},
        "scores": [{"instrument": "phq9", "version": "1", "score": 24,
                    "at": "2026-01-03T09:00:00Z"}],
        "alerts": [{"tier": "high", "stage": "raised", "pool": "team",
                    "raised_at": "2026-01-03T09:00:00Z"}]}
    reply = service.submit(declared, NOW)
    assert reply.accepted
    view = service.view(reply.case, NOW)
    assert [alert.what for alert in view.open_alerts] == ["high"]
    assert service.outbox().effects == ()
    assert service.submit(declared, NOW).repeated
    declared["tracks"][0]["phase"] = "opn"
    with pytest.raises(stepwell.InvalidError, match="did you mean `open`"):
        service.submit({**declared, "id": "ad2"}, NOW)


def test_effects_wait_until_they_are_settled(service, case, later):
    case.submit_response("phq9", [1] * 9, NOW, id="a")
    service.advance(later(hours=2))
    effect, = service.effects()
    page = service.outbox(limit=1)
    assert page.effects == (effect,) and page.next >= effect.position
    assert effect.kind == "notify" and effect.template == "alert_open"
    reply = service.settle(effect, later(hours=2), id="s", delivered=True)
    reply.raise_if_rejected()
    assert list(service.effects()) == []
    assert service.settle(effect, later(hours=3), id="s",
                          delivered=True).repeated


def test_worklist_pages(service, later):
    service.submit({"id": "staff", "command": "add_staff", "actor": HOST,
                    "staff": "anna", "pools": ["team"]}, NOW)
    for n in range(5):
        person = {"system": "s", "value": str(n)}
        service.submit({"id": f"p{n}", "command": "register_person",
                        "actor": HOST, "person": person}, NOW)
        who = service.submit({"id": f"r{n}", "command": "receive_referral",
                              "actor": HOST, "person": person,
                              "route": "self"}, NOW).case
        service.case(who).submit_response("phq9", [0] * 9, NOW, id=f"a{n}")
    seen, after = [], None
    while True:
        page = service.worklist(NOW, limit=2, after=after)
        seen += [line.case for line in page.lines]
        if page.next is None:
            break
        after = page.next
    assert len(seen) == len(set(seen)) == page.total == 5
    assert [case.who for case in service.cases()] == sorted(seen)
    assert list(service.cases(after=max(seen))) == []
    assert service.worklist(later(days=3), overdue_only=True).overdue == 5


def test_fhir_goes_in_once(service, tmp_path):
    patient = {"resourceType": "Patient", "id": "p",
               "identifier": [{"system": "urn:x", "value": "7"}]}
    first = service.import_fhir(patient, NOW, sender="lab")
    assert first.ok and first["persons"] == 1
    file = tmp_path / "patients.ndjson"
    file.write_text(json.dumps(patient) + "\n" + "{\"resourceType\": 3}\n")
    again = service.import_fhir(file, NOW, sender="lab")
    assert again["unchanged"] == 1 and not again.ok
    assert again.refused[0]["reason"]


def test_a_service_on_a_file_is_there_again(tmp_path):
    url = f"sqlite:{tmp_path}/clinic.db"
    with pytest.raises(stepwell.StepwellError):
        stepwell.Service.open(url)
    with stepwell.Service.create(url, "catalogue:minimal", NOW,
                                 prototype=True) as service:
        who = begin(service)
    with stepwell.Service.open(url) as service:
        assert service.case(f"{PERSON['system']}|{PERSON['value']}").view(
            NOW).id == who
        check = service.verify()
        assert check.ok and check.streams == 3 and check.events > 5
    with pytest.raises(stepwell.StepwellError):
        stepwell.Service.create(url, "catalogue:minimal", NOW, prototype=True)


def test_a_live_service_begins_with_what_is_approved():
    draft = {"protocol": "clinic", "base": "minimal@1", "version": "1",
             "status": "draft"}
    with pytest.raises(stepwell.PreconditionError, match="not approved"):
        stepwell.Service.create("memory:", draft, NOW)
    with stepwell.Service.create("memory:", draft, NOW,
                                 prototype=True) as service:
        assert "prototype" in service.health(NOW).warnings[0]
    approved = {**draft, "status": "approved", "approver": "Dr B"}
    with stepwell.Service.create("memory:", approved, NOW) as service:
        assert not any("approved" in warning
                       for warning in service.health(NOW).warnings)
    assert stepwell.Protocol.check(approved)["status"] == "approved"
    with pytest.raises(stepwell.PreconditionError, match="no new service"):
        stepwell.Service.create("memory:", {**draft, "status": "retired"}, NOW,
                                prototype=True)


def test_a_case_by_its_person_takes_commands(service, case):
    same = service.case("urn:clinic|p-1")
    assert same.view(NOW).id == case.who
    assert same.submit_response("phq9", [0] * 9, NOW, id="a").case == case.who
    assert case == service.case(case.who) != same
    assert len({case, service.case(case.who)}) == 1


def test_the_timeline_has_both_times(service, case, later):
    case.work_item("form", "skip", later(hours=5), id="w", staff="anna",
                   reason="on paper", at=NOW + timedelta(hours=4))
    events = case.timeline(later(hours=5))
    assert [event.seq for event in events] == list(
        range(events[0].seq, events[0].seq + len(events)))
    skipped = [e for e in events if e.event == "CommandRecorded"][-1]
    assert skipped.at == later(hours=4) and skipped.recorded == later(hours=5)


def test_tables_go_to_data_frames(service, case, later):
    pl = pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    case.submit_response("phq9", [1] * 9, NOW, id="a")
    lines = service.worklist(NOW).lines
    table = service.table("worklist", NOW)
    frame = table.to_polars()
    assert frame["what"].to_list() == [line.what for line in lines]
    assert frame["due"].to_list() == [line.due for line in lines]
    assert table.to_arrow().num_rows == len(table.to_pandas()) == len(lines)
    assert service.table("worklist", NOW, kind="alert").to_polars().height == 1
    events = pl.DataFrame(service.table("timeline", NOW, who=case.who))
    assert events["event"].to_list() == [
        event.event for event in case.timeline(NOW)]
    assert service.table("summary", NOW).to_polars().height > 3
    for use in (lambda: service.table("nothing", NOW),
                lambda: service.table("timeline", NOW, who="nobody"),
                lambda: service.table("worklist", NOW, kind="nothing")):
        with pytest.raises(stepwell.StepwellError):
            use().to_arrow()
    service.close()
    with pytest.raises(stepwell.MisuseError):
        table.to_polars()


def test_fhir_goes_out_in_pieces(service, case, tmp_path):
    case.submit_response("phq9", [1] * 9, NOW, id="a")
    one, two = io.BytesIO(), io.BytesIO()
    report = service.export_fhir(one, NOW)
    assert report["persons"] == 1 and report.next is None
    service.export_fhir(two, NOW)
    assert one.getvalue() == two.getvalue()
    bundle = json.loads(one.getvalue())
    assert bundle["resourceType"] == "Bundle" and bundle["type"] == "transaction"
    assert len(bundle["entry"]) == report["resources"]
    with open(tmp_path / "all.ndjson", "wb") as file:
        service.export_fhir(file, NOW, layout="ndjson", types=["Patient"])
    lines = (tmp_path / "all.ndjson").read_text().splitlines()
    assert [json.loads(line)["resourceType"] for line in lines] == ["Patient"]
    with pytest.raises(stepwell.StepwellError):
        service.export_fhir(one, NOW, layout="nothing")


def test_a_sink_that_throws_stops_the_export(service, case):
    class Full:
        def write(self, piece):
            raise OSError("no space left")

    class Asks:
        def write(self, piece):
            assert service.health(NOW).ok  # the service may be called

    with pytest.raises(OSError, match="no space left"):
        service.export_fhir(Full(), NOW)
    service.export_fhir(Asks(), NOW)
    assert service.verify().ok


def test_a_decision_tells_what_it_saw_and_what_was_known_then(
        service, case, later):
    case.submit_response("phq9", [1] * 8 + [0], NOW, id="answers")
    case.work_item("call", "complete", NOW, id="call", staff="anna")
    case.work_item("ending", "complete", later(hours=1), id="end",
                   staff="anna", outcome="helped", reason="feels well")
    made, = case.explain("ending", later(hours=1)).decisions
    assert isinstance(made, stepwell.DecisionMade)
    assert (made.item, made.outcome, made.actor) == ("ending", "helped", "anna")
    assert not made.automatic and made.reason == "feels well"
    assert made.at == later(hours=1) and made.rules == made.inputs == ()
    assert case.view(later(hours=1)).decisions == (made,)
    clinical = case.view(later(hours=1), as_of=NOW, axis="clinical")
    assert clinical["case"] == case.view(later(hours=1))["case"]
    with pytest.raises(ValueError, match="axis"):
        case.view(NOW, axis="lunar")
    then = case.view(later(hours=1), as_of=NOW)
    assert then.open and then.decisions == ()
    assert [line.what for line in then.open_items] == ["ending"]
    why = case.explain("ending", later(hours=1), as_of=NOW)
    assert why.state == "available"
    with pytest.raises(stepwell.NotFoundError, match="no case"):
        case.view(NOW, as_of=NOW - timedelta(days=1))
