"""Cameras: one that follows the hero, and scripted shots of the level. Recorded paths are in camerapath."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from stylebridge.scene.levels.level import Box, Level, Shot
from stylebridge.scene.snapshot import Matrix
from stylebridge.scene.viewing import look_at, shot_view

FOV_Y_DEG = 55.0
ARM_M, LIFT_M, SHOULDER_M = 3.4, 1.45, 0.4
EYES = np.array([0.0, 0.0, LIFT_M])
PITCH_RAD = 0.2
CLOSEST_M = 1.4
TALL_M = 1.2  # a footprint with a half side beyond this is taken for something that hides the hero

Vector = NDArray[np.float64]


class Hero(Protocol):
    """What a camera wants to know about the hero."""

    @property
    def position(self) -> Vector:
        """Where the feet are, [3]."""

    @property
    def heading_rad(self) -> float:
        """Where the hero faces, from the x axis towards y."""


class Camera(Protocol):
    """Something that looks; `cut` is true for the frame after it jumped."""

    def advance(self, dt: float, hero: Hero, simulation_s: float) -> None:
        """Go on by one step."""

    def view(self) -> tuple[Matrix, float]:
        """World to eye, and the vertical field of view in degrees."""


class Follow:
    """Behind the hero's shoulder, softly, and never inside a wall."""

    def __init__(self, level: Level, hero: Hero) -> None:
        self._level = level
        self._walls = [_Wall(box) for box in level.obstacles if isinstance(box, Box) and _is_tall(box)]
        self._yaw = hero.heading_rad
        self._focus = hero.position + EYES
        self._arm = ARM_M
        self._turned = 0.0  # by the player, relative to the hero

    def turn(self, radians: float) -> None:
        """Look to the side for a while."""
        self._turned = (self._turned + radians + math.pi) % (2 * math.pi) - math.pi

    @property
    def yaw(self) -> float:
        """Where it looks on the ground: what a player means by forward."""
        return self._yaw + self._turned

    def advance(self, dt: float, hero: Hero, simulation_s: float) -> None:
        """Close in on where it should be."""
        behind = (hero.heading_rad - self._yaw + math.pi) % (2 * math.pi) - math.pi
        self._yaw += behind * (1 - math.exp(-1.6 * dt))
        self._turned *= math.exp(-0.8 * dt)
        target = hero.position + EYES
        ease = 1 - np.exp(-np.array([9.0, 9.0, 4.0]) * dt)  # slower in height: steps and jumps don't shake it
        self._focus = self._focus + (target - self._focus) * ease
        free = self._free_arm()
        self._arm += (free - self._arm) * (1 - math.exp(-(12.0 if free < self._arm else 2.0) * dt))

    def view(self) -> tuple[Matrix, float]:
        """Over the shoulder, a little down."""
        eye = self._eye(self._arm)
        floor = float(self._level.ground(eye[None, :2])[0]) + 0.4
        eye[2] = max(eye[2], floor)
        forward = self._direction()
        return look_at(eye, self._focus + forward * 2.0), FOV_Y_DEG

    def _direction(self) -> Vector:
        return np.array([math.cos(self.yaw), math.sin(self.yaw), 0.0])

    def _eye(self, arm: float) -> Vector:
        forward = self._direction()
        right = np.array([forward[1], -forward[0], 0.0])
        back = -forward * math.cos(PITCH_RAD) + np.array([0, 0, math.sin(PITCH_RAD)])
        return np.asarray(self._focus + back * arm + right * SHOULDER_M * min(1.0, arm / ARM_M))

    def _free_arm(self) -> float:
        """How far back it can stand before a wall comes in between."""
        reach = np.linspace(CLOSEST_M, ARM_M, 8)
        places = np.stack([self._eye(arm)[:2] for arm in reach])
        hit = np.zeros(len(reach), dtype=bool)
        for wall in self._walls:
            hit |= wall.covers(places, 0.35)
        blocked = np.flatnonzero(hit)
        return float(reach[max(0, blocked[0] - 1)]) if len(blocked) else ARM_M


class Scripted:
    """A shot of the level, by the clock alone."""

    def __init__(self, shot: Shot) -> None:
        self._shot = shot
        self._simulation_s = 0.0

    def advance(self, dt: float, hero: Hero, simulation_s: float) -> None:
        """Take the clock over."""
        self._simulation_s = simulation_s

    def view(self) -> tuple[Matrix, float]:
        """Where the shot is now."""
        return shot_view(self._shot, self._simulation_s)


class _Wall:
    """A footprint that can be asked for many places at once."""

    def __init__(self, box: Box) -> None:
        self._middle = np.array([box.x, box.y])
        cos, sin = math.cos(box.heading_rad), math.sin(box.heading_rad)
        self._turn = np.array([[cos, sin], [-sin, cos]])
        self._half = np.array([box.half_x, box.half_y])

    def covers(self, places: Vector, margin: float) -> NDArray[np.bool_]:
        """Which of the places [N,2] lie within it, or nearer than the margin."""
        local = (places - self._middle) @ self._turn.T
        inside: NDArray[np.bool_] = (np.abs(local) < self._half + margin).all(axis=1)
        return inside


def _is_tall(box: Box) -> bool:
    return max(box.half_x, box.half_y) > TALL_M
