"""Pictures of a recording that were made before, so that it plays at its own pace from the second time on."""

from __future__ import annotations

import threading
from collections.abc import Hashable

from stylebridge.watch.moment import Picture


class Cache:
    """Keeps what came first: a recording is played in circles, where forgetting the oldest would help nobody."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, Hashable, int], Picture] = {}
        self._current: dict[str, Hashable] = {}
        self.bytes = 0

    def get(self, column: str, setting: Hashable, number: int) -> Picture | None:
        """The picture that a column made of a frame with this setting."""
        with self._lock:
            return self._kept.get((column, setting, number))

    def put(self, column: str, setting: Hashable, number: int, picture: Picture) -> None:
        """Keep a picture if there is room; those of settings that are not shown any more make it."""
        key = (column, setting, number)
        with self._lock:
            self._current[column] = setting
            if key in self._kept:
                return
            if self.bytes + picture.bytes > self._limit:
                self._drop_stale()
            if self.bytes + picture.bytes <= self._limit:
                self._kept[key] = picture
                self.bytes += picture.bytes

    def _drop_stale(self) -> None:
        stale = [key for key in self._kept if self._current.get(key[0], key[1]) != key[1]]
        for key in stale:
            self.bytes -= self._kept.pop(key).bytes
