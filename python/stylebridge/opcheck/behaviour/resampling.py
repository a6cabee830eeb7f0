"""Resampling, axis by axis: which input elements an engine reads for each output element, and the nodes that do so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stylebridge.opcheck.graph import Array
from stylebridge.opcheck.site import Site


@dataclass(frozen=True)
class Blend:
    """An output axis as a mix of two input elements each: `low * (1 - share) + high * share`."""

    low: Array
    high: Array
    share: Array


def is_untouched(indices: Array, size: int) -> bool:
    """Whether these indices take an axis of this size as it is."""
    return len(indices) == size and bool(np.array_equal(indices, np.arange(size)))


def gather_axes(site: Site, indices: Mapping[int, Array], start: str = "") -> None:
    """Let the node pick elements: for each axis, the input index of every output element."""
    site.nodes = []
    name = start or site.node.input(0)
    for axis, chosen in indices.items():
        name = site.op("Gather", [name, site.const(chosen, np.int64)], axis=axis)
    finish(site, name)


def blend_axes(site: Site, blends: Mapping[int, Blend], rank: int) -> None:
    """Let the node interpolate: for each axis, a mix of two elements for every output element."""
    site.nodes = []
    name = site.node.input(0)
    for axis, blend in blends.items():
        along = [len(blend.share) if i == axis else 1 for i in range(rank)]
        low = site.op("Gather", [name, site.const(blend.low, np.int64)], axis=axis)
        high = site.op("Gather", [name, site.const(blend.high, np.int64)], axis=axis)
        low = site.op("Mul", [low, site.const((1 - blend.share).reshape(along))])
        high = site.op("Mul", [high, site.const(blend.share.reshape(along))])
        name = site.op("Add", [low, high])
    finish(site, name)


def finish(site: Site, name: str) -> None:
    """Give the last tensor of `nodes` the name that the node's output has in the model."""
    site.op("Identity", [name], [site.node.outputs[0]])


def resize(
    site: Site,
    *,
    mode: str,
    coordinates: str,
    scales: Sequence[float] | Sequence[np.float32] | None = None,
    sizes: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
) -> None:
    """Let the node be a plain Resize, by scales or by sizes, of all axes or of some; nearest rounds down."""
    site.nodes = []
    by_scales = "" if scales is None else site.const(scales)
    by_sizes = [] if sizes is None else [site.const(sizes, np.int64)]
    extra = {} if axes is None else {"axes": list(axes)}
    site.op(
        "Resize",
        [site.node.input(0), "", by_scales, *by_sizes],
        [site.node.outputs[0]],
        mode=mode,
        coordinate_transformation_mode=coordinates,
        nearest_mode="floor",
        **extra,
    )


def round_half_even(number: float) -> int:
    """The nearest whole number in single precision, as Unity rounds."""
    return int(np.rint(np.float32(number)))


def approximately(one: float, other: float) -> bool:
    """Unity's test for nearly equal single-precision numbers."""
    return abs(other - one) < max(1e-6 * max(abs(one), abs(other)), 1.2e-44)


def brief(numbers: Sequence[float]) -> list[float]:
    """Numbers short enough to be told."""
    return [round(float(number), 4) for number in numbers]
