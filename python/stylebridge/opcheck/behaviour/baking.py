"""Baking: Barracuda's importer before 1.3 works out nodes whose inputs are all constant, and stores what they give."""

from __future__ import annotations

from stylebridge.opcheck.behaviour.axes import is_old_importer
from stylebridge.opcheck.numbers import run_nodes
from stylebridge.opcheck.site import Site

# Handled by the importer in their own ways, or new numbers each time.
_NOT_BAKED = (
    *("Constant", "ConstantOfShape", "Gather", "NonZero", "Reshape", "Shape", "Slice", "Squeeze", "Transpose"),
    *("Unsqueeze", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"),
)


def bake(site: Site) -> bool:
    """Store the result of a node of constants where this release does; returns whether that's done."""
    node = site.node
    if not is_old_importer(site) or node.op in _NOT_BAKED or not node.inputs:
        return False
    names = [name for name in node.inputs if name]
    if any(site.draft.constants.get(name) is None for name in names):
        return False
    feeds = {name: site.draft.constants[name] for name in names}
    found = run_nodes([node.proto], feeds, [node.outputs[0]], max(site.graph.opset, 1))
    if found is None:
        return False
    site.becomes_constant(found[node.outputs[0]])
    return True
