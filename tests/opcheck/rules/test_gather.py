"""Gather and Concat: indices in their various shapes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from .trying import NEWEST, emulated, numbers, one_node, said

X = {"x": (3, 4, 6, 8)}


def picked(indices: int | list[int] | list[list[int]], axis: int) -> onnx.ModelProto:
    return one_node("Gather", X, {"i": np.array(indices, np.int64)}, axis=axis)


@pytest.mark.parametrize("axis", [0, 1, 2, 3, -1])
def test_single_and_listed_indices_are_right(axis: int, tmp_path: Path) -> None:
    x = numbers(*X["x"])
    for indices in (1, [2, 0]):
        model = picked(indices, axis)
        assert said(model, "barracuda-3.0.1") == "ok"
        found = emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"]
        assert np.array_equal(found, np.take(x, indices, axis))


def test_negative_indices_fail_when_it_runs() -> None:
    model = picked([-1, 0], 1)
    verdicts = [said(model, target) for target in ("barracuda-3.0.1", "barracuda-3.0.1+burst", NEWEST)]
    assert verdicts == ["throws", "altered", "ok"]


def test_a_table_of_indices_is_flattened(tmp_path: Path) -> None:
    model = picked([[0, 1], [1, 0]], 1)
    assert said(model, "barracuda-3.0.1") == "altered"
    assert emulated(model, "barracuda-3.0.1", tmp_path, x=numbers(*X["x"]))["y"].shape == (3, 4, 6, 8)
    assert said(model, NEWEST) == "ok"


def test_a_single_index_along_a_negative_axis_drops_the_last() -> None:
    assert said(picked(1, -3), "barracuda-3.0.1") == "altered"
    assert said(picked([1], -3), "barracuda-3.0.1") == "ok"


def test_early_releases_leave_the_other_dimensions_where_they_lie() -> None:
    assert [said(picked(1, axis), "barracuda-1.0.4") for axis in (0, 2)] == ["altered", "ok"]


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_concat_is_right_everywhere(axis: int) -> None:
    model = one_node("Concat", {"x": (2, 4, 6), "z": (2, 4, 6)}, axis=axis)
    assert {said(model, target) for target in ("barracuda-1.0.4", "barracuda-3.0.1", "sentis-1.2.0", NEWEST)} == {"ok"}
