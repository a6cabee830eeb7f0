"""A small level with everything that can go wrong: a slope, boxes, swaying leaves, a mover, a bending cylinder."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from stylebridge.scene.levels.level import Level, Mover
from stylebridge.scene.mesh import Material, Mesh, Piece
from stylebridge.scene.snapshot import Eye, Matrix, Snapshot, Weather

SIDES = 24
RINGS = 17


def look_at(eye: tuple[float, float, float], goal: tuple[float, float, float]) -> Matrix:
    back = np.asarray(eye, np.float64) - np.asarray(goal, np.float64)
    back /= np.linalg.norm(back)
    right = np.cross([0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right)
    view = np.eye(4)
    view[:3, :3] = np.stack([right, np.cross(back, right), back])
    view[:3, 3] = -view[:3, :3] @ np.asarray(eye, np.float64)
    return view


def material(name: str, seed: int, base: tuple[int, int, int], side: int = 128, **more: object) -> Material:
    rng = np.random.default_rng(seed)
    coarse = rng.normal(0, 24, (side // 8, side // 8)).repeat(8, 0).repeat(8, 1)
    grain = coarse + rng.normal(0, 8, (side, side))
    albedo = np.clip(np.asarray(base) + grain[:, :, None], 0, 255).astype(np.uint8)
    return Material(name, albedo, **more)  # type: ignore[arg-type]


def bumps(seed: int, side: int = 128) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    slopes = rng.normal(0, 0.12, (side // 4, side // 4, 2)).repeat(4, 0).repeat(4, 1)
    normals = np.concatenate([slopes, np.sqrt(np.clip(1 - (slopes**2).sum(2, keepdims=True), 0.1, 1))], axis=2)
    return np.round(normals * 127 + 128).clip(0, 255).astype(np.uint8)


def box_mesh(low: tuple[float, float, float], high: tuple[float, float, float]) -> Mesh:
    a, b = np.asarray(low, np.float64), np.asarray(high, np.float64)
    positions, normals, uvs, triangles = [], [], [], []
    for axis in range(3):
        for side in (0, 1):
            u, v = (axis + 1) % 3, (axis + 2) % 3
            corners = []
            for s, t in ((0, 0), (1, 0), (1, 1), (0, 1)):
                corner = np.zeros(3)
                corner[axis] = (a, b)[side][axis]
                corner[u], corner[v] = (a, b)[s][u], (a, b)[t][v]
                corners.append(corner)
                uvs.append((corner[u] / 2, corner[v] / 2))
            normal = np.zeros(3)
            normal[axis] = 2 * side - 1
            first = len(positions)
            positions += corners
            normals += [normal] * 4
            order = ((0, 1, 2), (0, 2, 3)) if side else ((0, 2, 1), (0, 3, 2))
            triangles += [[first + i for i in corner] for corner in order]
    return mesh_of(positions, normals, uvs, triangles)


def mesh_of(positions: object, normals: object, uvs: object, triangles: object, **more: object) -> Mesh:
    floats = (np.asarray(array, np.float32) for array in (positions, normals, uvs))
    return Mesh(*floats, np.asarray(triangles, np.uint32), **more)  # type: ignore[arg-type]


def slope_mesh(half: float = 20.0, steps: int = 20) -> Mesh:
    """Ground that rises and falls gently."""
    line = np.linspace(-half, half, steps + 1)
    x, y = (grid.ravel() for grid in np.meshgrid(line, line))
    z = 0.6 * np.sin(x * 0.22) * np.cos(y * 0.17)
    slope_x, slope_y = 0.132 * np.cos(x * 0.22) * np.cos(y * 0.17), -0.102 * np.sin(x * 0.22) * np.sin(y * 0.17)
    normals = np.stack([-slope_x, -slope_y, np.ones_like(x)], 1)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    row = steps + 1
    corners = (np.arange(steps)[:, None] * row + np.arange(steps)[None, :]).ravel()
    lower = np.stack([corners, corners + 1, corners + row + 1], 1)
    upper = np.stack([corners, corners + row + 1, corners + row], 1)
    return mesh_of(np.stack([x, y, z], 1), normals, np.stack([x, y], 1) / 3, np.concatenate([lower, upper]))


def cylinder_mesh() -> Mesh:
    """A pillar of 2 m with a joint at its foot and one in its middle."""
    turn = np.linspace(0, 2 * math.pi, SIDES, endpoint=False)
    ring = np.stack([np.cos(turn), np.sin(turn), np.zeros(SIDES)], 1)
    heights = np.linspace(0, 2, RINGS)
    positions = np.concatenate([0.35 * ring + [0, 0, h] for h in heights])
    normals = np.tile(ring, (RINGS, 1))
    uvs = np.stack([np.tile(turn / math.pi, RINGS), np.repeat(heights, SIDES)], 1)
    triangles = []
    for level in range(RINGS - 1):
        for i in range(SIDES):
            a, b = level * SIDES + i, level * SIDES + (i + 1) % SIDES
            triangles += [(a, b, b + SIDES), (a, b + SIDES, a + SIDES)]
    upper = np.clip((np.repeat(heights, SIDES) - 0.7) / 0.6, 0, 1)
    weights = np.stack([1 - upper, upper, 0 * upper, 0 * upper], 1).astype(np.float32)
    joints = np.tile(np.array([0, 1, 0, 0], np.uint8), (len(positions), 1))
    return mesh_of(positions, normals, uvs, triangles, joints=joints, weights=weights)


def leaf_mesh() -> Mesh:
    """An upright cloth whose top the wind moves."""
    positions = [(x, 0.0, z) for z in np.linspace(0, 2.4, 7) for x in np.linspace(-1.2, 1.2, 5)]
    triangles = []
    for row in range(6):
        for column in range(4):
            a = row * 5 + column
            triangles += [(a, a + 1, a + 6), (a, a + 6, a + 5)]
    colors = np.full((35, 4), 255, np.uint8)
    colors[:, 3] = np.repeat(np.linspace(0, 255, 7), 5)
    return mesh_of(positions, [(0, -1, 0)] * 35, [(x, z) for x, _, z in positions], triangles, colors=colors)


def moved(mesh: Mesh, x: float, y: float, z: float) -> Mesh:
    positions = mesh.positions + np.array([x, y, z], np.float32)
    return Mesh(positions, mesh.normals, mesh.uvs, mesh.triangles, mesh.colors, mesh.joints, mesh.weights)


def cart_at(seconds: float) -> Matrix:
    matrix = np.eye(4)
    turn = 0.8 * seconds
    matrix[:2, :2] = [[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]]
    matrix[:3, 3] = (2.5 * math.sin(seconds), 1.0 + seconds * 0.4, 1.1)
    return matrix


def leaf_albedo() -> NDArray[np.uint8]:
    y, x = np.mgrid[0:64, 0:64]
    picture = np.full((64, 64, 4), 255, np.uint8)
    picture[:, :, :3] = (70, 130, 60)
    picture[:, :, 3] = np.where((x % 32 - 16) ** 2 + (y % 32 - 16) ** 2 < 190, 255, 0)
    return picture


def small_level() -> Level:
    ground = material("ground", 1, (120, 110, 95), normal_map=bumps(2))
    brick = material("brick", 3, (165, 90, 70), side=64, shine=0.3)
    paint = material("paint", 4, (60, 90, 170), side=64, shine=0.6, gloss=40.0)
    leaf = Material("leaf", leaf_albedo(), two_sided=True, sway=0.25)
    pieces = [
        Piece("ground", slope_mesh(), ground, 1),
        Piece("tower", box_mesh((-5, 4, -1), (-3, 6, 4)), brick, 2),
        Piece("wall", box_mesh((2, 6, -1), (7, 6.6, 2.4)), brick, 3),
        Piece("block", box_mesh((3, 1, -1), (4, 2, 0.9)), brick, 4),
        Piece("plant", moved(leaf_mesh(), -1.5, 2.0, 0.0), leaf, 5),
    ]
    cart = Piece("cart", box_mesh((-0.6, -0.4, -0.4), (0.6, 0.4, 0.4)), paint, 1000)
    lamps = np.array([[0.0, 3.0, 2.5], [4.0, 4.0, 2.5]])
    return Level("test", tuple(pieces), (Mover(cart, cart_at),), half_side=20.0, lamps=lamps)


def body() -> Piece:
    return Piece("pillar", cylinder_mesh(), material("skin", 5, (200, 170, 90), side=64), 2000)


def skin_at(seconds: float) -> NDArray[np.float32]:
    """The foot walks, the middle bends."""
    foot = np.eye(4)
    foot[:3, 3] = (1.2 + 0.5 * math.sin(0.7 * seconds), 0.5 * seconds, 0.0)
    bend = np.eye(4)
    angle = 0.7 * math.sin(1.3 * seconds)
    bend[1:3, 1:3] = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    middle, back = np.eye(4), np.eye(4)
    middle[2, 3], back[2, 3] = 1.0, -1.0
    return np.stack([foot, foot @ middle @ bend @ back]).astype(np.float32)


def snapshot(frame: int, *, name: str = "main", fps: float = 30.0, **more: object) -> Snapshot:
    """A moment of a walk around the level."""
    seconds = frame / fps
    angle = 0.25 * seconds - 1.4
    eye = (9 * math.cos(angle), 9 * math.sin(angle), 2.6 + 0.3 * math.sin(seconds))
    weather = more.pop("weather", Weather())
    skins = {"pillar": skin_at(seconds)}
    movers = {"cart": cart_at(seconds)}
    return Snapshot(frame, seconds, Eye(name, look_at(eye, (0, 2.5, 1.0)), **more), weather, movers, skins)  # type: ignore[arg-type]
