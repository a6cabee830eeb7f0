"""Where: Barracuda takes the condition for the measure of all, Sentis broadcasts as ONNX does."""

from __future__ import annotations

from stylebridge.opcheck.behaviour.axes import broadcast_letters
from stylebridge.opcheck.behaviour.baking import bake
from stylebridge.opcheck.behaviour.kinds import needs_int, one_kind
from stylebridge.opcheck.behaviour.meeting import meet
from stylebridge.opcheck.site import Site

OPERATORS = ("Where",)
_REMEDY = "give the condition the shape of the result: Expand"
_ALL = 3


def barracuda(site: Site) -> None:
    """The choices are moved to the condition's rank; up to 2.1 the result has the condition's shape, too."""
    rank = site.rank(0)
    if bake(site) or rank is None:
        return
    for index in (1, 2):
        stored = site.constant(index)
        if stored is not None and stored.ndim > rank and stored.size > 1:
            site.rejects(f"a constant of {stored.ndim} dimensions is chosen from by a condition of {rank}", _REMEDY)
            return
    landed = [broadcast_letters(site, index, rank) for index in range(_ALL)]
    if all(own is not None for own in landed):
        meet(site, [own or "" for own in landed], rank)
        if not site.since("2.2.1"):
            _as_large_as_the_condition(site)


def _as_large_as_the_condition(site: Site) -> None:
    shapes = [site.full_shape(index) for index in range(_ALL)]
    if None in shapes or site.worst or len(site.nodes) != 1:
        return
    condition = shapes[0] or ()
    (node,) = site.nodes
    site.nodes = []
    for index in (1, 2):
        own = shapes[index] or ()
        sizes = condition[len(condition) - len(own) :] if len(own) <= len(condition) else condition
        cut = [axis for axis, size in zip(range(-len(sizes), 0), sizes, strict=True) if size == 1 and own[axis] > 1]
        if cut:
            ends = site.const([1] * len(cut), "int64")
            starts, axes = site.const([0] * len(cut), "int64"), site.const([len(own) + a for a in cut], "int64")
            node.input[index] = site.op("Slice", [node.input[index], starts, ends, axes])
    site.nodes.append(node)
    site.alters_if_different(f"the result is as large as its condition: {list(condition)}", _REMEDY)


def sentis(site: Site) -> None:
    """Truth values to choose by, and choices of one kind."""
    if needs_int(site, 0):
        one_kind(site, 1, 2)
