"""What convolutions and pools have in common: kernel, strides, dilations and pads written out in full."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from stylebridge.opcheck.fix.job import TO_THE_END, Job
from stylebridge.opcheck.graph import Array


class Window(NamedTuple):
    """How a kernel goes over the picture, one number a spatial axis."""

    kernel: list[int]
    strides: list[int]
    dilations: list[int]
    begin: list[int]
    end: list[int]

    @property
    def reach(self) -> list[int]:
        """How many pixels a kernel spans."""
        return [(k - 1) * d + 1 for k, d in zip(self.kernel, self.dilations, strict=True)]


def window_of(job: Job, kernel: list[int]) -> Window:
    """The node's window; automatic pads are worked out, which needs known sizes unless the strides are 1."""
    count = len(kernel)
    strides = [int(s) for s in job.attr("strides") or [1] * count]
    dilations = [int(d) for d in job.attr("dilations") or [1] * count]
    pads = [int(p) for p in job.attr("pads") or [0] * (2 * count)]
    made = Window(kernel, strides, dilations, pads[:count], pads[count:])
    auto = job.attr("auto_pad", "NOTSET")
    if auto == "VALID":
        return made._replace(begin=[0] * count, end=[0] * count)
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        begin, end = [], []
        for axis, reach in enumerate(made.reach):
            stride = strides[axis]
            size = 0 if stride == 1 else job.size(0, axis + 2)
            total = max(0, reach - 1 if stride == 1 else (-(-size // stride) - 1) * stride + reach - size)
            small = total // 2
            begin.append(small if auto == "SAME_UPPER" else total - small)
            end.append(total - small if auto == "SAME_UPPER" else small)
        return made._replace(begin=begin, end=end)
    return made


def padded(job: Job, x: str, begin: list[int], end: list[int], value: float) -> str:
    """Pad the spatial axes."""
    if not any(begin) and not any(end):
        return x
    return str(job.op("Pad", x, pads=[0, 0, *begin, 0, 0, *end], mode="constant", value=value))


def cropped(job: Job, x: str, begin: list[int], end: list[int], steps: list[int] | None = None) -> str:
    """Cut pixels off the spatial axes, and keep every n-th of the rest."""
    for axis, (first, last) in enumerate(zip(begin, end, strict=True)):
        step = steps[axis] if steps else 1
        if first or last or step > 1:
            x = job.slice(x, axis + 2, first, -last if last else TO_THE_END, step)
    return x


def stuffed(weights: Array, factors: list[int]) -> Array:
    """A kernel [O,I,...] with its taps moved apart: factor 2 puts one zero between two of them."""
    shape = [*weights.shape[:2]] + [(k - 1) * f + 1 for k, f in zip(weights.shape[2:], factors, strict=True)]
    made = np.zeros(shape, weights.dtype)
    made[(slice(None), slice(None), *(slice(None, None, f) for f in factors))] = weights
    return made
