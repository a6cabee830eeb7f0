"""Agreement: which columns should show the same, and how far they are apart, over all frames."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from stylebridge.compare.columns import Column
from stylebridge.compare.measures import Measures, finite, measure
from stylebridge.compare.moments import Moment
from stylebridge.compare.page.heat import heat
from stylebridge.compare.quality import psnr_from_mean_square
from stylebridge.frame import ColorPlane

CLOSE_LOOKS = 8  # frames on which the slow measures are taken
ROUNDING = 1.0  # level


@dataclass
class Pair:
    """Two columns and what was found between them."""

    first: int
    second: int
    title: str
    same_model: bool
    frames: int = 0
    max_levels: float = 0.0
    worst_frame: int | None = None
    changed: float = 0.0  # share of pixels that differ at all, summed over the frames
    sizes: str = ""  # why there is nothing to compare
    looks: list[Measures] = field(default_factory=list)
    _square: float = 0.0
    _mean: float = 0.0

    def add(self, number: int, a: ColorPlane, b: ColorPlane, *, closely: bool) -> ColorPlane | None:
        """Compare one frame's pictures; gives the heat picture."""
        if a.shape != b.shape:
            self.sizes = f"{a.shape[1]}x{a.shape[0]} against {b.shape[1]}x{b.shape[0]}: pictures of two sizes"
            return None
        apart = np.abs(a.astype(np.int16) - b)
        self.frames += 1
        self._square += float(np.square(apart, dtype=np.int64).mean())
        self._mean += float(apart.mean())
        self.changed += float(apart.any(axis=2).mean())
        if float(apart.max()) > self.max_levels:
            self.max_levels, self.worst_frame = float(apart.max()), number
        if closely:
            self.looks.append(measure(a, b))
        return heat(a, b)

    @property
    def psnr_db(self) -> float:
        """Of all frames together; infinite where they are equal."""
        return psnr_from_mean_square(self._square / self.frames) if self.frames else math.nan

    @property
    def mean_levels(self) -> float:
        """The mean difference of all values."""
        return self._mean / self.frames if self.frames else math.nan

    @property
    def verdict(self) -> str:
        """What a person makes of the figures."""
        if not self.frames:
            return self.sizes or "nothing to compare: one of them showed nothing"
        if self.max_levels == 0:
            return "equal to the bit"
        if self.max_levels <= ROUNDING:
            return "equal but for rounding"
        if not self.same_model:
            return "another picture"
        return "not the same" if self.psnr_db < 50 else "nearly the same"  # 50 dB: nobody sees it in play

    def as_json(self) -> dict[str, Any]:
        """Plain values; an infinite PSNR is null."""
        ssim = min((look.ssim for look in self.looks), default=None)
        delta_e = max((look.delta_e for look in self.looks), default=None)
        return {
            "pair": self.title,
            "verdict": self.verdict,
            "frames": self.frames,
            "max_levels": self.max_levels,
            "mean_levels": finite(self.mean_levels, 6),
            "psnr_db": finite(self.psnr_db),
            "pixels_that_differ": round(self.changed / self.frames, 6) if self.frames else None,
            "worst_frame": self.worst_frame,
            "ssim_lowest": None if ssim is None else round(ssim, 6),
            "delta_e_highest_mean": None if delta_e is None else round(delta_e, 5),
            "closely": [look.as_json() for look in self.looks],
        }


class Agreement:
    """Watches the pairs that are worth comparing."""

    def __init__(self, columns: Sequence[Column], frames: int) -> None:
        self.pairs = pairs_of(columns)
        self.heats: list[ColorPlane | None] = []  # of the last moment, one a pair
        self._every = max(1, math.ceil(frames / CLOSE_LOOKS))

    def look(self, moment: Moment) -> None:
        """Compare what was shown."""
        self.heats = []
        for pair in self.pairs:
            a, b = moment.pictures[pair.first], moment.pictures[pair.second]
            closely = moment.number % self._every == 0
            self.heats.append(None if a is None or b is None else pair.add(moment.number, a, b, closely=closely))


def pairs_of(columns: Sequence[Column]) -> list[Pair]:
    """Each model's first column against its others, and the first one against those of the other models."""
    firsts: dict[object, int] = {}
    for index, column in enumerate(columns):
        if not column.given_up:
            firsts.setdefault(column.plan.model, index)
    if not firsts:
        return []
    found = []
    overall = next(iter(firsts.values()))
    for index, column in enumerate(columns):
        first = firsts.get(column.plan.model)
        if first is None or column.given_up:
            continue
        against = first if index != first else overall
        if against != index:
            same = columns[against].plan.model == column.plan.model
            found.append(Pair(against, index, f"{columns[against].title} – {column.title}", same))
    return found
