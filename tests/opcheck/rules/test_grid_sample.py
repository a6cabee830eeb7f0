"""GridSample: linear and nearest since Sentis 1.6, and cubic taken for linear."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from .trying import NEWEST, emulated, numbers, one_node, said

TARGETS = (NEWEST, "sentis-2.0.0", "sentis-1.4.0", "barracuda-3.0.1")


def sampled(mode: str, opset: int, *, rank: int = 4) -> onnx.ModelProto:
    size = (1, 2, 6, 8, 4)[:rank]
    grid = (1, *(3,) * (rank - 2), rank - 2)
    return one_node("GridSample", {"x": size, "g": grid}, opset=opset, mode=mode)


@pytest.mark.parametrize(
    ("mode", "opset", "expected"),
    [
        ("bilinear", 16, ["ok", "ok", "rejected", "rejected"]),
        ("bicubic", 16, ["altered", "altered", "rejected", "rejected"]),
        ("linear", 20, ["ok", "ok", "rejected", "rejected"]),
        ("cubic", 20, ["altered", "altered", "rejected", "rejected"]),
        ("nearest", 20, ["ok", "ok", "rejected", "rejected"]),
    ],
)
def test_modes(mode: str, opset: int, expected: list[str]) -> None:
    assert [said(sampled(mode, opset), target) for target in TARGETS] == expected


def test_rank_five() -> None:
    assert said(sampled("linear", 20, rank=5), NEWEST) == "ok"


@pytest.mark.parametrize("opset", [16, 20])
def test_cubic_is_linear(opset: int, tmp_path: Path) -> None:
    feeds = {"x": numbers(1, 2, 6, 8), "g": np.clip(numbers(1, 3, 3, 2, seed=1), -1, 1)}
    names = {"linear": "linear", "cubic": "cubic", "nearest": "nearest"}
    if opset < 20:
        names = {"linear": "bilinear", "cubic": "bicubic", "nearest": "nearest"}
    found = {m: emulated(sampled(name, opset), NEWEST, tmp_path, **feeds)["y"] for m, name in names.items()}
    assert np.array_equal(found["cubic"], found["linear"])
    assert not np.array_equal(found["nearest"], found["linear"])
