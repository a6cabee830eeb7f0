"""Normalisations written out: mean, variance, root, and the learned scale and bias behind them."""

from __future__ import annotations

import numpy as np

from stylebridge.opcheck.fix.job import Job
from stylebridge.opcheck.fix.rewrites import Rewrites
from stylebridge.opcheck.fix.spelling import Cannot


def _normalised(job: Job, x: str, axes: list[int], epsilon: float, *, centred: bool = True) -> tuple[str, str, str]:
    """(x - mean) / √(variance + epsilon), the mean, and the reciprocal of the root."""
    mean = str(job.op("ReduceMean", x, axes=axes, keepdims=1)) if centred else ""
    away = str(job.op("Sub", x, mean)) if centred else x
    variance = job.op("ReduceMean", job.op("Mul", away, away), axes=axes, keepdims=1)
    root = job.op("Sqrt", job.op("Add", variance, job.const(epsilon)))
    return str(job.op("Div", away, root)), mean, str(root)


def _along(job: Job, index: int, rank: int) -> str:
    """A vector of one number a channel, shaped to be spread over [N,C,...]."""
    known = job.maybe_constant(index)
    if known is not None:
        return job.const(known.reshape(1, -1, *[1] * (rank - 2)))
    return str(job.op("Reshape", job.input(index), shape=[1, -1, *[1] * (rank - 2)]))


def instance_with_bias_behind(job: Job) -> str:
    """InstanceNormalization with plain scale, its computed scale and bias applied behind it."""
    channels, rank = job.size(0, 1), job.rank(0)
    computed = [job.maybe_constant(index) is None for index in (1, 2)]
    if not any(computed):
        raise Cannot("its scale and bias are constant")
    scale = job.const(np.ones(channels)) if computed[0] else job.input(1)
    bias = job.const(np.zeros(channels)) if any(computed) else job.input(2)
    made = str(job.op("InstanceNormalization", job.input(0), scale, bias, epsilon=job.attr("epsilon", 1e-5)))
    if computed[0]:
        made = str(job.op("Mul", made, _along(job, 1, rank)))
    return str(job.op("Add", made, _along(job, 2, rank)))


def instance_flattened(job: Job) -> str:
    """InstanceNormalization of [N,C,H·W,1], and the shape restored."""
    shape = job.shape(0)
    if len(shape) < 5:
        raise Cannot("it has two spatial dimensions or less")
    if None in shape[2:] or sum(s is None for s in shape[:2]) > 1:
        raise Cannot("its sizes are open; give the sizes of the inputs with --size")
    sizes = [-1 if s is None else s for s in shape]
    pixels = int(np.prod([int(s or 1) for s in shape[2:]]))
    flat = job.op("Reshape", job.input(0), shape=[*sizes[:2], pixels, 1])
    made = job.op("InstanceNormalization", flat, *job.node.inputs[1:3], epsilon=job.attr("epsilon", 1e-5))
    return str(job.op("Reshape", made, shape=sizes))


def instance(job: Job) -> str:
    """Mean and variance over height and width, written out."""
    rank = job.rank(0)
    made, _, _ = _normalised(job, job.input(0), list(range(2, rank)), job.attr("epsilon", 1e-5))
    return str(job.op("Add", job.op("Mul", made, _along(job, 1, rank)), _along(job, 2, rank)))


def instance_rows(job: Job) -> str:
    """Mean and variance of rows [N·C,L], written out."""
    shape = job.full_shape(0)
    flat = str(job.op("Reshape", job.input(0), shape=[shape[0] * shape[1], int(np.prod(shape[2:]))]))
    made, _, _ = _normalised(job, flat, [1], job.attr("epsilon", 1e-5))
    back = job.op("Reshape", made, shape=list(shape))
    return str(job.op("Add", job.op("Mul", back, _along(job, 1, len(shape))), _along(job, 2, len(shape))))


def layer(job: Job) -> list[str]:
    """Mean and variance over the last axes, written out."""
    rank = job.rank(0)
    axes = list(range(job.axis(int(job.attr("axis", -1))), rank))
    made, mean, root = _normalised(job, job.input(0), axes, job.attr("epsilon", 1e-5))
    made = _affine(job, made)
    inverse = str(job.op("Reciprocal", root)) if job.used(2) else ""
    return [made, mean if job.used(1) else "", inverse]


def layer_rows(job: Job) -> list[str]:
    """Mean and variance of rows of two dimensions, written out."""
    shape = job.full_shape(0)
    if job.used(1) or job.used(2):
        raise Cannot("its mean or deviation is used")
    axis = job.axis(int(job.attr("axis", -1)))
    rows, row = int(np.prod(shape[:axis])), int(np.prod(shape[axis:]))
    flat = str(job.op("Reshape", job.input(0), shape=[rows, row]))
    made, _, _ = _normalised(job, flat, [1], job.attr("epsilon", 1e-5))
    return [_affine(job, str(job.op("Reshape", made, shape=list(shape))))]


def _affine(job: Job, made: str) -> str:
    if job.input(1):
        made = str(job.op("Mul", made, job.input(1)))
    return str(job.op("Add", made, job.input(2))) if job.input(2) else made


def group(job: Job) -> str:
    """Groups as rows [N,G,L], mean and variance written out."""
    shape, groups = job.shape(0), int(job.attr("num_groups"))
    channels = job.size(0, 1)
    if sum(size is None for size in shape) > 1 and None in shape[1:]:
        restored = _group_by_channels(job, groups, channels)
    else:
        sizes = [-1 if size is None else size for size in shape]
        row = -1 if shape[0] is not None else int(np.prod([int(s or 1) for s in shape[1:]])) // groups
        flat = str(job.op("Reshape", job.input(0), shape=[sizes[0], groups, row]))
        made, _, _ = _normalised(job, flat, [2], job.attr("epsilon", 1e-5))
        restored = str(job.op("Reshape", made, shape=sizes))
    return _grouped_affine(job, restored, groups, channels)


def group_by_channels(job: Job) -> str:
    """Means of the channels, averaged over each group by a product with a matrix."""
    groups, channels = int(job.attr("num_groups")), job.size(0, 1)
    return _grouped_affine(job, _group_by_channels(job, groups, channels), groups, channels)


def _group_by_channels(job: Job, groups: int, channels: int) -> str:
    """The same for open sizes: 1x1 convolutions spread the mean of each group over its channels."""
    rank, each = job.rank(0), channels // groups
    job.room(channels, channels)
    spread = np.kron(np.eye(groups), np.full((each, each), 1 / each)).reshape(channels, channels, *[1] * (rank - 2))
    matrix, x, axes = job.const(spread), job.input(0), list(range(2, rank))
    mean = job.op("Conv", job.op("ReduceMean", x, axes=axes, keepdims=1), matrix)
    away = job.op("Sub", x, mean)
    variance = job.op("Conv", job.op("ReduceMean", job.op("Mul", away, away), axes=axes, keepdims=1), matrix)
    root = job.op("Sqrt", job.op("Add", variance, job.const(job.attr("epsilon", 1e-5))))
    return str(job.op("Div", away, root))


def _grouped_affine(job: Job, made: str, groups: int, channels: int) -> str:
    rank = job.rank(0)
    for index, op in ((1, "Mul"), (2, "Add")):
        numbers = job.constant(index).reshape(-1)
        if numbers.size == groups != channels:
            numbers = np.repeat(numbers, channels // groups)
        made = str(job.op(op, made, job.const(numbers.reshape(1, channels, *[1] * (rank - 2)))))
    return made


def mean_variance(job: Job) -> str:
    """Mean and variance over its axes, written out."""
    axes = [job.axis(int(axis)) for axis in job.attr("axes", [0, 2, 3])]
    return _normalised(job, job.input(0), axes, 1e-9)[0]


def root_mean_square(job: Job) -> str:
    """x / √(mean of squares + epsilon) · scale."""
    axes = list(range(job.axis(int(job.attr("axis", -1))), job.rank(0)))
    made, _, _ = _normalised(job, job.input(0), axes, job.attr("epsilon", 1e-5), centred=False)
    return str(job.op("Mul", made, job.input(1))) if job.input(1) else made


def length(job: Job) -> str:
    """x divided by its length along the axis."""
    x, axis = job.input(0), job.axis(int(job.attr("axis", -1)))
    if job.attr("p", 2) == 1:
        return str(job.op("Div", x, job.op("ReduceSum", job.op("Abs", x), axes=[axis], keepdims=1)))
    squares = job.op("ReduceSum", job.op("Mul", x, x), axes=[axis], keepdims=1)
    return str(job.op("Div", x, job.op("Sqrt", squares)))


def batch(job: Job) -> str:
    """One multiplication and one addition a channel."""
    rank = job.rank(0)
    if job.attr("training_mode", 0):
        raise Cannot("it is in training mode; export the model for inference")
    known = [job.maybe_constant(index) for index in range(1, 5)]
    scale, bias, mean, variance = known
    epsilon = job.attr("epsilon", 1e-5)
    if scale is not None and bias is not None and mean is not None and variance is not None:
        gain = scale / np.sqrt(variance + epsilon)
        shape = (1, -1, *[1] * (rank - 2))
        scaled = job.op("Mul", job.input(0), job.const(gain.reshape(shape)))
        return str(job.op("Add", scaled, job.const((bias - mean * gain).reshape(shape))))
    away = job.op("Sub", job.input(0), _along(job, 3, rank))
    root = job.op("Sqrt", job.op("Add", _along(job, 4, rank), job.const(epsilon)))
    made = job.op("Mul", job.op("Div", away, root), _along(job, 1, rank))
    return str(job.op("Add", made, _along(job, 2, rank)))


def skip_layer(job: Job) -> list[str]:
    """Sum of both inputs, then mean and variance over the last axis."""
    total = str(job.op("Add", job.input(0), job.input(1)))
    if job.input(4):
        total = str(job.op("Add", total, job.input(4)))
    made, _, _ = _normalised(job, total, [job.rank(0) - 1], job.attr("epsilon", 1e-12))
    made = str(job.op("Mul", made, job.input(2)))
    if job.input(3):
        made = str(job.op("Add", made, job.input(3)))
    return [made, "", "", total if job.used(3) else ""]


REWRITES: Rewrites = {
    "InstanceNormalization": (instance_with_bias_behind, instance_flattened, instance, instance_rows),
    "LayerNormalization": (layer, layer_rows),
    "SimplifiedLayerNormalization": (root_mean_square,),
    "SkipLayerNormalization": (skip_layer,),
    "GroupNormalization": (group, group_by_channels),
    "MeanVarianceNormalization": (mean_variance,),
    "RMSNormalization": (root_mean_square,),
    "LpNormalization": (length,),
    "BatchNormalization": (batch,),
}
