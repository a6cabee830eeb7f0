"""Operands of several shapes and kinds: where they meet, what fails, what comes out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import parser
from stylebridge.opcheck.numbers import run_model
from stylebridge.opcheck.study import study
from stylebridge.targets import find_target

from .trying import NEWEST, emulated, numbers, one_node, said

X = {"x": (2, 4, 6, 8)}
RELEASES = ("barracuda-1.0.4", "barracuda-1.3.3", "barracuda-2.1.0", "barracuda-3.0.1")


@pytest.mark.parametrize(
    ("shape", "verdicts"),
    [
        ((), ("ok", "ok", "ok", "ok")),
        ((4, 1, 1), ("ok", "ok", "ok", "ok")),
        ((8,), ("throws", "ok", "ok", "ok")),
        ((6, 8), ("throws", "throws", "throws", "ok")),
        ((4, 6, 8), ("throws", "ok", "ok", "ok")),
        ((1, 2, 4, 6, 8), ("rejected", "throws", "throws", "throws")),
    ],
)
def test_a_stored_operand_meets_a_picture(shape: tuple[int, ...], verdicts: tuple[str, ...]) -> None:
    model = one_node("Add", X, {"c": numbers(*shape)})
    assert tuple(said(model, release) for release in RELEASES) == verdicts
    assert said(model, NEWEST) == "ok"


@pytest.mark.parametrize(
    ("shape", "verdicts"),
    [
        ((1, 4, 1, 1), ("ok", "ok", "ok", "ok")),
        ((4, 1, 1), ("throws", "throws", "ok", "ok")),
        ((6, 1), ("throws", "throws", "ok", "ok")),
    ],
)
def test_a_computed_operand_is_moved_from_1_4_on(shape: tuple[int, ...], verdicts: tuple[str, ...]) -> None:
    model = one_node("Mul", {**X, "c": shape})
    assert tuple(said(model, release) for release in RELEASES) == verdicts


def test_equal_sizes_hide_the_wrong_axis(tmp_path: Path) -> None:
    x, c = numbers(1, 4, 6, 4), numbers(4, seed=1)
    model = one_node("Add", {"x": x.shape}, {"c": c})
    assert said(model, "barracuda-1.0.4") == "altered"
    found = emulated(model, "barracuda-1.0.4", tmp_path, x=x)["y"]
    assert np.allclose(found, x + c[:, None, None], atol=1e-6)


def test_five_dimensions_against_fewer_are_lined_up_at_the_front(tmp_path: Path) -> None:
    x, c = numbers(1, 2, 3, 4, 5), numbers(5, seed=1)
    model = one_node("Sub", {"x": x.shape}, {"c": c})
    assert said(model, "barracuda-3.0.1") == "altered"
    assert emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"].shape == (5, 2, 3, 4, 5)


def test_whole_numbers_divide_as_real_ones_in_barracuda(tmp_path: Path) -> None:
    model = parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13]> g (int64[3] x) => (int64[3] y) <int64[1] c = {2}> { y = Div(x, c) }'
    )
    assert said(model, "barracuda-3.0.1") == "altered"
    assert said(model, NEWEST) == "ok"
    given = np.array([3, 4, 7], np.int64)
    assert emulated(model, "barracuda-3.0.1", tmp_path, x=given)["y"].tolist() == [1.5, 2.0, 3.5]
    assert emulated(model, NEWEST, tmp_path, x=given)["y"].tolist() == [1, 2, 3]


@pytest.mark.parametrize(("target", "verdict"), [("inference-engine-2.2.2", "throws"), (NEWEST, "ok")])
def test_powers_of_whole_numbers_run_since_2_3(target: str, verdict: str) -> None:
    model = parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13]> g (int32[3] x) => (int32[3] y) <int32 c = {2}> { y = Pow(x, c) }'
    )
    assert said(model, target) == verdict


def test_operands_of_two_kinds_fail_in_sentis() -> None:
    model = parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13]> g (float[3] x) => (float[3] y) '
        "<int32[3] c = {1, 2, 3}> { y = Add(x, c) }"
    )
    assert said(model, NEWEST) == "throws"


@pytest.mark.parametrize("op", ["Max", "Min"])
def test_the_larger_of_two_is_the_right_one_in_sentis(op: str, tmp_path: Path) -> None:
    x, c = numbers(2, 3), numbers(3, seed=1)
    model = one_node(op, {"x": x.shape}, {"c": c})
    expected = np.maximum(x, c) if op == "Max" else np.minimum(x, c)
    assert np.array_equal(emulated(model, NEWEST, tmp_path, x=x)["y"], expected)


@pytest.mark.parametrize("order", [("x", "c"), ("c", "x")])
@pytest.mark.parametrize("stored", [True, False])
def test_nan_gives_way_in_sentis(order: tuple[str, str], stored: bool) -> None:
    x, c = np.array([np.nan, 1, -1], np.float32), np.zeros(3, np.float32)
    model = one_node(
        "Max", {"x": x.shape} if stored else {"x": (3,), "c": (3,)}, {"c": c} if stored else {}, order=order
    )
    emulation = study(model, find_target(NEWEST)).emulation()
    found = run_model(emulation, {"x": x} if stored else {"x": x, "c": c})
    assert found is not None
    assert found["y"].tolist() == [0, 1, 0]


def test_a_sum_of_one_operand_is_doubled_or_refused_in_sentis(tmp_path: Path) -> None:
    x = numbers(2, 3)
    model = one_node("Sum", {"x": x.shape})
    assert said(model, NEWEST) == "altered"
    assert np.allclose(emulated(model, NEWEST, tmp_path, x=x)["y"], 2 * x)
    assert said(model, "sentis-2.1.3") == "rejected"
    assert said(model, "sentis-1.4.0") == "ok"


def test_the_axis_of_old_opsets_is_not_read() -> None:
    fits = one_node("Add", {"x": (2, 4, 4, 4)}, {"c": numbers(4)}, opset=6, broadcast=1, axis=1)
    assert said(fits, NEWEST) == "altered"
    single = one_node("Add", X, {"c": numbers(1)}, opset=6, broadcast=1, axis=0)
    assert said(single, NEWEST) == "ok"
    other = one_node("Add", X, {"c": numbers(4)}, opset=6, broadcast=1, axis=1)
    assert said(other, NEWEST) == "rejected"
    assert said(other, "barracuda-3.0.1") == "throws"


def test_modulo_is_unknown_to_barracuda() -> None:
    model = one_node("Mod", X, {"c": numbers()}, fmod=1)
    assert [said(model, target) for target in ("barracuda-3.0.1", NEWEST)] == ["rejected", "ok"]
