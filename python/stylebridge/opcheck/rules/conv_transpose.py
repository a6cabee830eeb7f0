"""ConvTranspose: both lines read fewer attributes than ONNX has; Barracuda also swaps the axes of some."""

from __future__ import annotations

import numpy as np

from stylebridge.opcheck.behaviour.auto_pads import SAME, barracuda_pads
from stylebridge.opcheck.behaviour.kinds import needs_float
from stylebridge.opcheck.behaviour.stored import FOLD, feed_stored, stored, stored_vector, vector_or
from stylebridge.opcheck.graph import Array
from stylebridge.opcheck.site import Site

OPERATORS = ("ConvTranspose",)
_SPREAD = "spread the kernel out with zeros, and leave the dilations away"


def barracuda(site: Site) -> None:
    """Weights are read at import; strides and output padding are taken in the opposite order of axes."""
    weights = stored(site, 1)
    if weights is None:
        site.rejects("its weights are computed, not stored", FOLD, attribute="W")
        return
    spatial = weights.ndim - 2
    if _refused_rank(site, spatial):
        return
    feed_stored(site, 1, weights)
    strides = [int(s) for s in site.node.attr("strides", [1] * spatial)][::-1]
    pads = barracuda_pads(site, weights.shape[2:], strides)
    if pads is not None and pads[:spatial] != pads[spatial:]:
        site.throws(f"padding {pads} differs between begin and end", "crop the output instead", attribute="pads")
        return
    site.set(kernel_shape=None)
    _drop_unread(site, weights, 2 if not site.since("2.4") else spatial)
    if site.worst > site.worst.ALTERED:
        return
    if vector_or(site, 2, weights.shape[1], 0.0):
        site.alters_if_different("its bias is computed, not stored: zero is used", FOLD, attribute="B")
    if pads is None:
        site.alters("automatic padding gives another size here", "write the padding down as pads", "auto_pad")
    else:
        _swap(site, weights, strides, pads)


def _refused_rank(site: Site, spatial: int) -> bool:
    """Say what becomes of anything but 2-D; whether that ends the matter."""
    if spatial == 2 or (spatial == 1 and site.since("2.4")):
        return False
    listed = [name for name in ("strides", "output_padding") if site.node.has(name)]
    if spatial == 1 and not listed:
        return False
    remedy = "add an axis of size 1 and use 2-D"
    if spatial == 1 and not site.since("1.3.3"):
        site.throws(f"1-D transposed convolution with {listed[0]}", remedy, attribute=listed[0])
    else:
        site.rejects(f"{spatial}-D transposed convolution", remedy, attribute="W")
    return True


def _drop_unread(site: Site, weights: Array, expected_dilations: int) -> None:
    """Groups, dilations and the output's shape are ignored with a warning."""
    groups = int(site.node.attr("group", 1))
    if groups > 1:
        bias = stored_vector(site, 2)
        remedy = "split it into one transposed convolution a group: stylebridge fix"
        if bias is not None and bias.size != weights.shape[1]:
            site.throws(f"its {groups} groups are ignored, and then the bias doesn't fit", remedy, "group")
            return
        site.set(group=None)
        site.alters(f"its {groups} groups are ignored", remedy, "group", warned=True)
    dilations = site.node.attr("dilations")
    if dilations and dilations != [1] * expected_dilations:
        site.set(dilations=None)
        site.alters_if_different(f"dilations {dilations} are ignored", _SPREAD, "dilations", warned=True)
    if site.node.attr("output_shape"):
        _ignore_output_shape(site, warned=True)


def _ignore_output_shape(site: Site, *, warned: bool) -> None:
    site.set(output_shape=None)
    site.alters_if_different(
        f"output_shape {site.node.attr('output_shape')} is ignored: the size follows from the other attributes",
        "write pads and output_padding instead",
        attribute="output_shape",
        warned=warned,
    )


def _swap(site: Site, weights: Array, strides: list[int], pads: list[int]) -> None:
    """Apply strides, output padding and padding as Barracuda does, and say what differs."""
    extra = [int(p) for p in site.node.attr("output_padding", [0] * len(strides))][::-1]
    if len(set(strides)) > 1:
        _spell_out(site, weights, strides, pads, extra)
        reason = f"strides {strides[::-1]} are applied in the opposite order of axes"
        site.alters_if_different(reason, "use equal strides", attribute="strides")
        return
    site.set(strides=strides, output_padding=extra, pads=pads, auto_pad=None)
    if len(set(extra)) > 1:
        reason = f"output_padding {extra[::-1]} is applied in the opposite order of axes"
        site.alters_if_different(reason, "use equal ones, or crop the output", attribute="output_padding")
    elif site.node.attr("auto_pad", "NOTSET") in SAME:
        reason = f"automatic padding becomes {pads}, and the output another size"
        site.alters_if_different(reason, "write the padding down as pads", attribute="auto_pad")


def _spell_out(site: Site, weights: Array, strides: list[int], pads: list[int], extra: list[int]) -> None:
    """Unequal strides: each output row and column gathers what the engine's own loop reads for it.

    That loop tests the rows of the kernel against the stride of the columns, which no ONNX operator does.
    """
    shape = site.shape(0)
    if shape is None or None in shape[2:]:
        site.set(strides=strides, output_padding=extra, pads=pads, auto_pad=None)
        return
    sizes, kernel = [int(size or 1) for size in shape[2:]], weights.shape[2:]
    taken = [_taken(sizes[axis], kernel[axis], strides[axis], strides[1], pads[axis], extra[axis]) for axis in (0, 1)]
    flipped = site.const(weights[:, :, ::-1, ::-1])
    bias = site.nodes[0].input[2] if len(site.nodes[0].input) > 2 else site.const(np.zeros(weights.shape[1]))
    site.nodes = []
    made = site.op(
        "Einsum",
        [site.node.input(0), flipped, site.const(taken[0]), site.const(taken[1])],
        equation="nchw,ckij,yih,xjw->nkyx",
    )
    column = site.op("Unsqueeze", [bias, site.const([1, 2], np.int64)])
    site.op("Add", [made, column], list(site.node.outputs))


def _taken(size: int, kernel: int, stride: int, tested: int, pad: int, extra: int) -> Array:
    """[output, kernel, input]: 1 where an output takes an input through a place of the (flipped) kernel."""
    made = (size - 1) * stride - 2 * pad + kernel + extra
    taken = np.zeros((made, kernel, size), np.float32)
    for output in range(made):
        for place in range(kernel):
            at = output + place - (kernel - pad - 1)
            source = int(at / stride)  # towards zero, as in C#
            if at % tested == 0 and 0 <= source < size:
                taken[output, place, source] = 1
    return taken


def sentis(site: Site) -> None:
    """Groups and dilations are known since 2.3; output_shape is not."""
    if not needs_float(site, 0, 1, 2):
        return
    if not site.since("2.3"):
        _old_sentis(site)
    if site.node.attr("output_shape"):
        _ignore_output_shape(site, warned=site.since("2.4"))
    pads = site.node.attr("pads") or [0]
    if min(pads) < 0 and len(site.nodes) == 1 and site.node.attr("auto_pad", "NOTSET") == "NOTSET":
        _grow_negative_padding(site, pads)


def _grow_negative_padding(site: Site, pads: list[int]) -> None:
    """ONNX Runtime refuses padding below zero, which adds room around the result; the emulation adds it afterwards."""
    half = len(pads) // 2
    outside = [max(-int(p), 0) for p in pads]
    site.set(pads=[max(int(p), 0) for p in pads])
    (convolution,) = site.nodes
    del convolution.input[2:]
    convolution.output[0] = site.fresh()
    outputs, bias = list(site.node.outputs), site.present(2)
    room = site.const([0, 0, *outside[:half], 0, 0, *outside[half:]], np.int64)
    grown = site.op("Pad", [convolution.output[0], room], None if bias else outputs)
    if bias:
        column = site.op("Unsqueeze", [site.node.input(2), site.const(list(range(1, half + 1)), np.int64)])
        site.op("Add", [grown, column], outputs)


def _old_sentis(site: Site) -> None:
    groups, weights, bias = int(site.node.attr("group", 1)), site.shape(1), site.shape(2)
    if groups > 1:
        remedy = "split it into one transposed convolution a group: stylebridge fix"
        if bias is not None and weights is not None and bias[0] != weights[1]:
            site.rejects(f"its {groups} groups are ignored, and then the bias doesn't fit", remedy, "group")
            return
        site.set(group=None)
        site.alters(f"its {groups} groups are ignored", remedy, "group", warned=True)
    dilations = site.node.attr("dilations")
    if dilations and set(dilations) != {1}:
        site.set(dilations=None)
        site.alters_if_different(f"dilations {dilations} are ignored", _SPREAD, attribute="dilations")
