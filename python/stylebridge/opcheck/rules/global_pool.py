"""GlobalAveragePool and GlobalMaxPool: Barracuda takes one or two spatial axes, Sentis one or more."""

from __future__ import annotations

from stylebridge.opcheck.behaviour.kinds import needs_float
from stylebridge.opcheck.site import Site

OPERATORS = ("GlobalAveragePool", "GlobalMaxPool")


def barracuda(site: Site) -> None:
    """Other ranks fail in the importer's own inference of ranks."""
    rank = site.rank(0)
    if rank is not None and rank not in (3, 4):
        remedy = "reduce with ReduceMean or ReduceMax, one axis after the other"
        site.rejects(f"a tensor of rank {rank}: only ranks 3 and 4 are pooled", remedy)


def sentis(site: Site) -> None:
    """The number type matters, and that there is an axis to pool."""
    rank = site.rank(0)
    if rank is not None and rank < 3:
        site.rejects(f"a tensor of rank {rank}: there is no axis to pool", "leave the node out")
        return
    needs_float(site, 0)
