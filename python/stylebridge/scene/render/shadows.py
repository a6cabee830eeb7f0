"""Shadow maps: one of all that stands still, drawn again when the sun has moved; one of what moves, every frame."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.scene.render.host import Host
from stylebridge.scene.render.optics import checked_direction, orthographic, view_towards
from stylebridge.scene.render.panda import panda, panda_matrix
from stylebridge.scene.render.passes import Pass, target
from stylebridge.scene.snapshot import Matrix

STILL_SIDE = 2048
MOVING_SIDE = 640
MOVING_HALF_M = 15.0
MOVING_AHEAD_M = 11.0
DEPTH_HALF_M = 90.0
_SUN_STEPS = 256.0
_TO_TEXTURE = np.array([[0.5, 0, 0, 0.5], [0, 0.5, 0, 0.5], [0, 0, 0.5, 0.5], [0, 0, 0, 1]])


class Shadows:
    """Both maps of a level and the matrices that lead into them."""

    def __init__(
        self, host: Host, still_root: Any, moving_root: Any, places: NDArray[np.float32], *, soft: bool
    ) -> None:
        core = panda()
        self._places = places.astype(np.float64)  # [N,3] of what stands still
        self._drawn_for: tuple[float, ...] = ()
        self._sides = (STILL_SIDE, MOVING_SIDE)
        self.still_map, self.moving_map = (target((side, side), "shadow" if soft else "depth") for side in self._sides)
        self._roots = (still_root, moving_root)
        self._still = Pass(host, "still shadows", (STILL_SIDE,) * 2, 1, depth=self.still_map)
        self._moving = Pass(host, "moving shadows", (MOVING_SIDE,) * 2, 2, depth=self.moving_map)
        for made, root, side in ((self._still, still_root, STILL_SIDE), (self._moving, moving_root, MOVING_SIDE)):
            made.look_at(root, core.OrthographicLens())
            # A rim stays empty, so that what is outside of the map finds light at its edge.
            made.region.set_dimensions(2 / side, 1 - 2 / side, 2 / side, 1 - 2 / side)
            made.region.set_clear_depth_active(False)
            made.buffer.set_clear_depth_active(True)
        self.still_matrix: Matrix = np.eye(4)
        self.moving_matrix: Matrix = np.eye(4)

    def prepare(self, sun: tuple[float, float, float], camera: Matrix) -> None:
        """Aim both maps for this frame; `camera` is eye -> world."""
        # In steps, so that the map is a function of the snapshot alone and yet is seldom drawn.
        stepped = np.round(np.asarray(checked_direction(sun)) * _SUN_STEPS)
        key = tuple(stepped.tolist())
        if key != self._drawn_for:
            self.still_matrix = self._aim_still(stepped)
            self._drawn_for = key
            self._still.switch(True)
        self.moving_matrix = self._aim_moving(stepped, camera)
        self._moving.switch(True)

    def draw(self, host: Host) -> None:
        """Draw those that changed, now."""
        host.render()
        self._still.switch(False)
        self._moving.switch(False)

    def close(self) -> None:
        """Give the buffers back."""
        self._still.close()
        self._moving.close()

    def _aim_still(self, sun: NDArray[np.float64]) -> Matrix:
        view = view_towards(-sun, np.zeros(3))
        seen = self._places @ view[:3, :3].T
        low, high = seen.min(axis=0) - 0.5, seen.max(axis=0) + 0.5
        middle = (low + high) / 2
        view[:3, 3] = -middle
        half = (high - low) / 2
        return self._aim(0, self._still, view, (half[0], half[1], half[2]))

    def _aim_moving(self, sun: NDArray[np.float64], camera: Matrix) -> Matrix:
        ahead = -camera[:2, 2] / max(float(np.linalg.norm(camera[:2, 2])), 1e-6)
        middle = np.array([*(camera[:2, 3] + ahead * MOVING_AHEAD_M), 0.0])
        view = view_towards(-sun, np.zeros(3))
        texel = 2 * MOVING_HALF_M / MOVING_SIDE
        seen = view[:3, :3] @ middle
        seen[:2] = np.round(seen[:2] / texel) * texel  # whole texels: edges stand still while the eye moves
        view[:3, 3] = -seen
        return self._aim(1, self._moving, view, (MOVING_HALF_M, MOVING_HALF_M, DEPTH_HALF_M))

    def _aim(self, which: int, made: Pass, view: Matrix, half: tuple[float, float, float]) -> Matrix:
        made.lens.set_film_size(2 * half[0], 2 * half[1])
        made.lens.set_near_far(-half[2], half[2])
        made.stand(view)
        clip = orthographic(half[0], half[1], -half[2], half[2]) @ view
        shrunk = np.diag([1 - 4 / self._sides[which], 1 - 4 / self._sides[which], 1, 1])
        self._roots[which].set_shader_input("view_projection", panda_matrix(clip))
        return np.asarray(_TO_TEXTURE @ shrunk @ clip)
