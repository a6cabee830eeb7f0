"""Gemm: Barracuda ignores alpha and beta and takes C only as a stored vector; old Sentis ignores alpha and beta."""

from __future__ import annotations

from stylebridge.opcheck.behaviour.baking import bake
from stylebridge.opcheck.behaviour.channels import believed_channels
from stylebridge.opcheck.behaviour.flattening import reorder
from stylebridge.opcheck.behaviour.kinds import needs_float
from stylebridge.opcheck.behaviour.stored import FOLD, feed_stored, stored, vector_or
from stylebridge.opcheck.graph import Array
from stylebridge.opcheck.site import Site

OPERATORS = ("Gemm",)


def barracuda(site: Site) -> None:
    """Since 2.3.1 matrices may be computed; then C is forgotten."""
    if bake(site):
        return
    _unscaled(site)
    weights = stored(site, 1)
    if site.since("2.3.1") and weights is not None and not site.present(2):
        site.rejects("it has no C", "give it a C of zeros", attribute="C")
    elif site.since("2.3.1") and (weights is None or stored(site, 2) is None):
        _plain_product(site)
    elif weights is None:
        site.rejects("its B is computed, not stored", FOLD, attribute="B")
    else:
        _dense(site, weights)


def _unscaled(site: Site) -> None:
    for name in ("alpha", "beta"):
        scale = float(site.node.attr(name, 1.0))
        if scale != 1.0:
            site.set(**{name: None})
            remedy = "multiply it into B or C: stylebridge fix"
            site.alters_if_different(f"{name} {scale:g} is ignored", remedy, attribute=name, warned=True)


def _plain_product(site: Site) -> None:
    """The sum with C is made, but under another name that nothing reads."""
    if site.present(2):
        site.set_input(2, "")
        reason = "B or C is computed, not stored: then C is not added"
        site.alters_if_different(reason, "fold constants, or write MatMul and Add: stylebridge fix", attribute="C")


def _dense(site: Site, weights: Array) -> None:
    """A product with stored weights plus a stored vector."""
    transposed = bool(site.node.attr("transB", 0))
    wanted, made = weights.shape[::-1] if transposed else weights.shape
    feed_stored(site, 1, weights)
    if not site.since("1.3.3") and not site.node.attr("transA", 0):
        reorder(site, weights, int(transposed))
    if site.node.attr("transA", 0) and not site.since("2.3.1") and _stumbles(site, int(wanted)):
        return
    bias = stored(site, 2)
    if bias is not None and bias.ndim <= 1 and bias.size == 1:
        if made != 1:
            site.throws(f"a C of one element for {made} columns", "write C as a vector: stylebridge fix", attribute="C")
        return
    if vector_or(site, 2, int(made), 0.0):
        given = "computed" if bias is None else f"of shape {list(bias.shape)}, not a vector"
        remedy = "store C as a vector: stylebridge fix"
        site.alters_if_different(f"its C is {given}: zero is used", remedy, attribute="C")
    elif bias is not None:
        feed_stored(site, 2, bias)


def _stumbles(site: Site, wanted: int) -> bool:
    """transA is ignored with a warning before 2.3.1; whether the sizes don't fit then."""
    shape = site.shape(0)
    if shape is not None and shape[1] in (wanted, None):
        site.set(transA=None)
        site.alters_if_different("transA is ignored", "transpose A before: stylebridge fix", "transA", warned=True)
        return False
    reason, remedy = "transA is ignored, and then the sizes don't fit", "transpose A before: stylebridge fix"
    believed = believed_channels(site, site.node.input(0))
    if not site.since("1.3.3") and believed > 0 and wanted % believed:
        site.rejects(reason, remedy, attribute="transA")
    else:
        site.throws(reason, remedy, attribute="transA")
    return True


def sentis(site: Site) -> None:
    """As ONNX says since 2.0."""
    if needs_float(site, 0, 1, 2) and not site.since("2.0"):
        _unscaled(site)
