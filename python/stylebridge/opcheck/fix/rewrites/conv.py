"""Convolutions: groups split, unequal strides by slicing, computed biases added behind, 1-D and computed weights."""

from __future__ import annotations

import math

import numpy as np

from stylebridge.opcheck.fix.filters import bias_behind, dense_groups
from stylebridge.opcheck.fix.job import Job
from stylebridge.opcheck.fix.rewrites import Rewrites
from stylebridge.opcheck.fix.spelling import Cannot
from stylebridge.opcheck.fix.windows import cropped, padded, stuffed, window_of

MAX_SLICES = 64  # groups that are split into a convolution each; more become one dense convolution
MAX_TAPS = 128  # of a kernel that is worked out at run time


def repeated_channels(job: Job) -> str:
    """Each channel repeated by Gather, then one filter a channel."""
    weights, groups = job.constant(1), int(job.attr("group", 1))
    if groups < 2 or weights.shape[1] != 1 or weights.shape[0] == groups:
        raise Cannot("it has no several filters a channel")
    each = weights.shape[0] // groups
    index = job.const(np.repeat(np.arange(groups), each), np.int64)
    wide = job.op("Gather", job.input(0), index, axis=1)
    return str(job.again(wide, *job.node.inputs[1:], group=weights.shape[0]))


def split_groups(job: Job) -> str:
    """One convolution a group, on slices of the channels."""
    weights, groups = job.constant(1), int(job.attr("group", 1))
    if not 1 < groups <= MAX_SLICES:
        raise Cannot(f"it has {groups} groups")
    bias = job.maybe_constant(2)
    outs, ins = weights.shape[0] // groups, weights.shape[1]
    parts = []
    for group in range(groups):
        piece = job.slice(job.input(0), 1, group * ins, (group + 1) * ins)
        rows = slice(group * outs, (group + 1) * outs)
        inputs = [piece, job.const(weights[rows])] + ([] if bias is None else [job.const(bias[rows])])
        parts.append(str(job.again(*inputs, group=1)))
    return str(job.op("Concat", *parts, axis=1))


def unequal_strides(job: Job) -> str:
    """The strides' common divisor, and a slice for the rest."""
    window = window_of(job, list(job.constant(1).shape[2:]))
    common = math.gcd(*window.strides)
    steps = [stride // common for stride in window.strides]
    if max(steps) == 1:
        raise Cannot("its strides are equal")
    pads = window.begin + window.end
    made = job.again(*job.node.inputs, strides=[common] * len(steps), pads=pads, drop=["auto_pad"])
    return cropped(job, str(made), [0] * len(steps), [0] * len(steps), steps)


def stuffed_kernel(job: Job) -> str:
    """Its dilation written as zeros in the kernel."""
    weights = job.constant(1)
    window = window_of(job, list(weights.shape[2:]))
    if max(window.dilations) == 1:
        raise Cannot("it is not dilated")
    kernel = stuffed(weights, window.dilations)
    pads = window.begin + window.end
    shape, left = list(kernel.shape[2:]), ["dilations", "auto_pad"]
    return str(
        job.again(job.input(0), job.const(kernel), *job.node.inputs[2:], kernel_shape=shape, pads=pads, drop=left)
    )


def explicit_pads(job: Job) -> str:
    """Its automatic or uneven pads written as a Pad."""
    window = window_of(job, list(job.constant(1).shape[2:]))
    if not any(window.begin + window.end):
        raise Cannot("it has no pads")
    x = padded(job, job.input(0), window.begin, window.end, 0.0)
    return str(job.again(x, *job.node.inputs[1:], pads=[0] * (2 * len(window.begin)), drop=["auto_pad"]))


def written_pads(job: Job) -> str:
    """Its automatic pads written as numbers."""
    if job.attr("auto_pad", "NOTSET") == "NOTSET":
        raise Cannot("its pads are written down")
    window = window_of(job, list(job.constant(1).shape[2:]))
    return str(job.again(*job.node.inputs, pads=window.begin + window.end, drop=["auto_pad"]))


def as_two_dimensional(job: Job) -> str:
    """A 2-D convolution of height 1."""
    if job.rank(0) != 3:
        raise Cannot("it isn't 1-D")
    weights, window = job.constant(1), window_of(job, list(job.constant(1).shape[2:]))
    wide = job.op("Unsqueeze", job.input(0), axes=[2])
    made = job.op(
        "Conv",
        wide,
        job.const(weights[:, :, None]),
        *job.node.inputs[2:],
        kernel_shape=[1, *window.kernel],
        strides=[window.strides[0]] * 2,
        dilations=[1, *window.dilations],
        pads=[0, *window.begin, 0, *window.end],
        group=job.attr("group", 1),
    )
    return str(job.op("Squeeze", made, axes=[2]))


def computed_weights(job: Job) -> str:
    """One product of matrices a tap of the kernel, as its weights are worked out at run time."""
    if job.maybe_constant(1) is not None or int(job.attr("group", 1)) != 1:
        raise Cannot("its weights are constant, or grouped")
    outs, ins, *kernel = job.full_shape(1)
    shape = job.full_shape(0)
    window = window_of(job, kernel)
    if math.prod(kernel) > MAX_TAPS:
        raise Cannot(f"its kernel of {math.prod(kernel)} taps is worked out at run time")
    pads = [b + e for b, e in zip(window.begin, window.end, strict=True)]
    sizes = [(s + p - r) // t + 1 for s, p, r, t in zip(shape[2:], pads, window.reach, window.strides, strict=True)]
    x = padded(job, job.input(0), window.begin, window.end, 0.0)
    total = ""
    for tap in np.ndindex(*kernel):
        piece, weights = x, job.input(1)
        for axis, at in enumerate(tap):
            first, step = at * window.dilations[axis], window.strides[axis]
            piece = job.slice(piece, axis + 2, first, first + (sizes[axis] - 1) * step + 1, step)
            weights = job.slice(weights, axis + 2, at, at + 1)
        flat = job.op("Reshape", piece, shape=[shape[0], ins, math.prod(sizes)])
        product = job.op("MatMul", job.op("Reshape", weights, shape=[1, outs, ins]), flat)
        total = str(product if not total else job.op("Add", total, product))
    made = str(job.op("Reshape", total, shape=[shape[0], outs, *sizes]))
    if job.input(2):
        made = str(job.op("Add", made, job.op("Reshape", job.input(2), shape=[1, outs, *[1] * len(sizes)])))
    return made


def fused(job: Job) -> str:
    """Conv, the sum and the activation apart."""
    made = str(job.again(*job.node.inputs[:3], op="Conv", drop=["activation", "activation_params"]))
    if job.input(3):
        made = str(job.op("Add", made, job.input(3)))
    return activated(job, made)


def activated(job: Job, x: str) -> str:
    """What ONNX Runtime fused behind an operator."""
    kind, numbers = job.attr("activation", ""), list(job.attr("activation_params") or [])
    if not kind:
        return x
    if kind == "Clip":
        return str(job.op("Clip", x, min=numbers[0], max=numbers[1]))
    names = {"LeakyRelu": ("alpha",), "HardSigmoid": ("alpha", "beta")}.get(kind, ())
    return str(job.op(kind, x, **dict(zip(names, numbers, strict=False))))


REWRITES: Rewrites = {
    "Conv": (
        bias_behind,
        repeated_channels,
        split_groups,
        dense_groups,
        unequal_strides,
        written_pads,
        stuffed_kernel,
        explicit_pads,
        as_two_dimensional,
        computed_weights,
    ),
    "FusedConv": (fused,),
}
