"""TopK: Barracuda sorts up to four dimensions, Sentis sorts floats and, of late, ints."""

from __future__ import annotations

from stylebridge.opcheck.behaviour.kinds import needs_float
from stylebridge.opcheck.site import Site

OPERATORS = ("TopK",)
_MAX_RANK = 4
_K_AS_INPUT = 10


def barracuda(site: Site) -> None:
    """Both outputs must be named; equal numbers count once, which only shows where there are ties."""
    rank = site.rank(0)
    if len(site.node.outputs) < 2:
        site.rejects("it has one output, and the importer wants the indices too", "name the second output")
    elif site.graph.opset < _K_AS_INPUT and len(site.node.inputs) < 2:
        site.throws("k is an attribute, and the constant that the importer makes of it is lost", "export with opset 10")
    elif rank is not None and rank > _MAX_RANK:
        site.throws(f"it sorts up to {_MAX_RANK} dimensions, here are {rank}", "reshape around it")
    else:
        site.notes("of equal numbers only one is counted")


def sentis(site: Site) -> None:
    """Ints from Inference Engine 2.2 on."""
    if not site.since("2.2.2"):
        needs_float(site, 0)
