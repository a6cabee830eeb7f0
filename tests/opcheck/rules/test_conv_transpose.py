"""ConvTranspose: swapped strides and output padding, ignored attributes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from .loops import transposed
from .trying import NEWEST, emulated, numbers, one_node, said

X = {"x": (1, 4, 5, 7)}
STORED = {"w": numbers(4, 3, 3, 3), "b": numbers(3, seed=1)}
TARGETS = (NEWEST, "inference-engine-2.2.2", "barracuda-3.0.1")


@pytest.mark.parametrize(
    ("attributes", "verdicts"),
    [
        ({"strides": [2, 2], "pads": [1, 1, 1, 1], "output_padding": [1, 1]}, ("ok", "ok", "ok")),
        ({"strides": [2, 1]}, ("ok", "ok", "altered")),
        ({"strides": [2, 2], "output_padding": [1, 0]}, ("ok", "ok", "altered")),
        ({"pads": [0, 0, 1, 1]}, ("ok", "ok", "throws")),
        ({"dilations": [2, 1]}, ("ok", "altered", "altered-warned")),
        ({"dilations": [1, 1]}, ("ok", "ok", "ok")),
        ({"strides": [2, 2], "output_shape": [10, 14]}, ("altered-warned", "altered", "altered-warned")),
        ({"strides": [2, 2], "output_shape": [11, 15]}, ("ok-warned", "ok", "ok-warned")),
        ({"auto_pad": "SAME_UPPER", "strides": [2, 2]}, ("ok", "ok", "altered")),
        ({"auto_pad": "SAME_UPPER"}, ("ok", "ok", "ok")),
    ],
)
def test_attributes(attributes: dict[str, object], verdicts: tuple[str, ...]) -> None:
    model = one_node("ConvTranspose", X, STORED, **attributes)
    assert tuple(said(model, target) for target in TARGETS) == verdicts


def test_groups_are_ignored_and_then_the_bias_does_not_fit() -> None:
    grouped = {"w": numbers(4, 2, 3, 3), "b": numbers(4)}
    model = one_node("ConvTranspose", X, grouped, group=2)
    assert tuple(said(model, target) for target in TARGETS) == ("ok", "rejected", "throws")
    bare = one_node("ConvTranspose", X, {"w": grouped["w"]}, group=2)
    assert tuple(said(bare, target) for target in TARGETS) == ("ok", "altered-warned", "altered-warned")


@pytest.mark.parametrize(
    ("target", "verdict"), [("barracuda-1.0.4", "throws"), ("barracuda-2.3.1", "rejected"), ("barracuda-2.4.0", "ok")]
)
def test_one_spatial_axis_is_known_since_2_4(target: str, verdict: str) -> None:
    model = one_node("ConvTranspose", {"x": (1, 4, 7)}, {"w": numbers(4, 3, 3)}, strides=[2])
    assert said(model, target) == verdict


@pytest.mark.parametrize("strides", [[2, 1], [1, 2], [3, 2], [2, 2]])
def test_the_emulation_computes_what_barracudas_loops_do(strides: list[int], tmp_path: Path) -> None:
    x = numbers(2, 4, 5, 6)
    model = one_node(
        "ConvTranspose", {"x": x.shape}, STORED, strides=strides, pads=[1, 0, 1, 0], output_padding=[0, strides[1] - 1]
    )
    kernel = STORED["w"].transpose(2, 3, 0, 1)
    extra = (0, strides[1] - 1)
    expected = transposed(x.transpose(0, 2, 3, 1), kernel, STORED["b"], strides, (0, 1), extra).transpose(0, 3, 1, 2)
    found = emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"]
    assert found.shape == expected.shape
    assert np.allclose(found, expected, atol=1e-4)


def test_padding_below_zero_adds_room_that_holds_the_bias(tmp_path: Path) -> None:
    x = numbers(1, 4, 5, 6)
    plain = emulated(one_node("ConvTranspose", {"x": x.shape}, STORED), NEWEST, tmp_path, x=x)["y"]
    model = one_node("ConvTranspose", {"x": x.shape}, STORED, pads=[-1, 0, -2, 1])
    found = emulated(model, NEWEST, tmp_path, x=x)["y"]
    assert said(model, NEWEST) == "ok"
    assert found.shape == (1, 3, 10, 7)
    assert np.allclose(found[:, :, 1:-2], plain[..., :-1], atol=1e-5)
    assert np.allclose(found[:, :, 0], STORED["b"].reshape(1, 3, 1), atol=1e-5)
