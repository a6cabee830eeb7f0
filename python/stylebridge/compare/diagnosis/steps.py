"""Steps: one layer as two engines made it, and how far they are apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from stylebridge.compare.diagnosis.tapped import Numbers, Point

_TINY = 1e-6
_LAYOUTS = ((0, 3, 1, 2), (0, 2, 3, 1))

Status = Literal["equal", "parts", "other shape", "not finite"]


@dataclass(frozen=True)
class Step:
    """One layer in both engines; `apart` is the difference's size as a share of the layer's."""

    name: str
    other: str
    op: str
    shape: tuple[int, ...]
    status: Status
    max_abs: float | None = None
    apart: float | None = None
    words: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        told = {"name": self.name, "other": self.other, "op": self.op, "shape": list(self.shape)}
        return told | {"status": self.status, "max_abs": self.max_abs, "apart": self.apart, "words": self.words}


def compared_step(x: Point, y: Point, one: Numbers, other: Numbers, tolerance: float) -> Step:
    """The layer in both; `tolerance` is how far apart it may be, as a share of its own size."""
    op = x.op or y.op
    fitting = list(turned(other, one.shape))
    if not fitting:
        words = f"{list(one.shape)} and {list(other.shape)}"
        return Step(x.name, y.name, op, one.shape, "other shape", words=words)
    return min((_measured(x, y, op, one, each, tolerance, words) for each, words in fitting), key=_badness)


def _measured(x: Point, y: Point, op: str, one: Numbers, other: Numbers, tolerance: float, words: str) -> Step:
    wide, wide_other = one.astype(np.float64), other.astype(np.float64)
    finite = np.isfinite(wide), np.isfinite(wide_other)
    if not all(np.all(each) for each in finite):
        same = np.array_equal(*finite)
        counts = " and ".join(str(int(each.size - np.count_nonzero(each))) for each in finite)
        words = f"{counts} NaN or infinite values of {one.size}"
        return Step(x.name, y.name, op, one.shape, "equal" if same else "not finite", words=words)
    if not one.size:
        return Step(x.name, y.name, op, one.shape, "equal", 0.0, 0.0)
    apart = wide - wide_other
    size = max(float(np.sqrt(np.mean(wide**2))), _TINY)
    share = float(np.sqrt(np.mean(apart**2))) / size
    status: Status = "parts" if share > tolerance else "equal"
    return Step(x.name, y.name, op, one.shape, status, float(np.abs(apart).max()), share, words)


def _badness(step: Step) -> float:
    return np.inf if step.apart is None else step.apart


def turned(array: Numbers, shape: tuple[int, ...]) -> Iterator[tuple[Numbers, str]]:
    """Engines dump with channels last, or without the batch: every way to turn it that makes it fit."""
    if array.shape != shape and array.ndim == len(shape) - 1:
        array = array[None]
    if array.shape == shape:
        yield array, ""
    if array.ndim == 4:
        for order in _LAYOUTS:
            if array.transpose(order).shape == shape:
                yield array.transpose(order), "channels last"
