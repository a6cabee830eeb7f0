"""Textures of made things: wood, cloth, metal, glass, fruit."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.art.noise import Rng, bumps, courses, fractal, pebbles, ramp, warped
from stylebridge.scene.art.surface import blend, flat, material, palette, shade
from stylebridge.scene.mesh import Material


def planks(rng: Rng, name: str = "planks", size: int = 256) -> Material:
    """Brown boards side by side, grain upwards, 1.2 m a repeat."""
    boards = courses(rng, size, rows=1, per_row=6, vary=0.2, offset=0.0)
    edge = np.minimum(boards.edge, 6.0)
    tone = boards.each(rng)
    grain = warped(fractal(rng, size, (3, 48), 3, 0.6), bumps(rng, size, 4) * 4, bumps(rng, size, 4) * 10)
    paint = palette(0.5 * tone + 0.5 * grain, [(92, 62, 38), (124, 86, 54), (152, 110, 70), (178, 136, 92)])
    gap = 1.0 - ramp(edge, 0.4, 2.4)
    paint = blend(paint, (48, 34, 24), gap * 0.85)
    return material(name, paint, (ramp(edge, 0.0, 3.0) * 3.0 + grain * 1.5).astype(np.float32), shine=0.06)


def painted_wood(rng: Rng, name: str = "painted", size: int = 256) -> Material:
    """Boards under paint that has begun to flake, near white so that it can be tinted; 1.2 m a repeat."""
    boards = courses(rng, size, rows=1, per_row=8, vary=0.05, offset=0.0)
    grain, flakes = fractal(rng, size, (3, 40), 3), fractal(rng, size, (5, 12), 5)
    gap = 1.0 - ramp(np.minimum(boards.edge, 6.0), 0.3, 2.2)
    paint = shade(flat(size, (246, 244, 238)), 0.84 + 0.16 * grain)
    bare = ramp(flakes, 0.76, 0.86)
    paint = blend(paint, palette(grain, [(150, 128, 100), (190, 170, 138)]), bare * 0.8)
    paint = shade(paint, 1.0 - 0.5 * gap)
    height = ramp(np.minimum(boards.edge, 6.0), 0.0, 2.5) * 2.5 + grain * 0.8 - bare * 0.8
    return material(name, paint, height.astype(np.float32), shine=0.10, gloss=24.0)


def cloth(rng: Rng, name: str = "cloth", size: int = 128) -> Material:
    """Plain weave, near white so that it can be tinted; 1 m a repeat."""
    weave, folds = fractal(rng, size, 40, 2), fractal(rng, size, (2, 6), 3)
    paint = shade(flat(size, (250, 248, 244)), 0.80 + 0.12 * folds + 0.10 * weave)
    return material(name, paint, (weave * 0.7 + folds * 4.0).astype(np.float32), two_sided=True, sway=0.22)


def metal(rng: Rng, name: str = "metal", size: int = 128) -> Material:
    """Dark wrought iron, hammered; 1 m a repeat."""
    dents, fine = pebbles(rng, size, 12, 0.9), fractal(rng, size, 24, 3)
    paint = palette(fine, [(52, 54, 58), (74, 76, 80), (98, 98, 98)])
    paint = blend(paint, (112, 80, 58), 0.35 * ramp(fractal(rng, size, 4, 4), 0.66, 0.9))
    return material(name, paint, (ramp(dents.edge, 0.0, 0.3) * 1.5).astype(np.float32), shine=0.5, gloss=28.0)


def gilt(rng: Rng, name: str = "gilt", size: int = 128) -> Material:
    """Gold leaf and polished brass; 1 m a repeat."""
    fine = fractal(rng, size, 12, 4)
    paint = palette(fine, [(190, 136, 52), (224, 176, 78), (246, 212, 122)])
    return material(name, paint, (fine * 1.5).astype(np.float32), shine=0.8, gloss=36.0)


def glass(rng: Rng, name: str = "glass", size: int = 128, lit: bool = False) -> Material:
    """Window panes, one repeat a window: dark by day; the lit ones glow with the lamps."""
    y, x = np.indices((size, size)).astype(np.float32) / size
    bars = 1.0 - ramp(np.minimum(np.abs(x - 0.5), np.minimum(*(np.abs(y - at) for at in (0.34, 0.67)))), 0.018, 0.03)
    clouds = fractal(rng, size, 3, 4)
    cold = palette(np.clip(1.0 - y + 0.3 * (clouds - 0.5), 0, 1), [(34, 46, 60), (58, 80, 98), (120, 150, 168)])
    warm = palette(np.clip(1.0 - np.hypot(x - 0.5, y - 0.4), 0, 1), [(112, 52, 16), (190, 108, 38), (236, 172, 84)])
    paint = blend(blend(cold, warm, 0.72) if lit else cold, (88, 76, 62), bars * 0.9)
    return material(name, paint, (bars * 2.0).astype(np.float32), shine=0.7, gloss=60.0, glow=0.45 if lit else 0.0)


def lamp_glass(name: str = "lamp", size: int = 32) -> Material:
    """The warm glass of a street lamp, and any flame."""
    y = np.linspace(0.0, 1.0, size, dtype=np.float32)[:, None] * np.ones((1, size), dtype=np.float32)
    paint = palette(y, [(255, 222, 140), (255, 186, 84), (240, 138, 48)])
    return material(name, paint, shine=0.4, gloss=40.0, glow=0.55, sway=0.09)


def clock_face(name: str = "clock", size: int = 256) -> Material:
    """A cream dial with twelve marks, once over the whole square."""
    y, x = (np.indices((size, size)).astype(np.float32) + 0.5) / size * 2.0 - 1.0
    radius, angle = np.hypot(x, y), np.arctan2(x, -y)
    hour = np.abs((angle / (2.0 * np.pi) * 12.0 + 0.5) % 1.0 - 0.5) * radius
    quarter = np.abs((angle / (2.0 * np.pi) * 4.0 + 0.5) % 1.0 - 0.5) * radius
    ring = ramp(radius, 0.66, 0.68) * (1.0 - ramp(radius, 0.86, 0.88))
    marks = np.maximum(1.0 - ramp(hour, 0.075, 0.10), 1.0 - ramp(quarter, 0.045, 0.06)) * ring
    rims = np.maximum(1.0 - ramp(np.abs(radius - 0.93), 0.025, 0.04), 1.0 - ramp(np.abs(radius - 0.6), 0.006, 0.016))
    paint = palette(np.clip(1.0 - radius, 0, 1), [(226, 212, 178), (246, 238, 214)])
    paint = blend(paint, (44, 56, 86), np.maximum(marks, rims))
    paint = blend(paint, (160, 118, 52), ramp(radius, 0.95, 0.965))
    return material(name, paint, shine=0.15, glow=0.2)


def fruit(rng: Rng, name: str = "fruit", size: int = 64) -> Material:
    """Mottled skin, near white so that it can be tinted: fruit, bread, flower heads."""
    spots = fractal(rng, size, 6, 3)
    paint = shade(flat(size, (255, 252, 246)), 0.80 + 0.2 * spots)
    return material(name, paint, (spots * 1.0).astype(np.float32), shine=0.25, gloss=20.0)


def crystal(rng: Rng, name: str = "crystal", size: int = 64) -> Material:
    """Blue-green stone with light in it."""
    veins = fractal(rng, size, 3, 4)
    paint = palette(veins, [(30, 120, 150), (60, 190, 200), (150, 240, 230)])
    return material(name, paint, (veins * 2.0).astype(np.float32), shine=0.9, gloss=50.0, glow=0.7)
