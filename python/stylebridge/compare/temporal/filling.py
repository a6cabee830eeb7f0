"""Places that no picture shows, filled from what surrounds them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.frame import ColorPlane, FloatPlane, MaskPlane
from stylebridge.imaging import opencv

Floats = NDArray[np.float32]
HALO_PX = 2  # beside what was hidden, where pixels have the colour in them of what hid it
_REACH_PX = 15  # from a hole, that its depth is compared over
_NEARER = 0.9  # of a hole's depth; what is nearer than that stands before it
_SKY_M, _NO_HOLE = 1e6, 1e9


def before_holes(depth: FloatPlane | None, holes: MaskPlane) -> MaskPlane:
    """What stands nearer than a hole beside it: it has just uncovered that, and its colour isn't to be spread there."""
    if depth is None:
        return np.zeros_like(holes)
    height, width = depth.shape
    # Every second pixel will do for something that is spread smoothly, at an eighth of the work.
    far, hole = _depths(depth[::2, ::2], _halved(holes.view(np.uint8) * np.uint8(255)) > 0, _REACH_PX // 2)
    nearer = ((hole < _NO_HOLE) & (far < _NEARER * hole)).view(np.uint8)
    return np.asarray(opencv().resize(nearer, (width, height), interpolation=opencv().INTER_NEAREST), dtype=np.bool_)


def beside_holes(depth: FloatPlane | None, seen: MaskPlane, reach_px: int) -> MaskPlane:
    """What is seen so near to a hole, and as far away: there the colour of what hid it has crept in.

    Only holes of some size count: single pixels, of which outlines are full, would make as large ones of themselves.
    """
    if depth is None or seen.all():
        return np.zeros_like(seen)
    cv2 = opencv()
    holes = cv2.morphologyEx((~seen).view(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)).view(np.bool_)
    far, hole = _depths(depth, holes, reach_px)
    return np.asarray(seen & (hole < _NO_HOLE) & (far >= _NEARER * hole), dtype=np.bool_)


def _depths(depth: FloatPlane, holes: MaskPlane, reach_px: int) -> tuple[FloatPlane, FloatPlane]:
    """The depth of each pixel, and that of the nearest thing in a hole about it."""
    far = np.minimum(np.nan_to_num(depth, nan=_SKY_M, posinf=_SKY_M), np.float32(_SKY_M))
    around = np.ones((2 * reach_px + 1, 2 * reach_px + 1), np.uint8)
    hole = opencv().erode(np.where(holes, far, np.float32(_NO_HOLE)), around, borderValue=_NO_HOLE)
    return far, np.asarray(hole, dtype=np.float32)


def surroundings(picture: ColorPlane, known: MaskPlane) -> Floats:
    """The known part spread smoothly over the rest, [H,W,3]; of use only where nothing is known.

    Averages of ever larger squares, of their known pixels only; each place takes the smallest square that knows one.
    """
    if not known.any():
        return picture.astype(np.float32)
    height, width = known.shape
    masked = picture.copy()
    masked[~known] = 0
    # Half the size is enough for something smooth, and bytes are halved faster.
    color = _halved(masked).astype(np.float32)
    weight = _halved(known.view(np.uint8) * np.uint8(255)).astype(np.float32) / np.float32(255)
    return _resized(_spread(color, weight), (width, height))


def _spread(color: Floats, weight: Floats) -> Floats:
    """The color, which is multiplied with its weight, completed to weight 1."""
    if weight.min() > 0 or max(weight.shape) == 1:
        return np.asarray(color / np.maximum(weight, 1e-6)[:, :, None], dtype=np.float32)
    coarse = _spread(_halved(color), _halved(weight))
    missing = (1 - weight)[:, :, None]
    return np.asarray(color + missing * _resized(coarse, (weight.shape[1], weight.shape[0])), dtype=np.float32)


def _halved(plane: NDArray[Any]) -> NDArray[Any]:
    height, width = plane.shape[:2]
    cv2 = opencv()
    return np.asarray(cv2.resize(plane, ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA))


def _resized(plane: Floats, size: tuple[int, int]) -> Floats:
    cv2 = opencv()
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR))
