"""What stands still, in small clusters: only what the eye can see goes to the driver, the nearest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stylebridge.scene.mesh import Floats

CLUSTER = 32  # triangles at most
_LEAN = 0.4  # sine of how far the wind may turn a triangle

Triangles = NDArray[np.uint32]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """Runs of neighbouring triangles, each in a sphere."""

    triangles: Triangles  # [T,3], cluster after cluster
    planes: Floats  # [T,4]: above 0 for an eye that sees the front
    counts: NDArray[np.int64]  # [C] triangles of each
    centers: Doubles  # [C,3]
    radii: Doubles
    reaches: Doubles  # [C] metres that the wind moves it; infinite where both sides show

    def visible(self, eye: Doubles, clip: Doubles) -> tuple[NDArray[np.int64], Doubles]:
        """Which clusters may be in the picture, the nearest first, and how far off; `clip` is world -> clip space."""
        sides = np.concatenate([clip[3] + clip[:3], clip[3] - clip[:3]])  # [6,4]
        sides /= np.linalg.norm(sides[:, :3], axis=1, keepdims=True)
        chosen = np.flatnonzero((self.centers @ sides[:, :3].T + sides[:, 3] > -self.radii[:, None]).all(axis=1))
        distance = np.linalg.norm(self.centers[chosen] - eye, axis=1) - self.radii[chosen]
        order = np.argsort(distance, kind="stable")
        return chosen[order], np.maximum(distance[order], 0.0)

    def rows(self, chosen: NDArray[np.int64], distance: Doubles, eye: Doubles) -> tuple[NDArray[np.int64], ...]:
        """The rows of those of their triangles whose front the eye can see, and how many of each cluster those are."""
        counts = self.counts[chosen]
        firsts = (np.cumsum(self.counts) - self.counts)[chosen]
        rows = np.repeat(firsts - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
        heights = np.einsum("tk,k->t", self.planes, np.array([*eye, 1.0], np.float32))
        reaches, radii = self.reaches[chosen], self.radii[chosen]
        slack = np.where(reaches > 0, reaches + _LEAN * (distance + 2 * radii), 0.0).astype(np.float32)
        seen = heights[rows] > -np.repeat(slack, counts)
        return rows[seen], np.add.reduceat(seen, np.cumsum(counts) - counts) if len(counts) else counts


def clusters_of(places: Floats, triangles: Triangles, *, two_sided: bool, reach_m: float = 0.0) -> Clusters:
    """Cut triangles into clusters; `reach_m` is how far the wind moves them."""
    corners = places[triangles].astype(np.float64)  # [T,3,3]
    groups = list(_halved(np.arange(len(triangles)), corners.mean(axis=1)))
    order = np.concatenate(groups)
    triangles, corners = triangles[order], corners[order]
    faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    faces /= np.maximum(np.linalg.norm(faces, axis=1, keepdims=True), 1e-12)
    planes = np.concatenate([faces, -(faces * corners[:, 0]).sum(axis=1, keepdims=True)], axis=1)
    counts = np.array([len(group) for group in groups], np.int64)
    firsts = np.cumsum(counts) - counts
    low, high = np.minimum.reduceat(corners.min(axis=1), firsts), np.maximum.reduceat(corners.max(axis=1), firsts)
    reaches = np.full(len(counts), np.inf if two_sided else reach_m)
    radii = np.linalg.norm(high - low, axis=1) / 2 + reach_m
    return Clusters(triangles, planes.astype(np.float32), counts, (low + high) / 2, radii, reaches)


def joined(parts: Sequence[Clusters]) -> Clusters:
    """All of these as one; the numbers in the triangles stay what they were."""
    names = ("triangles", "planes", "counts", "centers", "radii", "reaches")
    return Clusters(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _halved(group: NDArray[np.int64], middles: Doubles) -> Iterator[NDArray[np.int64]]:
    """Halve across the longest side until the parts are small."""
    if len(group) <= CLUSTER:
        yield group
        return
    axis = int(np.argmax(np.ptp(middles[group], axis=0)))
    order = group[np.argsort(middles[group, axis], kind="stable")]
    for half in np.array_split(order, 2):
        yield from _halved(half, middles)
