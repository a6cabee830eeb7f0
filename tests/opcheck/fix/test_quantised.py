"""Quantised graphs: what ONNX Runtime's quantiser makes is folded back to float, close to what was quantised."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from stylebridge.opcheck import check
from stylebridge.opcheck.fix import fix

from .mending import model, operators, ran, random

quantization = pytest.importorskip("onnxruntime.quantization")

TARGETS = ("barracuda-3.0.1", "inference-engine-2.4.0")
SHAPE = (1, 3, 16, 20)
NETWORK = """g (float[1,3,16,20] x) => (float[1,3,8,10] y) {
    a = Conv <strides = [2, 2], pads = [1, 1, 1, 1]> (x, w1, b1)
    b = Relu(a)
    c = Conv <pads = [1, 1, 1, 1]> (b, w2, b2)
    d = Add(b, c)
    e = Conv(d, w3)
    y = Sigmoid(e)
}"""


class Reader(quantization.CalibrationDataReader):  # type: ignore[misc,name-defined]
    """Random pictures to calibrate with."""

    def __init__(self) -> None:
        self._left: Iterator[dict[str, Any]] = iter([{"x": random(*SHAPE, seed=s)} for s in range(4)])

    def get_next(self) -> dict[str, Any] | None:
        return next(self._left, None)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    weights = {"w1": random(8, 3, 3, 3) / 4, "b1": random(8) / 4, "w2": random(8, 8, 3, 3, seed=5) / 8}
    weights |= {"b2": random(8, seed=6) / 4, "w3": random(3, 8, 1, 1, seed=7) / 3}
    path = tmp_path_factory.mktemp("quantised") / "plain.onnx"
    onnx.save(model(NETWORK, 13, weights), str(path))
    return path


def quantised(plain: Path, kind: str) -> onnx.ModelProto:
    logging.disable(logging.WARNING)
    out = plain.with_name(f"{kind}.onnx")
    formats = {"qdq": "QDQ", "channels": "QDQ", "operators": "QOperator"}
    try:
        if kind == "dynamic":
            quantization.quantize_dynamic(plain, out, weight_type=quantization.QuantType.QUInt8)
        else:
            shape = getattr(quantization.QuantFormat, formats[kind])
            quantization.quantize_static(plain, out, Reader(), quant_format=shape, per_channel=kind == "channels")
    finally:
        logging.disable(logging.NOTSET)
    return onnx.load(str(out))


@pytest.mark.parametrize("kind", ["qdq", "channels", "operators", "dynamic"])
@pytest.mark.parametrize("target", TARGETS)
def test_a_quantised_network_is_folded_back_to_float(kind: str, target: str, plain: Path) -> None:
    made = quantised(plain, kind)
    assert check(made, target).verdict == "rejected"
    outcome = fix(made, target)
    assert outcome.ok, outcome.lines()
    assert not any(op.startswith(("Quant", "Dequant", "QLinear", "Dynamic")) for op in operators(outcome))
    assert any("quantisation step" in fix.note and "rounding kept" in fix.note for fix in outcome.fixes)
    feeds = {"x": random(*SHAPE, seed=99)}
    found, original, before = (ran(one, feeds)[0] for one in (outcome.model, onnx.load(str(plain)), made))
    assert np.abs(found - before).max() < 0.05
    # Without the rounding of activations it is nearer to what was quantised.
    assert np.abs(found - original).mean() <= np.abs(before - original).mean()


def weight_only(plain: Path) -> onnx.ModelProto:
    made = onnx.load(str(plain))
    (stored,) = (t for t in made.graph.initializer if t.name == "w2")
    numbers = onnx.numpy_helper.to_array(stored)
    step = (np.abs(numbers).max(axis=(1, 2, 3)) / 127).astype(np.float32)
    whole = np.rint(numbers / step[:, None, None, None]).astype(np.int8)
    for name, array in (("q", whole), ("s", step), ("z", np.zeros(8, np.int8))):
        made.graph.initializer.append(onnx.numpy_helper.from_array(array, name))
    made.graph.node[2].input[1] = "v"
    made.graph.node.insert(0, onnx.helper.make_node("DequantizeLinear", ["q", "s", "z"], ["v"], axis=0))
    return made


@pytest.mark.parametrize("target", TARGETS)
def test_quantised_weights_alone_are_equal_when_unpacked(target: str, plain: Path) -> None:
    made = weight_only(plain)
    outcome = fix(made, target)
    assert outcome.ok
    feeds = {"x": random(*SHAPE)}
    np.testing.assert_allclose(ran(outcome.model, feeds)[0], ran(made, feeds)[0], atol=1e-5)
    assert not any(fix.note for fix in outcome.fixes)


def test_saturation_is_kept() -> None:
    """An activation beyond the range that it was calibrated for stays cut off."""
    body = "g (float[1,4] x) => (float[1,4] y) { q = QuantizeLinear(x, s, z)\n y = DequantizeLinear(q, s, z) }"
    made = model(body, 13, {"s": np.array(0.01, np.float32), "z": np.array(0, np.uint8)})
    outcome = fix(made, TARGETS[0])
    assert outcome.ok
    found = ran(outcome.model, {"x": np.array([[-1, 0.5, 2.55, 9]], np.float32)})[0]
    np.testing.assert_allclose(found, [[0, 0.5, 2.55, 2.55]], atol=1e-6)


def test_a_quantised_output_is_left_and_said() -> None:
    made = model("g (float[1,4] x) => (uint8[1,4] y) { y = QuantizeLinear(x, s, z) }", 13,
                 {"s": np.array(0.01, np.float32), "z": np.array(3, np.uint8)})  # fmt: skip
    outcome = fix(made, TARGETS[0])
    assert not outcome.ok
    assert "an output of the model is quantised" in outcome.left[0].why
