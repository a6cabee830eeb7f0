"""Functions of single numbers: the few that an engine computes in its own way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import parser

from .trying import NEWEST, emulated, numbers, one_node, said

X = {"x": (1, 3, 4, 5)}


@pytest.mark.parametrize("op", ["Relu", "Tanh", "Sigmoid", "Elu", "Selu", "Exp", "Abs", "Ceil", "Sqrt", "LeakyRelu"])
def test_usual_functions_are_right_everywhere(op: str, tmp_path: Path) -> None:
    model = one_node(op, X)
    targets = ("barracuda-1.0.4", "barracuda-3.0.1", "sentis-1.2.0", NEWEST)
    assert {said(model, target) for target in targets} == {"ok"}
    x = np.abs(numbers(*X["x"])) + 0.1
    found = [emulated(model, target, tmp_path, x=x)["y"] for target in ("barracuda-3.0.1", NEWEST)]
    assert np.array_equal(*found)


def test_steep_leaky_relus_assert_on_the_plain_back_end() -> None:
    model = one_node("LeakyRelu", X, alpha=1.5)
    targets = ("barracuda-3.0.1", "barracuda-3.0.1+burst", NEWEST)
    assert [said(model, target) for target in targets] == ["throws", "ok", "ok"]
    assert said(one_node("LeakyRelu", X, alpha=1.0), "barracuda-3.0.1") == "ok"


def test_softplus_overflows_in_barracuda(tmp_path: Path) -> None:
    model = one_node("Softplus", {"x": (3,)})
    x = np.array([-2.0, 50.0, 100.0], np.float32)
    found = emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"]
    assert np.allclose(found[:2], np.log1p(np.exp(x[:2])), atol=1e-5)
    assert np.isinf(found[2])
    assert np.isfinite(emulated(model, NEWEST, tmp_path, x=x)["y"]).all()


def test_the_first_release_does_not_round(tmp_path: Path) -> None:
    x = numbers(*X["x"])
    model = one_node("Round", X)
    assert said(model, "barracuda-1.0.4") == "altered"
    assert np.array_equal(emulated(model, "barracuda-1.0.4", tmp_path, x=x)["y"], x)
    assert said(model, "barracuda-3.0.1") == "ok"


@pytest.mark.parametrize(("op", "verdict"), [("Relu", "throws"), ("Abs", "ok"), ("Sign", "ok")])
def test_whole_numbers_run_through_few_kernels_in_sentis(op: str, verdict: str) -> None:
    model = parser.parse_model(
        f'<ir_version: 8, opset_import: ["" : 14]> g (int32[2] x) => (int32[2] y) {{ y = {op}(x) }}'
    )
    assert said(model, NEWEST) == verdict
    assert said(model, "barracuda-3.0.1") == "ok"


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu_is_spelled_out_for_older_files(approximate: str, tmp_path: Path) -> None:
    x = numbers(*X["x"])
    old = one_node("Gelu", X, opset=13, approximate=approximate)
    old.graph.node[0].domain = "com.microsoft"
    old.opset_import.add(domain="com.microsoft", version=1)
    new = one_node("Gelu", X, opset=20, approximate=approximate)
    found = [emulated(model, NEWEST, tmp_path, x=x)["y"] for model in (old, new)]
    assert np.allclose(*found, atol=1e-6)
    assert said(new, "barracuda-3.0.1") == "rejected"
