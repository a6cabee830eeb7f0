"""Reductions: axes as attribute, as input, missing, dropped; ArgMax and ArgMin."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import parser

from .trying import NEWEST, emulated, numbers, one_node, said

X = {"x": (2, 4, 6, 8)}
RELEASES = ("barracuda-1.0.4", "barracuda-2.3.1", "barracuda-3.0.1")


@pytest.mark.parametrize(
    ("axes", "keepdims", "verdicts"),
    [
        ([1], 1, ("ok", "ok", "ok")),
        ([2, 3], 1, ("throws", "ok", "ok")),
        ([3, 2], 1, ("rejected", "ok", "ok")),
        ([-2, -1], 1, ("throws", "ok", "ok")),
        ([2, 3], 0, ("throws", "ok", "ok")),
        ([1, 3], 0, ("altered-warned", "ok", "ok")),
        ([3, 2], 0, ("rejected", "altered", "altered")),
        ([-2, -1], 0, ("throws", "altered", "altered")),
        ([1, 2, 3], 0, ("throws", "rejected", "rejected")),
        (None, 1, ("rejected", "altered", "altered")),
    ],
)
def test_axes_as_attribute(axes: list[int] | None, keepdims: int, verdicts: tuple[str, ...]) -> None:
    model = one_node("ReduceMean", X, opset=11, keepdims=keepdims, **({} if axes is None else {"axes": axes}))
    assert tuple(said(model, release) for release in RELEASES) == verdicts
    assert said(model, NEWEST) == "ok"


def test_axes_as_input_are_read_since_2_4(tmp_path: Path) -> None:
    x = numbers(*X["x"])
    model = one_node("ReduceMax", X, {"axes": np.array([2, 3], np.int64)}, opset=18)
    assert tuple(said(model, release) for release in RELEASES) == ("rejected", "altered", "ok")
    assert np.array_equal(
        emulated(model, "barracuda-2.3.1", tmp_path, x=x)["y"],
        x.max(0, keepdims=True),
    )


def test_axes_that_are_fed_are_refused_by_barracuda() -> None:
    model = parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 18]> g (float[2,3] x, int64[1] a) => (float[n,m] y) '
        "{ y = ReduceSum(x, a) }"
    )
    assert [said(model, target) for target in ("barracuda-3.0.1", NEWEST)] == ["rejected", "ok"]


def test_dropping_two_negative_axes_reduces_others(tmp_path: Path) -> None:
    x = numbers(*X["x"])
    model = one_node("ReduceSum", X, opset=11, axes=[-2, -1], keepdims=0)
    found = emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"]
    assert np.allclose(found, x.sum((1, 2)), atol=1e-4)


def test_five_dimensions_can_be_kept_and_not_dropped() -> None:
    verdicts = [
        said(one_node("ReduceMean", {"x": (1, 2, 3, 4, 5)}, opset=11, axes=[1], keepdims=keep), "barracuda-3.0.1")
        for keep in (0, 1)
    ]
    assert verdicts == ["rejected", "ok"]


@pytest.mark.parametrize(
    ("target", "verdict"), [("sentis-1.4.0", "ok"), ("sentis-2.0.0", "altered"), (NEWEST, "altered")]
)
def test_axes_left_as_attribute_in_opset_18_are_not_read_by_sentis_2(target: str, verdict: str) -> None:
    model = one_node("ReduceMax", {"x": (2, 3, 4)}, opset=18, axes=[1])
    assert said(model, target) == verdict


@pytest.mark.parametrize(
    ("op", "verdict"),
    [("ReduceSum", "ok"), ("ReduceLogSumExp", "ok"), ("ReduceL2", "ok"), ("ReduceSumSquare", "altered")],
)
def test_nothing_to_reduce_passes_the_numbers_on(op: str, verdict: str, tmp_path: Path) -> None:
    x = numbers(2, 3)
    model = one_node(op, {"x": x.shape}, opset=18, noop_with_empty_axes=1)
    assert said(model, NEWEST) == verdict
    assert np.array_equal(emulated(model, NEWEST, tmp_path, x=x)["y"], x)


@pytest.mark.parametrize(("op", "verdict"), [("ReduceMean", "throws"), ("ReduceSum", "ok"), ("ReduceL2", "throws")])
def test_means_of_whole_numbers_fail_in_sentis(op: str, verdict: str) -> None:
    model = parser.parse_model(
        f'<ir_version: 8, opset_import: ["" : 11]> g (int32[2,3] x) => (int32[2,1] y) {{ y = {op}<axes=[1]>(x) }}'
    )
    assert said(model, NEWEST) == verdict


@pytest.mark.parametrize(("select", "verdict"), [("", "ok"), (", select_last_index=1", "ok-warned")])
def test_the_last_of_equal_maxima_is_not_supported(select: str, verdict: str) -> None:
    model = parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13]> g (float[2,3,4] x) => (int64[2,1,4] y) '
        f"{{ y = ArgMax<axis=1{select}>(x) }}"
    )
    assert [said(model, target) for target in ("barracuda-1.0.4", "barracuda-3.0.1", NEWEST)] == [
        "rejected",
        verdict,
        "ok",
    ]
