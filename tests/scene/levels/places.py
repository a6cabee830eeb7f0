"""What the level tests share: levels built once, and how far things are from each other."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from stylebridge.scene.levels import LEVELS, build_level
from stylebridge.scene.levels.level import Box, Disc, Level
from stylebridge.scene.mesh import Mesh, Piece

NAMES = tuple(LEVELS)
SEEDS = (7, 1)
EVERY = [(name, seed) for name in NAMES for seed in SEEDS]


@cache
def level_of(name: str, seed: int) -> Level:
    return build_level(name, seed)


def all_pieces(level: Level) -> list[Piece]:
    return [*level.pieces, *(mover.piece for mover in level.movers)]


def outside(shape: Box | Disc, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres from the [N,2] places to the footprint, 0 within it; worked out unlike the package does."""
    away = places - (shape.x, shape.y)
    if isinstance(shape, Disc):
        return np.maximum(np.linalg.norm(away, axis=1) - shape.radius, 0.0)
    turn = np.exp(-1j * shape.heading_rad)
    own = (away[:, 0] + 1j * away[:, 1]) * turn
    nearest = np.clip(own.real, -shape.half_x, shape.half_x) + 1j * np.clip(own.imag, -shape.half_y, shape.half_y)
    return np.abs(own - nearest)


def loop(route: NDArray[np.float64], step_m: float = 0.1) -> NDArray[np.float64]:
    """Points along a closed route."""
    points = []
    for a, b in zip(route, np.roll(route, -1, axis=0), strict=True):
        count = int(np.linalg.norm(b - a) / step_m) + 1
        points.append(a + (b - a) * np.linspace(0.0, 1.0, count, endpoint=False)[:, None])
    return np.concatenate(points)


def face_normals(mesh: Mesh) -> NDArray[np.float64]:
    """[T,3], as long as twice the triangle's area."""
    a, b, c = (mesh.positions[mesh.triangles[:, k]].astype(np.float64) for k in range(3))
    return np.cross(b - a, c - a)


def volume(mesh: Mesh) -> float:
    """What a closed mesh holds; below 0 when it is wound inside out."""
    a, b, c = (mesh.positions[mesh.triangles[:, k]].astype(np.float64) for k in range(3))
    return float((a * np.cross(b, c)).sum() / 6.0)
