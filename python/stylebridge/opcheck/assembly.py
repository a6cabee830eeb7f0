"""Putting a finished draft together as a model that ONNX Runtime runs."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper, numpy_helper

from stylebridge.opcheck.draft import Draft
from stylebridge.opcheck.graph import Array, Graph

IR_VERSION = 8


def assembled(draft: Draft, graph: Graph, lost: set[str]) -> onnx.ModelProto:
    """The emulation: inputs and outputs named like the original's, in the engine's number types."""
    inputs = []
    for value in graph.inputs:
        made = onnx.ValueInfoProto()
        made.name = value.name
        kind = draft.type(value.name)
        if kind is not None:
            made.type.CopyFrom(kind)
        inputs.append(made)
    nodes = [node for node in draft.nodes if not all(name in draft.known for name in node.output if name)]
    made_names = {name for node in nodes for name in node.output} | {value.name for value in inputs}
    outputs, tail = [], []
    for output in graph.outputs:
        if output.name in lost or (output.name not in made_names and output.name not in draft.known):
            continue
        dtype = draft.dtype(output.name) or onnx.TensorProto.FLOAT
        if output.name in draft.known and output.name not in made_names:
            tail.append(_constant(output.name, draft.known[output.name], dtype))
        outputs.append(helper.make_tensor_value_info(output.name, dtype, None))
    used = {name for node in nodes for name in node.input if name}
    stored = [
        numpy_helper.from_array(np.asarray(draft.known[name], order="C"), name)
        for name in sorted(used - made_names)
        if name in draft.known
    ]
    for node in nodes:
        node.ClearField("name")  # ONNX Runtime refuses a name that comes twice; the engines don't mind
    made_graph = helper.make_graph(nodes + tail, "emulation", inputs, outputs, initializer=stored)
    opsets = [helper.make_opsetid("", draft.opset)]
    return helper.make_model(made_graph, opset_imports=opsets, ir_version=max(IR_VERSION, _ir_of(draft.opset)))


def _constant(name: str, numbers: Array, dtype: int) -> onnx.NodeProto:
    array = numbers.astype(helper.tensor_dtype_to_np_dtype(dtype))
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.asarray(array, order="C")))


def _ir_of(opset: int) -> int:
    return {19: 9, 20: 9, 21: 10, 22: 10, 23: 11, 24: 12}.get(opset, 8 if opset < 19 else 12)
