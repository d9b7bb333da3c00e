"""Times, JSON, results and their tables."""

import pickle
from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stepwell
from conftest import NOW
from stepwell import _text


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1),
                    timezones=st.timezones() | st.just(timezone.utc)))
def test_times_are_exact_to_the_microsecond(moment):
    utc = (moment.replace(tzinfo=None) - moment.utcoffset()).replace(
        tzinfo=timezone.utc)
    since = utc - datetime(1970, 1, 1, tzinfo=timezone.utc)
    assert _text.microseconds(moment) == (
        since.days * 86_400_000_000 + since.seconds * 1_000_000 +
        since.microseconds)


def test_both_sides_of_a_clock_change_are_told_apart():
    zone = ZoneInfo("Europe/Stockholm")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=zone)
    second = first.replace(fold=1)
    assert _text.microseconds(second) - _text.microseconds(first) == 3600 * 10**6


def test_a_naive_time_is_refused_with_a_hint():
    with pytest.raises(ValueError, match="no time zone.*ZoneInfo"):
        _text.microseconds(datetime(2026, 3, 2))
    for wrong in (0, 1.5, "2026-03-02", None, date(2026, 3, 2)):
        with pytest.raises(TypeError, match="aware|time zone"):
            _text.microseconds(wrong)


def test_json_is_written_with_times_and_without_surprises():
    written = _text.to_json({"at": NOW.replace(microsecond=5), "on": date(
        2026, 3, 2), "text": "é\0"}, "x")
    assert written == ('{"at":"2026-03-02T09:00:00.000005Z","on":"2026-03-02",'
                       '"text":"é\\u0000"}').encode()
    for wrong in ({"a": {1, 2}}, {"a": object()}, 5, None, {(1, 2): 3}):
        with pytest.raises(TypeError):
            _text.to_json(wrong, "x")
    deep = []
    for _ in range(100_000):
        deep = [deep]
    circle = {}
    circle["a"] = circle
    for wrong in ({"a": float("nan")}, {"a": float("inf")}, circle,
                  {"a": deep}):
        with pytest.raises(ValueError):
            _text.to_json(wrong, "x")


def test_results_are_read_late_and_only_once():
    result = stepwell.Result(b'{"a": 1, "b": [1.50]}')
    assert result._value is None and result.json == '{"a": 1, "b": [1.50]}'
    assert result._value is None
    assert dict(result) == {"a": 1, "b": [1.5]} and len(result) == 2
    assert result == {"a": 1, "b": [1.5]} and "a" in result
    assert result._read() is result._read()


def test_results_cannot_be_changed(service):
    reply = service.health(NOW)
    with pytest.raises(AttributeError):
        reply.violations = ()
    with pytest.raises(TypeError):
        reply["violations"] = ()
    assert "violations" in repr(reply)
    assert stepwell.Reply.kind.__doc__


def test_tables_escape_what_people_write(service, case):
    document = stepwell.catalogue_document("protocols/minimal.json")
    items = document["tracks"][0]["phases"][0]["items"]
    items[1]["title"] = {"en": "<script>alert('x')</script>&"}
    with stepwell.Service.create("memory:", document, NOW,
                                 prototype=True) as evil:
        from conftest import begin
        who = begin(evil)
        evil.case(who).submit_response("phq9", [0] * 9, NOW, id="<b>")
        html = evil.worklist(NOW)._repr_html_()
        assert "<script>" not in html and "&lt;script&gt;" in html
        assert html.count("<tr>") == 2
        html = evil.view(who, NOW)._repr_html_()
        assert "<b>" not in html and "CaseOpened" in html
        assert html.startswith("<table>") and html.endswith("</table>")


def test_a_long_timeline_makes_a_short_table(case):
    for n in range(120):
        case.receive_message(f"m{n}", "Hello?", NOW, id=f"c{n}", thread="t")
    html = case.view(NOW)._repr_html_()
    assert html.count("<tr>") == 201 and "200 of " in html


def test_errors_travel_between_processes():
    with pytest.raises(stepwell.DocumentError) as raised:
        stepwell.Protocol.load("{}")
    copy = pickle.loads(pickle.dumps(raised.value))
    assert type(copy) is stepwell.DocumentError
    assert copy.issues == raised.value.issues and str(copy) == str(raised.value)
    assert copy.code == "invalid"


def test_a_result_travels_too(service):
    health = service.health(NOW)
    assert pickle.loads(pickle.dumps(health)) == health
