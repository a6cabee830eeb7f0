"""What stands around the square: the hall with its arcade, the clock tower, rows of houses, the roofs behind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stylebridge.scene.art.form import join
from stylebridge.scene.art.houses import FRAME, WALLS, house, plan_house
from stylebridge.scene.art.model import Model
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.art.roofs import dormer, hip_roof, spire
from stylebridge.scene.art.shapes import ball, box, cylinder, lathe, quad, tube
from stylebridge.scene.art.stalls import banner, hanging_lamp
from stylebridge.scene.art.walls import arch, door, room, voussoirs, wall, window
from stylebridge.scene.levels.level import Box
from stylebridge.scene.levels.movers import add_sign
from stylebridge.scene.levels.plaza.ground import TERRACE
from stylebridge.scene.levels.plaza.moving import add_clock, add_vane
from stylebridge.scene.levels.site import Site

HALL_FRONT_Y = 20.0
HALL_DEPTH_M = 10.0
ARCADE_DEPTH_M = 3.4
TOWER = (14.6, 22.4)
TOWER_HEIGHT_M = 19.0
_BAYS = 7
_BAY_M = 3.1
_TERRACOTTA = (1.0, 0.95, 0.9)


def build_hall(site: Site, rng: Rng) -> None:
    """Seven arches to walk behind, a storey of arched windows over them, a hipped roof."""
    wide = _BAYS * _BAY_M
    model = Model("hall")
    tint = WALLS[int(rng.choice([0, 1, 5]))]
    for k in range(_BAYS):
        x = (k - (_BAYS - 1) / 2.0) * _BAY_M
        model.add("trim", arch(_BAY_M, 4.3, 2.3, 2.3, 0.6, 10).tinted((0.96, 0.92, 0.85)).moved(x, 0.3))
        model.add("trim", voussoirs(2.3, 2.3).moved(x))
    for x in (-wide / 2.0, wide / 2.0):  # the arcade's open ends
        end = arch(ARCADE_DEPTH_M, 4.3, 2.2, 2.2, 0.5, 8).turned(np.pi / 2.0)
        model.add("trim", end.tinted((0.9, 0.87, 0.8)).moved(x - np.sign(x) * 0.25, ARCADE_DEPTH_M / 2.0 + 0.3))
    for k in range(_BAYS + 1):
        pier = box(0.95, 0.2, 0.3, "ewst").moved((k - _BAYS / 2.0) * _BAY_M, -0.06)
        model.add("trim", pier.tinted((0.8, 0.77, 0.72)), pier.moved(z=2.0).scaled(1.0, 1.0, 1.0))
    _hall_inside(model, rng, wide)
    upper = room(wide, HALL_DEPTH_M, 4.6, 4.3).tinted(tint).moved(y=HALL_DEPTH_M / 2.0)
    model.add("plaster", upper)
    for z, tall, out in ((4.1, 0.3, 0.35), (8.6, 0.4, 0.6)):
        model.add(
            "trim", box(wide + out, HALL_DEPTH_M + out, tall, "ewnstb").moved(y=HALL_DEPTH_M / 2.0, z=z).tinted(FRAME)
        )
    _hall_front(model, rng, wide)
    roof = Model("roof")
    hip_roof(roof, wide, HALL_DEPTH_M, 9.0, 4.4, _TERRACOTTA, 0.7)
    for x in (-6.5, 0.0, 6.5):
        dormer(roof, x, -HALL_DEPTH_M / 2.0 + 0.9, 9.5, _TERRACOTTA, tint, bool(rng.random() < 0.6))
    model.add_model(roof, y=HALL_DEPTH_M / 2.0)
    z = site.terrain.at(TERRACE.x, TERRACE.y)
    site.stand(model, TERRACE.x, HALL_FRONT_Y, z=z)
    for k in range(_BAYS + 1):
        half = 0.42 if 0 < k < _BAYS else 0.32
        site.obstacles.append(Box(TERRACE.x + (k - _BAYS / 2.0) * _BAY_M, HALL_FRONT_Y + 0.3, half, 0.36))
    back = (HALL_DEPTH_M - ARCADE_DEPTH_M) / 2.0
    site.obstacles.append(Box(TERRACE.x, HALL_FRONT_Y + HALL_DEPTH_M - back, wide / 2.0 + 0.1, back))
    for k in (1, 3, 5):
        site.lamps.append((TERRACE.x + (k - 3) * _BAY_M, HALL_FRONT_Y + ARCADE_DEPTH_M - 0.5, z + 2.6))


def _hall_inside(model: Model, rng: Rng, wide: float) -> None:
    back = wall(wide, 4.3).tinted((0.96, 0.88, 0.74)).tinted((0.86, 0.84, 0.82))
    model.add("plaster", back.moved(y=ARCADE_DEPTH_M))
    ceiling = quad(
        [(-wide / 2, 0, 4.25), (-wide / 2, ARCADE_DEPTH_M, 4.25), (wide / 2, ARCADE_DEPTH_M, 4.25), (wide / 2, 0, 4.25)]
    )
    model.add("planks", ceiling.tinted((0.5, 0.46, 0.42)))
    for k in range(_BAYS):
        x = (k - (_BAYS - 1) / 2.0) * _BAY_M
        if k % 2 == 1:
            model.add_model(door(1.2, 2.4, (0.25, 0.42, 0.40), FRAME), x, ARCADE_DEPTH_M)
            model.add_model(hanging_lamp(), x + 1.1, ARCADE_DEPTH_M, 2.4)
        else:
            model.add_model(window(1.3, 1.5, FRAME, lit=bool(rng.random() < 0.7)), x, ARCADE_DEPTH_M, 0.9)


def _hall_front(model: Model, rng: Rng, wide: float) -> None:
    tints = [(0.74, 0.16, 0.16), (0.16, 0.30, 0.55)]
    for k in range(_BAYS):
        x = (k - (_BAYS - 1) / 2.0) * _BAY_M
        model.add_model(window(1.15, 2.0, FRAME, lit=bool(rng.random() < 0.6), arched=True), x, 0.0, 5.35)
        if k in (1, 5):
            cloth = banner(1.15, 3.0, tints[k // 5], (0.93, 0.76, 0.32))
            model.add_model(cloth, x + _BAY_M / 2.0, 0.0, 8.2)
    for x in (-wide / 2.0 + 0.35, wide / 2.0 - 0.35):
        model.add("trim", box(0.7, 0.24, 4.4, "ews").moved(x, -0.06, 4.4).tinted(FRAME))
    model.add("trim", box(5.0, 1.1, 0.22, "ewstb").moved(0.0, -0.5, 4.42).tinted(FRAME))  # the mayor's balcony
    rails = [box(0.07, 0.07, 0.85, "ewns").moved(x, -0.98, 4.64) for x in np.linspace(-2.4, 2.4, 17)]
    model.add("metal", join(rails), tube([(-2.45, -0.98, 5.5), (0.0, -0.98, 5.5), (2.45, -0.98, 5.5)], 0.05, 5))


def build_tower(site: Site, rng: Rng) -> None:
    """The clock tower: rough stone, a dial to each side, an open belfry, a green spire with a vane."""
    model, side = Model("clock tower"), 4.8
    model.add("blocks", box(side + 0.8, side + 0.8, 2.2, "ewnst", taper=0.93).moved(z=-0.6).tinted((0.92, 0.9, 0.86)))
    shaft = room(side, side, 13.6, 1.4)
    model.add("blocks", shaft)
    for z, out in ((5.6, 0.2), (10.4, 0.2), (14.9, 0.7)):
        model.add("trim", box(side + out, side + out, 0.34, "ewnstb").moved(z=z).tinted(FRAME))
    model.add_model(door(1.3, 2.5, (0.40, 0.22, 0.16), FRAME), 0.0, -side / 2.0 - 0.12, 0.1)
    _tower_sides(model, side)
    _belfry(model, side)
    model.add(
        "painted",
        spire(side * 0.66, 7.6, 8).turned(np.pi / 8).moved(z=TOWER_HEIGHT_M + 0.35).tinted((0.36, 0.62, 0.55)),
    )
    model.add(
        "gilt", ball(0.28, 5, 8).moved(z=TOWER_HEIGHT_M + 7.9), cylinder(0.04, 1.5, 5).moved(z=TOWER_HEIGHT_M + 7.9)
    )
    x, y = TOWER
    z = site.terrain.at(x, y)
    site.stand(model, x, y, footprint=(side / 2.0 + 0.35, side / 2.0 + 0.35))
    add_clock(site, x, y, z + 12.75, side / 2.0 + 0.14)
    add_vane(site, x, y, z + TOWER_HEIGHT_M + 9.0)


def _tower_sides(model: Model, side: float) -> None:
    for quarter in range(4):
        turn = quarter * np.pi / 2.0
        face = Model("side")
        dial = quad([(-1.45, 0, -1.45), (1.45, 0, -1.45), (1.45, 0, 1.45), (-1.45, 0, 1.45)])
        dial = dial.textured(1.0 / 2.9)
        face.add("clock", dial.moved(y=-0.10, z=12.75))
        for x in (-1.55, 1.55):
            face.add("trim", box(0.22, 0.26, 3.3, "ews").moved(x, -0.1, 11.1).tinted(FRAME))
        for z in (11.0, 14.2):
            face.add("trim", box(3.5, 0.3, 0.2, "ewstb").moved(0.0, -0.12, z).tinted(FRAME))
        for z in (3.6, 7.4):
            face.add_model(window(0.45, 1.3, FRAME, lit=z > 5), 0.0, 0.0, z)
        model.add_model(face, np.sin(turn) * side / 2.0, -np.cos(turn) * side / 2.0, 0.0, turn)


def _belfry(model: Model, side: float) -> None:
    foot, tall = 15.2, TOWER_HEIGHT_M - 15.2
    for quarter in range(4):
        turn = quarter * np.pi / 2.0
        for half in (-1.0, 1.0):
            bay = arch(side / 2.0, tall, 1.35, 1.9, 0.45, 7).moved(half * side / 4.0, -side / 2.0 + 0.25, foot)
            model.add("trim", bay.turned(turn).tinted((0.96, 0.93, 0.88)))
    model.add("planks", box(side - 0.2, side - 0.2, 0.1, "t").moved(z=foot - 0.02).tinted((0.5, 0.45, 0.4)))
    model.add("planks", box(side - 0.5, side - 0.5, 0.1, "b").moved(z=TOWER_HEIGHT_M - 0.3).tinted((0.4, 0.36, 0.32)))
    model.add(
        "gilt",
        lathe([(0.95, 0.0), (0.7, 0.3), (0.55, 0.95), (0.2, 1.3), (0.05, 1.7)], 12, sharp=False).moved(z=foot + 1.3),
    )
    model.add("trim", box(side + 0.9, side + 0.9, 0.4, "ewnstb").moved(z=TOWER_HEIGHT_M).tinted(FRAME))


def build_rows(site: Site, rng: Rng) -> None:
    """Houses to the west, east and in the southern corners, with streets between them."""
    colors = [WALLS[k] for k in rng.permutation(len(WALLS))]
    # (x, y) of the front's middle, width, heading of a house that faces south at heading 0
    west = [(-22.0, y, wide, np.pi / 2.0) for y, wide in _row(rng, -16.6, 4, 3.6, split=2)]
    east = [(22.0, y, wide, -np.pi / 2.0) for y, wide in _row(rng, -16.6, 4, 3.6, split=3)]
    north = [(-20.8, 21.0, 6.8, 0.0)]
    signs = 0
    for k, (x, y, wide, turn) in enumerate(west + east + north):
        deep = float(rng.uniform(7.5, 8.5))
        plan = plan_house(rng, wide, deep, colors[k % len(colors)])
        away = (np.sin(turn) * -deep / 2.0, np.cos(turn) * deep / 2.0)
        z = site.terrain.at(x, y) + 0.02
        site.stand(house(rng, plan), x + away[0], y + away[1], turn, (wide / 2.0 + 0.25, deep / 2.0 + 0.25), z)
        if plan.shop and signs < 2:
            aside = wide * 0.44
            out = (np.sin(turn) * 0.42, -np.cos(turn) * 0.42)
            add_sign(
                site,
                rng,
                x + np.cos(turn) * aside + out[0] * 0.2,
                y + np.sin(turn) * aside + out[1] * 0.2,
                z + 3.9,
                turn,
            )
            signs += 1


def _row(rng: Rng, start: float, count: int, street: float, split: int) -> list[tuple[float, float]]:
    """Middles and widths of houses side by side, with a street before the house number `split`."""
    widths = rng.uniform(7.0, 8.6, count)
    widths *= 32.0 / widths.sum()
    row, at = [], start - 3.4
    for k, wide in enumerate(widths):
        at += street if k == split else 0.0
        row.append((at + wide / 2.0, float(wide)))
        at += wide
    return row


def build_behind(site: Site, rng: Rng) -> None:
    """Plainer houses behind the first rows, so that streets lead somewhere and roofs overlap."""
    town = Model("town")
    places = [
        (x, y, turn) for x, turn in ((-37.0, np.pi / 2.0), (37.0, -np.pi / 2.0)) for y in np.arange(-16.0, 34.0, 9.5)
    ]
    places += [(float(x), 39.0, 0.0) for x in np.arange(-27.0, 30.0, 9.0)]
    places += [(21.5, 30.5, -0.35), (-27.5, 30.0, 0.2)]
    for x, y, turn in places:
        plan = plan_house(
            rng, float(rng.uniform(6.5, 8.8)), 7.5, WALLS[int(rng.integers(len(WALLS)))], int(rng.integers(2, 5))
        )
        plain = replace(plan, plain=True, shop=False, style="plaster")
        z = site.terrain.at(x, y) + float(rng.uniform(-0.2, 0.6))
        town.add_model(house(rng, plain), x, y + float(rng.uniform(-0.8, 0.8)), z, turn)
    site.stand(town, 0.0, 0.0, z=0.0)
