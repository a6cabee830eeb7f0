"""The plaza: a sunlit square in an old town, with a hall, a clock tower, a fountain and a market."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.levels.level import Level
from stylebridge.scene.levels.movers import add_birds
from stylebridge.scene.levels.plaza.ground import lay_ground, plaza_terrain
from stylebridge.scene.levels.plaza.horizon import build_horizon
from stylebridge.scene.levels.plaza.life import build_fountain, build_green, build_market, build_parapet, furnish
from stylebridge.scene.levels.plaza.paths import ROUTES, START, plaza_shots
from stylebridge.scene.levels.plaza.town import build_behind, build_hall, build_rows, build_tower
from stylebridge.scene.levels.site import Site

HALF_SIDE_M = 26.0


def build_plaza(seed: int) -> Level:
    """Build the square; the seed chooses colours, heights, stalls, trees and what lies about."""
    rng = np.random.default_rng([seed, 1])
    shots = plaza_shots()
    site = Site(plaza_terrain(rng), ROUTES, START[:2], shots)
    build_hall(site, rng)
    build_tower(site, rng)
    build_rows(site, rng)
    build_behind(site, rng)
    build_fountain(site, rng)
    build_parapet(site)
    build_market(site, rng)
    build_green(site, rng)
    furnish(site, rng)
    build_horizon(site, rng)
    add_birds(site, rng, 6, (0.0, 2.0, 13.0), 9.0)
    lay_ground(site)
    return site.level("plaza", HALF_SIDE_M, START, shots)
