"""Filters: what is rewritten alike for plain and transposed convolutions."""

from __future__ import annotations

import numpy as np

from stylebridge.opcheck.fix.job import Job
from stylebridge.opcheck.fix.spelling import Cannot


def bias_behind(job: Job) -> str:
    """The computed bias added behind it."""
    if not job.input(2) or job.maybe_constant(2) is not None:
        raise Cannot("its bias is constant")
    made = job.again(job.input(0), job.input(1))
    bias = job.op("Reshape", job.input(2), shape=[1, -1, *[1] * (job.rank(0) - 2)])
    return str(job.op("Add", made, bias))


def dense_groups(job: Job) -> str:
    """One dense convolution, plain or transposed, with zeros between the groups; so many times the multiplications."""
    weights, groups = job.constant(1), int(job.attr("group", 1))
    if groups < 2:
        raise Cannot("it has one group")
    job.note = f"{groups} times the multiplications"
    rows_each, columns_each = weights.shape[0] // groups, weights.shape[1]
    shape = (weights.shape[0], columns_each * groups, *weights.shape[2:])
    job.room(*shape)
    dense = np.zeros(shape, weights.dtype)
    for group in range(groups):
        rows = slice(group * rows_each, (group + 1) * rows_each)
        dense[rows, group * columns_each : (group + 1) * columns_each] = weights[rows]
    return str(job.again(job.input(0), job.const(dense), *job.node.inputs[2:], group=1))
