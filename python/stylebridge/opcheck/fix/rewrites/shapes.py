"""Operators that only move numbers: written with the ones that every engine moves alike."""

from __future__ import annotations

import math

import numpy as np
import onnx

from stylebridge.opcheck.fix.job import OPEN, Job
from stylebridge.opcheck.fix.rewrites import Rewrites
from stylebridge.opcheck.fix.spelling import Cannot
from stylebridge.opcheck.graph import Array

_INPUT, _OUTPUT = "moved_from", "moved_to"


def _reshaped(job: Job, shape: list[int | None]) -> str:
    """A Reshape to that shape; one size may be open."""
    if sum(size is None for size in shape) > 1:
        raise Cannot(OPEN)
    return str(job.op("Reshape", job.input(0), shape=[-1 if size is None else size for size in shape]))


def flatten(job: Job) -> str:
    """A Reshape to two dimensions."""
    shape, axis = job.shape(0), int(job.attr("axis", 1))
    axis = axis + len(shape) if axis < 0 else axis
    halves: list[int | None] = []
    for part in (shape[:axis], shape[axis:]):
        halves.append(None if None in part else math.prod(int(size or 1) for size in part))
    return _reshaped(job, halves)


def squeeze(job: Job) -> str:
    """A Reshape without those dimensions."""
    return _reshaped(job, [s for a, s in enumerate(job.shape(0)) if a not in _squeezed(job)])


def squeeze_written(job: Job) -> str:
    """The dimensions written down."""
    axes = _squeezed(job)
    if [int(a) for a in job.attr("axes") or []] == axes:
        raise Cannot("its axes are written down")
    return str(job.op("Squeeze", job.input(0), axes=axes))


def _squeezed(job: Job) -> list[int]:
    axes = job.attr("axes")
    if axes:
        return sorted(job.axis(int(axis)) for axis in axes)
    shape = job.shape(0)
    if None in shape:
        raise Cannot(OPEN)
    return [axis for axis, size in enumerate(shape) if size == 1]


def unsqueeze(job: Job) -> str:
    """A Reshape with those dimensions."""
    shape = list(job.shape(0))
    rank = len(shape) + len(job.attr("axes"))
    for axis in sorted(int(a) % rank for a in job.attr("axes")):
        shape.insert(axis, 1)
    return _reshaped(job, shape)


def unsqueeze_one_by_one(job: Job) -> str:
    """One dimension after the other."""
    x, rank = job.input(0), job.rank(0) + len(job.attr("axes"))
    for axis in sorted(int(a) % rank for a in job.attr("axes")):
        x = str(job.op("Unsqueeze", x, axes=[axis]))
    return x


def transpose(job: Job) -> str:
    """The order of the dimensions written down."""
    if job.attr("perm"):
        raise Cannot("its order is written down")
    return str(job.op("Transpose", job.input(0), perm=list(reversed(range(job.rank(0))))))


def gather(job: Job) -> str:
    """Indices counted from the front."""
    index = job.constant(1)
    size = job.size(0, job.axis(int(job.attr("axis", 0))))
    if not (index < 0).any():
        raise Cannot("its indices count from the front")
    return str(job.again(job.input(0), job.const(np.where(index < 0, index + size, index), index.dtype)))


def gather_flat(job: Job) -> str:
    """A row of indices, and the shape restored."""
    index, axis, shape = job.constant(1), job.axis(int(job.attr("axis", 0))), job.shape(0)
    if index.ndim < 2:
        raise Cannot("its indices are a row")
    row = np.where(index < 0, index + job.size(0, axis), index) if (index < 0).any() else index
    picked = job.op("Gather", job.input(0), job.const(row.reshape(-1), index.dtype), axis=axis)
    sizes = [*shape[:axis], *index.shape, *shape[axis + 1 :]]
    if sum(size is None for size in sizes) > 1:
        raise Cannot(OPEN)
    return str(job.op("Reshape", picked, shape=[-1 if size is None else size for size in sizes]))


def gather_slice(job: Job) -> str:
    """A slice of one, squeezed."""
    index, axis = job.constant(1), job.axis(int(job.attr("axis", 0)))
    if index.size != 1:
        raise Cannot("it picks several")
    at = int(index.reshape(-1)[0])
    at = at + job.size(0, axis) if at < 0 else at
    piece = job.slice(job.input(0), axis, at, at + 1)
    return piece if index.ndim else str(job.op("Squeeze", piece, axes=[axis]))


def split(job: Job) -> list[str]:
    """One slice an output."""
    axis, count = job.axis(int(job.attr("axis", 0))), len(job.node.outputs)
    parts = [int(p) for p in job.attr("split") or []]
    if not parts:
        size = job.size(0, axis)
        each = -(-size // count)
        parts = [min(each, size - i * each) for i in range(count)]
    ends = np.cumsum(parts)
    return [job.slice(job.input(0), axis, int(e) - p, int(e)) for e, p in zip(ends, parts, strict=True)]


def split_written(job: Job) -> list[str]:
    """The parts' sizes written down."""
    axis, count = job.axis(int(job.attr("axis", 0))), len(job.node.outputs)
    if job.attr("split"):
        raise Cannot("its parts are written down")
    size = job.size(0, axis)
    each = -(-size // count)
    parts = [min(each, size - i * each) for i in range(count)]
    made = job.op("Split", job.input(0), outputs=count, axis=axis, split=parts)
    return [made] if count == 1 else list(made)


def expand(job: Job) -> str:
    """Brought to the full rank, then repeated by Tile."""
    wanted = [int(s) for s in job.constant(1).reshape(-1)]
    shape = job.full_shape(0)
    full = list(np.broadcast_shapes(shape, tuple(wanted)))
    level = [1] * (len(full) - len(shape)) + list(shape)
    x = job.input(0) if level == list(shape) else str(job.op("Reshape", job.input(0), shape=level))
    return str(job.op("Tile", x, repeats=[wide // narrow for wide, narrow in zip(full, level, strict=True)]))


def expand_product(job: Job) -> str:
    """Brought to the full rank, then times ones."""
    wanted = tuple(int(s) for s in job.constant(1).reshape(-1))
    missing = len(wanted) - job.rank(0)
    job.room(*wanted)
    x = job.input(0)
    if missing > 0:
        x = str(job.op("Unsqueeze", x, axes=list(range(missing))))
    return str(job.op("Mul", x, job.const(np.ones(wanted))))


def _map_along(job: Job, nodes: list[onnx.NodeProto], extra: dict[str, Array], size: int) -> Array:
    """Which old place each new place is taken from, found by moving the numbers of the places."""
    job.room(size)
    places = np.arange(1, size + 1, dtype=np.float32)
    found = job.compute(nodes, {_INPUT: places, **extra}, _OUTPUT)
    return np.rint(found).astype(np.int64) - 1


def pad_axes(job: Job) -> str:
    """Pads written for all axes."""
    rank, axes = job.rank(0), job.attr("axes")
    if not axes:
        raise Cannot("it names no axes")
    return str(job.again(job.input(0), pads=_full_pads(job, rank), drop=["axes"]))


def _full_pads(job: Job, rank: int) -> list[int]:
    pads = [int(p) for p in job.attr("pads")]
    axes = [job.axis(int(a)) for a in job.attr("axes") or range(rank)]
    full = [0] * (2 * rank)
    for place, axis in enumerate(axes):
        full[axis], full[rank + axis] = pads[place], pads[len(axes) + place]
    return full


def pad_picked(job: Job) -> str:
    """Border pixels picked by Gather along each axis."""
    rank, mode, x = job.rank(0), job.attr("mode", "constant"), job.input(0)
    if mode == "constant":
        raise Cannot("its border is a constant")
    pads = _full_pads(job, rank)
    for axis in range(rank):
        before, after = pads[axis], pads[rank + axis]
        if before or after:
            index = _border(job, job.size(0, axis), before, after, mode)
            x = str(job.op("Gather", x, job.const(index, np.int64), axis=axis))
    return x


def _border(job: Job, size: int, before: int, after: int, mode: str) -> Array:
    node = onnx.helper.make_node("Pad", [_INPUT], [_OUTPUT], mode=mode)
    if job.opset < 11:
        node.attribute.append(onnx.helper.make_attribute("pads", [before, after]))
        return _map_along(job, [node], {}, size)
    node.input.append("pads")
    return _map_along(job, [node], {"pads": np.array([before, after], np.int64)}, size)


def pad_joined(job: Job) -> str:
    """The border joined by Concat, the rest cut off by Slice."""
    if job.attr("mode", "constant") != "constant":
        raise Cannot("its border is a part of the picture")
    rank, x, shape = job.rank(0), job.input(0), list(job.full_shape(0))
    pads, value = _full_pads(job, rank), job.attr("value", 0.0)
    for axis in range(rank):
        for count, front in ((pads[axis], True), (pads[rank + axis], False)):
            if count < 0:
                x = job.slice(x, axis, -count if front else 0, None if front else count)
            elif count:
                job.room(*shape[:axis], count, *shape[axis + 1 :])
                block = job.const(np.full([*shape[:axis], count, *shape[axis + 1 :]], value))
                x = str(job.op("Concat", *((block, x) if front else (x, block)), axis=axis))
            shape[axis] += count
    return x


def pad_in_turn(job: Job) -> str:
    """Axis after axis."""
    rank, x = job.rank(0), job.input(0)
    pads = _full_pads(job, rank)
    touched = [axis for axis in range(rank) if pads[axis] or pads[rank + axis]]
    if len(touched) < 2:
        raise Cannot("it pads one axis")
    for axis in touched:
        own = [p if i % rank == axis else 0 for i, p in enumerate(pads)]
        x = str(job.again(x, pads=own, drop=["axes"]))
    return x


def slice_picked(job: Job) -> str:
    """The same pixels picked by Gather."""
    rank, x = job.rank(0), job.input(0)
    starts, ends = [int(s) for s in job.attr("starts")], [int(e) for e in job.attr("ends")]
    axes = [job.axis(int(a)) for a in job.attr("axes") or range(len(starts))]
    steps = [int(s) for s in job.attr("steps") or [1] * len(starts)]
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        size = job.size(0, axis)
        low = None if step < 0 and end < -size else end
        index = np.arange(size)[start:low:step]
        if not np.array_equal(index, np.arange(size)):
            x = str(job.op("Gather", x, job.const(index, np.int64), axis=axis))
    if rank < 1:
        raise Cannot("it has no dimensions")
    return x


def tile(job: Job) -> str:
    """Copies joined by Concat."""
    x = job.input(0)
    for axis, count in enumerate(int(r) for r in job.attr("repeats")):
        if count > 1:
            x = str(job.op("Concat", *[x] * count, axis=axis))
    return x


def identity(job: Job) -> str:
    """Left out: at inference it does nothing."""
    if job.used(1):
        raise Cannot("its mask is used")
    return job.input(0)


def space_to_depth(job: Job) -> str:
    """A Reshape, a Transpose and a Reshape."""
    (n, c, h, w), b = job.full_shape(0), int(job.attr("blocksize"))
    x = job.op("Reshape", job.input(0), shape=[n, c, h // b, b, w // b, b])
    x = job.op("Transpose", x, perm=[0, 3, 5, 1, 2, 4])
    return str(job.op("Reshape", x, shape=[n, c * b * b, h // b, w // b]))


REWRITES: Rewrites = {
    "Flatten": (flatten,),
    "Squeeze": (squeeze_written, squeeze),
    "Unsqueeze": (unsqueeze, unsqueeze_one_by_one),
    "Transpose": (transpose,),
    "Gather": (gather_flat, gather, gather_slice),
    "Split": (split_written, split),
    "Expand": (expand, expand_product),
    "Pad": (pad_axes, pad_in_turn, pad_picked, pad_joined),
    "Slice": (slice_picked,),
    "Tile": (tile,),
    "Dropout": (identity,),
    "Identity": (identity,),
    "SpaceToDepth": (space_to_depth,),
}
