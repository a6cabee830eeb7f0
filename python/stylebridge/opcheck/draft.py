"""Draft: the graph of what the engine computes, as it grows, and what is known of each tensor in it.

Engines of Unity hold few number types: Barracuda only float32, Sentis float32 and int32. A draft keeps to them (its
*world*) and puts casts only where an ONNX operator insists on another type.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, defs, helper, numpy_helper, shape_inference

from stylebridge.opcheck.graph import Array, Graph, shape_of
from stylebridge.opcheck.numbers import run_nodes

MIN_OPSET = 18  # rules write nodes of this opset, or of the model's own where that is newer
MAX_OPSET = defs.onnx_opset_version()
MAX_FOLDED = 1 << 16  # elements; larger values are not worked out before a run
_FLOATS = {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16}
WORLDS: dict[str, tuple[int, ...]] = {
    "barracuda": (TensorProto.FLOAT,),
    "sentis": (TensorProto.FLOAT, TensorProto.INT32),
    "onnxruntime": (),  # every type as it is
}


class Draft:
    """The emulated graph: nodes so far, constants, and what is known about each tensor."""

    def __init__(self, graph: Graph, line: str, sizes: Mapping[str, tuple[int, ...]] | None = None) -> None:
        self.line = line
        self.world = WORLDS[line]
        self.opset = min(max(MIN_OPSET, graph.opset), MAX_OPSET)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, Array] = {}  # what the engine takes for constant
        self._known: dict[str, Array] = {}  # everything whose value is known, constants included
        self._types: dict[str, onnx.TypeProto] = {}
        self._stored: dict[str, Array] = {}  # constants that the emulation itself added
        self._casts: dict[tuple[str, int], str] = {}
        self._names = {name for node in graph.nodes for name in (*node.inputs, *node.outputs)}
        self._count = 0
        self.channels_last: frozenset[str] = frozenset()  # what the engine takes to lie channels last
        for value in graph.inputs:
            shape = shape_of(value, sizes)
            self._types[value.name] = _tensor_type(self.home(value.type.tensor_type.elem_type), shape)

    def home(self, dtype: int) -> int:
        """The type in which this engine holds tensors of that ONNX type."""
        if not self.world or dtype in self.world:
            return dtype
        if dtype in _FLOATS or len(self.world) == 1:
            return TensorProto.FLOAT
        return TensorProto.INT32

    def reserve(self, names: Iterable[str]) -> None:
        """Names that `fresh` must not give out."""
        self._names.update(names)

    def fresh(self) -> str:
        """A tensor name that nobody uses."""
        while True:
            self._count += 1
            name = f"emulated_{self._count}"
            if name not in self._names:
                self._names.add(name)
                return name

    def shape(self, name: str) -> tuple[int | None, ...] | None:
        """What is known of a tensor's shape."""
        if name in self._known:
            return tuple(self._known[name].shape)
        found = self._types.get(name)
        if found is None or not found.tensor_type.HasField("shape"):
            return None
        return tuple(d.dim_value if d.HasField("dim_value") else None for d in found.tensor_type.shape.dim)

    def dtype(self, name: str) -> int | None:
        """The type in which the emulation holds a tensor."""
        if name in self._known:
            return self.home(helper.np_dtype_to_tensor_dtype(self._known[name].dtype))
        found = self._types.get(name)
        return None if found is None else found.tensor_type.elem_type

    def value(self, name: str) -> Array | None:
        """The numbers of a tensor, where they can be known before a run."""
        return self._known.get(name)

    def set_constant(self, name: str, numbers: Array) -> None:
        """A tensor of the model is constant, with these numbers."""
        self.constants[name] = numbers
        self._known[name] = numbers

    def new_constant(self, numbers: Array) -> str:
        """Another constant, for the emulation's own use."""
        name = self.fresh()
        self._known[name] = numbers
        return name

    def forget(self, name: str) -> None:
        """The engine does not see that this tensor is constant; its value stays known to us."""
        self.constants.pop(name, None)

    def add(self, nodes: Sequence[onnx.NodeProto]) -> None:
        """Append nodes; where an operator insists on types outside the world, casts are put around it."""
        for node in nodes:
            self._add(node)

    def _add(self, node: onnx.NodeProto) -> None:
        made = onnx.NodeProto()
        made.CopyFrom(node)
        schema = _schema(node, self.opset)
        if schema is not None:
            for index, name in enumerate(node.input):
                if name:
                    made.input[index] = self._fitting(name, _allowed(schema, index))
        types = self._inferred(schema, made)
        renamed: list[tuple[str, str]] = []
        for index, name in enumerate(node.output):
            kind = types.get(name)
            if name and kind is not None and self.home(kind.tensor_type.elem_type) != kind.tensor_type.elem_type:
                made.output[index] = self.fresh()
                self._types[made.output[index]] = kind
                renamed.append((made.output[index], name))
            elif name and kind is not None:
                self._types[name] = kind
        self.nodes.append(made)
        self._learn(made)
        for inner, outer in renamed:
            self._cast(inner, self.home(self._types[inner].tensor_type.elem_type), outer)

    def _fitting(self, name: str, allowed: frozenset[str]) -> str:
        """The tensor itself, or a cast of it to a type that the operator takes."""
        dtype = self._actual(name)
        if (
            name in self._known
            and dtype is not None
            and self.home(dtype) != dtype
            and _word(self.home(dtype)) in allowed
        ):
            return self._cast(name, self.home(dtype))
        if dtype is None or not allowed or _word(dtype) in allowed:
            return name
        for kind in (TensorProto.FLOAT, TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL):
            if _word(kind) in allowed:
                return self._cast(name, kind)
        return name

    def _actual(self, name: str) -> int | None:
        if name in self._known and name not in self._types:
            return int(helper.np_dtype_to_tensor_dtype(self._known[name].dtype))
        found = self._types.get(name)
        return None if found is None else found.tensor_type.elem_type

    def _cast(self, name: str, dtype: int, output: str = "") -> str:
        if not output and (name, dtype) in self._casts:
            return self._casts[name, dtype]
        made = output or self.fresh()
        if name in self._known and not output:
            kind = helper.tensor_dtype_to_np_dtype(dtype)
            self._known[made] = _saturated(self._known[name], kind)
        else:
            node = helper.make_node("Cast", [name], [made], to=dtype)
            self._types[made] = _tensor_type(dtype, self.shape(name))
            self.nodes.append(node)
            self._learn(node)
        if not output:
            self._casts[name, dtype] = made
        return made

    def _inferred(self, schema: defs.OpSchema | None, node: onnx.NodeProto) -> dict[str, onnx.TypeProto]:
        if schema is None:
            return {}
        types = {}
        for name in filter(None, node.input):
            known = self._types.get(name)
            if known is None and name in self._known:
                array = self._known[name]
                known = _tensor_type(helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
            if known is None:
                return {}
            types[name] = known
        data = {
            name: numpy_helper.from_array(np.asarray(self._known[name], order="C"))
            for name in node.input
            if name in self._known and self._known[name].size <= MAX_FOLDED
        }
        opsets = [helper.make_opsetid("", self.opset)]
        try:
            return dict(shape_inference.infer_node_outputs(schema, node, types, data, opset_imports=opsets))
        except Exception:  # a node that ONNX can't infer has unknown outputs, nothing more
            return {}

    def _learn(self, node: onnx.NodeProto) -> None:
        """Work the outputs out where the inputs are known and small."""
        shape = self.shape(node.input[0]) if node.op_type == "Shape" and node.input else None
        if shape is not None and None not in shape:
            whole = np.array(shape, np.int64)
            start = next((a.i for a in node.attribute if a.name == "start"), 0)
            end = next((a.i for a in node.attribute if a.name == "end"), len(whole))
            self._known[node.output[0]] = whole[slice(start, end)]
            return
        names = [name for name in node.input if name]
        if not names or any(name not in self._known or self._known[name].size > MAX_FOLDED for name in names):
            return
        if any(_count(self.shape(name)) > MAX_FOLDED for name in node.output):
            return  # a few bytes can ask for terabytes
        found = run_nodes([node], {name: self._known[name] for name in names}, list(node.output), self.opset)
        for name, array in (found or {}).items():
            if array.size <= MAX_FOLDED:
                self._known[name] = array

    @property
    def known(self) -> Mapping[str, Array]:
        """All values that are known before a run."""
        return self._known

    def type(self, name: str) -> onnx.TypeProto | None:
        """What is known of a tensor's type."""
        return self._types.get(name)


def _count(shape: Sequence[int | None] | None) -> int:
    """How many numbers a tensor of this shape has, as far as is known."""
    return math.prod(size or 1 for size in shape or ())


def _tensor_type(dtype: int, shape: Sequence[int | None] | None) -> onnx.TypeProto:
    return helper.make_tensor_type_proto(dtype, None if shape is None else list(shape))


def _schema(node: onnx.NodeProto, opset: int) -> defs.OpSchema | None:
    try:
        return defs.get_schema(node.op_type, opset, node.domain)
    except defs.SchemaError:
        return None


def _allowed(schema: defs.OpSchema, index: int) -> frozenset[str]:
    formals = schema.inputs
    if not formals:
        return frozenset()
    return frozenset(formals[min(index, len(formals) - 1)].types)


_WORDS: dict[int, str] = {
    TensorProto.FLOAT: "tensor(float)",
    TensorProto.DOUBLE: "tensor(double)",
    TensorProto.FLOAT16: "tensor(float16)",
    TensorProto.BFLOAT16: "tensor(bfloat16)",
    TensorProto.INT64: "tensor(int64)",
    TensorProto.INT32: "tensor(int32)",
    TensorProto.INT16: "tensor(int16)",
    TensorProto.INT8: "tensor(int8)",
    TensorProto.UINT64: "tensor(uint64)",
    TensorProto.UINT32: "tensor(uint32)",
    TensorProto.UINT16: "tensor(uint16)",
    TensorProto.UINT8: "tensor(uint8)",
    TensorProto.BOOL: "tensor(bool)",
}


def _word(dtype: int) -> str:
    return _WORDS.get(dtype, "")


def _saturated(numbers: Array, dtype: np.dtype[Any]) -> Array:
    """A cast of a constant; whole numbers that don't fit end at the type's bounds, as in the engines."""
    if np.issubdtype(dtype, np.integer) and numbers.dtype != np.bool_:
        bounds = np.iinfo(dtype)
        return np.clip(numbers, bounds.min, bounds.max).astype(dtype)
    return numbers.astype(dtype)
