"""Three-vectors: lengths are metres, y is up, colours are linear RGB, many of them are [3,N]."""

from __future__ import annotations

import numpy as np

Array = np.ndarray
Vec = tuple[float, float, float]


def vec(*xyz: float) -> Array:
    return np.array(xyz)


def unit(v: Array) -> Array:
    """The same directions at length one."""
    return v / np.sqrt((v**2).sum(0))


def column_from_vec(v: Vec) -> Array:
    """[3] -> [3,1], to meet [3,N]."""
    return np.array(v, np.float32)[:, None]
