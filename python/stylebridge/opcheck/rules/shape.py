"""Shape: in Barracuda folded at import, or eight numbers when the graph gives it out; before 1.3.3 mostly unknown."""

from __future__ import annotations

import numpy as np

from stylebridge.opcheck.behaviour.parameters import PARAMETERS
from stylebridge.opcheck.behaviour.slots import CHANNELS_LAST
from stylebridge.opcheck.site import Site

OPERATORS = ("Shape",)


def barracuda(site: Site) -> None:
    """`start` and `end` are not read."""
    if site.constant(0) is not None and site.since("1.3.3"):
        site.throws("the shape of a constant is never made", "fold constants: stylebridge fix")
        return
    if not site.since("1.3.3"):
        _early(site)
        return
    site.set(start=None, end=None)
    rank = site.rank(0)
    if any(output.name == site.node.outputs[0] for output in site.graph.outputs):
        _eight(site)
        site.alters("as an output it has 8 numbers, Barracuda's own dimensions", "give out a computed tensor instead")
    elif rank is not None and rank > 5:
        _eight(site)
        site.alters(f"for rank {rank} it has 8 numbers", "use constants: stylebridge fix")
    elif site.node.has("start") or site.node.has("end"):
        site.alters_if_different("start and end are ignored", "slice it: stylebridge fix", "start")


def _eight(site: Site) -> None:
    shape = site.shape(0)
    slots = CHANNELS_LAST.get(len(shape or ()))
    if shape is None or slots is None:
        return
    site.nodes = []
    whole = site.op("Shape", [site.node.input(0)])
    ones = site.const([1], np.int64)
    padded = site.op("Concat", [whole, ones], axis=0)
    places = [slots.index(slot) if slot in slots else len(slots) for slot in range(8)]
    site.op("Gather", [padded, site.const(places, np.int64)], list(site.node.outputs), axis=0)


def _early(site: Site) -> None:
    """A constant in which all sizes but the channels' are -1."""
    shape = site.shape(0)
    if shape is None:
        return
    channels = min(1, len(shape) - 1)
    numbers = [size or 0 if axis == channels else -1 for axis, size in enumerate(shape)]
    if site.constant(0) is not None:
        numbers = [size or 0 for size in shape]
    elif _reaches_data(site):
        site.alters("sizes other than the channels' count as -1", "use constants: stylebridge fix")
    site.becomes_constant(np.array(numbers or [0], np.int64))


def _reaches_data(site: Site) -> bool:
    """Whether what is worked out from the shape is computed with, rather than used as another shape or scale."""
    graph = site.graph
    constant = {*graph.initializers, *(n.outputs[0] for n in graph.nodes if n.op in ("Constant", "Shape"))}
    tainted = {site.node.outputs[0]}
    for node in graph.nodes:
        used = [index for index, name in enumerate(node.inputs) if name in tainted]
        if not used:
            continue
        if (constant | tainted).issuperset(filter(None, node.inputs)):
            tainted.update(node.outputs)
        elif not PARAMETERS.get(node.op, frozenset()).issuperset(used):
            return True
    return any(output.name in tainted for output in graph.outputs)
