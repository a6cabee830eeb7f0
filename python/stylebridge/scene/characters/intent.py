"""Intent: where the characters mean to be, which their steps then follow as well as feet can."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.characters.clips.library import AHEAD_S
from stylebridge.scene.characters.rotations import Array, Flags, Indices, dot, wrap
from stylebridge.scene.characters.springs import chase, decay, limit

_SPEED_HALF_LIFE_S, _QUICK_MPS = 0.22, 2.2  # changes of velocity up to this are made in this half-life
_TURN_HALF_LIFE_S, _QUICK_RAD = 0.19, 1.2
_LEASH_M = 0.35  # from where their steps took them, at most
_RESTING_MPS = 0.05


class Intent:
    """What N characters are about to do, smoothed from what they wish."""

    def __init__(self, places: Array, headings: Array) -> None:
        self.place = places.copy()
        self.velocity = np.zeros_like(places)
        self.push = np.zeros_like(places)
        self.facing = headings.copy()
        self.spin = np.zeros_like(headings)

    def follow(self, dt: float, wish: Array, facing: Array) -> None:
        """Move on by dt on the way to wished velocities [N,2] and headings [N]."""
        half_life = haste(wish - self.velocity)
        moved, self.velocity, self.push = chase(self.velocity, self.push, wish, half_life, dt)
        self.place = self.place + moved
        turn = wrap(self.facing - facing)
        off, self.spin = decay(turn, self.spin, turning_haste(turn), dt)
        self.facing = facing + off

    def trail(self, rows: Indices, root: Array, wish: Array) -> Array:
        """Where some of them will be at AHEAD_S, from where their roots [N,2] are: [N,3,2]."""
        behind = limit(self.place[rows] - root, _LEASH_M)
        return behind[:, None] + foresee(self.velocity[rows], self.push[rows], wish)

    def directions(self, rows: Indices, facing: Array) -> Array:
        """Which way some of them will look at AHEAD_S [N,3]."""
        return foresee_heading(wrap(self.facing[rows] - facing), self.spin[rows], facing)

    def tether(self, root: Array, committed: Flags) -> None:
        """Never be far from the roots; who rests or is committed to a jump is where the steps lead."""
        place = root + limit(self.place - root, _LEASH_M)
        given_in = committed | (dot(self.velocity, self.velocity) < _RESTING_MPS**2)
        self.place = np.where(given_in[:, None], root, place)


def haste(change: Array) -> Array:
    """The half-lives [N,1] in which changes of velocity [N,2] are made: large ones take longer, as legs must."""
    return _SPEED_HALF_LIFE_S * np.maximum(1.0, np.sqrt(dot(change, change)) / _QUICK_MPS)[:, None]


def turning_haste(turn: Array) -> Array:
    """The half-lives [N] in which turns are made."""
    return _TURN_HALF_LIFE_S * np.maximum(1.0, np.abs(turn) / _QUICK_RAD)


def foresee(velocity: Array, push: Array, goal: Array) -> Array:
    """Where something that is at the origin now will be at AHEAD_S [N,3,2], on its way to a goal velocity [N,2]."""
    moments = np.array(AHEAD_S)[None, :, None]
    half_life = haste(goal - velocity)[:, None]
    moved, _, _ = chase(velocity[:, None], push[:, None], goal[:, None], half_life, moments)
    return moved


def foresee_heading(offset: Array, spin: Array, goal: Array) -> Array:
    """Headings at AHEAD_S [N,3] on the way to a goal [N], from `offset` beside it."""
    return np.stack([goal + decay(offset, spin, turning_haste(offset), s)[0] for s in AHEAD_S], axis=-1)
