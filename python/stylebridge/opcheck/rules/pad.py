"""Pad and MirrorPad: Barracuda pads few axes in few ways; Sentis pads as ONNX does, but mirrors only once."""

from __future__ import annotations

import numpy as np
import onnx

from stylebridge.opcheck.account import Account
from stylebridge.opcheck.behaviour.edge_padding import Pads, flattened_pads, pad_axes
from stylebridge.opcheck.behaviour.pad_barracuda import pad as barracuda
from stylebridge.opcheck.site import Site
from stylebridge.opcheck.trial import usual_shape

OPERATORS = ("Pad", "MirrorPad")
REMEDY = "pad by less than the axis has, with constant, reflect or edge"
_MODES = ("constant", "reflect", "edge", "wrap")


def sentis(site: Site) -> None:
    """Any axis, any rank, pads known or not; what lies beyond one mirroring stops at the edge."""
    account = Account()
    mode = str(site.node.attr("mode", "constant"))
    if not site.since("1.4.0") and site.draft.dtype(site.node.input(0)) == onnx.TensorProto.INT32:
        site.throws("whole numbers can't be padded", "cast to float before it")
        return
    if mode not in _MODES:
        account.change(f"mode {mode} is computed as constant", "mode", warned=True)
        mode = "constant"
    if mode == "wrap" and not site.since("1.4.0"):
        account.change("mode wrap is computed as constant", "mode")
        mode = "constant"
    shape = site.shape(0)
    pads = _pads(site, shape)
    if pads is None or shape is None:
        return
    made = [size if size is None else size + sum(both) for size, both in zip(shape, pads, strict=True)]
    if any(size is not None and size < 0 for size in made):
        site.throws(f"pads {pads} crop more than there is", REMEDY, "pads")
        return
    _compute(site, account, pads, mode, usual_shape(shape))
    if None in shape:
        nodes = site.nodes
        site.nodes = [node for node in nodes if node.op_type == "Pad"] or nodes
    account.settle(site, REMEDY)


def _pads(site: Site, shape: tuple[int | None, ...] | None) -> Pads | None:
    """Begin and end for each axis of the tensor; None where a run must tell, or the import fails."""
    node = site.node
    written = node.attr("pads", node.attr("paddings"))
    known = np.asarray(written) if written is not None and len(node.inputs) < 2 else site.value(1)
    if known is None or shape is None:
        return None
    numbers = [int(pad) for pad in known.reshape(-1)]
    half, rank = len(numbers) // 2, len(shape)
    axes = list(range(rank))
    if node.input(3) and site.since("1.4.0"):
        given = site.value(3)
        if given is None:
            return None
        axes = [int(axis) % rank for axis in given.reshape(-1)]
    if len(numbers) != 2 * len(axes):
        why = f"{len(numbers)} pads for {len(axes)} axes"
        site.rejects(why, "give pads for all axes and no axes input", "axes" if node.input(3) else "pads")
        return None
    pads = [(0, 0)] * rank
    for index, axis in enumerate(axes):
        pads[axis] = (numbers[index], numbers[index + half])
    return pads


def _compute(site: Site, account: Account, pads: Pads, mode: str, shape: tuple[int, ...]) -> None:
    if mode == "constant":
        if account.changes or site.present(3):
            pad_axes(site, pads, mode, _value(site), shape)
        return
    if any(min(both) < 0 for both in pads):
        account.change(f"mode {mode} reads what is cropped on the other side", "mode")
    reach = {"reflect": -1, "edge": 1 << 40, "wrap": 1 << 40}[mode]
    far = [(both, size) for both, size in zip(pads, shape, strict=True) if max(both) > size + reach]
    if far:
        both, size = far[0]
        account.change(f"pads {both} of {size} elements: what lies beyond one mirroring repeats the edge", "pads")
    if not site.since("1.4.0"):
        account.change("an axis before one without pads is padded together with it", "pads")
        flattened_pads(site, pads, mode, shape)
        return
    if account.changes or mode == "wrap" or site.present(3):
        pad_axes(site, pads, mode, 0.0, shape)


def _value(site: Site) -> float:
    given = site.value(2)
    if given is not None and given.size:
        return float(given.reshape(-1)[0])
    return float(site.node.attr("value", 0.0))


__all__ = ["OPERATORS", "barracuda", "sentis"]
