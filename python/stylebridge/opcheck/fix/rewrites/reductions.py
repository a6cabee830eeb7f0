"""Reductions in the form that every engine reads: axes written down, dimensions kept and dropped behind it."""

from __future__ import annotations

from stylebridge.opcheck.fix.job import Job
from stylebridge.opcheck.fix.rewrites import Rewrites
from stylebridge.opcheck.fix.spelling import Cannot


def axes_of(job: Job) -> list[int]:
    """The axes that are reduced, counted from the front."""
    given = job.attr("axes")
    if not given:
        if job.attr("noop_with_empty_axes", 0):
            return []
        return list(range(job.rank(0)))
    return sorted(job.axis(int(axis)) for axis in given)


def dropped(job: Job, kept: str) -> str:
    """Take the reduced dimensions away, where the node does so."""
    if job.attr("keepdims", 1):
        return kept
    shape, axes = job.shape(0), axes_of(job)
    left = [size for axis, size in enumerate(shape) if axis not in axes]
    if left and sum(size is None for size in left) <= 1:
        return str(job.op("Reshape", kept, shape=[-1 if size is None else size for size in left]))
    return str(job.op("Squeeze", kept, axes=axes))


def reduced(job: Job, op: str, x: str) -> str:
    """A reduction that keeps its dimensions."""
    axes = axes_of(job)
    return str(job.op(op, x, axes=axes, keepdims=1)) if axes else x


def plain(job: Job) -> str:
    """Axes written down, dimensions kept and dropped behind it."""
    return dropped(job, reduced(job, job.node.op, job.input(0)))


def one_by_one(job: Job) -> str:
    """One axis after the other."""
    axes, x = axes_of(job), job.input(0)
    for axis in reversed(axes):
        x = str(job.op(job.node.op, x, axes=[axis], keepdims=1))
    return dropped(job, x)


def global_pool(job: Job) -> str:
    """GlobalAveragePool or GlobalMaxPool."""
    rank = job.rank(0)
    if rank < 3 or axes_of(job) != list(range(2, rank)):
        raise Cannot("it reduces other axes than height and width")
    op = {"ReduceMean": "GlobalAveragePool", "ReduceMax": "GlobalMaxPool"}[job.node.op]
    return dropped(job, str(job.op(op, job.input(0))))


def flattened(job: Job) -> str:
    """Everything in one row, reduced there."""
    if axes_of(job) != list(range(job.rank(0))):
        raise Cannot("it does not reduce everything")
    row = job.op("Reshape", job.input(0), shape=[1, -1])
    total = job.op(job.node.op, row, axes=[1], keepdims=1)
    return str(job.op("Reshape", total, shape=[1] * job.rank(0) if job.attr("keepdims", 1) else [1]))


def moved_last(job: Job) -> str:
    """The reduced axes moved to the end and merged."""
    shape, axes = job.full_shape(0), axes_of(job)
    left = [axis for axis in range(len(shape)) if axis not in axes]
    moved = job.op("Transpose", job.input(0), perm=left + axes)
    rows, row = 1, 1
    for axis, size in enumerate(shape):
        rows, row = (rows, row * size) if axis in axes else (rows * size, row)
    total = job.op(job.node.op, job.op("Reshape", moved, shape=[rows, row]), axes=[1], keepdims=1)
    kept = [1 if axis in axes else size for axis, size in enumerate(shape)]
    return str(job.op("Reshape", total, shape=kept if job.attr("keepdims", 1) else [shape[a] for a in left]))


def reduce_l1(job: Job) -> str:
    """Sum of the absolute values."""
    return dropped(job, reduced(job, "ReduceSum", str(job.op("Abs", job.input(0)))))


def reduce_l2(job: Job) -> str:
    """Root of the sum of squares."""
    x = job.input(0)
    return dropped(job, str(job.op("Sqrt", reduced(job, "ReduceSum", str(job.op("Mul", x, x))))))


def reduce_sum_square(job: Job) -> str:
    """Sum of squares."""
    x = job.input(0)
    return dropped(job, reduced(job, "ReduceSum", str(job.op("Mul", x, x))))


def reduce_log_sum(job: Job) -> str:
    """Logarithm of the sum."""
    return dropped(job, str(job.op("Log", reduced(job, "ReduceSum", job.input(0)))))


def reduce_log_sum_exp(job: Job) -> str:
    """Logarithm of the sum of exponentials, the largest taken out first."""
    x = job.input(0)
    top = reduced(job, "ReduceMax", x)
    total = reduced(job, "ReduceSum", str(job.op("Exp", job.op("Sub", x, top))))
    return dropped(job, str(job.op("Add", job.op("Log", total), top)))


def nothing_reduced(job: Job) -> str:
    """Left out, it reduces nothing."""
    if axes_of(job):
        raise Cannot("it reduces something")
    return job.input(0)


def _by_product(job: Job) -> str:
    """Exponential of the sum of logarithms."""
    total = reduced(job, "ReduceSum", str(job.op("Log", job.input(0))))
    return dropped(job, str(job.op("Exp", total)))


_GENERAL = (plain, one_by_one, flattened, moved_last, nothing_reduced)
REWRITES: Rewrites = {
    "ReduceSum": _GENERAL,
    "ReduceProd": (*_GENERAL, _by_product),
    "ReduceMin": _GENERAL,
    "ReduceMean": (plain, global_pool, *_GENERAL[1:]),
    "ReduceMax": (plain, global_pool, *_GENERAL[1:]),
    "ReduceL1": (reduce_l1, nothing_reduced),
    "ReduceL2": (reduce_l2, nothing_reduced),
    "ReduceSumSquare": (reduce_sum_square, nothing_reduced),
    "ReduceLogSum": (reduce_log_sum, nothing_reduced),
    "ReduceLogSumExp": (reduce_log_sum_exp, nothing_reduced),
}
