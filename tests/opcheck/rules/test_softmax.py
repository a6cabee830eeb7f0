"""Softmax and its kin: one axis or many, and the axis that isn't written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from .trying import NEWEST, Array, emulated, numbers, one_node, said

X = {"x": (2, 3, 4, 5)}
TARGETS = ("barracuda-1.0.4", "barracuda-2.0.0", "barracuda-3.0.1", NEWEST)


def _softmax(x: Array, axis: int | tuple[int, ...]) -> Array:
    raised = np.exp(x - x.max(axis, keepdims=True))
    return np.asarray(raised / raised.sum(axis, keepdims=True))


@pytest.mark.parametrize(
    ("opset", "axis", "verdicts"),
    [
        (11, 1, ("altered", "altered", "altered", "altered")),
        (11, 2, ("altered-warned", "ok", "altered", "altered")),
        (11, 3, ("altered-warned", "ok", "ok", "ok")),
        (11, None, ("altered", "altered", "altered", "altered")),
        (13, 0, ("altered-warned", "altered", "ok", "ok")),
        (13, 1, ("altered", "ok", "ok", "ok")),
        (13, -1, ("altered-warned", "ok", "ok", "ok")),
        (13, None, ("altered", "altered", "altered", "ok")),
    ],
)
def test_softmax_by_opset_axis_and_release(opset: int, axis: int | None, verdicts: tuple[str, ...]) -> None:
    model = one_node("Softmax", X, opset=opset, **({} if axis is None else {"axis": axis}))
    assert tuple(said(model, target) for target in TARGETS) == verdicts


@pytest.mark.parametrize(
    ("axis", "verdicts"), [(1, ("altered", "altered", "ok")), (-1, ("altered-warned", "altered-warned", "ok"))]
)
def test_logarithms_flatten_up_to_2_1(axis: int, verdicts: tuple[str, ...]) -> None:
    model = one_node("LogSoftmax", X, opset=13, axis=axis)
    assert tuple(said(model, f"barracuda-{release}") for release in ("1.3.3", "2.1.0", "2.2.1")) == verdicts


def test_single_pixels_make_no_difference() -> None:
    model = one_node("Softmax", {"x": (2, 3, 1, 1)}, opset=11, axis=1)
    assert {said(model, target) for target in TARGETS} == {"ok"}


def test_numbers_of_a_missing_axis(tmp_path: Path) -> None:
    x = numbers(*X["x"])
    model = one_node("Softmax", X, opset=13)
    assert np.allclose(emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"], _softmax(x, 1), atol=1e-6)
    assert np.allclose(emulated(model, NEWEST, tmp_path, x=x)["y"], _softmax(x, 3), atol=1e-6)


def test_numbers_of_the_flattening_releases(tmp_path: Path) -> None:
    x = numbers(*X["x"])
    model = one_node("Softmax", X, opset=13, axis=0)
    assert np.allclose(emulated(model, "barracuda-2.0.0", tmp_path, x=x)["y"], _softmax(x, (0, 1, 2, 3)), atol=1e-6)
    first = emulated(one_node("Softmax", X, opset=13, axis=1), "barracuda-1.0.4", tmp_path, x=x)["y"]
    expected = np.moveaxis(_softmax(x, (1, 2, 3)), 1, -1).reshape(2, 60, 1, 1)
    assert np.allclose(first, expected, atol=1e-6)
