"""RoiAlign: Barracuda averages and never shifts by half a pixel; Sentis came to the shift in steps."""

from __future__ import annotations

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
    """Both shifts are known since 2.2; the first releases never shift."""
    if site.since("2.2.0"):
        return
    written = str(site.node.attr(_MODE, "half_pixel"))
    if not site.since("1.5.0") and _shifted(site):
        site.set(coordinate_transformation_mode="output_half_pixel")
        site.alters("the shift by half a pixel is left out", f"use {_MODE} output_half_pixel", attribute=_MODE)
    elif site.since("1.5.0") and written != "half_pixel":
        site.set(coordinate_transformation_mode="half_pixel")
        site.alters(f"{_MODE} {written} is not read, half_pixel is meant", "move the regions", _MODE, warned=True)


def _shifted(site: Site) -> bool:
    return site.graph.opset >= SHIFTED_SINCE and site.node.attr(_MODE, "half_pixel") == "half_pixel"
