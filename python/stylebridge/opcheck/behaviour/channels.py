"""How many channels Barracuda's importer believes a tensor to have: it follows names, not shapes."""

from __future__ import annotations

from stylebridge.opcheck.graph import Graph, Node, shape_of
from stylebridge.opcheck.site import Site

UNKNOWN = -1
_PLAIN_RANK = 4


def believed_channels(site: Site, name: str, known: dict[str, int] | None = None) -> int:
    """The count that the importer noted: a layer's own where it sets one, else that of the layer's first input.

    What changes the channels on the way (Reshape, Transpose, DepthToSpace, and since 1.3 Concat) is not seen by it.
    0 stands for a size that the file leaves open, UNKNOWN for nothing noted.
    """
    known = {} if known is None else known
    way: list[str] = []
    while name not in known:
        known[name] = UNKNOWN  # what a tensor that depends on itself finds
        way.append(name)
        found = _noted(site, name, known)
        if isinstance(found, int):
            known[name] = found
        else:
            name = found
    for passed in way:
        known[passed] = known[name]
    return known[name]


def _noted(site: Site, name: str, known: dict[str, int]) -> int | str:
    """The count of a tensor, or the name of the one that it has it from."""
    for value in site.graph.inputs:
        if value.name == name:
            shape = shape_of(value)
            return int(shape[min(1, len(shape) - 1)] or 0) if shape else UNKNOWN
    node = site.graph.producers.get(name)
    if node is None or not node.inputs or node.outputs[0] != name:
        return UNKNOWN
    own = _own_channels(site, node, known)
    return node.input(0) if own is None else own


def is_noted(graph: Graph, name: str) -> bool:
    """Whether the importer knows the tensor at all: of a node's outputs it notes only the first, save for TopK."""
    node = graph.producers.get(name)
    return node is None or node.op == "TopK" or node.outputs[0] == name


def _own_channels(site: Site, node: Node, known: dict[str, int]) -> int | None:
    early = not site.since("1.3.3")
    if early and node.op == "Concat" and len(site.draft.shape(node.input(0)) or ()) == _PLAIN_RANK:
        if node.attr("axis", 0) in (1, 1 - _PLAIN_RANK):
            return sum(believed_channels(site, name, known) for name in node.inputs)
        return None
    weights = site.draft.shape(node.input(1)) if node.input(1) else None
    if weights is None or node.input(1) not in site.draft.constants:
        return None
    if node.op == "Conv":
        return weights[0]
    if node.op == "ConvTranspose" and len(weights) > 1:
        return weights[1]
    if len(weights) == 2 and (node.op == "Gemm" or (early and node.op == "MatMul")):
        return weights[0] if node.attr("transB", 0) else weights[1]
    return None
