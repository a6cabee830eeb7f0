"""The pixel contract: exact round trips, the written vectors, numpy and torch alike, and its refusals."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stylebridge.contract import (
    RANGES,
    PixelContract,
    Range,
    Side,
    resize_bilinear,
)
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.pixelmath import linear_thresholds, srgb_to_linear_table

VECTORS = Path(__file__).parent / "vectors" / "contract"
INDEX = json.loads((VECTORS / "index.json").read_text())
REFUSALS = json.loads((VECTORS / "refusals.json").read_text())
SIDES = st.builds(
    Side,
    range=st.sampled_from([*RANGES, Range(255.0, (123.68, 116.779, 103.939), (1.0, 1.0, 1.0))]),
    channels=st.sampled_from(["rgb", "bgr"]),
    layout=st.sampled_from(["nchw", "nhwc"]),
    rows=st.sampled_from(["top", "bottom"]),
    color=st.sampled_from(["srgb", "linear"]),
)
PADDED = SIDES.flatmap(
    lambda side: st.builds(PixelContract, input=st.just(side), output=st.just(side), multiple=st.integers(1, 9))
)


def load_case(name: str) -> tuple[PixelContract, Frame, np.ndarray, np.ndarray, np.ndarray]:
    size = (INDEX["frame"]["height"], INDEX["frame"]["width"], 3)
    frame = Frame(color=np.frombuffer((VECTORS / "frame.rgb").read_bytes(), np.uint8).reshape(size))
    shape = INDEX["cases"][name]["shape"]
    entering, leaving = (
        np.frombuffer((VECTORS / f"{name}.{end}.f32").read_bytes(), "<f4").reshape(shape) for end in ("input", "output")
    )
    shown = np.frombuffer((VECTORS / f"{name}.shown.rgb").read_bytes(), np.uint8).reshape(size)
    contract = PixelContract.from_json((VECTORS / f"{name}.json").read_bytes())
    return contract, frame, entering, leaving, shown


@pytest.mark.parametrize("name", INDEX["cases"])
def test_vectors_are_reproduced_to_the_last_bit(name: str) -> None:
    contract, frame, entering, leaving, shown = load_case(name)
    assert contract.to_tensor(frame).tobytes() == entering.tobytes()
    assert np.array_equal(contract.to_frame(leaving, frame).color, shown)


@pytest.mark.parametrize("name", INDEX["cases"])
def test_torch_gives_the_numbers_of_numpy(name: str) -> None:
    torch = pytest.importorskip("torch")
    from stylebridge.nets.pixels import color_from_tensor, tensor_from_color

    contract, frame, entering, leaving, shown = load_case(name)
    tensor = tensor_from_color(contract, torch.from_numpy(frame.color.copy()))
    assert tensor.numpy().tobytes() == entering.tobytes()
    color = color_from_tensor(contract, torch.from_numpy(leaving.copy()), (frame.height, frame.width))
    assert np.array_equal(color.numpy(), shown)


def test_tables_of_linear_light_are_the_written_ones() -> None:
    for name, table in {
        "linear": srgb_to_linear_table(),
        "thresholds.nearest": linear_thresholds("nearest"),
        "thresholds.floor": linear_thresholds("floor"),
    }.items():
        assert table.tobytes() == (VECTORS / f"{name}.f32").read_bytes(), name


@pytest.mark.parametrize("case", REFUSALS["contracts"], ids=lambda case: case["name"])
def test_contract_json_is_refused_as_written_down(case: dict[str, Any]) -> None:
    if not case["code"]:
        assert json.loads(PixelContract.from_json(case["json"]).to_json()) == case["same_as"]
        return
    with pytest.raises(InputError, match=re.escape(case["says"])):
        PixelContract.from_json(case["json"])


@pytest.mark.parametrize("path", ["numpy", "torch"])
@pytest.mark.parametrize("case", REFUSALS["outputs"], ids=lambda case: case["name"])
@pytest.mark.filterwarnings("error")
def test_outputs_are_refused_as_written_down(case: dict[str, Any], path: str) -> None:
    tensor = np.frombuffer((VECTORS / case["file"]).read_bytes(), "<f4").reshape(case["shape"])
    contract = PixelContract.from_json(json.dumps(case["contract"]))
    size = (case["frame"]["height"], case["frame"]["width"])
    if not case["code"]:
        assert shown_by(path, contract, tensor, size).tolist() == case["shown"]
        return
    with pytest.raises(InputError, match=re.escape(case["says"])):
        shown_by(path, contract, tensor, size)


def test_every_refusal_and_every_border_is_written_down() -> None:
    codes = [{case["code"] for case in REFUSALS[kind]} for kind in ("contracts", "outputs")]
    assert codes[0] == {"", "not-json", "version", "unknown-field", "bad-range", "bad-multiple", "bad-value"}
    assert codes[1] == {"", "not-finite", "wrong-shape", "wrong-size", "out-of-range"}


@pytest.mark.parametrize("case", [c for c in REFUSALS["outputs"] if c["code"]], ids=lambda case: case["name"])
def test_torch_refuses_in_the_words_of_numpy(case: dict[str, Any]) -> None:
    tensor = np.frombuffer((VECTORS / case["file"]).read_bytes(), "<f4").reshape(case["shape"])
    contract = PixelContract.from_json(json.dumps(case["contract"]))
    said = []
    for path in ("numpy", "torch"):
        with pytest.raises(InputError) as caught:
            shown_by(path, contract, tensor, (case["frame"]["height"], case["frame"]["width"]))
        said.append(str(caught.value))
    assert said[0] == said[1]


def shown_by(path: str, contract: PixelContract, tensor: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    if path == "numpy":
        return contract.to_frame(tensor, Frame(color=np.zeros((*size, 3), np.uint8))).color
    torch = pytest.importorskip("torch")
    from stylebridge.nets.pixels import color_from_tensor

    return color_from_tensor(contract, torch.from_numpy(tensor.copy()), size).numpy()


@pytest.mark.parametrize(
    "color",
    [
        np.zeros((2, 2, 3), np.float32),
        np.zeros((2, 2), np.uint8),
        np.zeros((2, 2, 1), np.uint8),
        np.zeros((1, 2, 2, 3), np.uint8),
        np.zeros((0, 2, 3), np.uint8),
        np.zeros((1, 16385, 3), np.uint8),
    ],
    ids=lambda color: f"{color.dtype}-{color.shape}",
)
def test_torch_refuses_the_pictures_that_a_frame_refuses(color: np.ndarray) -> None:
    torch = pytest.importorskip("torch")
    from stylebridge.nets.pixels import tensor_from_color

    with pytest.raises(InputError) as by_frame:
        Frame(color=color)
    with pytest.raises(InputError) as by_torch:
        tensor_from_color(PixelContract(), torch.from_numpy(color))
    assert str(by_torch.value) == str(by_frame.value)


@pytest.mark.parametrize("contract", [PixelContract.of("signed"), PixelContract(multiple=4, fit="resize")])
def test_torch_leaves_alpha_out_like_numpy(contract: PixelContract) -> None:
    torch = pytest.importorskip("torch")
    from stylebridge.nets.pixels import tensor_from_color

    color = np.random.default_rng(4).integers(0, 256, (5, 6, 4), dtype=np.uint8)
    assert tensor_from_color(contract, torch.from_numpy(color)).numpy().tobytes() == (
        contract.to_tensor(Frame(color=color)).tobytes()
    )


@pytest.mark.parametrize("path", ["numpy", "torch"])
@pytest.mark.filterwarnings("error")
def test_other_float_types_are_read_as_float32(path: str) -> None:
    contract = PixelContract.of("byte", rounding="floor")
    half = np.full((1, 3, 90, 90), 250, np.float16)  # the sum is far beyond 65504
    assert np.all(shown_by(path, contract, half, (90, 90)) == 250)
    double = np.full((1, 3, 1, 1), 100 - 1e-9)  # 100 in float32, cut to 99 in float64
    assert np.all(shown_by(path, contract, double, (1, 1)) == 100)
    with pytest.raises(InputError, match="3 NaN or infinite"):
        shown_by(path, contract, np.full((1, 3, 1, 1), 1e300), (1, 1))


@pytest.mark.parametrize(
    "numbers",
    [
        (1e300, (0, 0, 0), (1, 1, 1)),
        (1e-60, (0, 0, 0), (1, 1, 1)),
        (1, (np.nan, 0, 0), (1, 1, 1)),
        (1, (0, 1e300, 0), (1, 1, 1)),
        (1, (0, 0, 0), (1, 1e-60, 1)),
        (1, (0, 0, 0), (1, 1, -1)),
    ],
)
@pytest.mark.filterwarnings("error")
def test_a_range_that_float32_cannot_hold_is_refused(numbers: tuple[Any, Any, Any]) -> None:
    with pytest.raises(ValueError, match="float32"):
        Range(*numbers)


def test_a_range_at_the_edge_of_float32_stays_finite() -> None:
    side = Side(range=Range(1e-35, (0.0, 0.0, 0.0), (1e-37, 1.0, 1e37)))
    contract = PixelContract(input=side, output=side)
    tensor = contract.to_tensor(Frame(color=np.full((1, 1, 3), 255, np.uint8)))
    assert tensor.ravel().tolist() == pytest.approx([100, 1e-35, 0], rel=1e-6)


@given(contract=PADDED, height=st.integers(1, 20), width=st.integers(1, 20), seed=st.integers(0, 99))
def test_padding_contracts_give_every_pixel_back(contract: PixelContract, height: int, width: int, seed: int) -> None:
    color = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    frame = Frame(color=color)
    assert np.array_equal(contract.to_frame(contract.to_tensor(frame), frame).color, color)


@pytest.mark.parametrize(("name", "color"), [*itertools.product(RANGES, ["srgb", "linear"])])
def test_all_256_levels_survive(name: str, color: str) -> None:
    side = Side(range=name, color=color)  # type: ignore[arg-type]
    levels = np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, axis=2)
    contract = PixelContract(input=side, output=side)
    assert np.array_equal(contract.to_frame(contract.to_tensor(Frame(color=levels)), Frame(color=levels)).color, levels)


@given(contract=PADDED)
def test_json_round_trip_is_equality(contract: PixelContract) -> None:
    assert PixelContract.from_json(contract.to_json()) == contract


def test_known_ranges_are_what_training_code_computes() -> None:
    frame = Frame(color=np.array([[[0, 128, 255]]], dtype=np.uint8))
    assert PixelContract.of("byte").to_tensor(frame).ravel().tolist() == [0, 128, 255]
    assert PixelContract.of("signed").to_tensor(frame).ravel() == pytest.approx([-1, 1 / 255, 1], abs=1e-6)
    imagenet = [(0 - 0.485) / 0.229, (128 / 255 - 0.456) / 0.224, (1 - 0.406) / 0.225]
    assert PixelContract.of("imagenet").to_tensor(frame).ravel() == pytest.approx(imagenet, abs=1e-6)
    assert PixelContract.of("byte", channels="bgr").to_tensor(frame).ravel().tolist() == [255, 128, 0]


def test_bottom_row_first_really_turns_the_rows() -> None:
    frame = Frame(color=np.arange(12, dtype=np.uint8).reshape(4, 1, 3))
    side = Side(range="byte", rows="bottom", layout="nhwc")
    assert PixelContract(input=side).to_tensor(frame)[0, 0, 0].tolist() == [9, 10, 11]


def test_linear_light_of_mid_grey_is_a_fifth() -> None:
    assert srgb_to_linear_table()[128] == pytest.approx(0.2158605, abs=1e-6)


@pytest.mark.parametrize("rounding", ["nearest", "floor"])
def test_linear_bytes_turn_exactly_at_their_thresholds(rounding: str) -> None:
    thresholds = linear_thresholds(rounding)  # type: ignore[arg-type]
    around = np.stack([np.nextafter(thresholds, np.float32(0)), thresholds]).astype(np.float32)  # [2,255] levels
    contract = PixelContract(output=Side(color="linear"), rounding=rounding)  # type: ignore[arg-type]
    assert np.array_equal(contract._bytes(around), np.stack([np.arange(255), np.arange(1, 256)]))
    many = np.random.default_rng(2).uniform(0, 255, (50, 999)).astype(np.float32)
    assert np.array_equal(contract._bytes(many), np.searchsorted(thresholds, many, side="right"))


def test_resize_matches_opencv_half_pixel_bilinear(frame: Frame) -> None:
    cv2 = pytest.importorskip("cv2")
    pixels = frame.color.astype(np.float32)
    expected = cv2.resize(pixels, (64, 40), interpolation=cv2.INTER_LINEAR)
    assert np.abs(resize_bilinear(pixels, (40, 64)) - expected).max() < 1e-2


def test_fitted_sizes() -> None:
    assert PixelContract(multiple=4).fitted_size(37, 50) == (40, 52)
    assert PixelContract(multiple=4, fit="resize").fitted_size(37, 49) == (36, 48)
    assert PixelContract(multiple=32, fit="resize").fitted_size(3, 3) == (32, 32)


def test_alpha_stays_and_the_clock_too() -> None:
    color = np.random.default_rng(1).integers(0, 256, (4, 4, 4), dtype=np.uint8)
    frame = Frame(color=color, session="s")
    contract = PixelContract.of("signed")
    shown = contract.to_frame(-contract.to_tensor(frame), frame)
    assert np.array_equal(shown.color[:, :, 3], color[:, :, 3])
    assert not np.array_equal(shown.color, color)
    assert shown.session == "s"


def test_nan_in_the_output_is_refused(frame: Frame) -> None:
    tensor = PixelContract().to_tensor(frame)
    tensor[0, 0, 0, 0] = np.nan
    with pytest.raises(InputError, match="1 NaN or infinite"):
        PixelContract().to_frame(tensor, frame)


@pytest.mark.parametrize("shape", [(1, 1, 8, 8), (3, 8, 8), (2, 3, 8, 8), (1, 8, 8, 3)])
def test_output_of_another_shape_is_refused(shape: tuple[int, ...], frame: Frame) -> None:
    with pytest.raises(InputError, match=r"expected \[1,3,H,W\]"):
        PixelContract().to_frame(np.zeros(shape, np.float32), frame)


def test_output_of_another_size_names_the_multiple(frame: Frame) -> None:
    with pytest.raises(InputError, match="multiple"):
        PixelContract().to_frame(np.zeros((1, 3, 40, 52), np.float32), frame)


def test_a_contract_without_clamp_refuses_values_outside(frame: Frame) -> None:
    contract = PixelContract.of("signed", clamp=False)
    with pytest.raises(InputError, match="clamp=false"):
        contract.to_frame(contract.to_tensor(frame) * 2, frame)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"version": 2}, "version"),
        ({"multiple": 0}, "multiple"),
        ({"colour": "srgb"}, "colour"),
        ({"input": {"range": "bytes"}}, "range"),
        ({"input": {"range": {"peak": 0.0, "mean": [0, 0, 0], "std": [1, 1, 1]}}}, "peak"),
        ({"input": {"range": {"peak": 1.0, "mean": [0, 0], "std": [1, 1, 1]}}}, "mean"),
    ],
)
def test_foreign_json_is_refused_with_the_place(change: dict[str, object], complaint: str) -> None:
    text = json.dumps(msgspec.to_builtins(PixelContract()) | change)
    with pytest.raises(InputError, match=complaint) as caught:
        PixelContract.from_json(text, where="x.json")
    assert str(caught.value).startswith("x.json: not a pixel contract")


def test_bytes_that_are_not_text_are_refused() -> None:
    with pytest.raises(InputError, match="not a pixel contract"):
        PixelContract.from_json(b'{"fit": "\xff"}')
