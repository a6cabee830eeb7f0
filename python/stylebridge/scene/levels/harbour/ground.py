"""The harbour's floor: a quay that climbs towards the town, a wooden pier, a stone mole, and the sea around them."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.art.model import Model
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.art.shapes import box, grid
from stylebridge.scene.levels.backdrop import rings
from stylebridge.scene.levels.level import Box
from stylebridge.scene.levels.site import Site
from stylebridge.scene.levels.terrain import Heights, Platform, Terrain, nearest_gap

QUAY_Z = 1.15
QUAY_EDGE_Y = -6.0
PIER = Box(-7.0, -14.0, 2.2, 8.4)
MOLE = Box(17.0, -13.0, 2.6, 7.4)
MOLE_HEAD = Box(17.0, -22.0, 4.4, 4.0)
_EDGE = Box(0.0, -4.5, 36.0, 1.5)
_CELL_M = 1.5
_CELLS = 48


def harbour_terrain(rng: Rng) -> Terrain:
    """Level beside the water, rising to the houses; deep water in the south."""
    line = np.arange(_CELLS + 1) * _CELL_M - _CELLS * _CELL_M / 2.0
    x, y = np.meshgrid(line, line)
    climb = np.clip(y + 3.0, 0.0, None)
    a, b = rng.uniform(0.0, 6.28, 2)
    worn = 0.04 * np.sin(x * 0.4 + a) * np.sin(y * 0.33 + b) * np.clip(climb / 4.0, 0.0, 1.0)
    heights = QUAY_Z - 0.02 + 0.035 * climb + worn
    heights = np.where(y < -4.6, -3.0, heights)
    platforms = (
        Platform(_EDGE, QUAY_Z),
        Platform(PIER, QUAY_Z),
        Platform(MOLE, QUAY_Z),
        Platform(MOLE_HEAD, QUAY_Z + 0.16),
    )
    return Terrain(heights, _CELL_M, platforms)


def fence_water(site: Site) -> None:
    """Nobody walks off an edge: footprints along everything that ends in water."""
    gaps = sorted((shape.x - shape.half_x, shape.x + shape.half_x) for shape in (PIER, MOLE))
    starts, ends = [-30.0, *(right for _, right in gaps)], [*(left for left, _ in gaps), 30.0]
    for left, right in zip(starts, ends, strict=True):
        site.obstacles.append(Box((left + right) / 2.0, QUAY_EDGE_Y + 0.1, (right - left) / 2.0, 0.25))
    for shape in (PIER, MOLE):
        for side in (-1.0, 1.0):
            site.obstacles.append(Box(shape.x + side * (shape.half_x - 0.1), shape.y - 0.4, 0.2, shape.half_y - 0.4))
    site.obstacles.append(Box(PIER.x, PIER.y - PIER.half_y + 0.1, PIER.half_x, 0.2))


def lay_ground(site: Site) -> None:
    """The floor and everything under it, last: it is darker beside what stands on it."""
    points = site.terrain.points()
    middle_y = (points[:-1, :-1, 1] + points[1:, 1:, 1]).reshape(-1) / 2.0
    middle_x = (points[:-1, :-1, 0] + points[1:, 1:, 0]).reshape(-1) / 2.0
    whole = grid(points, uvs=points[..., :2])
    near = nearest_gap(site.obstacles, whole.positions[:, :2])
    worn = 0.94 + 0.06 * np.sin(whole.positions[:, 0] * 0.8) * np.sin(whole.positions[:, 1] * 0.9)
    whole = whole.painted((worn * (0.66 + 0.34 * np.clip((near + 0.2) / 1.6, 0.0, 1.0)))[:, None])
    bands = (np.abs(middle_y - 6.75) < 0.8) | (np.abs(np.abs(middle_x) - 11.25) < 0.8)
    kind = np.where(bands & (middle_y < 12.0), "flagstones", "cobbles")
    above = middle_y > -5.0
    ground = Model("ground")
    for material in ("cobbles", "flagstones"):
        chosen = np.repeat((kind == material) & above, 2)
        ground.add(material, whole.part(chosen))
    for shape, z in ((_EDGE, QUAY_Z), (MOLE, QUAY_Z), (MOLE_HEAD, QUAY_Z + 0.16)):
        size = (2 * shape.half_x, 2 * shape.half_y, 4.0)
        ground.add("blocks", box(*size, "ewns").moved(shape.x, shape.y, z - 4.0).tinted((0.86, 0.86, 0.84)))
        ground.add("flagstones", box(*size, "t").moved(shape.x, shape.y, z - 4.0).tinted((0.92, 0.90, 0.87)))
    site.stand(ground, 0.0, 0.0, z=0.0)
    _build_pier(site)


def _build_pier(site: Site) -> None:
    pier = Model("pier")
    for k, y in enumerate(np.arange(PIER.y - PIER.half_y + 0.15, PIER.y + PIER.half_y, 0.3)):
        plank = box(2 * PIER.half_x, 0.29, 0.12, "ewnst").grained(0.5, 0.2 * k)
        tone = 0.86 + 0.14 * ((k * 7) % 5) / 4.0
        pier.add("planks", plank.moved(PIER.x, float(y), QUAY_Z - 0.12).tinted((tone, tone, tone)))
    for side in (-1.0, 1.0):
        x = PIER.x + side * (PIER.half_x - 0.15)
        for y in np.arange(PIER.y - PIER.half_y + 0.3, PIER.y + PIER.half_y, 2.7):
            pier.add("planks", box(0.3, 0.3, 4.6, "ewnst").moved(x, float(y), -2.6).tinted((0.66, 0.62, 0.58)))
    site.stand(pier, 0.0, 0.0, z=0.0)


def pour_sea(site: Site) -> None:
    """Water from below the quay to the horizon."""

    def level(angle: Heights, reach: Heights) -> Heights:
        return np.asarray(0.0 * angle)

    def tint(places: Heights) -> Heights:
        far = np.clip(np.hypot(places[:, 0], places[:, 1]) / 160.0, 0.0, 1.0)[:, None]
        return np.asarray(np.array([1.0, 1.0, 1.0]) * (1.0 - far) + np.array([0.80, 0.92, 1.0]) * far)

    sea = Model("sea")
    sheet = rings([0.5, 8.0, 16.0, 26.0, 40.0, 64.0, 110.0, 190.0, 330.0], level, tint, 40)
    sea.add("water", sheet.textured(0.5))
    site.stand(sea, 0.0, 0.0, z=0.0)
