"""Split: Barracuda wants the sizes of the parts as an attribute."""

from __future__ import annotations

import numpy as np

from stylebridge.opcheck.site import Site

OPERATORS = ("Split",)
_REMEDY = "write the sizes as the attribute `split` (opset 11): stylebridge fix"


def barracuda(site: Site) -> None:
    """Neither equal parts nor sizes as an input."""
    sizes = site.node.attr("split")
    if sizes is None:
        site.rejects("the sizes of the parts are not given as an attribute", _REMEDY, "split")
    elif len(sizes) != len(site.node.outputs):
        site.rejects(f"{len(sizes)} sizes for {len(site.node.outputs)} parts", _REMEDY, "split")


def sentis(site: Site) -> None:
    """An attribute counts in any opset."""
    sizes = site.node.attr("split")
    if sizes is not None:
        site.set(split=None, num_outputs=None)
        site.set_input(1, site.const(sizes, np.int64))
