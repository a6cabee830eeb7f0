"""Textures of grown things and of the ground: grass, earth, rock, bark, leaves, water."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stylebridge.scene.art.noise import Plane, Rng, bumps, fractal, pebbles, ramp, stretched, warped
from stylebridge.scene.art.surface import Paint, Rgb, blend, flat, material, palette, shade
from stylebridge.scene.mesh import Material

GREENS: tuple[Rgb, ...] = ((54, 84, 34), (84, 118, 44), (118, 148, 56), (158, 176, 78))
GOLDEN: tuple[Rgb, ...] = ((122, 50, 18), (178, 78, 24), (218, 122, 34), (242, 178, 70))
PINE: tuple[Rgb, ...] = ((30, 58, 40), (46, 82, 48), (72, 108, 58), (104, 134, 72))


def grass(rng: Rng, name: str = "grass", size: int = 512) -> Material:
    """A meadow seen from above, 4 m a repeat: blades in tufts, dry patches."""
    large = fractal(rng, size, 3, 4)
    soft = warped(fractal(rng, size, (16, 30), 3, 0.6), bumps(rng, size, 8) * 14, bumps(rng, size, 8) * 14)
    colors = ((50, 66, 30), (72, 94, 38), (98, 120, 50), (132, 146, 70))
    paint = palette(0.5 * soft + 0.5 * large, colors)
    strokes, cover, lifted = _scattered(rng, size, colors, count=520, length_px=19.0, width=0.11, down=True)
    paint = blend(paint, strokes, cover * 0.62)
    paint = blend(paint, (146, 134, 80), 0.42 * ramp(large, 0.58, 0.9))
    paint = shade(paint, 0.84 + 0.24 * soft)
    return material(name, paint, (soft * 4.0 + lifted * 0.5).astype(np.float32))


def earth(rng: Rng, name: str = "earth", size: int = 256) -> Material:
    """Trodden ground with pebbles, 3 m a repeat."""
    worn, fine = fractal(rng, size, 4, 6), fractal(rng, size, 40, 2)
    stones = pebbles(rng, size, 22, 0.9)
    stone = ramp(stones.edge, 0.14, 0.30) * ramp(stones.each(rng), 0.62, 0.70)
    paint = palette(worn, [(112, 88, 60), (142, 114, 78), (170, 140, 98), (188, 162, 118)])
    paint = blend(paint, palette(stones.each(rng), [(150, 140, 122), (192, 180, 156)]), stone * 0.9)
    paint = shade(paint, 0.86 + 0.2 * fine)
    return material(name, paint, (worn * 4.0 + fine + stone * 3.0).astype(np.float32), shine=0.04)


def rock(rng: Rng, name: str = "rock", size: int = 256) -> Material:
    """Layered grey stone, lichen on it, to be tinted; 4 m a repeat."""
    bent = bumps(rng, size, 3) * 16
    layers = warped(fractal(rng, size, (12, 3), 5, 0.6), bent, bent)
    facets = pebbles(rng, size, 5, 0.95)
    fine = fractal(rng, size, 30, 3)
    height = stretched(layers + facets.each(rng) * 0.35 + ramp(facets.edge, 0.0, 0.1) * 0.12)
    paint = palette(0.6 * height + 0.4 * fine, [(110, 104, 98), (150, 144, 134), (182, 175, 162), (210, 203, 188)])
    lichen = ramp(fractal(rng, size, 5, 5), 0.60, 0.78)
    paint = blend(paint, (146, 152, 92), 0.5 * lichen)
    return material(name, paint, (height * 9.0 + fine * 1.5).astype(np.float32), shine=0.05)


def bark(rng: Rng, name: str = "bark", size: int = 256) -> Material:
    """Furrows running up the trunk, 1.5 m a repeat."""
    ridges = warped(fractal(rng, size, (4, 22), 4, 0.55), bumps(rng, size, 5) * 8, bumps(rng, size, 5) * 8)
    plates = fractal(rng, size, (24, 10), 3)
    height = stretched(ridges + 0.35 * plates)
    paint = palette(height, [(62, 46, 34), (98, 76, 56), (134, 108, 82), (164, 140, 112)])
    paint = blend(paint, (106, 116, 66), 0.3 * ramp(fractal(rng, size, 3, 4), 0.58, 0.8))
    return material(name, paint, (height * 7.0).astype(np.float32))


def leaves(
    rng: Rng, name: str = "leaves", size: int = 256, colors: tuple[Rgb, ...] = GREENS, sway: float = 0.06
) -> Material:
    """A round spray of leaves with a ragged rim, one to a card."""
    paint, cover, height = _scattered(rng, size, colors, count=125, length_px=17.0, width=0.46, round_px=size * 0.40)
    return material(name, paint, height, alpha=cover, sway=sway, shine=0.04)


def needles(rng: Rng, name: str = "needles", size: int = 256) -> Material:
    """Pine twigs hanging down, with gaps; 1.5 m a repeat."""
    paint, cover, height = _scattered(rng, size, PINE, count=420, length_px=22.0, width=0.17, down=True)
    return material(name, paint, height, alpha=cover, sway=0.05)


def thicket(
    rng: Rng, name: str = "thicket", size: int = 256, colors: tuple[Rgb, ...] = GREENS, sway: float = 0.05
) -> Material:
    """Dense leaves without holes, for the inside of crowns and for hedges; 1.5 m a repeat."""
    paint, cover, height = _scattered(rng, size, colors, count=340, length_px=17.0, width=0.5)
    return material(name, shade(paint, 0.55 + 0.45 * cover), height, sway=sway)


def blades(rng: Rng, name: str = "blades", size: int = 128) -> Material:
    """A tuft of grass standing on the lower edge: one card holds it, it doesn't repeat downwards."""
    y, x = np.indices((size, size)).astype(np.float32)
    up = np.asarray((size - 1 - y) / np.float32(size))
    cover, tone = np.zeros((size, size), dtype=np.float32), np.zeros((size, size), dtype=np.float32)
    for _ in range(26):
        root, lean, tall = rng.uniform(0.12, 0.88) * size, rng.uniform(-0.32, 0.32) * size, rng.uniform(0.5, 0.98)
        wide = rng.uniform(2.6, 4.6) * (1.0 - up / tall)
        here = (np.abs(x - root - lean * (up / tall) ** 2) < wide) & (up < tall)
        cover, tone = np.where(here, 1.0, cover), np.where(here, np.float32(rng.random()), tone)
    root_shade = 0.62 + 0.38 * ramp(up, 0.0, 0.6)
    paint = shade(
        palette(np.asarray(0.6 * tone + 0.4 * up, dtype=np.float32), [(84, 108, 42), (122, 146, 56), (172, 184, 88)]),
        root_shade,
    )
    return material(name, paint, alpha=cover.astype(np.float32), sway=0.08)


def petals(rng: Rng, name: str = "petals", size: int = 128) -> Material:
    """Blossoms over leaves, white so that the vertex colour paints them; a round spray, one to a card."""
    paint, cover, height = _scattered(rng, size, ((215, 215, 215), (255, 255, 255)), 34, 12.0, 0.8, round_px=46.0)
    return material(name, paint, height, alpha=cover, sway=0.03)


def water(rng: Rng, name: str = "water", size: int = 256, rgb: Rgb = (52, 104, 112)) -> Material:
    """Ripples with paler crests, 3 m a repeat."""
    waves = fractal(rng, size, 5, 4)
    waves = stretched(warped(waves, bumps(rng, size, 4) * 10, bumps(rng, size, 4) * 10))
    paint = shade(flat(size, rgb), 0.78 + 0.45 * waves)
    paint = blend(paint, (176, 212, 206), 0.55 * ramp(waves, 0.74, 0.95))
    return material(name, paint, (waves * 9.0).astype(np.float32), shine=0.35, gloss=140.0)


def far_land(rng: Rng, name: str = "far", size: int = 256) -> Material:
    """Woods and fields from afar, to be tinted; 60 m a repeat."""
    woods, fine = fractal(rng, size, 5, 5), fractal(rng, size, 30, 3)
    paint = shade(flat(size, (236, 238, 226)), 0.72 + 0.28 * fine)
    paint = blend(paint, shade(flat(size, (150, 178, 128)), 0.75 + 0.3 * fine), ramp(woods, 0.45, 0.62))
    return material(name, paint, (fine * 3.0 * ramp(woods, 0.45, 0.6)).astype(np.float32))


def _scattered(
    rng: Rng,
    size: int,
    colors: tuple[Rgb, ...],
    count: int,
    length_px: float,
    width: float,
    down: bool = False,
    round_px: float = 0.0,
) -> tuple[Paint, Plane, Plane]:
    """Leaf shapes strewn over a seamless picture or a disc, later ones brighter and above: (paint, cover, height)."""
    reach = int(length_px * 1.25)
    window_y, window_x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    tone = np.full((size, size), 0.06, dtype=np.float32)
    cover, height = np.zeros_like(tone), np.zeros_like(tone)
    for index in range(count):
        angle = rng.normal(np.pi / 2, 0.45) if down else rng.uniform(0.0, 2.0 * np.pi)
        scale = float(rng.uniform(0.7, 1.2)) * length_px
        along = (window_x * np.cos(angle) + window_y * np.sin(angle)) / scale
        aside = (window_y * np.cos(angle) - window_x * np.sin(angle)) / scale
        outline = width * (1.0 - along * along) * (1.0 - 0.3 * along)
        inside = (np.abs(along) < 1.0) & (np.abs(aside) < outline)
        rows, columns = _at(rng, size, reach, round_px)
        level = index / count
        value = np.clip(level * 0.72 + rng.uniform(-0.14, 0.2) + 0.16 * (aside > 0) - 0.1 * along, 0.0, 1.0)
        tone[rows, columns] = np.where(inside, value, tone[rows, columns])
        cover[rows, columns] = np.where(inside, 1.0, cover[rows, columns])
        lifted = level * 4.0 + 3.0 * (1.0 - np.abs(aside) / np.maximum(outline, 1e-3))
        height[rows, columns] = np.where(inside, lifted, height[rows, columns])
    return palette(tone, colors), cover, height


def _at(rng: Rng, size: int, reach: int, round_px: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The rows and columns of a window somewhere; within a disc around the middle, if it has a radius."""
    middle = rng.integers(0, size, 2)
    if round_px:
        away, angle = round_px * float(rng.random()) ** 0.6 - 8.0, float(rng.uniform(0.0, 2.0 * np.pi))
        middle = np.rint(size / 2 + away * np.array([np.sin(angle), np.cos(angle)])).astype(int)
    steps = np.arange(-reach, reach + 1)
    return ((middle[0] + steps) % size)[:, None], ((middle[1] + steps) % size)[None, :]
