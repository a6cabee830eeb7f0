"""Matching: finds the frame whose pose and coming trajectory are nearest to what each character does and wants."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.characters.clips.library import POSE_WIDTH, Library
from stylebridge.scene.characters.rotations import Array, Flags, Indices, turn_plane

_MIN_LEFT = 8  # frames that a clip must still have, so that joining it is worth it
_STAY_MARGIN = 0.08  # squared distance by which a new frame must be better than going on


class Search:
    """The library's candidates, every second frame of them, ready for one product per search."""

    def __init__(self, library: Library) -> None:
        self.library = library
        moving = np.flatnonzero(~library.leaping & (library.left >= _MIN_LEFT) & (library.left % 2 == 0))
        self._walks = _Candidates(library, moving)
        self._jumps = _Candidates(library, np.flatnonzero(library.entry))

    def best(self, query: Array, current: Indices, jump: Flags) -> Indices:
        """The frames [N] to play for queries [N,27]; `current` where going on is as good, -1 if it can't."""
        chosen = current.copy()
        for wanted, candidates in ((~jump, self._walks), (jump, self._jumps)):
            rows = np.flatnonzero(wanted)
            if not rows.size:
                continue
            frames, costs = candidates.nearest(query[rows])
            here = self.library.features[np.maximum(current[rows], 0)]
            staying = np.where(current[rows] < 0, np.inf, np.sum((here - query[rows]) ** 2, axis=-1))
            if candidates is self._jumps:
                staying = np.full(len(rows), np.inf)
            chosen[rows] = np.where(costs + _STAY_MARGIN < staying, frames, current[rows])
        return chosen


class _Candidates:
    def __init__(self, library: Library, frames: Indices) -> None:
        self._frames = frames
        self._all = library.features
        self._features = np.ascontiguousarray(library.features[frames].T, np.float32)  # [27,C]
        self._squares = 0.5 * np.sum(self._features**2, axis=0)

    def nearest(self, query: Array) -> tuple[Indices, Array]:
        """The nearest frame for each query [N,27], and its squared distance."""
        # no BLAS: its threads cost more than the product on a busy machine, and sum in no fixed order
        costs = self._squares - np.einsum("nf,fc->nc", query.astype(np.float32), self._features)  # [N,C], half of it
        frames = self._frames[np.argmin(costs, axis=-1)]
        return frames, np.sum((self._all[frames] - query) ** 2, axis=-1)


def query_of(
    library: Library,
    frame: Indices,
    heading: Array,
    trail: Array,
    directions: Array,
) -> Array:
    """Normalised queries [N,27]: the pose now playing, and the trajectory ahead.

    `trail` [N,3,2] is where the root should be at AHEAD_S from where it is, `directions` [N,3] which way it should
    look, both in the world and in the library's size.
    """
    count = len(frame)
    ahead = turn_plane(trail, -heading[:, None]).reshape(count, -1)
    turn = directions - heading[:, None]
    look = np.stack([np.cos(turn), np.sin(turn)], axis=-1).reshape(count, -1)
    return library.normalized(np.concatenate([library.raw[frame, :POSE_WIDTH], ahead, look], axis=-1))
