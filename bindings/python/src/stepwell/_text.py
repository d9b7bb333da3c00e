"""What goes in: texts, JSON and times, checked before the library sees them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any, TypeAlias

from . import _api

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")

# A JSON document: its text, its value, or the path of its file.
Document: TypeAlias = str | bytes | Mapping[str, Any] | os.PathLike[str]
# A day: itself, or as "2026-03-01"; "" is none.
Day: TypeAlias = str | date


def microseconds(moment: datetime, name: str = "now") -> int:
    """Microseconds since 1970 UTC, exactly; only of aware datetimes."""
    if not isinstance(moment, datetime):
        raise TypeError(
            f"{name} must be a datetime with a time zone, as "
            f"datetime.now(timezone.utc) gives, not {type(moment).__name__}")
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(
            f"{name} is {moment.isoformat()} of no time zone: give it one, "
            'as in moment.replace(tzinfo=ZoneInfo("Europe/Stockholm"))')
    return (moment - EPOCH) // _MICROSECOND


def moment(text: str | None) -> datetime | None:
    """The time that a JSON text says, in UTC; None for never."""
    return None if text is None else datetime.fromisoformat(text)


def day(value: Day, name: str) -> str:
    """A day as text. A datetime is none: which day it is hangs on the zone."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a date or a str like \"2026-03-01\", "
                        f"not {type(value).__name__}")
    if value:
        try:
            if not _DAY.fullmatch(value):
                raise ValueError
            date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{name} is {value!r}, no day as "
                             "\"2026-03-01\"") from None
    return value


def count(value: int, name: str, most: int = 2**63 - 1) -> int:
    """`value` as a number that C can hold: ctypes would cut it silently."""
    if not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if not 0 <= value <= most:
        raise ValueError(f"{name} is {value}: it must be from 0 to {most}")
    return value


def encoded(text: str | bytes, name: str) -> bytes:
    """UTF-8; a text with half a surrogate pair is none."""
    if isinstance(text, bytes):
        return text
    if not isinstance(text, str):
        raise TypeError(f"{name} must be str, not {type(text).__name__}")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"{name} has a lone surrogate (U+{ord(text[error.start]):04X}) at "
            f"character {error.start}, which no UTF-8 can hold: decode its "
            "source with the right encoding") from None


def _plain(value: object) -> str:
    """Times in a command, for which JSON has no word."""
    if isinstance(value, datetime):
        microseconds(value, "a time in the command")
        utc = value.astimezone(timezone.utc).replace(tzinfo=None)
        return utc.isoformat() + "Z"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is nothing that JSON can say")


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False,
                           separators=(",", ":"), default=_plain).encode


def to_json(value: Mapping[str, Any] | Sequence[Any] | str | bytes,
            name: str) -> bytes:
    """JSON: a str or bytes is JSON already, anything else is written as it."""
    if isinstance(value, (str, bytes)):
        return encoded(value, name)
    return encoded(_written(value, name), name)


def command_json(command: Mapping[str, Any] | str | bytes) -> bytes:
    """As to_json, but half a surrogate pair becomes its escape: the library
    takes it from a patient, and refuses it from anybody else."""
    if isinstance(command, bytes):
        return command
    text = command if isinstance(command, str) else _written(command, "command")
    return text.encode(errors="backslashreplace")


def _written(value: Mapping[str, Any] | Sequence[Any], name: str) -> str:
    if not isinstance(value, (Mapping, list, tuple)):
        raise TypeError(
            f"{name} must be a mapping or a JSON text, not "
            f"{type(value).__name__}")
    plain = value if isinstance(value, (dict, list)) else (
        dict(value) if isinstance(value, Mapping) else list(value))
    try:
        return _encode(plain)
    except (TypeError, ValueError, RecursionError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{name} cannot be written as JSON: {error}") from None


def document(value: Document, name: str) -> bytes:
    """The text of a document: see Document."""
    if isinstance(value, os.PathLike):
        with open(value, "rb") as file:
            return file.read(_api.STEPWELL_TEXT_BYTES_MAX + 1)
    return to_json(value, name)
