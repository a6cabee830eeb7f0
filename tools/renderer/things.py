"""Things: a signed distance in a box of its own, a skin, a place; and the crates, walls and trees made of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from renderer.distances import box, capsule, column, drum, foliage, pierced, roof
from renderer.surfaces import Skin
from renderer.vectors import Array, Vec, vec


@dataclass(frozen=True)
class Thing:
    distance: Callable[[Array], Array]
    at: Vec
    half: Vec
    skin: Skin
    yaw: float = 0.0

    def spin(self, vectors: Array, back: bool = False) -> Array:
        c, s = math.cos(self.yaw), math.sin(self.yaw) * (-1 if back else 1)
        return np.stack([c * vectors[0] - s * vectors[2], vectors[1], s * vectors[0] + c * vectors[2]])

    def local(self, points: Array) -> Array:
        return self.spin(points - np.array(self.at, np.float32)[:, None])

    def corners(self) -> Array:
        signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32).T
        return self.spin(signs * np.array(self.half)[:, None], back=True) + np.array(self.at)[:, None]


def crate(at: Vec, size: float, yaw: float, skin: Skin) -> Thing:
    half = (size / 2, size / 2, size / 2)
    return Thing(lambda p: box(p, half, 0.05 * size), (at[0], at[1] + size / 2, at[2]), half, skin, yaw)


def slab(at: Vec, half: Vec, skin: Skin, yaw: float = 0.0, rounding: float = 0.04) -> Thing:
    return Thing(lambda p: box(p, half, rounding), at, half, skin, yaw)


def barrel(at: Vec, size: float, skin: Skin) -> Thing:
    def distance(p: Array) -> Array:
        return drum(p, size * (0.42 - 0.35 * (p[1] / size) ** 2 - 0.02 * (np.sin(p[1] * 14 / size) > 0.8)), 0.55 * size)

    return Thing(distance, (at[0], at[1] + 0.55 * size, at[2]), (0.44 * size, 0.55 * size, 0.44 * size), skin)


def pillar(at: Vec, radius: float, height: float, skin: Skin) -> Thing:
    half = (radius * 1.5, height / 2, radius * 1.5)
    return Thing(lambda p: column(p, radius, height / 2), (at[0], at[1] + height / 2, at[2]), half, skin)


def arcade(at: Vec, half: Vec, period: float, width: float, skin: Skin, yaw: float, sill: float = -99.0) -> Thing:
    spring = half[1] * 0.35 if sill < -50 else sill + (half[1] - sill) * 0.4
    return Thing(lambda p: pierced(p, half, period, width, sill, spring), at, half, skin, yaw)


def gable(at: Vec, half: Vec, skin: Skin, yaw: float = 0.0, conical: bool = False) -> Thing:
    return Thing(lambda p: roof(p, half, conical), at, half, skin, yaw)


def tree(at: Vec, height: float, bark: Skin, leaf: Skin, rng: np.random.Generator) -> list[Thing]:
    foot, top = vec(0, -height * 0.3, 0), vec(rng.normal(0, 0.15), height * 0.3, 0)
    blobs = [(*rng.normal(0, (0.17, 0.13, 0.17)) * height, height * rng.uniform(0.13, 0.21)) for _ in range(6)]
    crown = np.array(blobs, np.float32)
    reach = np.abs(crown[:, :3]).max(0) + crown[:, 3].max() + 0.2
    half = (float(reach[0]), float(reach[1]), float(reach[2]))
    trunk = Thing(
        lambda p: capsule(p, foot, top, 0.05 * height, 0.025 * height),
        (at[0], at[1] + height * 0.3, at[2]), (0.1 * height + 0.3, height * 0.36, 0.1 * height), bark,
    )  # fmt: skip
    return [trunk, Thing(lambda p: 0.6 * foliage(p, crown), (at[0], at[1] + height * 0.75, at[2]), half, leaf)]


def tower(at: Vec, radius: float, height: float, wall: Skin, tiles: Skin) -> list[Thing]:
    body = Thing(lambda p: drum(p, radius, height / 2), (at[0], height / 2, at[2]), (radius, height / 2, radius), wall)
    crown = Thing(
        lambda p: drum(p, radius * 1.12, 0.4), (at[0], height, at[2]), (radius * 1.15, 0.4, radius * 1.15), wall
    )
    half = (radius * 1.25, radius * 1.3, radius * 1.25)
    return [body, crown, gable((at[0], height + 0.3 + half[1], at[2]), half, tiles, conical=True)]


def house(at: Vec, half: Vec, wall: Skin, tiles: Skin, glass: Skin, yaw: float) -> list[Thing]:
    at = (at[0], half[1], at[2])
    inner = (half[0] - 0.2, half[1] - 0.05, half[2] - 0.2)
    top = (at[0], 2 * half[1] + half[2] * 0.6, at[2])
    return [
        arcade(at, half, 1.9, 0.42, wall, yaw, sill=-half[1] * 0.15),
        slab(at, inner, glass, yaw),
        slab((at[0], 0.2, at[2]), (half[0] + 0.12, 0.2, half[2] + 0.12), wall, yaw),
        gable(top, (half[0] + 0.3, half[2] * 0.6, half[2] + 0.35), tiles, yaw),
    ]
