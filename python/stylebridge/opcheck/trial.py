"""Trial: whether the nodes that a rule put in a node's place give the same numbers, found out by running both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from onnx import helper

from stylebridge.opcheck.assembly import assembled
from stylebridge.opcheck.draft import Draft
from stylebridge.opcheck.graph import Array, Graph, Node
from stylebridge.opcheck.numbers import close, run_model, run_nodes

_UNKNOWN_SIZES = (1, 8, 12, 10, 6, 4, 3, 2)  # what dimensions of unknown size are tried with


def same_numbers(node: Node, graph: Graph, nodes: Sequence[onnx.NodeProto], draft: Draft) -> bool:
    """Whether `nodes` give what `node` gives, tried on random input; what can't be tried counts as different."""
    feeds = _feeds(node, draft)
    if feeds is None:
        return False
    own = {name: _as_declared(name, array, graph) for name, array in feeds.items() if name in node.inputs}
    outputs = [name for name in node.outputs if name]
    expected = run_nodes([node.proto], own, outputs, max(graph.opset, 1))
    if expected is None:
        return False
    found = _run_draft(nodes, feeds, outputs, draft)
    if found is None:
        return False
    return all(name in found and close(found[name], expected[name]) for name in outputs)


def _feeds(node: Node, draft: Draft) -> dict[str, Array] | None:
    """Known values as they are, random ones for the rest, and sizes chosen where they aren't known."""
    rng = np.random.default_rng(7)
    feeds: dict[str, Array] = {}
    for name in dict.fromkeys(filter(None, node.inputs)):
        known = draft.value(name)
        if known is not None:
            feeds[name] = known
            continue
        shape = draft.shape(name)
        if shape is None:
            return None
        sizes = [_UNKNOWN_SIZES[i % len(_UNKNOWN_SIZES)] if d is None else d for i, d in enumerate(shape)]
        numbers = rng.normal(0.0, 1.5, sizes)
        dtype = helper.tensor_dtype_to_np_dtype(draft.dtype(name) or onnx.TensorProto.FLOAT)
        feeds[name] = (np.abs(numbers) if np.issubdtype(dtype, np.integer) else numbers).astype(dtype)
    return feeds


def _as_declared(name: str, array: Array, graph: Graph) -> Array:
    """An input of the graph in the type that the file declares; other tensors as they are."""
    for value in graph.inputs:
        if value.name == name and value.type.tensor_type.elem_type:
            return array.astype(helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type))
    return array


def _run_draft(
    nodes: Sequence[onnx.NodeProto], feeds: Mapping[str, Array], outputs: Sequence[str], draft: Draft
) -> dict[str, Array] | None:
    """Run nodes as they would stand in the emulation, casts included, on their own."""
    values = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
        for name, array in feeds.items()
        if draft.value(name) is None
    ]
    proto = helper.make_graph([], "probe", values, [onnx.ValueInfoProto(name=name) for name in outputs])
    model = helper.make_model(proto, opset_imports=[helper.make_opsetid("", draft.opset)])
    trial = Draft(Graph(model), draft.line)
    for name in {name for node in nodes for name in node.input if name in draft.known}:
        trial.set_constant(name, draft.known[name])
    trial.add(nodes)
    made = assembled(trial, Graph(model), set())
    given = {
        i.name: feeds[i.name].astype(helper.tensor_dtype_to_np_dtype(i.type.tensor_type.elem_type))
        for i in made.graph.input
    }
    return run_model(made, given)
