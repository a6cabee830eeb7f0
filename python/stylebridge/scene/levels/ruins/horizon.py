"""What closes the valley in: wooded slopes to the east and west, high mountains behind them."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.art.form import Points, join
from stylebridge.scene.art.model import Model
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.levels.backdrop import far_tree, mountains, rings, waves
from stylebridge.scene.levels.site import Site


def build_horizon(site: Site, rng: Rng) -> None:
    """Land from the meadow's rim to the snow."""
    wave, woods = waves(rng), waves(rng, 7)

    def height(angle: Points, reach: Points) -> Points:
        side = np.clip(np.abs(np.cos(angle)) * 1.25 - 0.15, 0.0, 1.0)
        rise = np.clip((reach - 42.0) / 150.0, 0.0, 1.2)
        slope = 46.0 * side * rise**1.1 + (8.0 + 7.0 * wave(angle + reach * 0.003)) * rise
        inner = 5.5 * np.clip(side, 0.0, 1.0) - 2.6
        return np.asarray(slope + inner + 8.0 * rise**2)

    def tint(places: Points) -> Points:
        angle, reach = np.arctan2(places[:, 1], places[:, 0]), np.hypot(places[:, 0], places[:, 1])
        mix = np.clip(0.5 + 0.6 * woods(angle + reach * 0.02), 0.0, 1.0)[:, None]
        return np.asarray(np.array([0.36, 0.50, 0.30]) * (1.0 - mix) + np.array([0.64, 0.66, 0.38]) * mix)

    land = Model("land")
    land.add("far", rings([33.0, 36.5, 44.0, 58.0, 74.0, 95.0, 120.0, 150.0, 185.0, 225.0], height, tint, 60))
    land.add("far", mountains(rng, 270.0, 120.0, (0.56, 0.60, 0.72), (1.0, 1.0, 1.0), 84).moved(z=-4.0))
    trees = []
    for _ in range(130):
        angle, reach = float(rng.uniform(0, 6.28)), float(rng.uniform(48, 120))
        z = float(height(np.array([angle]), np.array([reach]))[0]) - 0.6
        tree = far_tree(rng, (0.42, 0.55, 0.42), slim=True).scaled(1.5)
        trees.append(tree.moved(np.cos(angle) * reach, np.sin(angle) * reach, z))
    land.add("thicket", join(trees))
    site.stand(land, 0.0, 0.0, z=0.0)
