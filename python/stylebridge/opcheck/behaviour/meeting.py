"""Meeting: operands brought onto the same axes, as Barracuda does before it broadcasts them."""

from __future__ import annotations

import onnx

from stylebridge.opcheck.behaviour.axes import laid_out, result_letters
from stylebridge.opcheck.site import Site

_SAME_RANK = "give all operands the same rank, e.g. [1, C, 1, 1]"


def meet(site: Site, landed: list[str], rank: int) -> bool:
    """Let the node's operands meet where they have landed; False where that fails or had to be spoken about."""
    clash = _clash(site, landed)
    if clash:
        site.throws(f"{clash}, and its own broadcasting asserts equal sizes", _SAME_RANK)
        return False
    wanted = result_letters(set().union(*landed), rank)
    plain = site.nodes
    site.nodes = []
    given = [laid_out(site, name, own, wanted) for name, own in zip(site.node.inputs, landed, strict=True)]
    for node in plain:
        made = onnx.NodeProto()
        made.CopyFrom(node)
        made.input[:] = given
        site.nodes.append(made)
    if given == list(site.node.inputs):
        return True
    reason = f"operands of shapes {shapes_in_words(site)} meet on other axes than those that ONNX lines up"
    return not site.alters_if_different(reason, _SAME_RANK)


def shapes_in_words(site: Site) -> str:
    """The shapes of all operands, with ? for sizes that aren't known."""
    shapes = [site.shape(index) or () for index in range(len(site.node.inputs))]
    return " and ".join("[" + ", ".join("?" if size is None else str(size) for size in shape) + "]" for shape in shapes)


def _clash(site: Site, landed: list[str]) -> str:
    """Where two operands have different sizes on one axis."""
    seen: dict[str, int] = {}
    for index, own in enumerate(landed):
        for letter, size in zip(own, site.shape(index) or (), strict=True):
            if size is None or size == 1:
                continue
            if seen.setdefault(letter, size) != size:
                shapes = shapes_in_words(site)
                return f"operands of shapes {shapes} meet with sizes {seen[letter]} and {size} on axis {letter}"
    return ""
