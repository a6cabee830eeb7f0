"""ImageScaler: an operator that ONNX dropped, and both lines still know: x * scale + bias per channel."""

from __future__ import annotations

import numpy as np

from stylebridge.opcheck.behaviour.kinds import needs_float
from stylebridge.opcheck.site import Site

OPERATORS = ("ImageScaler",)


def barracuda(site: Site) -> None:
    """One bias a channel is required."""
    bias = site.node.attr("bias")
    if bias is None:
        site.rejects("it has no bias", "write Mul and Add instead", attribute="bias")
        return
    site.nodes = []
    scaled = site.op("Mul", [site.node.input(0), site.const(site.node.attr("scale", 1.0))])
    site.op("Add", [scaled, site.const(np.reshape(bias, (-1, 1, 1)))], list(site.node.outputs))


def sentis(site: Site) -> None:
    """The same, for floats."""
    if needs_float(site, 0):
        barracuda(site)
