"""InstanceNormalization: Barracuda wants a stored scale of the size it believes in; Sentis takes a coarse variance."""

from __future__ import annotations

import numpy as np

from stylebridge.opcheck.behaviour.channels import believed_channels, is_noted
from stylebridge.opcheck.behaviour.kinds import needs_float
from stylebridge.opcheck.behaviour.moments import moments, warn_of_large_means
from stylebridge.opcheck.behaviour.stored import FOLD, feed_stored, stored_vector, vector_or
from stylebridge.opcheck.site import Site

OPERATORS = ("InstanceNormalization",)
MAX_BARRACUDA_RANK = 4


def barracuda(site: Site) -> None:
    """Scale is read at import, and cut to the number of channels that the importer noted for the input."""
    scale = stored_vector(site, 1)
    if scale is None:
        site.rejects("its scale is computed, not stored", FOLD, attribute="scale")
        return
    if not is_noted(site.graph, site.node.input(0)):
        site.rejects(f"the importer doesn't know {site.node.input(0)}, which is no node's first output")
        return
    feed_stored(site, 1, scale)
    believed = believed_channels(site, site.node.input(0))
    if believed > 0 and believed != scale.size:
        _misled(site, scale.size, believed)
        return
    if vector_or(site, 2, scale.size, 0.0):
        site.alters_if_different("its bias is computed, not stored: zero is used", FOLD, attribute="B")
    shape = site.shape(0)
    if shape is not None and len(shape) > MAX_BARRACUDA_RANK and shape[2] != 1:
        say = site.throws if site.since("1.3.3") else site.rejects
        say(f"a tensor of rank {len(shape)}: at most rank 4 is known", "reshape the spatial axes into two")


def _misled(site: Site, size: int, believed: int) -> None:
    reason = (
        f"{size} scales for what the importer takes for {believed} channels "
        "(it doesn't see that Concat, Reshape and their like change them)"
    )
    remedy = "put a 1x1 convolution before it, or write the normalisation out"
    if site.since("1.3.3"):
        site.throws(reason, remedy, attribute="scale")
    else:
        site.rejects(reason, remedy, attribute="scale")


def sentis(site: Site) -> None:
    """One scale and one bias per channel, and a variance that large means spoil."""
    shape, scale, bias = site.shape(0), site.shape(1), site.shape(2)
    for name, given in (("scale", scale), ("B", bias)):
        if given is not None and shape is not None and not _fits(given, shape):
            site.rejects(f"{name} of shape {list(given)} for {shape[1]} channels", "use one number a channel", name)
            return
    if not needs_float(site, 0, 1, 2) or shape is None:
        return
    if len(shape) <= 2:
        site.throws(f"a tensor of rank {len(shape)}: each channel is a single number", "give it rank 3 or more")
        return
    warn_of_large_means(site, "each channel")
    _as_computed(site, shape)


def _fits(given: tuple[int | None, ...], shape: tuple[int | None, ...]) -> bool:
    return len(given) == 1 and len(shape) > 1 and (None in (given[0], shape[1]) or given[0] == shape[1])


def _as_computed(site: Site, shape: tuple[int | None, ...]) -> None:
    spatial = [size for size in shape[2:] if size is not None]
    count = int(np.prod(spatial)) if len(spatial) == len(shape) - 2 else None
    x, rank = site.node.input(0), len(shape)
    site.nodes = []
    mean, variance = moments(site, x, rank, 2, count)
    padded = site.op("Add", [variance, site.const(float(site.node.attr("epsilon", 1e-5)) or np.finfo(np.float32).tiny)])
    factor = site.op("Div", [site.const(1), site.op("Sqrt", [padded])])
    plain = site.op("Sub", [site.op("Mul", [x, factor]), site.op("Mul", [mean, factor])])
    axes = site.const(list(range(1, rank - 1)), np.int64)
    scale, bias = (site.op("Unsqueeze", [site.node.input(index), axes]) for index in (1, 2))
    site.op("Add", [site.op("Mul", [plain, scale]), bias], list(site.node.outputs))
