"""Transpose: Barracuda leaves a tensor as it is where `perm` is absent; before 1.3.3 it knew few permutations."""

from __future__ import annotations

import numpy as np

from stylebridge.opcheck.behaviour import early
from stylebridge.opcheck.graph import Graph, Node
from stylebridge.opcheck.site import Site

OPERATORS = ("Transpose",)
_MAX_RANK = 6
_TO_LAST, _TO_FIRST = [0, 2, 3, 1], [0, 3, 1, 2]


def barracuda(site: Site) -> None:
    """Constants are transposed at import, as ONNX does it."""
    permutation = site.node.attr("perm")
    numbers = site.constant(0)
    if numbers is not None:
        site.becomes_constant(np.transpose(numbers, permutation))
    elif not site.since("1.3.3"):
        _early(site, permutation)
    elif permutation is None:
        site.set(perm=list(range(site.rank(0) or 0)) or None)
        if site.rank(0):
            site.alters_if_different("without `perm` nothing is moved", "write `perm`", "perm")
    elif len(permutation) > _MAX_RANK or len(permutation) < 2:
        site.rejects(f"a permutation of {len(permutation)} dimensions", f"2 to {_MAX_RANK} dimensions", "perm")


def _early(site: Site, permutation: list[int] | None) -> None:
    if permutation == _TO_LAST:
        return
    if permutation == _TO_FIRST:
        if not _undoes(site, site.node) and not _is_undone(site.graph, site.node):
            _stays(site)
            site.alters_if_different("it is taken for a change of layout: nothing is moved", "use a newer Barracuda")
    elif permutation == [0, 2, 1]:
        site.warns("it is taken for a change of layout")
    elif permutation == [1, 0, 2]:
        site.becomes("Identity")
        site.alters_if_different("nothing is moved", "use a newer Barracuda", "perm")
    else:
        site.rejects(f"the permutation {permutation} is not known", "use a newer Barracuda", "perm")


def _undoes(site: Site, node: Node) -> bool:
    """Whether a change to channels last lies before it."""
    before = site.graph.producers.get(node.input(0))
    while before is not None:
        if before.op == "Transpose":
            return bool(before.attr("perm") == _TO_LAST)
        before = site.graph.producers.get(before.input(0))
    return False


def _is_undone(graph: Graph, node: Node) -> bool:
    """Whether all that comes out of it goes back to channels last before anything looks at its dimensions."""
    if any(output.name == node.outputs[0] for output in graph.outputs):
        return False
    users = graph.users.get(node.outputs[0], [])
    return bool(users) and all(
        user.attr("perm") == _TO_LAST if user.op == "Transpose" else early.looks_away(user) and _is_undone(graph, user)
        for user in users
    )


def _stays(site: Site) -> None:
    """What lies in memory, read in the file's order."""
    site.nodes = []
    raw = early.to_memory(site, site.node.input(0), 4)
    site.op("Identity", [raw], list(site.node.outputs))
