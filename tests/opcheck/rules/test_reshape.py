"""Reshape and Flatten: what becomes of zeros, ranks, axes and of data that lie channels last."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import parser

from .trying import NEWEST, emulated, numbers, one_node, said

X = {"x": (1, 4, 6, 8)}


def to(*sizes: int) -> onnx.ModelProto:
    return one_node("Reshape", X, {"s": np.array(sizes, np.int64)})


@pytest.mark.parametrize("sizes", [(1, -1), (0, -1), (1, 2, 2, 3, 2, 8), (-1,), (0, 0, -1)])
def test_reshape_is_right_in_newer_releases(sizes: tuple[int, ...], tmp_path: Path) -> None:
    x = numbers(*X["x"])
    for target in ("barracuda-1.3.3", "barracuda-3.0.1", NEWEST):
        assert said(to(*sizes), target) == "ok"
    found = emulated(to(*sizes), "barracuda-3.0.1", tmp_path, x=x)["y"]
    assert np.array_equal(found.ravel(), x.ravel())


def test_early_releases_reshape_what_lies_in_memory(tmp_path: Path) -> None:
    x = numbers(*X["x"])
    assert said(to(1, -1), "barracuda-1.0.4") == "altered"
    found = emulated(to(1, -1), "barracuda-1.0.4", tmp_path, x=x)["y"]
    assert np.array_equal(found, x.transpose(0, 2, 3, 1).reshape(1, -1))
    assert said(to(1, 4, 48), "barracuda-1.0.4") == "ok"
    assert said(to(1, 2, 2, 6, 8), "barracuda-1.0.4") == "rejected"


def test_there_and_back_is_right_in_early_releases() -> None:
    model = parser.parse_model(
        """<ir_version: 8, opset_import: ["" : 13]> g (float[1, 4, 6, 8] x) => (float[1, 4, 6, 8] y)
        <int64[2] s = {1, -1}, int64[4] t = {1, 4, 6, 8}> { a = Reshape(x, s) b = Relu(a) y = Reshape(b, t) }"""
    )
    assert said(model, "barracuda-1.0.4") == "ok"


def test_zeros_copy_from_barracudas_own_dimensions() -> None:
    model = one_node("Reshape", {"x": (2, 3, 4, 5, 6)}, {"s": np.array([0, 0, 0, -1], np.int64)})
    assert said(model, "barracuda-3.0.1") == "altered"
    assert said(model, NEWEST) == "ok"


def test_nine_dimensions_are_too_many() -> None:
    model = one_node("Reshape", {"x": (512,)}, {"s": np.full(9, 2, np.int64)})
    assert {said(model, target) for target in ("barracuda-3.0.1", "sentis-1.2.0", NEWEST)} == {"rejected"}


@pytest.mark.parametrize("axis", [-1, 0, 2])
def test_flatten_always_starts_at_the_first_axis(axis: int, tmp_path: Path) -> None:
    model = one_node("Flatten", {"x": (2, 4, 6, 8)}, axis=axis)
    x = numbers(2, 4, 6, 8)
    assert said(model, "barracuda-3.0.1") == "altered-warned"
    assert np.array_equal(emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"], x.reshape(2, -1))
    assert said(model, NEWEST) == "ok"


def test_a_needless_warning_does_no_harm() -> None:
    assert said(one_node("Flatten", {"x": (1, 12)}, axis=0), "barracuda-3.0.1") == "ok-warned"
    assert said(one_node("Flatten", X), "barracuda-3.0.1") == "ok"
    assert said(one_node("Flatten", {"x": (1, 2, 3, 4, 5)}), "barracuda-3.0.1") == "throws"


def test_five_sizes_that_come_late_are_too_many_in_barracuda() -> None:
    model = parser.parse_model(
        """<ir_version: 8, opset_import: ["" : 13]> g (float[1, 4, 6, 8] x, int64[5] s) => (float[a, b, c, d, e] y)
        { y = Reshape(x, s) }"""
    )
    assert [said(model, target) for target in ("barracuda-1.0.4", "barracuda-3.0.1", NEWEST)] == [
        "rejected",
        "throws",
        "ok",
    ]


def test_an_open_batch_is_copied_by_early_releases_too(tmp_path: Path) -> None:
    model = one_node("Reshape", {"x": ("n", 4, 6, 8)}, {"s": np.array([0, 4, -1], np.int64)})
    assert said(model, "barracuda-1.0.4") == "ok"
    x = numbers(2, 4, 6, 8)
    assert np.array_equal(emulated(model, "barracuda-1.0.4", tmp_path, x=x)["y"], x.reshape(2, 4, 48))
