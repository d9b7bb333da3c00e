"""Random commands to a service: what must hold after each of them."""

import json
import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (RuleBasedStateMachine, initialize, invariant,
                                 precondition, rule)

import stepwell
from conftest import HOST, NOW

PEOPLE = st.sampled_from(["p0", "p1", "p2"])
STAFF = {"role": "staff", "staff": "anna"}
ITEMS = st.sampled_from(["form", "call", "ending", "risk_form", "ask_risk"])
LONG = os.environ.get("STEPWELL_LONG") == "1"


def person(name):
    return {"system": "s", "value": name}


class Clinic(RuleBasedStateMachine):
    """Replies are the same for the same id; verify and health stay clean."""

    def __init__(self):
        super().__init__()
        self.now, self.sent, self.commands = NOW, {}, 0
        self.service = stepwell.Service.create("memory:", "catalogue:minimal",
                                               NOW, prototype=True)

    def teardown(self):
        check = self.service.verify()
        assert check.ok, check.differences
        self.service.close()

    def send(self, command):
        self.commands += 1
        command = {"id": f"c{self.commands}", **command}
        try:
            reply = self.service.submit(command, self.now)
        except stepwell.StepwellError as error:
            assert error.message and error.code != "internal"
            assert "id" not in command or command["command"] not in (
                "submit_response", "receive_message", "patient_item"), error
            return None
        assert reply.kind in ("accepted", "rejected", "parked")
        assert (reply.code != "") == (reply.kind != "accepted")
        self.sent[command["id"]] = (command, reply)
        return reply

    @initialize()
    def staff(self):
        self.send({"command": "add_staff", "actor": HOST, "staff": "anna",
                   "pools": ["team"]}).raise_if_rejected()

    @rule(name=PEOPLE)
    def register(self, name):
        self.send({"command": "register_person", "actor": HOST,
                   "person": person(name)})

    @rule(name=PEOPLE)
    def refer(self, name):
        self.send({"command": "receive_referral", "actor": HOST,
                   "person": person(name), "route": "self"})

    @rule(name=PEOPLE, answers=st.lists(
        st.one_of(st.integers(-1, 4), st.none()), min_size=8, max_size=10),
          instrument=st.sampled_from(["phq9", "risk_screen", "unknown"]))
    def answer(self, name, answers, instrument):
        reply = self.send({"command": "submit_response",
                           "actor": {"role": "patient"},
                           "person": person(name), "instrument": instrument,
                           "answers": answers})
        assert not reply.rejected  # patient input never is

    @rule(name=PEOPLE, text=st.text(st.characters(exclude_categories=["Cs"]),
                                    max_size=20))
    def write(self, name, text):
        reply = self.send({"command": "receive_message",
                           "actor": {"role": "patient"},
                           "person": person(name), "text": text,
                           "message_id": f"m{self.commands}"})
        assert not reply.rejected

    @rule(name=PEOPLE, item=ITEMS, minutes=st.integers(0, 90),
          action=st.sampled_from(["start", "complete", "skip", "cancel",
                                  "claim"]),
          outcome=st.sampled_from([None, "helped", "redirected"]))
    def work(self, name, item, action, minutes, outcome):
        command = {"command": "work_item", "actor": STAFF, "reason": "r",
                   "person": person(name), "item": item, "action": action,
                   "minutes": minutes}
        if outcome:
            command["outcome"] = outcome
        self.send(command)

    @rule(action=st.sampled_from(["acknowledge", "assess", "close"]))
    def alert(self, action):
        for line in self.service.worklist(self.now, kind="alert").lines[:2]:
            command = {"command": "handle_alert", "actor": STAFF,
                       "case": line.case, "alert": line.ordinal,
                       "action": action, "reason": "r"}
            if action == "assess":
                command["outcome"] = "no_danger"
            self.send(command)

    @rule(hours=st.sampled_from([1, 5, 30, 24 * 9]))
    def time_goes_by(self, hours):
        self.now += timedelta(hours=hours)
        done = self.service.advance(self.now)
        assert not done.more and done.failed == ()
        assert done.next_due is None or done.next_due > self.now

    @rule()
    def deliver(self):
        effects = list(self.service.effects())
        assert len({effect.id for effect in effects}) == len(effects)
        for effect in effects:
            self.commands += 1
            self.service.settle(effect, self.now, id=f"e{self.commands}",
                                delivered=True).raise_if_rejected()
        assert effects == [] or len(list(self.service.effects())) < len(effects)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def say_it_again(self, data):
        command, before = self.sent[data.draw(st.sampled_from(
            sorted(self.sent)))]
        events = self.service.verify().events
        again = self.service.submit(json.dumps(command), self.now)
        assert again.repeated
        assert {**again, "repeated": False} == {**before, "repeated": False}
        assert self.service.verify().events == events

    @rule()
    def look_around(self):
        page = self.service.worklist(self.now, limit=1000)
        assert page.total == len(page.lines) and page.next is None
        assert page.overdue == sum(line.overdue for line in page.lines)
        for case in self.service.cases():
            view = case.view(self.now)
            assert view.id == case.who and view.timeline
            for line in view.open_items:
                assert case.explain(line.what, self.now).state
            case.portal(self.now)

    @invariant()
    def it_is_well(self):
        health = self.service.health(self.now)
        assert health.violations == (), health.violations
        assert health["referrals_in"] == (
            health["referrals_open"] + health["referrals_answered"])


Clinic.TestCase.settings = settings(
    max_examples=1000 if LONG else 60, stateful_step_count=60 if LONG else 40,
    deadline=None, derandomize=not LONG, database=None,
    suppress_health_check=list(HealthCheck))
TestClinic = Clinic.TestCase


if __name__ == "__main__":
    pytest.main([__file__])
