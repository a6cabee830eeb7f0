"""Prediction: each band of rows is kept as its differences to the left, above, or both, whichever are smallest.

All arithmetic wraps, so that it is undone exactly. Words are whole numbers of 1, 2 or 4 bytes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.imaging import opencv

BAND_ROWS = 96
LEFT, ABOVE, BOTH = 0, 1, 2
_SAMPLE_STEP = 32  # every so many rows are tried; divides BAND_ROWS
_BITS_OF_ONE = np.int32(0x3F800000)  # 1.0 as a float32
Words = NDArray[Any]
Choices = NDArray[np.uint8]  # [C,bands]


def band_count(height: int) -> int:
    """How many bands there are."""
    return -(-height // BAND_ROWS)


def sample_rows(height: int) -> NDArray[np.intp]:
    """The rows that predictors are tried on; the one above each is needed too."""
    return np.arange(1, height, _SAMPLE_STEP)


def choose(own: Words, above: Words, height: int) -> Choices:
    """For each channel and band the predictor that leaves least on the sampled rows, [C,rows,W]."""
    choices = np.full((len(own), band_count(height)), LEFT, np.uint8)
    if own.shape[1]:
        step = own - above
        sums = np.stack([_size(_left(own)), _size(step), _size(_left(step))])  # [3,C,rows]
        ends = np.add.reduceat(sums, np.arange(0, own.shape[1], BAND_ROWS // _SAMPLE_STEP), axis=2)
        choices[:, : ends.shape[2]] = ends.argmin(axis=0)
    return choices


def differences(rows: Words, above: Words | None, choice: int) -> Words:
    """What is left of a band's words [h,W] after their prediction; `above` is the row before it."""
    if choice != LEFT:
        step = rows.copy()
        step[1:] -= rows[:-1]
        if above is not None:
            step[0] -= above
        rows = step
    if choice == ABOVE:
        return rows
    out = np.empty_like(rows)
    out[:, 0] = rows[:, 0]
    np.subtract(rows[:, 1:], rows[:, :-1], out=out[:, 1:])
    return out


def undo_differences(rows: Words, above: Words | None, choice: int) -> Words:
    """The band's words again."""
    sums = _sums(rows)
    if choice == LEFT:
        return (sums[1:, 1:] - sums[:-1, 1:]).astype(rows.dtype)
    words: Words = (sums[1:, 1:] - sums[1:, :-1] if choice == ABOVE else sums[1:, 1:]).astype(rows.dtype)
    if above is not None:
        words += above
    return words


def fold(words: Words) -> Words:
    """0, -1, 1, -2 … as 0, 1, 2, 3 …: small differences of either sign get small numbers."""
    signed = words.view(f"i{words.itemsize}")
    out: Words = ((signed << 1) ^ (signed >> (8 * words.itemsize - 1))).view(words.dtype)
    return out


def unfold(words: Words) -> None:
    """The signs again, in place."""
    odd = words & 1
    np.negative(odd, out=odd)  # wraps: all bits where it was odd
    words >>= 1
    words ^= odd


def split_bytes(words: Words, out: NDArray[np.uint8]) -> None:
    """The lowest byte of every word, then the next ones; `out` is [bytes,*shape]."""
    for index in range(words.itemsize):
        np.right_shift(words, 8 * index, out=out[index], casting="unsafe")


def join_bytes(split: NDArray[np.uint8], dtype: type[Any]) -> Words:
    """The words of split bytes."""
    words: Words = split[-1].astype(dtype)
    for lower in split[-2::-1]:
        words <<= 8
        words |= lower
    return words


def _left(words: Words) -> Words:
    out: Words = words[..., 1:] - words[..., :-1]
    return out


def _sums(rows: Words) -> NDArray[np.uint32]:
    """At [y,x] the wrapping sum of everything above and to the left, [H+1,W+1]; byte by byte, as OpenCV is quick at."""
    integral = opencv().integral
    sums: NDArray[np.uint32] = integral(np.ascontiguousarray(rows.astype(np.uint8))).view(np.uint32)
    for index in range(1, rows.itemsize):
        higher = integral((rows >> 8 * index).astype(np.uint8)).view(np.uint32)
        higher <<= 8 * index
        sums += higher
    return sums


def _size(words: Words) -> NDArray[np.int64]:
    """About how many bits each row takes: a float's own bits grow like its logarithm."""
    size = words.view(f"i{words.itemsize}").astype(np.float32)
    np.abs(size, out=size)
    size += 1
    bits = size.view(np.int32)
    bits -= _BITS_OF_ONE
    sums: NDArray[np.int64] = bits.sum(axis=-1, dtype=np.int64)
    return sums
