"""Site: one node on one target, where a rule says what happens to it and what it really computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper

from stylebridge.opcheck.draft import Draft
from stylebridge.opcheck.finding import Finding, Verdict
from stylebridge.opcheck.graph import Array, Graph, Node
from stylebridge.opcheck.modern import modern
from stylebridge.opcheck.trial import same_numbers
from stylebridge.targets import Target


class Site:
    """A rule reads the node here, tells what the target does, and changes `nodes` into what it computes."""

    def __init__(self, node: Node, graph: Graph, target: Target, draft: Draft) -> None:
        self.node = node
        self.graph = graph
        self.target = target
        self.draft = draft
        self.findings: list[Finding] = []
        self.lost_outputs: set[str] = set()
        self.nodes: list[onnx.NodeProto] = modern(node, graph.opset, draft)

    # What the rule reads. Shapes and values are those of the engine's own tensors, not of the original model.

    def since(self, release: str) -> bool:
        """Whether the target is this release or a newer one."""
        return self.target.release >= tuple(int(part) for part in release.split("."))

    def shape(self, index: int) -> tuple[int | None, ...] | None:
        """The shape of an input; None where nothing is known, None inside for sizes that aren't."""
        return self.draft.shape(self.node.input(index))

    def rank(self, index: int) -> int | None:
        """The number of dimensions of an input."""
        shape = self.shape(index)
        return None if shape is None else len(shape)

    def full_shape(self, index: int) -> tuple[int, ...] | None:
        """The shape of an input where all of it is known."""
        shape = self.shape(index)
        return None if shape is None or None in shape else tuple(int(size or 0) for size in shape)

    def constant(self, index: int) -> Array | None:
        """The numbers of an input that the engine takes for constant: stored, a Constant, or folded from them."""
        return self.draft.constants.get(self.node.input(index))

    def value(self, index: int) -> Array | None:
        """The numbers of an input that can be known before a run, whether or not the engine takes it for constant."""
        return self.draft.value(self.node.input(index))

    def present(self, index: int) -> bool:
        """Whether the input is given."""
        return bool(self.node.input(index))

    # What the rule says.

    def rejects(self, reason: str, remedy: str = "", attribute: str = "") -> None:
        """The import of the whole file is refused."""
        self._say(Verdict.REJECTED, True, reason, remedy, attribute)

    def throws(self, reason: str, remedy: str = "", attribute: str = "") -> None:
        """It imports, and fails when it is run."""
        self._say(Verdict.THROWS, False, reason, remedy, attribute)

    def alters(self, reason: str, remedy: str = "", attribute: str = "", *, warned: bool = False) -> None:
        """It runs and computes something else; `warned` when the engine says so."""
        self._say(Verdict.ALTERED, warned, reason, remedy, attribute)

    def alters_if_different(self, reason: str, remedy: str = "", attribute: str = "", *, warned: bool = False) -> bool:
        """Say `alters` if `nodes` really give other numbers than the node does; else note a needless warning."""
        if self.differs():
            self.alters(reason, remedy, attribute, warned=warned)
            return True
        if warned:
            self.warns(reason + " (the numbers are the same here)", attribute)
        return False

    def warns(self, reason: str, attribute: str = "") -> None:
        """The engine prints a warning, and the numbers are right."""
        self._say(Verdict.OK, True, reason, "", attribute)

    def notes(self, reason: str, attribute: str = "") -> None:
        """Nothing is wrong and the engine says nothing, and yet a person should know."""
        self._say(Verdict.OK, False, reason, "", attribute)

    @property
    def worst(self) -> Verdict:
        """The worst that was said so far."""
        return max((f.verdict for f in self.findings), default=Verdict.OK)

    def _say(self, verdict: Verdict, warned: bool, reason: str, remedy: str, attribute: str) -> None:
        self.findings.append(Finding(verdict, warned, self.node.label, self.node.op, reason, remedy, attribute))

    # What the engine really computes. `nodes` begin as the node itself in its modern form (opset 18 or later).

    def set(self, **attributes: Any) -> None:
        """Change attributes of the one node that stands for this one; None takes an attribute away."""
        (node,) = self.nodes
        kept = [a for a in node.attribute if a.name not in attributes]
        del node.attribute[:]
        node.attribute.extend(kept)
        node.attribute.extend(helper.make_attribute(k, v) for k, v in attributes.items() if v is not None)

    def set_input(self, index: int, name: str) -> None:
        """Feed another tensor to the one node; an empty name leaves the input out."""
        (node,) = self.nodes
        while len(node.input) <= index:
            node.input.append("")
        node.input[index] = name
        while node.input and not node.input[-1]:
            node.input.pop()

    def const(self, numbers: Any, dtype: Any = np.float32) -> str:
        """A constant of the emulation, such as an axis or a scale; its name."""
        return self.draft.new_constant(np.asarray(numbers, dtype))

    def fresh(self) -> str:
        """A tensor name that nobody uses."""
        return self.draft.fresh()

    def op(self, op: str, inputs: Sequence[str], outputs: Sequence[str] | None = None, **attributes: Any) -> str:
        """Append a node to `nodes`; returns its first output's name. Set `site.nodes = []` before building anew."""
        made = list(outputs) if outputs is not None else [self.fresh()]
        self.nodes.append(helper.make_node(op, list(inputs), made, **attributes))
        return made[0]

    def becomes(self, op: str, inputs: Sequence[str] | None = None, **attributes: Any) -> None:
        """Let a single other node stand for this one, with the same outputs."""
        given = list(inputs) if inputs is not None else [name for name in self.node.inputs if name]
        self.nodes = [helper.make_node(op, given, list(self.node.outputs), **attributes)]

    def becomes_constant(self, numbers: Array) -> None:
        """The engine folds the node away: its output is known, and constant for the nodes behind it."""
        self.nodes = []
        self.draft.set_constant(self.node.outputs[0], numbers)

    def loses(self, output: str) -> None:
        """The engine never makes this output."""
        self.lost_outputs.add(output)

    def differs(self) -> bool:
        """Whether `nodes` give other numbers than the node itself, tried out on random input of the known shapes."""
        return not same_numbers(self.node, self.graph, self.nodes, self.draft)
