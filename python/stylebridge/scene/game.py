"""Game: the embedded game itself, without a picture. Fixed steps, one seed, one hero, a crowd, weather and cameras."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import InputError
from stylebridge.scene.autopilot import RUN_M_S, WALK_M_S, Autopilot
from stylebridge.scene.camerapath import Recorded, read_path
from stylebridge.scene.cameras import Camera, Follow, Hero, Scripted
from stylebridge.scene.characters import Cast, Wish
from stylebridge.scene.levels import build_level
from stylebridge.scene.mesh import Piece
from stylebridge.scene.snapshot import Eye, Snapshot, Weather
from stylebridge.scene.weather import weather_at

LONGEST_STEP_S = 1 / 30
MAX_CHARACTERS = 24
MAX_CAMERAS = 8
TURN_RAD_S = 2.2  # by the keys
FOLLOW = "follow"
PATH = "path"  # of the cameras' names: path:FILE


@dataclass(frozen=True, slots=True)
class Pad:
    """What a player holds: directions from -1 to 1, as the camera sees them."""

    forward: float = 0.0
    right: float = 0.0
    turn: float = 0.0  # the camera, to the left
    run: bool = False
    jump: bool = False


@dataclass(frozen=True, slots=True)
class Setup:
    """What makes one game; equal setups play equally."""

    level: str = "plaza"
    seed: int = 7
    characters: int = 6
    weather: str = "clear"
    hour: float = 10.0
    day_s: float = 0.0  # seconds that a whole day takes; 0 stops the sun
    cameras: tuple[str, ...] = (FOLLOW,)
    quality: str = "auto"  # of the pictures alone: auto, fine, plain

    def __post_init__(self) -> None:
        if not 1 <= self.characters <= MAX_CHARACTERS:
            raise InputError(f"{self.characters} characters", expected=f"1 to {MAX_CHARACTERS}, the hero among them")
        if not 1 <= len(self.cameras) <= MAX_CAMERAS or len(set(self.cameras)) != len(self.cameras):
            raise InputError(f"cameras {'+'.join(self.cameras)}", expected=f"1 to {MAX_CAMERAS} different ones")
        if not 0 <= self.hour <= 24:
            raise InputError(f"hour {self.hour}", expected="0 to 24")


class Game:
    """Advances by the time of a frame; what it shows depends on the setup, the pads and those times alone."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.level = build_level(setup.level, setup.seed)
        self._cast = Cast(self.level, count=setup.characters, seed=setup.seed)
        self._autopilot = Autopilot(self.level.routes[0], setup.seed)
        self._elapsed_s = 0.0
        self._cut: set[str] = set()
        self._cameras: dict[str, Camera] = {}
        for name in setup.cameras:
            self._cameras[camera_name(name)] = self._open_camera(name)
        weather_at(setup.weather, setup.hour, setup.seed)  # an unknown name is refused here

    @property
    def bodies(self) -> tuple[Piece, ...]:
        """The characters' meshes."""
        return self._cast.pieces

    @property
    def cameras(self) -> tuple[str, ...]:
        """The names of the cameras that look."""
        return tuple(self._cameras)

    @property
    def simulation_s(self) -> float:
        """How long the game has been running by its own clock."""
        return round(self._elapsed_s, 9)

    @property
    def hero(self) -> Hero:
        """Where the hero is, and where it faces."""
        return self._cast.hero

    def skins(self) -> Mapping[str, NDArray[np.float32]]:
        """Each character's bones now."""
        return self._cast.skins()

    def choose_camera(self, name: str) -> None:
        """Look through another camera from now on, and no other."""
        self._cameras = {camera_name(name): self._open_camera(name)}
        self._cut = set(self._cameras)

    def advance(self, seconds: float, pad: Pad | None = None) -> None:
        """Let time pass, in equal steps that aren't too long; without a pad the hero plays by itself."""
        steps = math.ceil(seconds / LONGEST_STEP_S - 1e-6)
        for index in range(steps):
            dt = seconds / steps
            hero = self._cast.hero
            wish = self._autopilot.wish(hero.position, dt) if pad is None else self._wish(pad, first=index == 0)
            self._cast.advance(dt, wish)
            self._elapsed_s += dt
            for camera in self._cameras.values():
                if pad is not None and isinstance(camera, Follow):
                    camera.turn(pad.turn * TURN_RAD_S * dt)
                camera.advance(dt, hero, self.simulation_s)

    def snapshots(self, frame_id: int) -> list[Snapshot]:
        """This moment, once for each camera."""
        now, skins = self.simulation_s, self.skins()
        movers = {mover.piece.name: mover.matrix_at(now) for mover in self.level.movers}
        weather, shots = self._weather(now), []
        for name, camera in self._cameras.items():
            view, fov = camera.view()
            eye = Eye(name, view, fov_y_deg=fov, cut=name in self._cut)
            shots.append(Snapshot(frame_id, now, eye, weather, movers, skins))
        self._cut.clear()
        return shots

    def _weather(self, now_s: float) -> Weather:
        setup = self.setup
        hours = 24 * now_s / setup.day_s if setup.day_s else 0.0
        return weather_at(setup.weather, (setup.hour + hours) % 24, setup.seed)

    def _wish(self, pad: Pad, *, first: bool) -> Wish:
        """The pad's directions as a velocity in the world; a jump counts once."""
        yaw = next((camera.yaw for camera in self._cameras.values() if isinstance(camera, Follow)), math.pi / 2)
        length = max(1.0, math.hypot(pad.forward, pad.right))
        speed = (RUN_M_S if pad.run else WALK_M_S) / length
        cos, sin = math.cos(yaw), math.sin(yaw)
        x, y = pad.forward * cos + pad.right * sin, pad.forward * sin - pad.right * cos
        return Wish(velocity=(speed * x, speed * y), jump=pad.jump and first)

    def _open_camera(self, name: str) -> Camera:
        if name == FOLLOW:
            return Follow(self.level, self._cast.hero)
        if name.startswith(f"{PATH}:"):
            return Recorded(read_path(Path(name.partition(":")[2])))
        if name in self.level.shots:
            camera = Scripted(self.level.shots[name])
            camera.advance(0.0, self._cast.hero, self.simulation_s)
            return camera
        known = ", ".join((FOLLOW, *self.level.shots, f"{PATH}:FILE"))
        raise InputError(f"camera {name!r}", expected=known, where=f"scene:{self.setup.level}")


def camera_name(choice: str) -> str:
    """What the frames of a chosen camera are called."""
    return choice.partition(":")[0]


def pad_from_keys(keys: Collection[str]) -> Pad:
    """WASD or arrows to go, Q and E to look around, shift to run, space to jump."""

    def held(*names: str) -> float:
        return float(any(name in keys for name in names))

    return Pad(
        forward=held("w", "arrow_up") - held("s", "arrow_down"),
        right=held("d", "arrow_right") - held("a", "arrow_left"),
        turn=held("q") - held("e"),
        run=bool(held("shift", "lshift", "rshift")),
        jump=bool(held("space")),
    )
