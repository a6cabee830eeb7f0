"""Cast: all characters of a game; the first is the hero, the others live their own lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import InputError
from stylebridge.scene.characters.crowd import BODY_M, Crowd
from stylebridge.scene.characters.feet import Feet
from stylebridge.scene.characters.looks.body import body_of
from stylebridge.scene.characters.looks.look import LONG_COATS, Look, look_of
from stylebridge.scene.characters.motion import Motion
from stylebridge.scene.characters.rotations import Array, about, dot, matrix_from_quaternion, multiply, turn_plane
from stylebridge.scene.characters.skeleton import SHIN_M, THIGH_M, bind_places, forward
from stylebridge.scene.characters.walls import Walls
from stylebridge.scene.levels.level import Level
from stylebridge.scene.mesh import Piece

FIRST_ID = 2000
MAX_CAST = 200
MAX_STEP_S = 0.1
MAX_WISH_MPS = 5.0
_APART_M = 0.46  # between two characters
_SQUEEZE_M = 0.04  # by which one may come nearer to a wall than one wants to


@dataclass(frozen=True, slots=True)
class Wish:
    """What the hero's player wants: a velocity in the world, a jump, and a heading if not the velocity's."""

    velocity: tuple[float, float] = (0.0, 0.0)
    jump: bool = False
    facing: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Character:
    """Where a character is and what it does."""

    position: Array  # [3] on the ground
    heading_rad: float  # 0 looks along x, a quarter turn along y
    clip: str
    speed: float  # m/s over the ground
    airborne: bool


class Cast:
    """The characters of a level; the same seed and the same wishes give the same steps, bit for bit."""

    def __init__(self, level: Level, count: int = 6, seed: int = 7) -> None:
        if not 1 <= count <= MAX_CAST:
            raise InputError(f"{count} characters", expected=f"1 to {MAX_CAST}")
        self.looks: tuple[Look, ...] = tuple(look_of(seed, index) for index in range(count))
        self._offsets = np.stack([look.proportions.offsets() for look in self.looks])  # [N,J,3]
        self._binds = np.stack([bind_places(offsets) for offsets in self._offsets])
        self.pieces: tuple[Piece, ...] = tuple(
            body_of(look, f"character-{index}", FIRST_ID + index) for index, look in enumerate(self.looks)
        )
        self._walls = Walls(level.obstacles, level.half_side)
        strollers = [look.coat in LONG_COATS for look in self.looks[1:]]  # knees would go through
        self._crowd = Crowd(level.routes, self._walls, level.half_side, strollers, seed)
        places, headings = self._crowd.starts()
        x, y, heading = level.start
        places = np.concatenate([np.array([[x, y]]), places])
        places, *near = self._walls.push_out(places, BODY_M)
        self._near = near[0], near[1]  # distances to walls and the ways out, found at the end of each step
        sizes = np.array([look.proportions.legs for look in self.looks])
        self._motion = Motion(places, np.concatenate([[heading], headings]), sizes)
        self._feet = Feet(level.ground, places, sizes * THIGH_M, sizes * SHIN_M)
        self._sizes = sizes
        self._facing = self._motion.heading.copy()
        self._pose(1.0 / 60.0)

    @property
    def hero(self) -> Character:
        """The character that the player moves."""
        return self.character(0)

    def character(self, index: int) -> Character:
        """One of the cast."""
        motion = self._motion
        return Character(
            position=np.append(motion.root[index], self._feet.height[index]),
            heading_rad=float(motion.heading[index]),
            clip=motion.clip(index),
            speed=float(np.hypot(*motion.velocity[index])),
            airborne=bool(motion.airborne[index]),
        )

    def advance(self, dt: float, hero: Wish) -> None:
        """Move everybody on by dt seconds."""
        if not 0.0 < dt <= MAX_STEP_S:
            raise InputError(f"a step of {dt} s", expected=f"above 0, up to {MAX_STEP_S} s")
        wish, facing = self._wishes(dt, hero)
        jump = np.zeros(len(wish), bool)
        jump[0] = hero.jump
        self._motion.step(dt, wish, facing, jump)
        self._keep_apart(dt)
        self._pose(dt)

    def skins(self) -> Mapping[str, NDArray[np.float32]]:
        """For each piece, the matrices [J,4,4] that take its bind pose to the world."""
        return {piece.name: self._skins[index] for index, piece in enumerate(self.pieces)}

    def joints(self) -> tuple[Array, Array]:
        """World turns [N,J,3,3] and places [N,J,3] of all joints."""
        return self._world, self._places

    def _wishes(self, dt: float, hero: Wish) -> tuple[Array, Array]:
        motion = self._motion
        mine = np.asarray(hero.velocity, np.float64)
        if mine.shape != (2,) or not np.isfinite(mine).all():
            raise InputError(f"a wished velocity of {hero.velocity}", expected="two finite numbers in m/s")
        if hero.facing is not None and not np.isfinite(hero.facing):
            raise InputError(f"a wished heading of {hero.facing}", expected="a finite number in radians")
        speed = float(np.hypot(*mine))
        if speed > MAX_WISH_MPS:
            mine = mine * (MAX_WISH_MPS / speed)
        others = self._crowd.wishes(dt, motion.root[1:], motion.velocity[1:], motion.root)
        wish = self._walls.slide(np.concatenate([mine[None], others]), *self._near, BODY_M)
        moving = np.sum(wish**2, axis=-1) > 0.15**2
        self._facing = np.where(moving, np.arctan2(wish[:, 1], wish[:, 0]), self._facing)
        if hero.facing is not None:
            self._facing[0] = float(hero.facing)
        return wish, self._facing

    def _keep_apart(self, dt: float) -> None:
        """Nobody stands in a wall or in somebody else."""
        root = self._motion.root
        apart = root[:, None] - root
        distance = np.sqrt(dot(apart, apart))
        short = np.maximum(_APART_M - distance, 0.0) * (distance > 1e-9)
        push = np.sum(apart / np.maximum(distance, 1e-9)[..., None] * short[..., None], axis=1) * 0.5
        free, *near = self._walls.push_out(root + push, BODY_M - _SQUEEZE_M)
        self._near = near[0], near[1]
        self._motion.displace(free, dt)

    def _pose(self, dt: float) -> None:
        motion = self._motion
        turns = matrix_from_quaternion(motion.pose.turns)
        turns[:, 0] = matrix_from_quaternion(multiply(about(2, motion.heading), motion.pose.turns[:, 0]))
        hips = motion.pose.hips * self._sizes[:, None]
        flat = motion.root + turn_plane(hips[:, :2], motion.heading)
        place = np.concatenate([flat, (hips[:, 2] + self._feet.height)[:, None]], axis=-1)
        world, places = forward(turns, place, self._offsets)
        self._feet.place(dt, world, places, motion.planted, motion.airborne)
        self._world, self._places = world, places
        skins = np.zeros((*world.shape[:2], 4, 4), np.float32)
        skins[..., :3, :3] = world
        skins[..., :3, 3] = places - (world @ self._binds[..., None])[..., 0]
        skins[..., 3, 3] = 1.0
        skins.flags.writeable = False
        self._skins = skins
