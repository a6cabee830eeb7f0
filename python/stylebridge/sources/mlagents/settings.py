"""What a `mlagents:` address asks for."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from stylebridge.errors import InputError
from stylebridge.frame import MAX_SIDE
from stylebridge.sources.address import Options

EDITOR_PORT = 5004  # where an editor in Play calls
PLAYER_PORT = 5005  # plus the worker's number, as other ML-Agents tools count
TIMEOUT_S = 60.0  # for each step
WAIT_S = 60.0  # for the game to call
MAX_SEED = (1 << 31) - 1
MAX_FPS = 10_000
_CHOICES = {"actions": ("zero", "random"), "graphics": ("window", "batch")}


@dataclass(frozen=True, slots=True)
class Engine:
    """What the game is told over ML-Agents' engine configuration channel; None leaves a thing as it is."""

    width: int | None = None
    height: int | None = None
    quality_level: int | None = None
    time_scale: float | None = None
    target_frame_rate: int | None = None
    capture_frame_rate: int | None = None

    def given(self) -> dict[str, Any]:
        """What is to be set."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Settings:
    """A game and how to play it."""

    player: Path | None  # None waits for the editor
    port: int = 0  # 0 lets the system choose
    wait_s: float = WAIT_S
    timeout_s: float = TIMEOUT_S
    seed: int = 0
    behavior: str = ""
    camera: str = ""
    agent: int | None = 0  # None takes every agent
    actions: str = "zero"
    batch: bool = False
    fps: float | None = None
    depth: str = ""
    depth_m: float | None = None
    engine: Engine = Engine()

    @property
    def name(self) -> str:
        """The source's name."""
        return f"mlagents:{self.player or 'editor'}"


def read_settings(where: str, options: Options) -> Settings:
    """Take an address apart: `editor`, or the path of a player build."""
    values = options.values
    player = None if where == "editor" else Path(where)
    agent = values.get("agent", "0")
    return Settings(
        player=player,
        port=_port(player, options),
        wait_s=options.number("wait") or WAIT_S,
        timeout_s=options.number("timeout") or TIMEOUT_S,
        seed=_integer(options, "seed", 0, MAX_SEED) or 0,
        behavior=values.get("behavior", ""),
        camera=values.get("camera", ""),
        agent=None if agent == "all" else _integer(options, "agent", 0, 9999) or 0,
        actions=_choice(options, "actions"),
        batch=_choice(options, "graphics") == "batch",
        fps=options.number("fps"),
        depth=values.get("depth", ""),
        depth_m=_far(options),
        engine=_engine(options),
    )


def _port(player: Path | None, options: Options) -> int:
    port, worker = _integer(options, "port", 1, 65535), _integer(options, "worker", 0, 9999)
    if port and worker is not None:
        raise InputError(f"port={port} and worker={worker}", expected="one of them", where=options.where)
    if worker is not None and player is None:
        raise InputError(f"worker={worker}", expected=f"a player; the editor calls {EDITOR_PORT}", where=options.where)
    if worker is not None:
        return PLAYER_PORT + worker
    return port or (EDITOR_PORT if player is None else 0)


def _engine(options: Options) -> Engine:
    width, height = (_integer(options, side, 1, MAX_SIDE) for side in ("width", "height"))
    if (width is None) != (height is None):
        raise InputError("width without height, or height without width", expected="both", where=options.where)
    scale = options.number("time_scale")
    if scale is not None and scale > 100:
        raise InputError(f"time_scale={scale:g}", expected="above 0, at most 100", where=options.where)
    return Engine(
        width=width,
        height=height,
        quality_level=_integer(options, "quality", 0, 100),
        time_scale=scale,
        target_frame_rate=_integer(options, "target_fps", 1, MAX_FPS),
        capture_frame_rate=_integer(options, "capture_fps", 1, MAX_FPS),
    )


def _far(options: Options) -> float | None:
    far_m = options.number("depth_m")
    if ("depth" in options.values) != (far_m is not None):
        expected = "depth=SENSOR and depth_m=METRES together: how far 1.0 of that sensor is"
        raise InputError("one of depth and depth_m without the other", expected=expected, where=options.where)
    return far_m


def _integer(options: Options, name: str, low: int, high: int) -> int | None:
    value = options.integer(name, None, low=low)
    if value is not None and value > high:
        raise InputError(f"{name}={value}", expected=f"{name} to be from {low} to {high}", where=options.where)
    return value


def _choice(options: Options, name: str) -> str:
    value = options.values.get(name, _CHOICES[name][0])
    if value not in _CHOICES[name]:
        why = "a player without graphics draws no pictures" if value in ("off", "none") else ""
        found = f"{name}={value}"
        raise InputError(found, expected=" or ".join(_CHOICES[name]), do=why, where=options.where)
    return value
