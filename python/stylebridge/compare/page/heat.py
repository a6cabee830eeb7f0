"""Heat: how far two pictures are apart at every pixel, in colours; one scale shows rounding and gross faults alike."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from stylebridge.frame import ColorPlane
from stylebridge.imaging import opencv

TICKS = (0, 1, 2, 4, 8, 16, 32, 64, 128, 255)  # levels; each is an equal step of colour
_DARKEST = 90  # of 255, for a difference of one level: to be told from none
SHRINK = 2  # both sides of a heat picture; the largest difference of a block is shown


@cache
def scale() -> NDArray[np.uint8]:
    """[256,3] RGB: the colour for each difference in levels; none is black."""
    cv2 = opencv()
    steps = np.log2(np.maximum(np.arange(256), 1)) / np.log2(255)
    levels = np.rint(_DARKEST + steps * (255 - _DARKEST)).astype(np.uint8)
    colors = cv2.cvtColor(cv2.applyColorMap(levels[:, None], cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)[:, 0]
    colors[0] = 0
    return np.asarray(colors, dtype=np.uint8)


def heat(a: ColorPlane, b: ColorPlane) -> ColorPlane:
    """The colour of the channel that differs most, at half the size."""
    apart: NDArray[np.uint8] = opencv().absdiff(np.ascontiguousarray(a), np.ascontiguousarray(b)).max(axis=2)
    height, width = (side // SHRINK * SHRINK for side in apart.shape)
    if height and width:
        # [H,W] -> [H/2,2,W/2,2] -> [H/2,W/2]
        blocks = apart[:height, :width].reshape(height // SHRINK, SHRINK, width // SHRINK, SHRINK)
        apart = blocks.max(axis=(1, 3))
    return np.asarray(scale()[apart], dtype=np.uint8)


def css_gradient() -> str:
    """The scale from left to right, for a legend: its ticks lie at equal distances."""
    stops = []
    for place, level in enumerate(TICKS):
        red, green, blue = (int(value) for value in scale()[level])
        stops.append(f"rgb({red} {green} {blue}) {100 * place / (len(TICKS) - 1):.1f}%")
    return f"linear-gradient(90deg, {', '.join(stops)})"
