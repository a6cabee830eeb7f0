"""Shape, and tensors made from nothing: ConstantOfShape, Range, NonZero."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import parser

from .trying import NEWEST, emulated, numbers, one_node, said

HEAD = '<ir_version: 8, opset_import: ["" : 13]> g '


def scaled_by_size(axis: int) -> onnx.ModelProto:
    return parser.parse_model(
        HEAD
        + f"""(float[1, 4, 6, 8] x) => (float[1, 4, 6, 8] y) <int64 i = {{{axis}}}>
        {{ s = Shape(x) g = Gather<axis = 0>(s, i) f = Cast<to = 1>(g) y = Mul(x, f) }}"""
    )


def test_sizes_are_folded_at_import(tmp_path: Path) -> None:
    x = numbers(1, 4, 6, 8)
    for target in ("barracuda-1.3.3", "barracuda-3.0.1", NEWEST):
        assert said(scaled_by_size(2), target) == "ok"
        assert np.allclose(emulated(scaled_by_size(2), target, tmp_path, x=x)["y"], 6 * x)


def test_early_releases_know_only_the_channels() -> None:
    assert said(scaled_by_size(2), "barracuda-1.0.4") == "altered"


def test_as_an_output_it_has_eight_numbers(tmp_path: Path) -> None:
    model = parser.parse_model(HEAD + "(float[1, 4, 6, 8] x) => (int64[4] y) { y = Shape(x) }")
    assert said(model, "barracuda-3.0.1") == "altered"
    found = emulated(model, "barracuda-3.0.1", tmp_path, x=numbers(1, 4, 6, 8))["y"]
    assert found.tolist() == [1, 1, 1, 1, 1, 6, 8, 4]
    assert said(model, NEWEST) == "ok"


def test_a_filled_tensor_keeps_its_value(tmp_path: Path) -> None:
    model = parser.parse_model(
        HEAD
        + """(float[2, 3] x) => (float[2, 3] y)
        { s = Shape(x) c = ConstantOfShape<value = float[1] {2.5}>(s) y = Add(x, c) }"""
    )
    x = numbers(2, 3)
    for target in ("barracuda-3.0.1", NEWEST):
        assert said(model, target) == "ok"
        assert np.allclose(emulated(model, target, tmp_path, x=x)["y"], x + 2.5)


def test_barracuda_makes_no_range_while_it_runs() -> None:
    late = parser.parse_model(
        HEAD + "(float n) => (float[a] y) <float o = {0.}, float d = {1.}> { y = Range(o, n, d) }"
    )
    known = parser.parse_model(
        HEAD
        + """(float[4] x) => (float[4] y) <float o = {0.}, float n = {4.}, float d = {1.}>
        { r = Range(o, n, d) y = Add(x, r) }"""
    )
    assert [said(model, "barracuda-3.0.1") for model in (late, known)] == ["throws", "ok"]
    assert said(known, "barracuda-1.3.3") == "rejected"


def test_barracuda_remarks_on_the_unknown_number_of_non_zeros() -> None:
    model = one_node("NonZero", {"x": (2, 3)})
    assert [said(model, t) for t in ("barracuda-3.0.1", NEWEST)] == ["ok-warned", "ok"]
