"""The padding that `auto_pad` stands for, in the order of ONNX: all begins, then all ends."""

from __future__ import annotations

from collections.abc import Sequence

from stylebridge.opcheck.site import Site

SAME = ("SAME_UPPER", "SAME_LOWER")
_MARKS = {-1: SAME[0], -2: SAME[1]}  # so Barracuda notes automatic padding, in the place of the first column's


def same_pads(sizes: Sequence[int], windows: Sequence[int], strides: Sequence[int], *, upper: bool) -> list[int]:
    """Padding that gives an output of size / stride, rounded up."""
    totals = [
        max((-(-size // stride) - 1) * stride + window - size, 0)
        for size, window, stride in zip(sizes, windows, strides, strict=True)
    ]
    small, large = [total // 2 for total in totals], [total - total // 2 for total in totals]
    return [*small, *large] if upper else [*large, *small]


def barracuda_pads(site: Site, windows: Sequence[int], strides: Sequence[int]) -> list[int] | None:
    """The padding that Barracuda takes; None where it depends on sizes that aren't known.

    Since 1.3.3 it works out SAME padding of every axis from the width.
    """
    none = [0] * (2 * len(windows))
    auto, pads = str(site.node.attr("auto_pad", "NOTSET")), [int(p) for p in site.node.attr("pads", none)]
    if auto == "NOTSET":
        auto = _MARKS.get(pads[len(windows) - 1], auto)
    if auto not in SAME:
        return none if auto == "VALID" else pads
    shape = site.shape(0)
    sizes: list[int | None] = list(shape[2:]) if shape is not None else [None] * len(windows)
    if site.since("1.3.3") and sizes:
        sizes = [sizes[-1]] * len(sizes)
    if all(stride == 1 for stride in strides):
        sizes = [size or 1 for size in sizes]
    if None in sizes or len(sizes) != len(windows):
        return None
    return same_pads([int(size or 1) for size in sizes], windows, strides, upper=auto == "SAME_UPPER")
