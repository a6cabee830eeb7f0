"""Slots: where Barracuda keeps ONNX's dimensions among its own eight, and what moving between slots means in ONNX.

Every Barracuda tensor has the dimensions S R N T D H W C. An ONNX tensor of rank 4 lies in N C H W, one of rank 3 in
N C W, and so on; what Barracuda calls Squeeze or Unsqueeze is a move of data from one slot to another.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stylebridge.opcheck.site import Site

_N, _T, _D, _H, _W, _C = range(2, 8)
MAX_RANK = 6
CHANNELS_LAST: dict[int, tuple[int, ...]] = {
    0: (),
    1: (_N,),
    2: (_N, _C),
    3: (_N, _C, _W),
    4: (_N, _C, _H, _W),
    5: (_N, _C, _D, _H, _W),
    6: (_N, _C, _T, _D, _H, _W),
}
# While a tensor is reshaped its dimensions stand in the file's order.
FILE_ORDER: dict[int, tuple[int, ...]] = {
    0: (),
    1: (_N,),
    2: (_N, _H),
    3: (_N, _H, _W),
    4: (_N, _H, _W, _C),
    5: (_N, _D, _H, _W, _C),
    6: (_N, _T, _D, _H, _W, _C),
}
_FROM_FOUR = (_N, _H, _W, _C)

Permutation = tuple[int, ...]


def eight(permutation: Sequence[int]) -> Permutation:
    """A permutation of N H W C as one of all eight dimensions."""
    if len(permutation) == 8:
        return tuple(permutation)
    whole = list(range(8))
    for slot, source in zip(_FROM_FOUR, permutation, strict=True):
        whole[slot] = _FROM_FOUR[source]
    return tuple(whole)


def moved(
    site: Site, data: str, permutation: Permutation, rank: int, new_rank: int, shape: Sequence[int | None]
) -> None:
    """Append nodes that move the data as the permutation of its eight dimensions does; they make the site's output."""
    own, new = CHANNELS_LAST[rank], CHANNELS_LAST[new_rank]
    sources = [permutation[slot] for slot in new]
    axes = [own.index(source) for source in sources if source in own]
    dropped = [axis for axis in range(rank) if axis not in axes]
    inserted = [place for place, source in enumerate(sources) if source not in own]
    # What lies outside of the new rank's slots can only be kept behind the rest.
    outside = [axis for axis in dropped if axis < len(shape) and shape[axis] != 1]
    gone = [axis for axis in dropped if axis not in outside]
    output = site.node.outputs[0]
    if gone:
        data = site.op("Squeeze", [data, site.const(gone, np.int64)])
    left = [axis for axis in range(rank) if axis not in gone]
    order = [left.index(axis) for axis in [*axes, *outside]]
    if order or not inserted:
        moving: dict[str, object] = {"perm": order} if order else {}
        data = site.op("Transpose" if order else "Identity", [data], None if inserted else [output], **moving)
    if inserted:
        site.op("Unsqueeze", [data, site.const(inserted, np.int64)], [output])
