"""Squeeze and Unsqueeze: in Barracuda moves between eight named dimensions, and wrong ones in some cases."""

from __future__ import annotations

from stylebridge.opcheck.behaviour import early
from stylebridge.opcheck.behaviour.slots import MAX_RANK, Permutation, eight, moved
from stylebridge.opcheck.graph import Array
from stylebridge.opcheck.site import Site

OPERATORS = ("Squeeze", "Unsqueeze")
_SENTIS_MAX_RANK = 8
_AXES = "give `axes` as an attribute (opset 11): stylebridge fix"
# For each rank, where the data of N H W C (or all eight) come from, by axis; the last also serves every other axis.
_UNSQUEEZE = {
    0: ["0123"],
    1: ["1230", "0123"],
    2: ["1230", "0132", "0123"],
    3: ["1320", "0321", "0123", "0213"],
    4: ["01347562", "01237564", "01234567", "01235467", "01235647"],
}
_SQUEEZE = {
    1: ["0123"],
    2: ["3012", "0123"],
    3: ["3012", "0132", "0123"],
    4: ["3021", "0321", "0123", "0213"],
    5: ["01732564", "01237564", "01234567", "01235467", "01236457"],
}


def barracuda(site: Site) -> None:
    """Axes must be known at import: an attribute, or from 2.3.1 on a constant."""
    axes = _barracuda_axes(site)
    if axes is None:
        return
    numbers = site.constant(0)
    if numbers is not None:
        _fold(site, numbers, axes)
    elif site.since("1.3.3"):
        _standard(site, axes)
    else:
        _early(site, axes)


def sentis(site: Site) -> None:
    """The opset says where the axes are looked for."""
    old = (site.graph.opset or 15) < 13
    rank, axes = site.rank(0), site.node.attr("axes") if old else site.value(1)
    if site.node.op == "Unsqueeze" and rank is not None and axes is not None and rank + len(axes) > _SENTIS_MAX_RANK:
        site.rejects(f"a result of rank {rank + len(axes)}", f"at most {_SENTIS_MAX_RANK} dimensions", "axes")
        return
    if site.node.op == "Unsqueeze" and not (site.node.has("axes") if old else site.present(1)):
        site.rejects(f"opset {site.graph.opset} has its axes elsewhere", "export it again", "axes")
    elif not old and site.node.has("axes") and not site.present(1):
        site.becomes("Squeeze", [site.node.input(0)])
        site.alters_if_different("from opset 13 on the attribute is not read: every 1 goes", "export it again", "axes")


def _barracuda_axes(site: Site) -> list[int] | None:
    written: list[int] | None = site.node.attr("axes")
    if len(site.node.inputs) < 2:
        if written is None:
            site.rejects("`axes` is required", _AXES, "axes")
        return written
    if not site.since("2.3.1") and written is None:
        site.rejects("`axes` as an input is not read", _AXES, "axes")
        return None
    found = site.constant(1)
    if found is None and written is None:
        site.rejects("its axes are computed, not stored", _AXES, "axes")
        return None
    return written if found is None else [int(axis) for axis in found.ravel()]


def _fold(site: Site, numbers: Array, axes: list[int]) -> None:
    """Constants: negative axes count from 4, and what is squeezed is filled up with ones at the end."""
    sizes = list(numbers.shape)
    if site.node.op == "Unsqueeze":
        for axis in axes:
            if axis < 0:
                site.rejects("a negative axis for a constant", "use a positive axis", "axes")
                return
            sizes.insert(axis, 1)
    else:
        places = [axis if axis >= 0 else 4 + axis for axis in axes]
        if any(place >= len(sizes) for place in places):
            site.rejects("a negative axis for a constant", "use a positive axis", "axes")
            return
        sizes = [size for place, size in enumerate(sizes) if place not in places or size != 1]
        sizes += [1] * (4 - len(sizes))
    site.becomes_constant(numbers.reshape(sizes))


def _standard(site: Site, axes: list[int]) -> None:
    rank, shape = site.rank(0), site.shape(0)
    if rank is None or shape is None or not axes:
        return
    permutation = _combined(site, rank, axes)
    new_rank = rank + len(axes) * (1 if site.node.op == "Unsqueeze" else -1)
    if permutation is None or not 0 <= new_rank <= MAX_RANK:
        site.rejects(f"a tensor of rank {rank}", "use Reshape", "axes")
        return
    site.nodes = []
    moved(site, site.node.input(0), permutation, rank, new_rank, shape)
    warned = len(axes) > 1 and site.since("2.2.1") and not site.since("2.3.1")
    site.alters_if_different(_reason(site, axes), "use Reshape", "axes", warned=warned)


def _reason(site: Site, axes: list[int]) -> str:
    if len(axes) > 1 and not site.since("2.3.1"):
        return f"only the first of the axes {axes} is used"
    if any(axis < -1 for axis in axes):
        return f"axes {axes}: a negative axis always counts as the last"
    return f"several axes at once ({axes}) end up in the wrong order"


def _combined(site: Site, rank: int, axes: list[int]) -> Permutation | None:
    """One move after the other, put together the way the engine does it; None where a rank is not known."""
    unsqueeze = site.node.op == "Unsqueeze"
    table = _UNSQUEEZE if unsqueeze else _SQUEEZE
    whole = tuple(range(8))
    for axis in axes if site.since("2.3.1") else axes[:1]:
        moves = table.get(rank)
        if moves is None:
            return None
        move = eight([int(c) for c in moves[axis if 0 <= axis < len(moves) else -1]])
        whole = tuple(move[source] for source in whole)
        rank += 1 if unsqueeze else -1
    return whole


def _early(site: Site, axes: list[int]) -> None:
    shape = site.full_shape(0)
    if shape is None:
        return
    rank = len(shape) + len(axes) * (1 if site.node.op == "Unsqueeze" else -1)
    if not early.fits(len(shape)) or not 0 <= rank <= MAX_RANK:
        site.rejects("more than 4 dimensions", "use Reshape", "axes")
        return
    places = sorted(axis % max(rank, len(shape)) for axis in axes)
    new_shape = list(shape)
    for place in places if rank > len(shape) else reversed(places):
        if rank > len(shape):
            new_shape.insert(place, 1)
        else:
            del new_shape[place]
    site.nodes = []
    early.renamed(
        site,
        site.node.input(0),
        shape,
        new_shape,
        warned=any(axis <= 1 for axis in axes),
        reason=f"axes {axes}: no data are moved, so channels and other dimensions change places",
    )
