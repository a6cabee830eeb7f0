"""The water front: narrow gables, a warehouse, roofs that climb the hill behind them, the lighthouse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stylebridge.scene.art.boats import lighthouse
from stylebridge.scene.art.form import Points, join
from stylebridge.scene.art.houses import WALLS, HousePlan, house, plan_house
from stylebridge.scene.art.model import Model
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.levels.backdrop import far_tree, mountains, rings, waves
from stylebridge.scene.levels.harbour.ground import MOLE_HEAD, QUAY_Z
from stylebridge.scene.levels.movers import add_sign
from stylebridge.scene.levels.site import Site

FRONT_Y = 13.0
_EXTRA: tuple[tuple[float, float, float], ...] = (
    (0.95, 0.45, 0.36),
    (0.98, 0.78, 0.36),
    (0.40, 0.62, 0.72),
    (0.60, 0.74, 0.55),
)


def build_front(site: Site, rng: Rng) -> None:
    """Houses shoulder to shoulder, an alley between the fourth and the fifth."""
    colors = [*_EXTRA, *WALLS]
    order = rng.permutation(len(colors))
    x, signs = -25.0, 0
    for k in range(8):
        wide = float(rng.uniform(5.4, 6.4))
        x += 3.0 if k == 4 else 0.0
        plan = plan_house(rng, wide, 9.0, colors[int(order[k])], int(rng.integers(3, 5)))
        plan = replace(plan, gable_front=bool(rng.random() < 0.75), style="timber" if rng.random() < 0.2 else "plaster")
        middle = x + wide / 2.0
        z = site.terrain.at(middle, FRONT_Y) + 0.02
        site.stand(house(rng, plan), middle, FRONT_Y + 4.5, 0.0, (wide / 2.0 + 0.1, 4.75), z)
        if plan.shop and signs < 2:
            add_sign(site, rng, x + wide * 0.92, FRONT_Y - 0.1, z + 3.9, 0.0)
            signs += 1
        x += wide


def build_warehouse(site: Site, rng: Rng) -> None:
    """Stone and tall, at the western end of the quay; smaller sheds in the east."""
    plan = HousePlan(10.0, 8.0, 3, "stone", WALLS[2], (0.30, 0.40, 0.36), (0.92, 0.88, 0.84), gable_front=True)
    site.stand(house(rng, plan), -28.0, 4.4, np.pi / 2.0, (5.2, 4.2), site.terrain.at(-24.0, 4.4) + 0.02)
    shed = HousePlan(8.0, 6.0, 2, "timber", WALLS[0], (0.62, 0.24, 0.20), (0.95, 0.88, 0.82), shop=True)
    site.stand(house(rng, shed), 26.6, 2.6, -np.pi / 2.0, (4.2, 3.2), site.terrain.at(23.0, 2.6) + 0.02)


def build_lighthouse(site: Site) -> None:
    """At the end of the mole."""
    site.stand(lighthouse(), MOLE_HEAD.x, MOLE_HEAD.y, footprint=3.15, z=QUAY_Z + 0.16)


def build_hill(site: Site, rng: Rng) -> None:
    """Land behind the front, with the rest of the town on it; islands and mountains across the water."""
    wave = waves(rng)

    def height(angle: Points, reach: Points) -> Points:
        north = np.clip(np.sin(angle) * 1.9 + 0.15, 0.0, 1.0)
        rise = np.clip((reach - 22.0) / 60.0, 0.0, 1.0)
        hill = (3.0 + 26.0 * rise + 5.0 * wave(angle) * rise) * north
        isles = 16.0 * np.clip(wave(angle * 1.0 + 2.0) - 0.35, 0.0, 1.0) * np.clip((reach - 105.0) / 40.0, 0.0, 1.0)
        return np.asarray(hill + isles * (1.0 - north) - 4.0 * (1.0 - north) - 1.0 + 0.0 * reach)

    def tint(places: Points) -> Points:
        high = np.clip(places[:, 2] / 26.0, 0.0, 1.0)[:, None]
        return np.asarray(np.array([0.66, 0.72, 0.40]) * (1.0 - high) + np.array([0.50, 0.62, 0.36]) * high)

    land = Model("land")
    land.add("far", rings([27.0, 33.0, 42.0, 56.0, 75.0, 100.0, 130.0, 170.0, 220.0], height, tint, 60))
    land.add("far", mountains(rng, 290.0, 52.0, (0.50, 0.58, 0.70), (1.0, 1.0, 1.0), 72).moved(z=-5.0))
    trees = []
    for _ in range(60):
        angle, reach = float(rng.uniform(0.25, 2.9)), float(rng.uniform(46.0, 95.0))
        z = float(height(np.array([angle]), np.array([reach]))[0]) - 0.4
        tree = far_tree(rng, (0.56, 0.68, 0.46), slim=bool(rng.random() < 0.5))
        trees.append(tree.moved(np.cos(angle) * reach, np.sin(angle) * reach, z))
    land.add("thicket", join(trees))
    site.stand(land, 0.0, 0.0, z=0.0)
    town = Model("town")
    for row, (y, count) in enumerate(((28.0, 6), (37.0, 6), (47.0, 5))):
        for k in range(count):
            x = (k - (count - 1) / 2.0) * 9.2 + float(rng.uniform(-1.2, 1.2)) + 2.0 * row
            z = float(height(np.array([np.arctan2(y - 3.0, x)]), np.array([np.hypot(x, y - 3.0)]))[0])
            plan = plan_house(
                rng, float(rng.uniform(6.2, 8.2)), 7.0, WALLS[int(rng.integers(len(WALLS)))], int(rng.integers(2, 4))
            )
            plain = replace(plan, plain=True, shop=False, style="plaster")
            town.add_model(house(rng, plain), x, y, z + 0.4, float(rng.uniform(-0.2, 0.2)))
    site.stand(town, 0.0, 0.0, z=0.0)
