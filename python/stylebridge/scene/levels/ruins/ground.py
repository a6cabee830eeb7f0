"""The valley's floor: rolling meadow, a stream that widens into a pond, a trodden path, the temple's steps."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from stylebridge.scene.art.form import Form, Points, form, join
from stylebridge.scene.art.model import Model
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.art.shapes import box, extrude, grid
from stylebridge.scene.levels.level import Box
from stylebridge.scene.levels.site import Site
from stylebridge.scene.levels.terrain import Heights, Platform, Terrain, nearest_gap

TEMPLE = Box(-2.0, 13.0, 8.2, 5.2)
TEMPLE_Z = 0.25
BRIDGE = Box(13.2, 0.0, 4.0, 1.7)
BRIDGE_Z = 0.12
PATH = np.array([(0.4, -34.0), (0.0, -24.0), (0.8, -16.0), (0.0, -10.0), (0.4, -4.0), (-1.2, 2.0), (-2.0, 6.4)])
SIDE_PATH = np.array([(0.4, -4.0), (4.0, -1.0), (9.0, 0.0), (13.2, 0.0), (18.0, 0.2), (22.0, 4.5)])
_CELL_M = 1.5
_CELLS = 52
_STEP_M = 0.17


def stream_x(y: Points) -> Points:
    """The middle of the stream at each y."""
    return np.asarray(13.2 + 2.2 * np.sin(0.15 * y) + 0.9 * np.sin(0.31 * y))


def stream_half_width(y: Points) -> Points:
    """Half of the water's width: a few steps, and a pond in the south."""
    return np.asarray(1.3 + 3.2 * np.exp(-(((y + 13.0) / 4.5) ** 2)))


def water_z(y: Points) -> Points:
    """The water's level falls towards the south."""
    return np.asarray(-0.62 + 0.006 * y)


def ruins_terrain(rng: Rng) -> Terrain:
    """Heights of the meadow, and the floors that stand on it."""
    line = np.arange(_CELLS + 1) * _CELL_M - _CELLS * _CELL_M / 2.0
    x, y = np.meshgrid(line, line)
    heights = _meadow(rng, x, y)
    flat = _near(Box(TEMPLE.x, TEMPLE.y, TEMPLE.half_x + 1.5, TEMPLE.half_y + 1.5), x, y, 4.0)
    heights = heights + (TEMPLE_Z - heights) * flat
    heights = heights + (BRIDGE_Z - 0.10 - heights) * _near(Box(BRIDGE.x, BRIDGE.y, 6.0, 2.0), x, y, 3.5)
    way = np.stack([x.reshape(-1), y.reshape(-1)], axis=1)
    trodden = np.exp(-((distance_to(PATH, way) / 2.5) ** 2)).reshape(x.shape)
    heights = heights * (1.0 - 0.7 * trodden)
    away = np.abs(x - stream_x(y)) - stream_half_width(y)
    bank = np.clip((away + 0.4) / 2.6, 0.0, 1.0)
    bank = bank * bank * (3.0 - 2.0 * bank)
    heights = (water_z(y) - 0.28) * (1.0 - bank) + heights * bank
    return Terrain(heights, _CELL_M, (*_temple_steps(), Platform(BRIDGE, BRIDGE_Z)))


def _meadow(rng: Rng, x: Heights, y: Heights) -> Heights:
    height = np.zeros_like(x)
    for wave_m, tall in ((34.0, 0.75), (19.0, 0.4), (10.0, 0.14)):
        for _ in range(3):
            angle, phase = rng.uniform(0.0, 6.28, 2)
            height += tall / 2.0 * np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2.0 * np.pi / wave_m + phase)
    sides = np.clip((np.abs(x + 1.0) - 22.0) / 18.0, 0.0, 1.5)
    north = np.clip((y - 24.0) / 20.0, 0.0, 1.2)
    return np.asarray(height + 4.5 * sides**1.6 + 3.0 * north**1.5)


def _near(shape: Box, x: Heights, y: Heights, fade_m: float) -> Heights:
    places = np.stack([x.reshape(-1), y.reshape(-1)], axis=1)
    t = np.clip(1.0 - nearest_gap([shape], places) / fade_m, 0.0, 1.0).reshape(x.shape)
    return np.asarray(t * t * (3.0 - 2.0 * t))


def _temple_steps() -> tuple[Platform, ...]:
    steps = []
    for k in range(3):
        out = 0.5 * (2 - k)
        steps.append(
            Platform(Box(TEMPLE.x, TEMPLE.y, TEMPLE.half_x + out, TEMPLE.half_y + out), TEMPLE_Z + _STEP_M * (k + 1))
        )
    return tuple(steps)


def distance_to(line: Points, places: Points) -> Points:
    """From [N,2] places to an open line."""
    best = np.full(len(places), np.inf)
    for a, b in pairwise(line):
        along = np.clip((places - a) @ (b - a) / ((b - a) @ (b - a)), 0.0, 1.0)
        best = np.minimum(best, np.linalg.norm(places - a - along[:, None] * (b - a), axis=1))
    return best


def lay_ground(site: Site, rng: Rng) -> None:
    """Add the meadow last: darker beside what stands on it, brown where people walk, wet beside the water."""
    points = site.terrain.points()
    whole = grid(points, uvs=points[..., :2])
    places = whole.positions[:, :2]
    ground = Model("meadow")
    ground.add("grass", whole.painted(_meadow_tint(site, whole, places)))
    site.stand(ground, 0.0, 0.0, z=0.0)
    floor = Model("temple floor")
    for platform in site.terrain.platforms:
        shape = platform.shape
        if shape is BRIDGE or not isinstance(shape, Box):
            continue
        size = (2 * shape.half_x, 2 * shape.half_y, 0.8)
        slab = box(*size, "ewns").moved(shape.x, shape.y, platform.z - 0.8)
        floor.add("trim", slab.tinted((0.82, 0.80, 0.74)))
        floor.add("flagstones", box(*size, "t").moved(shape.x, shape.y, platform.z - 0.8).tinted((0.90, 0.92, 0.86)))
    site.stand(floor, 0.0, 0.0, z=0.0)
    _lay_stones(site, rng)


def _meadow_tint(site: Site, whole: Form, places: Points) -> Points:
    x, y = places.T
    near = nearest_gap(site.obstacles, places)
    shade = 0.66 + 0.34 * np.clip((near + 0.4) / 2.2, 0.0, 1.0)
    hue = 0.5 + 0.5 * np.sin(x * 0.21 + 1.0) * np.sin(y * 0.17 + 2.0)
    green = np.stack([0.74 + 0.26 * hue, 0.88 + 0.12 * hue, 0.80 - 0.06 * hue], axis=1)
    path = np.minimum(distance_to(PATH, places), distance_to(SIDE_PATH, places))
    trodden = np.clip(1.3 - path / 1.9, 0.0, 1.0)[:, None]
    wet = np.clip(1.2 - (np.abs(x - stream_x(y)) - stream_half_width(y)) / 1.4, 0.0, 1.0)[:, None]
    steep = np.clip((0.90 - whole.normals[:, 2]) / 0.14, 0.0, 1.0)[:, None]
    tint = green + (np.array([1.0, 0.80, 0.62]) - green) * 0.85 * trodden
    tint = tint + (np.array([0.62, 0.58, 0.48]) - tint) * 0.8 * wet
    tint = tint + (np.array([0.80, 0.76, 0.66]) - tint) * 0.6 * steep
    return np.asarray(np.clip(tint * shade[:, None], 0.0, 1.0))


def _lay_stones(site: Site, rng: Rng) -> None:
    """Worn slabs along the paths, sunk into the grass."""
    stones = []
    for line, spread in ((PATH, 0.75), (SIDE_PATH[:3], 0.4), (SIDE_PATH[3:], 0.4)):
        lengths = np.linalg.norm(np.diff(line, axis=0), axis=1)
        reach = np.concatenate([[0.0], np.cumsum(lengths)])
        for at in np.arange(0.4, reach[-1] - 0.2, 0.62):
            for side in (-1.0, 1.0):
                if rng.random() < 0.18:
                    continue
                x, y = (np.interp(at, reach, line[:, k]) for k in range(2))
                x, y = x + side * spread * rng.uniform(0.35, 1.0), y + rng.uniform(-0.22, 0.22)
                stones.append(_slab(site, rng, float(x), float(y)))
    path = Model("path")
    path.add("trim", join([stone for stone in stones if stone is not None]))
    path.add(
        "earth",
        _trodden(site, rng, PATH, 1.05),
        _trodden(site, rng, SIDE_PATH[:3], 0.6),
        _trodden(site, rng, SIDE_PATH[3:], 0.6),
    )
    site.stand(path, 0.0, 0.0, z=0.0)


def _trodden(site: Site, rng: Rng, line: Points, half_m: float) -> Form:
    """A strip of bare earth with ragged edges, laid closely over the meadow."""
    lengths = np.linalg.norm(np.diff(line, axis=0), axis=1)
    reach = np.concatenate([[0.0], np.cumsum(lengths)])
    at = np.arange(0.0, reach[-1], 0.5)
    middle = np.stack([np.interp(at, reach, line[:, k]) for k in range(2)], axis=1)
    ahead = np.gradient(middle, axis=0)
    aside = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1) / np.linalg.norm(ahead, axis=1, keepdims=True)
    share = np.linspace(1.0, -1.0, 7)
    ragged = half_m * (1.0 + rng.uniform(-0.22, 0.22, (len(at), 2)))
    wide = np.where(share > 0.0, ragged[:, :1], ragged[:, 1:]) * share  # [K,7]
    flat = middle[:, None] + aside[:, None] * wide[..., None]
    height = site.terrain(flat.reshape(-1, 2)).reshape(wide.shape) + 0.02
    points = np.concatenate([flat, height[..., None]], axis=-1)
    strip = grid(points, uvs=flat)
    if float(strip.normals[:, 2].sum()) < 0.0:
        strip = strip.flipped()
    rim = np.abs(np.tile(share, len(at)))[:, None]
    return strip.painted(0.92 - (0.92 - np.array([0.60, 0.66, 0.44])) * rim**3)


def _slab(site: Site, rng: Rng, x: float, y: float) -> Form | None:
    if site.terrain.on_platform(np.array([[x, y]]))[0]:
        return None
    count = int(rng.integers(5, 8))
    angles = (np.arange(count) + rng.uniform(-0.25, 0.25, count)) / count * 2.0 * np.pi
    radius = rng.uniform(0.26, 0.46)
    outline = np.stack([np.cos(angles) * radius * 1.15, np.sin(angles) * radius], axis=1)
    slab = extrude(outline, 0.12).rotated(np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]]).T)
    keep = slab.normals[slab.triangles[:, 0], 2] > -0.5  # nobody sees its underside
    slab = form(slab.positions, slab.normals, slab.uvs, slab.triangles[keep])
    tone = float(rng.uniform(0.52, 0.74))
    z = float(site.terrain(np.array([[x, y]]) + outline).max())
    return slab.turned(float(rng.uniform(0, 6.28))).moved(x, y, z + 0.01).tinted((tone, tone * 0.98, tone * 0.92))


def pour_water(site: Site) -> None:
    """The stream's surface from end to end of the meadow."""
    y = np.linspace(-44.0, 44.0, 60)
    middle, half, level = stream_x(y), stream_half_width(y) + 1.2, water_z(y)
    sheet = np.stack([np.stack([middle + side * half, y, level], axis=-1) for side in (-1.0, -0.33, 0.33, 1.0)], axis=1)
    water = Model("stream")
    water.add("water", grid(sheet, uvs=sheet[..., :2]))
    site.stand(water, 0.0, 0.0, z=0.0)
