"""What never changes is worked out once and stored: engines want weights as initializers, not as sums of them."""

from __future__ import annotations

import math

import numpy as np
import onnx

from stylebridge.opcheck.fix.preparations import Prepared
from stylebridge.opcheck.fix.proof import run_part
from stylebridge.opcheck.fix.workshop import Workshop
from stylebridge.opcheck.graph import Array, Node

MAX_ELEMENTS = 1 << 24  # of a result that is stored
_GROWING = ("ConstantOfShape", "Expand", "Tile", "Range", "Resize", "Upsample", "Pad", "OneHot", "ConvTranspose")
_RANDOM = ("RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike", "Multinomial", "Bernoulli")


def constants(shop: Workshop) -> Prepared:
    """Fold constant subgraphs, and shapes that are known."""
    stored: dict[str, Array] = {}
    outputs = {output.name for output in shop.model.graph.output}
    kept: list[onnx.NodeProto] = []
    for node in shop.graph.nodes:
        found = None if outputs.intersection(node.outputs) else _folded(shop, node, stored)
        if found is None:
            kept.append(node.proto)
        else:
            stored.update(found)
    if not stored:
        return Prepared()
    count = len(shop.model.graph.node) - len(kept)
    shop.set_nodes(kept)
    shop.store(stored)
    shop.sweep()
    return Prepared(f"{count} node{'s' if count > 1 else ''} worked out beforehand")


def _folded(shop: Workshop, node: Node, stored: dict[str, Array]) -> dict[str, Array] | None:
    names = [name for name in node.outputs if name]
    if node.op in _RANDOM or any(a.HasField("g") or a.graphs for a in node.proto.attribute):
        return None
    known = {name: shop.facts.value(name) for name in names}
    if all(numbers is not None for numbers in known.values()):
        return {name: np.asarray(numbers) for name, numbers in known.items()}
    picked = _sizes_picked(shop, node)
    if picked is not None:
        return {node.outputs[0]: picked}
    given: dict[str, Array] = {}
    for name in filter(None, node.inputs):
        numbers = stored[name] if name in stored else shop.constant(name)
        if numbers is None:
            return None
        given[name] = numbers
    if not given or not _small(shop, node):
        return None
    return run_part([node.proto], given, names, shop.model.opset_import)


def _sizes_picked(shop: Workshop, node: Node) -> Array | None:
    """Sizes that are known although others of the same tensor are open."""
    shape_of = shop.graph.producers.get(node.input(0)) if node.op == "Gather" else None
    index = shop.constant(node.input(1)) if shape_of is not None else None
    shape = shop.shape(shape_of.input(0)) if shape_of is not None and shape_of.op == "Shape" else None
    if shape is None or index is None or shape_of is None or shape_of.has("start") or shape_of.has("end"):
        return None
    sizes = [shape[int(i)] if -len(shape) <= int(i) < len(shape) else None for i in index.reshape(-1)]
    return None if None in sizes else np.array(sizes, np.int64).reshape(index.shape)


def _small(shop: Workshop, node: Node) -> bool:
    """Whether the result is of a size that can be stored; what may grow must have a known shape."""
    for name in filter(None, node.outputs):
        shape = shop.shape(name)
        if shape is None or None in shape:
            if node.op in _GROWING:
                return False
        elif math.prod(int(size or 0) for size in shape) > MAX_ELEMENTS:
            return False
    return True
