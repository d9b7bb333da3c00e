"""Tables for notebooks. Every text is escaped: titles, notes and the like come
from documents and from people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._results import CaseView, Event, Worklist
    from ._simulate import Simulation

_EVENTS_MAX = 200  # a page, not an archive


def _time(value: datetime | None) -> str:
    return "" if value is None else f"{value:%Y-%m-%d %H:%M}"


def _row(cells: Iterable[object], tag: str = "td") -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(str(cell))}</{tag}>"
                            for cell in cells) + "</tr>"


def _table(caption: str, head: Sequence[str],
           rows: Iterable[Iterable[object]]) -> str:
    return (f"<table><caption>{escape(caption)}</caption>"
            f"<thead>{_row(head, 'th')}</thead>"
            f"<tbody>{''.join(map(_row, rows))}</tbody></table>")


def worklist(page: Worklist) -> str:
    # First what it is sorted by.
    rows = [(line.priority, _time(line.due), line.case or "", line.kind,
             line.ordinal, line.what, line.title, line.state,
             line.staff or line.pool, "overdue" if line.overdue else "")
            for line in page.lines]
    return _table(
        f"Worklist: {len(rows)} of {page.total} lines, {page.overdue} overdue, "
        "by priority, due, case, kind, no (times in UTC)",
        ("priority", "due", "case", "kind", "no", "what", "title", "state",
         "owner", ""), rows)


def _details(event: Event) -> str:
    known = ("seq", "at", "recorded", "event")
    return ", ".join(f"{key}={value}" for key, value in event.items()
                     if key not in known and not isinstance(value, dict))


def case(view: CaseView) -> str:
    events = view.timeline
    shown = events[-_EVENTS_MAX:]
    phases = ", ".join(f"{track}: {phase}"
                       for track, phase in view.phases.items())
    return _table(
        f"Case {view.id}, {'open' if view.open else 'closed'} ({phases}): "
        f"{len(shown)} of {len(events)} events (times in UTC)",
        ("at", "event", ""),
        ((_time(event.at), event.event, _details(event)) for event in shown))


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def simulation(found: Simulation) -> str:
    rows = [(m.name, m.stratum, m.statistic, _figure(m.mean), _figure(m.low),
             _figure(m.high), m.unit, m.note) for m in found.measures]
    said = "".join(f"<li>{escape(text)}</li>" for text in found.sentences)
    return f"<ul>{said}</ul>" + _table(
        f"{len(rows)} measures of {found.cases} cases",
        ("name", "stratum", "statistic", "mean", "95 % from", "to", "unit",
         ""), rows)
