"""One call of the C interface, and the handles that calls are made on."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, ClassVar, NoReturn, TypeVar

from ._errors import MisuseError, take_error
from ._native import api

_Self = TypeVar("_Self", bound="Handle")
_Made = TypeVar("_Made")

_free_string = api.stepwell_string_free
_byref, _c_void_p, _c_size_t = ctypes.byref, ctypes.c_void_p, ctypes.c_size_t
_string_at = ctypes.string_at


def text_call(function: Callable[..., int], *arguments: Any) -> bytes:
    """Calls a function whose last parameters are result, length and error.

    ctypes gives up the interpreter's lock for the time of the call."""
    result, length, error = _c_void_p(), _c_size_t(), _c_void_p()
    status = function(*arguments, _byref(result), _byref(length),
                      _byref(error))
    if status:
        raise take_error(status, error)
    try:
        return _string_at(result.value or 0, length.value)
    finally:
        _free_string(result.value)


def stream_call(function: Callable[..., int], *arguments: Any) -> None:
    """Calls a function whose last parameters are an Arrow stream, which is
    filled in, and error."""
    error = _c_void_p()
    status = function(*arguments, _byref(error))
    if status:
        raise take_error(status, error)


def make_call(function: Callable[..., int], *arguments: Any) -> int:
    """Calls a function whose last parameters are a new handle and error."""
    handle, error = _c_void_p(), _c_void_p()
    status = function(*arguments, _byref(handle), _byref(error))
    if status:
        raise take_error(status, error)
    return handle.value or 0


class _Owner:
    """Owns a pointer and frees it when nobody refers to the owner any more.

    A call refers to it while it runs, so that a handle which another thread
    closes is freed when the last call on it has ended, and only once."""

    __slots__ = ("pointer", "_free")

    def __init__(self, pointer: int, free: Callable[[int | None], None]):
        self.pointer = pointer
        self._free = free

    def __del__(self) -> None:
        self._free(self.pointer)


class Handle:
    """What holds something of the library: close it, or let `with` do it.

    Any thread may use it and close it; calls under way finish first. After a
    fork the child must open its own: a call on the parent's is refused."""

    __slots__ = ("_owner", "__weakref__")
    _free: ClassVar[Callable[[int | None], None]]

    def __init__(self) -> None:
        raise TypeError(f"{type(self).__name__} objects are made by its class "
                        "methods, not by calling the class")

    @classmethod
    def _made(cls: type[_Self], pointer: int) -> _Self:
        made = cls.__new__(cls)
        made._own(pointer)
        return made

    _owner: _Owner | None

    def _own(self, pointer: int) -> None:
        self._owner = _Owner(pointer, type(self)._free)

    def _call(self, call: Callable[..., _Made], function: Callable[..., int],
              *arguments: Any) -> _Made:
        """text_call, make_call or stream_call with this handle first."""
        owner = self._owner
        try:
            if owner is None:
                raise self._closed_error()
            return call(function, owner.pointer, *arguments)
        finally:
            del owner  # a traceback must not keep it open

    def _text(self, function: Callable[..., int], *arguments: Any) -> bytes:
        return self._call(text_call, function, *arguments)

    def _closed_error(self) -> MisuseError:
        return MisuseError(
            f"this {type(self).__name__} is closed: open it anew",
            code="misuse")

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._owner is None

    def close(self) -> None:
        """Gives up what the library holds. To close twice does nothing."""
        self._owner = None

    def __enter__(self: _Self) -> _Self:
        if self._owner is None:
            raise self._closed_error()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"a {type(self).__name__} belongs to its process and cannot be "
            "copied or pickled: open it anew where it is needed")
