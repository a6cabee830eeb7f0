"""Clip: Barracuda wants constant bounds, Sentis takes any and drops NaN."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from stylebridge.opcheck.behaviour.baking import bake
from stylebridge.opcheck.behaviour.kinds import needs_float
from stylebridge.opcheck.site import Site

OPERATORS = ("Clip",)
_BOUNDS = ((1, "min", "lower"), (2, "max", "upper"))
_INPUTS_SINCE = 11


def barracuda(site: Site) -> None:
    """A bound that isn't stored in the file is left out without a word."""
    if bake(site):
        return
    lost = [word for index, _, word in _BOUNDS if site.present(index) and site.constant(index) is None]
    for index, _, word in _BOUNDS:
        if word in lost:
            site.set_input(index, "")
    if lost:
        site.alters(
            f"its {' and '.join(lost)} bound {'is' if len(lost) == 1 else 'are'} computed, not stored: left out",
            "fold constants: stylebridge fix, or use Max and Min",
            attribute=next(name for _, name, word in _BOUNDS if word in lost),
        )


def sentis(site: Site) -> None:
    """NaN becomes the lower bound; 1.x reads no upper bound where there is no lower one."""
    if not site.since("1.3.0") and not needs_float(site, 0):
        return
    (node,) = site.nodes
    low, high = (node.input[i] if i < len(node.input) else "" for i in (1, 2))
    x, outputs = site.node.input(0), list(site.node.outputs)
    if not site.since("2.0.0") and high and not low and site.graph.opset >= _INPUTS_SINCE:
        site.becomes("Identity", [x])
        site.alters(
            "it has an upper bound only, which this release does not read without a lower one",
            "give it both bounds",
            attribute="max",
        )
        return
    if site.draft.dtype(x) != TensorProto.FLOAT:
        return
    site.nodes = []
    least = low or site.const(np.finfo(np.float32).min)
    kept = site.op("Where", [site.op("IsNaN", [x]), least, x])
    site.op("Clip", [kept, low, high] if high else [kept, low], outputs)
