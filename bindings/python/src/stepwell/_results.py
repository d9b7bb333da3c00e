"""The results by name. What their members mean in full, and the schema of each,
is in docs/reference/python.md and docs/reference/cli.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from . import _html
from ._errors import Issue, RejectedError
from ._result import (Field, Result, anything, each, mapping, mappings,
                      maybe_int, maybe_time, optional, text, texts, time)

_Self = TypeVar("_Self", bound="Reply")
_text = text  # where a member has this name


class Reply(Result):
    """What became of a command. A rejection is a value, no exception."""

    __slots__ = ()
    kind = Field("result", text,
                 '"accepted", "rejected", or "parked": kept and owned.')
    id = Field("id", text, "The command's id.")
    repeated = Field("repeated", bool, "It had been answered before.")
    code = Field("code", text, "Of a rejection, stable; why it was parked.")
    reason = Field("reason", text, "The same for people.")
    case = Field("case", optional, "The id of the case concerned.")
    person = Field("person", optional, "The id of the person concerned.")
    receipt = Field("receipt", optional, "Of patient input: what was stored.")
    version = Field("version", int, "Of the case, after the command.")
    events = Field("events", texts, "Names of what was recorded.")
    show_now = Field("show_now", mapping,
                     "What the patient's screen must show now, by language.")

    @property
    def accepted(self) -> bool:
        """Whether it was done."""
        return self.kind == "accepted"

    @property
    def rejected(self) -> bool:
        """Whether the service's rules said no."""
        return self.kind == "rejected"

    @property
    def parked(self) -> bool:
        """Whether it is patient input that fits nowhere."""
        return self.kind == "parked"

    def raise_if_rejected(self: _Self) -> _Self:
        """This reply; RejectedError when the rules said no."""
        if self.rejected:
            raise RejectedError(self)
        return self

    def __repr__(self) -> str:
        return f"<Reply {self.kind}: {self.code or ', '.join(self.events)}>"


class Advance(Result):
    """What an advance did."""

    __slots__ = ()
    fired = Field("fired", int, "How many clocks fired.")
    more = Field("more", bool, "It stopped at clocks_max; others are due.")
    next_due = Field("next_due", maybe_time,
                     "When the next clock is due; None when none runs.")
    failed = Field("failed", texts,
                   "Clocks that could not be fired and why; others went on.")


class AdvancePreview(Result):
    """What an advance would do."""

    __slots__ = ()
    due = Field("due", int, "How many clocks are due.")
    oldest_due = Field("oldest_due", maybe_time, "When the first was due.")
    last_advance = Field("last_advance", maybe_time, "When it was last done.")
    needs_catch_up = Field("needs_catch_up", bool,
                           "The gap is so long that catch_up must be True.")
    by_clock = Field("by_clock", mapping, "How many are due, by clock.")


class Deployed(Result):
    """A version that new cases begin with."""

    __slots__ = ()
    protocol = Field("protocol", text)
    version = Field("version", text)
    hash = Field("hash", text, "What the cases that begin with it are on.")
    deployed = Field("deployed", bool, "False: it was the current one already.")
    open_cases_elsewhere = Field("open_cases_elsewhere", int,
                                 "On other versions: they stay there.")
    pools_elsewhere = Field("pools_elsewhere", texts,
                            "Pools of these that this version has not.")


class MigrationReason(Result):
    """Why cases stay on their version."""

    __slots__ = ()
    verdict = Field("verdict", text, '"choice": a line would do; "refused".')
    reason = Field("reason", text)
    cases = Field("cases", int)
    example = Field("example", text, "The id of the first of them.")


class Migration(Result):
    """What a migration makes of the open cases, or made."""

    __slots__ = ()
    from_version = Field("from", text, '"clinic@1".')
    to_version = Field("to", text)
    applied = Field("applied", bool, "False: a dry run.")
    fine = Field("fine", int, "They go over, or went.")
    choice = Field("choice", int, "They hold what has no line.")
    refused = Field("refused", int, "No line can carry them over.")
    there = Field("there", int, "On the new version already.")
    not_concerned = Field("not_concerned", int,
                          "Closed, or on another version.")
    reasons = Field("reasons", each(MigrationReason))
    next = Field("next", text, "Where the next batch begins; empty: the end.")


class Difference(Result):
    """What would have been otherwise at one event of a case."""

    __slots__ = ()
    event = Field("event", int, "Its number in the case.")
    at = Field("at", time)
    kind = Field("kind", text, "score, band, tier, risk, flag, alert, decision"
                               " or phase.")
    what = Field("what", text, "A name of the protocol.")
    before = Field("before", text, '"none" where there was nothing.')
    after = Field("after", text)
    act = Field("act", bool, "Somebody must look at it.")


class LookBackCase(Result):
    """A case in which something would have been otherwise."""

    __slots__ = ()
    case = Field("case_id", text)
    open = Field("open", bool)
    action = Field("action", text, '"alert", "task", or "": nobody must act.')
    differences = Field("differences", each(Difference))


class Amendment(Result):
    """What a safety amendment finds and does, or did."""

    __slots__ = ()
    amendment = Field("amendment", text, "The document's name.")
    from_version = Field("from", text, '"clinic@1".')
    to_version = Field("to", text)
    approver = Field("approver", text)
    reason = Field("reason", text)
    applied = Field("applied", bool, "False: nothing was written.")
    fine = Field("fine", int, "Open cases that go over, or went.")
    choice = Field("choice", int, "They hold what has no line.")
    refused = Field("refused", int, "No line can carry them over.")
    there = Field("there", int, "On the corrected version already.")
    closed = Field("closed", int, "Closed cases that were looked at.")
    elsewhere = Field("elsewhere", int, "Open, on other versions.")
    alerts = Field("alerts", int, "Cases in which an alert is, or was, raised.")
    tasks = Field("tasks", int, "Cases in which a task is, or was, opened.")
    asked = Field("asked", int, "Commands that were asked again.")
    not_asked = Field("not_asked", int)
    reasons = Field("reasons", each(MigrationReason))
    cases = Field("cases", each(LookBackCase))


class WorkLine(Result):
    """One piece of work, of a worklist or of a case."""

    __slots__ = ()
    kind = Field("kind", text, '"item", "alert", "message", "parked", "waiting" '
                 'or "patient".')
    what = Field("what", text, "The element, tier or thread, by its name.")
    title = Field("title", text, "For people.")
    ordinal = Field("ordinal", int, "Its number: what `alert` refers to.")
    occurrence = Field("occurrence", maybe_int, "Of an item: as commands name it.")
    case = Field("case", optional, "None for parked input.")
    person = Field("person", optional)
    pool = Field("pool", text, "Whose queue it is in.")
    staff = Field("staff", text, "Who it is given to; empty: the queue.")
    priority = Field("priority", int, "Higher is first.")
    state = Field("state", text, '"available", "raised" and so on.')
    since = Field("since", maybe_time)
    due = Field("due", maybe_time, "None when there is no deadline.")
    overdue = Field("overdue", bool)
    note = Field("note", text)
    text = Field("text", _text, "What the patient wrote, when asked for.")
    text_cut = Field("text_cut", bool, "`text` is the first 64 KiB of it.")
    homework = Field("homework", bool, "It answers what the patient handed in.")
    claimed = Field("claimed", bool, "By `staff`: nobody else does it.")
    follow_up = Field("follow_up", maybe_time, "Put off until then.")
    of = Field("of", _text, "Whose work is signed or reviewed.")
    thread = Field("thread", _text, "Of a message.")
    unread = Field("unread", bool, "A message that no member has read.")
    letter = Field("letter", bool, "To whoever referred.")
    to = Field("to", mappings, "Of a letter: referral, route and referrer.")
    withheld = Field("withheld", _text, "Why a letter may not be written.")


class WorkCount(Result):
    """How much of a kind waits, of all that was asked for."""

    __slots__ = ()
    kind = Field("kind", text,
                 '"item" (but for homework and letters), "homework" and so on.')
    total = Field("total", int)
    overdue = Field("overdue", int)
    today = Field("today", int, "Due today, and not overdue.")
    deferred = Field("deferred", int, "Put off until a date.")


class Worklist(Result):
    """One page of work, by priority, then deadline."""

    __slots__ = ()
    lines = Field("lines", each(WorkLine), "The work of this page.")
    total = Field("total", int, "How many lines all pages have.")
    overdue = Field("overdue", int, "How many of all are overdue.")
    next = Field("next", optional, "`after` of the next page; None: no more.")
    counts = Field("counts", each(WorkCount), "By kind, when asked for.")

    def _repr_html_(self) -> str:
        return _html.worklist(self)


class PortalSlot(Result):
    """A time that the patient may book."""

    __slots__ = ()
    id = Field("id", text, "`slot` of `change_appointment`.")
    starts_at = Field("starts_at", maybe_time)
    minutes = Field("minutes", maybe_int, "None: not said.")
    mode = Field("mode", text)
    place = Field("place", text)


class PortalGroup(Result):
    """A group that takes bookings."""

    __slots__ = ()
    group = Field("group", text, "`group` of `change_appointment`.")
    starts_at = Field("starts_at", maybe_time)
    free = Field("free", int, "Places; without any they wait for one.")


class PortalEntry(Result):
    """One thing that a patient has open."""

    __slots__ = ()
    case = Field("case", text)
    item = Field("item", text, "The element's name.")
    kind = Field("kind", text, '"questionnaire", "module" and so on.')
    title = Field("title", text, "For people.")
    state = Field("state", text)
    occurrence = Field("occurrence", maybe_int, "Which one of a repeated item.")
    instrument = Field("instrument", text, "Of a questionnaire.")
    since = Field("since", maybe_time)
    due = Field("due", maybe_time)
    appointment_at = Field("appointment_at", maybe_time)
    role = Field("role", text, "Of a related person; empty: the patient.")
    appointment = Field("appointment", text, '"proposed", "booked", ...')
    mode = Field("mode", text, '"message", "phone", "video", "visit".')
    place = Field("place", text)
    group = Field("group", text, "The group of the seat.")
    window = Field("window", text, "The follow-up window that asks for it.")
    closes = Field("closes", maybe_time, "Until when an answer is on time.")
    slots = Field("slots", each(PortalSlot), "What the patient may book now.")
    groups = Field("groups", each(PortalGroup), "The groups with bookings open.")
    draft = Field("draft", anything, "What was saved and is not handed in.")
    draft_at = Field("draft_at", maybe_time, "When it was saved last.")


class PortalConsent(Result):
    """A purpose that the way in asks the patient about."""

    __slots__ = ()
    case = Field("case", text)
    purpose = Field("purpose", text, "Its name in the protocol.")
    title = Field("title", text, "For people.")
    since = Field("since", maybe_time, "When the referral came, or the last "
                                       "consent ran out.")
    role = Field("role", text, "Of a related person; empty: the patient.")


class PortalMessage(Result):
    """A message of staff that the patient has not read."""

    __slots__ = ()
    case = Field("case", text)
    message_id = Field("message_id", text)
    thread = Field("thread", text)
    sent_at = Field("sent_at", maybe_time)


class Portal(Result):
    """What a patient has open now."""

    __slots__ = ()
    person = Field("person", text)
    entries = Field("entries", each(PortalEntry))
    consents = Field("consents", each(PortalConsent),
                     "Asked, and neither given nor refused.")
    unread = Field("unread", each(PortalMessage), "Messages to be read.")
    show_now = Field("show_now", mapping,
                     "Crisis information to show now, by language.")


class Event(Result):
    """One event of a case; its other fields are in the mapping."""

    __slots__ = ()
    seq = Field("seq", int, "Its number in the case's log.")
    at = Field("at", time, "When it happened.")
    recorded = Field("recorded", time, "When it was written down.")
    event = Field("event", text, 'Its name: "CaseOpened".')


class DecisionMade(Result):
    """A decision as it was recorded: what it came to, and what it saw."""

    __slots__ = ()
    seq = Field("seq", int, "Its number in the case's log.")
    at = Field("at", time, "When it happened.")
    recorded = Field("recorded", time, "When it was written down.")
    item = Field("item", text, "The decision, by its name in the protocol.")
    outcome = Field("outcome", text)
    outcomes = Field("outcomes", texts, "All, of a table that collects.")
    automatic = Field("automatic", bool, "The data decided.")
    proposed = Field("proposed", text, "What a table said to the person.")
    actor = Field("actor", text, "Who decided, or set it off.")
    reason = Field("reason", text, "That a person gave.")
    rules = Field("rules", texts, "The rules that settled it, by id.")
    inputs = Field("inputs", texts, 'All that was read: "facts.age = 34".')
    value = Field("value", text, "Of a prediction: the number compared.")
    working = Field("working", texts, "How that number came about.")


class ItemProgress(Result):
    """How far the patient is with an item of theirs."""

    __slots__ = ()
    item = Field("item", text)
    state = Field("state", text)
    since = Field("since", time, "When it was opened to them.")
    percent = Field("percent", maybe_int)
    seconds = Field("seconds", maybe_int, "At it in all.")
    draft_since = Field("draft_since", maybe_time,
                        "They have saved a draft; its text is theirs alone.")
    draft_at = Field("draft_at", maybe_time, "When they saved it last.")
    draft_abandoned_at = Field("draft_abandoned_at", maybe_time,
                               "The item ended without it.")


class FollowUp(Result):
    """A follow-up window: when it is, and what became of it."""

    __slots__ = ()
    window = Field("window", text, "Its clock in the protocol.")
    state = Field("state", text, '"planned", "open", "answered", "missed", ...')
    timing = Field("timing", text, '"early", "on_time" or "late"; or empty.')
    episode = Field("episode", int, "Of what it is anchored on.")
    anchor = Field("anchor", maybe_time)
    opens = Field("opens", maybe_time)
    due = Field("due", maybe_time)
    closes = Field("closes", maybe_time)
    answers = Field("answers", each(Result), "With item, timing and at.")


class CaseView(Result):
    """One case as it stands."""

    __slots__ = ()
    id = Field("case", text)
    person = Field("person", text)
    protocol = Field("protocol", text)
    version = Field("version", int, "What expected_version is compared with.")
    open = Field("open", bool)
    paused = Field("paused", bool)
    owner_pool = Field("owner_pool", text)
    owner_staff = Field("owner_staff", text)
    phases = Field("phases", mapping, "The phase of each track.")
    open_items = Field("items", each(WorkLine))
    open_alerts = Field("alerts", each(WorkLine))
    open_messages = Field("messages", each(WorkLine))
    progress = Field("progress", each(ItemProgress), "Of this episode.")
    decisions = Field("decisions", each(DecisionMade), "In order.")
    follow_ups = Field("follow_ups", each(FollowUp), "By their anchors.")
    timeline = Field("timeline", each(Event), "All that happened, in order.")

    def _repr_html_(self) -> str:
        return _html.case(self)


class Explanation(Result):
    """Why an item is where it is."""

    __slots__ = ()
    item = Field("item", text)
    state = Field("state", text)
    reasons = Field("reasons", texts, "Each unmet condition with its value.")
    would_open = Field("would_open", texts, "What would unblock it.")
    decisions = Field("decisions", each(DecisionMade), "Those of the item.")
    letters = Field("letters", mappings, "Of a letter to whoever referred: its "
                    "figures, one a referral that it answers.")
    withheld = Field("withheld", text, "Why a letter may not be written.")


class Effect(Result):
    """Something that the host is to deliver, and then to settle."""

    __slots__ = ()
    id = Field("effect", text, "Stable, never reused: deliver once for each.")
    position = Field("position", int, "In the outbox.")
    kind = Field("kind", text, '"notify" or "letter".')
    to = Field("to", text,
               '"patient", "related", "owner", "pool", "referrer" or "service".')
    role = Field("role", text, 'Of "related": in which role they are on file.')
    related = Field("related", optional, 'Of "related": the person it is for.')
    referral = Field("referral", optional,
                     'Of "referrer": the referral that the letter is about.')
    referral_identifiers = Field("referral_identifiers", mappings,
                                 "The sender's own, as system and value.")
    referrer = Field("referrer", text,
                     'Of "referrer": who sent it, as they were named.')
    receiver = Field("receiver", text,
                     'Of a letter to "service": the one that takes over.')
    body_key = Field("body_key", text, "Names what was written to it.")
    template = Field("template", text)
    pool = Field("pool", text)
    staff = Field("staff", text)
    cover = Field("cover", text, "Does the work of `staff`, who is on leave.")
    case = Field("case", optional)
    person = Field("person", optional)
    about = Field("about", text, "The item or alert, by its name.")
    valid_until = Field("valid_until", maybe_time,
                        "Of no use after this; None: always of use.")
    channels = Field("channels", texts,
                     "The patient may be reached by these only; empty: any, "
                     "or none with `no_channel`.")
    no_channel = Field("no_channel", bool,
                       "The patient has left no way to reach them.")
    deferred_from = Field("deferred_from", maybe_time,
                          "It was due then, in quiet hours.")
    letter = Field("letter", mapping, "The figures of a letter to a referrer.")
    text = Field("text", text, "What was written to the receiver; "
                 "empty where the host keeps it.")


class Outbox(Result):
    """One page of effects that wait."""

    __slots__ = ()
    effects = Field("effects", each(Effect))
    next = Field("next", int, "`after` of the next page.")
    withheld = Field("withheld", maybe_int, "Words to patients before `next` "
                     "that wait for the end of safe mode; None: none.")

    def __repr__(self) -> str:
        return f"<Outbox of {len(self.effects)} effects>"


class Health(Result):
    """Counts of what is open and overdue, in the mapping."""

    __slots__ = ()
    now = Field("now", time)
    violations = Field("violations", texts, "Broken invariants; () is well.")
    warnings = Field("warnings", texts, "A protocol that is not approved, "
                     "pools without a member; see `ok`.")
    safe_since = Field("safe_since", maybe_time, "In safe mode since then.")
    safe_on = Field("safe_on", mapping, "When it was switched on last (`at`), "
                    "`by` whom, and the `reason`; {}: never.")
    safe_off = Field("safe_off", mapping, "The same of switching it off.")

    @property
    def ok(self) -> bool:
        """No invariant is broken."""
        return not self.violations


class Verification(Result):
    """Whether replay of every log gives what is stored."""

    __slots__ = ()
    streams = Field("streams", int)
    events = Field("events", int)
    differences = Field("differences", texts)

    @property
    def ok(self) -> bool:
        """Nothing differs."""
        return not self.differences


class Summary(Result):
    """Waits in days, modules, changes, minutes: in the mapping."""

    __slots__ = ()


class ImportReport(Result):
    """Counts of what went in, in the mapping, and what was refused or
    parked."""

    __slots__ = ()
    refused = Field("refused", each(Result), "With path, resource, reason.")
    parked_entries = Field("parked_entries", each(Result),
                           "Kept, owned, with a clock: the same members.")

    @property
    def ok(self) -> bool:
        """Nothing was refused."""
        return not self.refused


class ExportReport(Result):
    """What an export wrote: persons, cases, resources, by_type, left_out."""

    __slots__ = ()
    next = Field("next", optional, "`after` of the next; None: no more.")


class ProtocolCheck(Result):
    """A protocol document, checked."""

    __slots__ = ()
    ok = Field("ok", bool, "No issue is an error.")
    issues = Field("issues", lambda value: tuple(map(Issue.from_json, value)))

    def __repr__(self) -> str:
        return f"<ProtocolCheck ok={self.ok}, {len(self.issues)} issues>"


class ProtocolChange(Result):
    """One thing that differs between two protocols."""

    __slots__ = ()
    what = Field("what", str, '"added", "removed", "changed" or "moved".')
    kind = Field("kind", str, "What it belongs to: clocks, items, rules ...")
    subject = Field("subject", str, "The id of what it belongs to.")
    words = Field("words", str, "One sentence, for people.")
    pointer = Field("pointer", str, "Where it stands; see `document` too.")
    logic = Field("logic", bool, "It can change what happens.")
    risk = Field("risk", bool, "It is part of how risk is found and met.")

    def __str__(self) -> str:
        return self.words


class MigrationDraft(Result):
    """The migration that equal names alone make."""

    __slots__ = ()
    document = Field("document", text, "A document to go on from.")
    unmapped = Field("unmapped", texts, 'What has no line, "items: call".')


class ProtocolDiff(Result):
    """What differs between two protocols; those of risk come first. `str` of it
    is a text for people."""

    __slots__ = ()
    logic_changed = Field("logic_changed", bool, "Not texts only.")
    changes = Field("changes", lambda value: tuple(map(ProtocolChange, value)))
    migration = Field("migration", lambda value: MigrationDraft(value)
                      if value else None,
                      "Of two versions of one protocol: how cases go over.")
    text = Field("text", str)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return (f"<ProtocolDiff logic_changed={self.logic_changed}, "
                f"{len(self.changes)} changes>")


class Score(Result):
    """What answers add up to. None stands for what cannot be given."""

    __slots__ = ()
    score = Field("score", lambda value: None if value is None
                  else float(value), "None: there is none; see `missing`.")
    band = Field("band", optional)
    flags = Field("flags", mapping,
                  'True, False or "unknown" each: unknown is not False.')
    missing = Field("missing", tuple)
    complete = Field("complete", bool)
    prorated = Field("prorated", bool)


class Change(Result):
    """What the change between two scores means, in the mapping."""

    __slots__ = ()


class Explained(Result):
    """One part of an expression, with what it gave."""

    __slots__ = ()
    text = Field("text", text)
    column = Field("column", int, "From 1.")
    evaluated = Field("evaluated", bool, "False: it was never looked at.")
    truth = Field("truth", optional, '"true", "false", "unknown" or None.')
    gave = Field("values", texts, "The values as texts.")
    reads = Field("reads", texts, "Of the whole: the paths that are read.")
    definite = Field("definite", mappings, "Of the whole: where something "
                     "missing becomes definite: column, function, path.")
    uses_now = Field("uses_now", bool, "Of the whole: it asks for the time.")

    @property
    def parts(self) -> tuple[Explained, ...]:
        """The parts that it is made of."""
        return tuple(Explained(part) for part in self.get("parts") or ())

    def walk(self) -> Iterator[Explained]:
        """It and all parts below it, from the outside in."""
        yield self
        for part in self.parts:
            yield from part.walk()


class FhirIssue(Result):
    """One thing that is wrong with a resource."""

    __slots__ = ()
    severity = Field("severity", text, '"error" or "warning".')
    code = Field("code", text, "Of HL7's issue types: structure, invariant.")
    key = Field("key", text, 'Stable: "pat-1", "missing", "format_date".')
    expression = Field("expression", text, "Where: Patient.contact[0].")
    message = Field("message", text, "For people.")
    resource = Field("resource", text, 'Whose: "Patient/p1".')
    line = Field("line", maybe_int, "Of NDJSON, from 1; else None.")

    def __repr__(self) -> str:
        return f"<FhirIssue {self.severity} {self.key} at {self.expression}>"


def _fhir_issues(result: Mapping[str, Any]) -> Iterator[FhirIssue]:
    for issue in result["outcome"]["issue"]:
        details = issue["details"]
        yield FhirIssue({
            "severity": issue["severity"], "code": issue["code"],
            "key": details["coding"][0]["code"], "message": details["text"],
            "expression": "".join(issue.get("expression", ())[:1]),
            "resource": result.get("resource", ""),
            "line": result.get("line")})


class FhirValidation(Result):
    """Whether resources are legal FHIR R4, and what is wrong with them."""

    __slots__ = ()
    valid = Field("valid", bool, "There are no errors; warnings may be.")
    resources = Field("resources", int)
    errors = Field("errors", int)
    warnings = Field("warnings", int)

    @property
    def issues(self) -> tuple[FhirIssue, ...]:
        """All of them, in the order of the text."""
        return tuple(issue for result in self["results"]
                     for issue in _fhir_issues(result))
