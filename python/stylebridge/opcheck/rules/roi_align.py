"""RoiAlign: Barracuda averages and never shifts by half a pixel; Sentis shifts since 2.2."""

from __future__ import annotations

from stylebridge.opcheck.account import Account
from stylebridge.opcheck.site import Site

OPERATORS = ("RoiAlign",)
SHIFTED_SINCE = 16  # the opset whose default subtracts half a pixel
_MODE = "coordinate_transformation_mode"


def barracuda(site: Site) -> None:
    """Any `mode` that is written down is warned about, and average is computed."""
    mode = str(site.node.attr("mode", "avg"))
    shifted = _shifted(site)
    site.set(mode="avg", coordinate_transformation_mode="output_half_pixel")
    if mode != "avg":
        site.alters(f"mode {mode} is computed as avg", "use avg", attribute="mode", warned=True)
    elif site.node.has("mode"):
        site.warns("mode is not read, avg is meant", attribute="mode")
    if shifted:
        site.alters("the shift by half a pixel is left out", f"use {_MODE} output_half_pixel", attribute=_MODE)


def sentis(site: Site) -> None:
    """Both shifts are known since 2.2; before, none is made, whatever is asked; a maximum is never below 0."""
    account = Account()
    if not site.since("2.2.0"):
        written = str(site.node.attr(_MODE, "half_pixel"))
        if site.since("1.5.0") and written != "half_pixel":
            account.warnings.append(f"{_MODE} {written} is not read")
        if _shifted(site):
            account.change("the shift by half a pixel is left out", _MODE)
        site.set(coordinate_transformation_mode="output_half_pixel")
    if site.node.attr("mode", "avg") != "avg":
        account.change("the maximum is taken of 0, too", "mode")
        site.nodes[-1].output[0] = site.fresh()
        site.op("Relu", [site.nodes[-1].output[0]], [site.node.outputs[0]])
    account.settle(site, f"use avg, and {_MODE} output_half_pixel")


def _shifted(site: Site) -> bool:
    return site.graph.opset >= SHIFTED_SINCE and site.node.attr(_MODE, "half_pixel") == "half_pixel"
