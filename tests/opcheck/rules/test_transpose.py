"""Transpose: permutations written down, left out, and unknown to early releases."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from onnx import parser

from .trying import NEWEST, emulated, numbers, one_node, said

X = {"x": (2, 3, 4, 5)}


@pytest.mark.parametrize("perm", list(permutations(range(4)))[::5])
def test_written_permutations_are_right(perm: tuple[int, ...], tmp_path: Path) -> None:
    model = one_node("Transpose", X, perm=list(perm))
    x = numbers(*X["x"])
    for target in ("barracuda-1.3.3", "barracuda-3.0.1", NEWEST):
        assert said(model, target) == "ok"
    assert np.array_equal(emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"], x.transpose(perm))


def test_without_a_permutation_nothing_is_moved(tmp_path: Path) -> None:
    model = one_node("Transpose", {"x": (3, 5)})
    x = numbers(3, 5)
    assert said(model, "barracuda-3.0.1") == "altered"
    assert np.array_equal(emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"], x)
    assert np.array_equal(emulated(model, NEWEST, tmp_path, x=x)["y"], x.T)


@pytest.mark.parametrize(
    ("perm", "verdict"), [([0, 1, 3, 2], "rejected"), ([0, 2, 3, 1], "ok"), ([0, 3, 1, 2], "altered")]
)
def test_early_releases_know_changes_of_layout_only(perm: list[int], verdict: str) -> None:
    assert said(one_node("Transpose", X, perm=perm), "barracuda-1.0.4") == verdict


@pytest.mark.parametrize("first", [[0, 2, 3, 1], [0, 3, 1, 2]])
def test_early_releases_are_right_where_one_layout_change_undoes_the_other(first: list[int]) -> None:
    second = [0, 3, 1, 2] if first[1] == 2 else [0, 2, 3, 1]
    model = parser.parse_model(
        f"""<ir_version: 8, opset_import: ["" : 13]> g (float[2, 3, 4, 5] x) => (float[2, 3, 4, 5] y) {{
        a = Transpose<perm = {first}>(x) b = Relu(a) y = Transpose<perm = {second}>(b) }}"""
    )
    assert said(model, "barracuda-1.0.4") == "ok"


def test_a_transposed_constant_still_is_one() -> None:
    weights = ", ".join(["0.5"] * 54)
    model = parser.parse_model(
        f"""<ir_version: 8, opset_import: ["" : 13]> g (float[1, 2, 4, 4] x) => (float[1, 3, 2, 2] y)
        <float[2, 3, 3, 3] w = {{{weights}}}> {{ v = Transpose<perm = [1, 0, 2, 3]>(w) y = Conv(x, v) }}"""
    )
    assert said(model, "barracuda-3.0.1") == "ok"
