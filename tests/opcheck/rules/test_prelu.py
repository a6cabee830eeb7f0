"""PRelu: one slope, slopes of channels, slopes of columns, and two back ends."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from .trying import NEWEST, emulated, numbers, one_node, said

X = {"x": (1, 4, 6, 8)}
TARGETS = ("barracuda-1.0.4", "barracuda-3.0.1", "barracuda-3.0.1+burst")


@pytest.mark.parametrize(
    ("slopes", "verdicts"),
    [
        ((1,), ("ok", "ok", "ok")),
        ((4, 1, 1), ("throws", "ok", "altered")),
        ((8,), ("throws", "altered", "altered")),
        ((1, 4, 1, 1), ("throws", "throws", "throws")),
        ((1, 4, 6, 8), ("ok", "ok", "ok")),
    ],
)
def test_slopes_by_shape(slopes: tuple[int, ...], verdicts: tuple[str, ...]) -> None:
    model = one_node("PRelu", X, {"s": numbers(*slopes)})
    assert tuple(said(model, target) for target in TARGETS) == verdicts
    assert said(model, NEWEST) == "ok"


def test_slopes_of_columns_are_counted_off_in_memory_order(tmp_path: Path) -> None:
    x, slopes = numbers(*X["x"]), numbers(8, seed=1)
    model = one_node("PRelu", X, {"s": slopes})
    last = np.moveaxis(x, 1, -1).ravel()
    bent = np.where(last > 0, last, last * np.resize(slopes, last.size)).reshape(1, 6, 8, 4)
    found = emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"]
    assert np.allclose(found, np.moveaxis(bent, -1, 1), atol=1e-6)


def test_burst_knows_the_first_slope_only(tmp_path: Path) -> None:
    x, slopes = numbers(*X["x"]), numbers(4, 1, 1, seed=1)
    model = one_node("PRelu", X, {"s": slopes})
    found = emulated(model, "barracuda-3.0.1+burst", tmp_path, x=x)["y"]
    assert np.allclose(found, np.where(x > 0, x, x * slopes[0, 0, 0]), atol=1e-6)


def test_large_pictures_are_judged_like_small_ones() -> None:
    model = one_node("PRelu", {"x": (1, 64, 720, 1280), "s": (64, 1, 1)})
    assert said(model, "barracuda-3.0.1") == "ok"
