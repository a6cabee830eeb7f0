"""OneHot: Barracuda wants the depth stored, puts the new axis last and keeps whole numbers only."""

from __future__ import annotations

import numpy as np

from stylebridge.opcheck.behaviour.baking import bake
from stylebridge.opcheck.site import Site

OPERATORS = ("OneHot",)


def barracuda(site: Site) -> None:
    """The axis is ignored with a warning, the two values lose their fractions."""
    if bake(site):
        return
    axis = int(site.node.attr("axis", -1))
    if site.constant(1) is None:
        site.rejects("its depth is computed, not stored", "fold constants: stylebridge fix", "depth")
        return
    rank = site.rank(0)
    if rank is not None and rank > 3:
        site.throws(f"indices of rank {rank}", "reshape the indices to rank 1 first", "indices")
        return
    values = site.constant(2)
    stored = np.array([0.0, 1.0]) if values is None else np.asarray(values, np.float64).ravel()
    whole = np.trunc(stored)
    site.set(axis=-1)
    site.set_input(2, site.const(whole, np.float32))
    if values is None or not np.array_equal(whole, stored):
        reason = "its values are computed: 0 and 1 are used" if values is None else "its values lose their fractions"
        site.alters(reason, "multiply and add behind it", "values", warned=axis != -1)
    elif axis != -1:
        site.alters_if_different(f"axis {axis} is ignored: the new axis is the last", "transpose", "axis", warned=True)
    elif rank == 3 and not site.since("2.1.0"):
        site.alters("indices of rank 3 are flattened", "reshape the indices to rank 1 first", "indices")
