"""Boats and what belongs to a harbour: hulls, sails, bollards, nets, a crane, a lighthouse."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stylebridge.scene.art.form import Form, Points, form, join, smooth_normals
from stylebridge.scene.art.model import Model
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.art.shapes import ball, box, cylinder, disc, grid, lathe, tube

Rgb = Sequence[float]
WHITE: Rgb = (0.98, 0.96, 0.92)


def hull(length: float, width: float, depth: float, tint: Rgb, stripe: Rgb = WHITE) -> tuple[Form, Form]:
    """The outside of a boat, its bow to the north and the water at z = 0, and its planked inside."""
    along = np.linspace(0.0, 1.0, 9)
    beam = width / 2.0 * np.sin(np.clip(along * 0.80 + 0.20, 0.0, 1.0) * np.pi) ** 0.55
    beam[-1] = 0.02
    sheer = depth * (0.62 + 0.38 * np.abs(along * 1.5 - 0.6) ** 2)
    keel = -depth * 0.55 * np.sin(np.clip(along * 0.86 + 0.14, 0, 1) * np.pi) ** 0.4
    round_up = np.linspace(-1.0, 1.0, 9)  # from gunwale to gunwale below the keel
    x = np.sign(round_up) * np.abs(round_up) ** 0.55 * beam[:, None]
    z = keel[:, None] + (sheer - keel)[:, None] * np.abs(round_up) ** 2.2
    y = np.broadcast_to(((along - 0.5) * length)[:, None], x.shape)
    points = np.stack([x, y, z], axis=-1)
    shell = _away_from(grid(points), (0.0, 0.0, depth))
    band = shell.positions[:, 2] > sheer.min() * 0.62
    paint = np.where(band[:, None], np.asarray(stripe), np.asarray(tint))
    below = np.where(shell.positions[:, 2:] < 0.02, 0.45, 1.0)
    inner = points * np.array([0.93, 0.985, 1.0]) + np.array([0.0, 0.0, 0.05])
    inside = _away_from(grid(inner), (0.0, 0.0, depth)).flipped()
    floor = inside.positions[:, 2].clip(depth * 0.12)
    inside = form(
        np.stack([inside.positions[:, 0], inside.positions[:, 1], floor], axis=1),
        inside.normals,
        inside.positions[:, :2] * np.array([1.0, 0.3]),
        _solid(inside, floor),
    )
    transom = _transom(points[0])
    return join([shell.painted(paint * below), transom.tinted(tint)]), inside.tinted((0.82, 0.78, 0.74))


def _solid(shape: Form, height: Points) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """The triangles that keep an area once the floor has been levelled."""
    places = np.stack([shape.positions[:, 0], shape.positions[:, 1], height], axis=1)
    a, b, c = (places[shape.triangles[:, k]] for k in range(3))
    return np.asarray(shape.triangles[np.linalg.norm(np.cross(b - a, c - a), axis=1) > 1e-6])


def _transom(curve: Points) -> Form:
    """The flat stern across the first ribs."""
    middle = curve.mean(axis=0)
    count = len(curve)
    places = np.concatenate([curve, middle[None]])
    fan = np.array([(k, k + 1, count) for k in range(count - 1)] + [(count - 1, 0, count)])
    stern = form(places, np.tile([0.0, -1.0, 0.0], (count + 1, 1)), places[:, [0, 2]], fan)
    a, b, c = (places[fan[:, k]] for k in range(3))
    return stern if np.cross(b - a, c - a)[:, 1].sum() < 0 else form(places, stern.normals, stern.uvs, fan[:, ::-1])


def _away_from(sheet: Form, middle: tuple[float, float, float]) -> Form:
    """The sheet with its outside away from a point within."""
    out = (sheet.normals * (sheet.positions - np.array(middle))).sum()
    return sheet if out > 0 else sheet.flipped()


def rowing_boat(tint: Rgb) -> Model:
    """A small open boat with two thwarts and its oars inside."""
    model = Model("rowing boat")
    outside, inside = hull(3.6, 1.4, 0.7, tint)
    model.add("painted", outside)
    model.add(
        "planks",
        inside,
        box(1.2, 0.28, 0.05, "ewnstb").moved(0.0, -0.3, 0.32),
        box(1.1, 0.28, 0.05, "ewnstb").moved(0.0, 0.7, 0.34),
    )
    for x in (-0.25, 0.28):
        model.add("planks", tube([(x, -1.3, 0.4), (x * 0.8, 0.0, 0.44), (x * 0.5, 1.3, 0.55)], 0.03, 4).tinted(WHITE))
    return model


def sailing_boat(rng: Rng, tint: Rgb, sail: Rgb, hoisted: bool) -> Model:
    """A fishing boat with one mast; its sail is set, or rolled around the boom."""
    model = Model("sailing boat")
    outside, inside = hull(7.6, 2.5, 1.25, tint)
    model.add("painted", outside)
    model.add("planks", inside)
    model.add("painted", box(1.5, 1.9, 0.95, "ewnst", taper=0.9).moved(0.0, 1.0, 0.35).tinted(WHITE))
    model.add("painted", box(1.3, 0.02, 0.4, "s").moved(0.0, 0.03, 0.75).tinted((0.16, 0.22, 0.30)))
    mast = 7.6
    model.add("planks", tube([(0, 0.0, 0.1), (0, 0.0, mast / 2), (0, 0.0, mast)], [0.09, 0.07, 0.04], 6))
    model.add("planks", tube([(0, -0.1, 1.75), (0, -1.6, 1.8), (0, -3.4, 1.85)], 0.05, 5))
    for y in (3.5, -3.4):
        stay = tube([(0, 0, mast - 0.2), (0, y / 2, mast / 2 + 0.4), (0, y, 1.0)], 0.014, 3)
        model.add("planks", stay.tinted((0.5, 0.45, 0.4)))
    if hoisted:
        model.add("cloth", _sail([(0, -0.12, 1.95), (0, -3.3, 2.0), (0, -0.08, mast - 0.3)], 0.55, sail))
        model.add("cloth", _sail([(0, 3.3, 1.1), (0, 0.3, 1.6), (0, 0.1, mast - 0.8)], 0.4, WHITE))
    else:
        model.add(
            "cloth", tube([(0, -0.2, 1.92), (0.03, -1.6, 2.02), (0, -3.3, 1.96)], [0.1, 0.17, 0.08], 6).tinted(sail)
        )
    flag = grid(np.array([[(0, 0, 0), (0, -0.7, 0)], [(0, 0, 0.4), (0, -0.7, 0.4)]], dtype=np.float64))
    model.add("cloth", flag.moved(z=mast - 0.45).tinted(sail).swaying(lambda p: -p[:, 1] / 0.7))
    for k in range(2):
        barrel = cylinder(0.22, 0.55, 8).moved(0.35 * (-1) ** k, -1.6 - 0.5 * k, 0.3)
        model.add("planks", barrel)
    return model


def _sail(corners: Sequence[tuple[float, float, float]], belly: float, tint: Rgb) -> Form:
    """A triangle of cloth that the wind has filled towards the east."""
    a, b, c = (np.array(corner, dtype=np.float64) for corner in corners)
    t = np.linspace(0.0, 1.0, 6)
    s = np.linspace(0.0, 1.0, 5)
    edge_a, edge_b = a + (c - a) * t[:, None], b + (c - b) * t[:, None]
    points = edge_a[:, None] + (edge_b - edge_a)[:, None] * s[:, None]
    full = np.sin(s * np.pi)[None, :] * (1.0 - t)[:, None] * np.sin(np.clip(t + 0.35, 0, 1) * np.pi)[:, None]
    points[..., 0] += belly * full
    points[-1, 1:] += (points[-2, 1:] - points[-1, 1:]) * 0.02  # keeps the topmost triangles from losing their area
    sheet = grid(points)
    return form(sheet.positions, smooth_normals(sheet.positions, sheet.triangles), sheet.uvs, sheet.triangles).tinted(
        tint
    )


def bollard() -> Model:
    """An iron post to tie ships to."""
    model = Model("bollard")
    model.add("metal", lathe([(0.20, 0.0), (0.16, 0.1), (0.13, 0.5), (0.22, 0.58), (0.2, 0.7), (0.05, 0.74)], 8))
    return model


def net_rack(rng: Rng) -> Model:
    """Nets hung over a beam to dry, floats at their rim."""
    model = Model("net rack")
    for post in (-1.5, 1.5):
        for lean in (-0.3, 0.3):
            model.add("planks", box(0.09, 0.09, 2.2, "ewns").tilted("x", lean).moved(post, lean * 1.5))
    model.add("planks", tube([(-1.8, 0, 2.05), (0, 0, 2.05), (1.8, 0, 2.05)], 0.06, 5))
    along, down = np.linspace(-1.45, 1.45, 9), np.linspace(0.0, 1.0, 5)
    for side in (-1.0, 1.0):
        hang = 1.3 + 0.35 * np.sin(along * 2.3 + side) + rng.uniform(-0.1, 0.1, len(along))
        x, y, z = np.broadcast_arrays(along[None], side * 0.34 * down[:, None], 2.08 - hang[None] * down[:, None])
        points = np.stack([x, y, z], axis=-1)
        sheet = grid(points).tinted((0.30, 0.42, 0.40)).swaying(lambda p: 0.5 * (2.08 - p[:, 2]) / 1.5)
        model.add("cloth", sheet)
        for k in range(0, len(along), 2):
            model.add("fruit", ball(0.09, 3, 6).moved(*points[-1, k]).tinted((0.95, 0.45, 0.2)))
    return model


def crane() -> Model:
    """A wooden crane that reaches over the water to the south, a load on its rope."""
    model = Model("crane")
    model.add("blocks", box(1.8, 1.8, 0.6, "ewnst"))
    model.add("planks", box(0.4, 0.4, 4.6, "ewnst").moved(z=0.4))
    arm = box(0.26, 5.4, 0.26, "ewnstb").moved(0.0, -2.0, -0.13).tilted("x", -0.22).moved(z=4.5)
    model.add("planks", arm, box(0.2, 0.2, 2.8, "ewnstb").tilted("x", 0.85).moved(0.0, 0.0, 2.6))
    model.add("planks", cylinder(0.3, 0.9, 8).tilted("y", np.pi / 2).moved(-0.45, 0.5, 1.5))
    model.add("metal", tube([(0, -4.5, 5.4), (0, -4.5, 4.0), (0, -4.5, 2.6)], 0.02, 3))
    model.add("planks", box(0.9, 0.9, 0.8, "ewnstb").moved(0.0, -4.5, 1.8))
    return model


def lighthouse() -> Model:
    """A round tower in red and white, its lantern behind glass."""
    model = Model("lighthouse")
    model.add("blocks", lathe([(3.2, -3.0), (3.0, 1.2), (2.6, 1.2)], 14))
    levels = np.linspace(1.2, 11.2, 6)
    radii = 2.1 - 0.75 * (levels - 1.2) / 10.0
    for k in range(5):
        band = lathe([(radii[k], levels[k]), (radii[k + 1], levels[k + 1])], 16, cap=False)
        model.add("plaster", band.tinted((0.80, 0.20, 0.16) if k % 2 == 0 else WHITE))
    model.add("trim", lathe([(1.35, 11.1), (1.95, 11.3), (1.95, 11.5)], 16))
    model.add("lamp", lathe([(0.75, 11.6), (0.75, 12.9)], 10, cap=False))
    for k in range(8):
        angle = k * np.pi / 4.0
        x, y = np.cos(angle), np.sin(angle)
        model.add("metal", box(0.07, 0.07, 1.5, "ewns").moved(x * 1.0, y * 1.0, 11.5))
        model.add("metal", box(0.05, 0.05, 0.9, "ewns").moved(x * 1.85, y * 1.85, 11.5))
    rail = np.arange(17) * np.pi / 8.0
    model.add("metal", tube(np.stack([np.cos(rail) * 1.85, np.sin(rail) * 1.85, 0.0 * rail + 12.4], axis=1), 0.035, 4))
    model.add("painted", lathe([(1.3, 12.95), (0.9, 13.6), (0.05, 14.3)], 12, cap=False).tinted((0.80, 0.20, 0.16)))
    model.add("gilt", ball(0.18, 4, 8).moved(z=14.4))
    model.add("planks", disc(1.3, 12).flipped().moved(z=12.95))
    return model
