"""Autopilot: plays the hero where nobody holds the keys. Walks, runs, stops and jumps along the level's routes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from stylebridge.scene.characters import Wish

WALK_M_S, RUN_M_S = 1.5, 4.2
AHEAD_M = 2.5  # how far along the route the hero looks
# What the hero does for how many seconds at least and at most; running and walking fill most of the time.
MOODS = {"walk": (4.0, 8.0), "run": (4.0, 9.0), "stand": (1.5, 3.0)}
NEXT = {"walk": ("run", "run", "stand"), "run": ("walk", "walk", "stand"), "stand": ("walk", "run")}
JUMPS_PER_S = 0.12  # while moving


class Autopilot:
    """Wishes for a hero who goes round one route; the same seed wishes the same."""

    def __init__(self, route: NDArray[np.float64], seed: int) -> None:
        self._route = _spread(route, 0.5)
        self._rng = np.random.default_rng([seed, 0xA0])
        self._mood, self._left_s = "walk", 2.0
        self._at = -1  # index of the route's point that the hero goes for

    def wish(self, position: NDArray[np.float64], dt: float) -> Wish:
        """What the hero wants for the next step."""
        self._left_s -= dt
        if self._left_s <= 0:
            self._mood = str(self._rng.choice(NEXT[self._mood]))
            self._left_s = float(self._rng.uniform(*MOODS[self._mood]))
        if self._mood == "stand":
            return Wish(velocity=(0.0, 0.0))
        speed = RUN_M_S if self._mood == "run" else WALK_M_S
        x, y = self._goal(position[:2]) - position[:2]
        length = math.hypot(x, y) or 1.0
        jump = bool(self._rng.random() < JUMPS_PER_S * dt)
        return Wish(velocity=(speed * x / length, speed * y / length), jump=jump)

    def _goal(self, place: NDArray[np.float64]) -> NDArray[np.float64]:
        """The point of the route a little ahead of the one nearest to the hero."""
        if self._at < 0:
            self._at = int(np.argmin(((self._route - place) ** 2).sum(axis=1)))
        window = (self._at + np.arange(40)) % len(self._route)  # never back, and never across to another stretch
        self._at = int(window[np.argmin(((self._route[window] - place) ** 2).sum(axis=1))])
        return np.asarray(self._route[(self._at + int(AHEAD_M / 0.5)) % len(self._route)])


def _spread(route: NDArray[np.float64], step_m: float) -> NDArray[np.float64]:
    """The same closed loop with points about every `step_m`."""
    closed = np.vstack([route, route[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    at = np.linspace(0, along[-1], max(8, int(along[-1] / step_m)), endpoint=False)
    return np.stack([np.interp(at, along, closed[:, axis]) for axis in (0, 1)], axis=1)
