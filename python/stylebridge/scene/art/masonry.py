"""Textures of built things: paving, walls and roofs."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.art.noise import Cells, Plane, Rng, bumps, courses, fractal, pebbles, ramp, warped
from stylebridge.scene.art.surface import blend, flat, material, palette, shade
from stylebridge.scene.mesh import Material


def cobbles(rng: Rng, name: str = "cobbles", size: int = 512) -> Material:
    """Worn setts in rows, 4 m a repeat; grass dares to grow in some of the gaps."""
    stones = _shaken(courses(rng, size, rows=24, per_row=20, vary=0.28), rng, size, 3.0)
    tone, hue = stones.each(rng), stones.each(rng)
    dome = ramp(stones.edge, -0.5, 6.0) * (1.0 - 0.16 * (stones.across**2 + stones.down**2))
    rough = fractal(rng, size, 32, 3)
    large = fractal(rng, size, 3, 4)
    paint = palette(tone, [(104, 96, 86), (128, 118, 104), (150, 138, 120), (172, 158, 136)])
    paint = blend(paint, (118, 124, 130), 0.5 * ramp(hue, 0.66, 0.8))
    paint = blend(paint, (160, 122, 92), 0.45 * ramp(hue, 0.3, 0.18))
    paint = shade(paint, (0.82 + 0.2 * rough) * (0.88 + 0.2 * large))
    gap = 1.0 - ramp(stones.edge, 0.0, 2.4)
    moss = ramp(large, 0.62, 0.45)
    paint = blend(paint, blend(flat(size, (92, 80, 66)), (104, 110, 58), moss), gap * 0.85)
    return material(name, paint, (dome * 5.0 + rough * 0.8).astype(np.float32), shine=0.10, gloss=18.0)


def flagstones(rng: Rng, name: str = "flagstones", size: int = 512) -> Material:
    """Large pale slabs of unlike widths, 4 m a repeat."""
    slabs = _shaken(courses(rng, size, rows=6, per_row=5, vary=0.4), rng, size, 2.0)
    tone, worn = slabs.each(rng), fractal(rng, size, 5, 5)
    fine = fractal(rng, size, 48, 2)
    paint = palette(tone, [(160, 146, 120), (178, 164, 136), (190, 174, 144), (170, 158, 138)])
    paint = shade(paint, (0.84 + 0.2 * worn) * (0.93 + 0.1 * fine))
    gap = 1.0 - ramp(slabs.edge, 0.6, 3.2)
    paint = blend(paint, (112, 98, 78), gap * 0.8)
    height = ramp(slabs.edge, 0.0, 5.0) * 3.0 + tone * 1.0 + worn * 2.0 + fine * 0.4
    return material(name, paint, height.astype(np.float32), shine=0.10, gloss=22.0)


def blocks(rng: Rng, name: str = "blocks", size: int = 512, moss: float = 0.0) -> Material:
    """Squared stones in courses, 3 m a repeat; `moss` is how green they have become."""
    stones = _shaken(courses(rng, size, rows=8, per_row=5, vary=0.35), rng, size, 2.5)
    tone, hue, worn, fine = stones.each(rng), stones.each(rng), fractal(rng, size, 6, 6), fractal(rng, size, 64, 2)
    warm = [(172, 154, 124), (194, 175, 142), (208, 190, 156), (182, 168, 144)]
    grey = [(138, 134, 122), (158, 152, 136), (174, 168, 150), (148, 146, 138)]
    paint = palette(tone, grey if moss else warm)
    paint = blend(paint, (168, 136, 104), 0.35 * ramp(hue, 0.75, 0.9))
    paint = shade(paint, (0.78 + 0.3 * worn) * (0.92 + 0.12 * fine))
    gap = 1.0 - ramp(stones.edge, 0.8, 4.5)
    paint = blend(paint, (106, 94, 76), gap * 0.75)
    if moss:
        green = ramp(fractal(rng, size, 4, 5) + 0.35 * gap, 0.78 - 0.3 * moss, 0.98 - 0.3 * moss)
        paint = blend(paint, palette(fine, [(62, 84, 36), (96, 118, 48), (130, 142, 62)]), green * 0.85)
    height = ramp(stones.edge, 0.0, 6.0) * 4.0 + worn * 3.0 + fine * 0.7
    return material(name, paint, height.astype(np.float32), shine=0.05)


def plaster(rng: Rng, name: str = "plaster", size: int = 256) -> Material:
    """Limewash to be tinted: near white, clouded, with a few hairline cracks; 4 m a repeat."""
    clouds, fine = fractal(rng, size, 3, 6, 0.55), fractal(rng, size, 40, 2)
    streaks = fractal(rng, size, (2, 20), 3)
    paint = shade(flat(size, (250, 246, 238)), 0.82 + 0.14 * clouds + 0.05 * fine)
    paint = blend(paint, (196, 178, 150), 0.30 * ramp(clouds, 0.40, 0.12))
    paint = blend(paint, (206, 192, 170), 0.28 * ramp(streaks, 0.62, 0.9))
    cracked = pebbles(rng, size, 5, 0.95)
    crack = (1.0 - ramp(cracked.edge, 0.0, 0.022)) * ramp(fractal(rng, size, 3, 3), 0.55, 0.72)
    paint = blend(paint, (140, 122, 100), crack * 0.22)
    return material(name, paint, (clouds * 3.0 + fine * 1.0 - crack * 0.5).astype(np.float32), shine=0.02)


def bricks(rng: Rng, name: str = "bricks", size: int = 256) -> Material:
    """Old bricks with pale joints, 1.6 m a repeat."""
    laid = _shaken(courses(rng, size, rows=16, per_row=7, vary=0.08), rng, size, 1.0)
    tone, worn = laid.each(rng), fractal(rng, size, 8, 4)
    paint = palette(tone, [(138, 74, 54), (164, 92, 66), (182, 108, 76), (150, 96, 78)])
    paint = shade(paint, 0.8 + 0.3 * worn)
    joint = 1.0 - ramp(laid.edge, 0.5, 1.8)
    paint = blend(paint, (186, 168, 142), joint * 0.8)
    return material(name, paint, (ramp(laid.edge, 0.0, 2.5) * 2.0 + worn).astype(np.float32), shine=0.03)


def roof_tiles(rng: Rng, name: str = "tiles", size: int = 512) -> Material:
    """Overlapping clay tiles with round ends, seen up the roof; 3 m a repeat."""
    rows, per_row = 14, 16
    y, x = np.indices((size, size)).astype(np.float32)
    row_px, tile_px = size / rows, size / per_row
    lean = bumps(rng, size, (rows, per_row)) * 1.2
    row = np.floor((y + lean) / row_px)
    # The lower rim of each tile is round: it hangs over the next row in its middle.
    across = ((x / tile_px + 0.5 * (row % 2)) % 1.0) * 2.0 - 1.0
    hang = (1.0 - across**2) * 0.30
    depth = (y + lean) / row_px - row
    row = np.where(depth < hang, row - 1.0, row)
    depth = np.where(depth < hang, depth + 1.0, depth).astype(np.float32)
    across = ((x / tile_px + 0.5 * (row % 2)) % 1.0) * 2.0 - 1.0
    column = np.floor(x / tile_px + 0.5 * (row % 2)) % per_row
    number = ((row % rows) * per_row + column).astype(int)
    tone = rng.random(rows * per_row).astype(np.float32)[number]
    weather = fractal(rng, size, 4, 5)
    paint = palette(tone, [(150, 70, 44), (184, 90, 54), (205, 110, 64), (222, 138, 86), (170, 84, 62)])
    paint = shade(paint, 0.82 + 0.25 * weather)
    paint = blend(paint, (128, 112, 84), 0.35 * ramp(weather, 0.36, 0.14))
    round_up = np.asarray(1.0 - across**2, dtype=np.float32)
    paint = shade(paint, (0.62 + 0.38 * ramp(round_up, 0.02, 0.45)) * (0.66 + 0.34 * ramp(np.asarray(depth), 0.1, 0.5)))
    height = round_up * 5.0 + depth * 5.0
    return material(name, paint, height.astype(np.float32), shine=0.06)


def trim(rng: Rng, name: str = "trim", size: int = 256) -> Material:
    """Dressed pale stone for frames, steps and columns, to be tinted; 2 m a repeat."""
    worn, fine, pits = fractal(rng, size, 4, 6), fractal(rng, size, 48, 2), fractal(rng, size, 20, 3)
    paint = palette(worn, [(196, 184, 162), (224, 213, 190), (238, 228, 208)])
    pit = ramp(pits, 0.30, 0.12)
    paint = shade(paint, (0.92 + 0.1 * fine) * (1.0 - 0.22 * pit))
    return material(name, paint, (worn * 3.0 + fine * 0.8 - pit * 2.0).astype(np.float32), shine=0.06)


def _shaken(cells: Cells, rng: Rng, size: int, pixels: float) -> Cells:
    """Hand-laid: every line a little crooked."""
    across, down = bumps(rng, size, 24) * pixels, bumps(rng, size, 24) * pixels

    def moved(plane: Plane) -> Plane:
        return warped(plane, across, down)

    number = warped(cells.number.astype(np.float32), across, down).astype(np.intp)
    return Cells(number, moved(cells.edge), moved(cells.across), moved(cells.down))
