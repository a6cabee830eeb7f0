"""Expand: Barracuda adds no dimensions."""

from __future__ import annotations

import numpy as np

from stylebridge.opcheck.behaviour.baking import bake
from stylebridge.opcheck.site import Site

OPERATORS = ("Expand",)
_SENTIS_MAX_RANK = 8


def barracuda(site: Site) -> None:
    """The same rank only; before 1.3.3 a stored shape only, whose batch is not looked at."""
    if bake(site):
        return
    target = site.value(1)
    if not site.since("1.3.3") and site.constant(1) is None:
        site.rejects("its shape is computed, not stored", "give the shape as a constant: stylebridge fix", "shape")
        return
    rank = site.rank(0)
    if target is None and site.full_shape(0) is not None:
        site.warns("its shape isn't known before it runs", "shape")
    if target is None or rank is None:
        return
    if target.size > rank:
        say = site.rejects if site.since("1.3.3") else site.throws
        say(f"from rank {rank} to {target.size}", "reshape it to that rank first: stylebridge fix", "shape")
    elif not site.since("1.3.3") and target.size == rank:
        sizes = [int(size) for size in target.ravel()]
        if min(sizes[1:], default=1) < 1:
            site.throws(f"to sizes that it can't know: {sizes}", "fold constants: stylebridge fix", "shape")
            return
        site.set_input(1, site.const([1, *sizes[1:]], np.int64))
        site.alters_if_different("the batch is not expanded", "concatenate along axis 0", "shape")


def sentis(site: Site) -> None:
    """Up to eight dimensions."""
    target = site.value(1)
    if target is not None and target.size > _SENTIS_MAX_RANK:
        site.rejects(f"a shape of rank {target.size}", f"at most {_SENTIS_MAX_RANK} dimensions", "shape")
