"""Form: triangles on their way to a mesh, moved, turned, tinted and joined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stylebridge.scene.mesh import Mesh

Points = NDArray[np.float64]
WHITE = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """Triangles with texture coordinates in metres; the alpha of `colors` is how far the wind moves it."""

    positions: Points  # [V,3]
    normals: Points  # [V,3]
    uvs: Points  # [V,2] metres along the surface
    triangles: NDArray[np.int64]  # [T,3]
    colors: Points  # [V,4] 0 to 1

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Form:
        """Shifted by so many metres."""
        return replace(self, positions=self.positions + np.array([x, y, z]))

    def turned(self, heading_rad: float) -> Form:
        """Turned around the vertical axis, counter-clockwise from above."""
        return self.rotated(rotation_z(heading_rad))

    def tilted(self, axis: str, angle_rad: float) -> Form:
        """Turned around the x or the y axis."""
        return self.rotated(rotation_x(angle_rad) if axis == "x" else rotation_y(angle_rad))

    def rotated(self, matrix: Points) -> Form:
        """Turned by a rotation matrix, [3,3]."""
        return replace(self, positions=self.positions @ matrix.T, normals=self.normals @ matrix.T)

    def scaled(self, x: float, y: float | None = None, z: float | None = None) -> Form:
        """Stretched along the axes; textures stretch with it."""
        factors = np.array([x, x if y is None else y, x if z is None else z])
        normals = self.normals / factors
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        return replace(self, positions=self.positions * factors, normals=normals)

    def tinted(self, rgb: Sequence[float], vary: float = 0.0, rng: np.random.Generator | None = None) -> Form:
        """Multiplied by a colour; with `vary`, a little brighter or darker as a whole."""
        tint = np.array(rgb, dtype=np.float64)
        if rng is not None:
            tint = tint * (1.0 + vary * rng.uniform(-1.0, 1.0))
        return self.painted(np.broadcast_to(np.clip(tint, 0.0, 1.0), (len(self.positions), 3)))

    def painted(self, rgb: Points) -> Form:
        """Multiplied by a colour for each vertex, [V,3]."""
        colors = self.colors.copy()
        colors[:, :3] *= rgb
        return replace(self, colors=colors)

    def shaded(self, brightness: Callable[[Points], Points]) -> Form:
        """Darkened by a function of the positions: soil at the foot of a wall, shade under eaves."""
        return self.painted(np.clip(brightness(self.positions), 0.0, 1.0)[:, None])

    def swaying(self, share: Callable[[Points], Points] | float) -> Form:
        """How far the wind moves each vertex, as a share of the material's sway."""
        colors = self.colors.copy()
        colors[:, 3] = np.clip(share(self.positions), 0.0, 1.0) if callable(share) else share
        return replace(self, colors=colors)

    def textured(self, scale: float = 1.0, u: float = 0.0, v: float = 0.0) -> Form:
        """With texture coordinates scaled, then shifted: so that twins don't look alike."""
        return replace(self, uvs=self.uvs * scale + np.array([u, v]))

    def grained(self, scale: float = 1.0, shift: float = 0.0) -> Form:
        """With the texture turned by a quarter: the grain of wood runs along the first axis."""
        return replace(self, uvs=self.uvs[:, ::-1] * np.array([scale, 1.0]) + np.array([shift, 0.7 * shift]))

    def flipped(self) -> Form:
        """Turned inside out."""
        return replace(self, normals=-self.normals, triangles=self.triangles[:, ::-1])

    def part(self, chosen: NDArray[np.bool_]) -> Form:
        """Only some of its triangles, and the vertices that they need."""
        used, renumbered = np.unique(self.triangles[chosen], return_inverse=True)
        arrays = (self.positions[used], self.normals[used], self.uvs[used])
        return Form(*arrays, renumbered.reshape(-1, 3), self.colors[used])

    def mesh(self, tile_m: float = 1.0) -> Mesh:
        """The mesh, for a texture that repeats every so many metres."""
        return Mesh(
            positions=self.positions.astype(np.float32),
            normals=self.normals.astype(np.float32),
            uvs=(self.uvs / tile_m).astype(np.float32),
            triangles=self.triangles.astype(np.uint32),
            colors=np.clip(np.rint(self.colors * 255.0), 0, 255).astype(np.uint8),
        )


def form(positions: ArrayLike, normals: ArrayLike, uvs: ArrayLike, triangles: ArrayLike) -> Form:
    """A white form that the wind doesn't move."""
    places = np.asarray(positions, dtype=np.float64)
    colors = np.ones((len(places), 4))
    colors[:, 3] = 0.0
    return Form(
        places,
        np.asarray(normals, dtype=np.float64),
        np.asarray(uvs, dtype=np.float64),
        np.asarray(triangles, dtype=np.int64).reshape(-1, 3),
        colors,
    )


def join(forms: Sequence[Form]) -> Form:
    """Many forms as one."""
    starts = np.cumsum([0, *(len(each.positions) for each in forms[:-1])])
    return Form(
        np.concatenate([each.positions for each in forms]),
        np.concatenate([each.normals for each in forms]),
        np.concatenate([each.uvs for each in forms]),
        np.concatenate([each.triangles + start for each, start in zip(forms, starts, strict=True)]),
        np.concatenate([each.colors for each in forms]),
    )


def smooth_normals(positions: Points, triangles: NDArray[np.int64]) -> Points:
    """Unit normals averaged over the triangles at each vertex, larger ones counting more."""
    a, b, c = (positions[triangles[:, k]] for k in range(3))
    faces = cross(b - a, c - a)
    normals = np.zeros_like(positions)
    for k in range(3):
        np.add.at(normals, triangles[:, k], faces)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.asarray(np.where(lengths > 1e-12, normals / np.maximum(lengths, 1e-12), (0.0, 0.0, 1.0)))


def cross(a: Points, b: Points) -> Points:
    """The cross product along the last axis; for small arrays many times faster than numpy's."""
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)


def faceted(positions: Points, triangles: NDArray[np.int64], tile: float = 1.0) -> Form:
    """Each triangle with a normal of its own; textures are projected along its strongest axis."""
    corners = positions[triangles].reshape(-1, 3)
    a, b, c = corners[0::3], corners[1::3], corners[2::3]
    normals = cross(b - a, c - a)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    uvs = _projected(corners, np.repeat(normals, 3, axis=0)) * tile
    return form(corners, np.repeat(normals, 3, axis=0), uvs, np.arange(len(corners)))


def _projected(positions: Points, normals: Points) -> Points:
    strongest = np.argmax(np.abs(normals), axis=1)
    x, y, z = positions.T
    u = np.choose(strongest, [y, x, x])
    v = np.choose(strongest, [z, z, y])
    return np.stack([u, v], axis=1)


def rotation_x(angle_rad: float) -> Points:
    """[3,3], y towards z."""
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def rotation_y(angle_rad: float) -> Points:
    """[3,3], z towards x."""
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


def rotation_z(angle_rad: float) -> Points:
    """[3,3], x towards y."""
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
