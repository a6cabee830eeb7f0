"""Conv: stored weights, swapped strides, padding by width, groups."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import parser

from .loops import convolved, same_padding
from .trying import NEWEST, emulated, numbers, one_node, said

W = {"w": numbers(5, 4, 3, 3)}
X = {"x": (1, 4, 9, 11)}


@pytest.mark.parametrize(
    ("attributes", "newest", "barracuda", "first"),
    [
        ({}, "ok", "ok", "ok"),
        ({"strides": [2, 2], "pads": [1, 1, 1, 1]}, "ok", "ok", "ok"),
        ({"strides": [2, 1]}, "ok", "altered", "altered"),
        ({"dilations": [2, 1]}, "ok", "ok", "altered"),
        ({"dilations": [1, 2]}, "ok", "ok", "rejected"),
        ({"dilations": [2, 2]}, "ok", "ok", "ok"),
        ({"auto_pad": "SAME_UPPER"}, "ok", "ok", "ok"),
        ({"auto_pad": "SAME_LOWER", "strides": [2, 2]}, "ok", "ok", "ok"),
    ],
)
def test_attributes_of_a_plain_convolution(
    attributes: dict[str, object], newest: str, barracuda: str, first: str
) -> None:
    model = one_node("Conv", X, W, **attributes)
    found = [said(model, target) for target in (NEWEST, "barracuda-3.0.1", "barracuda-1.0.4")]
    assert found == [newest, barracuda, first]


def test_same_padding_goes_wrong_where_only_the_height_is_odd() -> None:
    model = one_node("Conv", {"x": (1, 4, 9, 10)}, W, auto_pad="SAME_UPPER", strides=[2, 2])
    assert said(model, "barracuda-1.0.4") == "ok"
    assert said(model, "barracuda-1.3.3") == "altered"


@pytest.mark.parametrize(
    ("group", "shape", "verdict"), [(4, (4, 1, 3, 3), "ok"), (4, (8, 1, 3, 3), "throws"), (2, (4, 2, 3, 3), "throws")]
)
def test_only_one_channel_a_group_runs_in_barracuda(group: int, shape: tuple[int, ...], verdict: str) -> None:
    model = one_node("Conv", X, {"w": numbers(*shape)}, group=group)
    assert said(model, "barracuda-3.0.1") == verdict
    assert said(model, NEWEST) == "ok"


def test_groups_of_a_3d_convolution_are_refused() -> None:
    model = one_node("Conv", {"x": (1, 4, 5, 5, 5)}, {"w": numbers(4, 1, 3, 3, 3)}, group=4)
    assert said(model, "barracuda-3.0.1") == "rejected"


def test_weights_must_be_stored_and_a_bias_that_is_not_becomes_zero(tmp_path: Path) -> None:
    fed = one_node("Conv", {"x": (1, 4, 9, 11), "w": (5, 4, 3, 3)})
    assert said(fed, "barracuda-3.0.1") == "rejected"
    biased = one_node("Conv", {"x": (1, 4, 9, 11), "b": (5,)}, W, order=("x", "w", "b"))
    assert said(biased, "barracuda-3.0.1") == "altered"
    x = numbers(1, 4, 9, 11)
    with_bias = emulated(biased, "barracuda-3.0.1", tmp_path, x=x, b=numbers(5) + 3)
    assert np.allclose(with_bias["y"], emulated(one_node("Conv", X, W), NEWEST, tmp_path, x=x)["y"], atol=1e-5)


def test_the_first_importer_works_constants_out() -> None:
    model = parser.parse_model(
        """<ir_version: 8, opset_import: ["" : 13]>
        agraph (float[1,1,4,4] x) => (float[1,1,4,4] y) <float[1,1,1,1] w = {2}>
        { twice = Add(w, w) y = Conv(x, twice) }"""
    )
    assert said(model, "barracuda-1.0.4") == "ok"
    assert said(model, "barracuda-1.3.3") == "rejected"


def test_four_spatial_axes_are_refused_since_2_2() -> None:
    model = one_node("Conv", {"x": (1, 2, 3, 3, 3, 3)}, {"w": numbers(2, 2, 2, 2, 2, 2)})
    assert said(model, "sentis-2.1.3") == "ok"
    assert said(model, "inference-engine-2.2.2") == "rejected"


def test_negative_padding_crops(tmp_path: Path) -> None:
    x = numbers(1, 4, 9, 11)
    model = one_node("Conv", X, W, pads=[-1, 1, 0, -2])
    cropped = np.pad(x[:, :, 1:, :-2], ((0, 0), (0, 0), (0, 0), (1, 0)))
    plain = one_node("Conv", {"x": cropped.shape}, W)
    expected = emulated(plain, NEWEST, tmp_path, x=cropped)["y"]
    assert np.allclose(emulated(model, NEWEST, tmp_path, x=x)["y"], expected, atol=1e-5)


@pytest.mark.parametrize("depthwise", [False, True])
@pytest.mark.parametrize("auto", ["NOTSET", "SAME_UPPER", "SAME_LOWER"])
def test_the_emulation_computes_what_barracudas_loops_do(auto: str, depthwise: bool, tmp_path: Path) -> None:
    x, bias = numbers(2, 3, 8, 11), numbers(3, seed=1)
    weights = numbers(3, 1 if depthwise else 3, 3, 2, seed=2)
    spread = np.zeros((3, weights.shape[1], 5, 2), np.float32)
    spread[:, :, ::2] = weights
    given = {"pads": [1, 0, 2, 1]} if auto == "NOTSET" else {"auto_pad": auto}
    pad = [0, 1, 1, 2] if auto == "NOTSET" else same_padding(11, (2, 5), (3, 2), upper=auto == "SAME_UPPER")
    model = one_node(
        "Conv",
        {"x": x.shape},
        {"w": weights, "b": bias},
        strides=[3, 2],
        dilations=[2, 1],
        group=3 if depthwise else 1,
        **given,
    )
    expected = convolved(x.transpose(0, 2, 3, 1), spread.transpose(2, 3, 1, 0), bias, (3, 2), pad)
    found = emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"]
    assert found.shape == expected.transpose(0, 3, 1, 2).shape
    assert np.allclose(found, expected.transpose(0, 3, 1, 2), atol=1e-4)
