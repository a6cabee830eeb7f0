"""Pools: swapped axes, ignored attributes, ranks, the indices that nobody makes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from .loops import pooled, same_padding
from .trying import NEWEST, emulated, numbers, one_node, said

TARGETS = (NEWEST, "inference-engine-2.3.0", "barracuda-3.0.1")


def verdicts(op: str, shape: tuple[int, ...], opset: int = 12, **attributes: object) -> tuple[str, ...]:
    model = one_node(op, {"x": shape}, opset=opset, **attributes)
    return tuple(said(model, target) for target in TARGETS)


@pytest.mark.parametrize(
    ("op", "attributes", "expected"),
    [
        ("MaxPool", {"kernel_shape": [2, 2]}, ("ok", "ok", "ok")),
        ("MaxPool", {"kernel_shape": [2, 3], "strides": [2, 1]}, ("ok", "ok", "altered")),
        ("MaxPool", {"kernel_shape": [2, 2], "dilations": [2, 2]}, ("altered-warned",) * 3),
        ("MaxPool", {"kernel_shape": [2, 2], "ceil_mode": 0}, ("ok-warned", "ok", "ok")),
        ("MaxPool", {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}, ("ok-warned",) * 3),
        ("AveragePool", {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}, ("altered-warned",) * 3),
        ("AveragePool", {"kernel_shape": [3, 3], "pads": [1] * 4, "count_include_pad": 1}, ("altered-warned",) * 3),
        ("AveragePool", {"kernel_shape": [3, 3], "count_include_pad": 1}, ("ok-warned",) * 3),
        ("AveragePool", {"kernel_shape": [3, 3], "auto_pad": "SAME_UPPER", "strides": [2, 2]}, ("ok", "ok", "ok")),
    ],
)
def test_attributes(op: str, attributes: dict[str, object], expected: tuple[str, ...]) -> None:
    assert verdicts(op, (1, 4, 6, 8), **attributes) == expected


def test_dilations_of_an_average_pool_pass_barracuda_by_in_silence() -> None:
    found = verdicts("AveragePool", (1, 4, 6, 8), 19, kernel_shape=[2, 2], dilations=[2, 2])
    assert found == ("altered-warned", "altered-warned", "altered")


def test_pools_of_other_ranks() -> None:
    assert verdicts("MaxPool", (1, 4, 8), kernel_shape=[2], strides=[2]) == ("ok", "ok", "altered")
    assert verdicts("MaxPool", (1, 4, 8), kernel_shape=[2], dilations=[1]) == ("ok-warned",) * 3
    assert verdicts("AveragePool", (1, 4, 8), kernel_shape=[2]) == ("ok", "ok", "rejected")
    assert verdicts("MaxPool", (1, 4, 6, 6, 6), kernel_shape=[2, 2, 2]) == ("ok", "ok", "rejected")
    assert verdicts("GlobalAveragePool", (1, 4, 6)) == ("ok", "ok", "ok")
    assert verdicts("GlobalMaxPool", (1, 4, 3, 3, 3)) == ("ok", "ok", "rejected")


def test_windows_may_hang_over_where_sizes_are_left_open() -> None:
    stepping, dense = ({"kernel_shape": [2, 2], "strides": [step, step], "ceil_mode": 1} for step in (2, 1))
    assert said(one_node("MaxPool", {"x": (1, 4, "h", "w")}, opset=12, **stepping), NEWEST) == "altered-warned"
    assert said(one_node("MaxPool", {"x": (1, 4, "h", "w")}, opset=12, **dense), NEWEST) == "ok-warned"


def test_indices_are_never_made() -> None:
    model = one_node("MaxPool", {"x": (1, 4, 6, 8)}, outputs=("y", "i"), opset=12, kernel_shape=[2, 2])
    found = [said(model, target) for target in (*TARGETS, "sentis-1.3.0")]
    assert found == ["altered-warned", "altered", "throws", "rejected"]


@pytest.mark.parametrize("op", ["MaxPool", "AveragePool"])
@pytest.mark.parametrize("auto", ["NOTSET", "SAME_LOWER"])
def test_the_emulation_computes_what_barracudas_loops_do(op: str, auto: str, tmp_path: Path) -> None:
    x, kernel, strides = numbers(2, 3, 9, 12), (3, 2), (2, 3)
    given = {"pads": [1, 0, 1, 1]} if auto == "NOTSET" else {"auto_pad": auto}
    pad = [0, 1, 1, 1] if auto == "NOTSET" else same_padding(12, kernel, strides, upper=False)
    model = one_node(op, {"x": x.shape}, opset=12, kernel_shape=kernel, strides=strides, **given)
    expected = pooled(x.transpose(0, 2, 3, 1), kernel, strides, pad, mean=op == "AveragePool").transpose(0, 3, 1, 2)
    found = emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"]
    assert found.shape == expected.shape
    assert np.allclose(found, expected, atol=1e-5)


def test_a_swapped_kernel_larger_than_the_tensor_makes_one_window(tmp_path: Path) -> None:
    x = numbers(1, 2, 4, 6)
    model = one_node("AveragePool", {"x": x.shape}, opset=12, kernel_shape=[4, 6])
    assert verdicts("AveragePool", x.shape, kernel_shape=[4, 6]) == ("ok", "ok", "altered")
    found = emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"]
    expected = np.stack([x[:, :, :, i : i + 4].mean((2, 3)) for i in range(3)], -1)[:, :, None]
    assert np.allclose(found, expected, atol=1e-5)
