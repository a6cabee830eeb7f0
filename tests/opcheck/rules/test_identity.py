"""Identity and Dropout: numbers pass, masks don't."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import parser

from .trying import NEWEST, emulated, numbers, one_node, said

X = {"x": (1, 3, 4, 5)}
TARGETS = ("barracuda-1.0.4", "barracuda-3.0.1", NEWEST)


@pytest.mark.parametrize(("op", "opset"), [("Identity", 13), ("Dropout", 7), ("Dropout", 11), ("Dropout", 13)])
def test_numbers_pass(op: str, opset: int, tmp_path: Path) -> None:
    x = numbers(*X["x"])
    model = one_node(op, X, opset=opset)
    assert {said(model, target) for target in TARGETS} == {"ok"}
    assert np.array_equal(emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"], x)


def test_training_mode_is_not_read() -> None:
    model = parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13]> g (float[2,3] x) => (float[2,3] y) '
        "<float r = {0.5}, bool t = {1}> { y = Dropout(x, r, t) }"
    )
    assert {said(model, target) for target in ("barracuda-3.0.1", "inference-engine-2.3.0")} == {"altered"}


def test_training_that_drops_nothing_is_right() -> None:
    model = parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13]> g (float[2,3] x) => (float[2,3] y) '
        "<float r = {0.0}, bool t = {1}> { y = Dropout(x, r, t) }"
    )
    assert {said(model, target) for target in ("barracuda-3.0.1", "inference-engine-2.3.0")} == {"ok"}


@pytest.mark.parametrize(
    ("target", "verdict"), [("barracuda-3.0.1", "throws"), ("sentis-2.1.3", "altered"), (NEWEST, "altered-warned")]
)
def test_a_mask_that_is_an_output_is_missing(target: str, verdict: str) -> None:
    model = parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13]> g (float[2,3] x) => (float[2,3] y, bool[2,3] m) { y, m = Dropout(x) }'
    )
    assert said(model, target) == verdict
