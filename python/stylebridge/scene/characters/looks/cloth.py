"""Cloth: the one material that all bodies share; its texture is nearly white, the vertices bring the colour."""

from __future__ import annotations

from functools import cache

import numpy as np

from stylebridge.scene.characters.rotations import Array
from stylebridge.scene.mesh import Material

_SIDE = 128  # texels of a tile
_TILES = {"skin": (0, 0), "weave": (1, 0), "hair": (0, 1), "knit": (1, 1)}
_INSET = 0.04  # so that smaller copies of the texture don't mix neighbours


def tile_uvs(tile: str, u: Array, v: Array) -> Array:
    """Texture coordinates [V,2] within a tile for u, v between 0 and 1."""
    column, row = _TILES[tile]
    inside: Array = _INSET + (1.0 - 2.0 * _INSET) * np.stack([u, v], axis=-1)
    return 0.5 * (inside + np.array([column, row], np.float64))


@cache
def body_material() -> Material:
    """The material; the same object for everybody, so that a renderer can share it."""
    random = np.random.default_rng(40)
    x, y = np.meshgrid(np.arange(_SIDE), np.arange(_SIDE))
    grain = random.normal(0.0, 1.0, (_SIDE, _SIDE))
    soft = (grain + np.roll(grain, 1, 0) + np.roll(grain, 1, 1) + np.roll(grain, 1, (0, 1))) / 4.0
    weave = np.where((x // 2 + y // 2) % 2 == 0, 0.0, -5.0) + 3.0 * soft
    strands = np.cumsum(random.normal(0.0, 5.0, _SIDE))
    strands = 16.0 * np.sin(strands / 4.0)[None, :] + 4.0 * soft
    knit = -14.0 * (np.abs((x + (y % 8) // 4 * 4) % 8 - 4) / 4.0) ** 2 - 8.0 * (y % 8 == 0) + 2.0 * soft
    tiles = {"skin": 246.0 + 3.0 * soft, "weave": 247.0 + weave, "hair": 232.0 + strands, "knit": 250.0 + knit}
    sheet = np.empty((2 * _SIDE, 2 * _SIDE))
    for name, (column, row) in _TILES.items():
        # v grows upward, and the first texel row is at the top
        top = (1 - row) * _SIDE
        sheet[top : top + _SIDE, column * _SIDE : (column + 1) * _SIDE] = tiles[name]
    albedo = np.repeat(np.clip(sheet, 0, 255).astype(np.uint8)[..., None], 3, axis=-1)
    return Material("characters", albedo, shine=0.06, gloss=12.0)
