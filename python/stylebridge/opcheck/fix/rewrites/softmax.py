"""Softmax, LogSoftmax and Hardmax: over one written axis, or over one long row as older opsets mean it."""

from __future__ import annotations

import math

import numpy as np

from stylebridge.opcheck.fix.job import Job
from stylebridge.opcheck.fix.rewrites import Rewrites
from stylebridge.opcheck.fix.spelling import Cannot


def _axes(job: Job) -> list[int]:
    """The axes over which it is normalised."""
    axis = job.axis(int(job.attr("axis", -1 if job.opset >= 13 else 1)))
    return [axis] if job.opset >= 13 else list(range(axis, job.rank(0)))


def written_axis(job: Job) -> str:
    """The axis written down."""
    axes = _axes(job)
    if len(axes) != 1 or job.attr("axis") == axes[0]:
        raise Cannot("its axis is written down")
    return str(job.op(job.node.op, job.input(0), axis=axes[0]))


def long_row(job: Job) -> str:
    """One row of two dimensions, and the shape restored."""
    shape, first = job.shape(0), _axes(job)[0]
    if job.opset >= 13 and first != len(shape) - 1:
        raise Cannot("it is normalised along an inner axis")
    if None in shape[first:]:
        raise Cannot("its size is open; give the sizes of the inputs with --size")
    if sum(size is None for size in shape) > 1:
        raise Cannot("several of its sizes are open; give the sizes of the inputs with --size")
    row = math.prod(size or 1 for size in shape[first:])
    flat = job.op("Reshape", job.input(0), shape=[-1, row])
    soft = job.op(job.node.op, flat, axis=1)
    return str(job.op("Reshape", soft, shape=[-1 if size is None else size for size in shape]))


def written_out(job: Job) -> str:
    """exp(x - max) / sum, with reductions."""
    x, axes = job.input(0), _axes(job)
    high = job.op("Sub", x, job.op("ReduceMax", x, axes=axes, keepdims=1))
    powers = job.op("Exp", high)
    total = job.op("ReduceSum", powers, axes=axes, keepdims=1)
    if job.node.op == "LogSoftmax":
        return str(job.op("Sub", high, job.op("Log", total)))
    return str(job.op("Div", powers, total))


def turned(job: Job) -> str:
    """Transposed so that its axis comes last, and back."""
    axes, rank = _axes(job), job.rank(0)
    if len(axes) != 1 or axes[0] == rank - 1:
        raise Cannot("its axis is the last one")
    order = [axis for axis in range(rank) if axis not in axes] + axes
    soft = job.op(job.node.op, job.op("Transpose", job.input(0), perm=order), axis=rank - 1)
    return str(job.op("Transpose", soft, perm=np.argsort(order).tolist()))


def hardmax(job: Job) -> str:
    """OneHot of ArgMax."""
    axes, shape = _axes(job), job.shape(0)
    if len(axes) != 1:
        raise Cannot("it covers several axes")
    best = job.op("ArgMax", job.input(0), axis=axes[0], keepdims=0)
    depth = job.size(0, axes[0])
    values = job.const([0, 1])
    hot = str(job.op("OneHot", best, job.const([depth], np.int64), values, axis=-1))
    order = list(range(len(shape) - 1))
    order.insert(axes[0], len(shape) - 1)
    return hot if axes[0] == len(shape) - 1 else str(job.op("Transpose", hot, perm=order))


REWRITES: Rewrites = {
    "Softmax": (written_axis, long_row, written_out, turned),
    "LogSoftmax": (written_axis, long_row, written_out, turned),
    "Hardmax": (long_row, hardmax),
}
