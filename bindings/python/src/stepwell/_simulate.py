"""Simulation: the same protocol under a virtual clock, with virtual patients
and staff that a plan describes."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from typing import Any

from . import _api, _html
from ._arrow import Table
from ._call import Handle, make_call, stream_call, text_call
from ._documents import Protocol, protocol_text
from ._errors import DocumentError, Issue, MisuseError
from ._native import api
from ._progress import Progress, interruptible, taker
from ._result import Field, Result, each, mapping, optional, text, texts
from ._text import Document, count, document, encoded, to_json


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _issues(value: Any) -> tuple[Issue, ...]:
    return tuple(map(Issue.from_json, value or ()))


class Measure(Result):
    """One figure over all replications, with its 95 % interval."""

    __slots__ = ()
    name = Field("name", text, '"wait".')
    stratum = Field("stratum", text, '"referral to start".')
    statistic = Field("statistic", text, '"mean", "p90" and so on.')
    unit = Field("unit", text, '"days".')
    mean = Field("mean", _number, "None: there is none; `note` says why.")
    low = Field("low", _number, "The lower end of the interval.")
    high = Field("high", _number, "The upper end of the interval.")
    n = Field("n", int, "How many replications gave a value.")
    note = Field("note", text, "Why there is no figure, or what it lacks.")

    def __str__(self) -> str:
        what = f"{self.name}, {self.stratum}, {self.statistic}"
        if self.mean is None:
            return f"{what}: none ({self.note})"
        interval = ("" if self.low is None or self.high is None
                    else f" [{self.low:.4g}, {self.high:.4g}]")
        note = f" ({self.note})" if self.note else ""
        return f"{what}: {self.mean:.4g}{interval} {self.unit}{note}"


def _find(measures: Sequence[Measure], name: str, stratum: str,
          statistic: str) -> Measure:
    for found in measures:
        if (found.name, found.stratum, found.statistic) == (
                name, stratum, statistic):
            return found
    there = sorted({(m.name, m.stratum, m.statistic) for m in measures})
    raise KeyError(f"no measure {(name, stratum, statistic)}; there are "
                   f"{there}")


class Against(Result):
    """What a simulation was compared with, and how it differs: replication by
    replication, so between the same virtual people."""

    __slots__ = ()
    manifest = Field("manifest", mapping, "Of the other.")
    measures = Field("measures", each(Measure), "Of the other.")
    differences = Field("differences", each(Measure),
                        "This one's less the other's, with paired intervals.")

    def difference(self, name: str, stratum: str, statistic: str) -> Measure:
        """One difference; KeyError with those that there are."""
        return _find(self.differences, name, stratum, statistic)


def _against(value: Any) -> Against | None:
    return None if value is None else Against(value)


class PlanCheck(Result):
    """A plan, checked against its protocol."""

    __slots__ = ()
    ok = Field("ok", bool, "No issue is an error.")
    plan = Field("plan", optional, '"icbt_sweden@1".')
    hash = Field("hash", optional, "Of the plan with what was put into it.")
    protocol_issues = Field("protocol_issues", _issues)
    plan_issues = Field("plan_issues", _issues)


class _Run(Handle):
    """What the library keeps of a simulation."""

    __slots__ = ()
    _free = api.stepwell_simulation_free


class Simulation(Result):
    """What a simulation found. The same arguments but `threads` and `progress`
    give the same `json`, to the byte, on any machine."""

    __slots__ = ("_run",)
    measures = Field("measures", each(Measure))
    sentences = Field("sentences", texts, "What a manager should know.")
    manifest = Field("manifest", mapping, "What gives the same result again.")
    commands = Field("commands", int, "Over all replications.")
    events = Field("events", int, "Over all replications.")
    cases = Field("cases", int, "Over all replications.")
    protocol_issues = Field("protocol_issues", _issues, "No errors.")
    plan_issues = Field("plan_issues", _issues, "No errors.")
    against = Field("against", _against, "None: it was compared with none.")

    def __init__(self, raw: bytes, run: _Run | None = None) -> None:
        super().__init__(raw)
        self._run = run

    def measure(self, name: str, stratum: str, statistic: str) -> Measure:
        """One measure; KeyError with those that there are."""
        return _find(self.measures, name, stratum, statistic)

    def table(self, name: str = "measures") -> Table:
        """"measures", a figure over all replications a row, "replications",
        the figure of one replication a row, or "differences", when it was
        compared, for data frames."""
        wanted, run = encoded(name, "name"), self._run
        if run is None:
            raise MisuseError("this result came from another process: its "
                              "tables stayed there; see `measures`",
                              code="misuse")
        return Table(lambda stream: run._call(
            stream_call, api.stepwell_simulation_table, wanted, len(wanted),
            stream))

    def __reduce__(self) -> tuple[Any, ...]:
        return Simulation, (self.json.encode(),)

    def _repr_html_(self) -> str:
        return _html.simulation(self)

    def __repr__(self) -> str:
        return (f"<Simulation of {self.manifest.get('protocol')}: "
                f"{len(self.measures)} measures of {self.cases} cases>")


class _Options:
    """The options of both calls, and what they point to."""

    def __init__(self, protocol: Document | Protocol, plan: Document,
                 set: Mapping[str, Any] | None) -> None:
        self.protocol = protocol_text(protocol)
        self.plan = document(plan, "the plan")
        self.set = to_json(set, "set") if set else b""

    def structure(self, seed: int = 0, replications: int = 0, threads: int = 0,
                  progress: Any = None, against: int | None = None,
                  ) -> _api.stepwell_simulation_options:
        told = progress or _api.stepwell_progress_callback()
        return _api.stepwell_simulation_options(
            ctypes.sizeof(_api.stepwell_simulation_options), 0, self.protocol,
            len(self.protocol), self.plan, len(self.plan), self.set,
            len(self.set), seed, replications, threads, told, None, against)


def check_plan(protocol: Document | Protocol, plan: Document, *,
               set: Mapping[str, Any] | None = None) -> PlanCheck:
    """What is wrong with a plan: all issues, as values; nothing is simulated.
    `set` as for `simulate`."""
    options = _Options(protocol, plan, set).structure()
    return PlanCheck(text_call(api.stepwell_simulation_check,
                               ctypes.byref(options)))


def simulate(protocol: Document | Protocol, plan: Document, *,
             set: Mapping[str, Any] | None = None, replications: int = 20,
             seed: int = 1, threads: int = 1, progress: Progress = None,
             against: Simulation | None = None) -> Simulation:
    """Simulates a service by a plan (docs/formats/plan.md). Touches no store;
    a simulated effect reaches nobody. DocumentError when the protocol or the
    plan has mistakes; Ctrl-C stops it.

    set: values put into the plan: {"arrivals.self.per_year": 3000}.
    replications: 1 to 10,000 runs, from which the intervals come.
    seed: below 2**32; runs of the same seed have the same virtual patients.
    threads: 1 to 256, which share the replications.
    progress: True shows a bar on a terminal; a function gets (done, total),
        and what it raises stops the simulation and comes out.
    against: an earlier simulation of the same seed and replications, so of the
        same people: the result's `against` says how the two differ."""
    given = _Options(protocol, plan, set)
    numbers = (count(seed, "seed", 2**32 - 1),
               count(replications, "replications", 10_000),
               count(threads, "threads", 256))
    if 0 in numbers[1:]:
        raise ValueError("replications and threads must be at least 1")

    if against is not None and not isinstance(against, Simulation):
        raise TypeError("against must be a Simulation, not "
                        f"{type(against).__name__}")
    before = None if against is None else against._run
    if against is not None and before is None:
        raise MisuseError("the simulation to compare with came from another "
                          "process: run it again here", code="misuse")

    def started(pointer: int | None, callback: Any) -> int:
        options = given.structure(*numbers, callback, pointer)
        return make_call(api.stepwell_simulation_run, ctypes.byref(options))

    def run(tell: Any) -> int:
        callback = _api.stepwell_progress_callback(
            lambda _, done, total: 0 if tell((done, total)) else 1)
        if before is None:
            return started(None, callback)
        return before._call(lambda _, pointer: started(pointer, callback),
                            api.stepwell_simulation_run)

    handle = _Run._made(interruptible(run, taker(progress)))
    found = Simulation(handle._text(api.stepwell_simulation_result), handle)
    if not found["ok"]:
        issues: Sequence[Issue] = (*found.protocol_issues, *found.plan_issues)
        raise DocumentError(
            "the protocol or the plan has errors", code="invalid",
            pointer=issues[0].pointer if issues else "", issues=tuple(issues))
    return found
