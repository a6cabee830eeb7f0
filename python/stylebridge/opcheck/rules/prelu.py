"""PRelu: Barracuda walks through the slopes in memory order, whatever axes they belong to."""

from __future__ import annotations

from stylebridge.opcheck.behaviour.axes import flat_width, letters, memory_order
from stylebridge.opcheck.behaviour.baking import bake
from stylebridge.opcheck.behaviour.kinds import needs_float
from stylebridge.opcheck.site import Site

OPERATORS = ("PRelu",)
_REMEDY = "export with one slope: torch.nn.PReLU(num_parameters=1), or write it as Relu(x) - slope * Relu(-x)"


def barracuda(site: Site) -> None:
    """One slope for all is safe; others are counted off along channels, which are innermost in memory."""
    if bake(site):
        return
    own, slopes = letters(site, 0), letters(site, 1)
    shape, slope_shape = site.shape(0), site.shape(1)
    if own is None or slopes is None or shape is None or slope_shape is None:
        return
    width = flat_width(slopes, slope_shape)
    if width is None or width not in (1, flat_width(own, shape) or width):
        site.throws(
            f"slopes of shape {list(slope_shape)} don't fit: they must be [C, 1, 1] or as large as the input",
            "reshape the slopes to [C, 1, 1]",
            attribute="slope",
        )
        return
    if None in slope_shape or _count(slope_shape) == 1:
        return
    if site.target.backend == "burst" and width == 1:
        _first_slope(site)
    elif _lines_up(shape, slope_shape):
        return
    else:
        _counted_off(site, own, slopes)
    site.alters_if_different(
        f"slopes of shape {list(slope_shape)} are not broadcast as ONNX does: they are counted off channel by channel"
        if site.target.backend != "burst"
        else "the Burst back end uses the first slope for every channel",
        _REMEDY,
        attribute="slope",
    )


def _lines_up(shape: tuple[int | None, ...], slopes: tuple[int | None, ...]) -> bool:
    """One slope a channel, or one a number: counting them off is what ONNX means."""
    if len(slopes) == len(shape) - 1:
        return slopes[0] == shape[1] and all(size == 1 for size in slopes[1:])
    return None not in shape and len(slopes) == len(shape) and slopes[1:] == shape[1:] and slopes[0] in (1, shape[0])


def _count(shape: tuple[int | None, ...]) -> int:
    total = 1
    for size in shape:
        total *= size or 1
    return total


def _first_slope(site: Site) -> None:
    flat = site.op("Reshape", [site.node.input(1), site.const([-1], "int64")])
    first = site.op("Slice", [flat, *(site.const([v], "int64") for v in (0, 1))])
    (node, *before) = site.nodes
    node.input[1] = first
    site.nodes = [*before, node]


def _counted_off(site: Site, own: str, slopes: str) -> None:
    """The i-th number in memory takes the slope i modulo their count."""
    shape, slope_shape = site.full_shape(0), site.full_shape(1) or ()
    if shape is not None and _count(shape) % _count(slope_shape):
        return
    order = memory_order(own)
    site.nodes = []
    turned = site.op("Transpose", [site.node.input(1)], perm=memory_order(slopes))
    listed = site.op("Reshape", [turned, site.const([-1], "int64")])
    rows_of = site.op("Concat", [site.const([-1], "int64"), site.op("Shape", [listed])], axis=0)
    x = site.op("Transpose", [site.node.input(0)], perm=order)
    rows = site.op("Reshape", [x, rows_of])
    bent = site.op("PRelu", [rows, listed])
    bent = site.op("Reshape", [bent, site.op("Shape", [x])])
    site.op("Transpose", [bent], site.node.outputs[:1], perm=[order.index(i) for i in range(len(order))])


def sentis(site: Site) -> None:
    """Right for every slope that ONNX allows."""
    needs_float(site, 0, 1)
