"""What the planes must show: rays cast at the same triangles in 64-bit numpy, with no code of the renderer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from stylebridge.scene.levels.level import Level
from stylebridge.scene.mesh import Mesh, Piece
from stylebridge.scene.snapshot import Eye, Snapshot

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Truth:
    """At [N] pixels: what is hit, how far along the view axis, where it was in the previous picture, was it hidden."""

    ids: NDArray[np.int64]
    depth: Doubles
    motion: Doubles
    normals: Doubles
    hidden: NDArray[np.bool_]


@dataclass(frozen=True)
class Soup:
    """All triangles at one moment: [T,3,3] places and [T] ids."""

    places: Doubles
    ids: NDArray[np.int64]


def soup(level: Level, bodies: tuple[Piece, ...], moment: Snapshot) -> Soup:
    parts: list[tuple[Mesh, Doubles, int]] = []
    for piece in level.pieces:
        parts.append((piece.mesh, swayed(piece, moment), piece.id))
    for mover in level.movers:
        matrix = np.asarray(moment.movers[mover.piece.name], np.float64)
        places = mover.piece.mesh.positions.astype(np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
        parts.append((mover.piece.mesh, places, mover.piece.id))
    for body in bodies:
        parts.append((body.mesh, skinned(body.mesh, moment.skins[body.name]), body.id))
    places = np.concatenate([places[mesh.triangles] for mesh, places, _ in parts])
    return Soup(places, np.concatenate([np.full(len(mesh.triangles), piece_id) for mesh, _, piece_id in parts]))


def skinned(mesh: Mesh, skin: NDArray[np.float32]) -> Doubles:
    assert mesh.joints is not None and mesh.weights is not None
    homogeneous = np.concatenate([mesh.positions, np.ones((len(mesh.positions), 1))], axis=1).astype(np.float64)
    places = np.zeros((len(homogeneous), 3))
    for k in range(4):
        moved = np.einsum("vij,vj->vi", skin.astype(np.float64)[mesh.joints[:, k]], homogeneous)
        places += mesh.weights[:, k : k + 1].astype(np.float64) * moved[:, :3]
    return places


def swayed(piece: Piece, moment: Snapshot) -> Doubles:
    places = piece.mesh.positions.astype(np.float64)
    if not piece.material.sway:
        return places
    reach = piece.material.sway * (1.0 if piece.mesh.colors is None else piece.mesh.colors[:, 3] / 255.0)
    spread = np.stack([places @ (0.049, 0.027, 0), places @ (0.30, 0, 0.21), places @ (0.14, 0.37, -0.27)], axis=1)
    turns = spread + np.array([0.143, 0.367, 0.59]) * moment.simulation_s
    x = np.abs(turns % 1.0 * 2 - 1)
    a, b, c = (x * x * (6 - 4 * x) - 1).T
    way = np.stack([0.65 * a + 0.35 * b, 0.45 * a + 0.45 * c, 0.18 * b - 0.12 * c], axis=1)
    return places + (reach * moment.weather.wind)[:, None] * way


def scale_of(eye: Eye, size: tuple[int, int]) -> tuple[float, float]:
    """Pixels for a slope of 1, to the right and down."""
    focal = size[1] / 2 / np.tan(np.radians(eye.fov_y_deg) / 2)
    return focal, focal


def pixels_of(places: Doubles, eye: Eye, size: tuple[int, int]) -> tuple[Doubles, Doubles]:
    """[N,2] pixel places (centres at .5) and [N] depths of points in the world."""
    seen = places @ eye.view[:3, :3].T + eye.view[:3, 3]
    depth = -seen[:, 2]
    fx, fy = scale_of(eye, size)
    x = size[0] / 2 + fx * seen[:, 0] / depth
    y = size[1] / 2 - fy * seen[:, 1] / depth
    return np.stack([x, y], axis=1), depth


def rays_of(pixels: Doubles, eye: Eye, size: tuple[int, int]) -> tuple[Doubles, Doubles]:
    """The eye's place and [N,3] directions whose length along the view axis is 1."""
    fx, fy = scale_of(eye, size)
    local = np.stack([(pixels[:, 0] - size[0] / 2) / fx, (size[1] / 2 - pixels[:, 1]) / fy, -np.ones(len(pixels))], 1)
    turn = eye.view[:3, :3]
    return -turn.T @ eye.view[:3, 3], local @ turn


def cast(origin: Doubles, rays: Doubles, triangles: Doubles) -> tuple[NDArray[np.int64], Doubles, Doubles]:
    """The nearest triangle from the front or back of each ray (-1 if none), its distance, its [N,3] weights."""
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    edge_b, edge_c, from_a = b - a, c - a, origin - a
    cross_c = np.cross(rays[:, None], edge_c[None])  # [N,T,3]
    det = np.einsum("ntk,tk->nt", cross_c, edge_b)
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.einsum("ntk,tk->nt", cross_c, from_a) / det
        cross_b = np.cross(from_a, edge_b)
        v = rays @ cross_b.T / det
        distance = np.einsum("tk,tk->t", edge_c, cross_b)[None] / det
        bad = ~((u >= 0) & (v >= 0) & (u + v <= 1) & (distance > 0.1))
    distance = np.where(bad, np.inf, distance)
    best = distance.argmin(axis=1)
    rows = np.arange(len(rays))
    near = distance[rows, best]
    weights = np.stack([1 - u[rows, best] - v[rows, best], u[rows, best], v[rows, best]], axis=1)
    return np.where(np.isinf(near), -1, best), near, weights


def truth_at(pixels: Doubles, level: Level, bodies: tuple[Piece, ...], now: Snapshot, before: Snapshot,
             size: tuple[int, int]) -> Truth:  # fmt: skip
    current, previous = soup(level, bodies, now), soup(level, bodies, before)
    origin, rays = rays_of(pixels, now.eye, size)
    hit, depth, weights = cast(origin, rays, current.places)
    sky = hit < 0
    places_before = np.einsum("nk,nkj->nj", weights, previous.places[hit])
    places_before[sky] = rays[sky] * 1e9
    was, depth_before = pixels_of(places_before, before.eye, size)
    origin_before, rays_before = rays_of(was, before.eye, size)
    hit_before, nearest, _ = cast(origin_before, rays_before, previous.places)
    outside = (was < 0).any(axis=1) | (was >= size).any(axis=1) | (depth_before <= 0)
    covered = np.where(sky, hit_before >= 0, nearest < depth_before * 0.995)
    corners = current.places[hit]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    ids = np.where(sky, 0, current.ids[hit])
    return Truth(ids, np.where(sky, now.eye.far_m, depth), was - pixels, normals, outside | covered)
