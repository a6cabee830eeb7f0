"""Flatten: Barracuda flattens from dimension 1 on, whatever the axis."""

from __future__ import annotations

from stylebridge.opcheck.behaviour import early
from stylebridge.opcheck.behaviour.baking import bake
from stylebridge.opcheck.behaviour.flattening import is_left_to_products
from stylebridge.opcheck.site import Site

OPERATORS = ("Flatten",)


def barracuda(site: Site) -> None:
    """Warns about other axes and uses 1; more than four dimensions can't be moved to the file's order."""
    if bake(site):
        return
    axis = int(site.node.attr("axis", 1))
    rank = site.rank(0)
    if rank is not None and rank > 4:
        site.throws(f"a tensor of rank {rank}", "reshape it to at most 4 dimensions first")
        return
    site.set(axis=1)
    if not site.since("1.3.3") and rank is not None and rank > 2:
        site.nodes = []
        raw = early.to_memory(site, site.node.input(0), rank)
        site.op("Flatten", [raw], list(site.node.outputs), axis=1)
        if is_left_to_products(site):
            return
        site.alters_if_different(
            f"axis {axis}: it flattens the tensor as it lies in memory, channels last",
            "use a newer Barracuda",
            "axis",
            warned=axis != 1,
        )
    elif axis != 1:
        site.alters_if_different(
            f"axis {axis} is ignored: it flattens from dimension 1 on", "use Reshape", "axis", warned=True
        )
