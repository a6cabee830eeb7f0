"""What people built here long ago: the temple, the gateway, the aqueduct, a tower; and the bridge that still holds."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.art.form import Form, form, join
from stylebridge.scene.art.model import Model
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.art.plants import ivy
from stylebridge.scene.art.remains import STONE, brazier, broken_arch, column, crumbled_wall, drum, gateway, guardian
from stylebridge.scene.art.shapes import boulder, box, grid, lathe, tube
from stylebridge.scene.art.walls import arch
from stylebridge.scene.levels.level import Box
from stylebridge.scene.levels.ruins.ground import BRIDGE, BRIDGE_Z, TEMPLE, TEMPLE_Z
from stylebridge.scene.levels.site import Site

FLOOR_Z = TEMPLE_Z + 0.51
ALTAR = (TEMPLE.x, TEMPLE.y + 0.2)
AQUEDUCT_X = -19.0
_COLUMN_M = 4.6


def build_temple(site: Site, rng: Rng) -> None:
    """Two rows of columns, some of them broken, beams across those that stand, an altar between them."""
    places = np.linspace(-7.2, 7.2, 6)
    for row, y in ((0, -4.3), (1, 4.3)):
        whole = rng.random(6) < (0.5 if row == 0 else 0.85)
        whole[[0, 1]] = [True, row == 1]
        if row == 1:
            whole[[1, 2, 3]] = True
        for k, x in enumerate(places):
            tall = _COLUMN_M if whole[k] else float(rng.uniform(1.3, 3.4))
            at = (TEMPLE.x + float(x), TEMPLE.y + y)
            site.stand(column(rng, tall, broken=not whole[k]), *at, footprint=(0.75, 0.75), z=FLOOR_Z)
        _beams(site, rng, places, whole, y)
    altar = Model("altar")
    altar.add(
        "mossy", lathe([(1.5, 0.0), (1.4, 0.3)], 8), lathe([(0.8, 0.3), (0.65, 0.5), (0.6, 1.0), (0.85, 1.15)], 8)
    )
    site.stand(altar, *ALTAR, footprint=1.55, z=FLOOR_Z)
    back = crumbled_wall(rng, 8.0, 2.8)
    site.stand(back, TEMPLE.x, TEMPLE.y + 4.4 + 1.9, footprint=(4.1, 0.5), z=TEMPLE_Z)
    for x, y, turn in ((-11.6, 9.2, 0.4), (6.4, 8.0 - 2.4, -0.6), (-7.6, 5.0, 1.2)):
        if site.room_for(x, y, 0.7):
            site.stand(drum(rng), x, y, turn, 0.7)
    for x in (-6.4, 2.4):
        if site.room_for(x, 4.6, 0.9):
            site.stand(guardian(rng), x, 4.6, 0.0, (0.95, 0.95))


def _beams(
    site: Site,
    rng: Rng,
    places: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    whole: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    y: float,
) -> None:
    """Stones laid from column to column wherever two neighbours stand."""
    beam = Model("architrave")
    top = FLOOR_Z + _COLUMN_M + 0.58
    for k in range(5):
        if whole[k] and whole[k + 1]:
            x, wide = float(places[k] + places[k + 1]) / 2.0, float(places[k + 1] - places[k])
            stone = box(wide - 0.03, 1.1, 0.6, "ewnstb").textured(1.0, u=float(rng.random()))
            beam.add("trim", stone.moved(TEMPLE.x + x, TEMPLE.y + y, top).tinted(STONE))
            beam.add("mossy", box(wide - 0.1, 1.3, 0.35, "ewnstb").moved(TEMPLE.x + x, TEMPLE.y + y, top + 0.6))
            if rng.random() < 0.5:
                stone = boulder(rng, 0.42, 0.3).scaled(1.4, 1.0, 0.6)
                beam.add("rock", stone.moved(TEMPLE.x + x, TEMPLE.y + y, top + 1.1))
    if not beam.empty:
        site.stand(beam, 0.0, 0.0, z=0.0)


def build_gateway(site: Site, rng: Rng) -> None:
    """The great arch over the path, ivy on one of its legs."""
    opening = 4.0
    z = site.terrain.at(0.0, -10.0) - 0.25
    site.stand(gateway(rng, opening, 3.6, 6.9), 0.0, -10.0, z=z)
    for side in (-1.0, 1.0):
        site.obstacles.append(Box(side * (opening / 2.0 + 0.65), -10.0, 0.75, 0.85))
        wall = crumbled_wall(rng, 6.5, 2.6)
        x = side * (opening / 2.0 + 1.3 + 3.4)
        if site.room_for(x, -10.0, 0.6) or side < 0:
            site.stand(wall, x, -10.0 + 0.3 * side, 0.06 * side, (3.3, 0.5), site.terrain.at(x, -10.0) - 0.2)
    site.stand(ivy(rng, 1.6, 6.2), -2.75, -10.75, z=z)


def build_aqueduct(site: Site, rng: Rng) -> None:
    """Four bays along the west, the last one fallen."""
    bay, height, z = 6.0, 7.4, float(site.terrain.at(AQUEDUCT_X, 0.0)) - 0.5
    line = Model("aqueduct")
    standing = (-9.0, -3.0, 3.0)
    for y in standing:
        line.add("mossy", arch(bay, height, 4.2, 4.0, 1.5, 12).turned(np.pi / 2.0).moved(0.0, y))
        channel = box(1.9, bay, 0.5, "ewnstb").moved(0.0, y, height)
        line.add("trim", channel.tinted((0.84, 0.83, 0.76)))
    for y, face in ((standing[0] - bay / 2.0, "s"), (standing[-1] + bay / 2.0, "n")):
        line.add("mossy", box(1.5, 0.02, height, face).moved(0.0, y))
    for k in range(7):
        stone = boulder(rng, float(rng.uniform(0.35, 0.6)), 0.3).scaled(1.2, 1.0, 0.7)
        line.add(
            "rock",
            stone.moved(
                float(rng.uniform(-0.6, 0.6)), standing[-1] + 2.0 + 0.35 * k, height + 0.35 - 0.5 * max(k - 3, 0)
            ),
        )
    site.stand(line, AQUEDUCT_X, 0.0, z=z)
    for y in (-12.0, -6.0, 0.0, 6.0):
        site.obstacles.append(Box(AQUEDUCT_X, y, 0.85, 1.0))
    site.stand(
        broken_arch(rng, 4.0, 3.6, 0.5),
        AQUEDUCT_X - 0.3,
        11.6,
        np.pi / 2.0,
        (2.9, 0.6),
        site.terrain.at(AQUEDUCT_X, 11.6),
    )
    site.stand(ivy(rng, 1.8, 5.5), AQUEDUCT_X + 0.8, -6.0, np.pi / 2.0, z=z + 0.4)


def build_tower(site: Site, rng: Rng, x: float = 24.0, y: float = 9.0) -> None:
    """A round watchtower on the eastern slope, its crown broken, a doorway of dressed stone."""
    model = Model("watchtower")
    sides, radius = 20, 3.1
    angles = np.linspace(0.0, 2.0 * np.pi, sides + 1)
    rim = 8.2 + 2.2 * np.sin(angles * 1.0 + float(rng.uniform(0, 6.28))) + rng.uniform(-0.5, 0.5, sides + 1)
    rim[-1] = rim[0]
    outer, inner = _shell(angles, rim, radius), _shell(angles, rim, radius - 0.6).flipped().tinted((0.6, 0.6, 0.58))
    model.add("mossy", outer.shaded(lambda p: 0.68 + 0.32 * (p[:, 2] / 1.8).clip(0.0, 1.0)), inner)
    crown = np.stack([np.stack([np.cos(angles) * r, np.sin(angles) * r, rim], axis=-1) for r in (radius - 0.6, radius)])
    model.add("rock", grid(crown[:, ::-1]))
    gate = Model("doorway")
    gate.add("trim", box(0.4, 0.5, 2.3, "ews").moved(-0.8), box(0.4, 0.5, 2.3, "ews").moved(0.8))
    gate.add("trim", box(2.3, 0.6, 0.4, "ewstb").moved(z=2.3).tinted(STONE))
    gate.add("planks", box(1.3, 0.1, 2.3, "s").tinted((0.5, 0.45, 0.42)))
    model.add_model(gate, -radius + 0.1, 0.0, 0.0, -np.pi / 2.0)
    site.stand(model, x, y, footprint=radius + 0.35, z=site.terrain.at(x - 3.0, y) - 0.25)


def _shell(
    angles: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    rim: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    radius: float,
) -> Form:
    levels = np.linspace(0.0, 1.0, 5)[:, None]
    z = -1.5 + levels * (rim + 1.5)
    points = np.stack(np.broadcast_arrays(np.cos(angles) * radius, np.sin(angles) * radius, z), axis=-1)
    uvs = np.stack(np.broadcast_arrays(angles * 18.0 / (2.0 * np.pi), z), axis=-1)
    sheet = grid(points, uvs=uvs)
    ring = np.stack([np.cos(angles), np.sin(angles), 0.0 * angles], axis=-1)
    normals = np.broadcast_to(ring, points.shape).reshape(-1, 3)
    return form(sheet.positions, normals, sheet.uvs, sheet.triangles)


def build_bridge(site: Site) -> None:
    """Planks over the stream, with railings."""
    model = Model("bridge")
    for x in np.arange(-BRIDGE.half_x + 0.2, BRIDGE.half_x, 0.4):
        plank = box(0.38, 2 * BRIDGE.half_y, 0.12, "ewnstb").textured(1.0, u=float(x) * 0.31)
        model.add("planks", plank.moved(float(x), 0.0, -0.12))
    for y in (-BRIDGE.half_y + 0.1, BRIDGE.half_y - 0.1):
        for x in np.linspace(-BRIDGE.half_x + 0.3, BRIDGE.half_x - 0.3, 5):
            model.add("planks", box(0.16, 0.16, 1.9, "ewnst").moved(float(x), y, -0.9).tinted((0.8, 0.76, 0.72)))
        rail = [(x, y, 0.95 - 0.02 * x * x) for x in np.linspace(-BRIDGE.half_x, BRIDGE.half_x, 6)]
        model.add("planks", tube(rail, 0.07, 5))
        site.obstacles.append(Box(BRIDGE.x, BRIDGE.y + y, BRIDGE.half_x, 0.12))
    model.add("planks", join([box(2 * BRIDGE.half_x, 0.3, 0.3, "ewnsb").moved(0.0, y, -0.42) for y in (-1.0, 1.0)]))
    site.stand(model, BRIDGE.x, BRIDGE.y, z=BRIDGE_Z)


def light_braziers(site: Site) -> None:
    """Fire beside the steps, the gateway and the bridge."""
    for x, y in ((-7.6, 6.0 - 0.6), (3.4, 5.4), (-3.4, -12.2), (3.6, -12.2), (8.0, 2.4), (-16.6, 6.2)):
        if site.room_for(x, y, 0.4, 0.05):
            z = site.terrain.at(x, y)
            site.stand(brazier(), x, y, footprint=0.42)
            site.lamps.append((x, y, z + 1.7))
    site.lamps.append((ALTAR[0], ALTAR[1], FLOOR_Z + 2.6))
