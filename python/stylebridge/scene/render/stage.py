"""The one thread that talks to Panda3D: its context belongs to a thread, while games and recorders come from any."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from stylebridge.frame import Frame
from stylebridge.scene.render.renderer import Renderer
from stylebridge.scene.snapshot import Snapshot

Made = TypeVar("Made")
_NAME = "stylebridge-render"
_lock = threading.Lock()
_stages: list[ThreadPoolExecutor] = []


def on_stage(work: Callable[[], Made]) -> Made:
    """Do this on the drawing thread and wait for what it gives."""
    if threading.current_thread().name.startswith(_NAME):
        return work()
    with _lock:
        if not _stages:
            _stages.append(ThreadPoolExecutor(1, _NAME))
    return _stages[0].submit(work).result()


class Staged:
    """A renderer that may be used from any thread, by one at a time."""

    def __init__(self, make: Callable[[], Renderer]) -> None:
        self._inner = on_stage(make)
        self.planes = self._inner.planes
        self.note = self._inner.note

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of what is drawn."""
        return self._inner.size

    def draw(self, snapshot: Snapshot, planes: Collection[str] = ("color",)) -> Frame:
        """The picture of this moment with the wanted planes."""
        return on_stage(lambda: self._inner.draw(snapshot, planes))

    def resize(self, size: tuple[int, int]) -> None:
        """Draw at another size from now on."""
        on_stage(lambda: self._inner.resize(size))

    def events(self) -> tuple[frozenset[str], bool]:
        """The keys that are held down, and whether somebody closed the window."""
        return on_stage(self._inner.events)

    def close(self) -> None:
        """Give everything back; closing twice is fine."""
        on_stage(self._inner.close)
