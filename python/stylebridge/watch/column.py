"""Columns: what is shown of each moment, the game's own pictures above all."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

from stylebridge.errors import InputError
from stylebridge.watch.moment import Pace, Picture, Shown, Steadiness

KEPT = 24  # moments that can still be shown beside a slower column's
PINNED = 18  # moments that engines work on now, or have yet to fill from both sides; they stay longer
MAX_WORDS = 400  # characters of an error on the page
SMOOTHING = 0.1  # share of the newest value in the flicker meter


class Column:
    """Something that shows moments; the game's own column needs no more than this."""

    def __init__(self, name: str, label: str, count: Callable[[], int], on_shown: Callable[[], None]) -> None:
        self.name = name
        self.label = label
        self.error = ""
        self.note = ""  # what isn't measured, and how it could be
        self.failures = 0
        self.passed_over = 0
        self.pace = Pace()
        self._count, self._on_shown = count, on_shown
        self._lock = threading.Lock()
        self._recent: OrderedDict[int, Shown] = OrderedDict()
        self._pinned: deque[int] = deque(maxlen=PINNED)
        self._latest: Shown | None = None
        self._steadiness: Steadiness | None = None

    def show(self, picture: Picture, captured_ns: int) -> None:
        """From now on this is the newest picture."""
        shown = Shown(picture, captured_ns, self._count())
        with self._lock:
            self._recent.pop(picture.number, None)
            self._recent[picture.number] = self._latest = shown
            surplus = len(self._recent) - KEPT
            for number in [number for number in self._recent if number not in self._pinned][: max(0, surplus)]:
                del self._recent[number]
            self._steadiness = _smoothed(self._steadiness, picture.steadiness)
        self.pace.tick()
        self._on_shown()

    @property
    def latest(self) -> Shown | None:
        """The newest picture."""
        with self._lock:
            return self._latest

    def at(self, number: int) -> Shown | None:
        """What was shown of this moment, if that isn't long ago."""
        with self._lock:
            return self._recent.get(number)

    def numbers(self) -> set[int]:
        """The moments that can still be shown."""
        with self._lock:
            return set(self._recent)

    def drop(self, number: int) -> None:
        """This moment comes anew, as when a recording goes round: what was shown of it before counts no more."""
        with self._lock:
            self._recent.pop(number, None)

    def pin(self, number: int) -> None:
        """This moment will be shown by others, however long that takes."""
        with self._lock:
            self._pinned.append(number)

    def forget(self) -> None:
        """Pictures of other settings, or of another camera, are compared with nothing any more."""
        with self._lock:
            self._recent.clear()
            self._steadiness = None

    @property
    def status(self) -> str:
        """In one word."""
        return "failing" if self.error else "running" if self.latest else "waiting"

    def state(self) -> dict[str, Any]:
        """What the page says about the column."""
        with self._lock:
            latest, steadiness = self._latest, self._steadiness
        return {
            "name": self.name,
            "label": self.label,
            "status": self.status,
            "error": self.error[:MAX_WORDS],
            "note": self.note[:MAX_WORDS],
            "failures": self.failures,
            "passed_over": self.passed_over,
            "fps": self.pace.per_second,
            "work_ms": round(latest.picture.work_ms, 1) if latest else None,
            "flicker": round(steadiness.shown, 3) if steadiness else None,
            "flicker_game": round(steadiness.game, 3) if steadiness else None,
        }


def _smoothed(before: Steadiness | None, now: Steadiness | None) -> Steadiness | None:
    if before is None or now is None:
        return now or before
    shown = before.shown + SMOOTHING * (now.shown - before.shown)
    return Steadiness(shown, before.game + SMOOTHING * (now.game - before.game))


def check_columns(names: list[str]) -> None:
    """Refuse columns that couldn't be told apart."""
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{name} is named twice", expected="each engine once")
