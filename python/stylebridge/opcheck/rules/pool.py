"""MaxPool and AveragePool: both lines read fewer attributes than ONNX has; Barracuda also swaps axes."""

from __future__ import annotations

from typing import Any

from stylebridge.opcheck.behaviour.auto_pads import SAME, barracuda_pads
from stylebridge.opcheck.behaviour.kinds import needs_float
from stylebridge.opcheck.behaviour.stored import makes_only_the_first_output
from stylebridge.opcheck.site import Site

OPERATORS = ("MaxPool", "AveragePool")
_REMEDIES = {
    "ceil_mode": "pad the input so that the windows fit, and use ceil_mode 0",
    "count_include_pad": "put a Pad node before, and pool without padding",
    "dilations": "use a pool without dilations",
    "storage_order": "take the indices out",
}


def barracuda(site: Site) -> None:
    """Kernel and strides are taken in the opposite order of axes, and some attributes not at all."""
    kernel = [int(k) for k in site.node.attr("kernel_shape", [])]
    if _refused_rank(site, len(kernel)):
        return
    unread = ("ceil_mode", "count_include_pad") if site.node.op == "AveragePool" else ("ceil_mode", "storage_order")
    for name in unread:
        if site.node.attr(name, 0):
            _ignore(site, name, warned=True)
    if site.node.op == "MaxPool":
        if site.node.attr("dilations", [1, 1]) != [1, 1]:
            _ignore(site, "dilations", warned=True)
    elif set(site.node.attr("dilations", [1])) != {1}:
        _ignore(site, "dilations", warned=False)
    strides = [int(s) for s in site.node.attr("strides", [1] * len(kernel))]
    if len(kernel) == 1:
        _flat(site, kernel, strides)
    else:
        _swapped(site, kernel[::-1], strides[::-1])
    makes_only_the_first_output(site)


def _refused_rank(site: Site, spatial: int) -> bool:
    """Say what becomes of anything but 2-D; whether that ends the matter."""
    remedy = "add an axis of size 1 and pool in 2-D" if spatial == 1 else "pool in 2-D, one axis after the other"
    if spatial == 1 and not site.since("1.1"):
        site.throws("1-D pooling fails when it runs", remedy, attribute="kernel_shape")
    elif spatial not in (1, 2) or (spatial == 1 and site.node.op == "AveragePool"):
        found = f"{spatial}-D pooling is not known" if spatial else "it has no kernel_shape"
        site.rejects(found, remedy, attribute="kernel_shape")
    else:
        return False
    return True


def _flat(site: Site, kernel: list[int], strides: list[int]) -> None:
    pads = barracuda_pads(site, kernel, [1])
    if pads is not None:
        site.set(pads=pads, auto_pad=None)
    site.set(strides=[1])
    if strides != [1]:
        reason = f"the stride {strides[0]} of a 1-D pool is lost"
        site.alters_if_different(reason, "add an axis of size 1 and pool in 2-D", attribute="strides")


def _swapped(site: Site, kernel: list[int], strides: list[int]) -> None:
    pads = barracuda_pads(site, kernel, strides)
    if pads is not None:
        site.set(pads=_reaching(site, pads, kernel), auto_pad=None)
    site.set(kernel_shape=kernel, strides=strides)
    if len(set(kernel)) > 1 or len(set(strides)) > 1:
        reason = f"kernel {kernel[::-1]} and strides {strides[::-1]} are applied in the opposite order of axes"
        site.alters_if_different(reason, "use square kernels and equal strides", attribute="kernel_shape")
    elif pads is not None and site.node.attr("auto_pad", "NOTSET") in SAME and strides[0] > 1:
        reason = "automatic padding of every axis is worked out from the width"
        site.alters_if_different(reason, "write the padding down as pads", attribute="auto_pad")


def _reaching(site: Site, pads: list[int], kernel: list[int]) -> list[int]:
    """Pads that let ONNX make one window where the swapped kernel is larger than the tensor, as the engine does."""
    sizes = (site.shape(0) or ())[2:]
    more = [
        0 if size is None else max(0, window - size - before - after)
        for size, window, before, after in zip(sizes, kernel, pads[:2], pads[2:], strict=False)
    ]
    return [*pads[:2], *(after + missing for after, missing in zip(pads[2:], more or [0, 0], strict=True))]


def sentis(site: Site) -> None:
    """Some attributes are ignored with a warning; since 2.4 the warning comes whenever they are written."""
    if not needs_float(site, 0):
        return
    defaults: dict[str, Any] = {"ceil_mode": 0, "dilations": [1, 1], "storage_order": 0}
    if site.node.op == "AveragePool":
        defaults["count_include_pad"] = 0
    for name, default in defaults.items():
        if site.node.has(name) and (site.since("2.4") or site.node.attr(name) != default):
            _ignore(site, name, warned=True)
    makes_only_the_first_output(site)


def _ignore(site: Site, name: str, *, warned: bool) -> None:
    site.set(**{name: None})
    reason = f"{name} {site.node.attr(name)} is ignored"
    if name == "ceil_mode" and site.node.attr(name) and _may_not_fit(site):
        site.alters(f"{reason}, and sizes are left open", _REMEDIES[name], attribute=name, warned=warned)
    else:
        site.alters_if_different(reason, _REMEDIES[name], attribute=name, warned=warned)


def _may_not_fit(site: Site) -> bool:
    """Whether an axis of unknown size is pooled in steps, so that the last window may hang over."""
    shape = site.shape(0)
    strides = site.node.attr("strides") or []
    if shape is None or site.node.attr("auto_pad", "NOTSET") in SAME:
        return False
    return any(size is None and step > 1 for size, step in zip(shape[2:], strides, strict=False))
