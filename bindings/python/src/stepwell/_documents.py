"""Protocols, instruments and expressions: compiled once, never changed, usable
by any number of threads. And whether a text is legal FHIR."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from . import _api
from ._arrow import Table, taken_stream
from ._call import Handle, make_call, stream_call, text_call
from ._errors import Issue
from ._native import api
from ._results import (Change, Explained, FhirValidation, ProtocolCheck,
                       ProtocolDiff, Score)
from ._text import Day, Document, day, document, encoded, microseconds, to_json


def catalogue() -> Sequence[str]:
    """The paths of all documents that are built in, sorted."""
    return tuple(json.loads(text_call(api.stepwell_catalogue_document, b"",
                                      0)))


def catalogue_document(path: str) -> dict[str, Any]:
    """One of them: "protocols/icbt_base.json". NotFoundError: no such one."""
    name = encoded(path, "path")
    if not name:
        raise ValueError("the path of a document is not empty")
    found: dict[str, Any] = json.loads(
        text_call(api.stepwell_catalogue_document, name, len(name)))
    return found


class Protocol(Handle):
    """A protocol, compiled. `document` arguments are a mapping, a JSON text, a
    path (pathlib) or a name of the catalogue: "catalogue:icbt_base"."""

    __slots__ = ("_info", "_document")
    _free = api.stepwell_protocol_free
    _info: Mapping[str, Any]
    _document: bytes

    @classmethod
    def check(cls, source: Document) -> ProtocolCheck:
        """What is wrong with a document: all issues, as values. InvalidError
        only when the text is no JSON."""
        text = document(source, "the protocol")
        return ProtocolCheck(
            text_call(api.stepwell_protocol_check, text, len(text)))

    @classmethod
    def load(cls, source: Document) -> Protocol:
        """Compiles a document; DocumentError with its issues when it has
        mistakes."""
        text = document(source, "the protocol")
        made = cls._made(
            make_call(api.stepwell_protocol_compile, text, len(text)))
        made._document = text
        made._info = json.loads(made._text(api.stepwell_protocol_info))
        return made

    @property
    def info(self) -> Mapping[str, Any]:
        """What it is made of: routes, tracks with phases, elements, clocks,
        instruments, programs, pools, outcomes, templates."""
        return self._info

    @property
    def document(self) -> Mapping[str, Any]:
        """The rendered document, overlays applied: what was checked and
        hashed, and what pointers of issues and differences lead into."""
        document: Mapping[str, Any] = self._info["document"]
        return document

    @property
    def issues(self) -> Sequence[Issue]:
        """What the checker remarks on it, none of it an error."""
        return self.check(self._document).issues

    @property
    def id(self) -> str:
        return str(self._info["id"])

    @property
    def version(self) -> str:
        return str(self._info["version"])

    @property
    def title(self) -> str:
        return str(self._info["title"])

    @property
    def status(self) -> str:
        """"draft", "reviewed", "approved" or "retired"."""
        return str(self._info["status"])

    @property
    def hash(self) -> str:
        """Of the document with all that it imports, in hexadecimal."""
        return str(self._info["hash"])

    @property
    def logic_hash(self) -> str:
        """The same without the texts."""
        return str(self._info["logic_hash"])

    def draw(self, *, format: str = "svg", language: str = "") -> str:
        """A picture of it: "svg" (a notebook shows it), "dot" for Graphviz or
        "mermaid". Texts in `language` ("sv") where the document has them, else
        in its own."""
        options = {"as": format, "language": language}
        text = to_json({k: v for k, v in options.items() if v}, "the options")
        return self._text(api.stepwell_protocol_draw, text,
                          len(text)).decode()

    def _repr_svg_(self) -> str:
        return self.draw()

    def diff(self, newer: Protocol) -> ProtocolDiff:
        """What `newer` has that this one has not, or otherwise, in words. Also
        what an overlay makes of its base."""
        newer_owner = newer._owner
        if newer_owner is None:
            raise newer._closed_error()
        return ProtocolDiff(self._text(api.stepwell_protocol_diff,
                                       newer_owner.pointer))

    def __repr__(self) -> str:
        return f"<Protocol {self.id}@{self.version}>"


def protocol_text(source: Document | Protocol) -> bytes:
    """The document behind a protocol or what stands for one."""
    if isinstance(source, Protocol):
        return source._document
    return document(source, "the protocol")


class Instrument(Handle):
    """A questionnaire that can score answers."""

    __slots__ = ("_info", "_document")
    _free = api.stepwell_instrument_free
    _info: Mapping[str, Any]
    _document: bytes

    @classmethod
    def load(cls, source: Document) -> Instrument:
        """An id of the catalogue ("phq-9") or a document; DocumentError with
        its issues when it has mistakes."""
        text = document(source, "the instrument")
        made = cls._made(
            make_call(api.stepwell_instrument_load, text, len(text)))
        made._document = text
        made._info = json.loads(made._text(api.stepwell_instrument_info))
        return made

    @property
    def info(self) -> Mapping[str, Any]:
        """What it is: title, hash, coding, items, scales, licence."""
        return self._info

    @property
    def id(self) -> str:
        return str(self._info["id"])

    @property
    def version(self) -> str:
        return str(self._info["version"])

    @property
    def title(self) -> str:
        return str(self._info["title"])

    @property
    def items(self) -> Sequence[Mapping[str, Any]]:
        """Its items in order: id, kind, required, min, max."""
        return tuple(self._info["items"])

    def score(self, answers: Sequence[Any] | Mapping[str, Any], *,
              context: Mapping[str, Any] | None = None, coding: str = "",
              profile: str = "", missing: str = "",
              risk_threshold: float | None = None) -> Score:
        """Scores answers: in item order (None = not answered) or by item.

        context: what cut-offs depend on: {"sex": "female"}.
        coding, profile: names of the document's.
        missing: "strict" or "prorate".
        risk_threshold: from which answer on a risk item tells a risk."""
        given = {"context": context, "coding": coding, "profile": profile,
                 "missing": missing, "risk_threshold": risk_threshold}
        options = to_json({name: value for name, value in given.items()
                           if value not in (None, "")}, "the options")
        text = to_json(answers, "answers")
        return Score(self._text(api.stepwell_instrument_score, text, len(text),
                                options, len(options)))

    def change(self, pre: float | None, post: float | None, *,
               profile: str = "", subscale: str = "") -> Change:
        """What the change between two scores of one person means, total scores
        or those of a subscale; None is a score that is missing."""
        request: dict[str, Any] = {"pre": pre, "post": post}
        if profile:
            request["profile"] = profile
        if subscale:
            request["subscale"] = subscale
        text = to_json(request, "the request")
        return Change(self._text(api.stepwell_instrument_change, text,
                                 len(text), None))

    def change_table(self, table: Any, pre: str, post: str, *,
                     method: str = "jt", better: str = "",
                     reliability: float | None = None,
                     **more: Any) -> dict[str, Any]:
        """The change of a cohort: `table` is CSV text, a data frame or whatever
        has __arrow_c_stream__ (null = missing), `pre` and `post` are its
        columns; errors name rows of a data frame (the first is 0). What the
        other names mean is `stepwell change FILE.csv`'s
        (reliability_post, sd, mean, critical, cutoff, clinical, functional,
        by, remission); better and reliability are the document's when left
        out. `subscale` says whose scores they are where they are no totals."""
        given = {"pre": pre, "post": post, "method": method,
                 "better": better, "reliability": reliability, **more}
        request = {name: value for name, value in given.items()
                   if value not in (None, "")}
        if isinstance(table, str):
            request["csv"] = table
        text = to_json(request, "the request")
        with _columns(table) as stream:
            found: dict[str, Any] = json.loads(
                self._text(api.stepwell_instrument_change, text, len(text),
                           stream))
        return found

    def score_columns(self, answers: Any, *,
                      context: Mapping[str, Any] | None = None,
                      coding: str = "", profile: str = "", missing: str = "",
                      risk_threshold: float | None = None) -> Table:
        """Scores many responses: `answers` is a data frame, or whatever has
        __arrow_c_stream__, with a column an item (null = not answered) and
        perhaps "sex". A row a response comes back: score, score_exact, band,
        subscale_..., flag_... (null = unknown), missing, complete, ..."""
        given = {"context": context, "coding": coding, "profile": profile,
                 "missing": missing, "risk_threshold": risk_threshold}
        options = to_json({name: value for name, value in given.items()
                           if value not in (None, "")}, "the options")

        def fill(address: int) -> None:
            with taken_stream(answers) as stream:
                self._call(stream_call, api.stepwell_instrument_score_columns,
                           stream, options, len(options), address)

        return Table(fill)

    def __repr__(self) -> str:
        return f"<Instrument {self.id}@{self.version}>"


def instrument_document(source: Document | Instrument) -> Any:
    """The document behind an instrument, or what stands for one, as a value."""
    text = (source._document if isinstance(source, Instrument)
            else document(source, "the instrument"))
    if not text.lstrip().startswith(b"{"):
        name = text.decode(errors="replace").strip().lower()
        return catalogue_document(f"instruments/{name}.json")
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(f"the instrument is no JSON: {error}") from None


def _columns(table: Any) -> contextlib.AbstractContextManager[int | None]:
    """The stream of a table that is no CSV text."""
    if isinstance(table, str):
        return contextlib.nullcontext(None)
    return taken_stream(table)


def outcomes(table: Any, *, definition: str = "nhs-tt", by: str = "",
             start: Day = "", end: Day = "",
             suppress_below: int = 0) -> dict[str, Any]:
    """Counts a table of courses by a published definition: what `stepwell
    outcomes` prints (docs/reference/measures.md has columns and measures).

    table: CSV text, a data frame, or whatever has __arrow_c_stream__; null is
    missing. Errors name rows of a data frame (the first is 0), lines of a text.
    by: a column whose values make groups.
    start, end: first and last day of the period, "2026-03-01" or a date."""
    given = {"definition": definition, "by": by, "from": day(start, "start"),
             "to": day(end, "end"), "suppress_below": suppress_below}
    options = to_json({name: value for name, value in given.items()
                       if value not in (None, "", 0)}, "the options")
    csv = encoded(table, "table") if isinstance(table, str) else b""
    with _columns(table) as stream:
        found: dict[str, Any] = json.loads(
            text_call(api.stepwell_outcomes_count, csv, len(csv), stream,
                      options, len(options)))
    return found


_NATIVE: dict[str, Callable[[str], Any]] = {
    "boolean": lambda text: text == "true",
    "integer": int, "integer64": int, "decimal": Decimal}


def _native(entry: Mapping[str, Any]) -> Any:
    value = entry["value"]
    convert = _NATIVE.get(str(entry["type"]).removeprefix("System.").lower())
    return convert(value) if convert and isinstance(value, str) else value


class Expression(Handle):
    """A FHIRPath expression, compiled once for many resources:

        Expression("Patient.name.given").evaluate(patient)

    ExpressionError says where and why it is no expression.

    model: "r4", or "none" for JSON without FHIR's types.
    context: an expression; what it gives is the input.
    questionnaire: what %questionnaire stands for, and where weight() looks.
    variables: what %name stands for: plain values, resources, lists of them.
    offset_minutes: of now() and today(), east of UTC."""

    __slots__ = ("_source",)
    _free = api.stepwell_expression_free
    _source: str

    def __init__(self, expression: str, *, model: str = "r4",
                 context: str = "",
                 questionnaire: Mapping[str, Any] | str | None = None,
                 variables: Mapping[str, Any] | None = None,
                 offset_minutes: int = 0) -> None:
        text = encoded(expression, "expression")
        given: dict[str, Any] = {"model": model,
                                 "offset_minutes": offset_minutes}
        if context:
            given["context"] = context
        if variables is not None:
            given["variables"] = variables
        if questionnaire is not None:
            given["questionnaire"] = (
                json.loads(questionnaire) if isinstance(questionnaire, str)
                else questionnaire)
        options = to_json(given, "the options")
        self._own(make_call(api.stepwell_expression_compile, text, len(text),
                            options, len(options)))
        self._source = expression

    @classmethod
    def compile(cls, expression: str, **options: Any) -> Expression:
        """The same as Expression(expression, ...)."""
        return cls(expression, **options)

    def typed(self, resource: Mapping[str, Any] | str | None = None,
              now: datetime | None = None) -> list[dict[str, Any]]:
        """What it gives, as {"type", "value"} each; values as texts."""
        found: list[dict[str, Any]] = json.loads(
            self._ask(api.stepwell_expression_evaluate, resource, now))
        return found

    def evaluate(self, resource: Mapping[str, Any] | str | None = None,
                 now: datetime | None = None) -> list[Any]:
        """What it gives on a resource (None: on nothing). Numbers come as int
        and Decimal, dates and times as texts (they may be partial), whole
        elements as dicts. `now` is what now() and today() give; without it an
        expression that asks for the time is an ExpressionError. A resource
        given as JSON text keeps its numbers as they are written."""
        return [_native(entry) for entry in self.typed(resource, now)]

    def explain(self, resource: Mapping[str, Any] | str | None = None,
                now: datetime | None = None) -> Explained:
        """Why it gives what it gives: the tree of its parts."""
        return Explained(
            self._ask(api.stepwell_expression_explain, resource, now))

    def _ask(self, function: Callable[..., int],
             resource: Mapping[str, Any] | str | None,
             now: datetime | None) -> bytes:
        text = b"" if resource is None else to_json(resource, "resource")
        moment = _api.STEPWELL_NEVER if now is None else microseconds(now)
        return self._text(function, moment, text, len(text))

    def __str__(self) -> str:
        return self._source

    def __repr__(self) -> str:
        return f"<Expression {self._source!r}>"


def validate_fhir(source: Document) -> FhirValidation:
    """Is it legal FHIR R4: a resource or Bundle (mapping, text or path), or
    NDJSON (text or path). Structure, formats, codes of required bindings and
    the invariants of the definitions; what is wrong is a value."""
    text = document(source, "the resource")
    return FhirValidation(text_call(api.stepwell_fhir_validate, text,
                                    len(text)))
