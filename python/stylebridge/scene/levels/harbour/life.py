"""What makes it a harbour: boats on the water, nets and barrels on the quay, a fish market, lamps, flowers."""

from __future__ import annotations

from functools import partial

import numpy as np

from stylebridge.scene.art.boats import bollard, crane, net_rack, rowing_boat, sailing_boat
from stylebridge.scene.art.form import rotation_x, rotation_y, rotation_z
from stylebridge.scene.art.furniture import bench, cart, sack
from stylebridge.scene.art.houses import BLOSSOMS, CLOTHS
from stylebridge.scene.art.model import Model
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.art.plants import SUMMER, broadleaf, planter
from stylebridge.scene.art.shapes import disc, lathe
from stylebridge.scene.art.stalls import CREAM, GOODS, barrel, bunting, crate, market_stall, street_lamp
from stylebridge.scene.levels.harbour.ground import MOLE, PIER, QUAY_EDGE_Y
from stylebridge.scene.levels.harbour.town import FRONT_Y
from stylebridge.scene.levels.site import Site, placed
from stylebridge.scene.snapshot import Matrix

_HULLS = ((0.16, 0.34, 0.52), (0.72, 0.20, 0.16), (0.20, 0.44, 0.36), (0.90, 0.62, 0.20), (0.36, 0.26, 0.22))
_SAILS = ((0.92, 0.84, 0.66), (0.80, 0.30, 0.20), (0.95, 0.93, 0.88), (0.86, 0.62, 0.28))
_MOORED = ((-11.6, -11.6, 0.05), (-2.6, -14.4, 3.2), (5.6, -8.6, 1.62), (12.6, -14.0, 0.0))
_ROWING = ((-3.4, -8.6, 1.5), (-10.6, -19.0, 0.4), (11.9, -8.4, 1.7))
_LAMPS = (
    (-20.0, -3.0),
    (-12.6, -4.4),
    (-1.2, -4.4),
    (7.4, -4.4),
    (22.4, -3.8),
    (-16.4, 9.6),
    (-4.6, 9.6),
    (8.4, 9.6),
    (19.6, 9.6),
)


def float_boats(site: Site, rng: Rng) -> None:
    """Some tied up, some under sail in wide circles."""
    for k, (x, y, turn) in enumerate(_MOORED):
        boat = sailing_boat(rng, _HULLS[int(rng.integers(5))], _SAILS[int(rng.integers(4))], hoisted=k == 1)
        site.move(boat, partial(_bobbing, (x, y, turn), float(rng.uniform(0, 6.28)), 1.0))
    for x, y, turn in _ROWING:
        boat = rowing_boat(_HULLS[int(rng.integers(5))])
        site.move(boat, partial(_bobbing, (x, y, turn), float(rng.uniform(0, 6.28)), 1.6))
    for k in range(2):
        boat = sailing_boat(rng, _HULLS[k], _SAILS[int(rng.integers(4))], hoisted=True)
        own = (34.0 + 22.0 * k, float(rng.uniform(0.0, 6.28)), (0.045, -0.03)[k])
        site.move(boat, partial(_sailing, (2.0 - 14.0 * k, -66.0 - 16.0 * k), own))


def _bobbing(place: tuple[float, float, float], phase: float, swing: float, seconds: float) -> Matrix:
    x, y, turn = place
    roll = 0.035 * swing * np.sin(seconds * 1.1 + phase) + 0.012 * np.sin(seconds * 2.3)
    pitch = 0.018 * swing * np.sin(seconds * 0.83 + phase * 1.7)
    lift = 0.05 * np.sin(seconds * 0.97 + phase)
    return placed(x, y, lift, rotation_z(turn + 0.02 * np.sin(seconds * 0.4)) @ rotation_x(pitch) @ rotation_y(roll))


def _sailing(middle: tuple[float, float], own: tuple[float, float, float], seconds: float) -> Matrix:
    radius, phase, speed = own
    angle = phase + speed * seconds
    x, y = middle[0] + radius * np.cos(angle), middle[1] + 0.6 * radius * np.sin(angle)
    ahead = (
        np.arctan2(0.6 * np.cos(angle), -np.sin(angle))
        if speed > 0
        else np.arctan2(-0.6 * np.cos(angle), np.sin(angle))
    )
    heel = 0.12 + 0.03 * np.sin(seconds * 0.9 + phase)
    turn = rotation_z(float(ahead) - np.pi / 2.0) @ rotation_y(heel)
    return placed(x, y, 0.06 * np.sin(seconds * 1.1 + phase), turn)


def equip_quay(site: Site, rng: Rng) -> None:
    """Bollards with rope between them, the crane, nets, the market, lamps and benches."""
    for x in (-27.0, -23.0, -19.0, -15.0, -11.4, -3.0, 1.0, 5.0, 9.0, 12.8, 21.4, 25.0):
        site.stand(bollard(), x, QUAY_EDGE_Y + 0.55, footprint=0.25)
    for shape in (PIER, MOLE):
        for y in np.arange(shape.y - shape.half_y + 1.0, shape.y + shape.half_y - 1.0, 4.0):
            for side in (-1.0, 1.0):
                site.stand(bollard(), shape.x + side * (shape.half_x - 0.35), float(y))
    for x, y, r, model, turn in (
        (2.6, -3.6, 1.3, crane(), 0.0),
        (-17.6, -2.6, 1.9, net_rack(rng), 0.1),
        (21.0, -2.2, 1.9, net_rack(rng), 1.4),
        (-20.6, 8.6, 1.8, cart(rng), 0.7),
    ):
        if site.room_for(x, y, r * 0.8, 0.1):
            site.stand(model, x, y, turn, r if r < 1.85 else (1.9, 0.8))
    tints = [CLOTHS[int(k)] for k in rng.permutation(4)]
    for k, (x, y, turn) in enumerate(((-15.0, 3.6, 0.0), (-9.2, 3.6, 0.0), (10.8, 3.4, 0.0), (16.6, 2.8, 0.2))):
        if rng.random() < 0.85 and site.room_for(x, y, 1.6, 0.1):
            site.stand(market_stall(rng, tints[k]), x, y, turn, (1.75, 1.3))
    for x, y in _LAMPS:
        if site.room_for(x, y, 0.25, 0.2):
            site.stand(street_lamp(), x, y, footprint=0.3)
            site.lamps.append((x, y, site.terrain.at(x, y) + 3.36))
    site.lamps.append((MOLE.x, MOLE.y - 4.0, 4.0))
    for x, y, turn in ((-5.0, -4.0, np.pi), (14.2, -4.2, np.pi), (1.6, 8.8, 0.0)):
        if site.room_for(x, y, 0.6):
            site.stand(bench(), x, y, turn, (0.9, 0.4))


def decorate(site: Site, rng: Rng) -> None:
    """Trees in stone rings, pots before the doors, heaps of goods, flags across the quay."""
    for k, (x, y) in enumerate(((-11.4, 8.4), (5.0, 7.6), (15.2, 8.2))):
        if site.room_for_tree(x, y, 1.1, 1.6):
            bed = Model("tree bed")
            bed.add(
                "trim",
                lathe([(1.0, -0.2), (1.0, 0.4), (0.78, 0.4), (0.78, 0.2)], 10, cap=False).tinted((0.9, 0.87, 0.8)),
            )
            bed.add("grass", disc(0.8, 10).moved(z=0.32))
            bed.add_model(broadleaf(rng, float(rng.uniform(5.2, 6.4)), SUMMER[k], 64), 0.0, 0.0, 0.3)
            site.stand(bed, x, y, footprint=1.1)
    for x in np.arange(-24.0, 25.0, 1.5):
        y = FRONT_Y - 0.55
        if rng.random() < 0.4 and site.room_for(float(x), y, 0.35, -0.3):
            site.stand(
                planter(rng, BLOSSOMS[int(rng.integers(4))], tall=bool(rng.random() < 0.4)), float(x), y, footprint=0.36
            )
    heaps = 0
    for _ in range(80):
        x, y = float(rng.uniform(-22.0, 22.0)), float(rng.choice([-3.4, 2.2, 5.4]))
        if heaps < 9 and site.room_for(x, y, 0.8, 0.3):
            site.stand(_heap(rng), x, y, float(rng.uniform(0, 6.28)), 0.8)
            heaps += 1
    tints = [CLOTHS[int(k)] for k in rng.permutation(4)[:2]] + [CREAM]
    for start, end in (((-14.0, 13.0, 7.6), (-12.6, -4.4, 4.9)), ((9.0, 13.0, 7.8), (7.4, -4.4, 4.9))):
        site.stand(bunting(start, end, 1.2, tints), 0.0, 0.0, z=0.0)


def _heap(rng: Rng) -> Model:
    heap = Model("heap")
    heap.add_model(barrel(), -0.3, 0.2)
    heap.add_model(
        crate(rng, GOODS[int(rng.integers(len(GOODS)))] if rng.random() < 0.6 else None), 0.35, -0.3, 0.0, 0.4
    )
    heap.add_model(crate(rng, None), 0.4, 0.35, 0.0, -0.2)
    if rng.random() < 0.6:
        heap.add_model(crate(rng, None), 0.38, 0.33, 0.29, 0.3)
    if rng.random() < 0.5:
        heap.add_model(sack(rng), -0.4, -0.45)
    return heap
