"""Finds libstepwell, loads it, and sees that it is the version declared.

Looked for in this order: beside this file (a wheel carries it there), the file
that STEPWELL_LIBRARY names, and wherever the system's loader looks.
"""

import ctypes
import os
import pathlib

from . import _api

_ENVIRONMENT = "STEPWELL_LIBRARY"


def _path() -> str:
    beside = pathlib.Path(__file__).parent / _api.SONAME
    if beside.exists():
        return str(beside)
    return os.environ.get(_ENVIRONMENT) or _api.SONAME


def _version(number: int) -> str:
    return f"{number // 1000000}.{number // 1000 % 1000}.{number % 1000}"


def check_version(found: int, path: str) -> None:
    """ImportError unless the library serves these declarations: the same
    major and minor number, and no older patch."""
    wanted = _api.STEPWELL_VERSION_NUMBER
    if found // 1000 == wanted // 1000 and found >= wanted:
        return
    raise ImportError(
        f"{path} is Stepwell {_version(found)}, and this package needs "
        f"{_api.VERSION} or a later patch of it: install the two together, or "
        f"let {_ENVIRONMENT} name the right library")


def load() -> _api.Api:
    """The library with its functions declared; ImportError says what to do."""
    path = _path()
    try:
        library = ctypes.CDLL(path)
    except OSError as error:
        raise ImportError(
            f"cannot load {path}: {error}. Reinstall the package, or let "
            f"{_ENVIRONMENT} name the file of {_api.SONAME}") from None
    try:
        number = library.stepwell_version_number
    except AttributeError:
        raise ImportError(
            f"{path} is not Stepwell's library: it has no "
            "stepwell_version_number") from None
    number.restype = ctypes.c_int32
    check_version(number(), path)
    return _api.Api(library)


api: _api.Api = load()
