"""Half, brain and double precision made single, which is all that the engines of Unity compute with."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from stylebridge.opcheck.fix.preparations import Prepared
from stylebridge.opcheck.fix.workshop import Workshop

SLACK: dict[int, float] = {TensorProto.FLOAT16: 1e-2, TensorProto.BFLOAT16: 8e-2, TensorProto.DOUBLE: 0.0}
_WORDS: dict[int, str] = {TensorProto.FLOAT16: "half", TensorProto.BFLOAT16: "brain", TensorProto.DOUBLE: "double"}


def to_float32(shop: Workshop) -> Prepared:
    """All numbers in single precision."""
    found: set[int] = set()
    _graph(shop.model.graph, found)
    shop.changed()
    if not found:
        return Prepared()
    words = " and ".join(_WORDS[kind] for kind in sorted(found))
    slack = max(SLACK[kind] for kind in found)
    note = f"apart by the rounding of {words} precision" if slack else ""
    return Prepared(f"{words} precision made single", slack, note)


def _graph(graph: onnx.GraphProto, found: set[int]) -> None:
    for tensor in graph.initializer:
        _tensor(tensor, found)
    for value in (*graph.input, *graph.output, *graph.value_info):
        kind = value.type.tensor_type.elem_type
        if kind in SLACK:
            found.add(kind)
            value.type.tensor_type.elem_type = TensorProto.FLOAT
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                _tensor(attribute.t, found)
            elif attribute.HasField("g"):
                _graph(attribute.g, found)
            elif attribute.name in ("to", "dtype") and attribute.i in SLACK:
                found.add(attribute.i)
                attribute.i = TensorProto.FLOAT


def _tensor(tensor: onnx.TensorProto, found: set[int]) -> None:
    if tensor.data_type in SLACK:
        found.add(tensor.data_type)
        numbers = np.asarray(numpy_helper.to_array(tensor).astype(np.float32), order="C")
        tensor.CopyFrom(numpy_helper.from_array(numbers, tensor.name))
