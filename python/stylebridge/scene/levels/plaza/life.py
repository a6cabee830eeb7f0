"""What fills the square: the fountain, market stalls, trees, benches, lamps, pots, barrels, bunting."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.art.furniture import balustrade, bench, cart, sack, well
from stylebridge.scene.art.houses import BLOSSOMS, CLOTHS
from stylebridge.scene.art.model import Model
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.art.plants import SUMMER, broadleaf, bush, cypress, hedge, ivy, planter
from stylebridge.scene.art.shapes import ball, box, disc, lathe, tube
from stylebridge.scene.art.stalls import CREAM, GOODS, barrel, bunting, crate, market_stall, street_lamp
from stylebridge.scene.levels.plaza.ground import FOUNTAIN, PARAPET_Y
from stylebridge.scene.levels.site import Site

_STALLS = (
    (-15.4, -12.4, np.pi / 2),
    (-15.4, -7.6, np.pi / 2),
    (-10.6, -12.6, -np.pi / 2),
    (-15.2, 8.0, np.pi / 2),
    (-10.0, 11.3, 0.0),
    (9.2, -12.6, -np.pi / 2),
    (13.6, -9.2, np.pi),
)
_TREES = ((8.8, 7.6), (8.8, -4.0), (14.8, 12.4), (-13.0, 3.6), (2.2, 10.2))
_LAMPS = (
    (-8.6, -15.2),
    (4.6, -15.2),
    (12.6, -14.6),
    (-17.0, -2.6),
    (-10.0, 6.8),
    (4.2, 5.6),
    (17.4, 2.6),
    (12.2, 16.2),
    (-17.2, 14.6),
    (6.0, -8.6),
)


def build_fountain(site: Site, rng: Rng) -> None:
    """Two bowls over an eight-sided basin, a gilded ball on top, water falling in arcs."""
    model = Model("fountain")
    rim = [(3.0, 0.0), (3.05, 0.12), (2.86, 0.2), (2.86, 0.5), (3.08, 0.58), (3.08, 0.72), (2.62, 0.72), (2.62, 0.2)]
    model.add("trim", lathe(rim, 8, cap=False).shaded(lambda p: 0.78 + 0.3 * p[:, 2]))
    model.add("water", disc(2.7, 16).moved(z=0.56))
    stem = [
        (0.75, 0.3),
        (0.62, 0.8),
        (0.34, 1.0),
        (0.3, 1.5),
        (0.42, 1.75),
        (1.5, 2.12),
        (1.58, 2.28),
        (1.4, 2.28),
        (1.0, 2.12),
    ]
    upper = [
        (0.26, 2.1),
        (0.2, 2.7),
        (0.3, 2.9),
        (0.8, 3.12),
        (0.84, 3.24),
        (0.7, 3.24),
        (0.3, 3.14),
        (0.14, 3.2),
        (0.1, 3.7),
    ]
    model.add("trim", lathe(stem, 14, cap=False), lathe(upper, 12, cap=False))
    model.add("water", disc(1.4, 14).moved(z=2.22), disc(0.7, 10).moved(z=3.2))
    model.add("gilt", ball(0.24, 6, 10).moved(z=3.88), lathe([(0.05, 4.1), (0.0, 4.6)], 5, cap=False))
    for k in range(8):
        angle = (k + 0.5) * np.pi / 4.0
        t = np.linspace(0.0, 1.0, 6)
        reach, fall = 1.45 + 0.75 * t, 2.24 + 0.35 * t - 2.05 * t * t
        path = np.stack([np.cos(angle) * reach, np.sin(angle) * reach, fall], axis=1)
        model.add("fruit", tube(path, [0.03, 0.022, 0.022, 0.026, 0.032, 0.045], 5).tinted((0.80, 0.93, 0.98)))
        model.add("trim", ball(0.1, 4, 6).moved(*path[0]))
    site.stand(model, *FOUNTAIN, heading_rad=np.pi / 8.0, footprint=3.25)


def build_market(site: Site, rng: Rng) -> None:
    """Five of the seven places have a stall today."""
    tints = [CLOTHS[k] for k in rng.permutation(len(CLOTHS))]
    for k, slot in enumerate(sorted(rng.permutation(len(_STALLS))[:5])):
        x, y, turn = _STALLS[int(slot)]
        turn += float(rng.uniform(-0.08, 0.08))
        site.stand(market_stall(rng, tints[k % len(tints)]), x, y, turn, (1.75, 1.3))


def build_green(site: Site, rng: Rng) -> None:
    """Trees in stone rings with flowers at their feet, cypresses and hedges along the parapet, ivy on walls."""
    for k, (x, y) in enumerate(_TREES):
        bed = Model("tree bed")
        bed.add(
            "trim",
            lathe([(1.25, -0.2), (1.25, 0.42), (1.0, 0.42), (1.0, 0.2)], 10, cap=False).tinted((0.92, 0.88, 0.82)),
        )
        bed.add("earth", disc(1.05, 10).moved(z=0.34))
        for angle in np.arange(4) * np.pi / 2 + float(rng.uniform(0, 1)):
            shrub = bush(rng, 0.34, SUMMER[1], BLOSSOMS[int(rng.integers(len(BLOSSOMS)))], lumpy=False)
            bed.add_model(shrub, np.cos(angle) * 0.68, np.sin(angle) * 0.68, 0.34)
        bed.add_model(broadleaf(rng, float(rng.uniform(6.0, 7.4)), SUMMER[k % 3]), 0.0, 0.0, 0.3)
        spot = (x + float(rng.uniform(-0.7, 0.7)), y + float(rng.uniform(-0.7, 0.7)))
        spot = spot if site.room_for_tree(*spot, 1.35, 2.3) else (x, y)
        site.stand(bed, *spot, footprint=1.35)
    for x in (-12.6, -8.2, 9.4, 13.8):
        site.stand(cypress(rng, float(rng.uniform(6.4, 8.4))), x, PARAPET_Y - 1.6)
    for x, wide in ((-16.8, 5.5), (17.0, 5.5)):
        site.stand(hedge(rng, wide, 0.9), x, PARAPET_Y + 0.9, footprint=(wide / 2.0, 0.4))
    site.stand(ivy(rng, 3.4, 5.5), 13.4, 22.4 - 2.9, z=0.4)


def build_parapet(site: Site) -> None:
    """A stone railing over the valley, along the whole southern side."""
    for x in np.arange(-18.0, 18.1, 6.0):
        site.stand(balustrade(6.0), float(x), PARAPET_Y, footprint=(3.1, 0.35))
    wall = Model("retaining wall")
    wall.add("blocks", box(46.0, 0.8, 9.0, "ewnst").moved(z=-9.0))
    site.stand(wall, 0.0, PARAPET_Y - 0.25, z=site.terrain.at(0.0, PARAPET_Y) + 0.02)


def furnish(site: Site, rng: Rng) -> None:
    """Lamps, benches, a well or a cart, and whatever leans against the walls."""
    for x, y in _LAMPS:
        if site.room_for(x, y, 0.25, 0.3):
            site.stand(street_lamp(), x, y, footprint=0.3)
            site.lamps.append((x, y, site.terrain.at(x, y) + 3.36))
    for x, y, turn in (
        (-2.0, -19.5, np.pi),
        (6.6, -19.5, np.pi),
        (-6.6, 8.8, 0.0),
        (6.8, 4.6, -np.pi / 2),
        (6.4, -6.2, -np.pi / 2),
    ):
        if site.room_for(x, y, 0.6):
            site.stand(bench(), x, y, turn + float(rng.uniform(-0.05, 0.05)), (0.9, 0.4))
    _first_free(site, cart(rng), [(15.0, -13.2), (14.6, 6.2), (-13.2, -2.0)], 1.7, float(rng.uniform(0.4, 1.2)))
    _first_free(site, well(), [(14.4, -5.6), (-12.6, 12.6), (14.8, 7.4)], 1.1, 0.3)
    _pots(site, rng)
    _clutter(site, rng)
    tints = [CLOTHS[int(k)] for k in rng.permutation(4)[:2]] + [CREAM]
    for start, end, sag in (
        ((-21.5, 9.0, 7.2), (-8.0, 19.8, 7.6), 1.5),
        ((21.5, -7.5, 7.0), (9.3, -14.8, 4.0), 1.0),
        ((21.6, 9.5, 7.4), (12.6, 19.8, 8.2), 1.0),
    ):
        rope = bunting(start, end, sag, tints)
        site.stand(rope, 0.0, 0.0, z=0.0)


def _first_free(site: Site, model: Model, places: list[tuple[float, float]], radius: float, turn: float) -> None:
    for x, y in places:
        if site.room_for(x, y, radius, 0.2):
            site.stand(model, x, y, turn, radius)
            return


def _pots(site: Site, rng: Rng) -> None:
    """Flowers at the foot of the houses and beside the steps."""
    row = [(x, float(y)) for x in (-21.1, 21.1) for y in np.arange(-17.0, 17.0, 1.6)]
    row += [(x, 16.4) for x in (-15.2, -9.5, 3.5, 9.0)]
    for x, y in row:
        if rng.random() < 0.36 and site.room_for(x, y, 0.35, 0.02):
            pot = planter(rng, BLOSSOMS[int(rng.integers(len(BLOSSOMS)))], tall=bool(rng.random() < 0.4))
            site.stand(pot, x, y, float(rng.uniform(0, 6)), 0.36)


def _clutter(site: Site, rng: Rng) -> None:
    """Heaps of barrels, crates and sacks beside stalls and walls."""
    heaps = 0
    for _ in range(60):
        x, y = float(rng.choice([-20.4, -17.4, 12.2, 17.0, 20.4])), float(rng.uniform(-17.0, 16.0))
        if heaps < 8 and site.room_for(x, y, 0.75, 0.05):
            heap = Model("heap")
            heap.add_model(barrel(), -0.25, 0.2)
            if rng.random() < 0.5:
                heap.add_model(barrel(), 0.45, 0.35)
            heap.add_model(
                crate(rng, GOODS[int(rng.integers(len(GOODS)))] if rng.random() < 0.5 else None), 0.3, -0.4, 0.0, 0.4
            )
            if rng.random() < 0.6:
                heap.add_model(sack(rng), -0.45, -0.4)
            site.stand(heap, x, y, float(rng.uniform(0, 6.28)), 0.75)
            heaps += 1
