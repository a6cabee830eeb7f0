"""Terrain: heights on a grid and level platforms on top, exactly as the triangles show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stylebridge.scene.levels.level import Box, Disc

Heights = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Platform:
    """A level floor: the top of a step, a podium, a terrace."""

    shape: Box | Disc
    z: float


class Terrain:
    """Heights [R,C] at the corners of square cells, row 0 in the south; calling it gives the walkable height."""

    def __init__(self, heights: Heights, step_m: float, platforms: Sequence[Platform] = ()) -> None:
        self.heights = heights
        self.step_m = step_m
        self.platforms = tuple(platforms)
        self._footprints = footprints([platform.shape for platform in self.platforms])
        self._tops = np.array([platform.z for platform in self.platforms])[:, None]

    @property
    def half_side(self) -> float:
        """The grid reaches this far from the origin."""
        return float(self.heights.shape[0] - 1) * self.step_m / 2.0

    def __call__(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """[N,2] -> [N] metres; outside the grid its rim goes on."""
        places = np.asarray(places, dtype=np.float64).reshape(-1, 2)
        height = self._grid_height(places)
        if self.platforms:
            tops = np.where(_gaps(self._footprints, places) <= 0.0, self._tops, -np.inf)
            height = np.maximum(height, tops.max(axis=0))
        return height

    def at(self, x: float, y: float) -> float:
        """The height at one place."""
        return float(self(np.array([[x, y]]))[0])

    def on_platform(self, places: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of the [N,2] places lie on one of the platforms."""
        if not self.platforms:
            return np.zeros(len(places), dtype=np.bool_)
        return np.asarray((_gaps(self._footprints, places) <= 0.0).any(axis=0))

    def _grid_height(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        last = self.heights.shape[0] - 2
        across = np.clip((places + self.half_side) / self.step_m, 0.0, last + 1.0)
        cell = np.minimum(across.astype(int), last)
        fx, fy = (across - cell).T
        column, row = cell.T
        a, b = self.heights[row, column], self.heights[row, column + 1]
        d, c = self.heights[row + 1, column], self.heights[row + 1, column + 1]
        # Each cell is two triangles that meet along the diagonal from a to c, like those of shapes.grid.
        below = a + fx * (b - a) + fy * (c - b)
        above = a + fy * (d - a) + fx * (c - d)
        return np.asarray(np.where(fx >= fy, below, above))

    def points(self) -> NDArray[np.float64]:
        """The corners, [R,C,3]."""
        line = np.arange(self.heights.shape[0]) * self.step_m - self.half_side
        x, y = np.meshgrid(line, line)
        return np.stack([x, y, self.heights], axis=-1)


def nearest_gap(shapes: Sequence[Box | Disc], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each of the [N,2] places is from the nearest footprint; below 0 inside one."""
    if not shapes:
        return np.full(len(places), np.inf)
    return np.asarray(_gaps(footprints(shapes), places).min(axis=0))


def footprints(shapes: Sequence[Box | Disc]) -> NDArray[np.float64]:
    """[6,S,1]: middle, half sizes, heading and radius of each shape."""
    rows = [
        (s.x, s.y, 0.0, 0.0, 0.0, s.radius)
        if isinstance(s, Disc)
        else (s.x, s.y, s.half_x, s.half_y, s.heading_rad, 0.0)
        for s in shapes
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, 6).T[:, :, None]


def _gaps(table: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """[S,N]: how far each place is outside each footprint."""
    x, y, half_x, half_y, heading, radius = table
    away_x, away_y = places[:, 0] - x, places[:, 1] - y
    c, s = np.cos(heading), np.sin(heading)
    out_x, out_y = np.abs(c * away_x + s * away_y) - half_x, np.abs(c * away_y - s * away_x) - half_y
    outside = np.hypot(np.maximum(out_x, 0.0), np.maximum(out_y, 0.0))
    return np.asarray(outside + np.minimum(np.maximum(out_x, out_y), 0.0) - radius)
