"""Blending: poses go on from one clip to the next in place and in speed, and the difference fades out."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.characters.rotations import (
    Array,
    Indices,
    conjugate,
    multiply,
    normalize,
    quaternion_from_vector,
    vector_from_quaternion,
)
from stylebridge.scene.characters.springs import decay

_HALF_LIFE_S = 0.085


class Blend:
    """What N characters show: the poses of their clips plus what is left of the clips before."""

    def __init__(self, turns: Array, hips: Array) -> None:
        self.turns = turns.copy()  # [N,J,4] local, the hips' from the root's heading
        self.hips = hips.copy()  # [N,3] from the root, along its heading
        self._turn_speed = np.zeros((*turns.shape[:2], 3))
        self._hips_speed = np.zeros_like(hips)
        self._turn_offset, self._turn_offset_speed = self._turn_speed.copy(), self._turn_speed.copy()
        self._hips_offset, self._hips_offset_speed = self._hips_speed.copy(), self._hips_speed.copy()

    def join(self, rows: Indices, pose: tuple[Array, Array], next_pose: tuple[Array, Array], dt: float) -> None:
        """Some go on from other poses, the second of which comes dt later."""
        (turns, hips), (next_turns, next_hips) = pose, next_pose
        turn_speed = vector_from_quaternion(multiply(next_turns, conjugate(turns))) / dt
        self._turn_offset[rows] = vector_from_quaternion(multiply(self.turns[rows], conjugate(turns)))
        self._turn_offset_speed[rows] = self._turn_speed[rows] - turn_speed
        self._hips_offset[rows] = self.hips[rows] - hips
        self._hips_offset_speed[rows] = self._hips_speed[rows] - (next_hips - hips) / dt

    def show(self, dt: float, turns: Array, hips: Array) -> None:
        """Everybody's clip is dt further."""
        self._turn_offset, self._turn_offset_speed = decay(self._turn_offset, self._turn_offset_speed, _HALF_LIFE_S, dt)
        self._hips_offset, self._hips_offset_speed = decay(self._hips_offset, self._hips_offset_speed, _HALF_LIFE_S, dt)
        shown = normalize(multiply(quaternion_from_vector(self._turn_offset), turns))
        self._turn_speed = vector_from_quaternion(multiply(shown, conjugate(self.turns))) / dt
        self._hips_speed = (hips + self._hips_offset - self.hips) / dt
        self.turns, self.hips = shown, hips + self._hips_offset
