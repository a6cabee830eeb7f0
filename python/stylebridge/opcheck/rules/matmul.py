"""MatMul: the old Barracuda knows only products with stored matrices, the new one no vectors."""

from __future__ import annotations

from stylebridge.opcheck.behaviour.baking import bake
from stylebridge.opcheck.behaviour.channels import believed_channels, is_noted
from stylebridge.opcheck.behaviour.flattening import reorder
from stylebridge.opcheck.behaviour.kinds import needs_float
from stylebridge.opcheck.behaviour.stored import FOLD, feed_stored, stored
from stylebridge.opcheck.site import Site

OPERATORS = ("MatMul",)
MAX_RANK = 4
_VECTORS = "reshape the vector into a matrix and the result back"


def barracuda(site: Site) -> None:
    """Ranks 2 to 4; batches of different number since 2.1."""
    if bake(site):
        return
    if not site.since("1.3.3"):
        _before_new_importer(site)
        return
    for index in (0, 1):
        if not is_noted(site.graph, site.node.input(index)):
            site.rejects(f"the importer doesn't know {site.node.input(index)}, which is no node's first output")
            return
    left, right = site.shape(0), site.shape(1)
    if left is None or right is None:
        return
    if max(len(left), len(right)) > MAX_RANK:
        site.throws(f"ranks {len(left)} and {len(right)}: at most rank 4 runs", "merge the leading axes before")
    elif len(left) == 1 and left[0] != 1:
        site.throws("a vector on the left", _VECTORS)
    elif len(right) == 1 and len(left) > 2 and right[0] != 1:
        site.throws(f"a vector on the right of a tensor of rank {len(left)}", _VECTORS)
    elif not site.since("2.1") and _batches_differ(left, right):
        site.throws(f"batches {list(left[:-2])} and {list(right[:-2])} differ", "expand them before")


def _batches_differ(left: tuple[int | None, ...], right: tuple[int | None, ...]) -> bool:
    """A matrix is used for every batch, and a tensor of rank 3 for every outer one; a batch of one isn't repeated."""
    for back in (3, MAX_RANK):
        sizes = {shape[-back] for shape in (left, right) if len(shape) >= back} - {None}
        if len(sizes) > 1:
            return True
    return False


def _before_new_importer(site: Site) -> None:
    weights, shape = stored(site, 1), site.shape(0)
    if weights is None:
        if not site.since("1.1"):
            site.rejects("its B is computed, not stored", FOLD, attribute="B")
    elif weights.ndim != 2:
        site.rejects(f"a stored B of rank {weights.ndim}", "use a matrix", attribute="B")
    elif shape is not None and len(shape) != 2:
        _flattened(site, weights.shape[0], len(shape))
    else:
        feed_stored(site, 1, weights)
        reorder(site, weights, 0)


def _flattened(site: Site, wanted: int, rank: int) -> None:
    """The left side is flattened to a matrix, and the weights are reordered for the channels it has."""
    believed = believed_channels(site, site.node.input(0))
    reason, remedy = f"a tensor of rank {rank} on the left is flattened, and doesn't fit", "reshape it to a matrix"
    if believed > 0 and wanted % believed:
        site.rejects(reason, remedy)
    else:
        site.throws(reason, remedy)


def sentis(site: Site) -> None:
    """Only the number type matters."""
    needs_float(site, 0, 1)
