"""The pure kernel: a case decided without a store."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from . import _api
from ._call import make_call, text_call
from ._documents import Protocol
from ._native import api
from ._result import Result
from ._results import Reply
from ._text import command_json, microseconds, to_json

World = Mapping[str, Any] | str | None


class Decision(Result):
    """What a command means for a case. The members of the mapping are those of
    docs/reference/kernel.md: reply, events, effects, clocks_set,
    clocks_removed, work_set, work_removed, counters, texts, texts_erased,
    warnings."""

    __slots__ = ("accepted", "state", "records")

    def __init__(self, raw: bytes, accepted: bool, state: bytes,
                 records: tuple[bytes, ...]) -> None:
        super().__init__(raw)
        # Whether it was done; False: the rules said no, and `reply` why.
        self.accepted = accepted
        # Of the case, afterwards; after a refusal the one from before.
        self.state = state
        # What the case's log grows by, in order.
        self.records = records

    @property
    def reply(self) -> Reply:
        """What a service would have replied."""
        return Reply(self["reply"])

    def __reduce__(self) -> tuple[Any, ...]:
        return Decision, (self.json.encode(), self.accepted, self.state,
                          self.records)

    def __repr__(self) -> str:
        return f"<Decision: {self.reply!r}>"


def _bytes(value: bytes, name: str) -> bytes:
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError(f"{name} must be bytes, not {type(value).__name__}")
    return bytes(value)


def _array(records: Sequence[bytes], name: str) -> Any:
    made = (_api.stepwell_bytes * len(records))()
    for place, record in zip(made, records):
        data = _bytes(record, name)
        place.data, place.len = data, len(data)
    return made


def _world(world: World) -> bytes:
    return b"" if world is None else to_json(world, "world")


def _borrowed(read: Any, *arguments: Any) -> bytes:
    length = ctypes.c_size_t()
    data = read(*arguments, ctypes.byref(length))
    return ctypes.string_at(data, length.value) if data else b""


def decide(protocol: Protocol, state: bytes,
           command: Mapping[str, Any] | str | bytes, now: datetime, *,
           world: World = None, history: Sequence[bytes] = ()) -> Decision:
    """Decides what a command means for a case; stores nothing. The same
    arguments give the same bytes.

    state: as the last decision gave it; b"" when there is no case yet.
    command: as for a service; a clock that is due is {"command":
        "fire_clock", "clock": number}.
    world: {"tenant", "safe_mode", "turns", "staff": [{"staff", "pools",
        "caseload", "leave", "skills", "languages", "sites", "caseload_max",
        "left_at", "new_until", "weight", "starts_at", "share",
        "ramp_up": [{"until", "caseload_max"}], "calendar",
        "acting": [{"from", "to", "for", "pools"}], "cover"}]}.
    history: for void_event: records of the log that hold its target."""
    kept = _bytes(state, "state")
    text, around = command_json(command), _world(world)
    earlier = _array(history, "history")
    given = _api.stepwell_kernel_input(
        ctypes.sizeof(_api.stepwell_kernel_input), 0, kept, len(kept), text,
        len(text), around, len(around), earlier, len(earlier))
    handle = protocol._call(
        make_call, api.stepwell_kernel_decide, ctypes.byref(given), microseconds(now))
    try:
        count = api.stepwell_decision_record_count(handle)
        return Decision(
            _borrowed(api.stepwell_decision_json, handle),
            api.stepwell_decision_accepted(handle) == 1,
            _borrowed(api.stepwell_decision_state, handle),
            tuple(_borrowed(api.stepwell_decision_record, handle, n)
                  for n in range(count)))
    finally:
        api.stepwell_decision_free(handle)


def fold(records: Sequence[bytes], state: bytes = b"") -> bytes:
    """The state after these records of a case's log, from `state` on (b"":
    from the beginning): replay."""
    kept, array = _bytes(state, "state"), _array(records, "records")
    return text_call(api.stepwell_kernel_fold, kept, len(kept), array,
                     len(array))


def show(protocol: Protocol, state: bytes, *, world: World = None) -> Result:
    """A state as a mapping, to look into: its members are no promise."""
    kept, around = _bytes(state, "state"), _world(world)
    return Result(protocol._text(api.stepwell_kernel_show, kept, len(kept),
                                 around, len(around)))
