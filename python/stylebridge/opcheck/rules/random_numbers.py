"""Random numbers: both engines draw their own, so there is nothing to compare."""

from __future__ import annotations

from stylebridge.opcheck.behaviour.kinds import needs_float
from stylebridge.opcheck.site import Site

OPERATORS = ("RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli")
_NOTE = "its numbers are drawn anew in each engine: no two agree, with the same seed neither"


def barracuda(site: Site) -> None:
    """Runs in every release."""
    site.notes(_NOTE)


def sentis(site: Site) -> None:
    """Runs in every release; Bernoulli took floats only up to 1.3."""
    if site.node.op == "Multinomial" or (site.node.op == "Bernoulli" and not site.since("1.4.0")):
        needs_float(site, 0)
    site.notes(_NOTE)
