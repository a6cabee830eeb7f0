"""Notes: what is odd about the frames of a capture, without stopping it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence

from stylebridge.errors import InputError
from stylebridge.frame import PLANES, Frame

StreamKey = tuple[str, str, str]  # game, camera, session
_NOTED = 3  # clocks and sizes that changed are named so often, then only counted


class Notes:
    """What is odd about the frames and stops nothing: told once per stream, or counted."""

    def __init__(self, problems: list[str]) -> None:
        self._problems = problems
        self._lock = threading.Lock()
        self._clocks: dict[StreamKey, float] = {}
        self._sizes: dict[StreamKey, tuple[int, int]] = {}
        self._missing: set[tuple[StreamKey, str]] = set()
        self._counts: Counter[str] = Counter()

    def look_at(self, frame: Frame, key: StreamKey, planes: Sequence[str]) -> None:
        """Compare a frame with the one before and with what was asked for."""
        name, size, time_s = _name(key), (frame.width, frame.height), frame.clock.simulation_s
        before_s, before_size = self._clocks.get(key, time_s), self._sizes.get(key, size)
        self._clocks[key], self._sizes[key] = time_s, size
        if time_s < before_s:
            found = f"the clock goes back from {before_s:.3f} s to {time_s:.3f} s at frame {frame.clock.frame_id}"
            self._note(f"{name}: {found}", "clocks that go back")
        if size != before_size:
            found = f"{before_size[0]}x{before_size[1]} becomes {size[0]}x{size[1]} at frame {frame.clock.frame_id}"
            self._note(f"{name}: {found}; a new stream begins", "changes of size")
        for plane in planes:
            if getattr(frame, plane) is None and (key, plane) not in self._missing:
                self._missing.add((key, plane))
                given = ", ".join(name for name in PLANES if getattr(frame, name) is not None)
                self._note(f"{name}: {plane} was asked for and isn't there; the source gives {given}", "missing planes")

    def leave_out(self, key: StreamKey, error: InputError) -> None:
        """A frame can't be recorded."""
        self._note(f"{_name(key)}: a frame can't be kept and is left out: {error}", "frames that can't be kept")

    def finish(self) -> None:
        """Tell how much was not told."""
        for kind, count in self._counts.items():
            if count > _NOTED:
                self._problems.append(f"{count - _NOTED} more {kind}")
        self._counts.clear()

    def _note(self, text: str, kind: str) -> None:
        with self._lock:
            self._counts[kind] += 1
            if self._counts[kind] <= _NOTED:
                self._problems.append(text)


def _name(key: StreamKey) -> str:
    return "/".join(filter(None, key[:2]))
