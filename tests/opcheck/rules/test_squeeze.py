"""Squeeze and Unsqueeze: where the axes are looked for, and which of them Barracuda mixes up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from .trying import NEWEST, emulated, numbers, one_node, said


@pytest.mark.parametrize(("shape", "axis"), [((2, 1, 6, 8), 1), ((1, 4, 6, 8), 0), ((2, 4, 6, 1), -1), ((2, 4, 1), 2)])
def test_one_axis_is_squeezed_right(shape: tuple[int, ...], axis: int, tmp_path: Path) -> None:
    model = one_node("Squeeze", {"x": shape}, opset=11, axes=[axis])
    x = numbers(*shape)
    for target in ("barracuda-1.3.3", "barracuda-3.0.1", NEWEST):
        assert said(model, target) == "ok"
    assert np.array_equal(emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"], x.squeeze(axis))


@pytest.mark.parametrize("rank", [1, 2, 3, 4])
def test_one_axis_is_added_right(rank: int, tmp_path: Path) -> None:
    shape = (2, 3, 4, 5)[:rank]
    x = numbers(*shape)
    for axis in range(rank + 1):
        model = one_node("Unsqueeze", {"x": shape}, opset=11, axes=[axis])
        assert said(model, "barracuda-3.0.1") == "ok"
        found = emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"]
        assert np.array_equal(found, np.expand_dims(x, axis))


def test_two_leading_axes_end_up_in_the_wrong_order(tmp_path: Path) -> None:
    model = one_node("Unsqueeze", {"x": (2, 4, 6)}, {"a": np.array([0, 1], np.int64)})
    assert [said(model, t) for t in ("barracuda-2.2.1", "barracuda-3.0.1", NEWEST)] == ["rejected", "altered", "ok"]
    found = emulated(model, "barracuda-3.0.1", tmp_path, x=numbers(2, 4, 6))["y"]
    assert found.shape == (1, 2, 4, 1, 6)


def test_a_negative_axis_counts_as_the_last() -> None:
    assert said(one_node("Unsqueeze", {"x": (2, 4, 6)}, opset=11, axes=[-1]), "barracuda-3.0.1") == "ok"
    assert said(one_node("Unsqueeze", {"x": (2, 4, 6)}, opset=11, axes=[-2]), "barracuda-3.0.1") == "altered"


def test_axes_left_out_are_refused() -> None:
    model = one_node("Squeeze", {"x": (2, 4, 1, 1)}, opset=11)
    assert said(model, "barracuda-3.0.1") == "rejected"
    assert said(model, NEWEST) == "ok"


def test_axes_as_an_input_are_read_from_2_3_1_on() -> None:
    model = one_node("Squeeze", {"x": (2, 4, 6, 1)}, {"a": np.array([3], np.int64)})
    assert [said(model, f"barracuda-{r}") for r in ("2.2.1", "2.3.1", "3.0.1")] == ["rejected", "ok", "ok"]


def test_several_axes_draw_a_warning_in_2_2_1_only() -> None:
    model = one_node("Squeeze", {"x": (2, 4, 1, 1)}, opset=11, axes=[2, 3])
    assert [said(model, f"barracuda-{r}") for r in ("2.1.0", "2.2.1", "2.3.1")] == ["ok", "ok-warned", "ok"]


@pytest.mark.parametrize(
    ("axis", "verdict"), [(0, "altered-warned"), (1, "ok-warned"), (2, "altered"), (-1, "altered-warned")]
)
def test_early_releases_move_nothing(axis: int, verdict: str) -> None:
    shape = [2, 3, 4]
    shape.insert(axis if axis >= 0 else 3, 1)
    if axis == 2:
        shape = [2, 3, 4, 1]
        axis = 3
    assert said(one_node("Squeeze", {"x": shape}, opset=11, axes=[axis]), "barracuda-1.0.4") == verdict


def test_sentis_reads_only_the_form_of_the_opset() -> None:
    assert said(one_node("Unsqueeze", {"x": (2, 3)}, opset=13, axes=[0]), NEWEST) == "rejected"
    assert said(one_node("Unsqueeze", {"x": (2, 3)}, opset=11, axes=[0]), NEWEST) == "ok"
