"""Skull: the head's surface, on which face, hair and hats sit."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.characters.looks.rig import Rig
from stylebridge.scene.characters.looks.shapes import Z
from stylebridge.scene.characters.rotations import Array, normalize

# over the skull's joint, forward, half depth, half width
SECTIONS = np.array(
    [
        (-0.028, 0.052, 0.000, 0.000),
        (-0.022, 0.050, 0.034, 0.034),
        (0.005, 0.036, 0.066, 0.058),
        (0.045, 0.022, 0.090, 0.078),
        (0.090, 0.014, 0.103, 0.090),
        (0.135, 0.010, 0.107, 0.093),
        (0.175, 0.006, 0.100, 0.087),
        (0.207, 0.001, 0.081, 0.071),
        (0.226, -0.002, 0.058, 0.052),
        (0.237, -0.003, 0.032, 0.029),
        (0.241, -0.004, 0.000, 0.000),
    ]
)
_SCALE = 1.17  # heads a little larger than life read better from afar
_EARS_M = 0.06  # below, hair hangs down instead of following the jaw
_MIDDLE = np.array([0.005, 0.0, 0.10])


class Skull:
    """One head's surface; angles are 0 at the nose and grow to the left, heights are over the joint, unscaled."""

    def __init__(self, rig: Rig) -> None:
        self.joint = rig.at("head")
        self.scale = _SCALE * rig.proportions.head

    def place(self, angle: Array, height: Array, out: Array | float = 0.0) -> Array:
        """Places [...,3] on the surface, or `out` from it."""
        forward, depth, width = (np.interp(height, SECTIONS[:, 0], SECTIONS[:, i]) for i in (1, 2, 3))
        x = forward + (depth + out) * np.cos(angle)
        y = (width + out) * np.sin(angle)
        places: Array = self.joint + np.stack([x, y, np.broadcast_to(height, x.shape)], axis=-1) * self.scale
        return places

    def swollen(self, angle: Array, height: Array, out: Array) -> Array:
        """Places on the surface blown up from the skull's middle; below the ears it hangs straight down."""
        held = np.maximum(height, _EARS_M)
        places = self.place(angle, held)
        ways = normalize(places - self.joint - _MIDDLE * self.scale)
        swollen: Array = places + (ways * out[..., None] + Z * (height - held)[..., None]) * self.scale
        return swollen
