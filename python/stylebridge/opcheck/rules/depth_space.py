"""DepthToSpace and SpaceToDepth: right everywhere, on tensors of rank 4."""

from __future__ import annotations

from stylebridge.opcheck.site import Site

OPERATORS = ("DepthToSpace", "SpaceToDepth")
_MODES = ("DCR", "CRD")


def barracuda(site: Site) -> None:
    """Rank 4 is checked at import since 1.3.3."""
    _needs_rank_four(site)
    mode = str(site.node.attr("mode", "DCR"))
    if site.node.op == "DepthToSpace" and mode not in _MODES:
        site.rejects(f"mode {mode} isn't known", "use DCR or CRD", attribute="mode")


def sentis(site: Site) -> None:
    """Whatever isn't DCR is CRD."""
    _needs_rank_four(site)
    mode = str(site.node.attr("mode", "DCR"))
    if site.node.op == "DepthToSpace" and mode not in _MODES:
        site.set(mode="CRD")
        site.alters(f"mode {mode} is computed as CRD", "use DCR or CRD", attribute="mode")


def _needs_rank_four(site: Site) -> None:
    rank = site.rank(0)
    if rank is not None and rank != 4:
        site.rejects(f"a tensor of rank {rank}: only rank 4 is taken", "reshape it to rank 4")
