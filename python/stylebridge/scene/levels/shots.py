"""Scripted cameras from a list of places and what they look at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stylebridge.scene.levels.level import Shot
from stylebridge.scene.levels.terrain import Terrain

Key = tuple[tuple[float, float, float], tuple[float, float, float]]


def shot(keys: Sequence[Key], each_s: float, fov_y_deg: float, ground: Terrain | None = None) -> Shot:
    """A path through (eye, target) pairs, as many seconds from each to the next; over the ground, if there is one."""
    eyes, targets = np.array([key[0] for key in keys]), np.array([key[1] for key in keys])
    if ground is not None:
        eyes[:, 2] += ground(eyes[:, :2])
        targets[:, 2] += ground(targets[:, :2])
    return Shot(np.asarray(np.arange(len(keys)) * each_s, dtype=np.float64), eyes, targets, fov_y_deg)
