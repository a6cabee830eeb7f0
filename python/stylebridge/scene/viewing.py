"""Where to look from: camera matrices, and scripted shots followed smoothly through their keys."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stylebridge.errors import InputError
from stylebridge.scene.levels.level import Shot
from stylebridge.scene.snapshot import Matrix

_TOO_STRAIGHT = 1e-6  # squared sine between the view direction and `up`, below which `up` says nothing


def look_at(eye: ArrayLike, target: ArrayLike, up: Sequence[float] = (0.0, 0.0, 1.0)) -> Matrix:
    """The world -> eye matrix of a camera at `eye` that sees `target` in its middle."""
    place = np.asarray(eye, dtype=np.float64)
    forward = np.asarray(target, dtype=np.float64) - place
    distance = float(np.linalg.norm(forward))
    if not np.isfinite(distance) or distance == 0.0:
        raise InputError(f"a camera at {place.tolist()} that looks at itself", expected="a target elsewhere")
    forward /= distance
    side = np.cross(forward, np.asarray(up, dtype=np.float64))
    if float(side @ side) < _TOO_STRAIGHT:  # straight up or down: north is up in the picture
        side = np.cross(forward, (0.0, 1.0, 0.0))
    side /= np.linalg.norm(side)
    view = np.eye(4)
    view[:3, :3] = np.stack([side, np.cross(side, forward), -forward])
    view[:3, 3] = -view[:3, :3] @ place
    return view


def shot_view(shot: Shot, seconds: float) -> tuple[Matrix, float]:
    """The view matrix and the vertical field of view in degrees at a moment of the shot, which repeats itself."""
    eye, target = shot_points(shot, seconds)
    return look_at(eye, target), shot.fov_y_deg


def shot_points(shot: Shot, seconds: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the camera stands and where it looks at a moment of the shot."""
    keys = np.concatenate([shot.eyes, shot.targets], axis=1)  # [K,6]
    now = _smooth(shot.times_s, keys, seconds)
    return now[:3], now[3:]


def shot_seconds(shot: Shot) -> float:
    """How long the shot takes before it starts over."""
    return float(shot.times_s[-1])


def _smooth(times: NDArray[np.float64], keys: NDArray[np.float64], seconds: float) -> NDArray[np.float64]:
    """Cubic Hermite with Catmull-Rom tangents; through its seam too, when the last key is the first again."""
    if len(times) < 2:
        return np.array(keys[0])
    seconds = float(seconds) % float(times[-1])
    last = len(times) - 1
    at = min(int(np.searchsorted(times, seconds, side="right")) - 1, last - 1)
    closed = bool(np.allclose(keys[0], keys[-1]))
    span = times[at + 1] - times[at]
    t = (seconds - times[at]) / span
    m0, m1 = (_tangent(times, keys, index, closed) * span for index in (at, at + 1))
    h = np.array([2 * t**3 - 3 * t**2 + 1, t**3 - 2 * t**2 + t, -2 * t**3 + 3 * t**2, t**3 - t**2])
    return np.asarray(h @ np.stack([keys[at], m0, keys[at + 1], m1]))


def _tangent(times: NDArray[np.float64], keys: NDArray[np.float64], index: int, closed: bool) -> NDArray[np.float64]:
    last = len(times) - 1
    if 0 < index < last:
        return np.asarray((keys[index + 1] - keys[index - 1]) / (times[index + 1] - times[index - 1]))
    if not closed:
        return np.zeros(keys.shape[1])  # an open shot sets out and stops gently
    return np.asarray((keys[1] - keys[last - 1]) / (times[1] - times[0] + times[last] - times[last - 1]))
