"""What Barracuda makes of Pad and MirrorPad: height and width, later channels too, never the batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stylebridge.opcheck.account import Account
from stylebridge.opcheck.behaviour.edge_padding import Pads, pad_axes, paired
from stylebridge.opcheck.site import Site
from stylebridge.opcheck.trial import usual_shape

SPATIAL = "pad height and width only, with constant, reflect or edge"
STORED = "fold constants: stylebridge fix"
MODES = ("constant", "reflect", "edge")


@dataclass
class Request:
    """The node as the importer reads it."""

    mode: str
    pads: list[int]
    value: float
    shape: tuple[int, ...]  # with usual sizes where they aren't known
    attribute_only: bool  # pads stand in an attribute, as up to opset 10


def pad(site: Site) -> None:
    """Pad and MirrorPad in every release."""
    account = Account()
    if site.node.op == "MirrorPad" and site.node.attr("mode", "symmetric") != "symmetric":
        account.warnings.append("MirrorPad is always symmetric")
    if site.since("2.3.1"):
        request = _request(site, account)
        if request is not None:
            _by_rank(site, account, request)
    elif site.since("1.4.0"):
        _two_axes(site, account)
    else:
        _attribute_only(site, account)
    if not site.findings:
        account.settle(site, SPATIAL)


def _mode(site: Site) -> str:
    return "symmetric" if site.node.op == "MirrorPad" else str(site.node.attr("mode", "constant"))


def _written(site: Site) -> list[int]:
    return [int(pad) for pad in site.node.attr("pads", ())]


def _shape(site: Site) -> tuple[int, ...]:
    return usual_shape(site.shape(0) or (None, None, None, None))


# 2.3.1 and later


def _request(site: Site, account: Account) -> Request | None:
    """Pads and value as importers since 2.3.1 read them; None when they refuse."""
    node, mode = site.node, _mode(site)
    if len(node.inputs) == 1:
        if not node.has("pads"):
            site.rejects("it has no pads", "export it with opset 2 or later", "pads")
            return None
        return Request(mode, _written(site), float(node.attr("value", 0.0)), _shape(site), True)
    if len(node.inputs) > 2 and not node.input(2):
        site.rejects("its third input, the value, is left empty", "give 0, or leave the inputs behind it away", "value")
        return None
    pads, value = site.value(1), site.value(2)
    if pads is None or (len(node.inputs) > 2 and value is None):
        what = "pads" if pads is None else "value"
        site.rejects(f"its {what} are only known at run time", "export it with constant pads", what)
        return None
    number = 0.0 if value is None or not value.size else float(value.reshape(-1)[0])
    return Request(mode, [int(p) for p in pads.reshape(-1)], number, _shape(site), False)


def _by_rank(site: Site, account: Account, request: Request) -> None:
    rank = len(request.shape)
    if len(request.pads) < 2 * rank:
        site.rejects(
            f"{len(request.pads)} pads for rank {rank}: a begin and an end for each axis are needed",
            "give pads for all axes and no axes input",
            "axes",
        )
        return
    if rank > 5:
        site.rejects(f"a tensor of rank {rank} can't be padded", "reshape it to rank 4 around the Pad")
        return
    if rank in (1, 3):
        site.throws(f"a tensor of rank {rank} can't be padded", "give it rank 4 with Unsqueeze")
        return
    if site.node.input(3):
        axes = site.value(3)
        order = None if axes is None else [int(a) % rank for a in axes.reshape(-1)]
        if order != list(range(rank)):
            account.change(f"axes {order} are not read", "axes")
    pads = paired(request.pads[: 2 * rank])
    mode = request.mode
    if mode not in (*MODES, "symmetric"):
        account.change(f"mode {mode} is computed as constant", "mode")
        mode = "constant"
    if rank == 5 and mode != "constant":
        account.change(f"mode {mode} of a rank-5 tensor is computed as constant", "mode")
        mode = "constant"
    if rank == 2:
        _rank_two(site, account, request, mode)
        return
    if pads[0] != (0, 0):
        account.change(f"padding of the batch by {pads[0]} is dropped", "pads")
        pads[0] = (0, 0)
    _compute(site, account, request, pads, mode)


def _rank_two(site: Site, account: Account, request: Request, mode: str) -> None:
    """Two pairs of pads are taken for those of width and height, which a rank-2 tensor hasn't."""
    (wide, high) = paired(request.pads[:4])
    account.change("the pads of a rank-2 tensor make two new axes grow", "pads")
    shape = (*request.shape, 1, 1)
    pad_axes(site, [(0, 0), (0, 0), high, wide], mode, request.value, shape)
    lifted = site.const(shape, np.int64)
    name = site.fresh()
    for node in site.nodes:
        for index, given in enumerate(node.input):
            if given == site.node.input(0):
                node.input[index] = name
    body, site.nodes = site.nodes, []
    site.op("Reshape", [site.node.input(0), lifted], [name])
    site.nodes += body


def _compute(site: Site, account: Account, request: Request, pads: Pads, mode: str) -> None:
    shape = site.shape(0)
    mirrored = mode in ("reflect", "symmetric")
    for axis, both in enumerate(pads):
        reach = request.shape[axis] if mode == "symmetric" else request.shape[axis] - 1
        if mirrored and max(both) > reach and (shape is None or shape[axis] is not None):
            account.change(f"pads {both} reach further than the {request.shape[axis]} elements to be mirrored", "pads")
    pad_axes(site, pads, mode, request.value, request.shape)


# 1.4.0 to 2.2.1


def _two_axes(site: Site, account: Account) -> None:
    node, mode = site.node, _mode(site)
    rank = len(_shape(site))
    from_attribute = len(node.inputs) == 1
    if not from_attribute and len(node.inputs) > 2 and not node.input(2):
        site.rejects("its third input, the value, is left empty", "give 0, or leave the inputs behind it away", "value")
        return
    known = _written(site) if from_attribute else site.value(1)
    if known is None:
        site.rejects("its pads are only known at run time", "export it with constant pads", "pads")
        return
    pads = [int(p) for p in np.asarray(known).reshape(-1)]
    if rank != 4 and not (rank == 5 and from_attribute and len(pads) == 10 and mode not in ("reflect", "edge")):
        site.rejects(f"a tensor of rank {rank} can't be padded", "reshape it to rank 4 around the Pad")
        return
    if len(pads) // 2 < 3:
        site.rejects(f"{len(pads)} pads for rank {rank}", "give pads for all axes and no axes input", "axes")
        return
    if mode not in (*MODES, "symmetric"):
        account.change(f"mode {mode} is computed as constant", "mode")
        mode = "constant"
    value = float(node.attr("value", 0.0)) if from_attribute else 0.0
    given = site.value(2)
    if mode == "constant" and site.present(2) and (given is None or (given.size and float(given.reshape(-1)[0]))):
        told = "" if given is None else f" {float(given.reshape(-1)[0]):.4g}"
        account.change(f"the value{told} is ignored, 0 is padded", "value")
    moved = _spatial(account, pads, rank, speaks=from_attribute, guesses=site.since("2.2.0"))
    request = Request(mode, pads, value, _shape(site), from_attribute)
    _compute(site, account, request, moved, mode)


def _spatial(account: Account, pads: list[int], rank: int, *, speaks: bool, guesses: bool) -> Pads:
    """The pads of height and width; a release that guesses takes the two axes in the middle, if only they have any."""
    both = paired(pads)
    if guesses and [begin != 0 and end != 0 for begin, end in both] == [False, True, True, False]:
        account.change("padding of the two axes in the middle is taken for height and width", "pads")
        return [(0, 0), (0, 0), both[1], both[2]]
    if both[0] != (0, 0) or both[1] != (0, 0):
        account.change(f"padding of batch and channels by {both[:2]} is dropped", "pads", warned=speaks)
    spatial = both[2:] if len(both) == rank else [(0, 0)] * (rank - 3) + both[2:3]
    return [(0, 0), (0, 0), *spatial]


# Up to 1.3.3


def _attribute_only(site: Site, account: Account) -> None:
    """Only the attribute is read, which files have up to opset 10; else nothing is padded."""
    mode, rank = _mode(site), len(_shape(site))
    pads = _written(site)
    both = paired(pads) if pads else [(0, 0), (0, 0)]
    spatial = both[2:]
    if mode not in MODES:
        site.throws(f"mode {mode} isn't known, the layer is left out", SPATIAL, "mode")
        return
    if site.since("1.3.3") and rank != 4 and not (rank == 5 and len(spatial) == 3 and mode == "constant"):
        site.rejects(f"a tensor of rank {rank} can't be padded", "reshape it to rank 4 around the Pad")
        return
    if len(spatial) == 3 and not site.since("1.3.3"):
        site.throws("three spatial axes can't be padded", "reshape it to rank 4 around the Pad", "pads")
        return
    if not pads and len(site.node.inputs) > 1:
        account.change("pads that are an input are not read, nothing is padded", "pads")
    if len(both) < 2 or both[0] != (0, 0) or both[1] != (0, 0):
        account.change(f"padding of batch and channels by {both[:2]} is dropped", "pads", warned=True)
    moved = [(0, 0)] * (rank - len(spatial)) + spatial
    if rank == 4 and not site.since("1.3.3"):
        moved[2] = _cropped_below(account, moved[2])
    request = Request(mode, pads, float(site.node.attr("value", 0.0)), _shape(site), True)
    _compute(site, account, request, moved, mode)


def _cropped_below(account: Account, both: tuple[int, int]) -> tuple[int, int]:
    """The pads of the height before 1.3.3, where rows are copied from the first one on whatever is cropped above."""
    before, after = both
    if before >= 0:
        return both
    account.change(f"{-before} rows to be cropped above are cropped below", "pads")
    return 0, before + after


__all__ = ["pad"]
