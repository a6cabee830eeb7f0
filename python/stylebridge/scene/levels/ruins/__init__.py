"""The ruins: a green valley with a broken temple, a gateway, an aqueduct and a stream."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.levels.level import Level
from stylebridge.scene.levels.movers import add_birds
from stylebridge.scene.levels.ruins.ground import lay_ground, pour_water, ruins_terrain
from stylebridge.scene.levels.ruins.horizon import build_horizon
from stylebridge.scene.levels.ruins.paths import ROUTES, START, ruins_shots
from stylebridge.scene.levels.ruins.temple import (
    build_aqueduct,
    build_bridge,
    build_gateway,
    build_temple,
    build_tower,
    light_braziers,
)
from stylebridge.scene.levels.ruins.wild import (
    grow_grass,
    pitch_camp,
    plant_trees,
    raise_crystal,
    release_butterflies,
    scatter_rocks,
)
from stylebridge.scene.levels.site import Site

HALF_SIDE_M = 30.0


def build_ruins(seed: int) -> Level:
    """Build the valley; the seed chooses its hills, which columns stand, and where everything grows."""
    rng = np.random.default_rng([seed, 2])
    terrain = ruins_terrain(rng)
    shots = ruins_shots(terrain)
    site = Site(terrain, ROUTES, START[:2], shots)
    build_temple(site, rng)
    build_gateway(site, rng)
    build_aqueduct(site, rng)
    build_tower(site, rng)
    build_bridge(site)
    pitch_camp(site, rng)
    light_braziers(site)
    plant_trees(site, rng)
    scatter_rocks(site, rng)
    grow_grass(site, rng)
    raise_crystal(site)
    release_butterflies(site, rng, 4)
    add_birds(site, rng, 4, (0.0, 6.0, 17.0), 13.0)
    build_horizon(site, rng)
    pour_water(site)
    lay_ground(site, rng)
    return site.level("ruins", HALF_SIDE_M, START, shots)
