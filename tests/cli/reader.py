"""A collector that is read in another thread, for commands that play the game's part."""

from __future__ import annotations

import threading
from collections.abc import Callable

from stylebridge.frame import Frame
from stylebridge.wire import Collector, Delivery

PATIENCE_S = 60  # opening a scene alone takes long on a busy machine


class Reader:
    """A collector that is read in another thread."""

    def __init__(self, handle: Callable[[Delivery], object], count: int, planes: tuple[str, ...]) -> None:
        self.collector = Collector("127.0.0.1:*", planes=planes)
        self.frames: list[Frame] = []
        self._handle, self._count = handle, count
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        while len(self.frames) < self._count and (delivery := self.collector.receive(PATIENCE_S)) is not None:
            self.frames.append(delivery.frame)
            self._handle(delivery)

    def join(self) -> None:
        self._thread.join()
        self.collector.close()
