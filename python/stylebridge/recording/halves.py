"""float32 to the bits of float16 and back, quickly: by OpenCV where it can, else by arithmetic on whole numbers."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.imaging import opencv

Words = NDArray[np.uint16]
_ORDINARY_BITS = 0x38800000  # of 2^-14, the smallest ordinary float16, as a float32
_INFINITE_BITS = 0x7F800000
_LARGEST_HALF, _INFINITE_HALF, _NAN_HALF = 0x7BFF, 0x7C00, 0x7E00
_SIGN = 0x8000
_REBASE_AND_ROUND = np.uint32((0xFFF - (112 << 23)) & 0xFFFFFFFF)  # exponents count from 15 instead of 127; half a step
_AT_ONCE = 1 << 15  # numbers, so that they stay in the processor's cache
_SCALE_OF_TINY = np.float32(2.0**24)  # float16 counts numbers below 2^-14 in steps of 2^-24


def half_bits(plane: NDArray[np.float32], out: Words | None = None) -> Words:
    """Rounded to nearest, ties to even; finite numbers too large become ±65504, infinities and NaN stay.

    `out`, of the same form, is where the result may be put.
    """
    numbers = np.ascontiguousarray(plane).reshape(-1)
    place = None if out is None else out.reshape(-1).view(np.float16)
    words = _converted(numbers, "CV_16F", place).view(np.uint16) if _opencv_converts() else None
    if words is None or (words.size and not _are_finite(words)):
        words = half_bits_by_numpy(numbers)
    return words.reshape(plane.shape)


def _are_finite(words: Words) -> bool:
    """Whether none is an infinity or NaN: those are the largest of either sign."""
    return int(words.view(np.int16).max()) <= _LARGEST_HALF and int(words.max()) <= (_LARGEST_HALF | _SIGN)


def half_bits_by_numpy(numbers: NDArray[np.float32]) -> Words:
    """The same for a row of numbers, whatever OpenCV can do."""
    out = np.empty(numbers.size, np.uint16)
    for start in range(0, numbers.size, _AT_ONCE):
        piece = slice(start, start + _AT_ONCE)
        out[piece] = _half_bits(numbers[piece])
    return out


def floats_from_half_bits(words: Words) -> NDArray[np.float32]:
    """The float32 numbers that these bits stand for."""
    if _opencv_converts():
        return _converted(np.ascontiguousarray(words).reshape(-1).view(np.float16), "CV_32F").reshape(words.shape)
    return np.take(_table(), words)


def _converted(numbers: NDArray[Any], kind: str, place: NDArray[Any] | None = None) -> NDArray[Any]:
    """By OpenCV, which has an instruction for it; adding −0 changes no number, 0 would change −0."""
    cv2 = opencv()
    row = None if place is None else place.reshape(1, -1)
    out: NDArray[Any] = cv2.add(numbers.reshape(1, -1), (-0.0, 0.0, 0.0, 0.0), row, dtype=getattr(cv2, kind))
    return out.reshape(-1)


@cache
def _opencv_converts() -> bool:
    """Whether this OpenCV can (version 5 does), and gives the same bits for numbers of every sort."""
    halves = np.arange(0x7C00, dtype=np.uint16).view(np.float16)
    numbers = halves.astype(np.float32)
    middle = (numbers[1:] + numbers[:-1]) / 2  # ties; exact, as float32 has more bits
    tried = np.concatenate(
        [numbers, -numbers, middle, np.nextafter(middle, 0), np.nextafter(middle, np.inf, dtype="f4")]
    )
    try:
        there = _converted(tried, "CV_16F")
        back = _converted(there, "CV_32F")
    except Exception:  # an older one refuses the type
        return False
    same = there.view(np.uint16), half_bits_by_numpy(tried)
    return bool(np.array_equal(*same)) and back.tobytes() == _table()[same[1]].tobytes()


def _half_bits(numbers: NDArray[np.float32]) -> NDArray[np.uint32]:
    size = np.abs(numbers)
    bits = size.view(np.uint32)
    half = np.right_shift(bits, 13, dtype=np.uint32)
    half &= 1
    half += bits
    half += _REBASE_AND_ROUND
    half >>= 13
    tiny = bits < _ORDINARY_BITS
    if tiny.any():
        steps = np.where(tiny, size, np.float32(0))
        steps *= _SCALE_OF_TINY
        np.copyto(half, np.rint(steps, out=steps).astype(np.uint32), where=tiny)
    if int(half.max()) > _LARGEST_HALF:
        _bound(half, bits)
    sign = numbers.view(np.uint32) >> 16
    sign &= 0x8000
    half |= sign
    return half


def _bound(half: NDArray[np.uint32], bits: NDArray[np.uint32]) -> None:
    beyond = half > _LARGEST_HALF
    large = bits[beyond]
    half[beyond] = np.where(
        large < _INFINITE_BITS, _LARGEST_HALF, np.where(large == _INFINITE_BITS, _INFINITE_HALF, _NAN_HALF)
    )


@cache
def _table() -> NDArray[np.float32]:
    return np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)
