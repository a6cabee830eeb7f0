"""The palette: the materials one scene is built of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from renderer.surfaces import Skin
from renderer.vectors import Vec, vec
from renderer.walker import Dress


@dataclass(frozen=True)
class Palette:
    stone: Skin
    wall: Skin
    roof: Skin
    wood: Skin
    leaf: Skin
    earth: Skin
    glass: Skin
    ground: Skin
    dress: Dress


def tint(rng: np.random.Generator, base: Vec, spread: float) -> Vec:
    c = np.array(base) * rng.uniform(1 - spread, 1 + spread, 3) * rng.uniform(1 - spread, 1 + spread)
    return tuple(float(x) for x in np.clip(c, 0.01, 0.95))


def dress_from_colours(main: Vec, second: Vec) -> Dress:
    """A wanderer's clothes: the cloak has the main colour, the tunic the second."""
    return Dress(
        flesh=Skin("plain", (0.72, 0.42, 0.28), (0.7, 0.4, 0.3), 0.5),
        hair=Skin("stone", (0.16, 0.07, 0.03), (0.09, 0.04, 0.02), 0.15),
        tunic=Skin("plain", second, second, 0.3),
        trousers=Skin("plain", (0.3, 0.24, 0.17), (0.2, 0.1, 0.1), 0.2),
        boots=Skin("stone", (0.2, 0.1, 0.05), (0.13, 0.06, 0.03), 0.3, 0.15),
        cloak=Skin("stripes", main, tuple(0.72 * x for x in main), 0.16),
        metal=Skin("plain", (0.5, 0.36, 0.13), (0.5, 0.36, 0.13), 0.2, 0.7),
    )


def palette(rng: np.random.Generator, spread: float) -> Palette:
    """Materials near a sandstone town's; `spread` 0 keeps them there, 1 lets them go anywhere."""

    def skin(pattern: str, a: Vec, b: Vec, scale: float, *others: str, gloss: float = 0.1, glow: float = 0.0) -> Skin:
        name = str(rng.choice([pattern, *others])) if spread > 0.1 else pattern
        size = scale * float(rng.uniform(1 - 0.6 * spread, 1 + spread))
        bump = 1 + spread * float(rng.uniform(-0.5, 1))
        return Skin(name, tint(rng, a, spread * 0.6), tint(rng, b, spread * 0.6), size, gloss, bump, glow)

    hues = rng.permutation(vec((0.7, 0.06, 0.04), (0.05, 0.22, 0.55), (0.75, 0.42, 0.05), (0.06, 0.35, 0.2)))
    main, second = ((0.38, 0.03, 0.035), (0.05, 0.17, 0.42)) if spread < 0.1 else (tuple(hues[0]), tuple(hues[1]))
    return Palette(
        stone=skin("stone", (0.66, 0.56, 0.42), (0.55, 0.45, 0.32), 0.8, "flags", "bricks"),
        wall=skin("flags", (0.60, 0.47, 0.33), (0.26, 0.2, 0.15), 0.45, "bricks", "earth", "planks", "tiles"),
        roof=skin("scales", (0.5, 0.17, 0.08), (0.16, 0.05, 0.03), 0.35, "scales", "bricks", "planks"),
        wood=skin("planks", (0.42, 0.24, 0.11), (0.08, 0.04, 0.02), 0.22, "planks", "stripes", "chequer"),
        leaf=skin("leaves", (0.05, 0.13, 0.03), (0.24, 0.36, 0.06), 0.5),
        earth=skin("earth", (0.12, 0.22, 0.05), (0.3, 0.24, 0.12), 0.5, "leaves"),
        glass=skin("tiles", (0.05, 0.09, 0.13), (0.2, 0.12, 0.06), 0.4, gloss=0.9),
        ground=skin("tiles", (0.58, 0.48, 0.36), (0.2, 0.16, 0.13), 1.1, "flags", "chequer", "bricks", gloss=0.25),
        dress=dress_from_colours(main, second),
    )
