"""Tables that leave as Arrow streams: no copy, no dependency.

The Arrow PyCapsule interface: polars, pyarrow, pandas, DuckDB and others take
any object that has __arrow_c_stream__."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import importlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas
    import polars

_NAME = b"arrow_array_stream"


class _Stream(ctypes.Structure):
    """struct ArrowArrayStream, as Arrow's C stream interface lays it out."""

    _fields_ = [("get_schema", ctypes.c_void_p), ("get_next", ctypes.c_void_p),
                ("get_last_error", ctypes.c_void_p),
                ("release", ctypes.c_void_p), ("private_data", ctypes.c_void_p)]


_RELEASE = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_DESTRUCTOR = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_new = ctypes.pythonapi.PyCapsule_New
_new.restype = ctypes.py_object
_new.argtypes = [ctypes.c_void_p, ctypes.c_char_p, _DESTRUCTOR]
_set_destructor = ctypes.pythonapi.PyCapsule_SetDestructor
_set_destructor.restype = ctypes.c_int
_set_destructor.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype = ctypes.c_void_p
_pointer.argtypes = [ctypes.c_void_p, ctypes.c_char_p]

# Streams that a capsule refers to, by their address, each with the address of
# its capsule.
_streams: dict[int, tuple[_Stream, int]] = {}


def _release(stream: _Stream) -> None:
    if stream.release:
        _RELEASE(stream.release)(ctypes.addressof(stream))


def _capsule_ends(capsule: int) -> None:
    """The capsule's end: releases what no consumer has taken."""
    kept = _streams.pop(_pointer(capsule, _NAME), None)
    if kept is not None:
        _release(kept[0])


_forget = _DESTRUCTOR(_capsule_ends)


@atexit.register
def _disarm() -> None:
    """A capsule that outlives the interpreter's modules must not call into
    them: from here on its end does nothing, and the process frees the rest."""
    for _, capsule in _streams.values():
        _set_destructor(capsule, None)


@contextlib.contextmanager
def taken_stream(source: Any) -> Iterator[int]:
    """The address of the stream that `source` gives, for a call that takes and
    releases it."""
    if not hasattr(source, "__arrow_c_stream__"):
        raise TypeError(
            "expected a data frame or a table with __arrow_c_stream__ (polars, "
            f"pyarrow, pandas), not {type(source).__name__}")
    capsule = source.__arrow_c_stream__()
    yield _pointer(id(capsule), _NAME)
    del capsule


class Table:
    """Columns of the library's, for data frames: pass it to polars.DataFrame,
    pyarrow.table, pandas.DataFrame.from_arrow and the like, or use `to_...`.

    Each of these asks the library anew, so that a table may be used again."""

    __slots__ = ("_fill",)

    def __init__(self, fill: Callable[[int], None]) -> None:
        self._fill = fill

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """A capsule with the stream. `requested_schema` is a wish that the
        interface allows to ignore."""
        stream = _Stream()
        address = ctypes.addressof(stream)
        self._fill(address)
        try:
            capsule = _new(address, _NAME, _forget)
        except BaseException:
            _release(stream)
            raise
        _streams[address] = stream, id(capsule)
        return capsule

    def to_polars(self) -> polars.DataFrame:
        """A polars data frame; needs polars."""
        import polars
        return polars.DataFrame(self)

    def to_arrow(self) -> Any:
        """A pyarrow.Table; needs pyarrow."""
        pyarrow: Any = importlib.import_module("pyarrow")
        return pyarrow.table(self)

    def to_pandas(self) -> pandas.DataFrame:
        """A pandas data frame; needs pandas and pyarrow."""
        made: pandas.DataFrame = self.to_arrow().to_pandas()
        return made

    def __repr__(self) -> str:
        return "<Table: to_polars(), to_pandas(), to_arrow()>"
