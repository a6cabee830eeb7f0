"""Quantised graphs folded back to float: the weights as they were rounded, the activations no longer rounded.

Every tensor of whole numbers becomes the real numbers that it stands for. Quantising keeps its saturation, as a Clip;
what is lost is the rounding, so the result is within a quantisation step of the original at each of these places, and
nearer to the network that was quantised.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import helper

from stylebridge.opcheck.fix.job import Job
from stylebridge.opcheck.fix.preparations import Prepared
from stylebridge.opcheck.fix.preparations.quantised_operators import EXPANDED, expand
from stylebridge.opcheck.fix.proof import run_part
from stylebridge.opcheck.fix.spelling import Cannot
from stylebridge.opcheck.fix.workshop import Workshop
from stylebridge.opcheck.graph import Array, Node

SLACK = 0.1  # of the largest output, for the proof, which rounds like the original but for ties
_MOVING = (
    *("Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Slice", "Identity", "Gather", "Split", "MaxPool"),
    *("DepthToSpace", "SpaceToDepth", "Expand", "Tile", "Concat", "Resize"),
)
_QUANTISED = ("QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "ConvInteger", "MatMulInteger")


@dataclass
class Scale:
    """What a tensor of whole numbers stands for: scale · (number - zero)."""

    step: Array
    zero: Array


@dataclass
class _Fold:
    """The graph as it is being folded."""

    shop: Workshop
    scales: dict[str, Scale] = field(default_factory=dict)  # tensors that hold real numbers now
    stored: dict[str, Array] = field(default_factory=dict)
    steps: list[float] = field(default_factory=list)
    rounds: bool = False  # whether activations were quantised
    rounded: bool = False  # for the proof: activations rounded as in the original

    def constant(self, name: str) -> Array | None:
        """Numbers of the model, or ones that the fold made."""
        return self.stored[name] if name in self.stored else self.shop.constant(name)


def to_float(shop: Workshop) -> Prepared:
    """Fold a quantised graph back to float."""
    known = {*EXPANDED, *_QUANTISED}
    count = sum(node.op in known for node in shop.graph.nodes)
    if not count:
        return Prepared()
    shop.set_nodes([made for node in shop.graph.nodes for made in expand(Job(node, shop))])
    proof, fold = _Fold(shop.copy(), rounded=True), _Fold(shop)
    for one in (proof, fold):
        nodes = [made for node in one.shop.graph.nodes for made in _folded(one, node)]
        one.shop.set_nodes(nodes)
        one.shop.store(one.stored)
        one.shop.sweep()
    if not fold.rounds:
        return Prepared(f"{count} quantised weight{'s' if count > 1 else ''} folded back to float")
    note = "activations are no longer rounded: within a quantisation step at each place"
    if fold.steps:
        note += f" (steps up to {max(fold.steps):.2g})"
    how = f"{count} quantised node{'s' if count > 1 else ''} folded back to float"
    return Prepared(how, SLACK, note, proof.shop.model)


def _folded(fold: _Fold, node: Node) -> list[onnx.NodeProto]:
    if node.op == "QuantizeLinear" and fold.constant(node.input(0)) is None:
        return _quantise(fold, node)
    if node.op == "DequantizeLinear":
        return _dequantise(fold, node)
    if node.op == "DynamicQuantizeLinear":
        return _dynamic(fold, node)
    if node.op in ("ConvInteger", "MatMulInteger"):
        return _integer_product(fold, node)
    scales = [fold.scales[name] for name in node.inputs if name in fold.scales]
    if node.op in _MOVING and scales and all(_same(scales[0], scale) for scale in scales):
        fold.scales.update({name: scales[0] for name in node.outputs if name})
        return [node.proto]
    if scales and node.op == "Pad":
        fold.scales[node.outputs[0]] = scales[0]
        return [_pad(fold, node, scales[0])]
    if scales and node.op == "Cast":
        return [_named(fold, "Identity", [node.input(0)], node.outputs[0])]
    if scales:
        raise Cannot(f"{node.op} {node.label} computes with quantised numbers")
    return [node.proto]


def _pad(fold: _Fold, node: Node, scale: Scale) -> onnx.NodeProto:
    """Pad with the real number that the border's whole one stands for."""
    made = onnx.NodeProto()
    made.CopyFrom(node.proto)
    if node.attr("mode", "constant") == "constant":
        whole = fold.constant(node.input(2)) if node.input(2) else np.zeros(())
        if whole is None or scale.step.size != 1:
            raise Cannot(f"the border of {node.label} is worked out at run time")
        number, zero = float(whole.reshape(-1)[0]), float(scale.zero.reshape(-1)[0])
        real = _store(fold, np.asarray((number - zero) * float(scale.step.reshape(-1)[0])))
        made.input[:] = [*made.input[:2], real, *made.input[3:]]
    return made


def _quantise(fold: _Fold, node: Node) -> list[onnx.NodeProto]:
    """Only the saturation is kept."""
    step, zero = fold.constant(node.input(1)), fold.constant(node.input(2)) if node.input(2) else np.zeros((), np.uint8)
    if step is None or zero is None:
        raise Cannot(f"the scale of {node.label} is worked out at run time")
    if any(output.name == node.outputs[0] for output in fold.shop.graph.outputs):
        raise Cannot("an output of the model is quantised")
    fold.scales[node.outputs[0]] = Scale(step, zero)
    fold.steps.append(float(np.max(step)))
    fold.rounds = True
    if fold.rounded:
        return _round_trip(fold, node)
    if step.size != 1:
        return [_named(fold, "Identity", [node.input(0)], node.outputs[0])]
    bounds = _bounds(zero.dtype)
    low, high = ((bound - float(zero.reshape(-1)[0])) * float(step.reshape(-1)[0]) for bound in bounds)
    return _clip(fold, node, low, high)


def _round_trip(fold: _Fold, node: Node) -> list[onnx.NodeProto]:
    """Quantised, and real again at once."""
    whole = fold.shop.fresh(f"{node.outputs[0]}/whole")
    made = _named(fold, "QuantizeLinear", list(node.inputs), whole)
    back = _named(fold, "DequantizeLinear", [whole, *node.inputs[1:]], node.outputs[0])
    for one in (made, back):
        one.attribute.extend(a for a in node.proto.attribute if a.name == "axis")
    return [made, back]


def _clip(fold: _Fold, node: Node, low: float, high: float) -> list[onnx.NodeProto]:
    job = Job(node, fold.shop)
    made = job.finished([job.op("Clip", node.input(0), min=low, max=high)], "saturated")
    fold.stored.update({name: np.asarray(numbers, np.float32) for name, numbers in job.stored.items()})
    return made


def _bounds(dtype: np.dtype[Any]) -> tuple[float, float]:
    try:
        limits = np.iinfo(dtype)
    except ValueError:  # four bits and the eight-bit floats have no entry there
        small = {"int4": (-8.0, 7.0), "uint4": (0.0, 15.0)}.get(dtype.name)
        if small is None:
            raise Cannot(f"numbers of type {dtype.name}") from None
        return small
    return float(limits.min), float(limits.max)


def _dequantise(fold: _Fold, node: Node) -> list[onnx.NodeProto]:
    known = fold.constant(node.input(0))
    step = fold.constant(node.input(1))
    zero = fold.constant(node.input(2)) if node.input(2) else None
    if step is None:
        raise Cannot(f"the scale of {node.label} is worked out at run time")
    if known is not None:
        given = {name: fold.constant(name) for name in filter(None, node.inputs)}
        arrays = {name: numbers for name, numbers in given.items() if numbers is not None}
        found = run_part([node.proto], arrays, [node.outputs[0]], fold.shop.model.opset_import)
        if found is None:
            raise Cannot(f"{node.label} can't be worked out")
        fold.stored.update(found)
        return []
    zero = np.zeros_like(step) if zero is None else zero
    made_from = fold.scales.get(node.input(0))
    if made_from is not None and _same(made_from, Scale(step, zero)):
        return [_named(fold, "Identity", [node.input(0)], node.outputs[0])]
    if step.size != 1:
        raise Cannot(f"{node.label} has a scale a channel")
    return _line(fold, node, made_from, float(step.reshape(-1)[0]), float(zero.reshape(-1)[0]))


def _line(fold: _Fold, node: Node, made_from: Scale | None, step: float, zero: float) -> list[onnx.NodeProto]:
    """Real numbers of whole ones, or of real ones that stood for others."""
    gain, shift = step, -zero * step
    nodes, name = [], node.input(0)
    if made_from is not None:
        old = float(made_from.step.reshape(-1)[0])
        gain, shift = step / old, (float(made_from.zero.reshape(-1)[0]) - zero) * step
    else:
        name = fold.shop.fresh(f"{node.label}/real")
        nodes.append(_named(fold, "Cast", [node.input(0)], name))
        nodes[0].attribute.append(helper.make_attribute("to", onnx.TensorProto.FLOAT))
    scaled = fold.shop.fresh(f"{node.label}/scaled")
    nodes.append(_named(fold, "Mul", [name, _store(fold, gain)], scaled))
    return [*nodes, _named(fold, "Add", [scaled, _store(fold, shift)], node.outputs[0])]


def _dynamic(fold: _Fold, node: Node) -> list[onnx.NodeProto]:
    """Real numbers, as if quantised with step 1 and zero 0."""
    numbers, step, zero = node.outputs
    fold.rounds = True
    if fold.rounded:
        own = [fold.shop.fresh(f"{name}/own") for name in node.outputs]
        fold.scales[numbers] = Scale(np.ones((), np.float32), np.zeros((), np.uint8))
        fold.stored[step], fold.stored[zero] = np.ones((), np.float32), np.zeros((), np.uint8)
        made = helper.make_node("DynamicQuantizeLinear", [node.input(0)], own, name=own[0])
        return [made, _named(fold, "DequantizeLinear", own, numbers)]
    fold.scales[numbers] = Scale(np.ones((), np.float32), np.zeros((), np.uint8))
    fold.stored[step] = np.ones((), np.float32)
    fold.stored[zero] = np.zeros((), np.uint8)
    return [_named(fold, "Identity", [node.input(0)], numbers)]


def _integer_product(fold: _Fold, node: Node) -> list[onnx.NodeProto]:
    """The product of real numbers; what stood for whole numbers is divided by its step."""
    nodes: list[onnx.NodeProto] = []
    inputs = [_factor(fold, node, index, nodes) for index in (0, 1)]
    op = "Conv" if node.op == "ConvInteger" else "MatMul"
    made = _named(fold, op, inputs, node.outputs[0])
    made.attribute.extend(node.proto.attribute)
    fold.scales[node.outputs[0]] = Scale(np.ones((), np.float32), np.zeros((), np.int32))
    return [*nodes, made]


def _factor(fold: _Fold, node: Node, index: int, nodes: list[onnx.NodeProto]) -> str:
    name, known = node.input(index), fold.constant(node.input(index))
    zero = fold.constant(node.input(index + 2)) if node.input(index + 2) else np.zeros((), np.uint8)
    if zero is None:
        raise Cannot(f"the zero of {node.label} is worked out at run time")
    if known is not None:
        axes = known.ndim - 1 if node.op == "ConvInteger" else 0
        spread = zero.reshape(-1, *[1] * axes) if zero.size > 1 and axes else zero
        return _store(fold, known.astype(np.float32) - spread.astype(np.float32))
    scale = fold.scales.get(name)
    if scale is None or zero.size != 1 or float(zero.reshape(-1)[0]) != float(scale.zero.reshape(-1)[0]):
        raise Cannot(f"{node.label} computes with whole numbers of its own")
    step = float(scale.step.reshape(-1)[0])
    if step == 1.0:
        return name
    made = fold.shop.fresh(f"{node.label}/whole")
    nodes.append(_named(fold, "Mul", [name, _store(fold, 1 / step)], made))
    return made


def _same(one: Scale, other: Scale) -> bool:
    return np.array_equal(one.step.reshape(-1), other.step.reshape(-1)) and np.array_equal(
        one.zero.astype(np.int64).reshape(-1), other.zero.astype(np.int64).reshape(-1)
    )


def _named(fold: _Fold, op: str, inputs: list[str], output: str) -> onnx.NodeProto:
    return helper.make_node(op, inputs, [output], name=fold.shop.fresh(f"{output}/{op}"))


def _store(fold: _Fold, numbers: float | Array) -> str:
    name = fold.shop.fresh("folded/constant")
    fold.stored[name] = np.asarray(numbers, np.float32)
    return name
