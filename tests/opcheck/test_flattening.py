"""Flattening before 1.3.3: what lies in memory, and the rows of the stored matrix that it meets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from .rules.trying import Array, emulated, numbers, said

FIRST, LATER = "barracuda-1.0.4", "barracuda-1.3.3"
X, B, BIAS = numbers(2, 3, 4, 5), numbers(60, 7, seed=1), numbers(7, seed=2)


def chain(*nodes: onnx.NodeProto, shape: tuple[int, ...] = X.shape, **stored: Array) -> onnx.ModelProto:
    """A model of a few nodes from x to y."""
    graph = helper.make_graph(
        list(nodes),
        "trial",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, list(shape))],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in stored.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=8)


FLATTEN = helper.make_node("Flatten", ["x"], ["flat"])
RESHAPE = helper.make_node("Reshape", ["x", "s"], ["flat"])
RELU = helper.make_node("Relu", ["flat"], ["through"])
PRODUCT = helper.make_node("Gemm", ["flat", "b", "c"], ["y"])


@pytest.mark.parametrize(
    ("nodes", "stored"),
    [
        ((FLATTEN, PRODUCT), {"b": B, "c": BIAS}),
        ((FLATTEN, helper.make_node("Gemm", ["flat", "b", "c"], ["y"], transB=1)), {"b": B.T.copy(), "c": BIAS}),
        ((FLATTEN, RELU, helper.make_node("MatMul", ["through", "b"], ["y"])), {"b": B}),
        ((RESHAPE, PRODUCT), {"b": B, "c": BIAS, "s": np.array([0, -1], np.int64)}),
    ],
)
def test_the_matrix_behind_it_makes_up_for_the_order(
    nodes: tuple[onnx.NodeProto, ...], stored: dict[str, Array], tmp_path: Path
) -> None:
    model = chain(*nodes, **stored)
    assert [said(model, target) for target in (FIRST, LATER)] == ["ok", "ok"]
    flat = X.reshape(2, 60)
    expected = np.maximum(flat, 0) @ B if len(nodes) == 3 else flat @ B + BIAS
    assert np.allclose(emulated(model, FIRST, tmp_path, x=X)["y"], expected, atol=1e-4)


def test_without_a_product_the_order_shows() -> None:
    bare = chain(helper.make_node("Flatten", ["x"], ["y"]))
    shared = chain(FLATTEN, helper.make_node("Add", ["flat", "c"], ["y"]), c=numbers(60))
    assert [said(model, FIRST) for model in (bare, shared)] == ["altered", "altered"]


def test_rows_are_reordered_for_the_channels_of_the_first_part() -> None:
    join = helper.make_node("Concat", ["x", "x"], ["flat"], axis=1)
    even = chain(join, PRODUCT, shape=(1, 6), b=numbers(12, 7), c=BIAS)
    assert [said(even, target) for target in (FIRST, LATER)] == ["altered", "ok"]
    odd = chain(
        helper.make_node("Concat", ["x", "z"], ["flat"], axis=1),
        PRODUCT,
        shape=(1, 6),
        z=numbers(1, 4),
        b=numbers(10, 7),
        c=BIAS,
    )
    assert [said(odd, target) for target in (FIRST, LATER)] == ["rejected", "ok"]
