"""Walls and what is let into them: panels with soil at their foot, arches, windows, doors, shutters."""

from __future__ import annotations

from functools import cache

import numpy as np

from stylebridge.scene.art.cards import WHOLE, sprays
from stylebridge.scene.art.form import Form, Points, cross, form, join
from stylebridge.scene.art.model import Model, soiled
from stylebridge.scene.art.shapes import box, grid, quad

Rgb = tuple[float, float, float]


def wall(width: float, height: float, foot: float = 0.0) -> Form:
    """An upright panel facing south, its foot soiled and its top shaded by eaves."""
    levels = np.unique(np.clip([0.0, 0.5, 1.3, height - 0.9, height - 0.3, height], 0.0, height))
    x = np.array([-width / 2.0, width / 2.0])
    points = np.zeros((len(levels), 2, 3))
    points[..., 0], points[..., 2] = x[None, :], levels[:, None] + foot
    return grid(points).shaded(lambda places: soiled(places, foot, foot + height))


def room(width: float, depth: float, height: float, foot: float = 0.0) -> Form:
    """Four walls around a middle, all facing outwards."""
    sides = []
    for quarter in range(4):
        across, away = (width, depth) if quarter % 2 == 0 else (depth, width)
        sides.append(wall(across, height, foot).moved(y=-away / 2.0).turned(quarter * np.pi / 2.0))
    return join(sides)


def gable(width: float, rise: float) -> Form:
    """The triangle above a wall that faces south."""
    places = [(-width / 2.0, 0.0, 0.0), (width / 2.0, 0.0, 0.0), (0.0, 0.0, rise)]
    uvs = [(place[0], place[2]) for place in places]
    return form(places, [(0.0, -1.0, 0.0)] * 3, uvs, [(0, 1, 2)])


def arch(
    width: float, height: float, opening: float, spring: float, depth: float, segments: int = 8, pointed: float = 0.0
) -> Form:
    """A bay of an arcade, its front to the south: a wall with an arched opening; ends are left open."""
    half, curve = opening / 2.0, arch_curve(opening, spring, segments, pointed)
    front = []
    for side in (-1.0, 1.0):
        left, right = sorted((side * width / 2.0, side * half))
        levels = np.array([0.0, min(0.8, spring), spring, height])
        points = np.zeros((len(levels), 2, 3))
        points[..., 0], points[..., 2] = (left, right), levels[:, None]
        front.append(grid(points))
    above = np.zeros((2, len(curve), 3))
    above[0, :, [0, 2]], above[1, :, 0], above[1, :, 2] = curve.T, curve[:, 0], height
    front.append(grid(above, uvs=above[..., [0, 2]]))
    face = join(front)
    face = form(face.positions, face.normals, face.positions[:, [0, 2]], face.triangles)
    inside = np.concatenate([[(-half, 0.0)], curve, [(half, 0.0)]])
    sheet = np.zeros((2, len(inside), 3))
    sheet[..., 0], sheet[..., 2] = inside[:, 0], inside[:, 1]
    sheet[0, :, 1], sheet[1, :, 1] = depth / 2.0, -depth / 2.0
    soffit = _turned_to(grid(sheet), (0.0, 0.0, spring * 0.5)).tinted((0.78, 0.76, 0.74))
    whole = join([face.moved(y=-depth / 2.0), face.turned(np.pi).moved(y=depth / 2.0), soffit])
    return whole.shaded(lambda places: soiled(places, 0.0))


def arch_curve(opening: float, spring: float, segments: int, pointed: float = 0.0) -> Points:
    """Points (x, z) along an arch from its left to its right spring; `pointed` draws its top upwards."""
    angles = np.linspace(np.pi, 0.0, segments + 1)
    half = opening / 2.0
    rise = np.sin(angles) * half + pointed * half * (1.0 - np.abs(np.cos(angles)))
    return np.stack([np.cos(angles) * half, spring + rise], axis=1)


def voussoirs(opening: float, spring: float, thick: float = 0.32, out: float = 0.08, segments: int = 9) -> Form:
    """The ring of dressed stones around an arch, standing out to the south, keystone larger."""
    angles = np.linspace(np.pi, 0.0, segments + 1)
    stones, half = [], opening / 2.0
    for k in range(segments):
        gap = 0.02 / half
        a, b = angles[k] - gap, angles[k + 1] + gap
        outer = half + thick * (1.35 if k == segments // 2 else 1.0)
        ring = [(half, a), (half, b), (outer, b), (outer, a)]
        front = np.array([(r * np.cos(t), -out, spring + r * np.sin(t)) for r, t in ring])
        back = front + np.array([0.0, out, 0.0])
        tint = 0.86 + 0.14 * ((k * 7) % 5) / 4.0
        sides = [quad([front[3], front[2], back[2], back[3]])]
        sides.append(quad([front[1], front[0], back[0], back[1]]))
        stones.append(join([quad(front), *sides]).tinted((tint, tint, tint)))
    return join(stones)


@cache  # shared by many houses, so nobody may add to it
def window(
    width: float, height: float, frame: Rgb, shutters: Rgb | None = None, lit: bool = False, arched: bool = False
) -> Model:
    """A window with frame and sill on the face of a south wall, its middle at the lower edge."""
    model = Model("window")
    pane = quad(
        [(-width / 2, -0.02, 0), (width / 2, -0.02, 0), (width / 2, -0.02, height), (-width / 2, -0.02, height)]
    )
    pane = form(pane.positions, pane.normals, WHOLE, pane.triangles)
    model.add("lit" if lit else "glass", pane)
    bar = 0.11
    jamb = box(bar, 0.12, height + bar, "ews").moved(y=-0.06)
    model.add("trim", jamb.moved(-width / 2 - bar / 2).tinted(frame), jamb.moved(width / 2 + bar / 2).tinted(frame))
    if arched:
        model.add("trim", voussoirs(width, height - width * 0.02, 0.16, 0.12, 7).tinted(frame))
    else:
        model.add("trim", box(width + 2 * bar + 0.08, 0.16, bar * 1.3, "ewstb").moved(y=-0.08, z=height).tinted(frame))
    model.add("trim", box(width + 0.42, 0.24, 0.09, "ewstb").moved(y=-0.12, z=-0.09).tinted(frame))
    if shutters is not None:
        for side in (-1.0, 1.0):
            leaf = box(width * 0.5, 0.05, height + 0.06, "ewst").moved(y=-0.07, z=-0.02)
            at = side * (width * 0.75 + bar + 0.02)
            model.add("painted", leaf.tinted(shutters).textured(1.0, u=0.37 * side).moved(at))
    return model


@cache  # shared by many houses, so nobody may add to it
def plain_window(width: float, height: float, frame: Rgb, lit: bool = False) -> Model:
    """A window for houses that are only seen from afar."""
    model = Model("window")
    pane = quad(
        [(-width / 2, -0.06, 0), (width / 2, -0.06, 0), (width / 2, -0.06, height), (-width / 2, -0.06, height)]
    )
    model.add("lit" if lit else "glass", form(pane.positions, pane.normals, WHOLE, pane.triangles))
    model.add("trim", box(width + 0.26, 0.05, height + 0.26, "s").moved(y=-0.02, z=-0.13).tinted(frame))
    return model


def door(width: float, height: float, tint: Rgb, frame: Rgb) -> Model:
    """A front door with its step, on the face of a south wall."""
    model = Model("door")
    model.add("painted", box(width, 0.05, height, "s").moved(y=-0.01).tinted(tint))
    for z in (0.15, height * 0.53):
        panel = box(width * 0.72, 0.05, height * 0.33, "ewstb").moved(y=-0.05, z=z)
        model.add("painted", panel.tinted([0.86 * c for c in tint]))
    post = box(0.18, 0.18, height + 0.18, "ews").moved(y=-0.09)
    lintel = box(width + 0.56, 0.26, 0.2, "ewstb").moved(y=-0.13, z=height)
    model.add("trim", post.moved(-width / 2 - 0.09).tinted(frame), post.moved(width / 2 + 0.09).tinted(frame))
    model.add("trim", lintel.tinted(frame), box(width + 0.7, 0.5, 0.7, "ewst").moved(y=-0.25, z=-0.58))
    model.add("gilt", box(0.06, 0.06, 0.06, "ewstb").moved(width * 0.36, -0.06, height * 0.48))
    return model


def flower_box(width: float, rng: np.random.Generator, blossom: Rgb) -> Model:
    """A trough of flowers to hang under a window."""
    model = Model("flower box")
    model.add("planks", box(width, 0.24, 0.2, "ewstb").moved(y=-0.2, z=-0.32))
    lumps = [(np.array([x, -0.22, -0.12]), 0.16) for x in np.linspace(-0.4, 0.4, 4) * width]
    model.add("leaves", sprays(rng, lumps, 5, 0.24).swaying(0.3))
    model.add("petals", sprays(rng, lumps, 7, 0.2).tinted(blossom).swaying(0.3))
    return model


def _turned_to(sheet: Form, middle: tuple[float, float, float]) -> Form:
    """The sheet with its outside towards this point."""
    corner = sheet.positions[sheet.triangles[0]]
    normal = cross(corner[1] - corner[0], corner[2] - corner[0])
    return sheet if float(normal @ (np.array(middle) - corner[0])) > 0.0 else sheet.flipped()
