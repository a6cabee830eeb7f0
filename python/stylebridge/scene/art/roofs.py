"""Roofs: tiled slopes with boards at their edges, ridges, chimneys, dormers, spires."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stylebridge.scene.art.form import Form, cross, form
from stylebridge.scene.art.model import Model
from stylebridge.scene.art.shapes import box, lathe, quad, tube
from stylebridge.scene.art.walls import gable, window

Rgb = Sequence[float]
DARK_WOOD = (0.62, 0.56, 0.52)


def gable_roof(
    model: Model, width: float, depth: float, eaves: float, rise: float, tint: Rgb, over: float = 0.5
) -> None:
    """Two slopes that meet over the middle, their ridge running east to west; gables are the walls' business."""
    half, slope = depth / 2.0, rise / (depth / 2.0)
    low_y, low_z, side = half + over, eaves - over * slope, width / 2.0 + over * 0.7
    lift = 0.16
    for turn in (0.0, np.pi):
        slab = [(-side, -low_y, low_z), (side, -low_y, low_z), (side, 0.0, eaves + rise), (-side, 0.0, eaves + rise)]
        tiles = quad(slab).moved(z=lift).shaded(lambda p: 0.86 + 0.14 * ((p[:, 2] - low_z) / (rise + 0.1)))
        model.add("tiles", tiles.tinted(tint).turned(turn))
        model.add("planks", quad(slab).flipped().tinted((0.45, 0.42, 0.4)).turned(turn))
        board = quad(
            [(-side, -low_y, low_z), (side, -low_y, low_z), (side, -low_y, low_z + lift), (-side, -low_y, low_z + lift)]
        )
        model.add("planks", board.tinted(DARK_WOOD).turned(turn))
        for end in (-1.0, 1.0):
            corners = np.array([slab[0 if end < 0 else 1], slab[3 if end < 0 else 2]])
            foot, top = corners - np.array([0.0, 0.0, 0.14]), corners + np.array([0.0, 0.0, lift])
            edge = quad([foot[0], foot[1], top[1], top[0]])
            edge = edge if float(edge.normals[0, 0]) * end > 0 else edge.flipped()
            model.add("planks", edge.tinted(DARK_WOOD).turned(turn))
    ridge = tube([(-side, 0, 0), (0, 0, 0), (side, 0, 0)], 0.15, 6).moved(z=eaves + rise + lift - 0.03)
    model.add("tiles", ridge.tinted([0.8 * c for c in tint]))


def hip_roof(model: Model, width: float, depth: float, eaves: float, rise: float, tint: Rgb, over: float = 0.5) -> None:
    """Four slopes; a square one comes to a point."""
    x, y = width / 2.0 + over, depth / 2.0 + over
    ridge = max(x - y, 0.0)
    corners = [(-x, -y, eaves), (x, -y, eaves), (x, y, eaves), (-x, y, eaves)]
    tops = [(-ridge, 0.0, eaves + rise), (ridge, 0.0, eaves + rise)]
    faces = [
        (corners[0], corners[1], tops[1], tops[0]),
        (corners[1], corners[2], tops[1], tops[1]),
        (corners[2], corners[3], tops[0], tops[1]),
        (corners[3], corners[0], tops[0], tops[0]),
    ]
    for face in faces:
        model.add("tiles", _slope(np.array(face)).tinted(tint))
    model.add("planks", box(2 * x, 2 * y, 0.18, "ewnsb").moved(z=eaves - 0.18).tinted(DARK_WOOD))
    for end in (-1.0, 1.0):
        for side in (-1.0, 1.0):
            edge = [(end * x, side * y, eaves), (end * (x + ridge) / 2, side * y / 2, eaves + rise / 2)]
            edge.append((end * ridge, 0.0, eaves + rise))
            model.add("tiles", tube(edge, 0.12, 5).tinted([0.8 * c for c in tint]))
    if ridge:
        model.add("tiles", tube([tops[0], (0, 0, eaves + rise), tops[1]], 0.14, 6).tinted([0.8 * c for c in tint]))


def spire(radius: float, rise: float, sides: int = 8, flare: float = 1.12) -> Form:
    """A pointed roof with a flared foot, for towers."""
    return lathe([(radius * flare, 0.0), (radius * 0.86, rise * 0.16), (0.02, rise)], sides, cap=False)


def chimney(model: Model, x: float, y: float, z: float, height: float) -> None:
    """Bricks, a slab and two pots."""
    model.add("bricks", box(0.75, 0.6, height, "ewns").moved(x, y, z))
    model.add("trim", box(0.95, 0.8, 0.14, "ewnstb").moved(x, y, z + height).tinted((0.75, 0.72, 0.68)))
    for side in (-0.19, 0.19):
        pot = lathe([(0.14, 0.0), (0.11, 0.4)], 6).moved(x + side, y, z + height + 0.14)
        model.add("tiles", pot.tinted((0.85, 0.8, 0.78)))


def dormer(model: Model, x: float, y: float, z: float, tint: Rgb, wall: Rgb, lit: bool = False) -> None:
    """A little house on the roof with one window that looks south; it runs back into the slope."""
    small = Model("dormer")
    small.add("plaster", box(1.3, 2.2, 1.2, "ews").moved(y=1.1).tinted(wall), gable(1.3, 0.6).moved(z=1.2).tinted(wall))
    small.add_model(window(0.7, 0.8, (0.9, 0.86, 0.8), lit=lit), y=0.0, z=0.3)
    roof = Model("roof")
    gable_roof(roof, 2.4, 1.3, 1.2, 0.6, tint, 0.16)
    small.add_model(roof, y=1.05, heading_rad=np.pi / 2.0)
    model.add_model(small, x, y, z)


def _slope(points: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Form:
    """A roof face between its eaves (first edge) and its top, triangular when both top corners are one."""
    right = points[1] - points[0]
    right /= np.linalg.norm(right)
    normal = cross(right, points[2] - points[0])
    normal /= np.linalg.norm(normal)
    up = cross(normal, right)
    uvs = np.stack([(points - points[0]) @ right, (points - points[0]) @ up], axis=1)
    triangles = [(0, 1, 2)] if np.allclose(points[2], points[3]) else [(0, 1, 2), (0, 2, 3)]
    return form(points, np.tile(normal, (4, 1)), uvs, triangles)
