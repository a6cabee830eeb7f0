"""Older spellings of operators, written as opset 18 writes them; what stands in the file is not changed.

Only spelling: an attribute that later became an input, a default that later changed. What an engine makes of the node
is the rules' business.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import helper

from stylebridge.opcheck.graph import DEFAULT_DOMAINS, Node

if TYPE_CHECKING:
    from stylebridge.opcheck.draft import Draft

_REDUCTIONS = ("L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "SumSquare")
Speller = Callable[[Node, int, "Draft"], list[onnx.NodeProto]]


def modern(node: Node, opset: int, draft: Draft) -> list[onnx.NodeProto]:
    """The node in its newest spelling; usually one node."""
    if node.proto.domain not in DEFAULT_DOMAINS:
        made = onnx.NodeProto()
        made.CopyFrom(node.proto)
        made.domain = ""
        return [made]
    speller = _SPELLERS.get(node.op)
    return speller(node, opset, draft) if speller else [_copy(node)]


def _copy(node: Node, without: tuple[str, ...] = (), **changed: Any) -> onnx.NodeProto:
    made = onnx.NodeProto()
    made.CopyFrom(node.proto)
    made.domain = ""
    kept = [a for a in node.proto.attribute if a.name not in without and a.name not in changed]
    del made.attribute[:]
    made.attribute.extend(kept)
    made.attribute.extend(helper.make_attribute(k, v) for k, v in changed.items())
    return made


def _as_input(attribute: str, index: int) -> Speller:
    """Lists of whole numbers that later opsets take as an input."""

    def spell(node: Node, opset: int, draft: Draft) -> list[onnx.NodeProto]:
        made = _copy(node, (attribute,))
        if node.has(attribute) and not node.input(index):
            while len(made.input) <= index:
                made.input.append("")
            made.input[index] = draft.new_constant(np.array(node.attr(attribute), np.int64))
        return [made]

    return spell


def _reduce(node: Node, opset: int, draft: Draft) -> list[onnx.NodeProto]:
    return _as_input("axes", 1)(node, opset, draft)


def _clip(node: Node, opset: int, draft: Draft) -> list[onnx.NodeProto]:
    made = _copy(node, ("min", "max", "consumed_inputs"))
    if node.has("min") or node.has("max"):
        bounds = [
            draft.new_constant(np.array(node.attr(name), np.float32)) if node.has(name) else ""
            for name in ("min", "max")
        ]
        made.input.extend(bounds)
    return [made]


def _pad(node: Node, opset: int, draft: Draft) -> list[onnx.NodeProto]:
    made = _copy(node, ("pads", "paddings", "value"))
    written = node.attr("pads", node.attr("paddings"))
    if written is not None and not node.input(1):
        made.input.append(draft.new_constant(np.array(written, np.int64)))
        if node.has("value"):
            made.input.append(draft.new_constant(np.array(node.attr("value"), np.float32)))
    return [made]


def _slice(node: Node, opset: int, draft: Draft) -> list[onnx.NodeProto]:
    made = _copy(node, ("starts", "ends", "axes"))
    if node.has("starts"):
        for name in ("starts", "ends", "axes"):
            if node.has(name):
                made.input.append(draft.new_constant(np.array(node.attr(name), np.int64)))
    return [made]


def _split(node: Node, opset: int, draft: Draft) -> list[onnx.NodeProto]:
    """Equal parts were the default until opset 18 wanted their number written down."""
    (made,) = _as_input("split", 1)(node, opset, draft)
    if len(made.input) < 2 and not node.has("num_outputs"):
        made.attribute.append(helper.make_attribute("num_outputs", len(node.outputs)))
    return [made]


def _scatter(node: Node, opset: int, draft: Draft) -> list[onnx.NodeProto]:
    made = _copy(node)
    made.op_type = "ScatterElements"
    return [made]


def _softmax(node: Node, opset: int, draft: Draft) -> list[onnx.NodeProto]:
    """Before opset 13 everything from the axis on was one long row."""
    if opset >= 13:
        return [_copy(node)]
    axis = int(node.attr("axis", 1))
    flat, soft, shape = draft.fresh(), draft.fresh(), draft.fresh()
    return [
        helper.make_node("Shape", [node.input(0)], [shape]),
        helper.make_node("Flatten", [node.input(0)], [flat], axis=axis),
        helper.make_node(node.op, [flat], [soft], axis=-1),
        helper.make_node("Reshape", [soft, shape], list(node.outputs)),
    ]


def _topk(node: Node, opset: int, draft: Draft) -> list[onnx.NodeProto]:
    made = _copy(node, ("k",))
    if node.has("k") and len(made.input) < 2:
        made.input.append(draft.new_constant(np.array([node.attr("k")], np.int64)))
    return [made]


def _reshape(node: Node, opset: int, draft: Draft) -> list[onnx.NodeProto]:
    made = _copy(node, ("shape", "consumed_inputs"))
    if node.has("shape") and len(made.input) < 2:
        made.input.append(draft.new_constant(np.array(node.attr("shape"), np.int64)))
    return [made]


def _upsample(node: Node, opset: int, draft: Draft) -> list[onnx.NodeProto]:
    """Upsample, and Resize of opset 10, mean the asymmetric Resize of opset 11."""
    if node.op == "Resize" and opset >= 11:
        return [_copy(node)]
    scales = node.input(1)
    if not scales:
        written = node.attr("scales") or [1.0, 1.0, node.attr("height_scale", 1.0), node.attr("width_scale", 1.0)]
        scales = draft.new_constant(np.array(written, np.float32))
    mode = node.attr("mode", "nearest")
    made = helper.make_node(
        "Resize",
        [node.input(0), "", scales],
        list(node.outputs),
        mode="linear" if mode == "bilinear" else mode,
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )
    return [made]


def _dropout(node: Node, opset: int, draft: Draft) -> list[onnx.NodeProto]:
    return [_copy(node, ("ratio", "is_test", "consumed_inputs"))] if opset < 12 else [_copy(node)]


def _batch_normalization(node: Node, opset: int, draft: Draft) -> list[onnx.NodeProto]:
    made = _copy(node, ("spatial", "is_test", "consumed_inputs"))
    if not node.attr("training_mode", 0):
        del made.output[1:]
    return [made]


def _roi_align(node: Node, opset: int, draft: Draft) -> list[onnx.NodeProto]:
    """Half a pixel was subtracted from opset 16 on."""
    return [_copy(node) if opset >= 16 else _copy(node, coordinate_transformation_mode="output_half_pixel")]


def _plain(node: Node, opset: int, draft: Draft) -> list[onnx.NodeProto]:
    """Operators that only lost attributes without meaning."""
    return [_copy(node, ("consumed_inputs",))]


_SPELLERS: dict[str, Speller] = {
    **{f"Reduce{name}": _reduce for name in (*_REDUCTIONS, "Sum")},
    "Squeeze": _as_input("axes", 1),
    "Unsqueeze": _as_input("axes", 1),
    "Split": _split,
    "Scatter": _scatter,
    "Tile": _plain,
    "Clip": _clip,
    "Pad": _pad,
    "Slice": _slice,
    "Softmax": _softmax,
    "LogSoftmax": _softmax,
    "Hardmax": _softmax,
    "TopK": _topk,
    "Reshape": _reshape,
    "Upsample": _upsample,
    "Resize": _upsample,
    "RoiAlign": _roi_align,
    "Dropout": _dropout,
    "BatchNormalization": _batch_normalization,
    **dict.fromkeys(
        ("Relu", "Sigmoid", "Tanh", "Exp", "Log", "Sqrt", "Abs", "Neg", "Add", "Sub", "Mul", "Div"), _plain
    ),
    **dict.fromkeys(
        ("InstanceNormalization", "Elu", "LeakyRelu", "PRelu", "Selu", "Reciprocal", "Ceil", "Floor"), _plain
    ),
    **dict.fromkeys(("Min", "Max", "Sum", "Mean", "HardSigmoid"), _plain),
}
