"""Slicing: which elements of a dimension Barracuda takes for a start, an end and a step."""

from __future__ import annotations

import math
from typing import NamedTuple

LOWEST, HIGHEST = -(1 << 31), (1 << 31) - 1


class Run(NamedTuple):
    """`length` elements from `first` on, `step` apart."""

    first: int
    step: int
    length: int

    @property
    def end(self) -> int:
        """The end that ONNX's Slice needs for the same elements."""
        end = self.first + self.step * self.length
        return LOWEST if end < 0 else end


def run_of(size: int, start: int, end: int, step: int) -> Run:
    """What releases from 2.1.0 on take: indices wrap around, the count is rounded rather than rounded up."""
    first, last = _wrapped(start, size), _wrapped(end, size)
    if first == 0 and last == 0:
        last = size
    first = min(first, size - 1)
    if step > 0:
        count = _rounded((min(last, size) - first) / step)
    elif step < 0:
        count = _rounded((first - min(last, size) + (end < -size)) / -step)
    else:
        count = 1
    return Run(first, step, max(count, 1))


def early_run_of(size: int, start: int, end: int, step: int, *, wraps_counts: bool) -> Run:
    """What releases before 2.1.0 take: written for positive steps, the count is rounded down."""
    count = size if start == end else _wrapped(end, size) - _wrapped(start, size)
    count = 1 if step == 0 or step >= size else math.trunc(count / step)
    if count < 0 and wraps_counts:
        count += size
    return Run(min(_wrapped(start, size), size - 1), step, max(count, 1))


def _wrapped(index: int, size: int) -> int:
    return size if index >= size else index % size


def _rounded(value: float) -> int:
    """To the nearest whole number, halves away from zero."""
    return int(math.copysign(math.floor(abs(value) + 0.5), value))
