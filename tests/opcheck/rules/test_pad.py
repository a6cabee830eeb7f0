"""Pad: pads as an attribute or an input, axes that are dropped, mirrors that are too short."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from stylebridge.opcheck.behaviour.edge_padding import edge_indices

from .trying import NEWEST, Array, emulated, numbers, one_node, said

TARGETS = (NEWEST, "sentis-1.3.0", "barracuda-3.0.1", "barracuda-2.2.1", "barracuda-1.3.3")
MODES = ("constant", "reflect", "edge")


def padded(
    shape: tuple[int, ...], pads: Sequence[int], mode: str, value: float | None = None, *, opset: int = 13
) -> onnx.ModelProto:
    """One Pad; up to opset 10 its pads are an attribute."""
    if opset < 11:
        extra: dict[str, Any] = {} if value is None else {"value": value}
        return one_node("Pad", {"x": shape}, opset=opset, mode=mode, pads=list(pads), **extra)
    stored: dict[str, Any] = {"p": np.array(pads, np.int64)}
    if value is not None:
        stored["v"] = np.array(value, np.float32)
    return one_node("Pad", {"x": shape}, stored, opset=opset, mode=mode)


def verdicts(*given: Any, opset: int = 13) -> list[str]:
    return [said(padded((1, 4, 6, 8), *given, opset=opset), target) for target in TARGETS]


@pytest.mark.parametrize(
    ("pads", "mode", "value", "expected"),
    [
        ([0, 0, 1, 1, 0, 0, 1, 1], "reflect", None, ["ok", "ok", "ok", "ok", "altered"]),
        ([0, 0, 1, 2, 0, 0, 3, 0], "edge", None, ["ok", "ok", "ok", "ok", "altered"]),
        ([0, 0, 2, 0, 0, 0, 2, 0], "edge", None, ["ok", "altered", "ok", "ok", "altered"]),
        ([0, 1, 0, 0, 0, 2, 0, 0], "reflect", None, ["ok", "altered", "ok", "altered", "altered"]),
        ([1, 0, 0, 0, 1, 0, 0, 0], "constant", 0.75, ["ok", "ok", "altered", "altered", "altered"]),
        ([0, 0, 1, 1, 0, 0, 1, 1], "constant", 0.75, ["ok", "ok", "ok", "altered", "altered"]),
        ([0, 0, 1, 1, 0, 0, 1, 1], "constant", 0.0, ["ok", "ok", "ok", "ok", "altered"]),
        ([0, 0, -1, -1, 0, 0, -1, -1], "constant", 0.75, ["ok", "ok", "ok", "ok", "altered"]),
        ([0, 0, 7, 0, 0, 0, 7, 0], "reflect", None, ["altered", "altered", "altered", "altered", "altered"]),
    ],
)
def test_pads_that_are_an_input(pads: list[int], mode: str, value: float | None, expected: list[str]) -> None:
    assert verdicts(pads, mode, value) == expected


@pytest.mark.parametrize(
    ("pads", "mode", "expected"),
    [
        ([0, 0, 5, 5, 0, 0, 5, 5], "reflect", ["ok", "ok", "ok", "ok", "ok"]),
        ([0, 0, 1, 2, 0, 0, 3, 0], "constant", ["ok", "ok", "ok", "ok", "ok"]),
        ([0, 1, 1, 1, 0, 1, 1, 1], "reflect", ["ok", "ok", "ok", "altered-warned", "altered-warned"]),
        ([1, 0, 0, 0, 1, 0, 0, 0], "edge", ["ok", "altered", "altered", "altered-warned", "altered-warned"]),
    ],
)
def test_pads_that_are_an_attribute(pads: list[int], mode: str, expected: list[str]) -> None:
    assert verdicts(pads, mode, None, opset=9) == expected


def test_ranks() -> None:
    found = {
        rank: [said(padded((2, 3, 4, 5, 6)[:rank], [0] * (2 * rank - 1) + [1], "constant"), t) for t in TARGETS]
        for rank in (1, 2, 3, 5)
    }
    assert found == {
        1: ["ok", "ok", "throws", "rejected", "rejected"],
        2: ["ok", "ok", "altered", "rejected", "rejected"],
        3: ["ok", "ok", "throws", "rejected", "rejected"],
        5: ["ok", "ok", "ok", "rejected", "rejected"],
    }


def test_axes_and_an_empty_value() -> None:
    stored: dict[str, Any] = {"p": np.array([1, 1, 1, 1], np.int64), "a": np.array([2, 3], np.int64)}
    model = one_node("Pad", {"x": (1, 4, 6, 8)}, stored, opset=18, order=["x", "p", "", "a"], mode="reflect")
    assert [said(model, target) for target in TARGETS] == ["ok", "rejected", "rejected", "rejected", "altered"]


def test_modes_that_came_later() -> None:
    pads = [0, 0, 1, 1, 0, 0, 1, 1]
    assert verdicts(pads, "wrap", None, opset=19) == ["ok", "altered", "altered", "altered", "throws"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("target", ["barracuda-3.0.1", NEWEST])
def test_numbers(mode: str, target: str, tmp_path: Path) -> None:
    x = numbers(2, 3, 5, 6)
    model = padded(x.shape, [0, 1, 2, 3, 0, 2, 4, 0], mode, 0.5 if mode == "constant" else None)
    extra: dict[str, Any] = {"constant_values": 0.5} if mode == "constant" else {}
    expected = np.pad(x, [(0, 0), (1, 2), (2, 4), (3, 0)], mode=mode, **extra)  # type: ignore[call-overload]
    assert np.array_equal(emulated(model, target, tmp_path, x=x)["y"], expected)


def test_padding_of_the_batch_is_dropped(tmp_path: Path) -> None:
    x = numbers(2, 3, 5, 6)
    model = padded(x.shape, [1, 0, 2, 0, 1, 0, 0, 1], "edge")
    expected = np.pad(x, [(0, 0), (0, 0), (2, 0), (0, 1)], mode="edge")
    assert np.array_equal(emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"], expected)
    assert np.array_equal(
        emulated(model, NEWEST, tmp_path, x=x)["y"], np.pad(expected, [(1, 1), *[(0, 0)] * 3], "edge")
    )


def test_two_releases_guess_where_height_and_width_are(tmp_path: Path) -> None:
    x = numbers(1, 3, 5, 6)
    model = padded(x.shape, [0, 1, 2, 0, 0, 1, 2, 0], "constant")
    guessed = np.pad(x, [(0, 0), (0, 0), (1, 1), (2, 2)])
    asked = np.pad(x, [(0, 0), (0, 0), (2, 2), (0, 0)])
    assert np.array_equal(emulated(model, "barracuda-2.2.1", tmp_path, x=x)["y"], guessed)
    assert np.array_equal(emulated(model, "barracuda-2.1.0", tmp_path, x=x)["y"], asked)


def test_the_first_sentis_pads_an_axis_together_with_its_unpadded_neighbour(tmp_path: Path) -> None:
    x = numbers(1, 2, 4, 5)
    model = padded(x.shape, [0, 0, 1, 0, 0, 0, 2, 0], "reflect")
    merged = np.pad(x.reshape(1, 2, 20), [(0, 0), (0, 0), (5, 10)], mode="reflect").reshape(1, 2, 7, 5)
    assert np.array_equal(emulated(model, "sentis-1.3.0", tmp_path, x=x)["y"], merged)
    assert np.array_equal(
        emulated(model, "sentis-1.4.0", tmp_path, x=x)["y"],
        np.pad(x, [(0, 0), (0, 0), (1, 2), (0, 0)], mode="reflect"),
    )


@pytest.mark.parametrize("mode", ["reflect", "edge", "symmetric", "wrap"])
def test_edges_read_what_numpy_reads(mode: str) -> None:
    row = np.arange(6)
    for before, after in ((0, 0), (1, 5), (4, 2)):
        expected: Array = np.pad(row, (before, after), mode=mode)  # type: ignore[call-overload]
        assert np.array_equal(edge_indices(6, before, after, mode), expected)
    assert edge_indices(3, 4, 0, "reflect").tolist() == [2, 2, 2, 1, 0, 1, 2]
    assert edge_indices(6, -1, -2, mode).tolist() == [1, 2, 3]


@pytest.mark.parametrize("mode", MODES)
def test_the_first_release_crops_rows_below_whatever_side_is_asked_for(mode: str, tmp_path: Path) -> None:
    x = numbers(1, 2, 6, 7)
    model = padded(x.shape, [0, 0, -2, -1, 0, 0, -1, -3], mode, opset=9)
    assert [said(model, t) for t in ("barracuda-1.0.4", "barracuda-1.3.3")] == ["altered", "ok"]
    assert np.array_equal(emulated(model, "barracuda-1.0.4", tmp_path, x=x)["y"], x[:, :, :3, 1:4])


def test_a_value_that_is_fed_is_ignored_as_a_stored_one_is() -> None:
    stored = {"p": np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64)}
    model = one_node("Pad", {"x": (1, 4, 6, 8), "v": ()}, stored, order=["x", "p", "v"])
    assert [said(model, t) for t in ("barracuda-2.2.1", "barracuda-3.0.1")] == ["altered", "rejected"]
