"""A case of a service, and what is done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ._results import CaseView, Event, Explanation, Portal, Reply

if TYPE_CHECKING:
    from ._service import Service

Answers = Sequence[Any] | Mapping[str, Any]


class Case:
    """A case by its id, or by an identifier of its person: "system|value".

    Holds no state of its own: every method asks the service. The methods that
    tell the service something are named as the commands are; `id` is the
    command's id, unique in the service for ever, and what is not named among
    the parameters is given as in docs/formats/command.md (`reason="..."`,
    `at=...`, `expected_version=...`)."""

    __slots__ = ("service", "who")

    def __init__(self, service: Service, who: str) -> None:
        self.service = service
        self.who = who

    def view(self, now: datetime, *,
             as_of: datetime | None = None,
             axis: str = "recorded") -> CaseView:
        """The case as it stands, or as it was known at `as_of`: phases, open
        work, scores, decisions, timeline."""
        return self.service.view(self.who, now, as_of=as_of, axis=axis)

    def timeline(self, now: datetime) -> Sequence[Event]:
        """All that happened, in order."""
        return self.view(now).timeline

    def portal(self, now: datetime) -> Portal:
        """What the patient has open."""
        return self.service.portal(self.who, now)

    def explain(self, item: str, now: datetime, *,
                as_of: datetime | None = None,
                axis: str = "recorded") -> Explanation:
        """Why an item is where it is, what would unblock it, and what it
        decided; as it was known at `as_of` when that is given."""
        return self.service.explain(self.who, item, now, as_of=as_of,
                                    axis=axis)

    def submit(self, verb: str, now: datetime, *, id: str,
               staff: str | None = None, role: str = "", **members: Any
               ) -> Reply:
        """Submits the command `verb` for this case.

        staff: who of the staff acts; otherwise `role` says who does:
        "patient", "referrer", "integration" (the default) or "system".
        A value of None is left out; times are aware datetimes."""
        actor: dict[str, str] = {"role": role or (
            "integration" if staff is None else "staff")}
        if staff is not None:
            actor["staff"] = staff
        command = {"id": id, "command": verb, "actor": actor, **self._whom()}
        command.update({name: value for name, value in members.items()
                        if value is not None})
        return self.service.submit(command, now)

    def _whom(self) -> dict[str, Any]:
        system, bar, value = self.who.partition("|")
        if bar:
            return {"person": {"system": system, "value": value}}
        return {"case": self.who}

    def submit_response(self, instrument: str, answers: Answers,
                        now: datetime, *, id: str, **members: Any) -> Reply:
        """The patient's answers, in item order (None = not answered) or by
        item. Never refused within a command's bounds (1 MiB, 256 levels: an
        error, and nothing is kept): see the reply's `show_now` and `kind`."""
        return self.submit("submit_response", now, id=id, role="patient",
                           instrument=instrument, answers=answers, **members)

    def patient_item(self, item: str, now: datetime, *, id: str,
                     done: bool | None = None, **members: Any) -> Reply:
        """The patient hands in an item, opens it (done=False), or saves a
        `draft=` of it: any JSON, "" throws it away."""
        if done is None:
            done = "draft" not in members
        return self.submit("patient_item", now, id=id, role="patient",
                           item=item, done=done, **members)

    def receive_message(self, message_id: str, text: str, now: datetime, *,
                        id: str, **members: Any) -> Reply:
        """A message of the patient; `thread=` names its thread."""
        return self.submit("receive_message", now, id=id, role="patient",
                           message_id=message_id, text=text, **members)

    def work_item(self, item: str, action: str, now: datetime, *, id: str,
                  staff: str, **members: Any) -> Reply:
        """Staff work on an item: "open", "start", "complete", "skip",
        "cancel", "unlock", "claim", "release", "defer" (`until=`),
        "hand_over" (`pool=`, `member=`). A decision has an `outcome=`, work
        has `minutes=`, some steps need a `reason=`."""
        return self.submit("work_item", now, id=id, staff=staff, item=item,
                           action=action, **members)

    def change_appointment(self, item: str, action: str, now: datetime, *,
                           id: str, staff: str, **members: Any) -> Reply:
        """"propose", "book", "reschedule" (with `starts_at=` or `slot=`), "book"
        with `group=`, "cancel", "mode" (with `mode=`), "no_show"."""
        return self.submit("change_appointment", now, id=id, staff=staff,
                           item=item, action=action, **members)

    def handle_alert(self, alert: int, action: str, now: datetime, *, id: str,
                     staff: str, **members: Any) -> Reply:
        """"acknowledge", "assess" (with `outcome=`), "close" (with `reason=`),
        "reviewed_unchanged" (with `until=`, `reason=`)."""
        return self.submit("handle_alert", now, id=id, staff=staff,
                           alert=alert, action=action, **members)

    def flag_risk(self, source: str, now: datetime, *, id: str,
                  **members: Any) -> Reply:
        """A possible risk in free text, in a message or answers (`source`);
        `tier=` names one of the protocol. It is an alert at once."""
        return self.submit("flag_risk", now, id=id, source=source, **members)

    def send_message(self, message_id: str, text: str, now: datetime, *,
                     id: str, staff: str, **members: Any) -> Reply:
        """Staff write to the patient; `answers=` names the message that this
        one answers."""
        return self.submit("send_message", now, id=id, staff=staff,
                           message_id=message_id, text=text, **members)

    def __eq__(self, other: object) -> bool:
        return (isinstance(other, Case) and other.who == self.who and
                other.service is self.service)

    def __hash__(self) -> int:
        return hash(self.who)

    def __repr__(self) -> str:
        return f"<Case {self.who}>"
