"""Crowd: what the characters that nobody plays want to do, so that a place is alive."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stylebridge.scene.characters.rotations import Array, Indices, dot
from stylebridge.scene.characters.springs import limit, share_in
from stylebridge.scene.characters.walls import Walls

BODY_M = 0.32  # radius that a character keeps from walls
_AHEAD_M = 1.6  # along its route, where a wanderer looks
_SPACE_M = 1.3  # from each other, where they begin to give way
_PACES = (1.15, 1.35, 1.5, 1.4, 2.7, 3.9)  # m/s; most people walk
_STROLL_MPS = 1.3
_MARK_M = 0.25
_STEPS = np.array([-1.2, -0.4, 0.0, 0.4, 1.2])  # marks by which a wanderer's place on its route may change at once
_HOME_M = 8.0  # without any route, how far from its first place a wanderer goes


class Crowd:
    """N wanderers, each on its route, with a temper of its own."""

    def __init__(
        self, routes: Sequence[Array], walls: Walls, half_side: float, strollers: Sequence[bool], seed: int
    ) -> None:
        """One wanderer per flag; strollers never run."""
        count = len(strollers)
        self._random = np.random.default_rng([seed, 11])
        self._walls = walls
        usable = [np.asarray(route, np.float64) for route in routes if len(route) >= 2]
        paced = [_paced(route) for route in usable or [_circle(half_side, walls)]]
        self._marks = np.array([len(marks) for marks in paced])
        self._places = np.zeros((len(paced), int(self._marks.max()), 2))  # [R,M,2], each route from its beginning
        for index, marks in enumerate(paced):
            self._places[index, : len(marks)] = marks
        order = self._random.permutation(count)
        self._route = np.arange(count) % len(paced)
        self._direction = np.where(self._random.random(count) < 0.5, -1.0, 1.0)
        self._pace = np.array([_PACES[int(i) % len(_PACES)] for i in order]).reshape(count)
        self._pace = np.where(strollers, np.minimum(self._pace, _STROLL_MPS), self._pace)
        self._pace = self._pace * self._random.uniform(0.94, 1.06, count)
        self._until_s = self._random.uniform(4.0, 16.0, count)
        self._resting = self._random.random(count) < 0.2
        self._along = self._random.uniform(0.0, 1.0, count) * self._marks[self._route]  # in marks
        self._stuck_s = np.zeros(count)
        self._wish = np.zeros((count, 2))

    def starts(self) -> tuple[Array, Array]:
        """Where the wanderers begin [N,2], and which way they look [N]."""
        places = self._on_route(self._along)
        ahead = self._on_route(self._along + 0.5 * self._direction / _MARK_M) - places
        return self._walls.push_out(places, BODY_M)[0], np.arctan2(ahead[:, 1], ahead[:, 0])

    def wishes(self, dt: float, places: Array, velocity: Array, everybody: Array) -> Array:
        """Velocities [N,2] that the wanderers wish for, walls apart; `everybody` [M,2] is where all characters are."""
        self._change_minds(dt, places, velocity)
        self._follow(places)
        target = self._on_route(self._along + _AHEAD_M * self._direction / _MARK_M)
        way = limit(target - places, 1.0)
        wish = way * np.where(self._resting, 0.0, self._pace)[:, None]
        wish = wish + self._give_way(places, wish, everybody)
        wish = self._round_corners(places, wish)
        self._wish = self._wish + (limit(wish, self._pace) - self._wish) * share_in(0.10, dt)
        return np.where((self._resting & (np.sum(wish**2, axis=-1) < 0.3**2))[:, None], 0.0, self._wish)

    def _change_minds(self, dt: float, places: Array, velocity: Array) -> None:
        self._until_s -= dt
        for index in np.flatnonzero(self._until_s <= 0.0):
            self._resting[index] = not self._resting[index]
            low, high = (3.0, 8.0) if self._resting[index] else (9.0, 24.0)
            self._until_s[index] = self._random.uniform(low, high)
        slow = ~self._resting & (np.sum(velocity**2, axis=-1) < 0.2**2)
        self._stuck_s = np.where(slow, self._stuck_s + dt, 0.0)
        turning = self._stuck_s > 2.5
        self._direction = np.where(turning, -self._direction, self._direction)
        self._stuck_s = np.where(turning, 0.0, self._stuck_s)

    def _follow(self, places: Array) -> None:
        """Move the mark along each route to where its wanderer is, never far at once."""
        marks = self._along[:, None] + _STEPS  # [N,S]
        reached = self._on_route(marks, self._route[:, None])
        apart = np.sum((reached - places[:, None]) ** 2, axis=-1)
        self._along = marks[np.arange(len(marks)), np.argmin(apart, axis=-1)]

    def _on_route(self, along: Array, route: Indices | None = None) -> Array:
        owners = self._route if route is None else route
        count = self._marks[owners]
        whole = np.floor(along)
        mark = whole.astype(np.int64) % count
        share = (along - whole)[..., None]
        here, next_one = self._places[owners, mark], self._places[owners, (mark + 1) % count]
        places: Array = here + (next_one - here) * share
        return places

    def _give_way(self, places: Array, wish: Array, everybody: Array) -> Array:
        """Away from who is near, and to the right of who comes towards."""
        apart = places[:, None] - everybody  # [N,M,2]
        distance = np.sqrt(dot(apart, apart))
        near = np.clip((_SPACE_M - distance) / _SPACE_M, 0.0, 1.0) * (distance > 1e-6)
        away = apart / np.maximum(distance, 1e-6)[..., None]
        speed = np.sqrt(dot(wish, wish))[:, None]
        facing = np.maximum(-np.sum(away * (wish / np.maximum(speed, 1e-6))[:, None], axis=-1), 0.0)
        aside = np.stack([wish[:, 1], -wish[:, 0]], axis=-1)[:, None] * (near * facing * 1.6)[..., None]
        way: Array = np.sum(away * (near**2 * 2.4)[..., None] + aside, axis=1)
        return way

    def _round_corners(self, places: Array, wish: Array) -> Array:
        """Bend a wish along the wall that it would meet within the next second."""
        distance, away = self._walls.nearest(places + limit(wish * 0.7, 1.2))
        inward = np.minimum(dot(wish, away), 0.0)
        near = np.clip((BODY_M + 0.25 - distance) / 0.5, 0.0, 1.0)
        tangent = np.stack([-away[:, 1], away[:, 0]], axis=-1)
        tangent *= np.where(dot(tangent, wish) < 0.0, -1.0, 1.0)[:, None]
        return wish - (away + tangent * -0.6) * (inward * near)[:, None]


def _paced(route: Array) -> Array:
    """A closed route as places [M,2] that lie _MARK_M apart, or as good as."""
    closed = np.concatenate([route, route[:1]])
    steps = np.sqrt(np.sum(np.diff(closed, axis=0) ** 2, axis=-1))
    lengths = np.concatenate([[0.0], np.cumsum(np.maximum(steps, 1e-6))])
    marks = np.linspace(0.0, lengths[-1], max(2, round(lengths[-1] / _MARK_M)), endpoint=False)
    return np.stack([np.interp(marks, lengths, closed[:, i]) for i in range(2)], axis=-1)


def _circle(half_side: float, walls: Walls) -> Array:
    """A way around the middle for places without routes."""
    angle = np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=-1) * min(_HOME_M, 0.6 * half_side)
    return walls.push_out(ring, BODY_M + 0.2)[0]
