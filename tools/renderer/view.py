"""Views: the camera, the sun and the zenith sphere-trace each thing inside its box's rectangle into a depth buffer."""

from __future__ import annotations

import numpy as np

from renderer.things import Thing
from renderer.vectors import Array

FAR = 400.0


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
