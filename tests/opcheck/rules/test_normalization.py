"""Normalisations: stored parameters, believed channels, the coarse variance of Sentis, training outputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import parser
from stylebridge.opcheck import check

from .trying import NEWEST, Array, emulated, numbers, one_node, said

VECTORS = {"s": numbers(4, seed=1), "b": numbers(4, seed=2)}
STATISTICS = {"m": numbers(4, seed=3), "v": np.abs(numbers(4, seed=4))}


def test_a_scale_must_be_stored_and_a_bias_that_is_not_becomes_zero() -> None:
    scale = one_node("InstanceNormalization", {"x": (1, 4, 6, 8), "s": (4,)}, {"b": VECTORS["b"]})
    assert said(scale, "barracuda-3.0.1") == "rejected"
    bias = one_node("InstanceNormalization", {"x": (1, 4, 6, 8), "b": (4,)}, {"s": VECTORS["s"]}, order=("x", "s", "b"))
    assert said(bias, "barracuda-3.0.1") == "altered"
    assert said(bias, NEWEST) == "ok"


@pytest.mark.parametrize(
    ("shape", "verdict"), [((2, 4, 8), "ok"), ((1, 4, 3, 5, 6), "throws"), ((1, 4, 1, 5, 6), "ok")]
)
def test_ranks_of_instance_normalization_in_barracuda(shape: tuple[int, ...], verdict: str) -> None:
    assert said(one_node("InstanceNormalization", {"x": shape}, VECTORS), "barracuda-3.0.1") == verdict


@pytest.mark.parametrize(
    ("before", "verdict"),
    [
        ("a = Relu(x)", "ok"),
        ("a = Concat <axis=1> (x, x)", "throws"),
        ("c = Concat <axis=1> (x, x) a = Conv(c, w)", "ok"),
    ],
)
def test_the_importer_does_not_see_channels_change(before: str, verdict: str) -> None:
    channels = 4 if "Concat" in before else 2
    weights = ", ".join(["1"] * channels)
    model = parser.parse_model(
        f"""<ir_version: 8, opset_import: ["" : 13]>
        agraph (float[1,2,6,6] x) => (float[N,C,H,W] y)
        <float[{channels}] s = {{{weights}}}, float[{channels}] b = {{{weights}}},
         float[4,4,1,1] w = {{{", ".join("1" * 16)}}}>
        {{ {before} y = InstanceNormalization(a, s, b) }}"""
    )
    assert said(model, "barracuda-3.0.1") == verdict
    assert said(model, NEWEST) == "ok"


def test_there_is_nothing_to_normalise_or_pool_without_a_spatial_axis() -> None:
    assert said(one_node("InstanceNormalization", {"x": (2, 4)}, VECTORS), NEWEST) == "throws"
    assert said(one_node("GlobalAveragePool", {"x": (2, 4)}), NEWEST) == "rejected"


def test_one_scale_a_channel_is_wanted_by_sentis() -> None:
    model = one_node("InstanceNormalization", {"x": (1, 4, 6, 8)}, {"s": numbers(3), "b": numbers(3)})
    assert said(model, NEWEST) == "rejected"


def _summed_in_order(x: Array, scale: Array, bias: Array) -> Array:
    rows = x.reshape(-1, x.shape[2] * x.shape[3])
    mean, squares = np.zeros(len(rows), np.float32), np.zeros(len(rows), np.float32)
    for column in rows.T:
        mean, squares = mean + column, squares + column * column
    mean, squares = mean / np.float32(rows.shape[1]), squares / np.float32(rows.shape[1])
    factor = np.float32(1) / np.sqrt(squares - mean * mean + np.float32(1e-5))
    plain = rows * factor[:, None] - (mean * factor)[:, None]
    return (plain.reshape(x.shape) * scale[:, None, None] + bias[:, None, None]).astype(np.float32)


def test_the_variance_of_sentis_is_coarse_where_means_are_large(tmp_path: Path) -> None:
    x = numbers(1, 4, 32, 32) + 300
    model = one_node("InstanceNormalization", {"x": x.shape}, VECTORS)
    found = emulated(model, NEWEST, tmp_path, x=x)["y"]
    exact = emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"]
    assert np.allclose(found, _summed_in_order(x, VECTORS["s"], VECTORS["b"]), atol=1e-4)
    assert not np.allclose(found, exact, atol=1e-2)
    assert any("float32" in finding.reason for finding in check(model, NEWEST).findings)


def test_large_pictures_are_normalised_as_well(tmp_path: Path) -> None:
    x = numbers(1, 4, 160, 160)
    model = one_node("InstanceNormalization", {"x": ("n", 4, "h", "w")}, VECTORS)
    found = emulated(model, NEWEST, tmp_path, x=x)["y"]
    assert np.allclose(found, emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"], atol=1e-3)


@pytest.mark.parametrize(
    ("stored", "attributes", "newest", "first"),
    [
        ({"s": numbers(8), "b": numbers(8)}, {}, "ok", "ok"),
        ({"s": numbers(8), "b": numbers(8)}, {"axis": -1}, "ok-warned", "ok"),
        ({"s": numbers(8), "b": numbers(8)}, {"axis": 3}, "ok-warned", "ok"),
        ({"s": numbers(8)}, {}, "rejected", "rejected"),
        ({"s": numbers(6, 8), "b": numbers(6, 8)}, {"axis": 2}, "rejected", "rejected"),
    ],
)
def test_layer_normalization(stored: dict[str, Array], attributes: dict[str, int], newest: str, first: str) -> None:
    model = one_node("LayerNormalization", {"x": (1, 4, 6, 8)}, stored, opset=17, **attributes)
    assert [said(model, target) for target in (NEWEST, "sentis-1.2.0")] == [newest, first]
    assert said(model, "barracuda-3.0.1") == "rejected"


def test_an_axis_before_the_last_is_not_read_even_where_the_scale_fits() -> None:
    stored = {"s": numbers(8), "b": numbers(8)}
    model = one_node("LayerNormalization", {"x": (1, 4, 6, 8)}, stored, opset=17, axis=2)
    assert (said(model, NEWEST), said(model, "sentis-1.2.0")) == ("altered-warned", "altered")


def test_layer_normalization_gives_onnx_numbers_and_no_further_output(tmp_path: Path) -> None:
    x, stored = numbers(2, 3, 8), {"s": numbers(8, seed=1), "b": numbers(8, seed=2)}
    model = one_node("LayerNormalization", {"x": x.shape}, stored, opset=17, outputs=("y", "m", "d"))
    assert said(model, NEWEST) == "altered-warned"
    found = emulated(model, NEWEST, tmp_path, x=x)
    plain = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    assert list(found) == ["y"]
    assert np.allclose(found["y"], plain * stored["s"] + stored["b"], atol=1e-4)


@pytest.mark.parametrize(("fed", "verdict"), [("s", "altered"), ("b", "altered"), ("m", "altered"), ("v", "rejected")])
def test_batch_normalization_wants_stored_parameters(fed: str, verdict: str) -> None:
    stored = {name: array for name, array in (VECTORS | STATISTICS).items() if name != fed}
    model = one_node("BatchNormalization", {"x": (2, 4, 3, 3), fed: (4,)}, stored, order=("x", "s", "b", "m", "v"))
    assert said(model, "barracuda-3.0.1") == verdict
    assert said(model, NEWEST) == "ok"


def test_training_normalises_with_stored_statistics(tmp_path: Path) -> None:
    x, stored = numbers(2, 4, 3, 3), VECTORS | STATISTICS
    training = one_node(
        "BatchNormalization", {"x": x.shape}, stored, opset=15, outputs=("y", "rm", "rv"), training_mode=1
    )
    found = [said(training, target) for target in (NEWEST, "sentis-2.1.3", "sentis-1.3.0", "barracuda-3.0.1")]
    assert found == ["altered-warned", "altered", "rejected", "throws"]
    plain = one_node("BatchNormalization", {"x": x.shape}, stored, opset=15)
    expected = emulated(plain, NEWEST, tmp_path, x=x)["y"]
    assert np.allclose(emulated(training, NEWEST, tmp_path, x=x)["y"], expected)


def test_local_response_normalization_is_computed_by_both(tmp_path: Path) -> None:
    x = numbers(1, 7, 4, 4)
    model = one_node("LRN", {"x": x.shape}, size=5, alpha=0.5)
    assert [said(model, target) for target in (NEWEST, "barracuda-1.0.4")] == ["ok", "ok"]
    padded = np.pad(x, ((0, 0), (2, 2), (0, 0), (0, 0))) ** 2
    around = sum(padded[:, i : i + 7] for i in range(5))
    assert np.allclose(emulated(model, NEWEST, tmp_path, x=x)["y"], x / (1 + 0.1 * around) ** 0.75, atol=1e-5)
