"""Clip: stored and computed bounds, a lone upper bound, whole numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import parser
from stylebridge.opcheck.numbers import run_model
from stylebridge.opcheck.study import study
from stylebridge.targets import find_target

from .trying import NEWEST, emulated, numbers, one_node, said

X = {"x": (1, 3, 4, 5)}
LOW, HIGH = np.array(-0.3, np.float32), np.array(0.4, np.float32)


def test_bounds_must_be_stored_for_barracuda(tmp_path: Path) -> None:
    x = numbers(*X["x"])
    stored = one_node("Clip", X, {"low": LOW, "high": HIGH})
    fed = one_node("Clip", {**X, "low": ()}, {"high": HIGH})
    assert [said(stored, target) for target in ("barracuda-1.0.4", "barracuda-3.0.1")] == ["ok", "ok"]
    assert [said(fed, target) for target in ("barracuda-3.0.1", NEWEST)] == ["altered", "ok"]
    found = emulated(fed, "barracuda-3.0.1", tmp_path, x=x, low=LOW)["y"]
    assert np.array_equal(found, np.minimum(x, HIGH))


def test_bounds_worked_out_from_constants_are_stored_by_the_first_importer_only() -> None:
    model = parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13]> g (float[2,3] x) => (float[2,3] y) '
        "<float h = {0.5}> { l = Neg(h) y = Clip(x, l, h) }"
    )
    targets = ("barracuda-1.0.4", "barracuda-1.3.3", "barracuda-3.0.1", NEWEST)
    assert [said(model, target) for target in targets] == ["ok", "altered", "altered", "ok"]


@pytest.mark.parametrize(("target", "verdict"), [("sentis-1.4.0", "altered"), ("sentis-2.0.0", "ok"), (NEWEST, "ok")])
def test_a_lone_upper_bound_came_with_2_0(target: str, verdict: str, tmp_path: Path) -> None:
    x = numbers(*X["x"])
    model = one_node("Clip", X, {"high": HIGH}, order=["x", "", "high"])
    assert said(model, target) == verdict
    expected = np.minimum(x, HIGH) if verdict == "ok" else x
    assert np.array_equal(emulated(model, target, tmp_path, x=x)["y"], expected)


def test_nan_becomes_the_lower_bound_in_sentis() -> None:
    x = np.array([np.nan, 1, -1], np.float32)
    model = one_node("Clip", {"x": x.shape}, {"low": LOW, "high": HIGH})
    found = run_model(study(model, find_target(NEWEST)).emulation(), {"x": x})
    assert found is not None
    assert np.allclose(found["y"], [LOW, HIGH, LOW])


def test_attributes_of_older_opsets_are_read() -> None:
    model = one_node("Clip", X, opset=6, min=-0.3, max=0.4)
    assert {said(model, target) for target in ("barracuda-1.0.4", "barracuda-3.0.1", "sentis-1.2.0", NEWEST)} == {"ok"}


def test_whole_numbers_are_clipped_since_sentis_1_3() -> None:
    model = parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13]> g (int32[3] x) => (int32[3] y) <int32 l = {0}> { y = Clip(x, l) }'
    )
    assert [said(model, target) for target in ("sentis-1.2.0", "sentis-1.3.0", NEWEST)] == ["throws", "ok", "ok"]
