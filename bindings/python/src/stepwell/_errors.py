"""What is raised, and what its parts are.

A mistake in a document and a refusal by the service's rules are results of the
C interface. Here a document with mistakes raises DocumentError where a usable
document was asked for (`Protocol.load`), and is a value where its issues were
asked for (`Protocol.check`). A refusal is always a value: a Reply.
"""

from __future__ import annotations

import ctypes
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import _api
from ._native import api

if TYPE_CHECKING:
    from ._results import Reply


@dataclass(frozen=True)
class Issue:
    """One mistake in a document.

    severity: "error", "warning" or "information".
    code: a stable word.
    pointer: the JSON pointer of the place.
    message, hint: for people; what is wrong, and what would be right.
    """

    severity: str
    code: str
    pointer: str
    message: str
    hint: str = ""

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Issue:
        return cls(value["severity"], value["code"], value["pointer"],
                   value["message"], value.get("hint") or "")

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return (f"{self.pointer or '/'}: {self.severity} {self.code}: "
                f"{self.message}{hint}")


class StepwellError(Exception):
    """It could not be done, and nothing was changed.

    code: a stable word: "invalid", "not_found", "conflict" and so on.
    message: what went wrong and what would be right, for people.
    pointer: the JSON pointer of the place in the text that was given, or "".
    offset: the byte of that text, from 0, or None when it is not known.
    details: all of it as the library gave it.
    """

    def __init__(self, message: str, *, code: str = "internal",
                 pointer: str = "", offset: int | None = None,
                 details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.pointer = pointer
        self.offset = offset
        self.details: Mapping[str, Any] = details or {}

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors travel between processes: rebuilt without their arguments.
        return _rebuilt, (type(self), self.args, self.__dict__)


def _rebuilt(kind: type[StepwellError], args: tuple[Any, ...],
             parts: dict[str, Any]) -> StepwellError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(parts)
    return error


class InvalidError(StepwellError, ValueError):
    """Bad bytes, or text that says nothing: see pointer and offset."""


class DocumentError(InvalidError):
    """A document with mistakes: `issues` has all of them."""

    def __init__(self, message: str, *, issues: tuple[Issue, ...],
                 **parts: Any) -> None:
        super().__init__(message, **parts)
        self.issues = issues

    def __str__(self) -> str:
        lines = "".join(f"\n  {issue}" for issue in self.issues)
        return f"{len(self.issues)} issues in the document:{lines}"


class ExpressionError(InvalidError):
    """An expression that cannot be compiled or evaluated.

    kind: "syntax", "semantic" or "execution".
    column: where in the expression, from 1, in bytes of UTF-8; or None.
    """

    def __init__(self, message: str, *, kind: str, column: int | None,
                 **parts: Any) -> None:
        super().__init__(message, **parts)
        self.kind = kind
        self.column = column


class NotFoundError(StepwellError, LookupError):
    """No such case, person or document."""


class ConflictError(StepwellError):
    """Somebody else wrote first: read again and try again."""


class IdUsedError(StepwellError):
    """This command id was used before, for other content."""


class PreconditionError(StepwellError):
    """Not now: the message says what must come first."""


class TooLargeError(StepwellError):
    """Beyond a limit (docs/reference/limits.md)."""


class StoreError(StepwellError):
    """Stored bytes are damaged, or the store is locked or full."""


class UnsupportedError(StepwellError):
    """Written by a newer version, or not built in."""


class CancelledError(StepwellError):
    """A progress callback said stop."""


class MisuseError(StepwellError):
    """A closed handle, or one that was made before a fork."""


class InternalError(StepwellError):
    """A mistake of the library's: please report it."""


class RejectedError(StepwellError):
    """What `Reply.raise_if_rejected` raises; `reply` is the reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.code}: {reply.reason}", code=reply.code)
        self.reply = reply


_CLASSES: dict[int, type[StepwellError]] = {
    _api.STEPWELL_INVALID: InvalidError,
    _api.STEPWELL_NOT_FOUND: NotFoundError,
    _api.STEPWELL_CONFLICT: ConflictError,
    _api.STEPWELL_ID_USED: IdUsedError,
    _api.STEPWELL_PRECONDITION: PreconditionError,
    _api.STEPWELL_TOO_LARGE: TooLargeError,
    _api.STEPWELL_CORRUPT: StoreError,
    _api.STEPWELL_UNAVAILABLE: StoreError,
    _api.STEPWELL_CANCELLED: CancelledError,
    _api.STEPWELL_UNSUPPORTED: UnsupportedError,
    _api.STEPWELL_MISUSE: MisuseError,
}


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace")


def take_error(status: int, error: ctypes.c_void_p) -> Exception:
    """The exception for a failed call; frees the library's error object."""
    if status == _api.STEPWELL_NO_MEMORY:
        api.stepwell_error_free(error.value)
        return MemoryError("the library has run out of memory")
    try:
        message = _text(api.stepwell_error_message(error.value))
        details = json.loads(api.stepwell_error_json(error.value) or "{}")
        parts: dict[str, Any] = {
            "code": _text(api.stepwell_error_code(error.value)),
            "pointer": details.get("pointer", ""),
            "offset": details.get("offset"),
            "details": details,
        }
    finally:
        api.stepwell_error_free(error.value)
    if "issues" in details:
        issues = tuple(Issue.from_json(i) for i in details["issues"])
        return DocumentError(message, issues=issues, **parts)
    if "expression" in details:
        where = details["expression"]
        return ExpressionError(message, kind=where.get("kind", ""),
                               column=where.get("column") or None, **parts)
    return _CLASSES.get(status, InternalError)(message, **parts)
