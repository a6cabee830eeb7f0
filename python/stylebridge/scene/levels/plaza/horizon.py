"""What one sees beyond the square: a valley to the south, woods and hills all around, a windmill."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from stylebridge.scene.art.form import Points, join
from stylebridge.scene.art.model import Model
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.levels.backdrop import far_house, far_tree, mountains, rings, waves
from stylebridge.scene.levels.plaza.moving import add_windmill
from stylebridge.scene.levels.site import Site

_GREENS = np.array([(0.60, 0.72, 0.36), (0.74, 0.76, 0.42), (0.50, 0.66, 0.36)])


def build_horizon(site: Site, rng: Rng) -> None:
    """Land from the town's edge to the mountains, with farms and trees on it."""
    wave, fields = waves(rng), waves(rng, 7)

    def height(angle: Points, reach: Points) -> Points:
        south = np.clip(-np.sin(angle) * 1.6, 0.0, 1.0)
        rise = np.clip((reach - 50.0) / 170.0, 0.0, 1.0)
        hills = (9.0 + 14.0 * wave(angle * 1.0 + reach * 0.004)) * rise**1.3 + 10.0 * rise**2
        valley = -16.0 * south * np.clip((reach - 24.0) / 22.0, 0.0, 1.0) * (1.0 - 0.75 * rise)
        return np.asarray(hills + valley - 2.2 - 1.5 * rise)

    def tint(places: Points) -> Points:
        angle, reach = np.arctan2(places[:, 1], places[:, 0]), np.hypot(places[:, 0], places[:, 1])
        mix = np.clip(0.5 + 0.5 * fields(angle + reach * 0.05), 0.0, 1.0)[:, None]
        return np.asarray(_GREENS[0] * (1.0 - mix) + _GREENS[1] * mix)

    land = Model("land")
    land.add("far", rings([29.5, 33.0, 40.0, 50.0, 64.0, 82.0, 105.0, 135.0, 170.0, 210.0, 250.0], height, tint, 60))
    land.add("far", mountains(rng, 285.0, 62.0, (0.52, 0.60, 0.70), (1.0, 1.0, 1.0), 72).moved(z=-6.0))
    _settle(land, rng, height)
    site.stand(land, 0.0, 0.0, z=0.0)
    angle = np.deg2rad(-62.0)
    spot = (np.cos(angle) * 88.0, np.sin(angle) * 88.0)
    add_windmill(site, rng, *spot, float(height(np.array([angle]), np.array([88.0]))[0]))


def _settle(land: Model, rng: Rng, height: Callable[[Points, Points], Points]) -> None:
    trees = []
    for _ in range(70):
        angle, reach = float(rng.uniform(0, 6.28)), float(rng.uniform(52, 150))
        z = float(height(np.array([angle]), np.array([reach]))[0]) - 0.4
        tint = (0.62, 0.72, 0.50) if rng.random() < 0.7 else (0.80, 0.74, 0.42)
        trees.append(
            far_tree(rng, tint, slim=bool(rng.random() < 0.3)).moved(np.cos(angle) * reach, np.sin(angle) * reach, z)
        )
    land.add("thicket", join(trees))
    for _ in range(16):
        angle, reach = float(rng.uniform(-2.9, -0.2)), float(rng.uniform(52, 120))
        z = float(height(np.array([angle]), np.array([reach]))[0])
        walls, roof = far_house(rng, (0.98, 0.92, 0.80), (1.0, 0.9, 0.85))
        turn, place = float(rng.uniform(0, 3)), (np.cos(angle) * reach, np.sin(angle) * reach, z)
        land.add("plaster", walls.turned(turn).moved(*place))
        land.add("tiles", roof.turned(turn).moved(*place))
