"""Conv: Barracuda wants stored weights and swaps unequal strides; Sentis computes it as ONNX does."""

from __future__ import annotations

import numpy as np

from stylebridge.opcheck.behaviour.auto_pads import SAME, barracuda_pads, same_pads
from stylebridge.opcheck.behaviour.kinds import needs_float
from stylebridge.opcheck.behaviour.stored import FOLD, feed_stored, stored, vector_or
from stylebridge.opcheck.graph import Array
from stylebridge.opcheck.site import Site

OPERATORS = ("Conv",)
MAX_SENTIS_RANK = 5


def barracuda(site: Site) -> None:
    """Weights and bias are read at import; strides are taken in the opposite order of axes."""
    weights = stored(site, 1)
    if weights is None:
        site.rejects("its weights are computed, not stored", FOLD, attribute="W")
        return
    if _refused_rank(site, weights.ndim - 2):
        return
    shape, wanted = site.shape(0) or (), weights.shape[1] * int(site.node.attr("group", 1))
    if len(shape) > 1 and shape[1] not in (None, wanted):
        site.throws(
            f"after what happened before it, {shape[1]} channels meet weights for {wanted}", "see the lines above"
        )
        return
    feed_stored(site, 1, weights)
    strides = [int(s) for s in site.node.attr("strides", [1] * (weights.ndim - 2))][::-1]
    site.set(kernel_shape=None, strides=strides)
    dilated = _dilated(site, weights)
    if dilated is None:
        return
    pads = barracuda_pads(site, dilated, strides)
    if pads is not None:
        site.set(pads=pads, auto_pad=None)
        if pads[len(strides) - 1] < 0:
            site.rejects(f"negative padding {pads}", "crop with Slice before", attribute="pads")
            return
        _tell_geometry(site, strides)
    if vector_or(site, 2, weights.shape[0], 0.0):
        site.alters_if_different("its bias is computed, not stored: zero is used", FOLD, attribute="B")
    _groups(site, int(site.node.attr("group", 1)), weights.shape)
    _crop_negative_padding(site, pads)


def _refused_rank(site: Site, spatial: int) -> bool:
    """Refuse what the release has no convolution for."""
    newest = site.since("1.3.3")
    if spatial > (3 if newest else 2):
        site.rejects(f"{spatial}-D convolution", "use 2-D convolution", attribute="W")
    elif spatial == 3 and int(site.node.attr("group", 1)) > 1:
        site.rejects("3-D convolution in groups", "split it into one convolution a group", attribute="group")
    elif spatial == 1 and not site.since("1.1") and site.node.has("dilations"):
        site.rejects("1-D convolution with dilations", "use 2-D convolution", attribute="dilations")
    elif spatial == 1 and not site.since("1.1") and site.node.has("strides"):
        site.throws("1-D convolution with strides", "use 2-D convolution", attribute="strides")
    else:
        return False
    return True


def _dilated(site: Site, weights: Array) -> list[int] | None:
    """The sizes of the kernel with its gaps; None where the import fails over them."""
    kernel = list(weights.shape[2:])
    dilations = [int(d) for d in site.node.attr("dilations", [1] * len(kernel))]
    sizes = [(size - 1) * gap + 1 for size, gap in zip(kernel, dilations, strict=True)]
    if site.since("1.3.3") or len(set(dilations)) == 1:
        return sizes
    mixed = _mixed_up_kernel(weights, sizes, dilations)
    if mixed is None:
        site.rejects(f"dilations {dilations} are mixed up and leave the kernel", "use equal ones", "dilations")
        return None
    site.set_input(1, site.const(mixed))
    site.set(dilations=None)
    site.alters_if_different(f"dilations {dilations} are applied to the wrong axes", "use equal ones", "dilations")
    return sizes


def _mixed_up_kernel(weights: Array, sizes: list[int], dilations: list[int]) -> Array | None:
    """The kernel as 1.0 spreads it out: sized by the dilations, filled with them swapped; None if it doesn't fit."""
    rows, columns = weights.shape[2:]
    flat = np.zeros((*weights.shape[:2], sizes[0] * sizes[1]), np.float32)
    for y in range(rows):
        for x in range(columns):
            top, left = y * dilations[1], x * dilations[0]
            for dx in range(1 if x == columns - 1 else dilations[0]):
                for dy in range(1 if y == rows - 1 else dilations[1]):
                    if (top + dy) * sizes[1] + left + dx >= flat.shape[2]:
                        return None
                    flat[:, :, (top + dy) * sizes[1] + left + dx] = 0
            flat[:, :, top * sizes[1] + left] = weights[:, :, y, x]
    return flat.reshape(*weights.shape[:2], *sizes)


def _tell_geometry(site: Site, applied: list[int]) -> None:
    """Say what came of strides and automatic padding."""
    if len(set(applied)) > 1:
        site.alters_if_different(
            f"strides {applied[::-1]} are applied in the opposite order of axes",
            "use equal strides, or slice after a convolution with stride 1",
            attribute="strides",
        )
    elif site.node.has("pads") and site.node.attr("pads")[len(applied) - 1] < 0:
        reason = f"padding {site.node.attr('pads')} is taken for automatic padding"
        site.alters_if_different(reason, "crop with Slice before", attribute="pads")
    elif site.node.attr("auto_pad", "NOTSET") in SAME and applied[0] > 1:
        site.alters_if_different(
            "automatic padding of every axis is worked out from the width",
            "write the padding down as pads",
            attribute="auto_pad",
        )


def _groups(site: Site, groups: int, shape: tuple[int, ...]) -> None:
    if groups > 1 and not (shape[1] == 1 and shape[0] == groups):
        site.throws(
            f"{groups} groups of {shape[1]} channels: only 1 group or one channel a group runs",
            "split it into one convolution a group: stylebridge fix",
            attribute="group",
        )


def sentis(site: Site) -> None:
    """Everything as ONNX says, up to three spatial axes since 2.2."""
    rank = site.rank(0)
    if rank is not None and rank > MAX_SENTIS_RANK and site.since("2.2"):
        site.rejects(f"{rank - 2}-D convolution: at most 3-D is known", "use fewer axes")
        return
    if needs_float(site, 0, 1, 2):
        _spell_same_padding(site)
        if site.node.attr("auto_pad", "NOTSET") == "NOTSET":
            _crop_negative_padding(site, site.node.attr("pads"))


def _spell_same_padding(site: Site) -> None:
    """ONNX Runtime refuses automatic padding with dilations, so the emulation writes it out."""
    auto, shape, weights = site.node.attr("auto_pad", "NOTSET"), site.shape(0), site.full_shape(1)
    dilations = site.node.attr("dilations")
    if auto not in SAME or not dilations or set(dilations) == {1} or shape is None or weights is None:
        return
    sizes = [size for size in shape[2:] if size is not None]
    if len(sizes) == len(dilations):
        windows = [(size - 1) * gap + 1 for size, gap in zip(weights[2:], dilations, strict=True)]
        strides = site.node.attr("strides", [1] * len(sizes))
        site.set(pads=same_pads(sizes, windows, strides, upper=auto == "SAME_UPPER"), auto_pad=None)


def _crop_negative_padding(site: Site, pads: list[int] | None) -> None:
    """ONNX Runtime refuses padding below zero, which crops; the emulation cuts first."""
    if not pads or min(pads) >= 0:
        return
    half = len(pads) // 2
    begins = [max(-int(p), 0) for p in pads[:half]]
    ends = [min(int(p), 0) or np.iinfo(np.int64).max for p in pads[half:]]
    site.set(pads=[max(int(p), 0) for p in pads])
    convolution = site.nodes.pop()
    bounds = [site.const(list(numbers), np.int64) for numbers in (begins, ends, range(2, half + 2))]
    convolution.input[0] = site.op("Slice", [site.node.input(0), *bounds])
    site.nodes.append(convolution)
