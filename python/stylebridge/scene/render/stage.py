"""The one thread that talks to Panda3D: its context belongs to a thread, while games and recorders come from any."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TypeVar
from weakref import WeakSet

from stylebridge.frame import Frame
from stylebridge.scene.render.renderer import Renderer
from stylebridge.scene.snapshot import Snapshot

Made = TypeVar("Made")


class _Stage:
    """The thread and what waits for it."""

    def __init__(self) -> None:
        self._orders: SimpleQueue[Callable[[], None]] = SimpleQueue()
        # A daemon, so that it still works when the program's last act is to close what was left open.
        self._thread = threading.Thread(target=self._serve, name="stylebridge-render", daemon=True)
        self._thread.start()

    def do(self, work: Callable[[], Made]) -> Made:
        """Do this on the thread and wait for what it gives."""
        if threading.current_thread() is self._thread:
            return work()
        return self.post(work).result()

    def post(self, work: Callable[[], Made]) -> Future[Made]:
        """Do this on the thread after what it does now."""
        future: Future[Made] = Future()
        self._orders.put(lambda: _answer(future, work))
        return future

    def _serve(self) -> None:
        while True:
            self._orders.get()()


_lock = threading.Lock()
_stages: list[_Stage] = []
_open: WeakSet[Staged] = WeakSet()


def on_stage(work: Callable[[], Made]) -> Made:
    """Do this on the drawing thread and wait for what it gives."""
    return _stage().do(work)


def after_this(work: Callable[[], Made]) -> Future[Made]:
    """Do this on the drawing thread when whoever waits for it now has got an answer."""
    return _stage().post(work)


def _stage() -> _Stage:
    with _lock:
        if not _stages:
            _stages.append(_Stage())
            atexit.register(_close_all)
    return _stages[0]


class Staged:
    """A renderer that may be used from any thread, by one at a time."""

    def __init__(self, make: Callable[[], Renderer]) -> None:
        self._inner = on_stage(make)
        self.planes = self._inner.planes
        self.note = self._inner.note
        _open.add(self)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of what is drawn."""
        return self._inner.size

    def draw(
        self, snapshot: Snapshot, planes: Collection[str] = ("color",), following: Snapshot | None = None
    ) -> Frame:
        """The picture of this moment with the wanted planes; `following` may already be begun, and dropped later."""
        return on_stage(lambda: self._inner.draw(snapshot, planes, following))

    def resize(self, size: tuple[int, int]) -> None:
        """Draw at another size from now on."""
        on_stage(lambda: self._inner.resize(size))

    def events(self) -> tuple[frozenset[str], bool]:
        """The keys that are held down, and whether somebody closed the window."""
        return on_stage(self._inner.events)

    def close(self) -> None:
        """Give everything back; closing twice is fine."""
        on_stage(self._inner.close)


def _answer(future: Future[Made], work: Callable[[], Made]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:
        future.set_exception(error)


def _close_all() -> None:
    for staged in list(_open):
        staged.close()
