"""Hits: where a view's rays end on a scene, and what its surfaces are like there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from renderer.patterns import Noise
from renderer.surfaces import Skin, paint
from renderer.things import Thing
from renderer.vectors import Array, Vec, column_from_vec, unit
from renderer.view import FAR, View
from renderer.weather import Weather


@dataclass(frozen=True)
class Scene:
    """Things on a ground at y = 0; shadows are sharpest round `focus`."""

    things: list[Thing]
    ground: Skin
    weather: Weather
    noise: Noise
    focus: Vec = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Hits:
    """One column per pixel that isn't sky; `pixels` are their places in [H*W]."""

    pixels: Array
    depth: Array
    rays: Array
    points: Array
    albedo: Array
    normal: Array
    gloss: Array
    glow: Array


def normal_from_distance(thing: Thing, p: Array) -> Array:
    """The gradient at local points from four distances, a tetrahedron of 4 mm."""
    e = 0.004
    corners = [column_from_vec(c) for c in ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1))]
    return unit(sum(c * thing.distance(p + e * c) for c in corners) + 1e-9)


def hits_from_view(scene: Scene, view: View, depth: Array, ident: Array) -> Hits:
    """Gather and paint what `view.see` saw, thing by thing."""
    t, ids = depth.ravel(), ident.ravel()
    pixels = np.flatnonzero(t < FAR)
    pixels = pixels[np.argsort(ids[pixels], kind="stable")]
    t, ids, rays = t[pixels], ids[pixels], view.directions.reshape(3, -1)[:, pixels]  # [3,H,W] -> [3,HW]
    points = view.eye[:, None] + rays * t
    albedo, normal = np.empty_like(points), np.empty_like(points)
    gloss, glow = np.empty_like(t), np.empty_like(t)
    found, starts = np.unique(ids, return_index=True)
    for k, start, stop in zip(found, starts, [*starts[1:], ids.size], strict=True):
        part = slice(start, stop)
        world, footprint = points[:, part], t[part] * view.pixel
        if k < 0:
            skin = scene.ground
            up = np.zeros_like(world)
            up[1] = 1
            footprint = footprint / np.maximum(-rays[1, part], 0.05) ** 0.75
            albedo[:, part], normal[:, part] = paint(skin, world, up, footprint, scene.noise)
        else:
            thing = scene.things[k]
            skin, p = thing.skin, thing.local(world)
            albedo[:, part], bumped = paint(skin, p, normal_from_distance(thing, p), footprint, scene.noise)
            normal[:, part] = thing.spin(bumped, back=True)
        gloss[part], glow[part] = skin.gloss, skin.glow
    return Hits(pixels, t, rays, points, albedo, normal, gloss, glow)
