"""Guides: coloured clouds that stick to what the game shows, so that a network can tell places that look alike apart.

Points are spread over the first frame, each with its own random numbers, and carried along by the recording's motion.
A guide plane is their mixture: at every pixel the mean of the points' numbers, nearer points counting more by a
Gaussian of their distance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from stylebridge.compare.temporal.warping import HOW_TO_GET_MOTION, Step, grid, sample, step_forth
from stylebridge.errors import InputError
from stylebridge.frame import FloatPlane, Frame
from stylebridge.imaging import resize_plane
from stylebridge.train.data.stills import Recorded, Stills

PLANES = ("color", "depth", "motion", "occlusion")
COARSE = 4  # pixels a side that the mixture is computed for at once; it is smooth


class Guides:
    """The guide planes of every frame of a recording, from points about `spacing_px` apart."""

    def __init__(self, stills: Stills, count: int, spacing_px: int, seed: int) -> None:
        if not isinstance(stills, Recorded):
            found, do = "guides for pictures without motion", "pass a recording, or --set guides=0"
            raise InputError(found, expected="a recording", do=do, where=stills.place)
        self.stills, self.count, self.spacing_px, self.seed = stills, count, spacing_px, seed
        pairs = set(stills.recording.pairs())
        if not any("motion" in stills.recording.planes_of(number) for _, number in pairs):
            raise InputError("guides, but no frame has motion", do=HOW_TO_GET_MOTION, where=stills.place)
        self._points: dict[int, FloatPlane] = {}
        self._sizes: dict[int, tuple[int, int]] = {}
        for run in stills.runs():
            self._follow(run, pairs)

    def planes(self, number: int) -> Tensor:
        """The guides of a frame, [K,H,W] from -1 to 1."""
        height, width = self._sizes[number]
        points = self._points[number]
        numbers = np.random.default_rng((self.seed, 1)).uniform(-1, 1, (len(points), self.count)).astype(np.float32)
        small = mixture(points, numbers, (height, width), self.spacing_px / 2)
        whole = (small.shape[1] * COARSE, small.shape[0] * COARSE)
        planes = resize_plane(small, whole).reshape(whole[1], whole[0], self.count)[:height, :width]
        return torch.from_numpy(np.ascontiguousarray(planes.transpose(2, 0, 1)))  # [H,W,K] -> [K,H,W]

    def _follow(self, run: Sequence[int], pairs: set[tuple[int, int]]) -> None:
        before: tuple[int, Frame] | None = None
        for number in run:
            frame = self.stills.read(number, PLANES)
            if before and frame.motion is not None and (before[0], number) in pairs:
                self._points[number] = carried(self._points[before[0]], step_forth(before[1], frame))
            else:  # behind a cut there is nothing to stick to
                self._points[number] = spread(frame.height, frame.width, self.spacing_px, self.seed)
            self._sizes[number] = (frame.height, frame.width)
            before = (number, frame)


def spread(height: int, width: int, spacing_px: int, seed: int) -> FloatPlane:
    """Points [P,2] as (x, y) all over a frame and a little beyond: one at random in each cell of a grid."""
    random = np.random.default_rng((seed, 0))
    columns, rows = (np.arange(-1, side // spacing_px + 2, dtype=np.float32) for side in (width, height))
    cells = np.stack(np.meshgrid(columns, rows), axis=2).reshape(-1, 2)
    return (cells + random.random(cells.shape, dtype=np.float32)) * np.float32(spacing_px)


def carried(points: FloatPlane, forth: Step) -> FloatPlane:
    """The points a frame later; those that can't be seen go with the middle of those that can."""
    height, width = forth.seen.shape
    at = points[:, None]  # [P,2] -> [P,1,2]: what `sample` takes for a picture one pixel wide
    away = sample(forth.positions - grid(height, width), at)[:, 0]
    x, y = points.T
    seen = sample(forth.seen, at, "nearest")[:, 0] & (x >= 0) & (y >= 0) & (x < width) & (y < height)
    middle = np.median(away[seen], axis=0) if seen.any() else np.zeros(2, np.float32)
    return np.asarray(points + np.where(seen[:, None], away, middle), dtype=np.float32)


def mixture(points: FloatPlane, numbers: FloatPlane, size: tuple[int, int], sigma_px: float) -> FloatPlane:
    """The mean of the points' numbers around each COARSE-th pixel, [H/4,W/4,K]; far from all, the nearest one's."""
    height, width = (-(-side // COARSE) for side in size)
    middle = np.float32((COARSE - 1) / 2)
    near = [
        -np.square((np.arange(side, dtype=np.float32) * COARSE + middle)[:, None] - points[:, axis]) / (2 * sigma_px**2)
        for side, axis in ((height, 1), (width, 0))
    ]
    rows = []
    for row in near[0]:  # a row at a time: all at once takes height * width * points numbers
        weights = row + near[1]  # [W,P]
        weights = np.exp(weights - weights.max(axis=1, keepdims=True))
        rows.append((weights / weights.sum(axis=1, keepdims=True)) @ numbers)
    return np.stack(rows).astype(np.float32)  # [H/4,W/4,K]
