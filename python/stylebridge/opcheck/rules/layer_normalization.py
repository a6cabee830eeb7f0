"""LayerNormalization: only Sentis knows it, along the last axis and with a bias."""

from __future__ import annotations

import numpy as np

from stylebridge.opcheck.behaviour.kinds import needs_float
from stylebridge.opcheck.behaviour.moments import moments, warn_of_large_means
from stylebridge.opcheck.behaviour.stored import makes_only_the_first_output
from stylebridge.opcheck.site import Site

OPERATORS = ("LayerNormalization",)


def sentis(site: Site) -> None:
    """Scale and bias must be vectors, and the axis is not read."""
    shape = site.shape(0)
    if not site.present(2):
        site.rejects("it has no bias", "give it a bias of zeros", attribute="B")
        return
    for index, name in ((1, "Scale"), (2, "B")):
        given = site.shape(index)
        if given is not None and (len(given) != 1 or not _fits(given[0], shape)):
            site.rejects(f"{name} of shape {list(given)}: only the last axis is normalised", "flatten before", "axis")
            return
    axis = int(site.node.attr("axis", -1))
    if site.node.has("axis") and (site.since("2.4") or (site.since("1.3") and axis != -1)):
        site.warns(f"axis {axis} is not read: it is always the last", attribute="axis")
    if not needs_float(site, 0, 1, 2) or shape is None:
        return
    warn_of_large_means(site, "each row")
    _as_computed(site, shape)
    if axis % max(len(shape), 1) != len(shape) - 1:
        site.alters_if_different(f"axis {axis} is not read: it is always the last", "flatten before", "axis")
    makes_only_the_first_output(site, kept_nodes=False)


def _fits(size: int | None, shape: tuple[int | None, ...] | None) -> bool:
    return shape is None or not shape or None in (size, shape[-1]) or size == shape[-1]


def _as_computed(site: Site, shape: tuple[int | None, ...]) -> None:
    x, rank = site.node.input(0), len(shape)
    site.nodes = []
    mean, variance = moments(site, x, rank, rank - 1, shape[-1])
    padded = site.op("Add", [variance, site.const(float(site.node.attr("epsilon", 1e-5)) or np.finfo(np.float32).tiny)])
    plain = site.op("Div", [site.op("Sub", [x, mean]), site.op("Sqrt", [padded])])
    scaled = site.op("Mul", [plain, site.node.input(1)])
    site.op("Add", [scaled, site.node.input(2)], [site.node.outputs[0]])
