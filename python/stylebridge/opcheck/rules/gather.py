"""Gather: Barracuda knows no negative indices, flattens stored ones, and drops a wrong axis for some single ones."""

from __future__ import annotations

import numpy as np

from stylebridge.opcheck.behaviour import early
from stylebridge.opcheck.graph import Array
from stylebridge.opcheck.site import Site

OPERATORS = ("Gather",)
_REMEDY = "use indices from 0 on"
_FOLD = "fold constants: stylebridge fix"


def barracuda(site: Site) -> None:
    """Constants are gathered at import, other data when it runs."""
    axis = int(site.node.attr("axis", 0))
    indices = site.constant(1)
    data = site.constant(0)
    if data is not None and indices is not None:
        _fold(site, data, axis, indices)
        return
    if not site.since("1.3.3"):
        _early(site, axis, indices)
        return
    if indices is None:
        _check(site, axis, site.value(1))
    elif _check(site, axis, indices):
        _stored(site, axis, indices)


def _check(site: Site, axis: int, indices: Array | None) -> bool:
    if indices is not None and indices.size and int(indices.min()) < 0:
        say = site.alters if site.target.backend == "burst" else site.throws
        say(f"the negative index {int(indices.min())}", _REMEDY, "indices")
        return False
    return True


def _fold(site: Site, data: Array, axis: int, indices: Array) -> None:
    """The gathered dimension stays, even for a single index (before 1.3.3 ones came and went as needed)."""
    flat = indices.ravel().astype(np.int64)
    if axis < 0 or flat.size > 4 or data.ndim > 4:
        site.rejects(f"a constant gathered along axis {axis} with {flat.size} indices", _FOLD)
    elif flat.size and (flat.min() < 0 or flat.max() >= data.shape[axis]):
        site.rejects("an index outside of the constant", _REMEDY, "indices")
    else:
        kept = site.since("1.3.3") or indices.ndim != 0
        site.becomes_constant(np.take(data, flat if kept else flat[0], axis))


def _stored(site: Site, axis: int, indices: Array) -> None:
    rank = site.rank(0)
    if indices.ndim > 1:
        site.set_input(1, site.const(indices.ravel(), np.int64))
        site.alters(f"indices of shape {list(indices.shape)} are flattened", "reshape the result", "indices")
    elif indices.ndim == 0 and axis < -1 and rank is not None:
        site.nodes = []
        kept = site.op("Gather", [site.node.input(0), site.const([int(indices)], np.int64)], axis=axis)
        # The squeeze behind it takes every negative axis for the last.
        order = [i for i in range(rank) if i != rank - 1] + [rank - 1]
        order[axis % rank], order[-1] = order[-1], order[axis % rank]
        swapped = site.op("Transpose", [kept], perm=order)
        site.op("Squeeze", [swapped, site.const([-1], np.int64)], list(site.node.outputs))
        site.alters_if_different(f"a single index along axis {axis} drops the last one instead", "use a positive axis")


def _early(site: Site, axis: int, indices: Array | None) -> None:
    if not _check(site, axis, indices if indices is not None else site.value(1)):
        return
    shape = site.full_shape(0)
    if indices is not None and indices.ndim > 1:
        _stored(site, axis, indices)
    if shape is None or indices is None or indices.ndim != 0:
        return
    kept_shape = [1 if i == axis % len(shape) else size for i, size in enumerate(shape)]
    site.nodes = []
    kept = site.op("Gather", [site.node.input(0), site.const([int(indices)], np.int64)], axis=axis)
    new_shape = [size for i, size in enumerate(shape) if i != axis % len(shape)]
    early.renamed(
        site, kept, kept_shape, new_shape, warned=False, reason="a single index leaves the other dimensions as they lie"
    )
