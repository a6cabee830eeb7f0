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
_SPARE_BITS = 12  # of these logarithms, so that the sum over a row stays within 32 bits
_BLOCK_BYTES = 1 << 18  # of a channel at once, so that they stay in the processor's cache
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


def differences(words: Words, choices: Choices, out: Words, spare: Words) -> None:
    """What is left of a channel [H,W] after its prediction; `spare` is room of the same form."""
    most = max(1, _BLOCK_BYTES // (BAND_ROWS * words.shape[1] * words.itemsize))  # bands at once
    ends = [*(np.flatnonzero(np.diff(choices)) + 1), len(choices)]
    for start, end in zip([0, *ends[:-1]], ends, strict=True):
        for band in range(start, end, most):
            first, last = band * BAND_ROWS, min(end, band + most) * BAND_ROWS
            _block(words[first:last], words[first - 1] if first else None, int(choices[start]), out[first:last], spare)


def undo_differences(rows: Words, above: Words | None, choice: int) -> Words:
    """The band's words again."""
    sums = _sums(rows)
    if choice == LEFT:
        return (sums[1:, 1:] - sums[:-1, 1:]).astype(rows.dtype)
    words: Words = (sums[1:, 1:] - sums[1:, :-1] if choice == ABOVE else sums[1:, 1:]).astype(rows.dtype)
    if above is not None:
        words += above
    return words


def fold(words: Words, spare: Words) -> None:
    """0, -1, 1, -2 … become 0, 1, 2, 3 …, in place: small differences of either sign get small numbers."""
    signed, signs = words.view(f"i{words.itemsize}"), spare.view(f"i{words.itemsize}")
    np.right_shift(signed, 8 * words.itemsize - 1, out=signs)
    np.left_shift(signed, 1, out=signed)
    np.bitwise_xor(signed, signs, out=signed)


def unfold(words: Words) -> None:
    """The signs again, in place."""
    odd = words & 1
    np.negative(odd, out=odd)  # wraps: all bits where it was odd
    words >>= 1
    words ^= odd


def split_bytes(words: Words, out: NDArray[np.uint8]) -> None:
    """The lowest byte of every word, then the next ones; `out` is [bytes,H,W]."""
    split_channels(_bytes_of(words), out)


def split_channels(plane: NDArray[Any], out: NDArray[Any]) -> None:
    """[H,W,C] -> [C,H,W]."""
    places = list(out)
    for place, made in zip(places, opencv().split(plane, places), strict=True):
        if not np.may_share_memory(place, made):  # OpenCV fills them where it can
            np.copyto(place, made)


def join_bytes(split: NDArray[np.uint8], dtype: type[Any]) -> Words:
    """The words [H,W] of split bytes."""
    if len(split) == 1:
        only: Words = split[0].copy()
        return only
    merged: NDArray[np.uint8] = opencv().merge(list(split))
    words: Words = merged.view(f"<u{len(split)}")[:, :, 0].astype(dtype, copy=False)
    return words


def _block(rows: Words, above: Words | None, choice: int, out: Words, spare: Words) -> None:
    """The differences of some rows; all of it on whole rows at once, which numpy is many times faster at."""
    if choice != LEFT:
        step = out if choice == ABOVE else spare[: len(rows)]
        np.subtract(rows[1:], rows[:-1], out=step[1:])
        np.subtract(rows[0], 0 if above is None else above, out=step[0])
        rows = step
    if choice != ABOVE:
        flat = rows.reshape(-1)
        np.subtract(flat[1:], flat[:-1], out=out.reshape(-1)[1:])
        out[:, 0] = rows[:, 0]


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


def _size(words: Words) -> NDArray[np.int32]:
    """About how many bits each row takes: a float's own bits grow like its logarithm."""
    size = words.view(f"i{words.itemsize}").astype(np.float32)
    np.abs(size, out=size)
    size += 1
    bits = size.view(np.int32)
    bits -= _BITS_OF_ONE
    bits >>= _SPARE_BITS
    sums: NDArray[np.int32] = bits.sum(axis=-1, dtype=np.int32)
    return sums


def _bytes_of(words: Words) -> NDArray[np.uint8]:
    """[H,W] -> [H,W,bytes], the lowest first."""
    split: NDArray[np.uint8] = words.astype(f"<u{words.itemsize}", copy=False).view(np.uint8)
    return split.reshape(*words.shape, words.itemsize)
