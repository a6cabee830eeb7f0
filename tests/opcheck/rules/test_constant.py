"""Constant: which of its forms an importer reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from .trying import NEWEST, emulated, numbers, said


def scaled_by(constant: onnx.NodeProto) -> onnx.ModelProto:
    graph = helper.make_graph(
        [constant, helper.make_node("Mul", ["x", "c"], ["y"])],
        "trial",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 3, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def test_a_tensor_is_read_everywhere(tmp_path: Path) -> None:
    model = scaled_by(helper.make_node("Constant", [], ["c"], value=numpy_helper.from_array(np.array(2.5, np.float32))))
    x = numbers(1, 2, 3, 4)
    for target in ("barracuda-1.0.4", "barracuda-3.0.1", NEWEST):
        assert said(model, target) == "ok"
        assert np.allclose(emulated(model, target, tmp_path, x=x)["y"], 2.5 * x)


@pytest.mark.parametrize(("form", "value"), [("value_float", 1.5), ("value_floats", [1.5, 2.5, 3.5, 4.5])])
def test_plain_numbers_are_read_from_inference_engine_2_3_on(form: str, value: Any) -> None:
    model = scaled_by(helper.make_node("Constant", [], ["c"], **{form: value}))
    verdicts = [said(model, t) for t in ("barracuda-3.0.1", "inference-engine-2.2.2", "inference-engine-2.3.0", NEWEST)]
    assert verdicts == ["rejected", "rejected", "ok", "ok"]


def test_half_floats_in_whole_number_fields_become_their_bit_patterns(tmp_path: Path) -> None:
    tensor = helper.make_tensor("", TensorProto.FLOAT16, [], [1.0])
    assert tensor.int32_data
    model = scaled_by(helper.make_node("Constant", [], ["c"], value=tensor))
    x = numbers(1, 2, 3, 4)
    assert said(model, "barracuda-3.0.1") == "altered"
    assert np.allclose(emulated(model, "barracuda-3.0.1", tmp_path, x=x)["y"], 15360 * x)
    assert said(model, NEWEST) == "rejected"
