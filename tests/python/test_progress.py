"""Long calls: progress, exceptions of the caller's, Ctrl-C."""

import io
import os
import signal
import threading
import time
from datetime import timedelta

import pytest

import stepwell
from stepwell import _progress


def count_to(total, seconds=0.0, seen=None):
    """A long call: tells its progress, and stops when it is told to."""
    def call(tell):
        for n in range(total):
            time.sleep(seconds)
            if not tell((n, total)):
                if seen is not None:
                    seen.append(n)
                return None
        return total
    return call


def test_it_gives_what_the_call_gives():
    told = []
    assert _progress.interruptible(count_to(1000), told.append) == 1000
    assert told == [(n, 1000) for n in range(1000)]


def test_what_the_call_raises_comes_out():
    def call(tell):
        raise OSError("disk")
    with pytest.raises(OSError, match="disk"):
        _progress.interruptible(call, lambda told: None)


def test_what_the_callback_raises_stops_the_call():
    stopped = []

    def take(told):
        if told[0] == 3:
            raise RuntimeError("enough")
    with pytest.raises(RuntimeError, match="enough"):
        _progress.interruptible(count_to(10**6, 0.001, stopped), take)
    assert len(stopped) == 1 and stopped[0] < 100
    assert all(t.name != "stepwell" for t in threading.enumerate())


def test_ctrl_c_stops_promptly():
    stopped = []
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        _progress.interruptible(count_to(10**6, 0.01, stopped),
                                lambda told: None)
    assert time.monotonic() - begin < 10 and len(stopped) == 1


def test_it_works_in_any_thread():
    made = []
    thread = threading.Thread(target=lambda: made.append(
        _progress.interruptible(count_to(10), lambda told: None)))
    thread.start()
    thread.join(60)
    assert made == [10]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_bar_is_shown_on_terminals_only():
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        bar = _progress.Bar(stream)
        for n in range(0, 21, 5):
            bar(n, 20)
    lines = terminal.getvalue().split("\r")
    assert "25% 5/20" in lines[2] and lines[-1].endswith("20/20 0 s left\n")
    assert file.getvalue() == ""
    assert _progress.taker(None)((1, 2)) is None
    seen = []
    _progress.taker(lambda done, total: seen.append((done, total)))((1, 2))
    assert seen == [(1, 2)]


def clinic_of(alerts):
    """A service in which nobody acts on alerts: one clock an hour each."""
    from conftest import HOST, NOW
    service = stepwell.Service.create("memory:", "catalogue:minimal", NOW,
                                      prototype=True)
    for n in range(alerts):
        person = {"system": "s", "value": str(n)}
        for command in (
                {"command": "register_person", "actor": HOST},
                {"command": "receive_referral", "actor": HOST,
                 "route": "self"},
                {"command": "submit_response", "instrument": "phq9",
                 "actor": {"role": "patient"}, "answers": [1] * 9}):
            service.submit({"id": f"{command['command']}-{n}",
                            "person": person, **command}, NOW)
    return service


def test_ctrl_c_stops_an_advance_between_two_clocks(monkeypatch):
    """What has fired stays fired, and the next advance goes on from there."""
    from conftest import NOW
    from stepwell import _service
    plain, stopped = clinic_of(20), clinic_of(20)
    wanted = plain.advance(NOW + timedelta(days=4)).fired
    assert wanted >= 40
    monkeypatch.setattr(_service, "_CLOCKS_AT_ONCE", 10)
    pieces = 0
    inner = _service.Service._advance_some

    def some(self, *arguments):
        nonlocal pieces
        pieces += 1
        if pieces == 3:
            os.kill(os.getpid(), signal.SIGINT)
        return inner(self, *arguments)
    monkeypatch.setattr(_service.Service, "_advance_some", some)
    with pytest.raises(KeyboardInterrupt):
        stopped.advance(NOW + timedelta(days=4))
    assert pieces <= 4
    rest = stopped.advance(NOW + timedelta(days=4)).fired
    assert 0 < rest <= wanted - 20
    assert [c.view(NOW).json for c in stopped.cases()] == [
        c.view(NOW).json for c in plain.cases()]
    assert stopped.verify().ok
