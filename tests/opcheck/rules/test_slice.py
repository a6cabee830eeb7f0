"""Slice and Split: indices that wrap around, counts that are rounded, and forms that are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import parser
from stylebridge.opcheck.behaviour.slicing import early_run_of, run_of

from .trying import NEWEST, emulated, numbers, one_node, said

X = {"x": (2, 4, 6, 8)}
LOWEST, HIGHEST = np.iinfo(np.int64).min, np.iinfo(np.int64).max


def cut(start: int, end: int, axis: int, step: int = 1) -> onnx.ModelProto:
    lists = {"s": [start], "e": [end], "a": [axis], "t": [step]}
    return one_node("Slice", X, {name: np.array(numbers_, np.int64) for name, numbers_ in lists.items()})


@pytest.mark.parametrize(
    ("start", "end", "axis", "step"), [(1, -1, 3, 1), (-3, HIGHEST, 2, 1), (0, 8, 3, 2), (-1, LOWEST, 3, -1)]
)
def test_usual_slices_are_right(start: int, end: int, axis: int, step: int, tmp_path: Path) -> None:
    model = cut(start, end, axis, step)
    x = numbers(*X["x"])
    for target in ("barracuda-2.1.0", "barracuda-3.0.1", NEWEST):
        assert said(model, target) == "ok"
    one, other = (emulated(model, target, tmp_path, x=x)["y"] for target in ("barracuda-3.0.1", NEWEST))
    assert np.array_equal(one, other)


def test_an_end_far_before_the_start_wraps_around(tmp_path: Path) -> None:
    model = cut(3, -5, 1, -1)
    assert said(model, "barracuda-3.0.1") == "altered"
    assert emulated(model, "barracuda-3.0.1", tmp_path, x=numbers(*X["x"]))["y"].shape == (2, 1, 6, 8)
    assert said(model, NEWEST) == "ok"


def test_reversing_loses_an_element_before_2_1() -> None:
    assert [said(cut(-1, LOWEST, 3, -1), f"barracuda-{r}") for r in ("2.0.0", "2.1.0")] == ["altered", "ok"]


def test_counts_are_rounded_rather_than_rounded_up() -> None:
    assert run_of(8, 0, 7, 3).length == 2
    assert run_of(8, 0, 8, 3).length == 3
    assert early_run_of(8, 0, 8, 3, wraps_counts=True).length == 2
    assert run_of(8, -1, -(1 << 31), -1) == (7, -1, 8)


def test_computed_ends_drop_a_node_of_four_inputs() -> None:
    model = parser.parse_model(
        """<ir_version: 8, opset_import: ["" : 13]> g (float[1, 4, 6, 8] x, int64[1] e) => (float[1, 4, 6, n] y)
        <int64[1] s = {0}, int64[1] a = {3}> { y = Slice(x, s, e, a) }"""
    )
    assert said(model, "barracuda-3.0.1") == "throws"
    assert said(model, NEWEST) == "ok"


def test_split_wants_its_sizes_as_an_attribute() -> None:
    parts = ("y", "z")
    written = one_node("Split", X, outputs=parts, opset=11, axis=1, split=[1, 3])
    given = one_node("Split", X, {"s": np.array([1, 3], np.int64)}, outputs=parts, axis=1)
    equal = one_node("Split", X, outputs=parts, opset=11, axis=1)
    assert [said(model, "barracuda-3.0.1") for model in (written, given, equal)] == ["ok", "rejected", "rejected"]
    assert {said(model, NEWEST) for model in (written, given, equal)} == {"ok"}


def test_split_into_parts_is_right(tmp_path: Path) -> None:
    x = numbers(*X["x"])
    model = one_node("Split", X, outputs=("y", "z"), opset=11, axis=-1, split=[5, 3])
    for target in ("barracuda-3.0.1", NEWEST):
        found = emulated(model, target, tmp_path, x=x)
        assert np.array_equal(found["y"], x[..., :5])
        assert np.array_equal(found["z"], x[..., 5:])


def test_reversing_works_for_lengths_that_divide_a_power_of_two() -> None:
    assert said(cut(-1, LOWEST, 2, -1), "barracuda-3.0.1") == "altered"
    assert (
        said(one_node("Slice", {"x": ("n", 3, 4, "w")}, dict(zip("seat", _reversed(3), strict=True))), NEWEST) == "ok"
    )


def _reversed(axis: int) -> list[Any]:
    return [np.array([number], np.int64) for number in (-1, LOWEST, axis, -1)]


def test_a_list_known_at_import_can_not_be_reversed_in_2_0() -> None:
    model = parser.parse_model(
        """<ir_version: 8, opset_import: ["" : 13]> g (float[4] x) => (float[4] y)
        <float[4] c = {1, 2, 3, 4}, int64[1] s = {-1}, int64[1] e = {-9223372036854775807}, int64[1] a = {0}>
        { r = Slice(c, s, e, a, s) y = Add(x, r) }"""
    )
    verdicts = [said(model, f"barracuda-{release}") for release in ("1.4.0", "2.0.0", "2.1.0", "3.0.1")]
    assert verdicts == ["rejected", "rejected", "ok", "ok"]
