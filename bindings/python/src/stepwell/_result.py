"""JSON that came back: kept as text, and read at the first look."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar, overload

from ._text import moment

_T = TypeVar("_T")
_R = TypeVar("_R", bound="Result")


class Result(Mapping[str, Any]):
    """A JSON object as a read-only mapping; nothing is decoded before it is
    looked at. Attributes give the same values with Python's types: times as
    aware datetimes in UTC, lines as objects."""

    __slots__ = ("_raw", "_value")

    def __init__(self, raw: bytes | Mapping[str, Any]) -> None:
        self._raw: bytes | None = None
        self._value: Mapping[str, Any] | None = None
        if isinstance(raw, bytes):
            self._raw = raw
        else:
            self._value = raw

    @property
    def json(self) -> str:
        """The JSON text as the library gave it."""
        if self._raw is not None:
            return self._raw.decode()
        return json.dumps(self._value, ensure_ascii=False,
                          separators=(",", ":"))

    def _read(self) -> Mapping[str, Any]:
        value = self._value
        if value is None:
            value = self._value = json.loads(self._raw or b"{}")
        return value

    def __getitem__(self, key: str) -> Any:
        return self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self._read())!r})"


class Field(Generic[_T]):
    """A member of a Result as an attribute."""

    def __init__(self, key: str, convert: Callable[[Any], _T],
                 doc: str = "") -> None:
        self.key = key
        self.convert = convert
        self.__doc__ = doc

    @overload
    def __get__(self, result: None, owner: type) -> Field[_T]: ...

    @overload
    def __get__(self, result: Result, owner: type) -> _T: ...

    def __get__(self, result: Result | None, owner: type) -> Field[_T] | _T:
        if result is None:
            return self
        return self.convert(result._read().get(self.key))

    def __set__(self, result: Result, value: object) -> None:
        raise AttributeError(f"{self.key} is what the library said: read-only")


def anything(value: Any) -> Any:
    """JSON as it is; None for what is absent."""
    return value


def text(value: Any) -> str:
    """"" for what is absent."""
    return "" if value is None else str(value)


def optional(value: Any) -> str | None:
    """None for what is absent or empty."""
    return value or None


def time(value: Any) -> datetime:
    """A time that is always there."""
    return datetime.fromisoformat(value)


def maybe_time(value: Any) -> datetime | None:
    """None for never."""
    return moment(value)


def maybe_int(value: Any) -> int | None:
    return None if value is None else int(value)


def texts(value: Any) -> Sequence[str]:
    return tuple(value or ())


def mapping(value: Any) -> Mapping[str, Any]:
    return dict(value or {})


def mappings(value: Any) -> Sequence[Mapping[str, Any]]:
    return tuple(value or ())


def each(kind: type[_R]) -> Callable[[Any], Sequence[_R]]:
    """An array of objects as a tuple of `kind`."""
    return lambda value: tuple(kind(entry) for entry in value or ())
