"""LRN: computed as ONNX says; only Sentis minds integers."""

from __future__ import annotations

from stylebridge.opcheck.behaviour.kinds import needs_float
from stylebridge.opcheck.site import Site

OPERATORS = ("LRN",)


def barracuda(site: Site) -> None:
    """The size must be written."""
    if not site.node.has("size"):
        site.rejects("it has no size", "write it down", attribute="size")


def sentis(site: Site) -> None:
    """The size must be written, and the input hold floats."""
    barracuda(site)
    needs_float(site, 0)
