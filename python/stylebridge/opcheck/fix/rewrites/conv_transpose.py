"""Transposed convolutions as every engine computes them: one group, equal strides, no dilations, even pads."""

from __future__ import annotations

import math

import numpy as np

from stylebridge.opcheck.fix.filters import bias_behind, dense_groups
from stylebridge.opcheck.fix.job import Job
from stylebridge.opcheck.fix.rewrites import Rewrites
from stylebridge.opcheck.fix.spelling import Cannot
from stylebridge.opcheck.fix.windows import Window, cropped, padded, stuffed
from stylebridge.opcheck.graph import Array


def plain(job: Job) -> str:
    """Even pads and plain strides, the rest by zeros in the kernel and slices behind it."""
    return _plain(job, even=True)


def unpadded(job: Job) -> str:
    """No pads at all, the border cut off behind it."""
    return _plain(job, even=False)


def split_groups(job: Job) -> str:
    """One transposed convolution a group, on slices of the channels."""
    weights, groups = job.constant(1), int(job.attr("group", 1))
    if groups < 2:
        raise Cannot("it has one group")
    bias = job.maybe_constant(2)
    ins, outs = weights.shape[0] // groups, weights.shape[1]
    parts = []
    for group in range(groups):
        rows = slice(group * ins, (group + 1) * ins)
        piece = job.slice(job.input(0), 1, rows.start, rows.stop)
        inputs = [piece, job.const(weights[rows])]
        if bias is not None:
            inputs.append(job.const(bias[group * outs : (group + 1) * outs]))
        parts.append(str(job.again(*inputs, group=1)))
    return str(job.op("Concat", *parts, axis=1))


def as_two_dimensional(job: Job) -> str:
    """A 2-D transposed convolution of height 1."""
    if job.rank(0) != 3:
        raise Cannot("it isn't 1-D")
    weights, window, extra = job.constant(1), *_window(job)
    # Both strides are the same; a kernel of height 1 keeps the height.
    wide = job.op("Unsqueeze", job.input(0), axes=[2])
    made = job.op(
        "ConvTranspose",
        wide,
        job.const(weights[:, :, None]),
        *job.node.inputs[2:],
        kernel_shape=[1, *window.kernel],
        strides=[window.strides[0]] * 2,
        dilations=[1, *window.dilations],
        pads=[0, *window.begin, 0, *window.end],
        output_padding=[0, *extra],
        group=job.attr("group", 1),
    )
    return str(job.op("Squeeze", made, axes=[2]))


def _plain(job: Job, *, even: bool) -> str:
    weights, window, extra = job.constant(1), *_window(job)
    if int(job.attr("group", 1)) != 1:
        raise Cannot("its groups must be split first")
    common = math.lcm(*window.strides)
    steps = [common // stride for stride in window.strides]
    factors = [d * s for d, s in zip(window.dilations, steps, strict=True)]
    grown = [k * f + e * s for k, f, e, s in zip(window.kernel, factors, extra, steps, strict=True)]
    job.room(*weights.shape[:2], *grown)
    kernel = stuffed(weights, factors)
    kernel = _extended(kernel, [e * s for e, s in zip(extra, steps, strict=True)])
    count = len(steps)
    pad = min(window.begin + window.end) if even and max(steps) == 1 else 0
    if _is(job, window, extra, pad, steps):
        raise Cannot("it is plain already")
    made = job.op(
        "ConvTranspose",
        job.input(0),
        job.const(kernel),
        *job.node.inputs[2:],
        kernel_shape=list(kernel.shape[2:]),
        strides=[common] * count,
        pads=[pad] * (2 * count),
    )
    begin = [b * s - pad for b, s in zip(window.begin, steps, strict=True)]
    end = [e * s - pad for e, s in zip(window.end, steps, strict=True)]
    return cropped(job, str(made), begin, end, steps)


def _is(job: Job, window: Window, extra: list[int], pad: int, steps: list[int]) -> bool:
    """Whether the plain form is the form that stands there."""
    same = set(window.begin + window.end) == {pad} and max(steps) == 1 and max(window.dilations) == 1
    written = any(job.attr(name) for name in ("output_shape", "output_padding", "dilations"))
    return same and not any(extra) and not written and job.attr("auto_pad", "NOTSET") == "NOTSET"


def _extended(kernel: Array, extra: list[int]) -> Array:
    """Zeros at the kernel's end: what output_padding adds."""
    return np.pad(kernel, [(0, 0), (0, 0), *((0, e) for e in extra)])


def _window(job: Job) -> tuple[Window, list[int]]:
    """The window with its pads, and what is added at the end."""
    kernel = list(job.constant(1).shape[2:])
    count = len(kernel)
    strides = [int(s) for s in job.attr("strides") or [1] * count]
    dilations = [int(d) for d in job.attr("dilations") or [1] * count]
    extra = [int(e) for e in job.attr("output_padding") or [0] * count]
    pads = [int(p) for p in job.attr("pads") or [0] * (2 * count)]
    window = Window(kernel, strides, dilations, pads[:count], pads[count:])
    auto, shape = job.attr("auto_pad", "NOTSET"), job.attr("output_shape")
    if auto == "VALID" and not shape:
        return window._replace(begin=[0] * count, end=[0] * count), extra
    if auto == "NOTSET" and not shape:
        return window, extra
    begin, end = [], []
    for axis in range(count):
        full = window.reach[axis] + extra[axis] - strides[axis]  # beyond size x stride
        if shape:
            full += job.size(0, axis + 2) * strides[axis] - int(shape[-count:][axis])
        if full < 0:  # the picture grows: more zeros at the kernel's end
            extra[axis] -= full
            full = 0
        small = full // 2
        begin.append(small if auto == "SAME_UPPER" else full - small)
        end.append(full - small if auto == "SAME_UPPER" else small)
    return window._replace(begin=begin, end=end), extra


def zeros_between(job: Job) -> str:
    """A convolution of the picture with zeros put between its pixels."""
    weights, window, extra = job.constant(1), *_window(job)
    if int(job.attr("group", 1)) != 1:
        raise Cannot("its groups must be split first")
    kernel = stuffed(weights, window.dilations)
    kernel = _extended(kernel, extra)
    turned = np.flip(kernel.swapaxes(0, 1), tuple(range(2, kernel.ndim)))
    border = [size - 1 for size in kernel.shape[2:]]
    x = _moved_apart(job, window.strides)
    x = padded(job, x, border, border, 0.0)
    made = job.op("Conv", x, job.const(turned), *job.node.inputs[2:], kernel_shape=list(turned.shape[2:]))
    return cropped(job, str(made), window.begin, window.end)


def _moved_apart(job: Job, strides: list[int]) -> str:
    """The picture with zeros between its pixels: a zero put behind them, and picked as often as needed."""
    x = job.input(0)
    if max(strides) == 1:
        return x
    shape = list(job.full_shape(0))
    for axis, stride in enumerate(strides, 2):
        if stride > 1:
            size = shape[axis]
            job.room(*shape[:axis], *shape[axis + 1 :])
            zeros = job.const(np.zeros([*shape[:axis], 1, *shape[axis + 1 :]]))
            index = np.full((size - 1) * stride + 1, size)
            index[::stride] = np.arange(size)
            x = str(job.op("Gather", job.op("Concat", x, zeros, axis=axis), job.const(index, np.int64), axis=axis))
            shape[axis] = len(index)
    return x


REWRITES: Rewrites = {
    "ConvTranspose": (bias_behind, split_groups, plain, unpadded, dense_groups, as_two_dimensional, zeros_between)
}
