"""Flattening: Barracuda before 1.3.3 flattens what lies in memory, and reorders the stored matrix that it meets next.

The matrix's rows are put in the order of memory for as many channels as the importer believes to come in. Where that
is the number that was flattened, the product is right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from stylebridge.opcheck.behaviour import early
from stylebridge.opcheck.behaviour.channels import believed_channels
from stylebridge.opcheck.graph import Array, Node
from stylebridge.opcheck.site import Site

_PRODUCTS = ("Gemm", "MatMul")
_REMEDY = "use a newer Barracuda"


def is_left_to_products(site: Site) -> bool:
    """Whether the node flattens channels and pixels, and only products read what it makes."""
    return _flattened(site, site.node) is not None and _only_products(site, site.node)


def reorder(site: Site, weights: Array, rows: int) -> None:
    """Feed the matrix as the importer reorders its rows, which lie along that axis; say what comes out wrong."""
    count = weights.shape[rows]
    channels = believed_channels(site, site.node.input(0))
    if channels <= 0:
        return
    if count % channels:
        reason = f"{count} rows are reordered for {channels} channels, which doesn't come out even"
        site.rejects(reason, _REMEDY, "B")
        return
    applied, needed = _memory_order(channels, count // channels), _needed(site, count)
    if not np.array_equal(applied, np.arange(count)):
        site.set_input(1, site.const(np.take(weights, applied, rows)))
    if not np.array_equal(applied, needed):
        site.alters(f"the rows of its matrix are put in the order of memory for {channels} channels", _REMEDY, "B")


def _memory_order(channels: int, pixels: int) -> Array:
    """Where memory, channels last, has each row of a matrix for channels first."""
    return np.arange(channels * pixels).reshape(channels, pixels).transpose().ravel()


def _needed(site: Site, count: int) -> Array:
    """The order in which the rows would have to be for what comes in."""
    node = site.graph.producers.get(site.node.input(0))
    while node is not None and early.looks_away(node):
        node = site.graph.producers.get(node.input(0))
    merged = None if node is None else _flattened(site, node)
    return np.arange(count) if merged is None or math.prod(merged) != count else _memory_order(*merged)


def _flattened(site: Site, node: Node) -> tuple[int, int] | None:
    """The channels and pixels that a Flatten, or a Reshape to a matrix, merges; None where it does anything else."""
    shape = site.draft.shape(node.input(0))
    if shape is None or len(shape) < 3 or None in shape[1:]:
        return None
    channels, pixels = int(shape[1] or 0), math.prod(size or 0 for size in shape[2:])
    if node.op == "Flatten":
        return (channels, pixels) if node.attr("axis", 1) == 1 else None
    if node.op != "Reshape":
        return None
    stored = site.draft.constants.get(node.input(1)) if node.input(1) else node.attr("shape")
    return (channels, pixels) if stored is not None and _is_matrix(stored, shape, channels * pixels) else None


def _is_matrix(target: Array | Sequence[int], shape: Sequence[int | None], width: int) -> bool:
    sizes = [int(size) for size in np.asarray(target).ravel()]
    return len(sizes) == 2 and sizes[0] in (-1, 0, shape[0]) and sizes[1] in (-1, width)


def _only_products(site: Site, node: Node) -> bool:
    graph = site.graph
    if any(output.name == node.outputs[0] for output in graph.outputs):
        return False
    users = graph.users.get(node.outputs[0], [])
    return bool(users) and all(
        (user.op in _PRODUCTS and user.input(0) == node.outputs[0] != user.input(1))
        or (early.looks_away(user) and _only_products(site, user))
        for user in users
    )
