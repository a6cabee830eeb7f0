"""Rows: what a parity check says of each engine, and the measures of several frames as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stylebridge.compare.diagnosis.causes import Cause, Diagnosis
from stylebridge.compare.diagnosis.inputs import InputCheck
from stylebridge.compare.measures import CHANNELS, Channel, Measures
from stylebridge.compare.quality import psnr_from_mean_square

Status = Literal["reference", "equal", "equal but for rounding", "differs", "other size", "failed"]
ROUNDING_MEAN, ROUNDING_MAX = 0.05, 2.0  # levels: float noise moves single pixels by one, seldom two


@dataclass(frozen=True)
class Row:
    """One engine beside the reference. A row that failed midway is compared on the frames before."""

    name: str
    status: Status
    frames: int = 0
    input: InputCheck | None = None
    raw_max: float | None = None  # of the networks' numbers before they become bytes, where both are known
    raw_mean: float | None = None
    measures: Measures | None = None  # over all frames
    worst_frame: int = 0  # id of the frame that holds the worst pixel
    diagnosis: Diagnosis | None = None
    problem: str = ""
    notes: tuple[str, ...] = ()

    @property
    def cause(self) -> Cause | None:
        """The likeliest cause of the difference."""
        return self.diagnosis.causes[0] if self.diagnosis else None

    @property
    def agrees(self) -> bool:
        """Whether it shows what the reference shows."""
        return self.status in ("reference", "equal", "equal but for rounding")

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "engine": self.name,
            "status": self.status,
            "frames": self.frames,
            "input": self.input.as_json() if self.input else None,
            "raw": {"max_abs": self.raw_max, "mean_abs": self.raw_mean},
            "shown": self.measures.as_json() | {"worst_frame": self.worst_frame} if self.measures else None,
            "cause": self.cause.words if self.cause else None,
            "diagnosis": self.diagnosis.as_json() if self.diagnosis else None,
            "problem": self.problem or None,
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Parity:
    """Every engine compared with the reference, which is the first that could be run again."""

    model: str
    frames: int
    reference: str
    rows: tuple[Row, ...]
    interrupted: bool = False  # Ctrl-C came before the last frame

    @property
    def verdict(self) -> Literal["equal", "differs", "failed"]:
        """Whether all show the same; `failed` when one gave nothing to compare and the rest agree."""
        if any(row.status in ("differs", "other size") for row in self.rows):
            return "differs"
        return "equal" if all(row.agrees for row in self.rows) else "failed"

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        told = {"model": self.model, "frames": self.frames, "reference": self.reference, "verdict": self.verdict}
        return told | {"interrupted": self.interrupted, "rows": [row.as_json() for row in self.rows]}


def status_of(measures: Measures) -> Status:
    """What to call two pictures that are this far apart."""
    if measures.max_levels == 0:
        return "equal"
    small = measures.max_levels <= ROUNDING_MAX and measures.mean_levels <= ROUNDING_MEAN
    return "equal but for rounding" if small else "differs"


def pooled(every: Sequence[Measures], sizes: Sequence[tuple[int, ...]]) -> tuple[Measures, int]:
    """The measures of several frames as one, and the index of the frame with the worst pixel."""
    share = np.array([height * width for height, width in sizes], dtype=np.float64)
    share /= share.sum()

    def mean(values: Sequence[float]) -> float:
        return float(np.dot(share, values))

    at = int(np.argmax([each.max_levels for each in every]))
    channels = {}
    for name in CHANNELS:
        found = [each.channels[name] for each in every]
        channels[name] = Channel(
            mean([one.mean_levels for one in found]),
            max(one.max_levels for one in found),
            mean([one.bias_levels for one in found]),
            _mean_db([one.psnr_db for one in found], share),
        )
    whole = Measures(
        psnr_db=_mean_db([each.psnr_db for each in every], share),
        ssim=mean([each.ssim for each in every]),
        delta_e=mean([each.delta_e for each in every]),
        delta_e_max=max(each.delta_e_max for each in every),
        mean_levels=mean([each.mean_levels for each in every]),
        max_levels=max(each.max_levels for each in every),
        channels=channels,
        worst=every[at].worst,
    )
    return whole, at


def _mean_db(values: Sequence[float], share: NDArray[np.float64]) -> float:
    """PSNR over all frames: of the mean squared error, not the mean of decibels."""
    squares = [0.0 if np.isinf(value) else 255**2 / 10 ** (value / 10) for value in values]
    return psnr_from_mean_square(float(np.dot(share, squares)))
