"""Workshop: a model while it is being rewritten; what is known about its tensors, and the changing of its nodes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import onnx
from onnx import helper, numpy_helper

from stylebridge.opcheck.draft import Draft
from stylebridge.opcheck.graph import DEFAULT_DOMAINS, Array, Graph, Node, tensor_array
from stylebridge.opcheck.study import study
from stylebridge.targets import Target, find_target

Sizes = Mapping[str, tuple[int, ...]]


class Workshop:
    """A private copy of a model, in which every node has a name of its own."""

    def __init__(self, model: onnx.ModelProto, target: Target, sizes: Sizes | None = None) -> None:
        self.model = onnx.ModelProto()
        self.model.CopyFrom(model)
        self.target = target
        self.sizes = dict(sizes or {})
        self.complained: set[str] = set()  # nodes about which the target complains
        self.origins: dict[str, str] = {}  # name of a node -> name of the original node that it stands for
        self._taken = {n for node in model.graph.node for n in (node.name, *node.output, *node.input)}
        self._taken |= {i.name for i in (*model.graph.initializer, *model.graph.input)}
        self._name_nodes()
        self._graph: Graph | None = None
        self._facts: Draft | None = None
        self._arrays: dict[str, Array] = {}

    @property
    def opset(self) -> int:
        """The version of ONNX's own operators in this model."""
        return next((e.version for e in self.model.opset_import if e.domain in DEFAULT_DOMAINS), 1)

    @property
    def graph(self) -> Graph:
        """The model as rules read it."""
        if self._graph is None:
            self._graph = Graph(self.model)
        return self._graph

    @property
    def facts(self) -> Draft:
        """Types, shapes and known values as ONNX means them."""
        if self._facts is None:
            self._facts = study(self.model, find_target("onnxruntime"), self.sizes).draft
        return self._facts

    def constant(self, name: str) -> Array | None:
        """The numbers of a tensor that never changes."""
        if name in self.graph.initializers:
            if name not in self._arrays:
                self._arrays[name] = tensor_array(self.graph.initializers[name])
            return self._arrays[name]
        made_by = self.graph.producers.get(name)
        if made_by is not None and made_by.op == "Constant" and made_by.has("value"):
            return np.asarray(made_by.attr("value"))
        return self.facts.value(name)

    def shape(self, name: str) -> tuple[int | None, ...] | None:
        """What is known of a tensor's shape."""
        return self.facts.shape(name)

    def dtype(self, name: str) -> int:
        """The type of a tensor; float where nothing is known."""
        return self.facts.dtype(name) or onnx.TensorProto.FLOAT

    def largest(self) -> int:
        """How many elements the largest tensor has of those whose shape is known."""
        names = (name for node in self.graph.nodes for name in node.outputs if name)
        shapes = (self.shape(name) or () for name in names)
        return max((math.prod(int(size or 1) for size in shape) for shape in shapes), default=0)

    def fresh(self, hint: str) -> str:
        """A name that nothing in the model has."""
        name, count = hint, 1
        while name in self._taken or not name:
            count += 1
            name = f"{hint}_{count}"
        self._taken.add(name)
        return name

    def changed(self) -> None:
        """Something was changed: forget what was known."""
        self._graph = self._facts = None
        self._arrays.clear()

    def replace(self, node: Node, made: Sequence[onnx.NodeProto], stored: Mapping[str, Array]) -> None:
        """Put other nodes in the place of one."""
        nodes = list(self.model.graph.node)
        place = next(index for index, proto in enumerate(nodes) if proto.name == node.proto.name)
        self.set_nodes([*nodes[:place], *made, *nodes[place + 1 :]])
        self.store(stored)

    def set_nodes(self, nodes: Iterable[onnx.NodeProto]) -> None:
        """Let the graph have these nodes."""
        kept = []
        for node in nodes:
            copy = onnx.NodeProto()
            copy.CopyFrom(node)
            kept.append(copy)
        del self.model.graph.node[:]
        self.model.graph.node.extend(kept)
        self.changed()

    def store(self, stored: Mapping[str, Array]) -> None:
        """Add or replace initializers, as plain bytes, which every importer reads."""
        if not stored:
            return
        kept = [i for i in self.model.graph.initializer if i.name not in stored]
        if len(kept) != len(self.model.graph.initializer):
            copies = [onnx.TensorProto.FromString(i.SerializeToString()) for i in kept]
            del self.model.graph.initializer[:]
            self.model.graph.initializer.extend(copies)
        for name, numbers in stored.items():
            self.model.graph.initializer.append(numpy_helper.from_array(np.asarray(numbers, order="C"), name))
        self.changed()

    def sweep(self) -> int:
        """Take out nodes, initializers and notes that nothing uses; how many nodes went."""
        needed = {output.name for output in self.model.graph.output}
        kept: list[onnx.NodeProto] = []
        for node in reversed([n.proto for n in self.graph.nodes]):
            if needed.intersection(node.output):
                kept.append(node)
                needed.update(used_names(node))
        gone = len(self.model.graph.node) - len(kept)
        self.set_nodes(reversed(kept))
        stored = [t for t in self.model.graph.initializer if t.name in needed]
        copies = [onnx.TensorProto.FromString(t.SerializeToString()) for t in stored]
        del self.model.graph.initializer[:]
        self.model.graph.initializer.extend(copies)
        names = {t.name for t in copies}
        inputs = [i for i in self.model.graph.input if i.name in names or i.name not in self.graph.initializers]
        self._keep_values(inputs)
        return gone

    def _keep_values(self, inputs: Sequence[onnx.ValueInfoProto]) -> None:
        """Inputs as they are; notes about inner tensors may be out of date, and engines read their own shapes."""
        copies = [onnx.ValueInfoProto.FromString(i.SerializeToString()) for i in inputs]
        del self.model.graph.input[:]
        self.model.graph.input.extend(copies)
        del self.model.graph.value_info[:]
        self.changed()

    def copy(self) -> Workshop:
        """Another workshop with the same model."""
        made = Workshop(self.model, self.target, self.sizes)
        made.origins, made.complained = dict(self.origins), set(self.complained)
        return made

    def take(self, model: onnx.ModelProto) -> None:
        """Go on with this model."""
        self.model.CopyFrom(model)
        self._name_nodes()
        self.changed()

    def _name_nodes(self) -> None:
        seen: set[str] = set()
        for index, node in enumerate(self.model.graph.node):
            if not node.name or node.name in seen:
                hint = node.name or next(filter(None, node.output), "") or f"{node.op_type}_{index}"
                name, count = hint, 1
                while name in seen:
                    count += 1
                    name = f"{hint}_{count}"
                node.name = name
            seen.add(node.name)


def used_names(node: onnx.NodeProto) -> set[str]:
    """What a node reads, its subgraphs included."""
    names = set(filter(None, node.input))
    for attribute in node.attribute:
        graphs = [attribute.g] if attribute.HasField("g") else list(attribute.graphs)
        for graph in graphs:
            names |= {output.name for output in graph.output}
            for inner in graph.node:
                names |= used_names(inner)
    return names


def float_tensor(dtype: int) -> bool:
    """Whether the type is one of the floating-point ones."""
    return helper.tensor_dtype_to_np_dtype(dtype).kind == "f" or dtype == onnx.TensorProto.BFLOAT16
