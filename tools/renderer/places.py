"""Places: what stands on the ground of a plaza, a village, a forest, a ruin, a hall or a pile."""

from __future__ import annotations

import math

import numpy as np

from renderer.distances import drum, foliage
from renderer.palette import Palette
from renderer.surfaces import Skin
from renderer.things import Thing, arcade, barrel, crate, house, pillar, slab, tower, tree
from renderer.vectors import Vec
from renderer.weather import Lamp

TREES = {"forest": 26, "village": 8, "ruin": 7}


def colonnade(p: Palette) -> list[Thing]:
    """The plaza's left side: pillars, lintel, roof, steps and the wall behind."""
    things = [pillar((-5.2, 0.36, z), 0.38, 4.4, p.stone) for z in range(-8, 30, 4)]
    things.append(slab((-5.2, 5.1, 10), (0.62, 0.36, 20), p.wall))
    things.append(slab((-6.6, 5.55, 10), (2.3, 0.12, 20.3), p.stone))
    things += [
        slab((-6.9 - 0.2 * k, 0.09 + 0.12 * k, 10), (2.6 - 0.3 * k, 0.1, 20 - 0.1 * k), p.stone) for k in range(3)
    ]
    things.append(slab((-9.2, 3, 10), (0.3, 3, 20), p.wall))
    return things


def plaza(rng: np.random.Generator, p: Palette) -> list[Thing]:
    """A walled square: colonnade at the left, houses at the right, an arcade and towers ahead."""
    things = colonnade(p)
    for z in (-3, 7, 17):
        half = (4.2, float(rng.uniform(2.2, 3.2)), 2.2)
        things += house((8.8, 0, z), half, p.wall, p.roof, p.glass, math.pi / 2)
    things.append(arcade((0, 3, 30), (12, 3, 0.7), 4.2, 1.4, p.wall, 0.0))
    things.append(slab((0, 6.2, 30), (12.2, 0.25, 0.95), p.stone))
    for x, z, r, h in ((-9, 44, 2.4, 13), (10, 52, 3.4, 17), (2, 70, 3, 22)):
        things += tower((x, 0, z), r, h, p.wall, p.roof)
    things += tree((4.3, 0, 9), 4.6, p.wood, p.leaf, rng) + tree((4.6, 0, 19), 5.2, p.wood, p.leaf, rng)
    things.append(Thing(lambda q: drum(q, 0.8, 0.25), (4.3, 0.25, 9), (0.8, 0.25, 0.8), p.stone))
    things += [
        crate((4.2, 0, 2.2), 0.9, 0.3, p.wood),
        crate((5.1, 0, 1.6), 0.8, -0.2, p.wood),
        crate((4.4, 0.9, 2.1), 0.6, 0.9, p.wood),
        barrel((3.9, 0, 3.4), 1.0, p.wood),
        barrel((4.9, 0, 3.6), 1.0, p.wood),
        barrel((-3.9, 0, 6.6), 0.9, p.wood),
        crate((-3.8, 0, 12.5), 0.9, 0.5, p.wood),
    ]
    return things


def hall(rng: np.random.Generator, p: Palette) -> list[Thing]:
    """A closed nave between two rows of pillars."""
    things: list[Thing] = []
    for x in (-3.5, 3.5):
        things += [pillar((x, 0, z), float(rng.uniform(0.3, 0.45)), 5, p.stone) for z in range(-6, 20, 4)]
    things += [slab((x, 2.5, 6), (0.3, 2.5, 16), p.wall) for x in (-7, 7)]
    things += [slab((0, 5.2, 6), (7.3, 0.2, 16), p.wood), slab((0, 2.5, 21), (7, 2.5, 0.3), p.wall)]
    things += [arcade((0, 2.5, 16), (7, 2.5, 0.4), 3.6, 1.2, p.wall, 0), slab((0, 2.5, -10), (7, 2.5, 0.3), p.wall)]
    return things


def village(rng: np.random.Generator, p: Palette) -> list[Thing]:
    """A street of nine houses and a tower at its end."""
    things: list[Thing] = []
    for k in range(9):
        side, z = (-1) ** k * rng.uniform(6, 9), 5.5 * (k - 2)
        half = (float(rng.uniform(2, 3.2)), float(rng.uniform(1.6, 3.4)), float(rng.uniform(1.6, 2.4)))
        things += house((side, 0, z), half, p.wall, p.roof, p.glass, float(rng.normal(math.pi / 2, 0.3)))
    return things + tower((float(rng.normal(0, 8)), 0, 40), 2.5, float(rng.uniform(9, 18)), p.wall, p.roof)


def ruin(rng: np.random.Generator, p: Palette) -> list[Thing]:
    """Broken pillars before an arcade and a few steps."""
    things = [arcade((0, 2.8, 12), (9, 2.8, 0.6), 3.6, 1.25, p.wall, float(rng.normal(0, 0.3)))]
    for _ in range(12):
        at = (float(rng.uniform(-9, 9)), 0.0, float(rng.uniform(-2, 16)))
        things.append(pillar(at, float(rng.uniform(0.3, 0.5)), float(rng.uniform(1, 5)), p.stone))
    return things + [slab((0, 0.12 + 0.2 * k, 14 + k), (6 - k, 0.12, 3), p.stone) for k in range(3)]


def grove(rng: np.random.Generator, p: Palette, count: int) -> list[Thing]:
    """Trees on both sides of the path."""
    things: list[Thing] = []
    for _ in range(count):
        at = (float(rng.uniform(2.2, 14) * rng.choice([-1, 1])), 0.0, float(rng.uniform(-6, 28)))
        things += tree(at, float(rng.uniform(2.4, 6)), p.wood, p.leaf, rng)
    return things


def bush(at: Vec, size: float, skin: Skin) -> Thing:
    blobs = np.array([(0, 0, 0, size * 0.6), (size * 0.3, 0, 0.2, size * 0.4)], np.float32)
    return Thing(lambda p: 0.6 * foliage(p, blobs), at, (size + 0.2, size * 0.9, size), skin)


def clutter(rng: np.random.Generator, p: Palette, kind: str) -> list[Thing]:
    """Crates and barrels in the open, or a forest's bushes and rocks."""
    things: list[Thing] = []
    for _ in range(int(rng.integers(4, 10)) + 10 * (kind == "pile")):
        at = (float(rng.uniform(-5, 5)), 0.0, float(rng.uniform(0, 9)))
        size, skin = float(rng.uniform(0.4, 1.3)), (p.wood, p.stone, p.roof, p.wall)[rng.integers(4)]
        if kind == "forest":
            things.append(bush(at, size, p.leaf if rng.random() < 0.5 else p.stone))
        elif rng.random() < 0.5:
            things.append(crate(at, size, float(rng.uniform(0, 3)), skin))
        else:
            things.append(barrel(at, size, skin))
    return things


def place(rng: np.random.Generator, p: Palette, kind: str) -> list[Thing]:
    """Any kind of place; all but the plaza are scattered at random."""
    if kind == "plaza":
        return plaza(rng, p)
    builders = {"hall": hall, "village": village, "ruin": ruin}
    things = builders[kind](rng, p) if kind in builders else []
    things += grove(rng, p, TREES.get(kind, 0))
    return things + clutter(rng, p, kind)


def lanterns(rng: np.random.Generator, count: int, power: float) -> tuple[list[Thing], tuple[Lamp, ...]]:
    """Bulbs on posts beside the path, and the light they give."""
    things, lamps = [], []
    warm = (power * 5.0, power * 2.4, power * 0.8)
    bulb = Skin("plain", (1.0, 0.75, 0.4), (1, 1, 1), glow=6.0)
    iron = Skin("plain", (0.05, 0.05, 0.05), (0, 0, 0))
    for _ in range(count):
        x, y, z = (float(v) for v in rng.uniform((2, 1.8, 0), (4.5, 3, 14)) * (rng.choice([-1, 1]), 1, 1))
        things.append(Thing(lambda p: drum(p, 0.13, 0.17), (x, y, z), (0.14, 0.18, 0.14), bulb))
        things.append(slab((x, y / 2 - 0.1, z), (0.04, y / 2 - 0.1, 0.04), iron))
        lamps.append(Lamp((x, y - 0.05, z), warm))
    return things, tuple(lamps)
