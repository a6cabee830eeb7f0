"""The land around a level: rings of hills to the horizon, with far houses, woods and peaks as outlines."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from stylebridge.scene.art.form import Form, faceted, form, join, smooth_normals
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.art.shapes import box, grid, lathe
from stylebridge.scene.art.walls import gable

Points = NDArray[np.float64]
Rgb = Sequence[float]
SKIRT_M = 14.0


def waves(rng: Rng, count: int = 5) -> Callable[[Points], Points]:
    """A smooth random function of the direction, about -1 to 1."""
    turns, phases = rng.integers(2, 9, count), rng.uniform(0.0, 2.0 * np.pi, count)
    shares = 1.0 / np.sqrt(turns)

    def value(angle: Points) -> Points:
        return np.asarray((np.sin(angle[..., None] * turns + phases) * shares).sum(axis=-1) / shares.sum() * 1.6)

    return value


def rings(
    radii: Sequence[float],
    height: Callable[[Points, Points], Points],
    tint: Callable[[Points], Points],
    sides: int = 72,
) -> Form:
    """Land between circles around the origin; `height` takes directions and radii, `tint` [V,3] places to colours.

    Its inner rim hangs down, so that nobody looks under it from a level that ends in a slope.
    """
    angles = np.linspace(0.0, 2.0 * np.pi, sides + 1)
    reach, angle = np.meshgrid(np.asarray(radii, dtype=np.float64), angles, indexing="ij")
    level = height(angle, reach)
    level[0] -= SKIRT_M
    points = np.stack([np.cos(angle) * reach, np.sin(angle) * reach, level], axis=-1)
    sheet = grid(points[:, ::-1], uvs=points[:, ::-1, :2])
    normals = smooth_normals(sheet.positions, sheet.triangles)
    land = form(sheet.positions, normals, sheet.uvs, sheet.triangles)
    return land.painted(tint(land.positions))


def mountains(rng: Rng, radius: float, tallest: float, tint: Rgb, snow: Rgb, sides: int = 90) -> Form:
    """A jagged range all around, its highest peaks white."""
    angles = np.linspace(0.0, 2.0 * np.pi, sides + 1)
    shape = waves(rng, 7)(angles) * 0.5 + 0.5
    jag = rng.uniform(-0.16, 0.16, sides + 1)
    peak = tallest * np.clip(0.35 + 0.65 * shape + jag, 0.12, 1.1)
    peak[-1] = peak[0]
    layers = []
    for share, out in ((-0.12, 0.86), (0.45, 0.94), (0.78, 0.985), (1.0, 1.0)):
        shake, turn = rng.uniform(-0.02, 0.02, sides + 1), rng.uniform(-0.3, 0.3, sides + 1) * (0.0 < share < 1.0)
        shake[-1], turn[-1] = shake[0], turn[0]
        around = angles + turn * angles[1]
        reach = radius * (out + shake * (1.0 if share > 0 else 0.0))
        layers.append(np.stack([np.cos(around) * reach, np.sin(around) * reach, peak * share], axis=-1))
    points = np.stack(layers)[:, ::-1]
    rock = grid(points, flat=True)
    height = rock.positions[:, 2]
    white = np.clip((height - 0.58 * tallest) / (0.10 * tallest), 0.0, 1.0)[:, None]
    return rock.painted(np.asarray(tint) * (1.0 - white) + np.asarray(snow) * white)


def far_house(rng: Rng, walls: Rgb, tiles: Rgb) -> tuple[Form, Form]:
    """Walls and roof of a house that nobody comes near."""
    wide, deep, tall = rng.uniform(6, 9), rng.uniform(6, 8), rng.uniform(4, 7)
    rise = deep * 0.45
    body = join([box(wide, deep, tall + 4.0, "ewns").moved(z=-4.0)])
    ends = [gable(deep, rise).moved(y=-wide / 2, z=tall).turned(turn) for turn in (np.pi / 2, -np.pi / 2)]
    x, y = wide / 2 + 0.3, deep / 2 + 0.3
    ridge = [(-x, 0.0, tall + rise), (x, 0.0, tall + rise)]
    corners = np.array([(-x, -y, tall - 0.1), (x, -y, tall - 0.1), (x, y, tall - 0.1), (-x, y, tall - 0.1), *ridge])
    roof = faceted(corners, np.array([(0, 1, 5), (0, 5, 4), (2, 3, 4), (2, 4, 5)]))
    return join([body, *ends]).tinted(walls), roof.tinted(tiles)


def far_tree(rng: Rng, tint: Rgb, slim: bool = False) -> Form:
    """A cone or an egg of leaves."""
    tall = float(rng.uniform(5, 9))
    wide = tall * (0.14 if slim else float(rng.uniform(0.26, 0.36)))
    profile = [(wide * 0.7, 0.0), (wide, tall * 0.3), (wide * 0.7, tall * 0.72), (0.02, tall)]
    shape = lathe(profile, 6, cap=False, sharp=False).turned(float(rng.uniform(0, 1)))
    return shape.tinted(tint, 0.15, rng).shaded(lambda p: 0.7 + 0.3 * p[:, 2] / tall)
