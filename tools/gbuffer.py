"""Frames with every plane from the numpy renderer: a walk through its plaza, for benchmarks of recordings."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from renderer.hits import Scene
from renderer.light import develop, shade
from renderer.palette import palette
from renderer.patterns import Noise
from renderer.places import plaza
from renderer.scenes import SUPERSAMPLE
from renderer.vectors import Array, vec
from renderer.view import View
from renderer.walker import walker
from renderer.weather import weather
from stylebridge.frame import Frame

RATE_HZ = 30
SEED = 7
SPAN = 1.35
HIDDEN = 0.05  # deeper than what the frame before shows there, by this share, is occluded


def walk(count: int, width: int, height: int) -> Iterator[Frame]:
    """The first frames of the walk. Motion is the camera's; the walker's own isn't in it."""
    for index in range(count):
        random = np.random.default_rng(SEED)
        colors = palette(random, 0.04)
        step = _step(index)
        things = plaza(random, colors) + walker(tuple(step), 0.0, 2 * math.pi * index / RATE_HZ, colors.dress)
        air = weather(random, "golden", 2.45)
        scene = Scene(things, colors.ground, air, Noise(random), tuple(step + vec(0, 0, 6)))
        view, before = _view(index, width, height), _view(index - 1, width, height)
        fine = _view(index, width * SUPERSAMPLE, height * SUPERSAMPLE)
        distance, ids = view.see(things)
        world = (view.origins + view.directions * distance).reshape(3, -1).astype(np.float64)
        x, y, z = (plane.reshape(height, width) for plane in before.project(world))
        columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
        yield Frame(
            color=np.ascontiguousarray(develop(shade(scene, fine), width, height)),
            depth=view.project(world)[2].reshape(height, width).astype(np.float32),
            motion=np.stack([x - columns, y - rows], axis=2).astype(np.float32),
            normals=_normals(world.reshape(3, height, width)),
            ids=(ids + 1).astype(np.uint32),
            occlusion=_occlusion(before, before.see(things)[0], x, y, z),
        )


def _step(index: int) -> Array:
    return vec(0, 0, 1.5 * index / RATE_HZ)


def _view(index: int, width: int, height: int) -> View:
    step, orbit = _step(index), 0.26 - 0.16 * index / RATE_HZ
    eye = step + vec(4.1 * math.sin(orbit), 1.7, -4.1 * math.cos(orbit))
    return View(eye, step + vec(0.25, 1.4, 2.0), width, height, SPAN)


def _normals(world: Array) -> Array:
    """From the slopes of the surface; wrong at edges, where a size is all that matters here."""
    across = np.cross(np.gradient(world, axis=2), np.gradient(world, axis=1), axis=0)
    unit = across / (np.linalg.norm(across, axis=0) + 1e-9)
    return np.ascontiguousarray(unit.transpose(1, 2, 0)).astype(np.float32)


def _occlusion(view: View, distance: Array, x: Array, y: Array, z: Array) -> Array:
    height, width = distance.shape
    depth = view.project((view.origins + view.directions * distance).reshape(3, -1))[2].reshape(height, width)
    outside = (x < 0) | (x >= width) | (y < 0) | (y >= height)
    column, row = np.clip(x, 0, width - 1).astype(int), np.clip(y, 0, height - 1).astype(int)
    return outside | (np.abs(depth[row, column] - z) > HIDDEN * z)
