"""Opsets: parameters become attributes where the target reads nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from stylebridge.opcheck.fix.lowering import lowered
from stylebridge.opcheck.fix.spelling import Cannot
from stylebridge.opcheck.fix.workshop import Workshop
from stylebridge.opcheck.numbers import close
from stylebridge.targets import find_target

from .mending import PICTURE, mended, operators, picture, ran, random

PARTS = "p = Constant <value = int64[2] {1, 3}> ()\n a, b = Split <axis = 1> (x, p)\n"


def test_a_split_by_input_becomes_a_split_by_attribute() -> None:
    outcome = mended(picture(PARTS + "c = ReduceMax <axes = [1]> (b)\n y = Add(a, c)"))
    assert outcome.opsets == (13, 12) or "Slice" in operators(outcome)


def test_the_older_releases_get_an_older_opset() -> None:
    weights = {"p": np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64)}
    mended(picture('y = Pad <mode = "reflect"> (x, p)', 13, weights), "barracuda-1.0.4")


@pytest.mark.parametrize(("opset", "axis"), [(12, 1), (12, 3), (9, -1)])
def test_a_softmax_means_the_same_at_every_opset(opset: int, axis: int) -> None:
    made = picture(f"y = Softmax <axis = {axis}> (x)")
    other = lowered(Workshop(made, find_target("barracuda")), opset)
    feeds = {"x": random(*PICTURE)}
    assert other.opset_import[0].version == opset
    assert close(ran(other, feeds)[0], ran(made, feeds)[0])


@pytest.mark.parametrize(
    "body",
    [
        "p = Constant <value = int64[8] {0, 0, 1, 1, 0, 0, 1, 1}> ()\n y = Pad(x, p)",
        "l = Constant <value = float {-0.5}> ()\n h = Constant <value = float {0.5}> ()\n y = Clip(x, l, h)",
        "s = Constant <value = int64[1] {1}> ()\n e = Constant <value = int64[1] {3}> ()\n y = Slice(x, s, e, s)",
        "a = Constant <value = int64[1] {-1}> ()\n b = Unsqueeze(x, a)\n y = Squeeze(b, a)",
        "a = Constant <value = int64[2] {2, 3}> ()\n y = ReduceSum <keepdims = 0> (x, a)",
        "k = Constant <value = int64[1] {2}> ()\n y, i = TopK(x, k)",
        PARTS + "y = Concat <axis = 1> (b, a)",
    ],
)
@pytest.mark.parametrize("opset", [12, 9])
def test_constant_inputs_become_attributes(opset: int, body: str) -> None:
    made = picture(body)
    other = lowered(Workshop(made, find_target("barracuda")), opset)
    feeds = {"x": random(*PICTURE)}
    assert close(ran(other, feeds)[0], ran(made, feeds)[0])


def test_an_operator_that_an_opset_lacks_is_named() -> None:
    shop = Workshop(picture("y = HardSwish(x)", 14), find_target("barracuda"))
    with pytest.raises(Cannot, match="opset 12 has no HardSwish"):
        lowered(shop, 12)


def test_an_attribute_that_an_opset_lacks_is_named() -> None:
    body = (
        's = Constant <value = float[4] {1.0, 1.0, 0.5, 0.5}> ()\n y = Resize <mode = "linear", antialias = 1> (x, , s)'
    )
    shop = Workshop(picture(body, 18), find_target("barracuda"))
    with pytest.raises(Cannot, match="opset 12 knows no antialias of Resize"):
        lowered(shop, 12)
