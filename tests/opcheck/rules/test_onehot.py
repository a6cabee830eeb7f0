"""OneHot: the axis, the depth and the values that Barracuda takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .trying import NEWEST, emulated, said


def model_of(shape: list[int], values: list[float], *, stored: bool = True, **attributes: Any) -> onnx.ModelProto:
    held = [numpy_helper.from_array(np.array(values, np.float32), "v")]
    fed = [helper.make_tensor_value_info("x", TensorProto.INT64, shape)]
    if stored:
        held.append(numpy_helper.from_array(np.array(4, np.int64), "d"))
    else:
        fed.append(helper.make_tensor_value_info("d", TensorProto.INT64, []))
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    node = helper.make_node("OneHot", ["x", "d", "v"], ["y"], **attributes)
    graph = helper.make_graph([node], "trial", fed, [output], held)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def test_the_usual_form_is_right(tmp_path: Path) -> None:
    x = np.array([0, 3, 1])
    for target in ("barracuda-3.0.1", NEWEST):
        assert said(model_of([3], [0, 1]), target) == "ok"
        assert np.array_equal(emulated(model_of([3], [0, 1]), target, tmp_path, x=x)["y"], np.eye(4)[x])


def test_another_axis_is_ignored_with_a_warning() -> None:
    assert said(model_of([3], [0, 1], axis=0), "barracuda-3.0.1") == "altered-warned"
    assert said(model_of([3], [0, 1], axis=0), NEWEST) == "ok"


def test_values_lose_their_fractions(tmp_path: Path) -> None:
    model = model_of([3], [0.1, 2.9])
    assert said(model, "barracuda-3.0.1") == "altered"
    found = emulated(model, "barracuda-3.0.1", tmp_path, x=np.array([0, 3, 1]))["y"]
    assert set(found.ravel().tolist()) == {0.0, 2.0}


def test_the_depth_must_be_stored() -> None:
    assert said(model_of([3], [0, 1], stored=False), "barracuda-3.0.1") == "rejected"
    assert said(model_of([3], [0, 1], stored=False), NEWEST) == "ok"
