"""One patient from referral to discharge, in Python, on an SQLite file.

usage: first_case.py FILE
"""

import sys
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import stepwell

HOST = {"role": "integration"}
PATIENT = {"role": "patient"}
ANNA = {"role": "staff", "staff": "anna"}
PERSON = {"system": "urn:clinic", "value": "p-1"}


class Clinic:
    def __init__(self, file: str) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)
        self.number = 0
        # tutorial: create
        self.service = stepwell.Service.create(
            f"sqlite:{file}", "catalogue:minimal", self.now, prototype=True)
        # tutorial end

    # tutorial: submit
    def submit(self, actor: Mapping[str, str], command: str,
               **members: Any) -> None:
        self.number += 1
        reply = self.service.submit(
            {"id": f"first-{self.number}", "actor": actor, "person": PERSON,
             "command": command, **members}, self.now)
        print(f"reply: {reply.json}")
    # tutorial end

    def advance(self, days: int) -> None:
        self.now += timedelta(days=days)
        print(f"clocks: {self.service.advance(self.now).json}")

    def story(self) -> None:
        # tutorial: story
        self.submit(HOST, "add_staff", staff="anna", pools=["team"])
        self.submit(HOST, "register_person")
        self.submit(HOST, "receive_referral", route="self")
        self.advance(days=8)  # nobody answers the questionnaire: a reminder
        print(f"outbox: {self.service.outbox(limit=10).json}")
        self.submit(PATIENT, "submit_response", item="form",
                    answers=[1, 2, 1, 1, 0, 1, 0, 1, 0])
        self.submit(ANNA, "work_item", item="call", action="complete",
                    minutes=20)
        self.submit(ANNA, "work_item", item="ending", action="complete",
                    outcome="helped", reason="feels better")
        # tutorial end
        print(f"replay: {self.service.verify().json}")


# tutorial: errors
def main() -> int:
    try:
        clinic = Clinic(sys.argv[1] if len(sys.argv) > 1 else "first_case.db")
        with clinic.service:
            clinic.story()
    except stepwell.StepwellError as error:
        print(f"{error.code} {error.pointer}: {error}", file=sys.stderr)
        return 1
    return 0
# tutorial end


if __name__ == "__main__":
    sys.exit(main())
