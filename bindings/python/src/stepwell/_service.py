"""A service: one protocol run live on one store."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol as Interface

from . import _api
from ._arrow import Table
from ._call import Handle, make_call, stream_call
from ._case import Case
from ._documents import Protocol, instrument_document, protocol_text
from ._native import api
from ._progress import interruptible
from ._results import (Advance, AdvancePreview, Amendment, CaseView, Deployed, Effect,
                       Explanation, ExportReport, Health, ImportReport,
                       Migration, Outbox, Portal, Reply, Summary, Verification,
                       Worklist)
from ._text import (Day, Document, command_json, count, day, document, encoded,
                    microseconds, to_json)

# How many clocks fire between two looks for Ctrl-C.
_CLOCKS_AT_ONCE = 256
_CASES_AT_ONCE = 1000
_EFFECTS_MAX = 10_000


class Writable(Interface):
    """What takes bytes: a file opened with "wb"."""

    def write(self, piece: bytes, /) -> object: ...


def _past(as_of: datetime | None, axis: str) -> Any:
    if axis not in ("recorded", "clinical"):
        raise ValueError('axis is "recorded" or "clinical"')
    at = _api.STEPWELL_NEVER if as_of is None else microseconds(as_of)
    flags = _api.STEPWELL_PAST_CLINICAL if axis == "clinical" else 0
    return ctypes.byref(_api.stepwell_past_options(
        ctypes.sizeof(_api.stepwell_past_options), flags, at))


def _options(store: str, protocol: bytes = b"", tenant: str = "",
             flags: int = 0) -> _api.stepwell_service_options:
    url, name = encoded(store, "store"), encoded(tenant, "tenant")
    return _api.stepwell_service_options(
        ctypes.sizeof(_api.stepwell_service_options), flags, url, len(url),
        protocol, len(protocol), name, len(name))


class Service(Handle):
    """A service on a store: "memory:" or "sqlite:PATH".

    Use it in a `with` block, from any thread. Times are aware datetimes; the
    library reads no clock, so `now` is an argument of every call. Every method
    raises StepwellError when it could not be done, and then nothing was
    changed; that the rules say no is a Reply."""

    __slots__ = ()
    _free = api.stepwell_service_free

    @classmethod
    def create(cls, store: str, protocol: Document | Protocol, now: datetime,
               *, tenant: str = "", prototype: bool = False) -> Service:
        """A new service in an empty store. DocumentError when the protocol has
        mistakes; PreconditionError when there is a service already, or when
        the protocol is not approved.

        prototype: lets it begin with a draft or what is under review, for
            trying it out and never for patients. What is retired begins no
            service."""
        options = _options(
            store, protocol_text(protocol), tenant,
            _api.STEPWELL_SERVICE_PROTOTYPE if prototype else 0)
        return cls._made(make_call(api.stepwell_service_create,
                                   ctypes.byref(options), microseconds(now)))

    @classmethod
    def open(cls, store: str) -> Service:
        """Opens a service that exists; NotFoundError when there is none."""
        options = _options(store)
        return cls._made(
            make_call(api.stepwell_service_open, ctypes.byref(options)))

    # What is told to it.

    def submit(self, command: Mapping[str, Any] | str | bytes,
               now: datetime) -> Reply:
        """Submits one command (docs/formats/command.md): a mapping, in which
        times may be aware datetimes, or a JSON text. The same command again
        gets the same reply and changes nothing."""
        text = command_json(command)
        return Reply(self._text(api.stepwell_service_submit, microseconds(now),
                                text, len(text)))

    def advance(self, now: datetime, *, catch_up: bool = False,
                clocks_max: int = 1_000_000) -> Advance:
        """Fires the clocks that are due. Ctrl-C stops between two clocks: what
        has fired stays fired, and the next advance goes on from there. A clock
        that cannot be fired is named in `failed` and tried again by the next
        advance; the others fire, and `more` says whether any are left.

        catch_up: allows a gap of more than 60 days; look at
        `preview_advance` first (PreconditionError without it).
        clocks_max: stop after so many."""
        at = microseconds(now)
        left = count(clocks_max, "clocks_max")
        done: list[Advance] = []
        while True:
            most = min(left, _CLOCKS_AT_ONCE)
            done.append(Advance(self._advance_some(
                at, _api.STEPWELL_ADVANCE_CATCH_UP if catch_up else 0, most)))
            left -= done[-1].fired
            if left <= 0 or not done[-1].more:
                break
        return done[0] if len(done) == 1 else _together(done)

    def _advance_some(self, at: int, flags: int, most: int) -> Any:
        options = _api.stepwell_advance_options(
            ctypes.sizeof(_api.stepwell_advance_options), flags, most)
        return self._text(api.stepwell_service_advance, at,
                          ctypes.byref(options))

    def deploy(self, protocol: Document | Protocol, now: datetime, *,
               actor: str = "", reason: str = "",
               prototype: bool = False) -> Deployed:
        """Lets new cases begin with a newer version of the protocol; cases that
        exist stay on theirs. PreconditionError when it is not approved
        (`prototype` lets a draft, for trying it out) or is another service's."""
        flags = _api.STEPWELL_VERSION_DEPLOY | (
            _api.STEPWELL_VERSION_PROTOTYPE if prototype else 0)
        return Deployed(self._change_version(
            protocol_text(protocol), now, flags, actor, reason))

    def migrate(self, migration: Document, now: datetime, *,
                apply: bool = False, actor: str = "",
                cases_max: int = 0, after: str = "") -> Migration:
        """Says which open cases can go over to another version, and why others
        cannot; with `apply` they do. Each case is a transaction of its own: the
        same call again goes on where the last one stopped.

        cases_max: a batch of so many cases; 0 is all. after: `next` of the
        batch before."""
        return Migration(self._change_version(
            document(migration, "the migration"), now,
            _api.STEPWELL_VERSION_APPLY if apply else 0, actor, "",
            encoded(after, "after"), count(cases_max, "cases_max")))

    def amend(self, amendment: Document, now: datetime, *,
              apply: bool = False, actor: str = "",
              closed: bool = False) -> Amendment:
        """What would have been otherwise in each case under a corrected version
        of the protocol: a migration document with an `approver`. With `apply`
        every open case goes over, or none while one cannot, and alerts that
        were missed are raised now.

        closed: the look-back goes over closed cases too."""
        flags = _api.STEPWELL_VERSION_AMEND | (
            _api.STEPWELL_VERSION_APPLY if apply else 0) | (
            _api.STEPWELL_VERSION_CLOSED if closed else 0)
        return Amendment(self._change_version(
            document(amendment, "the amendment"), now, flags, actor, ""))

    def _change_version(self, text: bytes, now: datetime, flags: int,
                        actor: str, reason: str, after: bytes = b"",
                        most: int = 0) -> Any:
        by, why = encoded(actor, "actor"), encoded(reason, "reason")
        options = _api.stepwell_version_options(
            ctypes.sizeof(_api.stepwell_version_options), flags, text,
            len(text), by, len(by), why, len(why), after, len(after), most)
        return self._text(api.stepwell_service_change_version,
                          microseconds(now), ctypes.byref(options))

    def import_fhir(self, source: Document, now: datetime, *,
                    sender: str) -> ImportReport:
        """Takes in FHIR R4: a Bundle, a resource (mapping, text or path) or
        NDJSON (text or path). `sender` names where it comes from: the same
        import again changes nothing. Good entries go in, bad ones are
        reported."""
        text, name = document(source, "the import"), encoded(sender, "sender")
        return ImportReport(
            self._text(api.stepwell_service_import, microseconds(now), text,
                       len(text), name, len(name)))

    # What is asked of it.

    def preview_advance(self, now: datetime) -> AdvancePreview:
        """What an advance would do; changes nothing."""
        return AdvancePreview(self._advance_some(
            microseconds(now), _api.STEPWELL_ADVANCE_PREVIEW, 0))

    def worklist(self, now: datetime, *, owner: str = "",
                 include_pools: bool = True, overdue_only: bool = False,
                 kind: str = "", limit: int = 50, after: str | None = None,
                 with_text: bool = False, viewer: str = "", whose: str = "",
                 due: str = "", priority_min: int | None = None,
                 priority_max: int | None = None,
                 deferred: bool | None = None,
                 with_counts: bool = False) -> Worklist:
        """One page of what waits for staff.

        owner: a member of staff or a pool; "" is everybody.
        include_pools: with a member of staff, the queues of their pools too.
        kind: "item", "homework" (what patients handed in), "letter"
            (to whoever referred), "alert",
            "message", "unread", "parked" or "" for all work; "waiting" (the
            queue); "patient" (those in care: late ones are overdue).
        after: `next` of the page before.
        with_text: messages and parked input with what the patient wrote
            (`WorkLine.text`); a page then has at most 100 lines.
        viewer: a member of staff who looks: only what their pools let them
            see. whose: "mine" or "team" of the viewer, or "unowned".
        due: "overdue" or "today" (what is still to come of it).
        deferred: only what is put off until a date, or only what is not.
        with_counts: `counts`, how much of each kind waits."""
        query: dict[str, Any] = {"limit": limit}
        if owner:
            query.update(owner=owner, include_pools=include_pools)
        if overdue_only:
            query["overdue_only"] = True
        if kind:
            query["kind"] = kind
        if with_text:
            query["with_text"] = True
        if after:
            query["after"] = after
        for key, value in (("viewer", viewer), ("whose", whose), ("due", due),
                           ("with_counts", with_counts)):
            if value:
                query[key] = value
        for key, number in (("priority_min", priority_min),
                            ("priority_max", priority_max),
                            ("deferred", deferred)):
            if number is not None:
                query[key] = number
        text = to_json(query, "the query")
        return Worklist(self._text(api.stepwell_service_worklist,
                                   microseconds(now), text, len(text)))

    def portal(self, who: str, now: datetime) -> Portal:
        """What a patient has open. `who` is a case id, a person id, or an
        identifier "system|value"."""
        text = encoded(who, "who")
        return Portal(self._text(api.stepwell_service_portal,
                                 microseconds(now), text, len(text)))

    def case(self, who: str) -> Case:
        """A handle on a case, by its id or an identifier "system|value" of its
        person. Nothing is looked up before the handle is used."""
        encoded(who, "who")
        return Case(self, who)

    def view(self, who: str, now: datetime, *,
             as_of: datetime | None = None,
             axis: str = "recorded") -> CaseView:
        """One case with its timeline; `who` as for the portal.

        as_of: as it was known then, from what had been recorded by that
        time. axis "clinical": as it was then, by what is known now."""
        text = encoded(who, "who")
        return CaseView(self._text(api.stepwell_service_case,
                                   microseconds(now), _past(as_of, axis), text,
                                   len(text)))

    def explain(self, who: str, item: str, now: datetime, *,
                as_of: datetime | None = None,
                axis: str = "recorded") -> Explanation:
        """Why an item of a case is where it is, what would unblock it, and
        what it decided; `as_of` and `axis` as for `view`."""
        text, name = encoded(who, "who"), encoded(item, "item")
        return Explanation(
            self._text(api.stepwell_service_explain, microseconds(now),
                       _past(as_of, axis), text, len(text), name,
                       len(name)))

    def outbox(self, *, after: int = 0, limit: int = 100) -> Outbox:
        """One page of effects that wait to be delivered (limit 1 to 10,000).
        An effect is offered until it is settled."""
        return Outbox(self._text(api.stepwell_service_outbox,
                                 count(after, "after"), count(limit, "limit")))

    def effects(self) -> Iterator[Effect]:
        """All effects that wait, page by page."""
        after = 0
        while page := self.outbox(after=after, limit=1000).effects:
            yield from page
            after = page[-1].position

    def settle(self, effect: Effect, now: datetime, *, id: str,
               delivered: bool, detail: str = "") -> Reply:
        """Says what became of an effect: delivered, or not and why. `id` is
        the command's: with the same one it may be said again."""
        command: dict[str, Any] = {
            "id": id, "command": "settle_effect", "effect": effect.id,
            "actor": {"role": "integration"}, "delivered": delivered}
        if effect.case:
            command["case"] = effect.case
        if detail:
            command["detail"] = detail
        return self.submit(command, now)

    def health(self, now: datetime) -> Health:
        """Counts of what is open and overdue, and broken invariants."""
        return Health(self._text(api.stepwell_service_health,
                                 microseconds(now)))

    def verify(self) -> Verification:
        """Replays every stream and compares with what is stored."""
        return Verification(self._text(api.stepwell_service_verify))

    def summary(self, now: datetime) -> Summary:
        """Waits, modules, changes, minutes: the figures so far."""
        return Summary(self._text(api.stepwell_service_summary,
                                  microseconds(now)))

    def outcomes(self, now: datetime, *, definition: str = "nhs-tt",
                 by: str = "", start: Day = "", end: Day = "",
                 suppress_below: int = 0, complaint: str = "",
                 core_modules: int = 0, as_known_at: datetime | None = None,
                 log_head: str = "", as_corrected: bool = False) -> dict[str, Any]:
        """Outcomes by a published definition, from the log: what `stepwell
        outcomes --store` prints (docs/reference/measures.md).

        by: "route", "program", "therapist", "month", "quarter" or "year".
        start, end: first and last day of the period, "2026-03-01" or a date.
        complaint: the fact that holds the code of the presenting complaint.
        core_modules: so many completed modules are the core dose.
        as_known_at: by what had been recorded by then: the same bytes again,
        whatever has been recorded later. log_head: of the stamp of the report
        that is to be had again: an error where it cannot be. as_corrected: adds
        what is otherwise by what is known now."""
        given = {"definition": definition, "by": by,
                 "from": day(start, "start"), "to": day(end, "end"),
                 "suppress_below": suppress_below, "complaint": complaint,
                 "core_modules": core_modules, "as_known_at": as_known_at,
                 "log_head": log_head, "as_corrected": as_corrected}
        options = to_json({"format": "outcomes", **{
            name: value for name, value in given.items()
            if value not in (None, "", 0, False)}}, "the options")
        found: dict[str, Any] = json.loads(self._text(
            api.stepwell_service_export, microseconds(now), options,
            len(options), _api.stepwell_piece_callback(), None))
        return found

    def table(self, name: str, now: datetime, **query: Any) -> Table:
        """A table for data frames: "worklist" (all pages; `query` as for
        `worklist`), "timeline" (of the case `who=`), "service_log" (staff,
        versions, safe mode), "summary", "outcomes"
        (options as in docs/reference/measures.md), or one of the log, as
        "referral" or "score" (`as_known_at=`; docs/formats/tables.md), or
        "rescored" (by another document: `instrument=` is an Instrument or what
        Instrument.load takes). Those of the log hold all that is recorded
        unless `as_known_at=` bounds it. It is asked for when a data frame is
        made of it, and again for the next one."""
        table, at = encoded(name, "name"), microseconds(now)
        if "instrument" in query:
            query["instrument"] = instrument_document(query["instrument"])
        text = to_json(query, "the query") if query else b""
        return Table(lambda stream: self._call(
            stream_call, api.stepwell_service_table, at, table, len(table),
            text, len(text), stream))

    def export_fhir(self, to: Writable, now: datetime, *,
                    layout: str = "bundle", **options: Any) -> ExportReport:
        """Writes what the service holds, as FHIR R4, piece by piece. The same
        state gives the same bytes. After an exception (Ctrl-C, or one of
        `to.write`) what was written is incomplete.

        layout: "bundle" (one transaction), "bundles" (one for each person, a
        line each) or "ndjson".
        options: who, types, base_url, after, persons_max: see
        docs/guides/fhir-export.md."""
        at = microseconds(now)
        text = to_json({"format": "fhir", "layout": layout, **options},
                       "the options")

        def export(tell: Any) -> bytes:
            callback = _api.stepwell_piece_callback(
                lambda _, piece, length: 0 if tell(
                    ctypes.string_at(piece, length)) else 1)
            return self._text(api.stepwell_service_export, at, text, len(text),
                              callback, None)
        return ExportReport(interruptible(export, to.write))

    def cases(self, after: str = "") -> Iterator[Case]:
        """All cases by ascending id, those after `after`."""
        while True:
            text = encoded(after, "after")
            page = json.loads(self._text(api.stepwell_service_list_cases, text,
                                         len(text), _CASES_AT_ONCE))
            for after in page:
                yield Case(self, after)
            if len(page) < _CASES_AT_ONCE:
                return

    def __repr__(self) -> str:
        return f"<Service {'closed' if self.closed else 'open'}>"


def _together(parts: list[Advance]) -> Advance:
    """Advances that followed each other, as one."""
    failed = dict.fromkeys(text for part in parts for text in part.failed)
    return Advance({**parts[-1], "fired": sum(part.fired for part in parts),
                    "failed": list(failed)})
