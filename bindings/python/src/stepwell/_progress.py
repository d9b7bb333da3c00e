"""Long calls: told of their progress, stopped by Ctrl-C.

A signal's handler runs in the main thread, between two steps of Python; what it
raises inside a callback from C would be lost. So the call runs in a thread of
its own, and the caller's thread waits for what the callback tells."""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TextIO, TypeVar

_Told = TypeVar("_Told")
_Made = TypeVar("_Made")

_WAITING_MAX = 16  # what is told and not yet taken


class _Call(Generic[_Told, _Made]):
    """One call under way in its thread."""

    def __init__(self, call: Callable[[Callable[[_Told], bool]], _Made]):
        self.told: queue.Queue[_Told | None] = queue.Queue(_WAITING_MAX)
        self.stopped = threading.Event()
        self.made: list[_Made] = []
        self.failed: list[BaseException] = []
        self._call = call
        self.thread = threading.Thread(target=self._run, name="stepwell")

    def _run(self) -> None:
        try:
            self.made.append(self._call(self._tell))
        except BaseException as error:
            self.failed.append(error)
        self._put(None)

    def _tell(self, what: _Told) -> bool:
        """Called by the call: whether to go on."""
        self._put(what)
        return not self.stopped.is_set()

    def _put(self, what: _Told | None) -> None:
        while not self.stopped.is_set():
            try:
                return self.told.put(what, timeout=0.1)
            except queue.Full:
                continue


def interruptible(call: Callable[[Callable[[_Told], bool]], _Made],
                  take: Callable[[_Told], object]) -> _Made:
    """What `call(tell)` gives. `take` gets, in this thread, what is told;
    when it raises, or Ctrl-C does, `tell` says stop and that comes out."""
    running = _Call(call)
    running.thread.start()
    try:
        while (what := running.told.get()) is not None:
            take(what)
    finally:
        running.stopped.set()
        running.thread.join()
    if running.failed:
        raise running.failed[0]
    return running.made[0]


class Bar:
    """A bar of progress on a terminal; nothing where there is none."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = sys.stderr if stream is None else stream
        self.begin = time.monotonic()
        self.shown = ""

    def __call__(self, done: int, total: int) -> None:
        if not self.stream.isatty() or total <= 0:
            return
        share = done / total
        spent = time.monotonic() - self.begin
        left = f"{spent / share - spent:.0f} s left" if done else ""
        full = int(share * 30)
        text = (f"\r[{'#' * full}{'.' * (30 - full)}] {share:4.0%} "
                f"{done}/{total} {left}")
        self.stream.write(text.ljust(len(self.shown)))
        self.shown = text
        if done >= total:
            self.stream.write("\n")
        self.stream.flush()


Progress = Callable[[int, int], Any] | bool | None


def taker(progress: Progress) -> Callable[[tuple[int, int]], None]:
    """What takes (done, total): nothing, a bar, or the caller's function."""
    if progress is None or progress is False:
        return lambda told: None
    show = Bar() if progress is True else progress

    def take(told: tuple[int, int]) -> None:
        show(*told)
    return take
