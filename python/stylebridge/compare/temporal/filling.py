"""Places that no picture shows, filled from what surrounds them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.frame import ColorPlane, MaskPlane
from stylebridge.imaging import opencv

Floats = NDArray[np.float32]


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
