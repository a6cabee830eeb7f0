"""Axes: where Barracuda keeps each dimension of an ONNX tensor, and where it puts operands that are to be broadcast.

A Barracuda tensor has the named axes N, T, D, H, W, C. How an ONNX tensor's dimensions get onto them depends on its
rank alone (and, up to 1.2, on whether it is constant), so operands of different ranks meet on the wrong axes unless
the importer moves them; which of them it moves, and how, has changed over the releases.
"""

from __future__ import annotations

from stylebridge.opcheck.site import Site

_LETTERS = {0: "", 1: "N", 2: "NC", 3: "NCW", 4: "NCHW", 5: "NCDHW", 6: "NCTDHW"}
_OLD_TENSORS = {0: "", 1: "C", 2: "NC", 3: "NCW", 4: "NCHW"}
_OLD_CONSTANTS = {0: "", 1: "C", 2: "CW", 3: "CWH", 4: "NCHW"}  # rank 3: height and width change places
_MOVED = {(1, 2): "C", (1, 3): "W", (2, 3): "CW", (1, 4): "W", (2, 4): "HW", (3, 4): "CHW"}
_MEMORY = "NTDHWC"
MAX_OLD_RANK = 4


def is_old_importer(site: Site) -> bool:
    """Whether constants are laid out by their own rules: the importer before the one of 1.3."""
    return not site.since("1.3.3")


def letters(site: Site, index: int) -> str | None:
    """The axes onto which an input's dimensions go, in ONNX's order of them; None where it can't be said."""
    rank = site.rank(index)
    if rank is None:
        return None
    if not is_old_importer(site):
        return _LETTERS.get(rank)
    return (_OLD_CONSTANTS if site.constant(index) is not None else _OLD_TENSORS).get(rank)


def broadcast_letters(site: Site, index: int, rank: int) -> str | None:
    """The axes of an operand after the importer has moved it to meet operands of a higher rank."""
    own, own_rank = letters(site, index), site.rank(index)
    if own is None or own_rank is None or is_old_importer(site) or own_rank >= rank:
        return own
    constant = site.constant(index)
    if constant is None and not site.since("1.4.0"):
        return own
    if constant is not None and constant.size == 1:
        return own
    if (own_rank, rank) == (2, 4) and not site.since("2.2.1"):
        return "HC"
    return _MOVED.get((own_rank, rank), own)


def result_letters(used: set[str], rank: int) -> str:
    """The axes of a broadcast's result, as the ONNX dimensions of its rank, or of a higher one if that isn't enough."""
    for candidate in range(rank, max(_LETTERS) + 1):
        if used <= set(_LETTERS[candidate]):
            return _LETTERS[candidate]
    return _LETTERS[max(_LETTERS)]


def laid_out(site: Site, name: str, own: str, wanted: str) -> str:
    """A tensor of the emulation whose dimensions are those of `wanted`; the name itself where ONNX would do as much."""
    if not own or wanted.endswith(own):
        return name
    order = sorted(range(len(own)), key=lambda i: wanted.index(own[i]))
    if order != sorted(order):
        name = site.op("Transpose", [name], perm=order)
    missing = [axis for axis, letter in enumerate(wanted) if letter not in own]
    first = wanted.index(min(own, key=wanted.index))
    inner = [axis for axis in missing if axis > first]
    return site.op("Unsqueeze", [name, site.const([a - first for a in inner], "int64")]) if inner else name


def memory_order(own: str) -> list[int]:
    """The ONNX dimensions in the order in which Barracuda's memory holds them."""
    return sorted(range(len(own)), key=lambda i: _MEMORY.index(own[i]))


def flat_width(own: str, shape: tuple[int | None, ...]) -> int | None:
    """The product of all axes but N; None where a size isn't known."""
    width = 1
    for letter, size in zip(own, shape, strict=True):
        if letter != "N":
            if size is None:
                return None
            width *= size
    return width
