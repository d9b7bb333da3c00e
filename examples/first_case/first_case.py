"""A first case, from referral to discharge, on an SQLite file.

usage: first_case.py CLINIC.db
"""

import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import stepwell

HOST = {"role": "integration"}
KARIN = {"system": "urn:clinic", "value": "p-17"}


def register(clinic: stepwell.Service, now: datetime) -> stepwell.Case:
    """Anna works here; Karin refers herself."""
    clinic.submit({"id": "staff-anna", "command": "add_staff", "actor": HOST,
                   "staff": "anna", "pools": ["team"]}, now)
    clinic.submit({"id": "person-17", "command": "register_person",
                   "actor": HOST, "person": KARIN}, now)
    reply = clinic.submit({"id": "referral-17", "command": "receive_referral",
                           "actor": HOST, "person": KARIN, "route": "self"},
                          now).raise_if_rejected()
    assert reply.case is not None
    return clinic.case(reply.case)


def answer(case: stepwell.Case, now: datetime) -> None:
    """Karin answers the questionnaire that her portal shows."""
    for entry in case.portal(now).entries:
        print(f"Karin is asked: {entry.instrument}")
    case.submit_response("phq9", [2, 1, 2, 1, 0, 1, 2, 0, 0], now,
                         id="answers-17")


def work(clinic: stepwell.Service, now: datetime) -> None:
    """Anna does what her worklist says."""
    while lines := clinic.worklist(now, owner="anna").lines:
        line = lines[0]
        assert line.case is not None
        due = f"by {line.due:%d %B %H:%M} UTC" if line.due else "at any time"
        print(f"Anna has to do: {line.what}, {due}")
        outcome = "helped" if line.what == "ending" else None
        clinic.case(line.case).work_item(
            line.what, "complete", now, id=f"done-{line.what}-17",
            staff="anna", minutes=20, outcome=outcome).raise_if_rejected()


def main() -> None:
    now = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Europe/Stockholm"))
    store = f"sqlite:{sys.argv[1]}"
    with stepwell.Service.create(store, "catalogue:minimal", now) as clinic:
        case = register(clinic, now)
        too_early = case.work_item("call", "complete", now, id="early-17",
                                   staff="anna")
        print(f"Not yet: {too_early.code}; it needs "
              f"{', '.join(case.explain('call', now).would_open)}")
        now += timedelta(days=8)  # Karin takes her time: a reminder is due
        fired = clinic.advance(now).fired
        effect = next(clinic.effects())
        print(f"{fired} clock fired; to the {effect.to}: {effect.template}")
        clinic.settle(effect, now, id=f"sent-{effect.id}", delivered=True)
        answer(case, now)
        work(clinic, now)
        view = case.view(now)
        print(f"The case is {'open' if view.open else 'closed'}, after "
              f"{len(view.timeline)} events; replay differs in "
              f"{len(clinic.verify().differences)} places")


if __name__ == "__main__":
    main()
