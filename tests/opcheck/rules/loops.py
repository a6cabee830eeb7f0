"""Barracuda's sliding windows written as plain loops, for comparing the emulation with.

Tensors are N H W C, kernels H W in out; strides, windows and padding are width first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def same_padding(width: int, window: Sequence[int], stride: Sequence[int], *, upper: bool) -> list[int]:
    """Both axes padded for the width."""
    totals = [max(size - (width % step or step), 0) for size, step in zip(window, stride, strict=True)]
    small, large = [t // 2 for t in totals], [t - t // 2 for t in totals]
    return [*small, *large] if upper else [*large, *small]


def convolved(x: Array, kernel: Array, bias: Array, stride: Sequence[int], pad: Sequence[int]) -> Array:
    """A convolution; a kernel of one input channel goes over each channel by itself."""
    rows, columns, inner, _ = kernel.shape

    def at(window: Array, inside: NDArray[np.bool_]) -> Array:
        taken = kernel * inside[:, :, None, None]
        if inner == 1 and x.shape[3] > 1:
            return np.einsum("nhwc,hwc->nc", window, taken[:, :, 0]) + bias
        return np.einsum("nhwc,hwck->nk", window, taken) + bias

    return _slid(x, (columns, rows), stride, pad, kernel.shape[3], at)


def pooled(x: Array, window: Sequence[int], stride: Sequence[int], pad: Sequence[int], *, mean: bool) -> Array:
    """The mean or the maximum of what lies inside of the input."""

    def at(seen: Array, inside: NDArray[np.bool_]) -> Array:
        chosen = seen[:, inside]
        return np.asarray(chosen.mean(1) if mean else chosen.max(1))

    return _slid(x, window, stride, pad, x.shape[3], at)


def _slid(
    x: Array,
    window: Sequence[int],
    stride: Sequence[int],
    pad: Sequence[int],
    channels: int,
    at: Callable[[Array, NDArray[np.bool_]], Array],
) -> Array:
    batch, height, width, _ = x.shape
    spread = ((pad[1], pad[3]), (pad[0], pad[2]))
    padded = np.pad(x, ((0, 0), *spread, (0, 0)))
    inside = np.pad(np.ones((height, width), bool), spread)
    rows = (padded.shape[1] - window[1]) // stride[1] + 1
    columns = (padded.shape[2] - window[0]) // stride[0] + 1
    made = np.zeros((batch, rows, columns, channels))
    for y in range(rows):
        for x_ in range(columns):
            place = (slice(y * stride[1], y * stride[1] + window[1]), slice(x_ * stride[0], x_ * stride[0] + window[0]))
            made[:, y, x_] = at(padded[:, place[0], place[1]], inside[place])
    return made


def transposed(
    x: Array, kernel: Array, bias: Array, stride: Sequence[int], pad: Sequence[int], extra: Sequence[int]
) -> Array:
    """A transposed convolution that tests rows against the stride of columns, as the engine does."""
    batch, height, width, _ = x.shape
    rows, columns, _, channels = kernel.shape
    made = np.zeros(
        (
            batch,
            (height - 1) * stride[1] - 2 * pad[1] + rows + extra[1],
            (width - 1) * stride[0] - 2 * pad[0] + columns + extra[0],
            channels,
        )
    )
    made += bias
    for y, x_ in np.ndindex(*made.shape[1:3]):
        for dy, dx in np.ndindex(rows, columns):
            down, right = y + dy - (rows - pad[1] - 1), x_ + dx - (columns - pad[0] - 1)
            if down % stride[0] or right % stride[0]:
                continue
            row, column = int(down / stride[1]), int(right / stride[0])
            if 0 <= row < height and 0 <= column < width:
                made[:, y, x_] += x[:, row, column] @ kernel[rows - 1 - dy, columns - 1 - dx]
    return made
