"""Pools with pads, ceilings, dilations or unequal kernels, written with what every engine computes the same way."""

from __future__ import annotations

import math

import numpy as np
import onnx

from stylebridge.opcheck.fix.job import TO_THE_END, Job
from stylebridge.opcheck.fix.rewrites import Rewrites
from stylebridge.opcheck.fix.spelling import Cannot
from stylebridge.opcheck.fix.windows import Window, padded, window_of
from stylebridge.opcheck.graph import Array

LOWEST = float(np.finfo(np.float32).min)
_INPUT, _OUTPUT = "pooled_from", "pooled_to"


def _window(job: Job) -> Window:
    return window_of(job, [int(k) for k in job.attr("kernel_shape")])


def _ceiling(job: Job, window: Window) -> Window:
    """With ceil_mode, pads at the end that give the same size without it."""
    if not job.attr("ceil_mode", 0):
        return window
    end = []
    for axis, reach in enumerate(window.reach):
        if job.shape(0)[axis + 2] is None and window.end[axis] <= reach - window.strides[axis]:
            end.append(window.end[axis] + window.strides[axis] - 1)  # right for every size, by rounding down later
            continue
        span = job.size(0, axis + 2) + window.begin[axis] + window.end[axis] - reach
        stride = window.strides[axis]
        count = -(-span // stride) + 1
        if (count - 1) * stride >= job.size(0, axis + 2) + window.begin[axis]:
            count -= 1  # a window that begins behind the picture is left out
        end.append(window.end[axis] + max(0, (count - 1) * stride - span))
    return window._replace(end=end)


def _only_value(job: Job) -> None:
    if job.used(1):
        raise Cannot("its indices are used")


def max_without_indices(job: Job) -> str:
    """Without its indices, which nobody reads."""
    if len(job.node.outputs) < 2 or job.used(1):
        raise Cannot("its indices are used" if job.used(1) else "it makes no indices")
    return str(job.again(job.input(0), drop=["storage_order"]))


def max_written_pads(job: Job) -> str:
    """Pads and ceiling written as numbers."""
    _only_value(job)
    window = _ceiling(job, _window(job))
    pads = window.begin + window.end
    if pads == [int(p) for p in job.attr("pads") or []] or not any(pads):
        raise Cannot("its pads are written down")
    return str(job.again(job.input(0), pads=pads, drop=["auto_pad", "ceil_mode"]))


def max_padded(job: Job) -> str:
    """A Pad with the lowest number, and the pool without pads or ceiling."""
    _only_value(job)
    window = _ceiling(job, _window(job))
    x = padded(job, job.input(0), window.begin, window.end, LOWEST)
    return str(job.again(x, pads=[0] * len(window.begin + window.end), drop=["auto_pad", "ceil_mode"]))


def max_of_slices(job: Job) -> str:
    """The greatest of slices, one a kernel position along each axis."""
    _only_value(job)
    window = _ceiling(job, _window(job))
    x = padded(job, job.input(0), window.begin, window.end, LOWEST)
    for axis, kernel in enumerate(window.kernel):
        x = _best_along(job, x, axis, kernel, window)
    return x


def _best_along(job: Job, x: str, axis: int, kernel: int, window: Window) -> str:
    dilation, stride = window.dilations[axis], window.strides[axis]
    if kernel == 1 and stride == 1:
        return x
    reach, best = window.reach[axis], ""
    for tap in range(kernel):
        first = tap * dilation
        last = reach - 1 - first
        piece = job.slice(x, axis + 2, first, -last if last else TO_THE_END, stride)
        best = piece if not best else str(job.op("Max", best, piece))
    return best


def average_padded(job: Job) -> str:
    """A Pad with zeros, and the pool without pads."""
    if job.attr("ceil_mode", 0) or not job.attr("count_include_pad", 0):
        raise Cannot("its border counts fewer pixels")
    window = _window(job)
    x = padded(job, job.input(0), window.begin, window.end, 0.0)
    pads = [0] * len(window.begin + window.end)
    return str(job.again(x, pads=pads, drop=["auto_pad", "count_include_pad"]))


def average_without_attributes(job: Job) -> str:
    """The pool without attributes that change nothing here."""
    made = job.again(job.input(0), drop=["ceil_mode", "count_include_pad"])
    return str(made)


def average_filter(job: Job) -> str:
    """A filter a channel that sums, and what each sum is divided by stored."""
    return _average(job, depthwise=True)


def average_products(job: Job) -> str:
    """Two products with matrices."""
    shape, window = job.full_shape(0), _window(job)
    x = job.input(0)
    for axis in range(len(window.kernel)):
        x = _product_along(job, x, axis, shape)
    return x


def average_slices(job: Job) -> str:
    """The mean of slices, one a kernel position along each axis."""
    return _average(job, depthwise=False)


def _average(job: Job, *, depthwise: bool) -> str:
    window = _window(job)
    x, plain = job.input(0), not any(window.begin + window.end) and not job.attr("ceil_mode", 0)
    wide = _ceiling(job, window)
    x = padded(job, x, wide.begin, wide.end, 0.0)
    share: Array = np.full([1] * job.rank(0), 1 / math.prod(window.kernel))
    if not plain:
        share = _shares(job, wide)
    if depthwise:
        channels = job.size(0, 1)
        weights = np.full((channels, 1, *window.kernel), share.flat[0] if share.size == 1 else 1.0)
        total = job.op(
            "Conv",
            x,
            job.const(weights),
            kernel_shape=window.kernel,
            strides=window.strides,
            dilations=window.dilations,
            pads=[0] * (2 * len(window.kernel)),
            group=channels,
        )
        return str(total if share.size == 1 else job.op("Mul", total, job.const(share)))
    for axis, kernel in enumerate(window.kernel):
        x = _sum_along(job, x, axis, kernel, wide)
    return str(job.op("Mul", x, job.const(share)))


def _sum_along(job: Job, x: str, axis: int, kernel: int, window: Window) -> str:
    dilation, stride, reach, total = window.dilations[axis], window.strides[axis], window.reach[axis], ""
    if kernel == 1 and stride == 1:
        return x
    for tap in range(kernel):
        last = reach - 1 - tap * dilation
        piece = job.slice(x, axis + 2, tap * dilation, -last if last else TO_THE_END, stride)
        total = piece if not total else str(job.op("Add", total, piece))
    return total


def _shares(job: Job, window: Window) -> Array:
    """What each sum must be multiplied with: the pool of ones, divided by the sum of ones."""
    shape = (1, 1, *(job.size(0, axis) for axis in range(2, job.rank(0))))
    job.room(*shape)
    ones = np.ones(shape, np.float32)
    pooled = job.compute([_alone(job)], {_INPUT: ones}, _OUTPUT)
    full = np.pad(ones, [(0, 0), (0, 0), *zip(window.begin, window.end, strict=True)])
    counts = np.zeros(pooled.shape)
    for tap in np.ndindex(*window.kernel):
        piece = [slice(None), slice(None)]
        for axis, at in enumerate(tap):
            first, stride = at * window.dilations[axis], window.strides[axis]
            piece.append(slice(first, first + (pooled.shape[axis + 2] - 1) * stride + 1, stride))
        counts += full[tuple(piece)]
    share = np.asarray(pooled / np.maximum(counts, 1))
    return share if np.ptp(share) > 0 else share.reshape(-1)[:1].reshape([1] * share.ndim)


def _alone(job: Job) -> onnx.NodeProto:
    made = onnx.NodeProto()
    made.CopyFrom(job.node.proto)
    made.input[:] = [_INPUT]
    made.output[:] = [_OUTPUT]
    return made


def _product_along(job: Job, x: str, axis: int, shape: tuple[int, ...]) -> str:
    """An average along one axis as a product with the matrix that the pool makes of unit vectors."""
    count = len(shape) - 2
    node = _alone(job)
    attributes = {a.name: a for a in node.attribute}
    for name, neutral in (("kernel_shape", 1), ("strides", 1), ("dilations", 1)):
        if name in attributes:
            attributes[name].ints[:] = [v if i == axis else neutral for i, v in enumerate(attributes[name].ints)]
    if "pads" in attributes:
        attributes["pads"].ints[:] = [v if i % count == axis else 0 for i, v in enumerate(attributes["pads"].ints)]
    size = shape[axis + 2]
    job.room(size, size)
    unit = np.eye(size, dtype=np.float32).reshape(1, size, *[size if i == axis else 1 for i in range(count)])
    matrix = job.compute([node], {_INPUT: unit}, _OUTPUT).reshape(size, -1)
    return matrix_along(job, x, matrix, axis + 2, len(shape))


def matrix_along(job: Job, x: str, matrix: Array, axis: int, rank: int) -> str:
    """x times a matrix [old size, new size] along one axis."""
    if axis == rank - 1:
        return str(job.op("MatMul", x, job.const(matrix)))
    order = [i for i in range(rank) if i != axis] + [axis]
    made = job.op("MatMul", job.op("Transpose", x, perm=order), job.const(matrix))
    return str(job.op("Transpose", made, perm=np.argsort(order).tolist()))


def root_of_powers(job: Job) -> str:
    """The root of the sum of powers."""
    p, count = float(job.attr("p", 2)), math.prod(int(k) for k in job.attr("kernel_shape"))
    powers = job.op("Pow", job.op("Abs", job.input(0)), job.const(p))
    mean = job.again(powers, op="AveragePool", drop=["p"], count_include_pad=1)
    return str(job.op("Pow", job.op("Mul", mean, job.const(float(count))), job.const(1 / p)))


def global_root_of_powers(job: Job) -> str:
    """The root of the sum of powers over height and width."""
    p, axes = float(job.attr("p", 2)), list(range(2, job.rank(0)))
    powers = job.op("Pow", job.op("Abs", job.input(0)), job.const(p))
    return str(job.op("Pow", job.op("ReduceSum", powers, axes=axes, keepdims=1), job.const(1 / p)))


def global_as_reduction(job: Job) -> str:
    """A reduction over height and width."""
    op = {"GlobalAveragePool": "ReduceMean", "GlobalMaxPool": "ReduceMax"}[job.node.op]
    return str(job.op(op, job.input(0), axes=list(range(2, job.rank(0))), keepdims=1))


REWRITES: Rewrites = {
    "MaxPool": (max_without_indices, max_written_pads, max_padded, max_of_slices),
    "AveragePool": (
        average_without_attributes,
        average_padded,
        average_filter,
        average_slices,
        average_products,
    ),
    "LpPool": (root_of_powers,),
    "GlobalLpPool": (global_root_of_powers,),
    "GlobalAveragePool": (global_as_reduction,),
    "GlobalMaxPool": (global_as_reduction,),
}
