"""RoiAlign: the shift by half a pixel, which older engines leave out, and maxima that are never below 0."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from .trying import NEWEST, Array, emulated, numbers, one_node, said

TARGETS = (NEWEST, "sentis-2.1.3", "sentis-1.4.0", "barracuda-3.0.1")
CHANNELS = 64
UNSHIFTED = {"coordinate_transformation_mode": "output_half_pixel"}


def aligned(opset: int, **attributes: Any) -> onnx.ModelProto:
    """A 2 x 2 grid over the 4 x 4 elements at (1, 2), with one sample for each element of the input."""
    stored: dict[str, Any] = {"r": np.array([[2, 1, 6, 5]], np.float32), "b": np.array([0], np.int64)}
    size = {"output_height": 2, "output_width": 2}
    return one_node("RoiAlign", {"x": (1, CHANNELS, 6, 8)}, stored, opset=opset, **(size | attributes))


def halves(x: Array) -> Array:
    """What lies in the middle of four elements."""
    return np.asarray((x[..., 1:, 1:] + x[..., :-1, 1:] + x[..., 1:, :-1] + x[..., :-1, :-1]) / 4)


@pytest.mark.parametrize(
    ("opset", "attributes", "expected"),
    [
        (10, {}, ["ok", "ok", "ok", "ok"]),
        (16, {}, ["ok", "altered", "altered", "altered"]),
        (16, UNSHIFTED, ["ok", "ok-warned", "ok", "ok"]),
        (16, {**UNSHIFTED, "mode": "avg"}, ["ok", "ok-warned", "ok", "ok-warned"]),
        (16, {**UNSHIFTED, "mode": "max", "output_height": 4, "output_width": 4}, ["altered", "altered-warned"] * 2),
    ],
)
def test_attributes(opset: int, attributes: dict[str, Any], expected: list[str]) -> None:
    assert [said(aligned(opset, **attributes), target) for target in TARGETS] == expected


@pytest.mark.parametrize("target", TARGETS)
def test_samples(target: str, tmp_path: Path) -> None:
    x = numbers(1, CHANNELS, 6, 8)
    between = halves(x)[..., 1:5, 2:6].reshape(CHANNELS, 2, 2, 2, 2).mean((2, 4))[None]
    at_elements = x[..., 1:5, 2:6].reshape(CHANNELS, 2, 2, 2, 2).mean((2, 4))[None]
    found = emulated(aligned(16), target, tmp_path, x=x)["y"]
    assert np.allclose(found, at_elements if target == NEWEST else between, atol=1e-5)


def test_maxima(tmp_path: Path) -> None:
    x = -np.abs(numbers(1, CHANNELS, 6, 8))
    model = aligned(16, mode="max", **UNSHIFTED)
    assert not emulated(model, NEWEST, tmp_path, x=x)["y"].any()
    assert (emulated(model, NEWEST, tmp_path, x=-x)["y"] > 0).all()
    assert (emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"] < 0).all()
