"""The kernel: a case in the host's own keeping, decided as a service would."""

import datetime
import pickle

import pytest

import stepwell
from conftest import HOST, NOW, PERSON, begin

WORLD = {"staff": [{"staff": "anna", "pools": ["team"]}]}
REFERRAL = {"id": "begin-receive_referral", "command": "receive_referral",
            "actor": HOST, "person": PERSON, "route": "self"}
ANSWERS = {"id": "a", "command": "submit_response", "instrument": "phq9",
           "actor": {"role": "patient"}, "answers": [1] * 8 + [0]}


@pytest.fixture(scope="module")
def protocol():
    with stepwell.Protocol.load("catalogue:minimal") as loaded:
        yield loaded


def test_it_decides_what_a_service_decides(protocol, service):
    who = begin(service)
    live = service.submit({**ANSWERS, "case": who}, NOW)
    first = stepwell.decide(protocol, b"", REFERRAL, NOW, world=WORLD)
    second = stepwell.decide(protocol, first.state, ANSWERS, NOW, world=WORLD)
    assert first.accepted and second.accepted
    assert first.reply.case == who and second.reply.events == live.events
    assert second.reply.version == live.version
    assert [w["key"] for w in second["work_set"]]
    assert second.records and second.state != first.state


def test_replay_gives_the_state(protocol):
    first = stepwell.decide(protocol, b"", REFERRAL, NOW, world=WORLD)
    second = stepwell.decide(protocol, first.state, ANSWERS, NOW, world=WORLD)
    assert stepwell.fold(first.records) == first.state
    assert stepwell.fold(second.records, first.state) == second.state
    assert stepwell.fold(first.records + second.records) == second.state
    assert isinstance(stepwell.show(protocol, second.state, world=WORLD), dict) or (
        len(stepwell.show(protocol, second.state, world=WORLD)) > 3)


def test_it_is_pure_and_its_value_travels(protocol):
    one = stepwell.decide(protocol, b"", REFERRAL, NOW, world=WORLD)
    two = stepwell.decide(protocol, b"", REFERRAL, NOW, world=WORLD)
    assert (one.json, one.state, one.records) == (two.json, two.state,
                                                  two.records)
    copy = pickle.loads(pickle.dumps(one))
    assert copy == one and copy.state == one.state and copy.accepted


def test_a_refusal_is_a_value_and_keeps_the_state(protocol):
    first = stepwell.decide(protocol, b"", REFERRAL, NOW, world=WORLD)
    no = stepwell.decide(
        protocol, first.state,
        {"id": "w", "command": "work_item", "item": "ending",
         "actor": {"role": "staff", "staff": "anna"}, "action": "complete",
         "outcome": "helped"}, NOW, world=WORLD)
    assert not no.accepted and no.state == first.state and no.records == ()
    assert no.reply.code == "item_not_open" and "item_not_open" in repr(no)


def test_a_clock_waits_for_the_end_of_safe_mode(protocol):
    first = stepwell.decide(protocol, b"", REFERRAL, NOW, world=WORLD)
    (clock,) = first["clocks_set"]
    fire = {"command": "fire_clock", "clock": clock["clock"]}
    later = NOW + datetime.timedelta(days=8)
    held = stepwell.decide(protocol, first.state, fire, later,
                           world={**WORLD, "safe_mode": True})
    assert held.accepted and held.records == () and held.state == first.state
    then = stepwell.decide(protocol, held.state, fire, later, world=WORLD)
    assert then.reply.events[0] == "CommandRecorded"
    assert "ClockFired" in then.reply.events


def test_a_void_needs_its_history(protocol):
    first = stepwell.decide(protocol, b"", REFERRAL, NOW, world=WORLD)
    second = stepwell.decide(protocol, first.state, ANSWERS, NOW, world=WORLD)
    log = first.records + second.records
    target = next(e["seq"] for e in second["events"]
                  if e["event"] == "ResponseReceived")
    void = {"id": "v", "command": "void_event", "target": target,
            "actor": {"role": "staff", "staff": "anna"}, "reason": "wrong one"}
    done = stepwell.decide(protocol, second.state, void, NOW, world=WORLD,
                           history=log)
    assert done.accepted and "Voided" in done.reply.events


def test_wrong_input_is_told(protocol):
    for use in (lambda: stepwell.decide(protocol, "text", REFERRAL, NOW),
                lambda: stepwell.fold(["text"]),
                lambda: stepwell.decide(protocol, b"", 5, NOW)):
        with pytest.raises(TypeError):
            use()
    state = stepwell.decide(protocol, b"", REFERRAL, NOW, world=WORLD).state
    for use in (lambda: stepwell.decide(protocol, state[:-1], ANSWERS, NOW),
                lambda: stepwell.decide(protocol, b"\xff" * 64, ANSWERS, NOW),
                lambda: stepwell.fold([b"nonsense"]),
                lambda: stepwell.show(protocol, b"nonsense"),
                lambda: stepwell.decide(protocol, b"", "{", NOW),
                lambda: stepwell.decide(protocol, b"", REFERRAL, NOW,
                                        world={"staff": 3})):
        with pytest.raises(stepwell.StepwellError):
            use()
