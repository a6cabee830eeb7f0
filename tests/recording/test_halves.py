from __future__ import annotations

import numpy as np
import pytest
from stylebridge.recording import halves
from stylebridge.recording.halves import floats_from_half_bits, half_bits

LARGEST = np.float32(65504)


@pytest.fixture(params=[True, False], ids=["opencv", "numpy"], autouse=True)
def converts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With OpenCV's conversion, where this one has it, and without."""
    if not request.param:
        monkeypatch.setattr(halves, "_opencv_converts", lambda: False)


def by_numpy(plane: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        half = plane.astype(np.float16)
    half = np.where(np.isinf(half) & np.isfinite(plane), np.copysign(np.float16(LARGEST), plane), half)
    return half.astype(np.float16).view(np.uint16)


def all_halves() -> np.ndarray:
    return np.arange(0x7C00, dtype=np.uint16).view(np.float16).astype(np.float32)


def test_every_float16_comes_back_as_it_was() -> None:
    bits = np.arange(1 << 16, dtype=np.uint16)
    numbers = floats_from_half_bits(bits)
    known = ~np.isnan(numbers)
    assert np.array_equal(half_bits(numbers)[known], bits[known])
    assert np.isnan(floats_from_half_bits(half_bits(numbers))[~known]).all()


def test_numbers_between_are_rounded_like_numpy_does() -> None:
    whole = all_halves()
    middle = ((whole[:-1].astype(np.float64) + whole[1:]) / 2).astype(np.float32)
    for numbers in (middle, np.nextafter(middle, np.float32(np.inf)), np.nextafter(middle, np.float32(0)), -middle):
        assert np.array_equal(half_bits(numbers), by_numpy(numbers))


@pytest.mark.parametrize("scale", [1e-9, 1e-6, 1e-3, 1, 1e3, 1e6, 1e30])
def test_random_numbers_of_any_size_are_rounded_like_numpy_does(scale: float) -> None:
    numbers = np.random.default_rng(1).normal(0, scale, 10_000).astype(np.float32)
    assert np.array_equal(half_bits(numbers), by_numpy(numbers))


def test_finite_numbers_stay_finite_and_infinities_and_nan_stay_what_they_are() -> None:
    numbers = np.array([65519, 65520, 1e9, -1e38, np.inf, -np.inf, np.nan, 0.0, -0.0], np.float32)
    back = floats_from_half_bits(half_bits(numbers))
    expected = np.array([65504, 65504, 65504, -65504, np.inf, -np.inf, np.nan, 0.0, -0.0], np.float32)
    assert np.array_equal(back, expected, equal_nan=True)
    assert np.array_equal(np.signbit(back), np.signbit(expected))
