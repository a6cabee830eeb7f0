"""Feet: held where they stand, and set on ground that isn't flat."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from stylebridge.scene.characters.legs import lift_heel, solve_leg
from stylebridge.scene.characters.rotations import Array, Flags, cross, normalize
from stylebridge.scene.characters.skeleton import FEET, SHINS, THIGHS, TOES
from stylebridge.scene.characters.springs import decay, share_in

Ground = Callable[[Array], Array]

_FADE_HALF_LIFE_S = 0.07
_LOCK_M = 0.24  # a foot that would have to be held farther from its clip than this lets go
_TORN = 1.06  # of a leg's length: a foot that is held so far away, even on its toes, lets go too
_FEEL_M = 0.07  # how far around a foot its slope is felt
_STEP_SLOPE = 0.7  # steeper than this is the edge of a step, no slope to stand along
_DROP_M = 0.16  # that the hips stay over the lower foot at most, on stairs


class Feet:
    """What is remembered of the feet of N characters."""

    def __init__(self, ground: Ground, root: Array, thigh_m: Array, shin_m: Array) -> None:
        self._ground = ground
        count = len(root)
        self._thigh_m, self._shin_m = thigh_m[:, None], shin_m[:, None]
        self._locked = np.zeros((count, 2), bool)
        self._refused = np.zeros((count, 2), bool)
        self._anchor = np.zeros((count, 2, 2))
        self._offset = np.zeros((count, 2, 2))
        self._offset_speed = np.zeros((count, 2, 2))
        self._previous: Array | None = None
        self.height = ground(root)  # [N] of the ground under the hips
        self._heights = np.repeat(self.height[:, None], 2, axis=1)
        self._tilt = np.zeros((count, 2, 2))

    def place(self, dt: float, world: Array, places: Array, planted: Flags, airborne: Flags) -> None:
        """Bend the legs of posed skeletons, [N,J,3,3] and [N,J,3] in place, which stand at `height`."""
        balls = places[:, TOES, :2]
        self._hold(dt, balls, planted & ~airborne[:, None])
        target = balls + self._offset
        self._feel(dt, target, balls if self._previous is None else self._previous, airborne)
        self._previous = balls
        shift = np.concatenate([self._offset, (self._heights - self._base)[..., None]], axis=-1)
        self._bend(world, places, places[:, TOES] + shift)

    def _bend(self, world: Array, places: Array, balls: Array) -> None:
        """Put the balls of the feet [N,2,3] where they should be and let the legs follow."""
        tilt = _tilt_matrix(self._tilt)
        lever = tilt @ (places[:, FEET] - places[:, TOES])[..., None]  # [N,2,3,1]
        hips, leg_m = places[:, THIGHS], self._thigh_m + self._shin_m
        ankles, lifted = lift_heel(hips, balls, balls + lever[..., 0], leg_m)
        torn = np.sum((ankles - hips) ** 2, axis=-1) > (_TORN * leg_m) ** 2
        self._refused |= self._locked & torn
        self._locked &= ~torn
        ahead = world[..., 0]
        forward = ahead[:, THIGHS] + ahead[:, SHINS]
        thigh, shin, ankles = solve_leg(hips, ankles, forward, self._thigh_m, self._shin_m)
        world[:, THIGHS], world[:, SHINS] = thigh, shin
        world[:, FEET] = lifted @ tilt @ world[:, FEET]
        world[:, TOES] = tilt @ world[:, TOES]
        places[:, SHINS] = hips - thigh[..., 2] * self._thigh_m[..., None]
        places[:, FEET] = ankles
        places[:, TOES] = ankles - (lifted @ lever)[..., 0]

    def _hold(self, dt: float, balls: Array, planted: Flags) -> None:
        self._refused &= planted
        starting = planted & ~self._locked & ~self._refused
        self._anchor = np.where(starting[..., None], balls + self._offset, self._anchor)
        self._locked = (self._locked | starting) & planted
        held = self._anchor - balls
        far = np.sum(held**2, axis=-1) > _LOCK_M**2
        self._refused |= self._locked & far
        self._locked &= ~far
        fading, speed = decay(self._offset, self._offset_speed, _FADE_HALF_LIFE_S, dt)
        locked = self._locked[..., None]
        self._offset_speed = np.where(locked, (held - self._offset) / dt, speed)
        self._offset_speed = np.clip(self._offset_speed, -1.0, 1.0)
        self._offset = np.where(locked, held, fading)

    def _feel(self, dt: float, balls: Array, previous: Array, airborne: Flags) -> None:
        """Learn the heights and slopes under the feet, a little ahead of those that swing."""
        count = len(balls)
        stride = np.where(self._locked[..., None], 0.0, np.clip((balls - previous) / dt, -3.0, 3.0) * 0.09)
        points = balls[:, :, None] + np.stack([np.zeros_like(stride), stride, *_around(stride)], axis=2)
        felt = self._ground(points.reshape(-1, 2)).reshape(count, 2, 4)
        goal = np.maximum(felt[..., 0], felt[..., 1])
        quick = np.where(goal > self._heights, share_in(0.03, dt), share_in(0.05, dt))
        quick = np.where(airborne[:, None], share_in(0.12, dt), quick)  # nothing to stand on: no hurry
        self._heights = self._heights + (goal - self._heights) * quick
        slope = (felt[..., 2:] - felt[..., :1]) / _FEEL_M
        step = np.max(np.abs(slope), axis=-1, keepdims=True) > _STEP_SLOPE
        slope = np.where(step | airborne[:, None, None], 0.0, slope)
        self._tilt = self._tilt + (slope - self._tilt) * share_in(0.05, dt)
        self._base = self.height[:, None].copy()
        low, high = np.min(self._heights, axis=1), np.max(self._heights, axis=1)
        under = np.minimum(0.5 * (low + high), low + _DROP_M)
        self.height = self.height + (under - self.height) * share_in(0.09, dt)


def _around(like: Array) -> tuple[Array, Array]:
    """A little to the east and to the north."""
    return np.broadcast_to([_FEEL_M, 0.0], like.shape), np.broadcast_to([0.0, _FEEL_M], like.shape)


def _tilt_matrix(slope: Array) -> Array:
    """Turns [...,3,3] that take the up axis to the normal of slopes [...,2]."""
    up = normalize(np.concatenate([-slope, np.ones((*slope.shape[:-1], 1))], axis=-1))
    side = normalize(cross(up, np.broadcast_to(np.array([1.0, 0.0, 0.0]), up.shape)))
    return np.stack([cross(side, up), side, up], axis=-1)
