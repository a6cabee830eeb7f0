"""Flat cards of leaves, blossoms and grass, seen from both sides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stylebridge.scene.art.form import Form, Points, cross, form
from stylebridge.scene.art.noise import Rng

WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def sprays(rng: Rng, lumps: Sequence[tuple[Points, float]], count: int, size: float) -> Form:
    """Round sprays of leaves on the skin of the lumps, lit like the lump they belong to."""
    middles, radii = np.array([middle for middle, _ in lumps]), np.array([radius for _, radius in lumps])
    which = rng.choice(len(lumps), count, p=radii**2 / (radii**2).sum())
    out = _unit(rng.normal(size=(count, 3)) + np.array([0.0, 0.0, 0.3]))
    face = out + rng.normal(0.0, 0.32, (count, 3))
    half = size * 0.8 * rng.uniform(0.8, 1.15, count)
    at = middles[which] + out * (radii[which] * rng.uniform(0.88, 1.0, count))[:, None]
    return cards(at, face, half, rng.uniform(0.0, 6.28, count), out * 0.8 + np.array([0.0, 0.0, 0.35]))


def cards(at: Points, face: Points, half: Points, turn: Points, normal: Points) -> Form:
    """Squares of leaves around [N,3] places that face this way, lit as if they had these normals."""
    face = _unit(face)
    side = _unit(cross(face, np.stack([np.cos(turn), np.sin(turn), 0.0 * turn + 0.3], axis=-1)))
    up = cross(face, side)
    corners = np.stack([-side - up, side - up, side + up, up - side], axis=1) * half[:, None, None] + at[:, None]
    return both_sides(corners, normal)


def both_sides(corners: Points, normal: Points, uvs: Points | None = None) -> Form:
    """Cards from [N,4,3] corners, each with one normal for both of its sides.

    A leaf's back is as bright as its face, because light comes through; a two-sided material would turn the normal.
    """
    count = len(corners)
    first = 4 * np.arange(count)[:, None, None]
    triangles = (first + np.array([[0, 1, 2], [0, 2, 3], [2, 1, 0], [3, 2, 0]])).reshape(-1, 3)
    normals = np.repeat(_unit(np.broadcast_to(normal, (count, 3))), 4, axis=0)
    places = np.tile(WHOLE, (count, 1)) if uvs is None else uvs.reshape(-1, 2)
    return form(corners.reshape(-1, 3), normals, places, triangles)


def _unit(vectors: Points) -> Points:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))
