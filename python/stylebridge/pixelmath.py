"""The arithmetic under the pixel contract: sRGB and linear light, and bilinear resizing, in numpy alone."""

from __future__ import annotations

from functools import cache
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float32]
Rounding: TypeAlias = Literal["nearest", "floor"]
BINS = 8191  # of the level scale; two neighbouring thresholds are at least 2.4 of them apart


def srgb_to_linear_table() -> FloatArray:
    """[256] float32: the linear light of each sRGB byte."""
    return _linear(np.arange(256, dtype=np.float64) / 255).astype(np.float32)


def linear_thresholds(rounding: Rounding) -> FloatArray:
    """[255] float32: the linear level (0–255) from which on a value becomes byte 1, 2, … 255."""
    steps = np.arange(1, 256, dtype=np.float64) - (0.5 if rounding == "nearest" else 0.0)
    return (255 * _linear(steps / 255)).astype(np.float32)


@cache
def threshold_bins(rounding: Rounding) -> tuple[NDArray[np.uint8], FloatArray]:
    """For each of BINS + 1 stretches of the level scale, the byte at its start; and the thresholds.

    No stretch holds more than one threshold, so a comparison with the next one gives the exact byte. The starts lie a
    little early, because a level on a border may be rounded into the stretch after it.
    """
    thresholds = linear_thresholds(rounding)
    starts = (np.arange(BINS + 1, dtype=np.float64) - 0.01) * (255 / BINS)
    bins = np.searchsorted(thresholds, starts, side="right").astype(np.uint8)
    return bins, np.append(thresholds, np.float32(np.inf))


def resize_bilinear(pixels: FloatArray, size: tuple[int, int]) -> FloatArray:
    """[H,W] or [H,W,C] -> [h,w] or [h,w,C], half-pixel centres, edges repeated: columns first, then rows."""
    low, high, part = resize_taps(pixels.shape[1], size[1])
    pixels = pixels[:, low] + (pixels[:, high] - pixels[:, low]) * part.reshape(-1, *(1,) * (pixels.ndim - 2))
    low, high, part = resize_taps(pixels.shape[0], size[0])
    rows = pixels[low] + (pixels[high] - pixels[low]) * part.reshape(-1, *(1,) * (pixels.ndim - 1))
    return np.asarray(rows, dtype=np.float32)


def resize_taps(source: int, target: int) -> tuple[NDArray[np.int64], NDArray[np.int64], FloatArray]:
    """For each target index: the two source indices it lies between, and how far along it is."""
    at = np.clip((np.arange(target, dtype=np.float64) + 0.5) * source / target - 0.5, 0, source - 1)
    low = np.floor(at).astype(np.int64)
    return low, np.minimum(low + 1, source - 1), (at - low).astype(np.float32)


def _linear(srgb: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
