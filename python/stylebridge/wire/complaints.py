"""How often a link is told what is wrong with it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

MAX_LINKS = 256  # remembered
PAUSE_S = 1.0


class Complaints:
    """Once per second and link, so that nobody can make the collector answer a flood with a flood."""

    def __init__(self) -> None:
        self._told: OrderedDict[bytes, float] = OrderedDict()
        self._lock = threading.Lock()

    def may_tell(self, link: bytes) -> bool:
        """Whether it is time; if so, it counts as told."""
        now = time.monotonic()
        with self._lock:
            if now - self._told.get(link, -PAUSE_S) < PAUSE_S:
                return False
            self._told[link] = now
            self._told.move_to_end(link)
            if len(self._told) > MAX_LINKS:
                self._told.popitem(last=False)
            return True

    def forget(self, link: bytes) -> None:
        """The link starts anew."""
        with self._lock:
            self._told.pop(link, None)
