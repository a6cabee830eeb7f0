"""Surfaces: a skin wraps a pattern round a thing; the pattern colours it and raises its bumps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from renderer.patterns import PATTERNS, Noise
from renderer.vectors import Array, Vec, column_from_vec, unit


@dataclass(frozen=True)
class Skin:
    pattern: str
    a: Vec
    b: Vec
    scale: float = 1.0
    gloss: float = 0.1
    bump: float = 1.0
    glow: float = 0.0
    wrap: bool = False


def paint(skin: Skin, p: Array, n: Array, footprint: Array, noise: Noise) -> tuple[Array, Array]:
    """Albedo and bumped normal of local points p with normals n; `footprint` is the size of a pixel there."""
    axis = np.abs(n).argmax(0)
    side = np.where(axis == 0, p[2], p[0])
    if skin.wrap:
        side = np.where(axis == 1, side, np.arctan2(p[2], p[0]) * 1.0)
    u, v = side / skin.scale, np.where(axis == 1, p[2], p[1]) / skin.scale
    pattern = PATTERNS[skin.pattern]
    blend, tone = pattern(u, v, noise)
    sharp = np.exp(-((footprint / (0.08 * skin.scale)) ** 2) * 0.5)
    step = 0.02
    height = tone * 0.35 - blend
    slope = []
    for du, dv in ((step, 0), (0, step)):
        b, t = pattern(u + du, v + dv, noise)
        slope.append(np.clip((t * 0.35 - b - height) / step * 0.06 * skin.bump, -0.8, 0.8) * sharp)
    tilt = np.stack([np.where(axis == 0, 0, slope[0]), np.where(axis == 1, 0, slope[1]), np.zeros_like(u)])
    tilt[2] = np.where(axis == 0, slope[0], np.where(axis == 1, slope[1], 0))
    mean = blend.mean() * 0.5
    blend, tone = mean + (blend - mean) * sharp, 0.8 + (tone - 0.8) * (0.3 + 0.7 * sharp)
    albedo = (column_from_vec(skin.a) + (column_from_vec(skin.b) - column_from_vec(skin.a)) * blend) * np.maximum(
        tone, 0.05
    )
    return albedo, unit(n - tilt)
