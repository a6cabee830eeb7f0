"""Signed distances: p is [3,N] metres in the thing's own frame, the answer [N], negative inside."""

from __future__ import annotations

import math

import numpy as np

from renderer.vectors import Array, Vec


def box(p: Array, half: Vec, rounding: float = 0.03) -> Array:
    x, y, z = (np.abs(p[i]) - (half[i] - rounding) for i in range(3))
    inside = np.minimum(np.maximum(np.maximum(x, y), z), 0)
    return np.sqrt(np.maximum(x, 0) ** 2 + np.maximum(y, 0) ** 2 + np.maximum(z, 0) ** 2) + inside - rounding


def capsule(p: Array, a: Array, b: Array, radius_a: float, radius_b: float) -> Array:
    axis = b - a
    x, y, z = p[0] - a[0], p[1] - a[1], p[2] - a[2]
    h = np.clip((x * axis[0] + y * axis[1] + z * axis[2]) / float(axis @ axis), 0, 1)
    gap = np.sqrt((x - h * axis[0]) ** 2 + (y - h * axis[1]) ** 2 + (z - h * axis[2]) ** 2)
    return gap - (radius_a + h * (radius_b - radius_a))


def drum(p: Array, radius: Array | float, half_height: float, rounding: float = 0.03) -> Array:
    x = np.sqrt(p[0] ** 2 + p[2] ** 2) - radius + rounding
    y = np.abs(p[1]) - half_height + rounding
    return np.sqrt(np.maximum(x, 0) ** 2 + np.maximum(y, 0) ** 2) + np.minimum(np.maximum(x, y), 0) - rounding


def column(p: Array, radius: float, half_height: float) -> Array:
    end = half_height - np.abs(p[1])
    flutes = 0.012 * np.abs(np.sin(9 * np.arctan2(p[2], p[0])))
    shaft = drum(p, radius * (0.96 - 0.06 * p[1] / half_height) + flutes, half_height)
    collar = np.hypot(np.hypot(p[0], p[2]) - radius, end - 0.34) - 0.09
    plinth = np.maximum(np.maximum(np.abs(p[0]), np.abs(p[2])) - radius * 1.45, end - 0.22)
    return np.minimum(np.minimum(shaft, collar), np.maximum(plinth, -end))


def pierced(p: Array, half: Vec, period: float, width: float, sill: float, spring: float) -> Array:
    """A slab with round-headed openings every `period` metres."""
    last = math.floor((half[0] - width * 1.2) / period)
    x = p[0] - period * np.clip(np.round(p[0] / period), -last, last)
    hole = np.maximum(np.hypot(x, np.maximum(p[1] - spring, 0)) - width, sill - p[1])
    return np.maximum(box(p, half), -hole)


def foliage(p: Array, blobs: Array) -> Array:
    d = np.full(p.shape[1], 9.0, np.float32)
    for x, y, z, radius in blobs:
        d = np.minimum(d, np.sqrt((p[0] - x) ** 2 + (p[1] - y) ** 2 + (p[2] - z) ** 2) - radius)
    bumps = np.sin(9 * p[0] + 2 * p[1]) * np.sin(8 * p[1] + 1.5 * p[2]) * np.sin(9 * p[2] + 2 * p[0])
    return d + 0.13 * bumps + 0.05 * np.sin(23 * p[0]) * np.sin(21 * p[1] + 2) * np.sin(22 * p[2])


def roof(p: Array, half: Vec, conical: bool) -> Array:
    across = np.hypot(p[0], p[2]) if conical else np.abs(p[2])
    slope = math.hypot(half[1] * 2, half[2])
    side = (across * half[1] * 2 + (p[1] - half[1]) * half[2]) / slope
    ends = -p[1] - half[1] if conical else np.maximum(np.abs(p[0]) - half[0], -p[1] - half[1])
    return np.maximum(side, ends)


def cape(p: Array, half: Vec, sway: float) -> Array:
    down = (half[1] - p[1]) / (2 * half[1])
    hang = 0.16 - 2 * sway * down**2 + 1.6 * p[0] ** 2 + 0.03 * np.sin(17 * p[0] + 3 * down) * down
    q = np.stack([p[0] / (0.55 + 0.45 * down), p[1], p[2] - hang])
    return 0.6 * box(q, (half[0], half[1], 0.03), 0.02)
