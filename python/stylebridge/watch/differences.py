"""Differences of two columns as heat: made for the pairs that somebody looks at, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from weakref import ReferenceType, WeakKeyDictionary, ref

import numpy as np
from numpy.typing import NDArray

from stylebridge.frame import ColorPlane
from stylebridge.imaging import encode_jpeg
from stylebridge.watch.column import Column
from stylebridge.watch.moment import Picture
from stylebridge.watch.priority import give_way

Pair = tuple[str, str]
# Levels of difference -> colour, from none to all; between them the logarithm is what grows evenly.
STOPS = ((0, (12, 12, 20)), (1, (36, 30, 92)), (4, (124, 32, 120)), (16, (212, 62, 62)), (64, (250, 160, 40)))
LAST = (255, (255, 250, 200))
HEAT_QUALITY = 90


@dataclass(frozen=True, slots=True)
class Measured:
    """What two pictures differ by."""

    jpeg: bytes
    mean: float
    most: int
    psnr_db: float | None  # None when there is no difference


@dataclass(frozen=True, slots=True)
class Heat:
    """Where two columns differ, and by how much in levels of 255."""

    pair: Pair
    number: int
    size: tuple[int, int]
    measured: Measured
    captured_ns: int
    serial: int


def difference(one: ColorPlane, other: ColorPlane) -> tuple[ColorPlane, NDArray[np.int64]]:
    """The heat picture, and how many channel values differ by 0, 1 … 255 levels."""
    apart = np.maximum(one, other) - np.minimum(one, other)
    return palette()[apart.max(axis=2)], np.bincount(apart.ravel(), minlength=256)


@cache
def palette() -> NDArray[np.uint8]:
    """[256,3]: the colour for the largest difference of a pixel's channels."""
    stops = (*STOPS, LAST)
    at = np.log2([level + 1 for level, _ in stops])
    colors = np.array([color for _, color in stops], dtype=np.float64)
    levels = np.log2(np.arange(256) + 1)
    return np.stack([np.rint(np.interp(levels, at, colors[:, c])) for c in range(3)], axis=1).astype(np.uint8)


class Differences:
    """Keeps the newest heat of every pair that is wanted."""

    def __init__(self, columns: dict[str, Column], count: Callable[[], int], on_shown: Callable[[], None]) -> None:
        self._columns, self._count, self._on_shown = columns, count, on_shown
        self._wake = threading.Condition()
        self._wanted: dict[Pair, int] = {}  # how many viewers look
        self._latest: dict[Pair, Heat] = {}
        # A recording shows the same pictures again and again; they are kept as long as they are kept elsewhere.
        self._made: WeakKeyDictionary[Picture, dict[Pair, tuple[ReferenceType[Picture], Measured]]] = (
            WeakKeyDictionary()
        )
        self._errors: dict[Pair, str] = {}
        self._stale = self._closing = False
        threading.Thread(target=self._run, name="stylebridge-heat", daemon=True).start()

    def want(self, pair: Pair | None, before: Pair | None = None) -> None:
        """A viewer looks at this pair from now on, instead of the one before."""
        with self._wake:
            if before in self._wanted:
                self._wanted[before] -= 1
                if not self._wanted[before]:
                    del self._wanted[before]
                    self._latest.pop(before, None)
            if pair is not None:
                self._wanted[pair] = self._wanted.get(pair, 0) + 1
            self._stale = True
            self._wake.notify_all()

    def look(self) -> None:
        """A column shows something new."""
        if self._wanted:
            with self._wake:
                self._stale = True
                self._wake.notify_all()

    def latest(self, pair: Pair) -> Heat | None:
        """The newest heat of a pair."""
        with self._wake:
            return self._latest.get(pair)

    def error(self, pair: Pair) -> str:
        """Why there is none."""
        return self._errors.get(pair, "")

    @property
    def behind(self) -> bool:
        """Whether there is something left to do."""
        with self._wake:
            return self._stale and bool(self._wanted)

    def close(self) -> None:
        """Stop."""
        with self._wake:
            self._closing = True
            self._wake.notify_all()

    def _run(self) -> None:
        give_way()
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._stale or self._closing)
                if self._closing:
                    return
                self._stale = False
                pairs = list(self._wanted)
            for pair in pairs:
                self._update(pair)

    def _update(self, pair: Pair) -> None:
        one, other = (self._columns[name] for name in pair)
        common = one.numbers() & other.numbers()
        sides = [(a, b) for n in common if (a := one.at(n)) is not None and (b := other.at(n)) is not None]
        if not sides:
            return
        first, second = max(sides, key=lambda side: max(side[0].serial, side[1].serial))
        known = self.latest(pair)
        if known is not None and known.captured_ns == first.captured_ns and known.number == first.picture.number:
            return
        pictures = first.picture, second.picture
        shapes = [picture.rgb.shape for picture in pictures]
        if shapes[0] != shapes[1]:
            self._errors[pair] = (
                f"{shapes[0][1]}x{shapes[0][0]} and {shapes[1][1]}x{shapes[1][0]} pixels differ in size"
            )
            return
        self._errors.pop(pair, None)
        height, width = shapes[0][:2]
        measured = self._measured(pair, *pictures)
        heat = Heat(pair, pictures[0].number, (width, height), measured, first.captured_ns, self._count())
        with self._wake:
            if pair in self._wanted:
                self._latest[pair] = heat
        self._on_shown()

    def _measured(self, pair: Pair, one: Picture, other: Picture) -> Measured:
        made = self._made.setdefault(one, {})
        known = made.get(pair)
        if known is None or known[0]() is not other:
            known = made[pair] = ref(other), measure(one.rgb, other.rgb)
        return known[1]


def measure(one: ColorPlane, other: ColorPlane) -> Measured:
    """The heat picture and the figures of two pictures of one size."""
    picture, counts = difference(one, other)
    levels, total = np.arange(256), int(counts.sum())
    square = float((counts * levels**2).sum()) / total
    psnr_db = round(10 * float(np.log10(255**2 / square)), 2) if square else None
    mean = round(float((counts * levels).sum()) / total, 4)
    return Measured(encode_jpeg(picture, HEAT_QUALITY), mean, int(counts.nonzero()[0].max()), psnr_db)
