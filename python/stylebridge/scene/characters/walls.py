"""Walls: how far it is to the nearest obstacle, and the way out of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stylebridge.scene.characters.rotations import Array, dot, turn_plane
from stylebridge.scene.levels.level import Box, Disc

_FAR_M = 1e3


class Walls:
    """The obstacles of a level, and its edge, as distances."""

    def __init__(self, obstacles: Sequence[Box | Disc], half_side: float) -> None:
        boxes = [o for o in obstacles if isinstance(o, Box)]
        discs = [o for o in obstacles if isinstance(o, Disc)]
        self._box_places = np.array([(b.x, b.y) for b in boxes]).reshape(-1, 2)
        self._box_halves = np.array([(b.half_x, b.half_y) for b in boxes]).reshape(-1, 2)
        self._box_headings = np.array([b.heading_rad for b in boxes])
        self._disc_places = np.array([(d.x, d.y) for d in discs]).reshape(-1, 2)
        self._disc_radii = np.array([d.radius for d in discs])
        self._half_side = half_side

    def nearest(self, places: Array) -> tuple[Array, Array]:
        """Distance [N] to the nearest obstacle, below 0 inside of it, and the direction [N,2] that leads away."""
        distance = self._half_side - np.max(np.abs(places), axis=-1)
        on_x = np.abs(places[:, 0]) > np.abs(places[:, 1])
        away = -np.sign(places) * np.stack([on_x, ~on_x], axis=-1)
        for found, direction in (self._from_boxes(places), self._from_discs(places)):
            nearer = found < distance
            distance = np.where(nearer, found, distance)
            away = np.where(nearer[:, None], direction, away)
        return distance, away

    def push_out(self, places: Array, radius_m: float) -> tuple[Array, Array, Array]:
        """The same places, none of them nearer to an obstacle than a radius, and what is `nearest` to them then."""
        distance, away = self.nearest(places)
        for _ in range(3):  # out of one may lead into the next
            short = np.maximum(radius_m - distance, 0.0)
            if not short.any():
                break
            places = places + away * (short + 1e-9 * (short > 0.0))[:, None]
            places = np.clip(places, radius_m - self._half_side, self._half_side - radius_m)
            distance, away = self.nearest(places)
        return places, distance, away

    @staticmethod
    def slide(velocity: Array, distance: Array, away: Array, radius_m: float) -> Array:
        """Wished velocities [N,2] without the part that runs into what is near, found by `nearest`."""
        inward = np.minimum(dot(velocity, away), 0.0)
        room = np.clip((distance - radius_m) / 0.5, 0.0, 1.0)  # slow down within the last half metre
        return velocity - away * (inward * (1.0 - room))[:, None]

    def _from_boxes(self, places: Array) -> tuple[Array, Array]:
        if not len(self._box_places):
            return np.full(len(places), _FAR_M), np.zeros_like(places)
        local = turn_plane(places[:, None] - self._box_places, -self._box_headings)  # [N,B,2]
        beyond = np.abs(local) - self._box_halves
        outside = np.maximum(beyond, 0.0)
        distances = np.sqrt(dot(outside, outside)) + np.minimum(np.max(beyond, axis=-1), 0.0)
        index = np.argmin(distances, axis=-1)
        rows = np.arange(len(places))
        distance, out, gap = distances[rows, index], outside[rows, index], beyond[rows, index]
        side = np.where(local[rows, index] < 0.0, -1.0, 1.0)
        shallow = np.stack([gap[:, 0] >= gap[:, 1], gap[:, 0] < gap[:, 1]], axis=-1)
        ways = np.where(distance[:, None] > 0.0, out / np.maximum(distance, 1e-9)[:, None], shallow) * side
        return distance, turn_plane(ways, self._box_headings[index])

    def _from_discs(self, places: Array) -> tuple[Array, Array]:
        if not len(self._disc_places):
            return np.full(len(places), _FAR_M), np.zeros_like(places)
        apart = places[:, None] - self._disc_places  # [N,D,2]
        lengths = np.sqrt(dot(apart, apart))
        index = np.argmin(lengths - self._disc_radii, axis=-1)
        rows = np.arange(len(places))
        length = lengths[rows, index]
        ways = np.where(length[:, None] > 1e-6, apart[rows, index] / np.maximum(length, 1e-6)[:, None], [1.0, 0.0])
        return length - self._disc_radii[index], ways
