"""The loop of a host: it fires clocks, delivers effects with retries, and may
be killed and started again at any point.

usage: host_loop.py CLINIC.db

A real host waits for the next minute; this one has a clock that it sets itself
and a mail server that fails at times, so that it always does the same.
"""

import sys
from datetime import datetime, timedelta, timezone
from typing import Any

import stepwell

START = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)
HOST = {"role": "integration"}
TRIES_MAX = 3


class Killed(Exception):
    """Stands for a process that ends at a bad moment."""


class MailServer:
    """Delivers each effect once, by its id; every second call fails."""

    def __init__(self) -> None:
        self.calls = 0
        self.sent: dict[str, str] = {}

    def send(self, effect: stepwell.Effect) -> None:
        self.calls += 1
        if self.calls % 2:
            raise ConnectionError("the mail server is busy")
        if effect.id in self.sent:
            print("  offered again after the crash, and not sent twice")
            return
        self.sent[effect.id] = effect.template
        if len(self.sent) == 3:
            raise Killed("after sending, before the service was told")


def deliver(clinic: stepwell.Service, mail: MailServer, tries: dict[str, int],
            now: datetime) -> None:
    """Offers what waits. What fails is offered again at the next tick; after
    some tries the service is told, and puts it before a person."""
    for effect in clinic.effects():
        try:
            mail.send(effect)
        except ConnectionError as error:
            tries[effect.id] = tries.get(effect.id, 0) + 1
            if tries[effect.id] < TRIES_MAX:
                continue
            clinic.settle(effect, now, id=f"failed-{effect.id}",
                          delivered=False, detail=str(error))
        else:
            clinic.settle(effect, now, id=f"sent-{effect.id}", delivered=True)


def run(store: str, mail: MailServer, begin: datetime, end: datetime) -> None:
    """Ticks once an hour until `end`. All that must last is in the store: a
    host that is started again just goes on."""
    tries: dict[str, int] = {}
    now = begin
    with stepwell.Service.open(store) as clinic:
        while now < end:
            clinic.advance(now)
            deliver(clinic, mail, tries, now)
            now += timedelta(hours=1)


def fill(store: str, patients: int) -> None:
    """A service with referrals that nobody answers."""
    with stepwell.Service.create(store, "catalogue:minimal", START) as clinic:
        commands: list[dict[str, Any]] = [
            {"command": "add_staff", "staff": "anna", "pools": ["team"]}]
        for n in range(patients):
            person = {"system": "urn:clinic", "value": f"p-{n}"}
            commands += [
                {"command": "register_person", "person": person},
                {"command": "receive_referral", "person": person,
                 "route": "self"}]
        for n, command in enumerate(commands):
            clinic.submit({"id": f"fill-{n}", "actor": HOST, **command},
                          START).raise_if_rejected()


def main() -> None:
    store = f"sqlite:{sys.argv[1]}"
    mail = MailServer()
    fill(store, patients=5)
    end = START + timedelta(days=9)
    try:
        run(store, mail, START, end)
    except Killed as why:
        print(f"killed: {why}")
    two_hours_later = START + timedelta(days=7, hours=2)
    run(store, mail, two_hours_later, end)
    with stepwell.Service.open(store) as clinic:
        print(f"{len(mail.sent)} reminders sent in {mail.calls} calls; "
              f"{len(list(clinic.effects()))} wait; "
              f"healthy: {clinic.health(end).ok}")


if __name__ == "__main__":
    main()
