"""Trial: whether the nodes that a rule put in a node's place give the same numbers, found out by running both."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from onnx import helper

from stylebridge.opcheck.assembly import assembled
from stylebridge.opcheck.draft import Draft
from stylebridge.opcheck.graph import Array, Graph, Node
from stylebridge.opcheck.numbers import close, run_model, run_nodes

_DRAWN = 65_537  # numbers drawn for one tensor, then repeated: a prime, so that no two rows or channels are alike
_MAX_TRIED = 1 << 27  # numbers of one tensor
_UNKNOWN_SIZES = (1, 8, 12, 10, 6, 4, 3, 2)  # what dimensions of unknown size are tried with
# Operators that treat every size alike are tried with small ones: a trial on whole pictures would take seconds.
_LARGE = 32
_SMALLER = (11, 13, 17, 19, 23, 29, 31, 7, 9, 14, 15, 21)
_ANY_SIZE = frozenset(
    (
        *("Add", "Sub", "Mul", "Div", "Mod", "Pow", "Sum", "Max", "Min", "Mean", "Where", "Cast", "CastLike", "Clip"),
        *("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Or", "Xor", "PRelu", "Swish"),
        *("ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin"),
        *("ReduceProd", "ReduceSum", "ReduceSumSquare", "ArgMax", "ArgMin", "Softmax", "LogSoftmax", "Hardmax"),
    )
)


def same_numbers(node: Node, graph: Graph, nodes: Sequence[onnx.NodeProto], draft: Draft) -> bool:
    """Whether `nodes` give what `node` gives, tried on random input; what can't be tried counts as different."""
    feeds = _feeds(node, graph, draft)
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


def usual_shape(shape: Sequence[int | None]) -> tuple[int, ...]:
    """A shape with the sizes that trials take where they aren't known."""
    return tuple(_UNKNOWN_SIZES[i % len(_UNKNOWN_SIZES)] if d is None else d for i, d in enumerate(shape))


def _feeds(node: Node, graph: Graph, draft: Draft) -> dict[str, Array] | None:
    """Known values as they are, random ones for the rest, and sizes chosen where they aren't known."""
    rng = np.random.default_rng(7)
    smaller = _smaller_sizes(node, draft) if node.op in _ANY_SIZE else {}
    feeds: dict[str, Array] = {}
    for name in dict.fromkeys(filter(None, node.inputs)):
        known = draft.value(name)
        if known is not None:
            feeds[name] = known
            continue
        shape = draft.shape(name)
        if shape is None:
            return None
        sizes = [smaller.get(size, size) for size in usual_shape(shape)]
        if math.prod(sizes) > _MAX_TRIED:
            return None
        dtype = helper.tensor_dtype_to_np_dtype(draft.dtype(name) or onnx.TensorProto.FLOAT)
        feeds[name] = _drawn(rng, sizes, graph.element_types.get(name, 0)).astype(dtype)
    return feeds


def _smaller_sizes(node: Node, draft: Draft) -> dict[int, int]:
    """Small sizes to try instead of large ones, different for different ones; those of known values must stay."""
    names = [name for name in node.inputs if name]
    kept = {size for name in names if draft.value(name) is not None for size in draft.shape(name) or ()}
    all_sizes = {size for name in names for size in draft.shape(name) or () if size is not None}
    large = sorted(size for size in all_sizes - kept if size > _LARGE)
    free = [size for size in _SMALLER if size not in all_sizes]
    return dict(zip(large, free, strict=False))


def _drawn(rng: np.random.Generator, sizes: Sequence[int], kind: int) -> Array:
    """Random numbers such as a tensor of this ONNX type may hold."""
    numbers = np.resize(rng.normal(0.0, 1.5, min(int(np.prod(sizes)), _DRAWN)), sizes)
    if kind == onnx.TensorProto.BOOL:
        return numbers > 0
    whole = kind and np.issubdtype(helper.tensor_dtype_to_np_dtype(kind), np.integer)
    return np.floor(np.abs(4 * numbers)) + 1 if whole else numbers


def _as_declared(name: str, array: Array, graph: Graph) -> Array:
    """A tensor in the type that the file means it to have, where that is known."""
    kind = graph.element_types.get(name)
    return array.astype(helper.tensor_dtype_to_np_dtype(kind)) if kind else array


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
    trial.reserve(name for node in nodes for name in (*node.input, *node.output))
    for name in {name for node in nodes for name in node.input if name in draft.known}:
        trial.set_constant(name, draft.known[name])
    trial.add(nodes)
    made = assembled(trial, Graph(model), set())
    given = {
        i.name: feeds[i.name].astype(helper.tensor_dtype_to_np_dtype(i.type.tensor_type.elem_type))
        for i in made.graph.input
    }
    return run_model(made, given)
