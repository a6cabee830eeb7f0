"""Trunk: the cross sections that everything worn on it follows."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.characters.looks.rig import Rig
from stylebridge.scene.characters.looks.shapes import Ring

# height, forward, half depth, half width: without clothes
_SECTIONS = np.array(
    [
        (0.835, -0.005, 0.000, 0.000),
        (0.855, -0.005, 0.075, 0.090),
        (0.900, -0.012, 0.112, 0.150),
        (0.955, -0.012, 0.116, 0.160),
        (1.030, -0.002, 0.102, 0.144),
        (1.100, 0.003, 0.097, 0.135),
        (1.170, 0.004, 0.100, 0.143),
        (1.250, 0.002, 0.108, 0.160),
        (1.330, -0.004, 0.109, 0.170),
        (1.395, -0.010, 0.098, 0.176),
        (1.432, -0.012, 0.082, 0.156),
        (1.458, -0.012, 0.066, 0.112),
        (1.476, -0.012, 0.058, 0.074),
        (1.492, -0.010, 0.050, 0.055),
    ]
)
_CHEST_M = 1.28  # from here up the width is that of the shoulders


def trunk_rings(rig: Rig, low: float, high: float, ease: float) -> list[Ring]:
    """Cross sections between two heights, `ease` wider than the skin."""
    inner = [float(z) for z in _SECTIONS[:, 0] if low + 0.02 < z < high - 0.015]
    return [trunk_ring(rig, z, ease) for z in (low, *inner, high)]


def trunk_ring(rig: Rig, height: float, ease: float) -> Ring:
    """The cross section at one height of the body of 1.75 m."""
    rows = _SECTIONS
    forward, depth, width = (float(np.interp(height, rows[:, 0], rows[:, i])) for i in (1, 2, 3))
    belly = 0.25 * max(0.0, rig.girth / rig.size - 1.0) * float(np.exp(-(((height - 1.08) / 0.12) ** 2)))
    breadth = rig.girth * (1.0 + belly)
    if height > _CHEST_M:
        breadth = 0.5 * (rig.girth + rig.size) * rig.proportions.shoulders
    middle = (forward * rig.size + 0.02 * belly, 0.0, rig.height(height))
    return Ring(middle, depth * rig.girth * (1.0 + belly) + ease, width * breadth + ease)
