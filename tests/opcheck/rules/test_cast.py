"""Cast: nothing in Barracuda, two types in Sentis."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import parser

from .trying import NEWEST, emulated, said


def _there_and_back(kind: int) -> str:
    return (
        '<ir_version: 8, opset_import: ["" : 13]> g (float[2,16] x) => (float[2,16] y) '
        f"{{ a = Cast<to={kind}>(x) y = Cast<to=1>(a) }}"
    )


@pytest.mark.parametrize(
    ("kind", "barracuda", "sentis"),
    [
        (6, "altered", "ok"),
        (7, "altered", "ok"),
        (9, "altered", "altered"),
        (2, "altered", "altered"),
        (10, "ok", "ok"),
        (11, "ok", "ok"),
        (16, "altered", "altered"),
    ],
    ids=["int32", "int64", "bool", "uint8", "float16", "double", "bfloat16"],
)
def test_casts_of_floats(kind: int, barracuda: str, sentis: str) -> None:
    model = parser.parse_model(_there_and_back(kind))
    assert [said(model, target) for target in ("barracuda-3.0.1", NEWEST)] == [barracuda, sentis]


def test_numbers_of_a_cast_to_int(tmp_path: Path) -> None:
    model = parser.parse_model(_there_and_back(6))
    x = np.linspace(-4, 4, 32, dtype=np.float32).reshape(2, 16)
    assert np.array_equal(emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"], x)
    assert np.array_equal(emulated(model, NEWEST, tmp_path, x=x)["y"], np.trunc(x))


@pytest.mark.parametrize("steps", ["m = Greater(x, z)", "n = Greater(x, z) m = Not(n)"])
def test_truth_values_survive_casts_everywhere(steps: str) -> None:
    model = parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13]> g (float[2,3] x) => (float[2,3] y) '
        f"<float z = {{0.0}}> {{ {steps} y = Cast<to=1>(m) }}"
    )
    assert {said(model, target) for target in ("barracuda-1.0.4", "barracuda-3.0.1", "sentis-1.2.0", NEWEST)} == {"ok"}


def test_whole_numbers_change_width_without_harm() -> None:
    model = parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13]> g (int64[4] x) => (int32[4] y) { y = Cast<to=6>(x) }'
    )
    assert {said(model, target) for target in ("barracuda-3.0.1", NEWEST)} == {"ok"}


def test_strings_are_refused() -> None:
    model = parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13]> g (float[2] x) => (float[2] y) '
        "{ s = Cast<to=8>(x) y = Cast<to=1>(s) }"
    )
    assert said(model, NEWEST) == "rejected"
