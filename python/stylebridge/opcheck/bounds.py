"""Bounds: how large tensors may get, so that a few bytes can't ask for more memory than there is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper

from stylebridge.errors import InputError
from stylebridge.opcheck.draft import Draft
from stylebridge.opcheck.graph import Graph, Node, shape_of

MAX_DIMENSION = 1 << 24
MAX_NUMBERS = 1 << 31  # of one tensor: engines count them in an int32
# Which inputs of an operator say how large its output gets; where they are factors of the input's own size.
EXTENTS = {"Pad": (1,), "Resize": (2, 3), "Upsample": (1,), "Expand": (1,), "ConstantOfShape": (0,), "OneHot": (1,)}
FACTORS = {"Resize": 2, "Upsample": 1, "Tile": 1}
WHOLE = {"Resize": 3, "Expand": 1, "ConstantOfShape": 0}  # inputs that are the output's shape
ATTRIBUTES = frozenset(("pads", "paddings", "kernel_shape", "dilations", "strides", "output_padding", "output_shape"))


def refuse_oversized_inputs(graph: Graph) -> None:
    """Raise where the file declares an input larger than any engine holds."""
    for value in graph.inputs:
        _bound(value.name, [size for size in shape_of(value) if size is not None])


def refuse_oversized(node: Node, protos: Sequence[onnx.NodeProto], draft: Draft) -> None:
    """Raise where a node's parameters ask for a tensor larger than any engine holds."""
    label = f"{node.op} {node.label}"
    for attribute in node.proto.attribute:
        if attribute.name in ATTRIBUTES:
            _bound(label, _numbers(helper.get_attribute_value(attribute)), whole=False)
    for proto in protos:
        _bound_inputs(label, proto, draft)


def _bound_inputs(label: str, proto: onnx.NodeProto, draft: Draft) -> None:
    values = [draft.value(name) if name else None for name in proto.input]

    def numbers(index: int | None) -> list[float]:
        found = values[index] if index is not None and index < len(values) else None
        return [] if found is None or found.dtype.kind not in "fiu" else found.astype(np.float64).ravel().tolist()

    for index in EXTENTS.get(proto.op_type, ()):
        _bound(label, numbers(index), whole=WHOLE.get(proto.op_type) == index)
    factors = numbers(FACTORS.get(proto.op_type))
    shape = draft.shape(proto.input[0]) if factors else None
    if shape is not None and len(shape) == len(factors):
        _bound(label, [(size or 1) * factor for size, factor in zip(shape, factors, strict=True)])
    if proto.op_type == "Range":
        start, limit, step = ((numbers(index) or [0.0])[0] for index in range(3))
        _bound(label, [(limit - start) / step] if step else [])


def _bound(where: str, numbers: Iterable[float], *, whole: bool = True) -> None:
    sizes = [abs(number) for number in numbers]
    if not all(math.isfinite(size) and size <= MAX_DIMENSION for size in sizes):
        raise InputError(f"{where} asks for sizes beyond measure", expected=f"at most {MAX_DIMENSION} each")
    if whole and math.prod(max(size, 1) for size in sizes) > MAX_NUMBERS:
        raise InputError(f"{where} asks for a tensor beyond measure", expected=f"at most {MAX_NUMBERS} numbers")


def _numbers(value: Any) -> list[float]:
    listed = value if isinstance(value, Sequence) and not isinstance(value, (str, bytes)) else [value]
    return [float(each) for each in listed if isinstance(each, (int, float))]
