"""What grows and lives in the valley: trees, rocks, grass, flowers, a traveller's camp, a crystal that floats."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from stylebridge.scene.art.cards import sprays
from stylebridge.scene.art.form import Form, form, join, rotation_y, rotation_z
from stylebridge.scene.art.furniture import sack
from stylebridge.scene.art.houses import BLOSSOMS, CLOTHS
from stylebridge.scene.art.model import Model
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.art.plants import SUMMER, broadleaf, bush, pine, tufts
from stylebridge.scene.art.remains import flame, rocks
from stylebridge.scene.art.shapes import box, lathe, quad, tube
from stylebridge.scene.art.stalls import barrel, crate
from stylebridge.scene.levels.ruins.ground import stream_half_width, stream_x
from stylebridge.scene.levels.ruins.temple import ALTAR, FLOOR_Z
from stylebridge.scene.levels.site import Site, placed
from stylebridge.scene.levels.terrain import Heights
from stylebridge.scene.snapshot import Matrix

_TUFTS = 540
_TREE_PLACES = (
    (-9.2, -6.4),
    (7.6, -5.4),
    (18.6, -7.0),
    (-15.6, 11.4),
    (10.2, 8.4),
    (19.0, 6.4),
    (4.6, -26.0),
    (-8.0, -26.4),
    (19.4, 16.0),
    (-14.6, -18.6),
    (-23.0, 8.0),
)
_CAMP = (7.6, -18.4)


def in_water(x: Heights, y: Heights, margin: float) -> NDArray[np.bool_]:
    """Which places are in the stream or less than `margin` beside it."""
    return np.asarray(np.abs(x - stream_x(y)) < stream_half_width(y) + margin)


def _wet(x: float, y: float, margin: float) -> bool:
    return bool(in_water(np.array([x]), np.array([y]), margin)[0])


def plant_trees(site: Site, rng: Rng) -> None:
    """Pines on the slopes, a few golden trees where they show."""
    grown = 0
    for x, y in _TREE_PLACES:
        if grown < 6 and site.room_for_tree(x, y, 0.7, 1.8) and not _wet(x, y, 0.6):
            tree = broadleaf(rng, float(rng.uniform(5.6, 7.4)), SUMMER[grown % 2], 70, golden=grown % 2 == 0)
            site.stand(tree, x, y, footprint=0.55)
            grown += 1
    planted = 0
    for _ in range(400):
        x, y = (float(v) for v in rng.uniform(-37.0, 37.0, 2))
        rim = max(abs(x), abs(y))
        if planted < 26 and rim > 19.0 and rng.random() < (rim - 14.0) / 22.0:
            if _wet(x, y, 1.5) or (abs(x) < 5.0 and y < 0.0) or not site.room_for_tree(x, y, 1.3, 3.2):
                continue
            site.stand(pine(rng, float(rng.uniform(6.5, 11.0)), tiers=5), x, y, footprint=0.5)
            planted += 1


def scatter_rocks(site: Site, rng: Rng) -> None:
    """Boulders on the meadow, stones in the stream's banks."""
    placed_count = 0
    for _ in range(200):
        x, y = (float(v) for v in rng.uniform(-29.0, 29.0, 2))
        size = float(rng.uniform(0.5, 1.5))
        if placed_count < 20 and site.room_for(x, y, size * 1.35, 0.2):
            site.stand(rocks(rng, size), x, y, footprint=size * 0.95)
            placed_count += 1
    shore = Model("shore stones")
    for y in rng.uniform(-30.0, 30.0, 46):
        side = float(rng.choice([-1.0, 1.0]))
        x = float(stream_x(y)) + side * (float(stream_half_width(y)) + float(rng.uniform(-0.3, 0.7)))
        if abs(y) > 3.0:
            shore.add_model(
                rocks(rng, float(rng.uniform(0.18, 0.42)), 1, 0), x, float(y), site.terrain.at(x, float(y)) - 0.05
            )
    site.stand(shore, 0.0, 0.0, z=0.0)


def grow_grass(site: Site, rng: Rng) -> None:
    """Tufts, flowers and bushes, denser beside stones and water."""
    spots = rng.uniform(-27.0, 27.0, (1300, 2))
    spots = spots[~in_water(spots[:, 0], spots[:, 1], 0.1) & site.rooms_for(spots, 0.12, 0.05)][:_TUFTS]
    places = np.concatenate([spots, site.terrain(spots)[:, None] - 0.03], axis=1)
    grass = Model("tufts")
    grass.add("blades", tufts(rng, places, rng.uniform(0.35, 0.7, len(places))))
    site.stand(grass, 0.0, 0.0, z=0.0)
    flowers = Model("flowers")
    for _ in range(40):
        x, y = (float(v) for v in rng.uniform(-22.0, 22.0, 2))
        if _wet(x, y, 0.3) or not site.room_for(x, y, 0.7, 0.1):
            continue
        spots = rng.normal(0.0, 0.7, (7, 2)) + np.array([x, y])
        lumps = [(np.array([u, v, site.terrain.at(u, v) + 0.08]), 0.12) for u, v in spots]
        flowers.add("petals", sprays(rng, lumps, 12, 0.3).tinted(BLOSSOMS[int(rng.integers(4))]).swaying(0.5))
    site.stand(flowers, 0.0, 0.0, z=0.0)
    bushes = 0
    for _ in range(120):
        x, y = (float(v) for v in rng.uniform(-26.0, 26.0, 2))
        if bushes < 14 and not _wet(x, y, 0.5) and site.room_for(x, y, 0.8, 0.1):
            blossom = BLOSSOMS[int(rng.integers(4))] if rng.random() < 0.35 else None
            size = float(rng.uniform(0.6, 1.0))
            site.stand(bush(rng, size, SUMMER[bushes % 3], blossom, lumpy=bushes % 2 == 0), x, y, footprint=size * 0.8)
            bushes += 1


def pitch_camp(site: Site, rng: Rng) -> None:
    """A tent, a fire, and what a traveller carries."""
    x, y = _CAMP
    tent = Model("tent")
    tint = CLOTHS[int(rng.choice([0, 2]))]
    for side in (-1.0, 1.0):
        sheet = [(0.0, -1.5, 1.95), (0.0, 1.5, 1.95), (side * 1.25, 1.6, 0.0), (side * 1.25, -1.6, 0.0)]
        cloth = quad(sheet if side < 0 else sheet[::-1])
        cloth = cloth if cloth.normals[0, 2] > 0 else cloth.flipped()
        tent.add("cloth", cloth.tinted(tint).shaded(lambda p: 0.7 + 0.3 * p[:, 2] / 1.95))
    back = form(
        [(-1.22, 1.55, 0), (1.22, 1.55, 0), (0, 1.5, 1.93)],
        [(0.0, 1.0, 0.0)] * 3,
        [(0, 0), (2.4, 0), (1.2, 2)],
        [(1, 0, 2)],
    )
    tent.add("cloth", back.tinted([0.8 * c for c in tint]))
    tent.add(
        "planks",
        tube([(0, -1.75, 2.0), (0, 0, 2.0), (0, 1.75, 2.0)], 0.04, 5),
        box(0.08, 0.08, 2.0, "ewns").moved(0.0, -1.5),
    )
    if site.room_for(x, y, 1.6, 0.0):
        site.stand(tent, x, y, -0.75 * np.pi, (1.4, 1.7))
    fire = Model("camp fire")
    for k in range(5):
        log = box(0.12, 0.12, 0.8, "ewnst").moved(z=-0.1).tilted("y", 0.9).moved(-0.28).turned(k * 1.257)
        fire.add("planks", log.tinted((0.5, 0.42, 0.38)))
    fire.add("lamp", flame(0.24, 0.7).moved(z=0.06))
    fire.add("rock", _ring_of_stones(rng))
    spot = (x - 2.2, y + 2.2)
    if site.room_for(*spot, 0.6):
        site.stand(fire, *spot, footprint=0.6)
        site.lamps.append((*spot, site.terrain.at(*spot) + 0.9))
    baggage = Model("baggage")
    baggage.add_model(barrel(), 0.0, 0.2)
    baggage.add_model(crate(rng, None), 0.75, 0.1, 0.0, 0.3)
    baggage.add_model(sack(rng), 0.3, -0.55)
    if site.room_for(x - 2.6, y - 1.4, 0.9, 0.0):
        site.stand(baggage, x - 2.6, y - 1.4, 0.4, 0.9)


def _ring_of_stones(rng: Rng) -> Form:
    stones = []
    for k in range(8):
        angle = k * np.pi / 4.0
        stone = rocks(rng, 0.15, 1, 0).form("rock")
        stones.append(stone.moved(np.cos(angle) * 0.48, np.sin(angle) * 0.48))
    return join(stones)


def raise_crystal(site: Site) -> None:
    """A crystal that floats over the altar, stones circling it."""
    place = (ALTAR[0], ALTAR[1], FLOOR_Z + 2.55)
    crystal = Model("crystal")
    crystal.add("crystal", lathe([(0.02, -0.95), (0.42, -0.1), (0.34, 0.25), (0.02, 0.9)], 6, cap=False))
    site.move(crystal, partial(_floating, place, 0.7, 0.10))
    stones = Model("circling stones")
    for k in range(5):
        stone = box(0.16, 0.34, 0.5, "ewnstb", taper=0.7).tilted("x", 0.3)
        angle = k * 2.0 * np.pi / 5.0
        stones.add(
            "rock", stone.turned(angle).moved(np.cos(angle) * 1.15, np.sin(angle) * 1.15, 0.12 * (-1) ** k - 0.2)
        )
    site.move(stones, partial(_floating, place, -0.35, 0.05))


def _floating(place: tuple[float, float, float], turns: float, swing: float, seconds: float) -> Matrix:
    x, y, z = place
    return placed(x, y, z + swing * np.sin(seconds * 1.4), rotation_z(turns * seconds))


def release_butterflies(site: Site, rng: Rng, count: int) -> None:
    """Bright wings over the flowers."""
    for _ in range(count):
        x, y = (float(v) for v in rng.uniform(-9.0, 7.0, 2))
        fly = Model("butterfly")
        tint = BLOSSOMS[int(rng.integers(len(BLOSSOMS)))]
        for side in (-1.0, 1.0):
            wing = [(0.0, -0.05, 0.0), (side * 0.10, -0.07, 0.06), (side * 0.11, 0.08, 0.07), (0.0, 0.05, 0.0)]
            sheet = quad(wing if side > 0 else wing[::-1])
            fly.add("cloth", form(sheet.positions, [(0.0, 0.0, 1.0)] * 4, sheet.uvs, sheet.triangles).tinted(tint))
        z = site.terrain.at(x, y) + float(rng.uniform(0.7, 1.4))
        site.move(fly, partial(_fluttering, (x, y, z), float(rng.uniform(0, 6.28))))


def _fluttering(place: tuple[float, float, float], phase: float, seconds: float) -> Matrix:
    t = seconds * 0.8 + phase
    x, y = place[0] + 1.6 * np.sin(t) + 0.5 * np.sin(2.7 * t), place[1] + 1.4 * np.cos(0.8 * t) + 0.4 * np.sin(3.1 * t)
    z = place[2] + 0.22 * np.sin(2.3 * t + phase)
    return placed(
        x,
        y,
        z,
        rotation_z(t * 1.3) @ rotation_y(0.2 * np.sin(t)) @ np.diag([1.0, 1.0, 1.1 + np.sin(seconds * 14.0 + phase)]),
    )
