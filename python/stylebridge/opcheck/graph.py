"""Graph and Node: a model as the rules read it; nothing here knows any engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper, shape_inference

from stylebridge.errors import InputError
from stylebridge.opcheck.soundness import refuse_unsound

Array = NDArray[Any]
MAX_BYTES = (2 << 30) - 1  # protobuf's own limit
DEFAULT_DOMAINS = ("", "ai.onnx")
ASSUMED_OPSET = 15  # where the file names none; Unity's importers take it so too


class Node:
    """One operator of the model."""

    def __init__(self, proto: onnx.NodeProto, index: int) -> None:
        self.proto = proto
        self.op = proto.op_type
        self.inputs = tuple(proto.input)
        self.outputs = tuple(proto.output)
        self.label = proto.name or (proto.output[0] if proto.output else "") or f"#{index}"
        self._attributes = {a.name: a for a in proto.attribute}

    def has(self, attribute: str) -> bool:
        """Whether the attribute is written down."""
        return attribute in self._attributes

    def attr(self, name: str, default: Any = None) -> Any:
        """The attribute's value: int, float, str, list of numbers, numpy array or GraphProto."""
        found = self._attributes.get(name)
        if found is None:
            return default
        value = helper.get_attribute_value(found)
        if isinstance(value, bytes):
            return value.decode("utf-8", "replace")
        if isinstance(value, onnx.TensorProto):
            return numpy_helper.to_array(value)
        return list(value) if found.type in _LISTS else value

    def raw(self, name: str) -> onnx.AttributeProto | None:
        """The attribute as it stands in the file."""
        return self._attributes.get(name)

    def input(self, index: int) -> str:
        """The name of an input, empty where it is left out."""
        return self.inputs[index] if index < len(self.inputs) else ""


_LISTS = (
    onnx.AttributeProto.INTS,
    onnx.AttributeProto.FLOATS,
    onnx.AttributeProto.STRINGS,
    onnx.AttributeProto.TENSORS,
)


class Graph:
    """A model, its nodes in an order in which they can run, and who makes and who uses each tensor."""

    def __init__(self, model: onnx.ModelProto, folder: Path | None = None) -> None:
        self.model = model
        self.folder = folder  # where the file lies, and its external data with it
        self.proto = model.graph
        self.opset = next((e.version for e in model.opset_import if e.domain in DEFAULT_DOMAINS), ASSUMED_OPSET)
        self.initializers = {i.name: i for i in self.proto.initializer}
        self.inputs = tuple(i for i in self.proto.input if i.name not in self.initializers)
        self.outputs = tuple(self.proto.output)
        self.nodes = tuple(self._sorted(Node(proto, index) for index, proto in enumerate(self.proto.node)))
        self.producers = {name: node for node in self.nodes for name in node.outputs if name}
        self.users: dict[str, list[Node]] = {}
        for node in self.nodes:
            for name in dict.fromkeys(node.inputs):
                self.users.setdefault(name, []).append(node)

    @property
    def names_opset(self) -> bool:
        """Whether the file says which ONNX it was written for."""
        return any(entry.domain in DEFAULT_DOMAINS for entry in self.model.opset_import)

    @cached_property
    def element_types(self) -> dict[str, int]:
        """The ONNX type of each tensor's numbers, where it is declared or can be inferred."""
        bare = onnx.ModelProto(ir_version=self.model.ir_version, opset_import=self.model.opset_import)
        if not self.names_opset:
            bare.opset_import.add(domain="", version=self.opset)
        bare.graph.node.extend(self.proto.node)
        bare.graph.input.extend(self.inputs)
        bare.graph.output.extend(self.outputs)
        for tensor in self.proto.initializer:  # their numbers, which may be many, say nothing about types
            bare.graph.input.append(helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims))
        try:
            known = shape_inference.infer_shapes(bare).graph
        except Exception:  # what ONNX can't infer stays as declared
            known = self.proto
        found = {tensor.name: tensor.data_type for tensor in self.proto.initializer}
        for value in (*known.value_info, *known.output, *known.input):
            if value.type.tensor_type.elem_type:
                found[value.name] = value.type.tensor_type.elem_type
        return found

    def _sorted(self, nodes: Iterator[Node]) -> Iterator[Node]:
        """Nodes whose inputs are all made come first; what never can run comes last, in the file's order."""
        known = {"", *self.initializers, *(i.name for i in self.inputs)}
        waiting = list(nodes)
        while waiting:
            ready = [node for node in waiting if known.issuperset(node.inputs)]
            if not ready:
                yield from waiting
                return
            # One sweep may satisfy later nodes of the same sweep, so keep the file's order where it is right.
            left = []
            for node in waiting:
                if known.issuperset(node.inputs):
                    known.update(node.outputs)
                    yield node
                else:
                    left.append(node)
            waiting = left


def load_model(source: onnx.ModelProto | str | Path | bytes) -> onnx.ModelProto:
    """A model from a file, bytes or memory; external weights are read from beside the file."""
    where = "" if isinstance(source, (bytes, onnx.ModelProto)) else source
    model = source if isinstance(source, onnx.ModelProto) else _parsed(source)
    refuse_unsound(model, where)
    return model


def _parsed(source: str | Path | bytes) -> onnx.ModelProto:
    try:
        if isinstance(source, bytes):
            return onnx.load_model_from_string(source)
        path = Path(source)
        if not path.is_file():
            raise InputError("no such file", expected="an .onnx model", where=path)
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path.stat().st_size} bytes", expected=f"at most {MAX_BYTES}", where=path)
        return onnx.load(str(path), load_external_data=False)
    except InputError:
        raise
    except Exception as error:
        where = "" if isinstance(source, bytes) else source
        raise InputError(
            "not a whole ONNX file", expected="an .onnx model", do="export it again", where=where
        ) from error


def tensor_array(tensor: onnx.TensorProto) -> Array:
    """The numbers of an initializer, as ONNX means them."""
    return np.asarray(numpy_helper.to_array(tensor))


def shape_of(value: onnx.ValueInfoProto, sizes: Mapping[str, tuple[int, ...]] | None = None) -> tuple[int | None, ...]:
    """The declared shape, or the given one; None stands for a size that isn't known."""
    if sizes and value.name in sizes:
        return tuple(sizes[value.name])
    dims = value.type.tensor_type.shape.dim
    return tuple(d.dim_value if d.HasField("dim_value") and d.dim_value > 0 else None for d in dims)
