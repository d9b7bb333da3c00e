"""What is read and by whom, and what a message was written from."""

import pathlib

import pytest
import stepwell
from conftest import HOST, NOW, begin

PROTOCOLS = pathlib.Path(__file__).parents[1] / "protocols"


def read(service, case, number, message, **actor):
    return service.submit(
        {"id": f"r{number}", "command": "read_message", "case": case.who,
         "message_id": message, "actor": actor}, NOW)


def test_unread_is_told_to_either_side(service, case):
    case.receive_message("m-1", "Is it hard?", NOW, id="a", thread="t-1")
    line, = service.worklist(NOW, kind="unread").lines
    assert (line.what, line.thread, line.unread) == ("m-1", "t-1", True)
    assert read(service, case, 1, "m-1", role="staff", staff="anna").events
    assert service.worklist(NOW, kind="unread").total == 0
    line, = service.worklist(NOW, kind="message", with_counts=True).lines
    assert not line.unread
    case.send_message("n-1", "Yes.", NOW, id="b", staff="anna",
                      thread="t-1").raise_if_rejected()
    message, = case.portal(NOW).unread
    assert (message.case, message.message_id, message.thread,
            message.sent_at) == (case.who, "n-1", "t-1", NOW)
    assert read(service, case, 2, "n-1", role="patient").accepted
    assert case.portal(NOW).unread == ()
    # What there is not is no reason to turn a patient away.
    assert read(service, case, 3, "n-9", role="patient").accepted
    unknown = read(service, case, 4, "n-9", **HOST)
    assert unknown.rejected and unknown.code == "unknown_message"
    outsider = read(service, case, 5, "m-1", role="referrer")
    assert outsider.rejected and outsider.code == "not_for_role"


def test_a_text_is_not_lost_to_a_key_beside_it(service, case):
    sent = service.submit(
        {"id": "x1", "command": "receive_message", "case": case.who,
         "message_id": "m-1", "text": "I am worse", "body_key": "k-1",
         "actor": {"role": "patient"}}, NOW)
    assert sent.accepted
    line, = service.worklist(NOW, kind="message", with_text=True).lines
    assert line.text == "I am worse"
    with pytest.raises(stepwell.InvalidError, match="there is a `text` too"):
        service.submit(
            {"id": "x2", "command": "send_message", "case": case.who,
             "text": "Call me", "body_key": "k-2", "reason": "r",
             "actor": {"role": "staff", "staff": "anna"}}, NOW)


def test_both_count_as_messages(service, case):
    for number in (1, 2):
        case.receive_message(f"m-{number}", "Hello", NOW, id=f"m{number}")
    read(service, case, 1, "m-1", role="staff", staff="anna")
    found = service.worklist(NOW, kind="message", with_counts=True)
    count, = found.counts
    assert (count.kind, count.total) == ("message", 2)


def test_a_message_says_what_it_was_written_from(later):
    with stepwell.Service.create(
            "memory:", (PROTOCOLS / "supervision.json").read_text(), NOW,
            prototype=True) as service:
        case = service.case(begin(service))
        wrong = case.send_message("n", "Well.", NOW, id="a", staff="anna",
                                  template="zzz")
        assert wrong.rejected and wrong.code == "unknown_template"
        case.send_message("n", "Well.", NOW, id="b", staff="anna",
                          template="a_feedback", item="a_check"
                          ).raise_if_rejected()
        sent, = [event for event in case.timeline(NOW)
                 if event.event == "MessageSent"]
        assert (sent["message_template"], sent["element"]) == (
            "a_feedback", "a_check")
