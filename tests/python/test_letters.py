"""Letters that are owed, what they can say, and risk that is flagged."""

from datetime import timedelta

import stepwell
from conftest import HOST, NOW, PERSON


def owed(feedback, route="gp"):
    """A service with an open letter to a doctor, and its case."""
    service = stepwell.Service.create("memory:", "catalogue:icbt_base", NOW,
                                      prototype=True)
    for command in (
            {"command": "add_staff", "staff": "anna",
             "pools": ["assessors", "duty"]},
            {"command": "register_person", "person": PERSON},
            {"command": "receive_referral", "person": PERSON, "route": route,
             **({"referrer": "dr"} if route == "gp" else {}),
             "documents": ["referral_letter"],
             "consents": {"feedback": feedback}}):
        reply = service.submit({"id": command["command"], "actor": HOST,
                                **command}, NOW).raise_if_rejected()
    case = service.case(reply.case)
    case.work_item("letter_accepted", "open", NOW, id="open", staff="anna",
                   reason="r").raise_if_rejected()
    return service, case


def test_what_is_owed_is_listed_and_can_be_looked_at():
    service, case = owed(True)
    with service:
        line, = service.worklist(NOW, kind="letter").lines
        assert (line.what, line.letter, line.withheld) == (
            "letter_accepted", True, "")
        assert [(one["route"], one["referrer"]) for one in line.to] == [
            ("gp", "dr")]
        letter, = case.explain("letter_accepted", NOW).letters
        assert letter["definitions"] == "stepwell-letter@1"
        figures = {one["name"]: one for one in letter["figures"]}
        assert figures["contacts"]["value"] == 0
        assert figures["days_in_care"]["value"] is None
        assert figures["days_in_care"]["missing"] == "care has not ended"
        case.work_item("letter_accepted", "complete", NOW, id="done",
                       staff="anna").raise_if_rejected()
        sent, = [effect for effect in service.outbox().effects
                 if effect.kind == "letter"]
        assert sent.letter["referrer"] == "dr"
        assert sent.letter["figures"] == letter["figures"]
        assert service.worklist(NOW, kind="letter").lines == ()


def test_without_consent_nothing_is_given():
    service, case = owed(False)
    with service:
        line, = service.worklist(NOW, kind="letter").lines
        assert line.withheld == "no consent to letters"
        said = case.explain("letter_accepted", NOW)
        assert (said.withheld, said.letters) == ("no consent to letters", ())
        reply = case.work_item("letter_accepted", "complete", NOW, id="done",
                               staff="anna")
        assert reply.accepted
        assert reply.reason == "no letter is sent: no consent to letters"


def test_a_letter_that_is_owed_to_nobody_is_about_the_latest_course():
    service, case = owed(True, route="self")
    with service:
        letter, = case.explain("letter_accepted", NOW).letters
        assert "referral" not in letter and letter["episode"] == 1


def test_a_flag_is_an_alert(service, case):
    case.receive_message("m-1", "I give up", NOW, id="m")
    assert case.flag_risk("m-1", NOW, id="f", tier="high").accepted
    line, = service.worklist(NOW, kind="alert").lines
    assert (line.what, line.state) == ("high", "raised")
    assert line.due > NOW
    again = case.flag_risk("m-2", NOW + timedelta(hours=1), id="g", tier="hihg")
    assert again.accepted
    assert sorted(one.what for one in
                  service.worklist(NOW, kind="alert").lines) == [
                      "high", "unscreened"]
