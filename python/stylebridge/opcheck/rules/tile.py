"""Tile: Barracuda says so where the result's shape is not known before it runs."""

from __future__ import annotations

from stylebridge.opcheck.site import Site

OPERATORS = ("Tile",)


def barracuda(site: Site) -> None:
    """Repeats may be computed."""
    if site.value(1) is None and site.full_shape(0) is not None:
        site.warns("its shape isn't known before it runs", "repeats")
