"""Render game-like pictures with numpy alone: a walk through a plaza, or many unlike stills for training.

python tools/render_frames.py clip OUTDIR --frames 24 --size 640x360 --seed 7
python tools/render_frames.py stills OUTDIR --count 400 --size 320x320 --seed 1

Each thing is a signed distance field in a box of its own. A view (the camera, the sun, the zenith) sphere-traces every
thing inside its box's screen rectangle into one depth buffer; surfaces are textured and lit afterwards, so only visible
points pay. Lengths are metres, y is up, the walker faces +z, colours are linear RGB.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

Array = np.ndarray
Vec = tuple[float, float, float]
FAR = 400.0
SUPERSAMPLE = 2
PLACES = {"plaza": 0.22, "village": 0.2, "forest": 0.18, "ruin": 0.16, "hall": 0.12, "pile": 0.12}
MOODS = {"golden": 0.32, "noon": 0.26, "overcast": 0.14, "dusk": 0.16, "night": 0.12}


# Distances: p is [3,N] in the thing's own frame, the answer [N].


def box(p: Array, half: Vec, rounding: float = 0.03) -> Array:
    x, y, z = (np.abs(p[i]) - (half[i] - rounding) for i in range(3))
    inside = np.minimum(np.maximum(np.maximum(x, y), z), 0)
    return np.sqrt(np.maximum(x, 0) ** 2 + np.maximum(y, 0) ** 2 + np.maximum(z, 0) ** 2) + inside - rounding


def capsule(p: Array, a: Array, b: Array, radius_a: float, radius_b: float) -> Array:
    axis = b - a
    x, y, z = p[0] - a[0], p[1] - a[1], p[2] - a[2]
    h = np.clip((x * axis[0] + y * axis[1] + z * axis[2]) / float(axis @ axis), 0, 1)
    gap = np.sqrt((x - h * axis[0]) ** 2 + (y - h * axis[1]) ** 2 + (z - h * axis[2]) ** 2)
    return gap - (radius_a + h * (radius_b - radius_a))


def drum(p: Array, radius: Array | float, half_height: float, rounding: float = 0.03) -> Array:
    x = np.sqrt(p[0] ** 2 + p[2] ** 2) - radius + rounding
    y = np.abs(p[1]) - half_height + rounding
    return np.sqrt(np.maximum(x, 0) ** 2 + np.maximum(y, 0) ** 2) + np.minimum(np.maximum(x, y), 0) - rounding


def column(p: Array, radius: float, half_height: float) -> Array:
    end = half_height - np.abs(p[1])
    flutes = 0.012 * np.abs(np.sin(9 * np.arctan2(p[2], p[0])))
    shaft = drum(p, radius * (0.96 - 0.06 * p[1] / half_height) + flutes, half_height)
    collar = np.hypot(np.hypot(p[0], p[2]) - radius, end - 0.34) - 0.09
    plinth = np.maximum(np.maximum(np.abs(p[0]), np.abs(p[2])) - radius * 1.45, end - 0.22)
    return np.minimum(np.minimum(shaft, collar), np.maximum(plinth, -end))


def pierced(p: Array, half: Vec, period: float, width: float, sill: float, spring: float) -> Array:
    """A slab with round-headed openings every `period` metres."""
    last = math.floor((half[0] - width * 1.2) / period)
    x = p[0] - period * np.clip(np.round(p[0] / period), -last, last)
    hole = np.maximum(np.hypot(x, np.maximum(p[1] - spring, 0)) - width, sill - p[1])
    return np.maximum(box(p, half), -hole)


def foliage(p: Array, blobs: Array) -> Array:
    d = np.full(p.shape[1], 9.0, np.float32)
    for x, y, z, radius in blobs:
        d = np.minimum(d, np.sqrt((p[0] - x) ** 2 + (p[1] - y) ** 2 + (p[2] - z) ** 2) - radius)
    bumps = np.sin(9 * p[0] + 2 * p[1]) * np.sin(8 * p[1] + 1.5 * p[2]) * np.sin(9 * p[2] + 2 * p[0])
    return d + 0.13 * bumps + 0.05 * np.sin(23 * p[0]) * np.sin(21 * p[1] + 2) * np.sin(22 * p[2])


def roof(p: Array, half: Vec, conical: bool) -> Array:
    across = np.hypot(p[0], p[2]) if conical else np.abs(p[2])
    slope = math.hypot(half[1] * 2, half[2])
    side = (across * half[1] * 2 + (p[1] - half[1]) * half[2]) / slope
    ends = -p[1] - half[1] if conical else np.maximum(np.abs(p[0]) - half[0], -p[1] - half[1])
    return np.maximum(side, ends)


def cape(p: Array, half: Vec, sway: float) -> Array:
    down = (half[1] - p[1]) / (2 * half[1])
    hang = 0.16 - 2 * sway * down**2 + 1.6 * p[0] ** 2 + 0.03 * np.sin(17 * p[0] + 3 * down) * down
    q = np.stack([p[0] / (0.55 + 0.45 * down), p[1], p[2] - hang])
    return 0.6 * box(q, (half[0], half[1], 0.03), 0.02)


# Surfaces: a pattern turns surface metres into a blend between two colours and a tone; both also raise bumps.


@dataclass(frozen=True)
class Skin:
    pattern: str
    a: Vec
    b: Vec
    scale: float = 1.0
    gloss: float = 0.1
    bump: float = 1.0
    glow: float = 0.0
    wrap: bool = False


class Noise:
    """A tileable fractal noise, 512 texels over 8 units, about 0.5 on average."""

    def __init__(self, rng: np.random.Generator) -> None:
        total = np.zeros((512, 512), np.float32)
        for octave in range(3, 9):
            cells = 2**octave
            grid = np.pad(rng.random((cells, cells), np.float32), 4, mode="wrap")
            size = 512 + 8 * 512 // cells
            border = 4 * 512 // cells
            total += (
                cv2.resize(grid, (size, size), interpolation=cv2.INTER_CUBIC)[border:-border, border:-border]
                * 0.62**octave
            )
        self.texels = np.clip((total - total.mean()) / total.std() * 0.19 + 0.5, 0, 1)
        self.cells = rng.random((64, 64), np.float32)

    def __call__(self, u: Array, v: Array) -> Array:
        n = u.size
        rows = n // 1024 + 1
        maps = np.zeros((2, rows * 1024), np.float32)
        maps[0, :n], maps[1, :n] = u * 64 % 512, v * 64 % 512
        grid = maps.reshape(2, rows, 1024)  # [2,N] -> [2,R,1024], OpenCV refuses rows past 32767
        return cv2.remap(self.texels, grid[0], grid[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP).ravel()[:n]

    def cell(self, i: Array, j: Array) -> Array:
        return self.cells[i.astype(np.int32) & 63, j.astype(np.int32) & 63]


def bricks(u: Array, v: Array, noise: Noise, aspect: float, shift: float, joint: float) -> tuple[Array, Array]:
    row = np.floor(v)
    along = u / aspect + shift * row
    col = np.floor(along)
    edge = np.minimum(np.minimum(along - col, col + 1 - along) * aspect, np.minimum(v - row, row + 1 - v))
    rough = noise(u, v)
    blend = np.clip((joint + 0.1 * (rough - 0.5) - edge) / 0.03, 0, 1)
    return blend, 0.55 + 0.5 * noise.cell(row, col) + 0.5 * (rough - 0.5)


def pattern(name: str, u: Array, v: Array, noise: Noise) -> tuple[Array, Array]:
    if name == "tiles":
        return bricks(u, v, noise, 1, 0, 0.035)
    if name == "flags":
        return bricks(u, v, noise, 1.6, 0.37, 0.03)
    if name == "bricks":
        return bricks(u, v, noise, 2.2, 0.5, 0.07)
    if name == "planks":
        row = np.floor(v)
        grain = noise(u * 0.25 + row * 3.7, v * 3)
        return np.clip((np.abs(v - row - 0.5) - 0.45) / 0.04, 0, 1) * 0.9, 0.5 + 0.45 * noise.cell(row, row) + 1.1 * (
            grain - 0.4
        )
    if name == "chequer":
        i, j = np.floor(u), np.floor(v)
        edge = np.minimum(np.minimum(u - i, i + 1 - u), np.minimum(v - j, j + 1 - v))
        odd = (i + j) % 2
        return odd, (0.75 + 0.35 * noise.cell(i, j) + 0.5 * (noise(u, v) - 0.5)) * np.clip(edge / 0.03, 0.45, 1)
    if name == "leaves":
        fine = noise(u * 2.6, v * 2.6)
        return np.clip((fine - 0.42) * 4, 0, 1), 0.45 + 1.2 * (noise(u * 4, v * 4) - 0.1) * fine * 1.5
    if name == "stripes":
        return np.clip(np.sin(u * 6.2832) * 4 + 0.5, 0, 1), 0.8 + 0.5 * (noise(u * 3, v * 3) - 0.3)
    if name == "scales":
        row = np.floor(v)
        x = u + 0.5 * (row % 2)
        fall = v - row + 0.5 * (x - np.floor(x) - 0.5) ** 2 * 2
        return np.clip((0.18 - fall) * 6, 0, 1), 0.5 + 0.5 * noise.cell(row, np.floor(x)) + 0.4 * fall * noise(u, v)
    if name == "stone":
        fine = noise(u * 2, v * 2)
        return np.clip(noise(u * 0.4, v * 0.4) * 3 - 1, 0, 1), 0.6 + 0.35 * fine + 0.25 * noise(u * 5, v * 5)
    if name == "plain":
        return np.zeros_like(u), 0.9 + 0.4 * (noise(u, v) - 0.5)
    coarse, fine = noise(u * 0.3, v * 0.3), noise(u * 2, v * 2)  # "earth": grass, rock, plaster
    return np.clip((coarse - 0.5) * 3 + 0.5, 0, 1), 0.2 + 0.8 * (fine - 0.5) + 1.2 * noise(u * 6, v * 5)


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


class View:
    """A perspective camera, or a parallel one that looks along a light."""

    def __init__(self, eye: Array, target: Array, width: int, height: int, span: float, parallel: bool = False) -> None:
        self.eye, self.width, self.height, self.parallel = np.asarray(eye, np.float32), width, height, parallel
        ahead = np.asarray(target, np.float32) - self.eye
        ahead /= np.linalg.norm(ahead)
        right = np.cross((0, 1, 0) if abs(ahead[1]) < 0.99 else (0, 0, 1), ahead)
        right /= np.linalg.norm(right)
        self.basis = np.stack([right, np.cross(ahead, right), ahead]).astype(np.float32)
        self.pixel = span / width
        x = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) * self.pixel
        y = (height / 2 - np.arange(height, dtype=np.float32) - 0.5) * self.pixel
        flat = [np.broadcast_to(x, (height, width)), np.broadcast_to(y[:, None], (height, width))]
        if parallel:
            self.directions = self.basis[2][:, None, None]
            self.origins = np.einsum("kc,khw->chw", self.basis[:2], np.stack(flat)) + self.eye[:, None, None]
        else:
            rays = np.einsum("kc,khw->chw", self.basis, np.stack([*flat, np.ones((height, width), np.float32)]))
            self.directions = rays / np.sqrt((rays**2).sum(0))
            self.origins = self.eye[:, None, None]

    def project(self, points: Array) -> Array:
        """World [3,N] -> pixel x, pixel y and depth along the axis, [3,N]."""
        x, y, z = self.basis @ (points - self.eye[:, None])
        scale = self.pixel * (1 if self.parallel else np.maximum(z, 1e-3))
        return np.stack([x / scale + self.width / 2, self.height / 2 - y / scale, z])

    def rectangle(self, thing: Thing) -> tuple[slice, slice] | None:
        x, y, z = self.project(thing.corners())
        if not self.parallel and z.max() < 0.1:
            return None
        if not self.parallel and z.min() < 0.1:
            return slice(0, self.height), slice(0, self.width)
        x0, x1 = max(int(x.min()), 0), min(int(x.max()) + 2, self.width)
        y0, y1 = max(int(y.min()), 0), min(int(y.max()) + 2, self.height)
        return (slice(y0, y1), slice(x0, x1)) if x0 < x1 and y0 < y1 else None

    def see(self, things: list[Thing]) -> tuple[Array, Array]:
        """Depth in metres and the index of the thing seen; -1 is the ground or, at FAR, the sky."""
        with np.errstate(divide="ignore"):
            ground = -self.origins[1] / self.directions[1]
        depth = np.broadcast_to(np.where((ground > 0) & (ground < FAR), ground, FAR), (self.height, self.width)).copy()
        ident = np.full((self.height, self.width), -1, np.int16)
        order = np.argsort([np.linalg.norm(np.array(t.at) - self.eye) - max(t.half) for t in things])
        for k in order:
            if (where := self.rectangle(things[k])) is not None:
                self.trace(things[k], int(k), depth[where], ident[where], where)
        return depth, ident

    def trace(self, thing: Thing, k: int, depth: Array, ident: Array, where: tuple[slice, slice]) -> None:
        def cut(rays: Array) -> Array:
            return (rays if rays.shape[1:] == (1, 1) else rays[:, *where]).reshape(3, -1)

        def keep(rays: Array, which: Array) -> Array:
            return rays if rays.shape[1] == 1 else rays[:, which]

        o, d = thing.local(cut(self.origins)), thing.spin(cut(self.directions))
        half = np.array(thing.half, np.float32)[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            near, far = (-np.sign(d) * half - o) / d, (np.sign(d) * half - o) / d
        t, end = np.maximum(near.max(0), 0.05), np.minimum(far.min(0), depth.ravel())
        index = np.flatnonzero(t < end)
        t, end, o, d = t[index], end[index], keep(o, index), keep(d, index)
        for _ in range(56):
            if not index.size:
                return
            gap = thing.distance(o + d * t)
            reach = 0.5 * self.pixel * (1 if self.parallel else t) + 0.001
            hit = (gap < reach) & (t < end)
            if hit.any():
                rows, cols = np.divmod(index[hit], depth.shape[1])
                depth[rows, cols], ident[rows, cols] = t[hit], k
            alive = ~hit & (t < end)
            t += gap
            if alive.sum() < 0.8 * index.size:
                index, t, end, o, d = index[alive], t[alive], end[alive], keep(o, alive), keep(d, alive)


# Light


@dataclass(frozen=True)
class Weather:
    sun: Vec
    sun_colour: Vec
    zenith: Vec
    horizon: Vec
    cloud: float
    fog: float
    lamps: tuple[tuple[Vec, Vec], ...] = ()


@dataclass(frozen=True)
class Scene:
    things: list[Thing]
    ground: Skin
    weather: Weather
    noise: Noise
    focus: Vec = (0.0, 0.0, 0.0)


def vec(*xyz: float) -> Array:
    return np.array(xyz)


def unit(v: Array) -> Array:
    return v / np.sqrt((v**2).sum(0))


def colour(c: Vec) -> Array:
    return np.array(c, np.float32)[:, None]


def sky(scene: Scene, d: Array) -> Array:
    w = scene.weather
    rise = np.maximum(d[1], 0)
    out = colour(w.horizon) + (colour(w.zenith) - colour(w.horizon)) * rise**0.42
    facing = np.maximum((d * colour(w.sun)).sum(0), 0)
    u, v = d[0] / (rise + 0.12), d[2] / (rise + 0.12)
    density = scene.noise(u * 0.55, v * 0.55)
    cover = np.clip((density - 0.72 + 0.3 * w.cloud) * 4, 0, 1) * np.clip(rise * 7, 0, 1)
    lit = colour(w.sun_colour) * (0.22 + 0.5 * facing**6) + colour(w.horizon) * 0.75
    out += (lit * (1.25 - 0.5 * density) - out) * cover * 0.85
    out += colour(w.sun_colour) * (0.25 * facing**12 + 3.0 * facing**900 * (1 - cover))
    bearing = np.arctan2(d[0], d[2])
    for layer, (height, fade) in enumerate(((0.16, 0.75), (0.09, 0.5), (0.045, 0.25))):
        ridge = (
            height * 2.2 * (scene.noise(bearing * (1.3 + layer * 1.2) + 5, np.full_like(bearing, layer * 2.3)) - 0.22)
        )
        hill = colour(w.zenith) * 0.35 + colour((0.02, 0.05, 0.03)) * 1.5
        out = np.where(d[1] < ridge, hill * (1 - fade) + colour(w.horizon) * fade, out)
    return out


def paint(skin: Skin, p: Array, n: Array, footprint: Array, noise: Noise) -> tuple[Array, Array]:
    """Albedo and bumped normal of local points p with normals n; `footprint` is the size of a pixel there."""
    axis = np.abs(n).argmax(0)
    side = np.where(axis == 0, p[2], p[0])
    if skin.wrap:
        side = np.where(axis == 1, side, np.arctan2(p[2], p[0]) * 1.0)
    u, v = side / skin.scale, np.where(axis == 1, p[2], p[1]) / skin.scale
    blend, tone = pattern(skin.pattern, u, v, noise)
    sharp = np.exp(-((footprint / (0.08 * skin.scale)) ** 2) * 0.5)
    step = 0.02
    height = tone * 0.35 - blend
    slope = []
    for du, dv in ((step, 0), (0, step)):
        b, t = pattern(skin.pattern, u + du, v + dv, noise)
        slope.append(np.clip((t * 0.35 - b - height) / step * 0.06 * skin.bump, -0.8, 0.8) * sharp)
    tilt = np.stack([np.where(axis == 0, 0, slope[0]), np.where(axis == 1, 0, slope[1]), np.zeros_like(u)])
    tilt[2] = np.where(axis == 0, slope[0], np.where(axis == 1, slope[1], 0))
    mean = blend.mean() * 0.5
    blend, tone = mean + (blend - mean) * sharp, 0.8 + (tone - 0.8) * (0.3 + 0.7 * sharp)
    albedo = (colour(skin.a) + (colour(skin.b) - colour(skin.a)) * blend) * np.maximum(tone, 0.05)
    return albedo, unit(n - tilt)


def lightmap(scene: Scene, direction: Vec, span: float, size: int) -> tuple[View, Array]:
    target = np.array(scene.focus)
    view = View(target + 60 * np.array(direction), target, size, size, span, parallel=True)
    return view, view.see(scene.things)[0]


def reached(view: View, depth: Array, points: Array, spread: float, bias: float) -> Array:
    """The share of light along a parallel view that arrives at world points [3,N]."""
    x, y, z = view.project(points)
    total = np.zeros_like(z)
    taps = 12
    for k in range(taps):
        r, a = spread * math.sqrt((k + 0.5) / taps) / view.pixel, 2.4 * k
        i = np.clip(y + r * math.sin(a), 0, view.height - 1).astype(np.int32)
        j = np.clip(x + r * math.cos(a), 0, view.width - 1).astype(np.int32)
        total += depth[i, j] > z - bias
    outside = (x < 2) | (x > view.width - 2) | (y < 2) | (y > view.height - 2)
    return np.where(outside, 1, total / taps)


def shade(scene: Scene, view: View) -> Array:
    """The picture as [H,W,3] linear light."""
    w, things, noise = scene.weather, scene.things, scene.noise
    depth, ident = view.see(things)
    t, ids, d = depth.ravel(), ident.ravel(), view.directions.reshape(3, -1)
    out = np.empty((3, t.size), np.float32)
    away = np.flatnonzero(t >= FAR)
    solid = np.flatnonzero(t < FAR)
    out[:, away] = sky(scene, d[:, away])
    solid = solid[np.argsort(ids[solid], kind="stable")]
    t, ids, d = t[solid], ids[solid], d[:, solid]
    points = view.eye[:, None] + d * t
    albedo, normal = np.empty_like(points), np.empty_like(points)
    gloss, glow = np.empty_like(t), np.empty_like(t)
    found, starts = np.unique(ids, return_index=True)
    for k, start, stop in zip(found, starts, [*starts[1:], ids.size], strict=True):
        part = slice(start, stop)
        world, foot = points[:, part], t[part] * view.pixel
        if k < 0:
            skin, p = scene.ground, world
            n = np.zeros_like(p)
            n[1] = 1
            foot = foot / np.maximum(-d[1, part], 0.05) ** 0.75
            albedo[:, part], normal[:, part] = paint(skin, p, n, foot, noise)
        else:
            thing = things[k]
            skin, p = thing.skin, thing.local(world)
            e = 0.004
            n = sum(
                colour(c) * thing.distance(p + e * colour(c))
                for c in ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1))
            )
            albedo[:, part], bumped = paint(skin, p, unit(n + 1e-9), foot, noise)
            normal[:, part] = thing.spin(bumped, back=True)
        gloss[part], glow[part] = skin.gloss, skin.glow

    lifted = points + normal * 0.03
    sun_lit = reached(*lightmap(scene, w.sun, 34, 640), lifted, 0.05, 0.06)
    sky_lit = reached(*lightmap(scene, (0.02, 1, 0.02), 34, 256), lifted, 1.1, 0.3)
    screen = cv2.GaussianBlur(np.minimum(depth, 60), (0, 0), view.width / 90).ravel()[solid]
    dent = (t - screen) / (0.2 + 0.03 * t)
    crease = 1 - 0.22 * np.clip(dent, 0, 1) * np.clip(2.5 - dent, 0, 1)  # no halo on what lies far behind
    ambient = (0.35 + 0.65 * sky_lit) * crease * np.clip(0.6 + 0.5 * points[1], 0.6, 1)

    cosine = (normal * colour(w.sun)).sum(0)
    light = colour(w.sun_colour) * (np.clip(cosine, 0, 1) * sun_lit)
    light += (colour(w.zenith) * (0.6 + 0.4 * normal[1]) + colour(w.horizon) * 0.35) * ambient * 0.75
    light += colour(w.sun_colour) * colour(scene.ground.a) * (0.22 * (0.5 - 0.5 * normal[1]) * ambient)
    shine = np.maximum((unit(colour(w.sun) - d) * normal).sum(0), 0)
    extra = colour(w.sun_colour) * (gloss * sun_lit * shine**40 * 1.5)
    rim = gloss * (1 - np.clip(-(normal * d).sum(0), 0, 1)) ** 4
    extra += colour(w.horizon) * rim * ambient
    for at, tint in w.lamps:
        ray = colour(at) - points
        square = (ray**2).sum(0) + 0.05
        light += colour(tint) * (np.clip((ray * normal).sum(0) / np.sqrt(square) + 0.15, 0, 1) / square * crease)
    lit = albedo * (light + glow) + extra
    haze = 1 - np.exp(-np.maximum(t - 4, 0) * w.fog * np.exp(-np.maximum(points[1], 0) * 0.04))
    towards = np.maximum((d * colour(w.sun)).sum(0), 0) ** 8
    mist = colour(w.horizon) + colour(w.sun_colour) * 0.2 * towards
    out[:, solid] = lit + (mist - lit) * haze
    return out.T.reshape(view.height, view.width, 3)  # [3,HW] -> [H,W,3]


def develop(light: Array, width: int, height: int) -> Array:
    """Linear light -> an 8-bit RGB picture: downsample, bloom, saturation, filmic curve."""
    small = cv2.resize(light, (width, height), interpolation=cv2.INTER_AREA)
    small += 0.25 * cv2.GaussianBlur(np.clip(small - 0.9, 0, 4), (0, 0), width / 50)
    small = np.maximum(small + 0.18 * (small - small.mean(2, keepdims=True)), 0)
    film = small * (2.51 * small + 0.03) / (small * (2.43 * small + 0.59) + 0.14)
    return (np.clip(film, 0, 1) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8)


# Things


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


def limb(a: Array, b: Array, radius_a: float, radius_b: float, skin: Skin, at: Array, yaw: float) -> Thing:
    c, s = math.cos(yaw), math.sin(yaw)
    middle, wide = (a + b) / 2, max(radius_a, radius_b) + 0.01
    half = np.abs(b - a) / 2 + wide
    place = (at[0] + c * middle[0] + s * middle[2], at[1] + middle[1], at[2] - s * middle[0] + c * middle[2])
    u, v = a - middle, b - middle
    return Thing(lambda p: capsule(p, u, v, radius_a, radius_b), place, tuple(half), skin, yaw)


def walker(at: Vec, yaw: float, phase: float, dress: list[Skin]) -> list[Thing]:
    """A 1.8 m figure: skin, hair, tunic, trousers, boots, cape and metal in that order; 2 pi of phase is two steps."""
    flesh, hair, tunic, trousers, boots, cloak, metal = dress
    origin = vec(0.0, 0.95, 0.0)
    legs, feet = [], []
    for sign in (-1, 1):
        thigh = 0.48 * math.sin(phase + (sign > 0) * math.pi)
        bend = 0.12 + 0.85 * max(0.0, math.sin(phase + (sign > 0) * math.pi + 1.15)) ** 2
        hip = vec(0.11 * sign, 0.0, 0.0)
        knee = hip + 0.44 * vec(0, -math.cos(thigh), math.sin(thigh))
        ankle = knee + 0.43 * vec(0, -math.cos(thigh - bend), math.sin(thigh - bend))
        toe = ankle + vec(0.02 * sign, -0.03 - 0.1 * (thigh < -0.2), 0.17)
        legs.append((hip, knee, ankle, toe))
        feet.append(min(ankle[1], toe[1]) - 0.07)
    origin[1] = -min(feet)
    parts = []

    def add(a: Array, b: Array, radius_a: float, radius_b: float, skin: Skin) -> None:
        parts.append(limb(a + origin, b + origin, radius_a, radius_b, skin, np.array(at), yaw))

    for hip, knee, ankle, toe in legs:
        add(hip, knee, 0.1, 0.075, trousers)
        add(knee, ankle, 0.078, 0.06, boots)
        add(ankle, toe, 0.065, 0.055, boots)
    lean, neck = vec(0, 0.26, 0.02), vec(0, 0.52, 0.03)
    add(vec(0, -0.1, 0), lean, 0.19, 0.15, tunic)
    add(vec(-0.13, 0.44, 0.02), vec(0.13, 0.44, 0.02), 0.115, 0.115, tunic)
    add(lean, vec(0, 0.42, 0.02), 0.15, 0.17, tunic)
    add(vec(-0.03, 0.02, 0), vec(0.03, 0.02, 0), 0.18, 0.18, metal)
    add(neck, neck + vec(0, 0.1, 0.01), 0.055, 0.055, flesh)
    add(neck + vec(0, 0.17, 0.03), neck + vec(0, 0.22, 0.02), 0.1, 0.11, flesh)
    add(neck + vec(0, 0.2, -0.025), neck + vec(0, 0.26, -0.01), 0.118, 0.112, hair)
    for sign in (-1, 1):
        swing = 0.5 * math.sin(phase + (sign < 0) * math.pi)
        shoulder = vec(0.23 * sign, 0.45, 0.02)
        elbow = shoulder + 0.29 * vec(0.22 * sign, -math.cos(swing), math.sin(swing))
        hand = elbow + 0.25 * vec(0.02 * sign, -math.cos(swing + 0.55), math.sin(swing + 0.55))
        add(shoulder, shoulder + vec(0.02 * sign, 0.03, 0), 0.1, 0.09, metal)
        add(shoulder, elbow, 0.075, 0.06, tunic)
        add(elbow, hand, 0.062, 0.045, boots)
        add(hand, hand + vec(0, -0.05, 0.02), 0.05, 0.045, flesh)
    half = (0.33, 0.5, 0.36)
    sway = 0.16 + 0.05 * math.sin(2 * phase)
    back = origin + vec(0, 0.02, -0.35)
    c, s = math.cos(yaw), math.sin(yaw)
    place = (at[0] + s * back[2], at[1] + back[1], at[2] + c * back[2])
    parts.append(Thing(lambda p: cape(p, half, sway), place, half, cloak, yaw))
    return parts


# Scenes


@dataclass(frozen=True)
class Palette:
    stone: Skin
    wall: Skin
    roof: Skin
    wood: Skin
    leaf: Skin
    earth: Skin
    glass: Skin
    ground: Skin
    dress: list[Skin]


def tint(rng: np.random.Generator, base: Vec, spread: float) -> Vec:
    c = np.array(base) * rng.uniform(1 - spread, 1 + spread, 3) * rng.uniform(1 - spread, 1 + spread)
    return tuple(float(x) for x in np.clip(c, 0.01, 0.95))


def palette(rng: np.random.Generator, spread: float) -> Palette:
    """Materials near a sandstone town's; `spread` 0 keeps them there, 1 lets them go anywhere."""

    def skin(pattern: str, a: Vec, b: Vec, scale: float, *others: str, gloss: float = 0.1, glow: float = 0.0) -> Skin:
        name = str(rng.choice([pattern, *others])) if spread > 0.1 else pattern
        size = scale * float(rng.uniform(1 - 0.6 * spread, 1 + spread))
        bump = 1 + spread * float(rng.uniform(-0.5, 1))
        return Skin(name, tint(rng, a, spread * 0.6), tint(rng, b, spread * 0.6), size, gloss, bump, glow)

    hues = rng.permutation(vec((0.7, 0.06, 0.04), (0.05, 0.22, 0.55), (0.75, 0.42, 0.05), (0.06, 0.35, 0.2)))
    main, second = ((0.38, 0.03, 0.035), (0.05, 0.17, 0.42)) if spread < 0.1 else (tuple(hues[0]), tuple(hues[1]))
    return Palette(
        stone=skin("stone", (0.66, 0.56, 0.42), (0.55, 0.45, 0.32), 0.8, "flags", "bricks"),
        wall=skin("flags", (0.60, 0.47, 0.33), (0.26, 0.2, 0.15), 0.45, "bricks", "earth", "planks", "tiles"),
        roof=skin("scales", (0.5, 0.17, 0.08), (0.16, 0.05, 0.03), 0.35, "scales", "bricks", "planks"),
        wood=skin("planks", (0.42, 0.24, 0.11), (0.08, 0.04, 0.02), 0.22, "planks", "stripes", "chequer"),
        leaf=skin("leaves", (0.05, 0.13, 0.03), (0.24, 0.36, 0.06), 0.5),
        earth=skin("earth", (0.12, 0.22, 0.05), (0.3, 0.24, 0.12), 0.5, "leaves"),
        glass=skin("tiles", (0.05, 0.09, 0.13), (0.2, 0.12, 0.06), 0.4, gloss=0.9),
        ground=skin("tiles", (0.58, 0.48, 0.36), (0.2, 0.16, 0.13), 1.1, "flags", "chequer", "bricks", gloss=0.25),
        dress=[
            Skin("plain", (0.72, 0.42, 0.28), (0.7, 0.4, 0.3), 0.5),
            Skin("stone", (0.16, 0.07, 0.03), (0.09, 0.04, 0.02), 0.15),
            Skin("plain", second, second, 0.3),
            Skin("plain", (0.3, 0.24, 0.17), (0.2, 0.1, 0.1), 0.2),
            Skin("stone", (0.2, 0.1, 0.05), (0.13, 0.06, 0.03), 0.3, 0.15),
            Skin("stripes", main, tuple(0.72 * x for x in main), 0.16),
            Skin("plain", (0.5, 0.36, 0.13), (0.5, 0.36, 0.13), 0.2, 0.7),
        ],
    )  # fmt: skip


def weather(rng: np.random.Generator, mood: str, bearing: float) -> Weather:
    rise, sun, top, low, cloud, fog = {
        "golden": (0.6, (2.6, 1.75, 0.9), (0.05, 0.17, 0.52), (0.42, 0.50, 0.60), 0.0, 0.004),
        "noon": (1.3, (2.3, 2.15, 1.85), (0.12, 0.32, 0.75), (0.55, 0.72, 0.9), 0.4, 0.004),
        "overcast": (0.9, (0.7, 0.7, 0.7), (0.5, 0.56, 0.62), (0.75, 0.78, 0.8), 1.0, 0.02),
        "dusk": (0.2, (2.2, 0.9, 0.5), (0.14, 0.13, 0.34), (0.75, 0.36, 0.3), 0.6, 0.015),
        "night": (0.7, (0.16, 0.24, 0.42), (0.015, 0.03, 0.08), (0.03, 0.05, 0.1), 0.3, 0.01),
        "hall": (0.8, (0.1, 0.1, 0.12), (0.05, 0.06, 0.08), (0.04, 0.04, 0.05), 0.0, 0.01),
    }[mood]  # fmt: skip
    direction = unit(vec(math.sin(bearing), rise, math.cos(bearing)))
    return Weather(tuple(direction), sun, top, low, cloud + rng.uniform(-0.2, 0.2), fog)


def plaza(rng: np.random.Generator, p: Palette) -> list[Thing]:
    """A walled square: colonnade at the left, houses at the right, an arcade and towers ahead."""
    things: list[Thing] = []
    for z in range(-8, 30, 4):
        things.append(pillar((-5.2, 0.36, z), 0.38, 4.4, p.stone))
    things.append(slab((-5.2, 5.1, 10), (0.62, 0.36, 20), p.wall))
    things.append(slab((-6.6, 5.55, 10), (2.3, 0.12, 20.3), p.stone))
    things += [
        slab((-6.9 - 0.2 * k, 0.09 + 0.12 * k, 10), (2.6 - 0.3 * k, 0.1, 20 - 0.1 * k), p.stone) for k in range(3)
    ]
    things.append(slab((-9.2, 3, 10), (0.3, 3, 20), p.wall))
    for z in (-3, 7, 17):
        half = (4.2, float(rng.uniform(2.2, 3.2)), 2.2)
        things += house((8.8, 0, z), half, p.wall, p.roof, p.glass, math.pi / 2)
    things.append(arcade((0, 3, 30), (12, 3, 0.7), 4.2, 1.4, p.wall, 0.0))
    things.append(slab((0, 6.2, 30), (12.2, 0.25, 0.95), p.stone))
    for x, z, r, h in ((-9, 44, 2.4, 13), (10, 52, 3.4, 17), (2, 70, 3, 22)):
        things += tower((x, 0, z), r, h, p.wall, p.roof)
    things += tree((4.3, 0, 9), 4.6, p.wood, p.leaf, rng) + tree((4.6, 0, 19), 5.2, p.wood, p.leaf, rng)
    things.append(Thing(lambda q: drum(q, 0.8, 0.25), (4.3, 0.25, 9), (0.8, 0.25, 0.8), p.stone))
    things += [crate((4.2, 0, 2.2), 0.9, 0.3, p.wood), crate((5.1, 0, 1.6), 0.8, -0.2, p.wood)]
    things += [
        crate((4.4, 0.9, 2.1), 0.6, 0.9, p.wood),
        barrel((3.9, 0, 3.4), 1.0, p.wood),
        barrel((4.9, 0, 3.6), 1.0, p.wood),
    ]
    things += [barrel((-3.9, 0, 6.6), 0.9, p.wood), crate((-3.8, 0, 12.5), 0.9, 0.5, p.wood)]
    return things


def scatter(rng: np.random.Generator, p: Palette, kind: str) -> list[Thing]:
    """A random place: "village", "forest", "ruin", "hall" or "pile"."""
    things: list[Thing] = []
    if kind == "hall":
        for x in (-3.5, 3.5):
            things += [pillar((x, 0, z), float(rng.uniform(0.3, 0.45)), 5, p.stone) for z in range(-6, 20, 4)]
        things += [slab((x, 2.5, 6), (0.3, 2.5, 16), p.wall) for x in (-7, 7)]
        things += [slab((0, 5.2, 6), (7.3, 0.2, 16), p.wood), slab((0, 2.5, 21), (7, 2.5, 0.3), p.wall)]
        things += [arcade((0, 2.5, 16), (7, 2.5, 0.4), 3.6, 1.2, p.wall, 0), slab((0, 2.5, -10), (7, 2.5, 0.3), p.wall)]
    if kind == "village":
        for k in range(9):
            side, z = (-1) ** k * rng.uniform(6, 9), 5.5 * (k - 2)
            half = (float(rng.uniform(2, 3.2)), float(rng.uniform(1.6, 3.4)), float(rng.uniform(1.6, 2.4)))
            things += house((side, 0, z), half, p.wall, p.roof, p.glass, float(rng.normal(math.pi / 2, 0.3)))
        things += tower((float(rng.normal(0, 8)), 0, 40), 2.5, float(rng.uniform(9, 18)), p.wall, p.roof)
    if kind == "ruin":
        things.append(arcade((0, 2.8, 12), (9, 2.8, 0.6), 3.6, 1.25, p.wall, float(rng.normal(0, 0.3))))
        for _ in range(12):
            at = (float(rng.uniform(-9, 9)), 0.0, float(rng.uniform(-2, 16)))
            things.append(pillar(at, float(rng.uniform(0.3, 0.5)), float(rng.uniform(1, 5)), p.stone))
        things += [slab((0, 0.12 + 0.2 * k, 14 + k), (6 - k, 0.12, 3), p.stone) for k in range(3)]
    for _ in range({"forest": 26, "village": 8, "ruin": 7}.get(kind, 0)):
        at = (float(rng.uniform(2.2, 14) * rng.choice([-1, 1])), 0.0, float(rng.uniform(-6, 28)))
        things += tree(at, float(rng.uniform(2.4, 6)), p.wood, p.leaf, rng)
    for _ in range(int(rng.integers(4, 10)) + 10 * (kind == "pile")):
        at = (float(rng.uniform(-5, 5)), 0.0, float(rng.uniform(0, 9)))
        size, skin = float(rng.uniform(0.4, 1.3)), (p.wood, p.stone, p.roof, p.wall)[rng.integers(4)]
        if kind == "forest":
            blob = np.array([(0, 0, 0, size * 0.6), (size * 0.3, 0, 0.2, size * 0.4)], np.float32)
            lump = (size + 0.2, size * 0.9, size)
            skin = p.leaf if rng.random() < 0.5 else p.stone
            things.append(Thing(lambda q, b=blob: 0.6 * foliage(q, b), at, lump, skin))
        elif rng.random() < 0.5:
            things.append(crate(at, size, float(rng.uniform(0, 3)), skin))
        else:
            things.append(barrel(at, size, skin))
    return things


def lanterns(rng: np.random.Generator, count: int, power: float) -> tuple[list[Thing], tuple[tuple[Vec, Vec], ...]]:
    things, lamps = [], []
    warm = (power * 5.0, power * 2.4, power * 0.8)
    bulb = Skin("plain", (1.0, 0.75, 0.4), (1, 1, 1), glow=6.0)
    iron = Skin("plain", (0.05, 0.05, 0.05), (0, 0, 0))
    for _ in range(count):
        x, y, z = (float(v) for v in rng.uniform((2, 1.8, 0), (4.5, 3, 14)) * (rng.choice([-1, 1]), 1, 1))
        things.append(Thing(lambda p: drum(p, 0.13, 0.17), (x, y, z), (0.14, 0.18, 0.14), bulb))
        things.append(slab((x, y / 2 - 0.1, z), (0.04, y / 2 - 0.1, 0.04), iron))
        lamps.append(((x, y - 0.05, z), warm))
    return things, tuple(lamps)


def still(seed: int, index: int, width: int, height: int) -> Array:
    """One random place, mood and angle; the eye is drawn again while it would stare at a wall."""
    rng = np.random.default_rng((seed, index))
    kind = str(rng.choice(list(PLACES), p=list(PLACES.values())))
    mood = "hall" if kind == "hall" else str(rng.choice(list(MOODS), p=list(MOODS.values())))
    p = palette(rng, float(rng.uniform(0.2, 0.9)))
    things = plaza(rng, p) if kind == "plaza" else scatter(rng, p, kind)
    heading = float(rng.normal(0, 0.9))
    spot = vec(rng.normal(0, 1.2), 0, rng.uniform(2, 7))
    if rng.random() < 0.75:
        things += walker(tuple(spot), heading, float(rng.uniform(0, 6.28)), p.dress)
    air = weather(rng, mood, float(rng.uniform(0, 6.28)))
    lamps: tuple[tuple[Vec, Vec], ...] = ()
    if mood in ("night", "hall", "dusk"):
        bulbs, lamps = lanterns(rng, int(rng.integers(2, 6)), 0.8)
        things += bulbs
    air = Weather(
        air.sun, air.sun_colour, air.zenith, air.horizon, air.cloud, air.fog * float(rng.uniform(0.3, 3)), lamps
    )
    span = float(rng.uniform(0.9, 1.7))
    for _ in range(12):
        orbit, reach = float(rng.normal(0, 0.55)), float(rng.uniform(1.8, 6))
        eye = spot + vec(-math.sin(orbit) * reach, rng.uniform(0.6, 2.8), -math.cos(orbit) * reach)
        target = spot + vec(rng.normal(0, 0.6), rng.uniform(0.7, 1.9), rng.normal(0, 0.6))
        glance = View(eye, target, 24, 24, span).see(things)[0]
        if np.percentile(glance, 15) > 1.3 and np.median(glance) < 80:
            break
    ground = p.earth if kind == "forest" or (kind in ("ruin", "village") and rng.random() < 0.5) else p.ground
    scene = Scene(things, ground, air, Noise(rng), tuple(spot + vec(0, 0, 3)))
    view = View(eye, target, width * SUPERSAMPLE, height * SUPERSAMPLE, span)
    return develop(shade(scene, view), width, height)


def clip_frame(seed: int, index: int, width: int, height: int) -> Array:
    """Frame `index` of the walk: one stride a second, the camera drifting round behind."""
    rng = np.random.default_rng(seed)
    p = palette(rng, 0.04)
    seconds = index / 12
    step = vec(0, 0, 1.5 * seconds)
    things = plaza(rng, p) + walker(tuple(step), 0.0, 2 * math.pi * seconds, p.dress)
    orbit = 0.26 - 0.16 * seconds
    eye = step + vec(4.1 * math.sin(orbit), 1.7, -4.1 * math.cos(orbit))
    scene = Scene(things, p.ground, weather(rng, "golden", 2.45), Noise(rng), tuple(step + vec(0, 0, 6)))
    view = View(eye, step + vec(0.25, 1.4, 2.0), width * SUPERSAMPLE, height * SUPERSAMPLE, 1.35)
    return develop(shade(scene, view), width, height)


def save(path: Path, picture: Array, quality: int) -> None:
    part = path.with_suffix(".part.jpg")
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1, cv2.IMWRITE_JPEG_PROGRESSIVE, 1]
    if not cv2.imwrite(str(part), picture[:, :, ::-1], options):
        raise OSError(f"{part} can't be written")
    part.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=["clip", "stills"])
    parser.add_argument("outdir", type=Path)
    parser.add_argument("--frames", type=int, default=24, help="length of a clip, 12 frames a second")
    parser.add_argument("--count", type=int, default=400, help="number of stills")
    parser.add_argument("--size", help="WIDTHxHEIGHT (640x360 for a clip, 320x320 for stills)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--quality", type=int, help="JPEG quality (90 for a clip, 95 for stills)")
    args = parser.parse_args()
    clip = args.mode == "clip"
    width, height = (int(n) for n in (args.size or ("640x360" if clip else "320x320")).split("x"))
    args.outdir.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    began = time.monotonic()
    count = args.frames if clip else args.count
    for index in range(count):
        picture = (clip_frame if clip else still)(args.seed, index, width, height)
        name = f"frame_{index:02d}.jpg" if clip else f"still_{index:04d}.jpg"
        save(args.outdir / name, picture, args.quality or (90 if clip else 95))
    print(f"{count} pictures in {args.outdir}, {(time.monotonic() - began) / count:.2f} s each")


if __name__ == "__main__":
    main()
