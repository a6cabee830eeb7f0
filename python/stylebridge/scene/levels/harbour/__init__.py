"""The harbour: a quay with coloured gables, a pier and a mole, boats that rock, a lighthouse."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.levels.harbour.ground import fence_water, harbour_terrain, lay_ground, pour_sea
from stylebridge.scene.levels.harbour.life import decorate, equip_quay, float_boats
from stylebridge.scene.levels.harbour.paths import ROUTES, START, harbour_shots
from stylebridge.scene.levels.harbour.town import build_front, build_hill, build_lighthouse, build_warehouse
from stylebridge.scene.levels.level import Level
from stylebridge.scene.levels.movers import add_birds
from stylebridge.scene.levels.site import Site

HALF_SIDE_M = 26.0


def build_harbour(seed: int) -> Level:
    """Build the harbour; the seed chooses houses and colours, boats and sails, and what lies on the quay."""
    rng = np.random.default_rng([seed, 3])
    shots = harbour_shots()
    site = Site(harbour_terrain(rng), ROUTES, START[:2], shots)
    build_front(site, rng)
    build_warehouse(site, rng)
    build_lighthouse(site)
    fence_water(site)
    equip_quay(site, rng)
    decorate(site, rng)
    float_boats(site, rng)
    add_birds(site, rng, 7, (0.0, -6.0, 11.0), 12.0)
    build_hill(site, rng)
    pour_sea(site)
    lay_ground(site)
    return site.level("harbour", HALF_SIDE_M, START, shots)
