"""A clinic of one nurse and one patient, on the smallest protocol."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import settings

import stepwell

settings.register_profile("stepwell", derandomize=True, database=None,
                          deadline=None)
settings.load_profile("stepwell")

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)
HOST = {"role": "integration"}
PERSON = {"system": "urn:clinic", "value": "p-1"}


def begin(service, now=NOW):
    """Registers anna and one patient; gives the case's id."""
    for command in (
            {"command": "add_staff", "staff": "anna", "pools": ["team"]},
            {"command": "register_person", "person": PERSON},
            {"command": "receive_referral", "person": PERSON, "route": "self"}):
        reply = service.submit(
            {"id": f"begin-{command['command']}", "actor": HOST, **command},
            now).raise_if_rejected()
    return reply.case


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def later():
    return lambda **parts: NOW + timedelta(**parts)


@pytest.fixture
def service():
    with stepwell.Service.create("memory:", "catalogue:minimal", NOW,
                                 prototype=True) as made:
        yield made


@pytest.fixture
def case(service):
    return service.case(begin(service))
