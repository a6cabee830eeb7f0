"""Models that Barracuda takes for channels last."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from opcheck.rules.trying import NEWEST, emulated, numbers, said


def convolved_then(*nodes: onnx.NodeProto, producer: str = "pytorch") -> onnx.ModelProto:
    """A 1x1 convolution to `c`, then the nodes, which make `y`."""
    weight = numpy_helper.from_array(numbers(3, 2, 1, 1, seed=1), "w")
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["c"]), *nodes],
        "trial",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, 2, 4, 5])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)],
        [weight],
    )
    opsets = [helper.make_opsetid("", 11)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name=producer)


def to_last(name: str, made: str) -> onnx.NodeProto:
    return helper.make_node("Transpose", [name], [made], perm=[0, 2, 3, 1])


def to_first(name: str, made: str) -> onnx.NodeProto:
    return helper.make_node("Transpose", [name], [made], perm=[0, 3, 1, 2])


def centred(axis: int) -> onnx.ModelProto:
    return convolved_then(
        to_last("c", "t"),
        helper.make_node("ReduceMean", ["t"], ["m"], axes=[axis]),
        helper.make_node("Sub", ["t", "m"], ["d"]),
        to_first("d", "y"),
    )


def test_a_transpose_behind_a_convolution_makes_it_say_so() -> None:
    model = convolved_then(to_last("c", "t"), helper.make_node("Relu", ["t"], ["y"]))
    assert said(model, "barracuda-3.0.1") == "ok-warned"
    assert said(model, NEWEST) == "ok"


def test_it_is_silent_about_exporters_that_are_known_for_it() -> None:
    model = convolved_then(to_last("c", "t"), helper.make_node("Relu", ["t"], ["y"]), producer="tf2onnx")
    assert said(model, "barracuda-3.0.1") == "ok"


def test_without_a_convolution_nothing_is_guessed() -> None:
    model = convolved_then(to_last("c", "t"), helper.make_node("Relu", ["t"], ["y"]))
    model.graph.node[0].CopyFrom(helper.make_node("Relu", ["x"], ["c"]))
    assert said(model, "barracuda-3.0.1") == "ok"


def test_a_mean_over_a_negative_axis_goes_over_nothing(tmp_path: Path) -> None:
    assert said(centred(-1), "barracuda-3.0.1") == "altered-warned"
    found = emulated(centred(-1), "barracuda-3.0.1", tmp_path, x=numbers(1, 2, 4, 5))["y"]
    assert not found.any()
    assert said(centred(-1), NEWEST) == "ok"


def test_a_mean_over_a_positive_axis_is_right(tmp_path: Path) -> None:
    assert said(centred(3), "barracuda-3.0.1") == "ok-warned"
    x = numbers(1, 2, 4, 5)
    one, other = (emulated(centred(3), target, tmp_path, x=x)["y"] for target in ("barracuda-3.0.1", NEWEST))
    assert np.allclose(one, other, atol=1e-5)
