"""Padding, axis by axis: which input elements an engine repeats at the edges, and the nodes that do so."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stylebridge.opcheck.behaviour.resampling import finish, gather_axes, is_untouched
from stylebridge.opcheck.graph import Array
from stylebridge.opcheck.site import Site

Pads = list[tuple[int, int]]  # before and after, for each axis; negative ones crop


def paired(numbers: Sequence[int]) -> Pads:
    """Pads as ONNX lists them, all begins before all ends, axis by axis."""
    half = len(numbers) // 2
    return [(int(numbers[i]), int(numbers[i + half])) for i in range(half)]


def pad_axes(site: Site, pads: Pads, mode: str, value: float, shape: Sequence[int]) -> None:
    """Let the node pad its input this way; `shape` may hold usual sizes where they aren't known."""
    site.nodes = []
    x = site.node.input(0)
    if mode == "constant" or _as_onnx(pads, mode, shape):
        flat = [before for before, _ in pads] + [after for _, after in pads]
        inputs = [x, site.const(flat, np.int64)]
        inputs += [site.const(value, _kind(site))] if mode == "constant" and value else []
        site.op("Pad", inputs, [site.node.outputs[0]], mode=mode)
        return
    chosen = {axis: edge_indices(size, *pads[axis], mode) for axis, size in enumerate(shape)}
    gather_axes(site, {axis: i for axis, i in chosen.items() if not is_untouched(i, shape[axis])})


def _kind(site: Site) -> type[np.generic]:
    """The number type of what is padded."""
    dtype = site.draft.dtype(site.node.input(0))
    return np.int32 if dtype == 6 else np.float32


def _as_onnx(pads: Pads, mode: str, shape: Sequence[int]) -> bool:
    """Whether ONNX means the same by these pads: none that crop, and no mirror that is too short."""
    if mode not in ("reflect", "edge") or any(pad < 0 for both in pads for pad in both):
        return False
    return mode == "edge" or all(max(both) < size for both, size in zip(pads, shape, strict=True))


def edge_indices(size: int, before: int, after: int, mode: str) -> Array:
    """The input index of each output element; one mirroring only, what lies further out stops at the edge."""
    read = np.arange(-before, size + after)
    last = size - 1
    if mode == "wrap":
        return np.asarray(np.mod(read, size))
    if mode == "reflect":
        read = np.where(read < 0, -read, np.where(read > last, 2 * last - read, read))
    elif mode == "symmetric":
        read = np.where(read < 0, -read - 1, np.where(read > last, 2 * last - read + 1, read))
    return np.clip(read, 0, last)


def flattened_pads(site: Site, pads: Pads, mode: str, shape: Sequence[int]) -> None:
    """Pad as Sentis did before 1.4: an axis whose inner neighbour isn't padded is taken together with it."""
    sizes: list[int] = []
    joined: Pads = []
    for size, both in zip(reversed(shape), reversed(pads), strict=True):
        if joined and joined[-1] == (0, 0):
            inner = sizes[-1]
            sizes[-1], joined[-1] = size * inner, (both[0] * inner, both[1] * inner)
        else:
            sizes.append(size)
            joined.append(both)
    sizes.reverse()
    joined.reverse()
    site.nodes = []
    start = site.op("Reshape", [site.node.input(0), site.const(sizes, np.int64)])
    nodes = site.nodes
    chosen = {axis: edge_indices(size, *joined[axis], mode) for axis, size in enumerate(sizes)}
    gather_axes(site, {axis: i for axis, i in chosen.items() if not is_untouched(i, sizes[axis])}, start)
    made = [size + before + after for size, (before, after) in zip(shape, pads, strict=True)]
    last = site.nodes.pop().input[0]
    site.nodes = nodes + site.nodes
    finish(site, site.op("Reshape", [last, site.const(made, np.int64)]))
