"""Every material that the levels use, by name, with the size of one repeat; drawn once and shared."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np

from stylebridge.scene.art import crafts, masonry, nature
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.mesh import Material

# name -> (how it is drawn, metres that one repeat covers; 1 where the texture coordinates already count repeats)
MATERIALS: Mapping[str, tuple[Callable[[Rng], Material], float]] = {
    "cobbles": (masonry.cobbles, 4.0),
    "flagstones": (masonry.flagstones, 4.0),
    "blocks": (masonry.blocks, 3.0),
    "mossy": (lambda rng: masonry.blocks(rng, "mossy", moss=0.6), 3.0),
    "plaster": (masonry.plaster, 4.0),
    "bricks": (masonry.bricks, 1.6),
    "tiles": (masonry.roof_tiles, 3.0),
    "trim": (masonry.trim, 2.0),
    "grass": (nature.grass, 4.0),
    "earth": (nature.earth, 3.0),
    "rock": (nature.rock, 4.0),
    "bark": (nature.bark, 1.5),
    "leaves": (nature.leaves, 1.0),
    "thicket": (nature.thicket, 1.5),
    "golden leaves": (lambda rng: nature.leaves(rng, "golden leaves", colors=nature.GOLDEN), 1.0),
    "golden thicket": (lambda rng: nature.thicket(rng, "golden thicket", colors=nature.GOLDEN), 1.5),
    "needles": (nature.needles, 1.5),
    "blades": (nature.blades, 1.0),
    "petals": (nature.petals, 1.0),
    "water": (nature.water, 3.0),
    "far": (nature.far_land, 60.0),
    "planks": (crafts.planks, 1.2),
    "painted": (crafts.painted_wood, 1.2),
    "cloth": (crafts.cloth, 1.0),
    "metal": (crafts.metal, 1.0),
    "gilt": (crafts.gilt, 1.0),
    "glass": (crafts.glass, 1.0),
    "lit": (lambda rng: crafts.glass(rng, "lit", lit=True), 1.0),
    "lamp": (lambda _rng: crafts.lamp_glass(), 1.0),
    "clock": (lambda _rng: crafts.clock_face(), 1.0),
    "fruit": (crafts.fruit, 0.3),
    "crystal": (crafts.crystal, 1.0),
}


@cache
def material_of(name: str) -> Material:
    """The material of this name; its texture is the same in every level and for every seed."""
    return MATERIALS[name][0](np.random.default_rng(zlib.crc32(name.encode())))


def tile_m_of(name: str) -> float:
    """How many metres of a form's texture coordinates make one repeat."""
    return MATERIALS[name][1]
