"""Barracuda's Resize by scales: repetition or half-pixel interpolation by whole numbers, or an average pool."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stylebridge.opcheck.account import Account
from stylebridge.opcheck.behaviour.resampling import approximately, brief, finish, resize, round_half_even
from stylebridge.opcheck.behaviour.resize_request import WHOLE, Request, means_repetition, unread_axes
from stylebridge.opcheck.graph import Array
from stylebridge.opcheck.site import Site


def by_scales(site: Site, account: Account, request: Request) -> None:
    """Resize by what the scales say, or what the release makes of them."""
    index = len(site.node.inputs) - 1 if site.node.op == "Resize" else 1
    stored = _stored_scales(site, index)
    if stored is None and index >= 1 and not site.node.input(index):
        site.rejects("neither scales nor sizes are given", "export it with constant scales", "scales")
        return
    constant = site.constant(index) if index < len(site.node.inputs) else stored
    scales = stored if stored is not None else site.value(index)
    if scales is None:
        _unknown_scales(site, account, request)
        return
    wanted = [float(np.float32(s)) for s in np.asarray(scales).reshape(-1)]
    if not site.since("1.3.3"):
        _scales_first_importer(site, account, request, wanted)
        return
    if site.node.has("axes") and len(wanted) != request.rank:
        site.rejects(f"axes {site.node.attr('axes')}: a scale for each of the 4 axes is needed", WHOLE, "axes")
        return
    if len(wanted) != request.rank or request.rank not in (4, 5):
        site.rejects(f"a tensor of rank {request.rank} is resized: only rank 4 is, and 5", "reshape it to rank 4")
        return
    if constant is None and index == 2 and not site.since("1.4.0"):
        site.rejects("its scales are computed, not stored", "export it with constant scales", "scales")
        return
    folded = constant is None or (site.target.release < (1, 4) and site.node.op == "Resize" and index == 1)
    if folded and request.rank == 5:
        site.rejects("scales of a rank-5 Resize have to be stored, as Upsample", "resize one axis after the other")
        return
    unread_axes(site, account, request.rank)
    _scales_known(site, account, request, wanted, folded=folded)


def _stored_scales(site: Site, index: int) -> Array | None:
    """Scales that stand in an attribute, as up to opset 8."""
    if site.node.op != "Upsample" or len(site.node.inputs) > 1:
        return None
    written = site.node.attr("scales") or [
        1.0,
        1.0,
        site.node.attr("height_scale", 1.0),
        site.node.attr("width_scale", 1.0),
    ]
    return np.asarray(written, np.float32)


def _unknown_scales(site: Site, account: Account, request: Request) -> None:
    """Scales that only a run tells are read from the wrong places: the height's for both, and the channels'."""
    if site.node.op == "Resize" and not site.since("1.4.0" if len(site.node.inputs) > 2 else "1.3.3"):
        site.rejects("its scales are computed, not stored", "export it with constant scales", "scales")
        return
    site.alters(
        "scales computed at run time are read in the wrong order",
        "export it with constant scales",
        "scales",
        warned=True,
    )


def _scales_known(site: Site, account: Account, request: Request, wanted: list[float], *, folded: bool) -> None:
    """The importer since 1.3.3."""
    spatial = wanted[2:]
    silent = folded and site.target.release < (2, 1)
    shrinks = len(wanted) == 4 and wanted[:2] == [1.0, 1.0] and max(spatial) < 1.0
    if shrinks and folded and (request.linear or not site.since("1.4.0")):
        site.rejects(
            f"scales {spatial} below 1 that aren't plain constants", "export it with constant scales", "scales"
        )
        return
    if shrinks and request.linear and site.since("1.4.0"):
        _average_pool(site, account, request, spatial)
        return
    times = [int(s) if folded else round_half_even(s) for s in spatial]
    if any(not approximately(s, t) for s, t in zip(spatial, (round_half_even(s) for s in spatial), strict=True)):
        account.change(f"scales {brief(spatial)} become {times}, so the size differs", "scales", warned=not silent)
    if wanted[:2] != [1.0, 1.0]:
        account.change(f"the scales {brief(wanted[:2])} of batch and channels are ignored", "scales", warned=True)
    _repeat_or_blend(site, account, request, times)


def _scales_first_importer(site: Site, account: Account, request: Request, wanted: list[float]) -> None:
    """The importer up to 1.2.1, which knows width and height only."""
    if len(wanted) < 2 or wanted[:2] != [1.0, 1.0]:
        account.change(f"the scales {brief(wanted[:2])} of batch and channels are ignored", "scales", warned=True)
    spatial = wanted[2:]
    if len(spatial) > 3:
        site.rejects(f"{len(wanted)} scales", "resize four-dimensional tensors", "scales")
        return
    both = spatial if len(spatial) > 1 else [*spatial, 1.0]
    if len(spatial) == 3 or (spatial and max(both) < 1.0):
        what = "three spatial axes" if len(spatial) == 3 else f"scales {brief(spatial)}, all below 1,"
        site.throws(f"{what} can't be resized", "use an average pool", "scales")
        return
    times = [round_half_even(s) for s in spatial]
    if any(not approximately(s, t) for s, t in zip(spatial, times, strict=True)):
        account.change(f"scales {brief(spatial)} become {times}, so the size differs", "scales", warned=True)
    _repeat_or_blend(site, account, request, times)


def _average_pool(site: Site, account: Account, request: Request, spatial: list[float]) -> None:
    """Linear downscaling is an average pool; its two sizes are taken the wrong way round."""
    high, wide = (max(1, round_half_even(float(np.float32(1) / np.float32(s)))) for s in spatial)
    if not all(
        approximately(float(np.float32(1) / np.float32(s)), t) for s, t in zip(spatial, (high, wide), strict=True)
    ):
        account.change(f"scales {brief(spatial)} become 1/{high} and 1/{wide}", "scales", warned=True)
    if high != wide:
        account.change(f"scales 1/{high} and 1/{wide} are applied the other way round", "scales")
    account.change("linear downscaling is an average over whole blocks", "mode")
    site.becomes("AveragePool", [site.node.input(0)], kernel_shape=[wide, high], strides=[wide, high])


def _repeat_or_blend(site: Site, account: Account, request: Request, times: Sequence[int]) -> None:
    if min(times, default=1) < 1 and not request.linear:
        site.throws(
            f"a nearest scale below 1 is rounded to 0 ({list(times)}), by which is divided",
            "use linear or a pool",
            "scales",
        )
        return
    if not request.linear and not means_repetition(site):
        account.change("nearest is plain repetition, as asymmetric + floor would be", "coordinate_transformation_mode")
    kept = [1] * (request.rank - len(times))
    if min(times, default=1) < 1:
        account.change(f"a scale of {list(times)} leaves nothing but NaN", "scales")
        sizes = [max(1, size * times_) for size, times_ in zip(request.shape, [*kept, *times], strict=True)]
        name = site.fresh()
        resize(site, mode="linear", coordinates="half_pixel", sizes=sizes)
        site.nodes[-1].output[0] = name
        finish(site, site.op("Mul", [name, site.const(np.nan)]))
        return
    mode, coordinates = ("linear", "half_pixel") if request.linear else ("nearest", "asymmetric")
    resize(site, mode=mode, coordinates=coordinates, scales=[*kept, *times])
