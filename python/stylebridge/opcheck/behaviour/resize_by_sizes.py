"""Barracuda's Resize by sizes: height and width only, nearest by rounding down or linear between half-pixel centres."""

from __future__ import annotations

import numpy as np

from stylebridge.opcheck.account import Account
from stylebridge.opcheck.behaviour.resampling import gather_axes, is_untouched, resize
from stylebridge.opcheck.behaviour.resize_request import WHOLE, Request, means_repetition, unread_axes
from stylebridge.opcheck.graph import Array
from stylebridge.opcheck.site import Site


def by_sizes(site: Site, account: Account, request: Request) -> None:
    """Resize height and width to the sizes given."""
    if not site.node.input(3):
        site.rejects("its fourth input, sizes, is left empty", "leave it away, or give sizes", "sizes")
        return
    sizes = site.value(3)
    if sizes is None:
        _unknown_sizes(site, account, request)
        return
    wanted = [int(s) for s in np.asarray(sizes).reshape(-1)]
    if len(wanted) != 4 or request.rank != 4:
        why = f"{len(wanted)} sizes for rank {request.rank}: only four sizes of a rank-4 tensor are taken"
        fails = site.rejects if site.since("1.3.3") else site.throws
        fails(why, "give all four sizes and no axes", "axes" if site.node.has("axes") else "sizes")
        return
    if not site.since("1.3.3") and wanted[:2] != [1, 1]:
        account.warnings.append("only height and width are resized")
    unread_axes(site, account, 4)
    kept = site.shape(0) or ()
    # -1 is what the importer before 1.3.3 makes of a size that it doesn't know.
    if any(asked != -1 and size not in (None, asked) for size, asked in zip(kept[:2], wanted[:2], strict=False)):
        account.change(f"the sizes {wanted[:2]} of batch and channels are ignored", "sizes")
    if min(wanted[2:]) < 1:
        account.change(f"sizes {wanted[2:]} are taken for 1", "sizes")
    _to_size(site, account, request, [max(size, 1) for size in wanted[2:]])


def _unknown_sizes(site: Site, account: Account, request: Request) -> None:
    """Sizes that can't be told beforehand; the importer can when nothing but the batch's size is open."""
    if not site.since("1.3.3"):
        site.rejects("its sizes are computed, not stored", "export it with constant scales", "sizes")
        return
    maker = site.graph.producers.get(site.node.input(3))
    shape = site.shape(0)
    if maker is None or (maker.op != "Shape" and (shape is None or None in shape[1:])):
        site.alters("sizes computed at run time are read in the wrong order", WHOLE, "sizes", warned=True)
        return
    site.set(
        mode="linear" if request.linear else "nearest",
        coordinate_transformation_mode="half_pixel" if request.linear else "asymmetric",
        nearest_mode="floor",
    )
    if account.changes or not (request.linear or means_repetition(site)):
        told = "; ".join(account.changes) or "nearest by sizes is asymmetric + floor"
        site.alters(told, WHOLE, account.attribute, warned=bool(account.warnings))


def _to_size(site: Site, account: Account, request: Request, wanted: list[int]) -> None:
    if request.linear:
        resize(site, mode="linear", coordinates="half_pixel", sizes=wanted, axes=[2, 3])
        return
    if not means_repetition(site):
        account.change("nearest by sizes is asymmetric + floor", "coordinate_transformation_mode")
    chosen = {axis: _nearest(request.shape[axis], size) for axis, size in zip((2, 3), wanted, strict=True)}
    gather_axes(site, {a: indices for a, indices in chosen.items() if not is_untouched(indices, request.shape[a])})
    if not request.shape_known:
        account.lasting = lambda: resize(site, mode="nearest", coordinates="asymmetric", sizes=wanted, axes=[2, 3])


def _nearest(size: int, wanted: int) -> Array:
    """floor(i / scale) in single precision, kept within the axis."""
    scale = np.float32(wanted) / np.float32(size)
    picked = np.floor(np.arange(wanted, dtype=np.float32) / scale)
    return np.asarray(np.clip(picked.astype(np.int64), 0, size - 1))
