"""What a link counted: nothing is dropped in silence."""

from __future__ import annotations

import time
from collections import Counter, deque
from typing import Any

import msgspec
import numpy as np

KEPT = 4096  # ages remembered for the percentiles


class Ages:
    """The newest ages, for percentiles in bounded memory."""

    def __init__(self) -> None:
        self._ages = np.zeros(KEPT, dtype=np.float32)
        self._count = 0

    def add(self, age_ms: float) -> None:
        """Note one age."""
        self._ages[self._count % KEPT] = age_ms
        self._count += 1

    def percentile(self, percent: float) -> float | None:
        """The age in milliseconds that this share of the frames doesn't exceed; None before the first."""
        known = self._ages[: min(self._count, KEPT)]
        return round(float(np.percentile(known, percent)), 3) if known.size else None


class Pace:
    """Frames per second over the newest few seconds."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=120)

    def tick(self) -> None:
        """Note one frame."""
        self._times.append(time.monotonic())

    @property
    def per_second(self) -> float:
        """The pace, counting the time since the last frame, so that it falls when nothing comes."""
        if len(self._times) < 2:
            return 0.0
        return round((len(self._times) - 1) / max(1e-9, time.monotonic() - self._times[0]), 1)


class PeerReport(msgspec.Struct, frozen=True, kw_only=True):
    """One game as the collector sees it."""

    name: str
    engine: str
    session: str
    address: str
    connected: bool
    left: bool  # it said goodbye
    flow: str
    lane: str
    size: str
    cameras: list[str]
    frames: int
    handed_out: int
    bytes: int
    fps: float
    dropped_by_game: int
    dropped_here: int
    duplicates: int
    resent: int
    lost: int
    links: int
    losses: int
    silent_ms: float
    age_p50_ms: float | None
    age_p99_ms: float | None
    replies: int
    replies_dropped: int
    faults: dict[str, int]
    game: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return dict(msgspec.to_builtins(self))


class Tally(Counter[str]):
    """Named counts of a whole collector or sender."""

    def as_dict(self) -> dict[str, int]:
        """Plain values, those that are not 0."""
        return {name: count for name, count in sorted(self.items()) if count}
