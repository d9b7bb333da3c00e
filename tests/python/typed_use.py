"""Checked by mypy --strict, never run: what a typed program may write."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, assert_type

import stepwell


def use(service: stepwell.Service, now: datetime) -> None:
    reply = service.submit({"id": "1", "command": "add_staff"}, now)
    assert_type(reply, stepwell.Reply)
    assert_type(reply.raise_if_rejected(), stepwell.Reply)
    assert_type(reply.kind, str)
    assert_type(reply.case, str | None)
    assert_type(reply.version, int)
    assert_type(reply.events, Sequence[str])
    page = service.worklist(now, owner="anna")
    assert_type(page.lines, Sequence[stepwell.WorkLine])
    assert_type(page.lines[0].due, datetime | None)
    assert_type(page.next, str | None)
    for case in service.cases():
        assert_type(case, stepwell.Case)
        assert_type(case.view(now).timeline[0].at, datetime)
    with service as same:
        assert_type(same, stepwell.Service)
    assert_type(service.advance(now).next_due, datetime | None)
    assert_type(stepwell.Expression("1").evaluate(), list[Any])
    validation = stepwell.validate_fhir({"resourceType": "Patient"})
    assert_type(validation.issues, tuple[stepwell.FhirIssue, ...])
    assert_type(validation.issues[0].line, int | None)
    assert_type(stepwell.Protocol.check("catalogue:minimal").issues,
                tuple[stepwell.Issue, ...])
    assert_type(stepwell.Instrument.load("phq-9").score([1] * 9).score,
                float | None)
