"""Resize and Upsample: by scales and by sizes, what each engine makes of the modes it doesn't read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from .trying import NEWEST, Array, emulated, numbers, one_node, said

TARGETS = (NEWEST, "barracuda-3.0.1")
FLOOR = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
HALF = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}


def resized(
    shape: tuple[int, ...], *, scales: list[float] | None = None, sizes: list[int] | None = None, **attributes: object
) -> onnx.ModelProto:
    stored: dict[str, Array] = {}
    if scales is not None:
        stored["scales"] = np.array(scales, np.float32)
    if sizes is not None:
        stored["sizes"] = np.array(sizes, np.int64)  # type: ignore[assignment]
    order = ["x", "", "scales"] if sizes is None else ["x", "", "", "sizes"]
    opset = attributes.pop("opset", 13)
    assert isinstance(opset, int)
    return one_node("Resize", {"x": shape}, stored, opset=opset, order=order, **attributes)


def verdicts(shape: tuple[int, ...], **written: object) -> tuple[str, ...]:
    model = resized(shape, **written)  # type: ignore[arg-type]
    return tuple(said(model, target) for target in TARGETS)


@pytest.mark.parametrize(
    "written",
    [
        {"scales": [1, 1, 2, 2], **FLOOR},
        {"scales": [1, 1, 3, 2], **FLOOR},
        {"scales": [1, 1, 2, 2], **HALF},
        {"sizes": [1, 3, 8, 12], **FLOOR},
        {"sizes": [1, 3, 8, 12], **HALF},
        {"sizes": [1, 3, 5, 7], **FLOOR},
    ],
)
def test_print(written):
    print("RES", written, verdicts((1, 3, 4, 6), **written))


@pytest.mark.parametrize(
    "written",
    [
        {"scales": [1, 1, 1.5, 2], **FLOOR},
        {"scales": [1, 1, 0.5, 0.5], **HALF},
        {"scales": [1, 1, 0.5, 0.5], **FLOOR},
        {"scales": [1, 1, 0.25, 0.25], **FLOOR},
        {"scales": [1, 2, 2, 2], **FLOOR},
        {"scales": [1, 1, 2, 2]},
        {"scales": [1, 1, 2, 2], "mode": "linear", "coordinate_transformation_mode": "align_corners"},
        {"scales": [1, 1, 2, 2], "mode": "linear", "coordinate_transformation_mode": "pytorch_half_pixel"},
        {"scales": [1, 1, 2, 2], "mode": "cubic"},
        {"sizes": [1, 3, 8, 12], "mode": "cubic"},
        {"sizes": [1, 4, 8, 12], **FLOOR},
        {"scales": [2, 2], "axes": [2, 3], "opset": 18, **FLOOR},
        {"sizes": [8, 12], "axes": [2, 3], "opset": 18, **FLOOR},
        {"scales": [1, 1, 2, 2], "antialias": 1, "opset": 18, **HALF},
        {"sizes": [1, 3, 8, 8], "keep_aspect_ratio_policy": "not_larger", "opset": 18, **FLOOR},
    ],
)
def test_print2(written):
    print("RES", written, verdicts((1, 3, 4, 6), **written))
    print("RES", "lin3", verdicts((1, 3, 4), scales=[1, 1, 2], **FLOOR), verdicts((1, 3, 4, 4, 4), scales=[1, 1, 2,2,2], **FLOOR))
    for op in (9,):
        m = one_node("Upsample", {"x": (1, 3, 4, 6)}, {"s": np.array([1, 1, 2, 3], np.float32)}, opset=9, mode="nearest")
        print("RES ups", [said(m, t) for t in TARGETS])
        m = one_node("Upsample", {"x": (1, 3, 4, 6)}, {"s": np.array([1, 1, 2, 3], np.float32)}, opset=9, mode="linear")
        print("RES upsl", [said(m, t) for t in TARGETS])
        m = one_node("Upsample", {"x": (1, 3, 4, 6)}, opset=7, mode="nearest", scales=[1.0,1.0,2.0,2.0])
        print("RES ups7", [said(m, t) for t in (*TARGETS,"barracuda-1.0.4","sentis-1.2.0")])
        m = one_node("Upsample", {"x": (1, 3, 4, 6), "s": (4,)}, opset=9, mode="nearest")
        print("RES upsdyn", [said(m, t) for t in (*TARGETS,"barracuda-1.0.4","sentis-1.2.0")])
        m = one_node("Resize", {"x": (1, 3, 4, 6), "s": (4,)}, opset=13, order=["x","","s"], mode="nearest")
        print("RES dyn", [said(m, t) for t in (*TARGETS,"barracuda-1.3.3","barracuda-1.4.0")])
