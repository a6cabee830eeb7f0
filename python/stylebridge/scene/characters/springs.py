"""Springs: critically damped, solved exactly for any step, so that nothing depends on how often they are stepped."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.characters.rotations import Array, dot

_LN2 = float(np.log(2.0))


def decay(offset: Array, speed: Array, half_life_s: Array | float, dt: float) -> tuple[Array, Array]:
    """An offset and its speed on their way to nothing."""
    y = 2.0 * _LN2 / half_life_s
    fade = np.exp(-y * dt)
    pull = speed + offset * y
    return fade * (offset + pull * dt), fade * (speed - pull * (y * dt))


def chase(
    velocity: Array, push: Array, goal: Array, half_life_s: Array | float, dt: Array | float
) -> tuple[Array, Array, Array]:
    """How far something moves within dt, and its velocity and acceleration then, on its way to a goal velocity."""
    y = 2.0 * _LN2 / half_life_s
    fade = np.exp(-y * np.asarray(dt))
    away = velocity - goal
    pull = push + away * y
    moved = fade * (-pull / (y * y) - (away + pull * dt) / y) + pull / (y * y) + away / y + goal * dt
    return moved, fade * (away + pull * dt) + goal, fade * (push - pull * (y * dt))


def share_in(half_life_s: float, dt: float) -> float:
    """The share of a distance that is covered within dt when half of it is covered in each half-life."""
    return 1.0 - float(np.exp(-_LN2 * dt / half_life_s))


def limit(vectors: Array, most: Array | float) -> Array:
    """Vectors [...,D] shortened to at most a length."""
    length = np.sqrt(dot(vectors, vectors))
    return vectors * (np.minimum(length, most) / np.maximum(length, 1e-9))[..., None]
