"""Mean and variance as Sentis takes them: sums in float32, one number after the other, variance as E[x^2] - E[x]^2."""

from __future__ import annotations

import numpy as np

from stylebridge.opcheck.site import Site

# Up to here the emulation adds in the engine's own order. Beyond, the order moves the result by less than what devices
# differ among themselves, and a plain reduction is several times faster.
MAX_ORDERED = 1 << 14


def moments(site: Site, name: str, rank: int, first_axis: int, count: int | None) -> tuple[str, str]:
    """The tensors of mean and variance over all axes from `first_axis` on, of size 1 along them."""
    squares = site.op("Mul", [name, name])
    if count is None or count > MAX_ORDERED:
        axes = site.const(list(range(first_axis, rank)), np.int64)
        mean, mean_of_squares = (site.op("ReduceMean", [it, axes], keepdims=1) for it in (name, squares))
    else:
        mean, mean_of_squares = (_ordered_mean(site, it, rank, first_axis, count) for it in (name, squares))
    return mean, site.op("Sub", [mean_of_squares, site.op("Mul", [mean, mean])])


def _ordered_mean(site: Site, name: str, rank: int, first_axis: int, count: int) -> str:
    """A running sum adds strictly in order; its last element is the sum."""
    rows = site.op("Reshape", [name, site.const([0] * first_axis + [-1], np.int64)])
    running = site.op("CumSum", [rows, site.const(first_axis, np.int64)])
    ends = [site.const([value], np.int64) for value in (count - 1, count, first_axis)]
    total = site.op("Slice", [running, *ends])
    mean = site.op("Div", [total, site.const(count)])
    if rank - first_axis == 1:
        return mean
    return site.op("Unsqueeze", [mean, site.const(list(range(first_axis + 1, rank)), np.int64)])


def warn_of_large_means(site: Site, what: str) -> None:
    """Tell a person, where the file feeds the numbers straight in, which inputs such a variance can't stand."""
    if any(value.name == site.node.input(0) for value in site.graph.inputs):
        site.notes(
            f"the variance of {what} is taken as mean of squares minus squared mean in float32: right while the mean "
            "is at most some ten times the spread, useless from about a thousand times on"
        )
