"""Resize and Upsample: by scales and by sizes, what each engine makes of the modes it doesn't read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from .trying import NEWEST, Array, emulated, numbers, one_node, said

TARGETS = (NEWEST, "barracuda-3.0.1")
FLOOR: dict[str, Any] = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
LINEAR: dict[str, Any] = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}


def resized(shape: tuple[int, ...], *, opset: int = 13, **written: Any) -> onnx.ModelProto:
    """One Resize, by stored scales or by stored sizes."""
    stored: dict[str, Any] = {}
    order = ["x", "", "scales"]
    if "scales" in written:
        stored["scales"] = np.array(written.pop("scales"), np.float32)
    else:
        stored["sizes"] = np.array(written.pop("sizes"), np.int64)
        order = ["x", "", "", "sizes"]
    return one_node("Resize", {"x": shape}, stored, opset=opset, order=order, **written)


def upsampled(*, opset: int, **attributes: Any) -> onnx.ModelProto:
    """One Upsample of 1 x 3 x 4 x 6, by 2 and 3 unless the attributes say so."""
    stored = {"s": np.array([1, 1, 2, 3], np.float32)} if opset == 9 else {}
    return one_node("Upsample", {"x": (1, 3, 4, 6)}, stored, opset=opset, **attributes)


def interpolated(x: Array, size: int, axis: int) -> Array:
    """Linear interpolation between half-pixel centres along an axis."""
    length = x.shape[axis]
    place = np.clip((np.arange(size) + 0.5) * length / size - 0.5, 0, length - 1)
    low = np.floor(place).astype(int)
    share = (place - low).reshape([-1 if i == axis else 1 for i in range(x.ndim)])
    high = np.minimum(low + 1, length - 1)
    return np.asarray(np.take(x, low, axis) * (1 - share) + np.take(x, high, axis) * share)


@pytest.mark.parametrize(
    ("written", "sentis", "barracuda"),
    [
        ({"scales": [1, 1, 2, 2], **FLOOR}, "ok", "ok-warned"),
        ({"scales": [1, 1, 2, 2]}, "ok", "ok"),
        ({"scales": [1, 1, 2, 2], **LINEAR}, "ok", "ok"),
        ({"scales": [1, 1, 0.5, 0.5], **LINEAR}, "ok", "ok"),
        ({"scales": [1, 1, 0.5, 0.25], **LINEAR}, "ok", "altered"),
        ({"scales": [1, 1, 0.5, 0.5], **FLOOR}, "ok", "throws"),
        ({"scales": [1, 1, 1.5, 2], **FLOOR}, "ok", "altered-warned"),
        ({"scales": [1, 2, 2, 2], **FLOOR}, "ok", "altered-warned"),
        ({"scales": [1, 1, 2, 2], **LINEAR, "coordinate_transformation_mode": "pytorch_half_pixel"}, "ok", "ok-warned"),
        (
            {"scales": [1, 1, 2, 2], **LINEAR, "coordinate_transformation_mode": "align_corners"},
            "ok",
            "altered-warned",
        ),
        ({"scales": [1, 1, 2, 2], "mode": "cubic"}, "altered-warned", "altered-warned"),
        ({"sizes": [1, 3, 5, 7], **FLOOR}, "ok", "ok-warned"),
        ({"sizes": [1, 3, 8, 12], **LINEAR}, "ok", "ok"),
        ({"sizes": [1, 4, 8, 12], **FLOOR}, "ok", "altered-warned"),
    ],
)
def test_resize(written: dict[str, Any], sentis: str, barracuda: str) -> None:
    model = resized((1, 3, 4, 6), **written)
    assert [said(model, target) for target in TARGETS] == [sentis, barracuda]


@pytest.mark.parametrize(
    ("written", "sentis", "barracuda"),
    [
        ({"scales": [1, 1, 2, 2], "axes": [0, 1, 2, 3]}, "ok", "ok-warned"),
        ({"scales": [2, 2], "axes": [2, 3]}, "altered", "rejected"),
        ({"sizes": [8, 12], "axes": [2, 3]}, "ok", "rejected"),
        ({"sizes": [1, 3, 8, 8], "keep_aspect_ratio_policy": "not_larger"}, "altered", "altered-warned"),
        ({"sizes": [1, 3, 8, 12], "keep_aspect_ratio_policy": "stretch"}, "ok", "ok-warned"),
    ],
)
def test_resize_of_opset_18(written: dict[str, Any], sentis: str, barracuda: str) -> None:
    model = resized((1, 3, 4, 6), opset=18, **written, **FLOOR)
    assert [said(model, target) for target in TARGETS] == [sentis, barracuda]


def test_antialias_matters_when_shrinking() -> None:
    grown = resized((1, 3, 4, 6), opset=18, scales=[1, 1, 2, 2], antialias=1, **LINEAR)
    shrunk = resized((1, 3, 16, 24), opset=18, scales=[1, 1, 0.25, 0.25], antialias=1, **LINEAR)
    assert [said(grown, target) for target in TARGETS] == ["ok", "ok"]
    assert [said(shrunk, target) for target in TARGETS] == ["altered", "altered"]


def test_ranks() -> None:
    flat, deep = (
        resized((1, 3, 4), scales=[1, 1, 2], **FLOOR),
        resized((1, 3, 4, 4, 4), scales=[1, 1, 2, 2, 2], **FLOOR),
    )
    assert [said(flat, target) for target in TARGETS] == ["ok", "rejected"]
    assert [said(deep, target) for target in TARGETS] == ["ok", "ok-warned"]


def test_upsample() -> None:
    older = ("barracuda-1.0.4", "sentis-1.2.0")
    assert [said(upsampled(opset=9, mode="nearest"), t) for t in (*TARGETS, *older)] == ["ok"] * 4
    assert [said(upsampled(opset=7, mode="nearest", scales=[1.0, 1, 2, 2]), t) for t in (*TARGETS, *older)] == [
        "ok"
    ] * 4
    assert [said(upsampled(opset=9, mode="linear"), target) for target in TARGETS] == ["ok", "altered"]


def test_scales_that_only_a_run_tells() -> None:
    model = one_node("Resize", {"x": (1, 3, 4, 6), "s": (4,)}, order=["x", "", "s"], mode="nearest")
    found = [said(model, target) for target in (*TARGETS, "barracuda-1.4.0", "barracuda-1.3.3")]
    assert found == ["ok", "altered-warned", "altered-warned", "rejected"]


@pytest.mark.parametrize("target", ["barracuda-3.0.1", "barracuda-1.4.0", "barracuda-1.0.4"])
def test_nearest_is_repetition_in_barracuda(target: str, tmp_path: Path) -> None:
    x = numbers(2, 3, 4, 5)
    model = one_node("Upsample", {"x": x.shape}, {"s": np.array([1, 1, 2, 3], np.float32)}, opset=9)
    found = emulated(model, target, tmp_path, x=x)["y"]
    assert np.array_equal(found, x.repeat(2, 2).repeat(3, 3))


@pytest.mark.parametrize("coordinates", ["half_pixel", "align_corners", "asymmetric"])
def test_linear_has_half_pixel_centres_in_barracuda_whatever_is_asked(coordinates: str, tmp_path: Path) -> None:
    x = numbers(1, 2, 4, 5)
    expected = interpolated(interpolated(x, 8, 2), 15, 3)
    model = resized(x.shape, scales=[1, 1, 2, 3], mode="linear", coordinate_transformation_mode=coordinates)
    assert np.allclose(emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"], expected, atol=1e-5)
    sentis = emulated(model, NEWEST, tmp_path, x=x)["y"]
    assert np.allclose(sentis, expected, atol=1e-5) == (coordinates == "half_pixel")


def test_scales_are_rounded_to_the_nearest_even_number_of_repetitions(tmp_path: Path) -> None:
    x = numbers(1, 2, 4, 6)
    model = resized(x.shape, scales=[1, 1, 2.5, 1.5], **FLOOR)
    found = emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"]
    assert np.array_equal(found, x.repeat(2, 2).repeat(2, 3))
    sentis = emulated(model, NEWEST, tmp_path, x=x)["y"]
    rows, columns = np.floor(np.arange(10) / 2.5).astype(int), np.floor(np.arange(9) / 1.5).astype(int)
    assert np.array_equal(sentis, x[:, :, rows][..., columns])


def test_linear_shrinking_is_an_average_pool_with_its_sizes_swapped(tmp_path: Path) -> None:
    x = numbers(1, 2, 8, 16)
    model = resized(x.shape, scales=[1, 1, 0.5, 0.25], **LINEAR)
    found = emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"]
    assert np.allclose(found, x.reshape(1, 2, 2, 4, 8, 2).mean((3, 5)), atol=1e-6)


@pytest.mark.parametrize("wanted", [(7, 9), (3, 4), (8, 12)])
def test_sizes_round_down_in_barracuda(wanted: tuple[int, int], tmp_path: Path) -> None:
    x = numbers(1, 2, 4, 6)
    rows, columns = (np.arange(w) * n // w for w, n in zip(wanted, (4, 6), strict=True))
    model = resized(x.shape, sizes=[1, 2, *wanted], nearest_mode="ceil", coordinate_transformation_mode="asymmetric")
    found = emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"]
    assert np.array_equal(found, x[:, :, rows][..., columns])
    assert not np.array_equal(emulated(model, NEWEST, tmp_path, x=x)["y"], found)


def test_sentis_takes_scales_with_axes_for_those_of_the_leading_axes(tmp_path: Path) -> None:
    x = numbers(1, 3, 4, 6)
    model = resized(x.shape, opset=18, scales=[2, 3], axes=[2, 3], **FLOOR)
    found = emulated(model, NEWEST, tmp_path, x=x)["y"]
    assert np.array_equal(found, x.repeat(2, 0).repeat(3, 1))
