"""Shapes: rounded tubes, balls and sheets that become one skinned mesh."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.scene.characters.looks.cloth import tile_uvs
from stylebridge.scene.characters.looks.look import Rgb
from stylebridge.scene.characters.rotations import Array, Indices, cross, dot, normalize
from stylebridge.scene.mesh import Mesh

Shares = Mapping[int, Array | float]  # joint: weight, [V] or for all
Weigh = Callable[[Array], Shares]  # of places [V,3]

X, Y, Z = np.eye(3)


@dataclass(frozen=True, slots=True)
class Ring:
    """A cross section: its middle, and half its size along the two axes of its tube."""

    middle: tuple[float, float, float]
    across: float
    along: float

    def grown(self, metres: float) -> Ring:
        """A ring wider by the same length everywhere."""
        return replace(self, across=self.across + metres, along=self.along + metres)

    def scaled(self, share: float) -> Ring:
        """A ring of the same shape and another size."""
        return replace(self, across=self.across * share, along=self.along * share)

    def raised(self, metres: float) -> Ring:
        """The same ring higher up."""
        x, y, z = self.middle
        return replace(self, middle=(x, y, z + metres))


@dataclass(frozen=True, slots=True)
class Skin:
    """How a part looks and moves."""

    color: Rgb
    weigh: Weigh
    tile: str = "skin"

    def shaded(self, share: float) -> Skin:
        """The same in a darker colour."""
        r, g, b = (min(255, round(channel * share)) for channel in self.color)
        return replace(self, color=(r, g, b))


@dataclass(slots=True)
class Builder:
    """Collects the parts of one mesh."""

    _arrays: dict[str, list[NDArray[Any]]] = field(default_factory=dict)
    _triangles: list[NDArray[Any]] = field(default_factory=list)
    _count: int = 0

    def tube(
        self,
        rings: Sequence[Ring],
        axes: tuple[Array, Array],
        segments: int,
        skin: Skin,
        *,
        shade: Sequence[float] = (1.0,),
        roundness: float = 2.0,
    ) -> None:
        """A tube through rings that lie in the plane of two axes; the tube goes along their cross product.

        `shade` darkens ring by ring, the last value goes on. `roundness` 2 is an ellipse, more is boxier.
        """
        shades = [shade[min(index, len(shade) - 1)] for index in range(len(rings))]
        self.sheet(tube_places(rings, axes, segments, roundness), skin, shade=np.array(shades)[:, None], closed=True)

    def ball(self, middle: Array, radii: Array, skin: Skin, segments: int = 6, rings: int = 4) -> None:
        """An ellipsoid."""
        self.sheet(ball_places(middle, radii, segments, rings), skin, closed=True)

    def sheet(self, grid: Array, skin: Skin, *, shade: Array | float = 1.0, closed: bool = False) -> None:
        """A surface over places [R,S,3], seen from where its columns go to the right as its rows go up.

        A closed one goes on from its last column to its first. `shade` broadcasts to [R,S], or to [R,S,3].
        """
        tint = np.asarray(shade, np.float64)
        tint = np.broadcast_to(tint if tint.ndim == 3 else np.atleast_2d(tint)[..., None], grid.shape)
        around = np.concatenate([grid[:, -1:], grid, grid[:, :1]], axis=1) if closed else grid
        by_column = 0.5 * (around[:, 2:] - around[:, :-2]) if closed else np.gradient(grid, axis=1)
        normals = _with_poles(grid, normalize(cross(by_column, np.gradient(grid, axis=0))))
        if closed:  # the texture's seam needs its own column
            grid, normals, tint = (np.concatenate([a, a[:, :1]], axis=1) for a in (grid, normals, tint))
        rows, columns = grid.shape[:2]
        u, v = np.meshgrid(np.linspace(0.0, 1.0, columns), np.linspace(0.0, 1.0, rows))
        places = grid.reshape(-1, 3)
        joints, weights = _four_joints(skin.weigh(places), len(places))
        part: dict[str, NDArray[Any]] = {
            "positions": places,
            "normals": normals.reshape(-1, 3),
            "uvs": tile_uvs(skin.tile, u.ravel(), v.ravel()),
            "colors": tint.reshape(-1, 3) * skin.color,
            "joints": joints,
            "weights": weights,
        }
        for name, array in part.items():
            self._arrays.setdefault(name, []).append(array)
        self._triangles.append(_with_area(places, _triangles(rows, columns)) + self._count)
        self._count += len(places)

    def mesh(self) -> Mesh:
        """All parts together."""
        whole = {name: np.concatenate(arrays) for name, arrays in self._arrays.items()}
        colors = np.pad(whole["colors"], ((0, 0), (0, 1)))  # the wind doesn't move bodies
        return Mesh(
            positions=whole["positions"].astype(np.float32),
            normals=whole["normals"].astype(np.float32),
            uvs=whole["uvs"].astype(np.float32),
            triangles=np.concatenate(self._triangles).astype(np.uint32),
            colors=np.clip(np.rint(colors), 0, 255).astype(np.uint8),
            joints=whole["joints"].astype(np.uint8),
            weights=whole["weights"].astype(np.float32),
        )


def rigid(joint: int) -> Weigh:
    """Everything follows one joint."""
    return lambda places: {joint: 1.0}


def tube_places(rings: Sequence[Ring], axes: tuple[Array, Array], segments: int, roundness: float = 2.0) -> Array:
    """Places [R,S,3] of a tube."""
    angle = np.linspace(0.0, 2.0 * np.pi, segments, endpoint=False)
    power = 2.0 / roundness
    cosine = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power
    sine = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** power
    middles = np.array([ring.middle for ring in rings])
    across = np.array([ring.across for ring in rings])[:, None] * cosine
    along = np.array([ring.along for ring in rings])[:, None] * sine
    places: Array = middles[:, None] + across[..., None] * axes[0] + along[..., None] * axes[1]
    return places


def ball_places(middle: Array, radii: Array, segments: int, rings: int) -> Array:
    """Places [R,S,3] of an ellipsoid from its lower pole up."""
    polar = np.linspace(-0.5 * np.pi, 0.5 * np.pi, rings)
    angle = np.linspace(0.0, 2.0 * np.pi, segments, endpoint=False)
    unit = np.empty((rings, segments, 3))
    unit[..., 0] = np.cos(polar)[:, None] * np.cos(angle)
    unit[..., 1] = np.cos(polar)[:, None] * np.sin(angle)
    unit[..., 2] = np.sin(polar)[:, None]
    unit[[0, -1], :, :2] = 0.0  # poles in one point, whatever the cosine says
    places: Array = np.asarray(middle) + unit * np.asarray(radii)
    return places


def _triangles(rows: int, columns: int) -> Indices:
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).reshape(-1)
    right, above = corner + 1, corner + columns
    first = np.stack([corner, right, above], axis=-1)
    second = np.stack([right, above + 1, above], axis=-1)
    return np.concatenate([first, second])


def _with_area(places: Array, triangles: Indices) -> Indices:
    """The triangles that have an area; at a pole half of them haven't."""
    a, b, c = (places[triangles[:, i]] for i in range(3))
    normals = cross(b - a, c - a)
    return triangles[dot(normals, normals) > 1e-16]


def _with_poles(grid: Array, normals: Array) -> Array:
    """Rows that shrink to a point close the tube there and look along it."""
    for row, neighbour, outward in ((0, 1, -1.0), (-1, -2, 1.0)):
        if np.ptp(grid[row], axis=0).max() < 1e-9:
            spokes = grid[neighbour] - grid[neighbour].mean(axis=0)
            normals[row] = outward * normalize(np.sum(cross(spokes, np.roll(spokes, -1, axis=0)), axis=0))
    return normals


def _four_joints(shares: Shares, count: int) -> tuple[Indices, Array]:
    joints = np.array(list(shares))
    weights = np.stack([np.broadcast_to(share, count) for share in shares.values()], axis=-1).astype(np.float64)
    missing = max(0, 4 - weights.shape[1])
    weights = np.pad(weights, ((0, 0), (0, missing)))
    joints = np.pad(joints, (0, missing), mode="edge")
    order = np.argsort(-weights, axis=1, kind="stable")[:, :4]
    kept = np.take_along_axis(weights, order, axis=1)
    chosen = np.where(kept > 0.0, joints[order], joints[order][:, :1])
    return chosen, kept / kept.sum(axis=1, keepdims=True)
