"""Noise that repeats without a seam: soft bumps, cells, and stones laid in courses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]  # [H,W]
Rng = np.random.Generator


def bumps(rng: Rng, size: int, cells: int | tuple[int, int]) -> Plane:
    """Smooth random values from -1 to 1, `cells` (down, across) of them along the picture."""
    down, across = (cells, cells) if isinstance(cells, int) else cells
    lattice = rng.uniform(-1.0, 1.0, (down, across)).astype(np.float32)
    return np.asarray(_weights(size, down) @ lattice @ _weights(size, across).T, dtype=np.float32)


def fractal(rng: Rng, size: int, cells: int | tuple[int, int] = 4, octaves: int = 5, falloff: float = 0.5) -> Plane:
    """Octaves of bumps, each finer and weaker, stretched to 0..1."""
    down, across = (cells, cells) if isinstance(cells, int) else cells
    total = np.zeros((size, size), dtype=np.float32)
    strength = 1.0
    for _ in range(octaves):
        if max(down, across) > size // 2:
            break
        total += np.float32(strength) * bumps(rng, size, (down, across))
        down, across, strength = down * 2, across * 2, strength * falloff
    return stretched(total)


def stretched(plane: Plane) -> Plane:
    """The same plane from 0 to 1."""
    low, high = float(plane.min()), float(plane.max())
    return np.asarray((plane - low) / max(high - low, 1e-9), dtype=np.float32)


def warped(plane: Plane, across: Plane, down: Plane) -> Plane:
    """The plane looked up elsewhere: displaced by so many pixels, wrapping around."""
    rows, columns = np.indices(plane.shape)
    height, width = plane.shape
    return np.asarray(
        plane[(rows + np.rint(down)).astype(int) % height, (columns + np.rint(across)).astype(int) % width]
    )


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """A surface cut into stones: where each texel lies in its stone."""

    number: NDArray[np.intp]  # which stone
    edge: Plane  # distance to the nearest gap, in pixels for courses, in cell widths for pebbles
    across: Plane  # -1 to 1 from the stone's left to its right
    down: Plane  # -1 to 1 from its top to its bottom

    def each(self, rng: Rng) -> Plane:
        """A random number from 0 to 1 for each stone."""
        values = rng.random(int(self.number.max()) + 1).astype(np.float32)
        return np.asarray(values[self.number])


def pebbles(rng: Rng, size: int, cells: int, jitter: float = 0.8) -> Cells:
    """Voronoi cells around a jittered lattice."""
    offsets = 0.5 + jitter * (rng.random((cells, cells, 2), dtype=np.float32) - 0.5)
    at = (np.arange(size, dtype=np.float32) + 0.5) * np.float32(cells / size)
    y, x = np.meshgrid(at, at, indexing="ij")
    cell_y, cell_x = y.astype(int), x.astype(int)
    nearest = np.full((size, size), np.inf, dtype=np.float32)
    second = nearest.copy()
    number = np.zeros((size, size), dtype=np.intp)
    across, down = np.zeros_like(nearest), np.zeros_like(nearest)
    for step_y in (-1, 0, 1):
        for step_x in (-1, 0, 1):
            row, column = (cell_y + step_y) % cells, (cell_x + step_x) % cells
            point = offsets[row, column]
            away_y = y - (cell_y + step_y + point[..., 0])
            away_x = x - (cell_x + step_x + point[..., 1])
            distance = np.sqrt(away_x * away_x + away_y * away_y)
            closer = distance < nearest
            second = np.where(closer, nearest, np.minimum(second, distance))
            nearest = np.where(closer, distance, nearest)
            number = np.where(closer, row * cells + column, number)
            across, down = np.where(closer, away_x, across), np.where(closer, away_y, down)
    return Cells(number, (second - nearest) * 0.5, across * 2.0, down * 2.0)


def courses(rng: Rng, size: int, rows: int, per_row: int, vary: float = 0.0, offset: float = 0.5) -> Cells:
    """Stones laid in rows; `vary` is how much their widths differ, `offset` how far every other row is shifted."""
    row_height = size / rows
    columns = np.arange(size)
    number = np.zeros((size, size), dtype=np.intp)
    edge, across = np.zeros((size, size), dtype=np.float32), np.zeros((size, size), dtype=np.float32)
    row_of = np.minimum((np.arange(size) / row_height).astype(int), rows - 1)
    for row in range(rows):
        widths = 1.0 + vary * rng.uniform(-1.0, 1.0, per_row)
        starts = np.concatenate([[0.0], np.cumsum(widths / widths.sum() * size)])
        shifted = (columns + 0.5 + (row % 2) * offset * size / per_row) % size
        which = np.clip(np.searchsorted(starts, shifted, side="right") - 1, 0, per_row - 1)
        left, right = shifted - starts[which], starts[which + 1] - shifted
        here = row_of == row
        number[here] = row * per_row + which
        edge[here] = np.minimum(left, right)
        across[here] = (left - right) / (left + right)
    into_row = (np.arange(size) + 0.5) - row_of * row_height
    vertical = np.minimum(into_row, row_height - into_row).astype(np.float32)
    down = np.broadcast_to((2.0 * into_row / row_height - 1.0).astype(np.float32)[:, None], (size, size))
    if rows > 1:  # a single row runs on for ever, like boards
        edge = np.minimum(edge, vertical[:, None])
    return Cells(number, edge, across, np.asarray(down))


def ramp(plane: Plane, low: Plane | float, high: Plane | float) -> Plane:
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((plane - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), dtype=np.float32)


def _weights(size: int, cells: int) -> Plane:
    """[size,cells]: how much each lattice value counts at each pixel, wrapping around."""
    at = np.arange(size) * cells / size
    left = at.astype(int)
    t = at - left
    t = t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
    weights = np.zeros((size, cells), dtype=np.float32)
    rows = np.arange(size)
    weights[rows, left % cells] += 1.0 - t
    weights[rows, (left + 1) % cells] += t
    return weights
