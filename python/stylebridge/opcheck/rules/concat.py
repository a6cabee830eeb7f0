"""Concat: Sentis wants the axis written down."""

from __future__ import annotations

from stylebridge.opcheck.behaviour.baking import bake
from stylebridge.opcheck.site import Site

OPERATORS = ("Concat",)


def barracuda(site: Site) -> None:
    """The axis is 0 where it is absent, as in no ONNX."""
    if bake(site):
        return
    if not site.node.has("axis"):
        site.set(axis=0)
        site.alters_if_different("without `axis` it joins along dimension 0", "write `axis`", "axis")


def sentis(site: Site) -> None:
    """`axis` is required."""
    if not site.node.has("axis"):
        site.rejects("`axis` is required", "write `axis`", "axis")
