"""Job: one node that is to be rewritten; what a rewrite reads, and the nodes that it puts in its place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper

from stylebridge.opcheck.fix.proof import run_part
from stylebridge.opcheck.fix.spelling import Cannot, read_parameters, spelled
from stylebridge.opcheck.fix.workshop import Workshop
from stylebridge.opcheck.graph import Array, Node

OPEN = "its size is open; give the sizes of the inputs with --size"
MAX_CONSTANT = 1 << 26  # elements of a constant that a rewrite may make
TO_THE_END = np.iinfo(np.int32).max  # as the end of a slice


class Job:
    """A rewrite reads the node here, builds others with `op`, and returns the names of their results."""

    def __init__(self, node: Node, workshop: Workshop) -> None:
        self.node = node
        self.workshop = workshop
        self.target = workshop.target
        self.opset = workshop.opset
        self.made: list[onnx.NodeProto] = []
        self.stored: dict[str, Array] = {}
        self.note = ""  # what a person should know about the rewrite, such as its cost
        self._parameters: dict[str, Any] | None = None

    # What stands there.

    def input(self, index: int) -> str:
        """The name of an input, empty where it is left out."""
        return self.node.input(index)

    def attr(self, name: str, default: Any = None) -> Any:
        """An attribute, also where newer opsets write it as a constant input."""
        if self._parameters is None:
            self._parameters = read_parameters(self.node, self.workshop.constant)[0]
        return self._parameters.get(name, default)

    def constant(self, index: int) -> Array:
        """The numbers of an input that never changes; Cannot where it does."""
        found = self.workshop.constant(self.input(index))
        if found is None:
            raise Cannot(f"input {index} is worked out at run time")
        return found

    def maybe_constant(self, index: int) -> Array | None:
        """The same, None where it changes or is left out."""
        return self.workshop.constant(self.input(index)) if self.input(index) else None

    def shape(self, index: int) -> tuple[int | None, ...]:
        """The shape of an input, None for open sizes; Cannot where nothing is known."""
        found = self.workshop.shape(self.input(index))
        if found is None:
            raise Cannot("its shape can't be worked out")
        return found

    def rank(self, index: int) -> int:
        """The number of dimensions of an input."""
        return len(self.shape(index))

    def size(self, index: int, axis: int) -> int:
        """One size of an input; Cannot where it is open."""
        found = self.shape(index)[axis]
        if found is None:
            raise Cannot(OPEN)
        return found

    def full_shape(self, index: int) -> tuple[int, ...]:
        """The shape of an input; Cannot where some of it is open."""
        return tuple(self.size(index, axis) for axis in range(self.rank(index)))

    def axis(self, value: int, index: int = 0) -> int:
        """An axis counted from the front."""
        return value + self.rank(index) if value < 0 else value

    def dtype(self, index: int = 0) -> Any:
        """The numpy type of an input."""
        return helper.tensor_dtype_to_np_dtype(self.workshop.dtype(self.input(index)))

    def used(self, output: int) -> bool:
        """Whether somebody reads that output."""
        if output >= len(self.node.outputs) or not self.node.outputs[output]:
            return False
        name = self.node.outputs[output]
        return name in self.workshop.graph.users or any(o.name == name for o in self.workshop.graph.outputs)

    # What is put in its place.

    def const(self, numbers: Any, dtype: Any = None) -> str:
        """A new initializer of the type of the node's first input, or the given one; its name."""
        return self._store(np.asarray(numbers, self._data_type() if dtype is None else dtype))

    def op(self, op: str, *inputs: str, outputs: int = 1, **attributes: Any) -> Any:
        """A node; its output's name, or the names where there are several. Parameters are given as attributes."""
        names = [self.workshop.fresh(f"{self.node.label}/{op}") for _ in range(outputs)]
        self.made.append(spelled(op, inputs, names, attributes, self.opset, self._store, self._data_type()))
        return names[0] if outputs == 1 else names

    def room(self, *sizes: int) -> None:
        """Cannot where a constant of that shape would be too large to store."""
        if math.prod(max(0, size) for size in sizes) > MAX_CONSTANT:
            raise Cannot(f"it would need a constant of shape {list(sizes)}")

    def slice(self, x: str, axis: int, start: int, end: int | None = None, step: int = 1) -> str:
        """A piece along one axis; a step other than 1 needs opset 10."""
        last, steps = TO_THE_END if end is None else end, None if step == 1 else [step]
        return str(self.op("Slice", x, starts=[start], ends=[last], axes=[axis], steps=steps))

    def again(self, *inputs: str, op: str = "", drop: Sequence[str] = (), outputs: int = 1, **changed: Any) -> Any:
        """The same node with other inputs or attributes; None takes an attribute away."""
        kept = {k: v for k, v in self._given().items() if k not in drop} | changed
        return self.op(op or self.node.op, *inputs, outputs=outputs, **kept)

    def compute(self, nodes: Sequence[onnx.NodeProto], given: dict[str, Array], output: str) -> Array:
        """Work something out now, with ONNX Runtime."""
        found = run_part(nodes, given, [output], self.workshop.model.opset_import)
        if found is None:
            raise Cannot("it can't be worked out beforehand")
        return found[output]

    def _given(self) -> dict[str, Any]:
        self.attr("")
        return dict(self._parameters or {})

    def _data_type(self) -> Any:
        if not self.input(0):
            return np.float32
        return self.dtype(0)

    def _store(self, numbers: Array) -> str:
        for name, known in self.stored.items():
            if known.dtype == numbers.dtype and known.shape == numbers.shape and np.array_equal(known, numbers):
                return name
        name = self.workshop.fresh(f"{self.node.label}/constant")
        self.stored[name] = numbers
        return name

    def finished(self, results: Sequence[str], how: str) -> list[onnx.NodeProto]:
        """The nodes with the outputs of the original, named after it."""
        renamed: dict[str, str] = {}
        made = {name for node in self.made for name in node.output}
        for result, output in zip(results, self.node.outputs, strict=False):
            if not output or not result:
                continue
            if result not in made or result in renamed:
                source = renamed.get(result, result)
                self.made.append(helper.make_node("Identity", [source], [output]))
            else:
                renamed[result] = output
        for index, node in enumerate(self.made):
            node.input[:] = [renamed.get(name, name) for name in node.input]
            node.output[:] = [renamed.get(name, name) for name in node.output]
            node.name = self.workshop.fresh(f"{self.node.label}/{how}_{index}")
        return self.made
