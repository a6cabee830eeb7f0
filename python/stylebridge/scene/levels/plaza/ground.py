"""The square's floor: cobbles with bands of slabs, a podium, the hall's terrace, a slope behind the parapet."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.art.form import Form, join
from stylebridge.scene.art.model import Model
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.art.shapes import box, grid, lathe
from stylebridge.scene.levels.level import Box, Disc
from stylebridge.scene.levels.site import Site
from stylebridge.scene.levels.terrain import Heights, Platform, Terrain, nearest_gap

FOUNTAIN = (-3.0, -1.0)
TERRACE = Box(-3.0, 20.9, 12.2, 3.2)
PARAPET_Y = -20.4
STEP_M = 0.15
_CELL_M = 1.5
_CELLS = 48


def plaza_terrain(rng: Rng) -> Terrain:
    """Slightly worn ground that falls towards the south, and the steps on it."""
    line = np.arange(_CELLS + 1) * _CELL_M - _CELLS * _CELL_M / 2.0
    x, y = np.meshgrid(line, line)
    tilt = 0.014 * np.clip(y, -21.0, 40.0) + 0.002 * x
    a, b, c, d = rng.uniform(0.0, 6.28, 4)
    worn = 0.05 * np.sin(x * 0.31 + a) * np.sin(y * 0.27 + b) + 0.03 * np.sin(x * 0.7 + c) * np.sin(y * 0.63 + d)
    heights = tilt + worn + _valley(y)
    return Terrain(heights, _CELL_M, _podium(heights) + _terrace())


def _valley(y: Heights) -> Heights:
    beyond = np.clip(-21.0 - y, 0.0, None)
    return np.asarray(-0.55 * beyond - 0.02 * beyond**2)


def _podium(heights: Heights) -> tuple[Platform, ...]:
    foot = 0.014 * FOUNTAIN[1] + 0.002 * FOUNTAIN[0]
    return tuple(Platform(Disc(*FOUNTAIN, 5.2 - 0.5 * k), foot + 0.06 + STEP_M * (k + 1)) for k in range(2))


def _terrace() -> tuple[Platform, ...]:
    foot = 0.014 * (TERRACE.y - TERRACE.half_y - 1.0)
    steps = []
    for k in range(3):
        out = 0.45 * (2 - k)
        shape = Box(TERRACE.x, TERRACE.y, TERRACE.half_x + out, TERRACE.half_y + out)
        steps.append(Platform(shape, foot + 0.04 + STEP_M * (k + 1)))
    return tuple(steps)


def lay_ground(site: Site) -> None:
    """Add the floor last: it is darker beside whatever stands on it."""
    points = site.terrain.points()
    rows, columns = points.shape[:2]
    middle = (points[:-1, :-1] + points[1:, 1:])[..., :2] / 2.0
    kind = _paving(middle.reshape(-1, 2)).reshape(rows - 1, columns - 1)
    whole = grid(points, uvs=points[..., :2])
    near = nearest_gap(site.obstacles, whole.positions[:, :2])
    worn = 0.94 + 0.06 * np.sin(whole.positions[:, 0] * 0.9) * np.sin(whole.positions[:, 1] * 0.7 + 1.0)
    whole = whole.painted((worn * (0.64 + 0.36 * np.clip((near + 0.2) / 1.8, 0.0, 1.0)))[:, None])
    ground = Model("ground")
    for material in ("cobbles", "flagstones", "grass"):
        chosen = np.repeat((kind == material).reshape(-1), 2)
        if chosen.any():
            ground.add(material, whole.part(chosen))
    for platform in site.terrain.platforms:
        _add_step(ground, platform)
    site.stand(ground, 0.0, 0.0, z=0.0)


def _paving(middle: Heights) -> np.ndarray[tuple[int, ...], np.dtype[np.str_]]:
    x, y = middle.T
    bands = (np.abs(np.abs(x + 2.25) - 9.0) < 0.8) | (np.abs(y + 15.75) < 0.8) | (np.abs(y - 14.25) < 0.8)
    bands |= (np.abs(x + 2.25) < 0.8) | (np.abs(y + 0.75) < 0.8)
    square = (np.abs(x) < 20.5) & (y > -19.5) & (y < 17.5)
    promenade = (y < -18.0) & (y > -21.5) & (np.abs(x) < 20.5)
    kind = np.where((bands & square) | promenade, "flagstones", "cobbles")
    return np.asarray(np.where(y < -21.7, "grass", kind))


def _add_step(ground: Model, platform: Platform) -> None:
    shape, deep = platform.shape, 0.7
    if isinstance(shape, Disc):
        sides = 28  # a circle for whoever walks on it; its corners stay within a few millimetres of that
        drum = lathe([(shape.radius, -deep), (shape.radius, -0.03), (shape.radius - 0.03, 0.0)], sides, cap=False)
        top = lathe([(shape.radius - 0.03, 0.0), (max(shape.radius - 0.9, 0.1), 0.0), (0.02, 0.0)], sides, cap=False)
        ground.add("trim", drum.moved(shape.x, shape.y, platform.z).tinted((0.93, 0.9, 0.86)))
        flat = top.moved(shape.x, shape.y, platform.z)
        ground.add("flagstones", Form(flat.positions, flat.normals, flat.positions[:, :2], flat.triangles, flat.colors))
        return
    slab = box(2 * shape.half_x, 2 * shape.half_y, deep, "ewns").moved(shape.x, shape.y, platform.z - deep)
    top = box(2 * shape.half_x, 2 * shape.half_y, deep, "t").moved(shape.x, shape.y, platform.z - deep)
    ground.add("trim", join([slab]).tinted((0.9, 0.87, 0.82)))
    ground.add("flagstones", top.tinted((0.97, 0.95, 0.92)))
