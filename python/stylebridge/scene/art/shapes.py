"""Basic shapes, all standing on z = 0 around the vertical axis unless they say otherwise; triangles face outwards."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from stylebridge.scene.art.form import Form, Points, cross, faceted, form, join, smooth_normals

# face -> (outward normal, right, up), so that right x up is the normal
_TWO = np.array([[0, 1, 2], [0, 2, 3]])
_FACES = {
    "e": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "w": ((-1, 0, 0), (0, -1, 0), (0, 0, 1)),
    "n": ((0, 1, 0), (-1, 0, 0), (0, 0, 1)),
    "s": ((0, -1, 0), (1, 0, 0), (0, 0, 1)),
    "t": ((0, 0, 1), (1, 0, 0), (0, 1, 0)),
    "b": ((0, 0, -1), (1, 0, 0), (0, -1, 0)),
}


def box(x: float, y: float, z: float, faces: str = "ewnst", taper: float = 1.0) -> Form:
    """A box of this size; `faces` names its sides (east, west, north, south, top, bottom); the top may be narrower."""
    size, half = np.array([x, y, z]), np.array([x, y, z]) / 2.0
    unit, normals, uvs = _unit_box(faces)
    positions = unit * half + (0.0, 0.0, half[2])
    if taper != 1.0:
        upper = positions[:, 2] > half[2]
        positions[upper, :2] *= taper
    right = np.abs([_FACES[face][1] for face in faces]) @ size
    tall = np.abs([_FACES[face][2] for face in faces]) @ size
    scale = np.repeat(np.stack([right, tall], axis=1), 4, axis=0)
    return form(positions, normals, uvs * scale, _quads(len(faces)))


@cache
def _unit_box(faces: str) -> tuple[Points, Points, Points]:
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], dtype=np.float64)
    positions, normals = [], []
    for face in faces:
        normal, right, up = (np.array(axis, dtype=np.float64) for axis in _FACES[face])
        positions.append(normal + corners[:, :1] * right + corners[:, 1:] * up)
        normals.append(np.tile(normal, (4, 1)))
    uvs = np.tile((corners + 1.0) / 2.0, (len(faces), 1))
    return np.concatenate(positions), np.concatenate(normals), uvs


def _quads(count: int) -> Points:
    return np.asarray((np.arange(count) * 4)[:, None, None] + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3)


def quad(corners: ArrayLike, uvs: ArrayLike | None = None) -> Form:
    """Four corners counter-clockwise; textures run along the first edge."""
    points = np.asarray(corners, dtype=np.float64)
    normal = cross(points[1] - points[0], points[3] - points[0])
    normal /= np.linalg.norm(normal)
    if uvs is None:
        right = points[1] - points[0]
        right = right / np.linalg.norm(right)
        up = cross(normal, right)
        uvs = np.stack([(points - points[0]) @ right, (points - points[0]) @ up], axis=1)
    return form(points, np.repeat(normal[None], 4, axis=0), uvs, _TWO)


def grid(points: Points, uvs: Points | None = None, flat: bool = False) -> Form:
    """A sheet through [R,C,3] points; seen from above when rows run north and columns east."""
    rows, columns = points.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    triangles = np.stack([np.stack([a, b, c], -1), np.stack([a, c, d], -1)], axis=2).reshape(-1, 3)
    places = points.reshape(-1, 3)
    if flat:
        return faceted(places, triangles)
    if uvs is None:
        uvs = np.stack([_lengths(points, 1), _lengths(points, 0)], axis=-1)
    return form(places, smooth_normals(places, triangles), uvs.reshape(-1, 2), triangles)


def _lengths(points: Points, axis: int) -> Points:
    steps = np.linalg.norm(np.diff(points, axis=axis), axis=-1)
    total = np.cumsum(steps, axis=axis)
    return np.concatenate([np.zeros_like(np.take(total, [0], axis=axis)), total], axis=axis)


def lathe(profile: ArrayLike, sides: int = 12, cap: bool = True, sharp: bool = True) -> Form:
    """A profile of (radius, z), from its foot to its top, turned around the axis; `sharp` keeps its edges."""
    curve = np.asarray(profile, dtype=np.float64)
    angles = np.linspace(0.0, 2.0 * np.pi, sides + 1)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    spans = [(k, k + 1) for k in range(len(curve) - 1)] if sharp else [(0, len(curve) - 1)]
    widest = float(curve[:, 0].max())
    parts = []
    for first, last in spans:
        piece = curve[first : last + 1]
        if float(np.abs(np.diff(piece, axis=0)).max()) < 1e-9:
            continue
        points = np.concatenate(
            [piece[:, None, :1] * ring, np.broadcast_to(piece[:, None, 1:], (len(piece), sides + 1, 1))], axis=2
        )
        parts.append(_turned_sheet(points, piece, angles, widest))
    if cap and curve[-1, 0] > 1e-6:
        parts.append(disc(float(curve[-1, 0]), sides).moved(z=float(curve[-1, 1])))
    return join(parts)


def _turned_sheet(points: Points, piece: Points, angles: Points, widest: float) -> Form:
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(piece, axis=0), axis=1))]) + piece[0, 1]
    # Whole metres around, so that textures of 1 m close without a seam.
    around = angles / (2.0 * np.pi) * max(round(2.0 * np.pi * widest), 1)
    uvs = np.stack(np.broadcast_arrays(around[None, :], along[:, None]), axis=-1)
    slope = np.gradient(piece, axis=0) if len(piece) > 2 else np.repeat(np.diff(piece, axis=0), 2, axis=0)
    slope /= np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-12)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    normals = np.concatenate(
        [slope[:, None, 1:] * ring, np.broadcast_to(-slope[:, None, :1], (len(piece), len(angles), 1))], axis=2
    )
    sheet = grid(points, uvs)
    keep = _areas(sheet) > 1e-10
    return form(sheet.positions, normals.reshape(-1, 3), sheet.uvs, sheet.triangles[keep])


def _areas(shape: Form) -> Points:
    a, b, c = (shape.positions[shape.triangles[:, k]] for k in range(3))
    return np.asarray(np.linalg.norm(cross(b - a, c - a), axis=1))


@cache
def disc(radius: float, sides: int = 12) -> Form:
    """A flat round plate that faces up."""
    angles = np.arange(sides) / sides * 2.0 * np.pi
    rim = np.stack([np.cos(angles), np.sin(angles)], axis=1) * radius
    places = np.concatenate([np.zeros((1, 2)), rim])
    ring = 1 + np.arange(sides)
    triangles = np.stack([np.zeros(sides, dtype=int), ring, np.roll(ring, -1)], axis=1)
    return form(np.pad(places, ((0, 0), (0, 1))), np.tile([0.0, 0.0, 1.0], (sides + 1, 1)), places, triangles)


def cylinder(radius: float, height: float, sides: int = 10, top: float | None = None) -> Form:
    """A round post; `top` is its radius there, if it tapers."""
    return lathe([(radius, 0.0), (radius if top is None else top, height)], sides)


@cache
def ball(radius: float, rings: int = 6, sides: int = 10) -> Form:
    """A sphere around the origin."""
    angles = np.linspace(-np.pi / 2, np.pi / 2, rings + 1)
    curve = np.stack([np.maximum(np.cos(angles), 0.0), np.sin(angles)], axis=1) * radius
    curve[[0, -1], 0] = 0.0
    ball = lathe(curve, sides, cap=False, sharp=False)
    return form(ball.positions, ball.positions / radius, ball.uvs, ball.triangles)


def tube(path: ArrayLike, radii: Sequence[float] | float, sides: int = 7) -> Form:
    """A round rope, branch or bar along a path of points."""
    points = np.asarray(path, dtype=np.float64)
    thick = np.broadcast_to(np.asarray(radii, dtype=np.float64), (len(points),))
    tangents = np.gradient(points, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    aside = cross(tangents, np.array((0.31, 0.17, 0.93) if abs(tangents[0, 2]) < 0.9 else (1.0, 0.0, 0.0)))
    aside /= np.linalg.norm(aside, axis=1, keepdims=True)
    over = cross(tangents, aside)
    angles = np.linspace(0.0, 2.0 * np.pi, sides + 1)
    ring = np.cos(angles)[None, :, None] * aside[:, None] + np.sin(angles)[None, :, None] * over[:, None]
    sheet = points[:, None] + ring * thick[:, None, None]
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    around = angles / (2.0 * np.pi) * max(round(2.0 * np.pi * float(thick.max())), 1)
    uvs = np.stack(np.broadcast_arrays(around[None, :], along[:, None]), axis=-1)
    wound = grid(sheet, uvs)
    return form(wound.positions, ring.reshape(-1, 3), wound.uvs, wound.triangles)


def extrude(outline: ArrayLike, depth: float, caps: bool = True, closed: bool = True) -> Form:
    """A convex outline of (x, z) points, counter-clockwise seen from the south, made `depth` thick along y."""
    curve = np.asarray(outline, dtype=np.float64)
    count, half = len(curve), depth / 2.0
    parts = []
    edges = range(count if closed else count - 1)
    for k in edges:
        (x0, z0), (x1, z1) = curve[k], curve[(k + 1) % count]
        parts.append(quad([(x0, -half, z0), (x0, half, z0), (x1, half, z1), (x1, -half, z1)]))
    if caps:
        fan = np.array([(0, k, k + 1) for k in range(1, count - 1)])
        front = np.stack([curve[:, 0], np.full(count, -half), curve[:, 1]], axis=1)
        parts.append(form(front, np.tile([0.0, -1.0, 0.0], (count, 1)), curve, fan))
        back = front + np.array([0.0, depth, 0.0])
        parts.append(form(back, np.tile([0.0, 1.0, 0.0], (count, 1)), curve * np.array([-1.0, 1.0]), fan[:, ::-1]))
    return join(parts)


def boulder(rng: np.random.Generator, radius: float, roughness: float = 0.28, detail: int = 1) -> Form:
    """A faceted rock around the origin."""
    points, triangles = _icosphere(detail)
    bumps = rng.normal(size=(5, 3))
    bumps /= np.linalg.norm(bumps, axis=1, keepdims=True)
    cut = 1.0 - roughness * np.maximum(points @ bumps.T - 0.35, 0.0).sum(axis=1)
    shaken = points * (cut * rng.uniform(1.0 - roughness * 0.5, 1.0 + roughness * 0.5, len(points)))[:, None]
    return faceted(shaken * radius, triangles)


def blob(rng: np.random.Generator, radius: float, roughness: float = 0.2, detail: int = 2) -> Form:
    """A soft bush-like lump around the origin, its normals smooth."""
    points, triangles = _icosphere(detail)
    waves = np.sin(points @ rng.normal(0.0, 3.0, (3, 4)) + rng.uniform(0.0, 6.28, 4)).sum(axis=1)
    places = points * (radius * (1.0 + roughness * waves / 3.0))[:, None]
    longitude, latitude = np.arctan2(points[:, 1], points[:, 0]), np.arcsin(np.clip(points[:, 2], -1.0, 1.0))
    corners = triangles.reshape(-1)
    u = longitude[corners].reshape(-1, 3)
    u = np.where(u - u[:, :1] > np.pi, u - 2 * np.pi, np.where(u - u[:, :1] < -np.pi, u + 2 * np.pi, u))
    uvs = np.stack([u.reshape(-1) * radius, latitude[corners] * radius], axis=1)
    normals = smooth_normals(places, triangles)
    return form(places[corners], normals[corners], uvs, np.arange(len(corners)))


@cache
def _icosphere(detail: int) -> tuple[Points, np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    g = (1.0 + 5.0**0.5) / 2.0
    points = [(-1, g, 0), (1, g, 0), (-1, -g, 0), (1, -g, 0), (0, -1, g), (0, 1, g), (0, -1, -g), (0, 1, -g)]
    points += [(g, 0, -1), (g, 0, 1), (-g, 0, -1), (-g, 0, 1)]
    faces = [(0, 11, 5), (0, 5, 1), (0, 1, 7), (0, 7, 10), (0, 10, 11), (1, 5, 9), (5, 11, 4), (11, 10, 2)]
    faces += [(10, 7, 6), (7, 1, 8), (3, 9, 4), (3, 4, 2), (3, 2, 6), (3, 6, 8), (3, 8, 9), (4, 9, 5), (2, 4, 11)]
    faces += [(6, 2, 10), (8, 6, 7), (9, 8, 1)]
    vertices = [np.array(p) / np.linalg.norm(p) for p in points]
    for _ in range(detail):
        middles: dict[tuple[int, int], int] = {}
        split = []
        for a, b, c in faces:
            ab, bc, ca = (_middle(vertices, middles, *edge) for edge in ((a, b), (b, c), (c, a)))
            split += [(a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca)]
        faces = split
    return np.array(vertices), np.array(faces, dtype=np.int64)


def _middle(vertices: list[Points], middles: dict[tuple[int, int], int], a: int, b: int) -> int:
    key = (min(a, b), max(a, b))
    if key not in middles:
        point = vertices[a] + vertices[b]
        vertices.append(point / np.linalg.norm(point))
        middles[key] = len(vertices) - 1
    return middles[key]
