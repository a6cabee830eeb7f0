"""Resizes that an engine does differently: pixels picked by Gather, or weighted by products with matrices.

What the picks and weights are is not worked out here: ONNX Runtime resizes unit vectors, and that is the matrix.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper

from stylebridge.opcheck.fix.job import OPEN, Job
from stylebridge.opcheck.fix.rewrites import Rewrites
from stylebridge.opcheck.fix.rewrites.pools import matrix_along
from stylebridge.opcheck.fix.spelling import Cannot
from stylebridge.opcheck.graph import Array

_INPUT, _OUTPUT = "resized_from", "resized_to"


def _scales(job: Job) -> list[float]:
    """The scales, where the node has them."""
    index = 1 if job.node.op == "Upsample" or job.opset < 11 else 2
    written = job.maybe_constant(index) if job.input(index) else job.attr("scales")
    if written is None and job.attr("height_scale") is not None:
        written = [1.0, 1.0, job.attr("height_scale"), job.attr("width_scale")]
    if written is None and job.input(index):
        raise Cannot("its scales are worked out at run time")
    return [float(s) for s in np.asarray([] if written is None else written).reshape(-1)]


def _axes(job: Job, count: int) -> list[int]:
    axes = job.attr("axes")
    return [job.axis(int(a)) for a in axes] if axes else list(range(count))


def _sizes(job: Job) -> list[int]:
    found = job.maybe_constant(3) if job.opset >= 11 and job.input(3) else None
    if found is None and job.opset >= 11 and job.input(3):
        raise Cannot("its sizes are worked out at run time; give the sizes of the inputs with --size")
    return [] if found is None else [int(s) for s in found.reshape(-1)]


def _changed(job: Job) -> list[int]:
    """The axes that it resizes."""
    scales, sizes, rank = _scales(job), _sizes(job), job.rank(0)
    if not scales and not sizes:
        raise Cannot("it has neither scales nor sizes")
    axes = _axes(job, len(scales or sizes))
    if scales:
        return [axis for axis, scale in zip(axes, scales, strict=True) if scale != 1.0]
    found = []
    for axis, size in zip(axes, sizes, strict=True):
        if axis < rank and job.shape(0)[axis] != size:
            found.append(axis)
    return found


def _whole_shape(job: Job) -> tuple[int, ...]:
    """The input's shape, with 1 where it is open and nothing is resized."""
    made = []
    changed = set(_changed(job))
    for axis, size in enumerate(job.shape(0)):
        if size is None and axis in changed:
            raise Cannot(OPEN)
        made.append(1 if size is None else int(size))
    return tuple(made)


def _matrix(job: Job, axis: int) -> Array:
    """What the resize does along one axis: [old size, new size], column j holds the weights of new pixel j."""
    if job.attr("mode", "nearest") != "nearest":
        job.note = "products with matrices cost more than a resize: half_pixel needs none"
    shape = _whole_shape(job)
    size = shape[axis]
    job.room(size, size)
    node = onnx.NodeProto()
    node.CopyFrom(job.node.proto)
    node.input[:], node.output[:] = [_INPUT], [_OUTPUT]
    # Rows are unit vectors; they lie along another axis, which must not be resized: a rank of two does.
    given: dict[str, Array] = {_INPUT: np.eye(size, dtype=np.float32).reshape(1, size, 1, size)}
    kept = [a for a in node.attribute if a.name not in ("axes", "scales", "height_scale", "width_scale")]
    attributes = [onnx.AttributeProto.FromString(a.SerializeToString()) for a in kept]
    del node.attribute[:]
    node.attribute.extend(attributes)
    _set_scale(job, node, given, axis, size)
    return job.compute([node], given, _OUTPUT).reshape(size, -1)


def _set_scale(job: Job, node: onnx.NodeProto, given: dict[str, Array], axis: int, size: int) -> None:
    """Give the lonely resize the scale, or the size, of that one axis."""
    scales, sizes = _scales(job), _sizes(job)
    place = _axes(job, len(scales or sizes)).index(axis)
    if scales:
        numbers = np.array([1, 1, 1, scales[place]], np.float32)
        if job.node.op == "Upsample" and job.opset < 9:
            node.attribute.append(helper.make_attribute("scales", numbers.tolist()))
            return
        node.input.extend(["scales"] if node.op_type == "Upsample" or job.opset < 11 else ["roi", "scales"])
        given["scales"] = numbers
    else:
        node.input.extend(["roi", "", "sizes"])
        given["sizes"] = np.array([1, size, 1, _size_of(job, sizes, place, axis)], np.int64)
    if "roi" in node.input:
        given["roi"] = _roi(job, place)


def _size_of(job: Job, sizes: list[int], place: int, axis: int) -> int:
    """The new size of an axis; a policy may keep the picture's proportions."""
    policy = job.attr("keep_aspect_ratio_policy", "stretch")
    if policy == "stretch":
        return sizes[place]
    axes, shape = _axes(job, len(sizes)), job.full_shape(0)
    ratios = [s / shape[a] for s, a in zip(sizes, axes, strict=True)]
    ratio = min(ratios) if policy == "not_larger" else max(ratios)
    return int(np.floor(ratio * shape[axis] + 0.5))


def _roi(job: Job, place: int) -> Array:
    roi = job.maybe_constant(1)
    if roi is None or not roi.size:
        return np.array([0, 0, 0, 0, 1, 1, 1, 1], np.float32)
    half = roi.size // 2
    return np.array([0, 0, 0, roi[place], 1, 1, 1, roi[half + place]], np.float32)


def picked(job: Job) -> str:
    """Pixels picked by Gather along each axis."""
    x = job.input(0)
    if job.attr("mode", "nearest") != "nearest":
        raise Cannot("it mixes pixels")
    for axis in _changed(job):
        index = _matrix(job, axis).argmax(axis=0)
        x = str(job.op("Gather", x, job.const(index, np.int64), axis=axis))
    return x


def weighted(job: Job) -> str:
    """A product with a matrix along each axis, which fixes the picture's size."""
    x, rank = job.input(0), job.rank(0)
    for axis in _changed(job):
        x = matrix_along(job, x, _matrix(job, axis), axis, rank)
    return x


def weighted_from_the_left(job: Job) -> str:
    """A product with a matrix from the left for the height, from the right for the width."""
    rank, x = job.rank(0), job.input(0)
    for axis in _changed(job):
        matrix = _matrix(job, axis)
        if axis == rank - 2:
            x = str(job.op("MatMul", job.const(matrix.T), x))
        else:
            x = matrix_along(job, x, matrix, axis, rank)
    return x


def weighted_rows(job: Job) -> str:
    """The same with each axis brought to the end by reshaping to rows."""
    x, shape = job.input(0), list(_whole_shape(job))
    if None in job.shape(0):
        raise Cannot(OPEN)
    for axis in _changed(job):
        matrix = _matrix(job, axis)
        order = [i for i in range(len(shape)) if i != axis] + [axis]
        moved = job.op("Transpose", x, perm=order) if order != sorted(order) else x
        rows = job.op("Reshape", moved, shape=[-1, shape[axis]])
        shape[axis] = matrix.shape[1]
        back = job.op("Reshape", job.op("MatMul", rows, job.const(matrix)), shape=[shape[i] for i in order])
        x = str(job.op("Transpose", back, perm=np.argsort(order).tolist()) if order != sorted(order) else back)
    return x


def repeated(job: Job) -> str:
    """Plain repetition by whole scales: asymmetric and rounded down."""
    if job.attr("mode", "nearest") != "nearest" or job.node.op == "Upsample" or job.opset < 11:
        raise Cannot("it isn't a nearest Resize")
    scales = _scales(job) or _implied(job)
    axes = _axes(job, len(scales))
    full = [1.0] * job.rank(0)
    for axis, scale in zip(axes, scales, strict=True):
        full[axis] = scale
    if any(scale != round(scale) or scale < 1 for scale in full):
        raise Cannot("its scales aren't whole numbers")
    return _plain(job, full, "nearest")


def _implied(job: Job) -> list[float]:
    sizes = _sizes(job)
    return [size / job.size(0, axis) for axis, size in zip(_axes(job, len(sizes)), sizes, strict=True)]


def _plain(job: Job, scales: list[float], mode: str) -> str:
    roi = job.const([], np.float32)
    return str(
        job.op(
            "Resize",
            job.input(0),
            roi,
            scales=scales,
            mode=mode,
            coordinate_transformation_mode="asymmetric" if mode == "nearest" else "half_pixel",
            nearest_mode="floor" if mode == "nearest" else None,
        )
    )


def smooth(job: Job) -> str:
    """half_pixel, by scales for all axes."""
    if job.attr("mode", "nearest") != "linear" or job.opset < 11:
        raise Cannot("it isn't a linear Resize")
    scales = _scales(job) or _implied(job)
    full = [1.0] * job.rank(0)
    for axis, scale in zip(_axes(job, len(scales)), scales, strict=True):
        full[axis] = scale
    return _plain(job, full, "linear")


def raised(job: Job) -> str:
    """A picture of height 1, resized as 2-D."""
    if job.rank(0) != 3 or job.opset < 11:
        raise Cannot("it isn't 1-D")
    scales = _scales(job) or _implied(job)
    if len(scales) != 3:
        raise Cannot("it names its axes")
    wide = job.op("Unsqueeze", job.input(0), axes=[2])
    full = [scales[0], scales[1], 1.0, scales[2]]
    made = job.again(wide, job.const([], np.float32), scales=full, drop=["sizes", "axes"])
    return str(job.op("Squeeze", made, axes=[2]))


def all_axes(job: Job) -> str:
    """Sizes or scales written for all axes."""
    if not job.attr("axes"):
        raise Cannot("it names no axes")
    rank, scales, sizes = job.rank(0), _scales(job), _sizes(job)
    axes = _axes(job, len(scales or sizes))
    roi = job.const([], np.float32)
    if scales:
        full = [scales[axes.index(axis)] if axis in axes else 1.0 for axis in range(rank)]
        return str(job.again(job.input(0), roi, scales=full, drop=["axes", "sizes"]))
    whole = [sizes[axes.index(axis)] if axis in axes else job.size(0, axis) for axis in range(rank)]
    return str(job.again(job.input(0), roi, sizes=whole, drop=["axes", "scales"]))


def left_out(job: Job) -> str:
    """Left out, it resizes nothing."""
    if _changed(job):
        raise Cannot("it resizes something")
    return job.input(0)


_EXACT = (picked, weighted, weighted_from_the_left, weighted_rows)
REWRITES: Rewrites = {
    "Resize": (left_out, all_axes, repeated, smooth, *_EXACT, raised),
    "Upsample": (left_out, *_EXACT),
}
